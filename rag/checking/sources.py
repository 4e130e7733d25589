"""Places in the stored texts that carry a quotation's words, with what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.checking.attribution import contradicted, held
from rag.checking.exact_match import Match
from rag.checking.models import Claim
from rag.checking.token_index import Corpus
from rag.library.reader import Library
from rag.models import Section, Slice, Span, StoredBulletin


@dataclass(frozen=True, slots=True)
class Source:
    """A place that carries the words: in ``bulletin``'s ``section`` (None in its head or foot); ``body`` is shared by
    copies; ``claims`` say what holds of it; ``matches`` are the quotation's parts, one where nothing is elided."""

    matches: tuple[Match, ...]
    bulletin: StoredBulletin
    section: Section | None
    claims: tuple[Claim, ...]

    @property
    def span(self) -> Span:
        return Span(self.matches[0].start, self.matches[-1].end)

    @property
    def raw(self) -> bool:
        return all(match.raw for match in self.matches)

    @property
    def whole(self) -> bool:
        return all(match.whole for match in self.matches)

    @property
    def true(self) -> bool:
        """Whether nothing claimed is wrong of it."""
        return not contradicted(self.claims)

    @property
    def number_held(self) -> int:
        return sum(claim.holds is True for claim in self.claims)


class Sources:
    """What the corpus' texts belong to."""

    def __init__(self, library: Library, corpus: Corpus) -> None:
        self._library = library
        self._corpus = corpus
        self._named = {digest: number for number, digest in enumerate(corpus.digests)}
        self._bulletins: list[StoredBulletin] = [library.by_digest[digest] for digest in corpus.digests]

    def bulletin(self, text: int) -> StoredBulletin:
        """The bulletin with that text; of several with the very same, the first."""
        return self._bulletins[text]

    def section(self, text: int, place: int) -> Section | None:
        """The section that holds the place."""
        return next((own for own in self.bulletin(text).sections if own.start <= place < own.end), None)

    def of(self, matches: Sequence[Match], claims: Sequence[Claim]) -> Source:
        """The source that the matches lie in, held against the claims."""
        text = matches[0].text
        bulletin, section = self.bulletin(text), self.section(text, matches[0].start)
        span = Span(matches[0].start, matches[-1].end)
        return Source(
            tuple(matches),
            bulletin,
            section,
            held(claims, self._carriers(bulletin), section, self._corpus.text(text), span),
        )

    def likely(self, claims: Sequence[Claim]) -> frozenset[int]:
        """The texts whose bulletins' dates or titles are as claimed: looked at first where words stand everywhere."""
        heads = [claim for claim in claims if claim.kind in ("date", "title")]
        if not heads:
            return frozenset()
        nowhere = Span(0, 0)
        return frozenset(
            number
            for number, bulletin in enumerate(self._bulletins)
            if any(claim.holds for claim in held(heads, [bulletin], None, "", nowhere))
        )

    def place(self, text: int, span: Span) -> Slice:
        """The stretch, cut from the stored text, which is read anew and compared with its digest.

        Raises:
            LibraryDamaged: the text is missing, or is not what was stored.
        """
        bulletin = self.bulletin(text)
        stored = self._library.text(bulletin.sha256)
        return Slice(span.start, span.end, span.of(stored), bulletin.name, bulletin.sha256)

    def seen(self, text: int, span: Span) -> Slice:
        """The same, of the text as it was read when the quotation was looked for: where more than one is pointed to."""
        bulletin = self.bulletin(text)
        return Slice(span.start, span.end, span.of(self._corpus.text(text)), bulletin.name, bulletin.sha256)

    def _carriers(self, bulletin: StoredBulletin) -> list[StoredBulletin]:
        """It and its copies: any one's date or title satisfies a claim."""
        copies = (self._library.by_name[name] for name in self._library.copies[bulletin.body])
        return [bulletin, *(copy for copy in copies if copy.name != bulletin.name)]
