"""A Word document on standard input -> its text and block quotations as JSON on standard output.

``python -m rag.drafts.docx`` is a process of its own, with little memory and time, because a document may be made to
take all there is.  It prints {"text", "blocks"} or {"what", "remedy"}: what is wrong, and what to do about it.

Format: ECMA-376 part 1 (WordprocessingML), in a zip archive (part 2).
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

MEMORY = 1_000_000_000  # bytes of address space, of which Python and lxml take a third
SECONDS = 30  # of the processor
MOST_ENTRIES = 2_000
LARGEST = 50_000_000  # bytes unpacked
HIGHEST_RATIO = 100  # unpacked to packed
HARMLESS = 1_000_000  # bytes unpacked that may be packed as tightly as they like
QUOTES = ("Quote", "Intense Quote", "Block Text")  # names of built-in styles
# Deleted or moved away, or a second form of what stands beside it.
_UNSEEN = ("w:del", "w:moveFrom", "mc:Fallback")
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_NOTES = re.compile(r"/(footnotes|endnotes)$")


class Refused(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        self.told = {"what": what, "remedy": remedy}
        super().__init__(what)


def read(data: bytes) -> dict[str, Any]:
    """The text, a blank line between paragraphs, and the [start, end] of each block quotation.

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
        raise Refused("is damaged, or is not a Word document", "Open it in Word and save it again") from error
    return _joined(paragraphs)


def _weigh(data: bytes) -> None:
    """Refuses an archive by what it says it unpacks to; no more than that is ever unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Refused("is damaged, or is not a Word document", "Open it in Word and save it again") from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("is protected by a password", "Save it without one")
    whole = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or whole > LARGEST or whole > max(HIGHEST_RATIO * len(data), HARMLESS):
        parts = f"{len(entries):,} part{'' if len(entries) == 1 else 's'}"
        what = f"would unpack to {whole:,} bytes in {parts}, more than a draft takes"
        raise Refused(what, "Paste its text")


def _paragraphs(root: Any, part: Any) -> Iterator[tuple[str, bool]]:
    """Each paragraph's words and whether they are a block quotation; those of tables, text boxes and content controls
    in their places, insertions that are tracked included."""
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    unseen = {_MC + tag[3:] if tag.startswith("mc:") else qn(tag) for tag in _UNSEEN}
    paragraph, run = qn("w:p"), qn("w:r")
    words: dict[Any, list[str]] = {}
    for element in root.iter(paragraph, run):
        above = [*element.iterancestors()]
        if any(other.tag in unseen for other in above):
            continue
        if element.tag == paragraph:
            words[element] = []
        elif owner := next((other for other in above if other.tag == paragraph), None):
            words[owner].append(element.text)
    for element, pieces in words.items():
        style = Paragraph(element, part).style
        # A line break in a paragraph doesn't end it.
        text = " ".join("".join(pieces).split("\n")).strip()
        yield text, bool(style and style.name in QUOTES)


def _joined(paragraphs: list[tuple[str, bool]]) -> dict[str, Any]:
    texts: list[str] = []
    blocks: list[list[int]] = []
    at = 0
    goes_on = False
    for text, quoted in paragraphs:
        if not text:
            goes_on = goes_on and quoted
            continue
        if quoted and goes_on:
            blocks[-1][1] = at + len(text)
        elif quoted:
            blocks.append([at, at + len(text)])
        goes_on = quoted
        texts.append(text)
        at += len(text) + 2
    return {"text": "\n\n".join(texts), "blocks": blocks}


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told = read(sys.stdin.buffer.read())
    except Refused as refused:
        told = refused.told
    except MemoryError:
        told = {"what": "takes too much memory to read", "remedy": "Paste its text"}
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
