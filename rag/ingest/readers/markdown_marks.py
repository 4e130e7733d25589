"""Markdown's marks of emphasis and its escapes, which are no words of a text."""

from __future__ import annotations

import re

# Emphasis opens before a word and closes behind one; "2 * 3" and snake_case are neither.
_EMPHASIS = re.compile(
    r"(?<![\\*\w])\*{1,3}(?=[^\s*])|(?<=[^\s*\\])\*{1,3}(?![*\w])"
    r"|(?<![\\\w])_{1,3}(?=[^\s_])|(?<=[^\s_\\])_{1,3}(?!\w)"
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def strip_marks(text: str) -> str:
    """Returns the text without Markdown's marks of emphasis and its escapes."""
    return _ESCAPED.sub(r"\1", _EMPHASIS.sub("", text))
