"""A question set on disk: ``questions.jsonl`` with its gold, and the bulletins that it is asked of.

The bulletins are in ``corpus/``; a set without one names another folder in ``set.toml``: ``corpus = "../dev/corpus"``.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from rag.errors import RagError, SettingInvalid, os_reason


class SetUnusable(RagError):
    """A question set, or a file that goes with one, holds something that can't be used."""


class Gold(BaseModel):
    """A passage that answers.  Those of one ``group`` are alternatives; an ``optional`` one isn't missed."""

    model_config = ConfigDict(frozen=True, strict=True)

    bulletin: str
    quote: str = Field(min_length=1)
    section: Any = None
    optional: bool | None = False
    group: int | str | None = Field(None, validation_alias=AliasChoices("group", "alternative_group"))


class Question(BaseModel):
    """A question with its gold; other keys (``notes``) are passed over.  Any word will do as its ``kind``."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: str | int
    question: str
    kind: str
    answerable: bool
    history: tuple[str, ...] | None = ()
    asked_on: dt.date | None = None
    gold: tuple[Gold, ...] = ()
    must_include_all: bool | None = False


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The questions of a folder, in the order of its file."""

    folder: Path
    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        """The folder as it was named: two sets may share their last part."""
        return self.folder.as_posix()


def read_question_set(folder: Path) -> QuestionSet:
    """Reads the set in a folder.

    Raises:
        SettingInvalid: there is no such folder, or no questions.jsonl in it.
        SetUnusable: a line is no question, or two have one id.
    """
    path = folder / "questions.jsonl"
    if not path.is_file():
        what = "holds no questions.jsonl" if folder.is_dir() else "there is no such folder"
        raise SettingInvalid(what, where=folder, remedy="Name the folder of a question set")
    lines = read_text(path).split("\n")
    questions = tuple(_question(line, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip())
    if not questions:
        raise SetUnusable("holds no question", where=path, remedy="Write one a line")
    identifier, times = Counter(str(question.id) for question in questions).most_common(1)[0]
    if times > 1:
        raise SetUnusable(f"{times} questions have the id {identifier}", where=path, remedy="Give each its own")
    return QuestionSet(folder, questions)


def corpus_folder(folder: Path) -> Path:
    """Returns the set's folder of bulletins.

    Raises:
        SetUnusable: it has none, and names none that exists.
    """
    default, pointer = folder / "corpus", folder / "set.toml"
    if default.is_dir():
        return default
    if not pointer.is_file():
        remedy = 'Put the bulletins into corpus/, name them in set.toml (corpus = "../dev/corpus"), or give --library'
        raise SetUnusable("has neither corpus/ nor set.toml", where=folder, remedy=remedy)
    corpus = read_toml(pointer).get("corpus")
    if not isinstance(corpus, str):
        raise SetUnusable("names no corpus", where=pointer, remedy='Write: corpus = "../dev/corpus"')
    if not (folder / corpus).is_dir():
        raise SetUnusable(f"there is no folder {corpus}, seen from the set's", where=pointer, remedy="Correct the path")
    return folder / corpus


def read_text(path: Path) -> str:
    """Reads a UTF-8 file.

    Raises:
        SetUnusable: it can't be read, or isn't UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = f"can't be read ({os_reason(error)})"
        raise SetUnusable(what, where=path, remedy="Check name and permissions") from None
    except UnicodeDecodeError:
        raise SetUnusable("is not UTF-8", where=path, remedy="Save it as UTF-8 text") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Reads a TOML file.

    Raises:
        SetUnusable: see ``read_text``; or it isn't TOML.
    """
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise SetUnusable(f"is not TOML ({error})", where=path, remedy="Correct it") from None


def _question(line: str, where: str) -> Question:
    try:
        return Question.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        what = f"{field}: {first['msg']}" if field else first["msg"]
        raise SetUnusable(what[0].lower() + what[1:], where=where, remedy="Correct or remove the line") from None
