"""What a set of standards does to people: their decisions area by area, their whole profile, their credits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import betainc

from ssa_engine.core.policies import CreditRule, DecisionRule
from ssa_engine.core.prescriptions import decide
from ssa_engine.core.psychometrics.decisions import classification as methods
from ssa_engine.core.psychometrics.decisions.area_groups import AreaGroup
from ssa_engine.core.psychometrics.decisions.beta_binomial import ONE_POINT, Array, BetaTrueScores, cut_probabilities
from ssa_engine.core.psychometrics.decisions.classification import classify, pool
from ssa_engine.core.psychometrics.decisions.credit_error import (
    Area,
    AreaForm,
    CreditError,
    area_credits,
    profile_consistency,
    total_credits,
)
from ssa_engine.core.psychometrics.decisions.decision_tables import NO_TRUE_VARIANCE, Groups, usable
from ssa_engine.core.psychometrics.subscores.expected_loss import by_raw_score
from ssa_engine.core.psychometrics.subscores.true_scores import FittedPrior, prior_by_moments
from ssa_engine.core.scoring import needed

ALL_AREAS = "all areas"
NO_RULE = "No credit rule is given, so there are no credits."
NO_MODEL = "No length of this area has two attempts and two items, so nothing is known of its errors."
FEWEST_FOR_CORRELATION = 3


def decision_table(
    groups: Groups,
    standards: Mapping[str, float],
    *,
    loss_ratio: float | None = None,
    rule: DecisionRule | None = None,
) -> pd.DataFrame:
    """Return each attempt's probability of lying truly below the standard, and what is decided.

    With a Beta(alpha, beta) distribution of true scores, fitted by moments to the attempts of the area, the posterior
    is Beta(alpha + x, beta + n - x): an empirical Bayes estimate (Keats & Lord 1962, Psychometrika 27:59-72).

    Parameters
    ----------
    groups, standards
        As for `decision_tables.area_table`.
    loss_ratio : float, optional
        How many times as bad a missed need is as needless CE: short for a rule of that expected loss with no band.
    rule : DecisionRule, optional
        A policy's; goes before `loss_ratio`. Without either: by the raw score.

    Returns
    -------
    DataFrame
        `attempt_id`, `content_area`, `items`, `score` (proportion correct), `below_standard`, `probability_below`,
        `decision` (prescribe, prescribe_half, offer_only or none), `rule` (that decided), `note` (what to mind of the
        probability: see `subscores.true_scores`).
    """
    if rule is None:
        rule = DecisionRule(rule="expected_loss", loss_ratio=loss_ratio) if loss_ratio is not None else DecisionRule()
    parts = [_posterior(part, standards[area], prior) for area, own in groups.items() for part, prior in _prior(own)]
    table = pd.concat(parts, ignore_index=True)
    if rule.rule == "raw":
        decided = by_raw_score(table["below_standard"].to_numpy(dtype=bool))
    else:
        decided = decide(table["probability_below"].to_numpy(dtype=float), rule)
    return table.assign(decision=decided, rule=rule_in_words(rule), note=table.pop("note"))


def rule_in_words(rule: DecisionRule) -> str:
    """Return what decides: the column `rule`."""
    if rule.rule == "raw":
        return "raw score below the standard"
    band = rule.indeterminate
    inside = f"; {band.rule} from {band.low:g} to {band.high:g}" if band else ""
    return f"expected loss, loss ratio {rule.loss_ratio:g}{inside}"


def _prior(parts: Sequence[AreaGroup]) -> Iterator[tuple[AreaGroup, FittedPrior]]:
    """Yield an area's groups, each with the prior fitted to all of them."""
    correct = np.concatenate([part.correct for part in parts])
    prior = prior_by_moments(correct, np.repeat([part.items for part in parts], [len(part) for part in parts]))
    for part in parts:
        yield part, prior


def _posterior(part: AreaGroup, standard: float, prior: FittedPrior) -> pd.DataFrame:
    alpha, beta = prior.alpha + part.correct, prior.beta + part.items - part.correct
    return pd.DataFrame(
        {
            "attempt_id": part.matrix.attempts.to_numpy(),
            "content_area": part.content_area,
            "items": part.items,
            "score": part.correct / part.items,
            "below_standard": part.correct < needed(standard, part.items),
            "probability_below": betainc(alpha, beta, standard),
            "note": prior.note,
        }
    )


def _fitted(part: AreaGroup) -> BetaTrueScores:
    return methods.beta_binomial(part.frequencies, cut=0, true_cut=0.0).true_scores


