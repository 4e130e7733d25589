"""The operator's pages as HTML: what there is, what waits, and what would change."""

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
from rag.ingest.readers.registry import READERS
from rag.library import archive, generations, quarantine
from rag.text.districts import CANONICAL
from rag.web.operator.preview import Preview, preview, warnings
from rag.web.operator.uploads import UploadResult
from rag.web.operator.worker_process import Worker
from rag.web.pages.catalogue import browse
from rag.web.responses import up
from rag.web.service import Service
from rag.web.templating import TEMPLATES, long_date, render

if TYPE_CHECKING:
    from rag.library.reader import Library

PAGE_SIZE = 50  # rows of a list
STAGED_PAGE_SIZE = 20  # staged files of a page: each is read for its preview
MAX_NAMES = 40  # bulletins that are named before the rest is counted
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
# What is said on the page that a form leads to.
CONFIRMATIONS = {
    "corrected": "The correction is kept beside the bulletin’s file. Check and prepare to publish it.",
    "uncorrected": "Its corrections are taken away. Check and prepare to publish that.",
    "removed": "The file is no longer staged.",
    "emptied": "No file is staged any more.",
    "saved": "The question is saved.",
    "unsaved": "The question is no longer saved.",
    "cancel": "It stops as soon as it can.",
}
# The page that a form stands on, where it isn't its own.
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


def moment(iso: str) -> str:
    """A time as a person at this machine's clock writes it, "27 November 2026, 14:03"; "" for none."""
    if not iso:
        return ""
    at = dt.datetime.fromisoformat(iso).astimezone()
    return f"{at.day} {at:%B %Y, %H:%M}"


def size(count: int) -> str:
    """Bytes as a person reads them: "1.2 MB"."""
    for unit, whole in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= whole:
            return f"{count / whole:,.1f} {unit}"
    return f"{count} bytes"


def on_day(iso: str) -> str:
    return long_date(dt.date.fromisoformat(iso))


