"""``python -m rag back``: goes back to an earlier generation."""

from __future__ import annotations

from rag.cli import json_output
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.library.generations import list_generations
from rag.library.publishing import rollback


def add_arguments(parser: Parser) -> None:
    """Declares the generation; without one, the one before is meant."""
    parser.add_argument("generation", nargs="?", metavar="GENERATION")


def run(context: Context) -> Outputs:
    """Switches to the generation, which answers at once."""
    name = rollback(context.library, context.args.generation)
    current = next(info for info in list_generations(context.library) if info.generation == name)
    text = f"Generation {name} of {current.built_at[:10]} answers now: {current.bulletins} bulletins."
    yield context.output(json_output.generation(current), text)
