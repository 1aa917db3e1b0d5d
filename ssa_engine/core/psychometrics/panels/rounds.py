"""What every panel's cut has: its error over judges, its rounds, and what changed between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ssa_engine.core.errors import Invalid

ONE_JUDGE = "One judge, so the error of the cut is unknown. Ask at least two."
ALL_ALIKE = "All judges have the same cut; that its error is 0 says nothing of other judges."


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A standard as one method gives it: a proportion of the items, with its error over judges."""

    method: str
    convention: str
    """What was chosen where the method leaves a choice."""
    proportion: float | None
    se: float | None
    """Standard error over judges, in proportions."""
    low: float | None
    high: float | None
    judges: int
    items: int | None
    rounds: int = 1
    note: str = ""


@dataclass(frozen=True)
class PanelCut:
    """A cut with the tables behind it."""

    cut: Cut
    rounds: pd.DataFrame
    """Index `round`; `judges`, `items`, `cut`, `sd` (between judges), `se`, `se_judges_and_items` (Angoff), `change`
    (since the round before), `mean_absolute_change` (of single judgements), `note`."""
    judges: pd.DataFrame
    """`round`, `judge`, `items`, `cut` (in proportions), for a bookmark `theta`; `change` since the round before."""


def interval(value: float, se: float, judges: int, confidence: float) -> tuple[float | None, float | None]:
    """Return value ± t(judges - 1) × se, held to 0 and 1; nothing where there is no error."""
    if judges < 2 or not np.isfinite(se):
        return None, None
    reach = float(stats.t.ppf((1 + confidence) / 2, judges - 1)) * se
    return max(value - reach, 0.0), min(value + reach, 1.0)


def rounds_judged(judgements: pd.DataFrame, column: str, round_number: int | None) -> tuple[list[int], int]:
    """Return the rounds in which anything was judged, and the one that counts."""
    numbers = sorted(int(number) for number in judgements.loc[judgements[column].notna(), "round"].unique())
    if not numbers:
        raise Invalid("No judge has judged anything. Fill in the sheet and try again.")
    if round_number is not None and round_number not in numbers:
        raise Invalid(
            f"There is no round {round_number} in these sheets; there is {', '.join(map(str, numbers))}. Choose one."
        )
    return numbers, numbers[-1] if round_number is None else round_number


def spread_of(cut: float, cuts: pd.Series, *, comparable: bool = True) -> dict[str, float]:
    """Return the cut, how many judges made it, and, where their cuts are `comparable`, their spread and its error."""
    count = int(cuts.notna().sum())
    sd = float(cuts.std(ddof=1)) if comparable and count > 1 else np.nan
    return {"judges": count, "cut": cut, "sd": sd, "se": sd / np.sqrt(count)}


def judge_rows(number: int, cuts: pd.Series, more: dict[str, pd.Series]) -> pd.DataFrame:
    """Return one round's cuts with whatever else is known of each judge."""
    frame = pd.DataFrame({"cut": cuts, **more}).rename_axis("judge").reset_index()
    return frame.assign(round=number)


def with_changes(rounds: pd.DataFrame, judges: pd.DataFrame, steps: list[float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add what changed since the round before, and say who and what is missing, after the notes there are."""
    numbers = rounds["round"].tolist()
    notes = []
    own = rounds.get("note", pd.Series("", index=rounds.index)).tolist()
    for before, number, known, sd in zip([None, *numbers], numbers, own, rounds["sd"], strict=False):
        cuts = judges[judges["round"] == number]
        absent = cuts.loc[cuts["cut"].isna(), "judge"].tolist()
        said = [known] if known else []
        said += [f"No judgement of {', '.join(map(str, absent))} in round {number}."] if absent else []
        if before is not None and number > before + 1:
            said.append(f"Round {before + 1} is missing; changes are since round {before}.")
        count, kinds = cuts["cut"].count(), cuts["cut"].round(12).nunique()
        said += [ONE_JUDGE] if count == 1 else [ALL_ALIKE] if kinds == 1 and np.isfinite(sd) else []
        notes.append(" ".join(said))
    rounds = rounds.assign(change=rounds["cut"].diff(), mean_absolute_change=[np.nan, *steps], note=notes)
    judges = judges.assign(change=judges.groupby("judge", sort=False)["cut"].diff())
    order = ["round", "judge", "items", "theta", "cut", "change"]
    return rounds.set_index("round"), judges[[name for name in order if name in judges]]


def panel_cut(method: str, convention: str, last: pd.Series, *, confidence: float, rounds: int) -> Cut:
    """Return the cut of the round that counts, as its row of the table of rounds says."""
    judges, cut, se = int(last["judges"]), float(last["cut"]), float(last["se"])
    low, high = interval(cut, se, judges, confidence)
    return Cut(
        method=method,
        convention=convention,
        proportion=cut,
        se=se if np.isfinite(se) else None,
        low=low,
        high=high,
        judges=judges,
        items=int(last["items"]),
        rounds=rounds,
        note=str(last["note"]),
    )
