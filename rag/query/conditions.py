"""The conditions read from a question, as things that the asker can take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from rag.query.models import Condition, Query
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


def conditions_of(query: Query, inherited_keys: Sequence[str] = (), inherited_topic: str = "") -> tuple[Condition, ...]:
    """A condition for each district, the period, the order, and the topic taken from earlier questions."""
    conditions = [Condition(district_key(name), name, district_key(name) in inherited_keys) for name in query.districts]
    if query.date_from or query.date_to:
        key = period_key(query.date_from, query.date_to)
        label = format_period(query.date_from, query.date_to)
        if query.published:
            label = f"published {label}" if label.startswith(("since", "until")) else f"published in {label}"
        conditions.append(Condition(key, label, key in inherited_keys))
    if query.kind == "latest" or query.sort == "date-asc":
        conditions.append(ORDERS[query.sort])
    if inherited_topic:
        conditions.append(Condition(EARLIER, inherited_topic, True))
    return tuple(conditions)


def display(condition: Condition) -> str:
    """The condition for people: "2023", "carried over: consular protection"."""
    return f"carried over: {condition.label}" if condition.inherited else condition.label
