"""The catalogue of all bulletins, with facets for date, district and source."""

from __future__ import annotations

import re
import unicodedata
from calendar import month_name
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from rag import limits
from rag.models import StoredBulletin

if TYPE_CHECKING:
    from rag.library.reader import Library

PAGE_SIZE = 50  # bulletins of a page
UNDATED = "undated"
FIELDS = ("date", "district", "source", "q", "page")
_DATE = re.compile(r"(?:\d{4}(?:-(?:0[1-9]|1[0-2]))?|undated)", re.ASCII)


@dataclass(frozen=True, slots=True)
class CatalogueFilters:
    """Filters of the list, "" for none: ``date`` is "2024", "2024-03" or "undated", ``q`` are words of titles and
    headings; ``page`` counts from 1."""

    date: str = ""
    district: str = ""
    source: str = ""
    q: str = ""
    page: int = 1

    def address(self, **changed: str | int) -> str:
        """The query string of these filters with changes; they lead to the first page where none is named."""
        wanted = replace(self, **({"page": 1} | changed))  # type: ignore[arg-type]
        parts = [(name, str(value)) for name in FIELDS if (value := getattr(wanted, name)) not in ("", 1)]
        return f"?{urlencode(parts)}" if parts else ""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet; ``count`` is how many bulletins it would leave with the other facets' filters."""

    key: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A bulletin of the list; ``copies`` have the same text, ``corrected_by`` is a later bulletin that corrects it,
    ``corrects`` are earlier ones that it corrects."""

    bulletin: StoredBulletin
    districts: tuple[str, ...]
    events: int
    copies: tuple[StoredBulletin, ...]
    corrected_by: StoredBulletin | None
    corrects: tuple[StoredBulletin, ...]


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """A page of the list; ``total`` counts all bulletins that pass the filters, ``problem`` says why none does."""

    filters: CatalogueFilters
    rows: tuple[Row, ...]
    total: int
    pages: int
    years: tuple[FacetValue, ...] = ()
    months: tuple[FacetValue, ...] = ()
    districts: tuple[FacetValue, ...] = ()
    sources: tuple[FacetValue, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    bulletin: StoredBulletin
    year: str
    month: str
    districts: tuple[str, ...]
    source: str
    words: str


_ENTRIES: WeakKeyDictionary[Library, tuple[_Entry, ...]] = WeakKeyDictionary()


def browse(library: Library, query: Iterable[tuple[str, str]]) -> CataloguePage:
    """Returns the page that a query string asks for; unusable values leave no bulletin, and ``problem`` says so."""
    entries = _entries(library)
    filters, problem = _read_filters(list(query), entries)
    words = _fold(filters.q).split()
    matches: list[_Entry] = []
    counts: dict[str, Counter[str]] = {"date": Counter(), "district": Counter(), "source": Counter()}
    for entry in () if problem else entries:
        if not all(word in entry.words for word in words):
            continue
        missed = list(_missed_facets(entry, filters))
        if not missed:
            matches.append(entry)
        # a facet's counts respect the other facets' filters, not its own
        for facet in counts if not missed else missed[:1] if len(missed) == 1 else ():
            counts[facet].update(_values(entry, facet))
    pages = max(1, -(-len(matches) // PAGE_SIZE))
    if not problem and filters.page > pages:
        problem = f"The list ends at page {pages}; there is no page {filters.page}."
    elif not problem and not matches:
        problem = "No bulletin fits all of these." if filters != CatalogueFilters() else "The desk holds no bulletins."
    shown = matches[(filters.page - 1) * PAGE_SIZE : filters.page * PAGE_SIZE]
    rows = tuple(_row(library, entry) for entry in shown)
    return CataloguePage(filters, rows, len(matches), pages, **_facets(counts, filters), problem=problem)


def _facets(counts: Mapping[str, Counter[str]], filters: CatalogueFilters) -> dict[str, tuple[FacetValue, ...]]:
    year = filters.date[:4] if filters.date != UNDATED else ""
    dates = counts["date"]
    years = [(key, key.capitalize(), number) for key, number in dates.items() if len(key) == 4 or key == UNDATED]
    months = [(k, f"{month_name[int(k[5:])]} {k[:4]}", n) for k, n in dates.items() if year and k[:5] == f"{year}-"]
    districts = sorted((key, key, number) for key, number in counts["district"].items())
    sources = sorted(((key, key, n) for key, n in counts["source"].items()), key=lambda value: (-value[2], value[0]))
    return {
        "years": _facet(sorted(years, key=lambda v: (v[0] != UNDATED, v[0]), reverse=True), {filters.date, year}),
        "months": _facet(sorted(months, reverse=True), {filters.date}),
        "districts": _facet(districts, {filters.district}),
        "sources": _facet(sources, {filters.source}),
    }


def _entries(library: Library) -> tuple[_Entry, ...]:
    """All bulletins, newest first and undated ones last; computed once for each library."""
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
        bulletin, date[:4] or UNDATED, date[:7], tuple(districts), bulletin.source or "", _fold("\n".join(words))
    )


def _fold(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold()


def _missed_facets(entry: _Entry, filters: CatalogueFilters) -> Iterator[str]:
    """The facets whose filter this bulletin doesn't pass."""
    for facet, wanted in (("date", filters.date), ("district", filters.district), ("source", filters.source)):
        if wanted and wanted not in _values(entry, facet):
            yield facet


def _values(entry: _Entry, facet: str) -> tuple[str, ...]:
    if facet == "date":
        return (entry.year, entry.month) if entry.month else (entry.year,)
    if facet == "district":
        return entry.districts
    return (entry.source,) if entry.source else ()


def _facet(values: Sequence[tuple[str, str, int]], chosen: set[str]) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(key, label, count, key in chosen) for key, label, count in values)


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


def _read_filters(query: Sequence[tuple[str, str]], entries: Sequence[_Entry]) -> tuple[CatalogueFilters, str | None]:
    """The filters, as far as they can be read, and what is wrong with them."""
    values = {name: value.strip() for name, value in query}
    page = values.get("page") or "1"
    usable = page.isascii() and page.isdigit() and len(page) < 7 and int(page) > 0
    filters = CatalogueFilters(**{n: values.get(n, "") for n in FIELDS if n != "page"}, page=int(page) if usable else 1)
    names = [name for name, _ in query]
    if unknown := next((name for name in names if name not in FIELDS), None):
        return filters, f"Bulletins can't be chosen by “{_short(unknown)}”, only by date, district, source and words."
    if twice := next((name for name in names if names.count(name) > 1), None):
        return filters, f"Bulletins can be chosen by one “{twice}” at a time."
    if not usable:
        return filters, f"“{_short(page)}” is no number of a page."
    if filters.date and not _DATE.fullmatch(filters.date):
        return filters, f"“{_short(filters.date)}” is no year (2024) and no month (2024-03)."
    if filters.district and not any(filters.district in entry.districts for entry in entries):
        return filters, f"No bulletin has a section of “{_short(filters.district)}”."
    if filters.source and not any(filters.source == entry.source for entry in entries):
        return filters, f"No bulletin comes from “{_short(filters.source)}”."
    if len(filters.q) > limits.MAX_SEARCH_CHARS:
        most = limits.MAX_SEARCH_CHARS
        return replace(filters, q=filters.q[:most]), f"Please search for at most {most} characters."
    return filters, None


def _short(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:60]}…"
