"""A small question set whose figures were worked out by hand, with the replies that they are of."""

from __future__ import annotations

import datetime as dt

from rag.answer.models import Answer
from rag.evaluation.datasets import Gold, Question
from rag.evaluation.judge import Texts
from rag.evaluation.run import Outcome, Run, judged_outcome
from rag.models import Quote, Status
from rag.query.models import Query

ROBOTS = "Twenty robots greeted guests on May 3."
PEACHES = "Peaches left for Lisbon on May 4."
TALK = "Sixty pensioners heard a talk."
HOTLINE = "The hotline is 12308."
LONG = "It went on. " * 80
TEXTS = {
    "a.txt": f"Haidian District\n\n{ROBOTS} They bowed twice.\n\nPinggu District\n\n{PEACHES} It will take weeks.\n",
    "copy.txt": f"Haidian District again\n\n{ROBOTS} Nobody bowed.\n",
    "b.txt": f"{TALK} {HOTLINE}\n",
    "long.txt": f"{LONG}{PEACHES} {LONG}",
}


def quote_at(bulletin: str, words: str, text: str | None = None) -> Quote:
    """The place where the words stand; ``text`` is what the quote says there, if something else."""
    start = TEXTS[bulletin].index(words)
    return Quote(
        start=start,
        end=start + len(words),
        text=words if text is None else text,
        bulletin=bulletin,
        title=None,
        date=dt.date(2024, 5, 10),
        source=None,
        url=None,
        districts=(),
        mentions=(),
        heading=None,
        score=1.0,
        highlights=(),
        sha256="",
    )


def gold_passage(bulletin: str, quote: str, **more: object) -> Gold:
    return Gold.model_validate({"bulletin": bulletin, "quote": quote, **more})


def asked(
    name: str, kind: str, status: Status, quotes: list[Quote], passages: list[Gold], every: bool = False
) -> Outcome:
    """A question's outcome; one without gold has no answer."""
    question = Question(
        id=name,
        question=f"{name}?",
        kind=kind,
        answerable=bool(passages),
        gold=tuple(passages),
        must_include_all=every,
    )
    return judged_outcome(
        question, Answer(f"{name}?", status, "", 0.5, Query(), len(quotes), tuple(quotes)), Texts(TEXTS)
    )


def small_run() -> Run:
    """Two facts (second place; refused wrongly), a list, one like it with one answer, misquoted, a no, a missed no."""
    robots = [gold_passage("a.txt", ROBOTS, group=1, section="Haidian"), gold_passage("copy.txt", ROBOTS, group=1)]
    listed = [
        *robots,
        gold_passage("a.txt", PEACHES, section="Pinggu"),
        gold_passage("b.txt", TALK),
        gold_passage("b.txt", HOTLINE, optional=True),
    ]
    given = [
        quote_at("a.txt", ROBOTS),
        quote_at("b.txt", HOTLINE),
        quote_at("copy.txt", ROBOTS),
        quote_at("a.txt", ROBOTS),
    ]
    outcomes = (
        asked("second", "fact", "answered", [quote_at("b.txt", HOTLINE), quote_at("a.txt", PEACHES)], [listed[2]]),
        asked("refused", "fact", "no_match", [quote_at("b.txt", TALK)], [listed[3]]),
        asked("list", "list", "answered", [*given, quote_at("a.txt", PEACHES)], listed, every=True),
        asked(
            "misquoted", "list", "answered", [quote_at("b.txt", TALK, "Sixty pensioners heard a song.")], [listed[3]]
        ),
        asked("no", "unanswerable", "no_match", [], []),
        asked("missed", "unanswerable", "answered", [quote_at("b.txt", "hotline is")], []),
    )
    return Run("small", "model", "generation", len(TEXTS), outcomes)
