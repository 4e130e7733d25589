"""Runs the instructions of a PDF's pages by pdfminer.six, and collects what they show."""

from __future__ import annotations

from typing import Any

from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdffont import PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.psparser import LIT

from rag.ingest.readers.pdf_glyphs import GlyphLine, place_glyph

_LIGATURES = {222: "\ufb01", 223: "\ufb02"}  # of MacRomanEncoding


class Collector(PDFTextDevice):
    """Notes each character that a page shows in its ``lines``."""

    lines: list[GlyphLine]

    def render_char(self, matrix: Any, font: Any, fontsize: float, scaling: float, rise: float, cid: int,
                    ncs: Any, graphicstate: Any) -> float:  # fmt: skip
        """Adds the character to its line, and returns the room that it takes."""
        try:
            words = font.to_unichr(cid)
        except PDFUnicodeNotDefined:
            words = _undefined(font, cid)
        advance: float = font.char_width(cid) * fontsize * scaling
        if words:
            new = place_glyph(words, matrix, fontsize, rise, advance, "bold" in str(font.fontname).lower())
            if not self.lines[-1].takes(new):
                self.lines.append(GlyphLine())
            self.lines[-1].characters.append(new)
        return advance


class _Fonts(PDFResourceManager):
    """Takes a font that doesn't say what it is for one of the plainest kind."""

    def get_font(self, objid: object, spec: Any) -> Any:
        plain = {"Type": LIT("Font"), "Subtype": LIT("Type1"), "BaseFont": LIT("unknown")}
        return super().get_font(objid, plain | spec)


class _Interpreter(PDFPageInterpreter):
    """Takes no offence at what can't change the words: colours, and marks on content."""

    def do_cs(self, name: Any) -> None:
        pass

    def do_CS(self, name: Any) -> None:  # noqa: N802
        pass


def make_interpreter() -> tuple[Collector, PDFPageInterpreter]:
    """Returns what collects characters into its ``lines``, and what runs a page's instructions on it."""
    fonts = _Fonts()
    collector = Collector(fonts)
    return collector, _Interpreter(fonts, collector)


def _undefined(font: Any, code: int) -> str:
    """Returns what a code means that the font's encoding hasn't: in a font that the file doesn't bring along, one of
    the ligatures of MacRomanEncoding or a letter of WinAnsiEncoding; else nobody knows."""
    is_embedded = any(str(key).startswith("FontFile") for key in font.descriptor)
    if font.is_multibyte() or is_embedded or not 0 <= code < 256:
        return "\ufffd"
    return _LIGATURES.get(code) or bytes([code]).decode("cp1252", "replace")
