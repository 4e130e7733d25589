"""Asks questions of two generations and compares the answers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag import limits
from rag.answer.assistant import Assistant
from rag.answer.models import Answer
from rag.errors import SettingInvalid
from rag.ingest.folders import ProgressCallback
from rag.models import Quote, Status


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """How the answer to a question differs.

    ``gained`` are quotes of the new answer alone, ``lost`` those of the old one alone; quotes are the same where
    bulletin, words and the side they are on are.  ``reordered`` says that those in both stand in another order.
    """

    question: str
    before: Status
    after: Status
    gained: tuple[Quote, ...]
    lost: tuple[Quote, ...]
    reordered: bool
    message_before: str
    message_after: str


def replay(
    questions: Sequence[str],
    old: Assistant,
    new: Assistant,
    *,
    progress: ProgressCallback | None = None,
    asked_on: dt.date | None = None,
) -> tuple[AnswerChange, ...]:
    """The changes of answers from ``old`` to ``new``, in the order of the questions.

    ``asked_on`` is the day that relative dates ("last month") count from, the same for all questions (default: today).

    Raises:
        SettingInvalid: there are too many questions.
        EncoderUnavailable, LibraryStale, LibraryDamaged, QuoteMismatch: see ``Assistant.ask``.
        Cancelled: ``progress`` raised it.
    """
    if len(questions) > limits.MAX_SAVED_QUESTIONS:
        raise SettingInvalid(
            f"{len(questions):,} questions are more than {limits.MAX_SAVED_QUESTIONS}", remedy="Ask fewer of them"
        )
    day = asked_on or dt.date.today()
    changes = []
    for number, question in enumerate(questions, 1):
        if change := compare(question, old.ask(question, asked_on=day), new.ask(question, asked_on=day)):
            changes.append(change)
        if progress:
            progress("Asking the saved questions", number, len(questions))
    return tuple(changes)


def compare(question: str, before: Answer, after: Answer) -> AnswerChange | None:
    """How two answers differ; None where status, quotes and their order are the same."""
    old, new = _answer_quotes(before), _answer_quotes(after)
    gained, lost = _without(new, old), _without(old, new)
    reordered = [*map(_key, _without(old, lost))] != [*map(_key, _without(new, gained))]
    if not (gained or lost or reordered or before.status != after.status):
        return None
    return AnswerChange(question, before.status, after.status, gained, lost, reordered, before.message, after.message)


def _answer_quotes(answer: Answer) -> tuple[Quote, ...]:
    """The quotes that answer; the nearest passages that are shown with a "no match" don't count."""
    return answer.quotes if answer.status == "answered" else ()


def _without(quotes: Sequence[Quote], others: Sequence[Quote]) -> tuple[Quote, ...]:
    """The multiset difference of the two, in order."""
    remaining = Counter(map(_key, others))
    difference = []
    for quote in quotes:
        if remaining[_key(quote)]:
            remaining[_key(quote)] -= 1
        else:
            difference.append(quote)
    return tuple(difference)


def _key(quote: Quote) -> tuple[str, str, str | None]:
    return quote.bulletin, quote.text, quote.side
