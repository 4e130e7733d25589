"""No event is filed under another district than its own: headings as pages have them, tables, lines that lead over."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import docx
import pytest

from rag.ingest.parse import parse
from rag.ingest.sections import split_sections
from tests.cases.conftest import DATA

OWN = json.loads((DATA / "headings" / "own.json").read_text(encoding="utf-8"))
CASES = json.loads((DATA / "parse" / "P16_headings.json").read_text(encoding="utf-8"))["headings"]
HEAD = "District news\nDate: 2024-03-11\nSource: Beijing Foreign Affairs Office\n\n"
ABOVE = (
    f"{HEAD}Shijingshan District\n\nLecture in community\n\nForty residents joined the lecture in the community.\n\n"
)
TEXT = "Twenty guests from Peru planted ten trees by the lake on March 2.\n"
LECTURE = (("Shijingshan District",), "Lecture in community")
Found = list[tuple[tuple[str, ...], str | None, list[str]]]


def events(folder: Path, name: str, content: str | bytes) -> Found:
    """Districts, heading and paragraphs of each section that isn't a lead or closing."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    bulletin = parse(path)
    return [
        (section.districts, section.heading, [paragraph.of(bulletin.text) for paragraph in section.paragraphs])
        for section in split_sections(bulletin)
        if section.role == "event"
    ]


def outline(folder: Path, content: str) -> list[tuple[tuple[str, ...], str | None]]:
    return [(districts, heading) for districts, heading, _ in events(folder, "a.txt", content)]


@pytest.mark.parametrize("line", CASES)
def test_a_district_line_in_any_decoration_heads_its_event(line: str, tmp_path: Path) -> None:
    """The event below is the district's, and never of the one above."""
    found = outline(tmp_path, f"{ABOVE}{line}\n\nGuests plant trees\n\n{TEXT}")
    assert found[0] == LECTURE
    assert found[-1][0] == ("Haidian District",)


@pytest.mark.parametrize(("line", "districts"), OWN["headings"])
def test_what_the_line_is_makes_it_a_heading(line: str, districts: str, tmp_path: Path) -> None:
    """Marks, numbers, counts, translations, announcing words and misspellings beside the name change nothing."""
    found = outline(tmp_path, f"{ABOVE}{line}\n\nGuests plant trees\n\n{TEXT}")
    assert found[0] == LECTURE
    assert [(", ".join(names), heading) for names, heading in found[1:]] == [(districts, "Guests plant trees")]


@pytest.mark.parametrize(("line", "district", "headline"), OWN["prefixes"])
def test_a_decorated_district_before_a_headline(line: str, district: str, headline: str, tmp_path: Path) -> None:
    """The headline is what stands behind the district."""
    assert outline(tmp_path, f"{ABOVE}{line}\n\n{TEXT}") == [LECTURE, ((district,), headline)]


@pytest.mark.parametrize("headline", ["", "Guests plant trees\n\n"])
@pytest.mark.parametrize("line", OWN["naming"])
def test_a_line_that_names_another_district_ends_the_one_above(line: str, headline: str, tmp_path: Path) -> None:
    """What follows is that district's or nobody's."""
    first, *others = outline(tmp_path, f"{ABOVE}{line}\n\n{headline}{TEXT}")
    assert first == LECTURE
    assert others
    assert all("Shijingshan District" not in districts for districts, _ in others)


@pytest.mark.parametrize("line", OWN["not_headings"])
def test_lines_that_only_mention_a_district_head_nothing(line: str, tmp_path: Path) -> None:
    """Sentences about guests, credits and list items leave the section whole."""
    assert outline(tmp_path, f"{ABOVE}{line}\n\n{TEXT}") == [LECTURE]


@pytest.mark.parametrize(
    ("name", "districts"),
    [
        ("P14_h01.txt", ["Haidian", "Shijingshan", "Haidian", "Fengtai"]),
        ("P15_h03.txt", ["Haidian", "Xicheng", "Chaoyang", "Haidian", "Fengtai"]),
        ("P35.html", ["Haidian", "Xicheng"]),
        ("F06.txt", ["Chaoyang", "Haidian"]),
        ("F05.txt", ["Yanqing"]),
    ],
)
def test_districts_of_pages(name: str, districts: list[str]) -> None:
    """Each event has its own district, and links between events are none."""
    sections = split_sections(parse(DATA / "parse" / name))
    assert [s.districts for s in sections if s.role == "event"] == [(f"{one} District",) for one in districts]


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("P18_h04.txt", ["Keyword: Signs in Pilot Guest Houses", "Keyword: Real-time Translation"]),
        ("P19_h05.txt", ["Help throughout the journey"]),
        ("F18.txt", ["Senior Appointment"]),
    ],
)
def test_headings_of_pages(name: str, headings: list[str]) -> None:
    """A caption under "图片" is none, and marks around a heading aren't its words."""
    sections = split_sections(parse(DATA / "parse" / name))
    assert [s.heading for s in sections if s.role == "event"] == headings


