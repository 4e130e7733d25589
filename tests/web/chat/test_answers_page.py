"""Answers in a real browser: conditions taken away, lists, things compared, files saved, by mouse and by keyboard."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rag import settings
from rag.answer.models import Answer
from rag.answer.notice import clear, notice_for, parse_notice, save
from rag.library.reader import Library
from rag.models import Quote, Span
from rag.query.models import Comparand, Condition, Query
from rag.web.service import Service
from tests.support.browser import ask_question, open_page, serve_desk
from tests.support.sample_answers import quote_of
from tests.support.sample_library import build_library

DISTRICTS = ["Haidian", "Chaoyang", "Fengtai", "Miyun"]
MONTHS = range(1, 9)
CHIPS = (
    Condition("district:Shijingshan District", "Shijingshan District"),
    Condition("period:2023", "2023"),
    Condition("topic:earlier", "consular <b>protection</b>", inherited=True),
)
EVIL = "<img src=x onerror=alert(1)>"


class Handmade:
    """An assistant whose answers are made by hand from the library's real text: a list, a comparison, a near miss."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def ask(
        self, question: str, *, history: Sequence[str] = (), without: Sequence[str] = (), stopwatch: object = None
    ) -> Answer:
        chips = tuple(chip for chip in CHIPS if chip.key not in without)
        if question.startswith("Compare"):
            sides = (Comparand("Haidian District", "Haidian"), Comparand(f"Fengtai {EVIL}", "Fengtai"))
            quotes = [replace(quote, side=side.label) for side in sides for quote in self._quotes(side.words)[:7]]
            return self._answer(question, quotes, Query(kind="compare", exhaustive=True, comparands=sides))
        if question.startswith("Chile"):
            nearest = self._quotes("Miyun")[:2]
            answer = self._answer(question, nearest, Query(conditions=CHIPS[1:2]))
            return replace(answer, status="no_match", message="These bulletins tell of Peru, none of Chile.", total=0)
        quotes = [quote for quote in self._quotes("") if "period:2023" in without or quote.bulletin > "n5.txt"]
        understood = Query(
            kind="list", exhaustive=True, sort="date-desc", topic="Consular protection", conditions=chips
        )
        return self._answer(question, quotes, understood)

    def _answer(self, question: str, quotes: Sequence[Quote], understood: Query) -> Answer:
        message = f"{len(quotes)} passages in 8 bulletins."
        notice = notice_for(self.library.root, question)
        return Answer(question, "answered", message, 0.9, understood, len(quotes), tuple(quotes), "1", notice)

    def _quotes(self, district: str) -> list[Quote]:
        """Newest first."""
        quotes = []
        for bulletin in sorted(self.library.bulletins, key=lambda bulletin: bulletin.name, reverse=True):
            text = self.library.text(bulletin.sha256)
            for found in re.finditer(r"The \w+ guests sang on day \d+\. They were many\.", text):
                name = found[0].split()[1]
                if district in name:
                    around = Span(found.start(), text.index("home.", found.end()) + 5)
                    about = {"districts": (f"{name} District",), "heading": f"Guests sing {EVIL}", "around": around}
                    note = "An earlier text, dated 2024-01-26, differs." if name == "Miyun" else None
                    quotes.append(quote_of(self.library, bulletin, found[0], "They were many.", **about, note=note))
        return quotes


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Eight bulletins of four events each."""
    texts = {
        f"n{month}": f"News of month {month} {EVIL}\nDate: 2024-0{month}-15\nSource: The Office\n\n"
        + "\n\n".join(
            f"{name} District\n\nGuests sing {EVIL}\n\nThe {name} guests sang on day {month}. They were many. "
            f"Then all of them went home."
            for name in DISTRICTS
        )
        for month in MONTHS
    }
    return build_library(tmp_path_factory.mktemp("answers"), **texts)


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    desk = Service(settings.load(library=library.root))
    desk.show(library)
    desk.serve(Handmade(library))  # type: ignore[arg-type]
    with serve_desk(desk) as address:
        yield address


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    with open_page(browser, address, *request.param) as page:
        yield page


def tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until the focus is there, as someone without a mouse does."""
    wanted = page.get_by_role(role, name=name).last  # type: ignore[arg-type]
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"no way to {name!r} by Tab")


