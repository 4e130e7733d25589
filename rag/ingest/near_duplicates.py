"""Which bulletins carry the same text, and which replaces an earlier one that it corrects."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from rag.models import Section, Span

_CHANGED = 0.15  # share of the older one's sentences that a corrected re-issue no longer carries, or one sentence
_FEWEST = 3  # sentences that say enough to compare two bulletins by
_LONG = 30  # characters: shorter sentences ("It was cold.") are nobody's own
_PLAIN = str.maketrans(
    {0x201C: '"', 0x201D: '"', 0x300C: '"', 0x300D: '"', 0x2018: "'", 0x2019: "'"}
    | dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015), "-")
)


def fold_typography(words: str) -> str:
    """Words as two printings of one text share them: white space, quotation marks, dashes and full width aside."""
    return "".join(unicodedata.normalize("NFKC", words).translate(_PLAIN).split())


def body_digest(text: str, sections: Sequence[Section]) -> str:
    """SHA-256 over the headings and paragraphs of a bulletin, printed plainly: equal for copies of one text."""
    parts = [
        fold_typography(f"{section.heading or ''}|{p.of(text)}") for section in sections for p in section.paragraphs
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def sentence_digests(text: str, sentences: Sequence[Span]) -> frozenset[int]:
    """What tells a bulletin's sentences apart from others', 64 bits each."""
    long = (fold_typography(s.of(text)).encode("utf-8", "surrogatepass") for s in sentences if s.end - s.start >= _LONG)
    return frozenset(int.from_bytes(hashlib.blake2b(s, digest_size=8).digest()) for s in long)


def find_reissues(
    sentences: Mapping[str, frozenset[int]], bodies: Mapping[str, str], dates: Mapping[str, dt.date | None]
) -> dict[str, tuple[str, ...]]:
    """For each bulletin that is a corrected re-issue, the names of those it replaces, latest first.

    The later of two dated bulletins replaces the earlier where it has nearly all of its sentences but not all words.
    All three are by the bulletin's name: its sentences' digests, its body's digest, its date.
    """
    holders: dict[int, list[str]] = defaultdict(list)
    for name, own in sentences.items():
        for digest in own:
            holders[digest].append(name)
    found: dict[str, list[str]] = defaultdict(list)
    for name, own in sentences.items():
        shared = Counter(other for digest in own for other in holders[digest] if other != name)
        for other, number in shared.items():
            # Of the older one, so that a bulletin which repeats a part of it doesn't stand in for the rest.
            older = len(sentences[other])
            if bodies[name] == bodies[other] or older < _FEWEST or older - number > max(1, _CHANGED * older):
                continue
            mine, its = dates[name], dates[other]
            if mine and its and mine > its:
                found[name].append(other)
    return {name: tuple(sorted(old, key=lambda o: str(dates[o]), reverse=True)) for name, old in found.items()}
