"""Question -> what it asks for: kind, districts, a period, an order, one thing or all that match."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag import limits
from rag.errors import QuestionRefused
from rag.models import Period
from rag.query import conditions, district_scope, intent
from rag.query.answer_type import asked_for
from rag.query.comparison import sides_of
from rag.query.date_range import AskedDates, asked_dates
from rag.query.follow_up import has_new_topic, leans_on, moved
from rag.query.models import Query
from rag.query.topic import says_nothing, topic_of
from rag.text import districts
from rag.text.dates import NoSuchDate, whole_year, written

_YEARS = range(1900, 2200)
_TAGS = dict.fromkeys(range(0xE0000, 0xE0080))  # letters that nobody sees, and by which words are smuggled in


@dataclass(frozen=True, slots=True)
class _Reading:
    """A question as read, with the periods that it names one by one."""

    words: str
    understood: Query
    periods: tuple[Period, ...] = ()


def read(
    question: str, asked_on: dt.date | None = None, history: Sequence[str] = (), without: Sequence[str] = ()
) -> Query:
    """What the desk takes the question to ask; "last month" is seen from ``asked_on`` (default: today).

    A follow-up takes topic, districts and period from the questions before it, where it names none of its own.
    ``without`` are the keys of chips that the asker took away: those conditions hold no more; unknown keys are ignored.

    Raises:
        QuestionRefused: it is empty, too long, holds no word or only words like "the", holds what is no text, names a
            date that the calendar lacks, dates that contradict each other, or more conditions than anyone means.
    """
    words = search_text(question)
    _refuse_what_is_no_question(question, words)
    today = asked_on or dt.date.today()
    if today.year not in _YEARS:
        raise QuestionRefused(f"The day of asking, {today}, is not of this time", remedy="Name a day of 1900 to 2199.")
    dropped = frozenset(without)
    before: _Reading | None = None
    for earlier in leans_on(words, [_remembered(one) for one in history]):
        before = _earlier(earlier, today, before)
    try:
        now = _read(words, today, before, dropped)
    except NoSuchDate as error:
        raise QuestionRefused(f"There is no such date as {error}", remedy="Name one that the calendar has.") from None
    understood = now.understood
    if (understood.date_from or dt.date.min) > (understood.date_to or dt.date.max):
        raise QuestionRefused(
            "The dates in the question contradict each other, so no bulletin can match", remedy="Name one period."
        )
    if says_nothing(words) and not (before or understood.districts or understood.date_from or understood.date_to):
        raise QuestionRefused(
            "The question holds only words like “the” and “of”", remedy="Say what it is about in a few words."
        )
    return understood


def search_text(question: str) -> str:
    """What the encoder reads: compatibility forms folded, tag characters left out, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", question.translate(_TAGS)).split())


def _refuse_what_is_no_question(question: str, words: str) -> None:
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


def _remembered(question: str) -> str:
    """An earlier question's words; what of it is no text is left out, since it was refused then."""
    return search_text(question[: limits.MAX_QUESTION_CHARS].encode("utf-8", "ignore").decode())


def _earlier(words: str, today: dt.date, before: _Reading | None) -> _Reading | None:
    try:
        return _read(words, today, before, frozenset())
    except (NoSuchDate, QuestionRefused):
        return before  # it was refused then, and gives nothing now


def _read(words: str, today: dt.date, before: _Reading | None, dropped: frozenset[str]) -> _Reading:
    """The question with what it leaves unsaid taken from the one before."""
    mentions = districts.mentions(words)
    dates = _dates(words, today, before)
    meant = [one for one in mentions if not district_scope.excluded(words, one)]
    named = dict.fromkeys(one.name for one in meant)
    if len(named) + len(dates.named) > limits.MAX_CONDITIONS:
        raise QuestionRefused(
            f"The question names more than {limits.MAX_CONDITIONS} districts and periods",
            remedy="Ask about a few at a time.",
        )
    form = intent.form_of(
        intent.masked(words, meant, dates.named),
        whole_years=all(_is_plain_year(words, period) for period in dates.named),
        ordered=not any(chip.key in dropped for chip in conditions.ORDERS.values()),
    )
    topic = topic_of(words, [*mentions, *dates.named], exhaustive=form.exhaustive, published=dates.published)
    if conditions.period_key(dates.first, dates.last) in dropped:
        dates = AskedDates()
    understood = Query(
        kind=form.kind,
        words=words,
        topic=topic,
        districts=tuple(name for name in named if conditions.district_key(name) not in dropped),
        date_from=dates.first,
        date_to=dates.last,
        sort=form.sort,
        published=dates.published,
        exhaustive=form.exhaustive,
        answer_type=asked_for(intent.to_the_point(words)),
    )
    now = _Reading(words, understood, dates.named)
    return _following(before, now, dropped) if before else _finished(now)


