"""What the operator's forms do: each leads back to a page, and jobs go to the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from rag import files
from rag.admin import saved_questions, staging
from rag.admin.jobs import JobKind
from rag.errors import OperatorRefused
from rag.ingest.corrections import sidecar
from rag.ingest.propose_corrections import propose
from rag.library import audit_log
from rag.models import Correction
from rag.text.districts import CANONICAL
from rag.web.auth.forms import form_field
from rag.web.operator.pages import OperatorPages
from rag.web.operator.preview import preview
from rag.web.operator.uploads import UploadResult, stage
from rag.web.operator.worker_process import WorkerProcess
from rag.web.responses import up
from rag.web.service import Service

Action = Callable[[Request, FormData], Response]
# Where on the page a job's outcome is shown.
ANCHORS: dict[JobKind, str] = {
    "check": "check",
    "prepare": "prepare",
    "publish": "publish",
    "discard": "prepare",
    "verify": "verify",
}
# Jobs that change what questions are answered from, or what can be published.
AUDITED_JOBS: tuple[JobKind, ...] = ("prepare", "publish", "discard", "back")
QUICK_JOB_SECONDS = 2.0  # waited for a quick job before its progress is shown


class OperatorActions:
    """The actions on one service's library, each by the name in its address."""

    def __init__(self, service: Service, worker: WorkerProcess, pages: OperatorPages) -> None:
        self._settings = service.settings
        self._root = service.settings.library
        self._worker = worker
        self._pages = pages
        self.actions: dict[str, Action] = {
            "unstage": self._unstage,
            "unstage-all": self._unstage_all,
            "correct": self._correct,
            "check": partial(self._begin, "check", "new", quick=True),
            "prepare": partial(self._begin, "prepare", "new"),
            "publish": partial(self._begin, "publish", "new", quick=True),
            "discard": partial(self._begin, "discard", "new", quick=True),
            "back": partial(self._begin, "back", "generations", quick=True),
            "verify": partial(self._begin, "verify", "files", quick=True),
            "cancel": self._cancel,
            "save": self._save,
            "unsave": self._unsave,
        }

    def upload(self, files: list[UploadFile]) -> list[UploadResult]:
        """Stages the uploaded files."""
        library = self._pages.library
        known = dict(library.manifest.sources) if library else {}
        names = ", ".join(file.filename or "" for file in files)
        with audit_log.recorded(self._root, "upload", files=names):
            return stage(files, self._root, self._settings.folders, known)

    def _unstage(self, request: Request, sent: FormData) -> Response:
        name = form_field(sent, "name")
        with audit_log.recorded(self._root, "unstage", file=name):
            staging.remove(self._root, name)
        return redirect(request, "new", "removed")

    def _unstage_all(self, request: Request, sent: FormData) -> Response:
        for staged in staging.list_staged(self._root):
            with audit_log.recorded(self._root, "unstage", file=staged.name):
                staging.remove(self._root, staged.name)
        return redirect(request, "new", "emptied")

    def _correct(self, request: Request, sent: FormData) -> Response:
        """Saves what the form says otherwise than the file; "uncorrect" removes all corrections."""
        name, staged = form_field(sent, "name"), form_field(sent, "staged") == "yes"
        path = staging.find(self._root, name).path if staged else self._pages.file_of(name)
        if path is None:
            raise OperatorRefused("its file is in none of the folders any more", where=name)
        done = "uncorrected" if "uncorrect" in sent else "corrected"
        new = () if done == "uncorrected" else _requested_corrections(path, name, sent)
        with audit_log.recorded(
            self._root, "correct", file=name, corrections=len(new), file_sha256=files.sha256_of(path)
        ):
            sidecar.save(path, new)
        page = "staged" if staged else "bulletin"
        return redirect(request, page, done, name=name)

    def _begin(self, what: JobKind, page: str, request: Request, sent: FormData, *, quick: bool = False) -> Response:
        """Starts a job; a quick one has mostly ended when the page is shown."""
        generation = form_field(sent, "generation")
        if what in AUDITED_JOBS:
            audit_log.write(self._root, audit_log.actor(), what, generation=generation)
        job = self._worker.start(
            what, who=audit_log.actor(), generation=generation, allow_removal=form_field(sent, "allow_removal") == "yes"
        )
        if quick:
            self._worker.wait(job.id, QUICK_JOB_SECONDS)
        latest = self._worker.latest()
        ended = latest is not None and latest.state != "running"
        return redirect(request, page, anchor=ANCHORS.get(what, "") if ended else "")

    def _cancel(self, request: Request, sent: FormData) -> Response:
        latest = self._worker.latest()
        if latest is None or latest.id != form_field(sent, "id") or latest.state != "running":
            return redirect(request, "new")
        self._worker.cancel(latest.id)
        return redirect(request, "files" if latest.what == "verify" else "new", "cancel")

    def _save(self, request: Request, sent: FormData) -> Response:
        question = form_field(sent, "question")
        with audit_log.recorded(self._root, "save question", question=question):
            saved_questions.add(self._root, question, self._first_questions())
        return redirect(request, "questions", "saved")

    def _unsave(self, request: Request, sent: FormData) -> Response:
        question = form_field(sent, "question")
        with audit_log.recorded(self._root, "unsave question", question=question):
            saved_questions.remove(self._root, question, self._first_questions())
        return redirect(request, "questions", "unsaved")

    def _first_questions(self) -> tuple[str, ...]:
        """The examples that saved questions begin with: without them a change would drop what is listed."""
        if self._pages.library is None:
            raise OperatorRefused("nothing is answered from yet", remedy="Publish bulletins first")
        return self._pages.examples

    def progress(self) -> dict[str, object]:
        """The latest job, as the page's script asks for it."""
        latest = self._worker.latest()
        if latest is None:
            return {"state": "none"}
        fields = asdict(latest)
        return {key: fields[key] for key in ("id", "what", "state", "stage", "done", "whole", "line")}


def redirect(request: Request, page: str, done: str = "", *, anchor: str = "", **query: str) -> Response:
    """Leads to a page of the operator, which confirms what was ``done``."""
    address = urlencode({**query, **({"done": done} if done else {})})
    end = f"{'?' if address else ''}{address}{'#' if anchor else ''}{anchor}"
    return RedirectResponse(f"{up(request)}operator/{page}{end}", 303)


def _requested_corrections(path: Path, name: str, sent: FormData) -> tuple[Correction, ...]:
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
