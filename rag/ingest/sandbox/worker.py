"""The process that reads foreign files: one after the other, each a request on standard input and a reply on standard
output.  ``rag.ingest.sandbox.reader`` is the other end, and starts it.

A request is a JSON object {"task", "suffix", "seconds"} and then the file's bytes; a reply is {"read": …}, or {"what",
"remedy"} where the file is refused.  Before each of the three stands its length, in four bytes.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import site
import struct
import sysconfig
from collections.abc import Callable
from typing import Any

import rag
from rag import limits
from rag.ingest.decode import decode
from rag.ingest.refused import Refused
from rag.ingest.sandbox.confinement import confine

LENGTH = struct.Struct(">I")
OUT_OF_MEMORY = 12  # exit status
# What is imported before the process is locked in: shared libraries can't be opened from everywhere then.
_READERS = {
    "text": ("rag.ingest.readers.registry", "rag.ingest.readers.html_links"),
    "pdf": ("rag.ingest.readers.registry", "rag.ingest.readers.pdf_interpreter", "pdfminer.pdfpage"),
    "docx": ("rag.ingest.readers.registry", "docx"),
}


def main(worker: str) -> None:
    """Locks this process in, says what the system lacks for it, and answers requests until there are no more."""
    for name in _READERS[worker]:
        importlib.import_module(name)
    _send({"lacking": confine(_code_folders())})
    while request := _receive():
        order, data = json.loads(request), _receive()
        signal.setitimer(signal.ITIMER_PROF, order["seconds"])  # whose signal ends this process
        try:
            _send(perform(order["task"], order["suffix"], data))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        signal.setitimer(signal.ITIMER_PROF, 0)


def perform(task: str, suffix: str, data: bytes) -> dict[str, Any]:
    """Returns the reply to a request: what is read of a file with that suffix, or why nothing is."""
    try:
        return {"read": _TASKS[task](suffix, data)}
    except Refused as refused:
        return {"what": refused.what, "remedy": refused.remedy}


def _read_bulletin(suffix: str, data: bytes) -> dict[str, Any]:
    from rag.ingest.readers.registry import read_document

    document, encoding = read_document(suffix, data)
    return {
        "text": document.text,
        "title": document.title,
        "date": document.date and document.date.isoformat(),
        "source": document.source,
        "url": document.url,
        "column": document.column,
        "body": [(line.start, line.end, line.kind) for line in document.body],
        "notes": document.notes,
        "encoding": encoding,
    }


def _read_draft(suffix: str, data: bytes) -> dict[str, Any]:
    """Reads a Word document's paragraphs and block quotations, or any other file's plain text."""
    if suffix != ".docx":
        return {"text": decode(data)[0], "blocks": []}
    from rag.ingest.readers.docx_paragraphs import extract

    read = extract(data)
    # A line break in a paragraph doesn't end it.
    paragraphs = (paragraph.of(read.text).replace("\n", " ") for paragraph in read.paragraphs)
    return {"text": "\n\n".join(paragraphs), "blocks": [(block.start, block.end) for block in read.blocks]}


def _read_links(_: str, data: bytes) -> dict[str, Any]:
    from rag.ingest.readers.html_links import find_links

    page = find_links(decode(data)[0])
    return {"base": page.base, "links": [(link.href, link.is_pager, link.is_boilerplate) for link in page.links]}


_TASKS: dict[str, Callable[[str, bytes], dict[str, Any]]] = {
    "bulletin": _read_bulletin,
    "draft": _read_draft,
    "links": _read_links,
}


def _code_folders() -> tuple[str, ...]:
    """Returns the folders of the code that may still be imported: Python's own, the packages' and the desk's."""
    places = [
        *map(sysconfig.get_path, ("stdlib", "platstdlib")),
        *site.getsitepackages(),
        os.path.dirname(rag.__file__),
    ]
    return tuple({place for place in places if os.path.isdir(place)})


def _send(reply: dict[str, Any]) -> None:
    output = json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace")
    if len(output) > limits.SANDBOX_OUTPUT_BYTES:
        output = json.dumps({"what": "holds far more than a bulletin", "remedy": ""}).encode()
    left = memoryview(LENGTH.pack(len(output)) + output)
    while left:
        left = left[os.write(1, left) :]


def _receive() -> bytes:
    """Returns the next part of a request, b"" where there is none any more."""
    head = _read_exactly(LENGTH.size)
    return _read_exactly(*LENGTH.unpack(head)) if head else b""


def _read_exactly(size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := os.read(0, min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"" if size else b"".join(parts)
