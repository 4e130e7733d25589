"""A byte of a stored file is changed, the file is cut off or lost: every file of a library that holds all one can."""

from __future__ import annotations

import datetime as dt
import logging
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from rag.admin import accounts, off_switch, saved_questions
from rag.admin.purge import purge
from rag.answer import notice
from rag.answer.assistant import Assistant
from rag.answer.citation import receipt
from rag.errors import RagError
from rag.library import archive, receipts
from rag.library.build.update import prepare
from rag.library.reader import Library
from rag.library.verify import Damage, verify
from tests.faults.acts import index
from tests.faults.bulletins import QUESTIONS, State, bulletins, change, path_of, state
from tests.faults.children import alone
from tests.faults.outcome import Outcome, failures
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_bulletins import SECOND

FAULT = "changed bytes, cut-off and lost files"
DUTY = (
    "`verify` names the file; no process crashes; another whole generation answers and says so, or one line tells;"
    " no wrong quote; indexing makes it good"
)
NOTICE, WORDS = "In an emergency abroad call 12308, day and night.", "lost passport"
_LASTING = (
    *("receipts", "archive", "notice.json", "saved-questions.json", "accounts.json", "off.json", "purged.json"),
    *("audit.jsonl", "audit.json"),
)
_UNSEALED = ("lock", "saved-questions.lock", "accounts.lock", "audit.lock")  # hold nothing


@dataclass(frozen=True, slots=True)
class Whole:
    """The library that is damaged: its texts by digest, and those of them that the generation in use carries."""

    folder: Path
    root: Path
    seen: State
    texts: dict[str, str]
    carried: frozenset[str]
    generation: str
    segments: frozenset[str]


def run(folder: Path, *, flips: int, cuts: int, lost: int) -> Outcome:
    """So many changed bytes, cut-off files and lost ones, over all files in turn; of lost ones those that something
    else tells of."""
    whole = _whole(folder)
    draw = random.Random(11)
    files = _drawn(_files(whole.root), draw)
    tried, failed, problems = Counter[str](), 0, []
    told_of = [file for file in files if _is_told_of(whole, file)]
    for how, own, times in (("changed", files, flips), ("cut off", files, cuts), ("lost", told_of, lost)):
        for file in islice(cycle(own), times):
            found = _tried(whole, file, how, draw)
            tried[how] += 1
            failed += bool(found)
            problems += [f"{file} {how}: {line}" for line in found]
    counted = f"{tried['changed']} changed bytes, {tried['cut off']} cut-off files and {tried['lost']} lost ones"
    what = f"{counted}, over all {len(files)} files of a library: {tried.total() - failed} named and made good"
    return Outcome(FAULT, tried.total(), failed, what, dict(tried) | {"files": len(files)} | failures(problems))


def _whole(folder: Path) -> Whole:
    seeds, root = folder / "bulletins", folder / "whole"
    made = alone(make, seeds, root)
    if made.code or made.error:
        raise RuntimeError(f"the library couldn't be made: {made}")
    library = Library.open(root)
    texts = {path.stem: path.read_bytes().decode() for path in root.glob("texts/*.txt")}
    carried = frozenset(library.by_digest)
    parts = frozenset(part.segment for part in library.manifest.segments)
    return Whole(seeds, root, state(root), texts, carried, library.generation, parts)


def make(folder: Path, root: Path) -> None:
    """A library of several segments and generations, one of them prepared and one archived, with old texts, receipts,
    corrections, unreadable files, a notice, saved questions, an account, the off switch and a purged text."""
    bulletins(folder, *range(6))
    (folder / "empty.txt").touch()
    index(folder, root)
    gone = path_of(folder, 5)
    gone.unlink()
    index(folder, root)
    purge(root, gone.name)
    library = Library.open(root)
    answers = [Assistant(library, HashingEncoder()).ask(question) for question in QUESTIONS]
    answered = next(one for one in answers if one.status == "answered")
    receipts.store(root, receipt.of_answer(answered, library, dt.date(2025, 1, 2)))
    for number in (2, 3):
        change(folder, number)
        index(folder, root)
    path_of(folder, 4).unlink()
    index(folder, root)
    for number in (6, 7, 8):  # by then the receipt's generation isn't kept any more, but for its manifest
        bulletins(folder, number)
        index(folder, root)
    notice.save(root, notice.parse_notice(NOTICE, WORDS))
    saved_questions.add(root, QUESTIONS[0])
    accounts.add(root, "olga", "operator", "kites above seven hills")
    off_switch.turn_off(root, "a wrong bulletin", "olga")
    (folder / "prepared.txt").write_text(SECOND, encoding="utf-8")
    prepare(folder, root, HashingEncoder())
    (folder / "prepared.txt").unlink()


