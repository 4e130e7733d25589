"""Every weight, threshold and length of retrieval: what it means, in which unit, and where it was fitted.

Unless said otherwise a number was settled by hand on the odd-numbered questions of ``evals/dev``.  The coefficients
that ``evals/fit.py`` fits stand in ``rag/data``; BM25's k1 and b stand in ``rag/library/bm25.py``, as a library
computes its norms when it opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Form = Literal["lists", "others"]
"""Of a question: whether it asks for all that matches.  The two have thresholds and coefficients of their own."""


@dataclass(frozen=True, slots=True)
class SignalWeights:
    """What each signal weighs in a sentence's score; a score is their weighted sum.

    ``Signals`` says what the signals are.  Within a factor of two either way no figure of evaluation moves by more than
    two questions; ``evals/ablation.py`` prints what taking each one away does.
    """

    passage: float = 0.25
    sentence: float = 0.5
    lexical: float = 0.3
    original: float = 3.0
    tokens: float = 0.5
    sentence_tokens: float = 2.0
    neighbour_tokens: float = 1.0
    answer_type: float = 0.1  # added to a sentence that holds the kind of value asked for (a number, a day, a name)
    sought: float = 1.0  # added where that is a telephone number, a price or the like, in a passage near to the topic
    denied: float = 0.6  # taken from a sentence that the next one denies, where such a value is asked for
    instruction: float = 0.3  # added to a sentence that instructs, where it is asked how to do something


@dataclass(frozen=True, slots=True)
class WordWeights:
    """What a question's word weighs in MaxSim, by how rare it is."""

    min_weight: float = 0.2  # of a word that asks or joins ("how", "the")
    max_weight: float = 2.0  # of the rarest; a word that half of the passages hold weighs about 0.2
    idf_divisor: float = 4.0  # what a word's inverse document frequency is divided by
    inherited_factor: float = 0.4  # of an earlier question's word, for a sentence; for its passage it weighs in full


@dataclass(frozen=True, slots=True)
class CandidateCounts:
    """How many candidates each step looks at, the best of the step before."""

    passages: int = 200  # passages whose tokens are compared, by vectors and BM25
    list_passages: int = 1_000  # the same for a list, of which far more may belong
    sentences: int = 40  # sentences whose words are searched for the kind of value asked for
    entity_passages: int = 30  # passages that are searched for what the question names
    near_topic: float = 0.2  # how far behind the nearest a passage with a value sought may be in likeness to the topic
    topic_passages: int = 5  # passages among which answerability seeks the one that is about the question


@dataclass(frozen=True, slots=True)
class ScoreAdjustments:
    """What is added to or taken from scores, whose signals sum up to about 7 at most."""

    list_opening: float = 0.3  # added to a section's first sentence in a list, since it says what happened
    no_past_penalty: float = 10.0  # taken in a list of what happened from a sentence of what is or is to come
    out_of_scope_penalty: float = 3.0  # taken from a sentence of another time or district than the one asked for
    missing_entity_penalty: float = 0.6  # taken from a passage for each name that it doesn't support
    other_place_penalty: float = 10.0  # taken from a passage of places that a list isn't asked of, where any is of them


@dataclass(frozen=True, slots=True)
class SpanLimits:
    """How many spans are quoted, how long, and how good."""

    max_chars: tuple[int, ...]  # of each span, best first; a longer single sentence is quoted whole
    margin: float  # how far behind the best span's score a further one may be
    min_chars: int = 0  # of the first span, where its passage has so many


@dataclass(frozen=True, slots=True)
class QuotedSpans:
    """The spans that are quoted."""

    answer: SpanLimits = SpanLimits((450, 350, 250), 0.4, 200)
    number: SpanLimits = SpanLimits((450, 350, 250), 0.5, 200)  # from further behind: other bulletins may give others
    comparand: SpanLimits = SpanLimits((300, 200), 0.4)  # for one of the things compared
    comparison: SpanLimits = SpanLimits((300, 300, 250, 250), 0.8)  # where a comparison names no such things
    near_misses: SpanLimits = SpanLimits((250, 200), 1.0)  # beneath a no
    list_entry_chars: int = 250


@dataclass(frozen=True, slots=True)
class SpanGrowth:
    """Which sentences a span takes in; the shares are of its best sentence's score."""

    neighbour_share: float = 0.75  # a neighbour that reaches it is quoted along
    answering_share: float = 0.93  # a sentence that reaches it is highlighted as answering too
    max_answering: int = 3  # sentences that are highlighted in one span


@dataclass(frozen=True, slots=True)
class ListCutoff:
    """Where lists end; the coefficients stand in ``rag/data/membership.json``."""

    latest_entries: int = 3  # where the latest is asked for, the newest of those that belong
    min_spread: float = 0.05  # added to a standard deviation, so that a few scores that are alike don't stand out


@dataclass(frozen=True, slots=True)
class AnswerabilityThresholds:
    """Where an answer is refused; the coefficients stand in ``rag/data/refusal-*.json``."""

    # The calibrated probability below which a question of the form is refused, chosen on what fits on odd ids reach on
    # even ones and the other way round (``evals/fit.py`` prints it).
    min_probability: Mapping[Form, float] = field(default_factory=lambda: {"lists": 0.3, "others": 0.21})
    # An answer of a lesser probability is uncertain where the words of its topic are unlike all that the library holds:
    # of the same questions 11 without an answer become uncertain by it, and none of the others.
    min_certain: Mapping[Form, float] = field(default_factory=lambda: {"lists": 0.3, "others": 0.5})
    known_topic: float = 0.55  # the mean of the greatest similarities of the topic's words, from which they are known
    whatever: float = 0.9  # the confidence of an answer to a question that has neither a topic nor a condition
    # By how much a passage that lacks what the question names may tell the rest of it better than the best that has it.
    told_of_others: float = 0.3
    original_coverage: float = 0.5  # the share of a Chinese question's own terms that makes a passage be about it
    few_topical_words: int = 3  # where so few words of a question are topical and no passage has any, none is about it


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """All of it; ``dataclasses.replace`` makes another."""

    signals: SignalWeights = SignalWeights()
    words: WordWeights = WordWeights()
    candidates: CandidateCounts = CandidateCounts()
    adjustments: ScoreAdjustments = ScoreAdjustments()
    spans: QuotedSpans = QuotedSpans()
    growth: SpanGrowth = SpanGrowth()
    lists: ListCutoff = ListCutoff()
    answerability: AnswerabilityThresholds = field(default_factory=AnswerabilityThresholds)


DEFAULT = SearchConfig()

# When a passage's spelling of a name passes for the question's, in letters; not part of the above, since what a text
# holds is cached for the whole process.
MIN_LETTERS_ONE_WRONG = 4  # of a word that may be misspelt by one letter
MIN_LETTERS_TWO_WRONG = 8  # of a word that may be misspelt by two
MIN_ACRONYM, MAX_ACRONYM = 2, 7  # of an acronym that the initials of words may stand for
MIN_LOOSE_ACRONYM = 3  # of one whose words need no capitals, or that is made of a name's own words
