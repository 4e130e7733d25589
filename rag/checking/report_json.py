"""A checked draft as JSON, as ``check --json`` prints it and reports hold it."""

from __future__ import annotations

from typing import Any

from rag.checking.models import Checked, Report
from rag.models import Slice


def reported(report: Report) -> dict[str, Any]:
    """``check --json``; a batch's lines have an id too."""
    return {
        "verdicts": [_checked(row) for row in report.rows],
        "messages": list(report.messages),
        "generation": report.generation,
    }


def _checked(row: Checked) -> dict[str, Any]:
    place = row.place
    return {
        "quote": row.quote,
        "at": [row.at.start, row.at.end],
        "verdict": row.verdict,
        "bulletin": place.bulletin if place else None,
        "title": place.title if place else None,
        "date": place.date.isoformat() if place and place.date else None,
        "source": place.source if place else None,
        "districts": list(place.districts) if place else [],
        "heading": place.heading if place else None,
        "start": place.start if place else None,
        "end": place.end if place else None,
        "true_quote": place.text if place else None,
        "sha256": place.sha256 if place else None,
        "pieces": [_place(piece) | {"text": piece.text} for piece in row.pieces],
        "differences": [
            {"op": change.op, "claimed": change.claimed, "true": change.true, "of": change.of}
            for change in row.differences
        ],
        "other_sources": [_place(other) for other in row.others],
        "claims": [{"kind": claim.kind, "words": claim.words, "holds": claim.holds} for claim in row.claims],
        "explanation": row.explanation,
    }


def _place(place: Slice) -> dict[str, Any]:
    return {"bulletin": place.bulletin, "start": place.start, "end": place.end}
