"""Words as such: how they are compared, and which ones are ordinary English."""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path

from rag.errors import DataDamaged, os_reason

DATA = Path(__file__).parent.parent / "data"
RESTORE = "It comes with the desk: fetch it again"

# Letters that don't come apart into a plain one and a mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "ʼ": "'"})


def fold(text: str) -> str:
    """The text for comparing: no case, no accents, plain apostrophes.  Its length may differ."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    apart = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    return "".join(character for character in apart if not unicodedata.combining(character))


@functools.cache
def common() -> frozenset[str]:
    """English words that are written with a small letter, British and American, names left out."""
    return frozenset(data("words.txt").split())


def data(name: str) -> str:
    """The text of a file of rag/data.

    Raises:
        DataDamaged: it is missing or unreadable.
    """
    return read_data(DATA / name)


def read_data(path: Path) -> str:
    """The text of a file that comes with the desk.

    Raises:
        DataDamaged: it is missing or unreadable.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        reason = os_reason(error)
        raise DataDamaged(f"can't be read ({reason})", where=path, remedy=RESTORE) from error
    except UnicodeDecodeError as error:
        raise DataDamaged("is not UTF-8", where=path, remedy=RESTORE) from error
