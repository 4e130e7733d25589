"""``python -m rag index``: builds the library or brings it up to date, and reports it, as other commands do too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from embeddings.factory import load_encoder
from rag.admin import replay, saved_questions
from rag.admin.replay import AnswerChange
from rag.answer.assistant import Assistant
from rag.answer.examples import example_questions
from rag.cli import json_output
from rag.cli.command import CommandOutput, Context, Outputs
from rag.cli.parser import Parser
from rag.errors import one_line
from rag.ingest.folders import Skipped
from rag.library import generations, publishing
from rag.library.build.plan import Plan
from rag.library.build.update import Report, dry_run, prepare, update_library
from rag.library.reader import Library


def add_arguments(parser: Parser) -> None:
    """Declares what may be removed, and what is only tried."""
    parser.add_argument(
        "--allow-removal", action="store_true", help="also when over a fifth of the bulletins have gone"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    parser.add_argument("--replay", action="store_true", help="ask the saved questions too; say what differs")


def run(context: Context) -> Outputs:
    """Indexes the folders, plans it only (``--dry-run``), or compares answers before it is published (``--replay``)."""
    settings = context.settings
    if context.args.dry_run:
        plan = dry_run(settings.folders, settings.library, progress=context.progress)
        notes = (*plan.notes, *_skipped_notes(plan.skipped, settings.seeds))
        yield context.output(json_output.planned(plan), _plan_text(plan), notes, 1 if plan.skipped else 0)
    elif context.args.replay:
        yield _replay(context)
    else:
        report = update_library(
            settings.folders,
            settings.library,
            load_encoder(**settings.encoder),
            allow_removal=context.args.allow_removal,
            progress=context.progress,
        )
        yield report_output(context, report)


def report_output(context: Context, report: Report, skipped: Sequence[Skipped] = ()) -> CommandOutput:
    """What is printed of a build; ``skipped`` are bulletins that never came into the folder."""
    report = replace(report, skipped=(*skipped, *report.skipped))
    notes = (*report.notes, *_skipped_notes(report.skipped, context.settings.seeds))
    return context.output(json_output.indexed(report), _report_text(report), notes, 1 if report.skipped else 0)


def _replay(context: Context) -> CommandOutput:
    """Prepares a generation, asks the saved questions of the one in use and of the new one, then switches."""
    settings, root, progress = context.settings, context.library, context.progress
    encoder = load_encoder(**settings.encoder)
    before = generations.in_use(root)
    report = prepare(settings.folders, root, encoder, allow_removal=context.args.allow_removal, progress=progress)
    changes: tuple[AnswerChange, ...] = ()
    if before and before != report.generation:
        old = Library.open(root, generation=before)
        new = Library.open(root, generation=report.generation, before=old)
        questions = saved_questions.read(root, example_questions(old))
        changes = replay.replay(questions, Assistant(old, encoder), Assistant(new, encoder), progress=progress)
    publishing.publish(root, report.generation)
    output = report_output(context, report)
    if context.args.json:
        reply = json_output.indexed(report) | {"changes": [json_output.answer_change(change) for change in changes]}
        return replace(output, text=json_output.line(reply))
    blocks = [_change_text(change) for change in changes] or ["No saved question is answered otherwise."]
    return replace(output, text="\n".join([*blocks, output.text or ""]))


def _skipped_notes(skipped: Sequence[Skipped], seeds: Path) -> tuple[str, ...]:
    return tuple(
        f"{file.bulletin if '://' in file.bulletin else seeds / file.bulletin}: {file.reason}" for file in skipped
    )


def _report_text(report: Report) -> str:
    changes = [
        f"{len(names)} {what}"
        for what, names in (("added", report.added), ("changed", report.changed), ("removed", report.removed))
        if names
    ]
    skipped = f", {len(report.skipped)} skipped" if report.skipped else ""
    return (
        f"{report.bulletins} bulletins, {report.sections} sections, {report.passages} passages"
        f" ({', '.join([*changes, f'{report.unchanged} unchanged'])}{skipped}) in {report.seconds:.1f} s,"
        f" generation {report.generation}"
    )


def _plan_text(plan: Plan) -> str:
    """What indexing would do, a line for each bulletin."""
    republished = {bulletin.bulletin: bulletin for bulletin in plan.republished}
    relation = {"renamed": "renamed from", "copy": "the words of", "correction": "corrects"}
    lines = []
    for name in plan.added:
        earlier = republished.get(name)
        lines.append(one_line(f"+ {name}" + (f" ({relation[earlier.how]} {earlier.of})" if earlier else "")))
    lines += [one_line(f"~ {name}") for name in plan.changed]
    lines += [one_line(f"- {name}") for name in plan.removed]
    counts = f"{len(plan.added)} added, {len(plan.changed)} changed, {len(plan.removed)} removed"
    lines.append(f"{counts}, {plan.unchanged} unchanged, {len(plan.skipped)} skipped; nothing was changed")
    return "\n".join(lines)


def _change_text(change: AnswerChange) -> str:
    """How the answer to a saved question differs: quotes gained, lost, reordered."""
    head = one_line(f"? {change.question}")
    if change.before != change.after:
        head += f" ({change.before} before, {change.after} now)"
    lines = [one_line(f"  + “{quote.text}” ({quote.bulletin})") for quote in change.gained]
    lines += [one_line(f"  - “{quote.text}” ({quote.bulletin})") for quote in change.lost]
    if change.reordered:
        lines.append("  the same quotes in another order")
    return "\n".join([head, *lines])
