"""Attribution: the date, title and district that a draft claims of a quotation's source, and whether they hold."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from rag.budget import step
from rag.checking.claim_scope import ScopeReader
from rag.checking.claimed_dates import DateMention, claimed_dates, nearest
from rag.checking.config import CLAIMS
from rag.checking.models import Claim
from rag.checking.tokens import tokens
from rag.library.reader import Library, districts_of
from rag.models import Period, Section, Span, StoredBulletin
from rag.text import districts
from rag.text.dates import stated_periods

# Before a claim that is denied, and so is none: "not from Miyun but from Fengtai", "in 2024, not 2023".
_DENIED = re.compile(
    r"(?i)(?:\b(?:not|never|neither|nor|rather than|instead of)|n['\u2019]t)\s+"
    r"(?:(?:from|by|in|of|on|at|the|that|one|dated)\s+)*$|(?:不是|并非|而非|不在)(?:来自|在)?$"
)

_MAX_DENIED_CHARS = 200  # before a claim, in which it is denied
_NOWHERE = Span(0, 0)


class Titles:
    """Recognises the titles of all bulletins in running text."""

    def __init__(self, library: Library) -> None:
        self._by_opening: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for title in {bulletin.title for bulletin in library.bulletins if bulletin.title}:
            words = _words(title)
            if len(words) >= CLAIMS.min_title_words:
                self._by_opening[words[0]].add(words)

    def find(self, text: str) -> list[Span]:
        """Returns where titles stand in the text, the longest at each place."""
        words = [token for token in tokens(text) if token.word]
        forms = tuple(token.form.lower() for token in words)
        spans: list[Span] = []
        at = 0
        while at < len(forms):
            titles = [title for title in self._by_opening.get(forms[at], ()) if forms[at : at + len(title)] == title]
            if titles:
                length = max(map(len, titles))
                spans.append(Span(words[at].start, words[at + length - 1].end))
                at += length
            else:
                at += 1
        return spans


def parse_claims(date: str | None, title: str | None, district: str | None) -> tuple[Claim, ...]:
    """Returns the claims that are given apart from the draft's text.

    Raises:
        ValueError: the date names no day, month or year of the calendar, or the district is none of Beijing's.
    """
    claims = []
    if date:
        mentions = [mention for mention in claimed_dates(date) if mention.periods]
        if not mentions:
            raise ValueError(f"{date!r} names no day, month or year. Write 2024-03-11 or March 2024")
        claims += [_date_claim(mention, date) for mention in mentions]
    if title:
        claims.append(Claim("title", title))
    if district:
        names = districts.names_in_running_text(district)
        if not names:
            raise ValueError(f"{district!r} is none of Beijing's districts. Write Haidian District, or leave it out")
        claims += [Claim("district", district, district=name) for name in names]
    return tuple(claims)


class ClauseReader:
    """Reads the claims around the quotations of one draft."""

    def __init__(self, text: str, titles: Titles) -> None:
        self._text = text
        self._titles = titles
        self._scope = ScopeReader(text)
        self._last: tuple[str, list[DateMention], list[districts.Mention]] = ("", [], [])

    def claims(self, clause: Span, quotations: Iterable[Span]) -> tuple[Claim, ...]:
        """Returns the claims about the first of the quotations in a stretch; titles may stand in marks too.

        ``quotations`` are all that lie in the stretch, each with claims of its own.
        """
        text = self._text

        def in_draft(start: int, end: int) -> Span:
            return Span(clause.start + start, clause.start + end)

        quotation, *others = quotations
        step()
        found = self._titles.find(_mask(text, clause, [quotation]))
        title_spans = [in_draft(span.start, span.end) for span in found]
        dates, mentions = self._named(_mask(text, clause, [quotation, *others, *title_spans]))
        claims = [Claim("title", span.of(text), span) for span in title_spans]
        for date in dates:
            span = in_draft(date.start, date.end)
            claims.append(_date_claim(date, span.of(text), span))
        for mention in mentions:
            span = in_draft(mention.start, mention.end)
            claims.append(Claim("district", span.of(text), span, district=mention.name))
        claims = [claim for claim in claims if not (claim.span and self._denies(clause, claim.span.start))]
        spoken = [other for other in others if not any(title.start <= other.start < title.end for title in title_spans)]
        return self._scope.claims_of(clause, quotation, spoken, claims)

    def _named(self, words: str) -> tuple[list[DateMention], list[districts.Mention]]:
        """The dates and the districts that a clause names; quotations that share one follow one another."""
        if self._last[0] != words:
            area = districts.DEVELOPMENT_AREA
            mentions = list(districts.exact_mentions(words))
            if not any(mention.name == area for mention in mentions):
                found = districts.EVERYDAY_AREA.finditer(words)
                mentions += [districts.Mention(*match.span(), area) for match in found]
            self._last = words, claimed_dates(words), mentions
        return self._last[1:]

    def _denies(self, clause: Span, at: int) -> bool:
        """Whether the words before a claim deny it."""
        return _DENIED.search(self._text, max(clause.start, at - _MAX_DENIED_CHARS), at) is not None


def _date_claim(date: DateMention, words: str, span: Span | None = None) -> Claim:
    return Claim("date", words, span, date.periods, date.yearless, date.unread)


def _mask(text: str, clause: Span, holes: Iterable[Span]) -> str:
    """The clause with what lies in the holes replaced by as many line feeds."""
    characters = list(clause.of(text))
    for hole in holes:
        first = max(hole.start, clause.start) - clause.start
        last = max(min(hole.end, clause.end) - clause.start, first)
        characters[first:last] = "\n" * (last - first)
    return "".join(characters)


class Carriage:
    """Where words stand: in one section of the first of the ``carriers``, the bulletins that carry the same text.

    What it states is read once, however many claims are held against it.
    """

    def __init__(
        self, carriers: Sequence[StoredBulletin], section: Section | None = None, text: str = "", span: Span = _NOWHERE
    ) -> None:
        self.carriers = carriers
        self.section = section
        self._text = text
        self._span = section or span
        self._periods: dict[tuple[dt.date | None, bool], tuple[Period, ...]] = {}
        self._districts: dict[bool, tuple[str, ...]] = {}

    def periods(self, published: dt.date | None, *, with_leads: bool) -> tuple[Period, ...]:
        """Returns the days stated in the section, and in the leads, by a bulletin of that date."""
        key = published, with_leads
        if key not in self._periods:
            self._periods[key] = stated_periods(self._context(with_leads=with_leads), published)
        return self._periods[key]

    def districts(self, *, with_leads: bool) -> tuple[str, ...]:
        """Returns the districts that head the section or are named in it, or in the leads."""
        if with_leads not in self._districts:
            of_heads = (name for bulletin in self.carriers for name in districts_of(bulletin, self.section))
            named = districts.names_in_running_text(self._context(with_leads=with_leads))
            self._districts[with_leads] = (*of_heads, *named)
        return self._districts[with_leads]

    def _context(self, *, with_leads: bool) -> str:
        # A lead says the day of what follows; that of another is named in full ("the notice of March 12, 2021").
        of_leads = (lead for lead in self.carriers[0].sections if with_leads and self._text and lead.role == "lead")
        return "\n".join(span.of(self._text) for span in (self._span, *of_leads))


class Claimed:
    """The claims about one quotation, each of which is held against a place once."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = tuple(claims)
        # The same thing may be said many times around a quotation.
        self._alike = [replace(claim, span=None) for claim in self.claims]
        self._distinct = dict.fromkeys(self._alike)

    def verified(self, carriage: Carriage) -> tuple[Claim, ...]:
        """Returns the claims, each with whether it is true of words that stand there.

        It may be true of any bulletin that carries the words, or of the section that holds them.  A day without a year
        may stand in the bulletin's lead, and so may the district of a section that no district heads.
        """
        holds = {claim: _holds(claim, carriage) for claim in self._distinct}
        pairs = zip(self.claims, self._alike, strict=True)
        return tuple(replace(claim, holds=holds[alike]) for claim, alike in pairs)

    def hold_of_head(self, head: Carriage) -> bool:
        """Whether a date or a title claimed is that of a bulletin, whatever stands in it."""
        return any(_holds(claim, head) for claim in self._distinct if claim.kind in ("date", "title"))


