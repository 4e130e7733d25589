"""``python -m rag eval``: asks a question set and prints its measures, or compares two saved"""

from __future__ import annotations

from pathlib import Path

from embeddings.factory import load_encoder
from rag.answer.assistant import Assistant
from rag.cli import json_output
from rag.cli.command import CommandOutput, Context, Outputs
from rag.cli.parser import Parser
from rag.errors import SettingInvalid
from rag.evaluation import compare, datasets, measures, report, thresholds
from rag.evaluation.run import ask_all, load_run, open_library, save_run


def add_arguments(parser: Parser) -> None:
    """Declares the set to ask, or the two runs to compare."""
    parser.add_argument("set_dir", nargs="?", type=Path, metavar="SET_DIR", help="holds questions.jsonl and corpus/")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the run")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="two kept runs; nothing is asked")
    parser.add_argument("--floors", type=Path, metavar="FILE", help="exit 1 where a figure is under its floor")


def run(context: Context) -> Outputs:
    """Asks the set over its own corpus, or over the library given; exit status 1 where a threshold is missed."""
    args, settings = context.args, context.settings
    if args.compare:
        if args.save or args.floors or args.library:
            raise SettingInvalid("--compare asks nothing", remedy="Leave out --save, --floors and --library")
        comparison = compare.compare(*map(load_run, args.compare))
        yield context.output(compare.as_json(comparison), compare.as_text(comparison))
        return
    if args.set_dir is None:
        raise SettingInvalid("eval takes a SET_DIR, or --compare A B", remedy="Run: python -m rag eval --help")
    encoder = load_encoder(**settings.encoder)
    questions = datasets.read_question_set(args.set_dir)
    # Unusable thresholds and folders are reported now, not after all questions have been asked.
    bounds = thresholds.of_set(args.floors, args.set_dir) if args.floors else ()
    if args.save and not args.save.parent.is_dir():
        raise SettingInvalid("there is no such folder", where=args.save.parent, remedy="Make it, or save elsewhere")
    with open_library(questions, encoder, args.library, context.progress) as (library, notes):
        done = ask_all(Assistant(library, encoder), questions, context.progress)
    if args.save:
        save_run(done, args.save)
    yield CommandOutput(json_output.line(report.as_json(done)) if args.json else report.as_text(done), notes)
    missed = thresholds.missed(measures.compute(done.outcomes).values(), bounds)
    yield CommandOutput(notes=missed, status=1 if missed else 0)
