"""Proper names in a question: by their capitals, or, where capitals tell nothing, as words that English lacks."""

from __future__ import annotations

import calendar
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from rag.models import Located, Span
from rag.query.models import Entity, EntityKind
from rag.query.spelling import english_words
from rag.text.analyzer import STOP_WORDS
from rag.text.dates import MONTHS
from rag.text.wordlists import ORGANISATIONS, SPOTS, common_words, fold, word_set

MONTHS_AND_WEEKDAYS = (*MONTHS, *map(str.lower, calendar.day_name))
_WORD = re.compile(r"[^\W_]+(?:['’&-][^\W_]+)*")
_SENTENCE_END = re.compile(
    r"(?:^|(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bNo)(?<!\bSt)(?<!\b\w)\.|[?!:;\n。？！：])[\s\"“‘'(]*$"
)
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+$|\b(?:Professor|Madam|Sir)\s+$")
_TITLES = word_set("mr mrs ms miss dr prof")
# These join the parts of one name; "and" would join two names.
_CONNECTORS = word_set("of the & de da do di del della der den van von al el la le du des bin y")
# Bulletins are about this city and by this office, so that its own names tell nothing.
_HOME = word_set("""
    affairs beijing beijinger beijingers capital china chinese city desk district districts fao bfao foreign government
    municipal municipality office people's peking
""")
_LANGUAGES = word_set("english mandarin putonghua i")
_SMALL_IN_TITLES = word_set("a an the of in on at to for and or by with from as but is about")
_CONTRACTED = re.compile(r"\w+'(?:m|ve|ll|d|re|t)")  # "I'm"
_NO_ACRONYMS = word_set("AI AM APP ATM BC AD CV DIY DVD FAQ FYI GPS ID IT OK PDF PM PR PS QR RMB SIM SMS TV VIP VR")
# Ordinary words of today that word lists lack.
_NEW_WORDS = word_set("""
    apostille apostilles bulletin's covid cybersecurity e-bike ebike email emails expat expats fintech headteacher
    headteachers homestay homestays hotline hotlines hutong hutongs influencer influencers kungfu livestream
    livestreams paperclip pinyin pls ppl programme programmes signage subdistrict subdistricts taichi volunteering
    wechat weibo wifi
""")
_MIN_SIMILARITY = 80  # of 100; a word as similar as that to an ordinary one is that word misspelt
_MIN_LETTERS = 4  # of a name in small letters
_TITLE_CASE_SHARE = 0.85  # of words with capitals; where more have one, capitals mark no names


@dataclass(frozen=True, slots=True)
class _Word(Span):
    """``folded`` is without the possessive; ``opens`` says that it begins a sentence, where any word has a capital."""

    text: str
    folded: str
    opens: bool

    @property
    def has_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_common(self) -> bool:
        return self.folded.split("'")[0] in common_words() or all(
            part in common_words() for part in self.folded.split("-")
        )

    @property
    def is_language_or_date(self) -> bool:
        folded = self.folded
        return folded in _LANGUAGES or not {folded, folded.removesuffix("s")}.isdisjoint(MONTHS_AND_WEEKDAYS)


def proper_names(text: str, taken: Sequence[Located]) -> Iterator[Entity]:
    """The proper names of a text beside what is ``taken``; unknown words where its capitals mark no names (all letters
    are small or large, or every word has a capital)."""
    words = [
        _Word(*m.span(), m[0], fold(m[0]).removesuffix("'s"), bool(_SENTENCE_END.search(text, 0, m.start())))
        for m in _WORD.finditer(text)
    ]
    return _capitalised(text, words, taken) if _capitals_mark_names(words) else _unknown_words(words)


def _capitals_mark_names(words: Sequence[_Word]) -> bool:
    """Whether some words have a capital, but not nearly all that a title would give one."""
    inside = [word for word in words if not word.opens and word.text[0].isalpha()]
    marked = any(word.has_capital for word in inside) or any(word.opens and not word.is_common for word in words)
    heavy = [word for word in inside if word.folded not in _SMALL_IN_TITLES]
    in_title_case = len(heavy) > 2 and sum(word.has_capital for word in heavy) > _TITLE_CASE_SHARE * len(heavy)
    return marked and not in_title_case and not all(word.has_capital for word in inside)


def _capitalised(text: str, words: Sequence[_Word], taken: Sequence[Located]) -> Iterator[Entity]:
    """Stretches of words that have a capital, joined by "of" and the like."""
    run: list[_Word] = []
    for word in words:
        named = word.has_capital and not any(map(word.overlaps, taken))
        named = named and not (word.opens and (word.is_common or _is_misspelt(word.folded)))
        named = named and not (word.is_language_or_date or _CONTRACTED.fullmatch(word.folded))
        separate = run and (word.opens or re.search(r"[^\s&.'’-]", text[run[-1].end : word.start]))
        connects = bool(run) and word.folded in _CONNECTORS and not separate
        if run and not connects and (separate or not named):
            yield from _name_of(text, run)
            run = []
        if named or connects:
            run.append(word)
    yield from _name_of(text, run)


def _name_of(text: str, run: list[_Word]) -> Iterator[Entity]:
    """The name that a stretch of words makes, without titles and connectors at its ends; none where it is common."""
    while run and run[-1].folded in _CONNECTORS:
        run = run[:-1]
    while run and (run[0].folded in _CONNECTORS or run[0].folded in _TITLES):
        run = run[1:]
    telling = [word for word in run if word.folded not in _HOME and word.folded not in _CONNECTORS]
    if not telling:
        return
    start, end = run[0].start, run[-1].end
    titled = bool(_TITLED.search(text, 0, start))
    if len(run) == 1 and not titled:
        word = run[0]
        if re.fullmatch(r"[A-Z][A-Z&]+s?", word.text):
            shouted = word.is_common and (len(word.text) > 3 or word.folded in STOP_WORDS - {"who"})
            if not (shouted or word.text in _NO_ACRONYMS):
                yield Entity(start, end, "acronym", word.text)
            return
        if word.is_common:
            return
    yield Entity(start, end, _kind_of(telling, titled), text[start:end])


def _kind_of(words: Sequence[_Word], titled: bool) -> EntityKind:
    if titled:
        return "person"
    if any(word.folded in ORGANISATIONS for word in words):
        return "organisation"
    if any(word.folded in SPOTS for word in words):
        return "place"
    return "person" if 1 < len(words) < 4 and not any(word.is_common for word in words) else "thing"


def _unknown_words(words: Sequence[_Word]) -> Iterator[Entity]:
    """Words that English lacks and that are no misspelling of one that it has."""
    for word in words:
        known = word.is_common or word.is_language_or_date or word.folded in _NEW_WORDS or word.folded in _HOME
        letters = word.folded.isascii() and word.folded.isalpha() and len(word.folded) >= _MIN_LETTERS
        if letters and not known and not _is_misspelt(word.folded):
            yield Entity(word.start, word.end, "thing", word.text)


@functools.lru_cache(maxsize=4096)
def _is_misspelt(folded: str) -> bool:
    """Whether the word is similar to an ordinary one with the same first letter."""
    new = [word for word in _NEW_WORDS if word[0] == folded[:1] and len(word) >= _MIN_LETTERS]
    words = [*english_words(folded[:1]), *new]
    return process.extractOne(folded, words, scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY) is not None
