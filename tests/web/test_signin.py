"""Sign in and out: who gets in, what is told, where it leads, and how a session ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.actions import people
from ssa_engine.actions import sittings as sitting_actions
from ssa_engine.actions.banks import Banks
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.people import Role
from ssa_engine.storage import people as rows
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import sessions
from tests.actions.sittings import Sitting, begin
from tests.factories import Clock, Page, Someone, add_someone, item_url, read
from tests.web.walk import World, snapshot

EMAIL, PASSWORD = "ada@test.example", "a long password"
NO_MATCH = "That address and password do not belong together. Check both and try again."


@pytest.fixture
def ada(db: Database, clock: Clock) -> int:
    """A candidate with a password; their id."""
    return people.add(db, email=EMAIL, name="Ada", password=PASSWORD, roles=[Role.CANDIDATE], who="test", now=clock())


def sign_in_as(client: FlaskClient, email: str = EMAIL, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/signin", data={"email": email, "password": password, **more})


def test_with_the_right_password_a_person_gets_to_their_own_start_page(app: Flask, ada: int) -> None:
    client = app.test_client()
    response = sign_in_as(client)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert client.get("/").headers["Location"] == "/candidate/"
    assert "Ada" in read(client.get("/candidate/")).text


def test_an_address_is_the_same_in_any_case_and_with_spaces_around(app: Flask, ada: int) -> None:
    assert sign_in_as(app.test_client(), email=" ADA@Test.Example ").status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "not the password"),
        (EMAIL, ""),
        (EMAIL, f"{PASSWORD} "),
        ("nobody@test.example", PASSWORD),
        ("", ""),
        ("' OR 1=1 --", PASSWORD),
    ],
)
def test_any_other_pair_is_refused_with_the_same_sentence(app: Flask, ada: int, email: str, password: str) -> None:
    client = app.test_client()
    response = sign_in_as(client, email, password)
    assert (response.status_code, response.headers.getlist("Set-Cookie")) == (422, [])
    page = read(response)
    assert NO_MATCH in page.text
    assert next(one["value"] for one in page.inputs if one["name"] == "email") == email
    assert all("value" not in one for one in page.inputs if one["name"] == "password")
    assert client.get("/candidate/").status_code == 302


def test_what_was_typed_is_shown_as_text(app: Flask, ada: int) -> None:
    response = sign_in_as(app.test_client(), email='"><script>alert(1)</script>', next='"><b id=next>')
    html = response.get_data(as_text=True)
    assert ("<script>alert" in html, "<b id=next>" in html) == (False, False)


def test_after_ten_tries_even_the_right_password_waits_a_quarter_of_an_hour(app: Flask, ada: int, clock: Clock) -> None:
    client = app.test_client()
    for _ in range(10):
        assert NO_MATCH in read(sign_in_as(client, password="guess")).text
    refused = sign_in_as(client)
    assert refused.status_code == 422
    assert "There were too many tries with this address. Wait 15 minutes" in read(refused).text
    assert sign_in_as(app.test_client(), "other@test.example", "guess").status_code == 422
    clock.advance(minutes=15, seconds=1)
    assert sign_in_as(client).status_code == 303


def test_the_database_holds_no_token_that_would_let_anybody_in(app: Flask, ada: int, db: Database) -> None:
    response = sign_in_as(app.test_client())
    token = response.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    with db.read() as connection:
        stored = list(connection.execute(sa.select(sessions)))
    assert len(stored) == 1
    assert token not in repr(stored)
    assert len(token) >= 32


def test_a_session_that_was_brought_along_is_not_taken_up(app: Flask, ada: int) -> None:
    client = app.test_client()
    client.set_cookie("ssa_session", "chosen-by-another")
    assert "ssa_session=chosen-by-another" not in sign_in_as(client).headers["Set-Cookie"]
    planted = app.test_client()
    planted.set_cookie("ssa_session", "chosen-by-another")
    assert planted.get("/candidate/").status_code == 302


def test_signing_out_ends_the_session_everywhere_its_cookie_went(app: Flask, ada: int) -> None:
    client, copy = app.test_client(), app.test_client()
    cookie = sign_in_as(client).headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    copy.set_cookie("ssa_session", cookie)
    assert copy.get("/candidate/").status_code == 200
    response = client.post("/signout")
    assert (response.status_code, response.headers["Location"]) == (303, "/signin")
    assert client.get("/candidate/").status_code == 302
    assert copy.get("/candidate/").status_code == 302


def test_signing_out_twice_or_without_a_session_is_fine(app: Flask, ada: int) -> None:
    for _ in range(2):
        response = app.test_client().post("/signout")
        assert (response.status_code, response.headers["Location"]) == (303, "/signin")


def test_a_session_ends_by_itself_after_twelve_hours(app: Flask, ada: int, clock: Clock) -> None:
    client = app.test_client()
    sign_in_as(client)
    clock.advance(hours=12, seconds=-1)
    assert client.get("/candidate/").status_code == 200
    clock.advance(seconds=1)
    assert client.get("/candidate/").status_code == 302


def test_a_new_password_ends_the_sessions_under_the_old_one(app: Flask, ada: int, db: Database, clock: Clock) -> None:
    client = app.test_client()
    sign_in_as(client)
    people.set_password(db, email=EMAIL, password="another long one", who="test", now=clock())
    assert client.get("/candidate/").status_code == 302
    assert sign_in_as(client).status_code == 422
    assert sign_in_as(client, password="another long one").status_code == 303


def test_a_role_that_is_taken_away_counts_from_the_next_page_on(
    app: Flask, ada: int, db: Database, clock: Clock
) -> None:
    client = app.test_client()
    sign_in_as(client)
    for role, held in ((Role.STAFF, True), (Role.CANDIDATE, False)):
        people.set_role(db, email=EMAIL, role=role, held=held, who="test", now=clock())
    assert client.get("/candidate/").status_code == 403
    assert client.get("/").headers["Location"] == "/staff/"


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.CANDIDATE, "/candidate/"),
        (Role.PSYCHOMETRICIAN, "/psychometrician/"),
        (Role.STAFF, "/staff/"),
        (Role.SPECIALIST, "/specialist/"),
    ],
)
def test_each_role_has_its_own_start_page(
    db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient], role: Role, page: str
) -> None:
    browser = sign_in(add_someone(db, f"{role}@test.example", clock=clock, role=role))
    assert browser.get("/").headers["Location"] == page


def test_signing_in_leads_on_to_the_page_that_was_asked_for(app: Flask, ada: int) -> None:
    client = app.test_client()
    asked = client.get("/candidate/attempts/7/items/3?from=mail&x=1")
    form = read(client.get(asked.headers["Location"]))
    target = next(one["value"] for one in form.inputs if one["name"] == "next")
    response = sign_in_as(client, next=target)
    assert response.headers["Location"] == "/candidate/attempts/7/items/3?from=mail&x=1"


def test_looking_at_the_sign_in_page_is_no_try(app: Flask, ada: int, db: Database) -> None:
    before = snapshot(db)
    for method in ("GET", "HEAD", "OPTIONS"):
        assert app.test_client().open("/signin", method=method).status_code == 200
    assert snapshot(db) == before


def test_demo_people_are_shown_by_the_demo_alone(app: Flask, ada: int) -> None:
    assert "example.org" not in read(app.test_client().get("/signin")).html


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "?next=//evil.example",
    "",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_never_leads_to_another_site(app: Flask, ada: int, world: World, target: str) -> None:
    response = sign_in_as(app.test_client(), next=target)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    again = world.browsers[Role.CANDIDATE].get("/signin", query_string={"next": target})
    assert (again.status_code, again.headers["Location"]) == (302, "/")


def pending_fields(page: Page) -> dict[str, list[str]]:
    """What the sign-in form holds of the form that was sent while signed out."""
    found: dict[str, list[str]] = {}
    for name, value in page.fields_of("signin-form"):
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def sitting(ada: int, db: Database, clock: Clock, banks: Banks, published: None) -> Sitting:
    """Ada's attempt, which has no time limit."""
    untimed = Accommodations(untimed=True)
    sitting_actions.set_accommodations(db, person_id=ada, granted=untimed, who="staff", now=clock())
    with db.write() as connection:
        earned_on = dt.date(2018, 6, 1)
        credential = rows.insert_credential(connection, person_id=ada, discipline="CT", earned_on=earned_on)
    return begin(db, banks, clock, Someone(ada, EMAIL, credential))


