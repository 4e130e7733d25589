"""A quotation as it is typed: its parts between ellipses, and its words without what the draft's author put in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.checking.homoglyphs import replace_homoglyphs
from rag.checking.token_index import TokenIndex
from rag.checking.tokens import SENTENCE_END, tokens

BRACKET = re.compile(r"\[[^\[\]\r\n]{1,300}\]")
_POINTS = r"\u2026+|\.\s?\.\s?\."
_BRACKETED_ELLIPSIS = re.compile(rf"[\[(]\s*(?:{_POINTS})\s*[\])]")
_ELLIPSIS = re.compile(rf"(?:(?<!\s)\s++)?(?:{_BRACKETED_ELLIPSIS.pattern}|\u2026++|\.{{3,}}+|\.\s\.\s\.)\s*+")
_BRACKETED_LETTER = re.compile(r"\[(\w)\](?=\w)")  # "[T]he"


@dataclass(frozen=True, slots=True)
class QuotationWords:
    """A quotation's words by their ids; ``after_ellipsis`` and ``after_stop`` are the positions of those that an
    ellipsis, or the end of a sentence, stands before."""

    ids: tuple[int, ...]
    after_ellipsis: frozenset[int] = frozenset()
    after_stop: frozenset[int] = frozenset()


def split_at_ellipses(quote: str) -> list[str]:
    """Returns the parts between ellipses that hold a word; none where there is no ellipsis."""
    parts = _ELLIPSIS.split(quote)
    return [part for part in parts if any(token.word for token in tokens(part))] if len(parts) > 1 else []


def read_words(quote: str, index: TokenIndex) -> QuotationWords:
    """Returns the quotation's words as they look to a reader, bracketed insertions left out."""
    # "[...]" is no insertion, and a letter in brackets is part of its word.
    text = replace_homoglyphs(_BRACKETED_ELLIPSIS.sub("\u2026", quote))
    text = BRACKET.sub(" ", _BRACKETED_LETTER.sub(r"\1", text))
    ids: list[int] = []
    after_ellipsis, after_stop = set(), set()
    start = 0
    for ellipsis in [*_ELLIPSIS.finditer(text), None]:
        for token in tokens(text[start : ellipsis.start() if ellipsis else len(text)]):
            if token.word:
                ids.append(index.word_id(token.form))
            elif token.form in SENTENCE_END:
                after_stop.add(len(ids))
        if ellipsis:
            after_ellipsis.add(len(ids))
            start = ellipsis.end()
    return QuotationWords(tuple(ids), frozenset(after_ellipsis), frozenset(after_stop))
