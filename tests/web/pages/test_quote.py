"""Permanent links of quotes and answers: what they show, what is saved there, what they say once texts have changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bibtexparser
import pytest
import rispy
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from rag import settings
from rag.answer.citation.bibliography import citation_line
from rag.library import audit_log, receipts
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.models import Quote
from rag.web.auth.access import COOKIE
from rag.web.server import build_app
from rag.web.service import Service
from tests.support.accounts import session_cookie
from tests.support.sample_answers import answer_of, quote_of
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

EVIL = "<script>alert(1)</script>"
ROBOTS = "Twenty robots greeted guests from Norway on May 3.  They bowed twice & sang “a song”."
CHANGED = "Thirty robots greeted guests from Norway on May 3.  They bowed twice & sang “a song”."
KITES = "Sixty kites rose over the hill in the morning of a windy day."
TREES = "A row of trees was planted by the guests from Lima."
TEXTS = {
    "robots": bulletin_text("2024-05-10", "Haidian District", f"Robots {EVIL}", ROBOTS, TREES, title=f"News {EVIL}"),
    "kites": bulletin_text("2024-04-02", "Miyun District", "Kites", KITES),
    "trees": bulletin_text(
        "2023-01-09", "Fengtai District", "Tea", "The tea fair opened for all who like tea.", title="Tea"
    ),
}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return build_library(tmp_path, **TEXTS)


@pytest.fixture
def desk(library: Library) -> Service:
    desk = Service(settings.load(library=library.root))
    desk.show(library)
    return desk


@pytest.fixture
def client(desk: Service) -> Iterator[TestClient]:
    """One of the staff."""
    session = {COOKIE: session_cookie(desk.settings.library, "staff")}
    here = {"Sec-Fetch-Site": "same-origin"}
    with TestClient(build_app(desk), "http://127.0.0.1", cookies=session, headers=here) as client:
        yield client


def robots(library: Library) -> Quote:
    about = {"districts": ("Haidian District",), "heading": f"Robots {EVIL}"}
    return quote_of(library, library.by_name["robots.txt"], ROBOTS, **about)


def kites(library: Library) -> Quote:
    return quote_of(library, library.by_name["kites.txt"], KITES, districts=("Miyun District",), heading="Kites")


def address(quote: Quote) -> str:
    return f"/quote/{quote.sha256}/{quote.start}-{quote.end}"


def shown(client: TestClient, address: str) -> LexborHTMLParser:
    got = client.get(address)
    assert got.status_code == 200, got.text
    return LexborHTMLParser(got.text)


def now_holds(desk: Service, **texts: str) -> Library:
    """The desk serves these bulletins from now on, and none beside."""
    assert desk.serving
    library = desk.serving.library
    seeds = library.root.parent / "bulletins"
    for path in seeds.iterdir():
        path.unlink()
    for name, text in texts.items():
        (seeds / f"{name}.txt").write_text(text, encoding="utf-8")
    update_library(seeds, library.root, ENCODER, allow_removal=True)
    desk.show(Library.open(library.root))
    return desk.serving.library


def test_a_quote_has_a_page_of_its_own(client: TestClient, library: Library) -> None:
    """Its words character for character, its source, its citation line, the way to its bulletin; none is markup."""
    quote = robots(library)
    page = shown(client, address(quote))
    assert page.css_first("blockquote").text() == ROBOTS
    assert page.css_first(".quoted h2").text() == f"News {EVIL}"
    assert page.css_first("time").attributes["datetime"] == "2024-05-10"
    line = citation_line(quote, accessed=dt.date.today())
    assert page.css_first(".cited").text() == line
    assert page.css_first("button[data-copy]").attributes["data-copy"] == line
    assert page.css("body script") == []
    assert page.css("[role=note]") == []
    links = [link.attributes["href"] or "" for link in page.css(".quoted .actions a")]
    opened, checked = (shown(client, link.replace("../../", "/")) for link in links)
    assert "exact" in checked.body.text()
    assert opened.css_first("mark#quote").text() == ROBOTS


def test_the_original_page_opens_at_the_quote(client: TestClient, desk: Service, library: Library) -> None:
    """Where the bulletin states its address on the Web; else there is no such link."""
    seeds = library.root.parent / "bulletins"
    for url, links in (("https://example.invalid/a?b=1&amp;c=2", 1), ("javascript:alert(1)", 0)):
        head = f'<title>Kites</title><meta name="Url" content="{url}">'
        (seeds / "page.html").write_text(f"<html><head>{head}</head><body><p>{KITES}</p></body></html>")
        update_library(seeds, library.root, ENCODER)
        now = Library.open(library.root)
        desk.show(now)
        found = shown(client, address(quote_of(now, now.by_name["page.html"], KITES)))
        hrefs = [link.attributes["href"] or "" for link in found.css(".quoted .actions a")]
        outside = [href.partition("#:~:text=")[0] for href in hrefs if not href.startswith("../")]
        assert outside == ["https://example.invalid/a?b=1&c=2"] * links


def test_nonsense_is_no_quote(client: TestClient, library: Library) -> None:
    """One sentence, as for a text that the desk never held; a path finds nothing."""
    for place in ("0-0", "9-3", "0-99999", "-1-4", "a-b", "1", "1-2-3", "²-³", "1-2.exe", "1-2.", "%00"):
        for digest in (library.bulletins[0].sha256, "0" * 64, "..", "robots.txt"):
            got = client.get(f"/quote/{digest}/{place}")
            assert got.status_code == 404, place
            assert len(got.text) < 2000, place


def test_other_tools_read_what_is_saved(client: TestClient, library: Library) -> None:
    """Each file parses, has its media type and a plain name, and names the source or holds the very words."""
    quote = robots(library)
    saved = {}
    for link in shown(client, address(quote)).css("a[download]"):
        got = client.get((link.attributes["href"] or "").replace("../../", "/"))
        ending = got.headers["content-disposition"].partition("filename=")[2].strip('"').partition(".")[2]
        saved[ending] = got
    assert set(saved) == {"csl.json", "bib", "ris", "annotation.json", "receipt.json"}
    assert saved["csl.json"].json()[0]["issued"] == {"date-parts": [[2024, 5, 10]]}
    assert saved["csl.json"].headers["content-type"] == "application/vnd.citationstyles.csl+json"
    assert bibtexparser.parse_string(saved["bib"].text).entries[0].fields_dict["date"].value == "2024-05-10"
    assert rispy.loads(saved["ris"].text)[0]["title"] == f"News {EVIL}"
    assert saved["ris"].headers["content-type"].startswith("application/x-research-info-systems")
    selectors = saved["annotation.json"].json()["target"]["selector"]
    assert selectors[0]["exact"] == ROBOTS
    assert saved["annotation.json"].headers["content-type"].startswith("application/ld+json")
    assert receipts.read(saved["receipt.json"].content).quotes[0].text == ROBOTS


def test_a_changed_bulletin_s_quote_opens_and_says_so(client: TestClient, desk: Service, library: Library) -> None:
    """The old words are proved and shown; old and new paragraph stand side by side with the one word marked."""
    quote = robots(library)
    now_holds(desk, **TEXTS | {"robots": TEXTS["robots"].replace(ROBOTS, CHANGED)})
    page = shown(client, address(quote))
    assert page.css_first("article blockquote").text() == ROBOTS
    said = " ".join(note.text() for note in page.css("[role=note]"))
    assert "has been changed since" in said
    assert "no longer stand in the later text" in said
    old, new = page.css(".pair blockquote")
    assert (old.text(), new.text()) == (ROBOTS, CHANGED)
    assert [(mark.text(), mark.attributes["class"]) for mark in page.css(".pair mark")] == [
        ("Twenty", "gone"),
        ("Thirty", "new"),
    ]
    opened = shown(client, f"/bulletin/{quote.sha256}?start={quote.start}&end={quote.end}")
    assert opened.css_first("main").text() == TEXTS["robots"]
    assert "has been changed since" in opened.css_first("[role=note]").text()


def test_words_that_still_stand_are_found_in_today_s_text(client: TestClient, desk: Service, library: Library) -> None:
    """A change elsewhere leaves the quote: the page says so, and leads to its place in the new text."""
    quote = robots(library)
    later = now_holds(
        desk, **TEXTS | {"robots": TEXTS["robots"].replace("10", "10\nEditor: A").replace("Lima", "Rome")}
    )
    page = shown(client, address(quote))
    assert "still stand in the later text: see them there" in page.css("[role=note]")[1].text()
    link = page.css("[role=note]")[1].css_first("a").attributes["href"] or ""
    again = shown(client, link.replace("../../", "/"))
    assert again.css_first("article blockquote").text() == ROBOTS
    assert later.by_name["robots.txt"].sha256 in link
    assert again.css("[role=note]") == []


def test_words_printed_otherwise_are_said_to_stand(client: TestClient, desk: Service, library: Library) -> None:
    """A space less and other quotation marks are told from other words."""
    quote = robots(library)
    printed = ROBOTS.replace("  ", " ").replace("“", '"').replace("”", '"')
    now_holds(desk, **TEXTS | {"robots": TEXTS["robots"].replace(ROBOTS, printed)})
    assert "printed otherwise" in shown(client, address(quote)).css("[role=note]")[1].text()


def test_a_withdrawn_bulletin_s_quote_opens_and_says_so(client: TestClient, desk: Service, library: Library) -> None:
    """So does its bulletin's page; nothing is put beside it."""
    quote = kites(library)
    now_holds(desk, **{name: text for name, text in TEXTS.items() if name != "kites"})
    page = shown(client, address(quote))
    assert page.css_first("blockquote").text() == KITES
    assert "has been withdrawn" in page.css_first("[role=note]").text()
    assert page.css(".pair") == []
    opened = shown(client, f"/bulletin/{quote.sha256}")
    assert opened.css_first("main").text() == TEXTS["kites"]
    assert "has been withdrawn" in opened.css_first("[role=note]").text()


