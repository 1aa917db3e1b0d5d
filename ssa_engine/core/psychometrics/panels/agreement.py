"""Agreement of a panel: intraclass correlations, and the generalizability of its ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ssa_engine.core.errors import Invalid

SMALLEST_SHARE = 1e-12
"""A mean square below this share of the mean square of all ratings is rounding, and counts as nothing."""
EXACT = "The judges differ by no more than a constant, so F has no finite value."
NO_SPREAD = "The panel's means of the items do not differ, so their order has no reliability."
NO_BOUND = "A value for one judge lies below -1 / (judges - 1), which no mean of judges can have, so it is left out."
ALL_SAME = "All ratings are the same, so agreement cannot be told from chance. Use items of different difficulty."


@dataclass(frozen=True)
class MeanSquares:
    """Two-way analysis of variance of n targets by k judges, one rating in each cell."""

    n: int
    k: int
    between: float
    """Of the targets, n - 1 degrees of freedom."""
    judges: float
    """Of the judges, k - 1."""
    residual: float
    """(n - 1)(k - 1)."""

    @property
    def within(self) -> float:
        """Of the ratings of the same target, n (k - 1) degrees of freedom."""
        return (self.judges + (self.n - 1) * self.residual) / self.n


def mean_squares(ratings: npt.ArrayLike) -> MeanSquares:
    """Return the mean squares of targets × judges, none missing.

    Raises
    ------
    Invalid
        If there are fewer than two targets or two judges, or a rating is missing.
    """
    values = np.asarray(ratings, dtype=float)
    if values.ndim != 2 or min(values.shape) < 2:
        raise Invalid("Agreement needs at least two judges who rated the same two items or more.")
    if not np.isfinite(values).all():
        raise Invalid("A rating is missing. Keep the items that every judge rated.")
    n, k = values.shape
    centred = values - values.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    residuals = centred - rows[:, None] - columns
    sums = np.array([k * rows @ rows, n * columns @ columns, np.sum(residuals**2)])
    squares = sums / [n - 1, k - 1, (n - 1) * (k - 1)]
    squares[squares <= SMALLEST_SHARE * np.mean(values**2)] = 0.0
    return MeanSquares(n, k, *(float(square) for square in squares))


def intraclass(ratings: npt.ArrayLike, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return the six intraclass correlations of Shrout and Fleiss with their F intervals.

    Parameters
    ----------
    ratings : array (targets, judges)
        None missing. For an Angoff panel the targets are the items.
    confidence : float
        Of the two-sided interval.

    Returns
    -------
    DataFrame
        Index `coefficient`: ICC(1,1), (2,1), (3,1) of one judge and (1,k), (2,k), (3,k) of the mean of k judges;
        case 1 each target has its own judges, 2 the judges are a sample, 3 they are all there are. Columns `icc`,
        `f`, `df1`, `df2`, `p` (of no agreement), `low`, `high`, `note`. With BMS, JMS, EMS, WMS the mean squares
        between targets, between judges, residual and within targets: ICC(1,1) = (BMS - WMS) / (BMS + (k-1) WMS);
        ICC(2,1) = (BMS - EMS) / (BMS + (k-1) EMS + k (JMS - EMS) / n); ICC(3,1) = (BMS - EMS) / (BMS + (k-1) EMS);
        of the mean (BMS - WMS) / BMS, (BMS - EMS) / (BMS + (JMS - EMS) / n), (BMS - EMS) / BMS (Shrout & Fleiss
        1979, Psychological Bulletin 86:420-428; the interval of case 2 is approximate, by Satterthwaite's degrees of
        freedom). Estimates may be below 0 and are not cut there.

    Raises
    ------
    Invalid
        If there are fewer than two targets or two judges, or a rating is missing.
    """
    ms = mean_squares(ratings)
    n, k, tail = ms.n, ms.k, (1 + confidence) / 2
    rows = [
        (_ratio(ms.between - ms.within, ms.between + (k - 1) * ms.within), ms.within, n * (k - 1)),
        (_agreement(ms), ms.residual, (n - 1) * (k - 1)),
        (_ratio(ms.between - ms.residual, ms.between + (k - 1) * ms.residual), ms.residual, (n - 1) * (k - 1)),
    ]
    single: list[tuple[object, ...]] = []
    mean: list[tuple[object, ...]] = []
    for case, (icc, error, df2) in enumerate(rows, start=1):
        f = _ratio(ms.between, error)
        interval = _interval_of_agreement(ms, icc, tail) if case == 2 else _interval(ms.between, error, n, k, df2, tail)
        p = float(stats.f.sf(f, n - 1, df2)) if np.isfinite(f) else np.nan
        note = _without_spread(ms) or ("" if np.isfinite(f) else EXACT)
        tested = (f, n - 1, df2, p)
        single.append((f"ICC({case},1)", icc, *tested, *interval, note))
        bounds = [_stepped(bound, k) for bound in interval]
        note = note or (NO_BOUND if np.isnan(bounds).any() else "")
        mean.append((f"ICC({case},k)", _stepped(icc, k), *tested, *bounds, note))
    names = ["coefficient", "icc", "f", "df1", "df2", "p", "low", "high", "note"]
    return pd.DataFrame(single + mean, columns=names).set_index("coefficient")


