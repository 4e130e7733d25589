"""PDFs that are bombs, damaged, encrypted or without text are refused in one line."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from pypdf import PdfWriter

from rag import limits
from rag.models import Bulletin
from tests.support.pdf_files import DEFLATED, raw_pdf, show_text, stream
from tests.support.sandboxed import FORM, FORMS, HELLO, outcome

LOST = stream(b"no such packing", FORM + b"3 0 R /Filter /FlateDecode")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"words", "is damaged, or is not a PDF. Save or print it as a PDF again"),
        (b"%PDF-1.7\n", "is damaged, or is not a PDF. Save or print it as a PDF again"),
        (raw_pdf([b"0 0 m 9 9 l S"]), "holds no text; it may be scanned. Save its text as .txt"),
        (raw_pdf([b"q 595 0 0 842 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"]), "holds no text; it may be scanned."),
        (raw_pdf([]), "holds no text; it may be scanned. Save its text as .txt"),
        (
            raw_pdf([HELLO] * (limits.MAX_PDF_PAGES + 1)),
            f"has {limits.MAX_PDF_PAGES + 1} pages, more than {limits.MAX_PDF_PAGES}.",
        ),
        (
            raw_pdf([show_text(b"\\001\\002\\003")]),
            "holds letters that its fonts don't tell the meaning of. Save its text as",
        ),
        (raw_pdf([HELLO], b"/Filter /NoSuchFilter"), "can't be read whole: a part of it is written in an unknown way."),
        (raw_pdf([HELLO.replace(b"F1", b"F2")]), "is damaged, or is not a PDF."),
        (raw_pdf([zlib.compress(HELLO)[:-5]], DEFLATED), "is damaged, or is not a PDF."),
        (raw_pdf([b"/X1 Do " + HELLO], resources=FORMS, more=[LOST]), "is damaged, or is not a PDF."),
    ],
    ids=[
        "text",
        "stub",
        "drawing",
        "picture",
        "no-page",
        "pages",
        "unknown-letters",
        "unknown-packing",
        "lost-font",
        "cut-stream",
        "lost-part",
    ],
)
def test_what_is_no_pdf_with_text_is_refused(data: bytes, line: str, tmp_path: Path) -> None:
    """In its own words each; a part that can't be read isn't left out in silence."""
    assert str(outcome(tmp_path, data, ".pdf")).startswith(line)


def encrypted(password: str, algorithm: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(raw_pdf([HELLO])))
    writer.encrypt(user_password=password, owner_password="another", algorithm=algorithm)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_an_encrypted_pdf_is_refused_if_it_asks_for_a_password(algorithm: str, tmp_path: Path) -> None:
    """One that only forbids to print or copy is read, unless its method isn't known here."""
    read = outcome(tmp_path, encrypted("", algorithm), ".pdf")
    assert isinstance(read, Bulletin)
    assert read.text == "The guests bowed twice on May 3."
    assert (
        outcome(tmp_path, encrypted("secret", algorithm), ".pdf") == "is protected by a password. Save it without one"
    )
    data = encrypted("", "RC4-128").replace(b"/V 2", b"/V 9")
    assert outcome(tmp_path, data, ".pdf") == (
        "is encrypted by a method that can't be read here. Save it without a password or restrictions"
    )


@pytest.mark.parametrize("layers", [1, 2])
def test_a_pdf_bomb_is_refused_before_it_is_unpacked(layers: int, tmp_path: Path) -> None:
    """100 MB of white space in one stream, packed once or twice."""
    data = bytes(100_000_000)
    for _ in range(layers):
        data = zlib.compress(data, 9)
    bomb = raw_pdf([data], b"/Filter [" + b"/FlateDecode " * layers + b"]")
    assert len(bomb) < 150_000
    assert outcome(tmp_path, bomb, ".pdf") == "would unpack to more than a bulletin takes. Save its text as .txt"


def test_many_streams_together_are_bounded_too(tmp_path: Path) -> None:
    """Each within its limit, all over theirs."""
    fonts = b" ".join(b"/G%d << /Type /Font /Subtype /Type1 /ToUnicode %d 0 R >>" % (n, 8 + n) for n in range(4))
    maps = [stream(zlib.compress(b" " * (limits.MAX_PDF_UNPACKED_BYTES // 3), 9), DEFLATED)] * 4
    told = outcome(tmp_path, raw_pdf([HELLO], resources=b"/Font << /F1 5 0 R " + fonts + b" >>", more=maps), ".pdf")
    assert told == "would unpack to more than a bulletin takes. Save its text as .txt"
