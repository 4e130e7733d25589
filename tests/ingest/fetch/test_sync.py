"""Following a listing: what is saved, what is asked for again, and what is left when a run is killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import files, limits
from rag.errors import Cancelled, FetchFailed, LibraryDamaged, LibraryUnwritable, OperatorRefused, SeedsMissing
from rag.ingest import folders
from rag.ingest.fetch import filenames, sync_state
from rag.ingest.fetch import listing_page as listings
from rag.ingest.fetch.add import add
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.listing_page import Links, find_links, scopes
from rag.ingest.fetch.sync import SyncResult, sync
from rag.ingest.parse import parse
from tests.support.paths import ROOT
from tests.support.site import Answer, Handler, Site, bulletin, listing, redirect, serve

LISTING = "/news/index.html"
SEASONS = ("spring", "summer", "autumn")
BULLETINS = {f"/news/2024/{season}.html": bulletin(f"{season.title()} in Haidian") for season in SEASONS}


@pytest.fixture
def site() -> Iterator[Site]:
    with serve({LISTING: listing("2024/spring.html", "2024/summer.html", "2024/autumn.html"), **BULLETINS}) as site:
        yield site


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    return tmp_path / "seeds"


def run(site: Site, seeds: Path, path: str = LISTING) -> SyncResult:
    return sync(site.url(path), seeds, Client((site.host,), clock=site.clock, sleep=site.clock.sleep))


def saved(seeds: Path) -> dict[str, bytes]:
    """The bulletins of the folder, as indexing would find them."""
    found, skipped = folders.list_files(seeds)
    assert skipped == []
    return {file.name: file.path.read_bytes() for file in found}


def name_of(site: Site, path: str) -> str:
    return filenames.from_url(site.url(path), ".html")


def known(site: Site, seeds: Path) -> dict[str, sync_state.PageState]:
    return sync_state.read(seeds, site.host)


# What a run does


def test_a_first_run_saves_every_bulletin(site: Site, seeds: Path) -> None:
    """As it came, under a name that says where from; what is known of each page is noted beside them."""
    synced = run(site, seeds)
    files = tuple(name_of(site, path) for path in BULLETINS)
    assert synced == SyncResult(files, (), 0, (), (), 5)
    assert saved(seeds) == {name_of(site, path): page.body for path, page in BULLETINS.items()}
    assert files[0].startswith("news-2024-spring-")
    assert site.paths() == ["/robots.txt", LISTING, *BULLETINS]
    assert parse(seeds / files[0]).title == "Spring in Haidian"
    note = known(site, seeds)[site.url("/news/2024/spring.html")]
    body = BULLETINS["/news/2024/spring.html"].body
    assert (note.file, note.sha256) == (files[0], hashlib.sha256(body).hexdigest())
    assert note.etag == BULLETINS["/news/2024/spring.html"].etag


def test_a_second_run_downloads_nothing_that_has_not_changed(site: Site, seeds: Path) -> None:
    """Three bulletins cost three answers without a body."""
    run(site, seeds)
    start = len(site.asked)
    assert run(site, seeds) == SyncResult((), (), 3, (), (), 5)
    assert site.statuses(start) == {LISTING: 200} | dict.fromkeys(BULLETINS, 304)


def test_requests_are_a_second_apart(site: Site, seeds: Path) -> None:
    """From robots.txt to the last page; time passes only while the client sleeps."""
    run(site, seeds)
    assert [asked.at - 1000 for asked in site.asked] == [0, 1, 2, 3, 4]


def test_changed_new_and_gone_pages_are_told_apart(site: Site, seeds: Path) -> None:
    """A changed one takes its file's place; that of one that has gone stays, and is told of once."""
    run(site, seeds)
    site.pages["/news/2024/spring.html"] = new = bulletin("Spring in Haidian", "It has come later than was said.")
    site.pages["/news/2024/winter.html"] = bulletin("Winter in Haidian")
    site.pages["/news/2024/summer.html"] = Answer(b"gone", 410)
    site.pages[LISTING] = listing("2024/autumn.html", "2024/spring.html", "2024/winter.html")
    start = len(site.asked)
    synced = run(site, seeds)
    assert synced.added == (name_of(site, "/news/2024/winter.html"),)
    assert synced.changed == (name_of(site, "/news/2024/spring.html"),)
    assert synced.unchanged == 1
    assert synced.gone == (site.url("/news/2024/summer.html"),)
    assert synced.skipped == ()
    assert saved(seeds)[name_of(site, "/news/2024/spring.html")] == new.body
    assert len(saved(seeds)) == 4
    # What is new comes first, what is linked to no more last.
    assert list(site.statuses(start))[1:] == [
        f"/news/2024/{name}.html" for name in ("winter", "autumn", "spring", "summer")
    ]
    again = run(site, seeds)
    assert (again.unchanged, again.gone) == (3, ())


