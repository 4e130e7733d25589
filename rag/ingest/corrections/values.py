"""The values of corrections, in the form in which they are compared, and their names in messages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

from rag import limits
from rag.errors import CorrectionUnusable, one_line
from rag.models import Bulletin, Correction, CorrectionField
from rag.text import districts as gazetteer
from rag.text.district_headings import heading_names

_YEARS = range(1900, 2200)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SPACE = re.compile(r"[ \t\u00a0\u3000]+")
_MAX_SHOWN_CHARS = 80  # of a title or headline in a message


def normalize(correction: Correction) -> Correction:
    """Returns the correction with its values as they are compared; raises ``CorrectionUnusable`` for an unfit one."""
    if correction.field == "districts":
        was, now = (
            join_districts(canonical_districts(split_districts(value))) for value in (correction.was, correction.now)
        )
        return replace(correction, was=was, now=now)
    check = _title if correction.field == "title" else _date
    return replace(correction, now=check(correction.now or ""), heading=None)


def canonical_districts(names: Sequence[str]) -> tuple[str, ...]:
    """Returns the canonical names of districts given by any of theirs; raises ``CorrectionUnusable`` for others."""
    canonical: list[str] = []
    for name in names:
        rest = gazetteer.EVERYDAY_AREA.sub("", gazetteer.without_names(name)).strip()
        exact = gazetteer.names_in_running_text(name)  # none of them misspelt
        matches = exact and (heading_names(name) or (() if rest else exact))
        if not matches:
            what = f"“{shorten(name)}” is no district of Beijing"
            raise CorrectionUnusable(what, remedy=f"Write them as “{'; '.join(gazetteer.CANONICAL[:2])}”")
        canonical += matches
    return tuple(dict.fromkeys(canonical))


def join_districts(districts: Sequence[str]) -> str | None:
    """Returns districts' names as a correction holds them, None for none."""
    return "; ".join(districts) or None


def split_districts(value: str | None) -> tuple[str, ...]:
    """Returns the names that ``join_districts`` joined."""
    return tuple(name.strip() for name in (value or "").split(";") if name.strip())


def head_value(bulletin: Bulletin, field: CorrectionField) -> str | None:
    """Returns the bulletin's title, or its date in ISO form, as a correction holds it."""
    if field == "title":
        return bulletin.title
    return bulletin.date.isoformat() if bulletin.date else None


def describe(correction: Correction) -> str:
    """Returns what the correction is of, as messages name it: "the date", "the districts of the section “Kites”"."""
    if correction.field != "districts":
        return f"the {correction.field}"
    if correction.heading is None:
        return "the districts of the section without a headline"
    return f"the districts of the section “{shorten(correction.heading)}”"


def shorten(words: str) -> str:
    """Returns the words on one line, cut off where they are too long for a message."""
    line = one_line(words)
    return line if len(line) <= _MAX_SHOWN_CHARS else f"{line[:_MAX_SHOWN_CHARS]}…"


def _title(typed: str) -> str | None:
    title = _SPACE.sub(" ", typed).strip(" ")
    if not title.isprintable():
        what = "the title holds a line break or a character that can't be seen"
        raise CorrectionUnusable(what, remedy="Write it in one line")
    if len(title) > limits.MAX_CORRECTION_CHARS:
        what = f"the title has {len(title):,} characters, more than {limits.MAX_CORRECTION_CHARS}"
        raise CorrectionUnusable(what, remedy="Shorten it")
    return title or None


def _date(typed: str) -> str | None:
    day = typed.strip()
    try:
        if not day or (_ISO_DATE.fullmatch(day) and dt.date.fromisoformat(day).year in _YEARS):
            return day or None
    except ValueError:
        pass  # the calendar has no such day
    what = f"“{shorten(typed)}” is no date of {_YEARS.start} to {_YEARS.stop - 1}"
    raise CorrectionUnusable(what, remedy="Write it as 2024-03-11")
