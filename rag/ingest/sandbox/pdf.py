"""A PDF -> the lines of its pages' text and their places, as ``python -m rag.ingest.sandbox.pdf``.

Format: ISO 32000; read by pdfminer.six, which gives each character's place and width.
"""

from __future__ import annotations

import io
import math
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rag import limits
from rag.ingest.sandbox.runner import Refused, serve

_ENCRYPTED = ("is encrypted by a method that can't be read here", "Save it without a password or restrictions")
_MAX_LENGTH_POINTS = 1e6
DAMAGED = ("is damaged, or is not a PDF", "Save or print it as a PDF again")
# In the font's size.
_SAME_LINE = 0.6  # raised and lowered characters are no further from the base line
_WORD_GAP, _WIDE_WORD_GAP = 0.15, 0.6  # between words, and between Chinese ones, whose lines are spaced out
_NO_ROOM = 0.05
_SPACED_OUT = 1.7  # of the usual room between a line's letters, where these are spaced out
_STEP_BACK = 0.5  # further to the left a line begins
_RAISED, _RAISED_SIZE = 0.15, 0.85
_LIGATURES = {222: "\ufb01", 223: "\ufb02"}  # of MacRomanEncoding
_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class _Character:
    """What a glyph says and where: ``at`` and ``end`` along its line, ``base`` across it, all in points."""

    words: str
    at: float
    end: float
    base: float
    size: float
    bold: bool
    left: float  # on the page
    bottom: float
    direction: float

    @property
    def is_wide(self) -> bool:
        return self.words > "\u2e7f"


