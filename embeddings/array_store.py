"""NumPy arrays in a folder of their own: durable, checked when they are read, and mapped rather than loaded.

``arrays.json`` says what the folder holds, with the digest of each array's file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.stored_files import file_sha256, sync_folder, synced_file, unreadable

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
        described[name] = {"type": array.dtype.str, "shape": list(array.shape), "sha256": file_sha256(path)}
    with synced_file(folder / DESCRIPTION) as file:
        file.write((json.dumps({"format": FORMAT, "kind": kind, "arrays": described}, indent=2) + "\n").encode())
    sync_folder(folder)


def load(folder: Path, kind: str, types: Mapping[str, str]) -> dict[str, npt.NDArray[Any]]:
    """The arrays that :func:`save` wrote, mapped into memory.  ``types`` are the names and types they must have.

    Raises:
        IndexUnreadable: a file is missing, cut short or changed, or isn't what the kind holds.
    """
    path = folder / DESCRIPTION
    try:
        description = json.loads(path.read_bytes())
        entries = {
            name: (entry["type"], tuple(entry["shape"]), entry["sha256"])
            for name, entry in description["arrays"].items()
        }
        described = description["format"], description["kind"], {name: entry[0] for name, entry in entries.items()}
    except OSError as error:
        raise unreadable(path, f"the file can't be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise unreadable(path, "the file is not a description of arrays") from error
    if described != (FORMAT, kind, dict(types)):
        raise unreadable(path, f"describes something else than {kind} in format {FORMAT}")
    return {name: _mapped(folder / f"{name}.npy", *entry) for name, entry in entries.items()}


def _mapped(path: Path, dtype: str, shape: tuple[Any, ...], sha256: str) -> npt.NDArray[Any]:
    try:
        if file_sha256(path) != sha256:
            raise unreadable(path, "the bytes are not those that were written (sha256 differs)")
        # Private to this process: torch warns of arrays that can't be written, and a stray write stays out of the file.
        array = np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    except OSError as error:
        raise unreadable(path, f"the file can't be read ({error.strerror})") from error
    except (ValueError, EOFError) as error:
        raise unreadable(path, "the file is not a NumPy array") from error
    if (array.dtype.str, array.shape) != (dtype, shape):
        raise unreadable(path, f"holds {array.dtype.str} {array.shape}, described otherwise")
    return array
