"""Another attempt in a cycle: what was earned for the one before counts for the prescription that stands."""

from __future__ import annotations

import pytest

from ssa_engine.actions import claim_reviews
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.exports import read_datasets
from ssa_engine.core.cycles import CycleState
from ssa_engine.storage import claims
from ssa_engine.storage.db import Database
from tests.actions.lives import Life, details
from tests.claimed import DOSE, FORMATION, Claimed
from tests.factories import Clock


@pytest.fixture
def claimed(db: Database, banks: Banks, clock: Clock, published: None) -> Claimed:
    """People with 4 credits prescribed in dose and 2 in image formation."""
    return Claimed(db, banks, clock)


def approve(claimed: Claimed, claim_id: int) -> None:
    revision = claimed.get(claim_id).revision
    claim_reviews.approve(claimed.db, claimed.banks, claim_id, revision, who="staff", now=claimed.clock())


def test_credits_of_the_attempt_before_count_and_a_claim_that_waited_fills_what_stands(claimed: Claimed) -> None:
    earned = claimed.claim("ana", distribution={DOSE: 1.0})
    approve(claimed, earned)
    waiting = claimed.claim("ana", title="Later", distribution={DOSE: 2.0})
    life = Life(claimed.db, claimed.banks, claimed.clock, claimed.people["ana"])
    life.profile()
    claimed.clock.advance(days=1)
    second = life.finish({DOSE: 3.0, FORMATION: 1.0}, number=2)
    with claimed.db.read() as connection:
        stands = claims.ledger_of(connection, second)
        assert [one.id for one in claims.of_attempt(connection, second)] == [waiting, earned]
    dose = stands.areas[DOSE]
    assert (dose.prescribed, dose.filled, dose.waiting, stands.open) == (3.0, 1.0, 2.0, {DOSE: 2.0, FORMATION: 1.0})

    approve(claimed, waiting)
    told = details(claimed.db, f"claim_approved/{waiting}/{claimed.get(waiting).revision}")
    assert (told["credits"], told["open"]) == (2.0, 1.0)
    rows = read_datasets(claimed.db, claimed.banks, ["prescriptions"], now=claimed.clock())["prescriptions"]
    own = rows[rows["attempt_id"] == str(second)].set_index("content_area")["credits_filled"]
    assert own.to_dict() == {DOSE: 3.0, FORMATION: 0.0}
    assert str(life.position.state) == CycleState.OPEN
    approve(claimed, claimed.claim("ana", title="Last", distribution={FORMATION: 1.0}))
    assert str(life.position.state) == CycleState.COMPLETE
