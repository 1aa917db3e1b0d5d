"""Geometry of line charts: paths with gaps, markers that differ in shape, bands, names at the ends of lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssa_engine.web.scales import LINE, Frame, Label, Scale, cut, frame, span, text_width

MOST_MARKERS = 24
LONGEST_NAME = 18
Point = tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of a series: its values, where it stands, and its shape as a path."""

    x: float
    y: float
    at_x: float
    at_y: float
    path: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One series: `number` from 1 chooses colour, dash and marker. `path` is empty if only dots are drawn."""

    number: int
    name: str
    path: str
    band: str
    dots: tuple[Dot, ...]
    markers: bool
    label: Label | None


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of the x axis that is set off."""

    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Series in one frame; `level` is y of a horizontal line, if there is one."""

    frame: Frame
    series: tuple[Line, ...]
    regions: tuple[Region, ...]
    level: float | None


def lines(
    series: Sequence[Mapping[str, Any]],
    *,
    width: float = 344,
    height: float = 220,
    x_span: Sequence[float] | None = None,
    y_span: Sequence[float] | None = None,
    zero: bool = True,
    marks: Sequence[Sequence[Any]] = (),
    regions: Sequence[Sequence[Any]] = (),
    level: float | None = None,
    unit: str = "",
    y_unit: str = "",
    labels: Sequence[str] = (),
) -> Lines:
    """Place a line chart.

    Parameters
    ----------
    series : sequence of mappings
        `name`, `points` (x, y; y None where unknown) and perhaps `band` (x, low, high), `only_dots` (no line),
        `number` (1 to 6, the look; by default its place).
    marks : sequence of (x, label)
        Vertical lines.
    regions : sequence of (low, high, label)
        Stretches of the x axis.
    level
        A horizontal line.
    unit, y_unit
        "percent" for proportions that are written as percentages.
    labels
        Words for x = 0, 1, 2, …: then x is the place in a sequence, such as periods.
    """
    points = [[(float(x), _known(y)) for x, y in one["points"]] for one in series]
    bands = [[(float(x), float(low), float(high)) for x, low, high in one.get("band") or ()] for one in series]
    across = [x for own in points for x, _ in own] + [float(mark[0]) for mark in marks]
    up = [y for own in points for _, y in own if y is not None] + [y for own in bands for _, *pair in own for y in pair]
    up += [] if level is None else [level]
    xs = tuple(x_span) if x_span else _across(across, len(labels))
    ys = tuple(y_span) if y_span else span(up, zero=zero)
    several = len(series) > 1
    names = [cut(str(one["name"]), LONGEST_NAME) for one in series]
    right = 10 + max((text_width(name) for name in names), default=0) if several else 12
    drawn = frame(
        xs, ys, width, height, marks=marks, unit=unit, y_unit=y_unit, right=min(right, 0.4 * width), x_labels=labels
    )
    ends = _ends(points, names, drawn) if several else [None] * len(series)
    placed = tuple(
        _line(index, one, own, band, end, drawn, labels)
        for index, (one, own, band, end) in enumerate(zip(series, points, bands, ends, strict=True))
    )
    return Lines(
        drawn,
        placed,
        tuple(Region(drawn.x(low), round(drawn.x(high) - drawn.x(low), 1), str(label)) for low, high, label in regions),
        None if level is None else drawn.y(level),
    )


def path(points: Sequence[Point], x: Scale, y: Scale) -> str:
    """Return the path through the points, broken where y is unknown."""
    parts, pen_down = [], False
    for at, value in points:
        if value is None or math.isnan(value):
            pen_down = False
            continue
        parts.append(f"{'L' if pen_down else 'M'}{x(at)} {y(value)}")
        pen_down = True
    return "".join(parts)


def marker(number: int, x: float, y: float, r: float = 3.5) -> str:
    """Return a small shape as a path: circle, square, triangle, diamond, upside-down triangle, cross."""
    d = round(1.3 * r, 1)
    shapes = (
        f"M{x - r:.1f} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z",
        f"M{x - r:.1f} {y - r:.1f}h{2 * r}v{2 * r}h{-2 * r}z",
        f"M{x} {y - 1.2 * r:.1f}l{1.2 * r:.1f} {2.1 * r:.1f}h{-2.4 * r:.1f}z",
        f"M{x} {y - d:.1f}l{d} {d}l{-d} {d}l{-d} {-d}z",
        f"M{x} {y + 1.2 * r:.1f}l{1.2 * r:.1f} {-2.1 * r:.1f}h{-2.4 * r:.1f}z",
        f"M{x - r:.1f} {y - 1:.1f}h{r - 1}v{1 - r}h2v{r - 1}h{r - 1}v2h{1 - r}v{r - 1}h-2v{1 - r}h{1 - r}z",
    )
    return shapes[(number - 1) % len(shapes)]


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _across(values: Sequence[float], labels: int) -> tuple[float, float]:
    if labels:
        return (0.0, labels - 1.0) if labels > 1 else (-0.5, 0.5)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _line(
    index: int,
    one: Mapping[str, Any],
    points: Sequence[Point],
    band: Sequence[tuple[float, float, float]],
    end: Label | None,
    drawn: Frame,
    labels: Sequence[str],
) -> Line:
    number = int(one.get("number") or index % 6 + 1)
    known = [(x, y) for x, y in points if y is not None]
    dots = tuple(
        Dot(x, y, drawn.x(x), drawn.y(y), marker(number, drawn.x(x), drawn.y(y)), labels[int(x)] if labels else None)
        for x, y in known
    )
    there = [f"{drawn.x(x)} {drawn.y(high)}" for x, _, high in band]
    back = [f"{drawn.x(x)} {drawn.y(low)}" for x, low, _ in reversed(band)]
    only_dots = bool(one.get("only_dots"))
    return Line(
        number=number,
        name=str(one["name"]),
        path="" if only_dots else path(points, drawn.x, drawn.y),
        band=f"M{'L'.join(there + back)}z" if band else "",
        dots=dots,
        markers=only_dots or len(dots) <= MOST_MARKERS,
        label=end,
    )


def _ends(points: Sequence[Sequence[Point]], names: Sequence[str], drawn: Frame) -> list[Label | None]:
    """Put each name beside the last known point of its line, and move names apart that would overlap."""
    last = [next(((x, y) for x, y in reversed(own) if y is not None), None) for own in points]
    order = sorted((index for index, one in enumerate(last) if one), key=lambda index: drawn.y(last[index][1]))  # type: ignore[index]
    wanted = [drawn.y(last[index][1]) + 4 for index in order]  # type: ignore[index]
    for number in range(1, len(wanted)):
        wanted[number] = max(wanted[number], wanted[number - 1] + LINE)
    over = max(0.0, wanted[-1] - (drawn.bottom + 4)) if wanted else 0.0
    placed: list[Label | None] = [None] * len(points)
    for index, y in zip(order, wanted, strict=True):
        placed[index] = Label(names[index], drawn.right + 8, round(y - over, 1))
    return placed
