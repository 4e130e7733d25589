"""Countries, regions and cities named in words, and whether what a question names is borne out by what a passage tells.

China and Beijing are left out: every bulletin is of them, so that they tell no passage from another.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.text import districts
from rag.text.wordlists import common, data, fold

Kind = Literal["country", "region", "city"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place's name at [start:end] of a text; ``words`` are the text's, ``key`` is the name to call it by.

    ``countries`` are ISO 3166-1 codes: a region's members, or where a city of that name lies (several where its name
    leaves that open); "US-CA" lies in "US".
    """

    start: int
    end: int
    words: str
    kind: Kind
    countries: frozenset[str]
    key: str


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    kind: Kind | Literal["none"]
    countries: frozenset[str]
    capitals: bool  # "UAE": read only as written
    known: bool  # well-known enough to be read in small letters

    def place(self, start: int, end: int, text: str) -> Place | None:
        if self.kind == "none":
            return None
        return Place(start, end, text[start:end], self.kind, self.countries, self.key)


Names = dict[str, list[tuple[tuple[str, ...], _Entry]]]

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
_GAP = re.compile(r"\s{1,3}|\s?[-‐‑–]\s?")
_AFTER_ST = re.compile(r"\.?\s{0,3}")
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Madam)\.?\s+$", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+$", re.IGNORECASE)
# In small letters these are other words; "from turkey" is the country all the same.
_ALSO_WORDS = frozenset(
    """
    chad cis dc derby gent georgia guinea java jersey jordan kiwis lao madras male mecca muscat natal oxford perm poles
    polish rio turkey us wellington
    """.split()
)
# Followed by a surname, these are persons: "Jordan Smith".
_GIVEN_NAMES = frozenset(
    """
    adelaide aurora austin carolina chad charlotte chelsea cyprus dakota dallas florence georgia ireland israel jackson
    jordan kenya leon lincoln lorena london lourdes madison marina nantes odessa paris rio santiago savannah sofia
    sydney valencia victoria vienna virginia
    """.split()
)
_INTRODUCED = re.compile(
    r"\b(?:from|in|of|to|the|with|which|what|any|an?|and|all|between|by|for|visit|visited)\s+$", re.I
)
_LONG = 5  # letters of a name that is known with a slip of spelling
_FEWEST = 100  # thousands of people of a city that is read in small letters too


def places(text: str, *, question: bool = False) -> tuple[Place, ...]:
    """The places that the text names, in order, the longest name first ("Papua New Guinea").

    Names need a capital letter, as bulletins write them; in a ``question`` the well-known ones don't, unless they are
    common words too ("turkey").
    """
    names = _names()
    shouted = question and text.upper() == text
    found: list[Place] = []
    words = [match.span() for match in _WORD.finditer(text)]
    number = 0
    while number < len(words):
        start, end = words[number]
        number += 1
        capital = text[start].isupper() and not shouted
        if not (capital or question):
            continue
        folded = _bare(fold(text[start:end]))
        near = names.get(folded) or (_misspelled(text, words, number - 1, folded) if question else ())
        for rest, entry in near:
            last = _match(text, words, number - 1, rest)
            if last is None or not _as_written(text, start, words[last][1], entry, capital):
                continue
            end = words[last][1]
            if text[end - 2 : end] in ("'s", "’s", "'S", "’S"):
                end -= 2
            if (place := entry.place(start, end, text)) and not _is_person(text, words, last, place):
                found.append(place)
            number = last + 1
            break
    return tuple(found)


def bears(asked: Place, told: Sequence[Place]) -> bool:
    """Whether a place that a question names is borne out by the places that a passage names.

    A country is borne out by itself, its people, its regions and its cities; a region of several countries by any of
    them; a city by its own name alone.
    """
    return any(place.key == asked.key or _lies_in(place, asked) for place in told)


def chinese() -> dict[str, str]:
    """Chinese names of places and the English name of each, the hand-written before the collected ones."""
    found: dict[str, str] = {}
    for _, _, names, people, in_chinese in _by_hand():
        for name in _parts(in_chinese):
            found.setdefault(name, (_parts(names) or _parts(people))[0])
    for name, _, _, in_chinese in _cities():
        for one in _parts(in_chinese):
            found.setdefault(one, name)
    return found


def _lies_in(told: Place, asked: Place) -> bool:
    if not told.countries or asked.kind == "city":
        return False
    inside = [code in asked.countries or code[:2] in asked.countries for code in told.countries]
    if asked.kind == "region" and len(asked.countries) == 1:  # "Bavaria": Munich can lie there, Germany doesn't
        return told.kind == "city" and any(inside)
    return all(inside) if told.kind == "region" else any(inside)


