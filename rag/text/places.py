"""The countries, regions and cities that a text names, and whether one place supports another.

China and Beijing are left out: every bulletin is about them, so that they tell no passage from another.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.models import Located, Span
from rag.text.wordlists import common_words, fold, read_data, word_set

PlaceKind = Literal["country", "region", "city"]


@dataclass(frozen=True, slots=True)
class Place(Span):
    """A place that a text names; ``written`` is the text's spelling, ``key`` the name to call it by.

    ``countries`` are ISO 3166-1 codes: a region's members, or where a city of that name lies (several where its name
    leaves that open); "US-CA" lies in "US".
    """

    written: str
    kind: PlaceKind
    countries: frozenset[str]
    key: str


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    kind: PlaceKind | Literal["none"]
    countries: frozenset[str]
    capitals: bool  # "UAE": read only as written
    known: bool  # well-known enough to be recognised in small letters


_Name = tuple[tuple[str, ...], _Entry]  # the words after the first, and what they name
_Names = dict[str, list[_Name]]

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
_GAP = re.compile(r"\s{1,3}|\s?[-‐‑–]\s?")
_AFTER_ST = re.compile(r"\.?\s{0,3}")
_TITLE = re.compile(r"(?i)\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Madam)\.?\s+$")
_FROM = re.compile(r"(?i)\bfrom\s+$")
# In small letters these are other words; "from turkey" names the country all the same.
_ALSO_WORDS = word_set("""
    chad cis dc derby gent georgia guinea java jersey jordan kiwis lao madras male mecca muscat natal oxford perm poles
    polish rio turkey us wellington
""")
# Followed by a surname, these are persons: "Jordan Smith".
_GIVEN_NAMES = word_set("""
    adelaide aurora austin carolina chad charlotte chelsea cyprus dakota dallas florence georgia ireland israel jackson
    jordan kenya leon lincoln lorena london lourdes madison marina nantes odessa paris rio santiago savannah sofia
    sydney valencia victoria vienna virginia
""")
_INTRODUCED = re.compile(
    r"(?i)\b(?:from|in|of|to|the|with|which|what|any|an?|and|all|between|by|for|visit|visited)\s+$"
)
_MAX_BEFORE_CHARS = 20  # before a name, in which the word that introduces it stands
_MIN_MISSPELT_LETTERS = 5  # of a name that is recognised although it is misspelt
_MIN_POPULATION = 100  # thousands of people of a city that is recognised in small letters too


def places(text: str) -> tuple[Place, ...]:
    """The places that a bulletin's text names with a capital letter, in order.

    Of two names at one place the longer counts ("Papua New Guinea").
    """
    return _scan(text, None)


def places_in_question(text: str, districts: Sequence[Located]) -> tuple[Place, ...]:
    """The places that a question names, in order.

    Well-known ones need no capital letter, unless they are common words too ("turkey"), and a country may be misspelt.
    ``districts`` are the stretches that name districts, since "Haidian" is near "Haitian".
    """
    return _scan(text, districts)


def _scan(text: str, districts: Sequence[Located] | None) -> tuple[Place, ...]:
    """``districts`` are those of a question, None for a bulletin's text."""
    question = districts is not None
    names = _names()
    shouted = question and text.upper() == text
    matches: list[Place] = []
    words = [match.span() for match in _WORD.finditer(text)]
    number = 0
    while number < len(words):
        start, end = words[number]
        number += 1
        capital = text[start].isupper() and not shouted
        if not (capital or question):
            continue
        folded = _normalised(fold(text[start:end]))
        named: Sequence[_Name] = names.get(folded, ())
        if not named and districts is not None and not any(map(Span(start, end).overlaps, districts)):
            named = _misspelled(text, words, number - 1, folded)
        for rest, entry in named:
            last = _match(text, words, number - 1, rest)
            if last is None or not _as_written(text, start, words[last][1], entry, capital):
                continue
            end = words[last][1]
            if text[end - 2 : end] in ("'s", "’s", "'S", "’S"):
                end -= 2
            if entry.kind != "none":
                place = Place(start, end, text[start:end], entry.kind, entry.countries, entry.key)
                matches += [] if _is_person(text, words, last, place) else [place]
            number = last + 1
            break
    return tuple(matches)


def supports_place(passage: Sequence[Place], asked: Place) -> bool:
    """Whether the places that a passage names support one that a question names.

    A country is supported by itself, its people, its regions and its cities; a region of several countries by any of
    them; a city by its name alone.
    """
    return any(place.key == asked.key or _lies_in(place, asked) for place in passage)


def chinese_names() -> dict[str, str]:
    """The English name of a place by each of its Chinese names; those written by hand take precedence."""
    english: dict[str, str] = {}
    for _, _, names, people, chinese in _rows("places.txt", 5):
        for name in _parts(chinese):
            english.setdefault(name, (_parts(names) or _parts(people))[0])
    for city, _, _, chinese in _rows("cities.txt", 4):
        for name in _parts(chinese):
            english.setdefault(name, city)
    return english


