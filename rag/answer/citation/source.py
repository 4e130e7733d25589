"""Citing a slice that was chosen by its offsets, and the words around it by which it is found again."""

from __future__ import annotations

from rag.errors import SettingInvalid
from rag.models import Citation, Span, StoredBulletin, StoredText

CONTEXT_CHARS = 32  # code points of the prefix and of the suffix


def cite(text: StoredText, bulletin: StoredBulletin | None, start: int, end: int) -> Citation:
    """The citation of [start:end] of a stored text; ``bulletin`` is None where no record says whose text it was.

    Raises:
        SettingInvalid: the offsets are no slice of the text.
    """
    if not 0 <= start < end <= len(text):
        raise SettingInvalid(
            f"[{start}:{end}] is no slice of this text",
            remedy=f"Give START and END between 0 and {len(text)}, START the smaller",
        )
    if bulletin is None:
        return Citation(start, end, text[start:end], f"texts/{text.sha256}.txt", text.sha256)
    section = next((s for s in bulletin.sections if s.start <= start < s.end), None)
    return Citation(
        start=start,
        end=end,
        text=text[start:end],
        bulletin=bulletin.name,
        sha256=text.sha256,
        title=bulletin.title,
        date=bulletin.date,
        source=bulletin.source,
        url=bulletin.url,
        districts=section.districts if section else (),
        heading=section.heading if section else None,
    )


def prefix_and_suffix(text: str, span: Span) -> tuple[str, str]:
    """The code points before and after the span, by which it is found again in another copy of its text."""
    return text[max(0, span.start - CONTEXT_CHARS) : span.start], text[span.end : span.end + CONTEXT_CHARS]
