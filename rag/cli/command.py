"""What every command's file holds, what a command returns, and how that is printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from rag.cli.parser import Parser
from rag.errors import one_line
from rag.ingest.folders import ProgressCallback
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """``text`` goes to standard output (None: nothing), followed by ``end``; ``notes`` are lines for standard error;
    the highest ``status`` of a command's outputs is its exit status."""

    text: str | None = None
    notes: tuple[str, ...] = ()
    status: int = 0
    end: str = "\n"


class Command(Protocol):
    """A module of this package that is named as its command is typed."""

    def add_arguments(self, parser: Parser) -> None:
        """Declares the command's own arguments; ``main`` adds the common options."""

    def run(self, args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
        """Carries the command out, and yields what to print as it becomes known.

        Raises:
            RagError: it can't be done; its line and its exit status are for ``main`` to report.
        """


def emit(output: CommandOutput) -> None:
    """Prints an output at once, its notes first."""
    for note in output.notes:
        print(one_line(note), file=sys.stderr)
    if output.text is not None:
        print(output.text, end=output.end, flush=True)
