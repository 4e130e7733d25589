"""What may lie in a folder of bulletins that is none, or isn't what it seems: through ``python -m rag index``, as it is
typed.  One run meets all of it at once; in the next one, what was only being written is read."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import pypdf

from rag.library.reader import Library
from tests.faults.bulletins import bulletins, damage, path_of
from tests.faults.children import start
from tests.faults.outcome import Outcome, failures
from tests.support.paths import ROOT
from tests.support.sample_bulletins import FIRST, SECOND

FAULT = "files that are no bulletin, or not what they seem"
DUTY = "each is named with its reason; exit status 1; the rest goes on and is found; memory stays bounded"
MEMORY = 900  # megabytes that indexing may take at most, those of the model included
_GOOD = 6
_WRITING = "is being written just now"
# The file and a part of the line that it must get.
_SKIPPED = {
    "huge.txt": "is larger than 4,000,000 bytes",
    "one line.txt": "is larger than 4,000,000 bytes",
    "bomb.docx": "would unpack to 100,000,",
    "scanned.pdf": "holds no text; it may be scanned",
    "locked.pdf": "is protected by a password",
    "outside.txt": "is a link that leads out of the folder",
    "nowhere.txt": "no such file",
    "circle.txt": "can't be read",
    "empty.txt": "is empty (0 bytes)",
    "bytes.txt": "is not text",
    "picture.png": "is not one of .txt",
    "pipe.txt": "is not an ordinary file",
    "wrong.pdf": "is damaged, or is not a PDF",
    "wrong.docx": "is damaged, or is not a Word document",
    "two\nlines.txt": "its name holds a line break",
    "latin\\udce9.txt": "its name is not UTF-8",
}
_ADDED = {"copy.txt", "renamed.txt", "sound.txt", "sound.docx"}
_WRITTEN = tuple(f"writing {number}.html" for number in range(6))


@dataclass(frozen=True, slots=True)
class _Ran:
    status: int
    report: dict[str, Any]
    lines: list[str]
    megabytes: float


def run(folder: Path, *, model: bool) -> Outcome:
    """With the real model, or the quick encoder in its place."""
    module = "rag" if model else "tests.faults.command"
    seeds, more, root = folder / "seeds", folder / "more", folder / "library"
    bulletins(seeds, *range(_GOOD))
    more.mkdir()
    first = _index(module, seeds, more, root)
    problems = [f"a sound folder got {first}"] if first.status or first.lines else []
    _spoil(seeds, more, folder)
    with _writing([seeds / name for name in _WRITTEN]):
        second = _index(module, seeds, more, root)
    caught = {one["bulletin"] for one in second.report["skipped"] if one["reason"].startswith(_WRITING)}
    problems += list(_wrong(second, root, caught))
    third = _index(module, seeds, more, root)
    if set(third.report.get("added", ())) != caught or third.status != 1:
        problems.append(f"what had been written by then was not read: {third}")
    problems += damage(root)
    peak = max(one.megabytes for one in (first, second, third))
    if peak > MEMORY:
        problems.append(f"indexing took {peak:.0f} MB")
    tried = len(_SKIPPED) + 4  # two of one name, a copy, a renamed one, those being written
    with_what = "with the model" if model else "with an encoder that takes none"
    what = f"{tried} kinds in one folder, each named; at most {peak:.0f} MB of memory, {with_what}"
    return Outcome(FAULT, tried, min(len(problems), tried), what, {"megabytes": round(peak)} | failures(problems))


def _wrong(ran: _Ran, root: Path, caught: set[str]) -> Iterator[str]:
    """What isn't right about the run that met everything; ``caught`` are the files that changed as they were read."""
    reasons = {one["bulletin"]: one["reason"] for one in ran.report["skipped"]}
    if not caught <= set(_WRITTEN) or not caught:
        yield f"being written were {caught}"
    for name, part in (_SKIPPED | dict.fromkeys(caught, _WRITING)).items():
        if part not in reasons.get(name, ""):
            yield f"{name!r} got the line {reasons.get(name)!r}"
        if not any(part in line and " ".join(name.split()) in line for line in ran.lines):
            yield f"{name!r} has no line of its own"
    same_name = path_of(root, 1).name
    if "another bulletin of this name lies in" not in reasons.get(same_name, ""):
        yield f"two files with one name got the line {reasons.get(same_name)!r}"
    if set(reasons) != {*_SKIPPED, *caught, same_name}:
        yield f"skipped was {sorted({*reasons} ^ {*_SKIPPED, *caught, same_name})}"
    again = {(one["bulletin"], one["of"], one["how"]) for one in ran.report["republished"]}
    copied, renamed = path_of(root, 0).name, path_of(root, 2).name
    if again != {("copy.txt", copied, "copy"), ("renamed.txt", renamed, "renamed")}:
        yield f"the copy and the renamed file were told as {again}"
    if ran.status != 1 or len(ran.lines) != len(reasons):
        yield f"status {ran.status}, {len(ran.lines)} lines for {len(reasons)} files"
    names = {bulletin.name for bulletin in Library.open(root).bulletins}
    first = {path_of(root, number).name for number in range(_GOOD) if number != 2}
    if names != first | _ADDED | set(_WRITTEN) - caught:
        yield f"the library holds {sorted(names)}"