def test_a_corrected_bulletin_names_the_later_one(client: TestClient, desk: Service) -> None:
    """Both are today's: the quote's page says that a later bulletin corrects it, and what that one says instead."""
    own = [f"On that morning the guests of house number {n} sang a long song." for n in range(8)]
    later = [*own[:-1], "On that morning the guests of house number 7 sang no song."]
    library = now_holds(
        desk, old=bulletin_text("2024-01-05", " ".join(own)), new=bulletin_text("2024-01-09", " ".join(later))
    )
    page = shown(client, address(quote_of(library, library.by_name["old.txt"], own[-1])))
    assert "dated 9 January 2024, corrects this one" in page.css_first("[role=note]").text()
    assert [mark.text() for mark in page.css(".pair mark")] == ["a long", "no"]


def test_a_damaged_text_shows_no_quote(client: TestClient, library: Library) -> None:
    """A number under which the log has the error, and none of the words."""
    quote = kites(library)
    (library.root / "texts" / f"{quote.sha256}.txt").write_text(TEXTS["kites"].replace("Sixty", "Ninety"))
    for ending in ("", ".receipt.json"):
        got = client.get(address(quote) + ending)
        assert got.status_code == 500
        assert "give the number" in got.text
        assert "kites rose" not in got.text


def kept(client: TestClient, desk: Service, *quotes: Quote, question: str = f"What {EVIL}?", **other: str) -> str:
    """The address of the kept answer with these quotes."""
    answer = replace(answer_of(*quotes, **other), question=question)  # type: ignore[arg-type]
    sent = client.post(f"/answer/{desk.answers.put(answer)}/keep", follow_redirects=False)
    assert sent.status_code == 303, sent.text
    return "/answer/" + sent.headers["location"].rpartition("/")[2]


