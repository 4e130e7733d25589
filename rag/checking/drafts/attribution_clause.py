"""The stretch of a draft around a quotation that may say whose words they are, and of which day."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from rag import limits
from rag.checking.config import DRAFTS
from rag.checking.drafts.paragraphs import Paragraph
from rag.checking.drafts.quotation_marks import MARKS
from rag.models import Span
from rag.text.sentences import split_sentences

# (“…” (June 20, 2025)) and (“…” — Beijing FAO, May 3, 2024)
_BRACKET = re.compile(r"[\s.,;]{0,3}[(\[（【][^()\[\]（）【】\r\n]{1,200}[)\]）】][.。]?")
_DASH = re.compile(r"\s{0,4}(?:>[ \t]?)*(?:[—–―]|--?)[ \t]*(?=\S)")
_SENTENCE_ENDS = re.compile(r"[.!?。！？;；…](?=.)")
_NO_WORDS = re.compile(rf"[\s{re.escape(MARKS)}.,;:!?。！？…>*_]*")
_INTRODUCES = (":", "：")


class ClauseFinder:
    """Finds clauses in one draft, from its paragraphs and the outermost of its quotations in order."""

    def __init__(self, text: str, paragraphs: Sequence[Paragraph], outer: Sequence[Span]) -> None:
        self._text = text
        self._paragraphs = paragraphs
        self._starts = [paragraph.start for paragraph in paragraphs]
        self._outer_starts = [quotation.start for quotation in outer]
        self._outer_ends = [quotation.end for quotation in outer]
        self._masked = _masked(text, outer)
        self._sentences: dict[int, list[Span]] = {}

    def clause(self, quotation: Span, *, block: bool) -> Span:
        """Returns the quotation's sentences, what introduces them and what is noted behind them."""
        clause = self._of_block(quotation) if block else self._of_run(quotation)
        return Span(
            max(clause.start, quotation.start - limits.MAX_CLAUSE_CHARS),
            min(clause.end, quotation.end + limits.MAX_CLAUSE_CHARS),
        )

    def _of_run(self, quotation: Span) -> Span:
        first, last = self._paragraphs_of(quotation)
        start = max(self._sentence(first, quotation.start).start, self._note_end_before(quotation))
        end = max(self._sentence(last, max(quotation.end - 1, quotation.start)).end, quotation.end)
        note_end = self._note_end(quotation, last)
        introduced = first > 0 and self._paragraphs[first - 1].of(self._text).endswith(_INTRODUCES)
        if start == self._paragraphs[first].start and introduced:
            start = self._sentences_of(first - 1)[-1].start
        elif start > self._paragraphs[first].start:
            before = self._sentence(first, start - 1)
            introduces = _is_dateline(before.of(self._text)) or (
                note_end is None and self._stands_alone(quotation, start, end)
            )
            if introduces and not self._has_quotation(before):
                start = before.start
        return Span(start, max(end, note_end or 0))

    def _of_block(self, quotation: Span) -> Span:
        first, last = self._paragraphs_of(quotation)
        start = self._paragraphs[first].start
        above = first - 1
        if above >= 0 and not self._has_quotation(self._paragraphs[above]):
            start = max(self._paragraphs[above].start, self._paragraphs[above].end - limits.MAX_CLAUSE_CHARS)
        return Span(min(start, quotation.start), max(quotation.end, self._note_end(quotation, last) or 0))

    def _paragraphs_of(self, quotation: Span) -> tuple[int, int]:
        """The numbers of the paragraphs that the quotation begins and ends in."""
        return self._paragraph(quotation.start), self._paragraph(max(quotation.end - 1, quotation.start))

    def _paragraph(self, at: int) -> int:
        return max(bisect_right(self._starts, at) - 1, 0)

    def _sentences_of(self, number: int) -> list[Span]:
        if number not in self._sentences:
            paragraph = self._paragraphs[number]
            sentences = split_sentences(paragraph.of(self._masked))
            self._sentences[number] = [Span(paragraph.start + s.start, paragraph.start + s.end) for s in sentences]
        return self._sentences[number]

    def _sentence(self, paragraph: int, at: int) -> Span:
        """The sentence that holds a place, with the white space behind it."""
        sentences = self._sentences_of(paragraph)
        number = bisect_right(sentences, at, key=lambda sentence: sentence.start) - 1
        return sentences[max(number, 0)]

    def _note_end(self, quotation: Span, paragraph: int) -> int | None:
        """Where the note in brackets or behind a dash ends that follows the quotation."""
        closed = self._closed(quotation)
        if bracket := _BRACKET.match(self._text, closed):
            return bracket.end()
        if dash := _DASH.match(self._text, closed):
            number = self._paragraph(dash.end())
            return self._sentence(number, dash.end()).end if self._paragraphs else None
        return None

    def _closed(self, quotation: Span) -> int:
        """Where the marks and the punctuation end that close a quotation."""
        closed = quotation.end
        while closed < min(len(self._text), quotation.end + 4) and self._text[closed] in MARKS + " .,*_":
            closed += 1
        while closed > quotation.end and self._text[closed - 1].isspace():
            closed -= 1
        return closed

    def _note_end_before(self, quotation: Span) -> int:
        """Where the note in brackets ends that follows the quotation before: a full stop may part the two."""
        number = bisect_right(self._outer_ends, quotation.start) - 1
        if number < 0:
            return 0
        before = Span(self._outer_starts[number], self._outer_ends[number])
        bracket = _BRACKET.match(self._text, self._closed(before))
        own_sentence = self._sentence(self._paragraph(quotation.start), quotation.start).start > before.start
        return bracket.end() if bracket and own_sentence and bracket.end() <= quotation.start else 0

    def _stands_alone(self, quotation: Span, start: int, end: int) -> bool:
        """Whether its sentence holds nothing but the quotation."""
        before, behind = (start, quotation.start), (quotation.end, end)
        return all(_NO_WORDS.fullmatch(self._text, *edges) for edges in (before, behind))

    def _has_quotation(self, span: Span) -> bool:
        """Whether a quotation stands in the span."""
        number = bisect_right(self._outer_starts, span.end - 1) - 1
        return number >= 0 and self._outer_ends[number] > span.start


def _is_dateline(words: str) -> bool:
    """Whether a sentence says no more than where and when: "Beijing, May 2020." """
    return len(words.split()) <= DRAFTS.max_dateline_words and re.search(r"\d", words) is not None


def _masked(text: str, outer: Sequence[Span]) -> str:
    """The text, of the same length, without line breaks and without sentence ends inside quotations but at their own
    ends."""
    parts: list[str] = []
    at = 0
    for quotation in outer:
        parts += [text[at : quotation.start], _SENTENCE_ENDS.sub(",", quotation.of(text))]
        at = quotation.end
    return "".join([*parts, text[at:]]).translate({10: " ", 13: " "})
