"""Small PDFs for the tests, written by hand: what stands where on which page, and what is wrong with them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

Words = tuple[float, float, float, str]
"""Left edge, base line and font size in points, and the words."""
DEFLATED = b"/Filter /FlateDecode"


def text_pdf(*pages: Sequence[Words]) -> bytes:
    """A PDF of these pages, whose words may be of any script: Chinese characters are as wide as the font's size, all
    others half as wide."""
    letters = sorted({letter for page in pages for *_, words in page for letter in words})
    codes = {letter: number for number, letter in enumerate(letters, 1)}
    contents = []
    for page in pages:
        parts = []
        for left, base, size, words in page:
            coded = "".join(f"{codes[letter]:04x}" for letter in words)
            parts.append(f"BT /F1 {size} Tf 1 0 0 1 {left} {base} Tm <{coded}> Tj ET")
        contents.append(zlib.compress("\n".join(parts).encode()))
    mapped = "".join(f"<{codes[letter]:04x}> <{letter.encode('utf-16-be').hex()}>\n" for letter in letters)
    cmap = f"begincmap\n{len(letters)} beginbfchar\n{mapped}endbfchar\nendcmap".encode()
    wide = b" ".join(b"%d [1000]" % code for letter, code in codes.items() if letter > "\u2e7f")
    fonts = [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H"
        b" /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /DW 500 /W [" + wide + b"] >>",
        stream(cmap),
    ]
    return raw_pdf(contents, DEFLATED, fonts=fonts)


def raw_pdf(
    contents: Sequence[bytes],
    entries: bytes = b"",
    *,
    resources: bytes = b"/Font << /F1 5 0 R >>",
    fonts: Sequence[bytes] = (b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",) * 3,
    more: Sequence[bytes] = (),
) -> bytes:
    """A PDF with a page for each content stream, the streams having these entries.  Objects 5 to 7 are fonts, ``more``
    begin with 8; ``resources`` are the pages'."""
    kids = range(8 + len(more), 8 + len(more) + len(contents))
    references = b" ".join(b"%d 0 R" % kid for kid in kids)
    unique = list(dict.fromkeys(contents))
    first = 8 + len(more) + len(contents)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + references + b"] /Count %d >>" % len(contents),
        b"<< " + resources + b" >>",
        b"null",
        *fonts,
        *more,
        *(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources 3 0 R /Contents %d 0 R >>"
            % (first + unique.index(content))
            for content in contents
        ),
        *(stream(content, entries) for content in unique),
    ]
    return assemble(objects)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def assemble(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """The file of these objects, the first of them its catalog."""
    written = bytearray(b"%PDF-1.7\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, table)
    return bytes(written)


def show_text(words: bytes) -> bytes:
    """A content stream that shows words of Latin letters."""
    return b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % words
