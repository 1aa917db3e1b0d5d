"""The candidate's page of the biennium."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions import claim_reviews
from ssa_engine.actions.banks import Banks
from ssa_engine.storage.db import Database
from ssa_engine.storage.schema import metadata
from tests.catalogue import activity, catalogue
from tests.claimed import DOSE, Claimed
from tests.factories import Clock, Someone, add_someone, read


@pytest.fixture
def claimed(db: Database, banks: Banks, clock: Clock, published: None) -> Claimed:
    """People with a prescription, and their claims."""
    return Claimed(db, banks, clock)


def test_it_says_what_counts_and_why_from_the_programme_s_rules(
    claimed: Claimed, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    rules = claimed.banks.library.specs["CT"].cqr.biennium
    assert rules is not None
    own = activity("A-1", {DOSE: 1.0}, mechanism=rules.mechanisms[0])
    code = catalogue(claimed.db, claimed.clock, own)["A-1"]
    counted = claimed.claim("ana", distribution={DOSE: 1.0}, activity_id=code)
    other = claimed.claim("ana", title="A talk", credits=1.0, distribution={DOSE: 1.0})
    claimed.claim("ana", title="Not decided yet", credits=1.0)
    for claim_id in (counted, other):
        revision = claimed.get(claim_id).revision
        claim_reviews.approve(claimed.db, claimed.banks, claim_id, revision, who="staff", now=claimed.clock())
    people = metadata.tables["people"]
    with claimed.db.write() as connection:
        connection.execute(people.update().values(biennium_from=dt.date(2026, 9, 1)))
    page = read(sign_in(claimed.people["ana"]).get("/candidate/biennium"))
    assert "From 1 September 2026 to 31 August 2028 you need 24 credits of continuing education" in page.text
    assert "2.5 credits of your approved CQR activities count in this biennium." in page.text
    rows = {found["data-claim"]: found["data-counted"] for tag, found in page.elements if "data-counted" in found}
    assert rows == {str(counted): "2.5", str(other): "0"}
    assert "Not in the catalogue, so it is not known which mechanism approved it." in page.text


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (dt.date(2099, 1, 1), "From 1 January 2099 to 31 December 2100 you need"),
        (dt.date(9999, 12, 31), "From 31 December 9999 to 31 December 9999 you need"),
    ],
)
def test_a_first_day_that_is_far_ahead_breaks_nothing(
    claimed: Claimed, sign_in: Callable[[Someone], FlaskClient], first: dt.date, said: str
) -> None:
    claimed.claim("ana", title="A talk", credits=1.0)
    people = metadata.tables["people"]
    with claimed.db.write() as connection:
        connection.execute(people.update().values(biennium_from=first))
    response = sign_in(claimed.people["ana"]).get("/candidate/biennium")
    assert response.status_code == 200
    assert said in read(response).text


def test_without_a_first_day_it_says_so(db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> None:
    page = read(sign_in(add_someone(db, "new@test.example", clock=clock)).get("/candidate/biennium"))
    assert "The first day of your biennium is not known here" in page.text
