"""Watching the folders: what is dropped in is published, a burst at once, and what goes wrong ends nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from rag.errors import RemovalRefused, SeedsMissing
from rag.library import generations, publishing
from rag.library.build import watch
from rag.library.build.update import Report
from rag.library.reader import Library
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_bulletins import SECOND

Told = Queue["Report | RagError"]


@contextmanager
def watched(folder: Path, root: Path, poll_ms: int = 60_000) -> Iterator[Told]:
    """What the watcher tells, while it runs."""
    told: Told = Queue()
    stop = threading.Event()
    thread = threading.Thread(
        target=watch.watch,
        args=([folder], root, HashingEncoder()),
        kwargs={"on_report": told.put, "on_error": told.put, "stop": stop},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "DEBOUNCE_MS", 100)
        patch.setattr(watch, "POLL_MS", poll_ms)
        thread.start()
        try:
            yield told
        finally:
            stop.set()
            thread.join(30)
            assert not thread.is_alive()


def test_what_is_dropped_in_is_published_a_burst_at_once(folder: Path, tmp_path: Path) -> None:
    """At the start, and after several files that came together, one generation each."""
    root = tmp_path / "library"
    with watched(folder, root) as told:
        first = told.get(timeout=60)
        assert isinstance(first, Report)
        assert first.added == ("first.txt", "second.txt")
        for number in range(5):
            (folder / f"new-{number}.txt").write_text(SECOND.replace("Sixty", f"{number}00"), encoding="utf-8")
        second = told.get(timeout=60)
        assert isinstance(second, Report)
        assert second.added == tuple(f"new-{number}.txt" for number in range(5))
    assert len(Library.open(root).bulletins) == 7
    assert [one.bulletins for one in generations.list_generations(root)] == [7, 2]


def test_what_goes_wrong_is_told_once_and_ends_nothing(folder: Path, tmp_path: Path) -> None:
    """An emptied folder changes nothing; when the bulletins are back, the watcher goes on."""
    root = tmp_path / "library"
    with watched(folder, root, poll_ms=200) as told:
        told.get(timeout=60)
        texts = {path: path.read_bytes() for path in folder.iterdir()}
        for path in texts:
            path.unlink()
        assert isinstance(told.get(timeout=60), RemovalRefused)
        for path, data in texts.items():
            path.write_bytes(data)
        (folder / "third.txt").write_text(SECOND.replace("Sixty", "Ninety"), encoding="utf-8")
        while not isinstance(last := told.get(timeout=60), Report) or last.bulletins < 3:
            assert not isinstance(last, RemovalRefused)  # told once, though it was looked at again and again
    assert len(Library.open(root).bulletins) == 3


def test_a_generation_gone_back_to_stays_until_the_folder_changes(folder: Path, library: Path) -> None:
    """Nobody watching undoes what a person did; the next bulletin leads on."""
    (folder / "third.txt").write_text(SECOND.replace("Sixty", "Ninety"), encoding="utf-8")
    before = Library.open(library).generation
    with watched(folder, library) as told:
        told.get(timeout=60)
    assert publishing.rollback(library) == before
    with watched(folder, library, poll_ms=100) as told:
        threading.Event().wait(1)  # many beats
        assert told.empty()
        assert Library.open(library).generation == before
        (folder / "fourth.txt").write_text(SECOND.replace("Sixty", "Forty"), encoding="utf-8")
        report = told.get(timeout=60)
        assert isinstance(report, Report)
        assert report.added == ("fourth.txt", "third.txt")


def test_a_folder_that_is_not_there_can_not_be_watched(tmp_path: Path) -> None:
    """One line, not a traceback of the system's."""
    with pytest.raises(SeedsMissing, match="no such folder"):
        watch.watch(
            [tmp_path / "none"],
            tmp_path / "library",
            HashingEncoder(),
            on_report=print,
            on_error=print,
            stop=threading.Event(),
        )
