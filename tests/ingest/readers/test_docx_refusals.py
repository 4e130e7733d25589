"""Word documents that are bombs, damaged or protected are refused in one line."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from docx.oxml.ns import nsdecls

from rag import limits
from tests.support.sandboxed import outcome, word


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


def test_a_word_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """Under 100 KB that would be 100 MB, by what the archive's directory says."""
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("word/document.xml", bytes(100_000_000))
    assert len(empty.getvalue()) < 100_000 < limits.MAX_DOCX_UNPACKED_BYTES < 100_000_000
    assert outcome(tmp_path, empty.getvalue(), ".docx") == (
        "would unpack to 100,000,000 bytes in 1 part, more than a document takes. Save its text as .txt"
    )


def test_an_archive_of_thousands_of_parts_is_refused(tmp_path: Path) -> None:
    """Each of them may be empty."""
    many = with_parts(word("x"), **{f"part{number}": b"" for number in range(limits.MAX_DOCX_ENTRIES)})
    assert "parts, more than a document takes" in str(outcome(tmp_path, many, ".docx"))


@pytest.mark.usefixtures("apart")
def test_a_word_document_that_takes_too_much_memory_ends_by_its_limit(tmp_path: Path) -> None:
    """Within what may be unpacked, millions of empty elements would take gigabytes."""
    body = f"<w:document {nsdecls('w')}><w:body>{'<w:p/>' * 8_000_000}</w:body></w:document>"
    greedy = with_parts(word("x"), main=body.encode(), padding=os.urandom(600_000))
    assert outcome(tmp_path, greedy, ".docx") == "takes too much memory to read. Save its text as .txt"


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
