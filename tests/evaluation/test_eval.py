"""``python -m rag eval``: a set is asked over its own bulletins, its faults are named, runs are kept and compared."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.answer.assistant import Assistant
from rag.answer.models import Answer
from rag.cli import main
from rag.evaluation import datasets, run
from rag.evaluation.datasets import SetUnusable
from rag.library.reader import Library
from tests.support.hashing_encoder import HashingEncoder
from tests.support.rag_command import RunRag
from tests.support.sample_bulletins import FIRST

ROBOTS = "Twenty robots greeted guests from Norway on May 3."
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "r1",
        "question": "Who greeted the guests from Norway?",
        "kind": "fact",
        "history": None,
        "asked_on": "2024-06-01",
        "answerable": True,
        "gold": [{"bulletin": "first.txt", "section": "Haidian District", "quote": ROBOTS}],
        "must_include_all": False,
        "notes": "passed over",
    },
    {
        "id": 2,
        "question": "and in Pinggu?",
        "kind": "a kind of its own",
        "history": ["What left?"],
        "answerable": False,
    },
    {"id": "r3", "question": " ", "kind": "fact", "answerable": True, "gold": [{"bulletin": "b", "quote": "x"}]},
]


@pytest.fixture
def question_set(tmp_path: Path, folder: Path) -> Path:
    """A set of three questions on the two made-up bulletins."""
    made = tmp_path / "little"
    shutil.copytree(folder, made / "corpus")
    write(made, QUESTIONS)
    return made


def write(folder: Path, questions: list[dict[str, Any]]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, questions)), encoding="utf-8-sig")


def complaint(capsys: pytest.CaptureFixture[str], status: int, *arguments: object) -> str:
    """The one line that the command ends with."""
    assert main.main(["eval", *map(str, arguments)]) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


@pytest.mark.model
def test_a_set_is_asked_kept_and_compared(rag: RunRag, question_set: Path, tmp_path: Path) -> None:
    """Over a throw-away library of its corpus; a question that can't be taken is one without a reply, and unknown
    kinds have figures too."""
    (question_set / "corpus" / "broken.txt").write_bytes(b"")
    first = rag("eval", question_set, "--json", "--save", tmp_path / "first.json")
    assert first.returncode == 0, first.stderr
    assert "broken.txt: is empty" in first.stderr
    assert "1 of 2 bulletins named by the gold aren't there (b)" in first.stderr
    figures = json.loads(first.stdout)
    assert (figures["questions"], figures["hit@1"], figures["verbatim"]) == (3, 0.5, 1.0)
    assert figures["by kind"]["a kind of its own"]["n"] == 1
    assert figures["intervals"]["hit@1"] == [0.0, 1.0]
    assert not list(tmp_path.glob("**/CURRENT"))

    second = rag("eval", "--compare", tmp_path / "first.json", tmp_path / "first.json", "--json")
    assert json.loads(second.stdout)["better"] == json.loads(second.stdout)["worse"] == []


def test_a_broken_floor_fails_the_command(rag: RunRag, question_set: Path, seeds_library: Path, tmp_path: Path) -> None:
    """Figures first, then a line for each; here over a library given, as a person reads it."""
    passage = {"bulletin": "000_348e3b90bbf4e686.txt", "quote": "No bulletin says this."}
    write(question_set, [QUESTIONS[0] | {"gold": [passage]}])
    (tmp_path / "floors.toml").write_text('[little.least]\n"hit@1" = 0.5\n"verbatim" = 1\n')
    done = rag("eval", question_set, "--library", seeds_library, "--floors", tmp_path / "floors.toml")
    assert (done.returncode, done.stderr) == (1, "hit@1 is 0, under its floor of 0.5\n")
    assert done.stdout.startswith(f"{question_set}: questions 1, with an answer 1, bulletins 2;")


def test_every_reply_is_judged(question_set: Path, library: Path, fake: HashingEncoder) -> None:
    """With its history and its day; what came of it is all that a saved run holds."""
    asked = run.ask_all(Assistant(Library.open(library), fake), datasets.read_question_set(question_set))
    first, follow_up, empty = asked.outcomes
    assert (first.status, first.rank, first.verdicts[0]) == ("answered", 1, "right")
    assert all(first.verbatim)
    assert (follow_up.id, follow_up.kind, follow_up.verdicts) == ("2", "a kind of its own", ())
    assert (empty.status, empty.rank, empty.lengths) == ("refused", None, ())


class Listening(Assistant):
    """Remembers what it was asked with."""

    def __init__(self, library: Library, encoder: HashingEncoder) -> None:
        super().__init__(library, encoder)
        self.heard: list[tuple[object, ...]] = []

    def ask(self, question: str, **others: Any) -> Answer:
        self.heard.append((question, others["asked_on"], tuple(others["history"])))
        return super().ask(question, **others)


def test_questions_are_asked_with_their_history_and_their_day(
    question_set: Path, library: Path, fake: HashingEncoder
) -> None:
    """A follow-up or "this month" would else be another question."""
    run.ask_all(desk := Listening(Library.open(library), fake), datasets.read_question_set(question_set))
    assert desk.heard == [
        ("Who greeted the guests from Norway?", dt.date(2024, 6, 1), ()),
        ("and in Pinggu?", None, ("What left?",)),
        (" ", None, ()),
    ]


def test_wanting_all_of_one_passage_is_wanting_one(question_set: Path, library: Path, fake: HashingEncoder) -> None:
    """Only a question with several wanted passages is scored as a list."""
    optional = {"bulletin": "first.txt", "section": "Haidian District", "quote": "They bowed twice.", "optional": True}
    write(question_set, [QUESTIONS[0] | {"gold": [*QUESTIONS[0]["gold"], optional], "must_include_all": True}])
    (outcome,) = run.ask_all(Assistant(Library.open(library), fake), datasets.read_question_set(question_set)).outcomes
    assert (outcome.every, outcome.rank) == (False, 1)


def test_a_saved_run_reads_back(question_set: Path, library: Path, fake: HashingEncoder, tmp_path: Path) -> None:
    """Nothing is lost, so figures and comparisons can be drawn later."""
    asked = run.ask_all(Assistant(Library.open(library), fake), datasets.read_question_set(question_set))
    run.save_run(asked, tmp_path / "run.json")
    assert run.load_run(tmp_path / "run.json") == asked
    run.save_run(replace(asked, format=0), tmp_path / "old.json")
    with pytest.raises(SetUnusable, match="is in format 0"):
        run.load_run(tmp_path / "old.json")


def test_a_set_may_name_another_corpus(question_set: Path) -> None:
    """Seen from the set's own folder; its own corpus/ goes first."""
    other = question_set.parent / "other"
    write(other, QUESTIONS)
    (other / "set.toml").write_text('corpus = "../little/corpus"')
    assert datasets.corpus_folder(other).resolve() == question_set / "corpus"
    assert datasets.corpus_folder(question_set) == question_set / "corpus"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, "has neither corpus/ nor set.toml"),
        ("corpus =", "is not TOML"),
        ("bulletins = 1", "names no corpus"),
        ('corpus = "../nowhere"', "there is no folder ../nowhere"),
    ],
)
def test_a_missing_corpus_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, written: str | None, expected: str
) -> None:
    """Which says where to put it."""
    write(tmp_path / "set", QUESTIONS)
    if written is not None:
        (tmp_path / "set" / "set.toml").write_text(written)
    assert expected in complaint(capsys, 1, tmp_path / "set")


