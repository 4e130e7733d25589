"""One bulletin in every format: the same head, districts, headings and paragraphs."""

from __future__ import annotations

import hashlib
import os
import textwrap
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser

from rag.errors import BulletinUnreadable
from rag.ingest.formats import FORMATS
from rag.ingest.parse import parse
from tests.support.formats import (
    paragraphs_of,
    printed,
    seen,
    word,
    written,
)
from tests.support.paths import DEV, SEEDS
from tests.support.pdf_files import text_pdf
from tests.support.rag_command import RunRag
from tests.support.sample_bulletins import FIRST

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
    for suffix in FORMATS:
        path = tmp_path / f"a\nb<script>{suffix}"
        path.write_bytes(os.urandom(200) + b"\0")
        with pytest.raises(BulletinUnreadable) as caught:
            parse(path)
        assert "\n" not in str(caught.value)
