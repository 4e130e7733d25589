"""The districts and places that a question names: found once, and passed along to every reader of the question."""

from __future__ import annotations

from dataclasses import dataclass

from rag.text import districts
from rag.text.districts import Mention
from rag.text.places import Place, places_in_question


@dataclass(frozen=True, slots=True)
class Mentions:
    """A text with the districts and the places that it names, each in order."""

    text: str
    districts: tuple[Mention, ...]
    places: tuple[Place, ...]


def find_mentions(text: str) -> Mentions:
    """The districts and places of a text that is read as a question."""
    named = tuple(districts.typed_mentions(text))
    return Mentions(text, named, places_in_question(text, named))
