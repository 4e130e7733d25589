"""The permanent page of an answer: what its receipt holds, each quote proved anew and held against today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rag import limits
from rag.answer.citation import receipt
from rag.answer.citation.source import Cited, prove
from rag.library import archive, receipts
from rag.library.archive import Kept
from rag.library.receipts import Receipt, ReceiptQuote
from rag.models import Answer
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote of the receipt; ``kept`` is None where the library has lost its text: its words are not shown then."""

    cited: Cited
    kept: Kept | None
    number: int


def keep(answer: Answer, library: Library) -> str:
    """Stores the answer's receipt of today and returns its identity.

    Raises:
        QuoteMismatch, LibraryDamaged: a quote can't be proved. LibraryUnwritable: it can't be stored.
    """
    return receipts.store(library.root, receipt.of_answer(answer, library, dt.date.today()))


def answer_page(library: Library, identity: str, *, up: str) -> str | None:
    """The page of the kept answer; None where none has that identity.

    Raises:
        QuoteMismatch: the words of a quote aren't in its text. LibraryDamaged: a stored file isn't what was stored.
    """
    kept = receipts.load(library.root, identity)
    if kept is None or kept.kind != "answer":
        return None
    shown = _shown(library, kept)
    groups = [list(group) for _, group in groupby(shown, key=lambda one: (one.cited.sha256, one.cited.bulletin))]
    return render(
        "answer_page.html",
        up=up,
        identity=identity,
        receipt=kept,
        groups=groups,
        beyond=len(kept.quotes) - len(shown),
    )


def answer_file(library: Library, identity: str) -> bytes | None:
    """The receipt's file; None as above.

    Raises:
        LibraryDamaged: it isn't what was stored.
    """
    kept = receipts.load(library.root, identity)
    return kept.to_bytes() if kept else None


def _shown(library: Library, kept: Receipt) -> list[Shown]:
    texts: dict[str, Kept | None] = {}
    shown = []
    for number, quote in enumerate(kept.quotes[: limits.MAX_ENTRIES_SHOWN], 1):
        if quote.sha256 not in texts:
            texts[quote.sha256] = archive.kept(library, quote.sha256)
        cited, text = _cited(quote), texts[quote.sha256]
        if text:
            prove(cited, text.text)
        shown.append(Shown(cited, text, number))
    return shown


def _cited(quote: ReceiptQuote) -> Cited:
    return Cited(**quote.model_dump(exclude={"file_sha256", "prefix", "suffix"}))