def _match(text: str, words: Sequence[tuple[int, int]], first: int, rest: tuple[str, ...]) -> int | None:
    """The number of the last word of a name that starts at word ``first`` and goes on with ``rest``."""
    for last, word in enumerate(rest, first + 1):
        if last >= len(words):
            return None
        (start, end), (before, gap) = words[last], words[last - 1]
        between = _AFTER_ST if text[before:gap].lower() == "st" else _GAP
        if not between.fullmatch(text, gap, start) or _bare(fold(text[start:end])) != word:
            return None
    return first + len(rest)


def _misspelled(
    text: str, words: Sequence[tuple[int, int]], at: int, folded: str
) -> Sequence[tuple[tuple[str, ...], _Entry]]:
    """The country or region that a word within a slip of the keys means ("delegations from Hunagry")."""
    if len(folded) < _LONG or folded in common() or not _INTRODUCED.search(text, 0, words[at][0]):
        return ()
    if at + 1 < len(words) and text[words[at + 1][0]].isupper() and not text.isupper():
        return ()  # "from Angela Smith"
    if districts.mentions(folded):
        return ()  # "Haidian" is near "Haitian"
    near = process.extractOne(folded, _well_known(), scorer=OSA.distance, score_cutoff=1)
    return _names()[near[0]] if near else ()


def _as_written(text: str, start: int, end: int, entry: _Entry, capital: bool) -> bool:
    """Whether capitals stand where this name needs them."""
    if capital:
        return not entry.capitals or text[start:end].isupper()
    if fold(text[start:end]).replace(".", "") in _ALSO_WORDS:
        return entry.kind == "country" and bool(_FROM.search(text, 0, start))
    return entry.known


def _is_person(text: str, words: Sequence[tuple[int, int]], last: int, place: Place) -> bool:
    if _TITLE.search(text, max(place.start - 12, 0), place.start):
        return True
    if last + 1 == len(words) or fold(place.words) not in _GIVEN_NAMES:
        return False
    start, end = words[last + 1]
    return text[place.end : start] == " " and text[start].isupper() and fold(text[start:end]) not in common()


def _bare(word: str) -> str:
    """Without dots and the possessive: "u.s." and "hungary's"."""
    return word.replace(".", "").removesuffix("'s")


@functools.cache
def _well_known() -> tuple[str, ...]:
    """The countries and regions of one long word."""
    return tuple(
        word
        for word, names in _names().items()
        if len(word) >= _LONG and any(not rest and entry.kind in ("country", "region") for rest, entry in names)
    )


@functools.cache
def _names() -> Names:
    """Every name by its first word, the longest first."""
    entries: dict[tuple[str, ...], _Entry] = {}

    def add(name: str, entry: _Entry) -> None:
        words = tuple(_bare(word) for word in _WORD.findall(fold(name)))
        entries.setdefault(words, entry)

    for kind, codes, names, people, _ in _by_hand():
        peoples = [form for word in _parts(people) for form in (word, *_plural(word))]
        key = (_parts(names) or peoples)[0]
        for name in (*_parts(names), *peoples):
            # Names whose kind nothing else can be: checked by the tests.
            add(name, _Entry(key, kind, frozenset(codes.split()), _is_initials(name), True))  # type: ignore[arg-type]
    for name, codes, size, _ in _cities():
        add(name, _Entry(name, "city", frozenset(codes.split()), False, int(size) >= _FEWEST))
    found: Names = {}
    for (first, *rest), entry in entries.items():
        found.setdefault(first, []).append((tuple(rest), entry))
    for starting in found.values():
        starting.sort(key=lambda one: len(one[0]), reverse=True)
    return found


def _by_hand() -> list[list[str]]:
    return _rows("places.txt", 5)


def _cities() -> list[list[str]]:
    return _rows("cities.txt", 4)


def _rows(name: str, fields: int) -> list[list[str]]:
    lines = (line for line in data(name).splitlines() if not line.startswith("#"))
    return [[field.strip() for field in f"{line}{'|' * fields}".split("|", fields)][:fields] for line in lines]


def _parts(field: str) -> list[str]:
    return [part.strip() for part in field.split(",") if part.strip()]


def _is_initials(name: str) -> bool:
    return name.replace(".", "").isupper()


def _plural(people: str) -> tuple[str, ...]:
    """ "Kenyans", but no "Chineses"."""
    return () if people.endswith(("s", "sh", "ch", "ese", "men", "man")) and people != "Czech" else (f"{people}s",)
