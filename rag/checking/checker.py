"""A quotation, or a draft with many -> a verdict for each, with the true passage beside the claimed one.

The verdicts, their order and what each allows are those of the command line's contract (docs/citations.md).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from rag import limits
from rag.checking import explain
from rag.checking.attribution import Titles, around
from rag.checking.diff import BRACKET, differences
from rag.checking.drafts.find_quotations import quotations
from rag.checking.exact_match import Match, in_order, matches
from rag.checking.homoglyphs import look_alikes, seen, unseen
from rag.checking.models import Checked, Claim, Quotation, Report, VerdictName
from rag.checking.quotation_words import parts, words_of
from rag.checking.sources import Source, Sources
from rag.checking.splices import Piece, pieces, same_sentence, weight
from rag.checking.token_index import Corpus
from rag.checking.tokens import tokens, too_short, uncut
from rag.library.reader import Library, districts_of
from rag.models import Citation, Slice, Span

_QUOTED_LINE = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)+")  # what stands before each line of a typed block quotation
_CLOSE = 0.5  # share of a quotation's words, by weight, that a passage must have to be its source
_COVERED = 0.8  # the same of the pieces of a splice
_TAIL = 3  # words before or after what matches that are held against the source's

Progress = Callable[[int, int], None]


class Checker:
    """Checks quotations against one generation of the library.  Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._corpus = Corpus(library)
        self._sources = Sources(library, self._corpus)
        self._titles = Titles(library)

    def check(
        self,
        text: str,
        *,
        quote: str | None = None,
        claims: Sequence[Claim] | None = None,
        today: dt.date | None = None,
    ) -> Report:
        """The verdict of ``quote``, whose place is looked for in the text, else of every quotation in the text.

        ``claims`` (see ``rag.checking.attribution.given``) are held against the source; without them those in the text
        around a quotation are.

        Raises:
            LibraryDamaged: a stored text is missing or changed.
        """
        if quote is None:
            return self.audit(text, claims=claims, today=today)
        at = text.find(quote)
        found = Quotation(at, at + len(quote), clause=Span(0, len(text))) if at >= 0 else Quotation(0, len(quote))
        if claims is None:
            claims = around(text, Span(0, len(text)), [found], self._titles) if at >= 0 else ()
        return self._report(text, [replace(self._checked(quote, claims), at=found, quotation=found)], (), None, today)

    def audit(
        self,
        text: str,
        *,
        blocks: Sequence[Span] = (),
        claims: Sequence[Claim] | None = None,
        name: str | None = None,
        messages: Sequence[str] = (),
        progress: Progress | None = None,
        today: dt.date | None = None,
    ) -> Report:
        """A row for every quotation of a draft, in its order; ``blocks`` are block quotations that its file marks.

        Raises:
            LibraryDamaged: a stored text is missing or changed.
        """
        tell = progress or (lambda done, whole: None)
        found, complaints = quotations(text, blocks)
        told = [*messages, *complaints]
        if not found:
            told.append(explain.NO_QUOTATION)
        if len(found) > limits.MAX_QUOTATIONS:
            told.append(explain.too_many(len(found), limits.MAX_QUOTATIONS))
        rows = []
        checked_ones = found[: limits.MAX_QUOTATIONS]
        for number, quotation in enumerate(checked_ones):
            own = claims if claims is not None else self._claims(text, quotation, checked_ones)
            quote = quotation.of(text)
            row = self._checked(_QUOTED_LINE.sub("", quote) if quotation.block else quote, own)
            rows.append(replace(row, quote=quote, at=Span(quotation.start, quotation.end), quotation=quotation))
            tell(number + 1, len(checked_ones))
        return self._report(text, rows, told, name, today)

    def _report(
        self, text: str, rows: Sequence[Checked], told: Sequence[str], name: str | None, today: dt.date | None
    ) -> Report:
        library = self.library
        day = today or dt.date.today()
        return Report(text, tuple(rows), tuple(told), library.generation, len(library.bulletins), day, name)

    def _claims(self, text: str, quotation: Quotation, found: Sequence[Quotation]) -> tuple[Claim, ...]:
        clause = quotation.clause or quotation
        near = [other for other in found if other.start < clause.end and other.end > clause.start]
        return around(text, clause, [quotation, *(other for other in near if other != quotation)], self._titles)

    def _checked(self, quote: str, claims: Sequence[Claim]) -> Checked:
        """The verdict of a quotation's words; its place is filled in by who knows the draft."""
        words = [token for token in tokens(quote) if token.word]
        if not words or len(quote) > limits.MAX_QUOTATION_CHARS:
            why = explain.too_long(len(quote), limits.MAX_QUOTATION_CHARS) if words else explain.NO_WORDS
            return Checked(quote, Span(0, 0), "not-found", why, claims=tuple(claims))

        def likely() -> frozenset[int]:
            return self._sources.likely(claims)

        if found := matches(self._corpus, quote, likely):
            sources = [self._sources.of([match], claims) for match in found]
            return self._attributed(quote, sources, one_word=too_short(words))
        elided = parts(quote)
        if elided and (ways := in_order(self._corpus, elided, likely)):
            return self._attributed(quote, [self._sources.of(way, claims) for way in ways], elided=True)
        return self._changed(quote, claims)

    def _attributed(
        self, quote: str, sources: Sequence[Source], *, elided: bool = False, one_word: bool = False
    ) -> Checked:
        """The verdict of words that stand in these sources, by what is claimed of them."""
        best = sorted(sources, key=_preferred)
        true = [source for source in best if source.true]
        if any(source.whole for source in true):
            true = [source for source in true if source.whole]
        chosen = (true or best)[0]
        verdict: VerdictName
        if (characters := unseen(quote)) and not chosen.raw:
            verdict, why = "altered", explain.unseen(characters, chosen)
        elif one_word:
            verdict, why = "ambiguous", explain.one_word(best)
        elif not true:
            verdict, why = "misattributed", explain.misattributed(chosen)
        elif len({source.bulletin.body for source in true}) > 1:
            verdict, why = "ambiguous", explain.ambiguous(true)
        elif elided:
            verdict, why = "ellipsis", explain.ellipsis(chosen)
        elif chosen.raw:
            verdict, why = "exact", explain.exact(chosen)
        else:
            verdict, why = (
                "exact-normalised",
                explain.normalised(quote, chosen, self._corpus.text(chosen.matches[0].text)),
            )
        places = [self._sources.seen(source.matches[0].text, source.span) for source in best if source is not chosen]
        shown = [Span(match.start, match.end) for match in chosen.matches] if elided else []
        return replace(
            self._with_source(quote, verdict, why, chosen),
            pieces=tuple(self._sources.place(chosen.matches[0].text, span) for span in shown),
            differences=differences(quote, self._place(chosen).text) if verdict == "altered" else (),
            others=tuple(places),
        )

    def _changed(self, quote: str, claims: Sequence[Claim]) -> Checked:
        """The verdict of words that stand nowhere as they are: of the passages that they come from, if any."""
        words = words_of(quote, self._corpus)
        found = pieces(self._corpus, words)
        whole = weight(self._corpus, words.numbers)
        solid = [piece for piece in found if piece.solid]
        elided = bool(words.elided)
        covered = sum(piece.weight for piece in solid) >= _COVERED * whole
        if len(solid) > 1 and covered and self._apart(solid, elided=elided):
            return self._spliced(quote, solid, claims, elided=elided)
        best = max(found, key=lambda piece: piece.weight, default=None)
        near = [piece for piece in found if best and (piece is best or same_sentence(self._corpus, piece, best))]
        enough = sum(piece.matched for piece in near) >= min(2, len(words.numbers))
        if best is None or not enough or sum(piece.weight for piece in near) < _CLOSE * whole:
            return Checked(quote, Span(0, 0), "not-found", explain.not_found(self.library), claims=tuple(claims))
        span = self._widened(quote, best, len(words.numbers)) if len(near) == 1 else self._around(near)
        return self._altered(quote, best, span, claims)

    def _apart(self, solid: Sequence[Piece], *, elided: bool) -> bool:
        """Whether any two neighbours are of different sentences; with an ellipsis, also whether they stand in another
        order than in their source."""
        return any(
            not same_sentence(self._corpus, one, other)
            or (elided and one.span(self._corpus).start > other.span(self._corpus).start)
            for one, other in pairwise(solid)
        )

    def _spliced(self, quote: str, solid: Sequence[Piece], claims: Sequence[Claim], *, elided: bool) -> Checked:
        heaviest = max(solid, key=lambda piece: piece.weight)
        source = self._sources.of([_as_match(heaviest, heaviest.span(self._corpus))], claims)
        places = tuple(self._sources.place(piece.text, piece.span(self._corpus)) for piece in solid)
        bulletins = [self._sources.bulletin(piece.text) for piece in solid]
        why = explain.spliced(bulletins, elided=elided)
        return replace(self._with_source(quote, "spliced", why, source), pieces=places)

    def _altered(self, quote: str, best: Piece, span: Span, claims: Sequence[Claim]) -> Checked:
        source = self._sources.of([_as_match(best, span)], claims)
        place = self._place(source)
        changes = differences(quote, place.text)
        characters = (*unseen(quote), *(look_alikes(quote) if seen(quote) != quote else ()))
        why = explain.altered(source, changes, characters)
        return replace(self._with_source(quote, "altered", why, source), differences=changes)

    def _around(self, near: Sequence[Piece]) -> Span:
        """The stretch that holds pieces of one sentence, whatever their order."""
        spans = [piece.span(self._corpus) for piece in near]
        return Span(min(span.start for span in spans), max(span.end for span in spans))

    def _widened(self, quote: str, piece: Piece, length: int) -> Span:
        """The piece's stretch with the few words of its sentence that the quotation changes at its ends, and the
        punctuation that the quotation closes with."""
        number, sentence_of = piece.text, self._corpus.sentence_of_word
        first, last = piece.runs[0].place, piece.runs[-1].place_end - 1
        opening, closing = sentence_of(number, first), sentence_of(number, last)
        bracket = BRACKET.match(quote.lstrip())
        head = piece.at + (sum(token.word for token in tokens(bracket[0])) if bracket else 0)
        for _ in range(head if head <= _TAIL else 0):
            if first == 0 or sentence_of(number, first - 1) != opening:
                break
            first -= 1
        whole = len(self._corpus.words_of(number))
        for _ in range(length - piece.end if length - piece.end <= _TAIL else 0):
            if last + 1 == whole or sentence_of(number, last + 1) != closing:
                break
            last += 1
        text = self._corpus.text(number)
        span = Span(self._corpus.word_span(number, first).start, self._corpus.word_span(number, last).end)
        span = uncut(text, span)
        closes = span.end < len(text) and quote.rstrip()[-1:] == text[span.end] and not text[span.end].isalnum()
        return Span(span.start, span.end + closes)

    def _with_source(self, quote: str, verdict: VerdictName, why: str, source: Source) -> Checked:
        bulletin, place = source.bulletin, self._place(source)
        citation = Citation(
            start=place.start,
            end=place.end,
            text=place.text,
            bulletin=bulletin.name,
            sha256=bulletin.sha256,
            title=bulletin.title,
            date=bulletin.date,
            source=bulletin.source,
            url=bulletin.url,
            districts=districts_of(bulletin, source.section),
            heading=source.section.heading if source.section else None,
        )
        return Checked(quote, Span(0, 0), verdict, why, place=citation, claims=source.claims)

    def _place(self, source: Source) -> Slice:
        return self._sources.place(source.matches[0].text, source.span)


def _as_match(piece: Piece, span: Span) -> Match:
    return Match(span.start, span.end, piece.text, raw=False, whole=False)


def _preferred(source: Source) -> tuple[bool, int, bool, bool, dt.date, str, int]:
    """The claims that hold, then the nearest wording, then the earliest bulletin."""
    bulletin = source.bulletin
    return (
        not source.true,
        -source.number_held,
        not source.whole,
        not source.raw,
        bulletin.date or dt.date.max,
        bulletin.name,
        source.span.start,
    )
