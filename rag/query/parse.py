"""Question in English or Chinese -> Query: intent, districts, period, entities, and what earlier questions add."""

from __future__ import annotations

import contextlib
import datetime as dt
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rag import limits
from rag.errors import QuestionRefused
from rag.models import Located, Period, Span
from rag.query import conditions, intent
from rag.query.answer_type import answer_type_of
from rag.query.chinese_dates import with_english_dates
from rag.query.comparison import comparands_of
from rag.query.date_range import DateRange, date_range_of
from rag.query.entities import query_entities
from rag.query.follow_up import changes_topic, depends_on
from rag.query.glossary import has_chinese, to_english
from rag.query.mentions import Mentions, districts_elsewhere, find_mentions, is_excluded
from rag.query.models import Query
from rag.query.times import dates_of
from rag.query.topic import has_only_function_words, topic_of
from rag.query.unread_times import unread_times
from rag.query.weekdays import weekdays_of
from rag.text.dates import format_period, year_period

_YEARS = range(1900, 2200)
_TAGS = dict.fromkeys(range(0xE0000, 0xE0080))  # invisible letters, by which words are smuggled in


@dataclass(frozen=True, slots=True)
class _Reading:
    """A question as read so far: what it names, the query that it makes, and its periods one by one.

    ``inherited_keys`` are those of the conditions that come from earlier questions, ``inherited_topic`` is their topic.
    """

    mentions: Mentions
    query: Query
    periods: tuple[Period, ...] = ()
    inherited_keys: tuple[str, ...] = ()
    inherited_topic: str = ""


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
    if mentions is None or mentions.text != words:
        mentions = find_mentions(words)
    before: _Reading | None = None
    # Earlier questions may have been refused: those give nothing, and what is no text in them is left out.
    texts = [text[: limits.MAX_QUESTION_CHARS].encode("utf-8", "ignore").decode() for text in history]
    for earlier in depends_on(mentions, [*map(normalise, texts)]):
        with contextlib.suppress(QuestionRefused):
            before = _read(earlier, today, told, before, frozenset())
    reading = _read(mentions, today, told, before, removed)
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
    as_typed = parse_question(question, asked_on, history, without, mentions, told)
    if not any(map(has_chinese, (question, *history))):
        return as_typed
    first, last = as_typed.date_from, as_typed.date_to
    year = first.year if first and last and first.year == last.year else None
    today = asked_on or dt.date.today()
    words, *earlier = (_in_english(text, today, told, year) for text in (question, *history))
    if not words:
        return as_typed
    query = parse_question(words[: limits.MAX_QUESTION_CHARS], asked_on, earlier, without, None, told)
    of_weekdays = [condition for condition in as_typed.conditions if condition.key.startswith("weekday:")]
    return replace(
        query,
        kind=as_typed.kind,
        exhaustive=as_typed.exhaustive,
        sort=as_typed.sort,
        answer_type=as_typed.answer_type or query.answer_type,
        weekdays=as_typed.weekdays,
        unread=as_typed.unread,
        notes=as_typed.notes,
        conditions=tuple(dict.fromkeys((*query.conditions, *of_weekdays))),
        original=question if has_chinese(question) else "",
    )


def _in_english(text: str, today: dt.date, told: Collection[dt.date], year: int | None) -> str:
    """The English words that a Chinese text is searched by, with its times as they are read in Chinese."""
    words = normalise(text)
    with contextlib.suppress(QuestionRefused):
        periods = date_range_of(words, today, year, told).periods
        words = with_english_dates(words, periods, weekdays_of(words, periods)[1])
    return to_english(words).strip()


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


def _refuse_unanswerable(reading: _Reading, *, is_follow_up: bool) -> None:
    query = reading.query
    if (query.date_from or dt.date.min) > (query.date_to or dt.date.max):
        raise QuestionRefused(
            "The dates in the question contradict each other, so no bulletin can match", remedy="Name one period."
        )
    has_condition = bool(query.districts or query.has_time)
    if has_only_function_words(reading.mentions.text) and not (is_follow_up or has_condition):
        raise QuestionRefused(
            "The question holds only words like “the” and “of”", remedy="Say what it is about in a few words."
        )


def _refuse_too_many(conditions_named: int) -> None:
    if conditions_named > limits.MAX_CONDITIONS:
        raise QuestionRefused(
            f"The question names more than {limits.MAX_CONDITIONS} districts and periods",
            remedy="Ask about a few at a time.",
        )


