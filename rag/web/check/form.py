"""The form by which a reader sends a quotation or a draft."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from rag import limits
from rag.errors import RagError
from rag.web.auth.forms import read_limited_form


class FormRefused(RagError):
    """The form is too large, or no form."""

    status = 400


class FormTooLarge(FormRefused):
    """The form is too large."""

    status = 413


@dataclass(frozen=True, slots=True)
class SubmittedDraft:
    """``text`` is the typed draft, ``name`` the file that it once came from; ``data`` and ``file`` are content and name
    of the file sent along, "" without one; ``up`` leads from the page to the server's root."""

    text: str = ""
    name: str = ""
    data: bytes = b""
    file: str = ""
    up: str = ""


async def read_form(request: Request) -> SubmittedDraft:
    """Reads the form; all line breaks become line feeds.

    Raises:
        FormTooLarge: over ``limits.MAX_DRAFT_FORM_BYTES`` bytes.
        FormRefused: it can't be read.
    """
    most = limits.MAX_DRAFT_FORM_BYTES
    remedy = "Paste a part of the draft, or a smaller file"
    too_large = FormTooLarge(f"is larger than {most:,} bytes", where="What was sent", remedy=remedy)
    options = {"max_files": 1, "max_fields": 8, "max_part_size": most}
    try:
        form = await read_limited_form(request, most, 10 * most, too_large, **options)
    except HTTPException as error:
        raise FormRefused("can't be read", where="What was sent", remedy="Please send it again") from error
    fields = {key: value for key, value in form.multi_items() if isinstance(value, str)}
    file = form.get("file")
    data = await file.read() if isinstance(file, UploadFile) else b""
    await form.close()
    text = fields.get("draft", "").replace("\r\n", "\n").replace("\r", "\n")
    file_name = (file.filename or "") if isinstance(file, UploadFile) else ""
    return SubmittedDraft(text, fields.get("name", ""), data, file_name, "../" * fields.get("up", "").count("../"))
