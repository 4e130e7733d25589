"""Questions without an answer: noted by many processes at once, counted, and dropped in time."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from rag import files, limits
from rag.admin.unanswered import UnansweredQuestion, most_frequent, record
from rag.errors import LibraryDamaged
from tests.support.paths import ROOT


def today() -> dt.date:
    return dt.date.today()


def path_of(root: Path) -> Path:
    return root / "log" / "unanswered.jsonl"


def rows(root: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path_of(root).read_bytes().splitlines()]


def line(question: str, day: dt.date | None = None) -> bytes:
    return json.dumps({"day": (day or today()).isoformat(), "question": question, "why": "far"}).encode() + b"\n"


def write(root: Path, *lines: bytes) -> None:
    path_of(root).parent.mkdir(exist_ok=True)
    path_of(root).write_bytes(b"".join(lines))


def days_ago(days: int) -> dt.date:
    return today() - dt.timedelta(days=days)


def test_a_day_a_question_and_why_are_all_that_is_kept(tmp_path: Path) -> None:
    """One line each, whatever was typed."""
    assert most_frequent(tmp_path) == ()
    record(tmp_path, "Were there\n pandas\x00 in \u202espace?", "The bulletins hold nothing about it.")
    record(tmp_path, "有熊猫吗?", "")
    assert rows(tmp_path) == [
        {"day": str(today()), "question": "Were there pandas in space?", "why": "The bulletins hold nothing about it."},
        {"day": str(today()), "question": "有熊猫吗?", "why": ""},
    ]
    assert [one.name for one in path_of(tmp_path).parent.iterdir()] == ["unanswered.jsonl"]


@pytest.mark.parametrize("question", ["x" * 5_000, "𠮷" * 1_000, '"\\' * 500, "é" * 1_000, "\ud800" * 9, "\n" * 9, ""])
def test_a_line_is_short_enough_to_be_written_in_one_piece(tmp_path: Path, question: str) -> None:
    """Below 4 KB, and the question's first 1,000 characters or nearly so."""
    record(tmp_path, question, "no such words")
    assert path_of(tmp_path).stat().st_size < 4_000
    kept = rows(tmp_path)[0]["question"]
    assert question.startswith(kept)
    assert len(kept) >= min(900, len(question.strip("\n\ud800")))
    assert len(kept) <= 1_000
    record(tmp_path, question, question)
    assert path_of(tmp_path).stat().st_size < 8_000
    assert len(rows(tmp_path)[1]["why"]) <= 200


def test_questions_are_counted_by_frequency(tmp_path: Path) -> None:
    """Those that differ in letters, white space and punctuation are one, shown as most often typed; of equal counts
    the latest comes first."""
    write(
        tmp_path,
        line("pandas in space", days_ago(9)), line("Pandas in space?", days_ago(3)), line("Pandas  in space?"),
        line("Pandas in space?", days_ago(5)), line("what's on", days_ago(2)), line("What’s on?", days_ago(8)),
        line("old kites", days_ago(30)), line("new kites", days_ago(1)), line("有熊猫吗？", days_ago(4)),
        line("有熊猫吗?", days_ago(1)), line("?!", days_ago(6)), line("...", days_ago(7)),
    )  # fmt: skip
    assert most_frequent(tmp_path) == (
        UnansweredQuestion("Pandas in space?", 4, today()),
        UnansweredQuestion("有熊猫吗？", 2, days_ago(1)),
        UnansweredQuestion("what's on", 2, days_ago(2)),
        UnansweredQuestion("new kites", 1, days_ago(1)),
        UnansweredQuestion("?!", 1, days_ago(6)),
        UnansweredQuestion("...", 1, days_ago(7)),
        UnansweredQuestion("old kites", 1, days_ago(30)),
    )
    assert most_frequent(tmp_path, 2) == most_frequent(tmp_path)[:2]


def test_after_ninety_days_a_question_is_forgotten(tmp_path: Path) -> None:
    """It isn't counted, and reading removes it from the disk.  A clock set back loses nothing."""
    write(tmp_path, line("too old", days_ago(91)), line("old", days_ago(90)), line("ahead", days_ago(-30)), line("new"))
    assert [one.question for one in most_frequent(tmp_path)] == ["ahead", "new", "old"]
    assert [row["question"] for row in rows(tmp_path)] == ["old", "ahead", "new"]
    write(tmp_path, line("too old", days_ago(91)), line("never", days_ago(-200)))
    assert most_frequent(tmp_path) == ()
    assert path_of(tmp_path).read_bytes() == b""


