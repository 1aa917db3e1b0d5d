"""Differential item functioning by logistic regression, all items at once; and one table of both methods."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from scipy.stats import chi2 as chi_squared

from ssa_engine.core.psychometrics.fairness.dif import (
    Flags,
    Floats,
    ScoreTables,
    mantel_haenszel_dif,
    presence_notes,
    purified,
    score_tables,
    start_anchors,
    with_caution,
)
from ssa_engine.core.psychometrics.matrix import ResponseMatrix

KINDS = {"uniform": (2, 3), "nonuniform": (3, 4), "both": (2, 4)}
"""Kind of DIF -> terms of the smaller and of the larger model, of: 1, score, group, score × group."""
ZUMBO_THOMAS, JODOIN_GIERL = (0.13, 0.26), (0.035, 0.070)
"""Changes of Nagelkerke's R² from which DIF is moderate (B) and large (C)."""
STEPS, HALVINGS = 100, 20
SETTLED, MOVING = 1e-12, 1e-4
"""A deviance settles at this relative change; where a linear predictor still moves so far then, it has no end."""
SPOKEN = {"uniform": "uniform", "nonuniform": "non-uniform", "both": "joint"}


@dataclass(frozen=True, eq=False, slots=True)
class _Fit:
    """A model of every item: its deviance, whether a coefficient is infinite, whether all can be told apart."""

    deviance: Floats
    separated: Flags
    estimable: Flags


@dataclass(frozen=True, eq=False, slots=True)
class _Fits:
    """Models of every item by their number of terms, the deviance without any, and `answers[item, group, answer]`."""

    models: dict[int, _Fit]
    null_deviance: Floats
    answers: npt.NDArray[np.int64]


def logistic_dif(
    responses: ResponseMatrix,
    focal: Flags,
    *,
    purify: bool = False,
    anchors: Flags | None = None,
    level: float = 0.05,
) -> pd.DataFrame:
    """Return logistic regression DIF of every item.

    logit P = β0 + β1 score + β2 group + β3 score × group, by maximum likelihood (Swaminathan & Rogers 1990, J. Educ.
    Meas. 27:361-370). The score is the proportion correct of the items presented, the studied one among them; with
    complete data the tests are those with the total score.

    Parameters
    ----------
    responses, focal, purify, anchors, level
        As in `dif.mantel_haenszel_dif`. Each kind of DIF is purified by its own test.

    Returns
    -------
    DataFrame
        Index `item_id`; `n_reference`, `n_focal`; for `uniform` (β2 where β3 = 0; 1 df), `nonuniform` (β3; 1 df) and
        `both` (2 df): `…_chi2` likelihood ratio, `…_p`, `…_r2_change` of Nagelkerke (1991, Biometrika 78:691-692),
        `…_cox_snell_change`, the same before the division by its largest value (what difR 5.1 gives as ΔR²) and
        `…_flagged` (p below `level`). `zumbo_thomas` and `jodoin_gierl`: class A, B or C of `both_r2_change`, with cuts
        .13 and .26 (Zumbo & Thomas 1997), .035 and .070 (Jodoin & Gierl 2001, Appl. Meas. Educ. 14:329-349); A also
        where `both` is not significant. `note`.

    Raises
    ------
    Invalid
        As in `dif.mantel_haenszel_dif`.
    """
    start = start_anchors(responses, focal, anchors)
    known: dict[bytes, _Fits] = {}

    def analyse(kind: str, using: Flags) -> tuple[pd.DataFrame, Flags]:
        if using.tobytes() not in known:
            known[using.tobytes()] = _fit_all(score_tables(responses, focal, using))
        found = _test(kind, known[using.tobytes()], level)
        return found, found["flagged"].to_numpy(dtype=bool)

    tests = {kind: purified(partial(analyse, kind), start, purify=purify) for kind in KINDS}
    answers = known[start.tobytes()].answers
    columns: dict[str, object] = {"n_reference": answers[:, 0].sum(axis=1), "n_focal": answers[:, 1].sum(axis=1)}
    for kind, test in tests.items():
        columns |= {f"{kind}_{name}": test[name].to_numpy() for name in test.columns.drop(["note", "anchor"])}
    change, flagged = tests["both"]["r2_change"].to_numpy(), tests["both"]["flagged"].to_numpy(dtype=bool)
    columns["zumbo_thomas"] = _size(change, flagged, ZUMBO_THOMAS)
    columns["jodoin_gierl"] = _size(change, flagged, JODOIN_GIERL)
    columns["note"] = with_caution(_told_once([test["note"] for test in tests.values()], answers), answers)
    return pd.DataFrame(columns, index=responses.items).rename_axis("item_id")


