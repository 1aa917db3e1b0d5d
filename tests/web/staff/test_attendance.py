"""A sponsor's list: who has which claim, who has none, who is unknown; then those chosen are approved, each audited."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from ssa_engine.core.audit_trail import AuditFilter
from ssa_engine.core.claims import ClaimState
from ssa_engine.storage import audit
from ssa_engine.storage.db import Database
from tests.catalogue import activity, catalogue
from tests.claimed import DOSE, Claimed
from tests.factories import Clock, read
from tests.web.walk import snapshot

ACTIVITY = "Harborlight\tDose in practice"
LIST = "Name,Email\nAnn,ann@test.example\nBo,BO@test.example\nCy,cy@test.example\nStranger,who@test.example\nnobody\n"


@pytest.fixture
def attended(claimed: Claimed, db: Database, clock: Clock) -> dict[str, int]:
    """Ann and Bo have a claim for the activity, Cy one for another; Di has one and is not on the list."""
    number = catalogue(db, clock, activity(counts={DOSE: 2.0}))["A-1"]
    coded: dict[str, Any] = {"activity_id": number, "distribution": {DOSE: 2.0}}
    return {
        "ann": claimed.claim("ann", **coded),
        "bo": claimed.claim("bo", **coded),
        "cy": claimed.claim("cy", "Another", **coded),
        "di": claimed.claim("di", **coded),
    }


def test_the_form_offers_what_claims_wait_for(reviewer: FlaskClient, attended: dict[str, int]) -> None:
    page = read(reviewer.get("/staff/attendance"))
    options = [found["value"] for tag, found in page.elements if tag == "option"]
    assert options == ["", "Harborlight\tAnother", ACTIVITY]
    assert "Dose in practice (3 claims)" in page.text


@pytest.mark.parametrize("uploaded", [False, True], ids=["pasted", "uploaded"])
def test_the_preview_says_who_has_which_claim_and_changes_nothing(
    reviewer: FlaskClient, attended: dict[str, int], db: Database, uploaded: bool
) -> None:
    before = snapshot(db)
    sent: dict[str, object] = {"activity": ACTIVITY, "addresses": "" if uploaded else LIST}
    if uploaded:
        sent["file"] = (io.BytesIO(LIST.encode()), "list.csv")
    page = read(reviewer.post("/staff/attendance", data=sent, content_type="multipart/form-data"))
    assert [one["value"] for one in page.inputs if one.get("name") == "claim"] == [
        f"{attended['ann']}:1",
        f"{attended['bo']}:1",
    ]
    assert "4 addresses in the list. Nothing is approved yet." in page.text
    assert "Known, without a claim that waits (1) cy , cy@test.example" in page.text
    assert "Not known here (1) who@test.example" in page.text
    assert "Lines without an address (1) Line 6: nobody" in page.text
    assert snapshot(db) == before


def test_those_chosen_are_approved_in_one_go_each_with_its_row_in_the_audit_trail(
    reviewer: FlaskClient, attended: dict[str, int], claimed: Claimed, db: Database
) -> None:
    chosen = [f"{attended['ann']}:1", f"{attended['bo']}:1"]
    response = reviewer.post("/staff/attendance/approve", data={"claim": chosen})
    assert "2 claims are approved" in read(response).text
    states = {name: claimed.get(claim_id).state for name, claim_id in attended.items()}
    reported = ClaimState.REPORTED
    assert states == {"ann": ClaimState.APPROVED, "bo": ClaimState.APPROVED, "cy": reported, "di": reported}
    with db.read() as connection:
        noted = audit.entries(connection, AuditFilter(noun="claim", verb="approve"))
    assert sorted(int(one.noun_id) for one in noted) == sorted((attended["ann"], attended["bo"]))
    assert {one.who for one in noted} == {"priya@test.example"}
    assert "It can be undone" in read(reviewer.get(f"/staff/claims/{attended['ann']}")).text


def test_one_that_cannot_be_approved_keeps_none_of_the_others_back(
    reviewer: FlaskClient, colleague: FlaskClient, attended: dict[str, int], claimed: Claimed
) -> None:
    colleague.post(f"/staff/claims/{attended['ann']}/assign", data={"take": "yes", "revision": "1"})
    sent = {"claim": [f"{attended['ann']}:1", f"{attended['bo']}:1"]}
    page = read(reviewer.post("/staff/attendance/approve", data=sent))
    assert "1 claim is approved 1 claim was left as it is; its row says why." in page.text
    assert "omar@test.example" in page.text
    assert (claimed.get(attended["ann"]).state, claimed.get(attended["bo"]).state) == (
        ClaimState.IN_REVIEW,
        ClaimState.APPROVED,
    )
    response = reviewer.post("/staff/attendance/approve", data={"claim": f"{attended['bo']}:1"})
    assert (response.status_code, "0 claims are approved" in read(response).text) == (409, True)


def test_a_claim_that_has_to_be_coded_is_shown_and_cannot_be_chosen(reviewer: FlaskClient, claimed: Claimed) -> None:
    claimed.claim("ann")
    page = read(reviewer.post("/staff/attendance", data={"activity": ACTIVITY, "addresses": "ann@test.example"}))
    assert "Has to be coded first, on its own page" in page.text
    assert [one for one in page.inputs if one.get("name") == "claim"] == []


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"activity": ACTIVITY, "addresses": "nobody"}, "There is no e-mail address in the list."),
        ({"activity": "x", "addresses": "ann@test.example"}, "Choose the activity whose attendance list you have"),
    ],
)
def test_what_cannot_be_read_is_told_and_what_was_pasted_is_kept(
    reviewer: FlaskClient, attended: dict[str, int], sent: dict[str, str], sentence: str
) -> None:
    response = reviewer.post("/staff/attendance", data=sent)
    page = read(response)
    assert response.status_code == 422
    assert sentence in page.text
    assert next(one["value"] for one in page.inputs if one.get("name") == "addresses") == sent["addresses"]


def test_a_file_that_is_no_text_is_told(reviewer: FlaskClient, attended: dict[str, int]) -> None:
    sent = {"activity": ACTIVITY, "file": (io.BytesIO(b"\x00\xff\xfe"), "list.xlsx")}
    response = reviewer.post("/staff/attendance", data=sent, content_type="multipart/form-data")
    assert (response.status_code, "The file is no text." in read(response).text) == (422, True)


@pytest.mark.parametrize("claim", ["", "x", "1", "0:1", "1:0", "1:1:1", "٣:1"])
def test_a_choice_that_is_none_approves_nothing(
    reviewer: FlaskClient, attended: dict[str, int], db: Database, claim: str
) -> None:
    before = snapshot(db)
    response = reviewer.post("/staff/attendance/approve", data={"claim": claim} if claim else {})
    assert response.status_code == 422
    assert "No claim was chosen, so nothing was approved." in read(response).text
    assert snapshot(db) == before


def test_without_claims_there_is_nothing_to_choose(reviewer: FlaskClient) -> None:
    assert "No claim waits for a reviewer" in read(reviewer.get("/staff/attendance")).text
