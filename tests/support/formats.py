"""Bulletins written to files of any format, and what is read from them."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from docx.document import Document as Word
from playwright.sync_api import Browser

from rag.errors import BulletinUnreadable
from rag.ingest.near_duplicates import body_digest
from rag.ingest.parse import parse
from rag.ingest.sections import split_sections
from rag.models import Bulletin

CHINESE = """房山区举办海外安全讲座
日期：2024-08-21
来源：房山区外事办公室

8月16日，房山区外办在良乡大学城举办海外安全讲座，三百名留学生和二十名教师参加了这次活动。

学生们还参观了外事展览。"""
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
