"""What a command is: a module of this package, with what it gets, reads and gives back to be printed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rag.cli import json_output
from rag.cli.parser import Parser
from rag.errors import SettingInvalid, one_line
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


Outputs = Iterator[CommandOutput]


@dataclass(frozen=True, slots=True)
class Context:
    """What a command runs with: the arguments typed, the settings, and the callback for its progress."""

    args: argparse.Namespace
    settings: Settings
    progress: ProgressCallback

    @property
    def library(self) -> Path:
        """The library's folder."""
        return self.settings.library

    def output(self, value: Any, text: str, notes: tuple[str, ...] = (), status: int = 0) -> CommandOutput:
        """Returns what is printed of a result: the value as JSON where ``--json`` asks for it, else the text."""
        return CommandOutput(json_output.line(value) if self.args.json else text, notes, status)


class Command(Protocol):
    """A module of this package that is named as its command is typed."""

    def add_arguments(self, parser: Parser) -> None:
        """Declares the command's own arguments; ``main`` adds the common options."""

    def run(self, context: Context) -> Outputs:
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


def read_batch(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields the JSON objects of a file's lines (- for standard input), numbered from 1; {} for a line that is none.

    Blank lines are left out.

    Raises:
        SettingInvalid: the file can't be read.
    """
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise SettingInvalid(f"can't be read ({reason})", where=path, remedy="Name a file of JSON lines") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line, parse_constant=int)  # which refuses NaN and Infinity: they are no JSON
            except (ValueError, RecursionError):
                row = None
            yield number, row if isinstance(row, dict) else {}
