"""What tests of syncing share: a listing of three bulletins, a run over it, and what it left in the folder."""

from __future__ import annotations

from pathlib import Path

from rag.ingest import folders
from rag.ingest.fetch import save, sync_state
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.sync import SyncResult, sync
from tests.support.site import Site, bulletin

LISTING = "/news/index.html"
SEASONS = ("spring", "summer", "autumn")
BULLETINS = {f"/news/2024/{season}.html": bulletin(f"{season.title()} in Haidian") for season in SEASONS}


def run(site: Site, seeds: Path, path: str = LISTING) -> SyncResult:
    return sync(site.url(path), seeds, Client((site.host,), clock=site.clock, sleep=site.clock.sleep))


def saved(seeds: Path) -> dict[str, bytes]:
    """The bulletins of the folder, as indexing would find them."""
    found, skipped = folders.list_files(seeds)
    assert skipped == []
    return {file.name: file.path.read_bytes() for file in found}


def name_of(site: Site, path: str) -> str:
    return save.file_name(site.url(path), ".html")


def known(site: Site, seeds: Path) -> dict[str, sync_state.PageState]:
    return sync_state.read(seeds, site.host)