@pytest.mark.parametrize(
    "mark", ["图片", "图片 1.png", "[图片]", "Image", "Picture 2", "WeChat Image 2023.jpg", "IMG_2034.JPG", "（配图）"]
)
def test_a_line_under_what_is_left_of_a_picture_is_its_caption(mark: str, tmp_path: Path) -> None:
    """It heads nothing, is nobody's paragraph, and the text below goes on."""
    body = f"{mark}\n\nOfficials look at the trees\n\nThe trees were watered.\n"
    assert events(tmp_path, "a.txt", ABOVE + body) == [
        (*LECTURE, ["Forty residents joined the lecture in the community.", "The trees were watered."])
    ]


def test_a_new_event_under_a_picture_keeps_its_district(tmp_path: Path) -> None:
    """A district's line, or a district and a headline, is no caption."""
    for line in ("Haidian District\n\nGuests plant trees", "Haidian District: Guests plant trees"):
        found = outline(tmp_path, f"{ABOVE}图片 2.png\n\n{line}\n\n{TEXT}")
        assert found[1:] == [(("Haidian District",), "Guests plant trees")]


def test_text_under_names_below_a_picture_is_nobodys(tmp_path: Path) -> None:
    """Whether "Fengtai District" right above a text is a caption or a heading can't be told; it isn't the one above."""
    found = outline(tmp_path, f"{ABOVE}Haidian District     Fengtai District\n\nFengtai District\n\n{TEXT}")
    assert [districts for districts, _ in found] == [("Shijingshan District",), ()]


def test_menus_behind_the_text_are_no_sections() -> None:
    """A heading of the site's own tools ends the bulletin, and a teaser doesn't make it go on."""
    bulletin = parse(DATA / "parse" / "F14.txt")
    (section,) = split_sections(bulletin)
    assert section.of(bulletin.text).endswith("told him of the port.")


def test_an_editors_note_is_no_title() -> None:
    """It stands above many texts."""
    assert parse(DATA / "parse" / "F05.txt").title is None


FENGTAI, MIYUN = "Fengtai District", "Miyun District"
GUESTS, KITES = "Twenty guests from Peru saw the lake on March 2.", "Masters taught 35 diplomats how kites are made."
ROWS = [[FENGTAI, GUESTS], [MIYUN, KITES]]
TABLES = [
    ROWS,
    [["No.", "District", "Event"], ["1", FENGTAI, GUESTS], ["2", MIYUN, KITES]],
    [["District", "Event"], [f"🌏 {FENGTAI}", GUESTS], ["密云区", KITES]],
    [[FENGTAI, "Guests see the lake", GUESTS], [MIYUN, "Kites for diplomats", KITES]],
]


def html_table(rows: Sequence[Sequence[str]], before: str = "", after: str = "") -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    head = '<meta charset="utf-8"><title>District news</title></head><body><h1>District news</h1>'
    return (
        f"<!DOCTYPE html><html><head>{head}<p>Date: 2024-03-11</p>{before}<table>{cells}</table>{after}</body></html>"
    )


def of_table(name: str, rows: list[list[str]]) -> str | bytes:
    """A bulletin with these rows as a table, by the suffix of its name."""
    if name.endswith(".html"):
        return html_table(rows)
    if name.endswith(".md"):
        lines = [f"| {' | '.join(row)} |" for row in (rows if rows[0][-1] == "Event" else [["", *rows[0][1:]], *rows])]
        lines.insert(1, "|---" * len(rows[0]) + "|")
        return "# District news\n\nDate: 2024-03-11\n\n" + "\n".join(lines) + "\n"
    if name.endswith(".txt"):
        return HEAD + "\n".join("\t".join(row) for row in rows) + "\n"
    document = docx.Document()
    document.add_paragraph("District news")
    document.add_paragraph("Date: 2024-03-11")
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def districts_of(words: str, found: Found) -> list[tuple[str, ...]]:
    return [districts for districts, _, paragraphs in found if any(words in paragraph for paragraph in paragraphs)]


@pytest.mark.parametrize("name", ["a.html", "a.md", "a.txt", pytest.param("a.docx", marks=pytest.mark.process)])
@pytest.mark.parametrize("rows", TABLES)
def test_each_row_of_a_table_is_of_the_district_in_its_cell(name: str, rows: list[list[str]], tmp_path: Path) -> None:
    """With numbers, a header and headlines beside the events, in every format."""
    found = events(tmp_path, name, of_table(name, rows))
    assert districts_of(GUESTS, found) == [(FENGTAI,)]
    assert districts_of(KITES, found) == [(MIYUN,)]


