"""Words that a bulletin's author hid or struck: they are no part of its text, and the operator is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag import limits
from rag.errors import one_line


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The ``words``, ``why`` they aren't read ("is hidden"), and the words that stand before them, "" for none."""

    words: str
    why: str
    after: str


def left_out_notes(pieces: Sequence[LeftOut]) -> tuple[str, ...]:
    """Returns a sentence on each piece, and one on how many more there are where there are many."""
    told = pieces[: limits.MAX_LEFT_OUT_NOTES]
    notes = [f"Left out “{_cut(piece.words)}”, which {piece.why}, {_place(piece.after)}." for piece in told]
    if more := len(pieces) - len(told):
        notes.append(f"Left out {more:,} more such {'piece' if more == 1 else 'pieces'}.")
    return tuple(notes)


def _place(after: str) -> str:
    words = one_line(after[-limits.MAX_LEFT_OUT_CHARS :])
    if len(after) > limits.MAX_LEFT_OUT_CHARS:
        words = f"…{words}"
    return f"after “{words}”" if words else "at the beginning"


def _cut(words: str) -> str:
    line = one_line(words[: 2 * limits.MAX_LEFT_OUT_CHARS])
    return line if len(line) <= limits.MAX_LEFT_OUT_CHARS else f"{line[: limits.MAX_LEFT_OUT_CHARS]}…"
