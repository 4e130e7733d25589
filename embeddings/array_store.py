"""NumPy arrays in a folder of their own, durable, checked when they are read, and mapped rather than loaded.

``arrays.json`` says what the folder holds, with the digest of each array's file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.errors import IndexUnreadable

DESCRIPTION = "arrays.json"
FORMAT = 1
REBUILD = "Build the index again"


def save(folder: Path, kind: str, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write each array into NAME.npy and then the description, and wait until all are on the disk.

    Raises:
        OSError: the folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    described = {}
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        with path.open("wb") as file:
            np.save(file, array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        described[name] = {"type": array.dtype.str, "shape": list(array.shape), "sha256": _digest(path)}
    with (folder / DESCRIPTION).open("wb") as file:
        file.write((json.dumps({"format": FORMAT, "kind": kind, "arrays": described}, indent=2) + "\n").encode())
        file.flush()
        os.fsync(file.fileno())
    # A new name is only as durable as the folder that holds it; Windows can't open folders and needs no such call.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def load(folder: Path, kind: str, types: Mapping[str, str]) -> dict[str, npt.NDArray[Any]]:
    """The arrays that :func:`save` wrote, mapped into memory.  ``types`` are the names and types they must have.

    Raises:
        IndexUnreadable: a file is missing, cut short or changed, or isn't what the kind holds.
    """
    path = folder / DESCRIPTION
    try:
        written = json.loads(path.read_bytes())
        found = {
            name: (entry["type"], tuple(entry["shape"]), entry["sha256"]) for name, entry in written["arrays"].items()
        }
        what = written["format"], written["kind"], {name: entry[0] for name, entry in found.items()}
    except OSError as error:
        raise unreadable(path, f"the file can't be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise unreadable(path, "the file is not a description of arrays") from error
    if what != (FORMAT, kind, dict(types)):
        raise unreadable(path, f"describes something else than {kind} in format {FORMAT}")
    return {name: _mapped(folder / f"{name}.npy", *entry) for name, entry in found.items()}


def unreadable(path: Path, what: str) -> IndexUnreadable:
    return IndexUnreadable(what, where=path, remedy=REBUILD)


def _mapped(path: Path, kind: str, shape: tuple[Any, ...], sha256: str) -> npt.NDArray[Any]:
    try:
        if _digest(path) != sha256:
            raise unreadable(path, "the bytes are not those that were written (sha256 differs)")
        # Private to this process: torch warns of arrays that can't be written, and a stray write stays out of the file.
        array = np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    except OSError as error:
        raise unreadable(path, f"the file can't be read ({error.strerror})") from error
    except (ValueError, EOFError) as error:
        raise unreadable(path, "the file is not a NumPy array") from error
    if (array.dtype.str, array.shape) != (kind, shape):
        raise unreadable(path, f"holds {array.dtype.str} {array.shape}, described otherwise")
    return array


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
