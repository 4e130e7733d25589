"""NumPy arrays in a folder of their own: durable, checked when they are read, and mapped rather than loaded.

``arrays.json`` says what the folder holds, with the digest of each array's file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from embeddings.errors import IndexUnreadable

DESCRIPTION = "arrays.json"
FORMAT = 1


def save(folder: Path, kind: str, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write each array into NAME.npy and then the description, and wait until all are on the disk.

    Raises:
        OSError: the folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    described = {}
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        with synced_file(path) as file:
            np.save(file, array, allow_pickle=False)
        described[name] = {"type": array.dtype.str, "shape": list(array.shape), "sha256": _sha256(path)}
    write_description(folder / DESCRIPTION, {"format": FORMAT, "kind": kind, "arrays": described})


def load(folder: Path, kind: str, types: Mapping[str, str]) -> dict[str, npt.NDArray[Any]]:
    """The arrays that :func:`save` wrote, mapped into memory.  ``types`` are the names and types they must have.

    Raises:
        IndexUnreadable: a file is missing, cut short or changed, or isn't what the kind holds.
    """
    path = folder / DESCRIPTION
    with reading(path, "the file is not a description of arrays"):
        description = json.loads(path.read_bytes())
        entries = {
            name: (entry["type"], tuple(entry["shape"]), entry["sha256"])
            for name, entry in description["arrays"].items()
        }
        described = description["format"], description["kind"], {name: entry[0] for name, entry in entries.items()}
    if described != (FORMAT, kind, dict(types)):
        raise unreadable(path, f"describes something else than {kind} in format {FORMAT}")
    return {name: _mapped(folder / f"{name}.npy", *entry) for name, entry in entries.items()}


@contextmanager
def synced_file(path: Path) -> Iterator[BinaryIO]:
    """A file open for writing, whose bytes are on the disk when the block ends.

    Raises:
        OSError: the file can't be written.
    """
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def write_description(path: Path, content: Mapping[str, Any]) -> None:
    """Write a stored index's last file, as JSON, and wait until it and the names in its folder are on the disk.

    Raises:
        OSError: the file can't be written.
    """
    with synced_file(path) as file:
        file.write((json.dumps(content, indent=2) + "\n").encode())
    if os.name == "posix":  # Windows can't open folders and needs no such call.
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def reading(path: Path, misfit: str) -> Iterator[None]:
    """Translates what goes wrong in reading a file of a stored index; ``misfit`` says that it is of no such kind.

    Raises:
        IndexUnreadable: the file can't be read, or isn't what was written.
    """
    try:
        yield
    except OSError as error:
        raise unreadable(path, f"the file can't be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError, EOFError, RecursionError) as error:
        raise unreadable(path, misfit) from error


def unreadable(path: Path, what: str) -> IndexUnreadable:
    """The error for a stored index that isn't what was written."""
    return IndexUnreadable(what, where=path, remedy="Build the index again")


def _mapped(path: Path, dtype: str, shape: tuple[Any, ...], sha256: str) -> npt.NDArray[Any]:
    with reading(path, "the file is not a NumPy array"):
        if _sha256(path) != sha256:
            raise unreadable(path, "the bytes are not those that were written (sha256 differs)")
        # Private to this process: torch warns of arrays that can't be written, and a stray write stays out of the file.
        array = np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    if (array.dtype.str, array.shape) != (dtype, shape):
        raise unreadable(path, f"holds {array.dtype.str} {array.shape}, described otherwise")
    return array


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