@pytest.mark.parametrize(
    "rows",
    [
        [[GUESTS, FENGTAI], [KITES, MIYUN]],
        [["March 2", FENGTAI, GUESTS], ["March 3", MIYUN, KITES]],
        [[FENGTAI], ["1", GUESTS], [MIYUN], ["1", KITES]],
        [[FENGTAI, GUESTS], ["A film was shown in the hall."], [MIYUN, KITES]],
    ],
)
def test_the_district_may_stand_in_any_cell(rows: list[list[str]], tmp_path: Path) -> None:
    """Last, after a date, in a row of its own, or once for several rows."""
    found = events(tmp_path, "a.html", html_table(rows))
    assert districts_of(GUESTS, found) == [(FENGTAI,)]
    assert districts_of(KITES, found) == [(MIYUN,)]


def test_text_around_a_table_is_of_none_of_its_districts(tmp_path: Path) -> None:
    """The section above ends at the first row, and the text below belongs to nobody."""
    above = "<h2>Shijingshan District</h2><p>Forty residents came to the lecture.</p>"
    found = events(tmp_path, "a.html", html_table(ROWS, above, "<p>The work goes on in all schools.</p>"))
    assert [districts for districts, *_ in found] == [("Shijingshan District",), (FENGTAI,), (MIYUN,), ()]


def test_a_table_of_figures_is_no_row_of_events(tmp_path: Path) -> None:
    """Names beside numbers stay in the section that counts them."""
    above = "<h2>Shijingshan District</h2><p>Forty residents came to the lecture.</p>"
    figures = [["District", "Guests"], ["Shijingshan District", "45"], [FENGTAI, "30"]]
    assert [districts for districts, *_ in events(tmp_path, "a.html", html_table(figures, above))] == [
        ("Shijingshan District",)
    ]


@pytest.mark.parametrize(
    ("body", "districts"),
    [
        (f"<ul><li>{FENGTAI}</li></ul><p>{GUESTS}</p>", (FENGTAI,)),
        (f"<ul><li>{FENGTAI}<ul><li>{GUESTS}</li></ul></li><li>{MIYUN}</li></ul>", (FENGTAI,)),
        (f"<ul><li>{FENGTAI}: {GUESTS}</li><li>{MIYUN}: {KITES}</li></ul>", ()),
        (f"<p>They came from:</p><ul><li>{FENGTAI}: 45</li><li>{MIYUN}: 30</li></ul><p>{GUESTS}</p>", LECTURE[0]),
        (f"<p><img src=a.jpg></p><p style='text-align:center'>{FENGTAI}</p><p>Guests</p><p>{GUESTS}</p>", (FENGTAI,)),
        (f"<p><img src=a.jpg></p><p style='text-align:center'>{FENGTAI}</p><p>{GUESTS}</p>", ()),
        (f"<p>March 2, {FENGTAI}</p><p>{GUESTS}</p>", (FENGTAI,)),
        (f"<h2>{FENGTAI} <a href=x>More&gt;&gt;</a></h2><p>{GUESTS}</p>", (FENGTAI,)),
    ],
)
def test_districts_on_pages_in_lists_and_under_pictures(body: str, districts: tuple[str, ...], tmp_path: Path) -> None:
    """An item over an event heads it; a list of figures doesn't; under a picture only a headline below tells."""
    above = f"<h2>{LECTURE[0][0]}</h2><h3>{LECTURE[1]}</h3><p>Forty residents joined the lecture.</p>"
    found = events(tmp_path, "a.html", html_table([], above + body))
    assert districts_of(GUESTS, found) == [districts]


@pytest.mark.parametrize("form", ["({})", "（{}）", "— {}", "– {}"])
def test_names_below_their_texts_head_nothing(form: str, tmp_path: Path) -> None:
    """Where the last of them ends the bulletin, each says whose the text above it is, and not the one below."""
    body = f"{GUESTS}\n\n{form.format(FENGTAI)}\n\n{KITES}\n\n{form.format(MIYUN)}\n"
    assert outline(tmp_path, HEAD + body) == [((), None)]
    assert outline(tmp_path, f"{HEAD}{form.format(FENGTAI)}\n\n{GUESTS}\n") == [((FENGTAI,), None)]


def test_a_text_signed_with_another_district_is_not_of_the_one_above(tmp_path: Path) -> None:
    """Its headline stays."""
    found = outline(tmp_path, f"{ABOVE}Kites for diplomats\n\n{KITES} ({MIYUN})\n")
    assert found == [LECTURE, ((), "Kites for diplomats")]


def test_what_stands_right_below_a_district_is_of_it(tmp_path: Path) -> None:
    """Its guests may come first in the sentence."""
    body = f"{ABOVE}{MIYUN}\n\nKites\n\nFengtai District sent its masters of kite making.\n"
    assert outline(tmp_path, body) == [LECTURE, ((MIYUN,), "Kites")]
