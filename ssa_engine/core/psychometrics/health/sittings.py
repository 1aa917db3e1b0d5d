"""The health of the sittings: answers too quick to be tried, and pairs of sittings whose answers are too alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.matrix import sorted_codes

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

NORMATIVE_SHARE, NORMATIVE_MOST = 0.10, 10.0
"""NT10: a tenth of the mean time of the item, at most ten seconds (Wise & Ma 2012)."""
FIXED_SECONDS = 3.0
LEAST_EFFORT = 0.90
"""Response-time effort below this marks a sitting (Wise & Kong 2005)."""
BLOCK, PAIRS_AT_ONCE = 512, 2048
"""Sittings, and pairs, looked at together: bounds the memory."""
SCREENED_FROM, LEAST_DEVIATE = 200, 2.0
"""Among so many sittings, only pairs so many standard deviations above expectation have their tail worked out."""


def rapid_thresholds(
    times: pd.DataFrame, *, method: Literal["normative", "fixed"] = "normative", seconds: float = FIXED_SECONDS
) -> pd.DataFrame:
    """Return the time of each item below which an answer is taken for a rapid guess.

    Parameters
    ----------
    times : DataFrame
        `item_id`, `seconds` (missing where not known), one row per attempt and item.
    method : {"normative", "fixed"}
        "normative": NT10, 10% of the item's mean time and at most 10 s (Wise & Ma 2012, paper at the meeting of the
        National Council on Measurement in Education); "fixed": `seconds` for every item.

    Returns
    -------
    DataFrame
        Index `item_id`; `n` times known, `mean_seconds`, `threshold` in seconds, `note`.

    Raises
    ------
    Invalid
        If no time is known, or one is below 0.
    """
    known = _known_times(times)
    codes, found = sorted_codes(times["item_id"])
    items = found.astype(str).rename("item_id")
    grouped = known.groupby(codes[known.index])
    n = pd.Series(grouped.size().reindex(range(len(items)), fill_value=0).to_numpy(), index=items)
    mean = pd.Series(grouped.mean().reindex(range(len(items))).to_numpy(), index=items)
    threshold = (mean * NORMATIVE_SHARE).clip(upper=NORMATIVE_MOST) if method == "normative" else mean * 0 + seconds
    note = np.where(n == 0, "No time on this item is known.", "")
    return pd.DataFrame({"n": n, "mean_seconds": mean, "threshold": threshold, "note": note.astype(object)})


def response_time_effort(times: pd.DataFrame, thresholds: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each sitting's items on which somebody took long enough to try.

    Parameters
    ----------
    times : DataFrame
        `attempt_id`, `item_id`, `seconds`.
    thresholds : DataFrame
        As `rapid_thresholds` returns it.

    Returns
    -------
    DataFrame
        Index `attempt_id`; `items` with a known time and threshold, `rapid` (quicker than the threshold), `effort` =
        1 − rapid / items (Wise & Kong 2005, Appl. Meas. Educ. 18:163-183), `low_effort` (below .90), `note`.

    Raises
    ------
    Invalid
        As `rapid_thresholds`.
    """
    _known_times(times)
    codes, items = sorted_codes(times["item_id"])
    limit = np.append(thresholds["threshold"].reindex(items.astype(str)).to_numpy(dtype=float), np.nan)[codes]
    seconds = times["seconds"].to_numpy(dtype=float)
    used = ~np.isnan(limit) & ~np.isnan(seconds)
    rapid = used & (seconds < np.where(used, limit, 0.0))
    frame = pd.DataFrame({"attempt_id": times["attempt_id"].to_numpy(), "items": used, "rapid": rapid})
    summed = frame.groupby("attempt_id", observed=True, sort=False)[["items", "rapid"]].sum().astype(int)
    effort = 1 - summed["rapid"] / summed["items"].where(summed["items"] > 0)
    note = np.where(summed["items"] == 0, "No time of this sitting is known.", "")
    return summed.assign(effort=effort, low_effort=effort < LEAST_EFFORT - 1e-12, note=note.astype(object))


def _known_times(times: pd.DataFrame) -> pd.Series:
    """Return the seconds that are known, by the number of their row."""
    seconds = times["seconds"].to_numpy(dtype=float, na_value=np.nan)
    known: pd.Series = pd.Series(seconds)[~np.isnan(seconds) & times["item_id"].notna().to_numpy()]
    if not len(known):
        raise Invalid("No response time is known. Give the column 'seconds'.")
    if (known < 0).any():
        raise Invalid("A response time is below 0 seconds. Correct the column 'seconds'.")
    return known


