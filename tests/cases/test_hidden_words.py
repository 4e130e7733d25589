"""What an author hid or struck is left out of the text, and the operator is told which words and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.text.paragraph import Paragraph

from rag.ingest.parse import parse
from rag.ingest.pipeline import ingest
from rag.ingest.readers.html import read_html
from rag.ingest.refused import Refused
from rag.web.operator.preview import preview, warnings
from tests.support.formats import word, written

PARSE = Path(__file__).parent / "data" / "parse"
PAGE = "<!DOCTYPE html><html><head><title>Boat tour</title>{}</head><body><h1>Boat tour</h1>{}</body></html>"


def page(markup: str, head: str = "") -> str:
    return PAGE.format(head, f"<p>The tour is on May 3.</p>{markup}")


@pytest.mark.parametrize(
    ("markup", "head", "hidden"),
    [
        ("<p>A seat costs <del>70</del> <ins>60</ins> yuan.</p>", "", "70"),
        ("<p>A seat costs <s>70</s> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <strike>70</strike> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='text-decoration: line-through red'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='TEXT-DECORATION-LINE:underline line-through'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span hidden>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <b style='display : none !important'>70</b> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <i style='visibility:collapse'>70</i> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='font-size:0px'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='opacity: 0.0'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='position:absolute;left:-9999px'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='position:absolute;clip:rect(0 0 0 0)'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='clip-path: inset(50%)'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='display:inline-block;text-indent:-999em'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='color:transparent'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='height:0;overflow:hidden'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span class='sr-only'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span class='price visually-hidden'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span class='screen-reader-text'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='color:#FFF;background:#fff'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <span style='filter: opacity(0%)'>70</span> 60 yuan.</p>", "", "70"),
        ("<p>A seat costs <q>70</q> 60 yuan.</p>", "<style>body > p>q { display:none }</style>", "70"),
        ("<p>A seat costs <span class=old>70</span> 60 yuan.</p>", "<style>.old{display:none}</style>", "70"),
        (
            "<p>A seat costs <span class='price old'>70</span> 60 yuan.</p>",
            "<style>p{color:red} /* x{ */ .price.old, #nothing { color: grey; text-decoration:line-through }</style>",
            "70",
        ),
        ("<p>A seat costs <em id=was>70</em> 60 yuan.</p>", "<style>@charset 'x'; #was{opacity:0}</style>", "70"),
        ("<p>A seat costs <q>70</q> 60 yuan.</p>", "<style>p q { visibility: hidden }</style>", "70"),
        (
            "<p>A seat costs <u>70</u> 60 yuan.</p>",
            "<style>@media screen { u { font-size: 0 } } @media print { p { display: none } }</style>",
            "70",
        ),
    ],
)
def test_what_a_page_hides_or_strikes_is_left_out(markup: str, head: str, hidden: str) -> None:
    """By tag, attribute, style, rule or customary class; a note says which words, and after which."""
    document = read_html(page(markup, head))
    assert document.text.split("\n")[-1] == "A seat costs 60 yuan."
    assert len(document.notes) == 1
    assert f"“{hidden}”" in document.notes[0]
    assert "after “A seat costs”" in document.notes[0]


@pytest.mark.parametrize(
    ("markup", "head"),
    [
        ("<p>A seat costs <ins>60</ins> yuan.</p>", ""),
        ("<p>A seat costs <u style='text-decoration:underline'>60</u> yuan.</p>", ""),
        ("<p style='font-size:0'>A<b style='font-size:14px'>A seat costs 60 yuan.</b></p>", ""),
        ("<p style='visibility:hidden'>A<b style='visibility:visible'>A seat costs 60 yuan.</b></p>", ""),
        ("<p style='opacity:0.9'>A seat costs 60 yuan.</p>", ""),
        ("<p style='text-indent:-2em'>A seat costs 60 yuan.</p>", ""),
        ("<p style='font-size:0.9em;margin-left:-10px'>A seat costs 60 yuan.</p>", ""),
        ("<p style='color:inherit;background:inherit'>A seat costs 60 yuan.</p>", ""),
        ("<p>A seat costs 60 yuan.</p>", "<style>p { color: unset; background: unset }</style>"),
        ("<p class='d-none d-md-block'>A seat costs 60 yuan.</p>", ""),
        ("<p class='tab open'>A seat costs 60 yuan.</p>", "<style>.tab.open{display:block} .tab{display:none}</style>"),
        ("<p>A seat costs 60 yuan.</p>", "<style>p:hover{display:none} p::before{opacity:0} p>b{}</style>"),
        ("<p class=x>A seat costs 60 yuan.</p>", "<style>@media (max-width: 600px) { .x { display: none } }</style>"),
        (
            "<p class=x>A seat costs 60 yuan.</p>",
            "<style>.x{display:none} #a .x{display:none} p.x{display:block}</style>",
        ),
        ("<p>A seat <i><b>costs</b></i> 60 yuan.</p>", "<style>p > b{display:none} h1 > p{opacity:0}</style>"),
        ("<p class=old-town>A seat costs 60 yuan.</p>", "<style>.old{display:none}</style>"),
        ("<p><span style='display:none'></span>A seat costs 60 yuan.</p>", "<style>}{{{.;x{</style>"),
    ],
)
def test_what_a_page_shows_stays(markup: str, head: str) -> None:
    """An insertion, a child that is shown again, a rule for other media or states or that a stronger one overrules."""
    assert read_html(page(markup, head)).text.split("\n")[-1] == "A seat costs 60 yuan."


def test_hidden_menus_around_the_article_make_no_notes() -> None:
    """Pages hide much that never was the bulletin's."""
    markup = "<p>A seat <s>at the bow</s> costs 60 yuan and is to be booked a week before May 3.</p>"
    around = (
        "<div hidden>Menu</div>" + page(f"<div class=content>{markup}</div>") + "<div style='display:none'>Codes</div>"
    )
    assert len(read_html(around).notes) == 1


