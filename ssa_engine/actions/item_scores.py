"""Where item response theory finds its scores for tuning: the cohort's marked responses, and the banks' a and b."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.cohorts import Source, item_scores_of_simulated
from ssa_engine.actions.marked_cohorts import marked_cohort
from ssa_engine.core.policies import Policy
from ssa_engine.core.score_models import item_parameters_of
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.credits import ModelScores
from ssa_engine.core.tuning.item_scores import ItemScores, item_scores_of
from ssa_engine.storage.db import Connection, Database


def scores_for(
    connection: Connection, db: Database, banks: Banks, discipline: str, source: Source
) -> Callable[[Cohort, Policy], ModelScores]:
    """Return what `credits.apply` asks where item response theory decides. Nothing is read before it asks."""

    def scores(cohort: Cohort, policy: Policy) -> ModelScores:
        if source.simulated:
            bank = banks.library.bank(discipline)
            return item_scores_of_simulated(cohort, bank, source.candidates, source.seed)(cohort, policy)
        return cohort_item_scores(connection, db, banks, discipline)(cohort, policy)

    return scores


def cohort_item_scores(connection: Connection, db: Database, banks: Banks, discipline: str) -> ItemScores:
    """Return the source of scores for the submitted attempts of a discipline, kept until the cohort changes.

    An item has the parameters of today's bank; one that is no longer in it, or has none there, those of the newest bank
    version it was answered under that has them.

    Raises
    ------
    Invalid
        If nobody has submitted an attempt, or an item was in two content areas.
    """
    cohort = marked_cohort(connection, db, banks, discipline)
    today = banks.library.banks.get(discipline)

    def make() -> ItemScores:
        return item_scores_of(cohort.marked, _parameters(banks, discipline, cohort.marked["bank_version"]))

    return cohort.once(("item scores", today.version if today else ""), make)


def _parameters(banks: Banks, discipline: str, answered_under: pd.Series) -> pd.DataFrame:
    """Return the parameters of every item of today's bank and of the versions, in the order they were first used."""
    found = [item_parameters_of(banks.at(str(version))) for version in reversed(answered_under.unique().tolist())]
    today = banks.library.banks.get(discipline)
    tables = [item_parameters_of(today), *found] if today else found
    known = pd.concat(tables).dropna()
    return known[~known.index.duplicated()]
