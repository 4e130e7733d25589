"""The values that flow through the desk: frozen, and each carries the evidence for what it says.

All offsets count Unicode code points in the bulletin's stored text; ``end`` is exclusive.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Literal, Protocol

from rag.errors import QuoteMismatch

LineKind = Literal["", "heading", "strong", "caption", "item", "row"]
Role = Literal["event", "lead", "closing"]
CorrectionField = Literal["title", "date", "districts"]
Status = Literal["answered", "no_match", "refused"]
Certainty = Literal["high", "low"]


class Located(Protocol):
    """What stands at [start:end] of a text."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """The character after its last."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text."""

    start: int
    end: int

    def overlaps(self, other: Located) -> bool:
        """Whether the two have a character in common."""
        return self.start < other.end and other.start < self.end

    def of(self, text: str) -> str:
        """The words of the text that the span covers."""
        return text[self.start : self.end]


class StoredText(str):
    """A bulletin's text as it was read from its file, with the SHA-256 of those bytes, which is computed here alone."""

    __slots__ = ("sha256",)
    sha256: str

    def __new__(cls, data: bytes) -> StoredText:
        # Bytes that are not UTF-8 have the digest of no stored text, so nothing is ever compared with the result.
        text = super().__new__(cls, data.decode("utf-8", "replace"))
        text.sha256 = hashlib.sha256(data).hexdigest()
        return text


@dataclass(frozen=True, slots=True)
class Slice(Span):
    """Words of a stored text: ``text`` is [start:end] of the text with the digest ``sha256``, and ``bulletin`` is the
    name of the bulletin that carries it."""

    text: str
    bulletin: str
    sha256: str

    def stands_in(self, text: str) -> bool:
        """Whether the text has these words at this place."""
        return 0 <= self.start < self.end <= len(text) and self.of(text) == self.text

    def verify(self, text: StoredText) -> None:
        """Compares the slice with the stored text; called when it is cut, and again right before it is shown.

        Raises:
            QuoteMismatch: it is another text, or other words stand at this place.
        """
        if text.sha256 != self.sha256:
            what = "the stored text is not the one cited"
        elif not self.stands_in(text):
            what = "the words cited are not a slice of their bulletin"
        else:
            return
        raise QuoteMismatch(what, where=self.bulletin, remedy="Run: python -m rag verify")


@dataclass(frozen=True, slots=True)
class Citation(Slice):
    """A slice with what is known of its source; what isn't known is None.

    ``districts`` and ``heading`` are those of the section that the slice stands in.
    """

    title: str | None = None
    date: dt.date | None = None
    source: str | None = None
    url: str | None = None
    districts: tuple[str, ...] = ()
    heading: str | None = None

    @property
    def key(self) -> str:
        """A short name that is the same wherever the slice is cited: letters, digits and hyphens."""
        return f"b{self.sha256[:12]}-{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included; [start:end] is where the words stand that name it.

    ``swapped`` is the other day that the words may mean, where they don't say which number is the month (03/11/2024).
    """

    first: dt.date
    last: dt.date
    start: int = 0
    end: int = 0
    swapped: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Line(Span):
    """One line of the body, without its line break; ``kind`` is what its format marks it as, "" for plain prose."""

    kind: LineKind = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The result of reading one file: ``text`` is stored and quoted from, and the body's lines are slices of it.

    ``notes`` tell the operator, a sentence each, what was left out of it that the file holds.
    """

    text: str
    title: str | None
    date: dt.date | None
    source: str | None
    url: str | None
    column: str | None
    body: tuple[Line, ...]
    notes: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Bulletin(Document):
    """One parsed file.  What it doesn't state is None, never guessed.

    ``sha256`` is the digest of the text in UTF-8, ``file_sha256`` that of the file's bytes.
    """

    name: str
    encoding: str
    sha256: str
    file_sha256: str


@dataclass(frozen=True, slots=True)
class Section(Span):
    """The part of a bulletin under one heading, or the lead or closing that stands under none.

    ``districts`` are the canonical names of those that head it; ``heading`` is the event's headline or a thematic
    heading; ``paragraphs`` are the words that can be quoted, without captions and footers.
    """

    districts: tuple[str, ...]
    heading: str | None
    role: Role
    paragraphs: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that staff gave instead of one that was misread, or is missing, in a file's head or headings.

    ``was`` is the value in the file and ``now`` the one that holds: a title, an ISO date, or canonical names of
    districts joined by "; "; None for none.  For districts, ``heading`` is the section's headline, None for none.
    """

    field: CorrectionField
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
    """Paragraphs of one section, or sentences of a long one, that fit the encoder together.

    ``mentions`` are the districts that its words name; ``sentences`` cover all its words; ``context`` (title, district,
    heading) is encoded along with them and never shown; ``stated`` are the periods that context and words name.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote(Citation):
    """The citation that answers a question; made only by ``rag.answer.quote.cut``, which verifies it.

    ``mentions`` are the districts that the passage's own words name; ``score`` is that of its best sentence;
    ``highlights`` are the sentences that answer; ``side`` is the label of the thing compared that it is about;
    ``also_in`` are the other bulletins that carry its text; ``around`` is the whole paragraph (or the paragraphs) that
    it is cut from; ``note`` says what a reader must know of the source ("An earlier text of this bulletin, dated
    26 January 2024, has other words here.").
    """

    mentions: tuple[str, ...]
    score: float
    highlights: tuple[Span, ...]
    side: str | None = None
    also_in: tuple[str, ...] = ()
    around: Span | None = None
    note: str | None = None
