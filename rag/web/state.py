"""What the service answers from at one moment: one generation of the library, and the stage that the service is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rag.answer.assistant import Assistant
    from rag.library.reader import Library


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the service, with one line for the reader.

    "degraded": it answers from an intact generation which isn't the one in use; the line says why.
    """

    name: Literal["preparing", "ready", "degraded", "failed"]
    line: str

    @property
    def answers(self) -> bool:
        """Whether questions are answered."""
        return self.name in ("ready", "degraded")


READY = Stage("ready", "Ready")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Serving:
    """One generation.  Whatever answers a question or makes a page takes this once and reads from nothing else, so that
    two generations are never mixed when the service switches meanwhile.

    ``assistant`` is None while the model is loading; ``examples`` are questions to start with.
    """

    library: Library
    examples: tuple[str, ...] = ()
    assistant: Assistant | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All that the service shows of itself, replaced as a whole.

    ``serving`` is None until a library is open; ``notices`` are lines for the reader, such as a bulletin that couldn't
    be read; ``number`` counts the states of this process.
    """

    stage: Stage
    serving: Serving | None = None
    notices: tuple[str, ...] = ()
    number: int = 0
