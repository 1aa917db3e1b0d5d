"""Tables of short subscores: what areas are worth, and attempts' true scores beside the standards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.matrix import response_matrix
from ssa_engine.core.psychometrics.subscores.estimates import (
    SMALLEST,
    Subscores,
    estimated_subscores,
    moments_of,
    observed_subscores,
    over,
)
from ssa_engine.core.psychometrics.subscores.held_out import area_scores, placed, scored_rows, usable_items
from ssa_engine.core.psychometrics.subscores.true_scores import below_by_beta_binomial, below_by_normal, cohort_priors
from ssa_engine.core.psychometrics.subscores.true_scores_irt import below_by_irt
from ssa_engine.core.psychometrics.subscores.value import prmse, what_more_items_buy

Floats = npt.NDArray[np.float64]

FURTHER_ITEMS = 10

NO_REST = "The other areas' true variance is unknown or none, so there is no correlation with the rest."
LEFT_OUT = "The attempt has no items in some area, so it has no estimates that need all areas."
NO_ERROR = "The scores leave no error beside the true variance, so there is no normal approximation."


def subscore_table(marked: pd.DataFrame) -> pd.DataFrame:
    """Return what each area's score is worth, a row each, areas by name.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `correct`, `content_area`; rows with `scored` false are left out.

    Returns
    -------
    DataFrame
        `content_area`; `attempts` (with items in every area), `items` (mean number), `mean`, `sd` (number correct,
        divisor N - 1), `reliability` and its `method`, `sem` (of the proportion correct), `prmse_s`, `prmse_x`,
        `prmse_sx`, `prmse_wainer`, `added_value_s`, `added_value_sx` (see `value.prmse`), `rest_correlation`
        (disattenuated, with the sum of the other areas; not held to 1), and with ten more items `reliability_10_more`,
        `sem_10_more`, `prmse_x_10_more`, `prmse_wainer_10_more`, `added_value_s_10_more`; `note`. Where the whole
        analysis is impossible the cells are missing and the note says why.
    """
    scored = scored_rows(marked)
    try:
        subscores = observed_subscores(scored)
    except Invalid as impossible:
        names = sorted(scored["content_area"].unique())
        return pd.DataFrame({"content_area": names}, columns=list(_COLUMNS)).assign(note=impossible.sentence)
    table = prmse(subscores).rename(columns={"n": "attempts"})
    now, more = (what_more_items_buy(subscores, [extra]).set_index("content_area") for extra in (0, FURTHER_ITEMS))
    table["sem"] = now["sem"]
    table["rest_correlation"] = rest_correlations(subscores)
    for name in _WITH_MORE:
        table[f"{name}_{FURTHER_ITEMS}_more"] = more[name]
    table.loc[table["rest_correlation"].isna() & (table["note"] == ""), "note"] = NO_REST
    if subscores.left_out:
        told = f"{subscores.left_out} attempts without items in some area are left out."
        table["note"] = (table["note"] + " " + told).str.strip()
    return table.reset_index()[list(_COLUMNS)]


_WITH_MORE = ("reliability", "sem", "prmse_x", "prmse_wainer", "added_value_s")
_COLUMNS = (
    *("content_area", "attempts", "items", "mean", "sd", "reliability", "method", "sem", "prmse_s", "prmse_x"),
    *("prmse_sx", "prmse_wainer", "added_value_s", "added_value_sx", "rest_correlation"),
    *(f"{name}_{FURTHER_ITEMS}_more" for name in _WITH_MORE),
    "note",
)


def rest_correlations(subscores: Subscores) -> Floats:
    """Return each area's disattenuated correlation with the sum of the others, (A,).

    cov(x, rest) / sqrt(T_jj T_rest), T_rest the sum of the others' block of the true covariances (Spearman 1904, Am.
    J. Psychol. 15:72-101; the rest's reliability is stratified alpha, Cronbach, Schönemann & McKie 1965, Educ.
    Psychol. Meas. 25:291-312). Missing where a reliability is unknown or none; an area that doesn't vary adds nothing.
    """
    moments = moments_of(subscores)
    own = np.diag(moments.covariance)
    true = moments.true.copy()
    np.fill_diagonal(true, np.where(own < SMALLEST, 0.0, np.diag(true)))
    of_rest = true.sum() - 2 * true.sum(axis=1) + np.diag(true)
    both = np.diag(true) * of_rest
    known = np.isfinite(both) & (np.diag(true) > 0) & (of_rest > 0)
    return over(moments.covariance.sum(axis=1) - own, np.sqrt(np.where(known, both, np.nan)))


def true_score_table(
    marked: pd.DataFrame, standards: Mapping[str, float], *, items: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return estimates of each attempt's true area scores, and probabilities that they lie below the standards.

    Parameters
    ----------
    marked : DataFrame
        As for `subscore_table`.
    standards : mapping
        Proportion correct of each area.
    items : DataFrame, optional
        Index `item_id`; `a`, `b` and perhaps `c`: adds the probabilities by item response theory.

    Returns
    -------
    DataFrame
        By attempt and area: `attempt_id`, `content_area`, `items`, `standard`; proportions correct `raw`, `kelley`,
        `wainer`, `weighted` (area and total); `below_standard` (the raw score); `below_kelley`, `below_wainer` (normal
        approximation), `below_beta_binomial` (prior fitted to the cohort by moments), with items `below_irt` (one
        ability) and `below_irt_area` (the area's own answers); `note`.
    """
    scored = scored_rows(marked)
    scores = area_scores(scored, standards)
    found = scores[["attempt_id", "content_area", "items", "standard"]].assign(raw=scores["score"])
    estimates, note = _estimates(scored, scores, standards)
    for name in ("kelley", "wainer", "weighted"):
        found[name] = estimates[name]
    found["below_standard"] = scores["below_standard"]
    priors = cohort_priors(scores, "moments")
    found["below_kelley"] = estimates["below_kelley"]
    found["below_beta_binomial"] = below_by_beta_binomial(scores, priors)
    found["below_wainer"] = estimates["below_wainer"]
    notes = [note, _of_area(scores, priors["note"])]
    if items is not None:
        told = _add_irt(found, scored, standards, items)
        notes.append(_of_area(scores, pd.Series(told, dtype=object)))
    joined = pd.Series("", index=found.index, dtype=object)
    for told_of_rows in notes:
        joined = joined + " " + told_of_rows
    return found.assign(note=joined.str.split().str.join(" "))


