"""One bulletin in every format: the same head, districts, headings and paragraphs, and text that is the file's own."""

from __future__ import annotations

import hashlib
import html
import io
import os
import re
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Word
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from playwright.sync_api import Browser

from rag import limits
from rag.errors import BulletinUnreadable
from rag.ingest.near_duplicates import body_digest
from rag.ingest.parse import parse
from rag.ingest.readers.registry import READERS
from rag.ingest.sections import split_sections
from rag.models import Bulletin
from tests.support.paths import DEV, SEEDS
from tests.support.pdf_files import text_pdf
from tests.support.rag_command import RunRag
from tests.support.sample_bulletins import FIRST

CHINESE = """房山区举办海外安全讲座
日期：2024-08-21
来源：房山区外事办公室

8月16日，房山区外办在良乡大学城举办海外安全讲座，三百名留学生和二十名教师参加了这次活动。

学生们还参观了外事展览。"""
SAME = {"first": FIRST} | {
    path.stem: path.read_text(encoding="utf-8")
    for path in (
        SEEDS / "000_348e3b90bbf4e686.txt",
        DEV / "corpus" / "bulletin_018.txt",
        DEV / "corpus" / "bulletin_002.txt",
    )
}
STYLES = {
    "spaced": "body { font: 11pt serif }",
    "indented": "body { font: 11pt serif; text-align: justify } p { margin: 0; text-indent: 2em }",
    "columns": "body { font: 10pt serif; columns: 2 } p { margin: 0 0 .7em }",
}
LINK = "https://a.org/_b"
RUNNING = '<span style="font-size: 8px; margin: auto">{}</span>'
PAGE_NUMBER = '<span class="pageNumber"></span> / <span class="totalPages"></span>'


def printed(browser: Browser, paragraphs: Sequence[str], style: str) -> bytes:
    """The paragraphs as a PDF that a browser prints, with running heads and page numbers."""
    page = browser.new_page()
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    page.set_content(f"<meta charset=utf-8><style>{style}</style>{body}")
    made = page.pdf(
        format="A5",
        margin={"top": "2cm", "bottom": "2cm", "left": "2cm", "right": "2cm"},
        display_header_footer=True,
        header_template=RUNNING.format("Beijing Foreign Affairs Bulletin"),
        footer_template=RUNNING.format(PAGE_NUMBER),
    )
    page.close()
    return made


def paragraphs_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def word(document: Word) -> bytes:
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def written(folder: Path, content: str | bytes, name: str) -> Bulletin:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    bulletin = parse(path)
    check_lines(bulletin)
    return bulletin


def check_lines(bulletin: Bulletin) -> None:
    """The lines stand in the text, one after the other, and begin and end with words."""
    at = 0
    for line in bulletin.body:
        assert at <= line.start < line.end <= len(bulletin.text)
        assert line.of(bulletin.text) == line.of(bulletin.text).strip()
        at = line.end


def lines(bulletin: Bulletin) -> list[str]:
    return [line.of(bulletin.text) for line in bulletin.body]


def marked(bulletin: Bulletin) -> list[tuple[str, str]]:
    return [(line.kind, line.of(bulletin.text)) for line in bulletin.body]


def seen(bulletin: Bulletin) -> tuple[object, ...]:
    """What a reader is told of it: head, districts, headings, and what its paragraphs say."""
    found = split_sections(bulletin)
    heads = [(section.role, section.districts, section.heading) for section in found]
    return bulletin.title, bulletin.date, bulletin.source, heads, body_digest(bulletin.text, found)


def refused(path: Path) -> str:
    with pytest.raises(BulletinUnreadable) as caught:
        parse(path)
    line = str(caught.value)
    assert "\n" not in line
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", SAME)
def test_a_bulletin_is_the_same_in_every_format(name: str, browser: Browser, tmp_path: Path) -> None:
    """Title, date, source, districts, headings and paragraphs, whether wrapped or not, however it is printed."""
    text = SAME[name]
    expected = seen(written(tmp_path, text, "a.txt"))
    assert expected[0]
    assert expected[1]
    paragraphs = paragraphs_of(text)
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    wrapped = (textwrap.fill(paragraph, 76, break_on_hyphens=False) for paragraph in paragraphs)
    found = {
        "a.md": seen(written(tmp_path, text, "a.md")),
        "wrapped.md": seen(written(tmp_path, "\n\n".join(wrapped), "wrapped.md")),
        "a.docx": seen(written(tmp_path, word(document), "a.docx")),
    }
    for style, css in STYLES.items():
        found[f"{style}.pdf"] = seen(written(tmp_path, printed(browser, paragraphs, css), f"{style}.pdf"))
    assert found == dict.fromkeys(found, expected)


