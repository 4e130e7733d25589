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
    """Writes one JSON object on one line, days as YYYY-MM-DD."""
    return json.dumps(value, ensure_ascii=False, default=dt.date.isoformat)


def parsed(bulletin: Bulletin, sections: Sequence[Section]) -> dict[str, Any]:
    """Returns ``parse --json``; lead and closing are no sections here."""
    return {
        "bulletin": bulletin.name,
        **_fields(bulletin, "title", "date", "source", "url", "encoding", "sha256", "file_sha256"),
        "sections": [
            _fields(section, "districts", "heading", "start", "end") for section in sections if section.role == "event"
        ],
    }


def indexed(report: Indexed) -> dict[str, Any]:
    """Returns ``index --json``."""
    return {
        **_fields(report, "generation", "bulletins", "sections", "passages"),
        **planned(report),
        "seconds": report.seconds,
    }


def planned(plan: Plan | Indexed) -> dict[str, Any]:
    """Returns ``index --dry-run --json``."""
    return {
        **_fields(plan, "added", "changed", "removed"),
        "republished": list(map(asdict, plan.republished)),
        "unchanged": plan.unchanged,
        "skipped": list(map(asdict, plan.skipped)),
    }


def answer_change(change: AnswerChange) -> dict[str, Any]:
    """Returns one of the ``changes`` of ``index --replay --json``."""
    return {
        **_fields(change, "question", "before", "after"),
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
        **_fields(answer, "question", "status", "message"),
        "confidence": round(answer.confidence, 4),
        "certainty": answer.certainty,
        "understood": {
            **_fields(query, "kind", "districts", "not_districts", "date_from", "date_to", "sort"),
            "carried": query.inherited,
            "chips": [{"key": chip.key, "label": chip.label, "carried": chip.inherited} for chip in query.conditions],
        },
        "total": answer.total,
        "quotes": [_quote(rank, quote) for rank, quote in enumerate(answer.quotes, 1)],
        **_fields(answer, "generation", "notice"),
    }


def noticed(notice: Notice | None) -> dict[str, Any]:
    """Returns ``notice --json``."""
    return {"notice": notice.line if notice else None, "words": notice.words if notice else ()}


def verified(verdict: VerificationResult) -> dict[str, Any]:
    """Returns ``verify --json``."""
    return {
        "generation": verdict.generation,
        "ok": not verdict.damage,
        **_fields(verdict, "bulletins", "passages"),
        "damage": list(map(asdict, verdict.damage)),
        "readable_by_others": verdict.readable_by_others,
    }


def proved(proof: Proof) -> dict[str, Any]:
    """Returns ``verify --receipt --json``."""
    return {
        "receipt": proof.receipt.identity,
        **_fields(proof.receipt, "kind", "question", "status", "created", "generation"),
        **_fields(proof, "ok", "kept"),
        "quotes": [
            {
                "rank": rank,
                **_fields(row.quote, "text", "bulletin", "start", "end", "sha256"),
                "proved": row.proved,
                "by": row.proved_by,
                "why": row.reason,
                "standing": row.status,
                "now": row.current_name,
            }
            for rank, row in enumerate(proof.quotes, 1)
        ],
        "notes": proof.notes,
    }


def cited(form: str, citation: str) -> dict[str, Any]:
    """Returns ``cite --json`` in the formats that are text."""
    return {"format": form, "citation": citation}


def missing(questions: Sequence[UnansweredQuestion]) -> dict[str, Any]:
    """Returns ``missing --json``."""
    return {"missing": list(map(asdict, questions))}


def quarantined(files: Sequence[Quarantined]) -> dict[str, Any]:
    """Returns ``quarantine --json``."""
    return {"quarantine": [_fields(file, "bulletin", "reason", "since") for file in files]}


def account(account: Account) -> dict[str, Any]:
    """Returns one of ``account list --json``, which is what ``account role``, ``disable`` and ``enable`` print too."""
    return _fields(account, "name", "role", "made", "changed", "disabled")


def audit_entry(entry: Entry) -> dict[str, Any]:
    """Returns a line of ``log --json``."""
    return asdict(entry)


def off_switch(off: OffState | None) -> dict[str, Any]:
    """Returns ``switch --json``."""
    return {"off": off is not None, "reason": off and off.reason, "since": off and off.since, "by": off and off.by}


def refused(identifier: Any, question: Any, message: str) -> dict[str, Any]:
    """Returns the reply to a line of a batch that can't be used."""
    return {"id": identifier, "question": question, "status": "refused", "message": message, "quotes": []}


def _quote(rank: int, quote: Quote) -> dict[str, Any]:
    names = ("text", "bulletin", "title", "date", "source", "districts", "mentions", "heading", "start", "end")
    return {
        "rank": rank,
        **_fields(quote, *names),
        "score": round(quote.score, 4),
        "highlights": [_pair(span) for span in quote.highlights],
        **_fields(quote, "side", "also_in", "sha256"),
        "around": _pair(quote.around) if quote.around else None,
        "note": quote.note,
    }


def _pair(span: Span) -> list[int]:
    return [span.start, span.end]


def _fields(record: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}
