"""Word lists and other files of rag/data, and the folding by which words are compared."""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path

from rag.errors import DataDamaged, os_reason

DATA_FOLDER = Path(__file__).parent.parent / "data"
RESTORE_REMEDY = "It comes with the desk: fetch it again"

# Letters that don't come apart into a plain one and a mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "ʼ": "'"})


def fold(text: str) -> str:
    """The text without case and accents, with plain apostrophes, for comparing; its length may differ."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    apart = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    return "".join(character for character in apart if not unicodedata.combining(character))


@functools.cache
def common_words() -> frozenset[str]:
    """Common English words: those written with a small letter, British and American."""
    return frozenset(read_data("words.txt").split())


def read_data(name: str) -> str:
    """The text of a file of rag/data.

    Raises:
        DataDamaged: it is missing or unreadable.
    """
    return read_packaged(DATA_FOLDER / name)


def read_packaged(path: Path) -> str:
    """The text of a file that comes with the desk.

    Raises:
        DataDamaged: it is missing or unreadable.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        reason = os_reason(error)
        raise DataDamaged(f"can't be read ({reason})", where=path, remedy=RESTORE_REMEDY) from error
    except UnicodeDecodeError as error:
        raise DataDamaged("is not UTF-8", where=path, remedy=RESTORE_REMEDY) from error
