"""The public page of completion records: valid, taken back, unknown; for anyone who has the code."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.core.completion import CompletionRecord
from ssa_engine.storage import completion_records
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone, read

CODE = "CQRT-4K7M-9XWD"


@pytest.fixture
def record(db: Database, clock: Clock, candidate: Someone) -> CompletionRecord:
    with db.write() as connection:
        return completion_records.insert(
            connection,
            credential_id=candidate.credential_id,
            cycle=1,
            code=CODE,
            name="Ann <Example>",
            discipline="CT",
            completed_on=dt.date(2027, 3, 14),
            next_due_on=dt.date(2038, 6, 1),
            issued_at=clock(),
        )


@pytest.fixture
def anyone(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


def test_a_record_that_stands_says_for_whom_and_until_when(anyone: FlaskClient, record: CompletionRecord) -> None:
    response = anyone.get(f"/records/{CODE}")
    page = read(response)
    assert (response.status_code, page.rows("data-record")[0]["data-record"]) == (200, "valid")
    assert (
        "Ann <Example> completed the Continuing Qualifications Requirements in Computed Tomography on 14 March 2027."
        in page.text
    )
    assert "Next due on 1 June 2038" in page.text
    assert "Ann &lt;Example&gt;" in page.html


@pytest.mark.parametrize(
    "typed",
    [
        "cqrt-4k7m-9xwd",
        "CQRT4K7M9XWD",
        " cqrt 4k7m 9xwd ",
        "CQRT–4K7M–9XWD",
        "c-q-r-t-4KZM9xwd",
        "ＣＱＲＴ４Ｋ７Ｍ９ＸＷＤ",
    ],
)
def test_a_code_is_read_however_it_is_typed(anyone: FlaskClient, record: CompletionRecord, typed: str) -> None:
    response = anyone.get("/records", query_string={"code": typed})
    assert (response.status_code, response.headers["Location"]) == (302, f"/records/{CODE}")
    assert "This record is valid" in read(anyone.get(f"/records/{typed}")).text


def test_a_record_that_was_taken_back_says_so_and_nothing_else(
    anyone: FlaskClient, db: Database, clock: Clock, record: CompletionRecord
) -> None:
    with db.write() as connection:
        completion_records.void(connection, record.id, clock())
    response = anyone.get(f"/records/{CODE}")
    page = read(response)
    assert response.status_code == 200
    assert f"The record with the code {CODE} was taken back on 14 March 2027. It shows nothing." in page.text
    assert "Example" not in page.text
    assert "Tomography" not in page.text


def test_what_no_record_has_is_answered_alike_whatever_it_is(anyone: FlaskClient, record: CompletionRecord) -> None:
    told = set()
    for typed in ("CQRT-4K7M-9XWF", "nonsense", "x" * 59):
        response = anyone.get(f"/records/{typed}")
        text = response.get_data(as_text=True)
        assert response.status_code == 404
        assert f"No record of completion has the code “{typed}”." in read(response).text
        told.add(text.replace(typed, "CODE"))
    assert len(told) == 1


@pytest.mark.parametrize("typed", ["..", ".", "/", "../..", "./x", "//elsewhere.example.org", "%2e%2e", "?", "CQRT"])
def test_what_cannot_be_a_code_is_answered_at_once_by_the_page_itself(
    anyone: FlaskClient, record: CompletionRecord, typed: str
) -> None:
    response = anyone.get("/records", query_string={"code": typed})
    page = read(response)
    assert (response.status_code, response.headers.get("Location")) == (404, None)
    assert f"No record of completion has the code “{typed}”." in page.text
    assert page.fields_of("record-form") == [("code", typed)]
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_hostile_codes_stay_text(anyone: FlaskClient) -> None:
    for typed in ("<b>x</b>", "' OR 1=1", "x" * 500, "../signin", "?"):
        for response in (
            anyone.get("/records", query_string={"code": typed}, follow_redirects=True),
            anyone.get(f"/records/{typed.replace('/', '%2F').replace('?', '%3F')}"),
        ):
            assert response.status_code == 404, typed
            assert "<b>" not in response.get_data(as_text=True)


def test_the_page_with_the_field_asks_for_a_code_and_no_search_engine_keeps_any(
    anyone: FlaskClient, record: CompletionRecord
) -> None:
    asked = read(anyone.get("/records"))
    assert asked.fields_of("record-form") == [("code", "")]
    for path in ("/records", f"/records/{CODE}", "/records/none"):
        response = anyone.get(path)
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert '<meta name="robots" content="noindex, nofollow">' in response.get_data(as_text=True)


def test_somebody_who_is_signed_in_sees_the_same(browser: FlaskClient, record: CompletionRecord) -> None:
    assert "This record is valid" in read(browser.get(f"/records/{CODE}")).text
