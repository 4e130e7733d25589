"""The commands that change the library, or list what an operator wants to know."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.cli import json_output, text_output
from rag.errors import OperatorRefused, RagError, SettingInvalid, one_line
from rag.ingest import corrections
from rag.ingest.folders import Progress, Skipped
from rag.library import audit_log, generations, quarantine
from rag.library.build.update import Report, bring_up_to_date, dry_run, prepare
from rag.settings import Settings

if TYPE_CHECKING:
    from embeddings.encoder import SentenceEncoder
    from rag.admin.replay import Change


@dataclass(frozen=True, slots=True)
class Printed:
    """What goes to standard output, the lines for standard error, and the exit status."""

    text: str
    notes: tuple[str, ...] = ()
    status: int = 0


def _index(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    if args.dry_run:
        plan = dry_run(chosen.folders, chosen.library, progress=progress)
        text = json_output.line(json_output.planned(plan)) if args.json else text_output.planned(plan)
        yield Printed(text, (*plan.notes, *_skipped(plan.skipped, chosen)), 1 if plan.skipped else 0)
        return
    encoder = _encoder(chosen)
    if args.replay:
        yield _replayed(args, chosen, encoder, progress)
        return
    report = bring_up_to_date(
        chosen.folders, chosen.library, encoder, allow_removal=args.allow_removal, progress=progress
    )
    yield _indexed(report, args, chosen)


def _replayed(args: argparse.Namespace, chosen: Settings, encoder: SentenceEncoder, progress: Progress) -> Printed:
    """Prepares, asks the saved questions of the generation in use and of the one to come, then switches."""
    from rag.admin import replay, saved_questions
    from rag.answer.assistant import Assistant
    from rag.library.reader import Library

    before = generations.in_use(chosen.library)
    report = prepare(chosen.folders, chosen.library, encoder, allow_removal=args.allow_removal, progress=progress)
    changes: tuple[Change, ...] = ()
    if before and before != report.generation:
        old = Library.open(chosen.library, generation=before)
        new = Library.open(chosen.library, generation=report.generation, before=old)
        questions = saved_questions.read(chosen.library)
        changes = replay.replay(questions, Assistant(old, encoder), Assistant(new, encoder), progress=progress)
    generations.publish(chosen.library, report.generation)
    printed = _indexed(report, args, chosen)
    if args.json:
        object_ = json_output.indexed(report) | {"changes": [json_output.answer_change(change) for change in changes]}
        return replace(printed, text=json_output.line(object_))
    told = [text_output.answer_change(change) for change in changes] or ["No saved question is answered otherwise."]
    return replace(printed, text="\n".join([*told, printed.text]))


def _indexed(report: Report, args: argparse.Namespace, chosen: Settings, skipped: Sequence[Skipped] = ()) -> Printed:
    """``skipped`` are those that never came into the folder."""
    report = replace(report, skipped=(*skipped, *report.skipped))
    text = json_output.line(json_output.indexed(report)) if args.json else text_output.indexed(report)
    return Printed(text, (*report.notes, *_skipped(report.skipped, chosen)), 1 if report.skipped else 0)


def _skipped(skipped: Sequence[Skipped], chosen: Settings) -> tuple[str, ...]:
    return tuple(
        f"{one.bulletin if '://' in one.bulletin else chosen.seeds / one.bulletin}: {one.reason}" for one in skipped
    )


def _add(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    from rag.ingest.fetch import add, client

    added = add.add(args.sources, chosen.seeds, lambda: client.Client(chosen.hosts), chosen.hosts, replace=args.replace)
    report = bring_up_to_date(chosen.folders, chosen.library, _encoder(chosen), progress=progress)
    yield _indexed(report, args, chosen, added.skipped)


def _sync(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    from rag.ingest.fetch import client, sync

    synced = sync.sync(args.url, chosen.seeds, client.Client(chosen.hosts), progress=progress)
    report = bring_up_to_date(chosen.folders, chosen.library, _encoder(chosen), progress=progress)
    skipped = [Skipped(url, reason) for url, reason in synced.skipped]
    notes = tuple(f"{url}: has gone from the site; its file stays" for url in synced.gone)
    printed = _indexed(report, args, chosen, skipped)
    yield replace(printed, notes=(*notes, *printed.notes))


def _watch(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    from rag.library.build.watch import watch

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def done(report: Report) -> None:
        printed = _indexed(report, args, chosen)
        _say(printed.text, printed.notes)

    def failed(error: RagError) -> None:
        _say("", (str(error),))

    with audit_log.acting("watch"):
        watch(chosen.folders, chosen.library, _encoder(chosen), done=done, failed=failed, stop=stop, progress=progress)
    yield Printed("The folders aren't watched any more.")


def _say(text: str, notes: Sequence[str]) -> None:
    import sys

    for note in notes:
        sys.stderr.write(f"{one_line(note)}\n")
    if text:
        sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _correct(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    from rag.ingest.parse import parse

    given = (args.title, args.date, args.districts)
    if all(value is None for value in given):
        raise SettingInvalid("nothing is corrected", remedy="Add --title, --date or --districts")
    path = _file(args.bulletin, chosen)
    districts = {} if args.districts is None else {args.heading: _names(args.districts)}
    date = args.date.isoformat() if args.date else None
    bulletin = parse(path, name=args.bulletin)
    new = corrections.propose(path, title=args.title, date=date, districts=districts)
    with audit_log.noting(chosen.library, "correct", file=args.bulletin, corrections=len(new)):
        corrections.save(path, new)
    read = corrections.corrected(bulletin, corrections.read(path))
    if args.json:
        yield Printed(json_output.line(json_output.parsed(read.bulletin, read.sections)), read.notes)
    else:
        text = f"{text_output.parsed(read.bulletin, read.sections)}\nIndex to publish it: python -m rag index"
        yield Printed(text, read.notes)


def _names(given: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in given.split(";") if name.strip())


def _file(name: str, chosen: Settings) -> Path:
    """The bulletin's file, in the first folder that has one of that name."""
    for folder in chosen.folders:
        path = folder / name
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path
    raise OperatorRefused("no bulletin has this name", where=name, remedy="Give its path inside the folder")


