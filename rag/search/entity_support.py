"""Whether a passage supports what a question names, allowing for spelling, word forms and initials."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.budget import step
from rag.library.reader import Library
from rag.query.glossary import to_english
from rag.query.models import Entity, QueryEntities
from rag.search.config import (
    MAX_ACRONYM,
    MIN_ACRONYM,
    MIN_LETTERS_ONE_WRONG,
    MIN_LETTERS_TWO_WRONG,
    MIN_LOOSE_ACRONYM,
)
from rag.text.analyzer import terms
from rag.text.cjk import has_chinese, is_chinese
from rag.text.numbers import numbers
from rag.text.offices import states_office
from rag.text.places import Place, places, supports_place
from rag.text.wordlists import EVENTS, ORGANISATIONS, SPOTS, common_words, fold, read_data

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# These words never tell a name from another: "the Museum of the City of London Company" is London's.
_JOINING = frozenset("of the and & a an for in on at to by de da do di del la le du des al el von van bin y".split())
_MAX_GAP_CHARS = 20  # of white space, and of letters that folding makes fewer of
_KINDS = (
    ORGANISATIONS | SPOTS | EVENTS | frozenset("beijing china chinese district districts co inc mr mrs ms dr".split())
)
# A stretch of words with capitals and the small ones that join them; and one of any words.
_NAMED = re.compile(
    rf"[^\W\d_][\w'’]{{0,60}}+(?:[\s-]++(?:(?:{'|'.join(sorted(_JOINING - {'&'}))})\b[\s-]++){{0,9}}+[A-Z][\w'’]*+)++"
)
_STRETCH = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:[ -][^\W\d_]++){2,}+")
# How the last syllable of a Chinese place's name is often rendered: "Lugouqiao", "Lugou Bridge".
_RENDERED = {
    "qiao": ("bridge",), "jie": ("street",), "lu": ("road",), "cun": ("village",), "zhen": ("town",), "hu": ("lake",),
    "shan": ("hill", "hills", "mountain"), "si": ("temple",), "men": ("gate",), "he": ("river",), "gu": ("valley",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unsupported:
    """What a question names that a passage doesn't support; ``instead`` are the countries that the passage names."""

    places: tuple[Place, ...]
    names: tuple[Entity, ...]
    instead: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.places) + len(self.names)

    @property
    def written(self) -> tuple[str, ...]:
        """What is not supported, as the question writes it."""
        return (*(place.written for place in self.places), *(name.written for name in self.names))


def missing_entities(entities: QueryEntities, library: Library, number: int) -> Unsupported:
    """What the passage with this number doesn't support, with its heading, its bulletin's title, source and date."""
    passage = library.passages[number]
    bulletin = library.by_name[passage.bulletin]
    words = library.cached_text(passage.bulletin)[passage.start : passage.end]
    text = "\n".join((passage.context, bulletin.title or "", bulletin.source or "", str(bulletin.date or ""), words))
    if is_chinese(words):
        text = f"{text}\n{_to_english(text)}"
    text_places = _places(text) if entities.places else ()
    return Unsupported(
        tuple(place for place in entities.places if not supports_place(text_places, place)),
        (
            *(name for name in entities.names if not supports(text, name)),
            # To the letter: "in force" supports no forgery.
            *(action for action in entities.actions if not _terms(text).issuperset(terms(action.written))),
        ),
        tuple(dict.fromkeys(place.key for place in text_places if place.kind != "city")),
    )


def supports(text: str, entity: Entity) -> bool:
    """Whether a text (a passage's words, its heading, its title and its date) names the entity.

    A number may be written otherwise (1,260 and 1260, three and 3), a title of office by its synonym, an organisation
    by its initials, and any name with a misspelling.  What only says the kind of a name ("Museum") may be missing.  A
    name in Chinese is looked for in Chinese texts alone.
    """
    step()
    if has_chinese(entity.written):  # its English name isn't known
        return fold(entity.written) in fold(text) or not has_chinese(text)
    if entity.kind == "office":
        return states_office(text, entity.written)
    if entity.kind in ("number", "year"):
        return bool({number.value for number in numbers(entity.written)} & _numbers(text))
    words = [fold(word).removesuffix("'s") for word in _WORD.findall(entity.written)]
    if any(_is_called(alias, text) for alias in _aliases().get(_letters(entity.written), ())):
        return True
    if any(character.isdigit() for character in entity.written):
        return _has_figures(words, text)
    if len(words) == 1 and _expands(words[0], text):
        return True
    if entity.kind == "acronym" and words[0] in common_words():  # "WHO" is not named by "who"
        return re.search(rf"\b{re.escape(entity.written)}\b", text.replace(".", "")) is not None
    return _has_words(words, text) or _has_initials(words, text)


