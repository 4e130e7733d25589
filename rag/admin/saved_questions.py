"""Saved questions, which are asked of the old and the new generation before a switch.  Until one is saved or removed
they are the examples of the chat.

library/saved-questions.json, checksummed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import LibraryBusy, LibraryDamaged, OperatorRefused, QuestionRefused, SettingInvalid
from rag.query.parse import normalise, parse_question

FILE = "saved-questions.json"
FORMAT = 1
_LOCK_SECONDS = 2  # a change of the file takes an instant
_REMEDY = "Remove it and save the questions again"
_QUESTIONS = TypeAdapter(tuple[str, ...])


def read(root: Path, examples: Sequence[str] = ()) -> tuple[str, ...]:
    """The questions, in the order they were saved; the examples where none was ever saved or removed.

    Raises LibraryDamaged: they can't be read.
    """
    path = root / FILE
    content = files.read_checksummed(path, _REMEDY)
    if content is None:
        return tuple(examples)
    if content.get("format") != FORMAT:
        raise LibraryDamaged(f"is not of format {FORMAT}", where=path, remedy=_REMEDY)
    try:
        return _QUESTIONS.validate_python(content.get("questions"))
    except ValidationError as error:
        raise LibraryDamaged("is no list of questions", where=path, remedy=_REMEDY) from error


def add(root: Path, question: str, examples: Sequence[str] = ()) -> None:
    """Saves a question after those that ``read`` gives, in one line; one that is saved already but for case and white
    space stays as it is.

    Raises:
        SettingInvalid: it can't be asked. OperatorRefused: there are too many.
        LibraryBusy, LibraryUnwritable, LibraryDamaged: it can't be saved.
    """
    try:
        parse_question(question)
    except QuestionRefused as error:
        raise SettingInvalid(error.what, remedy=error.remedy) from error
    line = " ".join(question.split())
    with _locked(root):
        saved = read(root, examples)
        if any(_key(other) == _key(line) for other in saved):
            return
        if len(saved) >= limits.MAX_SAVED_QUESTIONS:
            raise OperatorRefused(
                f"{limits.MAX_SAVED_QUESTIONS} questions are saved already", remedy="Remove one first"
            )
        _write(root, (*saved, line))


def remove(root: Path, question: str, examples: Sequence[str] = ()) -> None:
    """Removes a question from those that ``read`` gives.

    Raises:
        OperatorRefused: it isn't saved.
        LibraryBusy, LibraryUnwritable, LibraryDamaged: it can't be removed.
    """
    with _locked(root):
        saved = read(root, examples)
        remaining = tuple(other for other in saved if _key(other) != _key(question))
        if remaining == saved:
            raise OperatorRefused("is not saved", where=f"“{question}”", remedy="See: python -m rag questions")
        _write(root, remaining)


def _key(question: str) -> str:
    return normalise(question).casefold()


def _write(root: Path, saved: tuple[str, ...]) -> None:
    files.write_checksummed(root / FILE, {"format": FORMAT, "questions": list(saved)})


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with files.translate_os_errors(root):
        busy = LibraryBusy("another process is changing the saved questions", where=root, remedy="Try again")
        with files.locked(root / "saved-questions.lock", _LOCK_SECONDS, busy):
            yield
