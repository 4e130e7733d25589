"""Question in English or Chinese -> Query: intent, districts, period, entities, and what earlier questions add."""

from __future__ import annotations

import contextlib
import datetime as dt
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace

from rag import limits
from rag.budget import step
from rag.errors import NothingAsked, QuestionRefused
from rag.models import Located, Period, Span
from rag.query import conditions, intent
from rag.query.answer_type import answer_type_of
from rag.query.carry_over import Reading, carried_over, year_of
from rag.query.chinese_dates import with_english_dates
from rag.query.chinese_forms import in_english_forms
from rag.query.chinese_names import chinese_names
from rag.query.comparison import comparands_of
from rag.query.date_range import DateRange, date_range_of
from rag.query.entities import query_entities
from rag.query.follow_up import depends_on, widening_of
from rag.query.glossary import to_english
from rag.query.mentions import Mentions, districts_elsewhere, find_mentions
from rag.query.models import Exclusion, Query
from rag.query.times import dates_of
from rag.query.topic import has_only_function_words, topic_of, without_spans
from rag.query.unread_times import unread_times
from rag.query.weekdays import weekday_label, weekdays_of
from rag.query.wording import Wording, wording_of
from rag.text.cjk import has_chinese
from rag.text.dates import year_period

_YEARS = range(1900, 2200)
_TAGS = dict.fromkeys(range(0xE0000, 0xE0080))  # invisible letters, by which words are smuggled in


def parse_question(
    question: str,
    asked_on: dt.date | None = None,
    history: Sequence[str] = (),
    without: Sequence[str] = (),
    mentions: Mentions | None = None,
    told: Collection[dt.date] = (),
) -> Query:
    """The query that a question makes; "last month" is seen from ``asked_on`` (default: today).

    A follow-up takes topic, districts and period from the questions before it, where it names none of its own.
    ``without`` are the keys of conditions that the asker took away; unknown keys are ignored.  ``mentions`` are those
    of the question as typed, where they are known already; ``told`` are the days that bulletins tell of, for a month
    without a year.

    Raises:
        QuestionRefused: it is empty, too long, holds no word or only words like "the", holds what is no text, names a
            date that the calendar lacks, dates that contradict each other, or more conditions than anyone means.
    """
    words = normalise(question)
    _refuse_non_questions(question, words)
    today = asked_on or dt.date.today()
    if today.year not in _YEARS:
        raise QuestionRefused(f"The day of asking, {today}, is not of this time", remedy="Name a day of 1900 to 2199.")
    removed = frozenset(without)
    before: Reading | None = None
    asked, earlier = wording_of(words, today, mentions), _earlier(history, today)
    for wording in earlier[len(earlier) - depends_on(asked.mentions, [each.mentions for each in earlier]) :]:
        with contextlib.suppress(QuestionRefused):
            before = _read(wording, today, told, before, frozenset())
    if asked.change == "more" and not before:
        raise NothingAsked()
    reading = _read(asked, today, told, before, removed)
    _refuse_unanswerable(reading, is_follow_up=before is not None)
    return _completed(reading)


def parse_bilingual(
    question: str,
    asked_on: dt.date | None = None,
    history: Sequence[str] = (),
    without: Sequence[str] = (),
    mentions: Mentions | None = None,
    told: Collection[dt.date] = (),
) -> Query:
    """``parse_question`` of the English that the glossary makes of a Chinese question or history.

    Kind, order, answer type and times are read in Chinese, where the words of asking are.

    Raises:
        QuestionRefused: as ``parse_question`` does.
    """
    if not any(map(has_chinese, (question, *history))):
        return parse_question(question, asked_on, history, without, mentions, told)
    typed, question = question, in_english_forms(question)
    history = [*map(in_english_forms, history)]
    as_typed = parse_question(question, asked_on, history, without, None, told)
    year = year_of(as_typed.date_from, as_typed.date_to)
    today = asked_on or dt.date.today()
    words, *earlier = (_in_english(text, today, told, year) for text in (question, *history))
    if not words:
        return as_typed
    query = parse_question(words[: limits.MAX_QUESTION_CHARS], asked_on, earlier, without, None, told)
    query = _as_read_in_chinese(query, as_typed)
    # What is left out need not be there.
    named = (*query.entities.names, *(() if query.excluded else chinese_names(question)))
    original = (typed if typed == question else as_typed.words[as_typed.own_start :]) if has_chinese(typed) else ""
    return replace(query, entities=replace(query.entities, names=named), original=original)


