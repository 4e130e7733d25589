"""Files that an operator sends: read as they come, within limits, and staged one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Message

from rag import limits
from rag.admin import staging
from rag.errors import OperatorRefused, one_line

_READ = 2 * limits.MAX_UPLOAD_FORM_BYTES  # bytes that are read and thrown away, so that the browser gets to read why


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file; ``line`` says it."""

    name: str
    staged: bool
    line: str


async def received(request: Request) -> list[UploadFile]:
    """The files of the form, each in a temporary file.

    Raises:
        OperatorRefused: too many, too large together, or no form.
    """
    got = 0

    async def receive() -> Message:
        nonlocal got
        message = await request.receive()
        got += len(message.get("body", b""))
        while limits.MAX_UPLOAD_FORM_BYTES < got < _READ and message.get("more_body"):
            message = await request.receive()
            got += len(message.get("body", b""))
        if got > limits.MAX_UPLOAD_FORM_BYTES:
            what = f"together they are larger than {limits.MAX_UPLOAD_FORM_BYTES:,} bytes; none was staged"
            raise OperatorRefused(what, where="The files", remedy="Send them in several turns")
        return message

    try:
        form = await Request(request.scope, receive).form(max_files=limits.MAX_UPLOAD_FILES, max_fields=20)
    except HTTPException as error:
        what = f"can't be read, or are more than {limits.MAX_UPLOAD_FILES}; none was staged"
        raise OperatorRefused(what, where="The files", remedy="Send them again, in several turns") from error
    return [value for key, value in form.multi_items() if key == "files" and isinstance(value, UploadFile)]


def stage(files: Sequence[UploadFile], root: Path, folders: Sequence[Path], known: Mapping[str, str]) -> list[Taken]:
    """Stages what can be; what can't is told, and the rest goes on."""
    taken = []
    for file in files:
        name = file.filename or ""
        if not name and not file.size:
            continue  # what a browser sends where no file was chosen
        shown = one_line(name) or "A file without a name"
        try:
            note = staging.put(root, folders, name, file.file, known)
            taken.append(Taken(shown, True, f"is staged; it {note}." if note else "is staged."))
        except OperatorRefused as error:
            taken.append(Taken(shown, False, f"{error}."))
    return taken