TEMPLATES.filters.update(moment=moment, size=size, on_day=on_day)


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A staged file and how it is read."""

    name: str
    size: int
    shown: Preview
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastText:
    """A text that no bulletin carries any more; ``state`` is "changed" or "withdrawn"."""

    sha256: str
    name: str
    title: str | None
    date: dt.date | None
    state: str
    since: dt.datetime


class OperatorPages:
    """The pages over one desk and its worker."""

    def __init__(self, service: Service, worker: Worker) -> None:
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
        """What the desk answers from at this moment: taken once for a page."""
        serving = self._service.serving
        return serving.library if serving else None

    def overview(self, request: Request) -> str:
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

    def new(self, request: Request, taken: Sequence[UploadResult] = ()) -> str:
        library = self.library
        staged = staging.list_staged(self._root)
        page, pages = pages_of(request, len(staged), STAGED_PAGE_SIZE)
        rows = []
        for one in staged[(page - 1) * STAGED_PAGE_SIZE : page * STAGED_PAGE_SIZE]:
            shown = preview(one.path, one.name)
            rows.append(StagedRow(one.name, one.size, shown, warnings(shown, library)))
        prepared = self._prepared()
        trouble = self._unpublishable(prepared) if prepared else ""
        return self.page(
            request,
            "operator_new.html",
            "new",
            rows=rows,
            total=len(staged),
            page=page,
            pages=pages,
            taken=taken,
            prepared=prepared,
            trouble=trouble,
            kinds=", ".join(READERS),
            largest=(limits.MAX_TEXT_FILE_BYTES, limits.MAX_BINARY_FILE_BYTES),
            most=MAX_NAMES,
        )

    def _staged(self, request: Request) -> str:
        one = staging.find(self._root, request.query_params.get("name", ""))
        shown = preview(one.path, one.name)
        return self.page(
            request,
            "operator_file.html",
            "new",
            shown=shown,
            warnings=warnings(shown, self.library),
            staged=True,
            versions=(),
            districts=CANONICAL,
        )

    def _bulletins(self, request: Request) -> str:
        library = self._open()
        shelf = browse(library, [(key, value) for key, value in request.query_params.multi_items() if key != "done"])
        return self.page(request, "operator_bulletins.html", "bulletins", shelf=shelf, choice=shelf.choice)

    def _bulletin(self, request: Request) -> str:
        library, name = self._open(), request.query_params.get("name", "")
        stored = library.by_name.get(name)
        if stored is None:
            raise OperatorRefused("no bulletin has this name", where=name)
        path = self.file_of(name)
        shown = preview(path, name) if path else Preview(name, problem="The file is in none of the folders any more")
        return self.page(
            request,
            "operator_file.html",
            "bulletins",
            shown=shown,
            warnings=warnings(shown, library),
            staged=False,
            versions=archive.versions(library, name),
            districts=CANONICAL,
        )

    def _past(self, request: Request) -> str:
        rows = _past(self._open())
        page, pages = pages_of(request, len(rows), PAGE_SIZE)
        shown = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        return self.page(
            request, "operator_past.html", "bulletins", rows=shown, total=len(rows), page=page, pages=pages
        )

    def _generations(self, request: Request) -> str:
        held = generations.list_generations(self._root)
        return self.page(request, "operator_generations.html", "generations", held=held, most=MAX_NAMES)

    def _questions(self, request: Request) -> str:
        questions = saved_questions.read(self._root)
        kept_days = self._service.settings.kept_days
        missing = unanswered.most_frequent(self._root, kept_days=kept_days)
        return self.page(
            request,
            "operator_questions.html",
            "questions",
            questions=questions,
            missing=missing,
            kept_days=kept_days,
        )

    def _files(self, request: Request) -> str:
        staged = {one.name for one in staging.list_staged(self._root)}  # what is wrong with those stands beside them
        unread = [one for one in quarantine.read(self._root) if one.bulletin not in staged]
        return self.page(request, "operator_files.html", "files", unread=unread)

    def sentence(self, request: Request, line: str) -> str:
        """A page that says one thing."""
        act = request.url.path.rpartition("/")[2]
        page = TAB_OF_ACTION.get(act, act if act in dict(TABS) else "")
        back = f"{up(request)}operator{'/' if page else ''}{page}"
        return self.page(request, "operator_sentence.html", "", sentence=line, back=back)

    def file_of(self, name: str) -> Path | None:
        """The file of the bulletin that goes by this name in the library; None where it is in no folder."""
        for folder in self._service.settings.folders:
            path = folder / name
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        return None

    def _open(self) -> Library:
        library = self.library
        if library is None:
            raise OperatorRefused("The desk is still getting ready", remedy="Please try again in a moment")
        return library

    def _prepared(self) -> Prepared | None:
        """What can be published, each of its quotes compared with its stored text once more."""
        prepared = jobs.read_prepared(self._root)
        library = self.library
        if prepared is None or library is None:
            return None
        for change in prepared.changes:
            for quote in (*change.gained, *change.lost):
                quote.verify(library.text(quote.sha256))
        return prepared

    def _unpublishable(self, prepared: Prepared) -> str:
        """Why it can't be published as things stand; "" where it can."""
        if generations.in_use(self._root) not in (prepared.previous, prepared.report.generation):
            return "Another generation has been published since this one was prepared. Prepare again."
        if {one.name: one.key for one in staging.list_staged(self._root)} != prepared.staged:
            return "The staged files have changed since this was prepared. Prepare again."
        return ""

    def page(self, request: Request, template: str, current: str, done: str = "", **values: Any) -> str:
        """A page with what all of them have; ``done`` says what a form has done."""
        latest = self._worker.latest()
        return render(
            template,
            up=up(request),
            current=current,
            ways=TABS,
            job=latest,
            job_names=JOB_NAMES,
            cancellable=CANCELLABLE,
            said=done or CONFIRMATIONS.get(request.query_params.get("done", "")),
            person=request.state.person,
            **values,
        )


def _past(library: Library) -> list[PastText]:
    """Texts that no bulletin carries today, the latest first."""
    rows = []
    for sha256, entries in archive.past_entries(library).items():
        latest = entries[-1]
        carriers = [(entry.bulletin.name, entry.bulletin.url) for entry in reversed(entries)]
        state, _ = archive.status(library, sha256, carriers)
        known = latest.bulletin
        rows.append(PastText(sha256, known.name, known.title, known.date, state, latest.since))
    return sorted(rows, key=lambda row: (row.since, row.sha256), reverse=True)


def pages_of(request: Request, rows: int, a_page: int) -> tuple[int, int]:
    """The page asked for, or the nearest that there is, and how many there are."""
    number = request.query_params.get("page", "1")
    pages = max(1, -(-rows // a_page))
    usable = number.isascii() and number.isdigit() and len(number) < 7
    return min(pages, max(1, int(number) if usable else 1)), pages


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))
