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
from rag.checking.drafts import quotation_marks
from rag.checking.drafts.attribution_clause import Clauses
from rag.checking.drafts.paragraphs import lines, paragraphs, quoted_lines
from rag.checking.drafts.quotation_marks import Found
from rag.checking.models import Quotation
from rag.models import Span

FEWEST = 3  # words of a quotation that no mark ends: fewer are a slip of the pen
_ATTRIBUTION = re.compile(r"\s*(?:[—–―]|--?)\s*\S")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:['’-][^\W_\u3400-\u9fff]+)*")
_AROUND = quotation_marks.ALL + " \t\r\n\u00a0\u3000\u2028>"
_WHOLE = 2_000  # characters of a quotation that those inside it are read with; in a longer one each is read by itself
_SHOWN = 6  # words that tell a place of the draft


def quotations(text: str, blocks: Sequence[Span] = ()) -> tuple[tuple[Quotation, ...], tuple[str, ...]]:
    """The quotations, by where they start, outer before inner, and a sentence about each mark without its counterpart.

    ``blocks`` are block quotations that the draft's file marks.  A quotation may run over paragraphs that each begin
    with its mark; one that nothing closes ends with its paragraph.  Takes time in proportion to the text's length.
    """
    found_lines = lines(text)
    given = [block for block in (_trimmed(text, block) for block in blocks) if block.start < block.end]
    all_blocks = sorted({*given, *quoted_lines(text, found_lines)}, key=lambda block: (block.start, -block.end))
    parts = paragraphs(text, found_lines, all_blocks)
    reading = quotation_marks.read(text, parts)
    by_core: dict[tuple[int, int], Found] = {}
    for found in reading.found:
        core = _core(text, found)
        if _words(text, core, 1) and (found.closed or _words(text, found, FEWEST)):
            by_core.setdefault((core.start, core.end), found)  # marks within marks: the inner ones, found first
    spans: dict[tuple[int, int], bool] = {(found.start, found.end): False for found in by_core.values()}
    for block in all_blocks:
        words = _unattributed(text, block)
        core = _core(text, words)
        if (whole := by_core.get((core.start, core.end))) and _words(text, core, 1):
            spans[whole.start, whole.end] = True
        elif _words(text, words, 1):
            spans[words.start, words.end] = True
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    inside = _parents(ordered)
    outermost = [Span(*span) for span, outer in zip(ordered, inside, strict=True) if outer is None]
    clauses = Clauses(text, parts, outermost)
    told: list[Quotation] = []
    for span, outer in zip(ordered, inside, strict=True):
        within = None if outer is None else told[outer]
        if within and within.end - within.start <= _WHOLE:
            clause = within.clause
        else:
            clause = clauses.of(Span(*span), block=spans[span])
        told.append(Quotation(*span, block=spans[span], inside=outer, clause=clause))
    return tuple(told), _messages(text, reading)


def _parents(ordered: Sequence[tuple[int, int]]) -> list[int | None]:
    """For each span the number of the smallest that holds it."""
    inside: list[int | None] = []
    open_: list[int] = []
    for number, (start, end) in enumerate(ordered):
        while open_ and not (ordered[open_[-1]][0] <= start and end <= ordered[open_[-1]][1]):
            open_.pop()
        inside.append(open_[-1] if open_ else None)
        open_.append(number)
    return inside


def _trimmed(text: str, span: Span) -> Span:
    start, end = max(span.start, 0), min(span.end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _core(text: str, span: Span) -> Span:
    """The span without marks and white space at its ends."""
    start, end = span.start, span.end
    while start < end and text[start] in _AROUND:
        start += 1
    while end > start and text[end - 1] in _AROUND:
        end -= 1
    return Span(start, end)


def _unattributed(text: str, block: Span) -> Span:
    """The block without a last line that says whose words they are ("— Beijing FAO, May 3, 2024")."""
    words = block.of(text)
    at = max(words.rfind("\n"), words.rfind("\r")) + 1
    last = Span(block.start + at, block.end)
    marker = _behind_markers(text, last)
    if not at or not _ATTRIBUTION.match(text, marker, block.end):
        return _trimmed(text, block)
    above = words[:at].rstrip("\r\n >\t")
    line_above = above[max(above.rfind("\n"), above.rfind("\r")) + 1 :].lstrip("> \t")
    if _ATTRIBUTION.match(line_above):  # a list of items
        return _trimmed(text, block)
    return _trimmed(text, Span(block.start, block.start + len(above)))


def _behind_markers(text: str, line: Span) -> int:
    """Where a line's words begin behind its ``>``."""
    at = line.start
    while at < line.end and text[at] in "> \t":
        at += 1
    return at


def _words(text: str, span: Span, least: int) -> bool:
    """Whether so many words stand in the span; of a long one its beginning tells."""
    words = _WORD.finditer(text, span.start, min(span.end, span.start + 2_000))
    return len([*islice(words, least)]) == least


def _messages(text: str, reading: quotation_marks.Reading) -> tuple[str, ...]:
    breaks = [at for at, char in enumerate(text) if char == "\n"]
    told: dict[int, str] = {}
    for found in reading.found:
        if not found.closed:
            line = bisect_right(breaks, found.start) + 1
            what = f"Line {line}: nothing closes the quotation that begins “{_first(text, found)}”"
            far = "checked to the end of its paragraph" if _words(text, found, FEWEST) else "not checked"
            told[found.start] = f"{what}; it was {far}."
    for at in reading.stray:
        line = bisect_right(breaks, at) + 1
        told[at] = f"Line {line}: nothing opens the quotation that ends “{_last(text, at)}”; it was not checked."
    messages = [told[at] for at in sorted(told)]
    if (more := len(messages) - limits.MAX_DRAFT_MESSAGES) > 0:
        messages[limits.MAX_DRAFT_MESSAGES :] = [f"{more:,} more quotation marks lack their counterpart."]
    return tuple(messages)


def _first(text: str, span: Span) -> str:
    words = text[span.start : min(span.end, span.start + 200)].split()
    return " ".join(words[:_SHOWN])[:80] + ("…" if len(words) > _SHOWN or span.end > span.start + 200 else "")


def _last(text: str, at: int) -> str:
    words = text[max(at - 200, 0) : at].rpartition("\n")[2].split()
    return ("…" if len(words) > _SHOWN else "") + " ".join(words[-_SHOWN:])[-80:]
