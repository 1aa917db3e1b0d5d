"""Tables of decisions judged: what each score's decisions lose, and whether its probabilities come true."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.policies import DecisionRule
from ssa_engine.core.prescriptions import decide
from ssa_engine.core.psychometrics.subscores.expected_loss import by_raw_score, decision_loss
from ssa_engine.core.psychometrics.subscores.probability_checks import check_probabilities

Floats = npt.NDArray[np.float64]

OWN, HELD_OUT, TRUE = "own probabilities", "held-out half", "true scores"
"""What losses and probabilities are held against."""
CONFIDENT = 1.959963984540054
"""Standard normal quantile of a 95 % interval."""

BY_BETA_BINOMIAL = "A raw score states no probability: expected by those of the beta-binomial."
HALF_NOTE = "Decided from one half and judged by the other's score, which errs too: compare scores, not levels."
NO_HALF = "No attempt has two items in an area, so no half can be held out."
NO_PROBABILITY = "No area has a probability by this score."


def loss_table(
    predictions: pd.DataFrame,
    rule: DecisionRule,
    *,
    happened: npt.NDArray[np.bool_] | None = None,
    convention: str = OWN,
) -> pd.DataFrame:
    """Compare decisions at the raw cut with decisions by expected loss from each score, on one loss.

    Parameters
    ----------
    predictions : DataFrame
        `below_standard` and the probabilities `below_<score>`, as `true_score_table` or `held_out_halves` return them.
    rule : DecisionRule
        The loss ratio and the indeterminate band, the same for all.
    happened : bool array, optional
        Whether each was so. Without it losses are expected, each score's by its own probabilities.
    convention : str
        What losses are held against: the column's words.

    Returns
    -------
    DataFrame
        `convention`, `score` (`raw`, `kelley`, `beta_binomial`, `wainer`, `irt`, `irt_area`), `loss_ratio`, `n`
        (decisions), `loss` (mean; needless + loss_ratio × missed), `prescribed`, `half`, `offered`, `needless`,
        `missed`, `wrong` (shares of the decisions), `note`. All scores are compared on the decisions for which each
        has a probability.
    """
    chances = {name.removeprefix("below_"): predictions[name].to_numpy() for name in probability_columns(predictions)}
    some = [~np.isnan(p) for p in chances.values() if not np.isnan(p).all()]
    together = np.logical_and.reduce(some) if some else np.zeros(len(predictions), dtype=bool)
    raw = predictions["below_standard"].to_numpy(dtype=bool)
    left_out = int((~together).sum())
    told = f"{left_out} decisions for which some score has no probability are left out." if left_out else ""
    rows: list[dict[str, object]] = []
    for score, p in {"raw": chances["beta_binomial"], **chances}.items():
        row: dict[str, object] = {"convention": convention, "score": score, "loss_ratio": rule.loss_ratio, "n": 0}
        if not together.any() or np.isnan(p[together]).any():
            rows.append(row | {"note": NO_PROBABILITY if len(predictions) else NO_HALF})
            continue
        made = by_raw_score(raw[together]) if score == "raw" else decide(p[together], rule)
        against = p[together] if happened is None else happened[together].astype(float)
        notes = [told, BY_BETA_BINOMIAL if score == "raw" and happened is None else ""]
        notes.append(HALF_NOTE if convention == HELD_OUT else "")
        rows.append(row | asdict(decision_loss(made, against, rule)) | {"note": " ".join(filter(None, notes))})
    return pd.DataFrame(rows, columns=list(_LOSS_COLUMNS))


_LOSS_COLUMNS = (
    *("convention", "score", "loss_ratio", "n", "loss", "prescribed", "half", "offered", "needless", "missed"),
    *("wrong", "note"),
)


def probability_columns(predictions: pd.DataFrame) -> list[str]:
    """Return the names of the columns of probabilities, in the order of the tables."""
    names = ("below_kelley", "below_beta_binomial", "below_wainer", "below_irt", "below_irt_area")
    return [name for name in names if name in predictions]


def calibration_table(predictions: pd.DataFrame, happened: npt.NDArray[np.bool_], convention: str) -> pd.DataFrame:
    """Hold each score's stated probabilities against what happened, by tenths of probability.

    Parameters
    ----------
    predictions, happened, convention
        As for `loss_table`.

    Returns
    -------
    DataFrame
        `convention`, `score`, `lower`, `upper` (of the tenth), `n`, `mean_probability`, `share` (that happened), `low`,
        `high` (95 % interval of the share: Wilson 1927, J. Am. Stat. Assoc. 22:209-212), and of all tenths together
        `brier` and `calibration_error` (see `probability_checks`); `note`.
    """
    parts = []
    for name in probability_columns(predictions):
        start = {"convention": convention, "score": name.removeprefix("below_")}
        if predictions[name].isna().all():
            note = NO_PROBABILITY if len(predictions) else NO_HALF
            parts.append(pd.DataFrame([start | {"n": 0, "note": note}], columns=list(_CALIBRATION_COLUMNS)))
            continue
        checked = check_probabilities(predictions[name].to_numpy(), happened)
        table = checked.table.assign(**start, brier=checked.brier, calibration_error=checked.calibration_error)
        table["low"], table["high"] = wilson_interval(table["share"].to_numpy(), table["n"].to_numpy(dtype=float))
        parts.append(table[list(_CALIBRATION_COLUMNS)])
    return pd.DataFrame([row for part in parts for row in part.to_dict("records")], columns=list(_CALIBRATION_COLUMNS))


_CALIBRATION_COLUMNS = (
    *("convention", "score", "lower", "upper", "n", "mean_probability", "share", "low", "high"),
    *("brier", "calibration_error", "note"),
)


def wilson_interval(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's 95 % interval of shares; missing where n is 0."""
    size = np.where(n > 0, n, np.nan)
    middle = share + CONFIDENT**2 / (2 * size)
    reach = CONFIDENT * np.sqrt(share * (1 - share) / size + CONFIDENT**2 / (4 * size**2))
    scale = 1 + CONFIDENT**2 / size
    return np.maximum((middle - reach) / scale, 0.0), np.minimum((middle + reach) / scale, 1.0)
