"""The tables of a review of content areas: what each area's score is worth, and what more items would buy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.reliability import conditional_sem
from ssa_engine.core.psychometrics.classical.score_reliability import score_reliability
from ssa_engine.core.psychometrics.decisions import classification as methods
from ssa_engine.core.psychometrics.decisions.area_groups import AreaGroup, area_groups
from ssa_engine.core.psychometrics.decisions.beta_binomial import BetaTrueScores, CutProbabilities, cut_probabilities
from ssa_engine.core.psychometrics.decisions.classification import classify, pool
from ssa_engine.core.psychometrics.decisions.decision_tables import ONE_SIDE, area_table, usable
from ssa_engine.core.psychometrics.matrix import response_matrix
from ssa_engine.core.psychometrics.subscores.estimates import observed_subscores
from ssa_engine.core.psychometrics.subscores.held_out import scored_rows
from ssa_engine.core.psychometrics.subscores.subscore_tables import subscore_table
from ssa_engine.core.psychometrics.subscores.value import what_more_items_buy
from ssa_engine.core.scoring import needed

MORE_ITEMS = (0, 5, 10, 20)
REPLICATIONS = 200
"""Bootstrap samples of the intervals of needless and missed decisions."""
_WORTH = (
    *("attempts", "items", "mean", "sd", "reliability", "method", "sem", "prmse_s", "prmse_x", "prmse_sx"),
    *("prmse_wainer", "added_value_s", "added_value_sx", "rest_correlation"),
)
_DECISIONS = (
    *("standard", "cut", "below_share", "accuracy", "consistency", "kappa"),
    *("needless_ce", "needless_ce_low", "needless_ce_high", "missed_need", "missed_need_low", "missed_need_high"),
)
_RELIABILITY = ("alpha", "alpha_low", "alpha_high", "lambda2", "kr21")


def review_areas(marked: pd.DataFrame, standards: Mapping[str, float], *, seed: int = 0) -> pd.DataFrame:
    """Return what each area's score is worth, a row each, areas by name.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `correct`, `content_area`; rows with `scored` false are left out.
    standards : mapping
        Proportion correct of each area; may be empty, and then nothing is said of decisions.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        `content_area`; of `subscore_table` `attempts` … `rest_correlation` (the reliability as there: alpha, or KR-21
        where attempts had different items); of `score_reliability` `alpha` with the ends of its 95 % interval,
        `lambda2`, `kr21`; `csem`: the error of measurement of the proportion correct at the standard (Lord 1957, Educ.
        Psychol. Meas. 17:510-521: sqrt(s (1 - s) / (k - 1)), s = cut / k); of `area_table`, by the beta-binomial,
        `standard`, `cut`, `below_share`, `accuracy`, `consistency`, `kappa`, `needless_ce`, `missed_need` with the ends
        of their intervals; `note`.

    Raises
    ------
    Invalid
        If there is no scored response, or as `response_matrix`.
    """
    groups = area_groups(marked)
    scored = scored_rows(marked)
    worth = subscore_table(marked).set_index("content_area")
    table = worth[list(_WORTH)].join(_reliabilities(scored))
    decided = {area: standard for area, standard in standards.items() if area in groups}
    chosen = {area: groups[area] for area in groups if area in decided}
    only = (methods.BETA_BINOMIAL,)
    decisions = area_table(chosen, decided, replications=REPLICATIONS, seed=seed, by=only).set_index("content_area")
    table["csem"] = pd.Series({area: _error_at(chosen[area], decided[area]) for area in chosen}, dtype=float)
    table = table.join(decisions[list(_DECISIONS)])
    notes = [worth["note"], table.pop("reliability_note"), decisions["note"]]
    table["note"] = [_told_once(note.get(area) for note in notes) for area in table.index]
    return table.rename_axis("content_area").reset_index()


def _reliabilities(scored: pd.DataFrame) -> pd.DataFrame:
    """Return alpha with its interval, lambda-2 and KR-21 of each area, index `content_area`."""
    rows = {}
    for area, own in scored.groupby("content_area", observed=True, sort=True):
        found = score_reliability(response_matrix(own))
        rows[str(area)] = [getattr(found, name) for name in _RELIABILITY] + [found.note]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*_RELIABILITY, "reliability_note"])
    return table.astype(dict.fromkeys(_RELIABILITY, float))


def _error_at(parts: Sequence[AreaGroup], standard: float) -> float:
    """Return Lord's error of the proportion correct at the standard, the mean over attempts with two items or more."""
    used, _ = usable(parts)
    if not used:
        return np.nan
    errors = [conditional_sem(part.items)["lord"].loc[min(needed(standard, part.items), part.items)] for part in used]
    per_item = [error / part.items for error, part in zip(errors, used, strict=True)]
    return float(np.average(per_item, weights=[len(part) for part in used]))


