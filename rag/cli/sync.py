"""``python -m rag sync``: fetches what a listing page links to, and indexes."""

from __future__ import annotations

from dataclasses import replace

from embeddings.factory import load_encoder
from rag.cli.command import Context, Outputs
from rag.cli.index import report_output
from rag.cli.parser import Parser
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.sync import sync
from rag.ingest.folders import Skipped
from rag.library.build.update import update_library


def add_arguments(parser: Parser) -> None:
    """Declares the listing page."""
    parser.add_argument("url", metavar="LISTING-URL", help="of a host in RAG_HOSTS")


def run(context: Context) -> Outputs:
    """Fetches new and changed bulletins, then indexes; names those that have gone from the site."""
    settings, progress = context.settings, context.progress
    synced = sync(context.args.url, settings.seeds, Client(settings.hosts), progress=progress)
    encoder = load_encoder(**settings.encoder)
    report = update_library(settings.folders, settings.library, encoder, progress=progress)
    skipped = [Skipped(url, reason) for url, reason in synced.skipped]
    gone = tuple(f"{url}: has gone from the site; its file stays" for url in synced.gone)
    output = report_output(context, report, skipped)
    yield replace(output, notes=(*gone, *output.notes))