def _has_words(words: list[str], text: str) -> bool:
    words = [word for word in words if word not in _JOINING] or words
    telling = [word for word in words if word not in _KINDS]
    if len(telling) < 2 and all(word in common_words() for word in telling):
        telling = words  # "Ice Festival": one word alone says too little
    missing = sum(not _has_word(word, text) for word in telling)
    letters = _letters(" ".join(telling))
    if not missing or (len(letters) > MIN_LETTERS_ONE_WRONG and letters in _letters(text)):
        return True
    # Ordinary words with capitals may be no name at all ("Cultural Exchange").
    loose = all(word in common_words() and word not in _KINDS for word in words)
    return loose and 2 * missing <= len(telling)


def _has_word(word: str, text: str) -> bool:
    if not set(terms(word)).isdisjoint(_terms(text)):
        return True
    # Another ordinary word is no misspelling.
    if len(word) < MIN_LETTERS_ONE_WRONG or word in common_words():
        return False
    max_wrong = 1 if len(word) < MIN_LETTERS_TWO_WRONG else 2
    near = process.extract(word, _long_words(text), scorer=OSA.distance, score_cutoff=max_wrong)
    if any(len(word) > MIN_LETTERS_ONE_WRONG or similar not in common_words() for similar, _, _ in near):
        return True
    return any(
        word.removesuffix(syllable) + noun in _letters(text)
        for syllable, nouns in _RENDERED.items()
        if word.endswith(syllable)
        for noun in nouns
    )


def _has_figures(words: list[str], text: str) -> bool:
    """Whether the text has "Line 10" (word and number side by side), "No. 80" (the number), or "T3" (as it is)."""
    if words[0] in ("no", "number"):
        return bool({number.value for number in numbers(words[-1])} & _numbers(text))
    figures = r"[\W_]*".join(re.escape(word) for word in words)
    if re.search(rf"(?<!\w){figures}(?!\w)", fold(text)):
        return True
    if len(words) != 2 or not words[1].isdigit():
        return False
    spelled_out = [number for number in numbers(text) if number.value == int(words[1])]  # "Line Ten"
    before = [text[max(number.start - len(words[0]) - _MAX_GAP_CHARS, 0) : number.start] for number in spelled_out]
    return any(fold(opening).rstrip().endswith(words[0]) for opening in before)


def _expands(acronym: str, text: str) -> bool:
    """Whether the letters are the initials of words that follow each other ("World Health Organization")."""
    letters = acronym.replace(".", "")
    if not MIN_ACRONYM <= len(letters) <= MAX_ACRONYM:
        return False
    capitals, small = _initials(text)
    return any(letters in initials for initials in capitals) or (
        len(letters) >= MIN_LOOSE_ACRONYM and any(letters in initials for initials in small)
    )


def _has_initials(words: list[str], text: str) -> bool:
    """Whether the initials of the words stand there as a word ("WHO")."""
    initials = ("".join(word[0] for word in words), "".join(word[0] for word in words if word not in _JOINING))
    return any(
        len(acronym) >= MIN_LOOSE_ACRONYM and re.search(rf"\b{acronym.upper()}s?\b", text.replace(".", ""))
        for acronym in initials
    )


def _is_called(name: str, text: str) -> bool:
    """Whether the name stands there; one of a single word as it is written ("Games", "CIIE")."""
    if " " in name:
        return _letters(name) in _letters(text)
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


# A passage is looked through once for many questions.
_places = functools.lru_cache(maxsize=4096)(places)
_to_english = functools.lru_cache(maxsize=4096)(to_english)


@functools.cache
def _aliases() -> dict[str, tuple[str, ...]]:
    """Names that mean the same, by each of them without spaces."""
    groups = [line.split(" | ") for line in read_data("also_called.txt").splitlines() if not line.startswith("#")]
    return {_letters(name): tuple(group) for group in groups for name in group}


@functools.lru_cache(maxsize=1024)
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))


@functools.lru_cache(maxsize=1024)
def _long_words(text: str) -> tuple[str, ...]:
    return tuple({word for word in _WORD.findall(fold(text)) if len(word) >= MIN_LETTERS_ONE_WRONG})


@functools.lru_cache(maxsize=1024)
def _letters(text: str) -> str:
    """Letters and figures alone, so that "Gao Bei Dian" is "Gaobeidian"."""
    return "".join(character for character in fold(text) if character.isalnum())


@functools.lru_cache(maxsize=1024)
def _numbers(text: str) -> frozenset[float]:
    """The values of the numbers that the text states, those of a date ("2024-09-20") included."""
    parts = {float(part) for part in re.findall(r"(?<![\d.,])\d+(?![.,]?\d)", text)}
    return frozenset(parts | {number.value for number in numbers(text)})


@functools.lru_cache(maxsize=1024)
def _initials(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The initials of each stretch of words with capitals, with the small joining words and without; and of each
    stretch of any words ("the central business district" supports "CBD")."""
    words = [_WORD.findall(stretch) for stretch in _NAMED.findall(text)]
    kept = [[word for word in stretch if word not in _JOINING] for stretch in words]
    plain = [_WORD.findall(stretch) for stretch in _STRETCH.findall(text)]

    def initials(stretches: list[list[str]]) -> tuple[str, ...]:
        return tuple("".join(word[0] for word in stretch).lower() for stretch in stretches)

    return initials([*words, *kept]), initials(plain)
