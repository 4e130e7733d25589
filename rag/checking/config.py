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
    """How a quotation that stands nowhere as it is gets aligned with stored texts."""

    max_texts: int = 6  # texts that are aligned with one quotation
    max_positions: int = 40_000  # positions of words that are looked at to choose these texts
    min_word_weight: float = 0.5  # from which a single word may be a run by itself
    gap_cost: float = 0.08  # of each word of the source that is skipped between two runs of a chain
    max_gap_cost: float = 1.6  # of one such gap
    skipped_word_cost: float = 0.12  # of each word of the quotation that is skipped inside a chain
    max_text_words: int = 20_000  # words of a text that are aligned
    max_runs: int = 250  # runs of one text that are chained; the heaviest are kept


@dataclass(frozen=True, slots=True)
class SpliceConfig:
    """When words count as a fragment of their own, and when a gap in them is a seam."""

    min_words: int = 3  # of a fragment that counts as one
    min_weight: float = 1.2  # of the words of such a fragment
    min_short_weight: float = 1.5  # of a run of just ``min_words`` that is looked for outside the best text
    max_dropped_words: int = 2  # left out at the edge of a sentence, which is no seam
    min_gain: float = 0.3  # by which another text must explain a fragment better than the one it was found in
    min_gain_of_two: float = 2.0  # by which two texts must explain a quotation better than one
    max_depth: int = 4  # how often fragments are looked for before and after the one found


@dataclass(frozen=True, slots=True)
class VerdictConfig:
    """What a changed quotation must share with a source."""

    min_share: float = 0.5  # of its words, by weight, that one sentence must have to be its source
    min_spliced_share: float = 0.8  # that the fragments of a splice must have together
    max_edge_words: int = 3  # words before or after what matches that are compared with the source's


@dataclass(frozen=True, slots=True)
class ClaimConfig:
    """How claims about a source are read and checked."""

    min_title_words: int = 3  # of a title that is recognised in running text
    max_run: dt.timedelta = dt.timedelta(days=14)  # stated ("June 3 to 9") that holds each of its days; no month does


@dataclass(frozen=True, slots=True)
class ExplanationConfig:
    """How much a sentence names."""

    max_items: int = 3  # bulletins, differences or characters
    max_words_chars: int = 80  # characters of a title, or of words that were changed


@dataclass(frozen=True, slots=True)
class DraftConfig:
    """How quotations are found in a draft."""

    min_unclosed_words: int = 3  # of a quotation that no mark ends: fewer are a slip of the pen
    max_shared_clause_chars: int = 2_000  # of a quotation whose clause those inside it share
    excerpt_words: int = 6  # by which a message points to a place of the draft
    max_dateline_words: int = 6  # of a sentence that says no more than where and when
    min_wrapped_chars: int = 40  # from which the longest of some lines may mean that an editor has wrapped the text
    max_wrapped_chars: int = 120  # up to which it may


ALIGNMENT = AlignmentConfig()
SPLICES = SpliceConfig()
VERDICTS = VerdictConfig()
CLAIMS = ClaimConfig()
EXPLANATIONS = ExplanationConfig()
DRAFTS = DraftConfig()