def dif_table(
    responses: ResponseMatrix,
    focal: Flags,
    *,
    correction: bool = True,
    purify: bool = False,
    anchors: Flags | None = None,
    level: float = 0.05,
) -> pd.DataFrame:
    """Return both methods side by side, and which items somebody should look at.

    Parameters and errors as in `dif.mantel_haenszel_dif`.

    Returns
    -------
    DataFrame
        One row per item: `item_id`, `n_reference`, `n_focal`, `mh_chi2`, `mh_p`, `mh_alpha`, `mh_delta`, `mh_delta_se`,
        `ets_class`, `std_p_diff`, `lr_uniform_chi2`, `lr_uniform_p`, `lr_nonuniform_chi2`, `lr_nonuniform_p`,
        `lr_r2_change` (Nagelkerke, both kinds together), `lr_r2_change_cox_snell`, `flagged`, `note`. Flagged is an
        item of ETS class B or C (or without a finite delta and `mh_p` below `level`), or whose uniform or non-uniform
        test is significant at `level` by Holm's procedure over all these tests of the table.
    """
    tables = mantel_haenszel_dif(
        responses, focal, correction=correction, purify=purify, anchors=anchors, level=level
    ).add_prefix("mh_")
    tables = tables.rename(
        columns={f"mh_{name}": name for name in ("n_reference", "n_focal", "ets_class", "std_p_diff")}
    )
    regression = logistic_dif(responses, focal, purify=purify, anchors=anchors, level=level)
    for kind in ("uniform", "nonuniform"):
        tables[f"lr_{kind}_chi2"], tables[f"lr_{kind}_p"] = regression[f"{kind}_chi2"], regression[f"{kind}_p"]
    tables["lr_r2_change"] = regression["both_r2_change"]
    tables["lr_r2_change_cox_snell"] = regression["both_cox_snell_change"]
    p_values = regression[["uniform_p", "nonuniform_p"]].to_numpy()
    significant = (holm(p_values.ravel()).reshape(p_values.shape) < level).any(axis=1)
    of_note = tables["ets_class"].isin(["B", "C"]) | (tables["ets_class"].isna() & tables["mh_flagged"])
    tables["flagged"] = of_note.to_numpy() | significant
    tables["note"] = _sentences_once([tables["mh_note"], regression["note"]])
    return tables.drop(columns=["mh_flagged", "mh_anchor", "mh_var_log_alpha", "mh_note"]).reset_index()


def holm(p_values: Floats) -> Floats:
    """Return p-values adjusted by Holm's step-down procedure (1979, Scand. J. Stat. 6:65-70); missing ones stay so."""
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    adjusted = np.full(len(p_values), np.nan)
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p_values[order]), 1.0)
    return adjusted


def _fit_all(tables: ScoreTables) -> _Fits:
    """Fit the models of every item to its table of scores."""
    answers = tables.counts.sum(axis=1)
    right, trials = tables.counts[..., 1].astype(float), tables.counts.sum(axis=3).astype(float)
    attempts = trials.sum(axis=2)
    n = np.maximum(attempts.sum(axis=1, keepdims=True), 1)
    score = np.broadcast_to(tables.right / tables.presented, attempts.shape)
    score = score - (attempts * score).sum(axis=1, keepdims=True) / n
    spread = np.sqrt((attempts * score**2).sum(axis=1, keepdims=True) / n)
    score = np.repeat((score / np.where(spread > 1e-9, spread, 1.0))[:, :, None], 2, axis=2)
    group = np.broadcast_to(np.array([0.0, 1.0]), score.shape)
    design = np.stack([np.ones_like(score), score, group, score * group], axis=-1).reshape(len(score), -1, 4)
    right, trials = right.reshape(len(score), -1), trials.reshape(len(score), -1)
    models = {terms: _fit(design[..., :terms], right, trials) for terms in (2, 3, 4)}
    return _Fits(models, _deviance(_logit_of_mean(right, trials), right, trials), answers)


