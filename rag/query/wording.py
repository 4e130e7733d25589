"""How a question is put: what is said beside it, what it leaves out, whether it asks for what isn't there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rag.errors import NothingAsked
from rag.query.absence import Lacking, affirmed
from rag.query.courtesy import holds_nothing_to_look_for, without_courtesy
from rag.query.exclusion import Excluded, exclusions_in, without_exclusions
from rag.query.intent import intent_of, mask
from rag.query.mentions import Mentions, find_mentions
from rag.query.refinement import Change, refine
from rag.query.topic import has_only_function_words


@dataclass(frozen=True, slots=True)
class Wording:
    """The question in plain words, which hold neither courtesy nor what is left out; what it names is in ``mentions``.

    ``change`` is what it does to the question before, ``lacking`` the set of which it asks what is missing.
    """

    mentions: Mentions
    excluded: tuple[Excluded, ...] = ()
    change: Change = ""
    lacking: Lacking = ""


def wording_of(words: str, today: dt.date, named: Mentions | None = None) -> Wording:
    """The wording of a question; ``named`` are its mentions, where they are known.

    Raises:
        NothingAsked: it holds nothing to look for.
    """
    if holds_nothing_to_look_for(words):
        raise NothingAsked()
    refinement = refine(without_courtesy(words))
    asked, lacking = affirmed(refinement.words)
    mentions = named if named and named.text == asked else find_mentions(asked)
    if excluded := exclusions_in(mentions, today):
        rest = find_mentions(without_exclusions(asked, excluded))
        if _is_list(rest):
            return Wording(rest, excluded, refinement.change, lacking)
        if excluded := tuple(each for each in excluded if not each.topic):
            mentions = find_mentions(without_exclusions(asked, excluded))
    return Wording(mentions, excluded, refinement.change, lacking)


def _is_list(rest: Mentions) -> bool:
    """Whether all that matches is asked for, from which a topic can be left out; "apart from the price, what did the
    guests ask?" asks for one thing."""
    masked = mask(rest.text, rest.districts, ())
    return has_only_function_words(rest.text) or intent_of(masked, whole_years=True).exhaustive