def is_contradicted(claims: Sequence[Claim]) -> bool:
    """Whether a kind of claim is made of which nothing holds: of two dates near a quotation, one may be another
    event's.  Where a day is named with its year, a vaguer date doesn't make up for it."""
    of_kinds = [[claim for claim in claims if claim.kind == kind] for kind in {claim.kind for claim in claims}]
    days = [claim for claim in claims if claim.names_day]
    checked = ([claim.holds for claim in group if claim.holds is not None] for group in (*of_kinds, days))
    return any(group and not any(group) for group in checked)


def _holds(claim: Claim, carriage: Carriage) -> bool | None:
    step()
    section = carriage.section
    if claim.kind == "title":
        titles = [bulletin.title for bulletin in carriage.carriers] + [section.heading if section else None]
        return any(_is_same_title(claim.words, title) for title in titles if title)
    if claim.kind == "district":
        return claim.district in carriage.districts(with_leads=not (section and section.districts))
    holds = any(_date_holds(claim, bulletin.date, carriage) for bulletin in carriage.carriers)
    # Of two readings one that holds proves nothing; where none does, both are wrong.
    return None if claim.unread and (holds or not claim.periods) else holds


def _date_holds(claim: Claim, published: dt.date | None, carriage: Carriage) -> bool:
    near = (nearest(period, published) if claim.yearless else period for period in claim.periods)
    periods = [period for period in near if period]
    if published and any(period.first <= published <= period.last for period in periods):
        return True
    stated = carriage.periods(published, with_leads=claim.yearless) if periods else ()
    return any(_covers(period, day) for period in periods for day in stated)


def _covers(claimed: Period, stated_period: Period) -> bool:
    """Whether the days that the source states lie in the period claimed, or are a short run that holds it."""
    if claimed.first <= stated_period.first and stated_period.last <= claimed.last:
        return True
    holds = stated_period.first <= claimed.first and claimed.last <= stated_period.last
    return holds and stated_period.last - stated_period.first <= CLAIMS.max_run


def _is_same_title(claimed: str, title: str) -> bool:
    """Whether the claim's words stand in the title as they are, or the title's in the claim."""
    short, long = sorted((_words(claimed), _words(title)), key=len)
    if not short or (len(short) < 2 <= len(long) and short != long):
        return False
    return any(long[n : n + len(short)] == short for n in range(len(long) - len(short) + 1))


@lru_cache(4_096)  # of titles, which are the library's
def _words(text: str) -> tuple[str, ...]:
    return tuple(token.form.lower() for token in tokens(text) if token.word)
