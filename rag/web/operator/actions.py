"""What the operator's forms do.  Each leads back to a page; the jobs go to the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from rag import files
from rag.admin import saved_questions, staging
from rag.admin.jobs import What
from rag.errors import OperatorRefused
from rag.ingest import corrections
from rag.library import audit_log
from rag.web.auth.access import field
from rag.web.operator.corrections_form import wanted
from rag.web.operator.pages import Views
from rag.web.operator.uploads import Taken, stage
from rag.web.operator.worker_process import Worker
from rag.web.pages.routes import up
from rag.web.service import Desk

Act = Callable[[Request, FormData], Response]
# Where on the page a job's outcome stands.
PLACES: dict[What, str] = {
    "check": "check",
    "prepare": "prepare",
    "publish": "publish",
    "discard": "prepare",
    "verify": "verify",
}
# Jobs that change what is answered, or what can be.
CHANGING: tuple[What, ...] = ("prepare", "publish", "discard", "back")
AT_ONCE = 2.0  # seconds that a quick job is waited for before its progress is shown


class Acts:
    """What can be done to one desk's library."""

    def __init__(self, desk: Desk, worker: Worker, views: Views) -> None:
        self._settings = desk.settings
        self._root = desk.settings.library
        self._worker = worker
        self._views = views
        self.acts: dict[str, Act] = {
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

    def upload(self, files: list[UploadFile]) -> list[Taken]:
        library = self._views.library
        known = dict(library.manifest.sources) if library else {}
        names = ", ".join(file.filename or "" for file in files)
        with audit_log.noting(self._root, "upload", files=names):
            return stage(files, self._root, self._settings.folders, known)

    def _unstage(self, request: Request, sent: FormData) -> Response:
        name = field(sent, "name")
        with audit_log.noting(self._root, "unstage", file=name):
            staging.remove(self._root, name)
        return _to(request, "new", "removed")

    def _unstage_all(self, request: Request, sent: FormData) -> Response:
        for one in staging.listed(self._root):
            with audit_log.noting(self._root, "unstage", file=one.name):
                staging.remove(self._root, one.name)
        return _to(request, "new", "emptied")

    def _correct(self, request: Request, sent: FormData) -> Response:
        """Keeps what the form says otherwise than the file; "uncorrect" takes all corrections away."""
        name, staged = field(sent, "name"), field(sent, "staged") == "yes"
        path = staging.find(self._root, name).path if staged else self._views.file_of(name)
        if path is None:
            raise OperatorRefused("its file is in none of the folders any more", where=name)
        said = "uncorrected" if "uncorrect" in sent else "corrected"
        new = () if said == "uncorrected" else wanted(path, name, sent)
        with audit_log.noting(
            self._root, "correct", file=name, corrections=len(new), file_sha256=files.sha256_of(path)
        ):
            corrections.save(path, new)
        page = "staged" if staged else "bulletin"
        return _to(request, page, said, name=name)

    def _begin(self, what: What, page: str, request: Request, sent: FormData, *, quick: bool = False) -> Response:
        """Begins a job; a quick one has mostly ended when the page is shown."""
        generation = field(sent, "generation")
        if what in CHANGING:
            audit_log.write(self._root, audit_log.actor(), what, generation=generation)
        begun = self._worker.start(
            what, who=audit_log.actor(), generation=generation, allow_removal=field(sent, "allow_removal") == "yes"
        )
        if quick:
            self._worker.wait(begun.id, AT_ONCE)
        latest = self._worker.latest()
        over = latest is not None and latest.state != "running"
        return _to(request, page, place=PLACES.get(what, "") if over else "")

    def _cancel(self, request: Request, sent: FormData) -> Response:
        latest = self._worker.latest()
        if latest is None or latest.id != field(sent, "id") or latest.state != "running":
            return _to(request, "new")
        self._worker.cancel(latest.id)
        return _to(request, "files" if latest.what == "verify" else "new", "cancel")

    def _save(self, request: Request, sent: FormData) -> Response:
        question = field(sent, "question")
        with audit_log.noting(self._root, "save question", question=question):
            saved_questions.add(self._root, question)
        return _to(request, "questions", "saved")

    def _unsave(self, request: Request, sent: FormData) -> Response:
        question = field(sent, "question")
        with audit_log.noting(self._root, "unsave question", question=question):
            saved_questions.remove(self._root, question)
        return _to(request, "questions", "unsaved")

    def progress(self) -> dict[str, object]:
        """The job as the page's script asks for it."""
        latest = self._worker.latest()
        if latest is None:
            return {"state": "none"}
        told = asdict(latest)
        return {key: told[key] for key in ("id", "what", "state", "stage", "done", "whole", "line")}


def _to(request: Request, page: str, said: str = "", *, place: str = "", **query: str) -> Response:
    asked = urlencode({**query, **({"done": said} if said else {})})
    end = f"{'?' if asked else ''}{asked}{'#' if place else ''}{place}"
    return RedirectResponse(f"{up(request)}operator/{page}{end}", 303)
