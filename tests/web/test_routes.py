"""Every route, walked: who may come in, what is another's, and that looking changes nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import metadata
from tests.factories import Clock, Page, Someone, add_someone, answer, item_url, read, start_attempt

Snapshot = dict[str, str]

FREE = frozenset({"home.healthz", "home.readyz", "home.metrics", "static"})
"""No sign-in. The routes of `signin` itself are free too: they are the way in and out."""

AUDIENCES = {
    "candidate": {Role.CANDIDATE},
    "psychometrician": {Role.PSYCHOMETRICIAN},
    "specialist": {Role.SPECIALIST, Role.PSYCHOMETRICIAN},
    "staff": {Role.STAFF},
    "style": {Role.SPECIALIST, Role.PSYCHOMETRICIAN},
}


def snapshot(db: Database, *, without: frozenset[str] = frozenset()) -> Snapshot:
    """Return table -> hash of all its rows: two are equal if nothing changed in between."""
    found = {}
    with db.read() as connection:
        for table in metadata.sorted_tables:
            if table.name not in without:
                rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all()
                found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def rules_of(app: Flask) -> list[Rule]:
    """Return every route, in the order of its endpoint."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))


def audience_of(rule: Rule) -> str:
    """Return the blueprint a route belongs to."""
    return str(rule.endpoint).partition(".")[0]


def methods_of(rule: Rule) -> set[str]:
    """Return what a route takes, but for what Flask answers by itself."""
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def fill(rule: Rule, values: dict[str, object]) -> str:
    """Return an address of the route. A KeyError means: a route has a part that this walk does not know yet."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(values[found[1]]), rule.rule)


def has_sentence(page: Page) -> bool:
    """Whether a page says something in words: a capital, several words, a full stop."""
    return re.search(r"[A-Z“‘][^.]* [^.]* [^.]*\.", page.text) is not None


@dataclass
class World:
    """Two candidates with an attempt each, and somebody in every other role, each in a browser."""

    own: Someone
    other: Someone
    own_attempt: int
    other_attempt: int
    browsers: dict[Role, FlaskClient]
    others_browser: FlaskClient
    item_id: str

    def values(self, someone: Someone, attempt: int) -> dict[str, object]:
        """Values for every part of an address."""
        return {
            "attempt_id": attempt,
            "credential_id": someone.credential_id,
            "position": 1,
            "discipline": "CT",
            "item_id": self.item_id,
            "dataset": "attempts",
            "name": "picture.png",
            "filename": "css/base.css",
        }

    @property
    def mine(self) -> dict[str, object]:
        return self.values(self.own, self.own_attempt)

    @property
    def theirs(self) -> dict[str, object]:
        return self.values(self.other, self.other_attempt)


@pytest.fixture
def world(db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient], library: Library) -> World:
    """The people of the walk; the candidate's attempt has an answer and a flag."""
    own = add_someone(db, "own@test.example", clock=clock)
    other = add_someone(db, "other@test.example", clock=clock)
    browsers = {Role.CANDIDATE: sign_in(own)}
    for role in (Role.PSYCHOMETRICIAN, Role.SPECIALIST, Role.STAFF):
        browsers[role] = sign_in(add_someone(db, f"{role}@test.example", clock=clock, role=role))
    others_browser = sign_in(other)
    own_attempt, other_attempt = start_attempt(browsers[Role.CANDIDATE], own), start_attempt(others_browser, other)
    answer(browsers[Role.CANDIDATE], own_attempt, 1)
    answer(browsers[Role.CANDIDATE], own_attempt, 2, go="flag")
    item_id = library.bank("CT").items[0].id
    return World(own, other, own_attempt, other_attempt, browsers, others_browser, item_id)


def guarded(app: Flask) -> Iterator[Rule]:
    """Every route that needs a sign-in."""
    for rule in rules_of(app):
        if rule.endpoint not in FREE and audience_of(rule) != "signin":
            yield rule


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
    assert len(taken) >= 3
    for rule in guarded(app):
        response = app.test_client().post(fill(rule, world.mine), data={"confirmed": "yes"})
        if rule.rule in taken:
            assert response.status_code == 401, rule.rule
            assert "You are signed out, so this was not saved. Sign in again" in read(response).text
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
                missing = rule.endpoint.endswith(".media")  # the bundled bank has no pictures
                assert response.status_code in ((404,) if missing else (200, 302)), (method, url)
            else:
                assert response.status_code == 403, (method, url)
                assert "This page is for others." in read(response).text
    assert snapshot(db) == before


def test_what_belongs_to_another_candidate_is_not_there(app: Flask, db: Database, world: World) -> None:
    browser = world.browsers[Role.CANDIDATE]
    token = read(world.others_browser.get(item_url(world.other_attempt, 1))).token
    page = read(world.others_browser.get(item_url(world.other_attempt, 1)))
    data = {"token": token, "answer": page.options[0], "go": "next", "confirmed": "yes"}
    before, walked = snapshot(db), 0
    for rule in guarded(app):
        if not rule.arguments & {"attempt_id", "credential_id"}:
            continue
        url = fill(rule, world.theirs)
        for method in sorted(methods_of(rule)):
            for headers in ({}, {"HX-Request": "true"}):
                response = browser.open(url, method=method, data=data if method == "POST" else None, headers=headers)
                assert response.status_code == 404, (method, url)
                assert "of yours" in read(response).text, (method, url)
                walked += 1
    assert walked >= 14
    assert snapshot(db) == before


def test_what_is_another_s_and_what_does_not_exist_cannot_be_told_apart(app: Flask, world: World) -> None:
    browser, nobody = world.browsers[Role.CANDIDATE], {**world.mine, "attempt_id": 987654, "credential_id": 987654}
    for rule in guarded(app):
        if rule.arguments & {"attempt_id", "credential_id"}:
            for method in sorted(methods_of(rule)):
                theirs = browser.open(fill(rule, world.theirs), method=method)
                none = browser.open(fill(rule, nobody), method=method)
                assert (theirs.status_code, theirs.data) == (none.status_code, none.data)


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
