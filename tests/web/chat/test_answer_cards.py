"""What the page shows of an answer and of a bulletin: every stored character, and none of them as markup."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from rag.answer.examples import example_questions
from rag.errors import QuoteMismatch
from rag.library.reader import Library
from rag.models import Quote, Span
from rag.query.models import Comparand, Condition
from rag.web import templating as render_module
from rag.web.chat.answer_cards import answer_html
from rag.web.pages.bulletin import bulletin_html
from rag.web.templating import join_names, long_date
from tests.support.paths import SEEDS
from tests.support.sample_answers import answer_of, quote_of
from tests.support.sample_library import build_library

# markup, Markdown, formulas, templates, entities, a double space, a no-break space and both kinds of line end
ODD = (
    "He said “a  b”: <b>bold</b> *a* _b_ $x$ `c` ${1+1} {{ 7*7 }} {% if %} &amp; &#65;\u00a0\r\nand\tso  on’. And more."
)
BULLETIN = f"""A Title & <i>More</i>
Date: 2024-03-11
Source: Beijing Foreign Affairs Office

All districts have taken concrete actions to improve the capital's role in the world.

Haidian District

Visitors come to <script>alert(1)</script> Haidian

{ODD}

Chaoyang District

An evening of music

The residents sang together in the park on Sunday evening, and many of them danced.
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return build_library(tmp_path, a=BULLETIN)


