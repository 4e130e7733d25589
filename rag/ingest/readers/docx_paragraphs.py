"""A Word document -> its text and the kind of each paragraph.

Format: ECMA-376 part 1 (WordprocessingML), in a zip archive (part 2).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rag import limits
from rag.ingest.readers.left_out import LeftOut
from rag.ingest.refused import Refused
from rag.models import Line, LineKind, Span

QUOTES = ("Quote", "Intense Quote", "Block Text")  # names of built-in styles
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # [MS-CFB]: Word's files before 2007, and encrypted ones since
_PROTECTED = "EncryptedPackage".encode("utf-16-le")  # the stream that holds one, [MS-OFFCRYPTO] 2.3.4.4
DAMAGED = ("is damaged, or is not a Word document", "Open it in Word and save it again")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Elements that are moved away, or a second form of their neighbor.
_UNSEEN = (f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
_DELETED = f"{_W}del"
# Properties of a run that hide or strike its words: 17.3.2 of the format.
_LEFT_OUT = {"vanish": "is hidden", "strike": "is struck through", "dstrike": "is struck through"}
_NOTES = re.compile(r"/(footnotes|endnotes)$")
_HEADING = re.compile(r"Heading [1-9]$|(?:Sub)?[Tt]itle$")
_LIST = re.compile(r"List (?:Bullet|Number)(?: [2-5])?$")
_MAX_CELL_CHARS = 300  # a table with longer cells is there for the page's layout
_ON = (None, "1", "true", "on")  # values of a property that is set


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document's text, with a blank line between paragraphs and a line feed for each line break in one.

    ``tops`` are the starts of the paragraphs that are styled as the title or a heading of the first level, ``blocks``
    the block quotations, and ``left_out`` is what the author hid or struck.
    """

    text: str
    paragraphs: list[Line]
    tops: set[int]
    blocks: list[Span]
    left_out: list[LeftOut]


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    kind: LineKind
    is_top: bool
    is_quotation: bool
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of one look; ``why`` they are left out, "" where they aren't."""

    words: str
    bold: bool
    why: str


def extract(data: bytes) -> Extracted:
    """Returns what stands in a Word document's bytes.

    Raises:
        Refused: the archive unpacks to more than it may, is damaged or encrypted, or is no Word document.
    """
    _refuse_bombs(data)
    import docx  # where a document is read, since it is slow to import
    from docx.oxml import parse_xml

    try:
        document = docx.Document(io.BytesIO(data))
        paragraphs = [*_paragraphs(document.element.body, document.part)]
        for relation in document.part.rels.values():
            if _NOTES.search(relation.reltype) and not relation.is_external:
                notes = parse_xml(relation.target_part.blob)
                paragraphs += _paragraphs(notes, document.part)
    except MemoryError:
        raise
    except Exception as error:  # python-docx and lxml raise whatever a damaged document leads them to
        if getattr(error, "lineno", None) == 0:
            raise MemoryError from error  # where libxml2 has run out of it, it names no line
        raise Refused(*DAMAGED) from error
    return _join(paragraphs)


def refuse_older(data: bytes) -> None:
    """Raises ``Refused`` for Word's files that are encrypted, or in the format before this one."""
    if data.startswith(_OLE) and _PROTECTED in data:
        raise Refused("is protected by a password", "Save it without one")
    if data.startswith(_OLE):
        raise Refused("is in Word's format of before 2007", "Save it as .docx")


def _refuse_bombs(data: bytes) -> None:
    """Refuses an archive by the sizes in its directory; no more than these is ever unpacked."""
    refuse_older(data)
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Refused(*DAMAGED) from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("is protected by a password", "Save it without one")
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > limits.MAX_DOCX_ENTRIES
        or unpacked > limits.MAX_DOCX_UNPACKED_BYTES
        or unpacked > max(limits.MAX_DOCX_RATIO * len(data), limits.MAX_DOCX_UNCHECKED_BYTES)
    ):
        parts = f"{len(entries):,} part{'' if len(entries) == 1 else 's'}"
        raise Refused(f"would unpack to {unpacked:,} bytes in {parts}, more than a document takes")


def _paragraphs(root: Any, part: Any) -> Iterator[_Paragraph]:
    """Yields every paragraph in its place, those of tables, text boxes, content controls and tracked insertions too."""
    from docx.text.paragraph import Paragraph

    data_tables: dict[Any, bool] = {}
    before = ""
    for element, run_elements in _runs(root).items():
        styles = _styles(Paragraph(element, part).style)
        names = {style.name for style in styles if style.name}
        table = next((ancestor for ancestor in element.iterancestors() if ancestor.tag == f"{_W}tbl"), None)
        if table is not None and table not in data_tables:
            data_tables[table] = _is_data(table)
        runs = [_run(run, styles, part) for run in run_elements]
        text, left_out = _shown(runs, before)
        before = text or before
        kind: LineKind
        if "Caption" in names:
            kind = "caption"
        elif any(_HEADING.match(name) for name in names):
            kind = "heading"
        elif table is not None and data_tables[table]:
            kind = "row"
        elif any(_LIST.match(name) for name in names) or _is_numbered([element, *(style.element for style in styles)]):
            kind = "item"
        else:
            kind = "strong" if all(run.bold for run in runs if run.words.strip() and not run.why) else ""
        is_top = not names.isdisjoint(("Title", "Heading 1"))
        yield _Paragraph(text, kind, is_top, bool(styles) and styles[0].name in QUOTES, left_out)


