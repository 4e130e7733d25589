"""An edit of a bulletin's title, date or districts becomes the corrections to save."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from rag.errors import CorrectionUnusable
from rag.ingest.corrections import sidecar
from rag.ingest.corrections.apply import correct_head
from rag.ingest.corrections.values import canonical_districts, head_value, join_districts, normalize, shorten
from rag.ingest.parse import parse
from rag.ingest.pipeline import CorrectedBulletin, correct
from rag.ingest.sections import split_sections
from rag.models import Bulletin, Correction, Section

_MAX_AHEAD = dt.timedelta(days=366)  # a date typed today is hardly later


def propose(
    path: Path,
    *,
    title: str | None = None,
    date: str | None = None,
    districts: Mapping[str | None, Sequence[str]] | None = None,
) -> tuple[Correction, ...]:
    """Returns all corrections of a bulletin's file once this edit is made; nothing is written.

    ``title`` and ``date`` (ISO) are the values that hold, "" for none, None to leave them; ``districts`` are those of a
    section by its headline or its ``section_label``, by None for the event without a headline.  A new correction
    replaces an earlier one of the same thing; a value that the file gives itself needs none.

    Raises:
        CorrectionUnusable: a value is no title, date or district, or it can't be told which section is meant.
        BulletinUnreadable: see ``rag.ingest.parse.parse``.
    """
    bulletin = parse(path)
    earlier = sidecar.read(path)
    current = correct(bulletin, earlier)
    head = _head_corrections(bulletin, earlier, title, date, path)
    sections = split_sections(correct_head(bulletin, head)[0])
    wanted = _current_districts(current, sections)
    edited_headings = set()
    for key, names in (districts or {}).items():
        canonical = canonical_districts(names)
        for number in _matching_sections(key, current.sections, sections, path):
            wanted[number] = canonical
            edited_headings.add(sections[number].heading)
    of_sections = [
        Correction("districts", join_districts(section.districts), join_districts(names), section.heading)
        for section, names in zip(sections, wanted, strict=True)
        if section.districts != names
    ]
    # Corrections that don't fit now may fit again when the file comes back.
    unfit = (correction for correction in current.unfit if correction.field == "districts")
    waiting = [correction for correction in unfit if correction.heading not in edited_headings]
    return tuple(dict.fromkeys([*head, *of_sections, *waiting]))


def section_label(section: Section) -> str:
    """Returns a section's name where its headline isn't unique: "Kites (Miyun District)", or "Miyun District"."""
    districts = join_districts(section.districts) or ""
    if section.heading is None:
        return districts
    return f"{section.heading} ({districts})" if districts else section.heading


def _head_corrections(
    bulletin: Bulletin, earlier: Sequence[Correction], title: str | None, date: str | None, path: Path
) -> list[Correction]:
    """Returns the corrections of title and date: the earlier ones, replaced by those of the edit."""
    head = {correction.field: correction for correction in earlier if correction.field != "districts"}
    if title is not None:
        head["title"] = normalize(Correction("title", bulletin.title, title))
    if date is not None:
        head["date"] = normalize(Correction("date", head_value(bulletin, "date"), date))
        if (day := head["date"].now) and dt.date.fromisoformat(day) > dt.date.today() + _MAX_AHEAD:
            raise CorrectionUnusable(f"{day} is more than a year ahead", where=path, remedy="Check the year")
    return [correction for correction in head.values() if correction.now != head_value(bulletin, correction.field)]


def _current_districts(current: CorrectedBulletin, sections: Sequence[Section]) -> list[tuple[str, ...]]:
    """Returns the districts of each section before the edit of any.

    Another title may give a section other districts; those that staff gave it hold all the same.
    """
    uncorrected = split_sections(current.bulletin)
    return [
        corrected.districts if corrected.districts != before.districts else section.districts
        for corrected, before, section in zip(current.sections, uncorrected, sections, strict=True)
    ]


def _matching_sections(
    key: str | None, current: Sequence[Section], sections: Sequence[Section], path: Path
) -> list[int]:
    """Returns the numbers of the sections that ``key`` names; more than one only where nothing tells them apart."""
    # The lead and the closing have no headline either, and go by their district alone.
    numbers = [n for n, section in enumerate(sections) if section.heading == key and section.role == "event"]
    if len({sections[n].districts for n in numbers}) != 1:
        views = ([n for n, section in enumerate(view) if section_label(section) == key] for view in (current, sections))
        numbers = next(filter(None, views), numbers)
    if not numbers:
        what = "every section has a headline" if key is None else f"no section goes by “{shorten(key)}”"
        raise CorrectionUnusable(what, where=path, remedy="Name its headline; python -m rag parse shows them")
    if len({sections[n].districts for n in numbers}) != 1:
        names = ", ".join(f"“{shorten(section_label(current[n]))}”" for n in numbers)
        what = f"{len(numbers)} sections {'have no headline' if key is None else f'go by “{shorten(key)}”'}"
        raise CorrectionUnusable(what, where=path, remedy=f"Name one of {names}")
    return numbers
