"""Two reviewers on one claim, who has it, and undo: polite, in words, and nothing typed is lost."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.core.claims import ClaimState
from ssa_engine.storage import claims, notices
from ssa_engine.storage.db import Database
from tests.claimed import DOSE, FORMATION, Claimed
from tests.factories import Clock, read
from tests.web.staff.claim_pages import url
from tests.web.walk import snapshot

CHEST = "neck-and-chest"


def test_two_reviewers_on_one_claim_collide_politely_and_nothing_typed_is_lost(
    reviewer: FlaskClient, colleague: FlaskClient, claimed: Claimed, uncoded: int, db: Database
) -> None:
    colleague.post(url(uncoded, "/decide"), data={"go": "reject", "revision": "1", "reject_reason": "Not CE."})
    before = snapshot(db)
    sent = {"go": "approve", "revision": "1", f"area-{DOSE}": "2.5", "more_reason": "A longer thought."}
    response = reviewer.post(url(uncoded, "/decide"), data=sent)
    page = read(response)
    assert response.status_code == 409
    assert "omar@test.example" in page.text
    assert "14:02" in page.text
    assert "Below is how the claim stands now. What you typed is kept." in page.text
    assert "Rejected" in page.text
    assert "Reason given: Not CE." in page.text
    kept = next(one["value"] for one in page.inputs if one.get("id") == "kept")
    assert kept == "A longer thought.\nRadiation Safety and Dose: 2.5"
    assert snapshot(db) == before


def test_a_claim_in_another_s_hands_is_taken_over_first(
    reviewer: FlaskClient, colleague: FlaskClient, claimed: Claimed, coded: int
) -> None:
    colleague.post(url(coded, "/assign"), data={"take": "yes", "revision": "1"})
    page = read(reviewer.get(url(coded)))
    assert "omar is reviewing this claim. Take it over to decide it." in page.text
    assert "approve" not in [one.get("value") for _, one in page.elements if one.get("name") == "go"]
    response = reviewer.post(url(coded, "/decide"), data={"go": "approve", "revision": "2"})
    assert response.status_code == 409
    assert reviewer.post(url(coded, "/assign"), data={"take": "yes", "revision": "2"}).status_code == 303
    assert claimed.get(coded).assigned_to == "priya@test.example"
    assert "approve" in [
        one.get("value") for _, one in read(reviewer.get(url(coded))).elements if one.get("name") == "go"
    ]


def test_a_claim_is_given_to_somebody_who_reviews_and_to_nobody_else(
    reviewer: FlaskClient, colleague: FlaskClient, claimed: Claimed, coded: int
) -> None:
    response = reviewer.post(url(coded, "/assign"), data={"to": "omar@test.example", "revision": "1"})
    assert response.headers["Location"] == url(coded, "?done=assigned")
    assert "The claim is assigned." in read(reviewer.get(response.headers["Location"])).text
    assert (claimed.get(coded).assigned_to, claimed.get(coded).state) == ("omar@test.example", ClaimState.REPORTED)
    response = reviewer.post(url(coded, "/assign"), data={"to": "ann@test.example", "revision": "2"})
    assert response.status_code == 422
    assert "ann@test.example does not review claims." in read(response).text
    assert reviewer.post(url(coded, "/assign"), data={"take": "yes", "revision": "1"}).status_code == 409


def test_a_decision_is_undone_within_the_minute_and_not_after(
    reviewer: FlaskClient, claimed: Claimed, coded: int, clock: Clock, db: Database
) -> None:
    reviewer.post(url(coded, "/decide"), data={"go": "approve", "revision": "1"})
    clock.advance(seconds=59)
    assert "It can be undone for 1 second." in read(reviewer.get(url(coded))).text
    revision = str(claimed.get(coded).revision)
    response = reviewer.post(url(coded, "/undo"), data={"revision": revision})
    assert response.headers["Location"] == url(coded, "?done=undone")
    assert "The decision is undone." in read(reviewer.get(response.headers["Location"])).text
    with db.read() as connection:
        assert claims.ledger_of(connection, claimed.attempt_of("ann")).open == {DOSE: 4.0, FORMATION: 2.0}
        assert notices.of_person(connection, claimed.people["ann"].id) == []
    reviewer.post(url(coded, "/decide"), data={"go": "approve", "revision": str(claimed.get(coded).revision)})
    clock.advance(seconds=61)
    page = read(reviewer.get(url(coded)))
    assert "It can be undone" not in page.text
    response = reviewer.post(url(coded, "/undo"), data={"revision": str(claimed.get(coded).revision)})
    assert response.status_code == 409
    assert "A decision can be taken back for 60 seconds." in read(response).text
    assert claimed.get(coded).state is ClaimState.APPROVED


def test_only_who_decided_is_offered_to_undo(reviewer: FlaskClient, colleague: FlaskClient, coded: int) -> None:
    reviewer.post(url(coded, "/decide"), data={"go": "approve", "revision": "1"})
    assert "It can be undone" in read(reviewer.get(url(coded))).text
    for path in (url(coded), f"/staff/?after={coded}"):
        assert "undone" not in read(colleague.get(path)).text


@pytest.mark.parametrize("revision", ["", "x", "-1", "1.0", "9" * 30, "٣"])
def test_a_page_that_says_no_revision_decides_nothing(
    reviewer: FlaskClient, coded: int, db: Database, revision: str
) -> None:
    before = snapshot(db)
    response = reviewer.post(url(coded, "/decide"), data={"go": "approve", "revision": revision})
    assert response.status_code == 409
    assert snapshot(db) == before
