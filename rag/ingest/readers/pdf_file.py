"""A PDF -> the lines of its pages' text and their places.

Format: ISO 32000; read by pdfminer.six, which gives each character's place and width.
"""

from __future__ import annotations

import io
import math
import zlib
from typing import Any

from rag import limits
from rag.ingest.readers.pdf_glyphs import GlyphLine, points
from rag.ingest.refused import Refused

_ENCRYPTED = ("is encrypted by a method that can't be read here", "Save it without a password or restrictions")
DAMAGED = ("is damaged, or is not a PDF", "Save or print it as a PDF again")


class _CutOff(Exception):
    """A stream ends before its end, or unpacks to nothing."""


class _TooLarge(Exception):
    """Streams unpack to more than a bulletin takes."""


class _Inflater:
    """Stands for the module zlib in pdfminer: unpacks a stream completely or not at all, where pdfminer would use a
    part of a damaged one."""

    error = zlib.error

    def __init__(self) -> None:
        self.total = 0

    def decompress(self, data: bytes) -> bytes:
        """Returns the stream unpacked."""
        unpacking = zlib.decompressobj()
        try:
            result = unpacking.decompress(data, limits.MAX_PDF_STREAM_BYTES + 1)
        except zlib.error as error:
            raise _CutOff from error
        self.total += len(result)
        if len(result) > limits.MAX_PDF_STREAM_BYTES or self.total > limits.MAX_PDF_UNPACKED_BYTES:
            raise _TooLarge
        if not unpacking.eof:
            raise _CutOff
        return result


def extract(data: bytes) -> dict[str, Any]:
    """Returns {"pages": [{"width", "lines"}, …]}; a line, in the order of the file, is [words, left, base, size, bold,
    right, first].

    Lengths are in points; edges and base line are counted from the page's lower left corner, size is the font's, and
    ``first`` is the width of the first word.  Raised digits are Unicode's superscripts.

    Raises:
        Refused: the file is damaged, encrypted, without text, or larger than it may be.
    """
    from pdfminer import pdftypes
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFNotImplementedError

    vars(pdftypes)["zlib"] = _Inflater()
    try:
        pages = _read_pages(data)
    except (MemoryError, Refused):
        raise
    except PDFPasswordIncorrect as error:
        raise Refused("is protected by a password", "Save it without one") from error
    except PDFEncryptionError as error:
        raise Refused(*_ENCRYPTED) from error
    except _TooLarge as error:
        raise Refused("would unpack to more than a bulletin takes") from error
    except PDFNotImplementedError as error:
        raise Refused("can't be read whole: a part of it is written in an unknown way") from error
    except Exception as error:  # pdfminer raises errors of any kind over a damaged document
        raise Refused(*DAMAGED) from error
    if not any(line[0].strip() for page in pages for line in page["lines"]):
        raise Refused("holds no text; it may be scanned")
    return {"pages": pages}


def _read_pages(data: bytes) -> list[dict[str, Any]]:
    from pdfminer import settings
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    from rag.ingest.readers.pdf_interpreter import make_interpreter

    document = PDFDocument(PDFParser(io.BytesIO(data)))
    found = list(PDFPage.create_pages(document))
    if (number := len(found)) > limits.MAX_PDF_PAGES:
        raise Refused(f"has {number:,} pages, more than {limits.MAX_PDF_PAGES}", "Check that it is one bulletin")
    device, interpreter = make_interpreter()
    settings.STRICT = True  # else pdfminer leaves out in silence what it can't find or read
    pages: list[dict[str, Any]] = []
    line_count = characters = 0
    for page in found:
        device.lines = [GlyphLine()]
        interpreter.process_page(page)
        lines = _once([line.to_json() for line in device.lines])
        left, _, right, _ = page.mediabox
        pages.append({"width": points(abs(right - left)), "lines": lines})
        line_count += len(lines)
        characters += sum(len(line[0]) + 1 for line in lines)
        if line_count > limits.MAX_PDF_LINES:
            raise Refused(f"holds over {limits.MAX_PDF_LINES:,} lines", "Check that it is one bulletin")
        if characters > limits.MAX_PDF_CHARS:
            raise Refused(f"holds over {limits.MAX_PDF_CHARS:,} characters", "Check that it is one bulletin")
    return pages


def _once(lines: list[list[Any]]) -> list[list[Any]]:
    """Returns the lines without those that are printed once more on themselves, to look bold."""
    kept: list[list[Any]] = []
    for line in lines:
        if not (kept and line[0] == kept[-1][0] and math.dist(line[1:3], kept[-1][1:3]) < 1):
            kept.append(line)
    return kept
