"""The verdicts and reasons that a reader can give on an answer, with their labels."""

from __future__ import annotations

from typing import Literal, get_args

Verdict = Literal["helpful", "not_helpful"]
Reason = Literal["", "unanswered", "missing", "source", "should_refuse", "should_answer", "other"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
REASONS: dict[Reason, str] = {
    "unanswered": "Doesn’t answer the question",
    "missing": "Something is missing",
    "source": "Wrong bulletin or date",
    "should_refuse": "It should have said no",
    "should_answer": "It said no, but the bulletins have it",
    "other": "Something else",
}
VERDICT_NAMES: dict[Verdict, str] = {"helpful": "Helpful", "not_helpful": "Not helpful"}
