"""Whether what a question names and what it asks of it stand together: Kenya's race tells nothing of Norway's."""

from __future__ import annotations

from rag.library.reader import Library
from rag.query.models import QueryEntities
from rag.search.answer_type_match import SOUGHT
from rag.search.config import DEFAULT, SearchConfig
from rag.search.entity_support import Unsupported
from rag.search.signals import EncodedQuery, QueryWord, Signals, likeness
from rag.text.analyzer import terms
from rag.text.places import places, supports_place
from rag.text.wordlists import fold

# Words for any contact with somebody: a passage that names them tells of it without these.
_CONTACT = frozenset(
    terms(
        "guest visitor delegation group delegate member mission contact exchange relation tie link partner partnership"
        " visit meet meeting met receive welcome come came arrive deal mention report involve have tell told people"
        " person country foreign time number year"
    )
)


def told_of_others(
    library: Library,
    encoded: EncodedQuery,
    signals: Signals,
    missing: dict[int, Unsupported],
    best: int,
    config: SearchConfig = DEFAULT,
) -> Unsupported | None:
    """What isn't supported by the passage that tells what is asked, where the ``best``, which supports it, does not.

    ``missing`` are the rows that were searched for what the question names.  None where the best passage tells what is
    asked about as well as any.
    """
    if encoded.query.exhaustive or encoded.query.answer_type in SOUGHT:  # a value is looked at by itself
        return None
    entities = encoded.query.required_entities
    written = [*(place.written for place in entities.places), *(name.written for name in entities.names)]
    named = set(fold(" ".join(written)).split())
    words = [word for word in encoded.words if word.topical and word.tokens and fold(word.text) not in named]
    words = [word for word in words if not _CONTACT.issuperset(terms(word.text))]
    others = [row for row, lacking in missing.items() if lacking]
    if not words:
        return None
    alike = likeness(signals, words, config.answerability.original_coverage)
    other = max(others, key=lambda row: float(alike[row]), default=best)
    if alike[other] - alike[best] >= config.answerability.told_of_others:
        return missing[other]
    return _told_beside(library, int(signals.passages[best]), entities, words)


def _told_beside(library: Library, number: int, entities: QueryEntities, words: list[QueryWord]) -> Unsupported | None:
    """The places asked for, where another sentence of the passage tells what is asked, of another place."""
    if not entities.places:
        return None
    passage = library.passages[number]
    text = library.cached_text(passage.bulletin)
    asked = {term for word in words for term in terms(word.text)}
    own = elsewhere = 0
    instead: tuple[str, ...] = ()
    is_own = all(supports_place(places(passage.context), place) for place in entities.places)
    for sentence in (span.of(text) for span in passage.sentences):
        if named := places(sentence):
            is_own = all(supports_place(named, place) for place in entities.places)
        held = len(asked.intersection(terms(sentence)))
        if is_own or not named:
            own = max(own, held)
        elif held > elsewhere:
            elsewhere, instead = held, tuple(dict.fromkeys(place.key for place in named if place.kind != "city"))
    if elsewhere < 2 or 2 * elsewhere < len(asked) or 2 * own > elsewhere:
        return None
    return Unsupported(entities.places, (), instead)
