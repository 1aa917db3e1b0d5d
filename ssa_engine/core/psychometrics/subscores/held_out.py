"""Half of each attempt's items foretells the other half: probabilities of a held-out score below the standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.psychometrics.irt.ability_equations import log_probabilities
from ssa_engine.core.psychometrics.irt.models import normal_quadrature, probability
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix, response_matrix, sorted_codes
from ssa_engine.core.psychometrics.subscores.estimates import estimated_subscores, moments_of, observed_subscores
from ssa_engine.core.psychometrics.subscores.probability_checks import split_halves
from ssa_engine.core.psychometrics.subscores.true_scores import cohort_priors, predicted_below
from ssa_engine.core.scoring import items_needed, score_areas

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.int8]

NODES = 21
"""Gauss-Hermite nodes of a normal true score."""
BLOCK = 2_000
"""So many attempts are taken at a time, so that memory doesn't grow with their number."""
NAMED = 3
"""So many items are named in a note."""


@dataclass(frozen=True, eq=False, slots=True)
class UsableItems:
    """Items whose parameters can be used: `items`, their `areas`, and `notes`: area -> why it has no curve."""

    items: pd.DataFrame
    areas: dict[str, str]
    notes: dict[str, str]


def scored_rows(marked: pd.DataFrame) -> pd.DataFrame:
    """Return the scored rows, with areas in the order of their names."""
    scored = marked[marked["scored"].to_numpy(dtype=bool)] if "scored" in marked else marked
    codes, areas = sorted_codes(scored["content_area"])
    return scored.assign(content_area=pd.Categorical.from_codes(codes, categories=areas.astype(str)))


def area_scores(scored: pd.DataFrame, standards: Mapping[str, float]) -> pd.DataFrame:
    """Return the scores of attempts in areas, all or nothing for an item, as `scoring.score_areas` does."""
    policy = Policy(standards=dict(standards), credits=CreditRule(rule="flat", credits=0.0))
    return score_areas(scored[["attempt_id", "content_area", "correct"]].assign(scored=True), policy)


def placed(table: pd.DataFrame, scores: pd.DataFrame) -> Floats:
    """Return the cells of attempts × areas that the rows of `scores` name; missing where there is none."""
    row = table.index.get_indexer(pd.Index(scores["attempt_id"].astype(object)))
    column = table.columns.get_indexer(pd.Index(scores["content_area"].astype(object)))
    return np.where((row >= 0) & (column >= 0), table.to_numpy(dtype=float)[row, column], np.nan)


def usable_items(scored: pd.DataFrame, items: pd.DataFrame) -> UsableItems:
    """Return the items answered that have usable parameters; an area with an item that has none has no curve."""
    pairs = scored[["item_id", "content_area"]].drop_duplicates().astype(str)
    a, b = items["a"].to_numpy(dtype=float), items["b"].to_numpy(dtype=float)
    c = items["c"].fillna(0.0).to_numpy(dtype=float) if "c" in items else np.zeros(len(items))
    good = np.isfinite(a) & (a > 0) & np.isfinite(b) & (c >= 0) & (c < 1)
    chosen = items[good & items.index.isin(pairs["item_id"])]
    notes = {}
    twice = set(pairs.loc[pairs["item_id"].duplicated(keep=False), "item_id"])
    for area, own in pairs.groupby("content_area", sort=True)["item_id"]:
        lacking = sorted(set(own) - set(chosen.index))
        if lacking:
            more = f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
            notes[str(area)] = f"Items without usable parameters: {', '.join(lacking[:NAMED])}{more}."
        elif twice & set(own):
            notes[str(area)] = f"Item '{min(twice & set(own))}' is in two areas, so neither has a true-score curve."
    return UsableItems(chosen, dict(zip(pairs["item_id"], pairs["content_area"], strict=True)), notes)


def held_out_halves(
    marked: pd.DataFrame, standards: Mapping[str, float], *, items: pd.DataFrame | None = None, seed: int = 0
) -> pd.DataFrame:
    """Foretell from a random half of each attempt's items of an area whether the other half will be below the cut.

    What is known of the other half is its score, so what is foretold is its score: the true score's distribution given
    the first half, with binomial error over the held-out items (beta-binomial; normal for Kelley's and Wainer's
    estimates, by Gauss-Hermite, held to 0 … 1), or the distribution of the score on these very items given theta (Lord
    & Wingersky 1984, Applied Psychological Measurement 8:453-461) over theta's posterior.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `correct`, `content_area`; rows with `scored` false are left out.
    standards : mapping
        Proportion correct of each area.
    items : DataFrame, optional
        Index `item_id`; `a`, `b` and perhaps `c`: adds item response theory.
    seed : int
        Of the halves. Priors and reliabilities are fitted to the first halves alone.

    Returns
    -------
    DataFrame
        By attempt and area with two items or more: `attempt_id`, `content_area`, `items`, `held_out_items`,
        `below_standard` (the first half's score), `below_kelley`, `below_beta_binomial`, `below_wainer`, with items
        `below_irt` and `below_irt_area`: probabilities of a held-out score below the standard; `happened`.
    """
    scored = scored_rows(marked)
    first, second = split_halves(scored, seed)
    known, held = area_scores(first, standards), area_scores(second, standards)
    told = held[["attempt_id", "content_area", "items", "below_standard"]].rename(
        columns={"items": "held_out_items", "below_standard": "happened"}
    )
    both = known.merge(told, on=["attempt_id", "content_area"])
    count = both["held_out_items"].to_numpy(dtype=np.int64)
    cut = items_needed(both["standard"].to_numpy(dtype=float), count).astype(float)
    kelley, wainer = _by_normal(first, both, count.astype(float), cut)
    found = both[["attempt_id", "content_area", "items", "held_out_items", "below_standard"]].assign(
        below_kelley=kelley,
        below_beta_binomial=predicted_below(both, cohort_priors(known, "moments"), count),
        below_wainer=wainer,
    )
    if items is not None:
        usable = usable_items(scored, items)
        for name, ability in (("below_irt", "overall"), ("below_irt_area", "area")):
            found[name] = _by_irt(first, second, both, usable, cut, own_answers=ability == "area")
    return found.assign(happened=both["happened"].to_numpy(dtype=bool))


