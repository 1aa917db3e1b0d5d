"""Compromises between the cut judges ask for and the share it leaves below: Hofstee, Beuk, De Gruijter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.panels.rounds import ALL_ALIKE, ONE_JUDGE, Cut, interval
from ssa_engine.core.psychometrics.panels.score_curves import SMALLEST_SD, ScoreCurve

Floats = npt.NDArray[np.float64]
NO_SLOPE = "The judges agree on the cut and on the share, so there is nothing to weigh one against the other."
NEAR = 1e-9
"""Of a cut or a share: closer than this is the same."""
AT_THE_END = "The line and the curve do not meet; the cut is the end of the range where they come nearest."


@dataclass(frozen=True)
class Compromise:
    """A cut on the cumulative curve, and the line that leads to it."""

    cut: Cut
    share_below: float | None
    """Of the candidates, at the cut."""
    start: tuple[float, float]
    """(cut, share below): Hofstee's upper left corner; for the others the judges' means."""
    slope: float | None
    """Of the line in share below per unit of cut; below or equal 0. None where the line is upright or there is none."""


def hofstee(curve: ScoreCurve, judgements: pd.DataFrame, *, confidence: float = 0.95) -> Compromise:
    """Return Hofstee's compromise.

    Parameters
    ----------
    curve : ScoreCurve
    judgements : DataFrame
        One row for each judge: `min_cut`, `max_cut` (lowest and highest acceptable cut), `lowest_share_below`,
        `highest_share_below` (of the candidates), all 0 to 1.
    confidence : float
        Of the interval, Student's t with the jackknife error over judges.

    Returns
    -------
    Compromise
        Where the line from (mean min_cut, mean highest_share_below) to (mean max_cut, mean lowest_share_below) meets
        the curve (Hofstee 1983, in Anderson & Helmick, On Educational Testing, 109-127). Where it does not, the end of
        the line that is nearer to the curve: min_cut if the curve lies above it, else max_cut; a note says so.

    Raises
    ------
    Invalid
        If a column is missing, or there is no judge.
    """
    names = ["min_cut", "max_cut", "lowest_share_below", "highest_share_below"]
    values = _columns(judgements, names, "Hofstee")

    def place(rows: Floats) -> tuple[float, str]:
        low, high, fewest, most = (float(mean) for mean in rows.mean(axis=0))
        return _met(curve.crossing((low, most), _over(fewest - most, high - low), low, high))

    low, high, fewest, most = (float(mean) for mean in values.mean(axis=0))
    convention = "means over judges; share below the cut, straight lines between scores; jackknife error over judges"
    return _compromise(
        "hofstee", convention, curve, values, place, (low, most), _over(fewest - most, high - low), confidence
    )


def beuk(curve: ScoreCurve, judgements: pd.DataFrame, *, confidence: float = 0.95) -> Compromise:
    """Return Beuk's compromise.

    Parameters
    ----------
    curve : ScoreCurve
    judgements : DataFrame
        One row for each judge: `cut` and `share_below`, 0 to 1; or the four columns of `hofstee`, whose middles are
        taken.
    confidence : float
        Of the interval, Student's t with the jackknife error over judges.

    Returns
    -------
    Compromise
        Where the line through the judges' means meets the curve, whose slope in share at or above the cut is
        SD(share) / SD(cut), in share below its negative (Beuk 1984, J. Educ. Meas. 21:147-152; divisor n - 1, which
        cancels). The side on which judges agree more gives way less.

    Raises
    ------
    Invalid
        If a column is missing, or there is no judge.
    """
    values = _cut_and_share(judgements, "Beuk")

    def place(rows: Floats) -> tuple[float, str]:
        sd_cut, sd_share = _spreads(rows)
        cut, share = (float(mean) for mean in rows.mean(axis=0))
        if sd_cut <= SMALLEST_SD and sd_share <= SMALLEST_SD:
            return np.nan, NO_SLOPE if len(rows) > 1 else ONE_JUDGE
        return _met(curve.crossing((cut, share), _over(-sd_share, sd_cut), 0.0, 1.0))

    sd_cut, sd_share = _spreads(values)
    convention = "slope SD(share) / SD(cut) over judges; straight lines between scores; jackknife error over judges"
    start = (float(values[:, 0].mean()), float(values[:, 1].mean()))
    return _compromise("beuk", convention, curve, values, place, start, _over(-sd_share, sd_cut), confidence)


def de_gruijter(curve: ScoreCurve, judgements: pd.DataFrame, *, confidence: float = 0.95) -> Compromise:
    """Return De Gruijter's compromise.

    Parameters
    ----------
    curve : ScoreCurve
    judgements : DataFrame
        As for `beuk`; with `cut_uncertainty` and `share_uncertainty`, the standard deviations in which each judge
        states how unsure the two are.
    confidence : float
        Of the interval, Student's t with the jackknife error over judges.

    Returns
    -------
    Compromise
        The point of the curve on the smallest ellipse ((cut - c) / s_c)^2 + ((share - v) / s_v)^2 around the judges'
        means c and v (De Gruijter 1985, J. Educ. Meas. 22:263-269). s_c and s_v are the root mean squares of the stated
        uncertainties; where none are stated, the SDs between judges, and the convention says so.

    Raises
    ------
    Invalid
        If a column is missing, there is no judge, or an uncertainty is below 0.
    """
    stated = {"cut_uncertainty", "share_uncertainty"} <= set(judgements.columns)
    values = _cut_and_share(judgements, "De Gruijter")
    if stated:
        unsure = _columns(judgements, ["cut_uncertainty", "share_uncertainty"], "De Gruijter")
        values = np.column_stack([values, unsure])

    def place(rows: Floats) -> tuple[float, str]:
        sd_cut, sd_share = np.sqrt((rows[:, 2:] ** 2).mean(axis=0)) if stated else _spreads(rows)
        cut, share = (float(mean) for mean in rows[:, :2].mean(axis=0))
        if sd_cut <= SMALLEST_SD and sd_share <= SMALLEST_SD:
            return np.nan, NO_SLOPE if len(rows) > 1 else ONE_JUDGE
        return curve.nearest(cut, share, float(sd_cut), float(sd_share)), ""

    unsure_of = "stated uncertainties" if stated else "SDs between judges"
    convention = f"ellipse of {unsure_of}; straight lines between scores; jackknife error over judges"
    start = (float(values[:, 0].mean()), float(values[:, 1].mean()))
    return _compromise("de-gruijter", convention, curve, values, place, start, None, confidence)


def _columns(judgements: pd.DataFrame, names: list[str], method: str) -> Floats:
    """Return these columns, once sure that every judge filled them in."""
    missing = [name for name in names if name not in judgements]
    if missing:
        raise Invalid(f"The method of {method} needs the columns {', '.join(names)}; {', '.join(missing)} is missing.")
    values = judgements[names].to_numpy(dtype=float)
    if not len(values):
        raise Invalid(f"The method of {method} needs at least one judge.")
    bad = ~(np.isfinite(values) & (values >= 0) & (values <= 1))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise Invalid(f"'{names[column]}' of judge {int(row) + 1} is missing or lies outside 0 to 1.")
    return values


def _cut_and_share(judgements: pd.DataFrame, method: str) -> Floats:
    """Return each judge's cut and share below; of ranges the middles."""
    ranges = ["min_cut", "max_cut", "lowest_share_below", "highest_share_below"]
    if set(ranges) <= set(judgements.columns) and not {"cut", "share_below"} <= set(judgements.columns):
        values = _columns(judgements, ranges, method)
        return np.column_stack([values[:, :2].mean(axis=1), values[:, 2:].mean(axis=1)])
    return _columns(judgements, ["cut", "share_below"], method)


