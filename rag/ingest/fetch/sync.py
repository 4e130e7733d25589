"""Brings the folder up to date with a listing page: new bulletins are saved, changed ones replaced, none removed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag import files, limits
from rag.errors import BulletinUnreadable, Cancelled, FetchFailed
from rag.ingest.fetch import filenames, save, sync_state
from rag.ingest.fetch import listing_page as listing
from rag.ingest.fetch.client import Client, Fetched, Gone, Unavailable
from rag.ingest.fetch.listing_page import Listing
from rag.ingest.fetch.sync_state import Known
from rag.ingest.folders import ProgressCallback
from rag.ingest.headlines import ends_sentence
from rag.models import Bulletin

_BY_ITSELF = "Add it by itself if it is a bulletin"


@dataclass(frozen=True, slots=True)
class Synced:
    """``added`` and ``changed`` are files, ``gone`` the addresses of pages that aren't there any more and whose files
    stay; ``skipped`` are addresses with the reason."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    gone: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    requests: int


def sync(
    listing_url: str,
    seeds: Path,
    client: Client,
    *,
    progress: ProgressCallback | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Synced:
    """Saves every bulletin that a listing links to.  Broken off, it can be started again and goes on: of what it has,
    it asks only whether that has changed.

    Raises:
        FetchFailed: the listing itself can't be fetched.
        SeedsMissing, LibraryUnwritable: there is no such folder, or it can't be written.
        LibraryDamaged: what was noted of the host's pages isn't what was written.
        OperatorRefused: another process is at it.
        Cancelled: ``cancelled`` said so; what was saved stays.
    """

    def stop_if_cancelled() -> None:
        if cancelled and cancelled():
            raise Cancelled("stopped; what was fetched stays", where=listing_url, remedy="Sync again to go on")

    save.require(seeds)
    before = client.requests
    with sync_state.only_one(seeds):
        found = listing.follow(listing_url, client, progress=progress, cancelled=stop_if_cancelled)
        run = _Run(seeds, client, listing_url, found, sync_state.read(seeds, found.place.site))
        todo = run.todo()
        for number, url in enumerate(todo):
            if progress:
                progress("Fetching", number, len(todo))
            stop_if_cancelled()
            if run.failures == limits.MAX_SYNC_FAILURES:
                left = f"{run.failures} requests failed one after another; {len(todo) - number} pages are left. "
                run.skipped.append((listing_url, f"{left}Sync again later"))
                break
            run.take(url)
    return run.synced(client.requests - before)


@dataclass(slots=True)
class _Run:
    """One run over a listing; ``failures`` counts the latest requests that failed for the host's reasons."""

    seeds: Path
    client: Client
    listing_url: str
    listing: Listing
    pages: dict[str, Known]
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    gone: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failures: int = 0

    def todo(self) -> list[str]:
        """New pages first, for a run that is soon broken off; last those that are known and linked to no more."""
        linked = self.listing.bulletins
        new = [url for url in linked if url not in self.pages]
        known = [url for url in linked if url in self.pages]
        unlinked = (url for url, one in self.pages.items() if one.listing == self.listing_url and not one.gone)
        return [*new, *known, *sorted(set(unlinked) - set(linked))]

    def take(self, url: str) -> None:
        """One page: whatever is wrong with it is noted, and the others go on.

        Raises:
            LibraryUnwritable: the folder can't be written.
        """
        try:
            self._take(url)
            self.failures = 0
        except Gone as error:
            self.failures = 0
            if url in self.pages:
                self.gone.append(url)
                self._note(url, replace(self.pages[url], gone=True))
            else:
                self.skipped.append((url, save.reason(error)))
        except (FetchFailed, BulletinUnreadable) as error:
            self.failures = self.failures + 1 if isinstance(error, Unavailable) else 0
            self.skipped.append((url, save.reason(error)))

    def _take(self, url: str) -> None:
        known = self.pages.get(url)
        held = _digest(self.seeds / known.file) if known else None
        if known and held not in (None, *self._saved_as(known.file)):
            raise _kept(known.file, "was changed here since it was fetched")
        if known and held == known.sha256:
            page = self.client.fetch(url, etag=known.etag, last_modified=known.last_modified)
            if page.unchanged:
                self.unchanged += 1
                if known.gone:
                    self._note(url, replace(known, gone=False))
                return
        else:
            page = self.client.fetch(url)
        self._save(url, page)

    def _save(self, url: str, page: Fetched) -> None:
        """Notes what the page is, then saves it: whenever this is broken off, the next run knows what it finds."""
        if page.url != url and not self.listing.place.may_hold_a_bulletin(page.url):
            raise FetchFailed(f"leads to {page.url}, which isn't a bulletin of this listing", remedy=_BY_ITSELF)
        name = filenames.from_url(page.url, page.suffix)
        if not _holds_a_paragraph(save.read(name, page.data)):
            raise BulletinUnreadable("holds no paragraph that ends as a sentence does", remedy=_BY_ITSELF)
        sha256, held = hashlib.sha256(page.data).hexdigest(), _digest(self.seeds / name)
        if held not in (None, sha256, *self._saved_as(name)):
            raise _kept(name, "is there already and is not what was fetched")
        today = dt.date.today().isoformat()
        now = Known(name, sha256, held or "", page.etag, page.last_modified, today, self.listing_url)
        earlier = self.pages.get(url)
        self._note(url, now)
        if held == sha256:
            self.unchanged += 1
        else:
            save.save(self.seeds, name, page.data)
            (self.changed if held else self.added).append(name)
        if earlier and earlier.file != name and (self.seeds / earlier.file).exists():
            what = f"is saved as {name} now. Remove {earlier.file}, which holds its earlier form"
            self.skipped.append((url, what))

    def _saved_as(self, name: str) -> set[str]:
        """Digests of what was fetched into the file."""
        return {digest for one in self.pages.values() if one.file == name for digest in (one.sha256, one.before)}

    def _note(self, url: str, known: Known) -> None:
        if self.pages.get(url) != known:
            self.pages[url] = known
            sync_state.write(self.seeds, self.listing.place.site, self.pages)

    def synced(self, requests: int) -> Synced:
        return Synced(
            tuple(self.added),
            tuple(self.changed),
            self.unchanged,
            tuple(self.gone),
            (*self.listing.skipped, *self.skipped),
            requests,
        )


def _holds_a_paragraph(bulletin: Bulletin) -> bool:
    """Menus and lists of links have lines too, but hardly a sentence."""
    own = (line.of(bulletin.text) for line in bulletin.body if line.kind in ("", "strong"))
    return any(map(ends_sentence, own))


def _digest(path: Path) -> str | None:
    """
    Raises:
        LibraryUnwritable: the file is there and can't be read.
    """
    with save.saving_to(path.parent):
        try:
            return files.sha256_of(path)
        except FileNotFoundError:
            return None


def _kept(name: str, what: str) -> FetchFailed:
    return FetchFailed(f"its file {name} {what}", remedy="Move the file away to have the page fetched again")