def _as_read_in_chinese(query: Query, as_typed: Query) -> Query:
    """The query of the English words with what was read in the Chinese ones."""
    in_label = weekday_label(as_typed.weekdays).split()
    topic = " ".join(word for word in query.topic.split() if word not in in_label)
    of_weekdays = [condition for condition in as_typed.conditions if condition.key.startswith("weekday:")]
    return replace(
        query,
        kind=as_typed.kind,
        exhaustive=as_typed.exhaustive,
        sort=as_typed.sort,
        answer_type=as_typed.answer_type or query.answer_type,
        topic=topic_of(topic, (), exhaustive=as_typed.exhaustive) if in_label else topic,
        weekdays=as_typed.weekdays,
        unread=as_typed.unread,
        notes=as_typed.notes,
        conditions=tuple(dict.fromkeys((*query.conditions, *of_weekdays))),
    )


def _in_english(text: str, today: dt.date, told: Collection[dt.date], year: int | None) -> str:
    """The English words that a Chinese text is searched by, with its times as they are read in Chinese."""
    words = normalise(text)
    with contextlib.suppress(QuestionRefused):
        periods = date_range_of(words, today, year, told).periods
        words = with_english_dates(words, periods, *weekdays_of(words, periods))
    return to_english(words).strip()


def _earlier(history: Sequence[str], today: dt.date) -> list[Wording]:
    """The earlier questions that can be leant on, without what is no text in them; thanks and the like are none."""
    wordings = []
    for text in history:
        step()
        with contextlib.suppress(QuestionRefused):
            words = normalise(text[: limits.MAX_QUESTION_CHARS].encode("utf-8", "ignore").decode())
            wordings.append(wording_of(words, today))
    return wordings


