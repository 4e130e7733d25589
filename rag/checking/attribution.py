"""What a draft says of a quotation's source: dates, titles and districts near it, and whether they are the source's."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.checking.models import Claim
from rag.checking.tokens import Token, tokens
from rag.library.reader import Library, districts_of
from rag.models import Period, Section, Span, StoredBulletin
from rag.text import districts
from rag.text.dates import in_words, stated

_FEWEST = 3  # words of a title that is known again in running text
_WINTER = re.compile(r"winter|\u51ac", re.IGNORECASE)
_RUN = dt.timedelta(days=14)  # a stated run of days ("June 3 to 9") holds each of them; a month doesn't


class Titles:
    """The titles of all bulletins, found again in running text."""

    def __init__(self, library: Library) -> None:
        self._by_opening: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for title in {bulletin.title for bulletin in library.bulletins if bulletin.title}:
            words = _words(title)
            if len(words) >= _FEWEST:
                self._by_opening[words[0]].add(words)

    def places(self, text: str) -> list[Span]:
        """Where titles stand in the text, the longest at each place."""
        found = [token for token in tokens(text) if token.word]
        words = tuple(token.form.lower() for token in found)
        places: list[Span] = []
        at = 0
        while at < len(words):
            here = [title for title in self._by_opening.get(words[at], ()) if words[at : at + len(title)] == title]
            if here:
                length = max(map(len, here))
                places.append(Span(found[at].start, found[at + length - 1].end))
                at += length
            else:
                at += 1
        return places


def given(date: str | None, title: str | None, district: str | None) -> tuple[Claim, ...]:
    """Claims made apart from the draft's text.

    Raises:
        ValueError: the date names no day, month or year of the calendar, or the district is none of Beijing's.
    """
    found = []
    if date:
        named = list(in_words(date))
        if not named:
            raise ValueError(f"{date!r} names no day, month or year. Write 2024-03-11 or March 2024")
        found += [Claim("date", date, periods=_periods(own, date)) for own in named]
    if title:
        found.append(Claim("title", title))
    if district:
        names = districts.mentioned(district)
        if not names:
            raise ValueError(f"{district!r} is none of Beijing's districts. Write Haidian District, or leave it out")
        found += [Claim("district", district, district=name) for name in names]
    return tuple(found)


def around(text: str, clause: Span, quotations: Iterable[Span], titles: Titles) -> tuple[Claim, ...]:
    """The claims in a stretch of a draft, beside its quotations' own words; titles are known in quotation marks too.

    ``quotations`` are all that lie in the stretch, the one that the claims are about first.
    """
    own, *others = [(quotation.start, quotation.end) for quotation in quotations]
    open_to_titles = _blanked(text, clause, [own])
    named = [Span(place.start + clause.start, place.end + clause.start) for place in titles.places(open_to_titles)]
    rest = _blanked(text, clause, [own, *others, *((place.start, place.end) for place in named)])
    found = [Claim("title", place.of(text), place) for place in named]
    for date in in_words(rest):
        at = Span(date.start + clause.start, date.end + clause.start)
        found.append(Claim("date", at.of(text), at, _periods(date, at.of(text))))
    for mention in districts.exact_mentions(rest):
        at = Span(mention.start + clause.start, mention.end + clause.start)
        found.append(Claim("district", at.of(text), at, district=mention.name))
    if not any(claim.district == districts.DEVELOPMENT_AREA for claim in found):
        for match in districts.EVERYDAY_AREA.finditer(rest):
            at = Span(match.start() + clause.start, match.end() + clause.start)
            found.append(Claim("district", at.of(text), at, district=districts.DEVELOPMENT_AREA))
    return tuple(sorted(found, key=lambda claim: claim.at.start if claim.at else 0))


def _periods(date: Period | Span, words: str) -> tuple[Period, ...]:
    """What a date in words may mean; () where its year is left out.  "Winter 2024" ends or begins in that year."""
    if not isinstance(date, Period):
        return ()
    if not _WINTER.search(words):
        return (date,)
    return (
        date,
        Period(date.first.replace(year=date.first.year - 1), date.last.replace(year=date.last.year - 1, day=28)),
    )


def _blanked(text: str, clause: Span, holes: Iterable[tuple[int, int]]) -> str:
    """The clause with what lies in the holes replaced by as many line feeds."""
    characters = list(clause.of(text))
    for start, end in holes:
        first = max(start, clause.start) - clause.start
        last = max(min(end, clause.end) - clause.start, first)
        characters[first:last] = "\n" * (last - first)
    return "".join(characters)


def held(
    claims: Sequence[Claim], carriers: Sequence[StoredBulletin], section: Section | None, text: str, place: Span
) -> tuple[Claim, ...]:
    """The claims, each with whether it is true of a place: of one of the bulletins that carry the words (copies count),
    the one with this ``text`` first, or of the section that holds them; a day without a year may stand in its lead."""
    around_it = section.of(text) if section else place.of(text)
    # A lead tells the day of what follows; that of another bulletin it tells in full ("the notice of March 12, 2021").
    leads = [own.of(text) for own in carriers[0].sections if own.role == "lead"] if text else []
    with_leads = "\n".join([around_it, *leads])
    return tuple(
        replace(claim, holds=_holds(claim, carriers, section, around_it if claim.periods else with_leads))
        for claim in claims
    )


def contradicted(claims: Sequence[Claim]) -> bool:
    """Whether a kind of claim is made of which nothing holds: of two dates near a quotation, one may be another
    event's.  Where a day is named with its year, a vaguer date doesn't make up for it."""
    days = [claim for claim in claims if is_day(claim)]
    made = [[c for c in claims if c.kind == kind] for kind in {claim.kind for claim in claims}]
    return any(not any(claim.holds for claim in own) for own in [*made, *([days] if days else [])])


def is_day(claim: Claim) -> bool:
    """Whether it is a date that names a day with its year."""
    return any(period.first == period.last for period in claim.periods)


def _holds(claim: Claim, carriers: Sequence[StoredBulletin], section: Section | None, around_it: str) -> bool:
    if claim.kind == "title":
        theirs = [bulletin.title for bulletin in carriers] + [section.heading if section else None]
        return any(_same_title(claim.words, title) for title in theirs if title)
    if claim.kind == "district":
        heads = [name for bulletin in carriers for name in districts_of(bulletin, section)]
        return claim.district in (*heads, *districts.mentioned(around_it))
    return any(_dated(claim, bulletin.date, around_it) for bulletin in carriers)


def _dated(claim: Claim, published: dt.date | None, around_it: str) -> bool:
    periods = claim.periods or stated(claim.words, published)
    if published and any(period.first <= published <= period.last for period in periods):
        return True
    days = stated(around_it, published)
    return any(_told(period, day) for period in periods for day in days)


def _told(claimed: Period, day: Period) -> bool:
    """Whether a day that the source states is the one claimed, or lies in the period claimed."""
    inside = claimed.first <= day.first and day.last <= claimed.last
    return inside or (day.first <= claimed.first and claimed.last <= day.last and day.last - day.first <= _RUN)


def _same_title(claimed: str, title: str) -> bool:
    """Whether the claim's words stand in the title as they are, or the title's in the claim."""
    mine, its = _words(claimed), _words(title)
    short, long = sorted((mine, its), key=len)
    if not short or (len(short) < 2 <= len(long) and short != long):
        return False
    return any(long[n : n + len(short)] == short for n in range(len(long) - len(short) + 1))


def _words(text: str) -> tuple[str, ...]:
    found: tuple[Token, ...] = tokens(text)
    return tuple(token.form.lower() for token in found if token.word)
