"""A cohort of simulated candidates, whose true scores are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.form_assembly import Form, FormItem
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.text import say
from ssa_engine.core.tuning.cohort import Cohort, Flags, Floats

if TYPE_CHECKING:
    from ssa_engine.core.tuning.item_scores import ItemScores

FEWEST, MOST = 100, 200_000
GRID = np.linspace(-8.0, 8.0, 3201)
"""Abilities between which the true score is interpolated."""
BLOCK = 20_000
"""Candidates whose answers are drawn at a time."""


def simulated_cohort(
    bank: ItemBank, forms: Sequence[Form], candidates: int, seed: int, *, areas: tuple[str, ...]
) -> Cohort:
    """Let simulated candidates sit the forms in turn.

    The model is that of `psychometrics.simulate`: correlated normal area abilities and the 2PL. A true score is what a
    candidate is expected to get right of all active items of the area, counting items left unanswered, as in
    `psychometrics.impact`.

    Parameters
    ----------
    bank : ItemBank
    forms : sequence of Form
    candidates, seed : int
        The same arguments give the same cohort.
    areas : tuple of str
        Columns of the cohort.

    Raises
    ------
    Invalid
        If there are too few candidates, or too many to draw while somebody waits.
    """
    from scipy.special import expit

    drawn = _drawn(bank, forms, candidates, seed, areas)
    theta, parameters = drawn.abilities, drawn.parameters
    items, correct = np.zeros(theta.shape, dtype=np.int64), np.zeros(theta.shape, dtype=np.int64)
    for rows, places, answered in drawn.answers():
        member = np.equal.outer(drawn.columns_of(places), np.arange(len(areas))).astype(float)
        correct[rows] = np.rint(answered @ member)
        items[rows] = member.sum(axis=0)
    everyone, truth = np.arange(1, candidates + 1), np.empty(theta.shape)
    for column, area in enumerate(areas):
        ids = [item.id for item in bank.items if item.status == "active" and bank.area_of(item) == area]
        own = parameters.loc[ids]
        curve = expit(own["a"].to_numpy()[:, None] * (GRID - own["b"].to_numpy()[:, None])).mean(axis=0)
        truth[:, column] = np.interp(theta[:, column], GRID, curve) * (1 - drawn.omission)
    return Cohort(everyone, everyone, areas, items, correct.astype(float), correct, true_scores=truth)


def simulated_scores(
    bank: ItemBank, forms: Sequence[Form], candidates: int, seed: int, *, areas: tuple[str, ...]
) -> ItemScores:
    """Return what item response theory says of the candidates that `simulated_cohort` draws from the same arguments.

    From the same answers, item by item, and at the parameters they were drawn with.
    """
    from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix
    from ssa_engine.core.tuning.item_scores import ItemScores

    drawn = _drawn(bank, forms, candidates, seed, areas)
    area_of = {place.item_id: place.content_area for form in forms for place in drawn.scored(form)}
    ids = pd.Index(sorted(area_of), name="item_id")
    values = np.full((candidates, len(ids)), ABSENT, dtype=np.int8)
    for rows, places, answered in drawn.answers():
        values[np.ix_(rows, ids.get_indexer(pd.Index([place.item_id for place in places])))] = answered
    attempts = pd.Index(np.arange(1, candidates + 1).astype(str))
    return ItemScores(ResponseMatrix(attempts, ids, values), drawn.parameters, area_of)


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Simulated candidates before they sit: their abilities, the items' parameters and what chance is left."""

    forms: Sequence[Form]
    areas: tuple[str, ...]
    abilities: Floats
    parameters: pd.DataFrame
    omission: float
    random: np.random.Generator

    def scored(self, form: Form) -> list[FormItem]:
        """Return the scored items of a form."""
        return [place for place in form.items if place.scored and place.content_area in self.areas]

    def columns_of(self, places: Sequence[FormItem]) -> npt.NDArray[np.intp]:
        """Return the area of each item as a column."""
        column_of = {area: column for column, area in enumerate(self.areas)}
        return np.array([column_of[place.content_area] for place in places], dtype=np.intp)

    def answers(self) -> Iterator[tuple[npt.NDArray[np.intp], list[FormItem], Flags]]:
        """Draw the answers, once: yield rows of candidates, the items they had, and which they got right."""
        from scipy.special import expit

        candidates = len(self.abilities)
        turn = np.arange(candidates) % len(self.forms)
        for number, form in enumerate(self.forms):
            places = self.scored(form)
            at, own = self.columns_of(places), self.parameters.loc[[place.item_id for place in places]]
            for rows in np.array_split(np.flatnonzero(turn == number), -(-candidates // (BLOCK * len(self.forms)))):
                right = expit(own["a"].to_numpy() * (self.abilities[np.ix_(rows, at)] - own["b"].to_numpy()))
                yield rows, places, self.random.random(right.shape) < right * (1 - self.omission)


def _drawn(bank: ItemBank, forms: Sequence[Form], candidates: int, seed: int, areas: tuple[str, ...]) -> _Drawn:
    from ssa_engine.core.psychometrics.simulate import Population, draw_abilities, generating_parameters

    if not FEWEST <= candidates <= MOST:
        raise Invalid(
            say("Simulate from {fewest} to {most} candidates, not {n}.", fewest=FEWEST, most=MOST, n=candidates)
        )
    population = Population()
    parameters = generating_parameters(bank, seed, population.easiness)
    random = np.random.default_rng([seed, 3])
    theta = draw_abilities(random, candidates, len(areas), population.correlation)
    return _Drawn(forms, areas, theta, parameters, population.omission, random)
