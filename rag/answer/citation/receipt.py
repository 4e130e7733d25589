"""Makes receipts: what was answered or cited, with all that proves it later without model or index.

The same answer of the same generation on the same day gives the same bytes.
"""

from __future__ import annotations

import datetime as dt

from rag.answer.citation.source import prefix_and_suffix
from rag.answer.models import Answer
from rag.library import archive
from rag.library.reader import Library
from rag.library.receipts import Model, Receipt, ReceiptQuote
from rag.models import Citation


def of_answer(answer: Answer, library: Library, created: dt.date) -> Receipt:
    """The receipt of an answer, each quote verified once more.

    The nearest passages that are shown with a "no match" are left out.

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
        quotes=tuple(_quote(quote, library) for quote in shown),
    )


def of_citation(citation: Citation, library: Library, created: dt.date) -> Receipt:
    """The receipt of one quote, or of any slice that is cited; see ``of_answer``."""
    return Receipt(
        kind="quote",
        question=None,
        status="answered",
        message="1 quote.",
        created=created,
        generation=library.generation,
        model=_model(library, library.generation),
        quotes=(_quote(citation, library),),
    )


def _quote(citation: Citation, library: Library) -> ReceiptQuote:
    text = library.text(citation.sha256)
    citation.verify(text)
    prefix, suffix = prefix_and_suffix(text, citation)
    return ReceiptQuote.of(citation, _file_digest(citation, library), prefix, suffix)


def _file_digest(citation: Citation, library: Library) -> str | None:
    bulletin = library.by_name.get(citation.bulletin)
    if bulletin and bulletin.sha256 == citation.sha256:
        return bulletin.file_sha256
    entries = reversed(archive.entries(library.root, citation.sha256))
    return next((e.bulletin.file_sha256 for e in entries if e.bulletin.name == citation.bulletin), None)


def _model(library: Library, generation: str | None) -> Model | None:
    card = library.manifest.model
    return Model(name=card.name, digest=card.digest) if generation == library.generation else None
