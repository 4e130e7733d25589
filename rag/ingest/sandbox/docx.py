"""A Word document -> its text and the kind of each paragraph, as ``python -m rag.ingest.sandbox.docx``.

Format: ECMA-376 part 1 (WordprocessingML), in a zip archive (part 2).
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag import limits
from rag.ingest.sandbox.runner import Refused, serve

QUOTES = ("Quote", "Intense Quote", "Block Text")  # names of built-in styles
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # [MS-CFB]: Word's files before 2007, and encrypted ones since
_PROTECTED = "EncryptedPackage".encode("utf-16-le")  # the stream that holds one, [MS-OFFCRYPTO] 2.3.4.4
DAMAGED = ("is damaged, or is not a Word document", "Open it in Word and save it again")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Elements that are deleted or moved away, or a second form of their neighbor.
_UNSEEN = (f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
_NOTES = re.compile(r"/(footnotes|endnotes)$")
_HEADING = re.compile(r"Heading [1-9]$|(?:Sub)?[Tt]itle$")
_LIST = re.compile(r"List (?:Bullet|Number)(?: [2-5])?$")
_MAX_CELL_CHARS = 300  # a table with longer cells is there for the page's layout
_ON = (None, "1", "true", "on")  # values of a property that is set


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    kind: str
    is_top: bool
    is_quotation: bool


def extract(data: bytes) -> dict[str, Any]:
    """Returns {"text", "paragraphs", "blocks"}.

    The text has a blank line between paragraphs, and a line feed for each line break in one.  A paragraph is [start,
    end, kind, is_top]: its place, a ``rag.models.LineKind``, and whether it is styled as the title or a heading of the
    first level.  A block quotation is [start, end].

    Raises:
        Refused: the archive unpacks to more than it may, is damaged or encrypted, or is no Word document.
    """
    _refuse_bombs(data)
    import docx  # after the limits are set
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
    for element, runs in _visible_runs(root).items():
        styles = _styles(Paragraph(element, part).style)
        names = {style.name for style in styles if style.name}
        table = next((ancestor for ancestor in element.iterancestors() if ancestor.tag == f"{_W}tbl"), None)
        if table is not None and table not in data_tables:
            data_tables[table] = _is_data(table)
        if "Caption" in names:
            kind = "caption"
        elif any(_HEADING.match(name) for name in names):
            kind = "heading"
        elif table is not None and data_tables[table]:
            kind = "row"
        elif any(_LIST.match(name) for name in names) or _is_numbered([element, *(style.element for style in styles)]):
            kind = "item"
        else:
            kind = "strong" if all(bold for text, bold in runs if text.strip()) else ""
        text = "".join(text for text, _ in runs).strip()
        is_top = not names.isdisjoint(("Title", "Heading 1"))
        yield _Paragraph(text, kind, is_top, bool(styles) and styles[0].name in QUOTES)


def _visible_runs(root: Any) -> dict[Any, list[tuple[str, bool]]]:
    """Returns each paragraph's runs in order, text and boldness, without those that Word doesn't show."""
    runs: dict[Any, list[tuple[str, bool]]] = {}
    for element in root.iter(f"{_W}p", f"{_W}r"):
        ancestors = [*element.iterancestors()]
        if any(ancestor.tag in _UNSEEN for ancestor in ancestors):
            continue
        if element.tag == f"{_W}p":
            runs[element] = []
        elif owner := next((ancestor for ancestor in ancestors if ancestor.tag == f"{_W}p"), None):
            runs[owner].append((element.text, _is_bold(element)))
    return runs


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


def _join(paragraphs: list[_Paragraph]) -> dict[str, Any]:
    placed: list[list[Any]] = []
    blocks: list[list[int]] = []
    start = 0
    in_quotation = False
    for paragraph in paragraphs:
        if not paragraph.text:
            in_quotation = in_quotation and paragraph.is_quotation
            continue
        end = start + len(paragraph.text)
        placed.append([start, end, paragraph.kind, paragraph.is_top])
        if paragraph.is_quotation and in_quotation:
            blocks[-1][1] = end
        elif paragraph.is_quotation:
            blocks.append([start, end])
        in_quotation = paragraph.is_quotation
        start = end + 2
    text = "\n\n".join(paragraph.text for paragraph in paragraphs if paragraph.text)
    return {"text": text, "paragraphs": placed, "blocks": blocks}


if __name__ == "__main__":
    sys.exit(serve(extract))