@pytest.fixture
def seeds(tmp_path: Path) -> Library:
    return build_library(tmp_path, **{path.stem: path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt")})


def test_a_quote_is_shown_character_for_character(library: Library) -> None:
    """Markup, Markdown, formulas, templates, double spaces and carriage returns show as they are stored."""
    html = LexborHTMLParser(answer_html(answer_of(quote_of(library, library.bulletins[0], ODD)), library))
    assert html.css_first("blockquote").text() == ODD
    assert html.css("blockquote b") == []


def test_only_the_answering_sentences_are_highlighted(library: Library) -> None:
    """The highlights are the marked stretches, in order, and the text around them stays."""
    quote = quote_of(library, library.bulletins[0], ODD, "He said “a  b”", "And more.")
    html = LexborHTMLParser(answer_html(answer_of(quote), library))
    assert [mark.text() for mark in html.css("blockquote mark")] == ["He said “a  b”", "And more."]
    assert html.css_first("blockquote").text() == ODD


def test_a_card_says_the_date_first(library: Library) -> None:
    """Date, title, source, districts and heading stand before the quote, in this order."""
    quote = quote_of(
        library,
        library.bulletins[0],
        "And more.",
        heading="A <heading>",
        districts=("Haidian District", "Miyun District"),
    )
    card = LexborHTMLParser(answer_html(answer_of(quote), library)).css_first(".bulletin")
    words = " ".join(card.text().split())
    assert words.startswith(
        "11 March 2024 A Title & <i>More</i> Beijing Foreign Affairs Office "
        "Haidian District and Miyun District A <heading> And more."
    )


def test_an_undated_quote_says_so(library: Library) -> None:
    """No date is made up for a bulletin without one."""
    quote = quote_of(library, library.bulletins[0], "And more.", date=None)
    card = LexborHTMLParser(answer_html(answer_of(quote), library)).css_first(".bulletin")
    assert card.text().split()[0] == "undated"


def test_the_desk_s_own_words_stand_outside_the_quotes(library: Library) -> None:
    """The message is shown, escaped, and in no blockquote."""
    answer = answer_of(quote_of(library, library.bulletins[0], "And more."), message="1 <passage>.")
    html = LexborHTMLParser(answer_html(answer, library))
    assert html.css_first(".said").text() == "1 <passage>."
    assert [quote.text() for quote in html.css("blockquote")] == ["And more."]


def test_near_misses_are_called_what_they_are(library: Library) -> None:
    """Only under "no match" do the quotes carry the label."""
    quote = quote_of(library, library.bulletins[0], "And more.")
    assert "Nearest passages, not an answer" in answer_html(answer_of(quote, status="no_match"), library)
    assert "Nearest passages" not in answer_html(answer_of(quote), library)
    assert "Nearest passages" not in answer_html(answer_of(status="no_match"), library)


def test_a_refusal_is_one_sentence(library: Library) -> None:
    """A refused question gets the message and nothing else."""
    html = answer_html(answer_of(status="refused", message="The question is empty."), library)
    assert LexborHTMLParser(html).body.text().strip() == "The question is empty."


def test_what_came_from_earlier_questions_is_said(library: Library) -> None:
    """What the desk carried over is named."""
    answer = answer_of(inherited=("Shunyi District", "2023"))
    assert "Carried over from your earlier question: Shunyi District and 2023." in answer_html(answer, library)


def test_a_quote_that_is_no_slice_is_never_shown(library: Library) -> None:
    """One changed character, and the whole answer is withheld."""
    quote = quote_of(library, library.bulletins[0], "And more.")
    with pytest.raises(QuoteMismatch):
        answer_html(answer_of(replace(quote, text="And mere.")), library)


def test_the_link_opens_the_bulletin_at_the_quote(library: Library) -> None:
    """The card's link, followed, marks exactly the quote."""
    quote = quote_of(library, library.bulletins[0], "He said “a  b”")
    link = LexborHTMLParser(answer_html(answer_of(quote), library)).css_first("a").attributes["href"]
    assert link == f"bulletin/{quote.sha256}?start={quote.start}&end={quote.end}#quote"
    page = bulletin_html(library, quote.sha256, str(quote.start), str(quote.end))
    assert LexborHTMLParser(page or "").css_first("mark#quote").text() == quote.text


def test_a_bulletin_s_page_holds_its_whole_text(library: Library) -> None:
    """Every stored character is there, once and in order, wherever the mark falls."""
    bulletin = library.bulletins[0]
    text = library.text(bulletin.sha256)
    for start in range(0, len(text) - 1, 41):
        for end in (start + 1, min(start + 90, len(text)), len(text)):
            page = LexborHTMLParser(bulletin_html(library, bulletin.sha256, str(start), str(end)) or "")
            assert page.css_first("main").text() == text
            assert page.css_first("mark#quote").text() == text[start:end]


def test_every_seed_has_a_page_with_its_whole_text(seeds: Library) -> None:
    """The real bulletins show whole as well."""
    assert len(seeds.bulletins) == 2
    for bulletin in seeds.bulletins:
        page = LexborHTMLParser(bulletin_html(seeds, bulletin.sha256, None, None) or "")
        assert page.css_first("main").text() == seeds.text(bulletin.sha256)
        assert page.css("mark") == []


def test_a_bulletin_s_headings_are_set_apart(library: Library) -> None:
    """District lines and headlines are headings; what stands before the first section is not."""
    page = LexborHTMLParser(bulletin_html(library, library.bulletins[0].sha256, None, None) or "")
    assert [line.text() for line in page.css(".district")] == ["Haidian District", "Chaoyang District"]
    assert [line.text() for line in page.css(".headline")] == [
        "Visitors come to <script>alert(1)</script> Haidian",
        "An evening of music",
    ]
    assert "Date: 2024-03-11" in page.css_first(".front").text()
    assert page.css("body script") == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("0", "0"),
        ("5", "2"),
        ("-1", "4"),
        ("0", "99999"),
        ("1", None),
        ("x", "y"),
        ("²", "³"),
        ("9" * 5000, "9" * 5001),
    ],
)
def test_unusable_offsets_mark_nothing_and_say_so(library: Library, start: str, end: str | None) -> None:
    """The bulletin is still shown, whole, with a word about it."""
    bulletin = library.bulletins[0]
    page = LexborHTMLParser(bulletin_html(library, bulletin.sha256, start, end) or "")
    assert page.css("mark") == []
    assert "has no place in this bulletin" in page.css_first("header").text()
    assert page.css_first("main").text() == library.text(bulletin.sha256)


def test_an_unknown_bulletin_has_no_page(library: Library) -> None:
    """A digest finds a bulletin of the library or nothing; a path finds nothing."""
    for name in ("0" * 64, "../seeds/a.txt", library.bulletins[0].name, ""):
        assert bulletin_html(library, name, None, None) is None


def test_only_a_web_address_becomes_a_link(library: Library) -> None:
    """What a bulletin calls its address may be a script."""
    for url, links in (("javascript:alert(1)", 0), ("https://example.invalid/a?b=1&c=2", 1)):
        bulletin = replace(library.bulletins[0], url=url)
        library.by_digest[bulletin.sha256] = library.by_name[bulletin.name] = bulletin
        page = LexborHTMLParser(bulletin_html(library, bulletin.sha256, None, None) or "")
        assert len(page.css("dl a")) == links
        assert url in page.css_first("dl").text()


