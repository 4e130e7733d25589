"""Word lists, those of rag/data and of this code, and the folding by which words are compared."""

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


def word_set(words: str) -> frozenset[str]:
    """The words that white space separates."""
    return frozenset(words.split())


@functools.cache
def common_words() -> frozenset[str]:
    """Common English words: those written with a small letter, British and American."""
    return word_set(read_data("words.txt"))


def read_data(name: str) -> str:
    """The text of a file of rag/data; raises as ``read_packaged`` does."""
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


# Nouns that say what kind of thing a name is of: "Museum", "Park", "Forum".
ORGANISATIONS = word_set("""
    academy agency airline airlines alliance association authority bank board bureau center centre chamber choir
    circus club college commission committee community company consulate corporation council court department embassy
    ensemble federation foundation fund group hospital hotel institute kindergarten laboratory league library ltd
    ministry museum office orchestra organisation organization party press restaurant school service society studio
    studios team theater theatre union university
""")
SPOTS = word_set("""
    airport avenue bay beach bridge building camp castle city complex county factory field garden gardens gate gym hall
    highway hill hills island lake lane mall market mountain mountains palace park pass pavilion peak plaza port
    port railway reservoir resort ridge river road ruins site square stadium station street subdistrict temple terminal
    tomb tombs tower town township trail valley village wall workshop zone
""")
EVENTS = word_set("""
    competition conference congress contest convention cup day exhibition expo exposition fair festival forum games
    marathon month seminar summit symposium week
""")
