"""The permanent page of an answer: its receipt, with each quote verified anew and compared with today's library."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rag import limits
from rag.library import archive, receipts
from rag.library.archive import ArchivedText
from rag.library.receipts import Receipt
from rag.models import Citation
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library


@dataclass(frozen=True, slots=True)
class ReceiptEntry:
    """A quote of the receipt; its words aren't shown where ``archived`` is None: the library has lost its text."""

    cited: Citation
    archived: ArchivedText | None
    number: int


def answer_page(library: Library, identity: str, *, up: str) -> str | None:
    """Returns the page of the kept answer, None where none has that identity.

    Raises:
        QuoteMismatch: the words of a quote aren't in its text. LibraryDamaged: a stored file isn't what was stored.
    """
    stored = receipts.load(library.root, identity)
    if stored is None or stored.kind != "answer":
        return None
    entries = _entries(library, stored)
    groups = [
        list(group) for _, group in groupby(entries, key=lambda entry: (entry.cited.sha256, entry.cited.bulletin))
    ]
    return render(
        "answer_page.html",
        up=up,
        identity=identity,
        receipt=stored,
        groups=groups,
        beyond=len(stored.quotes) - len(entries),
    )


def _entries(library: Library, stored: Receipt) -> list[ReceiptEntry]:
    texts: dict[str, ArchivedText | None] = {}
    entries = []
    for number, quote in enumerate(stored.quotes[: limits.MAX_ENTRIES_SHOWN], 1):
        if quote.sha256 not in texts:
            texts[quote.sha256] = archive.find(library, quote.sha256)
        cited, text = quote.citation, texts[quote.sha256]
        if text:
            cited.verify(text.text)
        entries.append(ReceiptEntry(cited, text, number))
    return entries