def test_an_answer_is_kept_under_a_link(client: TestClient, desk: Service, library: Library) -> None:
    """Question, message and quotes stand there after the conversation is forgotten; the same answer is one link."""
    link = kept(client, desk, robots(library), kites(library))
    assert kept(client, desk, robots(library), kites(library)) == link
    desk.answers = type(desk.answers)()
    page = shown(client, link)
    assert page.css_first(".asked").text() == f"What {EVIL}?"
    assert page.css_first(".said").text() == "1 passage."
    assert [quote.text() for quote in page.css("blockquote")] == [ROBOTS, KITES]
    assert page.css_first(".cite").text() == citation_line(robots(library), accessed=dt.date.today())
    assert page.css("body script") == []
    assert page.css("[role=note]") == []
    saved = client.get(f"{link}.json")
    assert saved.headers["content-disposition"].startswith("attachment; filename=")
    assert receipts.read(saved.content).identity == link.removeprefix("/answer/")


def test_a_kept_answer_says_what_has_become_of_its_sources(client: TestClient, desk: Service, library: Library) -> None:
    """Each quote still stands word for word, under a line that its bulletin was changed or withdrawn."""
    link = kept(client, desk, robots(library), kites(library))
    now_holds(desk, robots=TEXTS["robots"].replace(ROBOTS, CHANGED), trees=TEXTS["trees"])
    page = shown(client, link)
    assert [quote.text() for quote in page.css("blockquote")] == [ROBOTS, KITES]
    assert [" ".join(note.text().split())[:43] for note in page.css("[role=note]")] == [
        "This bulletin has been changed since: the q",
        "This bulletin has been withdrawn since. The",
    ]


