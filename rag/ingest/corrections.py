"""What staff put right in a bulletin that was misread: its title, its date, a section's districts.

The corrections of ``first.txt`` lie beside it in ``first.txt.corrections.json``, to be read and written by hand too:

    {"format": 1, "corrections": [{"field": "date", "was": null, "now": "2024-03-11", "why": "…", "on": "2024-04-02"}]}

Each says what the file gives (``was``; null for nothing) and what holds instead.  One of districts, which are joined by
"; ", says its section's ``heading`` as well, null for none.  The bulletin's words are never changed.
"""

from __future__ import annotations

import codecs
import datetime as dt
import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, ValidationError

from rag import files, limits
from rag.errors import CorrectionUnusable, one_line, os_reason
from rag.ingest.parse import parse
from rag.ingest.sections import split_sections
from rag.models import Bulletin, Correction, CorrectionField, Section
from rag.text import districts as gazetteer

SUFFIX = ".corrections.json"
FORMAT = 1
_YEARS = range(1900, 2200)
_AHEAD = dt.timedelta(days=366)  # a date typed today is hardly later
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SPACE = re.compile(r"[ \t\u00a0\u3000]+")
_SHOWN = 80  # characters of a title or headline in a sentence
_REMEDY = "Put it right, or remove it"
_NONE: Mapping[str | None, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Corrected:
    """A bulletin and its sections as ``corrections`` leave them; ``unfit`` are those that fit it no more and were left
    out, ``notes`` a sentence for each of these."""

    bulletin: Bulletin
    sections: tuple[Section, ...]
    corrections: tuple[Correction, ...]
    notes: tuple[str, ...] = ()
    unfit: tuple[Correction, ...] = ()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    field: CorrectionField
    was: str | None
    now: str | None
    heading: str | None = None
    why: str | None = None
    on: dt.date | None = None


class _Head(BaseModel):
    format: int


class _File(_Head):
    model_config = ConfigDict(extra="forbid", strict=True)

    corrections: tuple[_Entry, ...]


def path_of(file: Path) -> Path:
    """Where the corrections of a bulletin's file lie."""
    return file.with_name(file.name + SUFFIX)


def digest(file: Path) -> str:
    """SHA-256 of the file of corrections, "" where there is none; where it can't be read, that of the reason."""
    try:
        data = _bytes(path_of(file))
    except CorrectionUnusable as error:
        data = error.what.encode()
    return "" if data is None else hashlib.sha256(data).hexdigest()


def read(file: Path) -> tuple[Correction, ...]:
    """The corrections of a bulletin's file; () where there are none.

    Raises:
        CorrectionUnusable: they can't be read, or one of them is no title, date or district.
    """
    return tuple(_read(path_of(file)))


def save(file: Path, corrections: Sequence[Correction], *, why: str | None = None, on: dt.date | None = None) -> None:
    """Puts these in the place of the file's earlier corrections, at one stroke; none at all removes them.

    Those that are new get the reason ``why`` and the day ``on`` (default: today); others keep theirs.

    Raises:
        CorrectionUnusable: one of them is unusable, or the earlier ones can't be read, or these not written.
    """
    path = path_of(file)
    sound = [_sound(one) for one in corrections]
    _refuse_twice(sound, path)
    before = _read(path) if sound else {}
    reason = (one_line(why)[: limits.MAX_CORRECTION_CHARS] or None) if why else None
    entries = []
    for one in sound:
        kept = before.get(one)
        why, day = (kept.why, kept.on) if kept else (reason, on or dt.date.today())
        entry = _Entry(field=one.field, was=one.was, now=one.now, heading=one.heading, why=why, on=day)
        left_out = {name for name in ("heading", "why", "on") if getattr(entry, name) is None}
        entries.append(entry.model_dump(mode="json", exclude=left_out))
    data = json.dumps({"format": FORMAT, "corrections": entries}, ensure_ascii=False, indent=2).encode() + b"\n"
    if len(data) > limits.MAX_CORRECTIONS_BYTES:
        raise CorrectionUnusable(
            f"would be larger than {limits.MAX_CORRECTIONS_BYTES:,} bytes", where=path, remedy="Correct less"
        )
    try:
        if sound:
            files.write_atomic(path, data)
        else:
            path.unlink(missing_ok=True)
            files.sync_folder(path.parent)
    except OSError as error:
        what = f"can't be written ({os_reason(error)})"
        raise CorrectionUnusable(what, where=path, remedy="Check the folder's permissions and the disk") from error


def corrected(bulletin: Bulletin, wanted: Sequence[Correction]) -> Corrected:
    """The bulletin with its title and date corrected, its sections as they follow from these, then their districts.

    A correction applies where its ``was`` is what the file gives.  One that the file has caught up with is left out in
    silence, one that fits no more with a note.
    """
    fit: list[Correction] = []
    unfit: list[Correction] = []
    notes: list[str] = []

    def judge(one: Correction, given: Set[str | None]) -> None:
        if one.was in given and one.was != one.now:
            fit.append(one)
        elif one.now not in given:
            unfit.append(one)
            notes.append(_misfit(one, given))

    for one in wanted:
        if one.field != "districts":
            judge(one, {_given(bulletin, one.field)})
    headed = _headed(bulletin, fit)
    cut = split_sections(headed)
    given: dict[str | None, set[str | None]] = {}
    for section in cut:
        given.setdefault(section.heading, set()).add(_joined(section.districts))
    for one in wanted:
        if one.field == "districts":
            judge(one, given.get(one.heading, set()))
    now = {(one.heading, one.was): _split(one.now) for one in fit if one.field == "districts"}
    return Corrected(
        headed,
        tuple(replace(s, districts=now.get((s.heading, _joined(s.districts)), s.districts)) for s in cut),
        tuple(fit),
        tuple(notes),
        tuple(unfit),
    )


def propose(
    path: Path,
    *,
    title: str | None = None,
    date: str | None = None,
    districts: Mapping[str | None, Sequence[str]] = _NONE,
) -> tuple[Correction, ...]:
    """The corrections of a bulletin's file once these are made, to be saved.

    ``title`` and ``date`` (ISO) are what holds, "" for none, None to leave them; ``districts`` are those of a section
    by its headline, or by its ``label``; None is the event without a headline.  A new correction takes the place of an
    earlier one of the same thing; what the file gives itself needs none.

    Raises:
        CorrectionUnusable: a value is no title, date or district, or it can't be told which section is meant.
        BulletinUnreadable: see ``rag.ingest.parse.parse``.
    """
    bulletin = parse(path)
    before = read(path)
    standing = corrected(bulletin, before)
    head = {one.field: one for one in before if one.field != "districts"}
    if title is not None:
        head["title"] = _sound(Correction("title", bulletin.title, title))
    if date is not None:
        head["date"] = _sound(Correction("date", _given(bulletin, "date"), date))
        if (day := head["date"].now) and dt.date.fromisoformat(day) > dt.date.today() + _AHEAD:
            raise CorrectionUnusable(f"{day} is more than a year ahead", where=path, remedy="Check the year")
    heads = [one for one in head.values() if one.now != _given(bulletin, one.field)]
    # Another title may give a section other districts; what staff said of the section holds all the same.
    cut = split_sections(_headed(bulletin, [one for one in heads if one.was == _given(bulletin, one.field)]))
    holds = [
        stands.districts if stands.districts != was.districts else section.districts
        for stands, was, section in zip(standing.sections, split_sections(standing.bulletin), cut, strict=True)
    ]
    asked = set()
    for key, names in districts.items():
        now = _canonical(names)
        for place in _meant(key, standing.sections, cut, path):
            holds[place] = now
            asked.add(cut[place].heading)
    made = [
        Correction("districts", _joined(section.districts), _joined(now), section.heading)
        for section, now in zip(cut, holds, strict=True)
        if section.districts != now
    ]
    waiting = [one for one in standing.unfit if one.field == "districts" and one.heading not in asked]
    return tuple(dict.fromkeys([*heads, *made, *waiting]))


def label(section: Section) -> str:
    """What a section goes by where its headline doesn't single it out: "Kites (Miyun District)", "Miyun District"."""
    about = _joined(section.districts) or ""
    if section.heading is None:
        return about
    return f"{section.heading} ({about})" if about else section.heading


def _meant(key: str | None, standing: Sequence[Section], cut: Sequence[Section], path: Path) -> list[int]:
    """The places of the sections that go by ``key``; more than one only where nothing tells them apart."""
    # The lead and the closing have no headline either, and go by their district alone.
    places = [place for place, section in enumerate(cut) if section.heading == key and section.role == "event"]
    if len({cut[place].districts for place in places}) != 1:
        views = ([place for place, section in enumerate(view) if label(section) == key] for view in (standing, cut))
        places = next(filter(None, views), places)
    if not places:
        what = "every section has a headline" if key is None else f"no section goes by “{_short(key)}”"
        raise CorrectionUnusable(what, where=path, remedy="Name its headline; python -m rag parse shows them")
    if len({cut[place].districts for place in places}) != 1:
        names = ", ".join(f"“{_short(label(standing[place]))}”" for place in places)
        what = f"{len(places)} sections {'have no headline' if key is None else f'go by “{_short(key)}”'}"
        raise CorrectionUnusable(what, where=path, remedy=f"Name one of {names}")
    return places


def _bytes(path: Path) -> bytes | None:
    """The file's bytes, None where there is none.

    Raises:
        CorrectionUnusable: it is too large, a link or no file, or can't be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise CorrectionUnusable("is no plain file", where=path, remedy="Remove it")
            with os.fdopen(handle, "rb", closefd=False) as file:
                data = file.read(limits.MAX_CORRECTIONS_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            return None
        if error.errno == errno.ELOOP:
            raise CorrectionUnusable("is a link", where=path, remedy="Put the file itself here") from error
        what = f"can't be read ({os_reason(error)})"
        raise CorrectionUnusable(what, where=path, remedy="Check its permissions") from error
    if len(data) > limits.MAX_CORRECTIONS_BYTES:
        raise CorrectionUnusable(f"is larger than {limits.MAX_CORRECTIONS_BYTES:,} bytes", where=path, remedy=_REMEDY)
    return data


def _read(path: Path) -> dict[Correction, _Entry]:
    """The corrections in a file, each with its entry there."""
    data = _bytes(path)
    if data is None:
        return {}
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        number = _Head.model_validate_json(data).format
        if number != FORMAT:
            raise CorrectionUnusable(f"is of format {number}, not {FORMAT}", where=path, remedy=_REMEDY)
        entries = _File.model_validate_json(data).corrections
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        at = " ".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
        what = f"can't be read as corrections ({f'{at}: ' if at else ''}{first['msg']})"
        raise CorrectionUnusable(what, where=path, remedy=_REMEDY) from error
    found = []
    for place, entry in enumerate(entries, 1):
        try:
            found.append(_sound(Correction(entry.field, entry.was, entry.now, entry.heading)))
        except CorrectionUnusable as error:
            raise CorrectionUnusable(f"correction {place}: {error.what}", where=path, remedy=_REMEDY) from error
    _refuse_twice(found, path)
    return dict(zip(found, entries, strict=True))


def _refuse_twice(corrections: Sequence[Correction], path: Path) -> None:
    seen = set()
    for one in corrections:
        key = (one.field, one.heading, one.was if one.field == "districts" else None)
        if key in seen:
            raise CorrectionUnusable(f"corrects {_of(one)} twice", where=path, remedy=_REMEDY)
        seen.add(key)


def _sound(one: Correction) -> Correction:
    """The correction in the form that is compared.

    Raises:
        CorrectionUnusable: ``now`` is no title, date or list of districts.
    """
    if one.field == "districts":
        was, now = (_joined(_canonical(_split(value))) for value in (one.was, one.now))
        return replace(one, was=was, now=now)
    check = _title if one.field == "title" else _date
    return replace(one, now=check(one.now or ""), heading=None)


def _title(typed: str) -> str | None:
    title = _SPACE.sub(" ", typed).strip(" ")
    if not title.isprintable():
        what = "the title holds a line break or a character that can't be seen"
        raise CorrectionUnusable(what, remedy="Write it in one line")
    if len(title) > limits.MAX_CORRECTION_CHARS:
        raise CorrectionUnusable(
            f"the title has {len(title):,} characters, more than {limits.MAX_CORRECTION_CHARS}", remedy="Shorten it"
        )
    return title or None


def _date(typed: str) -> str | None:
    day = typed.strip()
    try:
        if not day or (_ISO.fullmatch(day) and dt.date.fromisoformat(day).year in _YEARS):
            return day or None
    except ValueError:
        pass  # the calendar has no such day
    what = f"“{_short(typed)}” is no date of {_YEARS.start} to {_YEARS.stop - 1}"
    raise CorrectionUnusable(what, remedy="Write it as 2024-03-11")


def _canonical(names: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        rest = gazetteer.EVERYDAY_AREA.sub("", gazetteer.apart_from_names(name)).strip()
        meant = gazetteer.heading(name) or (() if rest else gazetteer.mentioned(name))
        if not meant:
            what = f"“{_short(name)}” is no district of Beijing"
            raise CorrectionUnusable(what, remedy=f"Write them as “{'; '.join(gazetteer.CANONICAL[:2])}”")
        found += meant
    return tuple(dict.fromkeys(found))


def _joined(districts: Sequence[str]) -> str | None:
    return "; ".join(districts) or None


def _split(districts: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (districts or "").split(";") if name.strip())


def _given(bulletin: Bulletin, field: CorrectionField) -> str | None:
    """The title or the date that the file gives."""
    if field == "title":
        return bulletin.title
    return bulletin.date.isoformat() if bulletin.date else None


def _headed(bulletin: Bulletin, fit: Sequence[Correction]) -> Bulletin:
    """The bulletin with these corrections of title and date."""
    for one in fit:
        if one.field == "title":
            bulletin = replace(bulletin, title=one.now)
        else:
            bulletin = replace(bulletin, date=dt.date.fromisoformat(one.now) if one.now else None)
    return bulletin


def _misfit(one: Correction, given: Set[str | None]) -> str:
    why = f"the file gives {' or '.join(sorted(map(_shown, given)))}, not {_shown(one.was)}"
    why = why if given else "there is no such section"
    return f"The correction of {_of(one)} no longer fits and is left out: {why}."


def _of(one: Correction) -> str:
    return f"the districts of {_section(one.heading)}" if one.field == "districts" else f"the {one.field}"


def _section(heading: str | None) -> str:
    return "the section without a headline" if heading is None else f"the section “{_short(heading)}”"


def _shown(value: str | None) -> str:
    return f"“{_short(value)}”" if value else "none"


def _short(words: str) -> str:
    line = one_line(words)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
