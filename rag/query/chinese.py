"""A question in English or Chinese -> Query; of a Chinese one, with English words to search by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from rag import limits
from rag.query.glossary import has_chinese, to_english
from rag.query.mentions import Mentions
from rag.query.models import Query
from rag.query.parse import parse_question


def parse_bilingual(
    question: str,
    asked_on: dt.date | None = None,
    history: Sequence[str] = (),
    without: Sequence[str] = (),
    mentions: Mentions | None = None,
) -> Query:
    """``rag.query.parse.parse_question`` of the English that the glossary makes of a Chinese question or history.

    Kind, order and answer type are read in Chinese, where the words of asking are.

    Raises:
        QuestionRefused: as ``parse_question`` does.
    """
    as_typed = parse_question(question, asked_on, history, without, mentions)
    if not any(map(has_chinese, (question, *history))) or not (words := to_english(question).strip()):
        return as_typed
    query = parse_question(words[: limits.MAX_QUESTION_CHARS], asked_on, [*map(to_english, history)], without)
    return replace(
        query,
        kind=as_typed.kind,
        exhaustive=as_typed.exhaustive,
        sort=as_typed.sort,
        answer_type=as_typed.answer_type or query.answer_type,
        original=question if has_chinese(question) else "",
    )