def test_dates_and_lists_read_like_english() -> None:
    """A date has no leading zero; the last two of a list are joined by "and"."""
    assert long_date(dt.date(2023, 4, 9)) == "9 April 2023"
    assert long_date(None) == "undated"
    assert [join_names([]), join_names(["a"]), join_names(["a", "b"]), join_names("abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_examples_come_from_the_seeds(seeds: Library) -> None:
    """The questions to start with name only what the library holds."""
    assert example_questions(seeds) == (
        "What consular protection events happened?",
        "What did Haidian District report in 2024?",
        "What do the bulletins say about “Advancing biomedical cooperation with Russia”?",
        "What is the latest news from Changping District?",
        "What happened in April 2023?",
    )


def test_no_example_speaks_of_what_the_library_lacks(library: Library) -> None:
    """Without a passage on consular protection, that question is not offered."""
    questions = example_questions(library)
    assert questions
    assert not any("consular" in question for question in questions)


LIST = {"kind": "list", "exhaustive": True, "sort": "date-desc"}


@pytest.fixture
def newsletters(tmp_path: Path) -> Library:
    """Three bulletins of twelve events each."""
    return build_library(
        tmp_path,
        **{
            f"n{month}": f"News of month {month}\nDate: 2024-0{month}-15\nSource: The Office\n\n"
            + "\n\n".join(
                f"{name} District\n\nEvent {month}-{number} takes place\n\n"
                f"Event {month}-{number} was held in the park. Many guests came. It rained."
                for number, name in enumerate(["Haidian", "Chaoyang", "Fengtai", "Miyun"] * 3)
            )
            for month in (1, 2, 3)
        },
    )


def events(library: Library, *which: str, **other: object) -> list[Quote]:
    """Quotes of "MONTH-NUMBER" events, with the paragraph around them."""
    quotes = []
    for one in which:
        bulletin = library.by_name[f"n{one[0]}.txt"]
        at = library.text(bulletin.sha256).index(f"Event {one} was")
        words = f"Event {one} was held in the park. Many guests came."
        fields = {
            "districts": ("Haidian District",),
            "heading": f"Event {one}",
            "around": Span(at, at + len(words) + 11),
        }
        quotes.append(quote_of(library, bulletin, words, "Many guests came.", **fields | other))
    return quotes


def test_a_list_has_each_bulletin_s_head_once(newsletters: Library) -> None:
    """Entries stand under their bulletin, bulletins in the answer's order, however the entries were mixed."""
    answer = answer_of(*events(newsletters, "3-1", "2-5", "3-2", "1-1", "2-6"), **LIST)
    html = LexborHTMLParser(answer_html(answer, newsletters))
    groups = html.css(".bulletin")
    assert [group.css_first("h3").text() for group in groups] == [f"News of month {month}" for month in (3, 2, 1)]
    assert [time.attributes["datetime"] for time in html.css("time")] == ["2024-03-15", "2024-02-15", "2024-01-15"]
    assert [[entry.css_first("h4 > bdi").text() for entry in group.css("article")] for group in groups] == [
        ["Event 3-1", "Event 3-2"],
        ["Event 2-5", "Event 2-6"],
        ["Event 1-1"],
    ]
    assert [entry.attributes["aria-label"] for entry in html.css("article")] == [f"Quote {n} of 5" for n in range(1, 6)]
    assert [mark.text() for mark in html.css("article > blockquote mark")] == ["Many guests came."] * 5


def test_what_answers_one_question_keeps_its_order(newsletters: Library) -> None:
    """The best passage stays first, and each has its bulletin's head."""
    html = LexborHTMLParser(answer_html(answer_of(*events(newsletters, "3-1", "1-1", "3-2")), newsletters))
    assert [head.text() for head in html.css("h3")] == ["News of month 3", "News of month 1", "News of month 3"]


def test_a_long_list_shows_ten_entries_and_the_others_on_demand(newsletters: Library) -> None:
    """None is lost or doubled; a head that stands above already is not repeated."""
    which = [f"{month}-{number}" for month in (3, 2) for number in range(12)]
    html = LexborHTMLParser(answer_html(answer_of(*events(newsletters, *which), **LIST), newsletters, key="k"))
    assert len(html.css("article")) == 24
    more = html.css("details.more")
    assert [part.css_first("summary").text() for part in more] == ["Show the other 14"]
    assert len(more[0].css("article")) == 14
    assert [head.text() for head in html.css("h3")] == ["News of month 3", "News of month 2"]
    assert more[0].css_first(".when").text() == "15 March 2024, continued"
    ten = LexborHTMLParser(answer_html(answer_of(*events(newsletters, *which[:10]), **LIST), newsletters))
    assert ten.css("details.more") == []


def test_a_very_long_list_is_whole_only_in_its_file(newsletters: Library) -> None:
    """The page stops at 200 entries and says how many more the file has."""
    html = LexborHTMLParser(answer_html(answer_of(*events(newsletters, "3-1") * 230, **LIST), newsletters, key="k"))
    assert len(html.css("article")) == 200
    assert html.css_first("details.more > summary").text() == "Show the next 190"
    assert "30 more are in the CSV file." in html.body.text()


def test_things_compared_stand_side_by_side(newsletters: Library) -> None:
    """A section for each, in the question's order, with its own entries; one without any says so."""
    sides = tuple(Comparand(label, label) for label in ("Miyun <District>", "Haidian District", "Fengtai District"))
    quotes = [
        *events(newsletters, "3-1", "1-2", side="Haidian District"),
        *events(newsletters, "2-1", side="Miyun <District>"),
    ]
    html = LexborHTMLParser(
        answer_html(answer_of(*quotes, kind="compare", exhaustive=True, comparands=sides), newsletters)
    )
    shown = html.css(".sides > section.side")
    assert [side.css_first("h2").text() for side in shown] == [side.label for side in sides]
    assert [len(side.css("article")) for side in shown] == [1, 2, 0]
    assert "Nothing was found for this." in shown[2].text()


def test_conditions_are_buttons(library: Library) -> None:
    """Each names itself, says what pressing it does, and carries what the desk needs to know; nothing runs inline."""
    chips = (Condition('period:"2023"', "2023 <b>"), Condition("topic:earlier", "consular protection", inherited=True))
    html = LexborHTMLParser(answer_html(answer_of(status="no_match", conditions=chips), library, key="abc"))
    buttons = html.css(".chips button[type=button]")
    assert [" ".join(button.text().split()) for button in buttons] == [
        "2023 <b> ×",
        "carried over: consular protection ×",
    ]
    assert [button.attributes["aria-label"] for button in buttons] == [
        "Remove the condition 2023 <b>",
        "Remove the condition carried over: consular protection",
    ]
    assert [button.attributes["data-condition"] for button in buttons] == ['period:"2023"', "topic:earlier"]
    assert {button.attributes["data-answer"] for button in buttons} == {"abc"}
    assert not [name for node in html.css("*") for name in node.attributes if name.startswith("on")]


def test_the_notice_stands_first(library: Library) -> None:
    """Above the message, as a note, escaped."""
    answer = answer_of(quote_of(library, library.bulletins[0], "And more."), notice="Call <b>12308</b>.")
    html = LexborHTMLParser(answer_html(answer, library))
    notice = html.css_first("[role=note]")
    assert notice.text() == "Call <b>12308</b>."
    assert html.body.text().strip().startswith("Call <b>12308</b>.")
    assert LexborHTMLParser(answer_html(replace(answer, notice=None), library)).css("[role=note]") == []


def test_the_paragraph_around_a_quote_is_one_click_away(newsletters: Library) -> None:
    """It is the stored text, with the quote marked inside; a quote that is the whole paragraph has none."""
    quote = events(newsletters, "1-3", note="An earlier text, dated 2024-01-01, <differs>.")[0]
    html = LexborHTMLParser(answer_html(answer_of(quote), newsletters))
    around = html.css_first("details.around")
    assert around.css_first("blockquote").text() == f"{quote.text} It rained."
    assert around.css_first("mark").text() == quote.text
    assert html.css_first("article > blockquote + .remark").text() == quote.note
    whole = replace(quote, around=Span(quote.start, quote.end))
    assert LexborHTMLParser(answer_html(answer_of(whole), newsletters)).css("details") == []


@pytest.mark.parametrize(("start", "end"), [(5, 0), (0, -5), (-1, 0), (0, 10**6)])
def test_a_paragraph_that_does_not_hold_its_quote_is_never_shown(newsletters: Library, start: int, end: int) -> None:
    """Cut short at either end, or outside the text: the whole answer is withheld."""
    quote = events(newsletters, "1-3")[0]
    around = Span(quote.start + start if start >= 0 else start, quote.end + end)
    with pytest.raises(QuoteMismatch):
        answer_html(answer_of(replace(quote, around=around)), newsletters)


def test_colours_are_easy_to_read() -> None:
    """Text on its ground has a contrast of at least 4.5 to 1, by day and by night."""
    css = (Path(render_module.__file__).parent / "static" / "tokens.css").read_text(encoding="utf-8")
    for block in re.findall(r":root \{(.*?)color-scheme", css, re.DOTALL):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for ink in ("ink", "soft", "seal", "link"):
            for ground in ("paper", "sheet", "ask", "warn"):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert contrast(colours["ink"], colours["mark"]) >= 4.5
        assert contrast(colours["sheet"], colours["link"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)
