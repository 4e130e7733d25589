"""What a question names beside places and districts: persons, organisations, things, numbers, years, titles of office.

Read so that a name is rather missed than seen where there is none: every name found has to be borne out by a passage.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from rag.text import districts
from rag.text.analyzer import STOP_WORDS
from rag.text.entity_nouns import ORGANISATIONS, SPOTS
from rag.text.numbers import Number, numbers
from rag.text.offices import roles
from rag.text.places import places
from rag.text.wordlists import common, fold

Kind = Literal["person", "organisation", "place", "thing", "acronym", "number", "year", "role"]


@dataclass(frozen=True, slots=True)
class Name:
    """What a question names at [start:end]; ``words`` are its own, spelled as the asker did."""

    start: int
    end: int
    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str
    folded: str  # without the possessive
    opens: bool  # the first of a sentence, where a capital tells nothing

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def usual(self) -> bool:
        return self.folded.split("'")[0] in common() or all(part in common() for part in self.folded.split("-"))

    @property
    def says_little(self) -> bool:
        return self.folded in _LANGUAGES or self.folded in _CALENDAR or self.folded.removesuffix("s") in _CALENDAR


Span = tuple[int, int]

_WORD = re.compile(r"[^\W_]+(?:['’&-][^\W_]+)*")
_QUOTED = re.compile(r"[“\"「『《](?P<words>[^“”\"「」『』《》]{2,80})[”\"」』》]")
_SENTENCE_END = re.compile(
    r"(?:^|(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bNo)(?<!\bSt)(?<!\b\w)\.|[?!:;\n。？！：])[\s\"“‘'(]*$"
)
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+$|\b(?:Professor|Madam|Sir)\s+$")
# Joins the parts of one name; "and" would join two.
_CONNECTS = frozenset("of the & de da do di del della der den van von al el la le du des bin y".split())
# Bulletins are of this city and by this office, so that its own names tell nothing.
_HOME = frozenset(
    """
    affairs beijing beijinger beijingers capital china chinese city desk district districts fao bfao foreign government
    municipal municipality office people's peking
    """.split()
)
_LANGUAGES = frozenset("english mandarin putonghua i".split())
_SMALL_IN_TITLES = frozenset("a an the of in on at to for and or by with from as but is about".split())
_CALENDAR = frozenset(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
_CONTRACTED = re.compile(r"\w+'(?:m|ve|ll|d|re|t)")  # "I'm"
_NO_NAMES = frozenset(
    "AI AM APP ATM BC AD CV DIY DVD FAQ FYI GPS ID IT OK PDF PM PR PS QR RMB SIM SMS TV VIP VR".split()
)
# Ordinary words of today that word lists lack.
_NEW_WORDS = frozenset(
    """
    apostille apostilles bulletin's covid cybersecurity e-bike ebike email emails expat expats fintech headteacher
    headteachers homestay homestays hotline hotlines hutong hutongs influencer influencers kungfu livestream
    livestreams paperclip pinyin pls ppl programme programmes signage subdistrict subdistricts taichi volunteering
    wechat weibo wifi
    """.split()
)
_UNIT_FIGURES = re.compile(r"\d+(?:st|nd|rd|th|am|pm|km|kg|cm|mm|m|g|k|s|h|d|x|%)", re.IGNORECASE)
_WITH_FIGURES = re.compile(r"(?:[^\W\d_]+\d+|\d+[^\W\d_]+)\w*")
_NUMBERED = re.compile(
    r"\b(?P<what>line|gate|terminal|exit|route|highway|hall|pavilion|room|building|platform|flight|bus|stage|phase|"
    r"chapter|article|tower|stop|no|number)\.?\s?(?P<number>\d{1,4})\b",
    re.IGNORECASE,
)
# Beside these a number bounds the answer, and is not told by a passage.
_BOUNDS = re.compile(
    r"\b(?:top|first|last|next|past|least|most|than|over|under|about|around|roughly|some|nearly|almost|up to|within|"
    r"below|above|between|to|and|me|list|name|show|give|find|any|or|in|ages?|aged)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(
    r"\s*(?:(?:\w+\s+)?(?:sentences?|words?|examples?|items?|results?|points?|bullets?|lines?|quotes?|passages?|"
    r"reasons?|things|characters|paragraphs?)\b|or\b|days?\b|weeks?\b|months?\b|years?\b|hours?\b|minutes?\b|times\b)",
    re.IGNORECASE,
)
_DATE_BEFORE = re.compile(rf"\b(?:{'|'.join(_CALENDAR)})\.?\s+(?:the\s+)?(?:\d{{1,2}}\s*(?:-|–|to|and)\s*)?$", re.I)
_DATE_AFTER = re.compile(
    rf"(?:st|nd|rd|th)?\s*(?:(?:-|–|to|and)\s*\d{{1,2}}\s*)?(?:of\s+)?(?:{'|'.join(_CALENDAR)})\b|年|月|日", re.I
)
_YEARS = range(1900, 2100)
_COUNTED = 13  # smaller numbers in words are a manner of speaking ("two different figures")
_NEAR = 80  # of 100; what is as near to an ordinary word is that word misspelled
_LEAST = 4  # letters of a name in small letters


def named(question: str) -> tuple[Name, ...]:
    """What the question names, in order, without overlaps.

    Districts and the places that ``rag.text.places`` knows are left out.  Where capitals tell nothing (all letters
    are small or large, or every word has a capital), names are words that English lacks.
    """
    taken: list[Span] = [(mention.start, mention.end) for mention in districts.mentions(question)]
    taken += [(place.start, place.end) for place in places(question, question=True)]
    found: list[Name] = []
    words = _words(question)
    for names in (
        _quoted(question),
        _numbered(question),
        roles_named(question),
        _runs(question, words, taken) if _capitals_tell(words) else _unusual(words),
        _figures(question),
    ):
        for name in names:
            if not _overlaps((name.start, name.end), taken):
                found.append(name)
                taken.append((name.start, name.end))
    return tuple(sorted(found, key=lambda name: name.start))


def roles_named(question: str) -> Iterator[Name]:
    """Titles of office; of two joined by "or" neither has to be there."""
    for start, end in roles(question):
        either = re.search(r"\bor\s+(?:an?\s+|the\s+)?$", question[:start]) or re.match(r"\s+or\b", question[end:])
        if not either:
            yield Name(start, end, "role", question[start:end])


def _words(question: str) -> list[_Word]:
    return [
        _Word(
            match.start(),
            match.end(),
            match[0],
            fold(match[0]).removesuffix("'s"),
            bool(_SENTENCE_END.search(question, 0, match.start())),
        )
        for match in _WORD.finditer(question)
    ]


def _capitals_tell(words: Sequence[_Word]) -> bool:
    """Whether capitals mark names: some words have one, but not nearly all that a title would give one."""
    inside = [word for word in words if not word.opens and word.text[0].isalpha()]
    marked = any(word.capital for word in inside) or any(word.opens and not word.usual for word in words)
    heavy = [word for word in inside if word.folded not in _SMALL_IN_TITLES]
    in_title_case = len(heavy) > 2 and sum(word.capital for word in heavy) > 0.85 * len(heavy)
    return marked and not in_title_case and not all(word.capital for word in inside)


def _quoted(question: str) -> Iterator[Name]:
    for match in _QUOTED.finditer(question):
        if len(match["words"].split()) <= 8:  # more is a passage pasted in
            yield Name(match.start("words"), match.end("words"), "thing", match["words"])


def _numbered(question: str) -> Iterator[Name]:
    """ "Line 10", "No. 80", and "T3"."""
    for match in _NUMBERED.finditer(question):
        if match["what"].lower() != "no" or match["what"][0].isupper():  # "has no 5 ..."
            yield Name(match.start(), match.end(), "thing", match[0])
    for match in _WORD.finditer(question):
        if _WITH_FIGURES.fullmatch(match[0]) and not _UNIT_FIGURES.fullmatch(match[0]):
            yield Name(match.start(), match.end(), "thing", match[0])


def _runs(question: str, words: Sequence[_Word], taken: Sequence[Span]) -> Iterator[Name]:
    """Names by their capitals: stretches of words that have one, joined by "of" and the like."""
    run: list[_Word] = []
    for word in words:
        names = word.capital and not _overlaps((word.start, word.end), taken)
        names = names and not (word.opens and (word.usual or _misspelled(word.folded)))
        names = names and not (word.says_little or _CONTRACTED.fullmatch(word.folded))
        apart = run and (word.opens or re.search(r"[^\s&.'’-]", question[run[-1].end : word.start]))
        joins = bool(run) and word.folded in _CONNECTS and not apart
        if run and not joins and (apart or not names):
            yield from _run(question, run)
            run = []
        if names or joins:
            run.append(word)
    yield from _run(question, run)


def _run(question: str, run: list[_Word]) -> Iterator[Name]:
    while run and run[-1].folded in _CONNECTS:
        run = run[:-1]
    while run and (run[0].folded in _CONNECTS or run[0].folded in ("mr", "mrs", "ms", "miss", "dr", "prof")):
        run = run[1:]
    own = [word for word in run if word.folded not in _HOME and word.folded not in _CONNECTS]
    if not own:
        return
    start, end = run[0].start, run[-1].end
    titled = bool(_TITLED.search(question, 0, start))
    if len(run) == 1 and not titled:
        word = run[0]
        if re.fullmatch(r"[A-Z][A-Z&]+s?", word.text):
            shouted = word.usual and (len(word.text) > 3 or word.folded in STOP_WORDS - {"who"})
            if not (shouted or word.text in _NO_NAMES):
                yield Name(start, end, "acronym", word.text)
            return
        if word.usual:
            return
    yield Name(start, end, _kind(own, titled), question[start:end])


def _kind(words: Sequence[_Word], titled: bool) -> Kind:
    if titled:
        return "person"
    if any(word.folded in ORGANISATIONS for word in words):
        return "organisation"
    if any(word.folded in SPOTS for word in words):
        return "place"
    return "person" if 1 < len(words) < 4 and not any(word.usual for word in words) else "thing"


def _unusual(words: Sequence[_Word]) -> Iterator[Name]:
    """Names without the help of capitals: words that English lacks and that are no misspelling of one."""
    for word in words:
        known = word.usual or word.says_little or word.folded in _NEW_WORDS or word.folded in _HOME
        letters = word.folded.isascii() and word.folded.isalpha() and len(word.folded) >= _LEAST
        if letters and not known and not _misspelled(word.folded):
            yield Name(word.start, word.end, "thing", word.text)


def _figures(question: str) -> Iterator[Name]:
    for number in numbers(question):
        words = question[number.start : number.end]
        if words.isdigit() and len(words) == 4 and int(words) in _YEARS:
            yield Name(number.start, number.end, "year", words)
        elif _told(question, number, words[0].isdigit()):
            yield Name(number.start, number.end, "number", words)


def _told(question: str, number: Number, in_figures: bool) -> bool:
    """Whether a passage has to tell this number."""
    before, after = question[: number.start], question[number.end :]
    if _BOUNDS.search(before) or _ASKED_FOR.match(after) or _DATE_BEFORE.search(before) or _DATE_AFTER.match(after):
        return False
    return in_figures or number.value >= _COUNTED


def _overlaps(span: Span, taken: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


@functools.cache
def _by_letter() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {letter: [] for letter in string.ascii_lowercase}
    for word in sorted(common() | _NEW_WORDS):
        if len(word) >= _LEAST:
            found[word[0]].append(word)
    return found


@functools.lru_cache(maxsize=4096)
def _misspelled(folded: str) -> bool:
    """Whether an ordinary word with the same first letter is as near."""
    words = _by_letter().get(folded[:1], [])
    return process.extractOne(folded, words, scorer=fuzz.ratio, score_cutoff=_NEAR) is not None
