"""Figures as drawings: the places of bars, lines and labels in a box of 360 by 168, and the same as a table."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.admin.feedback_reasons import NAMES
from rag.admin.usage_stats import Slot, Span, total
from rag.web.templating import day

LEFT, RIGHT, TOP, BOTTOM = 36.0, 352.0, 10.0, 138.0
STATUSES = {"answered": "Answered", "no_match": "No match", "refused": "Not taken", "trouble": "Failed"}
_GAP = 0.26  # of a bar's step
NONE = "–"

Value = Callable[[Slot], float | None]


@dataclass(frozen=True, slots=True)
class Bar:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """``runs`` are the points of its unbroken pieces, as SVG has them; ``dots`` are all of its points."""

    kind: str
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """``ticks`` are the labels of the vertical axis by their height, ``marks`` those of the horizontal one by their
    place and how they are anchored there; ``legend`` names each kind; ``rows`` are the table's, the latest first."""

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


def charts(span: Span, slots: Sequence[Slot]) -> tuple[Chart, ...]:
    """Of these slots; each says its own in one sentence too."""
    whole = total(slots)
    makers = (_questions, _refusals, _times, _said)
    return tuple(make(span, slots, whole) for make in makers)


def _questions(span: Span, slots: Sequence[Slot], whole: Slot) -> Chart:
    kinds = [kind for kind in STATUSES if whole.status[kind] or kind in ("answered", "no_match")]
    most = _nice(max(slot.asked for slot in slots), 4)
    counted = [f"{whole.status[kind]:,} {STATUSES[kind].lower()}" for kind in kinds]
    return Chart(
        "questions",
        "Questions",
        f"{whole.asked:,} questions: {', '.join(counted)}.",
        _ticks(most, "{:,.0f}"),
        _marks(span, slots),
        tuple((kind, STATUSES[kind]) for kind in kinds),
        (_first(span), *(STATUSES[kind] for kind in kinds)),
        _rows(span, slots, lambda slot: [f"{slot.status[kind]:,}" for kind in kinds] if slot.asked else []),
        bars=_bars(slots, kinds, lambda slot, kind: slot.status[kind], most),
    )


def _refusals(span: Span, slots: Sequence[Slot], whole: Slot) -> Chart:
    told = "No question was looked up."
    if whole.refusals is not None:
        told = f"{whole.refusals:.0%} of the questions looked up."
    return Chart(
        "refusals",
        "Questions that got a no",
        told,
        _ticks(1.0, "{:.0%}"),
        _marks(span, slots),
        (("no_match", "Share with no match"),),
        (_first(span), "Share with no match"),
        _rows(span, slots, lambda slot: [] if slot.refusals is None else [f"{slot.refusals:.0%}"]),
        lines=(_line("no_match", slots, lambda slot: slot.refusals, 1.0),),
    )


def _times(span: Span, slots: Sequence[Slot], whole: Slot) -> Chart:
    most = _nice(max((slot.p95 or 0.0 for slot in slots), default=0.0), 10)
    told = "No question was answered."
    if whole.median is not None:
        told = f"Half of the answers took {_ms(whole.median)} or less, 95 of 100 took {_ms(whole.p95)} or less."
    return Chart(
        "times",
        "Time to an answer (ms)",
        told,
        _ticks(most, "{:,.0f}"),
        _marks(span, slots),
        (("answered", "Median"), ("p95", "95th percentile")),
        (_first(span), "Median", "95th percentile"),
        _rows(span, slots, lambda slot: [_ms(slot.median), _ms(slot.p95)] if slot.ms else []),
        lines=(
            _line("p95", slots, lambda slot: slot.p95, most),
            _line("answered", slots, lambda slot: slot.median, most),
        ),
    )


def _said(span: Span, slots: Sequence[Slot], whole: Slot) -> Chart:
    most = _nice(max(slot.said.total() for slot in slots), 4)
    count, helpful = whole.said.total(), whole.said["helpful"]
    answers = whole.status["answered"] + whole.status["no_match"]
    told = "Nobody has said anything of an answer."
    if count:
        of = f", on {count / answers:.0%} of the answers" if answers >= count else ""
        told = f"{helpful:,} of {count:,} found the answer helpful ({helpful / count:.0%}){of}."
    return Chart(
        "said",
        "What readers said",
        told,
        _ticks(most, "{:,.0f}"),
        _marks(span, slots),
        tuple(NAMES.items()),
        (_first(span), *NAMES.values()),
        _rows(span, slots, lambda slot: [f"{slot.said[kind]:,}" for kind in NAMES] if slot.said else []),
        bars=_bars(slots, list(NAMES), lambda slot, kind: slot.said[kind], most),
    )


def _bars(
    slots: Sequence[Slot], kinds: Sequence[str], count: Callable[[Slot, str], int], most: float
) -> tuple[Bar, ...]:
    """Stacked, the first kind at the bottom."""
    step = (RIGHT - LEFT) / len(slots)
    bars = []
    for number, slot in enumerate(slots):
        y = BOTTOM
        for kind in kinds:
            height = (BOTTOM - TOP) * count(slot, kind) / most
            y -= height
            if height:
                x = LEFT + step * (number + _GAP / 2)
                bars.append(Bar(kind, round(x, 2), round(y, 2), round(step * (1 - _GAP), 2), round(height, 2)))
    return tuple(bars)


def _line(kind: str, slots: Sequence[Slot], value: Value, most: float) -> Line:
    runs: list[list[tuple[float, float]]] = [[]]
    for number, slot in enumerate(slots):
        height = value(slot)
        if height is None:
            runs.append([])
        else:
            runs[-1].append((_middle(number, len(slots)), round(BOTTOM - (BOTTOM - TOP) * height / most, 2)))
    drawn = [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]
    return Line(kind, tuple(drawn), tuple(point for run in runs for point in run))


def _middle(number: int, count: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * (number + 0.5) / count, 2)


def _ticks(most: float, form: str) -> tuple[tuple[float, str], ...]:
    return tuple((BOTTOM - (BOTTOM - TOP) * part, form.format(most * part)) for part in (0, 0.5, 1))


def _marks(span: Span, slots: Sequence[Slot]) -> tuple[tuple[float, str, str], ...]:
    last = len(slots) - 1
    places = ((0, "start", LEFT), (last // 2, "middle", _middle(last // 2, last + 1)), (last, "end", RIGHT))
    return tuple((x, _short(span, slots[number].begin), anchor) for number, anchor, x in places)


def _rows(span: Span, slots: Sequence[Slot], cells: Callable[[Slot], list[str]]) -> tuple[tuple[str, ...], ...]:
    """Of the slots that have any."""
    rows = ((slot, cells(slot)) for slot in reversed(slots))
    return tuple((_long(span, slot.begin), *own) for slot, own in rows if own)


def _first(span: Span) -> str:
    return "Day" if span == "days" else "Hour"


def _short(span: Span, at: dt.datetime) -> str:
    return f"{at.day} {at:%b}" if span == "days" else f"{at:%H}:00"


def _long(span: Span, at: dt.datetime) -> str:
    return day(at.date()) if span == "days" else f"{day(at.date())}, {at:%H}:00"


def _ms(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f} ms"


def _nice(value: float, least: float) -> float:
    """The next of 1, 2, 4, 10, 20, 40, … from ``least`` on: its half is a whole number too, but for 1."""
    value = max(value, least)
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 10) if step * power >= value)
