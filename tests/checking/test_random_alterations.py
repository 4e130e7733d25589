"""Ten thousand true quotations altered at random: none passes.  A thousand printed otherwise: none is called altered.

What may not occur in the corpus is looked for by another rule than the engine's own: letters, digits and signs alone.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.checking.checker import Checker
from rag.library.reader import Library
from rag.text.sentences import split_sentences
from tests.support.effort import effort

ALTERATIONS = effort(2_000, 10_000)
HARMLESS = effort(400, 1_200)
PASSED = {"exact", "exact-normalised", "ellipsis", "ambiguous", "misattributed"}  # whose words are called real
Alter = Callable[[random.Random, str], str | None]


class Corpus:
    """The development corpus: its sentences of six words or more, its names and its words."""

    def __init__(self, library: Library) -> None:
        texts = [library.text(bulletin.sha256) for bulletin in library.bulletins]
        self.checker = Checker(library)
        self.bare = "\n".join(map(bare, texts))
        self.sentences = [
            words
            for bulletin, text in zip(library.bulletins, texts, strict=True)
            for section in bulletin.sections
            for paragraph in section.paragraphs
            for sentence in split_sentences(paragraph.of(text))
            if len((words := sentence.of(paragraph.of(text)).strip()).split()) >= 6
        ]
        self.names = sorted({name for text in texts for name in re.findall(r"(?<=[a-z] )[A-Z][a-z]{3,}", text)})
        self.words = sorted({word for text in texts for word in re.findall(r"\b[a-z]{3,}\b", text)})


def bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


@pytest.fixture(scope="module")
def corpus(dev_library: Path) -> Corpus:
    return Corpus(Library.open(dev_library))


def inner(source: random.Random, quote: str, pattern: str) -> re.Match[str] | None:
    """A match of the pattern that lies neither at the quotation's beginning nor at its end."""
    found = [m for m in re.finditer(pattern, quote) if m.start() > 0 and m.end() < len(quote) - 1]
    return source.choice(found) if found else None


def alterations(corpus: Corpus) -> dict[str, Alter]:
    def digit(source: random.Random, quote: str) -> str | None:
        match = inner(source, quote, r"\d")
        other = source.choice([d for d in "0123456789" if not match or d != match[0]])
        return match and quote[: match.start()] + other + quote[match.end() :]

    def negated(source: random.Random, quote: str) -> str:
        words = quote.split(" ")
        at = source.randrange(1, len(words))
        return " ".join([*words[:at], "not", *words[at:]])

    def another_name(source: random.Random, quote: str) -> str | None:
        match = inner(source, quote, r"(?<=[a-z] )[A-Z][a-z]{3,}")
        return match and quote[: match.start()] + source.choice(corpus.names) + quote[match.end() :]

    def dropped(source: random.Random, quote: str) -> str:
        words = quote.split(" ")
        at = source.randrange(1, len(words) - 1)
        return " ".join([*words[:at], *words[at + 1 :]])

    def added(source: random.Random, quote: str) -> str:
        words = quote.split(" ")
        at = source.randrange(1, len(words))
        return " ".join([*words[:at], source.choice(corpus.words), *words[at:]])

    def swapped(source: random.Random, quote: str) -> str:
        words = quote.split(" ")
        at = source.randrange(len(words) - 1)
        words[at], words[at + 1] = words[at + 1], words[at]
        return " ".join(words)

    def joined(source: random.Random, quote: str) -> str:
        words, others = quote.split(" "), source.choice(corpus.sentences).split(" ")
        return " ".join([*words[: source.randrange(3, len(words))], *others[source.randrange(1, len(others) - 2) :]])

    def letter(source: random.Random, quote: str) -> str | None:
        match = inner(source, quote, r"[a-z]")
        other = source.choice([c for c in "aeioust" if not match or c != match[0]])
        return match and quote[: match.start()] + other + quote[match.end() :]

    return {f.__name__: f for f in (digit, negated, another_name, dropped, added, swapped, joined, letter)}


@pytest.mark.soak
def test_no_altered_quotation_passes(corpus: Corpus) -> None:
    """A digit, a "not", a name, a dropped, added or swapped word, a letter, two pieces joined: never called real."""
    source = random.Random(4)
    ways = alterations(corpus)
    given: Counter[str] = Counter()
    verdicts: Counter[tuple[str, str]] = Counter()
    while given.total() < ALTERATIONS:
        quote, name = source.choice(corpus.sentences), source.choice(list(ways))
        altered = ways[name](source, quote)
        if altered is None or bare(altered) in corpus.bare:
            continue
        given[name] += 1
        (row,) = corpus.checker.check(altered, quote=altered, claims=()).rows
        assert row.verdict not in PASSED, (name, row.verdict, quote, altered)
        verdicts[name, row.verdict] += 1
    assert set(given) == set(ways)
    # The source of a single change is always found, and two pieces joined are nearly always told as such.
    for name in given:
        wanted = "spliced" if name == "joined" else "altered"
        assert verdicts[name, wanted] >= (0.95 if name == "joined" else 0.999) * given[name], (name, verdicts)


def printings() -> dict[str, Callable[[random.Random, str], str]]:
    def spaces(source: random.Random, quote: str) -> str:
        return re.sub(r"\s+", lambda _: source.choice([" ", "  ", "\u00a0", "\n", "\u2009", "\u3000"]), quote)

    def marks(source: random.Random, quote: str) -> str:
        double, single = source.choice(["“”", '""', "«»", "「」"]), source.choice(["’", "'"])
        quote = re.sub(r"[“”\"]", lambda _: source.choice(double), quote)
        return re.sub(r"(?<=\w)[’'](?=\w)", single, quote)

    def dashes(source: random.Random, quote: str) -> str:
        return re.sub(r"[-–—]", lambda _: source.choice("-–—\u2010\u2011\u2212"), quote)

    def case(source: random.Random, quote: str) -> str:
        return quote[:1].swapcase() + quote[1:]

    def width(source: random.Random, quote: str) -> str:
        return "".join(chr(ord(c) + 0xFEE0) if source.random() < 0.3 and "!" <= c <= "~" else c for c in quote)

    def ending(source: random.Random, quote: str) -> str:
        return quote.rstrip(".!?,;:…。") + source.choice(".!?,;…")

    return {f.__name__: f for f in (spaces, marks, dashes, case, width, ending)}


@pytest.mark.soak
def test_no_harmless_printing_is_called_altered(corpus: Corpus) -> None:
    """Other spaces, quotation marks, dashes, width, first letter or closing punctuation: the words are real."""
    source = random.Random(5)
    ways = printings()
    given: Counter[str] = Counter()
    while given.total() < HARMLESS:
        quote, names = source.choice(corpus.sentences), source.sample(list(ways), source.randrange(1, 4))
        printed = quote
        for name in names:
            printed = ways[name](source, printed)
        if printed == quote:
            continue
        given.update(names)
        (row,) = corpus.checker.check(printed, quote=printed, claims=()).rows
        assert row.verdict in ("exact-normalised", "exact", "ambiguous"), (names, row.explanation, quote, printed)
        assert row.citation
        assert bare(row.citation.text) == bare(quote), (names, printed)
    assert set(given) == set(ways)
