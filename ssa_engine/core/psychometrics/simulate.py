"""Simulated candidates: correlated area abilities and 2PL responses, from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ssa_engine.core.answers import read_number
from ssa_engine.core.form_assembly import Form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import HotspotItem, Item, MultipleItem, SingleItem, SortedItem


@dataclass(frozen=True, kw_only=True)
class Population:
    """The candidates to simulate. Abilities are standard normal in each area."""

    correlation: float = 0.7
    """Between any two area abilities."""
    easiness: float = 1.4
    """How far below the mean ability the average item lies that has no difficulty of its own, in SD."""
    omission: float = 0.01
    """Probability that an item is left unanswered."""
    seconds: float = 50.0
    """Median time on an item."""


def generating_parameters(bank: ItemBank, seed: int, easiness: float = 1.4) -> pd.DataFrame:
    """Return the 2PL parameters responses are drawn with: index `item_id`; columns `a`, `b`.

    An item's own `a` and `b` where its statistics have both; otherwise drawn from the seed, log a ~ N(0, 0.3),
    b ~ N(-easiness, 0.9). Logistic metric: P = 1 / (1 + exp(-a (theta - b))) (Birnbaum 1968).
    """
    random = np.random.default_rng([seed, 1])
    log_a, b = random.normal(0.0, 0.3, len(bank.items)), random.normal(-easiness, 0.9, len(bank.items))
    rows = {}
    for index, item in enumerate(sorted(bank.items, key=lambda item: item.id)):
        own = item.statistics
        given = own.a is not None and own.b is not None
        rows[item.id] = (own.a, own.b) if given else (float(np.exp(log_a[index])), float(b[index]))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["a", "b"], dtype=float).rename_axis("item_id")


def simulate_responses(
    bank: ItemBank, forms: Sequence[Form], candidates: int, seed: int, population: Population | None = None
) -> pd.DataFrame:
    """Simulate candidates who each take one of the forms.

    Parameters
    ----------
    bank : ItemBank
        The bank the forms were drawn from.
    forms : sequence of Form
        Candidates take them in turn.
    candidates : int
        How many.
    seed : int
        The same arguments and seed give the same responses.

    Returns
    -------
    DataFrame
        One row per candidate and item, in form order: `attempt_id` (from 1), `form_index`, `position`,
        `item_id`, `content_area`, `scored`, `answer` (missing where omitted), `seconds`, and `probability`, that of
        a correct answer at the candidate's ability, omission included.
    """
    population = population or Population()
    parameters = generating_parameters(bank, seed, population.easiness)
    random = np.random.default_rng([seed, 2])
    area_ids = list(bank.spec.area_names)
    abilities = draw_abilities(random, candidates, len(area_ids), population.correlation)
    parts = []
    for index, form in enumerate(forms):
        attempts = np.arange(index, candidates, len(forms))
        columns = np.array([area_ids.index(place.content_area) for place in form.items])
        own = parameters.loc[[place.item_id for place in form.items]]
        probability = expit(own["a"].to_numpy() * (abilities[np.ix_(attempts, columns)] - own["b"].to_numpy()))
        shape = (len(attempts), len(form.items))
        known = random.random(shape) < probability
        parts.append(
            pd.DataFrame(
                {
                    "attempt_id": np.repeat(attempts + 1, shape[1]),
                    "form_index": index,
                    "position": np.tile([place.position for place in form.items], shape[0]),
                    "item_id": np.tile([place.item_id for place in form.items], shape[0]),
                    "content_area": np.tile([place.content_area for place in form.items], shape[0]),
                    "scored": np.tile([place.scored for place in form.items], shape[0]),
                    "answer": _answers(bank, form, known, random, population.omission).ravel(),
                    "seconds": np.round(random.lognormal(np.log(population.seconds), 0.5, shape).ravel(), 1),
                    "probability": (probability * (1 - population.omission)).ravel(),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(["attempt_id", "position"], ignore_index=True)


def true_scores(simulated: pd.DataFrame) -> pd.DataFrame:
    """Return the true area scores of simulated candidates.

    Parameters
    ----------
    simulated : DataFrame
        As `simulate_responses` returns it.

    Returns
    -------
    DataFrame
        One row per attempt and area: `attempt_id`, `content_area`, `true_score`, the expected proportion correct over
        the scored items of the attempt's own form (Lord & Novick 1968, ch. 2).
    """
    scored = simulated[simulated["scored"].to_numpy(dtype=bool)]
    means = scored.groupby(["attempt_id", "content_area"], sort=True)["probability"].mean()
    return means.rename("true_score").reset_index()


def draw_abilities(
    random: np.random.Generator, candidates: int, areas: int, correlation: float
) -> npt.NDArray[np.float64]:
    """Standard normal abilities (candidates × areas) that share one common factor."""
    common = random.normal(size=(candidates, 1))
    own = random.normal(size=(candidates, areas))
    return np.asarray(np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)


def _answers(
    bank: ItemBank, form: Form, known: npt.NDArray[np.bool_], random: np.random.Generator, omission: float
) -> npt.NDArray[np.object_]:
    """Return the answers as they are stored: the key where it is known, else one of the others; None where omitted."""
    answers = np.empty(known.shape, dtype=object)
    for column, place in enumerate(form.items):
        item = bank.item(place.item_id)
        others = np.array(other_answers(item), dtype=object)
        drawn = others[random.integers(len(others), size=len(known))]
        answers[:, column] = np.where(known[:, column], item.key_answer, drawn)
    answers[random.random(known.shape) < omission] = None
    return answers


def other_answers(item: Item) -> list[str]:
    """Return answers that earn less than all, as somebody might give who does not know the key."""
    ids = item.option_ids
    if isinstance(item, SingleItem):
        return [option for option in ids if option != item.key]
    if isinstance(item, MultipleItem):
        changed = [set(item.key) ^ {option} for option in ids]
        return [",".join(sorted(chosen)) for chosen in changed if chosen]
    if isinstance(item, SortedItem):
        return [",".join(_swapped(item.key, place)) for place in range(len(item.key) - 1)]
    if isinstance(item, HotspotItem):
        return [_beside(item)]
    return [_away(item, factor) for factor in ("2", "0.5", "10")]


def _swapped(order: tuple[str, ...], place: int) -> tuple[str, ...]:
    return (*order[:place], order[place + 1], order[place], *order[place + 2 :])


def _beside(item: HotspotItem) -> str:
    """Return the first place along the upper edge that lies in no region."""
    across = 0
    while item.credit(f"{across},0") >= 1:
        across += 1
    return f"{across},0"


def _away(item: Item, factor: str) -> str:
    """Return a number so many times the key, and beyond its tolerance."""
    value = Decimal(item.key_answer) * Decimal(factor)
    further = Decimal(1)
    while item.credit(format(value, "f")) >= 1:
        value, further = value + further, further * 10
    return read_number(format(value, "f"))
