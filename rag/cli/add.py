"""``python -m rag add``: puts files and fetched pages into the folder of bulletins, and indexes."""

from __future__ import annotations

from embeddings.factory import load_encoder
from rag.cli.command import Context, Outputs
from rag.cli.index import report_output
from rag.cli.parser import Parser
from rag.ingest.fetch.add import add
from rag.library.build.update import update_library


def add_arguments(parser: Parser) -> None:
    """Declares the files and addresses to add."""
    parser.add_argument("sources", nargs="+", metavar="FILE|URL", help="URLs of the hosts in RAG_HOSTS only")
    parser.add_argument("--replace", action="store_true", help="also where another file of that name is there")


def run(context: Context) -> Outputs:
    """Adds what can be added, then indexes; the rest is reported as skipped."""
    args, settings = context.args, context.settings
    added = add(args.sources, settings.seeds, settings.hosts, replace=args.replace)
    encoder = load_encoder(**settings.encoder)
    report = update_library(settings.folders, settings.library, encoder, progress=context.progress)
    yield report_output(context, report, added.skipped)
