"""The tables of a calibration: abilities, fit of items and persons, information, sum scores, model, link to a bank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.abilities import (
    METHODS,
    abilities,
    eap_by_sum_score,
    fine_quadrature,
)
from ssa_engine.core.psychometrics.irt.bank_scale import named, on_scale, usable
from ssa_engine.core.psychometrics.irt.calibration import Calibration
from ssa_engine.core.psychometrics.irt.item_fit import item_fit, score_fit
from ssa_engine.core.psychometrics.irt.linking import Linking
from ssa_engine.core.psychometrics.irt.models import Quadrature, information, probability
from ssa_engine.core.psychometrics.irt.person_fit import person_fit
from ssa_engine.core.psychometrics.matrix import ResponseMatrix

THETA = np.linspace(-4, 4, 81).round(1)
"""Where information is given."""
LEAST_INFORMATION = 1e-300
ALL_ITEMS = "all items, each of which every attempt was shown"
MEAN_FORM = "the mean form: each item counts with the share of attempts that were shown it"
LEFT_OUT = "It has no slope above 0 with a difficulty, and was left out: see its parameters."
NOTHING_USABLE = "None of the items it was shown has usable parameters."
NOT_COMPLETE = (
    "S-X2 goes by the score on one set of items, and not every attempt was shown all of these: "
    "give the attempts of one form at a time."
)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class IrtReport:
    """The tables of a calibration; `irt_report` describes their columns. None where they cannot be made."""

    model: pd.DataFrame
    abilities: pd.DataFrame
    item_fit: pd.DataFrame
    s_x2_tables: pd.DataFrame | None
    person_fit: pd.DataFrame
    information: pd.DataFrame
    eap_by_sum_score: pd.DataFrame | None
    linking: pd.DataFrame | None
    anchors: pd.DataFrame | None
    remarks: tuple[str, ...]
    """Sentences about the report as a whole; none when all is well."""


@dataclass(frozen=True, eq=False, slots=True)
class _Scale:
    """Items as they are reported, and the mean and SD on that scale of the candidates calibrated on."""

    items: pd.DataFrame
    mean: float
    sd: float
    quadrature: Quadrature


def irt_report(
    responses: ResponseMatrix, calibration: Calibration, *, linking: Linking | None = None, link_note: str = ""
) -> IrtReport:
    """Return the tables that follow from a calibration and the responses it was made from.

    Items without a slope above 0 and a difficulty are left out of all of them, and a remark names them. With a
    linking everything is on the bank's scale, where these candidates have the intercept as mean and the slope as SD:
    that is then the prior of EAP and MAP, and the population of S-X2 and of the sum scores.

    Parameters
    ----------
    responses : ResponseMatrix
        What was calibrated.
    calibration : Calibration
        The outcome.
    linking, link_note : Linking, str
        Of `bank_link`.

    Returns
    -------
    IrtReport
        `model`, one row: `model`, `items` calibrated, `attempts`, `parameters`, `log_likelihood`, `aic`, `bic`,
        `iterations`, `converged`, `nodes` of the quadrature, `clusters`, `scale`, `remarks`.
        `abilities`, one row per attempt: `attempt_id`, `items` presented that have usable parameters, `correct` of
        them, `eap`, `eap_se`, `map`, `map_se`, `wle`, `wle_se`, `wle_se_curvature` (see `abilities.abilities`),
        `note`.
        `item_fit`: `item_id`, `n`, `infit`, `z_infit`, `outfit`, `z_outfit` (`item_fit.item_fit` at the EAP);
        `groups`, `s_x2`, `df`, `p_value`, `rmsea` (`item_fit.score_fit`) where all had the same items; `note`.
        `s_x2_tables`: `ScoreFit.tables`.
        `person_fit`: `attempt_id` and the columns of `person_fit.person_fit` at the EAP, `theta` named `eap`.
        `information` at theta -4, -3.9, ..., 4: `theta`, `items`, `information`, `se` = 1 / sqrt(information),
        `expected_score` in items, `convention` (all items, or the mean form where attempts saw different ones:
        sums over items weighted with the share of attempts shown each; `items` is the sum of those weights),
        `note`.
        `eap_by_sum_score` where all had the same items: `score`, `eap`, `eap_se`, `probability`
        (`abilities.eap_by_sum_score`), `attempts` that have the score.
        `linking`, one row: `method`, `direction`, `slope`, `intercept`, `anchors`, `weights`, `note`.
        `anchors`: `item_id` and the columns of `anchor_drift.anchor_drift`.

    Raises
    ------
    Invalid
        If no item has a slope above 0 and a difficulty.
    """
    kept = usable(calibration.items)
    if not kept.any():
        raise Invalid(
            "No item has a slope above 0, so there are no abilities and no fit to report. Check the key, or calibrate "
            "without a report."
        )
    used = ResponseMatrix(responses.attempts, responses.items[kept], responses.values[:, kept])
    scale = _scale(calibration.items[kept], linking)
    complete = used.is_complete
    estimates = _abilities(used, scale)
    eap = estimates["eap"].to_numpy(dtype=float)
    scores = score_fit(used, scale.items, quadrature=scale.quadrature) if complete else None
    fit = item_fit(used, scale.items, theta=eap)
    remarks = _remarks(calibration.items.index[~kept])
    return IrtReport(
        model=_model(calibration, scale, linking, (*calibration.remarks, *remarks)),
        abilities=estimates.reset_index(),
        item_fit=_item_fit(fit, None if scores is None else scores.items, calibration.items["n"]).reset_index(),
        s_x2_tables=None if scores is None else scores.tables,
        person_fit=_person_fit(used, scale, eap).reset_index(),
        information=_information(used, scale.items),
        eap_by_sum_score=_sum_scores(used, scale).reset_index() if complete else None,
        linking=None if linking is None else _linking(linking, link_note),
        anchors=None if linking is None else linking.anchors.reset_index(),
        remarks=remarks,
    )


def _scale(items: pd.DataFrame, linking: Linking | None) -> _Scale:
    mean, sd = (0.0, 1.0) if linking is None else (linking.intercept, linking.slope)
    standard = fine_quadrature(items)
    return _Scale(on_scale(items, linking), mean, sd, Quadrature(mean + sd * standard.points, standard.weights))


def _remarks(left_out: pd.Index[str]) -> tuple[str, ...]:
    if not len(left_out):
        return ()
    return (f"Left out of the report, sum scores included, for want of a slope above 0: {named(left_out)}.",)


def _model(calibration: Calibration, scale: _Scale, linking: Linking | None, remarks: tuple[str, ...]) -> pd.DataFrame:
    where = "these attempts have mean 0 and SD 1"
    if linking is not None:
        where = f"the bank's; these attempts have mean {scale.mean:.4f} and SD {scale.sd:.4f}"
    row = {
        "model": calibration.model,
        "items": int(calibration.items["a"].notna().sum()),
        "attempts": calibration.persons,
        "parameters": calibration.parameters,
        "log_likelihood": calibration.log_likelihood,
        "aic": calibration.aic,
        "bic": calibration.bic,
        "iterations": calibration.iterations,
        "converged": calibration.converged,
        "nodes": len(calibration.quadrature.points),
        "clusters": calibration.clusters,
        "scale": where,
        "remarks": " ".join(remarks),
    }
    return pd.DataFrame([row])


def _abilities(responses: ResponseMatrix, scale: _Scale) -> pd.DataFrame:
    """Return the three estimates side by side, with their notes in one."""
    parts: list[pd.DataFrame] = []
    note = pd.Series("", index=responses.attempts)
    for method in METHODS:
        found = abilities(responses, scale.items, method=method, prior_mean=scale.mean, prior_sd=scale.sd)
        own = method.lower()
        names = {"theta": own, "se": f"{own}_se", "se_curvature": f"{own}_se_curvature"}
        parts.append(found.drop(columns=["items", "correct", "note"] if parts else "note").rename(columns=names))
        note += np.where(found["note"] == "", "", f" {method}: " + found["note"])
    table = pd.concat(parts, axis=1)
    return table.assign(note=note.str.strip().mask(table["items"] == 0, NOTHING_USABLE))


def _item_fit(fit: pd.DataFrame, scores: pd.DataFrame | None, shown: pd.Series) -> pd.DataFrame:
    """Return the fit of every item, with the reasons for what is missing."""
    table = fit[["n", "infit", "z_infit", "outfit", "z_outfit"]].reindex(shown.index)
    names = ["groups", "s_x2", "df", "p_value", "rmsea"]
    found = pd.DataFrame(np.nan, index=fit.index, columns=names) if scores is None else scores[names]
    table = table.join(found).astype({"groups": "Int64", "df": "Int64"})
    of_scores = NOT_COMPLETE if scores is None else scores["note"]
    said = (fit["note"] + " " + of_scores).str.strip()
    return table.assign(n=shown, note=said.reindex(shown.index).fillna(LEFT_OUT))


def _person_fit(responses: ResponseMatrix, scale: _Scale, eap: npt.NDArray[np.float64]) -> pd.DataFrame:
    found = person_fit(responses, scale.items, theta=eap)
    note = found["note"].mask(found["items"] == 0, NOTHING_USABLE)
    return found.rename(columns={"theta": "eap"}).assign(note=note)


def _information(responses: ResponseMatrix, items: pd.DataFrame) -> pd.DataFrame:
    """Return the curves of all items, or of the mean form where not all attempts were shown all."""
    share = responses.presented.mean(axis=0)
    total = information(THETA, items) @ share
    some = total > LEAST_INFORMATION
    return pd.DataFrame(
        {
            "theta": THETA,
            "items": share.sum(),
            "information": total,
            "se": np.where(some, 1 / np.sqrt(np.where(some, total, 1.0)), np.nan),
            "expected_score": probability(THETA, items) @ share,
            "convention": ALL_ITEMS if responses.is_complete else MEAN_FORM,
            "note": np.where(some, "", "There is no information at this theta."),
        }
    )


def _sum_scores(responses: ResponseMatrix, scale: _Scale) -> pd.DataFrame:
    found = eap_by_sum_score(scale.items, quadrature=scale.quadrature)
    sums = responses.values.sum(axis=1, dtype=np.int64)
    return found.rename(columns={"theta": "eap", "se": "eap_se"}).assign(
        attempts=np.bincount(sums, minlength=len(found))
    )


def _linking(linking: Linking, note: str) -> pd.DataFrame:
    row = {
        "method": linking.method,
        "direction": linking.direction,
        "slope": linking.slope,
        "intercept": linking.intercept,
        "anchors": len(linking.anchors),
        "weights": linking.weights,
        "note": note,
    }
    return pd.DataFrame([row])
