"""Which words of a draft are quoted: between quotation marks, and in block quotations.

Marks are straight or curly, single or double, « », ‹ ›, „ “, 「 」 and 『 』; a block quotation is what a file says is
one, or lines that begin with ``>``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice

from rag import limits
from rag.budget import step
from rag.checking.config import DRAFTS
from rag.checking.drafts import quotation_marks
from rag.checking.drafts.attribution_clause import ClauseFinder
from rag.checking.drafts.paragraphs import lines, paragraphs, quoted_lines, trim
from rag.checking.drafts.quotation_marks import QuotedSpan
from rag.checking.models import Quotation
from rag.models import Span
from rag.text.cjk import CHINESE

_ATTRIBUTION = re.compile(r"[> \t]*+\s*+(?:[—–―]|--?)\s*+\S")
_WORD = re.compile(rf"[{CHINESE}]|[^\W_{CHINESE}]+(?:['’-][^\W_{CHINESE}]+)*")
_SURROUNDING = quotation_marks.MARKS + " \t\r\n\u00a0\u3000\u2028>"


def find_quotations(text: str, blocks: Sequence[Span] = ()) -> tuple[tuple[Quotation, ...], tuple[str, ...]]:
    """Returns the quotations, by where they start, outer before inner, and a sentence on each mark without counterpart.

    ``blocks`` are block quotations that the draft's file marks.  A quotation may run over paragraphs that each begin
    with its mark; one that nothing closes ends with its paragraph.  Takes time in proportion to the text's length.
    """
    text_lines = lines(text)
    marked = [block for block in (trim(text, block) for block in blocks) if block.start < block.end]
    all_blocks = sorted({*marked, *quoted_lines(text, text_lines)}, key=lambda block: (block.start, -block.end))
    text_paragraphs = paragraphs(text, text_lines, all_blocks)
    between_marks, unopened = quotation_marks.read_marks(text, text_paragraphs)
    is_block = _quoted_spans(text, between_marks, all_blocks)
    ordered = sorted(is_block, key=lambda span: (span[0], -span[1]))
    outer_numbers = _outer_numbers(ordered)
    outermost = [Span(*span) for span, outer in zip(ordered, outer_numbers, strict=True) if outer is None]
    clauses = ClauseFinder(text, text_paragraphs, outermost)
    quotations: list[Quotation] = []
    for span, outer in zip(ordered, outer_numbers, strict=True):
        step()
        around = None if outer is None else quotations[outer]
        # In a longer quotation each inner one has a clause of its own.
        if around and around.end - around.start <= DRAFTS.max_shared_clause_chars:
            clause = around.clause
        else:
            clause = clauses.clause(Span(*span), block=is_block[span])
        quotations.append(Quotation(*span, block=is_block[span], outer=outer, clause=clause))
    return tuple(quotations), _messages(text, between_marks, unopened)


def _quoted_spans(text: str, quotations: Sequence[QuotedSpan], blocks: Sequence[Span]) -> dict[tuple[int, int], bool]:
    """The start and end of all that is quoted, and whether each is a block quotation."""
    by_core: dict[tuple[int, int], QuotedSpan] = {}
    for quotation in quotations:
        step()
        core = trim(text, quotation, _SURROUNDING)
        if _has_words(text, core, 1) and (quotation.closed or _has_words(text, quotation, DRAFTS.min_unclosed_words)):
            by_core.setdefault((core.start, core.end), quotation)  # marks within marks: the inner ones come first
    is_block = {(quotation.start, quotation.end): False for quotation in by_core.values()}
    for block in blocks:
        words = _without_attribution(text, block)
        core = trim(text, words, _SURROUNDING)
        if (marked := by_core.get((core.start, core.end))) and _has_words(text, core, 1):
            is_block[marked.start, marked.end] = True
        elif _has_words(text, words, 1):
            is_block[words.start, words.end] = True
    return is_block


def _outer_numbers(ordered: Sequence[tuple[int, int]]) -> list[int | None]:
    """For each span the number of the smallest that holds it."""
    numbers: list[int | None] = []
    open_: list[int] = []
    for number, (start, end) in enumerate(ordered):
        while open_ and not (ordered[open_[-1]][0] <= start and end <= ordered[open_[-1]][1]):
            open_.pop()
        numbers.append(open_[-1] if open_ else None)
        open_.append(number)
    return numbers


def _without_attribution(text: str, block: Span) -> Span:
    """The block without a last line that says whose words they are ("— Beijing FAO, May 3, 2024")."""
    words = block.of(text)
    at = max(words.rfind("\n"), words.rfind("\r")) + 1
    if not at or not _ATTRIBUTION.match(words, at):
        return trim(text, block)
    above = words[:at].rstrip("\r\n >\t")
    if _ATTRIBUTION.match(above, max(above.rfind("\n"), above.rfind("\r")) + 1):  # a list of items
        return trim(text, block)
    return trim(text, Span(block.start, block.start + len(above)))


def _has_words(text: str, span: Span, count: int) -> bool:
    """Whether so many words stand in the span; of a long one the beginning is looked at."""
    words = _WORD.finditer(text, span.start, min(span.end, span.start + 2_000))
    return len([*islice(words, count)]) == count


def _messages(text: str, quotations: Sequence[QuotedSpan], unopened: Sequence[int]) -> tuple[str, ...]:
    breaks = [at for at, char in enumerate(text) if char == "\n"]
    by_offset: dict[int, str] = {}
    for quotation in quotations:
        if not quotation.closed:
            line = bisect_right(breaks, quotation.start) + 1
            what = f"Line {line}: nothing closes the quotation that begins “{_first_words(text, quotation)}”"
            checked = _has_words(text, quotation, DRAFTS.min_unclosed_words)
            how_far = "checked to the end of its paragraph" if checked else "not checked"
            by_offset[quotation.start] = f"{what}; it was {how_far}."
    for at in unopened:
        line = bisect_right(breaks, at) + 1
        what = f"Line {line}: nothing opens the quotation that ends “{_last_words(text, at)}”"
        by_offset[at] = f"{what}; it was not checked."
    messages = [by_offset[at] for at in sorted(by_offset)]
    if (more := len(messages) - limits.MAX_DRAFT_MESSAGES) > 0:
        messages[limits.MAX_DRAFT_MESSAGES :] = [f"{more:,} more quotation marks lack their counterpart."]
    return tuple(messages)


def _first_words(text: str, span: Span) -> str:
    words = text[span.start : min(span.end, span.start + 200)].split()
    more = len(words) > DRAFTS.excerpt_words or span.end > span.start + 200
    return " ".join(words[: DRAFTS.excerpt_words])[:80] + ("…" if more else "")


def _last_words(text: str, at: int) -> str:
    words = text[max(at - 200, 0) : at].rpartition("\n")[2].split()
    return ("…" if len(words) > DRAFTS.excerpt_words else "") + " ".join(words[-DRAFTS.excerpt_words :])[-80:]