@dataclass(frozen=True, eq=False, slots=True)
class _Answers:
    """Sittings × items as 0 and 1: answered `right` or `wrong` (neither where omitted or not presented).

    `options[sitting, o]` is 1 where it gave the wrong answer o; `chance[item]`: that two wrong answers are the same.
    """

    attempts: pd.Index[str]
    items: pd.Index[str]
    right: Floats
    wrong: Floats
    options: csr_array[np.float64, tuple[int, int]]
    chance: Floats


def identical_wrong_answers(
    marked: pd.DataFrame, *, shares: pd.DataFrame | None = None, level: float = 0.05
) -> pd.DataFrame:
    """Return the pairs of sittings with more identical wrong answers than chance explains.

    Of the items both have wrong, each is taken to be answered alike with probability Σ s_o², s_o the share of option o
    among all wrong answers to the item; so the number alike is Poisson-binomial. The thought is that of the K-index
    (Holland 1996, ETS Research Report 96-7), with the items' own option shares in place of one binomial probability.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `answer` (missing where omitted), `correct`.
    shares : DataFrame
        `item_id`, `answer`, `share` among the wrong answers; without it, the shares in `marked`, the pair's own answers
        among them, which in a small group hides likeness.
    level : float
        Probability of naming any pair where all worked alone, at most (Bonferroni over the pairs compared).

    Returns
    -------
    DataFrame
        Pairs with `p_adjusted` below `level`, the least likely first: `attempt_a`, `attempt_b`, `items` (compared: both
        wrong), `alike`, `expected`, `p` (of so many or more), `p_adjusted` = p × pairs. `attrs["pairs"]` is the number
        of pairs that had an item to compare.

    Raises
    ------
    Invalid
        If there are fewer than two attempts, or an item with wrong answers has no shares.
    """
    answers = _answers(marked, shares)
    wrong, chance = answers.wrong, answers.chance

    def compare(which: slice) -> tuple[Floats, Floats, Floats, Floats]:
        here, alike = wrong[which], (answers.options[which] @ answers.options.T).toarray()
        return here @ wrong.T, alike, (here * chance) @ wrong.T, (here * chance * (1 - chance)) @ wrong.T

    def chances(first: Counts, second: Counts) -> Floats:
        return np.asarray(wrong[first] * wrong[second] * chance)

    return _unlikely_pairs(answers.attempts, compare, chances, level)


def generalised_binomial_test(
    marked: pd.DataFrame, probabilities: pd.DataFrame, *, shares: pd.DataFrame | None = None, level: float = 0.05
) -> pd.DataFrame:
    """Return the pairs of sittings with more identical answers, right or wrong, than their abilities explain.

    Two sittings answer an item alike with probability P_a P_b + (1 − P_a)(1 − P_b) Σ s_o²; the number alike of the
    items both answered is Poisson-binomial (van der Linden & Sotaridou 2006, J. Educ. Behav. Stat. 31:283-304; there
    the options follow a nominal response model, here a wrong answer falls on the options by their shares).

    Parameters
    ----------
    marked, shares, level
        As in `identical_wrong_answers`.
    probabilities : DataFrame
        Index attempt_id, columns item_id: probability of a right answer, as of `irt.probability` at the abilities.

    Returns
    -------
    DataFrame
        As `identical_wrong_answers`.

    Raises
    ------
    Invalid
        As `identical_wrong_answers`, or if an answer has no probability.
    """
    answers = _answers(marked, shares)
    given, chance = answers.right + answers.wrong, answers.chance
    known = probabilities.reindex(index=answers.attempts, columns=answers.items).to_numpy(dtype=float)
    if np.isnan(known[given > 0]).any():
        raise Invalid("A sitting or an item has no probability of a right answer. Give those of every answer.")
    p = np.where(given > 0, known, 0.0)
    q = given - p

    def compare(which: slice) -> tuple[Floats, Floats, Floats, Floats]:
        a, b = p[which], q[which] * chance
        alike = (answers.options[which] @ answers.options.T).toarray() + answers.right[which] @ answers.right.T
        expected = a @ p.T + b @ q.T
        squares = a**2 @ (p**2).T + 2 * (a * b) @ (p * q).T + b**2 @ (q**2).T
        return given[which] @ given.T, alike, expected, expected - squares

    def chances(first: Counts, second: Counts) -> Floats:
        return np.asarray(p[first] * p[second] + q[first] * q[second] * chance)

    return _unlikely_pairs(answers.attempts, compare, chances, level)


