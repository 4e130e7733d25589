"""All bulletins, by date, district and source, with the number that each choice would leave."""

from __future__ import annotations

import re
import unicodedata
from calendar import month_name
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from rag import limits
from rag.models import StoredBulletin

if TYPE_CHECKING:
    from rag.library.reader import Library

A_PAGE = 50  # bulletins
UNDATED = "undated"
FIELDS = ("date", "district", "source", "q", "page")
_DATE = re.compile(r"(?:\d{4}(?:-(?:0[1-9]|1[0-2]))?|undated)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for; "" where nothing is.  ``date`` is "2024", "2024-03" or "undated"; ``q`` words of titles and
    headings; ``page`` counts from 1."""

    date: str = ""
    district: str = ""
    source: str = ""
    q: str = ""
    page: int = 1

    def address(self, **changed: str | int) -> str:
        """The query of the page with this choice and these changes, from its first page where none is named."""
        wanted = replace(self, **({"page": 1} | changed))  # type: ignore[arg-type]
        parts = [(name, str(value)) for name in FIELDS if (value := getattr(wanted, name)) not in ("", 1)]
        return f"?{urlencode(parts)}" if parts else ""


@dataclass(frozen=True, slots=True)
class Value:
    """One choice of a facet: how it is written, and how many bulletins it would leave beside the other choices."""

    key: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A bulletin of the list; ``copies`` carry the same text, ``corrected_by`` a later one that corrects it,
    ``corrects`` earlier ones."""

    bulletin: StoredBulletin
    districts: tuple[str, ...]
    events: int
    copies: tuple[StoredBulletin, ...]
    corrected_by: StoredBulletin | None
    corrects: tuple[StoredBulletin, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the list.  ``total`` counts all that fit the choice; ``trouble`` says why nothing does."""

    choice: Choice
    rows: tuple[Row, ...]
    total: int
    pages: int
    years: tuple[Value, ...] = ()
    months: tuple[Value, ...] = ()
    districts: tuple[Value, ...] = ()
    sources: tuple[Value, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    bulletin: StoredBulletin
    year: str
    month: str
    districts: tuple[str, ...]
    source: str
    words: str


_ENTRIES: WeakKeyDictionary[Library, tuple[_Entry, ...]] = WeakKeyDictionary()


def browse(library: Library, asked: Iterable[tuple[str, str]]) -> Shelf:
    """The page that these names and values of an address ask for; what they can't mean leaves nothing, and is said."""
    entries = _entries(library)
    choice, trouble = _choice(list(asked), entries)
    words = _plain(choice.q).split()
    found: list[_Entry] = []
    counts: dict[str, Counter[str]] = {"date": Counter(), "district": Counter(), "source": Counter()}
    for entry in () if trouble else entries:
        if not all(word in entry.words for word in words):
            continue
        missed = list(_missed(entry, choice))
        if not missed:
            found.append(entry)
        # a facet's counts respect the other facets' choices, not its own
        for facet in counts if not missed else missed[:1] if len(missed) == 1 else ():
            counts[facet].update(_values(entry, facet))
    pages = max(1, -(-len(found) // A_PAGE))
    if not trouble and choice.page > pages:
        trouble = f"The list ends at page {pages}; there is no page {choice.page}."
    elif not trouble and not found:
        trouble = "No bulletin fits all of these." if choice != Choice() else "The desk holds no bulletins."
    shown = found[(choice.page - 1) * A_PAGE : choice.page * A_PAGE]
    year = choice.date[:4] if choice.date != UNDATED else ""
    dates = counts["date"]
    years = [(key, key.capitalize(), number) for key, number in dates.items() if len(key) == 4 or key == UNDATED]
    months = [(k, f"{month_name[int(k[5:])]} {k[:4]}", n) for k, n in dates.items() if year and k[:5] == f"{year}-"]
    return Shelf(
        choice,
        tuple(_row(library, entry) for entry in shown),
        len(found),
        pages,
        _facet(sorted(years, key=lambda v: (v[0] != UNDATED, v[0]), reverse=True), {choice.date, year}),
        _facet(sorted(months, reverse=True), {choice.date}),
        _facet(sorted((key, key, number) for key, number in counts["district"].items()), {choice.district}),
        _facet(sorted(((k, k, n) for k, n in counts["source"].items()), key=lambda v: (-v[2], v[0])), {choice.source}),
        trouble,
    )


def _entries(library: Library) -> tuple[_Entry, ...]:
    """All bulletins, newest first, undated ones last; made once for each library."""
    if library not in _ENTRIES:
        dated = sorted((b for b in library.bulletins if b.date), key=lambda b: b.name)
        dated.sort(key=lambda b: str(b.date), reverse=True)
        undated = sorted((b for b in library.bulletins if not b.date), key=lambda b: b.name)
        _ENTRIES[library] = tuple(_entry(bulletin) for bulletin in (*dated, *undated))
    return _ENTRIES[library]


def _entry(bulletin: StoredBulletin) -> _Entry:
    date = bulletin.date.isoformat() if bulletin.date else ""
    districts = sorted({district for section in bulletin.sections for district in section.districts})
    words = [bulletin.title or "", *(section.heading or "" for section in bulletin.sections)]
    return _Entry(
        bulletin, date[:4] or UNDATED, date[:7], tuple(districts), bulletin.source or "", _plain("\n".join(words))
    )


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold()


def _missed(entry: _Entry, choice: Choice) -> Iterator[str]:
    """The facets whose choice this bulletin doesn't fit."""
    for facet, wanted in (("date", choice.date), ("district", choice.district), ("source", choice.source)):
        if wanted and wanted not in _values(entry, facet):
            yield facet


def _values(entry: _Entry, facet: str) -> tuple[str, ...]:
    if facet == "date":
        return (entry.year, entry.month) if entry.month else (entry.year,)
    if facet == "district":
        return entry.districts
    return (entry.source,) if entry.source else ()


def _facet(values: Sequence[tuple[str, str, int]], chosen: set[str]) -> tuple[Value, ...]:
    return tuple(Value(key, label, count, key in chosen) for key, label, count in values)


def _row(library: Library, entry: _Entry) -> Row:
    bulletin = entry.bulletin
    later = library.replaced_by.get(bulletin.name)
    return Row(
        bulletin,
        entry.districts,
        sum(section.role == "event" and section.heading is not None for section in bulletin.sections),
        tuple(library.by_name[name] for name in library.copies[bulletin.body] if name != bulletin.name),
        library.by_name[later] if later else None,
        tuple(library.by_name[name] for name in bulletin.replaces),
    )


def _choice(asked: Sequence[tuple[str, str]], entries: Sequence[_Entry]) -> tuple[Choice, str | None]:
    """The choice, as far as it can be read, and what is wrong with it."""
    values = {name: value.strip() for name, value in asked}
    page = values.get("page") or "1"
    usable = page.isascii() and page.isdigit() and len(page) < 7 and int(page) > 0
    choice = Choice(**{n: values.get(n, "") for n in FIELDS if n != "page"}, page=int(page) if usable else 1)
    names = [name for name, _ in asked]
    if unknown := next((name for name in names if name not in FIELDS), None):
        return choice, f"Bulletins can't be chosen by “{_short(unknown)}”, only by date, district, source and words."
    if twice := next((name for name in names if names.count(name) > 1), None):
        return choice, f"Bulletins can be chosen by one “{twice}” at a time."
    if not usable:
        return choice, f"“{_short(page)}” is no number of a page."
    if choice.date and not _DATE.fullmatch(choice.date):
        return choice, f"“{_short(choice.date)}” is no year (2024) and no month (2024-03)."
    if choice.district and not any(choice.district in entry.districts for entry in entries):
        return choice, f"No bulletin has a section of “{_short(choice.district)}”."
    if choice.source and not any(choice.source == entry.source for entry in entries):
        return choice, f"No bulletin comes from “{_short(choice.source)}”."
    if len(choice.q) > limits.MAX_SEARCH_CHARS:
        return replace(
            choice, q=choice.q[: limits.MAX_SEARCH_CHARS]
        ), f"Please search for at most {limits.MAX_SEARCH_CHARS} characters."
    return choice, None


def _short(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:60]}…"