@pytest.mark.process
def test_marked_up_as_word_and_markdown_mark_it_up_it_is_the_same(tmp_path: Path) -> None:
    """Titles and headings that are styled as such, and front matter, tell no more than plain lines do."""
    expected = seen(written(tmp_path, FIRST, "a.txt"))
    title, *head, _ = paragraphs_of(FIRST)[:4]
    body = paragraphs_of(FIRST)[4:]
    headings = {body[1]: 2, body[2]: 3, body[4]: 2, body[5]: 3}
    document = Document()
    document.add_heading(title, 0)
    for line in head:
        document.add_paragraph(line)
    for line in body:
        document.add_heading(line, headings[line]) if line in headings else document.add_paragraph(line)
    assert seen(written(tmp_path, word(document), "a.docx")) == expected
    signs = {2: "## ", 3: "### ", 0: ""}
    blocks = "\n\n".join(signs[headings.get(line, 0)] + line for line in body)
    front = f'---\ntitle: "{title}"\ndate: 2024-05-10\nsource: Beijing Foreign Affairs Office\n---\n'
    broken = "  \n".join(head)
    bold = f"**Date:** 2024-05-10\\\n**Source:** {expected[2]}"
    for start in (front, f"{front}# {title}\n\n", f"# {title}\n\n{broken}\n\n", f"# *{title}*\n\n{bold}\n\n"):
        assert seen(written(tmp_path, start + blocks, "a.md")) == expected
    strong = blocks.replace("## Haidian District", "**Haidian District**")
    assert seen(written(tmp_path, front + strong, "b.md")) == expected


def test_the_lines_of_markdown_begin_after_its_marks(tmp_path: Path) -> None:
    """Headings, items, quotations in quotations, tables and captions; wrapped words are one line of the bulletin."""
    text = """# Peaches for *Lisbon*

A train with peaches left for Lisbon on May 4, and will arrive
in three weeks.

## **Pinggu District** ##

> “We came,”
> said the mayor,
>> and left.

- one
  goes on
- two

  still two

7. Bring a passport
8. Bring a photo

Setext
------

| Country | Guests |
|:--------|-------:|
| Norway  | 12     |

![a train](train.jpg)
*The train leaves*

Left.__
Came.\\
Stayed.

<div align="center"><b>In a box</b></div>

<!-- nobody reads this -->

    Indented words.

```
In a fence.
```

[1]: https://example.org
"""
    text = text.replace("__\n", "  \n")
    bulletin = written(tmp_path, text, "a.md")
    assert bulletin.text == text
    assert bulletin.title == "Peaches for Lisbon"
    assert marked(bulletin) == [
        ("", "A train with peaches left for Lisbon on May 4, and will arrive\nin three weeks."),
        ("heading", "Pinggu District"),
        ("", "“We came,”\n> said the mayor,"),
        ("", "and left."),
        ("item", "one\n  goes on"),
        ("item", "two"),
        ("item", "still two"),
        ("item", "7. Bring a passport"),
        ("item", "8. Bring a photo"),
        ("heading", "Setext"),
        ("row", "Country | Guests"),
        ("row", "Norway  | 12"),
        ("caption", "The train leaves"),
        ("", "Left."),
        ("", "Came."),
        ("", "Stayed."),
        ("", "In a box"),
        ("", "Indented words."),
        ("", "In a fence."),
    ]


