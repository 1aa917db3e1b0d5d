"""Scores of a cohort by item response theory: all answers as a matrix, each area computed once for each standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Policy
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix, response_matrix
from ssa_engine.core.psychometrics.subscores.own_item_scores import own_item_scores
from ssa_engine.core.text import say, say_count
from ssa_engine.core.tuning.cohort import Cohort, Floats
from ssa_engine.core.tuning.credits import ModelScores

KEPT = 64
"""Areas at a standard whose scores are kept: those of several policies."""

Rows = npt.NDArray[np.intp]
Columns = dict[tuple[str, float], tuple[Floats, Floats]]


@dataclass(frozen=True, eq=False)
class ItemScores:
    """Gives the scores that `credits.apply` asks for where item response theory decides, from marked responses.

    They are those of `own_item_scores`: what `score_models.with_model` gives on the same answers and parameters.
    """

    responses: ResponseMatrix
    """Of scored items; attempts by their ids as text."""
    parameters: pd.DataFrame
    """Index `item_id`; `a`, `b` of every item of `responses`, missing where they are unknown."""
    areas: Mapping[str, str]
    """Item -> content area."""
    _kept: Columns = field(default_factory=dict, init=False, repr=False)

    def __call__(self, cohort: Cohort, policy: Policy) -> ModelScores:
        """Return estimates and probabilities of the cohort's sittings at the policy's standards.

        Raises
        ------
        Invalid
            If an item that these sittings had has no parameters, or some of their answers are not at hand.
        """
        rows = cohort.keep_lately("rows", self, lambda: self._rows_of(cohort))
        self._require_parameters(rows)
        columns = self._columns([(area, policy.standards[area]) for area in cohort.areas])
        known, seen = rows >= 0, cohort.items > 0
        estimates, probabilities = np.full(cohort.items.shape, np.nan), np.full(cohort.items.shape, np.nan)
        for number, (estimate, below) in enumerate(columns):
            estimates[known, number], probabilities[known, number] = estimate[rows[known]], below[rows[known]]
        lacking = int((np.isnan(estimates) & seen).any(axis=1).sum())
        if lacking:
            raise Invalid(
                say_count(
                    "The answers of one sitting do not go with its area scores. Is a rescoring under way? Look again "
                    "when it is done, or choose another decision rule.",
                    "The answers of {count} sittings do not go with their area scores. Is a rescoring under way? Look "
                    "again when it is done, or choose another decision rule.",
                    lacking,
                )
            )
        return ModelScores(estimates, probabilities)

    def _rows_of(self, cohort: Cohort) -> Rows:
        """Return the row of each sitting, -1 for one that has no scored answer."""
        return self.responses.attempts.get_indexer(pd.Index(cohort.attempt_ids.astype(str)))

    @property
    def _unknown(self) -> npt.NDArray[np.bool_]:
        """Which items have no usable parameters."""
        own = self.parameters.reindex(self.responses.items)
        return np.asarray(own[["a", "b"]].isna().any(axis=1) | ~(own["a"] > 0))

    def _require_parameters(self, rows: Rows) -> None:
        unknown = self._unknown
        if not unknown.any():
            return
        had = (self.responses.values[rows[rows >= 0]] != ABSENT).any(axis=0)
        lacking = self.responses.items[had & unknown]
        if len(lacking):
            raise Invalid(
                say(
                    "Item response theory goes by every answer, and {lacking} of the {items} scored items of these "
                    "sittings have no a and b in the bank, {first} among them. Estimate them (ssa calibrate, with "
                    "--bank to keep the scale) and write them into the bank, choose sittings without those items, or "
                    "choose another decision rule.",
                    lacking=len(lacking),
                    items=int(had.sum()),
                    first=str(lacking[0]),
                )
            )

    def _columns(self, wanted: list[tuple[str, float]]) -> list[tuple[Floats, Floats]]:
        """Return estimates and probabilities of each area at its standard, computing only what is not kept."""
        found: Columns = {}
        for key in wanted:
            column = self._kept.pop(key, None)
            if column is not None:
                found[key] = column
        missing = [key for key in wanted if key not in found]
        if missing:
            found |= self._computed(missing)
        self._kept.update(found)  # those just used stand last
        for key in list(self._kept)[: max(len(self._kept) - KEPT, 0)]:
            self._kept.pop(key, None)
        return [found[key] for key in wanted]

    def _computed(self, missing: list[tuple[str, float]]) -> Columns:
        """Score the attempts all of whose items have parameters; those of others are missing."""
        unknown, matrix = self._unknown, self.responses
        usable = ~(matrix.values[:, unknown] != ABSENT).any(axis=1)
        if unknown.any():
            matrix = ResponseMatrix(matrix.attempts[usable], matrix.items[~unknown], matrix.values[usable][:, ~unknown])
        scores = own_item_scores(matrix, self.parameters, self.areas, dict(missing))
        found: Columns = {}
        for number, key in enumerate(missing):
            column = np.full((2, len(usable)), np.nan)
            column[:, usable] = scores.expected.to_numpy()[:, number], scores.below.to_numpy()[:, number]
            found[key] = column[0], column[1]
        return found


def item_scores_of(marked: pd.DataFrame, parameters: pd.DataFrame) -> ItemScores:
    """Return the source of scores for marked responses.

    Parameters
    ----------
    marked : DataFrame
        `attempt_id`, `item_id`, `content_area`, `scored`, `correct`; rows with `scored` false are left out.
    parameters : DataFrame
        Index `item_id`; `a`, `b`.

    Raises
    ------
    Invalid
        If there is no scored response, or an item stands in two areas.
    """
    scored = marked[marked["scored"].to_numpy(dtype=bool)]
    pairs = scored[["item_id", "content_area"]].drop_duplicates().astype(str)
    twice = pairs["item_id"].duplicated()
    if twice.any():
        raise Invalid(
            say(
                "Item {item} was in two content areas, so item response theory cannot say what it tells of. Choose "
                "another decision rule.",
                item=str(pairs.loc[twice, "item_id"].iloc[0]),
            )
        )
    matrix = response_matrix(scored)
    by_text = ResponseMatrix(matrix.attempts.astype(str), matrix.items.astype(str), matrix.values)
    return ItemScores(by_text, parameters, dict(zip(pairs["item_id"], pairs["content_area"], strict=True)))
