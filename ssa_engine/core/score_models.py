"""Scores that may decide beside the raw one: probabilities from counts, augmented scores, item response theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import Augmentation, Policy, TrueScorePrior
from ssa_engine.core.policy_checks import require_parameters

if TYPE_CHECKING:
    from ssa_engine.core.psychometrics.subscores.own_item_scores import OwnItemScores

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-9
"""Standards are decimal proportions in binary floats."""
BLOCK = 5_000
"""So many attempts are taken at a time, so that memory doesn't grow with their number."""


def below_by_counts(
    points: npt.ArrayLike, items: npt.ArrayLike, standard: npt.ArrayLike, prior: TrueScorePrior
) -> Floats:
    """Return the posterior probability that true scores lie below their standards, from points alone.

    P = I_standard(x + alpha, n - x + beta), the regularised incomplete beta function (Novick & Jackson 1974,
    Statistical Methods for Educational and Psychological Research).

    Parameters
    ----------
    points, items, standard : arrays (of shapes that broadcast)
        Points x earned of n items, and the standard as a proportion; missing where there is no item.
    prior : TrueScorePrior
        Beta(alpha, beta) of the true scores.

    Returns
    -------
    array (of the broadcast shape)
    """
    from scipy.special import betainc

    x, n, cut = np.broadcast_arrays(
        np.asarray(points, dtype=float), np.asarray(items, dtype=float), np.asarray(standard, dtype=float)
    )
    which, first = _cases(n.ravel(), x.ravel(), cut.ravel())
    n_of, x_of = n.ravel()[first], x.ravel()[first]
    with np.errstate(invalid="ignore"):
        found = betainc(x_of + prior.alpha, n_of - x_of + prior.beta, cut.ravel()[first])
    return np.asarray(np.where(n_of > 0, found, np.nan)[which].reshape(x.shape))


