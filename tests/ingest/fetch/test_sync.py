"""Syncing a folder with a listing: what is new, changed, gone or refused."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import httpx
import pytest

from rag import files, limits
from rag.errors import FetchFailed, LibraryUnwritable, SeedsMissing
from rag.ingest.fetch import sync_state
from rag.ingest.fetch.add import add
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.sync import SyncResult, sync
from rag.ingest.parse import parse
from tests.support.site import Answer, Site, bulletin, listing, redirect
from tests.support.syncing import BULLETINS, LISTING, known, name_of, run, saved


def test_a_first_run_saves_every_bulletin(news: Site, seeds: Path) -> None:
    """As it came, under a name that says where from; what is known of each page is noted beside them."""
    synced = run(news, seeds)
    files = tuple(name_of(news, path) for path in BULLETINS)
    assert synced == SyncResult(files, (), 0, (), (), 5)
    assert saved(seeds) == {name_of(news, path): page.body for path, page in BULLETINS.items()}
    assert files[0].startswith("news-2024-spring-")
    assert news.paths() == ["/robots.txt", LISTING, *BULLETINS]
    assert parse(seeds / files[0]).title == "Spring in Haidian"
    note = known(news, seeds)[news.url("/news/2024/spring.html")]
    body = BULLETINS["/news/2024/spring.html"].body
    assert (note.file, note.sha256) == (files[0], hashlib.sha256(body).hexdigest())
    assert note.etag == BULLETINS["/news/2024/spring.html"].etag


def test_a_second_run_downloads_nothing_that_has_not_changed(news: Site, seeds: Path) -> None:
    """Three bulletins cost three answers without a body."""
    run(news, seeds)
    start = len(news.asked)
    assert run(news, seeds) == SyncResult((), (), 3, (), (), 5)
    assert news.statuses(start) == {LISTING: 200} | dict.fromkeys(BULLETINS, 304)


def test_requests_are_a_second_apart(news: Site, seeds: Path) -> None:
    """From robots.txt to the last page; time passes only while the client sleeps."""
    run(news, seeds)
    assert [asked.at - 1000 for asked in news.asked] == [0, 1, 2, 3, 4]


def test_changed_new_and_gone_pages_are_told_apart(news: Site, seeds: Path) -> None:
    """A changed one takes its file's place; that of one that has gone stays, and is told of once."""
    run(news, seeds)
    news.pages["/news/2024/spring.html"] = new = bulletin("Spring in Haidian", "It has come later than was said.")
    news.pages["/news/2024/winter.html"] = bulletin("Winter in Haidian")
    news.pages["/news/2024/summer.html"] = Answer(b"gone", 410)
    news.pages[LISTING] = listing("2024/autumn.html", "2024/spring.html", "2024/winter.html")
    start = len(news.asked)
    synced = run(news, seeds)
    assert synced.added == (name_of(news, "/news/2024/winter.html"),)
    assert synced.changed == (name_of(news, "/news/2024/spring.html"),)
    assert synced.unchanged == 1
    assert synced.gone == (news.url("/news/2024/summer.html"),)
    assert synced.skipped == ()
    assert saved(seeds)[name_of(news, "/news/2024/spring.html")] == new.body
    assert len(saved(seeds)) == 4
    # What is new comes first, what is linked to no more last.
    assert list(news.statuses(start))[1:] == [
        f"/news/2024/{name}.html" for name in ("winter", "autumn", "spring", "summer")
    ]
    again = run(news, seeds)
    assert (again.unchanged, again.gone) == (3, ())


def test_a_page_that_is_back_is_no_longer_gone(news: Site, seeds: Path) -> None:
    """It is asked for while the listing links to it."""
    run(news, seeds)
    page = news.pages.pop("/news/2024/spring.html")
    for _ in range(2):
        assert run(news, seeds).gone == (news.url("/news/2024/spring.html"),)
    news.pages["/news/2024/spring.html"] = page
    assert run(news, seeds) == SyncResult((), (), 3, (), (), 5)
    assert not known(news, seeds)[news.url("/news/2024/spring.html")].gone


