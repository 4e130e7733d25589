"""A parsed bulletin as a generation keeps it."""

from __future__ import annotations

from rag.ingest.near_duplicates import body_digest
from rag.models import Bulletin, Correction, Section, StoredBulletin


def stored(bulletin: Bulletin, cut: tuple[Section, ...], corrections: tuple[Correction, ...] = ()) -> StoredBulletin:
    """The bulletin with its sections; which others it replaces only a whole generation can tell."""
    return StoredBulletin(
        bulletin.name,
        bulletin.title,
        bulletin.date,
        bulletin.source,
        bulletin.url,
        bulletin.column,
        bulletin.encoding,
        bulletin.sha256,
        bulletin.file_sha256,
        cut,
        body_digest(bulletin.text, cut),
        (),
        corrections,
    )