def _read(
    mentions: Mentions,
    today: dt.date,
    told: Collection[dt.date],
    before: _Reading | None,
    removed: frozenset[str],
) -> _Reading:
    """The question's own intent, districts, period and topic, merged with those of the question before."""
    words = mentions.text
    then = before.query if before else Query()
    dates = dates_of(words, today, told, then.date_from, then.date_to)
    included = [mention for mention in mentions.districts if not is_excluded(words, mention)]
    names = dict.fromkeys(mention.name for mention in included)
    _refuse_too_many(len(names) + len(dates.periods))
    asked = intent.intent_of(
        intent.mask(words, included, dates.periods),
        whole_years=all(_is_plain_year(words, period) for period in dates.periods),
        ordered=not any(order.key in removed for order in conditions.ORDERS.values()),
    )
    weekdays, named = weekdays_of(words, dates.periods) if asked.exhaustive else ((), [])
    spans: list[Located] = [*mentions.districts, *dates.periods, *named]
    in_order = asked.sort != "relevance" and not asked.exhaustive
    topic = topic_of(words, spans, exhaustive=asked.exhaustive, published=dates.published, ordered=in_order)
    unread = unread_times(words, dates.periods)
    if conditions.period_key(dates.first, dates.last) in removed:
        dates = DateRange()
    query = Query(
        kind=asked.kind,
        words=words,
        topic=topic,
        districts=tuple(name for name in names if conditions.district_key(name) not in removed),
        date_from=dates.first,
        date_to=dates.last,
        sort=asked.sort,
        published=dates.published,
        exhaustive=asked.exhaustive,
        answer_type=answer_type_of(intent.without_politeness(words)),
        either=dates.either,
        weekdays=() if conditions.weekday_key(weekdays) in removed else weekdays,
        unread=unread,
        notes=dates.notes,
    )
    reading = _Reading(mentions, query, dates.periods)
    return _merged(before, reading, removed) if before else reading


def _is_plain_year(words: str, period: Period) -> bool:
    year = words[period.start : period.end].removesuffix("年").strip()
    return year.isdigit() and Period(period.first, period.last) == year_period(period.first.year)


def _merged(before: _Reading, reading: _Reading, removed: frozenset[str]) -> _Reading:
    """A follow-up with what it takes from the question before.

    The districts and the period that it names replace the earlier ones, unless they are to be compared with them; its
    topic is added to the earlier one, or takes its place ("What about concerts?").
    """
    then, now = before.query, reading.query
    dated = bool(now.date_from or now.date_to)
    new_topic = bool(now.topic) and changes_topic(now.words)
    comparing = now.kind == "compare" and not new_topic
    topic = "" if new_topic or conditions.EARLIER in removed else then.topic
    districts = tuple(
        name for name in then.districts if conditions.district_key(name) not in removed and name not in now.districts
    )
    if now.districts and not (comparing and not dated):
        districts = ()
    then_key = conditions.period_key(then.date_from, then.date_to)
    keeps_period = not dated and bool(then.date_from or then.date_to) and then_key not in removed
    # The districts and dates before are searched for only where they still hold.
    earlier = topic if now.districts or dated or not topic else then.words
    period = format_period(then.date_from, then.date_to) if keeps_period else ""
    merged = replace(
        now,
        words=f"{earlier} {now.words}".strip(),
        own_start=len(earlier) + 1 if earlier else 0,
        topic=topic if now.topic in topic else f"{topic} {now.topic}".strip(),
        districts=(*districts, *now.districts),
        inherited=tuple(part for part in (topic, *districts, period) if part),
    )
    periods = reading.periods
    if keeps_period:
        merged = replace(merged, date_from=then.date_from, date_to=then.date_to, published=then.published)
        merged = replace(merged, either=then.either, weekdays=now.weekdays or then.weekdays, notes=then.notes)
        periods = before.periods
    elif comparing and dated and not now.districts and then.date_from and then.date_to:
        periods = (Period(then.date_from, then.date_to), *periods)
        merged = replace(merged, date_from=min(p.first for p in periods), date_to=max(p.last for p in periods))
    if not comparing and (not now.topic or (new_topic and then.exhaustive)):
        merged = _with_earlier_intent(then, merged)
    keys = (*map(conditions.district_key, districts), *((then_key,) if keeps_period else ()))
    return _Reading(reading.mentions, merged, periods, keys, topic)


def _with_earlier_intent(then: Query, now: Query) -> Query:
    """ "And in Haidian?" asks what was asked before; "How many?" and "Who?" ask it of the same things."""
    if now.kind != "fact":
        return replace(now, exhaustive=now.exhaustive or then.exhaustive)
    if now.answer_type and not then.exhaustive:
        return now
    return replace(
        now, kind=then.kind, sort=then.sort, exhaustive=then.exhaustive, answer_type=now.answer_type or then.answer_type
    )


def _completed(reading: _Reading) -> Query:
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