def _lies_in(place: Place, asked: Place) -> bool:
    if not place.countries or asked.kind == "city":
        return False
    inside = [code in asked.countries or code[:2] in asked.countries for code in place.countries]
    if asked.kind == "region" and len(asked.countries) == 1:  # "Bavaria": Munich can lie there, Germany doesn't
        return place.kind == "city" and any(inside)
    return all(inside) if place.kind == "region" else any(inside)


def _match(text: str, words: Sequence[tuple[int, int]], first: int, rest: tuple[str, ...]) -> int | None:
    """The number of the last word of a name that starts at word ``first`` and goes on with ``rest``."""
    for last, word in enumerate(rest, first + 1):
        if last >= len(words):
            return None
        (start, end), (before, gap) = words[last], words[last - 1]
        between = _AFTER_ST if text[before:gap].lower() == "st" else _GAP
        if not between.fullmatch(text, gap, start) or _normalised(fold(text[start:end])) != word:
            return None
    return first + len(rest)


def _misspelled(text: str, words: Sequence[tuple[int, int]], at: int, folded: str) -> Sequence[_Name]:
    """The country or region that a word misspelt by one letter means ("delegations from Hunagry")."""
    if (
        len(folded) < _MIN_MISSPELT_LETTERS
        or folded in common_words()
        or not _INTRODUCED.search(text, max(words[at][0] - _MAX_BEFORE_CHARS, 0), words[at][0])
    ):
        return ()
    if at + 1 < len(words) and text[words[at + 1][0]].isupper() and not text.isupper():
        return ()  # "from Angela Smith"
    near = process.extractOne(folded, _well_known(), scorer=OSA.distance, score_cutoff=1)
    return _names()[near[0]] if near else ()


def _as_written(text: str, start: int, end: int, entry: _Entry, capital: bool) -> bool:
    """Whether the name is written with the capitals that it needs."""
    if capital:
        return not entry.capitals or text[start:end].isupper()
    if fold(text[start:end]).replace(".", "") in _ALSO_WORDS:
        return entry.kind == "country" and bool(_FROM.search(text, max(start - _MAX_BEFORE_CHARS, 0), start))
    return entry.known


def _is_person(text: str, words: Sequence[tuple[int, int]], last: int, place: Place) -> bool:
    if _TITLE.search(text, max(place.start - 12, 0), place.start):
        return True
    if last + 1 == len(words) or fold(place.written) not in _GIVEN_NAMES:
        return False
    start, end = words[last + 1]
    return text[place.end : start] == " " and text[start].isupper() and fold(text[start:end]) not in common_words()


def _normalised(word: str) -> str:
    """The word without dots and possessive: "us" for "u.s.", "hungary" for "hungary's"."""
    return word.replace(".", "").removesuffix("'s")


@functools.cache
def _well_known() -> tuple[str, ...]:
    """The countries and regions whose name is one word, long enough to be recognised when misspelt."""
    return tuple(
        word
        for word, names in _names().items()
        if len(word) >= _MIN_MISSPELT_LETTERS
        and any(not rest and entry.kind in ("country", "region") for rest, entry in names)
    )


@functools.cache
def _names() -> _Names:
    """Every name by its first word: the words after it and what it names, the longest name first."""
    entries: dict[tuple[str, ...], _Entry] = {}

    def add(name: str, entry: _Entry) -> None:
        words = tuple(_normalised(word) for word in _WORD.findall(fold(name)))
        entries.setdefault(words, entry)

    for kind, codes, names, people, _ in _rows("places.txt", 5):
        peoples = [form for word in _parts(people) for form in (word, *_plural(word))]
        key = (_parts(names) or peoples)[0]
        for name in (*_parts(names), *peoples):
            # Names whose kind nothing else can be: checked by the tests.
            add(name, _Entry(key, kind, frozenset(codes.split()), name.replace(".", "").isupper(), True))  # type: ignore[arg-type]
    for name, codes, size, _ in _rows("cities.txt", 4):
        add(name, _Entry(name, "city", frozenset(codes.split()), False, int(size) >= _MIN_POPULATION))
    by_first_word: _Names = {}
    for (first, *rest), entry in entries.items():
        by_first_word.setdefault(first, []).append((tuple(rest), entry))
    for names_of_word in by_first_word.values():
        names_of_word.sort(key=lambda name: len(name[0]), reverse=True)
    return by_first_word


def _rows(name: str, fields: int) -> list[list[str]]:
    lines = (line for line in read_data(name).splitlines() if not line.startswith("#"))
    return [[field.strip() for field in f"{line}{'|' * fields}".split("|", fields)][:fields] for line in lines]


def _parts(field: str) -> list[str]:
    return [part.strip() for part in field.split(",") if part.strip()]


def _plural(people: str) -> tuple[str, ...]:
    """The plural of a people: "Kenyans", but no "Chineses"."""
    return () if people.endswith(("s", "sh", "ch", "ese", "men", "man")) and people != "Czech" else (f"{people}s",)
