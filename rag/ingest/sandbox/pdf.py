"""A PDF -> the lines of its pages' text and where they stand, as ``python -m rag.ingest.sandbox.pdf``.

Format: ISO 32000; read by pypdf.
"""

from __future__ import annotations

import io
import logging
import math
import sys
import zlib
from dataclasses import dataclass, field
from typing import Any

from rag import limits
from rag.ingest.sandbox.confine import Refused, serve

_ENCRYPTED = ("is encrypted by a method that can't be read here", "Save it without a password or restrictions")
_LONGEST_LENGTH = 1e6  # points
DAMAGED = ("is damaged, or is not a PDF", "Save or print it as a PDF again")
# Where pypdf goes on with less text than the page shows, it says so through these.
_LOSSES = ("pypdf.filters", "pypdf._page", "pypdf._cmap", "pypdf._codecs")
_HARMLESS = "fontTools is required"


@dataclass(slots=True)
class _Line:
    """``pieces`` are its words, each with left edge, base line, font size (in points) and boldness."""

    pieces: list[tuple[str, float, float, float, bool]] = field(default_factory=list)

    def told(self) -> list[Any]:
        """[words, left, base, size, bold]: those of its first words, the size that most of it has, all of it bold."""
        own = [piece for piece in self.pieces if piece[0].strip()]
        sizes: dict[float, int] = {}
        for words, _, _, size, _ in own:
            sizes[size] = sizes.get(size, 0) + len(words)
        left, base = own[0][1:3] if own else (0.0, 0.0)
        size = max(sizes, key=lambda size: sizes[size], default=0.0)
        return ["".join(piece[0] for piece in self.pieces), left, base, size, bool(own) and all(p[4] for p in own)]


class _Losses(logging.Handler):
    """Hears whether pypdf left out what it couldn't read."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard = False

    def emit(self, record: logging.LogRecord) -> None:
        lost = record.name.startswith(_LOSSES) and not str(record.msg).lstrip("(").startswith(_HARMLESS)
        self.heard = self.heard or lost


class _Inflater:
    """Unpacks a stream whole or not at all, where pypdf would take what it can of a damaged one."""

    def __init__(self) -> None:
        self.whole = 0

    def __call__(self, data: bytes) -> bytes:
        from pypdf.errors import LimitReachedError

        unpacking = zlib.decompressobj()
        result = unpacking.decompress(data, limits.MAX_PDF_STREAM_BYTES + 1)
        self.whole += len(result)
        if len(result) > limits.MAX_PDF_STREAM_BYTES or self.whole > limits.MAX_PDF_UNPACKED_BYTES:
            raise LimitReachedError
        if not unpacking.eof:
            raise zlib.error("cut off")
        return result


def read(data: bytes) -> dict[str, Any]:
    """{"pages"}: each page's {"width", "lines"}; a line, in the order of the file, is [words, left, base, size, bold].

    Lengths are in points; left edge and base line are counted from the page's lower left corner, size is the font's.

    Raises:
        Refused: damaged, encrypted, without text, or larger than it may be.
    """
    import pypdf
    import pypdf.filters
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    losses = _Losses()
    logging.getLogger("pypdf").addHandler(losses)
    pypdf.overwrite_configuration(
        maximum_declared_stream_length=limits.MAX_PDF_STREAM_BYTES,
        array_based_stream_maximum_output_length=limits.MAX_PDF_STREAM_BYTES,
        lzw_maximum_output_length=limits.MAX_PDF_STREAM_BYTES,
        run_length_maximum_output_length=limits.MAX_PDF_STREAM_BYTES,
        brotli_maximum_output_length=limits.MAX_PDF_STREAM_BYTES,
        jbig2dec_binary=None,
    )
    pypdf.filters.decompress = _Inflater()
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("is protected by a password", "Save it without one")
        if (pages := len(reader.pages)) > limits.MAX_PDF_PAGES:
            raise Refused(f"has {pages:,} pages, more than {limits.MAX_PDF_PAGES}", "Check that it is one bulletin")
        found = _pages(reader)
    except (MemoryError, Refused):
        raise
    except (DependencyError, FileNotDecryptedError) as error:
        raise Refused(*_ENCRYPTED) from error
    except LimitReachedError as error:
        raise Refused("would unpack to more than a bulletin takes") from error
    except Exception as error:  # pypdf raises whatever a damaged document leads it to
        raise Refused(*DAMAGED) from error
    finally:
        logging.getLogger("pypdf").removeHandler(losses)
    if losses.heard:
        raise Refused("can't be read whole: a part of it is damaged, or written in an unknown way")
    if not any(line[0].strip() for page in found for line in page["lines"]):
        raise Refused("holds no text; it may be scanned")
    return {"pages": found}


def _pages(reader: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    lines = characters = 0
    for page in reader.pages:
        own = [line.told() for line in _lines(page)]
        found.append({"width": _points(float(page.mediabox.width)), "lines": own})
        lines += len(own)
        characters += sum(len(line[0]) + 1 for line in own)
        if lines > limits.MAX_PDF_LINES or characters > limits.MAX_PDF_CHARS:
            what = (
                f"{limits.MAX_PDF_LINES:,} lines"
                if lines > limits.MAX_PDF_LINES
                else f"{limits.MAX_PDF_CHARS:,} characters"
            )
            raise Refused(f"holds over {what}", "Check that it is one bulletin")
    return found


def _lines(page: Any) -> list[_Line]:
    """What pypdf extracts from a page, line by line: its pieces joined are its whole text."""
    lines = [_Line()]

    def visit(words: str, place: list[float], text_place: list[float], font: Any, size: float) -> None:
        left = text_place[4] * place[0] + text_place[5] * place[2] + place[4]
        base = text_place[4] * place[1] + text_place[5] * place[3] + place[5]
        size *= math.hypot(text_place[2], text_place[3]) * math.hypot(place[2], place[3])
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        first, *rest = words.split("\n")
        for number, part in enumerate([first, *rest]):
            if number:
                lines.append(_Line())
            if part:
                lines[-1].pieces.append((part, _points(left), _points(base), max(_points(size), 0.1), bold))

    page.extract_text(visitor_text=visit)
    return lines


def _points(length: float) -> float:
    """The length in tenths of a point; 0 for one that no page has."""
    return round(length, 1) if math.isfinite(length) and abs(length) < _LONGEST_LENGTH else 0.0


if __name__ == "__main__":
    sys.exit(serve(read))