def profile_table(
    groups: Groups,
    standards: Mapping[str, float],
    *,
    rule: CreditRule | None = None,
    standard_errors: Mapping[str, float] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how areas, the whole profile and the credits would repeat on a retest, by the exact beta-binomial.

    Parameters
    ----------
    groups, standards
        As for `decision_tables.area_table`.
    rule : CreditRule, optional
        Turns items short of the standard into credits.
    standard_errors : mapping, optional
        Standard error of an area's standard (a proportion), from its panel; 0 where an area is not named.

    Returns
    -------
    DataFrame
        A row for each area and one for `all areas`: `content_area`, `consistency` (P of the same decision on a retest;
        for all areas, of the same decision in every one), `mean_credits`, `retest_sd` (of one candidate's credits over
        retests), `mean_credits_with_cut`, `sd_with_cut` (over retests and panels), `note`. Totals are those of a
        candidate who takes every area; a total cap holds in the row of all areas only.
    """
    errors = standard_errors or {}
    areas = {name: _area(name, parts, standards[name], errors.get(name, 0.0)) for name, parts in groups.items()}
    known = [area for area in areas.values() if area is not None]
    rows: list[dict[str, object]] = []
    for name, area in areas.items():
        if area is None:
            rows.append({"content_area": name, "note": NO_MODEL})
            continue
        credits = area_credits(area, rule) if rule else None
        notes = usable(groups[name])[1]
        if ONE_POINT in [form.true_scores.fit[0] for form in area.forms]:
            notes.append(NO_TRUE_VARIANCE)
        rows.append(_row(name, _consistency(area), credits, notes))
    if known:
        correlation, notes = true_correlations(groups, known)
        if len(known) < len(areas):
            notes.append(f"Without {', '.join(name for name, area in areas.items() if area is None)}.")
        same = profile_consistency(known, correlation, seed=seed)
        credits = total_credits(known, rule, correlation, seed=seed) if rule else None
        rows.append(_row(ALL_AREAS, same, credits, notes))
    columns = ["content_area", "consistency", "mean_credits", "retest_sd", "mean_credits_with_cut", "sd_with_cut"]
    return pd.DataFrame(rows, columns=[*columns, "note"])


def _row(name: str, consistency: float, credits: CreditError | None, notes: Sequence[str]) -> dict[str, object]:
    row: dict[str, object] = {"content_area": name, "consistency": consistency}
    if credits is None:
        return row | {"note": " ".join([*notes, NO_RULE])}
    return row | {
        "mean_credits": credits.mean,
        "retest_sd": credits.retest_sd,
        "mean_credits_with_cut": credits.mean_with_cut,
        "sd_with_cut": credits.sd_with_cut,
        "note": " ".join(notes),
    }


def _area(name: str, parts: Sequence[AreaGroup], standard: float, standard_error: float) -> Area | None:
    forms = tuple(AreaForm(part.items, float(len(part)), _fitted(part)) for part in usable(parts)[0])
    return Area(name, standard, standard_error, forms) if forms else None


def _consistency(area: Area) -> float:
    found = [
        cut_probabilities(
            form.true_scores,
            items=form.items,
            cuts=np.array([needed(area.standard, form.items)]),
            true_cuts=np.array([area.standard]),
        )
        for form in area.forms
    ]
    return float(classify(pool(found, [form.weight for form in area.forms])).consistency.item())


def true_correlations(groups: Groups, areas: Sequence[Area]) -> tuple[Array, list[str]]:
    """Return the correlations of true scores: covariances of proportions correct over the SDs of the true scores.

    Errors of different areas are independent, so the covariance of scores is that of true scores (Spearman 1904). 0
    where fewer than three attempts have both areas, or true scores do not vary.
    """
    wide = pd.DataFrame(
        {
            area.content_area: pd.concat(
                [pd.Series(part.correct / part.items, part.matrix.attempts) for part in groups[area.content_area]]
            )
            for area in areas
        }
    )
    covariance = wide.cov(min_periods=FEWEST_FOR_CORRELATION).to_numpy()
    spread = np.sqrt([_true_variance(area) for area in areas])
    both = np.outer(spread, spread)
    found = np.divide(covariance, both, out=np.zeros_like(both), where=(both > 0) & np.isfinite(covariance))
    np.fill_diagonal(found, 1.0)
    beyond = np.abs(found[np.triu_indices(len(areas), 1)]) > 1
    note = "Some correlations of true scores came out above 1 and were held to 1."
    return np.clip(found, -1.0, 1.0), [note] if beyond.any() else []


def _true_variance(area: Area) -> float:
    weights = np.array([form.weight for form in area.forms])
    means, variances = [], []
    for form in area.forms:
        one = form.true_scores
        size = one.alpha + one.beta
        share = one.alpha / size
        width = one.upper - one.lower
        means.append((one.lower + width * share).item())
        variances.append((width**2 * share * (1 - share) / (size + 1)).item())
    mean = np.average(means, weights=weights)
    return float(np.average(np.array(variances) + (np.array(means) - mean) ** 2, weights=weights))
