"""Readers in a process of their own: whatever a PDF or a Word document is made to do, one line says so."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import nsdecls
from pypdf import PdfWriter

from rag import limits
from rag.errors import BulletinUnreadable
from rag.ingest.parse import parse
from rag.ingest.sandbox import runner
from rag.ingest.sandbox.confine import Refused
from rag.models import Bulletin
from tests.support.paths import ROOT
from tests.support.pdf_files import DEFLATED, raw_pdf, show_text, stream, text_pdf
from tests.support.sample_bulletins import FIRST

HELLO = show_text(b"The guests bowed twice on May 3.")
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources "
FORMS = b"/Font << /F1 5 0 R >> /XObject << /X1 8 0 R >>"
LOST = stream(b"no such packing", FORM + b"3 0 R /Filter /FlateDecode")
LINES = [line for line in FIRST.splitlines() if line.strip()]

# Reads every file named, within the readers' own limits, and prints what became of each; any other error than a refusal
# ends it with a traceback.
ALL = """
import importlib, json, pathlib, sys
from rag.ingest.sandbox.confine import Refused, serve
extractor = importlib.import_module(f"rag.ingest.sandbox.{sys.argv[1]}")
def all_of(names):
    told = []
    for name in names.decode().splitlines():
        try:
            told.append(json.dumps(extractor.extract(pathlib.Path(name).read_bytes())))
        except Refused as refused:
            told.append(f"{refused.what}. {refused.remedy}")
    return {"told": told}
sys.exit(serve(all_of))
"""


def word(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def with_parts(document: bytes, **parts: bytes) -> bytes:
    """The document with its main part replaced (``main``), and others added."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if not (entry.filename == "word/document.xml" and "main" in parts):
                new.writestr(entry, old.read(entry))
        for name, data in parts.items():
            new.writestr("word/document.xml" if name == "main" else name, data)
    return written.getvalue()


def outcome(folder: Path, data: bytes, suffix: str) -> Bulletin | str:
    """The bulletin, or the line of its refusal."""
    path = folder / f"bulletin{suffix}"
    path.write_bytes(data)
    try:
        return parse(path)
    except BulletinUnreadable as refused:
        line = str(refused)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert "Traceback" not in line
    return line.removeprefix(f"{path}: ")


def read_all(folder: Path, reader: str, files: list[bytes]) -> list[str]:
    """What the reader makes of each of the files, one after the other in one process."""
    names = []
    for number, data in enumerate(files):
        names.append(folder / f"{number}.{reader}")
        names[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", ALL, reader],
        input="\n".join(map(str, names)).encode(),
        capture_output=True,
        cwd=ROOT,
        timeout=200,
        check=False,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr.decode()[-2000:]
    told: list[str] = json.loads(done.stdout)["read"]["told"]
    assert len(told) == len(files)
    return told


def damaged(data: bytes, seed: int, number: int) -> list[bytes]:
    """Copies with flipped bits, every fourth cut off instead."""
    chance = random.Random(seed)
    found = []
    for n in range(number):
        copy = bytearray(data)
        if n % 4 == 3:
            del copy[chance.randrange(len(copy)) :]
        else:
            for _ in range(chance.choice([1, 3, 20])):
                copy[chance.randrange(len(copy))] ^= 1 << chance.randrange(8)
        found.append(bytes(copy))
    return found


@pytest.mark.process
def test_a_word_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """Under 100 KB that would be 100 MB, by what the archive's directory says."""
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("word/document.xml", bytes(100_000_000))
    assert len(empty.getvalue()) < 100_000 < limits.MAX_DOCX_UNPACKED_BYTES < 100_000_000
    assert outcome(tmp_path, empty.getvalue(), ".docx") == (
        "would unpack to 100,000,000 bytes in 1 part, more than a document takes. Save its text as .txt"
    )


@pytest.mark.process
def test_an_archive_of_thousands_of_parts_is_refused(tmp_path: Path) -> None:
    """Each of them may be empty."""
    many = with_parts(word("x"), **{f"part{number}": b"" for number in range(limits.MAX_DOCX_ENTRIES)})
    assert "parts, more than a document takes" in str(outcome(tmp_path, many, ".docx"))


@pytest.mark.process
def test_a_word_document_that_takes_too_much_memory_ends_by_its_limit(tmp_path: Path) -> None:
    """Within what may be unpacked, millions of empty elements would take gigabytes."""
    body = f"<w:document {nsdecls('w')}><w:body>{'<w:p/>' * 8_000_000}</w:body></w:document>"
    greedy = with_parts(word("x"), main=body.encode(), padding=os.urandom(600_000))
    assert outcome(tmp_path, greedy, ".docx") == "takes too much memory to read. Save its text as .txt"


@pytest.mark.process
@pytest.mark.parametrize(
    ("data", "line"),
    [
        (word(), "holds no paragraph. Check that it is a whole bulletin"),
        (b"words", "is damaged, or is not a Word document. Open it in Word and save it again"),
        (b"PK\x03\x04", "is damaged, or is not a Word document. Open it in Word and save it again"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "is in Word's format of before 2007. Save it as .docx"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "is protected by a password. Save it without one",
        ),
    ],
    ids=["empty", "text", "stub", "old", "protected"],
)
def test_what_is_no_word_document_is_refused(data: bytes, line: str, tmp_path: Path) -> None:
    """In its own words each."""
    assert outcome(tmp_path, data, ".docx") == line


@pytest.mark.process
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
        (raw_pdf([zlib.compress(HELLO)[:-5]], DEFLATED), "is damaged, or is not a PDF."),
        (raw_pdf([b"/X1 Do " + HELLO], resources=FORMS, more=[LOST]), "can't be read whole: a part of it is damaged"),
    ],
    ids=["text", "stub", "drawing", "picture", "no-page", "pages", "unknown-letters", "cut-stream", "lost-part"],
)
def test_what_is_no_pdf_with_text_is_refused(data: bytes, line: str, tmp_path: Path) -> None:
    """In its own words each; a part that can't be read isn't left out in silence."""
    assert str(outcome(tmp_path, data, ".pdf")).startswith(line)


