"""Scoring: responses in, one row per attempt and content area out. The same for one attempt and a million."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.items import ItemBank
from ssa_engine.core.policies import Policy, TrueScorePrior

TOLERANCE = 1e-9
"""Standards are decimal proportions in binary floats: 0.7 of 10 items is 7 items, not 8."""

AREA_SCORE_COLUMNS = (
    "attempt_id",
    "content_area",
    "items",
    "correct",
    "score",
    "score_se",
    "standard",
    "gap",
    "below_standard",
    "probability_below",
)


def key_table(bank: ItemBank) -> pd.DataFrame:
    """Return the bank's keys as a frame: index `item_id`; columns `content_area`, `key`, `scored`."""
    return pd.DataFrame(
        {
            "content_area": [bank.area_of(item) for item in bank.items],
            "key": [item.key for item in bank.items],
            "scored": [item.status == "active" for item in bank.items],
        },
        index=pd.Index([item.id for item in bank.items], name="item_id"),
    )


def refuse_unknown_answers(responses: pd.DataFrame, bank: ItemBank) -> None:
    """Raise `Invalid` if an answer is none of its item's options: `A` for `a` would else count as not correct."""
    known = {(item.id, option.id) for item in bank.items for option in item.options}
    given = responses[["item_id", "answer"]].dropna().drop_duplicates()
    unknown = [pair for pair in given.itertuples(index=False, name=None) if pair not in known and pair[0] in bank.by_id]
    if unknown:
        shown = ", ".join(f"{answer!r} to {item_id}" for item_id, answer in unknown[:5])
        raise Invalid(f"These answers are none of their item’s options: {shown}. Write option ids as the bank does.")