def test_a_condition_is_taken_away(page: Page) -> None:
    """The question is asked again without it, below; the earlier answer stays; what was carried over says so."""
    ask_question(page, "What in 2023?")
    chips = page.locator(".answer").first.locator(".chip")
    assert [" ".join(chip.split()) for chip in chips.all_text_contents()] == [
        "Shijingshan District ×",
        "2023 ×",
        "carried over: consular <b>protection</b> ×",
    ]
    page.get_by_role("button", name="Remove the condition 2023").click()
    answers = page.locator(".answer:not(.wait)")
    expect(answers).to_have_count(2)
    expect(page.locator(".asked")).to_have_text(["What in 2023?", "What in 2023?"])
    expect(answers.nth(0).locator(".said")).to_have_text("12 passages in 8 bulletins.")
    said = "Asked again without the condition 2023. 32 passages in 8 bulletins."
    expect(answers.nth(1).locator(".said")).to_have_text(said)
    expect(answers.nth(1).locator(".said")).to_be_in_viewport()
    expect(answers.nth(1).locator(".chip")).to_have_count(2)
    answers.nth(1).get_by_role("button", name="carried over").click()
    said = "Asked again without the conditions 2023, consular <b>protection</b>. 32 passages in 8 bulletins."
    expect(page.locator(".said").nth(2)).to_have_text(said)
    # an earlier answer's conditions can still be taken away
    answers.nth(0).get_by_role("button", name="Shijingshan").click()
    expect(page.locator(".said").nth(3)).to_have_text(
        "Asked again without the condition Shijingshan District. 12 passages in 8 bulletins."
    )


def test_a_list_stands_under_its_bulletins(page: Page) -> None:
    """Each head once, newest first; ten entries, then the others at a press; opened ones stay open."""
    ask_question(page, "What in 2023?")
    page.get_by_role("button", name="Remove the condition 2023").click()
    answer = page.locator(".answer:not(.wait)").nth(1)
    expect(answer.locator("article.quote:visible")).to_have_count(10)
    answer.get_by_text("Show the other 22").click()
    expect(answer.locator("article.quote:visible")).to_have_count(32)
    assert answer.locator("h3").all_text_contents() == [f"News of month {month} {EVIL}" for month in reversed(MONTHS)]
    dates = answer.locator("time").evaluate_all("times => times.map(time => time.dateTime)")
    assert dates == [f"2024-0{month}-15" for month in reversed(MONTHS)]
    assert answer.locator("article > blockquote mark").all_text_contents() == ["They were many."] * 32
    assert page.locator("#chat img").count() == 0
    ask_question(page, "Chile?")
    expect(answer.locator("article.quote:visible")).to_have_count(32)


