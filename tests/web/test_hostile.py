"""Hostile input on every route: never a fault of ours, always a sentence, and nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from ssa_engine.actions import people
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from tests.factories import Clock, item_url, read
from tests.web.test_routes import (
    AUDIENCES,
    World,
    audience_of,
    fill,
    guarded,
    has_sentence,
    methods_of,
    rules_of,
    snapshot,
    world,
)

__all__ = ["world"]

EXAMPLES = {"sqlite": 400, "postgresql": 120}
MEGABYTE = b"answer=" + b"a" * 1_000_000
FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")
NASTY = (
    b"",
    b"0",
    b"-1",
    b"1",
    b"2",
    b"3",
    b"987654",
    b"999999999999999999999999",
    b"1" * 5000,
    b"\x00",
    b"CT\x00",
    b"picture.png\x00",
    b"\x00.png",
    b"\xff\xfe",
    b"caf\xe9",
    "Ж漢😀".encode(),
    "\u202e\u2028".encode(),
    "İ".encode(),
    b"../../etc/passwd",
    b"..%2f..%2fetc%2fpasswd",
    b"..\\..\\secret.png",
    b"%00",
    b"%",
    b"' OR 1=1 --",
    b"<script>alert(1)</script>",
    b"{{ 7 * 7 }}",
    b"\r\nSet-Cookie: a=b",
    b"NaN",
    b"CT",
    b"next",
    b"flag",
    b"a",
)
FIELDS = (
    b"answer",
    b"token",
    b"go",
    b"next",
    b"email",
    b"password",
    b"page",
    b"discipline",
    b"q",
    b"\x00",
    b"\xff",
    b"",
)

nasty = st.one_of(st.sampled_from(NASTY), st.binary(max_size=40), st.text(max_size=20).map(lambda text: text.encode()))


def path_of(rule: Rule, value: Callable[[str], bytes]) -> bytes:
    """Return an address of the route as bytes, each part given by its name."""
    return re.sub(rb"<(?:[^:<>]+:)?([^<>]+)>", lambda found: value(found[1].decode()), rule.rule.encode())


def quoted(raw: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in raw)


pairs = st.lists(st.tuples(st.sampled_from(FIELDS), nasty), max_size=8)
forms = pairs.map(lambda found: b"&".join(quoted(name) + b"=" + quoted(value) for name, value in found))
bodies = st.one_of(
    st.tuples(forms, st.sampled_from([FORM, f"{FORM}; charset=utf-7", "", "text/plain", "application/json"])),
    st.tuples(st.binary(max_size=200), st.sampled_from([FORM, "multipart/form-data", "\x7f", "a/b; boundary=\xff"])),
    st.sampled_from(
        [
            (b"answer=a&" * 3000, FORM),
            (MEGABYTE, FORM),
            (MEGABYTE, "text/plain"),
            (b"&".join(b"field%d=x" % number for number in range(2000)), FORM),
            (b"--x\r\nContent-Disposition: form-data; name=answer\r\n\r\na\r\n", "multipart/form-data; boundary=x"),
            (
                b"--x\r\nContent-Disposition: form-data; name=token; filename=a\r\n\r\na\r\n--x--",
                "multipart/form-data; boundary=x",
            ),
            (b'{"answer": "a"}', "application/json"),
            (b"", FORM),
        ]
    ),
)
headers = st.lists(
    st.sampled_from(
        [
            ("HX-Request", "true"),
            ("HX-Request", "\xff"),
            ("HX-Boosted", "true"),
            ("HX-History-Restore-Request", "true"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Sec-Fetch-Site", "?"),
            ("Origin", "https://evil.example"),
            ("Origin", "null"),
            ("Origin", "http://["),
            ("Origin", "\xff"),
            ("Host", "evil.example"),
            ("Host", "["),
            ("Host", "a b/c"),
            ("Cookie", "ssa_session=junk"),
            ("Cookie", "ssa_session=\xff\x00; ssa_session=; =;;"),
            ("Cookie", "a" * 20_000),
            ("Accept-Language", "*;q=9"),
            ("If-None-Match", '"\xff'),
            ("If-Modified-Since", "yesterday"),
            ("Range", "bytes=9-1"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("Transfer-Encoding", "chunked"),
            ("Content-Length", "-5"),
            ("Content-Length", "many"),
        ]
    ),
    max_size=3,
)


@dataclass(frozen=True)
class Request:
    """One request as it arrives on the wire."""

    method: str
    path: bytes
    query: bytes = b""
    body: bytes = b""
    kind: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def send(self, client: FlaskClient) -> TestResponse:
        environ: dict[str, Any] = {"PATH_INFO": self.path.decode("latin-1"), "CONTENT_TYPE": self.kind}
        environ["QUERY_STRING"] = self.query.decode("latin-1")
        for name, value in self.headers:
            plain = name.upper().replace("-", "_")
            environ["CONTENT_LENGTH" if name == "Content-Length" else f"HTTP_{plain}"] = value
        return client.open("/", method=self.method, data=self.body, environ_overrides=environ)


def check(response: TestResponse, sent: Request) -> None:
    """No fault of ours; what is refused is refused in words; nobody is sent elsewhere."""
    assert response.status_code < 500, sent
    assert response.headers.get("Location", "/").startswith("/"), sent
    assert not response.headers.get("Location", "/").startswith(("//", "/\\")), sent
    if response.status_code >= 400 and sent.method != "HEAD":
        assert response.mimetype == "text/html", sent
        assert has_sentence(read(response)), sent
    text = response.get_data()
    assert b"Traceback" not in text, sent
    assert b"<script>alert(1)" not in text, sent
    response.close()


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
    clients = [app.test_client(), *world.browsers.values()]
    before = snapshot(db)

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
    assert snapshot(db) == before


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


def test_no_part_of_a_query_brings_a_fault_or_changes_anything(app: Flask, db: Database, world: World) -> None:
    before, names = snapshot(db), (b"page", b"discipline", b"q", b"next", b"for_spreadsheet", b"v")
    for rule in rules_of(app):
        path = fill(rule, world.mine).encode()
        browser = world.browsers[min(AUDIENCES.get(audience_of(rule), set(Role)))]
        for bad in NASTY:
            sent = Request("GET", path, b"&".join(name + b"=" + quoted(bad) for name in names))
            check(sent.send(browser), sent)
    assert snapshot(db) == before


def test_no_body_of_a_save_brings_a_fault_or_changes_anything(app: Flask, db: Database, world: World) -> None:
    browser, before = world.browsers[Role.CANDIDATE], snapshot(db)
    paths = [fill(rule, world.mine).encode() for rule in guarded(app) if "POST" in methods_of(rule)]

    def step(data: st.DataObject) -> None:
        body, kind = data.draw(bodies)
        fragment = data.draw(st.sampled_from([[], [("HX-Request", "true")]]))
        sent = Request("POST", data.draw(st.sampled_from(paths)), b"", body, kind, fragment)
        check(sent.send(browser), sent)

    walk(EXAMPLES[kind_of(db)])(step)
    assert snapshot(db) == before


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


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
    ],
    ids=str,
)
def test_a_write_that_another_site_began_is_refused(
    app: Flask, db: Database, world: World, headers: dict[str, str]
) -> None:
    browser = world.browsers[Role.CANDIDATE]
    page = read(browser.get(item_url(world.own_attempt, 1)))
    sound = {"token": page.token, "answer": page.options[3], "go": "next", "confirmed": "yes", "email": "a@b.example"}
    before, walked = snapshot(db), 0
    for rule in rules_of(app):
        if "POST" in methods_of(rule):
            response = browser.post(fill(rule, world.mine), data=sound, headers=headers)
            assert response.status_code == 403, rule.rule
            assert "This came from another site, so nothing was changed." in read(response).text
            walked += 1
    assert walked >= 5
    assert snapshot(db) == before


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}], ids=str)
def test_a_write_from_a_page_of_this_site_is_taken(world: World, headers: dict[str, str]) -> None:
    browser, url = world.browsers[Role.CANDIDATE], item_url(world.own_attempt, 1)
    page = read(browser.get(url))
    response = browser.post(url, data={"token": page.token, "answer": page.options[3], "go": "next"}, headers=headers)
    assert (response.status_code, response.headers["Location"]) == (303, item_url(world.own_attempt, 2))
    assert read(browser.get(url)).chosen == page.options[3]


@pytest.mark.parametrize("kind", [FORM, "text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_what_is_too_large_is_refused_in_words(app: Flask, db: Database, world: World, kind: str) -> None:
    browser, before = world.browsers[Role.CANDIDATE], snapshot(db)
    for rule in rules_of(app):
        if "POST" in methods_of(rule):
            response = browser.post(fill(rule, world.mine), data=MEGABYTE, content_type=kind)
            assert response.status_code == 413, rule.rule
            assert "What was sent is too large. Send less and try again." in read(response).text
    assert snapshot(db) == before


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"answer": ["zz"]}, 422, "not one of this question’s options"),
        ({"answer": ["a", "b"]}, 422, "takes one answer, and more than one was sent"),
        ({"answer": ["a", "a"]}, 422, "takes one answer, and more than one was sent"),
        ({"go": ["delete"]}, 422, "That button is not known here"),
        ({"token": ["\x00"]}, 422, "a character that cannot be stored"),
        ({"answer": ["a\x00"]}, 422, "a character that cannot be stored"),
    ],
    ids=str,
)
def test_a_save_that_cannot_be_one_is_refused_in_words(
    db: Database, world: World, change: dict[str, list[str]], status: int, sentence: str
) -> None:
    browser, url = world.browsers[Role.CANDIDATE], item_url(world.own_attempt, 3)
    page = read(browser.get(url))
    before = snapshot(db)
    data = {"token": [page.token], "answer": [page.options[0]], "go": ["next"], **change}
    for headers in ({}, {"HX-Request": "true"}):
        response = browser.post(url, data=data, headers=headers)
        assert response.status_code == status
        assert sentence in read(response).text
    assert snapshot(db) == before


@pytest.mark.parametrize("token", [None, "", "garbage", "x" * 5000, "Ж"])
def test_a_save_without_the_token_of_the_page_is_told_and_changes_nothing(
    db: Database, world: World, token: str | None
) -> None:
    browser, before = world.browsers[Role.CANDIDATE], snapshot(db)
    page = read(browser.get(item_url(world.own_attempt, 5)))
    data = {"answer": page.options[0], "go": "next"} | ({} if token is None else {"token": token})
    response = browser.post(item_url(world.own_attempt, 5), data=data)
    assert response.status_code == 409
    assert "this answer to question 5 was not saved" in read(response).text
    assert snapshot(db) == before


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
def test_signing_in_never_leads_to_another_site(
    app: Flask, db: Database, clock: Clock, world: World, target: str
) -> None:
    people.add(
        db,
        email="real@test.example",
        name="Real",
        password="a long password",
        roles=[Role.CANDIDATE],
        who="test",
        now=clock(),
    )
    data = {"email": "real@test.example", "password": "a long password", "next": target}
    response = app.test_client().post("/signin", data=data)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    again = world.browsers[Role.CANDIDATE].get("/signin", query_string={"next": target})
    assert (again.status_code, again.headers["Location"]) == (302, "/")
