"""A file, or pasted text -> a draft: its text, and the block quotations in it.

The text has a line feed for each line break.  The marks that make a block quotation of a line (``>``) are taken off,
since they are no words of it, and so are Markdown's of emphasis in a file that says it is Markdown.  Everything else
stands as it was typed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path

from rag import limits
from rag.checking.drafts.paragraphs import Line, lines, quoted_lines
from rag.errors import DraftUnreadable, one_line
from rag.ingest.readers.docx_paragraphs import refuse_older
from rag.ingest.readers.markdown_marks import strip_marks
from rag.ingest.refused import Refused
from rag.ingest.sandbox import reader
from rag.models import Span

SUFFIXES = (".txt", ".md", ".docx")


@dataclass(frozen=True, slots=True)
class Draft:
    """``blocks`` are the block quotations in the text; ``name`` is its file, None where it was pasted; ``messages``
    are sentences about what isn't as it was in the file."""

    text: str
    blocks: tuple[Span, ...] = ()
    name: str | None = None
    messages: tuple[str, ...] = ()


def read_draft(data: bytes, name: str) -> Draft:
    """Reads the draft in a file's bytes; ``name`` says of which kind it is.

    Raises:
        DraftUnreadable: too large, empty, of another kind than ``SUFFIXES``, damaged, encrypted, or no text.
    """
    name = one_line(name)[-120:] or "the file"
    if not data:
        raise DraftUnreadable("is empty (0 bytes)", where=name, remedy="Save the draft again")
    if len(data) > limits.MAX_DRAFT_BYTES:
        raise DraftUnreadable(
            f"is larger than {limits.MAX_DRAFT_BYTES:,} bytes", where=name, remedy="Paste its text, or split it"
        )
    kind = Path(name).suffix.lower()
    _refuse_other_kinds(data, name, kind)
    try:
        read = reader.read_draft(kind, data)
    except Refused as refused:
        raise DraftUnreadable(refused.what, where=name, remedy=refused.remedy or "Paste its text") from None
    if kind != ".docx":
        return draft_from_text(read.text, name=name)
    if not read.text.strip():
        raise DraftUnreadable("holds no text", where=name, remedy="Check that it is the draft")
    return _shorten(Draft(read.text, tuple(Span(*block) for block in read.blocks), name))


def draft_from_text(text: str, *, name: str | None = None) -> Draft:
    """Makes a draft of text that was typed or pasted; a name that ends in ``.md`` says that it is Markdown.

    Raises:
        DraftUnreadable: it holds nothing but white space.
    """
    if not text.strip():
        raise DraftUnreadable("holds no text", where=name or "The draft", remedy="Paste or write what is to be checked")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    messages = []
    if name and Path(name).suffix.lower() == ".md":
        without = strip_marks(text)
        if without != text:
            messages.append("Markdown's marks of emphasis were taken off before checking.")
        text = without
    text, blocks = _strip_block_markers(text)
    return _shorten(Draft(text, blocks, name, tuple(messages)))


def draft_to_text(draft: Draft) -> str:
    """Returns text that ``draft_from_text`` makes the same draft of, but for its name: ``>`` marks block quotations."""
    marked_lines = []
    starts, ends = sorted(block.start for block in draft.blocks), sorted(block.end for block in draft.blocks)
    for line in lines(draft.text):
        level = bisect_left(starts, max(line.end, line.start + 1)) - bisect_right(ends, line.start)
        marked_lines.append(">" * level + " " * bool(level) + line.of(draft.text))
    return "\n".join(marked_lines)


def _refuse_other_kinds(data: bytes, name: str, kind: str) -> None:
    try:
        refuse_older(data)
    except Refused as refused:
        raise DraftUnreadable(refused.what, where=name, remedy=refused.remedy) from None
    if data.startswith(b"%PDF-"):
        raise DraftUnreadable("is a PDF, whose lines and columns hide quotations", where=name, remedy="Paste its text")
    if kind not in SUFFIXES:
        what = f"is not one of {', '.join(SUFFIXES)}"
        raise DraftUnreadable(what, where=name, remedy="Save it as one of them, or paste its text")
    if kind != ".docx" and data.startswith(b"PK\x03\x04"):
        raise DraftUnreadable("is not text", where=name, remedy="Name it .docx if it is a Word document")


def _strip_block_markers(text: str) -> tuple[str, tuple[Span, ...]]:
    """The text without the ``>`` of its block quotations, and those."""
    text_lines = lines(text)
    kept: list[Line] = []
    at = 0
    for line in text_lines:
        kept.append(Line(at, at + line.end - line.start, line.level))
        at = kept[-1].end + 1
    bare = "\n".join(line.of(text) for line in text_lines)
    return bare, tuple(quoted_lines(bare, kept))


def _shorten(draft: Draft) -> Draft:
    """The draft as far as it is checked: whole paragraphs where there are any."""
    if len(draft.text) <= limits.MAX_DRAFT_CHARS:
        return draft
    end = draft.text.rfind("\n", limits.MAX_DRAFT_CHARS // 2, limits.MAX_DRAFT_CHARS)
    end = end if end > 0 else limits.MAX_DRAFT_CHARS
    message = f"The draft has {len(draft.text):,} characters; the first {end:,} were checked. Check the rest by itself."
    blocks = tuple(Span(block.start, min(block.end, end)) for block in draft.blocks if block.start < end)
    return Draft(draft.text[:end], blocks, draft.name, (*draft.messages, message))
