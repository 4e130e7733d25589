"""Question -> what it asks for: one thing, or all that match."""

from __future__ import annotations

import re
import unicodedata

from rag.errors import QuestionRefused
from rag.records import Understood

LONGEST = 1_000  # characters
_MANY = (
    r"events?|activit(?:y|ies)|visits?|delegations?|lectures?|talks?|classes|courses|campaigns?|drills?|contests?|exchanges?|projects?|services?"
    r"|measures?|stories|reports?|bulletins?|districts?|countries|schools|companies|exhibitions?|festivals?|agreements?|meetings?|trainings?"
)
_LIST = re.compile(
    rf"^(?:(?:please )?(?:list|show(?: me)?|name|enumerate|give me|find)\b.*\b(?:{_MANY})\b"
    rf"|(?:what|which)\b(?: \w+){{0,6}} (?:{_MANY})\b(?! (?:is|was|does|did) the)"
    rf"|.*\ball (?:the )?(?:\w+ ){{0,3}}(?:{_MANY})\b)",
    re.IGNORECASE,
)
_ONE = re.compile(r"\b(?:first|last|latest|newest|largest|biggest|oldest|most|best|same)\b", re.IGNORECASE)


def read(question: str) -> Understood:
    """What the desk takes the question to ask.

    Raises:
        QuestionRefused: it is empty, too long, or holds no word.
    """
    words = " ".join(question.split())
    if not words:
        raise QuestionRefused("The question is empty", remedy="Ask about the bulletins in a few words.")
    if len(question) > LONGEST:
        raise QuestionRefused(
            f"The question has {len(question):,} characters, more than {LONGEST:,}", remedy="Ask it in fewer words."
        )
    if not any(unicodedata.category(character)[0] in "LN" for character in words):
        raise QuestionRefused("The question holds no word", remedy="Ask about the bulletins in a few words.")
    if _LIST.match(words) and not _ONE.search(words):
        return Understood(kind="list", sort="date-desc")
    return Understood()


def search_text(question: str) -> str:
    """What the encoder reads: compatibility forms folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", question).split())
