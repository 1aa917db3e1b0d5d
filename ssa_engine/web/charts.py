"""Geometry of the charts: spans, ticks, paths and where labels stand. Numbers in, numbers out; macros draw them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask

from ssa_engine.web import chart_lines
from ssa_engine.web.scales import Frame, Scale, cut, frame, span, text_width

ROW = 22
"""Height of one row of a chart whose rows are things with names."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle and the value it stands for; `below` where it lies before the split."""

    x: float
    y: float
    width: float
    height: float
    low: float
    high: float
    value: float
    below: bool = False


@dataclass(frozen=True, slots=True)
class Histogram:
    """The bars of a histogram in their frame; `outline` is the path of another distribution."""

    frame: Frame
    bars: tuple[Bar, ...]
    outline: str


def histogram(
    bins: Sequence[Sequence[float]],
    *,
    width: float = 344,
    height: float = 180,
    x_span: Sequence[float] | None = None,
    y_most: float | None = None,
    marks: Sequence[Sequence[Any]] = (),
    split: float | None = None,
    compare: Sequence[float] = (),
    unit: str = "",
    x_ticks: Sequence[float] | None = None,
) -> Histogram:
    """Place a histogram.

    Parameters
    ----------
    bins : sequence of (low, high, count)
        Touching intervals, in order.
    x_span, y_most
        Shared axes for small multiples; by default from the bins.
    marks : sequence of (value, label)
        Vertical lines.
    split
        Bins whose middle lies below it are drawn as such.
    compare : sequence of counts
        Another distribution over the same bins, drawn as an outline.
    unit
        "percent" if x is a proportion that is written as a percentage.
    """
    edges = [edge for low, high, _ in bins for edge in (low, high)] or [0, 1]
    most = y_most or max([1, *(count for _, _, count in bins), *compare])
    xs = tuple(x_span) if x_span else (min(edges), max(edges))
    drawn = frame(xs, (0, most), width, height, marks=marks, unit=unit, x_ticks=x_ticks, whole=True)
    floor = drawn.y(0)
    placed = tuple(
        Bar(
            x=drawn.x(low) + 0.5,
            y=drawn.y(count),
            width=max(0.5, round(drawn.x(high) - drawn.x(low) - 1, 1)),
            height=round(floor - drawn.y(count), 1),
            low=low,
            high=high,
            value=count,
            below=split is not None and (low + high) / 2 < split - 1e-9,
        )
        for low, high, count in bins
    )
    steps = [f"V{drawn.y(n)}H{drawn.x(high)}" for (_, high, _), n in zip(bins, compare, strict=False)]
    outline = f"M{drawn.x(bins[0][0])} {floor}{''.join(steps)}V{floor}" if steps else ""
    return Histogram(drawn, placed, outline)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of bars or intervals: its name, where it stands, and x of all that is drawn in it."""

    name: str
    label: str
    y: float
    value: float | None
    at: float | None
    low: float | None = None
    high: float | None = None
    from_x: float | None = None
    to_x: float | None = None
    other: float | None = None
    other_at: float | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows under one x axis. `zero` is x of 0, or of the least value if 0 is not on the axis."""

    frame: Frame
    rows: tuple[Row, ...]
    zero: float


def bars(
    rows: Iterable[Mapping[str, Any]],
    *,
    width: float = 344,
    x_span: Sequence[float] | None = None,
    unit: str = "",
    marks: Sequence[Sequence[Any]] = (),
) -> Rows:
    """Place horizontal bars from 0: rows of `name`, `value` (None: unknown) and perhaps `other`, drawn as a tick."""
    return _rows(list(rows), width, x_span, unit, marks, zero=True, room=44)


def intervals(
    rows: Iterable[Mapping[str, Any]],
    *,
    width: float = 344,
    x_span: Sequence[float] | None = None,
    unit: str = "",
    marks: Sequence[Sequence[Any]] = (),
) -> Rows:
    """Place dots with intervals: rows of `name`, `value` and perhaps `low`, `high`, `other` (a second, hollow dot)."""
    return _rows(list(rows), width, x_span, unit, marks, zero=False, room=14)


def _rows(
    rows: list[Mapping[str, Any]],
    width: float,
    x_span: Sequence[float] | None,
    unit: str,
    marks: Sequence[Sequence[Any]],
    *,
    zero: bool,
    room: float,
) -> Rows:
    parts = ("value", "low", "high", "other")
    known = [float(row[part]) for row in rows for part in parts if row.get(part) is not None]
    xs = tuple(x_span) if x_span else span([*known, *(float(mark[0]) for mark in marks)], zero=zero)
    names = [str(row["name"]) for row in rows]
    left = min(0.42 * width, 8 + max([text_width(name) for name in names], default=0))
    most = int((left - 8) / (text_width("m" * 10) / 10) + 1e-6)
    height = len(rows) * ROW
    drawn = frame(xs, (0, 1), width, height, marks=marks, unit=unit, left=left, right=room, inner_height=height)
    x = drawn.x

    def at(value: object) -> float | None:
        return None if value is None else x(min(max(float(value), xs[0]), xs[1]))  # type: ignore[arg-type]

    placed = tuple(
        Row(
            name=name,
            label=cut(name, most),
            y=round(drawn.top + ROW * (index + 0.5), 1),
            value=row.get("value"),
            at=at(row.get("value")),
            low=row.get("low"),
            high=row.get("high"),
            from_x=at(row.get("low")),
            to_x=at(row.get("high")),
            other=row.get("other"),
            other_at=at(row.get("other")),
        )
        for index, (name, row) in enumerate(zip(names, rows, strict=True))
    )
    return Rows(drawn, placed, x(min(max(0.0, xs[0]), xs[1])))


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line without axes; `last` is where its last known value stands, None if there is none."""

    width: float
    height: float
    path: str
    last: tuple[float, float] | None


def sparkline(values: Sequence[float | None], *, width: float = 96, height: float = 24) -> Sparkline:
    """Place a sparkline: values in order, None where unknown; it spans from the least to the greatest."""
    known = [value for value in values if value is not None and not math.isnan(value)]
    if not known:
        return Sparkline(width, height, "", None)
    low, high = min(known), max(known)
    x = Scale(0, max(1, len(values) - 1), 3, width - 4)
    y = Scale(low, high, height - 4, 4) if high > low else Scale(low - 1, low + 1, height - 4, 4)
    points = [(index, value) for index, value in enumerate(values)]
    path, last = chart_lines.path(points, x, y), None
    for index, value in points:
        if value is not None and not math.isnan(value):
            last = (x(index), y(value))
    return Sparkline(width, height, path, last)


def init_app(app: Flask) -> None:
    """Give the geometry to the macros of the plots."""
    app.jinja_env.globals["geometry"] = {
        "histogram": histogram,
        "bars": bars,
        "intervals": intervals,
        "lines": chart_lines.lines,
        "sparkline": sparkline,
    }
