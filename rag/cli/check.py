"""``python -m rag check``: a text, a draft's file or a file of citations -> what is printed of their verdicts."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rag.checking import attribution, report_json
from rag.cli import check_batch, json_output, text_output
from rag.errors import DraftUnreadable, SettingInvalid, os_reason
from rag.ingest.folders import Progress
from rag.library.reader import Library

if TYPE_CHECKING:
    from rag.checking.models import Claim, Report


def check(args: argparse.Namespace, library: Path, progress: Progress) -> Iterator[str]:
    """What to print, a line or a block at a time.

    Raises:
        SettingInvalid: the options don't go together, or a claim or a file can't be read.
        DraftUnreadable: the draft can't be read.
        LibraryMissing, LibraryStale, LibraryDamaged: see ``Library.open``.
    """
    claimed = _claimed(args)
    if args.batch:
        from rag.checking.checker import Checker

        for reply in check_batch.replies(Checker(Library.open(library)), args.batch):
            yield json_output.line(reply)
        return
    report = _report(args, claimed, library, progress)
    if args.save:
        from rag.checking.drafts.report_files import write_report

        write_report(report, args.save)
    yield json_output.line(report_json.reported(report)) if args.json else text_output.reported(report)


def _claimed(args: argparse.Namespace) -> tuple[Claim, ...] | None:
    """The claims given as options, None without any."""
    given = (args.date, args.title, args.district)
    if sum(one is not None for one in (args.text, args.draft, args.batch)) != 1:
        raise SettingInvalid(
            "check takes a TEXT, --draft FILE or --batch FILE, one of the three",
            remedy="Run: python -m rag check --help",
        )
    if args.batch and (any(given) or args.whole or args.save):
        raise SettingInvalid(
            "--date, --title, --district, --whole and --save belong to a TEXT or a draft",
            remedy="Write claims into the batch file",
        )
    if args.whole and args.draft:
        raise SettingInvalid("--whole belongs to a TEXT", remedy="Leave it out, or give the quotation as TEXT")
    try:
        return attribution.given(*given) if any(given) else None
    except ValueError as error:
        raise SettingInvalid(str(error)) from None


def _report(args: argparse.Namespace, claimed: tuple[Claim, ...] | None, library: Path, progress: Progress) -> Report:
    from rag.checking.checker import Checker

    if not args.draft:
        checker = Checker(Library.open(library))
        return checker.check(args.text, quote=args.text if args.whole else None, claims=claimed)
    from rag.checking.drafts.read_draft import read_draft

    try:
        data = args.draft.read_bytes()
    except OSError as error:
        reason = os_reason(error)
        raise DraftUnreadable(f"can't be read ({reason})", where=args.draft, remedy="Name another file") from None
    draft = read_draft(data, args.draft.name)
    return Checker(Library.open(library)).audit(
        draft.text,
        blocks=draft.blocks,
        claims=claimed,
        name=draft.name,
        messages=draft.messages,
        progress=lambda done, whole: progress("Checking quotations", done, whole),
    )
