"""Saving the profile as one goes: by a script, from two windows, twice, after the end, signed out."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.storage.db import Database
from tests.actions.filling import Filling
from tests.factories import Clock, Someone, read
from tests.web.candidate.profile_pages import choose_on, links, sent, url
from tests.web.walk import snapshot

HTMX = {"HX-Request": "true"}


def test_a_script_saves_each_choice_at_once_and_the_page_learns_what_is_saved(
    browser: FlaskClient, candidate: Someone, filling: Filling
) -> None:
    page = read(browser.get(url(candidate, "screens", 1)))
    fields = sent(page, {"use-power-injector": 3}, go=None)
    response = browser.post(url(candidate, "screens", 1), data=fields, headers=HTMX)
    fragment = read(response)
    assert (response.status_code, fragment.elements[0]) == (200, ("div", {"id": "saved"}))
    assert "Saved 14:02:11 UTC" in fragment.text
    was = {one["name"]: one["value"] for one in fragment.inputs}
    assert was == {name: "" for name in fields if name.startswith("was-")} | {"was-use-power-injector": "3"}
    assert filling.answers == {"use-power-injector": 3}
    back = {**fields, **was, "did-use-power-injector": "0", "go": "next"}
    assert browser.post(url(candidate, "screens", 1), data=back).status_code == 303
    assert filling.answers == {"use-power-injector": 0}


def test_an_old_window_blanks_nothing_and_is_told_of_what_both_changed(
    browser: FlaskClient, candidate: Someone, filling: Filling
) -> None:
    old = read(browser.get(url(candidate, "screens", 1)))
    choose_on(browser, candidate, 1, {"check-kidney-function": 4, "use-power-injector": 1})
    late = sent(old, {"place-venous-access": 2})
    assert browser.post(url(candidate, "screens", 1), data=late).status_code == 303
    chosen = {"check-kidney-function": 4, "use-power-injector": 1, "place-venous-access": 2}
    assert filling.answers == chosen
    late = sent(old, {"check-kidney-function": 0})
    told = browser.post(url(candidate, "screens", 1), data=late)
    quiet = browser.post(url(candidate, "screens", 1), data=sent(old, {"check-kidney-function": 0}, None), headers=HTMX)
    assert filling.answers == chosen
    assert (told.status_code, quiet.status_code) == (409, 409)
    assert (quiet.headers["HX-Retarget"], quiet.headers["HX-Reswap"]) == ("#screen", "outerHTML")
    assert read(quiet).elements[0][1]["id"] == "screen"
    for page in (read(told), read(quiet)):
        assert "What you chose for these was changed in another window meanwhile." in page.text
        assert [link for link in links(page) if link.startswith("#activity")] == ["#activity-check-kidney-function"]
        stands = {name: value for name, value in page.fields_of("profile-form") if name.startswith("did-")}
        assert stands == {f"did-{name}": str(value) for name, value in chosen.items()}


def test_a_screen_or_its_finish_sent_again_changes_nothing(
    browser: FlaskClient, candidate: Someone, filling: Filling, db: Database, clock: Clock
) -> None:
    page = read(browser.get(url(candidate, "screens", 1)))
    fields = sent(page, {"check-kidney-function": 4})
    assert browser.post(url(candidate, "screens", 1), data=fields).status_code == 303
    before = snapshot(db)
    clock.advance(minutes=1)
    assert browser.post(url(candidate, "screens", 1), data=fields).status_code == 303
    assert snapshot(db) == before
    filling.complete(lambda one: 4 if one.id == "check-kidney-function" else 1)
    before = snapshot(db)
    assert browser.post(url(candidate, "finish")).headers["Location"] == url(candidate)
    assert browser.post(url(candidate, "screens", 1), data=fields).status_code == 303
    assert snapshot(db) == before


def test_a_finished_profile_shows_no_screens_and_takes_no_change(
    browser: FlaskClient, candidate: Someone, filling: Filling, db: Database
) -> None:
    page = read(browser.get(url(candidate, "screens", 1)))
    filling.complete(lambda one: 1)
    before = snapshot(db)
    for rest in (("screens", 1), ("finish",)):
        response = browser.get(url(candidate, *rest))
        assert (response.status_code, response.headers["Location"]) == (302, url(candidate))
    for headers in ({}, HTMX):
        refused = browser.post(
            url(candidate, "screens", 1), data=sent(page, {"give-oral-contrast": 3}), headers=headers
        )
        assert refused.status_code == 409
        assert "Your profile of this period is finished and is not changed any more." in read(refused).text
    assert snapshot(db) == before


def test_who_was_signed_out_signs_in_and_what_was_chosen_is_sent_as_it_was(
    app: Flask, browser: FlaskClient, candidate: Someone
) -> None:
    fields = sent(read(browser.get(url(candidate, "screens", 1))), {"give-oral-contrast": 3})
    response = app.test_client().post(url(candidate, "screens", 1), data=fields)
    page = read(response)
    assert response.status_code == 401
    kept = dict(page.fields_of("signin-form"))
    assert {name: kept[name] for name in fields} == fields
    assert kept["next"] == url(candidate, "screens", 1)
