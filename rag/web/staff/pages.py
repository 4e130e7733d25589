"""The staff's pages as HTML: usage, feedback, unanswered questions and kept answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Request

from rag import limits
from rag.admin import feedback, feedback_cases, question_log, unanswered
from rag.admin.feedback import REASONS, VERDICT_NAMES, VERDICTS, Feedback
from rag.admin.usage_stats import Granularity, count_by_bucket
from rag.errors import LibraryDamaged, OperatorRefused, QuoteMismatch
from rag.library import archive, receipts
from rag.models import Slice, StoredBulletin
from rag.web.responses import paginate, up
from rag.web.service import Service
from rag.web.staff.usage_tables import usage_tables
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library

PAGE_SIZE = 25  # rows of a list
TABS = (
    ("", "Overview"),
    ("check", "Check a draft"),
    ("feedback", "Feedback"),
    ("missing", "What is missing"),
    ("receipts", "Kept answers"),
)
SPANS: dict[Granularity, str] = {"days": "Last 30 days", "hours": "Last 24 hours"}
# The line on the page that a form leads to.
CONFIRMATIONS = {
    "deleted": "It is deleted.",
    "case": "It is an evaluation case now.",
}
GONE = "There is no such feedback any more"


@dataclass(frozen=True, slots=True)
class VerifiedQuote:
    """A quote of a feedback, numbered from 0, with its bulletin, if known; ``problem`` says why its words can't be
    verified, and they aren't shown then."""

    number: int
    quote: Slice
    bulletin: StoredBulletin | None = None
    problem: str = ""


class StaffPages:
    """The pages over one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._root = service.settings.library

    def overview(self, request: Request) -> str:
        """Charts of usage, the most frequent unanswered questions and the latest feedback."""
        span: Granularity = "hours" if request.query_params.get("span") == "hours" else "days"
        kept_days = self._service.settings.kept_days
        summaries, _ = feedback.list_summaries(self._root)
        questions = question_log.read(self._root, kept_days)
        buckets = count_by_bucket(span, dt.datetime.now(dt.UTC), questions, summaries)
        return self.page(
            request,
            "staff.html",
            "",
            spans=SPANS,
            span=span,
            tables=usage_tables(span, buckets),
            missing=unanswered.most_frequent(self._root, 5, kept_days=kept_days),
            latest=summaries[:5],
        )

    def missing(self, request: Request) -> str:
        """The unanswered questions, the most frequent first."""
        kept_days = self._service.settings.kept_days
        missing = unanswered.most_frequent(self._root, limits.MAX_MISSING_SHOWN, kept_days=kept_days)
        return self.page(request, "staff_missing.html", "missing", missing=missing)

    def feedback_list(self, request: Request) -> str:
        """A page of the list of feedback, of one verdict if asked for."""
        verdict = request.query_params.get("verdict", "")
        summaries, damaged = feedback.list_summaries(self._root)
        chosen = verdict if verdict in VERDICTS else ""
        page = paginate(request, [row for row in summaries if chosen in ("", row.verdict)], PAGE_SIZE)
        return self.page(request, "staff_feedback.html", "feedback", **page, damaged=damaged, verdict=chosen)

    def feedback_page(self, request: Request, key: str) -> str:
        """One feedback with the answer that it is about."""
        given = self.read_feedback(key)
        library = self._service.library
        return self.page(
            request,
            "staff_feedback_one.html",
            "feedback",
            how="true",
            feedback=given,
            quotes=[_verified(library, number, quote) for number, quote in enumerate(given.quotes)],
            why_not=feedback_cases.why_no_case(given),
            folder=self._service.settings.cases,
        )

    def receipts(self, request: Request) -> str:
        """A page of the list of kept answers."""
        page = paginate(request, receipts.list_stored(self._root), PAGE_SIZE)
        page["rows"] = [self._kept_answer(identity) for identity in page["rows"]]
        return self.page(request, "staff_receipts.html", "receipts", **page)

    def read_feedback(self, key: str) -> Feedback:
        """The feedback of that id.

        Raises:
            OperatorRefused: there is none. LibraryDamaged: it can't be read.
        """
        given = feedback.read(self._root, key)
        if given is None:
            raise OperatorRefused(GONE)
        return given

    def sentence(self, request: Request, line: str) -> str:
        """A page that says one thing."""
        section = request.url.path.partition("/staff/")[2].partition("/")[0]
        known = section if section in dict(TABS) else ""
        back = f"{up(request)}staff{'/' if known else ''}{known}"
        return self.page(request, "staff_sentence.html", known, how="true", sentence=line, back=back)

    def page(self, request: Request, template: str, current: str, **values: Any) -> str:
        """A page with what all of them have; ``current`` is its tab, or the one of the page above it (``how`` is "true"
        then)."""
        given: dict[str, Any] = {
            "up": up(request),
            "current": current,
            "how": "page",
            "tabs": TABS,
            "person": request.state.person,
            "said": CONFIRMATIONS.get(request.query_params.get("done", "")),
            "verdicts": VERDICT_NAMES,
            "reasons": REASONS,
            "kept_days": self._service.settings.kept_days,
        }
        return render(template, **given | values)

    def _kept_answer(self, identity: str) -> dict[str, Any]:
        try:
            return {"identity": identity, "receipt": receipts.load(self._root, identity)}
        except LibraryDamaged:  # it isn't what was stored any more
            return {"identity": identity, "receipt": None}


def _verified(library: Library | None, number: int, quote: Slice) -> VerifiedQuote:
    """The quote, compared with the stored text right before it is shown."""
    if library is None:
        return VerifiedQuote(number, quote, problem="The desk is still getting ready.")
    try:
        kept = archive.find(library, quote.sha256)
        if kept is None:
            return VerifiedQuote(number, quote, problem="The library doesn’t hold this text any more.")
        quote.verify(kept.text)
    except (LibraryDamaged, QuoteMismatch) as error:
        return VerifiedQuote(number, quote, problem=f"{error}.")
    return VerifiedQuote(number, quote, kept.bulletin)