def _files(root: Path) -> list[str]:
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if path.name not in _UNSEALED)


def _drawn(files: list[str], draw: random.Random) -> list[str]:
    """In an order that begins with one file of each kind."""
    draw.shuffle(files)
    first = {f"{Path(file).parts[0]} {Path(file).suffix if file.startswith('texts') else ''}": file for file in files}
    return [*first.values(), *(file for file in files if file not in first.values())]


def _tried(whole: Whole, file: str, how: str, draw: random.Random) -> list[str]:
    root = whole.root.with_name("copy")
    shutil.copytree(whole.root, root)
    try:
        data = bytearray((root / file).read_bytes())
        at = draw.randrange(len(data))
        if how == "changed":
            data[at] ^= draw.randrange(1, 256)
        elif how == "cut off":
            del data[at:]
        (root / file).write_bytes(data)
        if how == "lost":
            (root / file).unlink()
        ended = alone(wrong, whole, root, file)
        if ended.code or ended.error:
            return [f"at {at}: a process that reads it ended with {ended.code}, {ended.error}"]
        return [f"at {at}: {line}" for line in ended.returned]
    finally:
        shutil.rmtree(root)


def wrong(whole: Whole, root: Path, file: str) -> list[str]:
    """What isn't right about a library with this file damaged.  Run it in a child."""
    logging.disable()  # a damaged notice is logged each time
    problems = []
    if not any(_names(one, root, file) for one in _found(root)):
        problems.append("verify doesn't name it")
    problems += _read(whole, root, file)
    try:
        index(whole.folder, root)
        if state(root) != whole.seen:
            problems.append("indexed again, it is another library")
    except RagError as error:
        problems.append(f"can't be indexed again: {error}")
    left = [one for one in _found(root) if not (_is_lost(whole, file) and one.where == str(root / file))]
    return problems + [f"indexed again, still {one.where}: {one.what}" for one in left]


def _found(root: Path) -> tuple[Damage, ...]:
    try:
        return verify(root).damage
    except RagError as error:
        return (Damage(error.where, error.what),)


def _names(one: Damage, root: Path, file: str) -> bool:
    return one.where == str(root / file)


def _is_told_of(whole: Whole, file: str) -> bool:
    """Whether something else in the library says that this file must be there."""
    path = Path(file)
    if path.parts[0] == "generations":
        return path.parts[1] == whole.generation
    named = path.parts[0] in ("CURRENT", "segments") or path.name == "audit.jsonl"
    return named or path.suffix == ".txt" or path.stem in whole.carried


def _is_lost(whole: Whole, file: str) -> bool:
    """Whether nothing could make it again: it came from a person, or from what the folder no longer holds."""
    path = Path(file)
    lasting = path.parts[0] in _LASTING or path.name in _LASTING
    return lasting or (path.parts[0] == "texts" and path.stem not in whole.carried)


def _read(whole: Whole, root: Path, file: str) -> Iterator[str]:
    """What a reader sees that isn't so."""
    try:
        library, line = Library.open_best(root)
    except RagError as error:
        yield from _in_one_line(error)
        return
    path = Path(file)
    needed = path.parts[0] in ("segments", "generations") and path.parts[1] in {whole.generation, *whole.segments}
    if (needed or file == "CURRENT" or library.generation != whole.generation) and not line:
        yield "another generation was opened, or a damaged one, and nobody was told"
    assistant = Assistant(library, HashingEncoder())
    for question in QUESTIONS:
        try:
            for quote in assistant.ask(question).quotes:
                if whole.texts[quote.sha256][quote.start : quote.end] != quote.text:
                    yield "a wrong quote"
        except RagError as error:
            yield from _in_one_line(error)
    for sha256, text in whole.texts.items():
        try:
            kept = archive.find(library, sha256)
            if kept is None or kept.text != text:
                yield "a wrong text"
        except RagError as error:
            yield from _in_one_line(error)
    for stored in root.glob("receipts/*.json"):
        try:
            read = receipts.load(root, stored.stem)
            if read is None or read.identity != stored.stem:
                yield "a wrong receipt"
        except RagError as error:
            yield from _in_one_line(error)
    if notice.notice_for(root, "I lost my passport") not in (NOTICE, None):
        yield "a wrong notice"


def _in_one_line(error: RagError) -> Iterator[str]:
    if "\n" in str(error):
        yield f"more than one line: {error}"
