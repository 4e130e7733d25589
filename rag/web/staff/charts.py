"""Charts of usage: the places of bars, lines and labels in a box of 360 by 168, and the same figures as a table."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.admin.feedback_reasons import VERDICT_NAMES
from rag.admin.usage_stats import Bucket, Granularity, total
from rag.web.templating import long_date

LEFT, RIGHT, TOP, BOTTOM = 36.0, 352.0, 10.0, 138.0
STATUSES = {"answered": "Answered", "no_match": "No match", "refused": "Not taken", "trouble": "Failed"}
_GAP = 0.26  # of a bar's step
NO_VALUE = "–"

Value = Callable[[Bucket], float | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a kind, in the units of the box."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a kind: ``runs`` are the points of its unbroken parts in SVG's notation, ``dots`` all of its points."""

    kind: str
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its table.

    ``ticks`` are the labels of the vertical axis with their heights, ``marks`` those of the horizontal axis with their
    places and anchors; ``legend`` names each kind; ``heads`` and ``rows`` are the table's, the latest first.
    """

    key: str
    title: str
    summary: str
    ticks: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, str, str], ...]
    legend: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()


def charts(granularity: Granularity, buckets: Sequence[Bucket]) -> tuple[Chart, ...]:
    """Makes the charts of these buckets, each with a summary in one sentence."""
    times, sums = _TimeAxis(granularity, buckets), total(buckets)
    return tuple(make(times, sums) for make in (_questions, _refusals, _answer_times, _feedback))


@dataclass(frozen=True, slots=True)
class _TimeAxis:
    """The horizontal axis, and the first column of the table."""

    granularity: Granularity
    buckets: Sequence[Bucket]

    @property
    def head(self) -> str:
        return "Day" if self.granularity == "days" else "Hour"

    @property
    def marks(self) -> tuple[tuple[float, str, str], ...]:
        last = len(self.buckets) - 1
        places = ((0, "start", LEFT), (last // 2, "middle", _middle(last // 2, last + 1)), (last, "end", RIGHT))
        return tuple((x, self._short(self.buckets[number].begin), anchor) for number, anchor, x in places)

    def rows(self, cells: Callable[[Bucket], list[str]]) -> tuple[tuple[str, ...], ...]:
        """The rows of the buckets that have cells."""
        rows = ((bucket, cells(bucket)) for bucket in reversed(self.buckets))
        return tuple((self._long(bucket.begin), *row) for bucket, row in rows if row)

    def _short(self, at: dt.datetime) -> str:
        return f"{at.day} {at:%b}" if self.granularity == "days" else f"{at:%H}:00"

    def _long(self, at: dt.datetime) -> str:
        day = long_date(at.date())
        return day if self.granularity == "days" else f"{day}, {at:%H}:00"


def _questions(times: _TimeAxis, sums: Bucket) -> Chart:
    kinds = [kind for kind in STATUSES if sums.statuses[kind] or kind in ("answered", "no_match")]
    top = _nice(max(bucket.questions for bucket in times.buckets), 4)
    counted = [f"{sums.statuses[kind]:,} {STATUSES[kind].lower()}" for kind in kinds]
    return Chart(
        "questions",
        "Questions",
        f"{sums.questions:,} questions: {', '.join(counted)}.",
        _ticks(top, "{:,.0f}"),
        times.marks,
        tuple((kind, STATUSES[kind]) for kind in kinds),
        (times.head, *(STATUSES[kind] for kind in kinds)),
        times.rows(lambda b: [f"{b.statuses[kind]:,}" for kind in kinds] if b.questions else []),
        bars=_bars(times.buckets, kinds, lambda b, kind: b.statuses[kind], top),
    )


def _refusals(times: _TimeAxis, sums: Bucket) -> Chart:
    summary = "No question was looked up."
    if sums.no_match_rate is not None:
        summary = f"{sums.no_match_rate:.0%} of the questions looked up."
    return Chart(
        "refusals",
        "Questions that got a no",
        summary,
        _ticks(1.0, "{:.0%}"),
        times.marks,
        (("no_match", "Share with no match"),),
        (times.head, "Share with no match"),
        times.rows(lambda b: [] if b.no_match_rate is None else [f"{b.no_match_rate:.0%}"]),
        lines=(_line("no_match", times.buckets, lambda b: b.no_match_rate, 1.0),),
    )


def _answer_times(times: _TimeAxis, sums: Bucket) -> Chart:
    top = _nice(max((bucket.p95_ms or 0.0 for bucket in times.buckets), default=0.0), 10)
    summary = "No question was answered."
    if sums.median_ms is not None:
        summary = f"Half of the answers took {_ms(sums.median_ms)} or less, 95 of 100 took {_ms(sums.p95_ms)} or less."
    return Chart(
        "times",
        "Time to an answer (ms)",
        summary,
        _ticks(top, "{:,.0f}"),
        times.marks,
        (("answered", "Median"), ("p95", "95th percentile")),
        (times.head, "Median", "95th percentile"),
        times.rows(lambda b: [_ms(b.median_ms), _ms(b.p95_ms)] if b.ms else []),
        lines=(
            _line("p95", times.buckets, lambda b: b.p95_ms, top),
            _line("answered", times.buckets, lambda b: b.median_ms, top),
        ),
    )


def _feedback(times: _TimeAxis, sums: Bucket) -> Chart:
    top = _nice(max(bucket.verdicts.total() for bucket in times.buckets), 4)
    count, helpful = sums.verdicts.total(), sums.verdicts["helpful"]
    answers = sums.statuses["answered"] + sums.statuses["no_match"]
    summary = "Nobody has said anything of an answer."
    if count:
        of = f", on {count / answers:.0%} of the answers" if answers >= count else ""
        summary = f"{helpful:,} of {count:,} found the answer helpful ({helpful / count:.0%}){of}."
    return Chart(
        "said",
        "What readers said",
        summary,
        _ticks(top, "{:,.0f}"),
        times.marks,
        tuple(VERDICT_NAMES.items()),
        (times.head, *VERDICT_NAMES.values()),
        times.rows(lambda b: [f"{b.verdicts[kind]:,}" for kind in VERDICT_NAMES] if b.verdicts else []),
        bars=_bars(times.buckets, list(VERDICT_NAMES), lambda b, kind: b.verdicts[kind], top),
    )


def _bars(
    buckets: Sequence[Bucket], kinds: Sequence[str], count: Callable[[Bucket, str], int], top: float
) -> tuple[Bar, ...]:
    """Stacked bars, the first kind at the bottom."""
    step = (RIGHT - LEFT) / len(buckets)
    bars = []
    for number, bucket in enumerate(buckets):
        y = BOTTOM
        for kind in kinds:
            height = (BOTTOM - TOP) * count(bucket, kind) / top
            y -= height
            if height:
                x = LEFT + step * (number + _GAP / 2)
                bars.append(Bar(kind, round(x, 2), round(y, 2), round(step * (1 - _GAP), 2), round(height, 2)))
    return tuple(bars)


def _line(kind: str, buckets: Sequence[Bucket], value: Value, top: float) -> Line:
    runs: list[list[tuple[float, float]]] = [[]]
    for number, bucket in enumerate(buckets):
        height = value(bucket)
        if height is None:
            runs.append([])
        else:
            runs[-1].append((_middle(number, len(buckets)), round(BOTTOM - (BOTTOM - TOP) * height / top, 2)))
    drawn = [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]
    return Line(kind, tuple(drawn), tuple(point for run in runs for point in run))


def _middle(number: int, count: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * (number + 0.5) / count, 2)


def _ticks(top: float, form: str) -> tuple[tuple[float, str], ...]:
    return tuple((BOTTOM - (BOTTOM - TOP) * part, form.format(top * part)) for part in (0, 0.5, 1))


def _ms(value: float | None) -> str:
    return NO_VALUE if value is None else f"{value:,.0f} ms"


def _nice(value: float, least: float) -> float:
    """The next of 1, 2, 4, 10, 20, 40, … from ``least`` on: its half is a whole number too, but for 1."""
    value = max(value, least)
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 10) if step * power >= value)
