"""The values that flow through the desk: frozen, and each carries the evidence for what it says.

All offsets count Unicode code points in the bulletin's stored text; ``end`` is exclusive.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Mark = Literal["", "heading", "strong", "caption", "item", "row"]
Role = Literal["event", "lead", "closing"]
Kind = Literal["list", "fact", "district", "date", "latest", "count", "compare", "howto"]
Sort = Literal["date-desc", "date-asc", "relevance"]
Corrected = Literal["title", "date", "districts"]
Status = Literal["answered", "no_match", "refused"]
# What a question wants told: a number, an amount of money, a day, a person's name, a place, a phone number, an address.
AnswerType = Literal["number", "money", "date", "person", "place", "phone", "web", "duration"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a bulletin's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included; [start:end] is where the words stand that name it."""

    first: dt.date
    last: dt.date
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Line(Span):
    """One line of the body, without its line break; ``mark`` is what HTML said it is, "" in plain text."""

    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What a format's reader makes of one decoded file; ``text`` is what is stored and quoted from."""

    text: str
    title: str | None
    date: dt.date | None
    source: str | None
    url: str | None
    column: str | None
    body: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bulletin(Page):
    """One parsed file.  What the page doesn't state is None, never guessed."""

    name: str
    encoding: str
    sha256: str
    file_sha256: str


@dataclass(frozen=True, slots=True)
class Section(Span):
    """What one heading opens, or the lead or closing that stands under none.

    ``districts`` are those that head it (canonical names); ``heading`` is the event's headline or a
    thematic heading; ``paragraphs`` are what can be quoted, captions and footers left out.
    """

    districts: tuple[str, ...]
    heading: str | None
    role: Role
    paragraphs: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """What staff put in the place of something misread, or missing, in a file's head or headings.

    ``was`` is what the file gives, ``now`` what holds instead: a title, a date (ISO), or districts' canonical names
    joined by "; "; None for none.  Of districts, ``heading`` is the section's headline, None where it has none.
    """

    field: Corrected
    was: str | None
    now: str | None
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class StoredBulletin:
    """What a generation knows of a bulletin; its text lies under ``sha256``.

    ``body`` is the same for bulletins that carry one text, printed otherwise perhaps; ``replaces`` names earlier ones
    that this one corrects, latest first.  Title, date and sections are as ``corrections`` leave them.
    """

    name: str
    title: str | None
    date: dt.date | None
    source: str | None
    url: str | None
    column: str | None
    encoding: str
    sha256: str
    file_sha256: str
    sections: tuple[Section, ...]
    body: str
    replaces: tuple[str, ...]
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage(Span):
    """Whole paragraphs of one section (or whole sentences of a long one) that fit the encoder.

    ``mentions`` are the districts that the passage's own words name; ``sentences`` cover all its words;
    ``context`` (title, district, heading) is read by the encoder along with them and never shown; ``stated`` are the
    periods that context and words name.
    """

    bulletin: str
    section: int
    districts: tuple[str, ...]
    heading: str | None
    mentions: tuple[str, ...]
    paragraphs: tuple[Span, ...]
    sentences: tuple[Span, ...]
    context: str
    stated: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of a passage found for a question: its sentences ``first`` to ``last``, both included.

    ``score`` is the fused score of the best of them (higher is nearer), ``sentence_scores`` those of all the passage's
    sentences, in order; ``telling`` are the numbers of the sentences that answer.
    """

    passage: Passage
    score: float
    sentence_scores: tuple[float, ...]
    first: int
    last: int
    telling: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quote(Span):
    """A slice of a stored bulletin; made only by ``rag.answer.quote.cut``, which compares it with its source.

    ``sha256`` is the digest of the bulletin's text in UTF-8; ``highlights`` are the sentences that answer; ``around``
    is the whole paragraph (or the paragraphs) that the quote is cut from; ``note`` says what a reader must know of the
    source ("An earlier text, dated 2024-01-26, differs.").
    """

    text: str
    bulletin: str
    title: str | None
    date: dt.date | None
    source: str | None
    url: str | None
    districts: tuple[str, ...]
    mentions: tuple[str, ...]
    heading: str | None
    score: float
    highlights: tuple[Span, ...]
    sha256: str
    side: str | None = None
    also_in: tuple[str, ...] = ()
    around: Span | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition read from a question, which the asker can take away; ``key`` is what ``without`` names it by
    ("district:Haidian District", "period:2023", "order:latest", "topic:earlier")."""

    key: str
    label: str
    carried: bool = False


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

    ``words`` are what the encoder reads, from ``own`` on the question's, before that an earlier one's; ``topic`` is
    what is left of them without districts, dates and the words of asking (where nothing is left, the question asks for
    whatever there is); ``carried`` is what came from earlier questions.  ``published`` says that the period means the
    bulletins' own dates alone ("published in 2023"); ``every`` that all that matches is asked for; ``asks`` what kind
    of thing is to be told; ``sides`` what is compared; ``original`` is
    a question in Chinese as it was typed, where ``words`` are the glossary's.
    """

    kind: Kind = "fact"
    words: str = ""
    own: int = 0
    topic: str = ""
    districts: tuple[str, ...] = ()
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    sort: Sort = "relevance"
    carried: tuple[str, ...] = ()
    published: bool = False
    every: bool = False
    asks: AnswerType | None = None
    sides: tuple[Comparand, ...] = ()
    chips: tuple[Condition, ...] = ()
    original: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Quotes, or an honest no.  ``total`` counts all that match, also past the limit asked for; ``notice`` is the
    operator's line that stands above answers on such matters."""

    question: str
    status: Status
    message: str
    confidence: float
    understood: Query
    total: int
    quotes: tuple[Quote, ...]
    generation: str | None = None
    notice: str | None = None
