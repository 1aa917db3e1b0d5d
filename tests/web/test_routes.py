"""Every route, walked: who may come in, what is another's, and that looking changes nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Rule

from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from tests.factories import Clock, item_url, read
from tests.web.walk import (
    AUDIENCES,
    FREE,
    World,
    audience_of,
    fill,
    guarded,
    has_sentence,
    methods_of,
    rules_of,
    snapshot,
)


def test_every_route_belongs_to_a_known_audience(app: Flask) -> None:
    known = {*AUDIENCES, "signin"}
    unknown = {rule.endpoint for rule in rules_of(app)} - FREE - {"home.start"}
    assert {endpoint for endpoint in unknown if endpoint.partition(".")[0] not in known} == set()


def test_without_a_sign_in_looking_leads_to_the_sign_in_page(app: Flask, world: World) -> None:
    for rule in guarded(app):
        if "GET" not in methods_of(rule):
            continue
        url = fill(rule, world.mine)
        response = app.test_client().get(url)
        assert response.status_code == 302, url
        expected = "/signin" if rule.endpoint == "home.start" else f"/signin?next={url}"
        assert response.headers["Location"] == expected


def test_without_a_sign_in_nothing_can_be_sent(app: Flask, db: Database, world: World) -> None:
    before, taken = snapshot(db), {rule.rule for rule in guarded(app) if "POST" in methods_of(rule)}
    assert len(taken) >= 12
    for rule in guarded(app):
        response = app.test_client().post(fill(rule, world.mine), data={"confirmed": "yes"})
        if rule.rule in taken:
            page = read(response)
            assert response.status_code == 401, rule.rule
            assert "You were signed out, so this is not saved yet. Sign in here, and it is saved" in page.text
            assert ("confirmed", "yes") in page.fields_of("signin-form")
            assert ("next", fill(rule, world.mine)) in page.fields_of("signin-form")
        else:
            assert response.status_code == 405, rule.rule
            assert has_sentence(read(response))
    assert snapshot(db) == before


def test_the_free_routes_say_nothing_but_numbers(app: Flask, world: World) -> None:
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok"}
    lines = [line for line in client.get("/metrics").get_data(as_text=True).splitlines() if line[0] != "#"]
    assert lines == [
        'ssa_attempts{state="in_progress"} 2',
        'ssa_attempts{state="submitted"} 0',
        'ssa_attempts{state="released"} 0',
        "ssa_responses_total 2",
    ]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_let_into_its_own_routes_and_no_others(app: Flask, db: Database, world: World, role: Role) -> None:
    before, browser = snapshot(db), world.browsers[role]
    for rule in guarded(app):
        if rule.endpoint == "home.start":
            continue
        url, welcome = fill(rule, world.mine), role in AUDIENCES[audience_of(rule)]
        for method in sorted(methods_of(rule)):
            if welcome and method != "GET":
                continue
            response = browser.open(url, method=method)
            if welcome:
                missing = rule.endpoint.endswith("media")  # there is no picture of that name
                assert response.status_code in ((404,) if missing else (200, 302)), (method, url)
            else:
                assert response.status_code == 403, (method, url)
                assert "This page is for others." in read(response).text
    assert snapshot(db) == before


def own_routes(app: Flask) -> list[Rule]:
    """The routes of what a candidate has to do with alone."""
    return [
        rule
        for rule in guarded(app)
        if audience_of(rule) == "candidate" and rule.arguments & {"attempt_id", "credential_id", "notice_id"}
    ]


def test_what_belongs_to_another_candidate_is_not_there(app: Flask, db: Database, world: World) -> None:
    browser = world.browsers[Role.CANDIDATE]
    token = read(world.others_browser.get(item_url(world.other_attempt, 1))).token
    page = read(world.others_browser.get(item_url(world.other_attempt, 1)))
    data = {"token": token, "answer": page.choices[0], "go": "next", "confirmed": "yes", "step": "start"}
    data |= {"kind": "came_back", "note": "mine", "struck": "a", "comment": "mine", "remarks": "mine", "lost": "yes"}
    before, walked = snapshot(db), 0
    for rule in own_routes(app):
        url = fill(rule, world.theirs)
        for method in sorted(methods_of(rule)):
            for headers in ({}, {"HX-Request": "true"}):
                sent = data | ({"go": "end"} if url.endswith("/break") else {})
                response = browser.open(url, method=method, data=sent if method == "POST" else None, headers=headers)
                assert response.status_code == 404, (method, url)
                assert "of yours" in read(response).text, (method, url)
                walked += 1
    assert walked >= 38
    assert snapshot(db) == before


def test_what_is_another_s_and_what_does_not_exist_cannot_be_told_apart(app: Flask, world: World) -> None:
    nobody_s = dict.fromkeys(("attempt_id", "credential_id", "notice_id"), 987654)
    browser, nobody = world.browsers[Role.CANDIDATE], {**world.mine, **nobody_s}
    for rule in own_routes(app):
        for method in sorted(methods_of(rule)):
            told = set()
            for values in (world.theirs, nobody):
                url = fill(rule, values)
                response = browser.open(url, method=method, data={"kind": "came_back", "go": "skip"})
                told.add((response.status_code, response.get_data(as_text=True).replace(url, "HERE")))
            assert len(told) == 1, rule.rule


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_changes_nothing(app: Flask, db: Database, world: World, clock: Clock, method: str) -> None:
    for minutes in (0, 101):  # while the clock runs, and after its end
        clock.advance(minutes=minutes)
        before = snapshot(db)
        for rule in rules_of(app):
            for client in (app.test_client(), *world.browsers.values()):
                response = client.open(fill(rule, world.mine), method=method)
                assert response.status_code < 500, rule.rule
                response.close()
        assert snapshot(db) == before


def test_an_id_is_a_positive_number_that_every_database_can_hold(world: World) -> None:
    browser = world.browsers[Role.CANDIDATE]
    for text in ("0", "-1", "1.5", "01", "1e3", "9999999999", "9223372036854775808", "٣", "one", "%20", "+1"):
        for url in (f"/candidate/attempts/{text}/review", f"/candidate/attempts/{world.own_attempt}/items/{text}"):
            response = browser.get(url)
            assert response.status_code == 404, url
            assert has_sentence(read(response))
    response = browser.get(item_url(world.own_attempt, 81))
    assert response.status_code == 404
    assert "no question with that number" in read(response).text
