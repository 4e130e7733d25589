"""Records as the command line's JSON (docs: README, "The command line's contract").  Public API: keep it stable."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rag.answer.citation.proof import Proof
from rag.answer.notice import Notice
from rag.library.build.plan import Plan
from rag.library.build.update import Report as Indexed
from rag.library.generations import Held
from rag.library.verify import Verdict
from rag.models import Answer, Bulletin, Quote, Section, Span

if TYPE_CHECKING:
    from rag.admin.replay import Change


def line(value: Any) -> str:
    """One JSON object on one line."""
    return json.dumps(value, ensure_ascii=False)


def parsed(bulletin: Bulletin, sections: Sequence[Section]) -> dict[str, Any]:
    """``parse --json``: lead and closing are no sections here."""
    return {
        "bulletin": bulletin.name,
        "title": bulletin.title,
        "date": _day(bulletin.date),
        "source": bulletin.source,
        "url": bulletin.url,
        "encoding": bulletin.encoding,
        "sha256": bulletin.sha256,
        "file_sha256": bulletin.file_sha256,
        "sections": [
            {
                "districts": list(section.districts),
                "heading": section.heading,
                "start": section.start,
                "end": section.end,
            }
            for section in sections
            if section.role == "event"
        ],
    }


def indexed(report: Indexed) -> dict[str, Any]:
    """``index --json``."""
    return {
        "generation": report.generation,
        "bulletins": report.bulletins,
        "sections": report.sections,
        "passages": report.passages,
        "added": list(report.added),
        "changed": list(report.changed),
        "removed": list(report.removed),
        "republished": [{"bulletin": one.bulletin, "of": one.of, "how": one.how} for one in report.republished],
        "unchanged": report.unchanged,
        "skipped": [{"bulletin": s.bulletin, "reason": s.reason} for s in report.skipped],
        "seconds": report.seconds,
    }


def planned(plan: Plan) -> dict[str, Any]:
    """``index --dry-run --json``."""
    return {
        "added": list(plan.added),
        "changed": list(plan.changed),
        "removed": list(plan.removed),
        "republished": [{"bulletin": one.bulletin, "of": one.of, "how": one.how} for one in plan.republished],
        "unchanged": plan.unchanged,
        "skipped": [{"bulletin": s.bulletin, "reason": s.reason} for s in plan.skipped],
    }


def answer_change(change: Change) -> dict[str, Any]:
    """One of ``index --replay --json``'s ``changes``."""
    return {
        "question": change.question,
        "before": change.before,
        "after": change.after,
        "gained": [_quote(rank, quote) for rank, quote in enumerate(change.gained, 1)],
        "lost": [_quote(rank, quote) for rank, quote in enumerate(change.lost, 1)],
        "reordered": change.reordered,
    }


def generation(held: Held) -> dict[str, Any]:
    """One of ``generations --json``."""
    return asdict(held)


def answered(answer: Answer) -> dict[str, Any]:
    """``ask --json``."""
    understood = answer.understood
    return {
        "question": answer.question,
        "status": answer.status,
        "message": answer.message,
        "confidence": round(answer.confidence, 4),
        "understood": {
            "kind": understood.kind,
            "districts": list(understood.districts),
            "date_from": _day(understood.date_from),
            "date_to": _day(understood.date_to),
            "sort": understood.sort,
            "carried": list(understood.carried),
            "chips": [{"key": chip.key, "label": chip.label, "carried": chip.carried} for chip in understood.chips],
        },
        "total": answer.total,
        "quotes": [_quote(rank, quote) for rank, quote in enumerate(answer.quotes, 1)],
        "generation": answer.generation,
        "notice": answer.notice,
    }


def noticed(notice: Notice | None) -> dict[str, Any]:
    """``notice --json``."""
    return {"notice": notice.line if notice else None, "words": list(notice.words) if notice else []}


def verified(verdict: Verdict) -> dict[str, Any]:
    """``verify --json``."""
    return {
        "generation": verdict.generation,
        "ok": not verdict.damage,
        "bulletins": verdict.bulletins,
        "passages": verdict.passages,
        "damage": [{"where": damage.where, "what": damage.what} for damage in verdict.damage],
    }


def proved(proof: Proof) -> dict[str, Any]:
    """``verify --receipt --json``."""
    receipt = proof.receipt
    return {
        "receipt": receipt.identity,
        "kind": receipt.kind,
        "question": receipt.question,
        "status": receipt.status,
        "created": _day(receipt.created),
        "generation": receipt.generation,
        "ok": proof.ok,
        "quotes": [
            {
                "rank": rank,
                "text": one.quote.text,
                "bulletin": one.quote.bulletin,
                "start": one.quote.start,
                "end": one.quote.end,
                "sha256": one.quote.sha256,
                "proved": one.proved,
                "by": one.by,
                "why": one.why,
                "standing": one.standing,
                "now": one.now,
            }
            for rank, one in enumerate(proof.quotes, 1)
        ],
        "notes": list(proof.notes),
    }


def refused(identifier: Any, question: Any, message: str) -> dict[str, Any]:
    """The reply to a batch line that can't be taken."""
    return {"id": identifier, "question": question, "status": "refused", "message": message, "quotes": []}


def _quote(rank: int, quote: Quote) -> dict[str, Any]:
    return {
        "rank": rank,
        "text": quote.text,
        "bulletin": quote.bulletin,
        "title": quote.title,
        "date": _day(quote.date),
        "source": quote.source,
        "districts": list(quote.districts),
        "mentions": list(quote.mentions),
        "heading": quote.heading,
        "start": quote.start,
        "end": quote.end,
        "score": round(quote.score, 4),
        "highlights": [_pair(span) for span in quote.highlights],
        "side": quote.side,
        "also_in": list(quote.also_in),
        "sha256": quote.sha256,
        "around": _pair(quote.around) if quote.around else None,
        "note": quote.note,
    }


def _pair(span: Span) -> list[int]:
    return [span.start, span.end]


def _day(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None