def _generations(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    held = generations.held(chosen.library)
    if args.json:
        yield Printed(json_output.line({"generations": [json_output.generation(one) for one in held]}))
    else:
        yield Printed(text_output.generations(held) if held else "There is no generation yet.")


def _back(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    name = generations.go_back(chosen.library, args.generation)
    now = next(one for one in generations.held(chosen.library) if one.generation == name)
    if args.json:
        yield Printed(json_output.line(json_output.generation(now)))
    else:
        yield Printed(f"Generation {name} of {now.built_at[:10]} answers now: {now.bulletins} bulletins.")


def _questions(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    from rag.admin import saved_questions

    if args.add is not None:
        with audit_log.noting(chosen.library, "save question", question=args.add):
            saved_questions.add(chosen.library, args.add)
    if args.remove is not None:
        with audit_log.noting(chosen.library, "unsave question", question=args.remove):
            saved_questions.remove(chosen.library, args.remove)
    questions = saved_questions.read(chosen.library)
    if args.json:
        yield Printed(json_output.line({"questions": list(questions)}))
    else:
        yield Printed("\n".join(map(one_line, questions)) or "No question is saved.")


def _missing(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    from rag.admin import unanswered

    found = unanswered.missing(chosen.library, kept_days=chosen.kept_days)
    if args.json:
        rows = [{"question": one.question, "count": one.count, "last": str(one.last)} for one in found]
        yield Printed(json_output.line({"missing": rows}))
    else:
        lines = (f"{one.count:>5}  {one.last}  {one_line(one.question)}" for one in found)
        yield Printed("\n".join(lines) or "No question went unanswered.")


def _quarantine(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    files = quarantine.listed(chosen.library)
    if args.json:
        rows = [{"bulletin": one.bulletin, "reason": one.reason, "since": one.since} for one in files]
        yield Printed(json_output.line({"quarantine": rows}))
    else:
        lines = (one_line(f"{one.since}  {one.bulletin}: {one.reason}") for one in files)
        yield Printed("\n".join(lines) or "No file is in quarantine.")


def _purge(args: argparse.Namespace, chosen: Settings, progress: Progress) -> Iterator[Printed]:
    from rag.admin.purge import purge

    with audit_log.noting(chosen.library, "purge", text=args.text):
        sha256 = purge(chosen.library, args.text)
    yield Printed(
        json_output.line({"purged": sha256}) if args.json else f"The text {sha256} has been removed for good."
    )


def _encoder(chosen: Settings) -> SentenceEncoder:
    from embeddings.encoder import SentenceEncoder

    return SentenceEncoder(chosen.model, device=chosen.device)


COMMANDS: dict[str, Callable[[argparse.Namespace, Settings, Progress], Iterator[Printed]]] = {
    "index": _index,
    "add": _add,
    "sync": _sync,
    "watch": _watch,
    "correct": _correct,
    "generations": _generations,
    "back": _back,
    "questions": _questions,
    "missing": _missing,
    "quarantine": _quarantine,
    "purge": _purge,
}
