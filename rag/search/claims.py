"""What a question names (a country, a person, a title of office, a number) has to stand where its answer is quoted."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from rag.library.reader import Library
from rag.models import Query
from rag.query.entities import Name, named
from rag.search.entity_support import borne_out
from rag.text.analyzer import terms
from rag.text.places import Place, bears, places

# A misread name would make a false no.  These kinds are read with certainty, or settle what is asked.
_BINDING = frozenset(("organisation", "person", "role", "acronym", "number", "place", "thing"))


# Who tells the desk to write, or asks how to forge, is answered only where a bulletin tells of writing or forging: an
# instruction is words to search for like any others.
_DEED = re.compile(
    r"(?:^|[.!?;:,]|\b(?:and|then|please|you|to|me|i|we|one)\b)\s*"
    r"(?P<deed>write|invent|make up|fabricate|forge|fake|falsify|counterfeit|compose|draft|pretend|imagine|ignore"
    r"|disregard|forget|hack|bribe|smuggle|cheat)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claims:
    """What has to be borne out; districts and periods are filters and not among it."""

    places: tuple[Place, ...] = ()
    names: tuple[Name, ...] = ()
    deeds: tuple[Name, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.places or self.names or self.deeds)


@dataclass(frozen=True, slots=True)
class Missing:
    """What a passage doesn't bear out; ``instead`` are the countries that it does name."""

    places: tuple[Place, ...]
    names: tuple[Name, ...]
    instead: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.places) + len(self.names)

    @property
    def words(self) -> tuple[str, ...]:
        """In the question's words."""
        return (*(place.words for place in self.places), *(name.words for name in self.names))


def claims(understood: Query) -> Claims:
    """What the question names; a follow-up's own places and names stand in for an earlier question's.

    Who asks how to do something names their own case ("from Kenya, how do I …"), which a passage need not tell.
    """
    own = understood.words[understood.own :]
    before = understood.words[: understood.own]
    asked, told = places(own, question=True), named(own)
    asked = asked or places(before, question=True)
    deeds = tuple(Name(m.start("deed"), m.end("deed"), "thing", m["deed"]) for m in _DEED.finditer(own))
    names = tuple(name for name in (*told, *(named(before) if not told else ())) if name.kind in _BINDING)
    if understood.kind == "howto":
        return Claims((), tuple(name for name in names if name.kind != "number"), deeds)
    return Claims(asked, names, deeds)


@functools.lru_cache(maxsize=4096)
def _places(told: str) -> tuple[Place, ...]:
    """A passage is looked through once for many questions."""
    return places(told)


def missing(asked: Claims, library: Library, number: int) -> Missing:
    """What the passage with this number, its heading, its bulletin's title, source and date leave unsaid."""
    passage = library.passages[number]
    bulletin = library.by_name[passage.bulletin]
    parts = (
        passage.context,
        bulletin.title or "",
        bulletin.source or "",
        str(bulletin.date or ""),
        library.words(passage.bulletin)[passage.start : passage.end],
    )
    told = "\n".join(parts)
    named_there = _places(told) if asked.places else ()
    held = set(terms(told)) if asked.deeds else set()
    return Missing(
        tuple(place for place in asked.places if not bears(place, named_there)),
        (
            *(name for name in asked.names if not borne_out(name, told)),
            # To the letter: "in force" bears no forgery out.
            *(deed for deed in asked.deeds if not held.issuperset(terms(deed.words))),
        ),
        tuple(dict.fromkeys(place.key for place in named_there if place.kind != "city")),
    )
