"""The form that corrects a bulletin's title, date and districts."""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import FormData

from rag.errors import OperatorRefused
from rag.ingest.propose_corrections import propose
from rag.models import Correction
from rag.text.districts import CANONICAL
from rag.web.operator.preview import preview


def requested_corrections(path: Path, name: str, sent: FormData) -> tuple[Correction, ...]:
    """Returns the corrections of the file, changed by what the form says.

    Raises:
        OperatorRefused: the file has changed since the form was made. CorrectionUnusable: a value can't be used.
        BulletinUnreadable: the file can't be read.
    """
    shown = preview(path, name)
    if (sent.get("file_sha256"), sent.get("beside")) != (shown.file_sha256, shown.corrections_digest):
        raise OperatorRefused("has changed meanwhile; nothing was corrected", where=name, remedy="Look again")
    title, date = (str(sent.get(field, "")).strip() for field in ("title", "date"))
    districts: dict[str | None, tuple[str, ...]] = {}
    for number, part in enumerate(shown.parts):
        chosen = {value for value in sent.getlist(f"districts-{number}") if isinstance(value, str)}
        if chosen != set(part.districts):
            # districts that stay keep their order
            kept = [district for district in part.districts if district in chosen]
            districts[part.key] = (
                *kept,
                *(district for district in CANONICAL if district in chosen and district not in kept),
            )
    return propose(
        path,
        title=title if title != (shown.title or "") else None,
        date=date if date != (shown.date.isoformat() if shown.date else "") else None,
        districts=districts,
    )
