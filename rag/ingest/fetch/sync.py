"""Updates the folder from a listing page: new bulletins are saved, changed ones replaced, none removed."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag import files, limits
from rag.errors import BulletinUnreadable, FetchFailed
from rag.ingest.fetch import save, sync_state
from rag.ingest.fetch.client import Client, FetchedPage, Gone, TimeIsUp, Unavailable
from rag.ingest.fetch.listing_page import Listing, crawl
from rag.ingest.fetch.sync_state import PageState
from rag.ingest.folders import ProgressCallback, require_folder
from rag.ingest.headlines import ends_sentence
from rag.models import Bulletin

_ADD_BY_ITSELF = "Add it by itself if it is a bulletin"


@dataclass(frozen=True, slots=True)
class SyncResult:
    """``added`` and ``changed`` are files; ``gone`` are the URLs of pages that are no longer there, whose files stay;
    ``skipped`` are URLs, each with the reason; ``requests`` counts those sent."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    gone: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    requests: int


def sync(listing_url: str, seeds: Path, client: Client, progress: ProgressCallback | None = None) -> SyncResult:
    """Saves every bulletin that a listing links to.

    An interrupted run can be started again: of pages that are saved already, it asks only whether they have changed.

    Raises:
        FetchFailed: the listing itself can't be fetched.
        SeedsMissing, LibraryUnwritable: there is no such folder, or it can't be written.
        LibraryDamaged: the noted state of the host's pages isn't what was written.
        OperatorRefused: another process is fetching into this folder.
    """
    require_folder(seeds)
    requests_before = client.requests
    with sync_state.locked(seeds), client.ending_in(limits.SYNC_SECONDS):
        with client.ending_in(limits.LISTING_SECONDS):
            listing = crawl(listing_url, client, progress)
        pages = {client.address(url): page for url, page in sync_state.read(seeds, listing.scope.site).items()}
        run = _SyncRun(seeds, client, listing_url, listing, pages)
        urls = run.urls()
        for number, url in enumerate(urls):
            if progress:
                progress("Fetching", number, len(urls))
            left = f"{len(urls) - number:,} pages are left"
            if run.failures == limits.MAX_SYNC_FAILURES:
                what = f"{run.failures} requests failed one after another; {left}. Sync again later"
                run.skipped.append((listing_url, what))
                break
            try:
                run.update(url)
            except TimeIsUp:
                what = f"the time of one sync, {limits.SYNC_SECONDS:,.0f} seconds, ended before this page; {left}"
                run.skipped.append((url, f"{what}. Sync again: the next one goes on with them"))
                break
    return run.result(client.requests - requests_before)


@dataclass(slots=True)
class _SyncRun:
    """One run over a listing; ``failures`` counts the latest requests in a row that failed because of the host."""

    seeds: Path
    client: Client
    listing_url: str
    listing: Listing
    pages: dict[str, PageState]
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    gone: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failures: int = 0

    def urls(self) -> list[str]:
        """Returns the pages to fetch: new ones first, in case of an interruption, those no longer linked last."""
        linked = self.listing.bulletins
        new = [url for url in linked if url not in self.pages]
        known = [url for url in linked if url in self.pages]
        unlinked = (url for url, page in self.pages.items() if page.listing == self.listing_url and not page.gone)
        return [*new, *known, *sorted(set(unlinked) - set(linked))]

    def update(self, url: str) -> None:
        """Updates one page's file; an error is noted, so that the other pages go on.  Raises ``TimeIsUp``."""
        try:
            self._update(url)
            self.failures = 0
        except Gone as error:
            self.failures = 0
            if url in self.pages:
                self.gone.append(url)
                self._note(url, replace(self.pages[url], gone=True))
            else:
                self.skipped.append((url, save.error_message(error)))
        except TimeIsUp:
            raise
        except (FetchFailed, BulletinUnreadable) as error:
            self.failures = self.failures + 1 if isinstance(error, Unavailable) else 0
            self.skipped.append((url, save.error_message(error)))

    def _update(self, url: str) -> None:
        known = self.pages.get(url)
        digest = _digest(self.seeds / known.file) if known else None
        if known and digest not in (None, *self._fetched_digests(known.file)):
            raise _not_overwritten(known.file, "was changed here since it was fetched")
        if known and digest == known.sha256:
            page = self.client.fetch(url, etag=known.etag, last_modified=known.last_modified)
            if page.unchanged:
                self.unchanged += 1
                if known.gone:
                    self._note(url, replace(known, gone=False))
                return
        else:
            page = self.client.fetch(url)
        self._save(url, page)

    def _save(self, url: str, page: FetchedPage) -> None:
        """Notes the page's state, then saves it: after an interruption, the next run knows each file it finds."""
        if page.url != url and not self.listing.scope.may_contain_bulletin(page.url):
            raise FetchFailed(f"leads to {page.url}, which isn't a bulletin of this listing", remedy=_ADD_BY_ITSELF)
        name = save.file_name(page.url, page.suffix)
        if not _has_paragraph(save.parse_bytes(name, page.data)):
            raise BulletinUnreadable("holds no paragraph that ends as a sentence does", remedy=_ADD_BY_ITSELF)
        sha256, before = hashlib.sha256(page.data).hexdigest(), _digest(self.seeds / name)
        if before not in (None, sha256, *self._fetched_digests(name)):
            raise _not_overwritten(name, "is there already and is not what was fetched")
        today = dt.date.today().isoformat()
        earlier = self.pages.get(url)
        etag, last_modified = page.etag, page.last_modified
        self._note(url, PageState(name, sha256, before or "", etag, last_modified, today, self.listing_url))
        if before == sha256:
            self.unchanged += 1
        else:
            with save.saving_to(self.seeds):
                files.write_atomic(self.seeds / name, page.data)
            (self.changed if before else self.added).append(name)
        if earlier and earlier.file != name and (self.seeds / earlier.file).exists():
            what = f"is saved as {name} now. Remove {earlier.file}, which holds its earlier form"
            self.skipped.append((url, what))

    def _fetched_digests(self, name: str) -> set[str]:
        """Returns the digests of the bytes that were fetched into the file."""
        return {digest for page in self.pages.values() if page.file == name for digest in (page.sha256, page.before)}

    def _note(self, url: str, page: PageState) -> None:
        if self.pages.get(url) != page:
            self.pages[url] = page
            sync_state.write(self.seeds, self.listing.scope.site, self.pages)

    def result(self, requests: int) -> SyncResult:
        """Returns the outcome of the run."""
        return SyncResult(
            tuple(self.added),
            tuple(self.changed),
            self.unchanged,
            tuple(self.gone),
            (*self.listing.skipped, *self.skipped),
            requests,
        )


def _has_paragraph(bulletin: Bulletin) -> bool:
    """Whether the bulletin has a sentence; menus and lists of links hardly do."""
    prose = (line.of(bulletin.text) for line in bulletin.body if line.kind in ("", "strong"))
    return any(map(ends_sentence, prose))


def _digest(path: Path) -> str | None:
    """Returns the file's SHA-256, None where there is none."""
    with save.saving_to(path.parent):
        try:
            return files.sha256_of(path)
        except FileNotFoundError:
            return None


def _not_overwritten(name: str, what: str) -> FetchFailed:
    return FetchFailed(f"its file {name} {what}", remedy="Move the file away to have the page fetched again")
