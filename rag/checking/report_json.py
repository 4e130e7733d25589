"""A checked draft as JSON: what ``check --json`` prints, and what a saved report holds."""

from __future__ import annotations

from typing import Any

from rag.budget import step
from rag.checking.models import CheckedQuotation, CheckReport
from rag.models import Slice


def report_json(report: CheckReport) -> dict[str, Any]:
    """Returns ``check --json``.  This is a public contract (docs/cli.md): names of keys never change."""
    return {
        "verdicts": [_row_json(row) for row in report.rows],
        "messages": list(report.messages),
        "generation": report.generation,
    }


def _row_json(row: CheckedQuotation) -> dict[str, Any]:
    step()
    citation = row.citation
    return {
        "quote": row.quote,
        "at": [row.span.start, row.span.end],
        "verdict": row.verdict,
        "bulletin": citation.bulletin if citation else None,
        "title": citation.title if citation else None,
        "date": citation.date.isoformat() if citation and citation.date else None,
        "source": citation.source if citation else None,
        "districts": list(citation.districts) if citation else [],
        "heading": citation.heading if citation else None,
        "start": citation.start if citation else None,
        "end": citation.end if citation else None,
        "true_quote": citation.text if citation else None,
        "sha256": citation.sha256 if citation else None,
        "pieces": [_place(fragment) | {"text": fragment.text} for fragment in row.fragments],
        "differences": [
            {"op": change.operation, "claimed": change.claimed, "true": change.true, "of": change.kind}
            for change in row.differences
        ],
        "other_sources": [_place(source) for source in row.other_sources],
        "claims": [{"kind": claim.kind, "words": claim.words, "holds": claim.holds} for claim in row.claims],
        "explanation": row.explanation,
    }


def _place(source: Slice) -> dict[str, Any]:
    return {"bulletin": source.bulletin, "start": source.start, "end": source.end}
