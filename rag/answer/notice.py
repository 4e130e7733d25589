"""The operator's notice: one line above the answers to questions with certain words, or above all answers.

library/notice.json, checksummed.  Every program that serves the library shows it, a running page at once.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import LibraryDamaged, SettingInvalid
from rag.text.analyzer import question_terms

LOG = logging.getLogger(__name__)
FILE = "notice.json"
_SEPARATOR = re.compile(r"[,;，、；]")
_MAX_GAP = 2  # other words that may stand between a phrase's: "I lost all my money and my passport"
_MAX_GAP_CHINESE = 6  # the same in Chinese, whose terms are pairs of characters


@dataclass(frozen=True, slots=True)
class Notice:
    """A line with the phrases (``words``) of which one must be in a question; without any it is above all answers."""

    line: str
    words: tuple[str, ...]


_NOTICE = TypeAdapter(Notice)


def notice_for(library: Path, question: str) -> str | None:
    """The line above the answer to this question, None for none; the file is re-read whenever it changes.

    A damaged notice prevents no answer: it is logged, once, and ``python -m rag notice`` reports it.
    """
    path = library / FILE
    try:
        stat = path.stat()
    except OSError:
        return None
    notice = _cached(path, (stat.st_mtime_ns, stat.st_ino, stat.st_size))
    if notice is None:
        return None
    terms = question_terms(question[: limits.MAX_QUESTION_CHARS])
    is_meant = not notice.words or any(_matches(phrase, terms) for phrase in notice.words)
    return notice.line if is_meant else None


@functools.lru_cache(maxsize=8)
def _cached(path: Path, version: tuple[int, int, int]) -> Notice | None:
    try:
        return read(path.parent)
    except LibraryDamaged as error:
        LOG.error("%s", error)
        return None


def parse_notice(line: str, words: str | None) -> Notice:
    """The notice with this line; ``words`` are phrases separated by commas ("lost passport, arrested"), None for all.

    Raises:
        SettingInvalid: there is more than one line, it is too long, or the phrases hold no word.
    """
    line = _checked(line, "--set")
    if len(line) > limits.MAX_NOTICE_CHARS:
        raise SettingInvalid(
            f"the notice has {len(line)} characters, more than {limits.MAX_NOTICE_CHARS}",
            remedy="Say it in fewer words",
        )
    if words is None:
        return Notice(line, ())
    phrases = tuple(" ".join(part.split()) for part in _SEPARATOR.split(_checked(words, "--words")) if part.strip())
    if not phrases or len(phrases) > limits.MAX_NOTICE_PHRASES:
        raise SettingInvalid(
            f"--words holds {len(phrases)} phrases",
            remedy=f"Write 1 to {limits.MAX_NOTICE_PHRASES}, with commas between",
        )
    for phrase in phrases:
        if len(phrase) > limits.MAX_NOTICE_PHRASE_CHARS:
            raise SettingInvalid(
                f"“{phrase[:20]}…” has more than {limits.MAX_NOTICE_PHRASE_CHARS} characters", remedy="Shorten it"
            )
        if not question_terms(phrase):
            raise SettingInvalid(f"“{phrase}” holds no word to look for", remedy="Name what people will ask about")
    return Notice(line, phrases)


def read(library: Path) -> Notice | None:
    """The notice of that library; None where none is set.  Raises LibraryDamaged: the file is no notice."""
    path = library / FILE
    remedy = "Set it again, or run: python -m rag notice --clear"
    try:
        content = files.read_checksummed(path, remedy)
        if content is None:
            return None
        notice = _NOTICE.validate_python(content)
        return parse_notice(notice.line, ",".join(notice.words) or None)
    except (LibraryDamaged, ValidationError, SettingInvalid) as error:
        raise LibraryDamaged("can't be read as a notice", where=path, remedy=remedy) from error


def save(library: Path, notice: Notice) -> None:
    """Stores the notice in place of the one before.  Raises LibraryUnwritable: the folder can't be written."""
    with files.translate_os_errors(library):
        files.write_checksummed(library / FILE, dataclasses.asdict(notice))


def clear(library: Path) -> None:
    """Removes the notice, if there is one.  Raises LibraryUnwritable: the folder can't be written."""
    with files.translate_os_errors(library):
        (library / FILE).unlink(missing_ok=True)


def _checked(text: str, option: str) -> str:
    text = text.strip()
    if not text:
        raise SettingInvalid(f"{option} is empty", remedy="Write the line and the words it is for, or take --all")
    if not text.isprintable():
        raise SettingInvalid(f"{option} holds a line break or a character that can't be seen", remedy="Write one line")
    return text


def _matches(phrase: str, terms: list[str]) -> bool:
    """Whether all of the phrase's terms stand near each other in the question's, in whatever order."""
    wanted = set(question_terms(phrase))
    window = len(wanted) + (_MAX_GAP if phrase.isascii() else _MAX_GAP_CHINESE)
    return any(wanted <= set(terms[at : at + window]) for at in range(max(1, len(terms) - len(wanted) + 1)))