def test_a_damaged_line_is_skipped(tmp_path: Path) -> None:
    """Cut off, no JSON, no object, no day, nested without end: the others count."""
    write(
        tmp_path,
        line("one"), b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", line("two")[:-9] + b"\n",
        b'{"day": "2024-02-30", "question": "x", "why": ""}\n',
        b'{"day": "%s", "question": 7, "why": ""}\n' % str(today()).encode(),
        b'{"day": "%s", "question": %s\n' % (str(today()).encode(), b"[" * 100_000),
        line("three"), line("four")[:45],
    )  # fmt: skip
    record(tmp_path, "five", "")  # after a line that was cut off
    assert [one.question for one in most_frequent(tmp_path)] == ["five", "one", "three"]


def test_what_can_t_be_noted_fails_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No library, no folder, a link, a file held by somebody for good: it is logged in one line."""

    def failing(root: Path) -> str:
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            record(root, "pandas", "far")
        assert len(caplog.messages) == 1
        assert "\n" not in caplog.messages[0]
        return caplog.messages[0]

    assert "could not be noted" in failing(tmp_path / "none")
    (tmp_path / "log").write_text("no folder", encoding="utf-8")
    failing(tmp_path)
    (tmp_path / "log").unlink()
    (tmp_path / "log").mkdir()
    path_of(tmp_path).symlink_to(tmp_path / "elsewhere")
    failing(tmp_path)
    assert not (tmp_path / "elsewhere").exists()
    path_of(tmp_path).unlink()
    os.mkfifo(path_of(tmp_path))
    failing(tmp_path)
    path_of(tmp_path).unlink()
    with path_of(tmp_path).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "another process holds it" in failing(tmp_path)
    record(tmp_path, "pandas", "far")
    assert len(rows(tmp_path)) == 1


def test_a_file_that_can_t_be_read_is_named(tmp_path: Path) -> None:
    path_of(tmp_path).mkdir(parents=True)
    with pytest.raises(LibraryDamaged, match=r"unanswered\.jsonl: can't be read \(is a directory\)"):
        most_frequent(tmp_path)


def test_a_note_goes_into_the_file_that_is_read(tmp_path: Path) -> None:
    """Not into the one that another process tidied away while the note waited for it."""
    write(tmp_path, line("before"))
    with path_of(tmp_path).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        noting = threading.Thread(target=record, args=(tmp_path, "meanwhile", "far"))
        noting.start()
        time.sleep(0.2)  # it has opened the file by now, most likely
        files.write_atomic(path_of(tmp_path), line("tidied"))
    noting.join()
    assert [row["question"] for row in rows(tmp_path)] == ["tidied", "meanwhile"]


NOTE_MANY = """
import sys
from pathlib import Path
from rag.admin.unanswered import most_frequent, record
root, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    record(root, f"{name} asks {number} {'what is this ' * 60}", "far")
    if number % 10 == 9:
        with (root / "log" / "unanswered.jsonl").open("ab") as file:
            file.write(b'{"day": "2020-01-01", "question": "too old", "why": ""}\\n')
        most_frequent(root)
"""


def noted_at_once(root: Path, processes: int, count: int) -> None:
    """That many real processes, which begin at one moment."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", NOTE_MANY, str(root), f"process {number}", str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in running:
        _, told = process.communicate(timeout=120)
        assert (process.returncode, told) == (0, b"")


@pytest.mark.process
def test_many_processes_note_at_once_and_no_line_is_lost(tmp_path: Path) -> None:
    """While the file is tidied of what is too old, again and again."""
    noted_at_once(tmp_path, 6, 100)
    most_frequent(tmp_path)
    names = Counter(" ".join(row["question"].split()[:4]) for row in rows(tmp_path))
    assert names == Counter(f"process {p} asks {n}" for p in range(6) for n in range(100))


@pytest.mark.process
def test_a_large_file_loses_its_older_half_and_nothing_of_now(tmp_path: Path) -> None:
    """Whoever makes it too large, while others append."""
    old = [
        line(f"earlier {number} {'what is this ' * 60}", days_ago(1))
        for number in range(limits.MAX_UNANSWERED_BYTES // 850)
    ]
    write(tmp_path, *old)
    room = limits.MAX_UNANSWERED_BYTES - path_of(tmp_path).stat().st_size
    assert 0 < room < 850 * 300
    noted_at_once(tmp_path, 4, 100)
    assert path_of(tmp_path).stat().st_size <= limits.MAX_UNANSWERED_BYTES * 0.75
    questions = [" ".join(row["question"].split()[:4]) for row in rows(tmp_path)]
    now = [question for question in questions if question.startswith("process")]
    assert Counter(now) == Counter(f"process {p} asks {n}" for p in range(4) for n in range(100))
    before = [int(question.split()[1]) for question in questions if question.startswith("earlier")]
    assert before == list(range(before[0], len(old)))
    assert [one.name for one in path_of(tmp_path).parent.iterdir()] == ["unanswered.jsonl"]
