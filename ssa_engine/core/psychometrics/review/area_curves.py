"""One content area in depth: information around the standard, scores, and whether stated probabilities come true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
from ssa_engine.core.psychometrics.decisions.irt_decisions import theta_at
from ssa_engine.core.psychometrics.irt.bank_scale import usable
from ssa_engine.core.psychometrics.irt.models import information
from ssa_engine.core.psychometrics.subscores.held_out import held_out_halves
from ssa_engine.core.psychometrics.subscores.probability_checks import check_probabilities
from ssa_engine.core.text import say, say_count

GRID = np.linspace(-4.0, 4.0, 81)
"""Where information is given, in theta."""
BINS = 5
"""Of stated probabilities."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class AreaInformation:
    """What an area's items tell about ability; figures are None where `note` says why.

    `curve`: `theta`, `information` of one form's items in the area, `se` = 1 / sqrt(information).
    """

    calibrated: int
    theta: float | None = None
    """Where the expected proportion correct equals the standard."""
    information: float | None = None
    """Of one form's items at that theta."""
    se: float | None = None
    curve: pd.DataFrame
    note: str = ""


def area_information(items: pd.DataFrame, standard: float | None, *, form_items: int) -> AreaInformation:
    """Return the information of an area's items, as many as a form takes, around the standard.

    The mean information of the area's items that have parameters (Birnbaum 1968), times the items of a form. The
    standard lies where the mean probability of a right answer to these items equals it.

    Parameters
    ----------
    items : DataFrame
        Index `item_id`; `a`, `b` of the area's scored items, missing where unknown.
    standard : float, optional
        Proportion correct.
    form_items : int
        Items that a form takes from the area.
    """
    chosen = items.loc[usable(items), ["a", "b"]].astype(float)
    if not len(chosen):
        curve = pd.DataFrame({"theta": [], "information": [], "se": []}, dtype=float)
        return AreaInformation(calibrated=0, curve=curve, note=say("No item of this area has parameters a and b."))
    total = information(GRID, chosen).mean(axis=1) * form_items
    curve = pd.DataFrame({"theta": GRID, "information": total, "se": 1 / np.sqrt(total)})
    lacking = len(items) - len(chosen)
    note = say_count("{count} item has no parameters.", "{count} items have no parameters.", lacking) if lacking else ""
    if standard is None:
        return AreaInformation(calibrated=len(chosen), curve=curve, note=note)
    theta = theta_at(chosen, standard * len(chosen))
    if not np.isfinite(theta):
        note = say("The standard is 0 or 1, where no ability lies.")
        return AreaInformation(calibrated=len(chosen), curve=curve, note=note)
    here = float(information(np.array([theta]), chosen).mean() * form_items)
    return AreaInformation(calibrated=len(chosen), theta=theta, information=here, se=here**-0.5, curve=curve, note=note)


def score_counts(marked: pd.DataFrame) -> pd.DataFrame:
    """Return how many attempts have each number correct, by area and number of items.

    Returns
    -------
    DataFrame
        `content_area`, `items`, `correct` from 0 to `items`, `attempts`, `share` (of the area's attempts).
    """
    rows = []
    for area, parts in area_groups(marked).items():
        attempts = sum(len(part) for part in parts)
        for part in parts:
            counts = part.frequencies[0].astype(int)
            correct = np.arange(part.items + 1)
            own = {"content_area": area, "items": part.items, "correct": correct, "attempts": counts}
            rows.append(pd.DataFrame(own).assign(share=counts / attempts))
    return pd.concat(rows, ignore_index=True)


HELD_OUT = {"beta-binomial": "below_beta_binomial", "Wainer": "below_wainer"}
"""How the other half is foretold -> column of `held_out_halves`."""


def held_out_checks(marked: pd.DataFrame, standards: Mapping[str, float], *, seed: int = 0) -> pd.DataFrame:
    """Return whether half of the items foretells the other half: stated probabilities beside shares that came true.

    Parameters
    ----------
    marked, standards :
        As for `held_out_halves`.
    seed : int
        Of the halves.

    Returns
    -------
    DataFrame
        By area and `way` of foretelling (`beta-binomial`, `Wainer`) and bin of probability: `lower`, `upper`, `n`,
        `mean_probability`, `share`, `se` (`check_probabilities`), and of all bins together `brier` and
        `calibration_error`.

    Raises
    ------
    Invalid
        If no area has two items or more in any attempt, or as `held_out_halves`.
    """
    halves = held_out_halves(marked, standards, seed=seed)
    if not len(halves):
        raise Invalid(say("No attempt has two items or more in an area, so nothing can be held out."))
    parts = []
    for area, own in halves.groupby("content_area", observed=True, sort=True):
        for way, column in HELD_OUT.items():
            stated = own[column].to_numpy(dtype=float)
            if np.isnan(stated).all():
                continue
            found = check_probabilities(stated, own["happened"].to_numpy(dtype=bool), BINS)
            whole = {"brier": found.brier, "calibration_error": found.calibration_error}
            parts.append(found.table.drop(columns="note").assign(**whole, content_area=str(area), way=way))
    columns = ["content_area", "way", "lower", "upper", "n", "mean_probability", "share", "se", "brier"]
    columns.append("calibration_error")
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
