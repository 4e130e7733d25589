"""Whether what a question names stands in the words of a passage, allowing for spelling, word forms and initials."""

from __future__ import annotations

import functools
import re

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.query.entities import Name
from rag.text.analyzer import terms
from rag.text.entity_nouns import EVENTS, ORGANISATIONS, SPOTS
from rag.text.numbers import numbers
from rag.text.offices import tells
from rag.text.wordlists import common, data, fold

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# Never what makes a name one: "the Museum of the City of London Company" is London's.
_JOINING = frozenset("of the and & a an for in on at to by de da do di del la le du des al el von van bin y".split())
_KINDS = (
    ORGANISATIONS | SPOTS | EVENTS | frozenset("beijing china chinese district districts co inc mr mrs ms dr".split())
)
# How the last syllable of a Chinese place's name is often rendered: "Lugouqiao", "Lugou Bridge".
_RENDERED = {
    "qiao": ("bridge",), "jie": ("street",), "lu": ("road",), "cun": ("village",), "zhen": ("town",), "hu": ("lake",),
    "shan": ("hill", "hills", "mountain"), "si": ("temple",), "men": ("gate",), "he": ("river",), "gu": ("valley",),
}  # fmt: skip
_SHORT, _LONG = 4, 8  # letters of a word in which one slip of the keys is forgiven, and two


def borne_out(name: Name, told: str) -> bool:
    """Whether the words told bear out the name: a passage's own with its heading, its title and its date.

    A number may be written otherwise (1,260 and 1260, three and 3), a title of office by its synonym, an organisation
    by its initials, and any name with a slip of spelling.  What only says its kind ("Museum") may be missing.
    """
    if name.kind == "role":
        return tells(name.words, told)
    if name.kind in ("number", "year"):
        return bool({number.value for number in numbers(name.words)} & _numbers(told))
    words = [fold(word).removesuffix("'s") for word in _WORD.findall(name.words)]
    if any(_called(other, told) for other in _also_called().get(_squashed(name.words), ())):
        return True
    if any(character.isdigit() for character in name.words):
        return _with_figures(words, told)
    if len(words) == 1 and _initials_of(words[0], told):
        return True
    if name.kind == "acronym" and words[0] in common():  # "WHO" is not told by "who"
        return re.search(rf"\b{re.escape(name.words)}\b", told.replace(".", "")) is not None
    return _words_told(words, told) or _initialled(words, told)


def _words_told(words: list[str], told: str) -> bool:
    words = [word for word in words if word not in _JOINING] or words
    own = [word for word in words if word not in _KINDS]
    if len(own) < 2 and all(word in common() for word in own):
        own = words  # "Ice Festival": the one word alone says too little
    missing = sum(not _word_told(word, told) for word in own)
    squashed = _squashed(" ".join(own))
    if not missing or (len(squashed) > _SHORT and squashed in _squashed(told)):
        return True
    # Ordinary words with capitals may be no name at all ("Cultural Exchange").
    loose = all(word in common() and word not in _KINDS for word in words)
    return loose and 2 * missing <= len(own)


def _word_told(word: str, told: str) -> bool:
    if not set(terms(word)).isdisjoint(_terms(told)):
        return True
    if len(word) < _SHORT or word in common():  # another ordinary word is no slip of spelling
        return False
    slips = 1 if len(word) < _LONG else 2
    near = process.extract(word, _long_words(told), scorer=OSA.distance, score_cutoff=slips)
    if any(len(word) > _SHORT or found not in common() for found, _, _ in near):
        return True
    return any(
        word.removesuffix(syllable) + noun in _squashed(told)
        for syllable, nouns in _RENDERED.items()
        if word.endswith(syllable)
        for noun in nouns
    )


def _with_figures(words: list[str], told: str) -> bool:
    """ "Line 10": word and number stand side by side; "No. 80": the number stands there; "T3": as it is."""
    if words[0] in ("no", "number"):
        return bool({number.value for number in numbers(words[-1])} & _numbers(told))
    figures = r"[\W_]*".join(re.escape(word) for word in words)
    return re.search(rf"(?<!\w){figures}(?!\w)", fold(told)) is not None or (
        len(words) == 2 and words[1].isdigit() and _in_words(words[0], int(words[1]), told)
    )


def _in_words(word: str, value: int, told: str) -> bool:
    """ "Line Ten"."""
    return any(number.value == value and fold(told[: number.start]).rstrip().endswith(word) for number in numbers(told))


def _initials_of(acronym: str, told: str) -> bool:
    """Whether the letters are the initials of words that follow each other ("World Health Organization")."""
    letters = acronym.replace(".", "")
    if not 2 <= len(letters) <= 7:
        return False
    capitals, small = _initials(told)
    return any(letters in initials for initials in capitals) or (
        len(letters) > 2 and any(letters in initials for initials in small)
    )


def _initialled(words: list[str], told: str) -> bool:
    """Whether the initials of the words stand there as a word ("WHO")."""
    initials = ("".join(word[0] for word in words), "".join(word[0] for word in words if word not in _JOINING))
    return any(len(one) > 2 and re.search(rf"\b{one.upper()}s?\b", told.replace(".", "")) for one in initials)


def _called(name: str, told: str) -> bool:
    """Whether the name stands there; one of a single word as it is written ("Games", "CIIE")."""
    if " " in name:
        return _squashed(name) in _squashed(told)
    return re.search(rf"\b{re.escape(name)}\b", told) is not None


@functools.cache
def _also_called() -> dict[str, tuple[str, ...]]:
    """Names that mean the same, by each of them without spaces."""
    groups = [line.split(" | ") for line in data("also_called.txt").splitlines() if not line.startswith("#")]
    return {_squashed(name): tuple(group) for group in groups for name in group}


@functools.lru_cache(maxsize=1024)
def _terms(told: str) -> frozenset[str]:
    return frozenset(terms(told))


@functools.lru_cache(maxsize=1024)
def _long_words(told: str) -> tuple[str, ...]:
    return tuple({word for word in _WORD.findall(fold(told)) if len(word) >= _SHORT})


@functools.lru_cache(maxsize=1024)
def _squashed(text: str) -> str:
    """Letters and figures alone, so that "Gao Bei Dian" is "Gaobeidian"."""
    return "".join(character for character in fold(text) if character.isalnum())


@functools.lru_cache(maxsize=1024)
def _numbers(told: str) -> frozenset[float]:
    """The numbers told; those of a date ("2024-09-20") too."""
    parts = {float(part) for part in re.findall(r"(?<![\d.,])\d+(?![.,]?\d)", told)}
    return frozenset(parts | {number.value for number in numbers(told)})


@functools.lru_cache(maxsize=1024)
def _initials(told: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The initials of each stretch of words with capitals, with the small joining words and without; and of each
    stretch of any words ("the central business district" bears "CBD" out)."""
    joining = "|".join(sorted(_JOINING - {"&"}))
    named = rf"[^\W\d_][\w'’]*(?:[\s-]+(?:(?:{joining})\b[\s-]+)*[A-Z][\w'’]*)+"
    words = [_WORD.findall(stretch) for stretch in re.findall(named, told)]
    kept = [[word for word in stretch if word not in _JOINING] for stretch in words]
    plain = [_WORD.findall(stretch) for stretch in re.findall(r"[^\W\d_]+(?:[ -][^\W\d_]+){2,}", told)]

    def initials(stretches: list[list[str]]) -> tuple[str, ...]:
        return tuple("".join(word[0] for word in stretch).lower() for stretch in stretches)

    return initials([*words, *kept]), initials(plain)
