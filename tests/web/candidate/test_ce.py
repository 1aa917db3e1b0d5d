"""The page of prescribed CE: what is next, the ledger with its rules, surplus and elsewhere, the claims."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.storage.db import Database
from tests.actions.claiming import (
    DOSE,
    HEAD,
    IMAGES,
    Desk,
    desk_of,
    library_with_claims,
    prescribe,
    stored_activity,
)
from tests.factories import Clock, Page, Someone, add_someone, read, session_of


@pytest.fixture(scope="session")
def library(library: Library) -> Library:
    return library_with_claims(library)


@pytest.fixture
def desk(db: Database, library: Library, clock: Clock, tmp_path: Path, candidate: Someone, published: None) -> Desk:
    """The candidate, asked for 2 credits in dose and 3 in images."""
    asked = {DOSE: 2.0, IMAGES: 3.0}
    return desk_of(db, library, clock, tmp_path / "certificates", asked, candidate)


def ce_url(desk: Desk) -> str:
    return f"/candidate/credentials/{desk.someone.credential_id}/ce"


def page_of(browser: FlaskClient, desk: Desk) -> Page:
    response = browser.get(ce_url(desk))
    assert response.status_code == 200
    return read(response)


def rows(page: Page) -> list[tuple[str, ...]]:
    names = ("data-area", "data-prescribed", "data-filled", "data-waiting", "data-open", "data-surplus")
    return [tuple(row[name] for name in names) for row in page.rows("data-prescribed")]


def links(page: Page) -> list[str]:
    """Where the buttons of the page itself lead."""
    buttons = [found["href"] for tag, found in page.elements if tag == "a" and "button" in found.get("class", "")]
    return [href for href in buttons if "/ce/" in href and not href.startswith("/display")]


def test_at_first_everything_is_open_and_the_way_to_fill_it_is_shown(browser: FlaskClient, desk: Desk) -> None:
    page = page_of(browser, desk)
    assert (
        "Earn 5 credits of continuing education for Computed Tomography, and report what you finish by 18 May 2028."
        in page.text
    )
    assert rows(page) == [(DOSE, "2", "0", "0", "2", "0"), (IMAGES, "3", "0", "0", "3", "0")]
    assert f"The rule for {DOSE}." in page.text
    assert links(page)[:3] == [f"{ce_url(desk)}/activities", f"{ce_url(desk)}/plan", f"{ce_url(desk)}/claims/new"]
    assert "You have not reported an activity yet." in page.text


def test_what_is_filled_waits_or_is_too_much_is_all_shown(browser: FlaskClient, desk: Desk) -> None:
    desk.approve(desk.report(stored_activity(desk.db, "ONE", 4.0, {DOSE: 2.5, HEAD: 1.0})))
    waiting = desk.report(stored_activity(desk.db, "TWO", 2.0, {IMAGES: 1.25}))
    page = page_of(browser, desk)
    assert rows(page) == [(DOSE, "2", "2", "0", "0", "0.5"), (IMAGES, "3", "0", "1.25", "3", "0")]
    assert "0.5 credits more than prescribed." in page.text
    assert "Approved in other content areas" in page.text
    assert "Head, Spine, and Musculoskeletal : 1 credit" in page.text
    assert [(row["data-claim"], row["data-state"]) for row in page.rows("data-claim")] == [
        (str(waiting.id), "reported"),
        (str(waiting.id - 1), "approved"),
    ]
    assert "You hear from us by 28 March 2027." in page.text


def test_what_is_asked_for_comes_first(browser: FlaskClient, desk: Desk) -> None:
    claim = desk.ask(desk.report(stored_activity(desk.db, "ONE", 2.0, {DOSE: 2.0})), reason="Send page two, please.")
    page = page_of(browser, desk)
    assert "A reviewer asks for more about “Title of ONE”: Send page two, please." in page.text
    assert f"{ce_url(desk)}/claims/{claim.id}" in page.html


def test_no_gap_no_prescription_and_the_page_says_so_gladly(browser: FlaskClient, desk: Desk, clock: Clock) -> None:
    prescribe(desk.db, desk.banks, desk.someone, {}, clock())
    page = page_of(browser, desk)
    assert "Nothing is prescribed. No continuing education is asked of you for this period" in page.text
    assert rows(page) == []


def test_filled_is_filled(browser: FlaskClient, desk: Desk) -> None:
    desk.approve(desk.report(stored_activity(desk.db, "ALL", 5.0, {DOSE: 2.0, IMAGES: 3.0})))
    page = page_of(browser, desk)
    assert "Every content area is filled. Nothing more has to be reported." in page.text
    assert "CQR complete for Computed Tomography." in page.text
    assert f"{ce_url(desk)}/claims/new" not in page.html


def test_before_there_is_a_result_it_says_what_will_come(
    browser: FlaskClient, app: object, db: Database, clock: Clock, candidate: Someone
) -> None:
    page = read(browser.get(f"/candidate/credentials/{candidate.credential_id}/ce"))
    assert "What you have to earn follows from the result of your self-assessment." in page.text
    form = browser.get(f"/candidate/credentials/{candidate.credential_id}/ce/claims/new")
    assert (form.status_code, form.headers["Location"]) == (302, f"/candidate/credentials/{candidate.credential_id}/ce")


def test_after_the_last_day_to_report_it_says_so_and_after_the_end_work_goes_on(
    browser: FlaskClient, desk: Desk, clock: Clock
) -> None:
    clock.at = dt.datetime(2028, 5, 25, 12, 0, tzinfo=dt.UTC)
    browser.set_cookie("ssa_session", session_of(desk.db, desk.someone, clock()))
    page = page_of(browser, desk)
    assert "had to be submitted by 18 May 2028" in page.text
    assert f"{ce_url(desk)}/claims/new" not in page.html
    clock.at = dt.datetime(2028, 7, 1, 12, 0, tzinfo=dt.UTC)
    browser.set_cookie("ssa_session", session_of(desk.db, desk.someone, clock()))
    page = page_of(browser, desk)
    assert "Your Computed Tomography credential was discontinued on 2 June 2028." in page.text
    assert f"{ce_url(desk)}/claims/new" in page.html


def test_it_leads_back_to_the_credentials_and_to_the_biennium(browser: FlaskClient, desk: Desk) -> None:
    hrefs = [found.get("href") for tag, found in page_of(browser, desk).elements if tag == "a"]
    assert hrefs.count("/candidate/biennium") == 1
    assert "/" in hrefs


def test_another_s_is_not_there(browser: FlaskClient, desk: Desk, db: Database, clock: Clock) -> None:
    other = add_someone(db, "other@test.example", clock=clock)
    response = browser.get(f"/candidate/credentials/{other.credential_id}/ce")
    assert response.status_code == 404
    assert "There is no such credential of yours." in read(response).text
