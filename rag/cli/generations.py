"""``python -m rag generations``: lists the generations that are kept."""

from __future__ import annotations

from rag.cli import json_output
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.library.generations import list_generations


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(context: Context) -> Outputs:
    """Lists each generation with its day, its state and what it changed, the latest first."""
    kept = list_generations(context.library)
    lines = (
        f"{info.number:>4}  {info.generation}  {info.built_at[:19]}  {info.state:<8}  {info.bulletins} bulletins"
        f" (+{len(info.added)} ~{len(info.changed)} -{len(info.removed)})"
        for info in kept
    )
    value = {"generations": [json_output.generation(info) for info in kept]}
    yield context.output(value, "\n".join(lines) or "There is no generation yet.")