def more_items_table(
    marked: pd.DataFrame, standards: Mapping[str, float], more: Sequence[int] = MORE_ITEMS
) -> pd.DataFrame:
    """Return what each area's score and its decisions would be with more items like its own.

    Reliability, error and PRMSE as `what_more_items_buy` (Spearman-Brown). Decisions by the same beta distribution of
    true scores as today's (`classification.beta_binomial`), with binomial errors of so many more items and the cut that
    the standard asks of them.

    Parameters
    ----------
    marked, standards :
        As for `review_areas`.
    more : sequence of int
        Numbers of further items.

    Returns
    -------
    DataFrame
        `content_area`, `more_items`, `items` (mean number), `reliability`, `sem` (of the proportion correct),
        `prmse_x`, `prmse_wainer`, `added_value_s`, `cut` (mean), `accuracy`, `consistency`, `kappa`, `needless_ce`,
        `missed_need`, `note`; areas by name.
    """
    groups = area_groups(marked)
    try:
        bought = what_more_items_buy(observed_subscores(scored_rows(marked)), more)
        bought = bought.drop(columns="prmse_sx")
    except Invalid as impossible:
        pairs = [(area, extra) for area in groups for extra in more]
        bought = pd.DataFrame(pairs, columns=["content_area", "more_items"]).assign(note=impossible.sentence)
    bought["content_area"] = bought["content_area"].astype(str)
    decided = pd.DataFrame(
        [
            _longer(parts, standards[area], extra)
            for area, parts in groups.items()
            if area in standards
            for extra in more
        ],
        columns=["content_area", "more_items", "cut", *_FIGURES, "decision_note"],
    )
    table = bought.merge(decided, on=["content_area", "more_items"], how="left")
    both = zip(table["note"], table.pop("decision_note"), strict=True)
    table["note"] = [_told_once(notes) for notes in both]
    return table[[*(name for name in table if name != "note"), "note"]]


_FIGURES = {
    "accuracy": "accuracy",
    "consistency": "consistency",
    "kappa": "kappa",
    "needless_ce": "needless",
    "missed_need": "missed",
}


def _longer(parts: Sequence[AreaGroup], standard: float, extra: int) -> list[object]:
    """Return the decisions of one area with so many more items."""
    used, notes = usable(parts)
    start: list[object] = [parts[0].content_area, extra]
    if not used:
        return [*start, np.nan, *[np.nan] * len(_FIGURES), " ".join(notes)]
    found, cuts, weights = [], [], [float(len(part)) for part in used]
    for part in used:
        cut = needed(standard, part.items)
        fitted = methods.beta_binomial(part.frequencies, cut=cut, true_cut=standard).true_scores
        cuts.append(needed(standard, part.items + extra))
        found.append(_at_length(fitted, part.items + extra, cuts[-1], standard))
    result = classify(pool(found, weights))
    figures = [getattr(result, field).item() for field in _FIGURES.values()]
    if np.isnan(figures[2]):
        notes = [*notes, ONE_SIDE]
    return [*start, float(np.average(cuts, weights=weights)), *figures, " ".join(notes)]


def _at_length(true_scores: BetaTrueScores, items: int, cut: int, standard: float) -> CutProbabilities:
    return cut_probabilities(true_scores, items=items, cuts=np.array([cut]), true_cuts=np.array([standard]))


def _told_once(notes: Iterator[str | float | None] | Sequence[str | float | None]) -> str:
    """Join the sentences that are there, each once."""
    return " ".join(dict.fromkeys(note for note in notes if isinstance(note, str) and note))
