"""What the costliest input of each door costs, found by search: python -m benchmarks costliest.

Inputs begin as rows of pieces that were costly before and are changed piece by piece; those that cost most go on.  Each
is done within its door's budget, as the desk does it, so that what is printed is what anybody can make the desk spend.
"""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi.testclient import TestClient

from benchmarks.generate import generate
from embeddings.encoder import Encoder
from embeddings.factory import load_encoder
from rag import limits
from rag.answer.assistant import Assistant
from rag.budget import OverBudget, limited
from rag.checking.checker import Checker
from rag.errors import RagError
from rag.ingest.parse import parse
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.settings import Settings
from rag.web.chat.answer_cards import answer_html
from rag.web.pages.catalogue import browse
from rag.web.pages.text_diff import diff_texts
from rag.web.server import build_app
from rag.web.service import Service, Serving

# What was costly once, and pieces of every kind that a question, a draft or a page is read for.  "#" is a number that
# counts on, "@" a word that stands nowhere else, "~" one of the bulletins' words with a letter changed.
PIECES = (
    *("vs ", "list all ", "Chaoyang, ", "who visited ", "compare ", "between ", " and ", " or ", "not in "),
    *("except ", "how many ", "latest ", "20# ", "May #, ", "on # May 2023 ", "last # years ", "every Monday "),
    *("before and after ", "@ ", "@, ", "~ ", "~ and ", "the @ of @ ", "Mr. @ ", "No. # ", "# guests "),
    *(
        "HAIDIAN ",
        "Pudong District ",
        "海淀区",
        "朝阳区和",
        "2023年#月",
        "哪些",
        "“a ",
        "'a' ",
        "May 1 'a' ",
        "“@ @”. ",
    ),
    *("> @\n", "On May #, ", "(a) ", "— ", "robots ", "guests ", "festival ", "the ", "a", " ", "\n", "\n\n"),
    *(". ", ", ", "...", "A.", "1,", "@@@@@@@@", "\u0301", "<p>", "<!--", "<div a=", "<script>", "<b>", "</p>"),
    *("&amp;", "<table><tr><td>", "<style>a{display:none}</style>"),
)
KEPT = 6  # of the costliest, which are changed further


@dataclass(frozen=True, slots=True)
class Door:
    """What an input is given to, ``chars`` of it at most, within a budget; ``most`` are the seconds it may cost."""

    do: Callable[[str], object]
    chars: int
    most: float


@dataclass(frozen=True, slots=True)
class Input:
    """Pieces, each with the times that it is repeated."""

    parts: tuple[tuple[str, int], ...]

    def text(self, chars: int, words: Sequence[str]) -> str:
        """The pieces filled in, again and again, until there are enough."""
        rolled, made, length = random.Random(1), list[str](), 0
        for number in range(chars):
            for piece, times in self.parts:
                for n in range(times):
                    made.append(_filled(piece, number * times + n, words, rolled))
                    length += len(made[-1])
                    if length >= chars:
                        return "".join(made)[:chars]
        return "".join(made)

    def __str__(self) -> str:
        return " ".join(f"{piece!r}×{times}" for piece, times in self.parts)


@dataclass(slots=True)
class Costliest:
    """The costliest input found at a door, with the processor seconds it took and what came of it."""

    door: str
    seconds: float = 0.0
    what: str = ""
    outcome: str = ""
    tried: int = 0
    over: list[str] = field(default_factory=list)  # inputs that cost more than their door may


def search(doors: Mapping[str, Door], words: Sequence[str], seconds: float, seed: int = 0) -> list[Costliest]:
    """Searches each door for so many seconds."""
    return [_search(name, door, words, seconds, random.Random(seed)) for name, door in doors.items()]


def _search(name: str, door: Door, words: Sequence[str], seconds: float, rolled: random.Random) -> Costliest:
    found, best = Costliest(name), list[tuple[float, Input]]()
    seeds = [Input(((piece, 1),)) for piece in rolled.sample(PIECES, len(PIECES))]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        one = seeds.pop() if seeds and (len(best) < KEPT or rolled.random() < 0.5) else _changed(best, rolled)
        cost, outcome = spent(door, one.text(door.chars, words))
        found.tried += 1
        if len(best) == KEPT and cost <= best[-1][0]:
            continue
        # the second time is without what is slow for the first alone, and without another program's noise
        again, outcome = spent(door, one.text(door.chars, words))
        best = sorted([*best, (min(cost, again), one)], key=lambda each: -each[0])[:KEPT]
        if min(cost, again) > door.most:
            found.over.append(f"{name}: {one} cost {min(cost, again):.2f} s")
        if best[0][1] is one:
            found.seconds, found.what, found.outcome = best[0][0], str(one), outcome
    return found


def spent(door: Door, text: str) -> tuple[float, str]:
    """The processor seconds of this process and its children, and what came of it."""
    began, outcome = _processor_seconds(), "done"
    try:
        door.do(text)
    except OverBudget:
        outcome = "ended: over its budget"
    except RagError:
        outcome = "refused"
    return _processor_seconds() - began, outcome


