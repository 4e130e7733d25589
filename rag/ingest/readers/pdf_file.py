"""A PDF -> the rows of its pages' text and their places.

Format: ISO 32000; read by pdfminer.six, which gives each character's place and width.
"""

from __future__ import annotations

import io
import math
import zlib

from rag import limits
from rag.ingest.readers.pdf_glyphs import GlyphLine, points
from rag.ingest.readers.pdf_rows import Row
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


def extract(data: bytes) -> tuple[list[Row], list[float]]:
    """Returns the rows in the order of the file, and each page's width in points.

    Edges and base lines are counted from the page's lower left corner.  Raised digits are Unicode's superscripts.

    Raises:
        Refused: the file is damaged, encrypted, without text, or larger than it may be.
    """
    from pdfminer import pdftypes
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFNotImplementedError

    vars(pdftypes)["zlib"] = _Inflater()
    try:
        rows, widths = _read_pages(data)
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
    if not any(row.words.strip() for row in rows):
        raise Refused("holds no text; it may be scanned")
    return rows, widths


def _read_pages(data: bytes) -> tuple[list[Row], list[float]]:
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
    rows: list[Row] = []
    widths: list[float] = []
    characters = 0
    for number, page in enumerate(found):
        device.lines = [GlyphLine()]
        interpreter.process_page(page)
        added = _once([line.row(number) for line in device.lines])
        left, _, right, _ = page.mediabox
        widths.append(points(abs(right - left)))
        rows += added
        characters += sum(len(row.words) + 1 for row in added)
        if len(rows) > limits.MAX_PDF_LINES:
            raise Refused(f"holds over {limits.MAX_PDF_LINES:,} lines", "Check that it is one bulletin")
        if characters > limits.MAX_PDF_CHARS:
            raise Refused(f"holds over {limits.MAX_PDF_CHARS:,} characters", "Check that it is one bulletin")
    return rows, widths


def _once(rows: list[Row]) -> list[Row]:
    """Returns the rows without those that are printed once more on themselves, to look bold."""
    kept: list[Row] = []
    for row in rows:
        last = kept[-1] if kept else None
        if not (last and row.words == last.words and math.dist((row.left, row.base), (last.left, last.base)) < 1):
            kept.append(row)
    return kept
