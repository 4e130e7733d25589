"""Saved questions: kept in order, each once, only such as can be asked, whoever saves at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from rag import files, limits
from rag.admin import saved_questions
from rag.errors import LibraryBusy, LibraryDamaged, LibraryUnwritable, OperatorRefused, SettingInvalid
from tests.support.paths import ROOT

ROBOTS, TEA = "What happened in Haidian?", "Who drank tea in 2024?"


def test_questions_stay_in_the_order_they_were_saved(tmp_path: Path) -> None:
    """Until they are taken away."""
    root = tmp_path / "library"
    assert saved_questions.read(root) == ()
    for question in (TEA, ROBOTS, "海淀区有什么活动?"):
        saved_questions.add(root, question)
    assert saved_questions.read(root) == (TEA, ROBOTS, "海淀区有什么活动?")
    saved_questions.remove(root, ROBOTS)
    assert saved_questions.read(root) == (TEA, "海淀区有什么活动?")
    saved_questions.add(root, ROBOTS)
    assert saved_questions.read(root) == (TEA, "海淀区有什么活动?", ROBOTS)


def test_a_question_is_saved_once_and_in_one_line(tmp_path: Path) -> None:
    """Other white space, other letters or full width make no other question."""
    saved_questions.add(tmp_path, f"  {TEA.replace(' ', chr(10))}\t")
    assert saved_questions.read(tmp_path) == (TEA,)
    for same in (TEA, TEA.upper(), TEA.replace("?", "？"), f"\u3000{TEA}"):
        saved_questions.add(tmp_path, same)
        assert saved_questions.read(tmp_path) == (TEA,)
    saved_questions.remove(tmp_path, TEA.lower())
    assert saved_questions.read(tmp_path) == ()


@pytest.mark.parametrize(
    "question", ["", "   ", "x" * 1_001, "?!", "the of", "\ud800 tea", "What happened on 2024-02-30?"]
)
def test_what_can_t_be_asked_can_t_be_saved(tmp_path: Path, question: str) -> None:
    """One line says why, and what was saved stays."""
    saved_questions.add(tmp_path, TEA)
    with pytest.raises(SettingInvalid, match=r"^[^\n]+\. [^\n]+$"):
        saved_questions.add(tmp_path, question)
    assert saved_questions.read(tmp_path) == (TEA,)


def test_the_longest_question_can_be_saved(tmp_path: Path) -> None:
    longest = "robots " * 142 + "guests"
    assert len(longest) == 1_000
    saved_questions.add(tmp_path, longest)
    assert saved_questions.read(tmp_path) == (longest,)


def test_two_hundred_are_enough(tmp_path: Path) -> None:
    """One more is refused, one that is there already isn't more."""
    files.write_checksummed(
        tmp_path / saved_questions.FILE,
        {"format": 1, "questions": [f"robots {n}" for n in range(limits.MAX_SAVED_QUESTIONS)]},
    )
    with pytest.raises(OperatorRefused, match=r"200 questions are saved already\. Remove one first"):
        saved_questions.add(tmp_path, TEA)
    saved_questions.add(tmp_path, "Robots 7")
    saved_questions.remove(tmp_path, "robots 7")
    saved_questions.add(tmp_path, TEA)
    assert saved_questions.read(tmp_path)[-1] == TEA
    assert len(saved_questions.read(tmp_path)) == limits.MAX_SAVED_QUESTIONS


def test_what_isn_t_saved_can_t_be_taken_away(tmp_path: Path) -> None:
    saved_questions.add(tmp_path, TEA)
    with pytest.raises(OperatorRefused, match=r"^“What\? .*”: is not saved\. [^\n]+$"):
        saved_questions.remove(tmp_path, "What?\n<b>")
    assert saved_questions.read(tmp_path) == (TEA,)


def test_a_changed_file_is_named_and_not_written_over(tmp_path: Path) -> None:
    """Any byte of it, another format, or no list of questions."""
    saved_questions.add(tmp_path, TEA)
    path = tmp_path / saved_questions.FILE
    whole = path.read_bytes()
    others = [
        whole.replace(b"tea", b"sea"),
        whole[:-1],
        b"",
        b"{}",
        files.dump_checksummed({"format": 2, "questions": [TEA]}),
    ]
    others += [files.dump_checksummed({"format": 1, "questions": value}) for value in (None, TEA, [1])]
    for content in others:
        path.write_bytes(content)
        with pytest.raises(LibraryDamaged, match=r"saved-questions\.json: [^\n]+ Remove it and save"):
            saved_questions.read(tmp_path)
        with pytest.raises(LibraryDamaged):
            saved_questions.add(tmp_path, ROBOTS)
        assert path.read_bytes() == content


@pytest.mark.process
def test_several_can_save_at_once(tmp_path: Path) -> None:
    """Four processes, twenty questions each: all are there, each once."""
    script = (
        "import sys; from pathlib import Path; from rag.admin import saved_questions\n"
        "for n in range(20): saved_questions.add(Path(sys.argv[1]), f'What happened in house {n} of {sys.argv[2]}?')"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), f"street {p}"], cwd=ROOT) for p in range(4)
    ]
    assert [process.wait(120) for process in running] == [0] * 4
    expected = {f"What happened in house {n} of street {p}?" for n in range(20) for p in range(4)}
    assert (len(saved_questions.read(tmp_path)), set(saved_questions.read(tmp_path))) == (80, expected)


@pytest.mark.process
def test_indexing_keeps_nobody_from_saving(tmp_path: Path) -> None:
    """Another lock; where somebody holds that of the questions, one line says so."""
    with FileLock(tmp_path / "lock"):
        saved_questions.add(tmp_path, TEA)
    hold = "with FileLock(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    script = f"import sys; from filelock import FileLock\n{hold}"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "saved-questions.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(LibraryBusy, match=r"another process is changing the saved questions\. Try again"):
            saved_questions.add(tmp_path, ROBOTS)
        process.communicate()
    assert saved_questions.read(tmp_path) == (TEA,)


def test_a_folder_that_can_t_be_written_is_named(tmp_path: Path) -> None:
    root = tmp_path / "file"
    root.write_text("no folder", encoding="utf-8")
    with pytest.raises(LibraryUnwritable, match=r"^[^\n]*file: [^\n]+$"):
        saved_questions.add(root, TEA)


def test_the_file_can_be_read_by_a_person(tmp_path: Path) -> None:
    """Sealed JSON, with the questions as they were typed."""
    saved_questions.add(tmp_path, "海淀区有什么活动?")
    content = json.loads((tmp_path / saved_questions.FILE).read_text(encoding="utf-8"))
    assert (content["format"], content["questions"]) == (1, ["海淀区有什么活动?"])
    assert "海淀区" in (tmp_path / saved_questions.FILE).read_text(encoding="utf-8")
