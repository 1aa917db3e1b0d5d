"""Marking: responses and keys in, what each answer earned out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.answers import Unreadable
from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.rescorings import Effect


def key_table(bank: ItemBank) -> pd.DataFrame:
    """Return the bank's keys as a frame.

    Index `item_id`; columns `content_area`, `key` (the answer that earns all, as it is stored), `scored`, and
    `judge`: None where comparing with `key` is all of marking, else the item, which judges each answer.
    """
    ids = pd.Index([item.id for item in bank.items], name="item_id")
    return pd.DataFrame(
        {
            "content_area": [bank.area_of(item) for item in bank.items],
            "key": [item.key_answer for item in bank.items],
            "scored": [item.status == "active" for item in bank.items],
            "judge": pd.Series([None if item.is_exact else item for item in bank.items], index=ids, dtype=object),
        },
        index=ids,
    )


def with_changes(keys: pd.DataFrame, effects: Mapping[str, Effect]) -> pd.DataFrame:
    """Return the keys as rescoring sessions have left them.

    Parameters
    ----------
    keys : DataFrame
        As `key_table` returns it.
    effects : mapping of item id to Effect
        As `rescorings.effects` returns it. Items that are not in `keys` are passed over.

    Returns
    -------
    DataFrame
        The same rows with new `key` and `judge`, and two columns more: `full_credit` (each answer earns all, a missing
        one too) and `dropped` (the item is scored for nobody, whatever its form says). `keys` itself if nothing is
        changed.
    """
    own = {item_id: effect for item_id, effect in effects.items() if item_id in keys.index}
    if not own:
        return keys
    judges = {item_id: None if effect.item.is_exact else effect.item for item_id, effect in own.items()}
    pairs = zip(keys.index, keys["judge"], strict=True)
    return keys.assign(
        key=[own[item_id].item.key_answer if item_id in own else key for item_id, key in keys["key"].items()],
        judge=pd.Series([judges.get(item_id, judge) for item_id, judge in pairs], index=keys.index, dtype=object),
        full_credit=[item_id in own and own[item_id].full_credit for item_id in keys.index],
        dropped=[item_id in own and own[item_id].dropped for item_id in keys.index],
    )


def read_answers(responses: pd.DataFrame, bank: ItemBank) -> pd.DataFrame:
    """Return the responses with each answer as it would be stored: `c,a` is `a,c` where all that apply are selected.

    Raises
    ------
    Invalid
        If an answer cannot be one to its item: `A` for the option `a` would else count as not correct.
    """
    given = responses[["item_id", "answer"]].dropna().drop_duplicates()
    stored: dict[tuple[str, str], str] = {}
    unknown = []
    for item_id, answer in given.itertuples(index=False, name=None):
        item = bank.by_id.get(item_id)
        if item is None:
            continue
        try:
            posted = answer.split(",") if item.options else [answer]
            stored[item_id, answer] = bank.read_answer(item, posted) or answer
        except Unreadable:
            unknown.append(f"{answer!r} to {item_id}")
    if unknown:
        shown = ", ".join(unknown[:5])
        raise Invalid(f"These answers cannot be answers to their items: {shown}. Write them as the exports do.")
    changed = {pair: text for pair, text in stored.items() if text != pair[1]}
    if not changed:
        return responses
    pairs = zip(responses["item_id"], responses["answer"], strict=True)
    return responses.assign(answer=[changed.get(pair, pair[1]) for pair in pairs])


def mark(responses: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Mark responses against the keys.

    Parameters
    ----------
    responses : DataFrame
        One row for every item of every attempt: `attempt_id`, `item_id`, `answer`. An empty answer is an
        item that was not answered. If there is a column `scored` it says which rows are scored items of
        that form, and if there is `content_area` it is used; otherwise the keys say.
    keys : DataFrame
        As `key_table` or `with_changes` returns it.

    Returns
    -------
    DataFrame
        The same rows with `content_area`, `scored`, `credit` (what the answer earns, from 0 to the item's
        maximum of 1) and `correct` (bool: it earns all). An item not answered earns nothing, unless a rescoring
        gives full credit to all; an item that a rescoring dropped is scored nowhere.

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
    if "" in answers.cat.categories:  # taken back, so not answered
        answers = answers.cat.remove_categories("")
    key_codes = answers.cat.categories.get_indexer(pd.Index(rows["key"]))
    key_codes = np.where(key_codes < 0, -2, key_codes)  # a key nobody chose equals no code, and not "empty" (-1)
    marked["correct"] = answers.cat.codes.to_numpy() == key_codes[codes]
    marked["credit"] = marked["correct"].to_numpy(dtype=float)
    _judge(marked, rows["judge"].to_numpy(dtype=object), codes, answers)
    _rescore(marked, rows, codes)
    return marked


def _rescore(marked: pd.DataFrame, rows: pd.DataFrame, codes: npt.NDArray[np.integer]) -> None:
    """Give full credit, and take dropped items out of the score, where a rescoring says so."""
    if "full_credit" not in rows:
        return
    free = rows["full_credit"].to_numpy(dtype=bool)[codes]
    marked["credit"] = np.where(free, 1.0, marked["credit"].to_numpy())
    marked["correct"] = marked["correct"].to_numpy(dtype=bool) | free
    marked["scored"] = marked["scored"].to_numpy(dtype=bool) & ~rows["dropped"].to_numpy(dtype=bool)[codes]


def _judge(
    marked: pd.DataFrame,
    judges: npt.NDArray[np.object_],
    item_codes: npt.NDArray[np.integer],
    answers: pd.Series,
) -> None:
    """Let items that judge their answers say what each earns: once for each distinct answer."""
    judged = np.array([judge is not None for judge in judges], dtype=bool)
    if not judged.any():
        return
    answer_codes = answers.cat.codes.to_numpy()
    at = np.flatnonzero(judged[item_codes] & (answer_codes >= 0))
    width = len(answers.cat.categories) + 1
    which, pairs = pd.factorize(item_codes[at].astype(np.int64) * width + answer_codes[at])
    texts = answers.cat.categories
    earned = np.array(
        [judges[int(pair) // width].credit(str(texts[int(pair) % width])) for pair in pairs], dtype=np.float64
    )
    credit, correct = marked["credit"].to_numpy(copy=True), marked["correct"].to_numpy(dtype=bool, copy=True)
    credit[at] = earned[which] if len(at) else credit[at]
    correct[at] = credit[at] >= 1
    marked["credit"], marked["correct"] = credit, correct


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
