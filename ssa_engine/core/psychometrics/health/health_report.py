"""One report on the health of a bank and of its sittings, from all that a file of responses knows."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.health.bank import difficulty_drift, p_value_drift
from ssa_engine.core.psychometrics.health.health_tables import (
    alike_table,
    drift_table,
    exposure_table,
    overlap_table,
    rapid_tables,
)

MOST_FORMS = 200
"""Pairs of more forms than these are not listed."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class HealthReport:
    """What there is to say; a table is None where the responses have no columns for it."""

    exposure: pd.DataFrame
    overlap: pd.DataFrame
    drift: pd.DataFrame | None = None
    rapid: pd.DataFrame | None = None
    rapid_items: pd.DataFrame | None = None
    alike: pd.DataFrame | None = None
    pairs: dict[str, int] = field(default_factory=dict)
    """What pairs are compared by -> how many had an item to compare."""
    left_out: tuple[str, ...] = ()
    """What was left out and why, in sentences."""


def health_report(
    seen: pd.DataFrame,
    *,
    before: pd.DataFrame | None = None,
    parameters: pd.DataFrame | None = None,
    parameters_before: pd.DataFrame | None = None,
    seconds: float | None = None,
    level: float = 0.001,
) -> HealthReport:
    """Return the tables that the responses have columns for.

    Parameters
    ----------
    seen : DataFrame
        `attempt_id`, `item_id`, one row per attempt and item presented; also used where given: `form_id`, `seconds`,
        `correct`, `answer`, `candidate_id`. An empty `correct` is an answer not marked.
    before : DataFrame, optional
        The same of an earlier period.
    parameters, parameters_before : DataFrame, optional
        Index `item_id`; `a`, `b`, and where known `c` and `b_se`, of the two periods. With `parameters` right answers
        are compared as well, and items nobody saw are listed.
    seconds : float, optional
        An answer quicker than this is taken for a rapid guess; without it, the normative thresholds.
    level : float
        Probability of naming a pair of attempts where all worked alone, at most, for each of the two comparisons.

    Raises
    ------
    Invalid
        If there is no response, a row has no id, an attempt has an item twice, or the periods cannot be compared.
    """
    seen = _with_ids(seen)
    before = None if before is None else _with_ids(before)
    left_out: list[str] = []
    bank = seen["item_id"] if parameters is None else pd.concat([seen["item_id"], parameters.index.to_series()])
    rapid, rapid_items = _rapid(seen, seconds, left_out)
    marked = _marked(seen, left_out)
    drift = _drift(marked, before, parameters, parameters_before, left_out)
    alike, pairs = _alike(marked, parameters, level, left_out)
    return HealthReport(
        exposure=exposure_table(seen, bank),
        overlap=_overlap(seen, left_out),
        drift=drift,
        rapid=rapid,
        rapid_items=rapid_items,
        alike=alike,
        pairs=pairs,
        left_out=tuple(left_out),
    )


def _with_ids(seen: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with ids as text, once sure that each attempt has an item once."""
    if not len(seen):
        raise Invalid("There are no responses. Give at least one attempt with one item.")
    if seen[["attempt_id", "item_id"]].isna().any(axis=None):
        raise Invalid("Some responses have no attempt_id or no item_id. Every row needs both.")
    texts = {name: seen[name].astype(str) for name in ("attempt_id", "item_id")}
    if "form_id" in seen:
        texts["form_id"] = seen["form_id"].astype("str").where(seen["form_id"].notna())
    seen = seen.assign(**texts)
    again = seen.duplicated(["attempt_id", "item_id"])
    if again.any():
        row = seen[again].iloc[0]
        raise Invalid(f"Attempt '{row['attempt_id']}' has item '{row['item_id']}' twice. Keep one row of each.")
    return seen


def _knows(seen: pd.DataFrame, name: str) -> bool:
    return name in seen and bool(seen[name].notna().any())


def _marked(seen: pd.DataFrame, left_out: list[str]) -> pd.DataFrame | None:
    """Return the rows that are marked, None where none is."""
    if not _knows(seen, "correct"):
        return None
    marked = seen[seen["correct"].notna()]
    if len(marked) < len(seen):
        left_out.append(f"{len(seen) - len(marked)} responses are not marked: no p-value and no pair counts them.")
    return marked.assign(correct=marked["correct"].astype(bool))


def _overlap(seen: pd.DataFrame, left_out: list[str]) -> pd.DataFrame:
    by_forms = _knows(seen, "form_id")
    forms = seen["form_id"].nunique() if by_forms else 0
    if not by_forms:
        left_out.append("Without 'form_id' forms are not compared.")
    elif forms > MOST_FORMS:
        left_out.append(f"{forms} forms: with more than {MOST_FORMS} their pairs are not listed, only the mean.")
    return overlap_table(seen, by_forms=by_forms, listed=forms <= MOST_FORMS)


def _rapid(
    seen: pd.DataFrame, seconds: float | None, left_out: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame] | tuple[None, None]:
    if _knows(seen, "seconds"):
        return rapid_tables(seen, seconds)
    left_out.append("Without 'seconds' nothing is said of rapid answers.")
    return None, None


def _drift(
    marked: pd.DataFrame | None,
    before: pd.DataFrame | None,
    parameters: pd.DataFrame | None,
    parameters_before: pd.DataFrame | None,
    left_out: list[str],
) -> pd.DataFrame | None:
    p_values = difficulties = None
    if before is not None:
        earlier = _marked(before, left_out)
        if marked is None or earlier is None:
            left_out.append("Without 'correct' in both periods p-values are not compared.")
        else:
            p_values = p_value_drift(earlier, marked)
    if parameters is not None and parameters_before is not None:
        difficulties = difficulty_drift(parameters_before, parameters)
    return None if p_values is None and difficulties is None else drift_table(p_values, difficulties)


def _alike(
    marked: pd.DataFrame | None, parameters: pd.DataFrame | None, level: float, left_out: list[str]
) -> tuple[pd.DataFrame | None, dict[str, int]]:
    if marked is None or not _knows(marked, "answer"):
        lacking = "correct" if marked is None else "answer"
        left_out.append(f"Without '{lacking}' attempts are not compared for likeness.")
        return None, {}
    if marked["attempt_id"].nunique() < 2:
        left_out.append("Fewer than two marked attempts: there is no pair to compare for likeness.")
        return None, {}
    usable = None
    if parameters is not None:
        usable = parameters[parameters[["a", "b"]].notna().all(axis=1) & (parameters["a"] > 0)]
        without = int((~pd.Series(marked["item_id"].unique()).isin(usable.index)).sum())
        if without:
            left_out.append(f"{without} items have no usable parameters: right answers to them are not compared.")
    return alike_table(marked, usable, level=level)