def test_a_list_is_saved_as_a_file(page: Page, library: Library, tmp_path: Path) -> None:
    """A real file with a name that says what it is; each row's quote is the slice it says it is."""
    ask_question(page, "What in 2023?")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as CSV").click()
    assert download.value.suggested_filename == f"bulletin-desk-{dt.date.today()}-consular-protection.csv"
    download.value.save_as(tmp_path / "saved.csv")
    with (tmp_path / "saved.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    for row in rows:
        assert library.text(row["sha256"])[int(row["start"]) : int(row["end"])] == row["quote"]


def test_things_compared_stand_side_by_side_or_below_each_other(page: Page) -> None:
    """Two columns where there is room, one on a phone, each under its label; the others of each on demand."""
    ask_question(page, "Compare")
    sides = page.locator("section.side")
    assert [side.locator("h2").text_content() for side in sides.all()] == ["Haidian District", f"Fengtai {EVIL}"]
    first, second = (side.bounding_box() for side in sides.all())
    assert first
    assert second
    if (page.viewport_size or {})["width"] > 900:
        assert (first["y"], first["x"] + first["width"] < second["x"]) == (second["y"], True)
    else:
        assert (first["x"], first["y"] + first["height"] < second["y"]) == (second["x"], True)
    for side in sides.all():
        expect(side.locator("article.quote:visible")).to_have_count(5)
        side.get_by_text("Show the other 2").click()
        expect(side.locator("article.quote:visible")).to_have_count(7)


def test_an_honest_no_is_a_plain_statement(page: Page) -> None:
    """The near misses stand under their label, with nothing marked as an answer and nothing to save."""
    ask_question(page, "Chile?")
    expect(page.locator(".said")).to_have_text("These bulletins tell of Peru, none of Chile.")
    expect(page.get_by_role("heading", name="Nearest passages, not an answer")).to_be_visible()
    expect(page.locator("article.quote")).to_have_count(2)
    expect(page.get_by_role("link", name="Save as CSV")).to_have_count(0)
    marked = page.locator("mark:visible").first.evaluate("mark => getComputedStyle(mark).backgroundImage")
    assert marked == "none"


def test_the_paragraph_opens_around_its_quote(page: Page) -> None:
    """One press; the quote is marked in it, and its note stands right under the quote."""
    ask_question(page, "Chile?")
    quote = page.locator("article.quote").first
    around = quote.locator("details.around blockquote")
    expect(around).to_be_hidden()
    quote.get_by_text("The paragraph around it").click()
    expect(around).to_have_text("The Miyun guests sang on day 8. They were many. Then all of them went home.")
    assert around.locator("mark").text_content() == quote.locator("> blockquote").text_content()
    expect(quote.locator("> blockquote + .remark")).to_have_text("An earlier text, dated 2024-01-26, differs.")


def test_the_notice_stands_above_the_answer(page: Page, library: Library) -> None:
    """Set while the page is open; above the message, as text; gone when it is taken down."""
    ask_question(page, "I lost my passport")
    save(library.root, parse_notice(f"Call 12308 {EVIL}", "lost passport"))
    ask_question(page, "I lost my passport")
    clear(library.root)
    ask_question(page, "I lost my passport")
    notice = page.get_by_role("note", name="Notice")
    expect(notice).to_have_text([f"Call 12308 {EVIL}"])
    above, said = notice.bounding_box(), page.locator(".said").nth(1).bounding_box()
    assert above
    assert said
    assert above["y"] + above["height"] <= said["y"]


def test_all_of_it_works_by_keyboard(page: Page) -> None:
    """Ask, take a condition away, go on from the new answer: its conditions, the paragraph, the others, the file."""
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("What in 2023?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer:not(.wait)")).to_have_count(1)
    page.locator(".said").focus()
    tab_to(page, "button", "Remove the condition 2023")
    page.keyboard.press("Enter")
    expect(page.locator(".answer:not(.wait)")).to_have_count(2)
    expect(page.locator(".said").nth(1)).to_be_focused()
    page.keyboard.press("Tab")
    again = page.locator(".answer").nth(1)
    expect(again.get_by_role("button", name="Shijingshan")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(again.get_by_role("link", name="Save as CSV")).to_be_focused()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".csv")
    page.keyboard.press("Tab")
    expect(again.get_by_role("button", name="Link to this answer")).to_be_hidden()  # it is the staff's
    page.keyboard.press("Enter")
    expect(again.locator("details.around[open]")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(again.get_by_role("link", name="Open the bulletin at this quote").first).to_be_focused()
    for _ in range(80):
        if page.evaluate("document.activeElement.matches('.more > summary')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(again.locator("article.quote:visible")).to_have_count(32)
    for outlined in (".chip", ".more > summary", ".around > summary", ".save"):
        page.locator(outlined).last.focus()
        assert page.locator(outlined).last.evaluate("node => getComputedStyle(node).outlineWidth") == "3px"