def _without_spread(ms: MeanSquares) -> str:
    """Say that the items do not differ, or nothing."""
    if ms.between:
        return ""
    return NO_SPREAD if ms.judges or ms.residual else ALL_SAME


def _ratio(above: float, below: float) -> float:
    return above / below if below != 0 else np.nan


def _stepped(icc: float, k: int) -> float:
    """Return the reliability of the mean of k judges (Spearman 1910; Brown 1910)."""
    below = 1 + (k - 1) * icc
    return k * icc / below if below > SMALLEST_SHARE else np.nan


def _agreement(ms: MeanSquares) -> float:
    below = ms.between + (ms.k - 1) * ms.residual + ms.k * (ms.judges - ms.residual) / ms.n
    return _ratio(ms.between - ms.residual, below)


def _interval(between: float, error: float, n: int, k: int, df2: int, tail: float) -> tuple[float, float]:
    """Return the interval of cases 1 and 3: F over, and times, its critical value; never divided by the error."""
    over, times = float(stats.f.ppf(tail, n - 1, df2)), float(stats.f.ppf(tail, df2, n - 1))
    low = _ratio(between - over * error, between + (k - 1) * over * error)
    return low, _ratio(times * between - error, times * between + (k - 1) * error)


def _interval_of_agreement(ms: MeanSquares, icc: float, tail: float) -> tuple[float, float]:
    """Return the interval of case 2, with Satterthwaite's degrees of freedom of JMS and EMS together."""
    n, k = ms.n, ms.k
    of_judges, of_error = k * icc * ms.judges, (n * (1 + (k - 1) * icc) - k * icc) * ms.residual
    below = (n - 1) * of_judges**2 + of_error**2
    if np.isnan(icc) or below == 0:
        return (icc, icc)
    df = (k - 1) * (n - 1) * (of_judges + of_error) ** 2 / below
    error = k * ms.judges + (k * n - k - n) * ms.residual
    over, times = float(stats.f.ppf(tail, n - 1, df)), float(stats.f.ppf(tail, df, n - 1))
    low = _ratio(n * (ms.between - over * ms.residual), over * error + n * ms.between)
    return low, _ratio(n * (times * ms.between - ms.residual), error + n * times * ms.between)


@dataclass(frozen=True)
class Generalizability:
    """Variance components of items × judges, each judge having rated each item once."""

    judges: int
    items: int
    item: float
    """Variance of items: what the judges see of their difficulty."""
    judge: float
    """Variance of judges: how their severity differs."""
    residual: float
    """Variance of their interaction, and of whatever else."""
    note: str

    @property
    def relative(self) -> float:
        """Generalizability coefficient: reliability of the order of items by the panel's mean."""
        return float(self.decision_study([self.judges])["relative"].iloc[0])

    @property
    def phi(self) -> float:
        """Index of dependability: reliability of the panel's mean of an item as it stands."""
        return float(self.decision_study([self.judges])["phi"].iloc[0])

    def decision_study(self, judges: Sequence[int], items: int | None = None) -> pd.DataFrame:
        """Return what panels of other sizes would reach.

        Parameters
        ----------
        judges : sequence of int
            Sizes of the panel.
        items : int, optional
            How many items it would rate; otherwise as many as now.

        Returns
        -------
        DataFrame
            Index `judges`; with s2 the variance components and n the numbers: `relative` = s2_i / (s2_i + s2_ij / n_j),
            `phi` = s2_i / (s2_i + (s2_j + s2_ij) / n_j); the standard error of the cut, the mean of all ratings:
            `se_judges` = sqrt(s2_j / n_j + s2_ij / (n_i n_j)), over other judges with these items, and
            `se_judges_and_items`, the same with s2_i / n_i under the root, over other items as well (Brennan &
            Lockwood 1980, Applied Psychological Measurement 4:219-240; Brennan 2001, Generalizability Theory).
        """
        n_j = np.asarray(judges, dtype=float)
        n_i = self.items if items is None else items
        error = self.residual / n_j
        spread = self.judge / n_j + self.residual / (n_j * n_i)
        with np.errstate(invalid="ignore"):
            relative = self.item / (self.item + error) if self.item else np.where(error > 0, 0.0, np.nan)
            absolute = error + self.judge / n_j
            phi = self.item / (self.item + absolute) if self.item else np.where(absolute > 0, 0.0, np.nan)
        return pd.DataFrame(
            {
                "relative": relative,
                "phi": phi,
                "se_judges": np.sqrt(spread),
                "se_judges_and_items": np.sqrt(spread + self.item / n_i),
            },
            index=pd.Index([int(count) for count in judges], name="judges"),
        )


