"""A real library of a few bulletins for the page's tests, and quotes cut from it by hand."""

from __future__ import annotations

from pathlib import Path

from rag.library.build.update import bring_up_to_date
from rag.library.reader import Library
from rag.models import Answer, Query, Quote, Span, StoredBulletin
from tests.support.fakes import HashingEncoder


def library_of(folder: Path, **texts: str) -> Library:
    """The library of these bulletins, each ``name=text``."""
    seeds = folder / "seeds"
    seeds.mkdir()
    for name, text in texts.items():
        (seeds / f"{name}.txt").write_bytes(text.encode("utf-8"))
    bring_up_to_date(seeds, folder / "library", HashingEncoder())
    return Library.open(folder / "library")


def quote_of(library: Library, bulletin: StoredBulletin, words: str, *highlights: str, **other: object) -> Quote:
    """The quote of these words, with those among them highlighted."""
    text = library.text(bulletin.sha256)
    at = text.index(words)
    fields: dict[str, object] = {
        "districts": (),
        "mentions": (),
        "heading": None,
        "title": bulletin.title,
        "date": bulletin.date,
        "source": bulletin.source,
        "highlights": tuple(Span(at + words.index(part), at + words.index(part) + len(part)) for part in highlights),
    }
    return Quote(
        start=at,
        end=at + len(words),
        text=words,
        bulletin=bulletin.name,
        url=bulletin.url,
        score=0.5,
        sha256=bulletin.sha256,
        **fields | other,  # type: ignore[arg-type]
    )


def answer_of(
    *quotes: Quote,
    status: str = "answered",
    message: str = "1 passage.",
    notice: str | None = None,
    **understood: object,
) -> Answer:
    """The answer with these quotes to a question understood like this."""
    asked = Query(**understood)  # type: ignore[arg-type]
    return Answer("?", status, message, 0.9, asked, len(quotes), quotes, "1", notice)  # type: ignore[arg-type]
