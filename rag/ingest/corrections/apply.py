"""Corrections applied to a parsed bulletin: to its title and date, then to its sections' districts, never to its words.

A correction applies where its ``was`` is what the file gives.  One that the file has caught up with is dropped in
silence; one that no longer fits is dropped with a note.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace

from rag.ingest.corrections.values import describe, head_value, join_districts, shorten, split_districts
from rag.models import Bulletin, Correction, Section


@dataclass(frozen=True, slots=True)
class Outcome:
    """The corrections that were ``applied``, those that are ``unfit``, and a note on each of these."""

    applied: tuple[Correction, ...]
    unfit: tuple[Correction, ...]
    notes: tuple[str, ...]

    def __add__(self, other: Outcome) -> Outcome:
        """Returns both outcomes as one."""
        return Outcome(self.applied + other.applied, self.unfit + other.unfit, self.notes + other.notes)


def correct_head(bulletin: Bulletin, corrections: Iterable[Correction]) -> tuple[Bulletin, Outcome]:
    """Returns the bulletin with its title and date corrected; corrections of districts are passed over."""
    outcome = _match(
        (correction for correction in corrections if correction.field != "districts"),
        lambda correction: {head_value(bulletin, correction.field)},
    )
    for correction in outcome.applied:
        if correction.field == "title":
            bulletin = replace(bulletin, title=correction.now)
        else:
            bulletin = replace(bulletin, date=dt.date.fromisoformat(correction.now) if correction.now else None)
    return bulletin, outcome


def correct_districts(
    sections: Sequence[Section], corrections: Iterable[Correction]
) -> tuple[tuple[Section, ...], Outcome]:
    """Returns the sections with their districts corrected; corrections of title and date are passed over."""
    given: dict[str | None, set[str | None]] = {}
    for section in sections:
        given.setdefault(section.heading, set()).add(join_districts(section.districts))
    outcome = _match(
        (correction for correction in corrections if correction.field == "districts"),
        lambda correction: given.get(correction.heading, set()),
    )
    now = {(correction.heading, correction.was): split_districts(correction.now) for correction in outcome.applied}
    corrected = (
        replace(section, districts=now.get((section.heading, join_districts(section.districts)), section.districts))
        for section in sections
    )
    return tuple(corrected), outcome


def _match(corrections: Iterable[Correction], given_values: Callable[[Correction], Set[str | None]]) -> Outcome:
    """Sorts corrections by whether they fit the values that the file gives."""
    applied: list[Correction] = []
    unfit: list[Correction] = []
    notes: list[str] = []
    for correction in corrections:
        given = given_values(correction)
        if correction.was in given and correction.was != correction.now:
            applied.append(correction)
        elif correction.now not in given:
            unfit.append(correction)
            notes.append(_unfit_note(correction, given))
    return Outcome(tuple(applied), tuple(unfit), tuple(notes))


def _unfit_note(correction: Correction, given: Set[str | None]) -> str:
    why = f"the file gives {' or '.join(sorted(map(_quoted, given)))}, not {_quoted(correction.was)}"
    why = why if given else "there is no such section"
    return f"The correction of {describe(correction)} no longer fits and is left out: {why}."


def _quoted(value: str | None) -> str:
    return f"“{shorten(value)}”" if value else "none"
