"""Finds bulletins that carry the same text, and corrected re-issues that replace an earlier one."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from rag.models import Section, Span

_MAX_CHANGED = 0.15  # share of the older one's sentences that a re-issue no longer has; one sentence at least
_MIN_SENTENCES = 3  # fewer are too little to compare two bulletins by
_MIN_SENTENCE_CHARS = 30  # shorter ones ("It was cold.") stand in any bulletin
_PLAIN_SIGNS = str.maketrans(
    {0x201C: '"', 0x201D: '"', 0x300C: '"', 0x300D: '"', 0x2018: "'", 0x2019: "'"}
    | dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015), "-")
)


def fold_typography(words: str) -> str:
    """Returns the words without white space, quotation marks, dashes and full-width forms made equal, so that two
    printings of one text compare as equal."""
    return "".join(unicodedata.normalize("NFKC", words).translate(_PLAIN_SIGNS).split())


def body_digest(text: str, sections: Sequence[Section]) -> str:
    """Returns the SHA-256 over the headings and paragraphs, typography folded: equal for copies of one text."""
    parts = [
        fold_typography(f"{section.heading or ''}|{p.of(text)}") for section in sections for p in section.paragraphs
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def sentence_digests(text: str, sentences: Sequence[Span]) -> frozenset[int]:
    """Returns a digest of 64 bits for each of the longer sentences, typography folded."""
    long = (sentence for sentence in sentences if sentence.end - sentence.start >= _MIN_SENTENCE_CHARS)
    folded = (fold_typography(sentence.of(text)).encode("utf-8", "surrogatepass") for sentence in long)
    return frozenset(int.from_bytes(hashlib.blake2b(words, digest_size=8).digest()) for words in folded)


def find_reissues(
    sentences: Mapping[str, frozenset[int]], bodies: Mapping[str, str], dates: Mapping[str, dt.date | None]
) -> dict[str, tuple[str, ...]]:
    """Returns, for each bulletin that is a corrected re-issue, the names of those that it replaces, latest first.

    The later of two dated bulletins replaces the earlier where it has nearly all of its sentences but another body.
    All three arguments are by the bulletin's name: its sentences' digests, its body's digest, its date.
    """
    holders: dict[int, list[str]] = defaultdict(list)
    for name, digests in sentences.items():
        for digest in digests:
            holders[digest].append(name)
    replaced: dict[str, list[str]] = defaultdict(list)
    for name, digests in sentences.items():
        shared = Counter(other for digest in digests for other in holders[digest] if other != name)
        for other, number in shared.items():
            # Counted by the older one's, so that a bulletin which repeats a part of it doesn't replace the rest.
            total = len(sentences[other])
            if bodies[name] == bodies[other] or total < _MIN_SENTENCES or total - number > max(1, _MAX_CHANGED * total):
                continue
            date, other_date = dates[name], dates[other]
            if date and other_date and date > other_date:
                replaced[name].append(other)
    return {
        name: tuple(sorted(earlier, key=lambda other: str(dates[other]), reverse=True))
        for name, earlier in replaced.items()
    }
