"""Scales of the charts: round ticks, the frame of a plot with its axes and marks, and room for words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

LINE = 14
"""Height of a line of words in a chart, in units of its drawing."""
LETTER = 6.1
"""Width of an ordinary letter or digit at the size of words in charts."""


def ticks(low: float, high: float, most: int = 6, *, whole: bool = False) -> tuple[float, ...]:
    """Return at most `most` round values within [low, high], with steps of 1, 2 or 5 times a power of ten."""
    if not high > low or _is_flat(low, high):
        return (low,)
    power = 10.0 ** math.floor(math.log10((high - low) / max(1, most - 1)))
    for factor in (1, 2, 5, 10, 20, 50):
        step = power * factor
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most and (not whole or step >= 1):
            return tuple(round(number * step, 10) for number in range(first, last + 1))
    return (low, high)


def _is_flat(low: float, high: float) -> bool:
    """Whether two values differ by no more than the rounding of what they were computed from."""
    return high - low <= 1e-9 * max(1.0, abs(low), abs(high))


def span(values: Iterable[float], *, zero: bool = False) -> tuple[float, float]:
    """Return round bounds around the known values; with `zero` they hold 0."""
    known = [value for value in values if not math.isnan(value)] + ([0.0] if zero else [])
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    if _is_flat(low, high):
        return (0.0, 1.0) if zero and _is_flat(0.0, abs(low)) else (low - 0.5, high + 0.5)
    steps = ticks(low, high, 6)
    step = steps[1] - steps[0] if len(steps) > 1 else high - low
    return round(math.floor(low / step + 1e-9) * step, 10), round(math.ceil(high / step - 1e-9) * step, 10)


def text_width(text: str) -> float:
    """Return about how wide a text is in a chart."""
    return LETTER * len(text)


def cut(text: str, most: int) -> str:
    """Return a text of at most `most` characters; one that is cut ends in an ellipsis."""
    return text if len(text) <= most else f"{text[: max(1, most - 1)].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Scale:
    """From values in [low, high] to places in [start, end]; values outside lie outside."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value, to a tenth of a unit."""
        share = (value - self.low) / (self.high - self.low) if self.high != self.low else 0.5
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A value on an axis, and where; `label` where it is not the number itself."""

    value: float
    at: float
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line with words at its head."""

    value: float
    x: float
    label: str
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside a place."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot's outer size, its inner bounds, scales, ticks and marks."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x: Scale
    y: Scale
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    unit: str


def frame(
    x_span: Sequence[float],
    y_span: Sequence[float],
    width: float,
    height: float,
    *,
    marks: Sequence[Sequence[Any]] = (),
    unit: str = "",
    y_unit: str = "",
    left: float | None = None,
    right: float = 12,
    inner_height: float | None = None,
    x_ticks: Sequence[float] | None = None,
    x_labels: Sequence[str] = (),
    whole: bool = False,
) -> Frame:
    """Lay out a plot: a line of words above for the y axis and one for each mark, two below for the x axis."""
    ys = ticks(y_span[0], y_span[1], 5, whole=whole)
    if left is None:
        extra = 2 * LETTER if y_unit == "percent" else 0
        left = 10 + extra + max(text_width(f"{value * (100 if extra else 1):g}") for value in ys)
    top = 6 + LINE * (len(marks) + (inner_height is None))
    height = inner_height + top + 2.5 * LINE if inner_height is not None else height
    bottom = height - 2.5 * LINE
    x = Scale(x_span[0], x_span[1], left, width - right)
    y = Scale(y_span[0], y_span[1], bottom, top)
    return Frame(
        width=width,
        height=height,
        left=round(left, 1),
        right=round(width - right, 1),
        top=top,
        bottom=bottom,
        x=x,
        y=y,
        x_ticks=_across(x, x_ticks, x_labels),
        y_ticks=tuple(Tick(value, y(value)) for value in ys),
        marks=_marks(marks, x, width, top),
        unit=unit,
    )


def _across(x: Scale, wanted: Sequence[float] | None, labels: Sequence[str]) -> tuple[Tick, ...]:
    """Place the ticks of the x axis: labels as many as there is room for, the last one always; or round values."""
    room = x.end - x.start
    if labels:
        last = len(labels) - 1
        every = max(1, math.ceil(len(labels) * text_width("m" * 8) / max(1.0, room)))
        return tuple(Tick(index, x(index), label) for index, label in enumerate(labels) if (last - index) % every == 0)
    most = min(max(2, int(room / 46)), 8)
    return tuple(Tick(value, x(value)) for value in (wanted or ticks(x.low, x.high, most)))


def _marks(marks: Sequence[Sequence[Any]], x: Scale, width: float, top: float) -> tuple[Mark, ...]:
    """Place each mark's words on a line of its own, on the side where there is room.

    A mark is (value, words), and perhaps the number it is said to be, where it stands between two of them.
    """
    placed = []
    for index, (value, label, *said) in enumerate(marks):
        at = x(float(value))
        start = at + 4 + text_width(str(label)) <= width
        y = round(top - 5 - LINE * (len(marks) - 1 - index), 1)
        placed.append(
            Mark(
                float(said[0] if said else value),
                at,
                str(label),
                at + (4 if start else -4),
                y,
                "start" if start else "end",
            )
        )
    return tuple(placed)
