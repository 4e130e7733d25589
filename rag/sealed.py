"""JSON files that carry their own digest, so that a changed byte anywhere in one is found.

The last key of the object is ``sha256``: that of the file's bytes without it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag import store
from rag.errors import LibraryDamaged

_TAIL = re.compile(rb',\n"sha256": "([0-9a-f]{64})"}\n\Z')


def seal(content: Mapping[str, Any]) -> bytes:
    """The file's bytes; ``content`` has at least one key, and no ``sha256``."""
    body = json.dumps(dict(content), ensure_ascii=False, indent=0).encode("utf-8", "surrogatepass").removesuffix(b"\n}")
    return body + f',\n"sha256": "{hashlib.sha256(body).hexdigest()}"}}\n'.encode()


def unseal(data: bytes) -> dict[str, Any]:
    """What was sealed.

    Raises:
        ValueError: these aren't the bytes that were written.
    """
    tail = _TAIL.search(data)
    if tail is None:
        raise ValueError("has lost its digest")
    body = data[: tail.start()]
    if hashlib.sha256(body).hexdigest() != tail[1].decode():
        raise ValueError("is damaged (its digest is not the one written)")
    found: dict[str, Any] = json.loads(body + b"}")
    return found


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Puts the sealed content in the place of what was there, at one stroke.

    Raises:
        OSError: it can't be written; see ``store.writing_to``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    store.replace(path, seal(content))


def read(path: Path, remedy: str) -> dict[str, Any] | None:
    """The content of a sealed file, None where there is none; ``remedy`` is what to do where it is damaged.

    Raises:
        LibraryDamaged: it can't be read, or isn't what was written.
    """
    try:
        return unseal(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"can't be read ({(error.strerror or str(error)).lower()})"
        raise LibraryDamaged(what, where=path, remedy=remedy) from error
    except ValueError as error:
        raise LibraryDamaged(str(error), where=path, remedy=remedy) from error
