"""A chart of standards as SVG: the cumulative curve, each method's cut, and the band of its error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

import pandas as pd

from ssa_engine.core.psychometrics.panels.tables import AreaStandard

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM, LINE = 70, 20, 50, 60, 20
INK, GRID, CURVE = "#1f2933", "#d5dae0", "#1f2933"
COLOURS = ("#0b5cad", "#a8420b", "#20744a", "#6b3fa0", "#8a6100", "#3d4852")
DASHES = ("none", "8 4", "2 4", "10 3 2 3", "14 4", "4 2")


def area_charts(standards: Sequence[AreaStandard], cuts: pd.DataFrame, others: pd.DataFrame | None = None) -> list[str]:
    """Draw each area's curve with its cuts and those of other panels, as `standard_chart` does."""
    drawn = cuts if others is None else pd.concat([cuts, others], ignore_index=True)
    charts = []
    for each in standards:
        curve, own = each.curve, drawn[drawn["area"] == each.area]
        score, share = ([], []) if curve is None else (curve.score.tolist(), curve.share_below.tolist())
        charts.append(standard_chart(each.area, score, share, own, candidates=0 if curve is None else curve.candidates))
    return charts


def standard_chart(
    area: str, score: Sequence[float], share_below: Sequence[float], cuts: pd.DataFrame, *, candidates: int
) -> str:
    """Draw one area's curve and cuts.

    Parameters
    ----------
    area : str
        Named in the title.
    score, share_below : sequences of the same length
        Corners of the curve, 0 to 1; may be empty where there are no candidates.
    cuts : DataFrame
        `method`, `cut_proportion`, `low`, `high`; the band is drawn where both ends are there.
    candidates : int
        How many the curve stands on.

    Returns
    -------
    str
        An SVG document with a title and a description that says all numbers in words.
    """
    drawn = cuts[cuts["cut_proportion"].notna()].reset_index(drop=True)
    height = HEIGHT + 8 + LINE * len(drawn)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-labelledby="title desc" font-family="sans-serif" font-size="13">',
        f'<title id="title">{escape(f"Standards and scores: {area}")}</title>',
        f'<desc id="desc">{escape(_described(drawn, candidates))}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *_axes(area),
    ]
    numbers = drawn[["cut_proportion", "low", "high"]].to_numpy(dtype=float)
    for number, (method, (cut, low, high)) in enumerate(zip(drawn["method"], numbers, strict=True)):
        parts += _cut(number, str(method), cut, low, high)
    inside = [(x, y) for x, y in zip(score, share_below, strict=True) if x <= 1]
    if inside:
        points = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in inside)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{CURVE}" stroke-width="2.5"/>')
    return "\n".join([*parts, "</svg>", ""])


def _x(score: float) -> float:
    return LEFT + score * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _described(cuts: pd.DataFrame, candidates: int) -> str:
    """Say the chart in words."""
    said = [f"Share of {candidates} candidates below each score." if candidates else "No scores of candidates."]
    numbers = cuts[["cut_proportion", "low", "high"]].to_numpy(dtype=float)
    for method, (cut, low, high) in zip(cuts["method"], numbers, strict=True):
        band = f", band {low:.3f} to {high:.3f}" if math.isfinite(low) and math.isfinite(high) else ""
        said.append(f"{method}: cut {cut:.3f}{band}.")
    return " ".join(said)


def _axes(area: str) -> list[str]:
    """Draw the frame, its grid and its words."""
    bottom = HEIGHT - BOTTOM
    parts = [f'<text x="{LEFT}" y="24" font-size="16" fill="{INK}">{escape(area)}</text>']
    for tenth in range(0, 11, 2):
        at = tenth / 10
        parts += [
            f'<line x1="{_x(at):.1f}" y1="{TOP}" x2="{_x(at):.1f}" y2="{bottom}" stroke="{GRID}"/>',
            f'<line x1="{LEFT}" y1="{_y(at):.1f}" x2="{WIDTH - RIGHT}" y2="{_y(at):.1f}" stroke="{GRID}"/>',
            f'<text x="{_x(at):.1f}" y="{bottom + 20}" text-anchor="middle" fill="{INK}">{at:.1f}</text>',
            f'<text x="{LEFT - 8}" y="{_y(at) + 4:.1f}" text-anchor="end" fill="{INK}">{at:.1f}</text>',
        ]
    middle = (TOP + bottom) / 2
    across = (LEFT + WIDTH - RIGHT) / 2
    return [
        *parts,
        f'<text x="{across}" y="{HEIGHT - 16}" text-anchor="middle" fill="{INK}">Proportion right</text>',
        f'<text x="20" y="{middle}" text-anchor="middle" fill="{INK}" transform="rotate(-90 20 {middle})">'
        "Share of candidates below</text>",
    ]


def _cut(number: int, method: str, cut: float, low: float, high: float) -> list[str]:
    """Draw a cut as an upright line of its own colour and dashes, its band, and its line of the legend.

    The band of the first is shaded over the whole height; those of others are bars, so that none hides another.
    """
    colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    line = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
    parts, said = [], f"{method}: {cut:.3f}"
    if math.isfinite(low) and math.isfinite(high):
        said += f", band {low:.3f} to {high:.3f}"
        top, tall = (TOP, HEIGHT - TOP - BOTTOM) if number == 0 else (TOP + 12 * number, 5)
        parts.append(
            f'<rect x="{_x(low):.1f}" y="{top}" width="{_x(high) - _x(low):.1f}" height="{tall}" '
            f'fill="{colour}" fill-opacity="{0.14 if number == 0 else 0.8}"/>'
        )
    at = HEIGHT + 8 + LINE * number
    return [
        *parts,
        f'<line x1="{_x(cut):.1f}" y1="{TOP}" x2="{_x(cut):.1f}" y2="{HEIGHT - BOTTOM}" {line}/>',
        f'<line x1="{LEFT}" y1="{at}" x2="{LEFT + 40}" y2="{at}" {line}/>',
        f'<text x="{LEFT + 50}" y="{at + 4}" fill="{INK}">{escape(said)}</text>',
    ]
