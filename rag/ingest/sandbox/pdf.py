"""A PDF -> the lines of its pages' text and their places, as ``python -m rag.ingest.sandbox.pdf``.

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
from rag.ingest.sandbox.runner import Refused, serve

_ENCRYPTED = ("is encrypted by a method that can't be read here", "Save it without a password or restrictions")
_MAX_LENGTH_POINTS = 1e6
DAMAGED = ("is damaged, or is not a PDF", "Save or print it as a PDF again")
# Where pypdf goes on with less text than the page shows, it warns through these loggers.
_LOSS_LOGGERS = ("pypdf.filters", "pypdf._page", "pypdf._cmap", "pypdf._codecs")
_HARMLESS_WARNING = "fontTools is required"


@dataclass(slots=True)
class _Line:
    """A line of a page; each of its runs has words, left edge, base line, font size (in points) and boldness."""

    runs: list[tuple[str, float, float, float, bool]] = field(default_factory=list)

    def to_json(self) -> list[Any]:
        """Returns [words, left, base, size, bold]: the place of its first words, the size that most of it has, and
        whether all of it is bold."""
        filled = [run for run in self.runs if run[0].strip()]
        sizes: dict[float, int] = {}
        for words, _, _, size, _ in filled:
            sizes[size] = sizes.get(size, 0) + len(words)
        left, base = filled[0][1:3] if filled else (0.0, 0.0)
        size = max(sizes, key=lambda size: sizes[size], default=0.0)
        return ["".join(run[0] for run in self.runs), left, base, size, bool(filled) and all(run[4] for run in filled)]


class _LossDetector(logging.Handler):
    """Notes whether pypdf warned that it left out words that it couldn't read."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found_loss = False

    def emit(self, record: logging.LogRecord) -> None:
        harmless = str(record.msg).lstrip("(").startswith(_HARMLESS_WARNING)
        self.found_loss = self.found_loss or (record.name.startswith(_LOSS_LOGGERS) and not harmless)


class _Inflater:
    """Unpacks a stream completely or not at all, where pypdf would use a part of a damaged one."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, data: bytes) -> bytes:
        from pypdf.errors import LimitReachedError

        unpacking = zlib.decompressobj()
        result = unpacking.decompress(data, limits.MAX_PDF_STREAM_BYTES + 1)
        self.total += len(result)
        if len(result) > limits.MAX_PDF_STREAM_BYTES or self.total > limits.MAX_PDF_UNPACKED_BYTES:
            raise LimitReachedError
        if not unpacking.eof:
            raise zlib.error("cut off")
        return result


def extract(data: bytes) -> dict[str, Any]:
    """Returns {"pages": [{"width", "lines"}, …]}; a line, in the order of the file, is [words, left, base, size, bold].

    Lengths are in points; left edge and base line are counted from the page's lower left corner, size is the font's.

    Raises:
        Refused: the file is damaged, encrypted, without text, or larger than it may be.
    """
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    detector = _LossDetector()
    logging.getLogger("pypdf").addHandler(detector)
    _limit_pypdf()
    try:
        pages = _read_pages(data)
    except (MemoryError, Refused):
        raise
    except (DependencyError, FileNotDecryptedError) as error:
        raise Refused(*_ENCRYPTED) from error
    except LimitReachedError as error:
        raise Refused("would unpack to more than a bulletin takes") from error
    except Exception as error:  # pypdf raises errors of any kind over a damaged document
        raise Refused(*DAMAGED) from error
    finally:
        logging.getLogger("pypdf").removeHandler(detector)
    if detector.found_loss:
        raise Refused("can't be read whole: a part of it is damaged, or written in an unknown way")
    if not any(line[0].strip() for page in pages for line in page["lines"]):
        raise Refused("holds no text; it may be scanned")
    return {"pages": pages}


def _limit_pypdf() -> None:
    import pypdf
    import pypdf.filters

    pypdf.overwrite_configuration(
        maximum_declared_stream_length=limits.MAX_PDF_STREAM_BYTES,
        array_based_stream_maximum_output_length=limits.MAX_PDF_STREAM_BYTES,
        lzw_maximum_output_length=limits.MAX_PDF_STREAM_BYTES,
        run_length_maximum_output_length=limits.MAX_PDF_STREAM_BYTES,
        brotli_maximum_output_length=limits.MAX_PDF_STREAM_BYTES,
        jbig2dec_binary=None,
    )
    pypdf.filters.decompress = _Inflater()


def _read_pages(data: bytes) -> list[dict[str, Any]]:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("is protected by a password", "Save it without one")
    if (number := len(reader.pages)) > limits.MAX_PDF_PAGES:
        raise Refused(f"has {number:,} pages, more than {limits.MAX_PDF_PAGES}", "Check that it is one bulletin")
    pages: list[dict[str, Any]] = []
    line_count = characters = 0
    for page in reader.pages:
        lines = [line.to_json() for line in _lines(page)]
        pages.append({"width": _points(float(page.mediabox.width)), "lines": lines})
        line_count += len(lines)
        characters += sum(len(line[0]) + 1 for line in lines)
        if line_count > limits.MAX_PDF_LINES:
            raise Refused(f"holds over {limits.MAX_PDF_LINES:,} lines", "Check that it is one bulletin")
        if characters > limits.MAX_PDF_CHARS:
            raise Refused(f"holds over {limits.MAX_PDF_CHARS:,} characters", "Check that it is one bulletin")
    return pages


def _lines(page: Any) -> list[_Line]:
    """Returns the text that pypdf extracts from a page, line by line: its runs joined are the whole of it."""
    lines = [_Line()]

    def visit(words: str, place: list[float], text_place: list[float], font: Any, size: float) -> None:
        left = text_place[4] * place[0] + text_place[5] * place[2] + place[4]
        base = text_place[4] * place[1] + text_place[5] * place[3] + place[5]
        size *= math.hypot(text_place[2], text_place[3]) * math.hypot(place[2], place[3])
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        for number, part in enumerate(words.split("\n")):
            if number:
                lines.append(_Line())
            if part:
                lines[-1].runs.append((part, _points(left), _points(base), max(_points(size), 0.1), bold))

    page.extract_text(visitor_text=visit)
    return lines


def _points(length: float) -> float:
    """Returns the length in tenths of a point, 0 for one that no page has."""
    return round(length, 1) if math.isfinite(length) and abs(length) < _MAX_LENGTH_POINTS else 0.0


if __name__ == "__main__":
    sys.exit(serve(extract))