def paragraph(document: Document, *pieces: tuple[str, str]) -> Paragraph:  # type: ignore[valid-type]
    """A paragraph of runs, each with the properties in its w:rPr."""
    added = document.add_paragraph()  # type: ignore[attr-defined]
    for properties, words in pieces:
        run = added.add_run(words)
        if properties:
            run._r.insert(0, parse_xml(f"<w:rPr {nsdecls('w')}>{properties}</w:rPr>"))
    return added


@pytest.mark.process
@pytest.mark.parametrize("properties", ["vanish", "strike", "dstrike", 'vanish w:val="1"', 'strike w:val="on"'])
def test_what_word_hides_or_strikes_is_left_out(properties: str, tmp_path: Path) -> None:
    """Told from the run's own properties."""
    document = Document()
    paragraph(document, ("", "A seat costs "), (f"<w:{properties}/>", "70"), ("", " 60 yuan."))
    bulletin = written(tmp_path, word(document), "a.docx")
    assert bulletin.text == "A seat costs 60 yuan."
    assert len(bulletin.notes) == 1
    assert "“70”" in bulletin.notes[0]
    assert "after “A seat costs”" in bulletin.notes[0]


@pytest.mark.process
def test_word_styles_hide_and_strike_too(tmp_path: Path) -> None:
    """A character's or paragraph's style, the style that it is based on, and what a run says against them."""
    document = Document()
    for name, kind, marks in (
        ("Secret", WD_STYLE_TYPE.CHARACTER, "<w:vanish/>"),
        ("Draft", WD_STYLE_TYPE.PARAGRAPH, "<w:strike/>"),
    ):
        style = document.styles.add_style(name, kind)
        style.element.append(parse_xml(f"<w:rPr {nsdecls('w')}>{marks}</w:rPr>"))
    document.styles.add_style("Later", WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Draft"]
    paragraph(document, ("", "A seat costs "), ('<w:rStyle w:val="Secret"/>', "70 "), ("", "60 yuan."))
    paragraph(document, ("", "The tour is off.")).style = "Draft"
    paragraph(document, ("", "Nobody comes. "), ('<w:strike w:val="0"/>', "Bring a coat.")).style = "Later"
    bulletin = written(tmp_path, word(document), "a.docx")
    assert bulletin.text == "A seat costs 60 yuan.\n\nBring a coat."
    assert [
        words for note in bulletin.notes for words in ("70", "The tour is off.", "Nobody comes.") if words in note
    ] == [
        "70",
        "The tour is off.",
        "Nobody comes.",
    ]


@pytest.mark.process
def test_words_tracked_as_deleted_and_hidden_rows_are_left_out(tmp_path: Path) -> None:
    """An insertion stays; words that were moved stand where they were moved to, and make no note."""
    document = Document()
    added = paragraph(document, ("", "A seat costs "))
    for tag, text in (
        ("del", "<w:delText>70</w:delText>"),
        ("ins", "<w:t>60</w:t>"),
        ("moveFrom", "<w:t>a boat</w:t>"),
    ):
        added._p.append(parse_xml(f"<w:{tag} {nsdecls('w')}><w:r>{text}</w:r></w:{tag}>"))
    added.add_run(" yuan.")
    table = document.add_table(2, 2)
    for number, words in enumerate(("Adults", "60", "Staff", "0")):
        table.cell(number // 2, number % 2).text = words
    table.rows[1]._tr.insert(0, parse_xml(f"<w:trPr {nsdecls('w')}><w:hidden/></w:trPr>"))
    bulletin = written(tmp_path, word(document), "a.docx")
    assert bulletin.text == "A seat costs 60 yuan.\n\nAdults\n\n60"
    assert ["“70”" in bulletin.notes[0], "“Staff”" in bulletin.notes[1]] == [True, True]
    assert "boat" not in " ".join(bulletin.notes)


@pytest.mark.process
def test_the_cases_are_read_as_their_authors_left_them() -> None:
    """Hidden and struck words in Word, and a replaced number on a page."""
    secret, struck = parse(PARSE / "P31.docx"), parse(PARSE / "P32.docx")
    assert secret.text.endswith("The fee is 140 yuan for all.")
    assert struck.text.endswith("\nnew price 80 yuan.")
    assert parse(PARSE / "P32.html").text.endswith("The fee is 80 yuan for all who come to the hall.")


def test_the_operator_is_told_before_and_while_it_is_indexed(tmp_path: Path) -> None:
    """In the preview's warnings and among the notes of the index."""
    file = tmp_path / "a.html"
    file.write_text(page("<p>A seat costs <del>70</del> 60 yuan.</p>"), encoding="utf-8")
    assert any("“70”" in line for line in warnings(preview(file, "a.html"), None))
    assert any("“70”" in line for line in ingest(file, "a.html", ()).notes)
    many = "".join(f"<p>Seat {number} <s>row {number}</s> is free.</p>" for number in range(50))
    notes = read_html(page(many)).notes
    assert len(notes) < 15
    assert "more" in notes[-1]


def test_a_page_of_too_many_rules_is_refused() -> None:
    """Trying each rule on each element of a hostile page would take hours."""
    rules = "".join(f".x{number} .y {{ opacity: 0 }}" for number in range(2_000))
    with pytest.raises(Refused, match="too long"):
        read_html(page("<p class=y>Words.</p>" * 3_000, f"<style>{rules}</style>"))