def test_one_bad_page_does_not_stop_the_rest(news: Site, seeds: Path) -> None:
    """Each is named with its reason and nothing of it is saved."""
    news.pages |= {
        "/robots.txt": Answer(b"User-agent: *\nDisallow: /news/private/\n"),
        "/news/500": Answer(b"", 500),
        "/news/404": Answer(b"", 404),
        "/news/png": Answer(b"x", type="image/png"),
        "/news/menu": Answer(b"<html><body><p>Home</p></body></html>"),
        "/news/list": Answer(b"<html><body><ul><li>One.</li><li>Two</li></ul><p>Three of them</p></body></html>"),
        "/news/latin1": Answer(b"<html><body><p>caf\xe9 \xff\xfe\x00.</p></body></html>"),
        "/news/outside": redirect("http://evil.example/a"),
        "/news/back": redirect(LISTING),
        "/news/elsewhere": redirect("/about.html"),
        "/about.html": bulletin("About us"),
        "/news/large": Answer(b"", headers={"Content-Length": "5000000"}),
    }
    bad = {
        "private/a": "robots.txt",
        "500": "500",
        "404": "404",
        "png": "image/png",
        "menu": "no paragraph",
        "list": "no paragraph that ends as a sentence does",
        "latin1": "is not text",
        "outside": "not one that may be fetched from",
        "back": "isn't a bulletin of this listing",
        "elsewhere": "isn't a bulletin of this listing",
        "large": "larger than",
    }
    news.pages[LISTING] = listing(*bad, "2024/spring.html")
    synced = run(news, seeds)
    assert synced.added == (name_of(news, "/news/2024/spring.html"),)
    assert [url for url, _ in synced.skipped] == [news.url(f"/news/{path}") for path in bad]
    for (url, reason), words in zip(synced.skipped, bad.values(), strict=True):
        assert words in reason, url
        assert ". " in reason, url
    assert len(saved(seeds)) == 1


def test_a_bulletin_that_is_none_any_more_keeps_its_file(news: Site, seeds: Path) -> None:
    """A site that is being mended answers 200 too."""
    run(news, seeds)
    before = saved(seeds)
    news.pages["/news/2024/spring.html"] = Answer(b"<html><body><p>Under maintenance</p></body></html>")
    synced = run(news, seeds)
    assert "no paragraph" in synced.skipped[0][1]
    assert saved(seeds) == before


@pytest.mark.parametrize(
    "page",
    [
        Answer(b"", 500),
        Answer(b"", 404),
        Answer(b"%PDF", type="application/pdf"),
        redirect("http://evil.example/"),
        Answer(b"\xff\xff\xff"),
        Answer(b"<div>" * 5_000),
    ],
    ids=["500", "404", "pdf", "redirect outside", "no text", "too deep"],
)
def test_a_listing_that_cannot_be_had_is_an_error(news: Site, seeds: Path, page: Answer) -> None:
    """There is nothing to go on with; the folder is as it was."""
    run(news, seeds)
    before = saved(seeds)
    news.pages[LISTING] = page
    with pytest.raises(FetchFailed):
        run(news, seeds)
    assert saved(seeds) == before


def test_what_robots_say_of_the_listing_holds(news: Site, seeds: Path) -> None:
    """Nothing but robots.txt is asked for."""
    news.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /news/\n")
    with pytest.raises(FetchFailed, match=r"robots\.txt"):
        run(news, seeds)
    assert news.paths() == ["/robots.txt"]


def test_a_listing_that_links_to_nothing_says_so(news: Site, seeds: Path) -> None:
    """With where it looked."""
    news.pages[LISTING] = listing("/about.html", "https://evil.example/news/a.html")
    synced = run(news, seeds)
    assert synced.skipped == ((news.url(LISTING), "links to no page under /news/. Name the listing's own address"),)
    assert news.paths() == ["/robots.txt", LISTING]


