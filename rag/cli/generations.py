"""``python -m rag generations``: lists the generations that are kept."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser
from rag.ingest.folders import ProgressCallback
from rag.library.generations import list_generations
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Lists each generation with its day, its state and what it changed, the latest first."""
    kept = list_generations(settings.library)
    if args.json:
        yield CommandOutput(json_output.line({"generations": [json_output.generation(info) for info in kept]}))
        return
    lines = (
        f"{info.number:>4}  {info.generation}  {info.built_at[:19]}  {info.state:<8}  {info.bulletins} bulletins"
        f" (+{len(info.added)} ~{len(info.changed)} -{len(info.removed)})"
        for info in kept
    )
    yield CommandOutput("\n".join(lines) or "There is no generation yet.")
