"""The noted state of a host's pages is checked when it is read; one run at a time writes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import files
from rag.errors import LibraryDamaged, OperatorRefused
from rag.ingest.fetch import sync_state
from tests.support.site import Site
from tests.support.syncing import BULLETINS, run, saved


def test_one_run_at_a_time(news: Site, seeds: Path) -> None:
    """Two would ask twice as often, and write over one another's notes."""
    with sync_state.locked(seeds), pytest.raises(OperatorRefused, match="already"):
        run(news, seeds)
    assert news.asked == []
    assert len(run(news, seeds).added) == 3


def test_a_changed_note_is_found(news: Site, seeds: Path) -> None:
    """A flipped byte isn't believed; without the notes everything is still there and taken over."""
    run(news, seeds)
    (path,) = (seeds / ".sync").glob("*.json")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(LibraryDamaged, match="Remove it"):
        run(news, seeds)
    path.unlink()
    assert run(news, seeds).unchanged == 3


@pytest.mark.parametrize(
    "content", [{"format": 2, "pages": {}}, {"format": 1, "pages": {"u": {"file": 3}}}, {"format": 1}]
)
def test_notes_of_another_form_are_not_guessed_at(seeds: Path, content: dict[str, object]) -> None:
    """Whole, but not what this desk writes."""
    files.write_checksummed(seeds / ".sync" / "news.example.org.json", content)
    with pytest.raises(LibraryDamaged):
        sync_state.read(seeds, "news.example.org")


def test_notes_are_sealed_and_not_taken_for_bulletins(news: Site, seeds: Path) -> None:
    """One file a host, in a folder that indexing leaves alone."""
    run(news, seeds)
    (path,) = (seeds / ".sync").glob("*.json")
    assert path.name == news.host.replace(":", "_") + ".json"
    assert sorted(json.loads(path.read_bytes())["pages"]) == sorted(news.url(one) for one in BULLETINS)
    files.load_checksummed(path.read_bytes())
    assert all(not name.startswith(".") for name in saved(seeds))