def _spoil(seeds: Path, more: Path, folder: Path) -> None:
    """Puts everything into the folders."""
    (seeds / "copy.txt").write_bytes(path_of(seeds, 0).read_bytes())
    (more / path_of(seeds, 1).name).write_text(SECOND, encoding="utf-8")
    path_of(seeds, 2).rename(seeds / "renamed.txt")
    (seeds / "sound.txt").write_text(FIRST, encoding="utf-8")
    with (seeds / "huge.txt").open("wb") as file:
        file.truncate(200_000_000)
    (seeds / "one line.txt").write_text("word " * 2_000_000, encoding="utf-8")
    _document(seeds / "bomb.docx", b" " * 100_000_000)
    _document(seeds / "sound.docx", _PARAGRAPHS)
    _pdf(seeds / "scanned.pdf", None)
    _pdf(seeds / "locked.pdf", "secret")
    (folder / "elsewhere.txt").write_text(SECOND, encoding="utf-8")
    (seeds / "outside.txt").symlink_to(folder / "elsewhere.txt")
    (seeds / "nowhere.txt").symlink_to(seeds / "nothing")
    (seeds / "circle.txt").symlink_to(seeds / "circle.txt")
    (seeds / "empty.txt").touch()
    (seeds / "bytes.txt").write_bytes(bytes(range(256)))
    (seeds / "picture.png").write_bytes(b"\x89PNG")
    os.mkfifo(seeds / "pipe.txt")
    (seeds / "wrong.pdf").write_bytes(b"%PDF-1.7\nnot really")
    (seeds / "wrong.docx").write_bytes(b"PK\x03\x04not really")
    (seeds / "two\nlines.txt").write_text(SECOND, encoding="utf-8")
    Path(os.fsdecode(os.fsencode(seeds / "latin") + b"\xe9.txt")).write_text(SECOND, encoding="utf-8")


_PAGE = f"<!-- {' ' * 3_000_000} --><h1>Tea</h1><p>%s over tea in Yanqing.</p>"
_PARAGRAPHS = b"".join(
    b"<w:p><w:r><w:t>%s</w:t></w:r></w:p>" % line
    for line in (b"Tea for the Consuls", b"Date: 2024-06-01", b"Eleven consuls drank tea in Miyun on May 30.")
)


def _document(path: Path, body: bytes) -> None:
    """A Word document with this body, as packed as can be."""
    types = b"http://schemas.openxmlformats.org/package/2006/content-types"
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relations = b"http://schemas.openxmlformats.org/package/2006/relationships"
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    words = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    whole = b'<?xml version="1.0"?><w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (words, body)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        rels = b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        part = b'<Override PartName="/word/document.xml" ContentType="%s"/>' % main
        archive.writestr("[Content_Types].xml", b'<Types xmlns="%s">%s%s</Types>' % (types, rels, part))
        one = b'<Relationship Id="rId1" Type="%s" Target="word/document.xml"/>' % office
        archive.writestr("_rels/.rels", b'<Relationships xmlns="%s">%s</Relationships>' % (relations, one))
        archive.writestr("word/document.xml", whole)


def _pdf(path: Path, password: str | None) -> None:
    """A page without text."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    data = io.BytesIO()
    writer.write(data)
    path.write_bytes(data.getvalue())


@contextmanager
def _writing(paths: list[Path]) -> Iterator[None]:
    """Files that another process writes over and over meanwhile, always with the same words; so large that it is at it
    whenever they are read."""
    for path in paths:
        path.write_text(_PAGE % path.stem, encoding="utf-8")
    child = start(write, paths)
    try:
        yield
    finally:
        child.kill()
        child.ended()


def write(paths: list[Path]) -> None:
    """Until it is killed."""
    turn = time.time_ns()
    while True:
        for path in paths:
            turn += 1_000
            with path.open("r+b") as file:
                file.write(b"<!--")
            os.utime(path, ns=(turn, turn))


def _index(module: str, seeds: Path, more: Path, root: Path) -> _Ran:
    folders = ["--seeds", str(seeds), "--more-seeds", str(more), "--library", str(root)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RAG_")}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = Popen(
            [sys.executable, "-m", module, "index", "--json", *folders],
            cwd=ROOT,
            env=environment,
            stdin=DEVNULL,
            stdout=out,
            stderr=err,
        )
        peak = 0.0
        while child.poll() is None:
            peak = max(peak, _most_held(child.pid))
            time.sleep(0.02)
        for file in (out, err):
            file.seek(0)
        printed, lines = out.read(), err.read().splitlines()
    report = json.loads(printed) if printed else {}
    return _Ran(child.returncode, report, lines, peak)


def _most_held(process: int) -> float:
    """Megabytes; what wait4 tells of a child is at least what its parent held when it began."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0
