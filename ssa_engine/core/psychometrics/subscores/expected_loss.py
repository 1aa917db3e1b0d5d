"""What decisions about areas cost: missed need against needless CE, expected or given the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import DecisionRule
from ssa_engine.core.prescriptions import NONE, OFFER_ONLY, PRESCRIBE, PRESCRIBE_HALF, decide

Floats = npt.NDArray[np.float64]
Decisions = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class DecisionLoss:
    """What a set of decisions costs per area decided; all but `n` are shares or means over the decisions.

    `prescribed`, `half`, `offered`: what was decided. `needless`: CE for those at or above the standard; `missed`:
    none for those below; half a prescription is half of either, an offer counts as none. `wrong` = needless + missed.
    `loss` = needless + loss_ratio missed.
    """

    n: int
    prescribed: float
    half: float
    offered: float
    needless: float
    missed: float
    wrong: float
    loss: float


def decision_loss(decisions: Decisions, probability_below: Floats, rule: DecisionRule) -> DecisionLoss:
    """Return what decisions cost, expected under the probabilities or, where these are 0 and 1, in truth.

    With s the share prescribed (1, 1/2 or 0) and P the probability of lying below the standard, needless CE is
    s (1 - P) and missed need (1 - s) P, and the expected loss s (1 - P) + loss_ratio (1 - s) P.

    Parameters
    ----------
    decisions : array (of any shape)
        As `prescriptions.decide` returns them.
    probability_below : array of the same shape
        Probabilities, or the truth as booleans.
    rule : DecisionRule
        Gives the loss ratio.

    Raises
    ------
    Invalid
        If there is no decision, the shapes differ, or a probability is missing or outside [0, 1].
    """
    made, p = np.asarray(decisions, dtype=object), np.asarray(probability_below, dtype=float)
    if not made.size or made.shape != p.shape:
        raise Invalid("Each decision needs its probability, and there must be at least one. Give arrays of one shape.")
    if not ((p >= 0) & (p <= 1)).all():
        raise Invalid("Some probabilities are missing or outside 0 to 1. Leave those areas out.")
    full, half, offered = made == PRESCRIBE, made == PRESCRIBE_HALF, made == OFFER_ONLY
    if not (full | half | offered | (made == NONE)).all():
        raise Invalid(f"A decision must be {PRESCRIBE}, {PRESCRIBE_HALF}, {OFFER_ONLY} or {NONE}.")
    share = full + half / 2
    needless, missed = float((share * (1 - p)).mean()), float(((1 - share) * p).mean())
    return DecisionLoss(
        n=made.size,
        prescribed=float(full.mean()),
        half=float(half.mean()),
        offered=float(offered.mean()),
        needless=needless,
        missed=missed,
        wrong=needless + missed,
        loss=needless + rule.loss_ratio * missed,
    )


def by_raw_score(below_standard: npt.NDArray[np.bool_]) -> Decisions:
    """Return the decisions of the raw rule: prescribe where the score is below the standard."""
    return np.where(np.asarray(below_standard, dtype=bool), PRESCRIBE, NONE).astype(object)


def compare_losses(
    below_standard: npt.NDArray[np.bool_],
    probabilities: Mapping[str, Floats],
    truly_below: npt.NDArray[np.bool_],
    rule: DecisionRule,
) -> pd.DataFrame:
    """Compare the raw rule with decisions by expected loss from several scores, on one loss and one truth.

    Parameters
    ----------
    below_standard : bool array (of any shape)
        Whether the raw score is below the standard.
    probabilities : mapping
        Name of a score -> its probabilities of lying below the standard (same shape), for instance `wainer`, `irt`.
    truly_below : bool array of the same shape
        The simulated truth.
    rule : DecisionRule
        The loss ratio and the indeterminate band, the same for all.

    Returns
    -------
    DataFrame
        Index `score`: `raw`, then the names; columns as the fields of `DecisionLoss`, and `expected_loss` (by the
        score's own probabilities; missing for `raw`) and `note`. Areas without a probability are left out of that
        score's row, and the note says so.
    """
    truth = np.asarray(truly_below, dtype=bool)
    rows = {"raw": asdict(decision_loss(by_raw_score(below_standard), truth, rule)) | _said(np.nan, "")}
    for name, given in probabilities.items():
        p = np.asarray(given, dtype=float)
        if p.shape != truth.shape:
            raise Invalid(f"The probabilities of '{name}' and the truth must have one shape.")
        known = ~np.isnan(p)
        if not known.any():
            raise Invalid(f"All probabilities of '{name}' are missing. Leave that score out.")
        decisions = decide(p[known], rule)
        left_out = int((~known).sum())
        note = f"{left_out} areas have no probability and are left out." if left_out else ""
        expected = decision_loss(decisions, p[known], rule).loss
        rows[name] = asdict(decision_loss(decisions, truth[known], rule)) | _said(expected, note)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("score")


def _said(expected_loss: float, note: str) -> dict[str, float | str]:
    return {"expected_loss": expected_loss, "note": note}
