"""Turns feedback into a case of an evaluation set, which ``python -m rag eval`` asks.

FOLDER/questions.jsonl   a case a line (rag/evaluation/datasets.py)
       set.toml          names the folder of bulletins, where there is no corpus/ of the set's own
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from rag import files
from rag.admin.feedback import REASONS, VERDICT_NAMES, Feedback
from rag.errors import LibraryBusy, LibraryDamaged, OperatorRefused, os_reason


def write_case(folder: Path, corpus: Path, given: Feedback, right: Collection[int] = ()) -> str:
    """Writes the case, in place of an earlier one made of this feedback, and returns its id.

    All quotes of a helpful answer are right; of another answer ``right`` are the numbers, from 0, of those that are.
    Where none is and the answer should have been a no, the case has no answer.

    Raises:
        OperatorRefused: the feedback doesn't say what would be right.
        LibraryUnwritable, LibraryDamaged, LibraryBusy: the set can't be read or written.
    """
    case = _case(given, right)
    path = folder / "questions.jsonl"
    busy = LibraryBusy("another process is writing to it", where=folder, remedy="Try again")
    with files.translate_os_errors(folder), files.locked(folder / ".questions.lock", 5, busy):
        if not (folder / "corpus").is_dir() and not (folder / "set.toml").is_file():
            files.write_atomic(folder / "set.toml", _set_toml(folder, corpus))
        lines = [line for line in _lines(path) if _id(line) != case["id"]]
        lines.append(json.dumps(case, ensure_ascii=False).encode())
        files.write_atomic(path, b"\n".join(lines) + b"\n")
    return str(case["id"])


def why_no_case(given: Feedback) -> str:
    """Why no case can be made of the feedback, whichever quotes are ticked; "" where one can."""
    if given.without:
        return f"It was asked without a condition read from it ({', '.join(given.without)}), which no case can say."
    if given.total > len(given.quotes):
        return f"It has {given.total:,} quotes, of which the first {len(given.quotes)} are kept."
    if given.verdict == "not_helpful" and given.reason != "should_refuse" and not given.quotes:
        return "No passage was shown, so there is none to tick. Write the case by hand, with the passage that answers."
    return ""


def _case(given: Feedback, right: Collection[int]) -> dict[str, Any]:
    if why := why_no_case(given):
        raise OperatorRefused(why.removesuffix("."))
    if given.verdict == "helpful":
        chosen = given.quotes if given.status == "answered" else ()  # the others are near misses
        answerable = bool(chosen)
    else:
        chosen = tuple(quote for number, quote in enumerate(given.quotes) if number in right)
        answerable = bool(chosen)
        if not chosen and given.reason != "should_refuse":
            what = f"no passage is ticked, and the reason is “{REASONS.get(given.reason, '')}”"
            raise OperatorRefused(what, remedy="Tick the passages that answer the question")
    reason = f": {REASONS[given.reason]}" if given.reason else ""
    return {
        "id": f"feedback-{given.id}",
        "question": given.question,
        "kind": given.kind if answerable else "unanswerable",
        "history": list(given.history),
        "asked_on": given.day.isoformat(),
        "answerable": answerable,
        "gold": [{"bulletin": quote.bulletin, "section": None, "quote": quote.text} for quote in chosen],
        "must_include_all": answerable and given.every,
        "notes": f"a reader on {given.day}: {VERDICT_NAMES[given.verdict].lower()}{reason}",
    }


def _set_toml(folder: Path, corpus: Path) -> bytes:
    """The file that names the folder of bulletins, by a relative path where both folders lie in one tree."""
    target, start = corpus.resolve(), folder.resolve()
    in_one_tree = len(Path(os.path.commonpath([target, start])).parts) > 1
    path = Path(os.path.relpath(target, start)) if in_one_tree else target
    return f"corpus = {json.dumps(path.as_posix(), ensure_ascii=False)}\n".encode("utf-8", "surrogateescape")


def _lines(path: Path) -> list[bytes]:
    try:
        return [line for line in path.read_bytes().splitlines() if line.strip()]
    except FileNotFoundError:
        return []
    except OSError as error:
        what = f"can't be read ({os_reason(error)})"
        raise LibraryDamaged(what, where=path, remedy="Check its permissions") from error


def _id(line: bytes) -> object:
    """The id of the case in this line, None where it holds no case: lines by others are left as they are."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row.get("id") if isinstance(row, dict) else None
