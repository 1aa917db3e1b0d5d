"""Hostile input on every route: never a fault of ours, always a sentence, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ssa_engine.core.people import Role
from ssa_engine.storage import events
from ssa_engine.storage.db import Database
from ssa_engine.web.uploads import TAKES_CERTIFICATES
from tests.factories import item_url, read
from tests.web.walk import AUDIENCES, EVIDENCE, World, audience_of, fill, guarded, methods_of, rules_of, snapshot
from tests.web.wire import (
    FORM,
    MEGABYTE,
    METHODS,
    NASTY,
    Request,
    bodies,
    check,
    forms,
    headers,
    nasty,
    path_of,
    quoted,
)

EXAMPLES = {"sqlite": 300, "postgresql": 80}
WILLING = ("candidate.assessment.continue_here", "candidate.letters.read", "display.save")


TAKES_FILES = "psychometrician.standard_setting.add"
"""Takes larger requests, and from psychometricians only; how large is tested with the page."""


def walk(examples: int) -> Callable[[Callable[[st.DataObject], None]], None]:
    """Run a walk so many times, the same ones in each run of the tests."""

    def run(step: Callable[[st.DataObject], None]) -> None:
        settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )(given(st.data())(step))()

    return run


def kind_of(db: Database) -> str:
    return "sqlite" if db.is_sqlite else "postgresql"


def test_no_request_whatever_brings_a_fault_or_changes_anything(app: Flask, db: Database, world: World) -> None:
    # The way in notes each try, and the way out ends a session: both are walked below, by themselves.
    rules = [rule for rule in rules_of(app) if not rule.endpoint.startswith("signin.")]
    # These change something whatever is sent: which window is the live one, and how pages are shown.
    rules = [rule for rule in rules if rule.endpoint not in WILLING]
    clients = [app.test_client(), *world.browsers.values()]
    before = snapshot(db, without=EVIDENCE)

    def step(data: st.DataObject) -> None:
        rule = data.draw(st.sampled_from(rules))
        sound = {name: str(value).encode() for name, value in world.mine.items()}
        theirs = {name: str(value).encode() for name, value in world.theirs.items()}
        path = path_of(rule, lambda name: data.draw(st.one_of(st.just(sound[name]), st.just(theirs[name]), nasty)))
        body, kind = data.draw(bodies)
        sent = Request(data.draw(st.sampled_from(METHODS)), path, data.draw(forms), body, kind, data.draw(headers))
        # With this name and value, and only so, a candidate does submit their own attempt.
        assume(b"confirmed" not in body)
        check(sent.send(data.draw(st.sampled_from(clients))), sent)

    walk(EXAMPLES[kind_of(db)])(step)
    assert snapshot(db, without=EVIDENCE) == before


def test_what_takes_anything_takes_hostile_input_without_a_fault_too(app: Flask, world: World) -> None:
    browser = world.browsers[Role.CANDIDATE]
    paths = [fill(rule, world.mine).encode() for rule in rules_of(app) if rule.endpoint in WILLING]

    def step(data: st.DataObject) -> None:
        body, kind = data.draw(bodies)
        sent = Request("POST", data.draw(st.sampled_from(paths)), data.draw(forms), body, kind, data.draw(headers))
        check(sent.send(browser), sent)

    walk(60)(step)


def test_no_part_of_an_address_brings_a_fault_or_changes_anything(app: Flask, db: Database, world: World) -> None:
    before, walked = snapshot(db), 0
    sound = {name: str(value).encode() for name, value in world.mine.items()}
    for rule in rules_of(app):
        browser = world.browsers[min(AUDIENCES.get(audience_of(rule), set(Role)))]
        for name in rule.arguments:
            for bad in NASTY:
                sent = Request("GET", path_of(rule, {**sound, name: bad}.__getitem__))
                check(sent.send(browser), sent)
                walked += 1
    assert walked >= 400
    assert snapshot(db) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # addresses are tried on both
def test_no_part_of_a_query_brings_a_fault_or_changes_anything(app: Flask, db: Database, world: World) -> None:
    before, names = snapshot(db), (b"page", b"discipline", b"q", b"next", b"for_spreadsheet", b"v")
    for rule in rules_of(app):
        if "GET" not in methods_of(rule):
            continue
        path = fill(rule, world.mine).encode()
        browser = world.browsers[min(AUDIENCES.get(audience_of(rule), set(Role)))]
        for bad in NASTY:
            sent = Request("GET", path, b"&".join(name + b"=" + quoted(bad) for name in names))
            check(sent.send(browser), sent)
    assert snapshot(db) == before


def test_no_body_of_a_save_brings_a_fault_or_changes_anything(app: Flask, db: Database, world: World) -> None:
    browser, before = world.browsers[Role.CANDIDATE], snapshot(db, without=EVIDENCE)
    rules = [rule for rule in guarded(app) if rule.endpoint not in WILLING]
    paths = [fill(rule, world.mine).encode() for rule in rules if "POST" in methods_of(rule)]

    def step(data: st.DataObject) -> None:
        body, kind = data.draw(bodies)
        fragment = data.draw(st.sampled_from([[], [("HX-Request", "true")]]))
        sent = Request("POST", data.draw(st.sampled_from(paths)), b"", body, kind, fragment)
        check(sent.send(browser), sent)

    walk(EXAMPLES[kind_of(db)])(step)
    assert snapshot(db, without=EVIDENCE) == before


def test_no_sign_in_or_out_brings_a_fault_or_lets_anybody_in(app: Flask, db: Database, world: World) -> None:
    before = snapshot(db, without=frozenset({"signin_failures"}))

    def step(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from([b"/signin", b"/signout"]))
        body, kind = data.draw(bodies)
        sent = Request(data.draw(st.sampled_from(METHODS)), path, data.draw(forms), body, kind, data.draw(headers))
        response = sent.send(app.test_client(use_cookies=False))
        assert "ssa_session=;" in (cookie := response.headers.get("Set-Cookie", "ssa_session=;")), cookie
        check(response, sent)

    walk(EXAMPLES[kind_of(db)] // 4)(step)
    assert snapshot(db, without=frozenset({"signin_failures"})) == before


@pytest.mark.parametrize("kind", [FORM, "text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_what_is_too_large_is_refused_in_words(app: Flask, db: Database, world: World, kind: str) -> None:
    browser, before = world.browsers[Role.CANDIDATE], snapshot(db)
    for rule in rules_of(app):
        if "POST" in methods_of(rule) and rule.endpoint not in (TAKES_FILES, *TAKES_CERTIFICATES):
            response = browser.post(fill(rule, world.mine), data=MEGABYTE, content_type=kind)
            assert response.status_code == 413, rule.rule
            assert "What was sent is too large. Send less and try again." in read(response).text
    assert snapshot(db) == before


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"answer": ["zz"]}, 422, "not one of this question’s options"),
        ({"answer": ["a", "b"]}, 422, "takes one answer, and more than one was sent"),
        ({"go": ["delete"]}, 422, "That button is not known here"),
        ({"token": ["\x00"]}, 422, "a character that cannot be stored"),
        ({"answer": ["a\x00"]}, 422, "a character that cannot be stored"),
    ],
    ids=str,
)
def test_a_save_that_cannot_be_one_is_refused_in_words(
    db: Database, world: World, change: dict[str, list[str]], status: int, sentence: str
) -> None:
    browser = world.browsers[Role.CANDIDATE]
    urls = (item_url(world.own_attempt, position) for position in range(3, 81))
    page, url = next((page, url) for url in urls if (page := read(browser.get(url))).format == "single")
    before = snapshot(db)
    data = {"token": [page.token], "answer": [page.options[0]], "go": ["next"], **change}
    for asking in ({}, {"HX-Request": "true"}):
        response = browser.post(url, data=data, headers=asking)
        assert response.status_code == status
        assert sentence in read(response).text
    assert snapshot(db) == before


@pytest.mark.parametrize("token", [None, "", "garbage", "x" * 5000, "Ж"])
def test_a_save_without_the_token_of_the_page_is_told_and_changes_nothing(
    db: Database, world: World, token: str | None
) -> None:
    browser, before = world.browsers[Role.CANDIDATE], snapshot(db, without=EVIDENCE)
    page = read(browser.get(item_url(world.own_attempt, 5)))
    data = {"answer": page.choices[0], "go": "next"} | ({} if token is None else {"token": token})
    response = browser.post(item_url(world.own_attempt, 5), data=data)
    assert response.status_code == 409
    assert "this answer to question 5 was not saved" in read(response).text
    assert snapshot(db, without=EVIDENCE) == before
    with db.read() as connection:
        *_, noted = events.timeline(connection, world.own_attempt)
    assert (noted.kind, noted.position) == ("stale_page", 5)