def poisson_binomial_tail(chances: Floats, least: Counts) -> Floats:
    """Return P(X ≥ least) of each row's number of successes in independent trials of these chances (rows × trials)."""
    spread = np.zeros((len(chances), chances.shape[1] + 1))
    spread[:, 0] = 1.0
    for trial, chance in enumerate(chances.T):
        spread[:, 1 : trial + 2] += chance[:, None] * (spread[:, : trial + 1] - spread[:, 1 : trial + 2])
        spread[:, 0] *= 1 - chance
    return np.asarray(np.where(np.arange(spread.shape[1]) >= least[:, None], spread, 0.0).sum(axis=1))


def _answers(marked: pd.DataFrame, shares: pd.DataFrame | None) -> _Answers:
    rows, attempts = pd.factorize(marked["attempt_id"])
    columns, items = pd.factorize(marked["item_id"].astype(str), sort=True)
    if len(attempts) < 2:
        raise Invalid("Sittings are compared in pairs, and there are fewer than two. Give at least two.")
    answered, correct = marked["answer"].notna().to_numpy(), marked["correct"].to_numpy(dtype=bool)
    right, wrong = np.zeros((len(attempts), len(items))), np.zeros((len(attempts), len(items)))
    right[rows, columns], wrong[rows, columns] = answered & correct, answered & ~correct
    mine = answered & ~correct
    texts, named = pd.factorize(marked["answer"][mine].astype(str))
    options, _ = pd.factorize(columns[mine] * (len(named) + 1) + texts)
    count = np.bincount(options, minlength=1).astype(float)
    item_of = np.zeros(len(count), dtype=np.int64)
    item_of[options] = columns[mine]
    chance: Floats
    if shares is None:
        share = count / np.maximum(np.bincount(columns[mine], minlength=len(items)), 1)[item_of]
        chance = np.bincount(item_of, weights=share**2, minlength=len(items)).astype(np.float64)
    else:
        squares = (shares["share"].astype(float) ** 2).groupby(shares["item_id"].astype(str)).sum()
        chance = np.asarray(squares.reindex(items), dtype=np.float64)
        if np.isnan(chance[columns[mine]]).any():
            raise Invalid("An item with wrong answers has no option shares. Give the shares of every item.")
    cells = csr_array((np.ones(len(options)), (rows[mine], options)), shape=(len(attempts), len(count)))
    return _Answers(pd.Index(attempts), pd.Index(items), right, wrong, cells, np.nan_to_num(chance))


def _unlikely_pairs(
    attempts: pd.Index[str],
    compare: Callable[[slice], tuple[Floats, Floats, Floats, Floats]],
    chances: Callable[[Counts, Counts], Floats],
    level: float,
) -> pd.DataFrame:
    """Work out the exact tail of the pairs far above expectation; the others are not significant among so many.

    Of equal chances s, the tail z standard deviations above expectation is least where all items are alike:
    s^(z² s / (1 − s)), which is more than exp(−z²), and so more than `level` over the number of pairs.
    """
    places = np.arange(len(attempts))
    deviate = LEAST_DEVIATE if len(attempts) > SCREENED_FROM else 0.0
    found, pairs = [np.zeros((0, 5))], 0
    for start in range(0, len(attempts), BLOCK):
        items, alike, expected, variance = compare(slice(start, start + BLOCK))
        compared = (places > places[start : start + BLOCK, None]) & (items > 0)
        pairs += int(np.count_nonzero(compared))
        far = compared & (alike > expected) & ((alike - expected) ** 2 >= deviate**2 * variance)
        first, second = np.nonzero(far)
        found.append(np.column_stack([first + start, second, items[far], alike[far], expected[far]]))
    table = np.concatenate(found)
    whole = np.rint(table[:, :4]).astype(np.int64)
    first, second, both, count = whole.T
    parts = np.array_split(np.arange(len(table)), len(table) // PAIRS_AT_ONCE + 1)
    p = np.concatenate([poisson_binomial_tail(chances(first[at], second[at]), count[at]) for at in parts])
    frame = pd.DataFrame(
        {
            "attempt_a": attempts[first],
            "attempt_b": attempts[second],
            "items": both,
            "alike": count,
            "expected": table[:, 4],
            "p": p,
            "p_adjusted": np.minimum(p * pairs, 1.0),
        }
    )
    frame = frame[frame["p_adjusted"] < level].sort_values("p", kind="stable", ignore_index=True)
    frame.attrs["pairs"] = pairs
    return frame