@dataclass(slots=True)
class _Line:
    """A line of a page, character after character."""

    characters: list[_Character] = field(default_factory=list)

    def takes(self, new: _Character) -> bool:
        """Whether the character goes on where the line is."""
        if not self.characters:
            return True
        last = self.characters[-1]
        near = abs(new.base - last.base) <= _SAME_LINE * max(new.size, last.size)
        return near and new.direction == last.direction and new.at >= last.end - _STEP_BACK * new.size

    def to_json(self) -> list[Any]:
        """Returns [words, left, base, size, bold, right, first]: the place of its first words, the size that most of
        it has, whether all of it is bold, its right edge, and the width of its first word."""
        filled = [one for one in self.characters if one.words.strip()]
        if not filled:
            return ["", 0.0, 0.0, 0.1, False, 0.0, 0.0]
        size = Counter(one.size for one in filled).most_common(1)[0][0]
        usual = next(one for one in filled if one.size == size)
        first = filled[0]
        end = first.end
        for one in filled[1:] if not first.is_wide else ():
            if one.is_wide or one.at - end > _WORD_GAP * size:
                break
            end = one.end
        bold = all(one.bold for one in filled)
        width = filled[-1].end - first.at
        words = "".join(self._words(size, usual.base))
        return [words, first.left, usual.bottom, size, bold, _points(first.left + width), _points(end - first.at)]

    def _words(self, size: float, base: float) -> Iterator[str]:
        """Yields the characters, and between them the spaces that can be seen: a browser writes some that take no room
        where a word could be parted."""
        last: _Character | None = None
        space = ""
        spacing = self._letter_spacing()
        for one in self.characters:
            if one.words.isspace():
                space += one.words
                continue
            if last:
                room = one.at - last.end
                gap = _WIDE_WORD_GAP if last.is_wide and one.is_wide else _WORD_GAP
                if space and (room > _NO_ROOM * size or last.end == last.at):
                    yield space
                elif room > max(gap * size, _SPACED_OUT * spacing):
                    yield " "
            raised = one.size <= _RAISED_SIZE * size and one.base - base > _RAISED * size
            yield one.words.translate(_DIGITS) if raised else one.words
            last, space = one, ""

    def _letter_spacing(self) -> float:
        """Returns the usual room between two characters that stand side by side."""
        rooms = sorted(
            right.at - left.end
            for left, right in pairwise(self.characters)
            if not (left.words.isspace() or right.words.isspace())
        )
        return rooms[len(rooms) // 2] if rooms else 0.0


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

    document = PDFDocument(PDFParser(io.BytesIO(data)))
    found = list(PDFPage.create_pages(document))
    if (number := len(found)) > limits.MAX_PDF_PAGES:
        raise Refused(f"has {number:,} pages, more than {limits.MAX_PDF_PAGES}", "Check that it is one bulletin")
    device, interpreter = _readers()
    settings.STRICT = True  # else pdfminer leaves out in silence what it can't find or read
    pages: list[dict[str, Any]] = []
    line_count = characters = 0
    for page in found:
        device.lines = [_Line()]
        interpreter.process_page(page)
        lines = _once([line.to_json() for line in device.lines])
        left, _, right, _ = page.mediabox
        pages.append({"width": _points(abs(right - left)), "lines": lines})
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


def _readers() -> tuple[Any, Any]:
    """Returns what collects characters into its ``lines``, and what runs a page's instructions on it."""
    from pdfminer.pdfdevice import PDFTextDevice
    from pdfminer.pdffont import PDFUnicodeNotDefined
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.psparser import LIT

    class Collector(PDFTextDevice):
        """Notes each character that a page shows."""

        lines: list[_Line]

        def render_char(self, matrix: Any, font: Any, fontsize: float, scaling: float, rise: float, cid: int,
                        ncs: Any, graphicstate: Any) -> float:  # fmt: skip
            try:
                words = font.to_unichr(cid)
            except PDFUnicodeNotDefined:
                words = _undefined(font, cid)
            advance: float = font.char_width(cid) * fontsize * scaling
            if words:
                new = _character(words, matrix, fontsize, rise, advance, "bold" in str(font.fontname).lower())
                if not self.lines[-1].takes(new):
                    self.lines.append(_Line())
                self.lines[-1].characters.append(new)
            return advance

    class Fonts(PDFResourceManager):
        """Takes a font that doesn't say what it is for one of the plainest kind."""

        def get_font(self, objid: object, spec: Any) -> Any:
            plain = {"Type": LIT("Font"), "Subtype": LIT("Type1"), "BaseFont": LIT("unknown")}
            return super().get_font(objid, plain | spec)

    class Interpreter(PDFPageInterpreter):
        """Takes no offence at what can't change the words: colours, and marks on content."""

        def do_cs(self, name: Any) -> None:
            pass

        def do_CS(self, name: Any) -> None:  # noqa: N802
            pass

    resources = Fonts()
    device = Collector(resources)
    return device, Interpreter(resources, device)


def _undefined(font: Any, code: int) -> str:
    """Returns what a code means that the font's encoding hasn't: in a font that the file doesn't bring along, one of
    the ligatures of MacRomanEncoding or a letter of WinAnsiEncoding; else nobody knows."""
    is_embedded = any(str(key).startswith("FontFile") for key in font.descriptor)
    if font.is_multibyte() or is_embedded or not 0 <= code < 256:
        return "\ufffd"
    return _LIGATURES.get(code) or bytes([code]).decode("cp1252", "replace")


def _character(words: str, matrix: Any, fontsize: float, rise: float, advance: float, bold: bool) -> _Character:
    a, b, c, d, e, f = matrix
    scale = math.hypot(a, b) or 1.0
    along, across = (a / scale, b / scale), (-b / scale, a / scale)
    left, bottom = e, f
    raised = rise * math.hypot(c, d)
    at = left * along[0] + bottom * along[1]
    base = left * across[0] + bottom * across[1] + raised
    return _Character(
        words=words,
        at=_points(at),
        end=_points(at + advance * scale),
        base=_points(base),
        size=max(_points(abs(fontsize) * math.hypot(c, d)), 0.1),
        bold=bold,
        left=_points(left),
        bottom=_points(bottom),
        direction=round(math.atan2(b, a), 1),
    )


def _points(length: float) -> float:
    """Returns the length in tenths of a point, 0 for one that no page has."""
    return round(length, 1) if math.isfinite(length) and abs(length) < _MAX_LENGTH_POINTS else 0.0


if __name__ == "__main__":
    sys.exit(serve(extract))
