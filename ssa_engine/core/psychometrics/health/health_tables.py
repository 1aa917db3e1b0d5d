"""Tables on the health of a bank and of its sittings, as they are written to files."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ssa_engine.core.psychometrics.health.bank import average_overlap, form_overlap, item_exposure
from ssa_engine.core.psychometrics.health.sittings import (
    generalised_binomial_test,
    identical_wrong_answers,
    rapid_thresholds,
    response_time_effort,
)
from ssa_engine.core.psychometrics.irt.abilities import abilities
from ssa_engine.core.psychometrics.irt.models import probability
from ssa_engine.core.psychometrics.matrix import response_matrix

WRONG_ANSWERS, ALL_ANSWERS = "wrong answers", "all answers"
"""What pairs of attempts are compared by: `identical_wrong_answers`, and `generalised_binomial_test`."""
SAME_CANDIDATE = "Both attempts are of one candidate."


def exposure_table(seen: pd.DataFrame, items: pd.Series) -> pd.DataFrame:
    """Return `item_id`, `attempts` that saw it, their `share` of all, and `note`, for these items by their ids."""
    found = item_exposure(seen, sorted(items.astype(str).unique())).reset_index()
    found.columns = pd.Index(["item_id", "attempts", "share"])
    return found.assign(note=_text(found["attempts"] == 0, "No attempt saw this item."))


def overlap_table(seen: pd.DataFrame, *, by_forms: bool = True, listed: bool = True) -> pd.DataFrame:
    """Return how much attempts, and forms, have in common.

    Returns
    -------
    DataFrame
        `scope`: "attempts" and "forms" are means over all pairs (`average_overlap`), "pair" is one pair of forms
        (`form_overlap`; only where `listed`); `form_a`, `form_b`; `shared` items; `share` of the mean length or, in a
        pair, of the shorter form; `note`.
    """
    rows = [_mean_overlap(seen, "attempt_id", "attempts")]
    if by_forms:
        of_forms = seen[seen["form_id"].notna()]
        rows.append(_mean_overlap(of_forms, "form_id", "forms"))
        if listed:
            rows.append(form_overlap(of_forms).assign(scope="pair", note=""))
    columns = ["scope", "form_a", "form_b", "shared", "share", "note"]
    return pd.concat([rows[0].reindex(columns=columns), *rows[1:]], ignore_index=True)[columns]


def _mean_overlap(seen: pd.DataFrame, by: str, scope: str) -> pd.DataFrame:
    pairs = seen[[by, "item_id"]].drop_duplicates()
    count = pairs[by].nunique()
    share = average_overlap(pairs, by) if count > 1 else np.nan
    note = "" if count > 1 else f"There are no two {scope} to compare."
    row = {"scope": scope, "form_a": None, "form_b": None, "shared": share * len(pairs) / count, "share": share}
    return pd.DataFrame([row | {"note": note}]).astype({"form_a": object, "form_b": object})


def drift_table(p_values: pd.DataFrame | None, difficulties: pd.DataFrame | None) -> pd.DataFrame:
    """Return the change of every item, of its p-value and of its difficulty, as far as each is given.

    Parameters
    ----------
    p_values, difficulties : DataFrame, optional
        As `p_value_drift` and `difficulty_drift` return them; one of them at least.

    Returns
    -------
    DataFrame
        `item_id` and the columns of `p_value_drift`; `b_before`, `b_after`, `b_change`, `b_z`, `b_robust_z`; `flagged`
        (unstable by one of the two robust z's); `note`.
    """
    found = []
    if p_values is not None:
        found.append((p_values, "No responses to this item."))
    if difficulties is not None:
        names = {name: f"b_{name}" for name in ("change", "z", "robust_z")}
        said = difficulties["note"].str.replace("robust z", "robust z of b")
        renamed = difficulties.rename(columns=names).assign(note=said)
        found.append((renamed, "Not in both calibrations, so there is no change of b."))
    table = pd.concat([part.drop(columns=["unstable", "note"]) for part, _ in found], axis=1)
    table = table.sort_index().rename_axis("item_id")
    for name in ("n_before", "n_after"):
        if name in table:
            table[name] = table[name].fillna(0).astype(int)
    told = [part["note"].reindex(table.index).fillna(lacking) for part, lacking in found]
    flags = [part["unstable"].reindex(table.index, fill_value=False) for part, _ in found]
    table["flagged"] = np.logical_or.reduce(flags)
    table["note"] = [" ".join(dict.fromkeys(filter(None, texts))) for texts in zip(*told, strict=True)]
    return table.reset_index()


def rapid_tables(times: pd.DataFrame, seconds: float | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rapid guesses by attempt and by item.

    Parameters
    ----------
    times : DataFrame
        `attempt_id`, `item_id`, `seconds`.
    seconds : float, optional
        One threshold for all items; without it the normative ones (`rapid_thresholds`).

    Returns
    -------
    rapid : DataFrame
        `attempt_id`, `items` with a known time, `rapid` ones, `effort` (`response_time_effort`), `flagged` (below .90),
        `note`.
    rapid_items : DataFrame
        `item_id`, `n` times known, `mean_seconds`, `threshold` (s), `rapid` answers, `share_rapid` of n, `note`.

    Raises
    ------
    Invalid
        As `rapid_thresholds`.
    """
    if seconds is None:
        thresholds = rapid_thresholds(times)
    else:
        thresholds = rapid_thresholds(times, method="fixed", seconds=seconds)
    by_attempt = response_time_effort(times, thresholds).rename(columns={"low_effort": "flagged"})
    rapid = response_time_effort(times.assign(attempt_id=times["item_id"]), thresholds)["rapid"]
    n = thresholds["n"]
    by_item = thresholds.drop(columns="note").assign(
        rapid=rapid.reindex(n.index), share_rapid=rapid.reindex(n.index) / n.where(n > 0), note=thresholds["note"]
    )
    return by_attempt.reset_index(), by_item.reset_index()


def alike_table(
    marked: pd.DataFrame, parameters: pd.DataFrame | None = None, *, level: float = 0.001
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the pairs of attempts that are more alike than chance explains.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `answer`, `correct`; where known `candidate_id`.
    parameters : DataFrame, optional
        Index `item_id`; `a`, `b`, and `c` where known: compares the right answers to these items as well.
    level : float
        As in `identical_wrong_answers`, for each of the two comparisons.

    Returns
    -------
    alike : DataFrame
        `compared` (`WRONG_ANSWERS` or `ALL_ANSWERS`) and the columns of `identical_wrong_answers`; `note`.
    pairs : dict
        What was compared -> how many pairs had an item to compare.

    Raises
    ------
    Invalid
        If there are fewer than two attempts, or a slope is not above 0.
    """
    found = {WRONG_ANSWERS: identical_wrong_answers(marked, level=level)}
    if parameters is not None:
        calibrated = marked[marked["item_id"].isin(parameters.index)]
        if len(calibrated["attempt_id"].unique()) > 1:
            chances = chances_of_success(calibrated, parameters)
            found[ALL_ANSWERS] = generalised_binomial_test(calibrated, chances, level=level)
    pairs = {name: int(table.attrs["pairs"]) for name, table in found.items()}
    alike = pd.concat([table.assign(compared=name) for name, table in found.items()], ignore_index=True)
    alike.insert(0, "compared", alike.pop("compared"))
    return alike.assign(note=_text(_of_one_candidate(alike, marked), SAME_CANDIDATE)), pairs


def chances_of_success(marked: pd.DataFrame, parameters: pd.DataFrame) -> pd.DataFrame:
    """Return everybody's probability of a right answer (attempts × items) at Warm's estimate of their ability."""
    responses = response_matrix(marked)
    theta = abilities(responses, parameters, method="WLE")["theta"].to_numpy()
    p = probability(theta, parameters.loc[responses.items])
    return pd.DataFrame(p, index=responses.attempts, columns=responses.items)


def _of_one_candidate(alike: pd.DataFrame, marked: pd.DataFrame) -> pd.Series:
    """Return which pairs are two attempts of one person."""
    if "candidate_id" not in marked:
        return pd.Series(False, index=alike.index)
    candidate = marked.drop_duplicates("attempt_id").set_index("attempt_id")["candidate_id"]
    first, second = (alike[name].map(candidate) for name in ("attempt_a", "attempt_b"))
    return (first == second) & first.notna()


def _text(where: pd.Series, said: str) -> pd.Series:
    return pd.Series(np.where(where, said, ""), index=where.index, dtype=object)