def _is_plain_year(words: str, period: Period) -> bool:
    named = words[period.start : period.end].removesuffix("年").strip()
    return named.isdigit() and Period(period.first, period.last) == whole_year(period.first.year)


def _dates(words: str, today: dt.date, before: _Reading | None) -> AskedDates:
    if not before:
        return asked_dates(words, today)
    first, last = before.understood.date_from, before.understood.date_to
    if step := moved(words, first, last):
        period, said = step
        return AskedDates(period.first, period.last, (replace(period, start=said.start, end=said.end),))
    return asked_dates(words, today, first.year if first and last and first.year == last.year else None)


def _following(before: _Reading, reading: _Reading, dropped: frozenset[str]) -> _Reading:
    """A follow-up: the districts and the period that it names replace the earlier ones, unless they are to be compared
    with them; its own topic is added to the earlier one, or takes its place ("What about concerts?")."""
    then, now = before.understood, reading.understood
    dated = bool(now.date_from or now.date_to)
    new_topic = bool(now.topic) and has_new_topic(reading.words)
    comparing = now.kind == "compare" and not new_topic
    topic = "" if new_topic or conditions.EARLIER in dropped else then.topic
    kept = [
        name for name in then.districts if conditions.district_key(name) not in dropped and name not in now.districts
    ]
    if now.districts and not (comparing and not dated):
        kept = []
    then_period = (then.date_from, then.date_to)
    keeps_period = not dated and any(then_period) and conditions.period_key(*then_period) not in dropped
    # The districts and dates before are searched for only where they still hold.
    before_it = topic if now.districts or dated or not topic else then.words
    merged = replace(
        now,
        words=f"{before_it} {now.words}".strip(),
        own_start=len(before_it) + 1 if before_it else 0,
        topic=topic if now.topic in topic else f"{topic} {now.topic}".strip(),
        districts=(*kept, *now.districts),
        inherited=tuple(part for part in (topic, *kept, written(*then_period) if keeps_period else "") if part),
    )
    periods = reading.periods
    if keeps_period:
        merged = replace(merged, date_from=then.date_from, date_to=then.date_to, published=then.published)
        periods = before.periods
    elif comparing and dated and not now.districts and then.date_from and then.date_to:
        periods = (Period(then.date_from, then.date_to), *periods)
        merged = replace(merged, date_from=min(p.first for p in periods), date_to=max(p.last for p in periods))
    if not comparing and (not now.topic or (new_topic and then.exhaustive)):
        merged = _as_before(then, merged)
    keys = [*map(conditions.district_key, kept), *([conditions.period_key(*then_period)] if keeps_period else [])]
    return _finished(_Reading(reading.words, merged, periods), keys, topic)


def _as_before(then: Query, now: Query) -> Query:
    """ "And in Haidian?" asks what was asked before; "How many?" and "Who?" ask it of the same things."""
    if now.kind != "fact":
        return replace(now, exhaustive=now.exhaustive or then.exhaustive)
    if now.answer_type and not then.exhaustive:
        return now
    return replace(
        now, kind=then.kind, sort=then.sort, exhaustive=then.exhaustive, answer_type=now.answer_type or then.answer_type
    )


def _finished(reading: _Reading, carried: Sequence[str] = (), earlier: str = "") -> _Reading:
    """With the sides that it compares, and its chips."""
    found = reading.understood
    if found.kind == "compare":
        found = replace(found, comparands=sides_of(reading.words, found, reading.periods))
    return replace(reading, understood=replace(found, conditions=conditions.chips_of(found, carried, earlier)))
