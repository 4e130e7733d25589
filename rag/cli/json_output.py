"""Records as the command line's JSON.  This is a public contract (docs/cli.md): names of keys never change."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # no command should load what only another one prints
    from rag.admin.accounts import Account
    from rag.admin.off_switch import OffState
    from rag.admin.replay import AnswerChange
    from rag.admin.unanswered import UnansweredQuestion
    from rag.answer.citation.proof import Proof
    from rag.answer.models import Answer
    from rag.answer.notice import Notice
    from rag.library.audit_log import Entry
    from rag.library.build.plan import Plan
    from rag.library.build.update import Report as Indexed
    from rag.library.generations import GenerationInfo
    from rag.library.quarantine import Quarantined
    from rag.library.verify import VerificationResult
    from rag.models import Bulletin, Quote, Section, Span


def line(value: Any) -> str:
    """Writes one JSON object on one line."""
    return json.dumps(value, ensure_ascii=False)


def parsed(bulletin: Bulletin, sections: Sequence[Section]) -> dict[str, Any]:
    """Returns ``parse --json``; lead and closing are no sections here."""
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
    """Returns ``index --json``."""
    return {
        "generation": report.generation,
        "bulletins": report.bulletins,
        "sections": report.sections,
        "passages": report.passages,
        "added": list(report.added),
        "changed": list(report.changed),
        "removed": list(report.removed),
        "republished": [{"bulletin": row.bulletin, "of": row.of, "how": row.how} for row in report.republished],
        "unchanged": report.unchanged,
        "skipped": [{"bulletin": file.bulletin, "reason": file.reason} for file in report.skipped],
        "seconds": report.seconds,
    }


def planned(plan: Plan) -> dict[str, Any]:
    """Returns ``index --dry-run --json``."""
    return {
        "added": list(plan.added),
        "changed": list(plan.changed),
        "removed": list(plan.removed),
        "republished": [{"bulletin": row.bulletin, "of": row.of, "how": row.how} for row in plan.republished],
        "unchanged": plan.unchanged,
        "skipped": [{"bulletin": file.bulletin, "reason": file.reason} for file in plan.skipped],
    }


def answer_change(change: AnswerChange) -> dict[str, Any]:
    """Returns one of the ``changes`` of ``index --replay --json``."""
    return {
        "question": change.question,
        "before": change.before,
        "after": change.after,
        "gained": [_quote(rank, quote) for rank, quote in enumerate(change.gained, 1)],
        "lost": [_quote(rank, quote) for rank, quote in enumerate(change.lost, 1)],
        "reordered": change.reordered,
    }


def generation(info: GenerationInfo) -> dict[str, Any]:
    """Returns one of ``generations --json``."""
    return asdict(info)


def answered(answer: Answer) -> dict[str, Any]:
    """Returns ``ask --json``."""
    query = answer.query
    return {
        "question": answer.question,
        "status": answer.status,
        "message": answer.message,
        "confidence": round(answer.confidence, 4),
        "understood": {
            "kind": query.kind,
            "districts": list(query.districts),
            "date_from": _day(query.date_from),
            "date_to": _day(query.date_to),
            "sort": query.sort,
            "carried": list(query.inherited),
            "chips": [{"key": chip.key, "label": chip.label, "carried": chip.inherited} for chip in query.conditions],
        },
        "total": answer.total,
        "quotes": [_quote(rank, quote) for rank, quote in enumerate(answer.quotes, 1)],
        "generation": answer.generation,
        "notice": answer.notice,
    }


def noticed(notice: Notice | None) -> dict[str, Any]:
    """Returns ``notice --json``."""
    return {"notice": notice.line if notice else None, "words": list(notice.words) if notice else []}


def verified(verdict: VerificationResult) -> dict[str, Any]:
    """Returns ``verify --json``."""
    return {
        "generation": verdict.generation,
        "ok": not verdict.damage,
        "bulletins": verdict.bulletins,
        "passages": verdict.passages,
        "damage": [{"where": damage.where, "what": damage.what} for damage in verdict.damage],
    }


def proved(proof: Proof) -> dict[str, Any]:
    """Returns ``verify --receipt --json``."""
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
                "text": row.quote.text,
                "bulletin": row.quote.bulletin,
                "start": row.quote.start,
                "end": row.quote.end,
                "sha256": row.quote.sha256,
                "proved": row.proved,
                "by": row.proved_by,
                "why": row.reason,
                "standing": row.status,
                "now": row.current_name,
            }
            for rank, row in enumerate(proof.quotes, 1)
        ],
        "notes": list(proof.notes),
    }


def cited(form: str, citation: str) -> dict[str, Any]:
    """Returns ``cite --json`` in the formats that are text."""
    return {"format": form, "citation": citation}


def missing(questions: Sequence[UnansweredQuestion]) -> dict[str, Any]:
    """Returns ``missing --json``."""
    rows = [{"question": row.question, "count": row.count, "last": str(row.last)} for row in questions]
    return {"missing": rows}


def quarantined(files: Sequence[Quarantined]) -> dict[str, Any]:
    """Returns ``quarantine --json``."""
    rows = [{"bulletin": file.bulletin, "reason": file.reason, "since": file.since} for file in files]
    return {"quarantine": rows}


def account(account: Account) -> dict[str, Any]:
    """Returns one of ``account list --json``, which is what ``account role``, ``disable`` and ``enable`` print too."""
    return {key: getattr(account, key) for key in ("name", "role", "made", "changed", "disabled")}


def audit_entry(entry: Entry) -> dict[str, Any]:
    """Returns a line of ``log --json``."""
    return {
        "number": entry.number,
        "at": entry.at,
        "who": entry.who,
        "what": entry.what,
        "of": entry.of,
        "previous": entry.previous,
        "sha256": entry.sha256,
    }


def off_switch(off: OffState | None) -> dict[str, Any]:
    """Returns ``switch --json``."""
    return {"off": off is not None, "reason": off and off.reason, "since": off and off.since, "by": off and off.by}


def refused(identifier: Any, question: Any, message: str) -> dict[str, Any]:
    """Returns the reply to a line of a batch that can't be used."""
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
