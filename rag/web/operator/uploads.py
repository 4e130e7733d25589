"""Files that an operator uploads: read within limits, and staged one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from rag import limits
from rag.admin import staging
from rag.errors import OperatorRefused, one_line
from rag.web.auth.forms import read_limited_form


@dataclass(frozen=True, slots=True)
class UploadResult:
    """What became of one file, in one line."""

    name: str
    staged: bool
    line: str


async def read_uploads(request: Request) -> list[UploadFile]:
    """Reads the files of the form, each into a temporary file.

    Raises:
        OperatorRefused: too many, too large together, or no form.
    """
    most = limits.MAX_UPLOAD_FORM_BYTES
    what = f"together they are larger than {most:,} bytes; none was staged"
    too_large = OperatorRefused(what, where="The files", remedy="Send them in several turns")
    options = {"max_files": limits.MAX_UPLOAD_FILES, "max_fields": 20}
    try:
        form = await read_limited_form(request, most, 2 * most, too_large, **options)
    except HTTPException as error:
        what = f"can't be read, or are more than {limits.MAX_UPLOAD_FILES}; none was staged"
        raise OperatorRefused(what, where="The files", remedy="Send them again, in several turns") from error
    return [value for key, value in form.multi_items() if key == "files" and isinstance(value, UploadFile)]


def stage(
    files: Sequence[UploadFile], root: Path, folders: Sequence[Path], known: Mapping[str, str]
) -> list[UploadResult]:
    """Stages the files that can be, and reports on each."""
    results = []
    for file in files:
        name = file.filename or ""
        if not name and not file.size:
            continue  # what a browser sends where no file was chosen
        shown = one_line(name) or "A file without a name"
        try:
            note = staging.stage(root, folders, name, file.file, known)
            results.append(UploadResult(shown, True, f"is staged; it {note}." if note else "is staged."))
        except OperatorRefused as error:
            results.append(UploadResult(shown, False, f"{error}."))
    return results
