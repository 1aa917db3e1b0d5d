"""Groups of candidates compared: who belongs to which, rates of prescription and mean area scores with intervals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.matrix import ResponseMatrix

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FOUR_FIFTHS = 0.8
ALL_AREAS = "all areas"
"""Stands for the content area in the rows of whole attempts."""


def two_groups(
    responses: ResponseMatrix, groups: pd.Series, focal: str, reference: str | None = None
) -> tuple[ResponseMatrix, Flags]:
    """Return the attempts of two groups, and which of them are in the focal group.

    Parameters
    ----------
    responses : ResponseMatrix
        All attempts.
    groups : Series
        Index attempt_id; the group, missing where unknown. Numbers are read as text.
    focal, reference : str
        The groups to compare; without `reference`, the focal group with all others whose group is known.

    Raises
    ------
    Invalid
        If one of the two is empty, or an attempt has its group twice.
    """
    focal, reference = str(focal), None if reference is None else str(reference)
    named = _as_text(groups).reindex(responses.attempts).to_numpy(dtype=object)
    known = ~pd.isna(named)
    is_focal = known & (named == focal)
    is_reference = known & ~is_focal if reference is None else known & (named == reference)
    found = ", ".join(sorted({f"'{name}'" for name in named[known]})) or "none"
    if focal == reference:
        raise Invalid(f"Reference and focal group are both '{focal}'. Name two different groups.")
    if not is_focal.any():
        raise Invalid(f"No attempt is in the focal group '{focal}'. Groups found: {found}.")
    if not is_reference.any():
        who = f"the reference group '{reference}'" if reference is not None else "any other group"
        raise Invalid(f"No attempt is in {who}, so there is nothing to compare '{focal}' with. Groups found: {found}.")
    keep = is_focal | is_reference
    return ResponseMatrix(responses.attempts[keep], responses.items, responses.values[keep]), is_focal[keep]


def newcombe_interval(
    events: npt.ArrayLike, n: npt.ArrayLike, events_reference: npt.ArrayLike, n_reference: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the interval of a difference of two proportions, `events / n` less the reference's, from Wilson's.

    With l, u the limits of each Wilson (1927) interval: d − √((p₁−l₁)² + (u₂−p₂)²), d + √((u₁−p₁)² + (p₂−l₂)²)
    (Newcombe 1998, Statistics in Medicine 17:873-890, method 10). Missing where an n is 0.
    """
    first, low, high = wilson_interval(events, n, level)
    second, low_reference, high_reference = wilson_interval(events_reference, n_reference, level)
    difference = first - second
    below = np.hypot(first - low, high_reference - second)
    above = np.hypot(high - first, second - low_reference)
    return difference - below, difference + above


