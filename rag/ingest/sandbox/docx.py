"""A Word document -> its text and what each paragraph is, as ``python -m rag.ingest.sandbox.docx``.

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
from rag.ingest.sandbox.confine import Refused, serve

QUOTES = ("Quote", "Intense Quote", "Block Text")  # names of built-in styles
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # [MS-CFB]: Word's files before 2007, and encrypted ones since
_PROTECTED = "EncryptedPackage".encode("utf-16-le")  # the stream that holds one, [MS-OFFCRYPTO] 2.3.4.4
DAMAGED = ("is damaged, or is not a Word document", "Open it in Word and save it again")
# Deleted or moved away, or a second form of what stands beside it.
_UNSEEN = ("w:del", "w:moveFrom", "mc:Fallback")
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_NOTES = re.compile(r"/(footnotes|endnotes)$")
_HEADING = re.compile(r"Heading [1-9]$|(?:Sub)?[Tt]itle$")
_LIST = re.compile(r"List (?:Bullet|Number)(?: [2-5])?$")
_LONGEST_CELL = 300  # characters; a table with longer ones arranges the page
_ON = (None, "1", "true", "on")  # values of a property that is there


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    mark: str
    top: bool
    quoted: bool


def read(data: bytes) -> dict[str, Any]:
    """{"text", "paragraphs", "blocks"}.

    The text has a blank line between paragraphs, and a line feed for each line break in one.  A paragraph is [start,
    end, mark, top]: its place, one of ``rag.models.LineKind``, and whether it is styled as the title or a heading of the
    first level.  A block quotation is [start, end].

    Raises:
        Refused: the archive unpacks to more than it may, is damaged or encrypted, or is no Word document.
    """
    _weigh(data)
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
    return _joined(paragraphs)


def refuse_older(data: bytes) -> None:
    """
    Raises:
        Refused: a file of Word's that is encrypted, or in the format before this one.
    """
    if data.startswith(_OLE) and _PROTECTED in data:
        raise Refused("is protected by a password", "Save it without one")
    if data.startswith(_OLE):
        raise Refused("is in Word's format of before 2007", "Save it as .docx")


def _weigh(data: bytes) -> None:
    """Refuses an archive by what it says it unpacks to; no more than that is ever unpacked."""
    refuse_older(data)
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Refused(*DAMAGED) from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("is protected by a password", "Save it without one")
    whole = sum(entry.file_size for entry in entries)
    if (
        len(entries) > limits.MAX_DOCX_ENTRIES
        or whole > limits.MAX_DOCX_UNPACKED_BYTES
        or whole > max(limits.MAX_DOCX_RATIO * len(data), limits.MAX_DOCX_UNCHECKED_BYTES)
    ):
        parts = f"{len(entries):,} part{'' if len(entries) == 1 else 's'}"
        raise Refused(f"would unpack to {whole:,} bytes in {parts}, more than a document takes")


def _paragraphs(root: Any, part: Any) -> Iterator[_Paragraph]:
    """Every paragraph; those of tables, text boxes and content controls in their places, insertions that are tracked
    included."""
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    unseen = {_MC + tag[3:] if tag.startswith("mc:") else qn(tag) for tag in _UNSEEN}
    paragraph, run = qn("w:p"), qn("w:r")
    words: dict[Any, list[tuple[str, bool]]] = {}
    data: dict[Any, bool] = {}
    for element in root.iter(paragraph, run):
        above = [*element.iterancestors()]
        if any(other.tag in unseen for other in above):
            continue
        if element.tag == paragraph:
            words[element] = []
        elif owner := next((other for other in above if other.tag == paragraph), None):
            words[owner].append((element.text, _is_bold(element)))
    for element, pieces in words.items():
        styles = _styles(Paragraph(element, part).style)
        names = {style.name for style in styles if style.name}
        table = next((other for other in element.iterancestors() if other.tag == qn("w:tbl")), None)
        if table is not None and table not in data:
            data[table] = _is_data(table)
        if "Caption" in names:
            mark = "caption"
        elif any(_HEADING.match(name) for name in names):
            mark = "heading"
        elif table is not None and data[table]:
            mark = "row"
        elif any(_LIST.match(name) for name in names) or _is_numbered([element, *(style.element for style in styles)]):
            mark = "item"
        else:
            mark = "strong" if all(bold for text, bold in pieces if text.strip()) else ""
        text = "".join(text for text, _ in pieces).strip()
        top = not names.isdisjoint(("Title", "Heading 1"))
        yield _Paragraph(text, mark, top, bool(styles) and styles[0].name in QUOTES)


def _styles(style: Any) -> list[Any]:
    """A paragraph's style and those that it is based on, which in a damaged document can lead round in a circle."""
    found: list[Any] = []
    while style is not None and all(style.element is not other.element for other in found):
        found.append(style)
        style = style.base_style
    return found


def _is_numbered(elements: list[Any]) -> bool:
    """Has a number or a bullet, by the first of the elements, paragraph and styles, that says so; 0 is none."""
    numbers = [e.pPr.numPr for e in elements if e.pPr is not None and e.pPr.numPr is not None]
    return bool(numbers) and (numbers[0].numId is None or numbers[0].numId.val != 0)


def _is_data(table: Any) -> bool:
    """The table holds data; others arrange the page."""
    from docx.oxml.ns import qn

    rows = [[*row.iterchildren(qn("w:tc"))] for row in table.iter(qn("w:tr"))]
    nested = any(other is not table for other in table.iter(qn("w:tbl")))
    lengths = (sum(len(text.text or "") for text in cell.iter(qn("w:t"))) for row in rows for cell in row)
    return not nested and any(len(row) > 1 for row in rows) and max(lengths, default=0) <= _LONGEST_CELL


def _is_bold(run: Any) -> bool:
    from docx.oxml.ns import qn

    bold = run.find(f"{qn('w:rPr')}/{qn('w:b')}")
    return bold is not None and bold.get(qn("w:val")) in _ON


def _joined(paragraphs: list[_Paragraph]) -> dict[str, Any]:
    found: list[list[Any]] = []
    blocks: list[list[int]] = []
    at = 0
    goes_on = False
    for one in paragraphs:
        if not one.text:
            goes_on = goes_on and one.quoted
            continue
        end = at + len(one.text)
        found.append([at, end, one.mark, one.top])
        if one.quoted and goes_on:
            blocks[-1][1] = end
        elif one.quoted:
            blocks.append([at, end])
        goes_on = one.quoted
        at = end + 2
    text = "\n\n".join(one.text for one in paragraphs if one.text)
    return {"text": text, "paragraphs": found, "blocks": blocks}


if __name__ == "__main__":
    sys.exit(serve(read))