@pytest.mark.parametrize("end_of_line", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_markdown_in_any_encoding_and_with_any_line_ends(encoding: str, end_of_line: str, tmp_path: Path) -> None:
    """The text is the file's, whatever ends its lines; Chinese is read like English."""
    text = ("# " + CHINESE + "\n\n> 他们说，\n> 来了。\n\n- 一\n- 二\n").replace("\n", end_of_line)
    bulletin = written(tmp_path, text.encode(encoding), "a.md")
    assert (bulletin.text, bulletin.encoding) == (text, encoding)
    assert (bulletin.title, str(bulletin.date), bulletin.source) == (
        "房山区举办海外安全讲座",
        "2024-08-21",
        "房山区外事办公室",
    )
    assert lines(bulletin)[-3:] == [f"他们说，{end_of_line}> 来了。", "一", "二"]
    assert split_sections(bulletin)[0].districts == ("Fangshan District",)


@pytest.mark.parametrize(
    ("front", "head"),
    [
        ("title: One: two\ndate: 2024-05-10\nsource: The Office", ("One: two", "2024-05-10", "The Office", None)),
        ("Title: 'It''s one'\nDATE: May 10, 2024\nlink: https://a.org/_b", ("It's one", "2024-05-10", None, LINK)),
        ("title: >-\n  One\n  two\ntags:\n  - a\n- b\n# date: 2024-01-01\n", ("One two", None, None, None)),
        ("date: yesterday\nsource:", (None, None, None, None)),
        ("updated: 2024-05-10\nlayout: page", (None, None, None, None)),
    ],
)
def test_front_matter_gives_the_head(front: str, head: tuple[str | None, ...], tmp_path: Path) -> None:
    """What it doesn't state in full is not known."""
    bulletin = written(tmp_path, f"---\n{front}\n---\n\nThe guests bowed twice on May 3.\n", "a.md")
    stated = (bulletin.title, bulletin.date and str(bulletin.date), bulletin.source, bulletin.url)
    assert (stated, lines(bulletin)) == (head, ["The guests bowed twice on May 3."])


def test_a_rule_and_prose_are_no_front_matter(tmp_path: Path) -> None:
    """Between two rules anything may stand."""
    bulletin = written(tmp_path, "---\nThe guests bowed: twice.\nThen they left for Norway\n---\n\nThey came.", "a.md")
    assert lines(bulletin) == ["The guests bowed: twice.\nThen they left for Norway", "They came."]


@pytest.mark.process
def test_a_number_between_paragraphs_is_a_headings(tmp_path: Path) -> None:
    """Above a text, "1. Haidian District" opens a section, in Markdown and in Word; several in a row are a list."""
    events = {"Haidian District": "Robots bowed on May 3.", "Miyun District": "Guests came on May 4."}
    text = "# All Districts\n"
    document = Document()
    document.add_paragraph("All Districts")
    for number, (district, words) in enumerate(events.items(), 1):
        text += f"\n{number}. {district}\n\n{words}\n"
        document.add_paragraph(district, style="List Number")
        document.add_paragraph(words)
    for bulletin in (written(tmp_path, text, "a.md"), written(tmp_path, word(document), "a.docx")):
        assert [s.districts for s in split_sections(bulletin)] == [("Haidian District",), ("Miyun District",)]
    listed = written(tmp_path, "# Guests\n\nThese came:\n\n1. Haidian District\n2. Miyun District\n3. Nobody\n", "b.md")
    assert [line.kind for line in listed.body] == ["", "item", "item", "item"]


def test_markdown_that_no_bulletin_is_like_is_refused(tmp_path: Path) -> None:
    """Nested without end, or with lines without number."""
    for text, what in [
        ("> " * 500 + "a", "nests its lists and quotations too"),
        ("a\n" * limits.MAX_MARKDOWN_LINES, "holds over"),
    ]:
        path = tmp_path / "a.md"
        path.write_text(text, encoding="utf-8")
        assert refused(path).startswith(what)


@pytest.mark.process
def test_what_word_says_of_its_paragraphs_is_kept(tmp_path: Path) -> None:
    """Headings, lists, tables, captions, bold lines and line breaks; a table that arranges the page is none."""
    document = Document()
    document.add_heading("Peaches for Lisbon", 1)
    head = document.add_paragraph("Date: 2024-05-10").add_run()
    head.add_break()
    head.add_text("Source: The Office")
    document.add_paragraph("A train left on May 4.")
    document.add_heading("Pinggu District", 2)
    document.add_paragraph().add_run("The farmers").bold = True
    document.add_paragraph("They came by train.")
    document.add_paragraph("a passport", style="List Bullet")
    document.add_paragraph("a photo", style="List Bullet")
    numbered = f'<w:pPr {nsdecls("w")}><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    document.add_paragraph("a letter")._p.insert(0, parse_xml(numbered))
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Norway", "12"
    document.add_paragraph("The train leaves", style="Caption")
    frame = document.add_table(1, 2)
    frame.cell(0, 0).text, frame.cell(0, 1).text = "Miyun District", "Guests bowed. " * 30
    bulletin = written(tmp_path, word(document), "a.docx")
    assert (bulletin.title, str(bulletin.date), bulletin.source) == ("Peaches for Lisbon", "2024-05-10", "The Office")
    assert marked(bulletin) == [
        ("", "A train left on May 4."),
        ("heading", "Pinggu District"),
        ("strong", "The farmers"),
        ("", "They came by train."),
        ("item", "a passport"),
        ("item", "a photo"),
        ("item", "a letter"),
        ("row", "Norway"),
        ("row", "12"),
        ("caption", "The train leaves"),
        ("", "Miyun District"),
        ("", ("Guests bowed. " * 30).strip()),
    ]
    assert bulletin.text.startswith("Peaches for Lisbon\n\nDate: 2024-05-10\nSource: The Office\n\nA train left")


PROSE = "The guests of the city bowed twice when they came to the old town and left a letter behind"


@pytest.mark.process
def test_paragraphs_go_on_over_pages_and_what_stands_around_them_is_left_out(tmp_path: Path) -> None:
    """Page numbers and running heads are no words of the bulletin, and cut no sentence."""
    pages = []
    for number in (1, 2, 3):
        body = [(60.0, 740.0 - 14 * row, 11.0, f"{PROSE} {number}{row}") for row in range(40)]
        body[-1] = (60.0, body[-1][1], 11.0, "and nobody knew why they went." if number == 3 else body[-1][3])
        head, foot = (200.0, 800.0, 9.0, "Bulletin of May 2024"), (290.0, 40.0, 9.0, f"- {number} -")
        pages.append([head, *body, foot])
    bulletin = written(tmp_path, text_pdf(*pages), "a.pdf")
    assert len(bulletin.body) == 1
    assert bulletin.text.count("\n") == 119
    assert "Bulletin of May" not in bulletin.text
    assert not re.search(r"- \d -", bulletin.text)


@pytest.mark.process
def test_where_a_paragraph_ends_in_a_pdf(tmp_path: Path) -> None:
    """At a gap, an indent, a short line, another size or a bullet; a heading over two lines is one."""
    size = 11.0
    rows = [
        (60.0, 780.0, 18.0, "A Long Title That Goes Over More Than One Line"),
        (60.0, 760.0, 18.0, "of a Bulletin"),
        (60.0, 735.0, size, "Date: 2024-05-10"),
        (60.0, 721.0, size, "Source: The Office"),
        (60.0, 700.0, size, f"{PROSE} ago"),
        (60.0, 686.0, size, "on May 4."),
        (60.0, 665.0, size, f"{PROSE}."),
        (60.0, 651.0, size, f"They said that {PROSE.lower()[:69]}"),
        (82.0, 637.0, size, f"{PROSE[:86]} for"),
        (60.0, 623.0, size, f"{PROSE} it"),
        (60.0, 609.0, size, "was."),
        (60.0, 595.0, size, f"• {PROSE} a"),
        (70.0, 581.0, size, "letter."),
        (60.0, 567.0, size, f"• {PROSE}."),
        (60.0, 540.0, 14.0, "Haidian District"),
        (60.0, 520.0, size, f"{PROSE} by"),
        (60.0, 506.0, size, "train."),
    ]
    bulletin = written(tmp_path, text_pdf(rows), "a.pdf")
    assert bulletin.title == "A Long Title That Goes Over More Than One Line of a Bulletin"
    assert (str(bulletin.date), bulletin.source) == ("2024-05-10", "The Office")
    assert marked(bulletin) == [
        ("", f"{PROSE} ago\non May 4."),
        ("", f"{PROSE}.\nThey said that {PROSE.lower()[:69]}"),
        ("", f"{PROSE[:86]} for\n{PROSE} it\nwas."),
        ("item", f"• {PROSE} a\nletter."),
        ("item", f"• {PROSE}."),
        ("heading", "Haidian District"),
        ("", f"{PROSE} by\ntrain."),
    ]


@pytest.mark.process
def test_a_chinese_pdf_is_read_like_an_english_one(tmp_path: Path) -> None:
    """Its lines are full without spaces."""
    title, date, source, *body = paragraphs_of(CHINESE)
    rows = [(60.0, 780.0, 16.0, title), (60.0, 750.0, 11.0, date), (60.0, 735.0, 11.0, source)]
    rows += [(60.0, 710.0, 11.0, body[0][:40]), (60.0, 696.0, 11.0, body[0][40:]), (60.0, 670.0, 11.0, body[1])]
    bulletin = written(tmp_path, text_pdf(rows), "a.pdf")
    assert (bulletin.title, str(bulletin.date), bulletin.source) == (title, "2024-08-21", "房山区外事办公室")
    assert lines(bulletin) == [f"{body[0][:40]}\n{body[0][40:]}", body[1]]


@pytest.mark.process
def test_digests_and_encoding_say_what_was_read(tmp_path: Path) -> None:
    """The file's digest is of its bytes, the text's of its UTF-8; the text of a PDF or of Word has no encoding."""
    document = Document()
    document.add_paragraph("The guests bowed twice on May 3.")
    made = text_pdf([(60, 700, 11, "The guests bowed twice on May 3.")])
    for name, data in (("a.PDF", made), ("a.Docx", word(document))):
        bulletin = written(tmp_path, data, name)
        assert (bulletin.name, bulletin.encoding) == (name, name[2:].lower())
        assert bulletin.text == "The guests bowed twice on May 3."
        assert bulletin.file_sha256 == hashlib.sha256(data).hexdigest()
        assert bulletin.sha256 == hashlib.sha256(bulletin.text.encode()).hexdigest()


@pytest.mark.parametrize("suffix", READERS)
def test_a_file_that_is_far_too_large_is_refused_by_its_size(suffix: str, tmp_path: Path) -> None:
    """200 MB of which nothing is read: the file has no blocks on the disk, and reading it would give zeros."""
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    largest = limits.MAX_BINARY_FILE_BYTES if suffix in (".pdf", ".docx") else limits.MAX_TEXT_FILE_BYTES
    assert refused(path) == f"is larger than {largest:,} bytes. Check that it is one bulletin; split it if it is"


def test_a_file_that_differs_when_it_is_read_again_is_being_written(tmp_path: Path) -> None:
    """The kernel makes up this one anew each time."""
    path = tmp_path / "a.txt"
    path.symlink_to("/proc/sys/kernel/random/uuid")
    assert refused(path) == "is being written just now. Index again when that is done"


@pytest.mark.process
def test_a_file_that_is_touched_while_it_is_read_is_being_written(tmp_path: Path) -> None:
    """Another process writes the same words into it over and over: the bulletin is theirs, or refused."""
    text = "The guests bowed twice on May 3.\n" * 20_000
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    script = f"while True:\n with open({str(path)!r}, 'r+b') as file: file.write(b'The guests')"
    writer = subprocess.Popen([sys.executable, "-c", script])
    found: Counter[str] = Counter()
    try:
        while found["is being written just now"] < 3 and found.total() < 400:
            try:
                found["read" if parse(path).text == text else "misread"] += 1
            except BulletinUnreadable as error:
                found[error.what] += 1
    finally:
        writer.kill()
        writer.wait()
    assert found["is being written just now"] == 3
    assert set(found) <= {"read", "is being written just now"}
    assert parse(path).text == text


@pytest.mark.process
def test_the_stored_text_is_printed(rag: RunRag, tmp_path: Path) -> None:
    """``parse --text`` prints what quotes are cut from, in every format."""
    document = Document()
    document.add_paragraph("The guests bowed.").add_run().add_break()
    document.add_paragraph("They left.")
    files = {
        "a.md": b"# The *guests*\n\nThey bowed.\n",
        "b.docx": word(document),
        "c.pdf": text_pdf([(60, 700, 11, "The guests bowed."), (60, 680, 11, "They left.")]),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = rag("parse", "--text", *(tmp_path / name for name in files), RAG_SEEDS=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "# The *guests*\n\nThey bowed.\nThe guests bowed.\n\nThey left.The guests bowed.\nThey left."


def test_names_may_hold_anything(tmp_path: Path) -> None:
    """A line break in a file's name makes no second line of a refusal."""
    for suffix in READERS:
        path = tmp_path / f"a\nb<script>{suffix}"
        path.write_bytes(os.urandom(200) + b"\0")
        with pytest.raises(BulletinUnreadable) as caught:
            parse(path)
        assert "\n" not in str(caught.value)
