"""How far figures would move with other questions of the same sort: percentile bootstrap over questions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RESAMPLES = 1_000
LEVEL = 95  # per cent
_SEED = 20  # fixed: the same answers give the same interval

Rows = npt.NDArray[np.float64]
Interval = tuple[float, float]


def intervals(above: Rows, below: Rows) -> list[Interval | None]:
    """The interval of each ratio of sums, ``above`` and ``below`` ``(questions, figures)`` each; None where no question
    counts."""
    return [_interval(column) for column in _resampled(above, below).T]


def differences(first: tuple[Rows, Rows], second: tuple[Rows, Rows]) -> list[Interval | None]:
    """The interval of each figure's change from ``first`` to ``second``, the same questions drawn for both."""
    return [_interval(column) for column in (_resampled(*second) - _resampled(*first)).T]


def _resampled(above: Rows, below: Rows) -> Rows:
    """Each figure in each resample, ``(RESAMPLES, figures)``; NaN where a resample holds no question that counts."""
    questions = len(above)
    # Drawing with replacement is the same as drawing how often each question comes up.
    often = np.random.default_rng(_SEED).multinomial(questions, [1 / questions] * questions, size=RESAMPLES)
    with np.errstate(invalid="ignore"):
        ratios: Rows = (often @ above) / (often @ below)
    return ratios


def _interval(resampled: Rows) -> Interval | None:
    known = resampled[~np.isnan(resampled)]
    if not len(known):
        return None
    edge = (100 - LEVEL) / 2
    low, high = np.percentile(known, [edge, 100 - edge])
    return round(float(low), 4), round(float(high), 4)
