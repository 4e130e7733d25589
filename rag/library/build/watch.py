"""Watches the folders of bulletins and updates the library after each change, until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from embeddings.encoder import Encoder
from rag.errors import LibraryBusy, RagError
from rag.ingest.folders import ProgressCallback, require_folder
from rag.library import generations
from rag.library.build.update import Report, update_library

DEBOUNCE_MS = 800  # without a further change before anything is done
POLL_MS = 60_000  # after which the folders are scanned unasked: mounted ones don't always report changes
_RETRY_SECONDS = 1.0  # between two tries while another process is indexing


def watch(
    folders: Sequence[Path],
    root: Path,
    encoder: Encoder,
    *,
    on_report: Callable[[Report], None],
    on_error: Callable[[RagError], None],
    stop: threading.Event,
    progress: ProgressCallback | None = None,
) -> None:
    """Updates the library at once, unless it was rolled back, then after each change.

    ``on_report`` is called with what was published or skipped, ``on_error`` with what went wrong, which ends nothing;
    neither is called twice with the same.

    Raises:
        SeedsMissing: there is no such folder to watch.
    """
    for folder in folders:
        require_folder(folder)
    last_news: object = None
    is_changed = False
    changes = _changes(folders, stop)
    while not stop.is_set():
        try:
            if is_changed or not generations.is_rolled_back(root):
                report = update_library(folders, root, encoder, progress=progress)
                news = (report.generation, report.skipped, report.notes)
                if news != last_news:
                    on_report(report)
                last_news = news
        except LibraryBusy:
            stop.wait(_RETRY_SECONDS)
            continue
        except RagError as error:
            if str(error) != last_news:
                on_error(error)
            last_news = str(error)
        is_changed = bool(next(changes, ()))


def _changes(folders: Sequence[Path], stop: threading.Event) -> Iterator[object]:
    """Yields the changes of each burst, which are empty where ``POLL_MS`` went by without one."""
    from watchfiles import watch as watch_files

    return watch_files(
        *folders,
        step=DEBOUNCE_MS,
        debounce=20 * DEBOUNCE_MS,
        rust_timeout=POLL_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
    )
