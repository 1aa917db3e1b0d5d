"""A chart of calibration as SVG: stated probability against observed share, a panel for each score."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

import pandas as pd

SIDE, LEFT, TOP, APART, BOTTOM = 220, 60, 70, 70, 60
ACROSS = 3
"""Panels beside each other."""
INK, GRID, POINT = "#1f2933", "#d5dae0", "#0b5cad"
NAMES = {
    "kelley": "Kelley",
    "beta_binomial": "Beta-binomial",
    "wainer": "Wainer",
    "irt": "IRT, one ability",
    "irt_area": "IRT, the area alone",
}


def calibration_chart(table: pd.DataFrame) -> str:
    """Draw how stated probabilities came true.

    Parameters
    ----------
    table : DataFrame
        As `loss_tables.calibration_table` returns it.

    Returns
    -------
    str
        An SVG document with a title and a description that says all numbers in words. Points are shares with their
        95 % intervals, over the mean stated probability of their tenth; on the diagonal they come true.
    """
    panels = list(table.groupby("score", sort=False))
    rows = -(-len(panels) // ACROSS)
    width = LEFT + min(len(panels), ACROSS) * (SIDE + APART)
    height = TOP + rows * (SIDE + APART) - APART + BOTTOM
    against = str(table["convention"].iloc[0])
    title = f"Probability of lying below the standard, held against: {against}"
    described = " ".join(_described(str(score), own) for score, own in panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="title desc" font-family="sans-serif" font-size="13">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(described)}</desc>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="16" fill="{INK}">Stated and observed: {escape(against)}</text>',
    ]
    for place, (score, own) in enumerate(panels):
        x, y = LEFT + place % ACROSS * (SIDE + APART), TOP + place // ACROSS * (SIDE + APART)
        parts += [
            f'<g transform="translate({x} {y})">',
            *_axes(NAMES.get(str(score), str(score))),
            *_points(own),
            "</g>",
        ]
    return "\n".join([*parts, "</svg>", ""])


def _filled(own: pd.DataFrame) -> Iterator[tuple[int, float, float, float, float]]:
    """Yield n, mean probability, share, low and high of each tenth that has something in it."""
    for row in own[own["n"] > 0].to_dict("records"):
        p, share, low, high = (float(row[name]) for name in ("mean_probability", "share", "low", "high"))
        yield int(row["n"]), p, share, low, high


def _described(score: str, own: pd.DataFrame) -> str:
    """Say a panel in words."""
    name = NAMES.get(score, score)
    tenths = list(_filled(own))
    if not tenths:
        return f"{name}: no probabilities."
    said = [f"{p:.2f} came true for {share:.2f} of {n} ({low:.2f} to {high:.2f})" for n, p, share, low, high in tenths]
    return f"{name}, calibration error {own['calibration_error'].iloc[0]:.3f}: {'; '.join(said)}."


def _axes(name: str) -> list[str]:
    """Draw a panel's frame, its grid, its diagonal and its words."""
    parts = [f'<text x="0" y="-10" fill="{INK}" font-weight="bold">{escape(name)}</text>']
    for tenth in range(0, 11, 2):
        at, said = tenth * SIDE / 10, f"{tenth / 10:.1f}"
        parts += [
            f'<line x1="{at:.1f}" y1="0" x2="{at:.1f}" y2="{SIDE}" stroke="{GRID}"/>',
            f'<line x1="0" y1="{at:.1f}" x2="{SIDE}" y2="{at:.1f}" stroke="{GRID}"/>',
            f'<text x="{at:.1f}" y="{SIDE + 18}" text-anchor="middle" fill="{INK}">{said}</text>',
            f'<text x="-8" y="{SIDE - at + 4:.1f}" text-anchor="end" fill="{INK}">{said}</text>',
        ]
    middle = SIDE / 2
    return [
        *parts,
        f'<line x1="0" y1="{SIDE}" x2="{SIDE}" y2="0" stroke="{INK}" stroke-dasharray="5 4"/>',
        f'<text x="{middle}" y="{SIDE + 36}" text-anchor="middle" fill="{INK}">Stated probability</text>',
        f'<text x="-38" y="{middle}" text-anchor="middle" fill="{INK}" transform="rotate(-90 -38 {middle})">'
        "Observed share</text>",
    ]


def _points(own: pd.DataFrame) -> list[str]:
    """Draw the shares and their intervals, or say that there are none."""
    parts = []
    for _, p, share, low, high in _filled(own):
        x = p * SIDE
        parts += [
            f'<line x1="{x:.1f}" y1="{SIDE * (1 - low):.1f}" x2="{x:.1f}" y2="{SIDE * (1 - high):.1f}" '
            f'stroke="{POINT}" stroke-width="2"/>',
            f'<circle cx="{x:.1f}" cy="{SIDE * (1 - share):.1f}" r="4" fill="{POINT}"/>',
        ]
    none = f'<text x="{SIDE / 2}" y="{SIDE / 2}" text-anchor="middle" fill="{INK}">no probabilities</text>'
    return parts or [none]
