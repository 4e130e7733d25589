"""Stretches of stored texts that carry a quotation's words, with what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.checking.attribution import is_contradicted, verify_claims
from rag.checking.exact_match import Match
from rag.checking.models import Claim
from rag.checking.token_index import TokenIndex
from rag.library.reader import Library, districts_of
from rag.models import Citation, Section, Slice, Span, StoredBulletin


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch that carries the words, in ``bulletin``'s ``section`` (None in its head or foot).

    ``claims`` say what holds of it; ``matches`` are the quotation's parts, one where nothing is elided.
    """

    matches: tuple[Match, ...]
    bulletin: StoredBulletin
    section: Section | None
    claims: tuple[Claim, ...]

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

    @property
    def fits_claims(self) -> bool:
        """Whether nothing claimed is wrong of it."""
        return not is_contradicted(self.claims)

    @property
    def held_claims(self) -> int:
        """How many claims hold of it."""
        return sum(claim.holds is True for claim in self.claims)


class Sources:
    """Finds the bulletins and sections that matches belong to."""

    def __init__(self, library: Library, index: TokenIndex) -> None:
        self._library = library
        self._index = index
        # By the number of the text; of several with the very same, the first.
        self.bulletins: list[StoredBulletin] = [library.by_digest[digest] for digest in index.digests]

    def source(self, matches: Sequence[Match], claims: Sequence[Claim]) -> Source:
        """Returns the source that the matches lie in, with the claims verified."""
        bulletin, start = self.bulletins[matches[0].text], matches[0].start
        section = next((section for section in bulletin.sections if section.start <= start < section.end), None)
        text = self._index.text(matches[0].text)
        span = Span(start, matches[-1].end)
        verified = verify_claims(claims, self._carriers(bulletin), section, text, span)
        return Source(tuple(matches), bulletin, section, verified)

    def preferred_texts(self, claims: Sequence[Claim]) -> frozenset[int]:
        """Returns the texts whose bulletins have a date or title as claimed."""
        of_heads = [claim for claim in claims if claim.kind in ("date", "title")]
        if not of_heads:
            return frozenset()
        return frozenset(
            number
            for number, bulletin in enumerate(self.bulletins)
            if any(claim.holds for claim in verify_claims(of_heads, [bulletin], None, "", Span(0, 0)))
        )

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

    def _carriers(self, bulletin: StoredBulletin) -> list[StoredBulletin]:
        """The bulletin and its copies: any one's date or title satisfies a claim."""
        copies = (self._library.by_name[name] for name in self._library.copies[bulletin.body])
        return [bulletin, *(copy for copy in copies if copy.name != bulletin.name)]
