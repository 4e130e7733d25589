"""Writing a generation: one writer, a folder that appears whole, texts kept under their digests."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag import store
from rag.errors import LibraryBusy
from rag.library import text_path
from rag.manifest import FORMAT, RECIPE, ModelCard
from rag.records import Bulletin

_OURS = re.compile(r"_?[0-9a-f]{16}(?:\.\d+)?")


@contextmanager
def only_writer(root: Path) -> Iterator[None]:
    with store.writing_to(root):
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise LibraryBusy("another process is indexing", where=root, remedy="Wait until it is done") from None
    try:
        yield
    finally:
        lock.release()


def identity(card: ModelCard, sources: dict[str, str]) -> str:
    """The same bulletins, model and recipe give the same name, on any machine."""
    made_of = [FORMAT, RECIPE, card.digest, sorted(sources.items())]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]


def free_name(root: Path, identity: str) -> str:
    """A generation is never written over: a rebuilt one gets a number."""
    names = (identity if not number else f"{identity}.{number}" for number in range(10_000))
    return next(name for name in names if not (root / "generations" / name).exists())


@contextmanager
def new_folder(root: Path, generation: str) -> Iterator[Path]:
    """A folder that gets its name only when everything in it is on the disk."""
    unfinished = root / "generations" / f"_{generation}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        for folder in (unfinished / "passages", unfinished / "sentences", unfinished):
            store.sync_folder(folder)
        unfinished.rename(unfinished.with_name(generation))
        store.sync_folder(unfinished.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def keep_texts(root: Path, bulletins: Iterable[Bulletin]) -> None:
    folder = root / "texts"
    folder.mkdir(exist_ok=True)
    for bulletin in bulletins:
        path = text_path(root, bulletin.sha256)
        if not path.is_file() or store.digest(path) != bulletin.sha256:
            store.put(path, bulletin.text.encode("utf-8"))
    store.sync_folder(folder)


def clear_away(root: Path, keep: tuple[str, ...]) -> None:
    """Removes generations that nobody returns to, and what an interrupted run left.  Texts stay."""
    for folder in (root / "generations").iterdir():
        if _OURS.fullmatch(folder.name) and folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