def _cases(items: Floats, points: Floats, standard: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Number the distinct (items, points, standard): the case of each row, and one row of each case.

    By one number a row and a hash table: a million rows have a few hundred cases, and to sort them is what costs.
    """
    counted, counts = pd.factorize(items)
    standards, _ = pd.factorize(standard)
    earned, different = pd.factorize(points)
    which, cases = pd.factorize((standards * len(counts) + counted) * len(different) + earned)
    one_row = np.empty(len(cases), dtype=np.intp)
    one_row[which] = np.arange(len(which))
    return which, one_row


def augmented_scores(points: npt.ArrayLike, items: npt.ArrayLike, augmentation: Augmentation) -> tuple[Floats, Floats]:
    """Estimate true area scores from the scores of all areas (Wainer's augmented scores).

    mu + T (T + D)^-1 (x - mu) over the areas an attempt has, with D = diag(e / n); the posterior covariance is
    T - T (T + D)^-1 T (Wainer, Vevea, Camacho, Reeve, Rosa, Nelson, Swygert & Thissen 2001, Augmented scores, in
    Thissen & Wainer, Test Scoring).

    Parameters
    ----------
    points, items : arrays (N, K)
        Points and numbers of items, in the order of `augmentation.areas`; 0 items: the attempt lacks the area.
    augmentation : Augmentation
        mu, T and e of the population.

    Returns
    -------
    estimates, sds : arrays (N, K)
        Estimates of the true scores and their posterior SDs, proportions correct; missing where there is no item. An
        estimate is a regression and may leave 0 to 1 by a little.
    """
    x, n = np.asarray(points, dtype=float), np.asarray(items, dtype=float)
    mean, which, kinds = np.array(augmentation.means), *_kinds(n)
    weights, spread = _regressions(kinds, augmentation)
    estimates = np.empty(x.shape)
    for start in range(0, len(x), BLOCK):
        rows = slice(start, start + BLOCK)
        apart = np.divide(x[rows], n[rows], out=np.broadcast_to(mean, x[rows].shape).copy(), where=n[rows] > 0) - mean
        estimates[rows] = mean + np.einsum("nk,njk->nj", apart, weights[which[rows]])
    return np.where(n > 0, estimates, np.nan), np.where(n > 0, spread[which], np.nan)


def _kinds(items: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """Number the rows by their numbers of items; return each row's kind, and the numbers of each kind."""
    which = np.zeros(len(items), dtype=np.int64)
    for column in items.T:  # one hash table a column beats sorting whole rows
        codes, values = pd.factorize(column)
        which, _ = pd.factorize(which * max(len(values), 1) + codes)
    _, first = np.unique(which, return_index=True)
    return which, items[first]


def _regressions(kinds: Floats, augmentation: Augmentation) -> tuple[Floats, Floats]:
    """Return T (T + D)^-1 of each kind (G, K, K) and the posterior SDs (G, K); an area without items is left out."""
    true, error = np.array(augmentation.true_covariance), np.array(augmentation.error_variances)
    has = kinds > 0
    t = true * (has[:, :, None] & has[:, None, :])
    noise = np.divide(error, kinds, out=np.ones(kinds.shape), where=has)
    weights = np.linalg.solve(t + noise[:, :, None] * np.eye(len(error)), t).transpose(0, 2, 1)
    left = np.diagonal(t, axis1=1, axis2=2) - (weights * t).sum(axis=2)
    return weights, np.sqrt(np.maximum(left, 0.0))


def below_by_augmentation(
    points: npt.ArrayLike, items: npt.ArrayLike, standards: npt.ArrayLike, augmentation: Augmentation
) -> Floats:
    """Return the probability that true scores lie below the standards, by a normal posterior around augmented scores.

    P = Phi((standard - estimate) / sd). Where the true scores do not vary (sd 0) it is 1 or 0.

    Parameters
    ----------
    points, items : arrays (N, K)
        As for `augmented_scores`.
    standards : array (K,)
        Proportions correct, in the order of `augmentation.areas`.
    augmentation : Augmentation
        The population.

    Returns
    -------
    array (N, K)
        Missing where there is no item.
    """
    estimates, sds = augmented_scores(points, items, augmentation)
    return _below_by_normal(estimates, sds, np.asarray(standards, dtype=float))


def _below_by_normal(estimates: Floats, sds: Floats, standards: Floats) -> Floats:
    from scipy.special import ndtr

    short = standards - estimates
    certain = np.where(np.isnan(short), np.nan, (short > TOLERANCE).astype(float))
    return np.where(sds > 0, ndtr(np.divide(short, sds, out=np.zeros_like(short), where=sds > 0)), certain)


def item_parameters_of(bank: ItemBank) -> pd.DataFrame:
    """Return index `item_id`; `a`, `b` (logistic metric, missing where the bank has none) of every item."""
    found = [(item.id, item.statistics.a, item.statistics.b) for item in bank.items]
    return pd.DataFrame(found, columns=["item_id", "a", "b"]).set_index("item_id").astype(float)


def below_by_item_parameters(marked: pd.DataFrame, items: pd.DataFrame, standards: Mapping[str, float]) -> pd.DataFrame:
    """Return the posterior probability that true area scores lie below the standards, attempts × areas.

    As `own_item_scores` computes it: one ability from all scored items, the true score over the attempt's own items.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `content_area`, `correct`; rows with `scored` false are left out. An item that earns
        a part of its credit counts as not right.
    items : DataFrame
        Index `item_id`; `a`, `b` and perhaps `c` of every scored item.
    standards : mapping
        Content area -> proportion correct; gives the areas and their order.

    Returns
    -------
    DataFrame
        Attempts (in the order they first come) × areas; missing where an attempt has no item of the area.

    Raises
    ------
    Invalid
        If a scored item has no usable parameters, or stands in two areas.
    """
    return _by_item_parameters(marked, items, standards).below


def expected_scores(marked: pd.DataFrame, items: pd.DataFrame, areas: Sequence[str]) -> pd.DataFrame:
    """Return the scores expected on each attempt's own items at its EAP ability, attempts × areas, proportions correct.

    Parameters and errors as for `below_by_item_parameters`.
    """
    return _by_item_parameters(marked, items, dict.fromkeys(areas, 0.0)).expected


def _by_item_parameters(marked: pd.DataFrame, items: pd.DataFrame, standards: Mapping[str, float]) -> OwnItemScores:
    from ssa_engine.core.psychometrics.matrix import response_matrix
    from ssa_engine.core.psychometrics.subscores.own_item_scores import own_item_scores

    scored = marked[marked["scored"].to_numpy(dtype=bool)] if "scored" in marked else marked
    pairs = scored[["item_id", "content_area"]].drop_duplicates().astype(str)
    twice = pairs["item_id"].duplicated()
    if twice.any():
        raise Invalid(f"Item '{pairs.loc[twice, 'item_id'].iloc[0]}' is in two content areas. Give each item one.")
    known = items[items[["a", "b"]].notna().all(axis=1) & (items["a"] > 0)]
    require_parameters(sorted(set(pairs["item_id"]) - set(known.index)))
    areas = dict(zip(pairs["item_id"], pairs["content_area"], strict=True))
    return own_item_scores(response_matrix(scored), known, areas, standards)


def with_model(area_scores: pd.DataFrame, marked: pd.DataFrame, bank: ItemBank, policy: Policy) -> pd.DataFrame:
    """Return the area scores with what the policy's own score says.

    Parameters
    ----------
    area_scores, marked : DataFrame
        As `scoring.score_areas` returns them, and what they were computed from.
    bank : ItemBank
        Gives the item parameters.
    policy : Policy
        Where it decides by the raw score or by counts, the area scores stay as they are.

    Returns
    -------
    DataFrame
        With `estimate` (a proportion correct) and with `probability_below` replaced, by augmented scores or by item
        response theory.
    """
    model = policy.decision.model
    if model == "beta_binomial":
        return area_scores
    if model == "augmented":
        return with_augmented(area_scores, policy)
    found = _by_item_parameters(marked, item_parameters_of(bank), policy.standards)
    rows = found.below.index.get_indexer(pd.Index(area_scores["attempt_id"].astype(object)))
    columns = found.below.columns.get_indexer(pd.Index(area_scores["content_area"].astype(object)))
    estimate, below = (table.to_numpy()[rows, columns] for table in (found.expected, found.below))
    return area_scores.assign(estimate=estimate, probability_below=below)


def with_augmented(area_scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the area scores with `estimate`, the augmented score, and its `probability_below`.

    Raises
    ------
    Invalid
        If the policy carries no population, or one without one of its areas.
    """
    if policy.augmentation is None:
        raise Invalid("The policy has no 'augmentation'. Estimate it from a cohort, or choose another rule.")
    areas = list(policy.standards)
    population = policy.augmentation.of(areas)
    attempts, ids = pd.factorize(area_scores["attempt_id"])
    columns = pd.Index(areas).get_indexer(pd.Index(area_scores["content_area"].astype(object)))
    points, items = np.zeros((len(ids), len(areas))), np.zeros((len(ids), len(areas)))
    points[attempts, columns] = area_scores["points"].to_numpy(dtype=float)
    items[attempts, columns] = area_scores["items"].to_numpy(dtype=float)
    estimates, sds = augmented_scores(points, items, population)
    below = _below_by_normal(estimates, sds, np.array(list(policy.standards.values())))
    return area_scores.assign(estimate=estimates[attempts, columns], probability_below=below[attempts, columns])
