"""Markdown: lines begin after their markup, front matter gives the head, wrapped rows are one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document

from rag import limits
from rag.ingest.sections import split_sections
from tests.support.formats import (
    CHINESE,
    lines,
    marked,
    refused,
    word,
    written,
)

LINK = "https://a.org/_b"


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
