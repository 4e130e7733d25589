"""``python -m rag back``: goes back to an earlier generation."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser
from rag.ingest.folders import ProgressCallback
from rag.library.generations import list_generations
from rag.library.publishing import rollback
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares the generation; without one, the one before is meant."""
    parser.add_argument("generation", nargs="?", metavar="GENERATION")


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Switches to the generation, which answers at once."""
    name = rollback(settings.library, args.generation)
    current = next(info for info in list_generations(settings.library) if info.generation == name)
    if args.json:
        yield CommandOutput(json_output.line(json_output.generation(current)))
    else:
        built_on = current.built_at[:10]
        yield CommandOutput(f"Generation {name} of {built_on} answers now: {current.bulletins} bulletins.")