def test_a_host_that_asks_for_fewer_requests_is_left_alone(news: Site, seeds: Path) -> None:
    """What is left is named, and a later run goes on with it before it looks at what is known."""
    news.pages["/news/2024/summer.html"] = Answer(b"", 429, headers={"Retry-After": "3600"})
    synced = run(news, seeds)
    assert synced.added == (name_of(news, "/news/2024/spring.html"),)
    assert [url for url, _ in synced.skipped] == [news.url(f"/news/2024/{name}.html") for name in ("summer", "autumn")]
    assert "/news/2024/autumn.html" not in news.paths()
    news.pages |= BULLETINS
    start = len(news.asked)
    assert len(run(news, seeds).added) == 2
    assert list(news.statuses(start).values()) == [200, 200, 200, 304]


def test_a_host_in_trouble_is_not_asked_for_everything(news: Site, seeds: Path) -> None:
    """After a number of failures one after another the run ends, and says how much is left."""
    news.pages[LISTING] = listing(*(f"{number}.html" for number in range(30)))
    news.pages |= {f"/news/{number}.html": Answer(b"", 500) for number in range(30)}
    synced = run(news, seeds)
    assert len(news.asked) == 2 + limits.MAX_SYNC_FAILURES
    assert synced.skipped[-1][0] == news.url(LISTING)
    assert "20 pages are left" in synced.skipped[-1][1]


def test_two_addresses_of_one_page_are_one_file(news: Site, seeds: Path) -> None:
    """A page goes by where it is in the end; either address notices that it has changed."""
    news.pages["/news/old"] = redirect("2024/spring.html")
    news.pages[LISTING] = listing("old", "2024/spring.html")
    assert run(news, seeds).added == (name_of(news, "/news/2024/spring.html"),)
    news.pages["/news/2024/spring.html"] = new = bulletin("Spring in Haidian", "It came late.")
    synced = run(news, seeds)
    assert (synced.changed, synced.unchanged, synced.skipped) == (
        (name_of(news, "/news/2024/spring.html"),),
        1,
        (),
    )
    assert saved(seeds) == {name_of(news, "/news/2024/spring.html"): new.body}
    assert run(news, seeds) == SyncResult((), (), 2, (), (), 5)


def test_a_page_of_another_type_now_has_another_file(news: Site, seeds: Path) -> None:
    """The earlier one stays until somebody removes it, and is named."""
    run(news, seeds)
    news.pages["/news/2024/spring.html"] = Answer(b"Spring\n\nIt has come to the districts.", type="text/plain")
    synced = run(news, seeds)
    old = name_of(news, "/news/2024/spring.html")
    assert synced.added == (old.replace(".html", ".txt"),)
    assert f"Remove {old}" in synced.skipped[0][1]
    assert old in saved(seeds)
    assert run(news, seeds).unchanged == 3


def test_traversing_and_odd_addresses_stay_in_the_folder(news: Site, seeds: Path) -> None:
    """Whatever a link is called."""
    odd = ["..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/x", ".hidden", "a%00b", "a%0Ab", "%E6%98%A5", "x" * 500]
    news.pages |= {f"/news/{path}": bulletin(f"Number {number}") for number, path in enumerate(odd)}
    news.pages[LISTING] = listing(*odd)
    synced = run(news, seeds)
    assert (len(synced.added), synced.skipped) == (len(odd), ())
    assert set(saved(seeds)) == set(synced.added)
    assert sorted(path.name for path in seeds.parent.iterdir()) == ["seeds"]


def test_a_file_that_was_changed_here_is_kept(news: Site, seeds: Path) -> None:
    """Nothing is asked for in its place; moved away, it is fetched again."""
    run(news, seeds)
    path = seeds / name_of(news, "/news/2024/spring.html")
    path.write_bytes(b"Mine\n\nIt is mine now.")
    news.pages["/news/2024/spring.html"] = bulletin("Spring in Haidian", "It came late.")
    start = len(news.asked)
    synced = run(news, seeds)
    assert "was changed here since it was fetched. Move the file away" in synced.skipped[0][1]
    assert path.read_bytes() == b"Mine\n\nIt is mine now."
    assert "/news/2024/spring.html" not in news.statuses(start)
    path.unlink()
    assert run(news, seeds).added == (path.name,)


