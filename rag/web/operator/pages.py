"""The operator's pages as HTML."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request

from rag import limits
from rag.admin import jobs, saved_questions, staging, unanswered
from rag.admin.jobs import CANCELLABLE, JOB_NAMES, Prepared
from rag.errors import OperatorRefused
from rag.ingest.formats import FORMATS
from rag.library import archive, generations, quarantine
from rag.text.districts import CANONICAL
from rag.web.operator.preview import Preview, preview, read_for_readers, warnings
from rag.web.operator.uploads import UploadResult
from rag.web.operator.worker_process import WorkerProcess
from rag.web.pages.bulletin import lay_out
from rag.web.pages.catalogue import browse
from rag.web.responses import paginate, up
from rag.web.service import Service
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library

PAGE_SIZE = 50  # rows of a list
STAGED_PAGE_SIZE = 20  # staged files, each of which is read for its preview
MAX_NAMES = 40  # of bulletins, before the rest is counted
TABS = (
    ("", "Overview"),
    ("new", "New bulletins"),
    ("bulletins", "All bulletins"),
    ("generations", "Generations"),
    ("questions", "Questions"),
    ("files", "Files"),
    ("switch", "Notice and off switch"),
    ("accounts", "Accounts"),
    ("log", "Log"),
)
# The line on the page that a form leads to.
CONFIRMATIONS = {
    "corrected": "The correction is kept beside the bulletin’s file. Check and prepare to publish it.",
    "uncorrected": "Its corrections are taken away. Check and prepare to publish that.",
    "removed": "The file is no longer staged.",
    "emptied": "No file is staged any more.",
    "saved": "The question is saved.",
    "unsaved": "The question is no longer saved.",
    "cancel": "It stops as soon as it can.",
}
# The tab that an action or a page belongs to, where it has none of its own name.
TAB_OF_ACTION = {
    **dict.fromkeys(("upload", "unstage", "unstage-all", "check", "prepare", "publish", "discard", "cancel"), "new"),
    **dict.fromkeys(("correct", "bulletin"), "bulletins"),
    **dict.fromkeys(("save", "unsave"), "questions"),
    "staged": "new",
    "back": "generations",
    "verify": "files",
    **dict.fromkeys(("account-add", "account-password", "account-change"), "accounts"),
    **dict.fromkeys(("notice", "off", "on"), "switch"),
}


@dataclass(frozen=True, slots=True)
class PastText:
    """A text that no bulletin has any more; ``state`` is "changed" or "withdrawn"."""

    sha256: str
    name: str
    title: str | None
    date: dt.date | None
    state: str
    since: dt.datetime


class OperatorPages:
    """The pages over one service and its worker, by the name in the address."""

    def __init__(self, service: Service, worker: WorkerProcess) -> None:
        self._service = service
        self._worker = worker
        self._root = service.settings.library
        self.pages: dict[str, Callable[[Request], str]] = {
            "new": self.new,
            "staged": self._staged,
            "bulletins": self._bulletins,
            "bulletin": self._bulletin,
            "past": self._past,
            "generations": self._generations,
            "questions": self._questions,
            "files": self._files,
        }

    @property
    def library(self) -> Library | None:
        """The library that is answered from at this moment; a page takes it once."""
        return self._service.library

    @property
    def examples(self) -> tuple[str, ...]:
        """The chat's example questions, with which the saved questions begin."""
        serving = self._service.serving
        return serving.examples if serving else ()

    def overview(self, request: Request) -> str:
        """The first page: what is answered from, and what waits."""
        library, state = self.library, self._service.state
        in_use = generations.in_use(self._root)
        return self.page(
            request,
            "operator.html",
            "",
            stage=state.stage,
            notices=state.notices,
            library=library,
            changing=bool(library and in_use and in_use != library.generation),
            staged=len(staging.list_staged(self._root)),
            prepared=self._prepared(),
            unread=len(quarantine.read(self._root)),
            free=shutil.disk_usage(_existing(self._root)).free,
            folders=self._service.settings.folders,
        )

    def new(self, request: Request, results: Sequence[UploadResult] = ()) -> str:
        """The page on which new bulletins are uploaded, checked, prepared and published."""
        library = self.library
        page = paginate(request, staging.list_staged(self._root), STAGED_PAGE_SIZE)
        page["rows"] = [_staged_row(file, library) for file in page["rows"]]
        prepared = self._prepared()
        problem = self._unpublishable(prepared) if prepared else ""
        return self.page(
            request,
            "operator_new.html",
            "new",
            **page,
            results=results,
            prepared=prepared,
            problem=problem,
            kinds=", ".join(FORMATS),
            largest=(limits.MAX_TEXT_FILE_BYTES, limits.MAX_BINARY_FILE_BYTES),
            most=MAX_NAMES,
        )

    def _staged(self, request: Request) -> str:
        file = staging.find(self._root, request.query_params.get("name", ""))
        shown = preview(file.path, file.name)
        return self._file_page(request, "new", file.path, shown, self.library, staged=True, versions=())

    def _bulletins(self, request: Request) -> str:
        library = self._open_library()
        query = [(key, value) for key, value in request.query_params.multi_items() if key != "done"]
        catalogue = browse(library, query)
        return self.page(
            request, "operator_bulletins.html", "bulletins", catalogue=catalogue, filters=catalogue.filters
        )

    def _bulletin(self, request: Request) -> str:
        library, name = self._open_library(), request.query_params.get("name", "")
        stored = library.by_name.get(name)
        if stored is None:
            raise OperatorRefused("no bulletin has this name", where=name)
        path = self.file_of(name)
        file = preview(path, name) if path else Preview(name, problem="The file is in none of the folders any more")
        return self._file_page(
            request, "bulletins", path, file, library, staged=False, versions=archive.versions(library, name)
        )

    def _file_page(
        self, request: Request, tab: str, path: Path | None, file: Preview, library: Library | None, **values: Any
    ) -> str:
        values |= {"shown": file, "warnings": warnings(file, library), "districts": CANONICAL}
        read = read_for_readers(path, file.name) if path else None
        if read:
            values |= lay_out(read.bulletin.text, read.sections)
        values["published_as"] = read.to_stored() if read else None
        return self.page(request, "operator_file.html", tab, **values)

    def _past(self, request: Request) -> str:
        page = paginate(request, _past(self._open_library()), PAGE_SIZE)
        return self.page(request, "operator_past.html", "bulletins", **page)

    def _generations(self, request: Request) -> str:
        listed = generations.list_generations(self._root)
        return self.page(request, "operator_generations.html", "generations", generations=listed, most=MAX_NAMES)

    def _questions(self, request: Request) -> str:
        kept_days = self._service.settings.kept_days
        return self.page(
            request,
            "operator_questions.html",
            "questions",
            questions=saved_questions.read(self._root, self.examples),
            missing=unanswered.most_frequent(self._root, kept_days=kept_days),
            kept_days=kept_days,
        )

    def _files(self, request: Request) -> str:
        # the page of new bulletins shows what is wrong with staged files
        staged = {file.name for file in staging.list_staged(self._root)}
        unread = [file for file in quarantine.read(self._root) if file.bulletin not in staged]
        return self.page(request, "operator_files.html", "files", unread=unread)

    def sentence(self, request: Request, line: str) -> str:
        """A page that says one thing."""
        name = request.url.path.rpartition("/")[2]
        tab = TAB_OF_ACTION.get(name, name if name in dict(TABS) else "")
        back = f"{up(request)}operator{'/' if tab else ''}{tab}"
        return self.page(request, "operator_sentence.html", "", sentence=line, back=back)

    def file_of(self, name: str) -> Path | None:
        """The file of the bulletin with this name; None where it is in no folder."""
        for folder in self._service.settings.folders:
            path = folder / name
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        return None

    def _open_library(self) -> Library:
        library = self.library
        if library is None:
            raise OperatorRefused("The desk is still getting ready", remedy="Please try again in a moment")
        return library

    def _prepared(self) -> Prepared | None:
        """The prepared generation, if any, with each of its quotes verified once more."""
        prepared = jobs.read_prepared(self._root)
        library = self.library
        if prepared is None or library is None:
            return None
        for change in prepared.changes:
            for quote in (*change.gained, *change.lost):
                quote.verify(library.text(quote.sha256))
        return prepared

    def _unpublishable(self, prepared: Prepared) -> str:
        """Why the prepared generation can't be published; "" where it can."""
        if generations.in_use(self._root) not in (prepared.previous, prepared.report.generation):
            return "Another generation has been published since this one was prepared. Prepare again."
        if {file.name: file.key for file in staging.list_staged(self._root)} != prepared.staged:
            return "The staged files have changed since this was prepared. Prepare again."
        return ""

    def page(self, request: Request, template: str, current: str, done: str = "", **values: Any) -> str:
        """A page with what all of them have; ``done`` is the line that confirms what a form has done."""
        latest = self._worker.latest()
        return render(
            template,
            up=up(request),
            current=current,
            tabs=TABS,
            job=latest,
            job_names=JOB_NAMES,
            cancellable=CANCELLABLE,
            said=done or CONFIRMATIONS.get(request.query_params.get("done", "")),
            person=request.state.person,
            **values,
        )


def _staged_row(file: staging.Staged, library: Library | None) -> dict[str, Any]:
    shown = preview(file.path, file.name)
    return {"name": file.name, "size": file.size, "shown": shown, "warnings": warnings(shown, library)}


def _past(library: Library) -> list[PastText]:
    """The texts that no bulletin has today, the latest first."""
    rows = []
    for sha256, entries in archive.past_entries(library).items():
        latest = entries[-1]
        carriers = [(entry.bulletin.name, entry.bulletin.url) for entry in reversed(entries)]
        state, _ = archive.status(library, sha256, carriers)
        known = latest.bulletin
        rows.append(PastText(sha256, known.name, known.title, known.date, state, latest.since))
    return sorted(rows, key=lambda row: (row.since, row.sha256), reverse=True)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))