def doors_of(library: Library, encoder: Encoder, folder: Path) -> dict[str, Door]:
    """The desk's doors over this library."""
    assistant, checker = Assistant(library, encoder), Checker(library)
    service = Service(Settings(library=library.root, questions_a_minute=100_000, requests_a_minute=1_000_000))
    service.switch_to(Serving(library, (), assistant))
    client = TestClient(build_app(service))

    def ask(text: str, history: Sequence[str] = ()) -> None:
        with limited(limits.QUESTION_CPU_SECONDS, limits.QUESTION_SECONDS, ""):
            answer_html(assistant.ask(text, history=history), library)

    def follow_up(text: str) -> None:
        size = limits.MAX_QUESTION_CHARS
        *earlier, last = [text[at : at + size] for at in range(0, len(text), size)]
        ask(last, earlier)

    def check(text: str) -> None:
        if client.post("/check", data={"draft": text}).status_code != 200:
            raise RagError("refused, or ended")

    def draft(text: str) -> None:
        with limited(limits.DRAFT_CPU_SECONDS, limits.DRAFT_SECONDS, ""):
            checker.audit(text)

    def beside(text: str) -> None:
        diff_texts.cache_clear()
        half = len(text) // 2
        with limited(limits.PAGE_CPU_SECONDS, limits.PAGE_SECONDS, ""):
            diff_texts(text[:half], text[half:])

    def preview(text: str) -> None:
        path = folder / "preview.html"
        path.write_text(text, encoding="utf-8")
        parse(path)

    def list_bulletins(text: str) -> None:
        with limited(limits.PAGE_CPU_SECONDS, limits.PAGE_SECONDS, ""):
            browse(library, [("q", text[: limits.MAX_SEARCH_CHARS]), ("date", ""), ("district", "")])

    question, draft_chars = limits.MAX_QUESTION_CHARS, 100_000
    return {
        "question": Door(ask, question, 1.5 * limits.QUESTION_CPU_SECONDS),
        "follow-up": Door(follow_up, 11 * question, 1.5 * limits.QUESTION_CPU_SECONDS),
        "check": Door(check, limits.MAX_PUBLIC_QUOTATION_CHARS, 1.5 * limits.PUBLIC_CHECK_CPU_SECONDS),
        "draft": Door(draft, draft_chars, 1.5 * limits.DRAFT_CPU_SECONDS),
        "comparison": Door(beside, 400_000, 1.5 * limits.PAGE_CPU_SECONDS),
        "preview": Door(preview, 200_000, 1.5 * limits.SANDBOX_CPU_SECONDS),
        "search": Door(list_bulletins, limits.MAX_SEARCH_CHARS, 1.5 * limits.PAGE_CPU_SECONDS),
    }


def compare(folder: Path, bulletins: int, seconds: float, on_progress: Callable[[str], None]) -> list[Costliest]:
    """The costliest of each door, over so many made-up bulletins and with the model."""
    on_progress(f"Indexing {bulletins:,} bulletins")
    generate(folder / "seeds", bulletins)
    encoder = load_encoder()
    update_library(folder / "seeds", folder / "library", encoder)
    library = Library.open(folder / "library")
    on_progress(f"Searching, {seconds:g} seconds a door")
    return search(doors_of(library, encoder, folder), sorted(library.vocabulary), seconds)


def as_rows(found: Sequence[Costliest]) -> list[tuple[str, ...]]:
    """A row for each door."""
    head = ("Door", "Tried", "Costliest, s", "Outcome", "Input")
    return [head, *((one.door, str(one.tried), f"{one.seconds:.2f}", one.outcome, one.what) for one in found)]


def _changed(best: Sequence[tuple[float, Input]], rolled: random.Random) -> Input:
    """One of the costliest with a piece more, fewer, other, or repeated, or joined with another of them."""
    parts = list(rolled.choice(best)[1].parts)
    at = rolled.randrange(len(parts))
    how = rolled.choice(("add", "drop", "change", "repeat", "join"))
    if how == "add":
        parts.insert(at, (rolled.choice(PIECES), 1))
    elif how == "drop" and len(parts) > 1:
        del parts[at]
    elif how == "change":
        parts[at] = (rolled.choice(PIECES), parts[at][1])
    elif how == "repeat":
        parts[at] = (parts[at][0], min(1_000, max(1, parts[at][1] * rolled.choice((2, 5)) // rolled.choice((1, 3)))))
    elif how == "join":
        parts += rolled.choice(best)[1].parts
    return Input(tuple(parts[:8]))


def _filled(piece: str, number: int, words: Sequence[str], rolled: random.Random) -> str:
    return "".join(_sign(sign, number, words, rolled) for sign in piece)


def _sign(sign: str, number: int, words: Sequence[str], rolled: random.Random) -> str:
    if sign == "#":
        return str(number % 28 + 1)
    if sign == "@":
        return "".join(rolled.choices("bdfgklmnprstvz", k=3)).capitalize() + "".join(rolled.choices("aeiou", k=2))
    if sign == "~" and words:
        word = rolled.choice(words)
        at = rolled.randrange(len(word))
        return word[:at] + rolled.choice("aeioust") + word[at + 1 :]
    return sign


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
