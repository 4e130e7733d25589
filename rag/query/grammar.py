"""The English grammar that questions need: closed word classes, plurals, the head of a noun phrase."""

from __future__ import annotations

import re

from rag.text.tenses import is_past
from rag.text.wordlists import word_set

AUXILIARIES = word_set("""
    am is are was were be been being do does did has have had can could will would shall should may might must isn't
    aren't wasn't weren't don't doesn't didn't hasn't haven't can't won't
""")
PREPOSITIONS = word_set("""
    in on at of for from to with by about during since between among through after before under over into within near
    via as against without behind per towards across along around beside besides outside inside concerning regarding
    involving including than until till
""")
DETERMINERS = word_set(
    "the a an this that these those its their his her our my your some any every each no another such both all"
)
QUESTION_WORDS = word_set("what which who whom whose where when why how")
PRONOUNS = word_set("""
    i me we us you he him she her it they them one someone somebody anyone anybody everyone everybody there here
    who whom whose which what where when why how that
""")
CONJUNCTIONS = word_set("and or but so if because while whether nor then also not yet too please")
FUNCTION_WORDS = AUXILIARIES | PREPOSITIONS | DETERMINERS | PRONOUNS | CONJUNCTIONS

_IRREGULAR = word_set("people children men women staff police media ppl geese feet teeth alumni criteria")
_NO_PLURAL = word_set("""
    abroad news always perhaps its his this does was has less across towards besides sometimes overseas plus bus gas
    lens series means physics politics economics athletics gymnastics mathematics glass class pass christmas yes us
    upwards afterwards indoors outdoors upstairs downstairs headquarters apropos bias canvas atlas
""")
_ATTRIBUTES = word_set("sports goods arts customs savings games affairs sciences crafts languages awards")
WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_CLAUSE_END = re.compile(r"[;:.?!()\u2013\u2014]")


def words_of(text: str) -> list[str]:
    """The words in lower case; "mountaineer's" is one."""
    return [match[0].lower() for match in WORD.finditer(text)]


def is_plural(word: str) -> bool:
    """Whether the lower-case word looks like a plural noun."""
    if word in _IRREGULAR or word.endswith(("men", "people", "children")):
        return word not in ("specimen", "omen", "regimen", "amen", "abdomen", "acumen")
    return (
        len(word) > 3
        and word.endswith("s")
        and not word.endswith(("ss", "us", "is", "'s", "\u2019s"))
        and word not in _NO_PLURAL
        and word not in FUNCTION_WORDS
    )


def head_noun(phrase: str) -> str | None:
    """The head noun of the phrase that the text begins with, in lower case; None where it begins with no noun.

    Of "fire safety activities involved schools" it is "activities".
    """
    nouns: list[str] = []
    for part in re.split(r",\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+", _CLAUSE_END.split(phrase)[0]):
        words = words_of(part)
        taken = _nouns(words)
        nouns = taken or nouns
        if len(taken) < len(words):
            break
    for number, noun in enumerate(nouns):
        if is_plural(noun) and not (noun in _ATTRIBUTES and number < len(nouns) - 1):
            # "company sells trains": a singular before it and more nouns after it make it a verb.
            return nouns[number - 1] if 0 < number < len(nouns) - 1 else noun
    return nouns[-1] if nouns else None


def _nouns(words: list[str]) -> list[str]:
    """The words up to the first that ends a noun phrase: an auxiliary, a preposition, a past tense, "the"."""
    taken: list[str] = []
    for word in words:
        if word in DETERMINERS and not taken:
            continue
        if word in FUNCTION_WORDS or (taken and is_past(word)):
            break
        taken.append(word)
    return taken