def _spreads(rows: Floats) -> tuple[float, float]:
    if len(rows) < 2:
        return 0.0, 0.0
    sd_cut, sd_share = rows[:, :2].std(axis=0, ddof=1)
    return float(sd_cut), float(sd_share)


def _met(found: tuple[float, bool]) -> tuple[float, str]:
    return found[0], "" if found[1] else AT_THE_END


def _over(rise: float, run: float) -> float | None:
    return rise / run if run > SMALLEST_SD else None


def _why_unmoved(method: str, curve: ScoreCurve, values: Floats, cut: float, *, held: bool) -> str:
    """Say why the cut is the same without any one judge, and that its error of 0 therefore says nothing."""
    if not (np.ptp(values, axis=0) > SMALLEST_SD).any():
        return ALL_ALIKE
    agreed = np.where(np.ptp(values, axis=0) > SMALLEST_SD, np.nan, values.mean(axis=0))
    cuts, shares = (agreed[:2], agreed[2:]) if method == "hofstee" else (agreed[:1], agreed[1:2])
    why = ""
    if held:
        why = ", as it is held at an end of its range, which is the same for all"
    elif (np.abs(cuts - cut) <= NEAR).any():
        why = ", as it is the cut on which all judges agree"
    elif (np.abs(shares - curve.below(cut)) <= NEAR).any():
        why = ", as it goes with the share on which all judges agree"
    elif (np.abs(np.append(curve.score, [0.0, 1.0]) - cut) <= NEAR).any():
        why = ", as it stays at a corner of the curve"
    return f"The cut is the same without any one of the judges{why}; that its error is 0 says nothing of other judges."


def _compromise(
    method: str,
    convention: str,
    curve: ScoreCurve,
    values: Floats,
    place: Callable[[Floats], tuple[float, str]],
    start: tuple[float, float],
    slope: float | None,
    confidence: float,
) -> Compromise:
    """Place the cut, and again without each judge in turn for its jackknife error (Efron 1982)."""
    judges = len(values)
    cut, note = place(values)
    notes, se = [note] if note else [], np.nan
    if judges > 1 and np.isfinite(cut):
        without = np.array([place(np.delete(values, judge, axis=0))[0] for judge in range(judges)])
        se = float(np.sqrt((judges - 1) * np.mean((without - without.mean()) ** 2)))
        se = 0.0 if se <= SMALLEST_SD else se
        notes += [] if np.isfinite(se) else ["Without one of the judges there is no cut, so its error is unknown."]
        notes += [_why_unmoved(method, curve, values, cut, held=note == AT_THE_END)] if se == 0 else []
    elif note != ONE_JUDGE and judges == 1:
        notes.append(ONE_JUDGE)
    low, high = interval(cut, se, judges, confidence)
    there = bool(np.isfinite(cut))
    made = Cut(
        method=method,
        convention=convention,
        proportion=cut if there else None,
        se=se if np.isfinite(se) else None,
        low=low,
        high=high,
        judges=judges,
        items=None,
        note=" ".join(notes),
    )
    return Compromise(made, float(curve.below(cut)) if there else None, start, slope)