def mark(responses: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Mark responses against the keys.

    Parameters
    ----------
    responses : DataFrame
        One row for every item of every attempt: `attempt_id`, `item_id`, `answer`. An empty answer is an
        item that was not answered. If there is a column `scored` it says which rows are scored items of
        that form, and if there is `content_area` it is used; otherwise the keys say.
    keys : DataFrame
        As `key_table` returns it.

    Returns
    -------
    DataFrame
        The same rows with `content_area`, `scored` and `correct` (bool). An item not answered is not
        correct.

    Raises
    ------
    Invalid
        If a column or an id is missing, an item is not in the bank, or an item is answered twice.
    """
    missing = [name for name in ("attempt_id", "item_id", "answer") if name not in responses]
    if missing:
        raise Invalid(f"The responses have no column {', '.join(missing)}. Needed: attempt_id, item_id, answer.")
    for name in ("attempt_id", "item_id"):
        empty = responses[name].isna().to_numpy()
        if empty.any():
            raise Invalid(f"{name} is empty in row {int(empty.argmax()) + 1} of the responses. Fill it in.")
    scored = responses.get("scored")
    if scored is not None and scored.dtype != bool and not scored.isin([True, False]).all():
        raise Invalid("'scored' must be true or false in every row of the responses.")
    items = responses["item_id"].astype("category")
    unknown = items.cat.categories.difference(keys.index)
    if len(unknown):  # perhaps of a larger file, and in no row of this one
        items = items.cat.remove_unused_categories()
        unknown = items.cat.categories.difference(keys.index)
    if len(unknown):
        raise Invalid(f"These items are not in the item bank: {', '.join(map(str, unknown[:10]))}.")
    _refuse_duplicates(responses["attempt_id"], items)
    rows = keys.loc[items.cat.categories]
    marked = responses.copy(deep=False)
    codes = items.cat.codes.to_numpy()
    if "content_area" not in responses:
        areas = rows["content_area"].astype("category")
        marked["content_area"] = pd.Categorical.from_codes(
            areas.cat.codes.to_numpy()[codes], categories=areas.cat.categories
        )
    if "scored" not in responses:
        marked["scored"] = rows["scored"].to_numpy(dtype=bool)[codes]
    answers = responses["answer"].astype("category")
    key_codes = answers.cat.categories.get_indexer(pd.Index(rows["key"]))
    key_codes = np.where(key_codes < 0, -2, key_codes)  # a key nobody chose equals no code, and not "empty" (-1)
    marked["correct"] = answers.cat.codes.to_numpy() == key_codes[codes]
    return marked


def _refuse_duplicates(attempts: pd.Series, items: pd.Series) -> None:
    """Raise `Invalid` if an (attempt, item) pair has more than one row."""
    attempt_codes, attempt_ids = pd.factorize(attempts)
    width = len(items.cat.categories)
    pairs = attempt_codes.astype(np.int64) * width + items.cat.codes.to_numpy()
    if len(pairs) <= 1:
        return
    counts = np.bincount(pairs) if len(attempt_ids) * width <= 8 * len(pairs) else None
    twice = counts.argmax() if counts is not None and counts.max() > 1 else None
    if counts is None:
        repeated = pairs[pd.Series(pairs).duplicated().to_numpy()]
        twice = repeated[0] if len(repeated) else None
    if twice is not None:
        attempt, item = attempt_ids[int(twice) // width], items.cat.categories[int(twice) % width]
        raise Invalid(f"Attempt {attempt} has more than one row for item {item}. Keep the counted response only.")


def score_areas(marked: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Score marked responses per attempt and content area.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `content_area`, `scored`, `correct`, as `mark` returns them.
    policy : Policy
        Gives each area's standard as a proportion of the items the attempt had in it.

    Returns
    -------
    DataFrame
        One row per attempt and area with at least one scored item, sorted by attempt and then in the
        order of `policy.standards`. `score` is correct / items; `score_se` its standard error under
        binomial error, sqrt(x (n - x) / (n - 1)) / n for x of n correct (Lord 1957, Educ. Psychol. Meas.
        17:510-521), missing where n = 1; `gap` how far the score lies below the standard, else 0;
        `probability_below` the posterior probability that the true area score is below the standard
        given a Beta(alpha, beta) prior (Novick & Jackson 1974): I_standard(x + alpha, n - x + beta).

    Raises
    ------
    Invalid
        If an area has no standard or a mark is missing.
    """
    if marked["correct"].isna().any():
        raise Invalid("Some responses are not marked. Mark them before scoring.")
    scored = marked["scored"].to_numpy(dtype=bool)
    ids = marked["attempt_id"]
    if isinstance(ids.dtype, pd.CategoricalDtype):  # sorted as ids are, and not as their categories happen to stand
        ids = ids.astype(ids.cat.categories.dtype)
    attempts, attempt_ids = pd.factorize(ids, sort=True)
    areas, area_ids = area_codes(marked["content_area"], policy)
    cells = attempts.astype(np.int64) * len(area_ids) + areas
    size = len(attempt_ids) * len(area_ids)
    items = np.bincount(cells[scored], minlength=size)
    correct = np.bincount(cells[scored & marked["correct"].to_numpy(dtype=bool)], minlength=size)
    seen = np.flatnonzero(items)
    return area_frame(
        attempt_id=np.asarray(attempt_ids)[seen // len(area_ids)],
        content_area=pd.Categorical.from_codes(seen % len(area_ids), categories=pd.Index(area_ids)),
        items=items[seen],
        correct=correct[seen],
        standard=np.array([policy.standards[area] for area in area_ids])[seen % len(area_ids)],
        prior=policy.true_score_prior,
    )


def area_codes(content_area: pd.Series, policy: Policy) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Number the areas in the order of the policy's standards."""
    area_ids = list(policy.standards)
    named = content_area.astype("category").cat.remove_unused_categories()
    unknown = [str(area) for area in named.cat.categories if area not in policy.standards]
    if unknown or named.isna().any():
        raise Invalid(f"The policy has no standard for: {', '.join(unknown) or 'rows without a content area'}.")
    lookup = pd.Index(area_ids).get_indexer(named.cat.categories)
    return lookup[named.cat.codes.to_numpy()], area_ids


def area_frame(
    *,
    attempt_id: Sequence[object] | npt.NDArray[np.generic],
    content_area: pd.Categorical[str],
    items: npt.NDArray[np.int64],
    correct: npt.NDArray[np.int64],
    standard: npt.NDArray[np.float64],
    prior: TrueScorePrior,
) -> pd.DataFrame:
    """Compute the score columns from counts (all arrays of one length, one entry per attempt and area)."""
    from scipy.special import betainc

    score = correct / items
    with np.errstate(divide="ignore", invalid="ignore"):
        score_se = np.where(items > 1, np.sqrt(correct * (items - correct) / (items - 1)) / items, np.nan)
    below = correct < items_needed(standard, items)
    which, first = _cases(items, correct, standard)
    n, x = items[first], correct[first]
    posterior = betainc(x + prior.alpha, n - x + prior.beta, standard[first])
    return pd.DataFrame(
        {
            "attempt_id": attempt_id,
            "content_area": content_area,
            "items": items,
            "correct": correct,
            "score": score,
            "score_se": score_se,
            "standard": standard,
            "gap": np.where(below, np.round(standard - score, 10), 0.0),
            "below_standard": below,
            "probability_below": posterior[which],
        },
        columns=list(AREA_SCORE_COLUMNS),
    )


def _cases(
    items: npt.NDArray[np.int64], correct: npt.NDArray[np.int64], standard: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Number the distinct (items, correct, standard): the case of each row, and one row of each case.

    By one number a row and a hash table: a million rows have a few hundred cases, and to sort them is what costs.
    """
    width = int(items.max(initial=0)) + 1
    standards, _ = pd.factorize(standard)
    which, cases = pd.factorize((standards * width + items) * width + correct)
    one_row = np.empty(len(cases), dtype=np.intp)
    one_row[which] = np.arange(len(which))
    return which, one_row


def items_needed(standard: npt.NDArray[np.float64], items: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the least number correct that meets the standard: the proportion times items, rounded up."""
    return np.ceil(standard * items - TOLERANCE).astype(np.int64)


def standards_in_items(policy: Policy, counts: Mapping[str, int]) -> dict[str, int]:
    """Return area -> number correct that meets the standard, for `counts` items per area."""
    return {
        area: int(items_needed(np.array([policy.standards[area]]), np.array([items]))[0])
        for area, items in counts.items()
    }