def agresti_caffo_interval(
    events: npt.ArrayLike, n: npt.ArrayLike, events_reference: npt.ArrayLike, n_reference: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the Wald interval of a difference of two proportions after adding two to each n, half of them events.

    Agresti & Caffo (2000, The American Statistician 54:280-288), held within −1 and 1. Missing where an n is 0.
    """
    first, second = (np.asarray(events, float) + 1), (np.asarray(events_reference, float) + 1)
    total, total_reference = _known_n(n) + 2, _known_n(n_reference) + 2
    rate, rate_reference = first / total, second / total_reference
    half = norm.ppf((1 + level) / 2) * np.sqrt(
        rate * (1 - rate) / total + rate_reference * (1 - rate_reference) / total_reference
    )
    difference = rate - rate_reference
    return np.maximum(difference - half, -1.0), np.minimum(difference + half, 1.0)


def wilson_interval(events: npt.ArrayLike, n: npt.ArrayLike, level: float) -> tuple[Floats, Floats, Floats]:
    """Return a proportion and its Wilson score interval (Wilson 1927, J. Am. Stat. Assoc. 22:209-212)."""
    total = _known_n(n)
    rate = np.asarray(events, float) / total
    z = float(norm.ppf((1 + level) / 2))
    centre = (rate + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * np.sqrt(rate * (1 - rate) / total + z**2 / (4 * total**2))
    # At 0 and at n the limit is the proportion itself, but for rounding.
    return rate, np.minimum(np.maximum(centre - half, 0.0), rate), np.maximum(np.minimum(centre + half, 1.0), rate)


def _known_n(n: npt.ArrayLike) -> Floats:
    total = np.asarray(n, float)
    return np.where(total > 0, total, np.nan)


def prescription_rates(
    area_scores: pd.DataFrame, groups: pd.Series, *, reference: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Compare how often groups were prescribed something, per content area and over all areas.

    Parameters
    ----------
    area_scores : DataFrame
        `attempt_id`, `content_area`, `credits` (else `below_standard`), one row per attempt and area.
    groups : Series
        Index attempt_id; the group, missing where unknown. Numbers are read as text.
    reference : str
        The group the others are compared with; without it, the largest one.

    Returns
    -------
    DataFrame
        One row per area and group, first those of `ALL_AREAS` (prescribed in any): `content_area`, `group`, `n`,
        `prescribed`, `rate`; `difference` from the reference group, with limits `lower`, `upper` (Newcombe) and
        `lower_agresti_caffo`, `upper_agresti_caffo`; `ratio`, the share without a prescription over the highest such
        share of any group, and `below_four_fifths`, whether that is below .8 (Uniform Guidelines on Employee Selection
        Procedures 1978, 29 CFR 1607.4 D; a convention of law, no test); `note`.

    Raises
    ------
    Invalid
        If fewer than two groups have attempts, the reference group has none, or an attempt has its group twice.
    """
    named = _with_groups(area_scores, groups)
    prescribed = named["credits"] > 0 if "credits" in named else named["below_standard"].astype(bool)
    named = named.assign(value=prescribed.astype(float))
    whole = named.groupby(["attempt_id", "group"], observed=True, sort=False)["value"].max().reset_index()
    cells, base = _cells(pd.concat([whole.assign(content_area=ALL_AREAS), named]), reference)
    cells["prescribed"], cells["rate"] = np.rint(cells.pop("total")).astype(int), cells.pop("mean")
    compared = cells["group"].to_numpy() != cells["group"].to_numpy()[base]
    events, n = cells["prescribed"].to_numpy(), cells["n"].to_numpy()
    newcombe = newcombe_interval(events, n, events[base], n[base], level)
    agresti_caffo = agresti_caffo_interval(events, n, events[base], n[base], level)
    spared = 1 - cells["rate"]
    highest = spared.groupby(cells["content_area"]).transform("max")
    ratio = spared / highest.where(highest > 0)
    cells["difference"] = np.where(compared, cells["rate"] - cells["rate"].to_numpy()[base], np.nan)
    for name, limit in zip(("lower", "upper"), newcombe, strict=True):
        cells[name] = np.where(compared, limit, np.nan)
    for name, limit in zip(("lower_agresti_caffo", "upper_agresti_caffo"), agresti_caffo, strict=True):
        cells[name] = np.where(compared, limit, np.nan)
    notes = _presence(n, base)
    return cells.drop(columns="sd").assign(ratio=ratio, below_four_fifths=ratio < FOUR_FIFTHS - 1e-12, note=notes)


def mean_area_scores(
    area_scores: pd.DataFrame, groups: pd.Series, *, reference: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Compare the mean score of groups per content area.

    Parameters
    ----------
    area_scores : DataFrame
        `attempt_id`, `content_area`, `score`, one row per attempt and area.
    groups, reference
        As in `prescription_rates`.

    Returns
    -------
    DataFrame
        One row per area and group: `content_area`, `group`, `n`, `mean`, `sd` (divisor n − 1); `difference` from the
        reference group with limits `lower`, `upper` of Welch (1947, Biometrika 34:28-35); `hedges_g`, the difference in
        pooled SDs times 1 − 3/(4 df − 1) (Hedges 1981, J. Educ. Stat. 6:107-128); `note`.

    Raises
    ------
    Invalid
        As in `prescription_rates`.
    """
    named = _with_groups(area_scores, groups)
    cells, base = _cells(named.assign(value=named["score"].astype(float)), reference)
    n, mean, sd = (cells[name].to_numpy(dtype=float) for name in ("n", "mean", "sd"))
    compared = cells["group"].to_numpy() != cells["group"].to_numpy()[base]
    pairs = compared & (n > 1) & (n[base] > 1)
    difference = np.where(compared, mean - mean[base], np.nan)
    first, second = (np.where(pairs, sd[rows] ** 2, np.nan) for rows in (slice(None), base))
    varies = pairs & (np.nan_to_num(first + second) > 0)
    square, square_base = np.where(varies, first, 1.0), np.where(varies, second, 1.0)
    n_safe, n_base = np.where(varies, n, 2.0), np.where(varies, n[base], 2.0)
    error = square / n_safe + square_base / n_base
    df = error**2 / ((square / n_safe) ** 2 / (n_safe - 1) + (square_base / n_base) ** 2 / (n_base - 1))
    half = np.where(varies, student.ppf((1 + level) / 2, df) * np.sqrt(error), np.nan)
    pooled_df = n_safe + n_base - 2
    pooled = np.sqrt(((n_safe - 1) * square + (n_base - 1) * square_base) / pooled_df)
    notes = _presence(n, base)
    alone, level_scores = compared & ~pairs, compared & ~varies
    notes = np.where((notes == "") & alone, "An interval needs two attempts in each of the groups.", notes)
    notes = np.where((notes == "") & level_scores, "The scores do not vary, so there is no interval.", notes)
    return cells.drop(columns="total").assign(
        difference=difference,
        lower=difference - half,
        upper=difference + half,
        hedges_g=np.where(varies, difference / pooled * (1 - 3 / (4 * pooled_df - 1)), np.nan),
        note=notes,
    )


def _with_groups(area_scores: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Return the rows whose attempt has a known group, with the group and the areas as text."""
    named = area_scores.assign(
        group=_as_text(groups).reindex(area_scores["attempt_id"]).to_numpy(dtype=object),
        content_area=area_scores["content_area"].astype(str),
    )
    named = named[named["group"].notna()]
    found = sorted(named["group"].unique())
    if len(found) < 2:
        which = f"only '{found[0]}'" if found else "no group at all"
        raise Invalid(f"There is nothing to compare: found {which}. Give attempts of at least two groups.")
    return named


def _as_text(groups: pd.Series) -> pd.Series:
    """Return the groups as text, missing where unknown; whole numbers without a decimal point."""
    twice = groups.index[groups.index.duplicated()]
    if len(twice):
        raise Invalid(f"Attempt '{twice[0]}' has its group twice. Give each attempt one group.")
    known = groups.convert_dtypes()
    return known.astype(str).astype(object).where(known.notna(), None)


def _cells(named: pd.DataFrame, reference: str | None) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    """Return `content_area`, `group`, `n`, `total`, `mean`, `sd`, and for every row the row of its reference group."""
    by_group = named.groupby("group")["attempt_id"].nunique()
    base_group = str(by_group.idxmax() if reference is None else reference)
    if base_group not in by_group.index:
        known = ", ".join(f"'{name}'" for name in by_group.index)
        raise Invalid(f"No attempt is in the reference group '{base_group}'. Groups found: {known}.")
    areas, all_groups = list(named["content_area"].unique()), list(by_group.index)
    values = named.groupby(["content_area", "group"])["value"]
    cells = pd.DataFrame({"n": values.size(), "total": values.sum(), "mean": values.mean(), "sd": values.std()})
    cells = cells.reindex(
        pd.MultiIndex.from_product([areas, all_groups], names=["content_area", "group"])
    ).reset_index()
    cells["n"] = cells["n"].fillna(0).astype(int)
    cells["total"] = cells["total"].fillna(0.0)
    first_of_area = np.arange(len(cells)) // len(all_groups) * len(all_groups)
    return cells, first_of_area + all_groups.index(base_group)


def _presence(n: npt.NDArray[np.generic], base: npt.NDArray[np.intp]) -> npt.NDArray[np.object_]:
    nobody = "Nobody of this group had this area."
    return np.select([n == 0, n[base] == 0], [nobody, "Nobody of the reference group had this area."], "").astype(
        object
    )
