"""The conditions read from a question, as things that the asker can take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from rag.query.models import Condition, Query
from rag.text.dates import written

EARLIER = "topic:earlier"
ORDERS = {
    "date-desc": Condition("order:latest", "latest first"),
    "date-asc": Condition("order:earliest", "earliest first"),
}


def district_key(name: str) -> str:
    return f"district:{name}"


def period_key(first: dt.date | None, last: dt.date | None) -> str:
    """ "period:2023-01-01/2023-12-31"; an open end is empty."""
    return f"period:{first or ''}/{last or ''}"


def chips_of(understood: Query, carried: Sequence[str] = (), earlier: str = "") -> tuple[Condition, ...]:
    """A chip for each condition; ``carried`` are the keys of those taken from earlier questions, ``earlier`` is the
    topic taken from them."""
    chips = [Condition(district_key(name), name, district_key(name) in carried) for name in understood.districts]
    if understood.date_from or understood.date_to:
        key = period_key(understood.date_from, understood.date_to)
        label = written(understood.date_from, understood.date_to)
        in_words = "" if label.startswith(("since", "until")) else "in "
        chips.append(Condition(key, f"published {in_words}{label}" if understood.published else label, key in carried))
    if understood.kind == "latest" or understood.sort == "date-asc":
        chips.append(ORDERS[understood.sort])
    if earlier:
        chips.append(Condition(EARLIER, earlier, True))
    return tuple(chips)


def condition(chip: Condition) -> str:
    """What a chip says: "2023", "carried over: consular protection"."""
    return f"carried over: {chip.label}" if chip.inherited else chip.label
