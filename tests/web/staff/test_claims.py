"""One claim: its certificate beside it, rules and ledger in words, each decision; nothing typed is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.core.audit_trail import AuditFilter
from ssa_engine.core.claims import ClaimState
from ssa_engine.storage import audit, notices
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Database
from tests.claimed import DOSE, FORMATION, PDF, Claimed
from tests.factories import Clock, read
from tests.web.staff.claim_pages import row, seen, url
from tests.web.walk import snapshot

CHEST = "neck-and-chest"


def test_the_claim_stands_beside_its_rules_and_what_it_would_fill(reviewer: FlaskClient, coded: int) -> None:
    page = read(reviewer.get(url(coded)))
    for words in (
        "Course A-1", "ann", "Harborlight", "Computed Tomography", "Promised by 28 March 2027",
        "In the catalogue: A-1", "Finished on 14 March 2027, not before the prescription was issued on 14 March 2027.",
        "Submitted on 14 March 2027, by the submit-by day 18 May 2028.", "Not used before for this prescription.",
        "Together, of 2.5 2.5 1.5 1",
    ):  # fmt: skip
        assert words in page.text, words
    assert row(page, DOSE) == ["1.5", "1.5", "0", "4", "2.5", "4", "0", "0"]
    assert row(page, CHEST) == ["1", "0", "1", "0", "0", "–", "0", "0"]
    assert row(page, FORMATION) == ["0", "0", "0", "2", "2", "2", "0", "0"]


def test_what_other_claims_carry_shows_as_waiting(reviewer: FlaskClient, claimed: Claimed, coded: int) -> None:
    claimed.claim("ann", "Another", distribution={DOSE: 3.0})
    assert row(read(reviewer.get(url(coded))), DOSE) == ["1.5", "1.5", "0", "4", "2.5", "4", "0", "3"]


def test_one_press_approves_and_leads_to_the_next_claim(
    reviewer: FlaskClient, claimed: Claimed, coded: int, uncoded: int, clock: Clock, db: Database
) -> None:
    response = reviewer.post(url(coded, "/decide"), data={"go": "approve", "revision": seen(reviewer, coded)})
    assert (response.status_code, response.headers["Location"]) == (303, url(uncoded, f"?after={coded}"))
    decided = claimed.get(coded)
    assert (decided.state, decided.decided_by, decided.distribution) == (
        ClaimState.APPROVED, "priya@test.example", {DOSE: 1.5, CHEST: 1.0},
    )  # fmt: skip
    page = read(reviewer.get(response.headers["Location"]))
    assert "Course A-1 : approved. It can be undone for 60 seconds." in page.text
    clock.advance(seconds=17)
    assert "It can be undone for 43 seconds." in read(reviewer.get(response.headers["Location"])).text
    with db.read() as connection:
        verbs = [(one.verb, one.who) for one in audit.entries(connection, AuditFilter(noun="claim", thing=str(coded)))]
    assert verbs == [("approve", "priya@test.example"), ("take", "priya@test.example")]
    assert row(read(reviewer.get(url(coded))), DOSE) == ["1.5", "1.5", "0", "4", "2.5", "4", "0", "0"]


def test_after_the_last_claim_comes_the_queue(reviewer: FlaskClient, coded: int) -> None:
    data = {"go": "approve", "revision": seen(reviewer, coded)}
    response = reviewer.post(url(coded, "/decide?sponsor=Harborlight"), data=data)
    assert response.headers["Location"] == f"/staff/?after={coded}&sponsor=Harborlight"
    page = read(reviewer.get(response.headers["Location"]))
    assert "Course A-1 : approved." in page.text
    assert ("revision", "3") in page.fields_of(url(coded, "/undo?sponsor=Harborlight"))


def test_the_queue_is_walked_by_its_filter(reviewer: FlaskClient, claimed: Claimed) -> None:
    made = [claimed.claim(name, sponsor=sponsor) for name, sponsor in (("ann", "A"), ("bo", "B"), ("cy", "A"))]
    page = read(reviewer.get(url(made[0], "?sponsor=A")))
    assert [found["href"] for _, found in page.elements if found.get("rel") == "next"] == [url(made[2], "?sponsor=A")]
    page = read(reviewer.get(url(made[1])))
    keys = {found["data-press"]: found.get("href") for _, found in page.elements if "data-press" in found}
    assert (keys["k"], keys["j"]) == (url(made[0]), url(made[2]))
    assert {"a", "r", "m", "t"} <= set(keys)


@pytest.mark.parametrize(("go", "state"), [("reject", ClaimState.REJECTED), ("more", ClaimState.MORE_ASKED)])
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "ready"])
def test_a_reason_is_typed_or_ready_and_reaches_the_candidate(
    reviewer: FlaskClient, claimed: Claimed, coded: int, db: Database, go: str, state: ClaimState, typed: bool
) -> None:
    ready = {"reject": "not_yours", "more": "no_date"}[go]
    words = {
        "not_yours": "The certificate is made out to somebody else. Send the one that bears your name.",
        "no_date": "The certificate does not show the day on which you finished. Send one that does.",
    }[ready]
    sent = {"go": go, "revision": seen(reviewer, coded), f"{go}_ready": ready}
    if typed:
        sent[f"{go}_reason"], words = "My own words.", "My own words."
    assert reviewer.post(url(coded, "/decide"), data=sent).status_code == 303
    assert (claimed.get(coded).state, claimed.get(coded).reason) == (state, words)
    with db.read() as connection:
        assert notices.of_person(connection, claimed.people["ann"].id)[0].details["reason"] == words


@pytest.mark.parametrize("go", ["reject", "more"])
def test_without_a_reason_nothing_is_decided_and_the_form_says_so(
    reviewer: FlaskClient, coded: int, db: Database, go: str
) -> None:
    revision, before = seen(reviewer, coded), snapshot(db)
    response = reviewer.post(url(coded, "/decide"), data={"go": go, "revision": revision})
    page = read(response)
    assert response.status_code == 422
    assert "Say why, in words that the candidate can act on; they read them." in page.text
    assert [one["name"] for one in page.inputs if one.get("aria-invalid")] == [f"{go}_reason"]
    assert snapshot(db) == before


def test_a_reviewer_codes_what_is_not_in_the_catalogue(reviewer: FlaskClient, claimed: Claimed, uncoded: int) -> None:
    page = read(reviewer.get(url(uncoded)))
    assert "In the candidate’s words: Dose in children." in page.text
    fields = [one["name"] for one in page.inputs if one.get("name", "").startswith("area-")]
    assert (len(fields), f"area-{DOSE}" in fields) == (7, True)
    sent = {"go": "approve", "revision": "1", f"area-{DOSE}": "2,5", f"area-{FORMATION}": " 0.5 ", f"area-{CHEST}": ""}
    assert reviewer.post(url(uncoded, "/decide"), data=sent).status_code == 303
    assert claimed.get(uncoded).distribution == {DOSE: 2.5, FORMATION: 0.5}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({DOSE: "2", FORMATION: "1.5"}, "The areas have 3.5 credits together, and the activity is worth 3 credits."),
        ({DOSE: "much"}, "'much' is no number of credits. Write one as 1.5."),
        ({}, "Give credits to at least one content area, or decide that the claim does not count."),
        ({DOSE: "-1"}, "Give Radiation Safety and Dose a number of credits above 0, or leave it empty."),
        ({"nowhere": "1"}, "'nowhere' is no content area of this outline."),
    ],
)
def test_credits_that_cannot_be_given_are_told_and_kept(
    reviewer: FlaskClient, uncoded: int, db: Database, given: dict[str, str], sentence: str
) -> None:
    before = snapshot(db)
    sent = {"go": "approve", "revision": "1", "reject_reason": "half a thought"}
    response = reviewer.post(
        url(uncoded, "/decide"), data=sent | {f"area-{area}": value for area, value in given.items()}
    )
    page = read(response)
    assert response.status_code == 422
    assert sentence in page.text
    kept = {one["name"]: one.get("value") for one in page.inputs if "name" in one}
    assert kept["reject_reason"] == "half a thought"
    for area, value in given.items():
        assert kept.get(f"area-{area}", value) == value
    assert snapshot(db) == before


def test_enter_in_a_field_adds_up_and_decides_nothing(reviewer: FlaskClient, uncoded: int, db: Database) -> None:
    before = snapshot(db)
    sent = {"go": "look", "revision": "1", f"area-{DOSE}": "2", f"area-{FORMATION}": "0.5"}
    response = reviewer.post(url(uncoded, "/decide"), data=sent)
    page = read(response)
    assert response.status_code == 200
    assert "Together, of 3 2.5 2.5 0" in page.text
    assert row(page, DOSE) == ["2", "2", "0", "4", "2", "4", "0", "0"]
    assert snapshot(db) == before


def test_certificates_stand_beside_the_claim_and_are_sent_able_to_do_nothing(
    reviewer: FlaskClient, claimed: Claimed, coded: int, uncoded: int, app: Flask
) -> None:
    assert "There is no certificate with this claim." in read(reviewer.get(url(coded))).text
    store = CertificateFiles(Path(app.extensions["ssa_engine"].settings.certificate_dir))
    paper = claimed.certificate(store, coded)
    claimed.certificate(store, uncoded)
    response = reviewer.get(url(coded))
    page = read(response)
    address = url(coded, f"/certificates/{paper}")
    assert [found["src"] for tag, found in page.elements if tag == "iframe"] == [f"{address}#navpanes=0"]
    assert address in [found.get("href") for tag, found in page.elements if tag == "a"]
    assert "frame-src 'self'" in response.headers["Content-Security-Policy"]
    assert f"The same file came with claim {uncoded}" in page.text
    sent = reviewer.get(address)
    assert (sent.status_code, sent.mimetype, sent.data) == (200, "application/pdf", PDF)
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    [policy] = sent.headers.getlist("Content-Security-Policy")
    assert {"default-src 'none'", "frame-ancestors 'self'"} <= set(policy.split("; "))
    assert reviewer.get(url(uncoded, f"/certificates/{paper}")).status_code == 404


def test_what_candidates_and_sponsors_wrote_is_text_and_nothing_else(reviewer: FlaskClient, claimed: Claimed) -> None:
    nasty = "<script>alert(1)</script>{{ 7*7 }}"
    made = claimed.claim("ann", nasty, sponsor=nasty, description=nasty)
    for path in ("/staff/", url(made), "/staff/attendance"):
        page = reviewer.get(path).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page


def test_there_is_no_claim_that_is_not_there(reviewer: FlaskClient) -> None:
    assert reviewer.get(url(987654)).status_code == 404
    for rest in ("/decide", "/assign", "/undo"):
        assert reviewer.post(url(987654, rest), data={"revision": "1"}).status_code == 404
    assert reviewer.get(url(987654, "/certificates/1")).status_code == 404
