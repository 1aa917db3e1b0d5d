"""Rows of plan choices: which activities a claim uses already, over all attempts of a cycle."""

from __future__ import annotations

import pytest

from ssa_engine.actions import claim_reviews
from ssa_engine.actions.banks import Banks
from ssa_engine.storage import plan_choices
from ssa_engine.storage.db import Database
from tests.actions.lives import Life
from tests.catalogue import activity, catalogue
from tests.claimed import DOSE, Claimed
from tests.factories import Clock


@pytest.fixture
def claimed(db: Database, banks: Banks, clock: Clock, published: None) -> Claimed:
    """Claims of one person, none yet."""
    return Claimed(db, banks, clock)


def test_an_activity_claimed_for_the_attempt_before_is_used_for_the_next_one_of_the_cycle_too(
    db: Database, banks: Banks, clock: Clock, claimed: Claimed
) -> None:
    numbers = catalogue(db, clock, *(activity(code, {DOSE: 1.0}) for code in ("A-1", "A-2", "A-3")))
    claimed.claim("ann", distribution={DOSE: 1.0}, activity_id=numbers["A-1"])
    refused = claimed.claim("ann", distribution={DOSE: 1.0}, activity_id=numbers["A-2"])
    claim_reviews.reject(db, banks, refused, 1, reason="No.", who="staff", now=clock())
    claimed.claim("bo", distribution={DOSE: 1.0}, activity_id=numbers["A-3"])
    life = Life(db, banks, clock, claimed.people["ann"])
    second, next_cycle = life.finish({DOSE: 3.0}, number=2), life.finish({DOSE: 3.0}, cycle=2)
    with db.read() as connection:
        assert plan_choices.claimed(connection, claimed.attempts["ann"]) == {numbers["A-1"]}
        assert plan_choices.claimed(connection, second) == {numbers["A-1"]}
        assert plan_choices.claimed(connection, next_cycle) == set()