def _fit(design: Floats, right: Floats, trials: Floats) -> _Fit:
    """Fit one model to every item by Newton's method (iteratively reweighted least squares), steps halved at need."""
    eta = np.zeros(trials.shape)
    deviance = _deviance(eta, right, trials)
    moved = np.zeros(len(eta))
    moving = trials.any(axis=1)
    for _ in range(STEPS):
        probability = expit(eta)
        weight = trials * probability * (1 - probability)
        gradient = np.einsum("jck,jc->jk", design, right - trials * probability)
        information = np.swapaxes(design * weight[..., None], 1, 2) @ design
        scale = np.trace(information, axis1=1, axis2=2)
        information += (1e-11 * scale + 1e-300)[:, None, None] * np.eye(design.shape[2])
        step = np.einsum("jck,jk->jc", design, np.linalg.solve(information, gradient[..., None])[..., 0])
        step[~moving] = 0.0
        for _ in range(HALVINGS):
            new = _deviance(eta + step, right, trials)
            worse = new > deviance + 1e-9 * (1 + deviance)
            if not worse.any():
                break
            step[worse] /= 2
        eta = eta + step
        moved = np.where(moving, np.abs(np.where(trials > 0, step, 0.0)).max(axis=1, initial=0.0), moved)
        moving = moving & (np.abs(new - deviance) > SETTLED * (1 + deviance))
        deviance = new
        if not moving.any():
            break
    gram = np.swapaxes(design * (trials > 0)[..., None], 1, 2) @ design
    estimable = np.linalg.matrix_rank(gram, rtol=1e-10, hermitian=True) == design.shape[2]
    return _Fit(deviance, moved > MOVING, estimable)


def _deviance(eta: Floats, right: Floats, trials: Floats) -> Floats:
    losses = right * np.logaddexp(0, -eta) + (trials - right) * np.logaddexp(0, eta)
    return np.asarray(2 * losses.sum(axis=1))


def _logit_of_mean(right: Floats, trials: Floats) -> Floats:
    """Return the linear predictor of the model without terms; 0 where all answers are alike, which has no test."""
    yes, all_answers = right.sum(axis=1), trials.sum(axis=1)
    varies = (yes > 0) & (yes < all_answers)
    odds = np.where(varies, yes, 1.0) / np.where(varies, all_answers - yes, 1.0)
    return np.repeat(np.log(odds)[:, None], right.shape[1], axis=1)


def _test(kind: str, fits: _Fits, level: float) -> pd.DataFrame:
    """Compare the two models of one kind of DIF."""
    terms, more_terms = KINDS[kind]
    small, large, n = fits.models[terms], fits.models[more_terms], np.maximum(fits.answers.sum(axis=(1, 2)), 1)
    alike = presence_notes(fits.answers) != ""
    testable = large.estimable & ~small.separated & ~alike
    chi2 = np.where(testable, np.maximum(small.deviance - large.deviance, 0.0), np.nan)
    # exp(-D/n) of the larger model, less that of the smaller: Cox and Snell's R² is 1 - exp((D - D0)/n).
    cox_snell = np.exp((small.deviance - fits.null_deviance) / n) - np.exp((large.deviance - fits.null_deviance) / n)
    largest = 1 - np.exp(-fits.null_deviance / n)
    p = chi_squared.sf(chi2, more_terms - terms)
    said = SPOKEN[kind]
    notes = np.select(
        [alike, ~large.estimable, small.separated, large.separated],
        [
            "",
            f"No {said} test: the scores do not vary enough within the groups.",
            f"No {said} test: the simpler model already separates right from wrong answers.",
            f"The {said} test is at a limit: score and group separate right from wrong answers.",
        ],
        default="",
    )
    return pd.DataFrame(
        {
            "chi2": chi2,
            "p": p,
            "r2_change": np.where(testable, cox_snell / np.where(largest > 0, largest, 1.0), np.nan),
            "cox_snell_change": np.where(testable, cox_snell, np.nan),
            "flagged": p < level,
            "note": notes.astype(object),
        }
    )


def _size(change: Floats, significant: Flags, cuts: tuple[float, float]) -> npt.NDArray[np.object_]:
    """Return class A, B or C of a change of R²; None where it is missing."""
    known = ~np.isnan(change)
    named = np.array(["A", "B", "C"], dtype=object)[np.searchsorted(cuts, np.where(known, change, 0.0), side="right")]
    named[~significant] = "A"
    named[~known] = None
    return named


def _told_once(notes: list[pd.Series], answers: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Join the notes of the tests of each item after what is to be said of the item itself."""
    return np.array(_sentences_once([pd.Series(presence_notes(answers)), *notes]), dtype=object)


def _sentences_once(notes: list[pd.Series]) -> list[str]:
    """Join texts row by row, each sentence once."""
    rows = zip(*(note.tolist() for note in notes), strict=True)
    return [
        " ".join(dict.fromkeys(part for text in row for part in re.split(r"(?<=\.) ", text) if part)) for row in rows
    ]
