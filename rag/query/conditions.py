"""The conditions read from a question, as things that the asker can take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from rag.query.models import Condition, Exclusion, Query
from rag.query.weekdays import weekday_label
from rag.text.dates import format_period

EARLIER = "topic:earlier"
ORDERS = {
    "date-desc": Condition("order:latest", "latest first"),
    "date-asc": Condition("order:earliest", "earliest first"),
}


def district_key(name: str) -> str:
    """The key of a district by its canonical name."""
    return f"district:{name}"


def period_key(first: dt.date | None, last: dt.date | None) -> str:
    """The key of a period: "period:2023-01-01/2023-12-31"; an open end is empty."""
    return f"period:{first or ''}/{last or ''}"


def weekday_key(days: Sequence[int]) -> str:
    """The key of days of the week: "weekday:5,6"; Monday is 0."""
    return f"weekday:{','.join(map(str, days))}"


def period_label(query: Query) -> str:
    """The period in few words, "" for none: "2023", "11 March 2024 or 3 November 2024"."""
    if not query.either:
        return format_period(query.date_from, query.date_to)
    return " or ".join(format_period(period.first, period.last) for period in query.either)


def exclusion_key(exclusion: Exclusion) -> str:
    """The key of what is left out: "not:Haidian District"."""
    return exclusion.label.replace("not ", "not:", 1)


def conditions_of(query: Query, inherited_keys: Sequence[str] = (), inherited_topic: str = "") -> tuple[Condition, ...]:
    """A condition for each district, the period, the days of the week, the order, what is left out, and the earlier
    questions' topic."""
    conditions = [Condition(district_key(name), name, district_key(name) in inherited_keys) for name in query.districts]
    if query.date_from or query.date_to:
        key = period_key(query.date_from, query.date_to)
        label = period_label(query)
        if query.published:
            label = f"published {label}" if label.startswith(("since", "until")) else f"published in {label}"
        conditions.append(Condition(key, label, key in inherited_keys))
    if query.weekdays:
        key = weekday_key(query.weekdays)
        conditions.append(Condition(key, weekday_label(query.weekdays), key in inherited_keys))
    if query.kind == "latest" or query.sort == "date-asc":
        conditions.append(ORDERS[query.sort])
    for exclusion in query.excluded:
        key = exclusion_key(exclusion)
        conditions.append(Condition(key, exclusion.label, key in inherited_keys))
    if inherited_topic:
        conditions.append(Condition(EARLIER, inherited_topic, True))
    return tuple(conditions)


def display(condition: Condition) -> str:
    """The condition for people: "2023", "carried over: consular protection"."""
    return f"carried over: {condition.label}" if condition.inherited else condition.label
