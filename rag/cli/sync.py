"""``python -m rag sync``: fetches what a listing page links to, and indexes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace

from embeddings.factory import load_encoder
from rag.cli.command import CommandOutput
from rag.cli.index import report_output
from rag.cli.parser import Parser
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.sync import sync
from rag.ingest.folders import ProgressCallback, Skipped
from rag.library.build.update import update_library
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares the listing page."""
    parser.add_argument("url", metavar="LISTING-URL", help="of a host in RAG_HOSTS")


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Fetches new and changed bulletins, then indexes; names those that have gone from the site."""
    synced = sync(args.url, settings.seeds, Client(settings.hosts), progress=progress)
    encoder = load_encoder(settings.model, settings.device)
    report = update_library(settings.folders, settings.library, encoder, progress=progress)
    skipped = [Skipped(url, reason) for url, reason in synced.skipped]
    gone = tuple(f"{url}: has gone from the site; its file stays" for url in synced.gone)
    output = report_output(report, settings, skipped, as_json=args.json)
    yield replace(output, notes=(*gone, *output.notes))
