"""Stretches of stored texts that carry a quotation's words, with what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.budget import step
from rag.checking.attribution import Carriage, Claimed, is_contradicted
from rag.checking.exact_match import Match
from rag.checking.models import Claim
from rag.checking.token_index import TokenIndex
from rag.library.reader import Library, districts_of
from rag.models import Citation, Section, Slice, Span, StoredBulletin


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch that carries the words, in ``bulletin``'s ``section`` (None in its head or foot).

    ``claims`` say what holds of it, of which ``held_claims`` do, and ``fits_claims`` whether nothing claimed is wrong;
    ``matches`` are the quotation's parts, one where nothing is elided.
    """

    matches: tuple[Match, ...]
    bulletin: StoredBulletin
    section: Section | None
    claims: tuple[Claim, ...]
    fits_claims: bool
    held_claims: int

    @property
    def text(self) -> int:
        """The number of its text."""
        return self.matches[0].text

    @property
    def span(self) -> Span:
        """The stretch from the first match to the last."""
        return Span(self.matches[0].start, self.matches[-1].end)

    @property
    def is_verbatim(self) -> bool:
        """Whether the quotation stands there character for character."""
        return all(match.verbatim for match in self.matches)

    @property
    def has_same_ending(self) -> bool:
        """Whether the closing punctuation is the quotation's."""
        return all(match.same_ending for match in self.matches)


class Sources:
    """Finds the bulletins and sections that matches belong to."""

    def __init__(self, library: Library, index: TokenIndex) -> None:
        self._library = library
        self._index = index
        # By the number of the text; of several with the very same, the first.
        self.bulletins: list[StoredBulletin] = [library.by_digest[digest] for digest in index.digests]
        self._heads = [Carriage([bulletin]) for bulletin in self.bulletins]
        bulletins, carriers = self.bulletins, self._carriers
        # No cached method: the cache of one would keep the library alive.
        self._carriage = lru_cache(4_096)(
            lambda number, place: Carriage(
                carriers(bulletins[number]), bulletins[number].sections[place], index.text(number)
            )
        )

    def sources(self, found: Sequence[Sequence[Match]], claimed: Claimed) -> list[Source]:
        """Returns the sources that the matches lie in, of each a quotation's parts, with the claims verified."""
        known: dict[tuple[int, int], tuple[tuple[Claim, ...], bool, int]] = {}
        sources = []
        for matches in found:
            step()
            number, start = matches[0].text, matches[0].start
            bulletin = self.bulletins[number]
            place = next((n for n, section in enumerate(bulletin.sections) if section.start <= start < section.end), -1)
            # In a section the claims hold or don't wherever the words stand.
            verified = known.get((number, place))
            if verified is None:
                carriage = self._carriage(number, place) if place >= 0 else self._outside(matches)
                claims = claimed.verified(carriage)
                verified = claims, not is_contradicted(claims), sum(claim.holds is True for claim in claims)
                if place >= 0:
                    known[number, place] = verified
            sources.append(
                Source(tuple(matches), bulletin, bulletin.sections[place] if place >= 0 else None, *verified)
            )
        return sources

    def preferred_texts(self, claimed: Claimed) -> frozenset[int]:
        """Returns the texts whose bulletins have a date or title as claimed."""
        if not any(claim.kind in ("date", "title") for claim in claimed.claims):
            return frozenset()
        return frozenset(number for number, head in enumerate(self._heads) if claimed.hold_of_head(head))

    def cite(self, source: Source) -> Citation:
        """Returns the source's words, cut from the stored text, with what is known of it.

        Raises:
            LibraryDamaged: the text is missing, or is not what was stored.
        """
        bulletin = source.bulletin
        stored = self._library.text(bulletin.sha256)
        return Citation(
            start=source.span.start,
            end=source.span.end,
            text=source.span.of(stored),
            bulletin=bulletin.name,
            sha256=bulletin.sha256,
            title=bulletin.title,
            date=bulletin.date,
            source=bulletin.source,
            url=bulletin.url,
            districts=districts_of(bulletin, source.section),
            heading=source.section.heading if source.section else None,
        )

    def cut(self, text: int, span: Span, *, cached: bool = False) -> Slice:
        """Returns a slice of the stored text, which is read anew and compared with its digest.

        ``cached`` takes the text as it was read before, for sources that are listed beside another.

        Raises:
            LibraryDamaged: the text is missing, or is not what was stored.
        """
        bulletin = self.bulletins[text]
        stored = self._index.text(text) if cached else self._library.text(bulletin.sha256)
        return Slice(span.start, span.end, span.of(stored), bulletin.name, bulletin.sha256)

    def _outside(self, matches: Sequence[Match]) -> Carriage:
        """Words in the head or the foot of a bulletin."""
        number, span = matches[0].text, Span(matches[0].start, matches[-1].end)
        return Carriage(self._carriers(self.bulletins[number]), None, self._index.text(number), span)

    def _carriers(self, bulletin: StoredBulletin) -> list[StoredBulletin]:
        """The bulletin and its copies: any one's date or title satisfies a claim."""
        copies = (self._library.by_name[name] for name in self._library.copies[bulletin.body])
        return [bulletin, *(copy for copy in copies if copy.name != bulletin.name)]
