"""Every weight, threshold and length of the verdict engine: what it means, and in which unit.

A word's weight says how telling it is: 1 for one that stands once or nowhere, down to 0.2 for the commonest (see
``TokenIndex.weight``); a stretch of words weighs what its words do together.  All numbers were settled by hand on
``evals/dev/citations.jsonl``; the random alterations of the tests hold them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlignmentConfig:
    """How a quotation that stands nowhere as it is gets aligned with stored texts.

    Attributes:
        max_texts: how many texts are aligned with one quotation.
        max_positions: how many positions of words are looked at to choose these texts.
        min_word_weight: the weight from which a single word may be a run by itself.
        gap_cost: what each word of the source costs that is skipped between two runs of a chain.
        max_gap_cost: what one such gap costs at most.
        skipped_word_cost: what each word of the quotation costs that is skipped inside a chain.
        max_text_words: how many words of a text are aligned.
        max_runs: how many runs of one text are chained; the heaviest are kept.
    """

    max_texts: int = 6
    max_positions: int = 40_000
    min_word_weight: float = 0.5
    gap_cost: float = 0.08
    max_gap_cost: float = 1.6
    skipped_word_cost: float = 0.12
    max_text_words: int = 20_000
    max_runs: int = 250


@dataclass(frozen=True, slots=True)
class SpliceConfig:
    """When words count as a fragment of their own, and when a gap in them is a seam.

    Attributes:
        min_words: the words of a fragment that counts as one.
        min_weight: the weight of its words.
        min_short_weight: the weight of a run of just ``min_words`` that is looked for outside the best text.
        max_dropped_words: how many words left out at the edge of a sentence are no seam.
        min_gain: by how much another text must explain a fragment better than the one that it was found in.
        min_gain_of_two: by how much two texts must explain a quotation better than one.
        max_depth: how often fragments are looked for before and after the one found.
    """

    min_words: int = 3
    min_weight: float = 1.2
    min_short_weight: float = 1.5
    max_dropped_words: int = 2
    min_gain: float = 0.3
    min_gain_of_two: float = 2.0
    max_depth: int = 4


@dataclass(frozen=True, slots=True)
class VerdictConfig:
    """What a changed quotation must share with a source.

    Attributes:
        min_share: the share of its words, by weight, that one sentence must have to be its source.
        min_spliced_share: the share that the fragments of a splice must have together.
        max_edge_words: how many words before or after what matches are compared with the source's.
    """

    min_share: float = 0.5
    min_spliced_share: float = 0.8
    max_edge_words: int = 3


@dataclass(frozen=True, slots=True)
class ClaimConfig:
    """How claims about a source are read and checked.

    Attributes:
        min_title_words: the words of a title that is recognised in running text.
        max_run: how long a stated run of days may be ("June 3 to 9") that holds each of them; a month doesn't.
    """

    min_title_words: int = 3
    max_run: dt.timedelta = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ExplanationConfig:
    """How much a sentence names.

    Attributes:
        max_items: bulletins, differences or characters.
        max_words_chars: characters of a title, or of words that were changed.
    """

    max_items: int = 3
    max_words_chars: int = 80


@dataclass(frozen=True, slots=True)
class DraftConfig:
    """How quotations are found in a draft.

    Attributes:
        min_unclosed_words: the words of a quotation that no mark ends: fewer are a slip of the pen.
        max_shared_clause_chars: the length of a quotation whose clause those inside it share.
        excerpt_words: the words by which a message points to a place of the draft.
        max_dateline_words: the words of a sentence that says no more than where and when.
        min_wrapped_chars: the length from which the longest of some lines may mean that an editor has wrapped the text.
        max_wrapped_chars: the length up to which it may.
    """

    min_unclosed_words: int = 3
    max_shared_clause_chars: int = 2_000
    excerpt_words: int = 6
    max_dateline_words: int = 6
    min_wrapped_chars: int = 40
    max_wrapped_chars: int = 120


ALIGNMENT = AlignmentConfig()
SPLICES = SpliceConfig()
VERDICTS = VerdictConfig()
CLAIMS = ClaimConfig()
EXPLANATIONS = ExplanationConfig()
DRAFTS = DraftConfig()
