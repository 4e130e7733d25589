"""Attribution: the date, title and district that a draft claims of a quotation's source, and whether they hold."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.checking.claim_scope import claims_of
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


def claims_in_clause(text: str, clause: Span, quotations: Iterable[Span], titles: Titles) -> tuple[Claim, ...]:
    """Returns the claims about the first of the quotations in a stretch of a draft; titles may stand in marks too.

    ``quotations`` are all that lie in the stretch, each with claims of its own.
    """

    def in_draft(start: int, end: int) -> Span:
        return Span(start + clause.start, end + clause.start)

    quotation, *others = quotations
    title_spans = [in_draft(span.start, span.end) for span in titles.find(_mask(text, clause, [quotation]))]
    rest = _mask(text, clause, [quotation, *others, *title_spans])
    claims = [Claim("title", span.of(text), span) for span in title_spans]
    for date in claimed_dates(rest):
        span = in_draft(date.start, date.end)
        claims.append(_date_claim(date, span.of(text), span))
    area = districts.DEVELOPMENT_AREA
    mentions = list(districts.exact_mentions(rest))
    if not any(mention.name == area for mention in mentions):
        mentions += [districts.Mention(*match.span(), area) for match in districts.EVERYDAY_AREA.finditer(rest)]
    for mention in mentions:
        span = in_draft(mention.start, mention.end)
        claims.append(Claim("district", span.of(text), span, district=mention.name))
    claims = [claim for claim in claims if not (claim.span and _DENIED.search(text[clause.start : claim.span.start]))]
    spoken = [other for other in others if not any(title.start <= other.start < title.end for title in title_spans)]
    return claims_of(text, clause, quotation, spoken, claims)


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


def verify_claims(
    claims: Sequence[Claim], carriers: Sequence[StoredBulletin], section: Section | None, text: str, span: Span
) -> tuple[Claim, ...]:
    """Returns the claims, each with whether it is true of the words at ``span`` of the text.

    It may be true of any of the ``carriers``, the bulletins that carry the words (copies count; the one with this text
    comes first), or of the section that holds them.  A day without a year may stand in the bulletin's lead, and so
    may the district of a section that no district heads.
    """
    context = section.of(text) if section else span.of(text)
    # A lead says the day of what follows; that of another bulletin it names in full ("the notice of March 12, 2021").
    leads = [lead.of(text) for lead in carriers[0].sections if lead.role == "lead"] if text else []
    with_leads = "\n".join([context, *leads])
    headed = section is not None and bool(section.districts)

    def in_leads(claim: Claim) -> bool:
        return claim.yearless or (claim.kind == "district" and not headed)

    return tuple(
        replace(claim, holds=_holds(claim, carriers, section, with_leads if in_leads(claim) else context))
        for claim in claims
    )


def is_contradicted(claims: Sequence[Claim]) -> bool:
    """Whether a kind of claim is made of which nothing holds: of two dates near a quotation, one may be another
    event's.  Where a day is named with its year, a vaguer date doesn't make up for it."""
    of_kinds = [[claim for claim in claims if claim.kind == kind] for kind in {claim.kind for claim in claims}]
    days = [claim for claim in claims if claim.names_day]
    checked = ([claim.holds for claim in group if claim.holds is not None] for group in (*of_kinds, days))
    return any(group and not any(group) for group in checked)


def _holds(claim: Claim, carriers: Sequence[StoredBulletin], section: Section | None, context: str) -> bool | None:
    if claim.kind == "title":
        titles = [bulletin.title for bulletin in carriers] + [section.heading if section else None]
        return any(_is_same_title(claim.words, title) for title in titles if title)
    if claim.kind == "district":
        of_heads = [name for bulletin in carriers for name in districts_of(bulletin, section)]
        return claim.district in (*of_heads, *districts.names_in_running_text(context))
    holds = any(_date_holds(claim, bulletin.date, context) for bulletin in carriers)
    # Of two readings one that holds proves nothing; where none does, both are wrong.
    return None if claim.unread and (holds or not claim.periods) else holds


def _date_holds(claim: Claim, published: dt.date | None, context: str) -> bool:
    near = (nearest(period, published) if claim.yearless else period for period in claim.periods)
    periods = [period for period in near if period]
    if published and any(period.first <= published <= period.last for period in periods):
        return True
    return any(_covers(period, day) for period in periods for day in stated_periods(context, published))


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


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.form.lower() for token in tokens(text) if token.word)
