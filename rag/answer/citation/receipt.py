"""Making a receipt: what was answered or cited, with all that proves it later without the desk's model or index.

The same answer of the same generation on the same day gives the same bytes.
"""

from __future__ import annotations

import datetime as dt

from rag.answer.citation import source
from rag.answer.citation.source import Cited
from rag.library import archive
from rag.library.reader import Library
from rag.library.receipts import Model, Receipt, ReceiptQuote
from rag.models import Answer, Quote


def of_answer(answer: Answer, library: Library, created: dt.date) -> Receipt:
    """The receipt of an answer, each quote proved once more.  The nearest passages of a "no match" are no answer and
    left out.

    Raises:
        QuoteMismatch: a quote is not a slice of its text. LibraryDamaged: a stored text is missing or changed.
    """
    shown = answer.quotes if answer.status == "answered" else ()
    return Receipt(
        kind="answer",
        question=answer.question,
        status=answer.status,
        message=answer.message,
        created=created,
        generation=answer.generation,
        model=_model(library, answer.generation),
        quotes=tuple(_quote(source.of_quote(quote), library) for quote in shown),
    )


def of_quote(quote: Quote | Cited, library: Library, created: dt.date) -> Receipt:
    """The receipt of one quote, or of any slice that is cited; see ``of_answer``."""
    one = source.of_quote(quote) if isinstance(quote, Quote) else quote
    return Receipt(
        kind="quote",
        question=None,
        status="answered",
        message="1 quote.",
        created=created,
        generation=library.generation,
        model=_model(library, library.generation),
        quotes=(_quote(one, library),),
    )


def _quote(one: Cited, library: Library) -> ReceiptQuote:
    text = library.text(one.sha256)
    source.prove(one, text)
    prefix, suffix = source.around(text, one.start, one.end)
    return ReceiptQuote(
        text=one.text,
        bulletin=one.bulletin,
        title=one.title,
        date=one.date,
        source=one.source,
        url=one.url,
        districts=one.districts,
        heading=one.heading,
        start=one.start,
        end=one.end,
        sha256=one.sha256,
        file_sha256=_file_digest(one, library),
        prefix=prefix,
        suffix=suffix,
    )


def _file_digest(one: Cited, library: Library) -> str | None:
    bulletin = library.by_name.get(one.bulletin)
    if bulletin and bulletin.sha256 == one.sha256:
        return bulletin.file_sha256
    entries = reversed(archive.entries(library.root, one.sha256))
    return next((e.bulletin.file_sha256 for e in entries if e.bulletin.name == one.bulletin), None)


def _model(library: Library, generation: str | None) -> Model | None:
    card = library.manifest.model
    return Model(name=card.name, digest=card.digest) if generation == library.generation else None
