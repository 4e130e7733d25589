"""A question in Chinese -> what it asks for, with English words to search by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from rag import limits
from rag.query import parse as questions
from rag.query.glossary import english, has_chinese
from rag.query.models import Query


def read(
    question: str, asked_on: dt.date | None = None, history: Sequence[str] = (), without: Sequence[str] = ()
) -> Query:
    """``rag.query.parse.read`` of the English that the glossary makes of it; kind and order are read in Chinese,
    where the words of asking are.

    Raises:
        QuestionRefused: see there.
    """
    told = [english(one) for one in history]
    if not any(map(has_chinese, (question, *history))):
        return questions.read(question, asked_on, history, without)
    as_typed = questions.read(question, asked_on, history, without)
    if not (words := english(question).strip()):
        return as_typed
    understood = questions.read(words[: limits.MAX_QUESTION_CHARS], asked_on, told, without)
    return replace(
        understood,
        kind=as_typed.kind,
        exhaustive=as_typed.exhaustive,
        sort=as_typed.sort,
        answer_type=as_typed.answer_type or understood.answer_type,
        original=question if has_chinese(question) else "",
    )