GOOD = json.dumps(QUESTIONS[0])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"", "holds no question"),
        (b"\n \n", "holds no question"),
        (b"{", "line 1: invalid JSON"),
        (f"{GOOD}\n[]".encode(), "line 2: input should be an object"),
        (GOOD.replace('"answerable": true, ', "").encode(), "line 1: answerable: Field required"),
        (GOOD.replace('"quote"', '"words"').encode(), "line 1: gold.0.quote: Field required"),
        (GOOD.replace("2024-06-01", "June 2024").encode(), "line 1: asked_on: Input should be a valid date"),
        (f"{GOOD}\n{GOOD}".encode(), "2 questions have the id r1"),
        (GOOD.encode("utf-16"), "is not UTF-8"),
    ],
)
def test_a_bad_line_is_named(
    capsys: pytest.CaptureFixture[str], question_set: Path, lines: bytes, expected: str
) -> None:
    """File, line, field and what to do; no figures of a part of the set."""
    (question_set / "questions.jsonl").write_bytes(lines)
    assert expected in complaint(capsys, 1, question_set)


def test_unusable_arguments_exit_2(capsys: pytest.CaptureFixture[str], question_set: Path, tmp_path: Path) -> None:
    """Before anything is built or asked."""
    assert "there is no such folder" in complaint(capsys, 2, tmp_path / "nowhere")
    assert "holds no questions.jsonl" in complaint(capsys, 2, question_set / "corpus")
    assert "takes a SET_DIR, or --compare A B" in complaint(capsys, 2)
    assert "--compare asks nothing" in complaint(capsys, 2, "--compare", "a.json", "b.json", "--floors", "c.toml")
    assert "there is no such folder" in complaint(capsys, 2, question_set, "--save", tmp_path / "nowhere" / "a.json")


def test_other_files_are_named_too(capsys: pytest.CaptureFixture[str], question_set: Path, tmp_path: Path) -> None:
    """A missing library, floors that aren't there, a file that is no run."""
    (tmp_path / "no-run.json").write_text("{}")
    assert "there is no library yet" in complaint(capsys, 1, question_set, "--library", tmp_path / "nowhere")
    assert "no such file" in complaint(capsys, 1, question_set, "--floors", tmp_path / "nowhere.toml")
    assert "is no saved run" in complaint(capsys, 1, "--compare", *[tmp_path / "no-run.json"] * 2)


def test_a_library_of_other_bulletins_is_refused(question_set: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """Every figure would be nothing, and the desk not to blame."""
    for path in (question_set / "corpus").iterdir():
        path.rename(path.with_stem(f"renamed-{path.stem}"))
    with (
        pytest.raises(SetUnusable, match="holds none of the 2 bulletins that the gold"),
        run.open_library(datasets.read_question_set(question_set), fake),
    ):
        pass


def test_the_gold_stands_in_its_bulletin() -> None:
    """What these tests ask for is there to be found."""
    assert ROBOTS in FIRST
