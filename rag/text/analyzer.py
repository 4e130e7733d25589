"""Analyzer of the lexical index: a text -> terms (English stems, pairs of Chinese characters, numbers)."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from Stemmer import Stemmer

from rag.text.cjk import HAN
from rag.text.wordlists import word_set

# With 々 and 〇, and the supplementary planes: each is searched for in pairs.
_HAN = f"\u3005\u3007{HAN}\U00020000-\U000323af"
_LETTER = rf"[^\W_{_HAN}]"  # or digit
# Inner apostrophes hold a word together (children's, Tong'an), hyphens its parts.
_PART = rf"{_LETTER}+(?:'{_LETTER}+)*"
_TOKEN = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    rf"|(?P<number>(?<!{_LETTER})(?:\d{{1,3}}(?:,\d{{3}}){{1,20}}(?:\.\d+)?|\d+\.\d+)(?![.,]?\d))"
    rf"|(?P<initials>(?<!{_LETTER})(?:[A-Za-z]\.){{2,40}}(?!{_LETTER}))"
    rf"|(?P<word>{_PART}(?:-{_PART})*)"
)
# Applied before NFKC: a Chinese comma separates two numbers, and a soft hyphen or a zero-width space nothing.
_PLAIN = {0x2018: "'", 0x2019: "'", 0x2BC: "'", 0x2010: "-", 0x2011: "-", 0xFF0C: " ", 0xAD: "", 0x200B: ""}
# They don't stand alone: what follows is only found under the joined form (cooperation, co-operation).
_PREFIXES = word_set("anti bi co de inter intra multi non pre re semi sub trans tri ultra un")

STOP_WORDS = word_set("""
    a an the this that these those such
    and or but nor if than as so also too then
    of in on at by for from to into onto with within about between among during through upon
    i me my mine myself we our ours ourselves us you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves
    who whom whose which what when where why how whether there here
    am is are was were be been being do does did doing done have has had having
    can could shall should will would might must
    not no any some all each every both either neither other another many much more most few
    ever just only very please
    i'm i'd i've i'll you're you'd you've it's that's there's what's who's where's when's how's let's
    isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't couldn't won't wouldn't shouldn't
""")
# Written like this they are names.
_NAMES = frozenset({"US", "IT", "WHO"})
# A run of Chinese characters is cut at words of asking: a pair across one would stand in no passage.
_ASKING = re.compile(
    "请问|请告诉我|请列出|有没有|有哪些|有什么|有多少|[做干][了过]?什么|(?:举[办行]|开展|组织|发生|进行)[了过]|在哪[里儿]|是什么|是多少|为什么|哪些|哪里|哪儿|哪个|哪一|什么|怎么样|怎么|怎样|如何|多少"
    "|是否|是谁|谁|吗|呢|(?<!目)的"
)

_stemmer = Stemmer("english")
_stemming = threading.Lock()  # the stemmer keeps its word in a buffer


def terms(text: str) -> list[str]:
    """The terms of a text, in order and as often as they occur.

    A hyphenated word gives its parts and its joined form ("health-care": health, care, healthcare), so that either
    spelling of a question finds it; a Chinese character between others gives the pairs it stands in.
    """
    return [
        term for token, kind in _tokens(text) for term in (_pairs(token) if kind == "han" else _terms_of(token, kind))
    ]


def question_terms(text: str) -> list[str]:
    """The terms of a question without stop words; [] where there are no others.

    A hyphenated word gives its parts alone: its joined form would be one more rare word that a passage lacks.
    """
    result: list[str] = []
    for token, kind in _tokens(text):
        if kind == "han":
            result += (term for run in _ASKING.split(token) for term in _pairs(run))
        elif kind != "word":
            result += _terms_of(token, kind)
        else:
            parts = [part for part in _parts(token) if part in _NAMES or part.casefold() not in STOP_WORDS]
            result += (term for part in parts for term in _terms_of(part, kind))
    return result


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    plain = unicodedata.normalize("NFKC", text.translate(_PLAIN))
    return ((match.group(), match.lastgroup or "") for match in _TOKEN.finditer(plain))


def _pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)] or ([run] if run else [])


@lru_cache(maxsize=1 << 16)
def _terms_of(token: str, kind: str) -> tuple[str, ...]:
    """The terms of a token that isn't Chinese."""
    if kind == "number":
        return (token.replace(",", ""),)
    if kind == "initials":
        return (_term(token.replace(".", "")),)
    parts = _parts(token)
    joined = [_term("".join(parts))] if "-" in token and "".join(parts) not in parts else []
    return (*map(_term, parts), *joined)


def _parts(token: str) -> list[str]:
    """The parts of a hyphenated word, a prefix or a single letter joined to the part after it."""
    parts: list[str] = []
    before = ""
    hyphenated = token.split("-")
    for number, part in enumerate(hyphenated, 1):
        if number < len(hyphenated) and (part.casefold() in _PREFIXES or (len(part) == 1 and part.isalpha())):
            before += part
        else:
            parts.append(before + part)
            before = ""
    return parts


def _term(word: str) -> str:
    folded = word.casefold().removesuffix("'s").replace("'", "")
    if not folded.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
        folded = unicodedata.normalize("NFC", bare)  # "Valparaíso" is asked for as "Valparaiso"
    with _stemming:
        return str(_stemmer.stemWord(folded))
