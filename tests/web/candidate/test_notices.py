"""Notices on pages: one in its words and where it leads to, all of them in a list, in the language of the person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions.notices import PATHS, path_of, tell
from ssa_engine.core.notices import NoticeKind, Page
from ssa_engine.storage import notices
from ssa_engine.storage.db import Database
from ssa_engine.web import language
from ssa_engine.web.notice_words import view_of
from tests.core.test_notices import EXAMPLES
from tests.factories import Clock, Someone, add_someone, read
from tests.web.candidate.test_letters import write
from tests.web.test_language import Pseudo, outside_brackets, words_of
from tests.web.test_words import check
from tests.web.walk import snapshot

Told = Callable[..., int]


@pytest.fixture
def told(db: Database, clock: Clock, candidate: Someone) -> Told:
    """Tell the candidate something; return the id of the notice."""

    def of(kind: NoticeKind = NoticeKind.WINDOW_OPEN, someone: Someone = candidate, **changed: Any) -> int:
        with db.write() as connection:
            assert tell(
                connection,
                kind,
                key=f"{kind}/{someone.credential_id}/1",
                person_id=someone.id,
                credential_id=someone.credential_id,
                details={"discipline": "CT", **EXAMPLES[kind], **changed},
                now=clock(),
            )
            return notices.of_person(connection, someone.id)[0].id

    return of


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_notice_has_a_page_with_its_words_and_one_way_on(
    browser: FlaskClient, told: Told, candidate: Someone, kind: NoticeKind
) -> None:
    response = browser.get(f"/candidate/letters/{told(kind)}")
    assert response.status_code == 200
    check(response)
    page = read(response)
    assert "Computed Tomography" in page.text
    assert "Dear candidate," in page.text
    assert "14 March 2027" in page.text
    [way_on] = [found for tag, found in page.elements if tag == "a" and found.get("class") == "button primary"]
    ce = f"/candidate/credentials/{candidate.credential_id}/ce"
    assert way_on["href"] == (ce if kind.value.startswith("claim_") else "/candidate/")


def test_what_people_wrote_is_text(browser: FlaskClient, told: Told) -> None:
    letter = told(NoticeKind.CLAIM_REJECTED, title="<b>Dose</b>", reason="{no} <script>alert(1)</script>")
    page = read(browser.get(f"/candidate/letters/{letter}"))
    assert "<script>alert" not in page.html
    assert "The reason: {no} <script>alert(1)</script>" in page.text


def test_all_letters_are_listed_the_latest_first(
    browser: FlaskClient, told: Told, db: Database, clock: Clock, candidate: Someone
) -> None:
    assert "Nothing has been written to you yet." in read(browser.get("/candidate/letters")).text
    first = told(NoticeKind.WINDOW_OPEN)
    clock.advance(days=1)
    second = write(db, clock, candidate, "applied", [9.0, 7.5])
    clock.advance(days=1)
    third = told(NoticeKind.DUE_SOON)
    told(NoticeKind.COMPLETE, add_someone(db, "other@test.example", clock=clock))
    response = browser.get("/candidate/letters")
    check(response)
    page = read(response)
    assert [int(found["data-letter"]) for found in page.rows("data-letter")] == [third, second, first]
    for subject in (
        "CQR for Computed Tomography is to be complete by 31 May 2030",
        "Your answers in Computed Tomography were scored again",
        "Your CQR window for Computed Tomography is open",
    ):
        assert subject in page.text
    assert "CQR complete" not in page.text


def test_looking_marks_nothing_and_saying_so_does_once(
    browser: FlaskClient, told: Told, db: Database, clock: Clock
) -> None:
    letter = told()
    before = snapshot(db)
    page = read(browser.get(f"/candidate/letters/{letter}"))
    assert "I have read this" in page.text
    assert "new" in read(browser.get("/candidate/letters")).text
    assert snapshot(db) == before
    assert browser.post(f"/candidate/letters/{letter}").status_code == 303
    clock.advance(days=1)
    page = read(browser.get(f"/candidate/letters/{letter}"))
    assert "You marked this letter as read on 14 March 2027." in page.text
    assert "I have read this" not in page.text


def test_every_word_of_a_notice_can_be_translated_and_dates_are_of_the_language(
    app: Flask, browser: FlaskClient, told: Told, db: Database, candidate: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.post("/display", data={"language": "es"})
    monkeypatch.setattr(language, "_catalogue", lambda code: Pseudo())
    for kind in NoticeKind:
        letter = told(kind)
        text = read(browser.get(f"/candidate/letters/{letter}")).text
        main = outside_brackets(text.partition("15 de marzo" if "15 de marzo" in text else "14 de marzo")[2])
        assert words_of(main) - {"de", "candidate", "Computed", "Tomography", "marzo"} == set(), kind
    assert "31 de mayo de 2030" in read(browser.get("/candidate/letters")).text


def test_a_view_gives_the_dashboard_what_it_shows(
    app: Flask, told: Told, db: Database, candidate: Someone, clock: Clock
) -> None:
    told(NoticeKind.RESULT_RELEASED)
    write(db, clock, candidate, "reverted", [3.0, 3.0], told_before=False)
    with db.read() as connection:
        letter, result = notices.of_person(connection, candidate.id)
    with app.test_request_context():
        view = view_of(result)
        assert view.subject == "Your result for Computed Tomography is here"
        assert (
            view.paragraphs[1]
            == "You have 4.5 credits to earn and report by 17 May 2030, in the content areas to strengthen."
        )
        assert (view.href, view.action) == ("/candidate/", "See my result")
        assert (view.id, view.kind, view.credential_id) == (result.id, "result_released", candidate.credential_id)
        rescoring = view_of(letter)
        assert rescoring.subject == "Your answers in Computed Tomography were scored again"
        assert (rescoring.href, rescoring.action) == (f"/candidate/letters/{letter.id}", "Read the letter")
    with app.test_request_context(base_url="http://localhost/cqr/"):
        assert view_of(result).href == "/cqr/candidate/"


def test_a_discipline_that_is_no_longer_there_is_named_by_its_code(
    app: Flask, browser: FlaskClient, told: Told
) -> None:
    letter = told(discipline="XYZ")
    assert "Your CQR window for XYZ is open" in read(browser.get(f"/candidate/letters/{letter}")).text


@pytest.mark.parametrize("page", list(Page))
def test_the_addresses_that_stand_in_mail_are_those_of_pages(app: Flask, page: Page) -> None:
    endpoints = {
        Page.DASHBOARD: "candidate.dashboard.show",
        Page.RESULT: "candidate.result.show",
        Page.CE: "candidate.ce.show",
    }
    endpoint, _ = app.url_map.bind("localhost").match(path_of(page, credential_id=7, attempt_id=8), method="GET")
    assert endpoint == endpoints[page]
    assert set(PATHS) == set(endpoints)


def test_what_a_notice_does_not_name_leads_to_the_dashboard() -> None:
    assert path_of(Page.RESULT, credential_id=7, attempt_id=None) == "/candidate/"
    assert path_of(Page.CE, credential_id=None, attempt_id=8) == "/candidate/"
    assert path_of(Page.RESULT, credential_id=7, attempt_id=8) == "/candidate/attempts/8/result"
    assert path_of(Page.CE, credential_id=7, attempt_id=8) == "/candidate/credentials/7/ce"
