"""What a question is read as: a Query, with what it names, compares and is narrowed to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from rag.text.places import Place

QueryKind = Literal["list", "fact", "district", "date", "latest", "count", "compare", "howto"]
SortOrder = Literal["date-desc", "date-asc", "relevance"]
# The kind of value that answers: a number, an amount of money, a day, a person's name, a place, a phone number, ...
AnswerType = Literal["number", "money", "date", "person", "place", "phone", "web", "duration"]
EntityKind = Literal["person", "organisation", "place", "thing", "acronym", "number", "year", "role"]


@dataclass(frozen=True, slots=True)
class Entity:
    """What a question names at [start:end]: a person, an organisation, a number; ``text`` is spelled as it was typed."""

    start: int
    end: int
    kind: EntityKind
    text: str


@dataclass(frozen=True, slots=True)
class QueryEntities:
    """What a question names beside districts and periods, which are filters.

    ``actions`` are what it tells the desk to do ("write"), or asks how to do against the law ("forge").
    """

    places: tuple[Place, ...] = ()
    names: tuple[Entity, ...] = ()
    actions: tuple[Entity, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.places or self.names or self.actions)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition read from a question, which the asker can take away; ``key`` is what ``without`` names it by
    ("district:Haidian District", "period:2023", "order:latest", "topic:earlier")."""

    key: str
    label: str
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Comparand:
    """One of the things that a question compares: its label and what it alone is searched by."""

    label: str
    words: str
    districts: tuple[str, ...] = ()
    date_from: dt.date | None = None
    date_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What the desk took the question to ask.

    ``words`` are what the encoder reads, from ``own_start`` on the question's, before that an earlier one's; ``topic`` is
    what is left of them without districts, dates and the words of asking (where nothing is left, the question asks for
    whatever there is); ``inherited`` is what came from earlier questions.  ``published`` says that the period means the
    bulletins' own dates alone ("published in 2023"); ``exhaustive`` that all that matches is asked for; ``answer_type`` what kind
    of thing is to be told; ``comparands`` what is compared; ``original`` is
    a question in Chinese as it was typed, where ``words`` are the glossary's.
    """

    kind: QueryKind = "fact"
    words: str = ""
    own_start: int = 0
    topic: str = ""
    districts: tuple[str, ...] = ()
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    sort: SortOrder = "relevance"
    inherited: tuple[str, ...] = ()
    published: bool = False
    exhaustive: bool = False
    answer_type: AnswerType | None = None
    comparands: tuple[Comparand, ...] = ()
    conditions: tuple[Condition, ...] = ()
    original: str = ""