def encrypted(password: str) -> bytes:
    """By RC4, which takes no further library."""
    writer = PdfWriter(clone_from=io.BytesIO(raw_pdf([HELLO])))
    writer.encrypt(user_password=password, owner_password="another", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.process
def test_an_encrypted_pdf_is_refused_if_it_asks_for_a_password(tmp_path: Path) -> None:
    """One that only forbids to print or copy is read, unless its method isn't known here."""
    read = outcome(tmp_path, encrypted(""), ".pdf")
    assert isinstance(read, Bulletin)
    assert read.text == "The guests bowed twice on May 3."
    assert outcome(tmp_path, encrypted("secret"), ".pdf") == "is protected by a password. Save it without one"
    aes = b"/V 4 /CF << /StdCF << /CFM /AESV2 /Length 16 >> >> /StmF /StdCF /StrF /StdCF"
    data = encrypted("").replace(b"/V 2", aes).replace(b"/R 3", b"/R 4")
    assert outcome(tmp_path, data, ".pdf") == (
        "is encrypted by a method that can't be read here. Save it without a password or restrictions"
    )


@pytest.mark.process
@pytest.mark.parametrize("layers", [1, 2])
def test_a_pdf_bomb_is_refused_before_it_is_unpacked(layers: int, tmp_path: Path) -> None:
    """100 MB of white space in one stream, packed once or twice."""
    data = bytes(100_000_000)
    for _ in range(layers):
        data = zlib.compress(data, 9)
    bomb = raw_pdf([data], b"/Filter [" + b"/FlateDecode " * layers + b"]")
    assert len(bomb) < 150_000
    assert outcome(tmp_path, bomb, ".pdf") == "would unpack to more than a bulletin takes. Save its text as .txt"


@pytest.mark.process
def test_many_streams_together_are_bounded_too(tmp_path: Path) -> None:
    """Each within its limit, all over theirs."""
    fonts = b" ".join(b"/G%d << /Type /Font /Subtype /Type1 /ToUnicode %d 0 R >>" % (n, 8 + n) for n in range(4))
    maps = [stream(zlib.compress(bytes(limits.MAX_PDF_UNPACKED_BYTES // 3), 9), DEFLATED)] * 4
    told = outcome(tmp_path, raw_pdf([HELLO], resources=b"/Font << /F1 5 0 R " + fonts + b" >>", more=maps), ".pdf")
    assert told == "would unpack to more than a bulletin takes. Save its text as .txt"


def endless() -> bytes:
    """Forms that draw forms: a few bytes, and millions of words."""
    more = [
        stream(b"/X2 Do " * 50, FORM + b"<< /XObject << /X2 9 0 R >> >>"),
        stream(show_text(b"Guests bowed.") * 20, FORM + b"3 0 R"),
    ]
    return raw_pdf([b"/X1 Do " * 50] * limits.MAX_PDF_PAGES, resources=FORMS, more=more)


@pytest.mark.process
def test_what_takes_for_ever_is_ended() -> None:
    """By the clock here, and by the reader's own limit of the processor's time."""
    with pytest.raises(Refused, match="takes too long to read"):
        runner.extract("pdf", endless(), seconds=3)
    assert limits.SANDBOX_WALL_SECONDS < 100


@pytest.mark.process
def test_the_processors_time_is_limited(tmp_path: Path) -> None:
    """Where the clock allows more, the reader is ended all the same, and the line says why."""
    script = (
        "import sys; from rag import limits; from rag.ingest.sandbox import confine, pdf;"
        " limits.SANDBOX_CPU_SECONDS = 2; sys.exit(confine.serve(pdf.extract))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=endless(), capture_output=True, cwd=ROOT, timeout=100, check=False
    )
    assert (done.returncode, done.stdout) == (-24, b"")  # SIGXCPU, which ``child`` knows


@pytest.mark.process
@pytest.mark.parametrize(
    ("suffix", "make"),
    [
        (".pdf", lambda: text_pdf([(60, 780 - 24 * n, 12, line) for n, line in enumerate(LINES)])),
        (".docx", lambda: word(*LINES)),
    ],
    ids=["pdf", "docx"],
)
def test_a_damaged_file_is_a_bulletin_or_a_line(suffix: str, make: Callable[[], bytes], tmp_path: Path) -> None:
    """Flipped bits in many places, or cut off: never a traceback, and no word is changed in silence by damage that the
    file's own checksums tell."""
    whole = make()
    expected = outcome(tmp_path, whole, suffix)
    assert isinstance(expected, Bulletin)
    files = damaged(whole, 7, 100)
    told = read_all(tmp_path, suffix[1:], [whole, *files])
    kinds = Counter("same" if one == told[0] else "read" if one.startswith("{") else one for one in told[1:])
    assert kinds["same"] < 100
    assert any(kind.startswith("is damaged") for kind in kinds)
    if suffix == ".docx":
        assert kinds["read"] <= 5  # names in the archive's directory have no checksum
    for data in files[:8]:
        found = outcome(tmp_path, data, suffix)
        assert isinstance(found, str) or found.body


@pytest.mark.process
def test_nothing_that_the_reader_says_comes_out(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """pypdf's warnings go nowhere."""
    outcome(tmp_path, raw_pdf([HELLO])[:-200], ".pdf")
    assert capfd.readouterr() == ("", "")
