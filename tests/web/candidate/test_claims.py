"""Reporting an activity on a phone or a desk: the form, its arithmetic, errors that keep what was typed, the claim."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.content.library import Library
from ssa_engine.core.claims import ClaimState
from ssa_engine.storage.db import Database
from tests import papers
from tests.actions.claiming import DOSE, HEAD, IMAGES, Desk, desk_of, library_with_claims, stored_activity
from tests.factories import Clock, Page, Someone, add_someone, read

CERTIFICATE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"


@pytest.fixture(scope="session")
def library(library: Library) -> Library:
    return library_with_claims(library)


@pytest.fixture
def desk(db: Database, library: Library, clock: Clock, tmp_path: Path, candidate: Someone, published: None) -> Desk:
    """The candidate, asked for 2 credits in dose and 3 in images."""
    asked = {DOSE: 2.0, IMAGES: 3.0}
    return desk_of(db, library, clock, tmp_path / "certificates", asked, candidate)


def url(desk: Desk, *parts: object) -> str:
    return "/".join(["/candidate/credentials", str(desk.someone.credential_id), "ce/claims", *map(str, parts)])


def files(*named: tuple[str, bytes]) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(content), name) for name, content in named]


def send(browser: FlaskClient, desk: Desk, *named: tuple[str, bytes], **fields: str) -> TestResponse:
    """Send the form, with a field for photos that was left alone as browsers send it."""
    data: dict[str, Any] = {"finished_on": "2027-03-10", "attended_whole": "yes", **fields}
    data["files"] = [*files(*named), (io.BytesIO(b""), "")]
    return browser.post(url(desk), data=data, content_type="multipart/form-data")


def hrefs(page: Page) -> list[str]:
    return [found.get("href", "") for tag, found in page.elements if tag == "a"]


def typed(page: Page) -> dict[str, str]:
    return {name: value for name, value in page.fields_of("claim-form") if name != "files"}


def test_the_form_of_an_activity_says_what_it_counts(browser: FlaskClient, desk: Desk) -> None:
    stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})
    page = read(browser.get(url(desk, "new?activity=DOSE")))
    assert "2.5 CE credits; 0.5 of them count here: Radiation Safety and Dose; 1.5 still open after this." in page.text
    assert ("activity", "DOSE") in page.fields_of("claim-form")
    [chosen, photo] = [one for one in page.inputs if one.get("type") == "file"]
    assert (chosen["name"], photo["name"], photo["capture"], photo["accept"]) == (
        "files", "files", "environment", "image/*",
    )  # fmt: skip
    for kind in ("application/pdf", "image/jpeg", "image/png", "image/heic"):
        assert kind in chosen["accept"].split(",")
    [day] = [one for one in page.inputs if one.get("name") == "finished_on"]
    assert (day["min"], day["max"]) == ("2027-03-04", "2027-03-14")


def test_one_that_fills_nothing_says_so_before_anything_is_sent(browser: FlaskClient, desk: Desk) -> None:
    stored_activity(desk.db, "HEADS", 2.0, {HEAD: 2.0})
    page = read(browser.get(url(desk, "new?activity=HEADS")))
    assert "2 CE credits; none of them count for what is open here." in page.text
    assert "It would fill nothing of what is open." in page.text


def test_a_report_leads_to_its_claim_which_waits(browser: FlaskClient, desk: Desk) -> None:
    stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})
    response = send(browser, desk, ("mine.jpg", papers.jpeg()), ("page two.pdf", papers.pdf()), activity="DOSE")
    [claim] = desk.claims
    assert (response.status_code, response.headers["Location"]) == (303, url(desk, claim.id) + "?done=reported")
    page = read(browser.get(response.headers["Location"]))
    assert "Waiting for a reviewer. You hear from us by 28 March 2027." in page.text
    assert "Thank you. Your claim is with the reviewers." in page.text
    assert "Radiation Safety and Dose : 0.5 credits" in page.text
    assert [row["data-verb"] for row in page.rows("data-verb")] == ["report"]
    assert "page two.pdf" in page.text
    assert len(desk.files) == 2


def test_one_not_in_the_catalogue_is_reported_in_one_s_own_words(browser: FlaskClient, desk: Desk) -> None:
    own = {"title": "Dose in children", "sponsor": "Local Society", "credits": "1,5", "description": "Two lectures."}
    response = send(browser, desk, ("a.png", papers.png()), **own)
    assert response.status_code == 303
    [claim] = desk.claims
    assert (claim.title, claim.credits, claim.distribution) == ("Dose in children", 1.5, {})
    page = read(browser.get(response.headers["Location"]))
    assert "A reviewer decides in which content areas its credits count." in page.text
    assert "Two lectures." in page.text


def test_what_is_to_mend_is_said_field_by_field_and_nothing_typed_is_lost(browser: FlaskClient, desk: Desk) -> None:
    own = {"title": "<b>Dose</b>", "sponsor": "", "credits": "many", "description": "Words that took long."}
    response = send(browser, desk, ("a.png", b""), **own, finished_on="2027-12-01")
    page = read(response)
    assert response.status_code == 422
    assert desk.claims == []
    assert typed(page) == {**own, "finished_on": "2027-12-01", "attended_whole": "yes"}
    marked = {one["name"] for one in page.inputs if one.get("aria-invalid") == "true"}
    assert marked == {"sponsor", "credits", "finished_on", "files"}
    summary = [found["href"] for tag, found in page.elements if tag == "a" and found.get("href", "").startswith("#")]
    assert summary[1:] == ["#sponsor", "#credits", "#finished_on", "#files"]  # the first is the skip link
    for sentence in (
        "Say who offered it, as it stands on the certificate.",
        "Give its CE credits as a number above 0",
        "You cannot have finished it on 1 December 2027: that day is still to come.",
        "a.png is empty.",
        "Choose your files again: a browser does not keep them when a page is shown anew.",
    ):
        assert sentence in page.text
    assert "Problem: Report a finished activity" in page.text


@pytest.mark.parametrize(
    ("day", "said"), [("03/10/2027", "Write the day as 2027-04-30."), (" ", "Give the day on which you finished it")]
)
def test_a_day_that_cannot_be_read_is_told_how_days_are_written(
    browser: FlaskClient, desk: Desk, day: str, said: str
) -> None:
    stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})
    response = send(browser, desk, ("a.png", papers.png()), activity="DOSE", finished_on=day)
    page = read(response)
    assert (response.status_code, typed(page)["finished_on"]) == (422, day)
    assert said in page.text
    assert ("Write the day as" in page.text) != ("Give the day" in page.text)


def test_a_part_of_an_activity_is_not_taken(browser: FlaskClient, desk: Desk) -> None:
    stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})
    response = send(browser, desk, ("a.png", papers.png()), activity="DOSE", attended_whole="")
    assert response.status_code == 422
    assert "For a part of one no credit is given." in read(response).text


def test_one_that_was_reported_is_refused_before_a_certificate_is_chosen(browser: FlaskClient, desk: Desk) -> None:
    once = "You have claimed this activity before, on 14 March 2027. It counts once for one prescription."
    activity = stored_activity(desk.db, "DOSE", 0.5, {DOSE: 0.5})
    claim = desk.report(activity)
    sent = send(browser, desk, ("a.png", papers.png()), activity="DOSE")
    assert (sent.status_code, len(desk.claims)) == (422, 1)
    approved = desk.approve(claim)
    for page in (read(sent), read(browser.get(url(desk, "new?activity=DOSE")))):
        assert page.text.count(once) == 1
        assert url(desk, claim.id) in hrefs(page)
        assert "0.5 of it counts here" not in page.text
        assert [one for one in page.inputs if one.get("type") == "file"] == []
    assert [one.id for one in desk.claims] == [approved.id]


def test_one_reported_in_other_words_or_not_coded_is_refused_at_once_too(browser: FlaskClient, desk: Desk) -> None:
    activity = stored_activity(desk.db, "DOSE", 0.5, {DOSE: 0.5})
    names = {"title": activity.title.upper(), "sponsor": activity.sponsor, "description": "Dose."}
    claim = desk.report(None, credits=0.5, **names)
    page = read(browser.get(url(desk, "new?activity=DOSE")))
    assert "It counts once for one prescription." in page.text
    assert url(desk, claim.id) in hrefs(page)
    stored_activity(desk.db, "OTHER", 0.5, {})
    page = read(browser.get(url(desk, "new?activity=OTHER")))
    assert "This activity is not coded to the content outline of Computed Tomography" in page.text
    assert [one for one in page.inputs if one.get("type") == "file"] == []
    desk.withdraw(claim)
    assert ("activity", "DOSE") in read(browser.get(url(desk, "new?activity=DOSE"))).fields_of("claim-form")


def test_an_activity_that_is_not_in_the_catalogue_is_not_found(browser: FlaskClient, desk: Desk) -> None:
    response = browser.get(url(desk, "new?activity=NOWHERE"))
    assert response.status_code == 404
    assert "There is no activity with the code NOWHERE in the catalogue." in read(response).text


def test_certificates_are_shown_to_their_owner_with_headers_that_let_them_do_nothing(
    browser: FlaskClient, desk: Desk, db: Database, clock: Clock
) -> None:
    stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})
    send(browser, desk, ("../../x.html", papers.png()), ("evil.pdf", papers.acting_pdf()), activity="DOSE")
    [claim] = desk.claims
    kinds = []
    page = read(browser.get(url(desk, claim.id)))
    links = sorted({found["href"] for tag, found in page.elements if "/certificates/" in found.get("href", "")})
    for link in links:
        response = browser.get(link)
        assert response.status_code == 200
        assert response.headers.getlist("Content-Security-Policy") == [CERTIFICATE_POLICY]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["Content-Disposition"].startswith('inline; filename="certificate-')
        assert b"app.alert" not in response.get_data()
        kinds.append(response.headers["Content-Type"])
    assert kinds == ["image/png", "application/pdf"]
    assert browser.get(url(desk, claim.id, "certificates", 99)).status_code == 404


def test_what_another_has_claimed_is_not_there(browser: FlaskClient, desk: Desk, db: Database, clock: Clock) -> None:
    stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})
    send(browser, desk, ("a.png", papers.png()), activity="DOSE")
    [claim] = desk.claims
    mine = desk.someone
    desk.someone = add_someone(db, "other@test.example", clock=clock)
    for address in (url(desk, claim.id), url(desk, claim.id, "certificates", 1), url(desk, "new")):
        assert browser.get(address).status_code == 404
    desk.someone = mine
    assert browser.get(url(desk, claim.id)).status_code == 200


def test_what_was_asked_for_is_sent_and_an_old_page_is_told(browser: FlaskClient, desk: Desk) -> None:
    claim = desk.ask(desk.report(stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})), reason="Page two, please.")
    page = read(browser.get(url(desk, claim.id)))
    assert "More is asked of you" in page.text
    assert "Page two, please." in page.text
    sent = dict(page.fields_of("mend-form")) | {"text": "Here is page two."}
    empty = browser.post(url(desk, claim.id, "mend"), data={**sent, "text": ""}, content_type="multipart/form-data")
    assert empty.status_code == 422
    assert "Write what you were asked for, or choose a new certificate." in read(empty).text
    refused = {**sent, "files": files(("b.png", b"\x89PNG\r\n\x1a\n"))}
    broken = browser.post(url(desk, claim.id, "mend"), data=refused, content_type="multipart/form-data")
    assert broken.status_code == 422
    assert ("text", "Here is page two.") in read(broken).fields_of("mend-form")
    data = {**sent, "files": files(("two.png", papers.png()))}
    mended = browser.post(url(desk, claim.id, "mend"), data=data, content_type="multipart/form-data")
    assert (mended.status_code, mended.headers["Location"]) == (303, url(desk, claim.id) + "?done=mended")
    assert [(one.state, one.revision) for one in desk.claims] == [(ClaimState.REPORTED, 4)]
    page = read(browser.get(mended.headers["Location"]))
    assert "You sent what was asked for: Here is page two." in page.text
    again = browser.post(url(desk, claim.id, "mend"), data=sent, content_type="multipart/form-data")
    assert again.status_code == 409
    assert len(desk.files) == 2


def test_the_start_page_says_what_is_asked_for_until_it_is_sent(browser: FlaskClient, desk: Desk) -> None:
    activity = stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})
    claim = desk.ask(desk.report(activity), reason="Page two, please.")
    page = read(browser.get("/candidate/"))
    assert f"A reviewer asks for more about “{activity.title}”." in page.text
    assert [found["href"] for tag, found in page.elements if tag == "a" and found.get("href") == url(desk, claim.id)]
    sent = dict(read(browser.get(url(desk, claim.id))).fields_of("mend-form")) | {"text": "Here is page two."}
    browser.post(url(desk, claim.id, "mend"), data=sent, content_type="multipart/form-data")
    assert "A reviewer asks for more" not in read(browser.get("/candidate/")).text


def test_a_claim_is_withdrawn_on_its_page(browser: FlaskClient, desk: Desk) -> None:
    claim = desk.report(stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5}))
    response = browser.post(url(desk, claim.id, "withdraw"), data={"revision": "1"})
    assert (response.status_code, response.headers["Location"]) == (303, url(desk, claim.id))
    page = read(browser.get(url(desk, claim.id)))
    assert "Withdrawn" in page.text
    assert "Withdraw it" not in page.text
    again = browser.post(url(desk, claim.id, "withdraw"), data={"revision": "2"})
    assert again.status_code == 409
    assert "This claim was withdrawn, so nothing more can be done with it." in read(again).text


def test_a_decision_is_told_with_its_reason(browser: FlaskClient, desk: Desk) -> None:
    claim = desk.reject(desk.report(stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})), reason="It names Bob.")
    page = read(browser.get(url(desk, claim.id)))
    assert "Not approved" in page.text
    assert "It does not count, for this reason: It names Bob." in page.text
    approved = desk.approve(desk.report(stored_activity(desk.db, "TWO", 2.5, {DOSE: 0.5})))
    page = read(browser.get(url(desk, approved.id)))
    assert "This is counted in your prescription." in page.text
    assert [row["data-verb"] for row in page.rows("data-verb")] == ["report", "take", "approve"]


def test_the_list_of_claims_is_on_the_page_of_the_prescription(browser: FlaskClient, desk: Desk) -> None:
    response = browser.get(url(desk))
    assert (response.status_code, response.headers["Location"]) == (302, url(desk).replace("/claims", "#claims"))