def _by_normal(first: pd.DataFrame, both: pd.DataFrame, count: Floats, cut: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities by Kelley's and by Wainer's estimate."""
    try:
        subscores = observed_subscores(first)
    except Invalid:
        return np.full(len(both), np.nan), np.full(len(both), np.nan)
    moments, estimates = moments_of(subscores), estimated_subscores(subscores)
    true = np.diag(moments.true)
    column = subscores.areas.get_indexer(pd.Index(both["content_area"].astype(object)))
    found = []
    for estimate, explained in ((estimates.kelley, moments.reliability), (estimates.wainer, moments.prmse_wainer)):
        left = true * (1 - explained)
        sd = np.sqrt(np.where((true > 0) & (left > 0), left, np.nan)) / subscores.items
        mean = placed(estimate, both) / subscores.items[column]
        found.append(score_below_by_normal(mean, sd[column], count, cut))
    return found[0], found[1]


def score_below_by_normal(mean: Floats, sd: Floats, count: Floats, cut: Floats) -> Floats:
    """Return P(score < cut) of `count` items where the true proportion is normal and errors are binomial.

    All arrays (N,). P(Y < c | p) = I_{1-p}(count - c + 1, c); the true proportion is held to 0 … 1.
    """
    at, weight = np.polynomial.hermite_e.hermegauss(NODES)
    p = np.clip(mean[:, None] + sd[:, None] * at, 0.0, 1.0)
    least = np.maximum(cut, 1.0)[:, None]
    below = betainc(count[:, None] - least + 1, least, 1 - p) @ (weight / weight.sum())
    return np.where((cut > 0) | np.isnan(below), below, 0.0)


def _by_irt(
    first: pd.DataFrame,
    second: pd.DataFrame,
    both: pd.DataFrame,
    usable: UsableItems,
    cut: Floats,
    *,
    own_answers: bool,
) -> Floats:
    """Return the probabilities by item response theory; missing in areas without a curve."""
    items = usable.items
    found = np.full(len(both), np.nan)
    if not len(items) or not len(both):
        return found
    attempts = pd.Index(both["attempt_id"].astype(object).unique())
    answers, held = (_marks(half, attempts, items.index) for half in (first, second))
    row = attempts.get_indexer(pd.Index(both["attempt_id"].astype(object)))
    names = both["content_area"].astype(str).to_numpy()
    area_of = np.array([usable.areas[item] for item in items.index], dtype=object)
    for area in sorted(set(names) - set(usable.notes)):
        mine = np.flatnonzero(names == area)
        columns = np.flatnonzero(area_of == area)
        told = columns if own_answers else np.arange(len(items))
        for part in _blocks(mine):
            rows = row[part]
            found[part] = score_below_by_irt(
                answers[np.ix_(rows, told)],
                items.iloc[told],
                held[np.ix_(rows, columns)],
                items.iloc[columns],
                cut[part],
            )
    return found


def _blocks(rows: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]


def _marks(half: pd.DataFrame, attempts: pd.Index, items: pd.Index) -> Marks:
    """Return the marks of these attempts and items; ABSENT where there is none."""
    own = half[half["item_id"].isin(items)]
    marks = np.full((len(attempts), len(items)), ABSENT, dtype=np.int8)
    if len(own):
        matrix: ResponseMatrix = response_matrix(own)
        marks[np.ix_(*_places(matrix, attempts, items))] = matrix.values
    return marks


def _places(matrix: ResponseMatrix, attempts: pd.Index, items: pd.Index) -> tuple[list[int], list[int]]:
    return attempts.get_indexer(matrix.attempts).tolist(), items.get_indexer(matrix.items).tolist()


def score_below_by_irt(
    answers: Marks, answered: pd.DataFrame, held: Marks, held_items: pd.DataFrame, cut: Floats
) -> Floats:
    """Return P(score on the held-out items < cut | answers), theta ~ N(0, 1).

    Parameters
    ----------
    answers : array (N, J)
        Marks, ABSENT where there is none, of the items whose parameters `answered` gives.
    held : array (N, K)
        Anything but ABSENT where an item of `held_items` is held out; what it is plays no part.
    cut : array (N,)
        Least number correct that is not below.
    """
    quadrature = normal_quadrature()
    right, wrong = log_probabilities(quadrature.points, answered)
    posterior = (answers == 1).astype(float) @ right.T + (answers == 0).astype(float) @ wrong.T
    posterior += np.log(quadrature.weights)
    posterior = np.exp(posterior - posterior.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    p = probability(quadrature.points, held_items)
    shown = held != ABSENT
    scores = np.zeros((int(shown.sum(axis=1).max(initial=0)) + 1, len(held), len(quadrature.points)))
    scores[0] = 1.0
    for column in range(len(held_items)):
        rows = np.flatnonzero(shown[:, column])
        own = scores[:, rows]
        gained = own * p[:, column]
        own -= gained
        own[1:] += gained[:-1]
        scores[:, rows] = own
    below = np.arange(len(scores))[:, None] < cut
    return np.asarray(np.einsum("snq,sn,nq->n", scores, below.astype(float), posterior, optimize=True))
