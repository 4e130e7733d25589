"""What is cited: a slice of a stored text, and what is known of its bulletin.

A chat's quote and a slice chosen by hand become this.  Offsets count Unicode code points of the
stored text; ``end`` is exclusive.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from rag.errors import QuoteMismatch, SettingInvalid
from rag.models import Quote, Span, StoredBulletin

AROUND = 32  # code points of prefix and suffix


@dataclass(frozen=True, slots=True)
class Cited(Span):
    """``text`` is ``text[start:end]`` of the stored text with digest ``sha256``; what isn't known is None."""

    text: str
    sha256: str
    bulletin: str
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


def of_quote(quote: Quote) -> Cited:
    return Cited(
        start=quote.start,
        end=quote.end,
        text=quote.text,
        sha256=quote.sha256,
        bulletin=quote.bulletin,
        title=quote.title,
        date=quote.date,
        source=quote.source,
        url=quote.url,
        districts=quote.districts,
        heading=quote.heading,
    )


def of_slice(sha256: str, bulletin: StoredBulletin | None, text: str, start: int, end: int) -> Cited:
    """The slice of a stored text, proved; ``bulletin`` is None where nothing tells any more whose text it was.

    Raises:
        SettingInvalid: the offsets are no slice of the text. QuoteMismatch: the text hasn't that digest.
    """
    if not 0 <= start < end <= len(text):
        raise SettingInvalid(
            f"[{start}:{end}] is no slice of this text",
            remedy=f"Give START and END between 0 and {len(text)}, START the smaller",
        )
    if bulletin is None:
        cited = Cited(start, end, text[start:end], sha256, f"texts/{sha256}.txt")
    else:
        section = next((s for s in bulletin.sections if s.start <= start < s.end), None)
        cited = Cited(
            start=start,
            end=end,
            text=text[start:end],
            sha256=sha256,
            bulletin=bulletin.name,
            title=bulletin.title,
            date=bulletin.date,
            source=bulletin.source,
            url=bulletin.url,
            districts=section.districts if section else (),
            heading=section.heading if section else None,
        )
    prove(cited, text)
    return cited


def prove(cited: Cited, text: str) -> None:
    """Compares the slice with the stored text once more, right before it is cited.

    Raises:
        QuoteMismatch: the text's digest or the words at the place are not those cited.
    """
    if hashlib.sha256(text.encode("utf-8")).hexdigest() != cited.sha256:
        what = "the stored text is not the one cited"
    elif not 0 <= cited.start < cited.end <= len(text) or cited.of(text) != cited.text:
        what = "the words cited are not a slice of their bulletin"
    else:
        return
    raise QuoteMismatch(what, where=cited.bulletin, remedy="Run: python -m rag verify")


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """The code points before and after, by which a slice is found again in another copy of its text."""
    return text[max(0, start - AROUND) : start], text[end : end + AROUND]
