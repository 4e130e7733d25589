"""What the desk answers from at one moment: a generation of the library, whole, and where the desk stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rag.answer.assistant import Assistant
    from rag.library.reader import Library


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the desk stands, with one line for the reader.

    A desk that is "degraded" answers from a whole generation, though not from the one in use: the line says why.
    """

    name: Literal["preparing", "ready", "degraded", "failed"]
    line: str

    @property
    def answers(self) -> bool:
        return self.name in ("ready", "degraded")


READY = Stage("ready", "Ready")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Serving:
    """One generation.  Who answers a question or makes a page takes this once and reads from nothing else, so that
    nothing is mixed when the desk changes over meanwhile; it lasts until its last reader is done.

    ``assistant`` is None while the model is still loading; ``examples`` are questions to start with.
    """

    library: Library
    examples: tuple[str, ...] = ()
    assistant: Assistant | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All that the desk shows of itself, swapped at one stroke.

    ``serving`` is None until a library is open; ``notices`` are lines that the reader should know, such as a bulletin
    that couldn't be read; ``number`` counts the states of this process.
    """

    stage: Stage
    serving: Serving | None = None
    notices: tuple[str, ...] = ()
    number: int = 0
