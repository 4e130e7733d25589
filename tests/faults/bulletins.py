"""A folder of made-up bulletins, and all that a reader can see of a library of them."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generate import generate
from rag.answer.assistant import Assistant
from rag.errors import LibraryMissing
from rag.library.reader import Library, text_path
from rag.library.verify import verify
from tests.support.hashing_encoder import HashingEncoder

QUESTIONS = (
    "Who visited the district from abroad?",
    "What lectures on consular protection were held?",
    "What happened in Haidian?",
    "Which exhibition opened in Chaoyang?",
)
_UNFINISHED = re.compile(r"_.*|\..+\.\d+")  # folders and files before they get their names


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote of an answer: where it stands, and its words."""

    bulletin: str
    sha256: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class State:
    """What a reader sees of a library: its bulletins (names, digests of file and text) and its answers to
    ``QUESTIONS``, each with status and quotes."""

    bulletins: tuple[tuple[str, str, str], ...]
    answers: tuple[tuple[str, tuple[Quoted, ...]], ...]


class Mixed(Exception):
    """An answer isn't of one generation, or a quote isn't what the stored text says."""


def bulletins(folder: Path, *numbers: int) -> None:
    """Makes these bulletins up; a number always gives the same one."""
    for number in numbers:
        generate(folder, 1, first=number)


def path_of(folder: Path, number: int) -> Path:
    return folder / f"bulletin_{number:05}.txt"


def change(folder: Path, number: int) -> None:
    """Another sentence at the end of a bulletin."""
    path = path_of(folder, number)
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\nGuests from Haidian visited the exhibition of {number} kites.\n", encoding="utf-8")


def state(root: Path) -> State:
    """
    Raises:
        Mixed: see there. RagError: the library can't be opened, or doesn't answer.
    """
    return state_of(Library.open(root))


def state_of(library: Library) -> State:
    """
    Raises:
        As ``state``.
    """
    assistant = Assistant(library, HashingEncoder())
    answers = tuple(_answer(assistant, question) for question in QUESTIONS)
    return State(tuple((one.name, one.file_sha256, one.sha256) for one in library.bulletins), answers)


def _answer(assistant: Assistant, question: str) -> tuple[str, tuple[Quoted, ...]]:
    library = assistant.library
    answer = assistant.ask(question)
    if answer.generation != library.generation:
        raise Mixed(f"an answer of generation {answer.generation} from {library.generation}")
    quotes = tuple(Quoted(one.bulletin, one.sha256, one.start, one.end, one.text) for one in answer.quotes)
    for quote in quotes:
        if library.by_name[quote.bulletin].sha256 != quote.sha256:
            raise Mixed(f"a quote of another text than the library's {quote.bulletin}")
        text = text_path(library.root, quote.sha256).read_bytes()
        if hashlib.sha256(text).hexdigest() != quote.sha256 or text.decode()[quote.start : quote.end] != quote.text:
            raise Mixed(f"a quote that doesn't stand in {quote.bulletin}")
    return answer.status, quotes


def state_or_none(root: Path) -> State | None:
    """None where there is no library yet.

    Raises:
        As ``state``.
    """
    try:
        return state(root)
    except LibraryMissing:
        return None


def damage(root: Path) -> list[str]:
    """What ``verify`` finds."""
    try:
        return [f"{one.where}: {one.what}" for one in verify(root).damage]
    except LibraryMissing:
        return []


def unfinished(root: Path) -> list[str]:
    """What is left of writing that was broken off."""
    found = [Path(inner, name) for inner, folders, files in os.walk(root) for name in (*folders, *files)]
    return sorted(str(path.relative_to(root)) for path in found if _UNFINISHED.fullmatch(path.name))