def test_an_answer_sent_while_signed_out_is_saved_once_its_person_has_signed_in(
    app: Flask, sitting: Sitting, clock: Clock
) -> None:
    position = next(position for position in range(1, 81) if sitting.item(position).format == "single")
    client, url = app.test_client(), item_url(sitting.attempt_id, position)
    sign_in_as(client)
    page = read(client.get(url))
    clock.advance(hours=13)
    sent = {"token": page.token, "answer": page.options[1], "go": "next", "note": "Why?"}
    asked = client.post(url, data=sent)
    held = pending_fields(read(asked))
    assert asked.status_code == 401
    assert "You were signed out, so this is not saved yet. Sign in here, and it is saved" in read(asked).text
    assert {name: held[name] for name in sent} == {name: [value] for name, value in sent.items()}
    assert (held["next"], held["pending"], sitting.places[position - 1].answer) == ([url], ["yes"], None)
    again = client.post("/signin", data={**held, "email": EMAIL, "password": "not the password"})
    assert again.status_code == 422
    assert NO_MATCH in read(again).text
    assert pending_fields(read(again)) == held | {"email": [EMAIL]}
    back = client.post("/signin", data={**held, "email": EMAIL, "password": PASSWORD})
    assert (back.status_code, back.headers["Location"]) == (307, url)  # 307: the browser sends the same form there
    saved = client.post(url, data={**held, "email": EMAIL, "password": PASSWORD})
    assert (saved.status_code, saved.headers["Location"]) == (303, item_url(sitting.attempt_id, position + 1))
    place = sitting.places[position - 1]
    assert (place.answer, place.note) == (page.options[1], "Why?")


def test_a_script_keeps_the_answer_by_itself_and_signs_in_in_place(app: Flask, ada: int) -> None:
    client, htmx = app.test_client(), {"HX-Request": "true"}
    asked = client.post("/candidate/attempts/1/items/1", data={"answer": "a"}, headers=htmx)
    assert asked.status_code == 401
    assert "You are signed out, so this was not saved." in read(asked).text
    form = read(client.get("/signin", headers=htmx))
    assert ("<html" in form.html, [tag for tag, _ in form.elements if tag == "form"]) == (False, ["form"])
    refused = client.post("/signin", data={"email": EMAIL, "password": "no"}, headers=htmx)
    assert (refused.status_code, NO_MATCH in read(refused).text) == (422, True)
    done = client.post("/signin", data={"email": EMAIL, "password": PASSWORD}, headers=htmx)
    assert (done.status_code, done.headers["HX-Trigger"]) == (204, "signedIn")
    assert client.get("/candidate/").status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_form_that_waits_is_sent_on_to_a_path_of_this_site_alone(app: Flask, ada: int, target: str) -> None:
    data = {"email": EMAIL, "password": PASSWORD, "pending": "yes", "answer": "a", "next": target}
    response = app.test_client().post("/signin", data=data)
    assert (response.status_code, response.headers["Location"]) == (307, "/")