def test_an_honest_no_is_kept_without_its_near_misses(client: TestClient, desk: Service, library: Library) -> None:
    """They are no answer, so the link doesn't make one of them."""
    page = shown(client, kept(client, desk, kites(library), status="no_match", message="Nothing tells of Chile."))
    assert page.css_first(".said").text() == "Nothing tells of Chile."
    assert page.css("blockquote") == []


def test_an_unknown_answer_is_told_in_a_sentence(client: TestClient, desk: Service, library: Library) -> None:
    """Neither an address nor a name of a file leads anywhere; what is no longer on the shelf can't be kept."""
    quote = client.get(f"{address(kites(library))}.receipt.json").content
    receipts.store(library.root, receipts.read(quote))
    for name in ("0" * 64, "..%2f..%2fCURRENT", "%00", receipts.read(quote).identity):
        got = client.get(f"/answer/{name}")
        assert got.status_code == 404
        assert "keeps no answer under this address" in got.text
    gone = client.post("/answer/0123/keep")
    assert gone.status_code == 404
    assert "no longer keeps this answer" in gone.text


def test_an_answer_is_linked_by_the_staff_alone(client: TestClient, desk: Service, library: Library) -> None:
    """Whoever has the link may read it; the log has who made it."""
    key = desk.answers.put(answer_of(kites(library)))
    staff = client.cookies[COOKIE]
    client.cookies.clear()
    assert client.post(f"/answer/{key}/keep").status_code == 403
    assert client.post(f"/answer/{key}/keep", headers={"Cookie": f"{COOKIE}=x"}).status_code == 403
    assert not (library.root / "receipts").exists()
    client.cookies[COOKIE] = staff
    link = kept(client, desk, kites(library))
    client.cookies.clear()
    assert client.get(link).status_code == 200
    told = audit_log.read(library.root)[0]
    assert (told.who, told.what, told.of) == ("stefan", "link answer", {"receipt": link.removeprefix("/answer/")})


def test_a_changed_receipt_is_not_shown(client: TestClient, desk: Service, library: Library) -> None:
    """A word altered on the disk: the error's line, and no quote."""
    link = kept(client, desk, kites(library))
    path = next((library.root / "receipts").iterdir())
    path.write_bytes(json.dumps(json.loads(path.read_bytes()) | {"question": "Other?"}).encode())
    got = client.get(link)
    assert got.status_code == 500
    assert "Sixty" not in got.text


def test_a_receipt_s_words_are_proved_against_the_text(client: TestClient, desk: Service, library: Library) -> None:
    """A whole receipt with words that its bulletin doesn't have at their place: none of it is shown."""
    link = kept(client, desk, robots(library), kites(library))
    whole = receipts.load(library.root, link.removeprefix("/answer/"))
    assert whole
    first, second = whole.quotes
    forged = second.model_copy(update={"text": second.text.replace("Sixty", "Ninety")})
    identity = receipts.store(library.root, whole.model_copy(update={"quotes": (first, forged)}))
    got = client.get(f"/answer/{identity}")
    assert got.status_code == 500
    assert "give the number" in got.text
    assert "kites rose" not in got.text
    assert "Twenty robots" not in got.text


def test_every_page_waits_for_the_library(tmp_path: Path) -> None:
    """Before it is open: one sentence, and no error."""
    desk = Service(settings.load(library=tmp_path / "none"))
    with TestClient(build_app(desk)) as client:
        for page in ("bulletins", f"bulletin/{'0' * 64}", f"quote/{'0' * 64}/1-2", f"answer/{'0' * 64}"):
            got = client.get(f"/{page}")
            assert got.status_code == 503
            assert "still getting ready" in got.text
