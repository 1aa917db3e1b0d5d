"""The dashboard: what is next for each credential in every state, one button, and what was written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.completion import reinstate
from ssa_engine.actions.notices import tell
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.programmes import ProfileRules
from ssa_engine.storage import notices, people
from ssa_engine.storage.db import Database
from tests.factories import Clock, Page, Someone, add_someone, begin_url, read, session_of
from tests.web.candidate.process import Process
from tests.web.walk import snapshot


@pytest.fixture
def process(browser: FlaskClient, db: Database, clock: Clock, library: Library, candidate: Someone) -> Process:
    return Process(db, clock, library, browser, candidate)


def links(page: Page) -> dict[str, str]:
    """Address -> class of every link of the page's cards."""
    return {found["href"]: found.get("class", "") for tag, found in page.elements if tag == "a" and "href" in found}


def primary(page: Page) -> list[str]:
    return [href for href, kind in links(page).items() if "primary" in kind]


def test_without_a_credential_there_is_nothing_to_do_and_somebody_to_write_to(
    app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    someone = add_someone(db, "none@test.example", clock=clock)
    with db.write() as connection:
        connection.execute(sa.text("DELETE FROM credentials"))
    page = read(sign_in(someone).get("/candidate/"))
    assert "No credential of yours is listed here yet. There is nothing to do." in page.text
    assert page.rows("data-credential") == []
    assert primary(page) == []


def test_an_open_window_leads_to_the_profile_and_quietly_to_the_assessment(process: Process) -> None:
    page = process.dashboard()
    assert process.card()["data-state"] == "open"
    assert "Begin with your professional profile for Computed Tomography. You have until 1 June 2028." in page.text
    assert "445 days left in your window" in page.text
    assert primary(page) == [process.url("profile")]
    assert links(page)[process.url("assessment")] == "quiet-link"


def test_once_the_profile_is_done_the_button_leads_to_the_assessment(process: Process) -> None:
    process.do_profile()
    page = process.dashboard()
    assert "Take the Computed Tomography self-assessment by 1 June 2028." in page.text
    assert primary(page) == [process.url("assessment")]


def test_a_prescription_leads_to_its_continuing_education(process: Process) -> None:
    process.do_profile()
    attempt = process.submit()
    page = process.dashboard()
    assert process.card()["data-state"] == "prescribed"
    assert "Earn 36 credits of continuing education for Computed Tomography, and report what you finish by" in page.text
    assert "0 of 36 credits filled" in page.text
    assert primary(page) == [process.url("ce")]
    assert {process.url("ce/letter.pdf"), f"/candidate/attempts/{attempt}/result"} <= set(links(page))
    process.fill(attempt, share=0.5)
    assert "18 of 36 credits filled" in process.dashboard().text


def test_the_timeline_says_in_words_what_was_and_what_comes(process: Process) -> None:
    process.submit()
    page = process.dashboard()
    assert [row["data-kind"] for row in page.rows("data-kind")] == [
        "starts",
        "opens",
        "submitted",
        "released",
        "submit_by",
        "due",
    ]
    past = [row["data-kind"] for row in page.rows("data-kind") if row.get("class") == "timeline-past"]
    assert past == ["starts", "opens", "submitted", "released"]
    assert "14 March 2027 Today" in page.text
    assert "1 June 2028 The window ends" in page.text


def test_when_everything_is_filled_and_the_profile_is_left_it_is_next(process: Process) -> None:
    attempt = process.submit()
    assert process.fill(attempt) is None
    page = process.dashboard()
    assert process.card()["data-state"] == "filled"
    assert "Your professional profile is what is left, by 1 June 2028." in page.text
    assert primary(page) == [process.url("profile")]


def test_a_complete_cycle_offers_its_record_and_says_when_the_next_window_opens(process: Process) -> None:
    process.do_profile()
    record = process.fill(process.submit())
    assert record is not None
    page = process.dashboard()
    assert process.card()["data-state"] == "complete"
    assert "There is nothing to do until your next window opens on 1 June 2035." in page.text
    assert primary(page) == []
    assert links(page)[process.url("record.pdf")] == "button"
    assert {process.url("profile"), process.url("ce"), "/candidate/biennium"} <= links(page).keys()
    assert "(now)" not in page.text
    assert "(later)" not in page.text


def test_a_window_that_ended_is_told_calmly_with_whom_to_ask(process: Process) -> None:
    process.at(dt.datetime(2028, 6, 2, 18, tzinfo=dt.UTC))
    page = process.dashboard()
    assert (
        "Your Computed Tomography credential was discontinued on 2 June 2028. To regain it, begin with your "
        "professional profile." in page.text
    )
    assert "What you have done so far counts." in page.text
    contact = process.library.spec("CT").cqr.contact
    assert contact is not None
    assert f"mailto:{contact.email}" in links(page)
    assert primary(page) == [process.url("profile")]


def test_what_was_completed_late_waits_for_its_reinstatement_and_begins_anew_with_it(process: Process) -> None:
    process.at(dt.datetime(2028, 6, 2, 18, tzinfo=dt.UTC))
    process.do_profile()
    assert process.fill(process.submit()) is not None
    page = process.dashboard()
    assert "Your credential was discontinued on 2 June 2028; what is left is to ask for its reinstatement." in page.text
    assert "What you have done so far counts." not in page.text
    reinstate(
        process.db,
        Banks(process.db, process.library),
        credential_id=process.someone.credential_id,
        on=dt.date(2028, 6, 2),
        who="test",
        now=process.clock(),
    )
    page = process.dashboard()
    assert process.card()["data-state"] == "not_yet"
    assert (
        "Your Computed Tomography credential was reinstated on 2 June 2028. There is nothing to do until the next "
        "window opens on 2 June 2035." in page.text
    )
    assert process.url("record.pdf") in links(page)  # that of the cycle before
    assert process.browser.get(process.url("record.pdf")).mimetype == "application/pdf"


def test_the_day_is_the_one_where_the_programme_is(
    app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient], library: Library
) -> None:
    someone = add_someone(db, "edge@test.example", clock=clock, earned_on=dt.date(2020, 3, 15))
    browser = sign_in(someone)
    zone = library.spec("CT").cqr.zone
    opens = dt.datetime(2027, 3, 15, tzinfo=zone)
    states = []
    for moment in (opens - dt.timedelta(seconds=1), opens):
        clock.at = moment.astimezone(dt.UTC)
        states.append(read(browser.get("/candidate/")).rows("data-state")[0]["data-state"])
    assert states == ["not_yet", "open"]