def test_a_file_that_was_there_already_is_taken_over_or_kept(
    news: Site, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken over where it holds what is fetched."""
    monkeypatch.setattr("rag.ingest.fetch.add.Client", partial(Client, sleep=lambda _: None))
    add([news.url(path) for path in BULLETINS], seeds, (news.host,))
    (seeds / name_of(news, "/news/2024/summer.html")).write_bytes(b"Mine\n\nIt is mine.")
    synced = run(news, seeds)
    assert (synced.added, synced.changed, synced.unchanged) == ((), (), 2)
    assert synced.skipped[0][0] == news.url("/news/2024/summer.html")
    assert "is there already and is not what was fetched" in synced.skipped[0][1]
    assert saved(seeds)[name_of(news, "/news/2024/summer.html")] == b"Mine\n\nIt is mine."


def test_a_missing_folder_is_named(news: Site, tmp_path: Path) -> None:
    """It isn't made, and nobody is asked for anything."""
    with pytest.raises(SeedsMissing):
        run(news, tmp_path / "none")
    assert news.asked == []


def test_a_folder_that_cannot_be_written_is_named(news: Site, seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends the run in one line; what is there stays whole, and the next run goes on."""
    run(news, seeds)
    before = saved(seeds)
    news.pages["/news/2024/spring.html"] = new = bulletin("Spring in Haidian", "It came late.")
    write = files.write_synced

    def full(path: Path, data: bytes) -> None:
        if data == new.body:
            raise OSError(28, "No space left on device")
        write(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_synced", full)
        with pytest.raises(LibraryUnwritable, match="the disk is full"):
            run(news, seeds)
    assert saved(seeds) == before
    assert run(news, seeds).changed == (name_of(news, "/news/2024/spring.html"),)


def test_a_sync_ends_in_time_and_the_next_one_goes_on(news: Site, seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line says where it stopped; the pages that it has saved are not asked for anew, and the rest comes."""
    monkeypatch.setattr(limits, "SYNC_SECONDS", 3.5)  # a second before each request but the first: robots, listing
    first = run(news, seeds)
    assert len(first.added) == 2
    [(url, line)] = first.skipped
    assert url == news.url("/news/2024/autumn.html")
    assert line == (
        "the time of one sync, 4 seconds, ended before this page; 1 pages are left. "
        "Sync again: the next one goes on with them"
    )
    second = run(news, seeds)
    assert (len(second.added), second.unchanged) == (1, 1)
    monkeypatch.undo()
    assert run(news, seeds).unchanged == 3


def test_robots_and_a_listing_that_take_too_long_leave_time_for_bulletins(
    news: Site, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the listing gave so far is fetched; the page that wasn't read is named."""
    news.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 20\n", type="text/plain")
    pager = '<a href="index_1.html">2</a>'
    news.pages[LISTING] = listing("2024/spring.html", more=pager)
    news.pages["/news/index_1.html"] = listing("2024/summer.html", more=pager)
    monkeypatch.setattr(limits, "LISTING_SECONDS", 35.0)
    synced = run(news, seeds)
    assert len(synced.added) == 1
    [(url, line)] = synced.skipped
    assert (url, line.partition(";")[0]) == (news.url("/news/index_1.html"), "the listing goes on after 35 seconds")


def test_pages_known_by_http_are_the_same_by_https(seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that was filled before https was insisted on is not filled twice, nor asked for twice."""
    pages = {LISTING: listing("2024/spring.html"), "/news/2024/spring.html": BULLETINS["/news/2024/spring.html"]}

    def answer(request: httpx.Request) -> httpx.Response:
        page = pages.get(request.url.path, Answer(status=404))
        return httpx.Response(page.status, headers={"Content-Type": page.type}, content=iter([page.body]))

    monkeypatch.setattr("rag.ingest.fetch.client.Transport", lambda _: httpx.MockTransport(answer))
    url = f"http://news.example.org{LISTING}"
    for hosts, added in ((["http://news.example.org"], 1), (["news.example.org"], 0)):
        client = Client(hosts, sleep=lambda _: None)
        synced = sync(url, seeds, client)
        assert (len(synced.added), synced.unchanged, client.requests) == (added, 1 - added, 3)
    assert (len(sync_state.read(seeds, "news.example.org")), len(saved(seeds))) == (1, 1)
