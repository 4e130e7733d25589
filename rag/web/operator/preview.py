"""A file as it would be understood: what is read from its head, its sections, and what the operator should look at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag import limits
from rag.errors import BulletinUnreadable, CorrectionUnusable, one_line
from rag.ingest import corrections
from rag.ingest.parse import parse
from rag.ingest.stored import stored
from rag.models import Correction, Section

if TYPE_CHECKING:
    from rag.library.reader import Library

OPENING = 200  # characters of a text that are shown


@dataclass(frozen=True, slots=True)
class Part:
    """A section whose districts can be corrected; ``key`` is what ``corrections.propose`` knows it by."""

    key: str | None
    heading: str | None
    districts: tuple[str, ...]
    opening: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What is read from a file, as corrected; ``problem`` says why nothing is.

    ``parts`` are those of its ``sections`` that can be corrected here, ``opening`` are its first words, ``body`` is
    what copies of one text have in common, ``file_sha256`` and ``beside`` are the digests of the file and of its
    corrections.
    """

    name: str
    problem: str = ""
    title: str | None = None
    date: dt.date | None = None
    source: str | None = None
    url: str | None = None
    districts: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    sections: int = 0
    opening: str = ""
    corrections: tuple[Correction, ...] = ()
    notes: tuple[str, ...] = ()
    body: str = ""
    file_sha256: str = ""
    beside: str = ""


def preview(path: Path, name: str) -> Preview:
    """How the file is read now; read anew only when it or its corrections have changed."""
    return _read(path, name, _state(path), _state(corrections.path_of(path)))


def warnings(shown: Preview, library: Library | None) -> tuple[str, ...]:
    """What the operator should look at before the file is published."""
    if shown.problem:
        return ()
    told = [*shown.notes]
    if shown.title is None:
        told.append("No title was found.")
    if shown.date is None:
        told.append("No date was found.")
    elif shown.date > dt.date.today():
        told.append("Its date lies in the future.")
    if not shown.districts:
        told.append("No district heads any of its sections.")
    if library:
        if (old := library.by_name.get(shown.name)) and old.file_sha256 != shown.file_sha256:
            told.append("It takes the place of the bulletin of this name, whose text is kept.")
        copies = [name for name in library.copies.get(shown.body, ()) if name != shown.name]
        if copies:
            told.append(f"It has the same words as {', '.join(map(one_line, copies))}.")
    return tuple(told)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


@lru_cache(maxsize=600)
def _read(path: Path, name: str, *state: object) -> Preview:
    try:
        bulletin = parse(path, name=name)
    except BulletinUnreadable as error:
        return Preview(name, problem=f"{error.what}. {error.remedy}".removesuffix(". "))
    notes: list[str] = []
    try:
        wanted = corrections.read(path)
    except CorrectionUnusable as error:
        wanted = ()
        notes.append(f"Its corrections can't be used: {error.what}.")
    read = corrections.corrected(bulletin, wanted)
    text = read.bulletin.text
    events = [section for section in read.sections if section.role == "event"]
    parts = tuple(
        Part(_key(section), section.heading, section.districts, _opening(section.of(text)))
        for section in events[: limits.MAX_EDITABLE_SECTIONS]
    )
    districts = tuple(dict.fromkeys(district for section in events for district in section.districts))
    first = next((paragraph for section in read.sections for paragraph in section.paragraphs), None)
    return Preview(
        name,
        title=read.bulletin.title,
        date=read.bulletin.date,
        source=read.bulletin.source,
        url=read.bulletin.url,
        districts=districts,
        parts=parts,
        sections=len(events),
        opening=_opening(first.of(text)) if first else "",
        corrections=read.corrections,
        notes=(*notes, *read.notes),
        body=stored(read.bulletin, read.sections, read.corrections).body,
        file_sha256=bulletin.file_sha256,
        beside=corrections.digest(path),
    )


def _key(section: Section) -> str | None:
    """Its label tells it from others of the same headline; the lead has none either, and no district."""
    return corrections.label(section) or None


def _opening(words: str) -> str:
    words = one_line(words)
    return words if len(words) <= OPENING else f"{words[:OPENING].rsplit(' ', 1)[0]} …"
