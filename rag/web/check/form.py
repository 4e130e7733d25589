"""What a reader sends to be checked: the form's fields, within limits."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Message

from rag import limits
from rag.errors import RagError

_READ = 10 * limits.MAX_DRAFT_FORM_BYTES  # bytes that are read and thrown away, so that the browser gets to read why


class FormRefused(RagError):
    """The form is too large, or no form."""

    status = 400


class FormTooLarge(FormRefused):
    status = 413


@dataclass(frozen=True, slots=True)
class Sent:
    """``text`` is the typed draft and ``name`` that of the file it once came from; ``data`` are the bytes of the file
    sent along, ``file`` its name, "" without one; ``up`` leads from the page to the desk's root."""

    text: str = ""
    name: str = ""
    data: bytes = b""
    file: str = ""
    up: str = ""


async def read_form(request: Request) -> Sent:
    """The form of the page, with line feeds for its line breaks.

    Raises:
        FormTooLarge: over ``limits.MAX_DRAFT_FORM_BYTES`` bytes.
        FormRefused: it can't be read.
    """
    got = 0

    async def receive() -> Message:
        nonlocal got
        message = await request.receive()
        got += len(message.get("body", b""))
        while limits.MAX_DRAFT_FORM_BYTES < got < _READ and message.get("more_body"):
            message = await request.receive()
            got += len(message.get("body", b""))
        if got > limits.MAX_DRAFT_FORM_BYTES:
            what = f"is larger than {limits.MAX_DRAFT_FORM_BYTES:,} bytes"
            raise FormTooLarge(what, where="What was sent", remedy="Paste a part of the draft, or a smaller file")
        return message

    try:
        form = await Request(request.scope, receive).form(
            max_files=1, max_fields=8, max_part_size=limits.MAX_DRAFT_FORM_BYTES
        )
    except HTTPException as error:
        raise FormRefused("can't be read", where="What was sent", remedy="Please send it again") from error
    fields = {key: value for key, value in form.multi_items() if isinstance(value, str)}
    file = form.get("file")
    data = await file.read() if isinstance(file, UploadFile) else b""
    await form.close()
    text = fields.get("draft", "").replace("\r\n", "\n").replace("\r", "\n")
    file_name = (file.filename or "") if isinstance(file, UploadFile) else ""
    return Sent(text, fields.get("name", ""), data, file_name, "../" * fields.get("up", "").count("../"))