def test_a_page_that_is_back_is_no_longer_gone(site: Site, seeds: Path) -> None:
    """It is asked for while the listing links to it."""
    run(site, seeds)
    page = site.pages.pop("/news/2024/spring.html")
    for _ in range(2):
        assert run(site, seeds).gone == (site.url("/news/2024/spring.html"),)
    site.pages["/news/2024/spring.html"] = page
    assert run(site, seeds) == SyncResult((), (), 3, (), (), 5)
    assert not known(site, seeds)[site.url("/news/2024/spring.html")].gone


def test_one_bad_page_does_not_stop_the_rest(site: Site, seeds: Path) -> None:
    """Each is named with its reason and nothing of it is saved."""
    site.pages |= {
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
    site.pages[LISTING] = listing(*bad, "2024/spring.html")
    synced = run(site, seeds)
    assert synced.added == (name_of(site, "/news/2024/spring.html"),)
    assert [url for url, _ in synced.skipped] == [site.url(f"/news/{path}") for path in bad]
    for (url, reason), words in zip(synced.skipped, bad.values(), strict=True):
        assert words in reason, url
        assert ". " in reason, url
    assert len(saved(seeds)) == 1


def test_a_bulletin_that_is_none_any_more_keeps_its_file(site: Site, seeds: Path) -> None:
    """A site that is being mended answers 200 too."""
    run(site, seeds)
    before = saved(seeds)
    site.pages["/news/2024/spring.html"] = Answer(b"<html><body><p>Under maintenance</p></body></html>")
    synced = run(site, seeds)
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
def test_a_listing_that_cannot_be_had_is_an_error(site: Site, seeds: Path, page: Answer) -> None:
    """There is nothing to go on with; the folder is as it was."""
    run(site, seeds)
    before = saved(seeds)
    site.pages[LISTING] = page
    with pytest.raises(FetchFailed):
        run(site, seeds)
    assert saved(seeds) == before


def test_what_robots_say_of_the_listing_holds(site: Site, seeds: Path) -> None:
    """Nothing but robots.txt is asked for."""
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /news/\n")
    with pytest.raises(FetchFailed, match=r"robots\.txt"):
        run(site, seeds)
    assert site.paths() == ["/robots.txt"]


def test_a_listing_that_links_to_nothing_says_so(site: Site, seeds: Path) -> None:
    """With where it looked."""
    site.pages[LISTING] = listing("/about.html", "https://evil.example/news/a.html")
    synced = run(site, seeds)
    assert synced.skipped == ((site.url(LISTING), "links to no page under /news/. Name the listing's own address"),)
    assert site.paths() == ["/robots.txt", LISTING]


def test_a_host_that_asks_for_fewer_requests_is_left_alone(site: Site, seeds: Path) -> None:
    """What is left is named, and a later run goes on with it before it looks at what is known."""
    site.pages["/news/2024/summer.html"] = Answer(b"", 429, headers={"Retry-After": "3600"})
    synced = run(site, seeds)
    assert synced.added == (name_of(site, "/news/2024/spring.html"),)
    assert [url for url, _ in synced.skipped] == [site.url(f"/news/2024/{name}.html") for name in ("summer", "autumn")]
    assert "/news/2024/autumn.html" not in site.paths()
    site.pages |= BULLETINS
    start = len(site.asked)
    assert len(run(site, seeds).added) == 2
    assert list(site.statuses(start).values()) == [200, 200, 200, 304]


def test_a_host_in_trouble_is_not_asked_for_everything(site: Site, seeds: Path) -> None:
    """After a number of failures one after another the run ends, and says how much is left."""
    site.pages[LISTING] = listing(*(f"{number}.html" for number in range(30)))
    site.pages |= {f"/news/{number}.html": Answer(b"", 500) for number in range(30)}
    synced = run(site, seeds)
    assert len(site.asked) == 2 + limits.MAX_SYNC_FAILURES
    assert synced.skipped[-1][0] == site.url(LISTING)
    assert "20 pages are left" in synced.skipped[-1][1]


def test_two_addresses_of_one_page_are_one_file(site: Site, seeds: Path) -> None:
    """A page goes by where it is in the end; either address notices that it has changed."""
    site.pages["/news/old"] = redirect("2024/spring.html")
    site.pages[LISTING] = listing("old", "2024/spring.html")
    assert run(site, seeds).added == (name_of(site, "/news/2024/spring.html"),)
    site.pages["/news/2024/spring.html"] = new = bulletin("Spring in Haidian", "It came late.")
    synced = run(site, seeds)
    assert (synced.changed, synced.unchanged, synced.skipped) == ((name_of(site, "/news/2024/spring.html"),), 1, ())
    assert saved(seeds) == {name_of(site, "/news/2024/spring.html"): new.body}
    assert run(site, seeds) == SyncResult((), (), 2, (), (), 5)


def test_a_page_of_another_type_now_has_another_file(site: Site, seeds: Path) -> None:
    """The earlier one stays until somebody removes it, and is named."""
    run(site, seeds)
    site.pages["/news/2024/spring.html"] = Answer(b"Spring\n\nIt has come to the districts.", type="text/plain")
    synced = run(site, seeds)
    old = name_of(site, "/news/2024/spring.html")
    assert synced.added == (old.replace(".html", ".txt"),)
    assert f"Remove {old}" in synced.skipped[0][1]
    assert old in saved(seeds)
    assert run(site, seeds).unchanged == 3


def test_traversing_and_odd_addresses_stay_in_the_folder(site: Site, seeds: Path) -> None:
    """Whatever a link is called."""
    odd = ["..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/x", ".hidden", "a%00b", "a%0Ab", "%E6%98%A5", "x" * 500]
    site.pages |= {f"/news/{path}": bulletin(f"Number {number}") for number, path in enumerate(odd)}
    site.pages[LISTING] = listing(*odd)
    synced = run(site, seeds)
    assert (len(synced.added), synced.skipped) == (len(odd), ())
    assert set(saved(seeds)) == set(synced.added)
    assert sorted(path.name for path in seeds.parent.iterdir()) == ["seeds"]


# What is somebody else's


def test_a_file_that_was_changed_here_is_kept(site: Site, seeds: Path) -> None:
    """Nothing is asked for in its place; moved away, it is fetched again."""
    run(site, seeds)
    path = seeds / name_of(site, "/news/2024/spring.html")
    path.write_bytes(b"Mine\n\nIt is mine now.")
    site.pages["/news/2024/spring.html"] = bulletin("Spring in Haidian", "It came late.")
    start = len(site.asked)
    synced = run(site, seeds)
    assert "was changed here since it was fetched. Move the file away" in synced.skipped[0][1]
    assert path.read_bytes() == b"Mine\n\nIt is mine now."
    assert "/news/2024/spring.html" not in site.statuses(start)
    path.unlink()
    assert run(site, seeds).added == (path.name,)


def test_a_file_that_was_there_already_is_taken_over_or_kept(site: Site, seeds: Path) -> None:
    """Taken over where it holds what is fetched."""
    add([site.url(path) for path in BULLETINS], seeds, lambda: Client((site.host,), sleep=lambda _: None), (site.host,))
    (seeds / name_of(site, "/news/2024/summer.html")).write_bytes(b"Mine\n\nIt is mine.")
    synced = run(site, seeds)
    assert (synced.added, synced.changed, synced.unchanged) == ((), (), 2)
    assert synced.skipped[0][0] == site.url("/news/2024/summer.html")
    assert "is there already and is not what was fetched" in synced.skipped[0][1]
    assert saved(seeds)[name_of(site, "/news/2024/summer.html")] == b"Mine\n\nIt is mine."


# Breaking off

KILLED = """
import os, signal, sys
from pathlib import Path
from rag import files
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.sync import sync

url, host, seeds, moment = sys.argv[1:]
when, thing, number = (moment or "never note 0").split()
replace, left = files.write_atomic, int(number)

def replace_and_die(path, data):
    global left
    ours = (path.suffix == ".json") == (thing == "note")
    if ours and left == 0 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    replace(path, data)
    if ours and left == 0 and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    left -= ours

files.write_atomic = replace_and_die
sync(url, Path(seeds), Client((host,), sleep=lambda _: None))
"""


def killed(site: Site, seeds: Path, moment: str = "") -> subprocess.Popen[bytes]:
    """A run in a process of its own, which is killed from outside or at this moment."""
    return subprocess.Popen([sys.executable, "-c", KILLED, site.url(LISTING), site.host, str(seeds), moment], cwd=ROOT)


def downloaded_again(site: Site, start: int, held: set[str]) -> set[str]:
    """Pages that were there at the kill and that the run after it has sent to it once more."""
    statuses = site.statuses(start)
    return {path for path, status in statuses.items() if status == 200 and name_of(site, path) in held}


@pytest.mark.process
@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize("moment", ["before note", "after note", "before file", "after file"])
def test_a_killed_run_goes_on_where_it_was(site: Site, seeds: Path, moment: str, number: int) -> None:
    """A real SIGKILL, right before and right after each thing that is written: afterwards everything is there, whole,
    and of what was there nothing is downloaded again."""
    assert killed(site, seeds, f"{moment} {number}").wait(60) == -signal.SIGKILL
    held = set(saved(seeds))
    assert len(held) == number + (moment == "after file")
    assert all(data in {page.body for page in BULLETINS.values()} for data in saved(seeds).values())
    start = len(site.asked)
    synced = run(site, seeds)
    assert (len(synced.added), synced.unchanged, synced.skipped) == (3 - len(held), len(held), ())
    assert downloaded_again(site, start, held) == set()
    assert saved(seeds) == {name_of(site, path): page.body for path, page in BULLETINS.items()}


@pytest.mark.parametrize("moment", ["before note 0", "after note 0", "before file 0", "after file 0"])
def test_a_run_killed_while_it_replaces_a_file_is_no_change_of_ours(site: Site, seeds: Path, moment: str) -> None:
    """The file holds its earlier form or the new one, and the next run knows both."""
    run(site, seeds)
    old = saved(seeds)
    site.pages["/news/2024/spring.html"] = new = bulletin("Spring in Haidian", "It came late.")
    name = name_of(site, "/news/2024/spring.html")
    assert killed(site, seeds, moment).wait(60) == -signal.SIGKILL
    assert saved(seeds)[name] in (old[name], new.body)
    synced = run(site, seeds)
    assert synced.skipped == ()
    assert saved(seeds) == old | {name: new.body}


@pytest.mark.process
def test_a_run_killed_during_a_download_loses_that_page_only(site: Site, seeds: Path) -> None:
    """Killed from outside while a page is on its way."""
    process = killed(site, seeds)

    def half(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<p>The first")
        handler.wfile.flush()
        os.kill(process.pid, signal.SIGKILL)

    site.pages["/news/2024/autumn.html"] = half
    assert process.wait(60) == -signal.SIGKILL
    held = set(saved(seeds))
    assert len(held) == 2
    site.pages |= BULLETINS
    start = len(site.asked)
    assert run(site, seeds).added == (name_of(site, "/news/2024/autumn.html"),)
    assert downloaded_again(site, start, held) == set()


def test_a_cancelled_run_keeps_what_it_has(site: Site, seeds: Path) -> None:
    """Progress counts pages; it stops between two of them."""
    told: list[tuple[str, int, int]] = []
    client = Client((site.host,), sleep=lambda _: None)
    with pytest.raises(Cancelled, match="what was fetched stays"):
        sync(
            site.url(LISTING),
            seeds,
            client,
            progress=lambda *what: told.append(what),
            cancelled=lambda: told[-1] == ("Fetching", 2, 3),
        )
    assert told == [("Reading the listing", 0, 1), ("Fetching", 0, 3), ("Fetching", 1, 3), ("Fetching", 2, 3)]
    assert len(saved(seeds)) == 2
    assert len(run(site, seeds).added) == 1


def test_one_run_at_a_time(site: Site, seeds: Path) -> None:
    """Two would ask twice as often, and write over one another's notes."""
    with sync_state.locked(seeds), pytest.raises(OperatorRefused, match="already"):
        run(site, seeds)
    assert site.asked == []
    assert len(run(site, seeds).added) == 3


def test_a_missing_folder_is_named(site: Site, tmp_path: Path) -> None:
    """It isn't made, and nobody is asked for anything."""
    with pytest.raises(SeedsMissing):
        run(site, tmp_path / "none")
    assert site.asked == []


def test_a_folder_that_cannot_be_written_is_named(site: Site, seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends the run in one line; what is there stays whole, and the next run goes on."""
    run(site, seeds)
    before = saved(seeds)
    site.pages["/news/2024/spring.html"] = new = bulletin("Spring in Haidian", "It came late.")
    write = files.write_synced

    def full(path: Path, data: bytes) -> None:
        if data == new.body:
            raise OSError(28, "No space left on device")
        write(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_synced", full)
        with pytest.raises(LibraryUnwritable, match="the disk is full"):
            run(site, seeds)
    assert saved(seeds) == before
    assert run(site, seeds).changed == (name_of(site, "/news/2024/spring.html"),)


# What is noted


def test_a_changed_note_is_found(site: Site, seeds: Path) -> None:
    """A flipped byte isn't believed; without the notes everything is still there and taken over."""
    run(site, seeds)
    (path,) = (seeds / ".sync").glob("*.json")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(LibraryDamaged, match="Remove it"):
        run(site, seeds)
    path.unlink()
    assert run(site, seeds).unchanged == 3


@pytest.mark.parametrize(
    "content", [{"format": 2, "pages": {}}, {"format": 1, "pages": {"u": {"file": 3}}}, {"format": 1}]
)
def test_notes_of_another_form_are_not_guessed_at(seeds: Path, content: dict[str, object]) -> None:
    """Whole, but not what this desk writes."""
    files.write_checksummed(seeds / ".sync" / "news.example.org.json", content)
    with pytest.raises(LibraryDamaged):
        sync_state.read(seeds, "news.example.org")


def test_notes_are_sealed_and_not_taken_for_bulletins(site: Site, seeds: Path) -> None:
    """One file a host, in a folder that indexing leaves alone."""
    run(site, seeds)
    (path,) = (seeds / ".sync").glob("*.json")
    assert path.name == site.host.replace(":", "_") + ".json"
    assert sorted(json.loads(path.read_bytes())["pages"]) == sorted(site.url(one) for one in BULLETINS)
    files.load_checksummed(path.read_bytes())
    assert all(not name.startswith(".") for name in saved(seeds))


# Which links are bulletins


def of(html: str, url: str = "http://news.example.org/en/news/index.html") -> Links:
    return find_links(f"<html><body>{html}</body></html>", url, scopes(url)[0])


def a(*hrefs: str, words: str = "A bulletin") -> str:
    return "".join(f'<a href="{href}">{words}</a>' for href in hrefs)


def test_bulletins_are_pages_under_the_listings_folder() -> None:
    """Of the same host, whatever the link looks like; each once, in the page's order."""
    html = a(
        "2024/a.html",
        "./b.html#top",
        "/en/news/c/",
        "//news.example.org/en/news/d.pdf",
        "http://NEWS.example.org:80/en/news/e?id=5",
        "https://news.example.org/en/news/f.docx",
        " g\n.html ",
        "2024/a.html#again",
    )
    assert of(html).bulletins == (
        "http://news.example.org/en/news/2024/a.html",
        "http://news.example.org/en/news/b.html",
        "http://news.example.org/en/news/c/",
        "http://news.example.org/en/news/d.pdf",
        "http://news.example.org/en/news/e?id=5",
        "https://news.example.org/en/news/f.docx",
        "http://news.example.org/en/news/g.html",
    )


def test_other_links_are_none() -> None:
    """Other hosts and folders, the listing itself in whatever order, pictures and archives, and what is no address."""
    others = (
        "",
        "#top",
        "index.html",
        "index.html?sort=date",
        "./",
        "/en/about.html",
        "/en/newsletter/a.html",
        "../a.html",
        "http://sub.news.example.org/en/news/a.html",
        "http://news.example.org:8080/en/news/a.html",
        "http://u:p@news.example.org/en/news/a.html",
        "ftp://news.example.org/en/news/a.html",
        "javascript:void(0)",
        "mailto:a@b.example",
        "data:text/html,x",
        "http://[::1/en/news/",
        "http://xn--a.example/en/news/a",
        "a.jpg",
        "style.css",
        "all.zip",
        "feed.xml",
    )
    assert of(a(*others)) == Links((), ())


def test_menus_sidebars_and_feet_hold_no_bulletins() -> None:
    """An article's own head does."""
    html = (
        f"<header>{a('1.html')}</header><nav>{a('2.html')}</nav><aside>{a('3.html')}</aside><footer>{a('4.html')}</footer>"
        f"<main><article><header><h2>{a('5.html')}</h2></header></article></main>"
    )
    assert of(html).bulletins == ("http://news.example.org/en/news/5.html",)


@pytest.mark.parametrize(
    "words",
    ["2", "[12]", "Next", "next page ›", "下一页", "下页", "»", "&gt;&gt;", "Older posts", "尾页", "← Previous"],
)
def test_links_to_further_pages_are_followed_not_saved(words: str) -> None:
    """By their words alone."""
    assert of(a("more.html", words=words)) == Links((), ("http://news.example.org/en/news/more.html",))


@pytest.mark.parametrize("words", ["Next steps for Haidian", "12308 is the hotline", "2024 in figures", "", "12345"])
def test_a_title_is_not_a_pager(words: str) -> None:
    """Though it begins like one."""
    assert of(a("a.html", words=words)).bulletins == ("http://news.example.org/en/news/a.html",)


def test_a_page_says_what_comes_next_by_other_means_too() -> None:
    """rel=next, in the head or on a link, a label for readers, a page number in the query, a base address."""
    page = "http://news.example.org/en/news/p2.html"
    assert of('<link rel="next" href="p2.html">').pages == (page,)
    assert of('<a rel="nofollow next" href="p2.html"><img></a>').pages == (page,)
    assert of('<a aria-label="Next page" href="p2.html"><img></a>').pages == (page,)
    assert of(f'<base href="/en/news/2/">{a("../p2.html", words="2")}').pages == (page,)
    assert of(a("?page=2", words="2")).pages == ("http://news.example.org/en/news/index.html?page=2",)
    assert of(a("/en/news?page=2", words="2"), "http://news.example.org/en/news").pages == (
        "http://news.example.org/en/news?page=2",
    )
    assert of(a("/elsewhere/2", "http://evil.example/en/news/2", words="2")).pages == ()


def test_all_pages_of_a_listing_are_read(site: Site, seeds: Path) -> None:
    """Each once, also where they link to one another; a page that can't be had is named, and the others count."""
    pager = a("index.html", words="1") + a("index_1.html", words="2") + a("index_2.html", words="3")
    site.pages[LISTING] = listing("2024/spring.html", more=pager)
    site.pages["/news/index_1.html"] = Answer(b"", 500)
    site.pages["/news/index_2.html"] = listing("2024/summer.html", more=pager + a("index_3.html", words="\u00bb"))
    site.pages["/news/index_3.html"] = listing("2024/autumn.html", "2024/spring.html", more=pager)
    synced = run(site, seeds)
    assert len(synced.added) == 3
    assert [url for url, _ in synced.skipped] == [site.url("/news/index_1.html")]
    pages = [path for path in site.paths() if "index" in path]
    assert pages == [LISTING, "/news/index_1.html", "/news/index_2.html", "/news/index_3.html"]


def endless(per_page: Callable[[int], tuple[str, ...]]) -> Callable[[Handler], None]:
    """A listing that always has another page."""

    def page(handler: Handler) -> None:
        number = int(handler.path.rpartition("=")[2]) if "=" in handler.path else 1
        body = listing(*per_page(number), more=a(f"list?page={number + 1}", words="Next")).body
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + body)

    return page


class Pages(dict[str, object]):
    """Every page of an endless listing is the same function."""

    def __init__(self, page: Callable[[Handler], None]) -> None:
        super().__init__({"/robots.txt": Answer(status=404)})
        self._page = page

    def get(self, path: str, default: object = None) -> object:
        return self._page if path.startswith("/news/list") else super().get(path, default)


@pytest.mark.parametrize(
    ("per_page", "pages", "most"),
    [
        (lambda number: (f"{number}.html",), 4, "4 pages"),
        (lambda number: tuple(f"{number}-{n}.html" for n in range(4)), 3, "10 bulletins"),
        (lambda number: (f"{min(number, 2)}.html",), 3, None),
    ],
    ids=["pages", "bulletins", "nothing new"],
)
def test_a_listing_without_end_is_ended(
    site: Site,
    per_page: Callable[[int], tuple[str, ...]],
    pages: int,
    most: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its pages, by its bulletins, or where a page brings nothing new; the line says what was left out."""
    assert (limits.MAX_LISTING_PAGES, limits.MAX_LISTED_BULLETINS) == (200, 10_000)
    monkeypatch.setattr(limits, "MAX_LISTING_PAGES", 4)
    monkeypatch.setattr(limits, "MAX_LISTED_BULLETINS", 10)
    site.pages = Pages(endless(per_page))  # type: ignore[assignment]
    found = listings.crawl(site.url("/news/list"), Client((site.host,), sleep=lambda _: None))
    assert len(site.asked) == pages + 1
    assert len(found.bulletins) <= 10
    assert [reason.partition("after ")[2].partition(";")[0] for _, reason in found.skipped] == ([most] if most else [])
