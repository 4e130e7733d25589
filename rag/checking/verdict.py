"""The verdict engine: a quotation's words and what is claimed of their source -> the verdict.

The verdicts, their order and what each allows are those of the command line's contract (docs/citations.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache, lru_cache, partial
from itertools import pairwise

from rag import limits
from rag.checking import explain
from rag.checking.align import candidate_texts
from rag.checking.attribution import Claimed
from rag.checking.config import VERDICTS
from rag.checking.copied_text import LINE_END_HYPHEN, find_copied, fold
from rag.checking.diff import differences
from rag.checking.exact_match import Match, find_elided, find_matches
from rag.checking.homoglyphs import homoglyphs_in, invisible_characters
from rag.checking.models import CheckedQuotation, Claim, VerdictName
from rag.checking.quotation_words import BRACKET, read_words, split_at_ellipses
from rag.checking.sources import Source, Sources
from rag.checking.splices import Fragment, find_fragments, in_same_sentence, total_weight
from rag.checking.token_index import TokenIndex
from rag.checking.tokens import grow_to_words, is_single_word, tokens
from rag.library.reader import Library
from rag.models import Span

_NOWHERE = Span(0, 0)


class VerdictEngine:
    """Judges quotations against one generation of the library.  Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._index = TokenIndex(library)
        self._sources = Sources(library, self._index)
        # No cached method: the cache of one would keep the engine, and the library, alive.
        index = self._index
        self._folded = lru_cache(256)(lambda number: fold(index.text(number)))

    def check(self, quote: str, claims: Sequence[Claim]) -> CheckedQuotation:
        """Returns the verdict of a quotation's words; its place in the draft is filled in by the caller.

        Raises:
            LibraryDamaged: a stored text is missing or changed.
        """
        # Of what is too long the beginning is enough to tell whether it holds words.
        words = [token for token in tokens(quote[: limits.MAX_QUOTATION_CHARS]) if token.word]
        if not words:
            return _not_found(quote, explain.NO_WORDS, claims)
        if len(quote) > limits.MAX_QUOTATION_CHARS:
            return _not_found(quote, explain.too_long(len(quote), limits.MAX_QUOTATION_CHARS), claims)
        claimed = Claimed(claims)
        preferred_texts = cache(partial(self._sources.preferred_texts, claimed))
        if matches := find_matches(self._index, quote, preferred_texts):
            sources = self._sources.sources([[match] for match in matches], claimed)
            return self._check_real(quote, sources, one_word=is_single_word(words))
        parts = split_at_ellipses(quote)
        if parts and (sequences := find_elided(self._index, parts, preferred_texts)):
            return self._check_real(quote, self._sources.sources(sequences, claimed), elided=True)
        return self._check_changed(quote, claimed)

    def _check_real(
        self, quote: str, sources: Sequence[Source], *, elided: bool = False, one_word: bool = False
    ) -> CheckedQuotation:
        """The verdict of words that stand in these sources, by what is claimed of them."""
        ranked = sorted(sources, key=_rank)
        fitting = [source for source in ranked if source.fits_claims]
        if any(source.has_same_ending for source in fitting):
            fitting = [source for source in fitting if source.has_same_ending]
        best = (fitting or ranked)[0]
        verdict: VerdictName
        if (characters := invisible_characters(quote)) and not best.is_verbatim:
            verdict, why = "altered", explain.invisible(characters, best)
        elif one_word:
            verdict, why = "ambiguous", explain.one_word(ranked)
        elif not fitting:
            verdict, why = "misattributed", explain.misattributed(best)
        elif len({source.bulletin.body for source in fitting}) > 1:
            verdict, why = "ambiguous", explain.ambiguous(fitting)
        elif elided:
            verdict, why = "ellipsis", explain.ellipsis(best)
        elif best.is_verbatim:
            verdict, why = "exact", explain.exact(best)
        else:
            verdict, why = "exact-normalised", explain.exact_normalised(quote, best, self._index.text(best.text))
        citation = self._sources.cite(best)
        return CheckedQuotation(
            quote,
            _NOWHERE,
            verdict,
            explain.with_unread_dates(why, best.claims),
            citation,
            fragments=tuple(self._sources.cut(m.text, Span(m.start, m.end)) for m in best.matches if elided),
            differences=differences(quote, citation.text) if verdict == "altered" else (),
            other_sources=tuple(
                self._sources.cut(source.text, source.span, cached=True) for source in ranked if source is not best
            ),
            claims=best.claims,
        )

    def _check_changed(self, quote: str, claimed: Claimed) -> CheckedQuotation:
        """The verdict of words that stand nowhere as they are, by the fragments that they come from, if any."""
        words = read_words(quote, self._index)
        if sources := self._find_copied(quote, claimed):
            true_words = tokens(sources[0].span.of(self._index.text(sources[0].text)))
            one_word = is_single_word([token for token in true_words if token.word])
            return self._check_real(quote, sources, one_word=one_word)
        fragments = find_fragments(self._index, words)
        weight = total_weight(self._index, words.ids)
        solid = [fragment for fragment in fragments if fragment.is_solid]
        elided = bool(words.after_ellipsis)
        covered = sum(fragment.weight for fragment in solid) >= VERDICTS.min_spliced_share * weight
        if len(solid) > 1 and covered and self._are_apart(solid, elided=elided):
            return self._spliced(quote, solid, claimed, elided=elided)
        best = max(fragments, key=lambda fragment: fragment.weight, default=None)
        near = [f for f in fragments if best and (f is best or in_same_sentence(self._index, f, best))]
        enough = sum(fragment.matched for fragment in near) >= min(2, len(words.ids))
        if best is None or not enough or sum(fragment.weight for fragment in near) < VERDICTS.min_share * weight:
            return _not_found(quote, explain.not_found(self._library), claimed.claims)
        span = self._widen(quote, best, len(words.ids)) if len(near) == 1 else self._enclose(near)
        return self._altered(quote, best, span, claimed)

    def _find_copied(self, quote: str, claimed: Claimed) -> list[Source]:
        """The sources of words that differ from theirs in what printing and copying add alone."""
        ids = read_words(LINE_END_HYPHEN.sub("", quote), self._index).ids
        folded = fold(quote.strip())
        found = [
            [Match(span.start, span.end, number, verbatim=False, same_ending=True)]
            for number in candidate_texts(self._index, ids)
            for span in find_copied(self._index.text(number), self._folded(number), folded)
        ]
        return self._sources.sources(found, claimed)

    def _are_apart(self, fragments: Sequence[Fragment], *, elided: bool) -> bool:
        """Whether any two neighbours are of different sentences; with an ellipsis, also whether they stand in another
        order than in their source."""
        return any(
            not in_same_sentence(self._index, first, second)
            or (elided and first.span(self._index).start > second.span(self._index).start)
            for first, second in pairwise(fragments)
        )

    def _spliced(
        self, quote: str, fragments: Sequence[Fragment], claimed: Claimed, *, elided: bool
    ) -> CheckedQuotation:
        heaviest = max(fragments, key=lambda fragment: fragment.weight)
        source = self._source_of(heaviest, heaviest.span(self._index), claimed)
        bulletins = [self._sources.bulletins[fragment.text] for fragment in fragments]
        why = explain.with_unread_dates(explain.spliced(bulletins, elided=elided), source.claims)
        cut = tuple(self._sources.cut(fragment.text, fragment.span(self._index)) for fragment in fragments)
        citation = self._sources.cite(source)
        return CheckedQuotation(quote, _NOWHERE, "spliced", why, citation, fragments=cut, claims=source.claims)

    def _altered(self, quote: str, best: Fragment, span: Span, claimed: Claimed) -> CheckedQuotation:
        source = self._source_of(best, span, claimed)
        citation = self._sources.cite(source)
        changes = differences(quote, citation.text)
        why = explain.altered(source, changes, (*invisible_characters(quote), *homoglyphs_in(quote)))
        why = explain.with_unread_dates(why, source.claims)
        return CheckedQuotation(quote, _NOWHERE, "altered", why, citation, differences=changes, claims=source.claims)

    def _source_of(self, fragment: Fragment, span: Span, claimed: Claimed) -> Source:
        match = Match(span.start, span.end, fragment.text, verbatim=False, same_ending=False)
        return self._sources.sources([[match]], claimed)[0]

    def _enclose(self, fragments: Sequence[Fragment]) -> Span:
        """The stretch that holds fragments of one sentence, whatever their order."""
        spans = [fragment.span(self._index) for fragment in fragments]
        return Span(min(span.start for span in spans), max(span.end for span in spans))

    def _widen(self, quote: str, fragment: Fragment, length: int) -> Span:
        """The fragment's stretch with the few words of its sentence that the quotation changes at its ends, and the
        punctuation that the quotation closes with."""
        number, sentence_of = fragment.text, self._index.sentence_of_word
        first, last = fragment.runs[0].text_start, fragment.runs[-1].text_end - 1
        opening, closing = sentence_of(number, first), sentence_of(number, last)
        bracket = BRACKET.match(quote.lstrip())
        head = fragment.start + (sum(token.word for token in tokens(bracket[0])) if bracket else 0)
        for _ in range(head if head <= VERDICTS.max_edge_words else 0):
            if first == 0 or sentence_of(number, first - 1) != opening:
                break
            first -= 1
        count = len(self._index.text_words(number))
        tail = length - fragment.end
        for _ in range(tail if tail <= VERDICTS.max_edge_words else 0):
            if last + 1 == count or sentence_of(number, last + 1) != closing:
                break
            last += 1
        text = self._index.text(number)
        words = Span(self._index.word_span(number, first).start, self._index.word_span(number, last).end)
        span = grow_to_words(text, words)
        closes = span.end < len(text) and quote.rstrip()[-1:] == text[span.end] and not text[span.end].isalnum()
        return Span(span.start, span.end + closes)


def _not_found(quote: str, why: str, claims: Sequence[Claim]) -> CheckedQuotation:
    return CheckedQuotation(quote, _NOWHERE, "not-found", why, claims=tuple(claims))


def _rank(source: Source) -> tuple[bool, int, bool, bool, dt.date, str, int]:
    """Sorts sources: first those that fit the claims, then by the nearest wording, then the earliest bulletin."""
    bulletin = source.bulletin
    return (
        not source.fits_claims,
        -source.held_claims,
        not source.has_same_ending,
        not source.is_verbatim,
        bulletin.date or dt.date.max,
        bulletin.name,
        source.span.start,
    )