def normalise(question: str) -> str:
    """The question as the encoder reads it: NFKC, without tag characters, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", question.translate(_TAGS)).split())


def _refuse_non_questions(question: str, words: str) -> None:
    if not words:
        raise QuestionRefused("The question is empty", remedy="Ask about the bulletins in a few words.")
    if len(question) > limits.MAX_QUESTION_CHARS:
        raise QuestionRefused(
            f"The question has {len(question):,} characters, more than {limits.MAX_QUESTION_CHARS:,}",
            remedy="Ask it in fewer words.",
        )
    if not any(unicodedata.category(character)[0] in "LN" for character in words):
        raise QuestionRefused("The question holds no word", remedy="Ask about the bulletins in a few words.")
    if any(unicodedata.category(character) == "Cs" for character in words):
        raise QuestionRefused("The question holds characters that are no text", remedy="Type it again.")


def _refuse_unanswerable(reading: Reading, *, is_follow_up: bool) -> None:
    query = reading.query
    if (query.date_from or dt.date.min) > (query.date_to or dt.date.max):
        raise QuestionRefused(
            "The dates in the question contradict each other, so no bulletin can match", remedy="Name one period."
        )
    if is_follow_up or query.districts or query.has_time or query.excluded:
        return
    if has_only_function_words(reading.mentions.text):
        raise QuestionRefused(
            "The question holds only words like “the” and “of”", remedy="Say what it is about in a few words."
        )
    if not (query.topic or query.exhaustive or query.sort != "relevance" or query.original):
        raise NothingAsked()


def _refuse_too_many(conditions_named: int) -> None:
    if conditions_named > limits.MAX_CONDITIONS:
        raise QuestionRefused(
            f"The question names more than {limits.MAX_CONDITIONS} districts and periods",
            remedy="Ask about a few at a time.",
        )


def _read(
    wording: Wording,
    today: dt.date,
    told: Collection[dt.date],
    before: Reading | None,
    removed: frozenset[str],
) -> Reading:
    """The question's own intent, districts, period and topic, merged with those of the question before."""
    mentions, words = wording.mentions, wording.mentions.text
    then = before.query if before else Query()
    dates = dates_of(words, today, told, then.date_from, then.date_to)
    names = dict.fromkeys(mention.name for mention in mentions.districts)
    _refuse_too_many(len(names) + len(dates.periods) + len(wording.excluded))
    asked = _intent(wording, dates, removed, is_follow_up=before is not None)
    weekdays, named = weekdays_of(words, dates.periods) if asked.exhaustive or then.weekdays else ((), [])
    spans: list[Located] = [*mentions.districts, *dates.periods, *named, *(widening_of(words) if before else ())]
    in_order = asked.sort != "relevance" and not asked.exhaustive
    excluded = _excluded(wording, today, year_of(dates.first, dates.last) or year_of(then.date_from, then.date_to))
    kept = DateRange() if conditions.period_key(dates.first, dates.last) in removed else dates
    query = Query(
        kind=asked.kind,
        words=words,
        topic=topic_of(words, spans, exhaustive=asked.exhaustive, published=dates.published, ordered=in_order),
        districts=tuple(name for name in names if conditions.district_key(name) not in removed),
        date_from=kept.first,
        date_to=kept.last,
        sort=asked.sort,
        published=kept.published,
        exhaustive=asked.exhaustive,
        answer_type=None if wording.lacking else answer_type_of(intent.without_politeness(words)),
        either=kept.either,
        weekdays=() if conditions.weekday_key(weekdays) in removed else weekdays,
        unread=unread_times(words, dates.periods),
        notes=kept.notes,
        excluded=tuple(each for each in excluded if conditions.exclusion_key(each) not in removed),
        lacking=wording.lacking,
        more=wording.change == "more",
    )
    reading = Reading(mentions, query, kept.periods)
    return carried_over(before, reading, removed, wording.change) if before else reading


def _intent(wording: Wording, dates: DateRange, removed: frozenset[str], *, is_follow_up: bool) -> intent.Intent:
    """The intent; what is missing is found by listing what is there, and "outside Haidian in 2024" asks for a list."""
    words = wording.mentions.text
    whatever = wording.excluded and has_only_function_words(without_spans(words, dates.periods))
    if wording.lacking or (whatever and not is_follow_up):
        return intent.Intent("list", True, "date-desc")
    return intent.intent_of(
        intent.mask(words, wording.mentions.districts, dates.periods),
        whole_years=all(_is_plain_year(words, period) for period in dates.periods),
        ordered=removed.isdisjoint(order.key for order in conditions.ORDERS.values()),
    )


def _excluded(wording: Wording, today: dt.date, year: int | None) -> tuple[Exclusion, ...]:
    return tuple(dict.fromkeys(filter(None, (each.resolved(today, year) for each in wording.excluded))))


def _is_plain_year(words: str, period: Period) -> bool:
    year = words[period.start : period.end].removesuffix("年").strip()
    return year.isdigit() and Period(period.first, period.last) == year_period(period.first.year)


def _completed(reading: Reading) -> Query:
    """The query with its entities, its comparands and its conditions."""
    query, mentions = reading.query, reading.mentions
    earlier = find_mentions(query.words[: query.own_start].rstrip()) if query.own_start else None
    of_beijing = [Span(query.own_start + named.start, query.own_start + named.end) for named in mentions.districts]
    of_beijing += earlier.districts if earlier else ()
    if query.kind == "compare":
        query = replace(query, comparands=comparands_of(query, mentions, reading.periods))
    return replace(
        query,
        entities=query_entities(mentions, earlier),
        districts_elsewhere=districts_elsewhere(query.words, of_beijing),
        conditions=conditions.conditions_of(query, reading.inherited_keys, reading.inherited_topic),
    )
