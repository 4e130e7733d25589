"""What a question is read as: a Query, with what it names, compares and is narrowed to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

from rag.models import Period, Span
from rag.query.absence import Lacking
from rag.text.dates import format_period
from rag.text.places import Place

QueryKind = Literal["list", "fact", "district", "date", "latest", "count", "compare", "howto"]
SortOrder = Literal["date-desc", "date-asc", "relevance"]
# The kind of value that answers: a number, an amount of money, a day, a person's name, a place, a phone number, ...
AnswerType = Literal["number", "money", "date", "person", "place", "address", "hours", "phone", "web", "duration"]
EntityKind = Literal["person", "organisation", "place", "thing", "acronym", "number", "year", "office"]


@dataclass(frozen=True, slots=True)
class Entity(Span):
    """A person, an organisation, a number or the like that a question names; ``written`` is the asker's spelling."""

    kind: EntityKind
    written: str


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
    """A condition read from a question, which the asker can take away.

    ``key`` is what names it then: "district:Haidian District", "period:2023-01-01/2023-12-31", "order:latest",
    "topic:earlier".  ``inherited`` says that it comes from an earlier question.
    """

    key: str
    label: str
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a question leaves out: the passages that all of it applies to ("those in Haidian", "in March").

    ``topic`` are the words of what they are about, "" for any.
    """

    districts: tuple[str, ...] = ()
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    topic: str = ""

    @property
    def label(self) -> str:
        """What is left out, for people: "not Haidian District", "not about visas, 2024"."""
        topic = f"about {self.topic}" if self.topic else ""
        parts = (topic, *self.districts, format_period(self.date_from, self.date_to))
        return f"not {', '.join(filter(None, parts))}"


@dataclass(frozen=True, slots=True)
class Comparand:
    """One of the things that a question compares: its label, and what it alone is searched by."""

    label: str
    words: str
    districts: tuple[str, ...] = ()
    date_from: dt.date | None = None
    date_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """All that is read from a question.

    ``words`` are what the encoder reads: from ``own_start`` on the question's own, before that those of earlier
    questions; ``original`` is a Chinese question as typed, where ``words`` are the glossary's.  ``topic`` is what is
    left of the words without districts, dates and the words of asking; where it is empty, the question asks for
    whatever there is.  ``districts`` and the period are filters, and ``published`` says that the period is that of the
    bulletins' own dates ("published in 2023").  ``exhaustive`` says that all that matches is asked for;
    ``answer_type`` is the kind of value that answers.  ``inherited`` is what came from earlier questions, in words.
    ``districts_elsewhere`` are those of other cities ("Pudong District").  ``either`` are the two periods that a day
    may mean whose month and day can change places, ``weekdays`` the days of the week that events have to be of (Monday
    is 0).  ``unread`` are the times that it names and that can't be reckoned, ``notes`` say what was assumed.
    ``excluded`` is what it leaves out; ``lacking`` is the set of which it asks what is missing, by the words for what
    is there; ``more`` says that it asks for all that there is to the question before.
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
    entities: QueryEntities = QueryEntities()
    districts_elsewhere: tuple[str, ...] = ()
    either: tuple[Period, ...] = ()
    weekdays: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    lacking: Lacking = ""
    more: bool = False

    @property
    def not_districts(self) -> tuple[str, ...]:
        """The districts that are left out, whatever they tell of and whenever."""
        return tuple(name for each in self.excluded for name in each.districts if each == Exclusion((name,)))

    @property
    def has_time(self) -> bool:
        """Whether it asks about a period or days of the week."""
        return bool(self.date_from or self.date_to or self.weekdays)

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods of which a day has to be one's, open ends being those of the calendar."""
        return self.either or (Period(self.date_from or dt.date.min, self.date_to or dt.date.max),)

    def covers(self, days: Period) -> bool:
        """Whether these days are of the time asked about."""
        on_weekday = days.first == days.last and days.first.weekday() in self.weekdays
        return (on_weekday or not self.weekdays) and any(
            period.first <= days.first and days.last <= period.last for period in self.periods
        )

    @property
    def is_aggregate(self) -> bool:
        """Whether all that matches is asked for, or its number."""
        return self.exhaustive or self.kind == "count"

    @property
    def is_list(self) -> bool:
        """Whether the answer is a list: all that matches, or the latest or earliest of it."""
        return self.exhaustive or self.sort != "relevance"

    @property
    def required_entities(self) -> QueryEntities:
        """The entities that a passage has to support.

        Who asks how to do something names their own case ("from Kenya, how do I …"), which no passage need tell.
        """
        if self.kind != "howto":
            return self.entities
        names = tuple(name for name in self.entities.names if name.kind != "number")
        return replace(self.entities, places=(), names=names)