def generalizability(ratings: pd.DataFrame) -> Generalizability:
    """Return the variance components of judges × items by analysis of variance.

    Parameters
    ----------
    ratings : DataFrame (judges, items)
        Missing where a judge did not rate an item; the items that every judge rated are used.

    Returns
    -------
    Generalizability
        s2_i = (MS_i - MS_ij) / n_j, s2_j = (MS_j - MS_ij) / n_i, s2_ij = MS_ij (Cronbach, Gleser, Nanda & Rajaratnam
        1972, The Dependability of Behavioral Measurements). A component estimated below 0 is set to 0, with a note.

    Raises
    ------
    Invalid
        If there are fewer than two judges or they have fewer than two items in common.
    """
    complete, left_out = complete_items(ratings)
    ms = mean_squares(complete.to_numpy(dtype=float).T)
    item, judge = (ms.between - ms.residual) / ms.k, (ms.judges - ms.residual) / ms.n
    below = [name for name, value in (("items", item), ("judges", judge)) if value < 0]
    notes = [left_out] if left_out else []
    notes += [f"The variance of {' and of '.join(below)} was estimated below 0 and is set to 0."] if below else []
    notes += [_without_spread(ms)] if not ms.between else []
    return Generalizability(ms.k, ms.n, max(item, 0.0), max(judge, 0.0), ms.residual, " ".join(notes))


def complete_items(ratings: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return judges × items without judges who rated nothing and without items that a judge left out; say which."""
    rating = ratings[ratings.notna().any(axis=1)]
    complete = rating.loc[:, rating.notna().all(axis=0)]
    idle, partial = len(ratings) - len(rating), ratings.shape[1] - complete.shape[1]
    said = []
    if idle:
        said.append(f"{idle} of {len(ratings)} judges rated nothing and {'is' if idle == 1 else 'are'} left out.")
    if partial:
        was, are = ("was", "is") if partial == 1 else ("were", "are")
        said.append(f"{partial} of {ratings.shape[1]} items {was} not rated by every judge and {are} left out.")
    return complete, " ".join(said)


def agreement(ratings: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return a panel's agreement as one table.

    Parameters
    ----------
    ratings : DataFrame (judges, items)
        Missing where a judge did not rate an item; the items that every judge rated are used.
    confidence : float
        Of the intervals.

    Returns
    -------
    DataFrame
        Columns `measure`, `value`, `low`, `high`, `judges`, `items`, `note`. Measures: the six intraclass correlations,
        `relative` and `phi` as of `Generalizability`, `variance_items`, `variance_judges`, `variance_residual`,
        `se_judges`, `se_judges_and_items`, and `sd_within_items`, the root of the mean square within items. All values
        are missing, and the note says why, where fewer than two judges have two items in common.
    """
    complete, _ = complete_items(ratings)
    names = [f"ICC({case},{of})" for of in ("1", "k") for case in (1, 2, 3)]
    others = ["relative", "phi", "variance_items", "variance_judges", "variance_residual"]
    others += ["se_judges", "se_judges_and_items", "sd_within_items"]
    table = pd.DataFrame({"measure": names + others, "value": np.nan, "low": np.nan, "high": np.nan})
    table = table.assign(judges=len(complete), items=complete.shape[1], note="")
    try:
        study = generalizability(ratings)
    except Invalid as error:
        return table.assign(note=error.sentence)
    values = complete.to_numpy(dtype=float).T
    icc = intraclass(values, confidence=confidence)
    now = study.decision_study([study.judges]).iloc[0]
    table.loc[:5, ["value", "low", "high"]] = icc[["icc", "low", "high"]].to_numpy()
    of_others = [now["relative"], now["phi"], study.item, study.judge, study.residual]
    of_others += [now["se_judges"], now["se_judges_and_items"], np.sqrt(mean_squares(values).within)]
    table.loc[6:, "value"] = np.asarray(of_others, dtype=float)
    table["note"] = [*icc["note"], *[study.note] * len(others)]
    return table
