"""What a follow-up takes from the question before it: topic, districts, period, what is left out, and its form."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from rag.models import Period
from rag.query import conditions
from rag.query.follow_up import changes_topic, widening_of
from rag.query.mentions import Mentions
from rag.query.models import Exclusion, Query
from rag.query.refinement import Change
from rag.query.weekdays import weekday_label
from rag.text.dates import format_period


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as read so far: what it names, the query that it makes, and its periods one by one.

    ``inherited_keys`` are those of the conditions that come from earlier questions, ``inherited_topic`` is their topic.
    """

    mentions: Mentions
    query: Query
    periods: tuple[Period, ...] = ()
    inherited_keys: tuple[str, ...] = ()
    inherited_topic: str = ""


def year_of(first: dt.date | None, last: dt.date | None) -> int | None:
    """The year that both days lie in; None where they lie in several, or an end is open."""
    return first.year if first and last and first.year == last.year else None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What still holds of the question before; ``period`` says whether its period does."""

    topic: str
    districts: tuple[str, ...]
    excluded: tuple[Exclusion, ...]
    weekdays: tuple[int, ...]
    period: bool

    def labels(self, then: Query) -> tuple[str, ...]:
        """How each is named to the reader."""
        period = format_period(then.date_from, then.date_to) if self.period else ""
        excluded = (each.label for each in self.excluded)
        return tuple(filter(None, (self.topic, *self.districts, period, weekday_label(self.weekdays), *excluded)))

    def keys(self, then: Query) -> tuple[str, ...]:
        """The keys of its conditions."""
        return (
            *map(conditions.district_key, self.districts),
            *((conditions.period_key(then.date_from, then.date_to),) if self.period else ()),
            *((conditions.weekday_key(self.weekdays),) if self.weekdays else ()),
            *map(conditions.exclusion_key, self.excluded),
        )


def carried_over(before: Reading, reading: Reading, removed: frozenset[str], change: Change = "") -> Reading:
    """A follow-up with what it takes from the question before.

    The districts and the period that it names replace the earlier ones, unless they are to be compared with them; its
    topic is added to the earlier one, or takes its place ("What about concerts?", but not "only concerts").
    """
    then, now = _widened(before.query, reading.query), reading.query
    dated = bool(now.date_from or now.date_to)
    new_topic = bool(now.topic) and not change and changes_topic(now.words)
    comparing = now.kind == "compare" and not new_topic
    kept = _kept(then, now, removed, new_topic=new_topic, comparing=comparing)
    topic = kept.topic
    # The districts and dates before are searched for only where they still hold.
    earlier = topic if now.districts or dated or now.excluded or then != before.query or not topic else then.words
    merged = replace(
        now,
        words=f"{earlier} {now.words}".strip(),
        own_start=len(earlier) + 1 if earlier else 0,
        topic=topic if now.topic in topic else f"{topic} {now.topic}".strip(),
        districts=(*kept.districts, *now.districts),
        excluded=(*kept.excluded, *now.excluded),
        weekdays=now.weekdays or kept.weekdays,
        inherited=kept.labels(then),
    )
    periods = reading.periods
    if kept.period:
        merged = replace(merged, date_from=then.date_from, date_to=then.date_to, published=then.published)
        merged = replace(merged, either=then.either, notes=then.notes)
        periods = before.periods
    elif comparing and dated and not now.districts and then.date_from and then.date_to:
        periods = (Period(then.date_from, then.date_to), *periods)
        merged = replace(merged, date_from=min(p.first for p in periods), date_to=max(p.last for p in periods))
    if not comparing and (not now.topic or change or (new_topic and then.exhaustive)):
        merged = _with_earlier_intent(then, merged)
    if now.more:
        merged = _all_of_it(then, merged, topic)
    return Reading(before.mentions if now.more and topic else reading.mentions, merged, periods, kept.keys(then), topic)


def _kept(then: Query, now: Query, removed: frozenset[str], *, new_topic: bool, comparing: bool) -> _Kept:
    """What of the question before was neither removed nor replaced by what the follow-up names."""
    dated = bool(now.date_from or now.date_to)
    replaces_districts = bool(now.districts) and not (comparing and not dated)
    districts = (
        name for name in then.districts if conditions.district_key(name) not in removed and name not in now.districts
    )
    period_key = conditions.period_key(then.date_from, then.date_to)
    return _Kept(
        topic="" if new_topic or conditions.EARLIER in removed else then.topic,
        districts=() if replaces_districts else tuple(districts),
        excluded=tuple(each for each in _still_excluded(then, now) if conditions.exclusion_key(each) not in removed),
        weekdays=() if now.weekdays or conditions.weekday_key(then.weekdays) in removed else then.weekdays,
        period=not dated and bool(then.date_from or then.date_to) and period_key not in removed,
    )


def _widened(then: Query, now: Query) -> Query:
    """The question before without the districts or the period that are asked beyond ("in the other districts")."""
    for beyond in widening_of(now.words):
        if beyond.districts:
            others = tuple(Exclusion((name,)) for name in then.districts) if beyond.others else ()
            then = replace(then, districts=(), excluded=(*then.excluded, *others))
        elif then.date_from or then.date_to:
            others = (Exclusion(date_from=then.date_from, date_to=then.date_to),) if beyond.others else ()
            then = replace(then, date_from=None, date_to=None, either=(), excluded=(*then.excluded, *others))
    return then


def _still_excluded(then: Query, now: Query) -> list[Exclusion]:
    """What the question before leaves out and the follow-up doesn't ask for."""
    asked_again = {name for each in then.excluded for name in each.districts if name in now.districts}
    dated = bool(now.date_from or now.date_to)
    return [
        each
        for each in then.excluded
        if each not in now.excluded
        and asked_again.isdisjoint(each.districts)
        and not (dated and (each.date_from or each.date_to))
    ]


def _with_earlier_intent(then: Query, now: Query) -> Query:
    """ "And in Haidian?" asks what was asked before; "How many?" and "Who?" ask it of the same things."""
    if now.kind != "fact":
        return replace(now, exhaustive=now.exhaustive or then.exhaustive)
    if now.answer_type and not then.exhaustive:
        return now
    return replace(
        now,
        kind=then.kind,
        sort=then.sort,
        exhaustive=then.exhaustive,
        answer_type=now.answer_type or then.answer_type,
        lacking=then.lacking,
    )


def _all_of_it(then: Query, now: Query, topic: str) -> Query:
    """ "Tell me more" asks for all that there is to what was asked before, in its words."""
    if topic:
        now = replace(now, words=then.words, own_start=then.own_start)
    kind = then.kind if then.exhaustive else "list"
    sort = then.sort if then.sort != "relevance" else "date-desc"
    return replace(now, kind=kind, sort=sort, exhaustive=True, answer_type=None)
