"""Charts of a report as SVG of its own: attributes only, so that a browser and a typesetter draw the same."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

from ssa_engine.core.technical_report import Figure, Row

WIDTH, LEFT, RIGHT, TOP = 640, 56, 16, 12
PLOT = 190
"""Height of a histogram's plot."""
ROW = 26
INK, QUIET, GRID, FILL, MARK = "#1f2933", "#52606d", "#d9dee4", "#2f6f9f", "#a8420b"
FONT = 'font-family="Libertinus Serif, Georgia, serif" font-size="13"'


def chart(figure: Figure) -> str:
    """Draw a figure. The words that say it to those who cannot see are the figure's own and stand beside it."""
    if figure.kind == "histogram":
        height, parts = TOP + PLOT + 44, _histogram(figure)
    else:
        height, parts = TOP + ROW * len(figure.rows) + 44 + (18 if figure.mark else 0), _rows(figure)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            f'{FONT} fill="{INK}">',
            *parts,
            "</svg>",
        ]
    )


def round_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return at most `most` round values from low to high, with steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for factor in (1, 2, 5, 10, 20):
        step = power * factor
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [round(number * step, 10) for number in range(first, last + 1)]
    return [low, high]


def _histogram(figure: Figure) -> list[str]:
    low, high = figure.bins[0][0], figure.bins[-1][1]
    heights = [count * figure.per / (end - start) if figure.per else count for start, end, count in figure.bins]
    most = max(1, *heights)
    bottom = TOP + PLOT

    def x(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts = []
    for tick in [value for value in round_ticks(0, most, 5) if value == int(value)]:
        y = bottom - tick / most * (PLOT - 16)
        parts += [_line(LEFT, y, WIDTH - RIGHT, y, GRID), _text(LEFT - 8, y + 4, f"{tick:g}", "end", QUIET)]
    for (start, end, _), high_as in zip(figure.bins, heights, strict=True):
        tall = high_as / most * (PLOT - 16)
        parts.append(
            f'<rect x="{x(start) + 0.5:.1f}" y="{bottom - tall:.1f}" width="{max(0.5, x(end) - x(start) - 1):.1f}" '
            f'height="{tall:.1f}" fill="{FILL}"/>'
        )
    parts.append(_line(LEFT, bottom, WIDTH - RIGHT, bottom, INK))
    parts += [_text(x(tick), bottom + 18, _number(tick), "middle", QUIET) for tick in round_ticks(low, high, 11)]
    return [
        *parts,
        _text(WIDTH - RIGHT, bottom + 36, figure.x, "end", INK),
        _text(LEFT - 8, TOP + 4, figure.y, "start", INK) if figure.y else "",
    ]


def _rows(figure: Figure) -> list[str]:
    left = min(300.0, 16 + max(6.6 * len(row.name) for row in figure.rows))
    low, high = figure.span or _span(figure)
    bottom = TOP + ROW * len(figure.rows)

    def x(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (WIDTH - left - RIGHT - 40)

    parts = []
    for tick in round_ticks(low, high, 8):
        parts += [
            _line(x(tick), TOP, x(tick), bottom, GRID),
            _text(x(tick), bottom + 18, _number(tick), "middle", QUIET),
        ]
    for number, row in enumerate(figure.rows):
        y = TOP + ROW * (number + 0.5)
        parts.append(_text(left - 10, y + 4, _cut(row.name, int((left - 10) / 6.2)), "end", INK))
        parts += _row(figure, row, y, x)
    if figure.mark:
        parts += [
            _line(left + 4, bottom + 44, left + 4, bottom + 56, MARK, 3),
            _text(left + 12, bottom + 55, figure.mark, "start", INK),
        ]
    return [*parts, _text(WIDTH - RIGHT, bottom + 36, figure.x, "end", INK)]


def _row(figure: Figure, row: Row, y: float, x: object) -> list[str]:
    at = x if callable(x) else float
    parts = []
    if row.value is not None and figure.kind == "bars":
        start = at(max(0.0, figure.span[0] if figure.span else 0.0))
        parts.append(
            f'<rect x="{start:.1f}" y="{y - 7:.1f}" width="{max(0.0, at(row.value) - start):.1f}" height="14" '
            f'fill="{FILL}"/>'
        )
    if row.low is not None and row.high is not None and math.isfinite(row.low) and math.isfinite(row.high):
        parts.append(_line(at(row.low), y, at(row.high), y, FILL, 2))
        parts += [_line(at(end), y - 5, at(end), y + 5, FILL, 2) for end in (row.low, row.high)]
    if row.value is not None and figure.kind == "intervals":
        parts.append(f'<circle cx="{at(row.value):.1f}" cy="{y:.1f}" r="4.5" fill="{FILL}"/>')
    if row.mark is not None:
        parts.append(_line(at(row.mark), y - 10, at(row.mark), y + 10, MARK, 3))
    return parts


def _span(figure: Figure) -> tuple[float, float]:
    known = [value for row in figure.rows for value in (row.value, row.low, row.high, row.mark) if value is not None]
    return min(0.0, *known), max(1e-9, *known)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
