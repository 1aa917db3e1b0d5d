"""The flags of an item review: their thresholds, which are data, what each says, and the items that have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ssa_engine.core.text import Sentence, say


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagThresholds:
    """From where on an item is looked at again. A flag is a reason to look, not a verdict."""

    least_attempts: int = 30
    """Attempts below which no flag rests on responses; a convention."""
    hardest: float = 0.30
    """Least proportion correct; a convention, a little above chance among four options."""
    easiest: float = 0.95
    """Most proportion correct; a convention."""
    lowest_discrimination: float = 0.10
    """Least corrected point-biserial; a convention, lower than Ebel's (1965, Measuring Educational Achievement) .20
    for the upper-lower difference because the item is not part of the score."""
    drift_robust_z: float = 1.645
    """Huynh & Meyer (2010, Practical Assessment, Research & Evaluation 15(2))."""
    drift_z: float = 1.96
    """Of the change itself: two-sided at .05."""
    misfit_low: float = 0.7
    misfit_high: float = 1.3
    """Mean squares: Wright & Linacre (1994, Rasch Measurement Transactions 8:370), for multiple choice."""
    exposure_ratio: float = 1.5
    """Exposure over that of even use of the area's items; a convention."""
    slow_ratio: float = 1.5
    """Median seconds over the seconds a form allows for an item; a convention."""
    comments: int = 3
    """Least number of comments that are many; a convention."""
    comment_rate: float = 0.02
    """And least number of comments per attempt; a convention."""


THRESHOLDS = FlagThresholds()
"""What is used unless other thresholds are given."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: its name in a query and a file, its label, what it says with its threshold, which items have it."""

    name: str
    label: Sentence
    meaning: Sentence
    rests_on_responses: bool
    is_raised: Callable[[pd.DataFrame], pd.Series]


def item_flags(thresholds: FlagThresholds = THRESHOLDS) -> tuple[Flag, ...]:
    """Return the flags with these thresholds, in the order in which they are shown."""
    return (
        *_of_difficulty(thresholds),
        *_of_discrimination(thresholds),
        *_of_fairness(thresholds),
        *_of_use(thresholds),
    )


def _of_difficulty(t: FlagThresholds) -> tuple[Flag, ...]:
    return (
        Flag(
            "hard",
            say("too hard"),
            say("The proportion correct is below {limit}.", limit=t.hardest),
            True,
            lambda items: _number(items, "p_value") < t.hardest,
        ),
        Flag(
            "easy",
            say("too easy"),
            say("The proportion correct is above {limit}.", limit=t.easiest),
            True,
            lambda items: _number(items, "p_value") > t.easiest,
        ),
    )


def _of_discrimination(t: FlagThresholds) -> tuple[Flag, ...]:
    return (
        Flag(
            "negative",
            say("negative discrimination"),
            say("The corrected point-biserial is below 0: look at the key."),
            True,
            lambda items: _number(items, "point_biserial") < 0,
        ),
        Flag(
            "low",
            say("low discrimination"),
            say("The corrected point-biserial lies between 0 and {limit}.", limit=t.lowest_discrimination),
            True,
            lambda items: _between(_number(items, "point_biserial"), 0, t.lowest_discrimination),
        ),
        Flag(
            "option",
            say("option above the key"),
            say("In the highest of five score groups another answer was chosen more often than the key."),
            True,
            lambda items: _number(items, "rival_share") > _number(items, "key_share").fillna(0.0),
        ),
        Flag(
            "misfit",
            say("misfit"),
            say(
                "Infit or outfit lies outside {low} to {high} (Wright & Linacre 1994).",
                low=t.misfit_low,
                high=t.misfit_high,
            ),
            True,
            lambda items: _outside(items, ("infit", "outfit"), t.misfit_low, t.misfit_high),
        ),
    )


def _of_fairness(t: FlagThresholds) -> tuple[Flag, ...]:
    c, b = (
        say("Differential item functioning of ETS class {ets} between the two groups compared (Zwick 2012).", ets=ets)
        for ets in "CB"
    )
    return (
        Flag("dif_c", say("DIF C"), c, True, lambda items: _is(items, "ets_class", "C")),
        Flag("dif_b", say("DIF B"), b, True, lambda items: _is(items, "ets_class", "B")),
        Flag(
            "drift",
            say("drift"),
            say(
                "The proportion correct changed between the two periods beside the other items (robust z beyond "
                "{robust}, Huynh & Meyer 2010) and by more than chance (z beyond {z}).",
                robust=t.drift_robust_z,
                z=t.drift_z,
            ),
            True,
            lambda items: (
                (_number(items, "drift_robust_z").abs() > t.drift_robust_z)
                & (_number(items, "drift_z").abs() > t.drift_z)
            ),
        ),
    )


def _of_use(t: FlagThresholds) -> tuple[Flag, ...]:
    return (
        Flag(
            "exposed",
            say("over-exposed"),
            say(
                "It was on more than {ratio} times as many forms as even use of the area’s items would put it on.",
                ratio=t.exposure_ratio,
            ),
            True,
            lambda items: _number(items, "exposure") > t.exposure_ratio * _number(items, "even_exposure"),
        ),
        Flag(
            "slow",
            say("slow"),
            say(
                "The median time is more than {ratio} times what a form allows for an item.",
                ratio=t.slow_ratio,
            ),
            True,
            lambda items: _number(items, "median_seconds") > t.slow_ratio * _number(items, "seconds_allowed"),
        ),
        Flag(
            "comments",
            say("many comments"),
            say(
                "Candidates wrote {count} comments or more, and at least {rate} for each attempt.",
                count=t.comments,
                rate=t.comment_rate,
            ),
            False,
            lambda items: (
                (_number(items, "comments") >= t.comments)
                & (_number(items, "comments") >= t.comment_rate * _number(items, "n"))
            ),
        ),
    )


def raise_flags(items: pd.DataFrame, thresholds: FlagThresholds = THRESHOLDS) -> pd.Series:
    """Return the names of each item's flags, joined by spaces, in the order of `item_flags`.

    Parameters
    ----------
    items : DataFrame
        As `item_review.review_items` makes it; a missing figure raises no flag. Flags that rest on responses are left
        out where fewer than `least_attempts` attempts had the item.
    thresholds : FlagThresholds
        From where on.
    """
    enough = (_number(items, "n") >= thresholds.least_attempts).to_numpy()
    raised = {
        flag.name: np.asarray(flag.is_raised(items), dtype=bool) & (enough | (not flag.rests_on_responses))
        for flag in item_flags(thresholds)
    }
    rows = zip(*raised.values(), strict=True)
    said = [" ".join(name for name, is_so in zip(raised, row, strict=True) if is_so) for row in rows]
    return pd.Series(said, index=items.index, name="flags", dtype=object)


def _number(items: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of numbers, all missing where there is none."""
    return items[name].astype(float) if name in items else pd.Series(np.nan, index=items.index)


def _between(values: pd.Series, low: float, high: float) -> pd.Series:
    return (values >= low) & (values < high)


def _outside(items: pd.DataFrame, names: tuple[str, ...], low: float, high: float) -> pd.Series:
    found = pd.Series(False, index=items.index)
    for name in names:
        values = _number(items, name)
        found |= (values < low) | (values > high)
    return found


def _is(items: pd.DataFrame, name: str, value: str) -> pd.Series:
    return items[name] == value if name in items else pd.Series(False, index=items.index)
