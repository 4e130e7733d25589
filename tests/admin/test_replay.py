"""Replaying saved questions: which answers differ between two generations, and by which quotes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from rag.admin.replay import AnswerChange, compare, replay
from rag.answer.assistant import Assistant
from rag.answer.models import Answer
from rag.errors import Cancelled, SettingInvalid
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.models import Quote, Span
from rag.query.models import Query
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER

DAY = dt.date(2024, 6, 1)
TEXTS = {
    "robots": bulletin_text("2024-05-10", "Haidian District", "Robots greet guests", "Twenty robots greeted guests."),
    "tea": bulletin_text("2024-05-11", "Fengtai District", "A tea fair", "The tea fair opened for all who like tea."),
    "kites": bulletin_text("2024-04-02", "Miyun District", "Kites", "Sixty kites rose over the reservoir."),
}
LATER = {
    "robots": TEXTS["robots"].replace("Twenty", "Thirty"),  # changed
    "kites": TEXTS["kites"].replace("Miyun", "Pinggu"),  # its district was misread
    "lions": bulletin_text("2024-05-20", "Daxing District", "Lions", "A lion danced before the guests."),  # new
}  # and tea is gone
IN_HAIDIAN, IN_MIYUN, IN_FENGTAI, IN_DAXING = (
    f"What happened in {name}?" for name in ("Haidian", "Miyun", "Fengtai", "Daxing")
)
IN_APRIL, ON_PANDAS = "What happened in April 2024?", "pandas in space"
QUESTIONS = (IN_APRIL, IN_HAIDIAN, IN_MIYUN, IN_FENGTAI, IN_DAXING, ON_PANDAS)


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assistant, Assistant]:
    """One library's generation before and after its bulletins changed."""
    folder = tmp_path_factory.mktemp("replay")
    seeds, root = folder / "bulletins", folder / "library"
    seeds.mkdir()
    made = []
    for texts in (TEXTS, LATER):
        for path in seeds.iterdir():
            path.unlink()
        for name, text in texts.items():
            (seeds / f"{name}.txt").write_text(text, encoding="utf-8")
        report = update_library(seeds, root, ENCODER, allow_removal=True)
        made.append(Assistant(Library.open(root, generation=report.generation), ENCODER))
    return made[0], made[1]


def words(change: AnswerChange) -> tuple[list[str], list[str]]:
    return [quote.text for quote in change.gained], [quote.text for quote in change.lost]


def test_only_what_is_answered_otherwise_is_told(generations: tuple[Assistant, Assistant]) -> None:
    """In the order of the questions: quotes gained and lost, answers that come and go, and nothing of the others."""
    changes = replay(QUESTIONS, *generations, asked_on=DAY)
    assert [change.question for change in changes] == [IN_HAIDIAN, IN_MIYUN, IN_FENGTAI, IN_DAXING]
    haidian, miyun, fengtai, daxing = changes
    assert (haidian.before, haidian.after) == ("answered", "answered")
    assert words(haidian) == (["Thirty robots greeted guests."], ["Twenty robots greeted guests."])
    assert (miyun.before, miyun.after) == ("answered", "no_match")
    assert words(miyun) == ([], ["Sixty kites rose over the reservoir."])
    assert (fengtai.before, fengtai.after) == ("answered", "no_match")
    assert (daxing.before, daxing.after) == ("no_match", "answered")
    assert words(daxing) == (["A lion danced before the guests."], [])
    assert daxing.message_before == generations[0].ask(IN_DAXING, asked_on=DAY).message
    assert daxing.message_after == generations[1].ask(IN_DAXING, asked_on=DAY).message
    assert not any(change.reordered for change in changes)


def test_the_same_replay_gives_the_same(generations: tuple[Assistant, Assistant]) -> None:
    """The day of asking is given, not the clock's; and one generation differs in nothing from itself."""
    old, new = generations
    assert replay(QUESTIONS, old, new, asked_on=DAY) == replay(QUESTIONS, old, new, asked_on=DAY)
    assert replay(QUESTIONS, old, old) == replay(QUESTIONS, new, new) == ()
    assert [c.question for c in replay(["What happened last month?"], old, new, asked_on=DAY)] != []
    assert replay(["What happened last month?"], old, new, asked_on=dt.date(2024, 5, 1)) == ()


