"""Percentile bootstrap over questions: how far measures would move with other questions of the same sort."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RESAMPLES = 1_000
CONFIDENCE_PERCENT = 95
_SEED = 20  # fixed, so that the same answers give the same interval

Rows = npt.NDArray[np.float64]
Interval = tuple[float, float]


def intervals(numerators: Rows, denominators: Rows) -> list[Interval | None]:
    """Returns the confidence interval of each ratio of sums, None where no question counts.

    Both arrays are ``(questions, measures)``.
    """
    return [_interval(column) for column in _resample(numerators, denominators).T]


def differences(first: tuple[Rows, Rows], second: tuple[Rows, Rows]) -> list[Interval | None]:
    """Returns the interval of each measure's change from ``first`` to ``second``, the same questions drawn for both."""
    return [_interval(column) for column in (_resample(*second) - _resample(*first)).T]


def _resample(numerators: Rows, denominators: Rows) -> Rows:
    """Each measure in each resample, ``(RESAMPLES, measures)``; NaN where a resample holds no question that counts."""
    questions = len(numerators)
    # Drawing with replacement is the same as drawing how often each question comes up.
    counts = np.random.default_rng(_SEED).multinomial(questions, [1 / questions] * questions, size=RESAMPLES)
    with np.errstate(invalid="ignore"):
        ratios: Rows = (counts @ numerators) / (counts @ denominators)
    return ratios


def _interval(resampled: Rows) -> Interval | None:
    known = resampled[~np.isnan(resampled)]
    if not len(known):
        return None
    edge = (100 - CONFIDENCE_PERCENT) / 2
    low, high = np.percentile(known, [edge, 100 - edge])
    return round(float(low), 4), round(float(high), 4)
