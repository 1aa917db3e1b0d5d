"""How a person wants pages shown: kept with the person, worn by every page, and nothing that is not offered."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.core.display import LANGUAGES, TEXT_SIZES, THEMES
from ssa_engine.core.people import Role
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone, add_someone, item_url, read, start_attempt
from tests.web.walk import snapshot


def worn(browser: FlaskClient, path: str = "/display") -> dict[str, str]:
    """The attributes of the page's own element."""
    page = read(browser.get(path, follow_redirects=True))
    return next(found for tag, found in page.elements if tag == "html")


def chosen(browser: FlaskClient) -> dict[str, str]:
    """What is chosen on the page."""
    page = read(browser.get("/display"))
    return {one["name"]: one["value"] for one in page.inputs if one.get("type") == "radio" and "checked" in one}


def test_at_first_everything_is_as_the_device_has_it(browser: FlaskClient) -> None:
    assert worn(browser) == {"lang": "en", "class": "theme-system text-100"}
    assert chosen(browser) == {
        "text_size": "100",
        "theme": "system",
        "hide_clock": "no",
        "language": "",
        "mail_reminders": "yes",
    }


def test_every_choice_is_worn_by_every_page_on_every_device(
    browser: FlaskClient, candidate: Someone, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    for theme, size in product(THEMES, TEXT_SIZES):
        response = browser.post("/display", data={"theme": theme, "text_size": str(size), "next": "/candidate/"})
        assert (response.status_code, response.headers["Location"]) == (303, "/candidate/")
        for device, path in ((browser, "/display"), (sign_in(candidate), "/candidate/"), (browser, "/nowhere")):
            assert worn(device, path)["class"] == f"theme-{theme} text-{size}"


def test_what_a_form_does_not_name_stays_as_it_was(browser: FlaskClient) -> None:
    for given, kept in (
        ({"theme": "dark"}, {"text_size": "100", "theme": "dark", "hide_clock": "no", "language": ""}),
        ({"hide_clock": "yes"}, {"text_size": "100", "theme": "dark", "hide_clock": "yes", "language": ""}),
        ({"text_size": "150"}, {"text_size": "150", "theme": "dark", "hide_clock": "yes", "language": ""}),
        ({"language": "es"}, {"text_size": "150", "theme": "dark", "hide_clock": "yes", "language": "es"}),
        ({}, {"text_size": "150", "theme": "dark", "hide_clock": "yes", "language": "es"}),
        ({"hide_clock": "no"}, {"text_size": "150", "theme": "dark", "hide_clock": "no", "language": "es"}),
        ({"language": ""}, {"text_size": "150", "theme": "dark", "hide_clock": "no", "language": ""}),
    ):
        browser.post("/display", data=given)
        assert chosen(browser) == {**kept, "mail_reminders": "yes"}


def test_reminders_by_mail_are_a_choice_of_candidates_that_other_choices_leave_alone(
    browser: FlaskClient, db: Database, clock: Clock, candidate: Someone, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    for given, wanted in (
        ({"mail_reminders": "no"}, "no"),
        ({"theme": "dark"}, "no"),
        ({"mail_reminders": "yes", "theme": "light"}, "yes"),
        ({"mail_reminders": "no", "next": "/candidate/"}, "no"),
    ):
        assert browser.post("/display", data=given).status_code == 303
        assert chosen(browser)["mail_reminders"] == wanted
        with db.read() as connection:
            assert people.wants_mail_reminders(connection, candidate.id) == (wanted == "yes")
    assert "Send me reminders by mail" in read(browser.get("/display")).text
    staff = sign_in(add_someone(db, "staff@test.example", clock=clock, role=Role.STAFF))
    assert "mail_reminders" not in chosen(staff)


def test_the_clock_is_hidden_in_an_assessment_and_still_there_for_the_script(
    browser: FlaskClient, candidate: Someone
) -> None:
    attempt = start_attempt(browser, candidate)
    for hidden, button in (("no", "Hide the clock"), ("yes", "Show the clock"), ("no", "Hide the clock")):
        browser.post("/display", data={"hide_clock": hidden})
        for page in (
            read(browser.get(item_url(attempt, 1))),
            read(browser.post(f"/candidate/attempts/{attempt}/pulse", headers={"HX-Request": "true"})),
        ):
            [clock] = page.rows("data-seconds")
            assert (clock["data-seconds"], "hidden" in clock) == ("6000", hidden == "yes")
        assert button in read(browser.get(item_url(attempt, 1))).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_of_a_person_comes_before_that_of_the_browser(browser: FlaskClient, language: str) -> None:
    asks = {"Accept-Language": "es" if language == "en" else "en"}
    browser.post("/display", data={"language": language})
    page = read(browser.get("/display", headers=asks))
    assert next(found for tag, found in page.elements if tag == "html")["lang"] == language


@pytest.mark.parametrize(
    "given", [{"theme": "pink"}, {"text_size": "110"}, {"text_size": "0"}, {"language": "xx"}, {"theme": ""}], ids=str
)
def test_what_is_not_offered_is_refused_in_words(browser: FlaskClient, db: Database, given: dict[str, str]) -> None:
    before = snapshot(db)
    response = browser.post("/display", data=given)
    assert response.status_code == 422
    assert "That choice is not offered here. Reload the page and choose again." in read(response).text
    assert snapshot(db) == before


def test_a_script_gets_no_page_and_the_choice_is_kept(browser: FlaskClient) -> None:
    response = browser.post("/display", data={"theme": "dark"}, headers={"HX-Request": "true"})
    assert (response.status_code, response.data) == (204, b"")
    assert worn(browser)["class"] == "theme-dark text-100"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_never_leads_to_another_site(browser: FlaskClient, target: str) -> None:
    response = browser.post("/display", data={"theme": "dark", "next": target})
    assert response.headers["Location"] == "/"
    page = read(browser.get("/display", query_string={"next": target}))
    assert [found for _, found in page.elements if target in found.values()] == []


@pytest.mark.parametrize("role", list(Role))
def test_everybody_who_is_signed_in_may_choose_and_for_themselves_alone(
    app: Flask, db: Database, clock: Clock, browser: FlaskClient, sign_in: Callable[[Someone], FlaskClient], role: Role
) -> None:
    other = sign_in(add_someone(db, f"other-{role}@test.example", clock=clock, role=role))
    other.post("/display", data={"theme": "contrast"})
    assert (worn(other)["class"], worn(browser)["class"]) == ("theme-contrast text-100", "theme-system text-100")
    assert app.test_client().post("/display", data={"theme": "dark"}).status_code == 401