def _estimates(
    scored: pd.DataFrame, scores: pd.DataFrame, standards: Mapping[str, float]
) -> tuple[dict[str, Floats], pd.Series]:
    """Return what needs the scores of all areas, one entry per row of `scores`, and a note for each row."""
    names = ("kelley", "wainer", "weighted", "below_kelley", "below_wainer")
    try:
        subscores = observed_subscores(scored)
    except Invalid as impossible:
        missing = np.full(len(scores), np.nan)
        return dict.fromkeys(names, missing), pd.Series(impossible.sentence, index=scores.index)
    found = estimated_subscores(subscores)
    tables = {name: getattr(found, name) / subscores.items for name in names[:3]}
    tables["below_kelley"] = below_by_normal(subscores, standards, "kelley")
    tables["below_wainer"] = below_by_normal(subscores, standards)
    lacking = np.logical_or.reduce([table.isna().any() for table in tables.values()])
    said = prmse(subscores)["note"].replace("", NO_ERROR).where(lacking, "")
    notes = _of_area(scores, said)
    out = ~pd.Index(scores["attempt_id"]).isin(subscores.attempts)
    return {name: placed(table, scores) for name, table in tables.items()}, notes.mask(out, LEFT_OUT)


def _of_area(scores: pd.DataFrame, notes: pd.Series) -> pd.Series:
    """Return each row's note of its area, from notes by area."""
    return pd.Series([notes.get(area, "") for area in scores["content_area"]], index=scores.index, dtype=object)


def _add_irt(
    found: pd.DataFrame, scored: pd.DataFrame, standards: Mapping[str, float], items: pd.DataFrame
) -> dict[str, str]:
    """Add the probabilities by item response theory; return what is said of areas that have none."""
    usable = usable_items(scored, items)
    with_curve = set(usable.areas.values()) - set(usable.notes)
    cuts = {area: standard for area, standard in standards.items() if area in with_curve}
    found["below_irt"] = found["below_irt_area"] = np.nan
    if cuts:
        matrix = response_matrix(scored[scored["item_id"].isin(usable.items.index)])
        found["below_irt"] = placed(below_by_irt(matrix, usable.items, usable.areas, cuts), found)
        of_area = below_by_irt(matrix, usable.items, usable.areas, cuts, ability="area")
        found["below_irt_area"] = placed(of_area, found)
    return usable.notes