def _runs(root: Any) -> dict[Any, list[Any]]:
    """Returns each paragraph's runs in order, without those that are a second form of others."""
    runs: dict[Any, list[Any]] = {}
    for element in root.iter(f"{_W}p", f"{_W}r"):
        ancestors = [*element.iterancestors()]
        if any(ancestor.tag in _UNSEEN for ancestor in ancestors):
            continue
        if element.tag == f"{_W}p":
            runs[element] = []
        elif (owner := next((ancestor for ancestor in ancestors if ancestor.tag == f"{_W}p"), None)) is not None:
            runs[owner].append(element)
    return runs


def _run(element: Any, paragraph_styles: list[Any], part: Any) -> _Run:
    from docx.enum.style import WD_STYLE_TYPE

    deleted = [text.text or "" for text in element.iter(f"{_W}delText")]
    if deleted or any(ancestor.tag == _DELETED for ancestor in element.iterancestors()):
        return _Run("".join(deleted) or element.text, False, "is marked as deleted")
    hidden_row = any(row.find(f"{_W}trPr/{_W}hidden") is not None for row in element.iterancestors(f"{_W}tr"))
    why = _LEFT_OUT["vanish"] if hidden_row else ""
    named = element.find(f"{_W}rPr/{_W}rStyle")
    styles = [] if named is None else _styles(part.get_style(named.get(f"{_W}val"), WD_STYLE_TYPE.CHARACTER))
    for name, words in _LEFT_OUT.items():
        why = why or (words if _is_set(name, element, paragraph_styles, styles) else "")
    return _Run(element.text, _is_bold(element), why)


def _is_set(name: str, run: Any, paragraph_styles: list[Any], run_styles: list[Any]) -> bool:
    """Whether a property holds: by the run itself, else by one of its styles; set in both kinds it is off (17.7.3)."""
    own = run.find(f"{_W}rPr/{_W}{name}")
    if own is not None:
        return own.get(f"{_W}val") in _ON
    return _is_set_in(name, paragraph_styles) != _is_set_in(name, run_styles)


def _is_set_in(name: str, styles: list[Any]) -> bool:
    found = (style.element.find(f"{_W}rPr/{_W}{name}") for style in styles)
    stated = next((element for element in found if element is not None), None)
    return stated is not None and stated.get(f"{_W}val") in _ON


def _shown(runs: list[_Run], before: str) -> tuple[str, tuple[LeftOut, ...]]:
    """Returns a paragraph's text without what is left out, and that: runs side by side as one piece."""
    text = ""
    left_out: list[LeftOut] = []
    for why, group in groupby(runs, key=lambda run: run.why):
        words = "".join(run.words for run in group)
        if not why:
            # Of the spaces around what is left out one stays.
            text += words.removeprefix(" ") if left_out and text.endswith(" ") else words
        elif words.strip():
            left_out.append(LeftOut(words, why, text.strip() or before))
    return text.strip(), tuple(left_out)


def _styles(style: Any) -> list[Any]:
    """Returns a paragraph's style and those that it is based on, which in a damaged document can form a circle."""
    styles: list[Any] = []
    while style is not None and all(style.element is not other.element for other in styles):
        styles.append(style)
        style = style.base_style
    return styles


def _is_numbered(elements: list[Any]) -> bool:
    """Whether there is a number or a bullet, by the first of the paragraph and its styles that says so; 0 is none."""
    numbers = [e.pPr.numPr for e in elements if e.pPr is not None and e.pPr.numPr is not None]
    return bool(numbers) and (numbers[0].numId is None or numbers[0].numId.val != 0)


def _is_data(table: Any) -> bool:
    """Whether the table holds data, and isn't there for the page's layout."""
    rows = [[*row.iterchildren(f"{_W}tc")] for row in table.iter(f"{_W}tr")]
    nested = any(other is not table for other in table.iter(f"{_W}tbl"))
    lengths = (sum(len(text.text or "") for text in cell.iter(f"{_W}t")) for row in rows for cell in row)
    return not nested and any(len(row) > 1 for row in rows) and max(lengths, default=0) <= _MAX_CELL_CHARS


def _is_bold(run: Any) -> bool:
    bold = run.find(f"{_W}rPr/{_W}b")
    return bold is not None and bold.get(f"{_W}val") in _ON


def _join(paragraphs: list[_Paragraph]) -> Extracted:
    placed: list[Line] = []
    tops: set[int] = set()
    blocks: list[Span] = []
    start = 0
    in_quotation = False
    for paragraph in paragraphs:
        if not paragraph.text:
            in_quotation = in_quotation and paragraph.is_quotation
            continue
        end = start + len(paragraph.text)
        placed.append(Line(start, end, paragraph.kind))
        if paragraph.is_top:
            tops.add(start)
        if paragraph.is_quotation:
            begin = blocks.pop().start if in_quotation else start
            blocks.append(Span(begin, end))
        in_quotation = paragraph.is_quotation
        start = end + 2
    text = "\n\n".join(paragraph.text for paragraph in paragraphs if paragraph.text)
    left_out = [piece for paragraph in paragraphs for piece in paragraph.left_out]
    return Extracted(text, placed, tops, blocks, left_out)
