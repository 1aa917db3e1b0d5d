"""The tables of an item analysis: items, items by form, reliability by scope, errors of measurement by score."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.distractors import distractor_table, option_traces
from ssa_engine.core.psychometrics.classical.item_statistics import (
    EXTREME_SHARE,
    FEWEST,
    item_codes,
    item_statistics,
    item_total_correlations,
    omission,
    upper_lower_discrimination,
)
from ssa_engine.core.psychometrics.classical.reliability import conditional_sem, length_factor, spearman_brown
from ssa_engine.core.psychometrics.classical.score_reliability import Reliability, score_reliability
from ssa_engine.core.psychometrics.irt.models import information
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix, response_matrix

BANK, FORM, AREA = "bank", "form", "content_area"
FORM_ID = "form_id"
TEXTS = ("convention", "note", "alpha_if_deleted")
MORE_ITEMS = 10
TARGET = 0.80


def checked(marked: pd.DataFrame) -> pd.DataFrame:
    """Return marked responses with a `scored` column, once sure that each item has one area and each attempt one form.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `correct`; `scored` (without it every item counts), `content_area`, `form_id`.

    Raises
    ------
    Invalid
        If an id, an area or a form is missing, or an item has two areas or an attempt two forms.
    """
    frame = marked.assign(scored=marked["scored"].to_numpy(dtype=bool) if "scored" in marked else True)
    for owner, name, of_what in (("item_id", AREA, "item"), ("attempt_id", "form_id", "attempt")):
        if name not in frame:
            continue
        if frame[name].isna().any():
            raise Invalid(f"Some responses have no {name}. Give each row one, or leave the column out.")
        pairs = frame[[owner, name]].drop_duplicates()
        again = pairs[owner].duplicated(keep=False)
        if again.any():
            first = pairs[owner][again].iloc[0]
            names = " and ".join(f"'{value}'" for value in pairs[name][pairs[owner] == first][:2])
            raise Invalid(f"The {of_what} '{first}' has more than one {name}: {names}. Give it one.")
    return frame


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemReport:
    """The tables of an item analysis; `item_report` describes their columns. None where it cannot be made."""

    items: pd.DataFrame
    form_items: pd.DataFrame | None
    distractors: pd.DataFrame | None
    traces: pd.DataFrame | None
    reliability: pd.DataFrame
    conditional_sem: pd.DataFrame


def item_report(marked: pd.DataFrame, parameters: pd.DataFrame | None = None) -> ItemReport:
    """Return the item analysis of marked responses, for the whole bank, each form and each content area.

    Parameters
    ----------
    marked : DataFrame
        One row per attempt and item: `attempt_id`, `item_id`, `correct`; if known `scored` (without it every item
        counts), `content_area`, `form_id`, `answer`, `position`, `seconds`.
    parameters : DataFrame, optional
        Index `item_id`; `a`, `b` and, for the 3PL, `c`. Items without responses get a row with `n` 0.

    Returns
    -------
    ItemReport
        `items`, one row per item: `item_id`, `content_area`, `scored`; `n`, `p_value`, `point_biserial`
        (`item_statistics`), `point_biserial_raw` (`item_total_correlations`), `discrimination_upper_lower`,
        `omission` and `not_reached` if answers (and positions) are given, `median_seconds` if seconds are,
        `alpha_if_deleted` (of all scored items) and `alpha_if_deleted_area` (of its content area's); with
        `parameters` these and `information_at_0`, Fisher's information at theta 0; `note` says why a cell is missing.
        `form_items`: the same within each form with 3 attempts or more, without alpha and parameters.
        `distractors`, `traces`: `distractor_table`, `option_traces`.
        `reliability`, one row per scope (`bank`, then each `form` with 3 attempts or more, then each
        `content_area`) and `name`: the fields of `Reliability`, and by the Spearman-Brown formula
        `alpha_with_10_more`, alpha with ten more items per attempt, and `items_for_80`, how many items per attempt
        alpha .80 takes.
        `conditional_sem`, one row per scope and number correct, where all attempts had equally many items:
        `correct`, `lord`, `keats` (`conditional_sem` in `reliability`; `keats` is missing where KR-21 is, or is not
        below 1).

    Raises
    ------
    Invalid
        As `checked` and `response_matrix`; or if no item is scored.
    """
    frame = checked(marked)
    response_matrix(frame)  # refuses responses without an id or a mark, and items that an attempt has twice
    if not frame["scored"].any():
        raise Invalid("No item is scored, so there is no score to hold items against. Mark some as scored.")
    scopes = _scopes(frame)
    items = _classical(frame)
    items["alpha_if_deleted"] = scopes[0][2].alpha_if_deleted.reindex(items.index)
    if AREA in frame:
        areas = pd.concat([found.alpha_if_deleted for scope, _, found in scopes if scope == AREA])
        items["alpha_if_deleted_area"] = areas.reindex(items.index)
    if parameters is not None:
        items = _with_parameters(items, parameters)
    has_answers = "answer" in frame
    return ItemReport(
        items=items.assign(note=_notes(items)).reset_index(),
        form_items=_of_forms(frame),
        distractors=distractor_table(frame) if has_answers else None,
        traces=option_traces(frame) if has_answers else None,
        reliability=pd.DataFrame([_reliability_row(*scope) for scope in scopes]).astype({"items_for_80": "Int64"}),
        conditional_sem=_errors_by_score(scopes),
    )


Scope = tuple[str, str, Reliability]


def _scopes(frame: pd.DataFrame) -> list[Scope]:
    """Return the reliability of the bank, of the forms with enough attempts, and of the content areas."""
    scored = frame[frame["scored"]]
    matrix = response_matrix(scored)
    scopes: list[Scope] = [(BANK, "", score_reliability(matrix))]
    if FORM_ID in frame:
        form, names = pd.factorize(scored.drop_duplicates("attempt_id")[FORM_ID], sort=True)
        order, counts = np.argsort(form, kind="stable"), np.bincount(form)
        for name, rows in zip(names, np.split(order, np.cumsum(counts)[:-1]), strict=True):
            if len(rows) >= FEWEST:
                values = matrix.values[rows]
                shown = (values != ABSENT).any(axis=0)
                part = ResponseMatrix(matrix.attempts[rows], matrix.items[shown], values[:, shown])
                scopes.append((FORM, str(name), score_reliability(part)))
    if AREA in frame:
        for name, items in scored.groupby(AREA, observed=True, sort=True)["item_id"]:
            part = matrix.of_items(pd.Index(pd.unique(items)).sort_values())
            scopes.append((AREA, str(name), score_reliability(part)))
    return scopes


def _classical(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the classical statistics of each item: index `item_id`."""
    codes, items = item_codes(frame)
    table = pd.DataFrame(index=items)
    if AREA in frame:
        table[AREA] = frame.drop_duplicates("item_id").set_index("item_id")[AREA].reindex(items).astype("str")
    table["scored"] = np.bincount(codes, weights=frame["scored"].to_numpy(dtype=float), minlength=len(items)) > 0
    table = table.join(item_statistics(frame))
    table["point_biserial_raw"] = item_total_correlations(frame)
    table["discrimination_upper_lower"] = upper_lower_discrimination(frame)
    if "answer" in frame:
        table = table.join(omission(frame))
    if "seconds" in frame:
        table["median_seconds"] = frame["seconds"].astype(float).groupby(codes).median().to_numpy()
    return table


def _of_forms(frame: pd.DataFrame) -> pd.DataFrame | None:
    """Return the classical statistics of the items within each form; None without two forms of enough attempts."""
    if FORM_ID not in frame:
        return None
    attempts = frame.drop_duplicates("attempt_id")[FORM_ID].value_counts()
    large = attempts.index[attempts >= FEWEST]
    if len(large) < 2:
        return None
    frame = frame[frame[FORM_ID].isin(large)]
    form, forms = pd.factorize(frame[FORM_ID], sort=True)
    codes, items = item_codes(frame)
    found = _classical(frame.assign(item_id=form * len(items) + codes))
    both = found.index.to_numpy()
    notes = _notes(found)
    found = found.reset_index(drop=True).assign(note=notes)
    found.insert(0, "item_id", items[both % len(items)])
    found.insert(0, FORM_ID, forms[both // len(items)])
    return found


def _with_parameters(items: pd.DataFrame, parameters: pd.DataFrame) -> pd.DataFrame:
    """Add the parameters, the information at theta 0, and a row for each item that nobody had."""
    joined = items.join(parameters[[name for name in ("a", "b", "c") if name in parameters]], how="outer").sort_index()
    joined.index.name = "item_id"
    joined["n"] = joined["n"].fillna(0).astype(int)
    joined["scored"] = joined["scored"].astype("boolean")
    at = parameters[parameters["a"].notna() & parameters["b"].notna()]
    known = pd.Series(information(np.zeros(1), at)[0], index=at.index)
    joined["information_at_0"] = known.reindex(joined.index)
    return joined


def _notes(items: pd.DataFrame) -> list[str]:
    """Say of each item why a figure is missing."""
    n, share = items["n"], items["p_value"]
    missing = items["point_biserial"].isna()
    why = np.select(
        [n < FEWEST, share == 1, share == 0],
        [f"Fewer than {FEWEST} attempts had it.", "Every attempt had it right.", "No attempt had it right."],
        "Its attempts had no other scored item, or do not differ in score.",
    )
    extremes = items["discrimination_upper_lower"].isna() & (n >= FEWEST)
    group = np.where(
        n * EXTREME_SHARE < 1,
        f"{EXTREME_SHARE:.0%} of its attempts are less than one.",
        "Its attempts do not differ in score.",
    )
    parts = [np.where(missing, why, ""), np.where(extremes & ~missing, group, "")]
    for name, whose in (("alpha_if_deleted", "Alpha"), ("alpha_if_deleted_area", "Alpha of its content area")):
        if name in items:
            parts.append(
                np.where(items[name].isna() & items["scored"].fillna(True), f"{whose} without it is unknown.", "")
            )
    if "alpha_if_deleted" in items:
        parts.append(np.where(items["scored"].fillna(True), "", "It is not scored, so alpha does not contain it."))
    if "not_reached" in items:
        parts.append(np.where(items["not_reached"].isna() & (n > 0), "The position of some responses is missing.", ""))
    if "information_at_0" in items:
        parts.append(np.where(items["information_at_0"].isna(), "It has no parameters.", ""))
    said = [" ".join(filter(None, row)) for row in zip(*parts, strict=True)]
    return ["Nobody had it." if count == 0 else text for count, text in zip(n, said, strict=True)]


def _reliability_row(scope: str, name: str, found: Reliability) -> dict[str, object]:
    """Return one row of the table of reliability."""
    row: dict[str, object] = {"scope": scope, "name": name}
    row |= {each.name: getattr(found, each.name) for each in fields(found) if each.name not in ("length", *TEXTS)}
    row = {key: math.nan if value is None else value for key, value in row.items()}
    more = needed = math.nan
    if found.alpha is not None and 0 < found.alpha <= 1:
        k = found.items_per_attempt
        more = spearman_brown(found.alpha, (k + MORE_ITEMS) / k)
        needed = max(1, math.ceil(k * length_factor(found.alpha, TARGET) - 1e-9))
    return (
        row | {"alpha_with_10_more": more, "items_for_80": needed} | {name: getattr(found, name) for name in TEXTS[:2]}
    )


def _errors_by_score(scopes: list[Scope]) -> pd.DataFrame:
    """Return the error of measurement at each number correct."""
    parts = []
    for scope, name, found in scopes:
        if found.length is None or found.alpha is None:
            continue
        # With very few attempts the variance (divisor n - 1) may be so large that KR-21 comes to 1 or more.
        corrected = found.kr21 if found.kr21 is not None and found.kr21 < 1 else None
        errors = conditional_sem(found.length, reliability=found.alpha, kr21=corrected).reset_index()
        parts.append(errors.assign(scope=scope, name=name))
    columns = ["scope", "name", "correct", "lord", "keats"]
    return pd.concat(parts).reindex(columns=columns) if parts else pd.DataFrame(columns=columns)
