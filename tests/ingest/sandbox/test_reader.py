"""Files read in a process of their own: whatever one makes it do, one line says so, and the next file is read."""

from __future__ import annotations

import datetime as dt
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rag import limits
from rag.ingest.refused import Refused
from rag.ingest.sandbox import confinement, reader, replies, seccomp
from rag.ingest.sandbox.replies import BadReply
from tests.conftest import READ_APART
from tests.support.paths import DEV, ROOT
from tests.support.pdf_files import raw_pdf, show_text, stream, text_pdf
from tests.support.sample_bulletins import FIRST
from tests.support.sandboxed import FORM, FORMS, HELLO, outcome, word

SAMPLES = DEV / "corpus"
LINES = [line for line in FIRST.splitlines() if line.strip()]


def read_all(suffix: str, files: list[bytes]) -> list[str]:
    """What a worker makes of each of the files."""
    told = []
    for data in files:
        try:
            told.append(repr(reader.read_bulletin(suffix, data)))
        except Refused as refused:
            told.append(f"{refused.what}. {refused.remedy}")
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


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("limit", ["SANDBOX_WALL_SECONDS", "SANDBOX_CPU_SECONDS"])
def test_what_takes_for_ever_is_ended(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock, and by the processor's time; the files after it are read all the same."""
    assert getattr(limits, limit) < 100
    monkeypatch.setattr(limits, limit, 1)
    with pytest.raises(Refused, match="takes too long to read"):
        reader.read_bulletin(".pdf", endless())
    monkeypatch.undo()
    monkeypatch.setattr(reader, "ask", READ_APART)
    assert reader.read_bulletin(".pdf", raw_pdf([HELLO]))[0].text == "The guests bowed twice on May 3."


@pytest.mark.usefixtures("apart")
def test_one_process_reads_file_after_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it has read as many as one may; each sort of file has a process of its own, and none outlives its rest."""
    started = []
    start = subprocess.Popen

    def counted(*arguments: Any, **options: Any) -> Any:
        started.append(start(*arguments, **options))
        return started[-1]

    workers = reader._Workers()
    monkeypatch.setattr(reader, "ask", workers.ask)
    monkeypatch.setattr(subprocess, "Popen", counted)
    for _ in range(5):
        reader.read_bulletin(".txt", FIRST.encode())
        reader.read_bulletin(".html", b"<p>The guests bowed.</p>")
    assert len(started) == 1
    reader.read_bulletin(".pdf", raw_pdf([HELLO]))
    assert len(started) == 2
    monkeypatch.setattr(limits, "SANDBOX_FILES", 11)
    for _ in range(2):
        reader.read_bulletin(".txt", FIRST.encode())
    assert len(started) == 3
    workers.close()
    assert all(process.poll() is not None for process in started)


@pytest.mark.usefixtures("apart")
def test_a_dead_worker_loses_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one reads the file that it would have read."""
    workers = reader._Workers()
    monkeypatch.setattr(reader, "ask", workers.ask)
    expected = reader.read_bulletin(".txt", FIRST.encode())
    (process,) = workers._idle
    process._process.kill()
    process._process.wait()
    monkeypatch.setattr(process._process, "poll", lambda: None)  # it dies right after it was looked at
    assert reader.read_bulletin(".txt", FIRST.encode()) == expected
    workers.close()


@pytest.mark.usefixtures("apart")
def test_readers_in_many_threads_do_not_meet() -> None:
    """Each gets what its own file says."""
    texts = [f"Guests of group {number} bowed.\n" * 50 for number in range(24)]
    with ThreadPoolExecutor(6) as pool:
        read = list(pool.map(lambda text: reader.read_bulletin(".txt", text.encode())[0].text, texts))
    assert read == texts


@pytest.mark.parametrize(
    "change",
    [
        {"text": 5},
        {"text": "x" * (limits.MAX_TEXT_FILE_BYTES + 1)},
        {"body": []},
        {"body": [[0, 0, ""]]},
        {"body": [[0, 17, ""]]},
        {"body": [[-1, 3, ""]]},
        {"body": [[0, 3, ""], [2, 5, ""]]},
        {"body": [[0, 3, "script"]]},
        {"body": [[0, 3]]},
        {"body": [[0, 3.0, ""]]},
        {"body": [[0, True, ""]]},
        {"date": "yesterday"},
        {"date": 5},
        {"title": ["T"]},
        {"notes": "note"},
        {"encoding": "utf-8\n"},
        {"name": "other.txt"},
    ],
    ids=str,
)
def test_a_reply_that_is_none_is_not_taken(change: dict[str, Any]) -> None:
    """Whatever the worker has come under the sway of: its types, lengths and places are looked at."""
    right = {"text": "The guests bowed", "title": None, "date": "2024-05-03", "source": None, "url": None}
    right |= {"column": None, "body": [[0, 16, ""]], "notes": [], "encoding": "utf-8"}
    assert replies.bulletin(json.dumps({"read": right}).encode())[0].date == dt.date(2024, 5, 3)
    with pytest.raises(BadReply):
        replies.bulletin(json.dumps({"read": right | change}).encode())


@pytest.mark.parametrize(
    "reply", [b"", b"[", b"[" * 100_000, b"{}", b'{"what": 5, "remedy": ""}', b'{"read": "\\ud800"}']
)
def test_what_is_no_reply_is_not_taken(reply: bytes) -> None:
    """However it is nested or cut off."""
    for check in (replies.bulletin, replies.draft, replies.links, replies.start):
        with pytest.raises(BadReply):
            check(reply)


@pytest.mark.usefixtures("apart")
def test_where_the_system_lacks_a_means_files_are_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without Landlock and seccomp, as where they are forbidden; a sentence says so, and the log what failed."""
    without = """
import sys; sys.path.insert(0, sys.argv[1])
from rag.ingest.sandbox import confinement, seccomp, worker
seccomp.install = confinement._restrict_files = lambda *_: False
worker.main(sys.argv[2])
"""
    workers = reader._Workers()
    monkeypatch.setattr(reader, "_MAIN", without)
    monkeypatch.setattr(reader, "ask", workers.ask)
    assert reader.read_bulletin(".txt", FIRST.encode())[0].body
    told = {f"Foreign files are read without {name}, though this system has it." for name in ("Landlock", "seccomp")}
    assert set(caplog.messages) == {line for line in told if not any(name in line for name in confinement.missing())}
    workers.close()
    monkeypatch.setattr(confinement, "_landlock_version", lambda _: -1)
    monkeypatch.setattr(seccomp, "is_available", lambda _: False)
    expected = "Foreign files are read without Landlock, seccomp, which this system lacks or forbids"
    assert confinement.lacking() == expected


@pytest.mark.parametrize(
    ("suffix", "make"),
    [
        (".pdf", lambda: text_pdf([(60, 780 - 24 * n, 12, line) for n, line in enumerate(LINES)])),
        (".docx", lambda: word(*LINES)),
        (".html", lambda: (SAMPLES / "page_01.html").read_bytes()),
        (".md", lambda: f"# {LINES[0]}\n\n{FIRST}".encode()),
    ],
    ids=["pdf", "docx", "html", "md"],
)
@pytest.mark.usefixtures("apart")
def test_a_damaged_file_is_a_bulletin_or_a_line(suffix: str, make: Callable[[], bytes]) -> None:
    """Flipped bits in many places, or cut off: no word is changed in silence by damage that the file's own checksums
    tell, and no worker dies of it."""
    whole = make()
    told = read_all(suffix, [whole, *damaged(whole, 7, 100)])
    kinds = Counter("same" if one == told[0] else "read" if one.startswith("(") else one for one in told[1:])
    assert told[0].startswith("(Document(")
    assert kinds["same"] < 100
    assert not any("memory or time" in kind for kind in kinds)
    if suffix in (".pdf", ".docx"):
        assert any(kind.startswith("is damaged") for kind in kinds)
    if suffix == ".docx":
        assert kinds["read"] <= 5  # names in the archive's directory have no checksum


@pytest.mark.usefixtures("apart")
def test_nothing_that_the_reader_says_comes_out(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """pdfminer's warnings go nowhere."""
    outcome(tmp_path, raw_pdf([HELLO])[:-200], ".pdf")
    assert capfd.readouterr() == ("", "")


@pytest.mark.process
def test_whoever_asks_for_files_to_be_read_holds_no_reader() -> None:
    """Neither the page nor a command imports what takes a foreign file apart."""
    script = (
        "import sys\n"
        "import rag.cli.index, rag.cli.parse, rag.cli.sync, rag.web.check.jobs, rag.web.operator.preview\n"
        "held = {'selectolax', 'lxml', 'docx', 'pdfminer', 'markdown_it', 'rag.ingest.readers.registry'}\n"
        "assert not held & set(sys.modules), held & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)
