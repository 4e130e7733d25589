"""The staff's pages as HTML: how the desk does, what readers say, what is missing, which answers are kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Request

from rag import limits
from rag.admin import feedback, feedback_cases, question_log, unanswered
from rag.admin.feedback import Feedback, Shown
from rag.admin.feedback_reasons import NAMES, REASONS, VERDICTS
from rag.admin.usage_stats import Span, slots
from rag.answer.citation import source
from rag.answer.citation.source import Cited
from rag.errors import LibraryDamaged, OperatorRefused, QuoteMismatch
from rag.library import archive, receipts
from rag.library.receipts import Receipt
from rag.models import StoredBulletin
from rag.web.operator.pages import pages_of
from rag.web.pages.routes import up
from rag.web.service import Desk
from rag.web.staff.charts import charts
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library

A_PAGE = 25  # rows of a list
WAYS = (
    ("", "Overview"),
    ("check", "Check a draft"),
    ("feedback", "Feedback"),
    ("missing", "What is missing"),
    ("receipts", "Kept answers"),
)
SPANS: dict[Span, str] = {"days": "Last 30 days", "hours": "Last 24 hours"}
# What is said on the page that a form leads to.
SAID = {
    "deleted": "It is deleted.",
    "case": "It is an evaluation case now.",
}
GONE = "There is no such feedback any more"


@dataclass(frozen=True, slots=True)
class Proved:
    """A quote of a feedback, numbered from 0.  ``bulletin`` is what is known of its source; where its words can't be
    proved against the library, ``why`` says so and they aren't shown."""

    number: int
    quote: Shown
    bulletin: StoredBulletin | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A stored receipt; None where it isn't what was stored any more."""

    identity: str
    receipt: Receipt | None


class Views:
    """The pages over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._root = desk.settings.library

    def overview(self, request: Request) -> str:
        span: Span = "hours" if request.query_params.get("span") == "hours" else "days"
        glances, _ = feedback.glances(self._root)
        noted = question_log.read(self._root, self._desk.settings.kept_days)
        found = slots(span, dt.datetime.now(dt.UTC), noted, glances)
        return self.page(
            request,
            "staff.html",
            "",
            spans=SPANS,
            span=span,
            charts=charts(span, found),
            missing=unanswered.missing(self._root, 5, kept_days=self._desk.settings.kept_days),
            latest=glances[:5],
        )

    def missing(self, request: Request) -> str:
        found = unanswered.missing(self._root, limits.MAX_MISSING_SHOWN, kept_days=self._desk.settings.kept_days)
        return self.page(request, "staff_missing.html", "missing", missing=found)

    def feedback(self, request: Request) -> str:
        verdict = request.query_params.get("verdict", "")
        glances, damaged = feedback.glances(self._root)
        shown = [one for one in glances if verdict not in VERDICTS or one.verdict == verdict]
        page, pages = pages_of(request, len(shown), A_PAGE)
        return self.page(
            request,
            "staff_feedback.html",
            "feedback",
            rows=shown[(page - 1) * A_PAGE : page * A_PAGE],
            total=len(shown),
            damaged=damaged,
            verdict=verdict if verdict in VERDICTS else "",
            page=page,
            pages=pages,
        )

    def one(self, request: Request, key: str) -> str:
        """One feedback, with the answer it is on."""
        given = self.given(key)
        library = self._library()
        return self.page(
            request,
            "staff_feedback_one.html",
            "feedback",
            how="true",
            one=given,
            quotes=[_proved(library, number, quote) for number, quote in enumerate(given.quotes)],
            why_not=feedback_cases.why_not(given),
            folder=self._desk.settings.cases,
        )

    def receipts(self, request: Request) -> str:
        stored = receipts.stored(self._root)
        page, pages = pages_of(request, len(stored), A_PAGE)
        rows = [self._kept(identity) for identity in stored[(page - 1) * A_PAGE : page * A_PAGE]]
        return self.page(
            request, "staff_receipts.html", "receipts", rows=rows, total=len(stored), page=page, pages=pages
        )

    def given(self, key: str) -> Feedback:
        """The feedback of that id.

        Raises:
            OperatorRefused: there is none. LibraryDamaged: it can't be read.
        """
        found = feedback.read(self._root, key)
        if found is None:
            raise OperatorRefused(GONE)
        return found

    def sentence(self, request: Request, line: str) -> str:
        """A page that says one thing."""
        section = request.url.path.partition("/staff/")[2].partition("/")[0]
        known = section if section in dict(WAYS) else ""
        back = f"{up(request)}staff{'/' if known else ''}{known}"
        return self.page(request, "staff_sentence.html", known, how="true", sentence=line, back=back)

    def page(self, request: Request, template: str, current: str, **values: Any) -> str:
        """A page with what all of them have; ``current`` is the way that leads to it, or to the one above it (``how``
        is "true" then)."""
        given: dict[str, Any] = {
            "up": up(request),
            "current": current,
            "how": "page",
            "ways": WAYS,
            "person": request.state.person,
            "said": SAID.get(request.query_params.get("done", "")),
            "verdicts": NAMES,
            "reasons": REASONS,
            "kept_days": self._desk.settings.kept_days,
        }
        return render(template, **given | values)

    def _library(self) -> Library | None:
        serving = self._desk.serving
        return serving.library if serving else None

    def _kept(self, identity: str) -> KeptAnswer:
        try:
            return KeptAnswer(identity, receipts.load(self._root, identity))
        except LibraryDamaged:
            return KeptAnswer(identity, None)


def _proved(library: Library | None, number: int, quote: Shown) -> Proved:
    """The quote, compared with the stored text right before it is shown."""
    if library is None:
        return Proved(number, quote, why="The desk is still getting ready.")
    try:
        kept = archive.kept(library, quote.sha256)
        if kept is None:
            return Proved(number, quote, why="The library doesn’t hold this text any more.")
        source.prove(Cited(quote.start, quote.end, quote.text, quote.sha256, quote.bulletin), kept.text)
    except (LibraryDamaged, QuoteMismatch) as error:
        return Proved(number, quote, why=f"{error}.")
    return Proved(number, quote, kept.bulletin)
