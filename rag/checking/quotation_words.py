"""A quotation as it is typed -> its parts between ellipses, and its words without what the draft's author put in."""

from __future__ import annotations

import re

from rag.checking.diff import BRACKET
from rag.checking.homoglyphs import seen
from rag.checking.splices import Words
from rag.checking.token_index import Corpus
from rag.checking.tokens import SENTENCE_END, tokens

_POINTS = r"\u2026+|\.\s?\.\s?\."
_BRACKETED = re.compile(rf"[\[(]\s*(?:{_POINTS})\s*[\])]")
_ELLIPSIS = re.compile(rf"\s*(?:{_BRACKETED.pattern}|\u2026+|\.{{3,}}|\.\s\.\s\.)\s*")
_LETTER = re.compile(r"\[(\w)\](?=\w)")  # "[T]he"


def parts(quote: str) -> list[str]:
    """What stands between the ellipses, where it holds a word; [] where there is no ellipsis."""
    found = _ELLIPSIS.split(quote)
    return [part for part in found if any(token.word for token in tokens(part))] if len(found) > 1 else []


def words_of(quote: str, corpus: Corpus) -> Words:
    """The quotation's words as they look, bracketed insertions left out, with where ellipses and sentences' ends stand
    among them."""
    # "[...]" is no insertion, and a letter in brackets is part of its word.
    text = BRACKET.sub(" ", _LETTER.sub(r"\1", seen(_BRACKETED.sub("\u2026", quote))))
    numbers: list[int] = []
    elided, stopped = set(), set()
    at = 0
    for ellipsis in [*_ELLIPSIS.finditer(text), None]:
        for token in tokens(text[at : ellipsis.start() if ellipsis else len(text)]):
            if token.word:
                numbers.append(corpus.number(token.form))
            elif token.form in SENTENCE_END:
                stopped.add(len(numbers))
        if ellipsis:
            elided.add(len(numbers))
            at = ellipsis.end()
    return Words(tuple(numbers), frozenset(elided), frozenset(stopped))