def test_of_several_credentials_the_most_urgent_comes_first_and_one_button_stands_out(process: Process) -> None:
    process.do_profile()
    with process.db.write() as connection:
        for discipline, earned_on in (("MRI", dt.date(2005, 1, 1)), ("RAD", dt.date(2017, 9, 1))):
            people.insert_credential(
                connection, person_id=process.someone.id, discipline=discipline, earned_on=earned_on
            )
    page = process.dashboard()
    assert [row["data-state"] for row in page.rows("data-credential")][-1] == "not_subject"
    assert len(page.rows("data-credential")) == 3
    assert len(primary(page)) == 1
    first = page.html.index('<h1 class="next-line">')
    assert "until 1 September 2027" in page.html[first : first + 400]


def test_what_was_written_is_listed_with_the_newest_first_and_what_is_new_in_words(process: Process) -> None:
    for number in range(6):
        with process.db.write() as connection:
            tell(
                connection,
                NoticeKind.WINDOW_OPEN,
                key=f"window_open/{process.someone.credential_id}/{number}",
                person_id=process.someone.id,
                credential_id=process.someone.credential_id,
                details={"discipline": "CT", "due_on": dt.date(2028, 6, 1)},
                now=process.clock(),
            )
        process.clock.advance(days=1)
    page = process.dashboard()
    with process.db.read() as connection:
        told = notices.of_person(connection, process.someone.id)
    shown = [href for href in links(page) if href.startswith("/candidate/letters/")]
    assert shown == [f"/candidate/letters/{one.id}" for one in told[:5]]
    assert "/candidate/letters" in links(page)
    assert page.text.count("· new") == 5
    process.browser.post(f"/candidate/letters/{told[0].id}")
    assert process.dashboard().text.count("· new") == 4


def test_looking_changes_nothing(process: Process) -> None:
    process.submit()
    before = snapshot(process.db)
    for rest in ("deadlines.ics", "outline?q=dose", "ce/letter.pdf", "record.pdf"):
        process.browser.get(process.url(rest))
    process.browser.get("/candidate/help")
    process.dashboard()
    assert snapshot(process.db) == before


def test_how_much_a_credential_holds_does_not_change_how_often_the_database_is_asked(
    app: Flask, process: Process
) -> None:
    def asked() -> int:
        sent: list[str] = []
        engine = app.extensions["ssa_engine"].db.engine

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            sent.append(statement)

        process.dashboard()
        sa.event.listen(engine, "before_cursor_execute", note)
        process.dashboard()
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(sent)

    attempt = process.submit()
    few = asked()
    for number in range(5):
        process.fill(attempt, source=f"claim/{number}", share=0.125)
    assert asked() == few
    assert few <= 12


@pytest.fixture
def profile_first(
    database_url: str, db: Database, clock: Clock, library: Library, published: None, candidate: Someone
) -> Iterator[Process]:
    """A candidate of a programme whose profile comes before the assessment."""
    spec = library.specs["CT"]
    rules = spec.cqr.model_copy(update={"profile": ProfileRules(before_assessment=True)})
    spec = spec.model_copy(update={"cqr": rules})
    bank = library.bank("CT").model_copy(update={"spec": spec})
    other = replace(library, specs={**library.specs, "CT": spec}, banks={**library.banks, "CT": bank})
    app = create_app(read_settings({}, database_url=database_url, secure_cookies="false"), clock=clock, library=other)
    browser = app.test_client()
    browser.set_cookie("ssa_session", session_of(db, candidate, clock()))
    yield Process(db, clock, other, browser, candidate)
    app.extensions["ssa_engine"].db.dispose()


def test_where_the_profile_comes_first_the_assessment_waits_for_it(profile_first: Process) -> None:
    process = profile_first
    page = process.dashboard()
    assert primary(page) == [process.url("profile")]
    assert process.url("assessment") not in links(page)
    sentence = "Your professional profile comes before the assessment. Finish it first, then come back."
    assert sentence in read(process.browser.get(begin_url(process.someone))).text
    before = snapshot(process.db)
    for step in ({"step": "identity"}, {"step": "start"}):
        refused = process.browser.post(begin_url(process.someone), data=step)
        assert (refused.status_code, sentence in read(refused).text) == (409, True)
    assert snapshot(process.db) == before
    process.do_profile()
    assert process.submit() > 0
