"""Extractors in a process of their own: whatever a file makes them do, one line says so."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import limits
from rag.ingest.sandbox import runner
from rag.ingest.sandbox.runner import Refused
from rag.models import Bulletin
from tests.support.paths import ROOT
from tests.support.pdf_files import raw_pdf, show_text, stream, text_pdf
from tests.support.sample_bulletins import FIRST
from tests.support.sandboxed import FORM, FORMS, HELLO, outcome, word

LINES = [line for line in FIRST.splitlines() if line.strip()]


# Reads every file named, within the readers' own limits, and prints what became of each; any other error than a refusal
# ends it with a traceback.
ALL = """
import importlib, json, pathlib, sys
from rag.ingest.sandbox.runner import Refused, serve
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


def endless() -> bytes:
    """Forms that draw forms: a few bytes, and millions of words."""
    more = [
        stream(b"/X2 Do " * 50, FORM + b"<< /XObject << /X2 9 0 R >> >>"),
        stream((show_text(b"Guests bowed.") + b" ") * 20, FORM + b"3 0 R"),
    ]
    return raw_pdf([b"/X1 Do " * 50] * limits.MAX_PDF_PAGES, resources=FORMS, more=more)


@pytest.mark.process
def test_what_takes_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock here, and by the reader's own limit of the processor's time."""
    assert limits.SANDBOX_WALL_SECONDS < 100
    monkeypatch.setattr(limits, "SANDBOX_WALL_SECONDS", 3)
    with pytest.raises(Refused, match="takes too long to read"):
        runner.extract("pdf", endless())


@pytest.mark.process
def test_the_processors_time_is_limited(tmp_path: Path) -> None:
    """Where the clock allows more, the reader is ended all the same, and the line says why."""
    script = (
        "import sys; from rag import limits; from rag.ingest.sandbox import pdf, runner;"
        " limits.SANDBOX_CPU_SECONDS = 2; sys.exit(runner.serve(pdf.extract))"
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
