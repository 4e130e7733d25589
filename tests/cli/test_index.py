"""The operator's commands, as a person types them: index, correct, go back, replay, quarantine, questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.rag_command import RunRag
from tests.support.sample_bulletins import SECOND


@pytest.fixture
def typed(rag: RunRag, folder: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    """A command over the two made-up bulletins: exit status, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        done = rag(*words, "--seeds", folder, "--library", tmp_path / "library")
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


def test_no_question_is_saved_before_there_is_a_library(typed) -> None:  # type: ignore[no-untyped-def]
    """What is saved begins with the chat's examples, which would be lost for good."""
    status, _, complaint = typed("questions", "--add", "Who heard a talk in Daxing?")
    assert status == 1
    assert complaint.count("\n") == 1
    assert "index" in complaint


@pytest.mark.model
def test_from_a_new_bulletin_to_going_back(typed, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """A dry run says what would change, replay whose answers do, and one command goes back."""
    assert typed("index")[0] == 0
    assert typed("questions", "--add", "Who heard a talk in Daxing?")[0] == 0
    (folder / "third.txt").write_text(SECOND.replace("Miyun", "Daxing").replace("Sixty", "Ninety"), encoding="utf-8")
    (folder / "first.txt").rename(folder / "spring.txt")
    (folder / "broken.txt").write_bytes(b"")
    status, printed, complaints = typed("index", "--dry-run", "--json")
    plan = json.loads(printed)
    assert (status, plan["added"], plan["removed"]) == (1, ["spring.txt", "third.txt"], ["first.txt"])
    assert plan["republished"] == [{"bulletin": "spring.txt", "of": "first.txt", "how": "renamed"}]
    assert [one["bulletin"] for one in plan["skipped"]] == ["broken.txt"]
    assert "broken.txt: is empty" in complaints
    assert [one["bulletins"] for one in json.loads(typed("generations", "--json")[1])["generations"]] == [2]
    status, printed, _ = typed("index", "--replay", "--json")
    report = json.loads(printed)
    change = next(one for one in report["changes"] if one["question"] == "Who heard a talk in Daxing?")
    assert (status, report["bulletins"]) == (1, 3)
    assert any("Ninety pensioners" in quote["text"] for quote in change["gained"])
    assert "broken.txt" in typed("quarantine")[1]
    status, printed, _ = typed("back", "--json")
    assert (status, json.loads(printed)["bulletins"]) == (0, 2)
    status, printed, complaints = typed("back", "none")
    assert (status, printed) == (1, "")
    assert complaints.count("\n") == 1
    held = json.loads(typed("generations", "--json")[1])["generations"]
    assert [(one["bulletins"], one["state"]) for one in held] == [(3, "previous"), (2, "current")]


@pytest.mark.model
def test_a_correction_is_shown_and_outlasts_indexing(typed, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """The date that a bulletin is found and quoted by is the corrected one, and the quote says so."""
    assert typed("index")[0] == 0
    status, printed, _ = typed("correct", "second.txt", "--date", "2023-02-09", "--json")
    assert (status, json.loads(printed)["date"]) == (0, "2023-02-09")
    assert json.loads(typed("index", "--json")[1])["changed"] == ["second.txt"]
    assert json.loads(typed("index", "--json")[1])["changed"] == []
    answer = json.loads(typed("ask", "Who heard a talk on consular protection?", "--json")[1])
    assert answer["quotes"][0]["date"] == "2023-02-09"
    assert "9 January 2023" in answer["quotes"][0]["note"]
    assert (folder / "second.txt").read_text(encoding="utf-8") == SECOND
    status, _, complaints = typed("correct", "second.txt", "--districts", "Atlantis")
    assert (status, complaints.count("\n")) == (1, 1)
    assert typed("correct", "none.txt", "--title", "X")[0] == 1
    assert typed("correct", "second.txt")[0] == 2


@pytest.mark.model
def test_added_files_are_searched_and_others_named(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The new bulletin is in; one that can't be read and one from a host that isn't allowed get a line each."""
    new = tmp_path / "third.txt"
    new.write_text(SECOND.replace("Sixty pensioners", "Nine beekeepers"), encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02")
    status, printed, complaints = typed("add", new, tmp_path / "binary.txt", "http://127.0.0.1:9/x.html", "--json")
    report = json.loads(printed)
    assert status == 1
    assert "third.txt" in report["added"]
    assert len(report["skipped"]) == 2
    assert "127.0.0.1" in complaints
    assert "RAG_HOSTS" in complaints
    assert "Nine beekeepers" in typed("ask", "Who were the beekeepers at the talk on consular protection?")[1]


@pytest.mark.model
def test_lists_that_are_empty_say_so(typed) -> None:  # type: ignore[no-untyped-def]
    """In a line each."""
    assert typed("questions")[1] == "No question is saved.\n"
    assert typed("index")[0] == 0
    assert typed("missing")[1] == "No question went unanswered.\n"
    assert typed("quarantine")[1] == "No file is in quarantine.\n"
    assert typed("questions")[1].startswith("What ")  # the examples of the chat
