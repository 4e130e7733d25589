"""Watches the folders of bulletins and brings the library up to date after each change, until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from embeddings.encoder import Encoder
from rag.errors import LibraryBusy, RagError, SeedsMissing
from rag.ingest.folders import ProgressCallback
from rag.library import generations
from rag.library.build.update import Report, update_library

QUIET = 800  # milliseconds without a further change before anything is done
BEAT = 60_000  # milliseconds after which the folders are looked at unasked: mounted ones don't always tell of changes
_BUSY = 1.0  # seconds between two tries while another process is indexing


def watch(
    folders: Sequence[Path],
    root: Path,
    encoder: Encoder,
    *,
    done: Callable[[Report], None],
    failed: Callable[[RagError], None],
    stop: threading.Event,
    progress: ProgressCallback | None = None,
    quiet: int = QUIET,
    beat: int = BEAT,
) -> None:
    """Indexes at once, unless a generation was gone back to, then after each change; ``done`` is told of what was
    published or skipped, ``failed`` of what went wrong, which ends nothing.

    Raises:
        SeedsMissing: there is no such folder to watch.
    """
    from watchfiles import watch as changes

    for folder in folders:
        if not folder.is_dir():
            raise SeedsMissing("there is no such folder of bulletins", where=folder, remedy="Make it, or set --seeds")
    told: object = None
    changed = False
    beats = changes(
        *folders,
        step=quiet,
        debounce=20 * quiet,
        rust_timeout=beat,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
    )
    while not stop.is_set():
        try:
            if changed or not generations.is_rolled_back(root):
                report = update_library(folders, root, encoder, progress=progress)
                news = (report.generation, report.skipped, report.notes)
                if news != told:
                    done(report)
                told = news
        except LibraryBusy:
            stop.wait(_BUSY)
            continue
        except RagError as error:
            if str(error) != told:
                failed(error)
            told = str(error)
        changed = bool(next(beats, ()))