def test_progress_is_told_and_it_can_be_stopped(generations: tuple[Assistant, Assistant]) -> None:
    """After each question; a replay that is stopped tells nothing."""
    told: list[tuple[str, int, int]] = []
    replay(QUESTIONS[:3], *generations, progress=lambda *step: told.append(step), asked_on=DAY)
    assert told == [("Asking the saved questions", n, 3) for n in (1, 2, 3)]
    told.clear()

    def stop(*step: Any) -> None:
        told.append(step)
        if len(told) == 2:
            raise Cancelled("stopped; nothing was changed")

    with pytest.raises(Cancelled):
        replay(QUESTIONS, *generations, progress=stop)
    assert len(told) == 2


def test_too_many_questions_are_refused_before_one_is_asked(generations: tuple[Assistant, Assistant]) -> None:
    told: list[object] = []
    with pytest.raises(SettingInvalid, match="201 questions are more than 200"):
        replay(["robots"] * 201, *generations, progress=lambda *step: told.append(step))
    assert told == []
    assert replay([], *generations) == ()


def quote(words: str, name: str = "a.txt", side: str | None = None, start: int = 0, score: float = 0.5) -> Quote:
    return Quote(
        start=start,
        end=start + len(words),
        text=words,
        bulletin=name,
        sha256="0" * 64,
        title="T",
        mentions=(),
        score=score,
        highlights=(Span(0, 1),),
        side=side,
    )


def answer(*quotes: Quote, status: str = "answered", message: str = "m") -> Answer:
    return Answer("q", status, message, 0.5, Query(), len(quotes), quotes)  # type: ignore[arg-type]


A, B, C = quote("a"), quote("b"), quote("c")


@pytest.mark.parametrize(
    ("before", "after", "gained", "lost", "reordered"),
    [
        (answer(A, B), answer(B, A), (), (), True),
        (answer(A, B), answer(C, A, B), (C,), (), False),
        (answer(A, B), answer(B, C, A), (C,), (), True),
        (answer(A, B, C), answer(A), (), (B, C), False),
        (answer(A, A), answer(A), (), (A,), False),
        (answer(A), answer(A, A), (A,), (), False),
        (answer(A), answer(quote("a", "b.txt")), (quote("a", "b.txt"),), (A,), False),
        (answer(quote("a", side="x")), answer(quote("a", side="y")),
         (quote("a", side="y"),), (quote("a", side="x"),), False),
        (answer(A), answer(status="refused"), (), (A,), False),
        # the nearest passages are no answer: they are neither gained nor lost
        (answer(A, B), answer(A, status="no_match"), (), (A, B), False),
        (answer(A, status="no_match"), answer(A), (A,), (), False),
    ],
)  # fmt: skip
def test_how_two_answers_differ(
    before: Answer, after: Answer, gained: tuple[Quote, ...], lost: tuple[Quote, ...], reordered: bool
) -> None:
    """By bulletin, words and side of the quotes, each as often as it stands there; and by their order."""
    change = compare("q", before, after)
    assert change == AnswerChange("q", before.status, after.status, gained, lost, reordered, "m", "m")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (answer(), answer()),
        (answer(A, B), answer(A, B, message="2 passages")),
        (answer(A), answer(quote("a", start=7, score=0.1))),
        (answer(A, status="no_match"), answer(B, status="no_match")),
    ],
)
def test_what_makes_no_other_answer(before: Answer, after: Answer) -> None:
    """Its message, the quotes' scores and places, the nearest passages of a no."""
    assert compare("q", before, after) is None


def test_a_corrected_district_changes_an_answer(tmp_path: Path) -> None:
    """As the operator sees before publishing a correction."""
    from rag.ingest.corrections import sidecar
    from rag.ingest.propose_corrections import propose

    seeds, root = tmp_path / "bulletins", tmp_path / "library"
    seeds.mkdir()
    (seeds / "tea.txt").write_text(TEXTS["tea"], encoding="utf-8")
    before = update_library(seeds, root, ENCODER).generation
    sidecar.save(seeds / "tea.txt", propose(seeds / "tea.txt", districts={"A tea fair": ["Miyun"]}))
    after = update_library(seeds, root, ENCODER).generation
    old, new = (Assistant(Library.open(root, generation=name), ENCODER) for name in (before, after))
    changes = replay([IN_FENGTAI, IN_MIYUN, "What happened in May 2024?"], old, new, asked_on=DAY)
    assert [(change.question, change.before, change.after) for change in changes] == [
        (IN_FENGTAI, "answered", "no_match"),
        (IN_MIYUN, "no_match", "answered"),
    ]
