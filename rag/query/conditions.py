"""The conditions read from a question, as things that the asker can take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from rag.models import Chip, Understood
from rag.text.dates import written

EARLIER = "topic:earlier"
ORDERS = {"date-desc": Chip("order:latest", "latest first"), "date-asc": Chip("order:earliest", "earliest first")}


def district_key(name: str) -> str:
    return f"district:{name}"


def period_key(first: dt.date | None, last: dt.date | None) -> str:
    """ "period:2023-01-01/2023-12-31"; an open end is empty."""
    return f"period:{first or ''}/{last or ''}"


def chips_of(understood: Understood, carried: Sequence[str] = (), earlier: str = "") -> tuple[Chip, ...]:
    """A chip for each condition; ``carried`` are the keys of those taken from earlier questions, ``earlier`` is the
    topic taken from them."""
    chips = [Chip(district_key(name), name, district_key(name) in carried) for name in understood.districts]
    if understood.date_from or understood.date_to:
        key = period_key(understood.date_from, understood.date_to)
        label = written(understood.date_from, understood.date_to)
        in_words = "" if label.startswith(("since", "until")) else "in "
        chips.append(Chip(key, f"published {in_words}{label}" if understood.published else label, key in carried))
    if understood.kind == "latest" or understood.sort == "date-asc":
        chips.append(ORDERS[understood.sort])
    if earlier:
        chips.append(Chip(EARLIER, earlier, True))
    return tuple(chips)


def condition(chip: Chip) -> str:
    """What a chip says: "2023", "carried over: consular protection"."""
    return f"carried over: {chip.label}" if chip.carried else chip.label
