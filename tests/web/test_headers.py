"""Headers: what every answer carries, what requests of other sites carry, and pages that need no exception."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.actions.people import HASHER
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from tests.factories import Clock, item_url, read, session_of
from tests.web.walk import World, fill, methods_of, rules_of, snapshot

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMING = f"{CSP}; frame-src 'self'"
"""Of a page of staff that shows a certificate in a frame."""
CERTIFICATE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
YEAR = 365 * 24 * 60 * 60


class Markup(HTMLParser):
    """What a strict policy would refuse on a page, and where the page reaches."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.reached: list[str] = []
        self.inside: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.inside = tag if tag in ("script", "style") else None
        certificate = r"/staff/claims/\d+/certificates/\d+#navpanes=0"
        framed = tag == "iframe" and re.fullmatch(certificate, found.get("src") or "")
        refused = ("style", "base", "iframe", "object", "embed")
        if (tag in refused and not framed) or (tag == "script" and not found.get("src")):
            self.refused.append(f"<{tag}>")
        self.refused += [f"{tag} {name}" for name in found if name == "style" or name.startswith(("on", "hx-on"))]
        self.reached += [found[name] or "" for name in ("href", "src", "action", "hx-post", "hx-get") if name in found]

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.refused.append(f"words in <{self.inside}>")

    def handle_endtag(self, tag: str) -> None:
        self.inside = None


def policy_of(response: TestResponse) -> str:
    """The policy that an answer has to carry."""
    if "certificate-" in response.headers.get("Content-Disposition", ""):
        return CERTIFICATE
    return FRAMING if response.mimetype == "text/html" and "<iframe" in response.get_data(as_text=True) else CSP


def answers(app: Flask, world: World) -> Iterator[tuple[str, TestResponse]]:
    """The answer of every route to everybody, and answers of every other kind."""
    clients: list[FlaskClient] = [app.test_client(), *world.browsers.values()]
    for rule in rules_of(app):
        for method in sorted(methods_of(rule)):
            for client in clients:
                # Each write sends nothing that counts, so that the world stays as it is.
                response = client.open(
                    fill(rule, world.mine), method=method, data={"go": "?"} if method == "POST" else None
                )
                if rule.endpoint == "signin.signout":
                    continue
                yield f"{method} {rule.rule}", response
    for path in ("/nowhere", "/static/nowhere.css", "/static/nowhere.css?v=1", "/candidate/attempts/0/review"):
        for client in clients:
            yield path, client.get(path)
    for client in clients:
        yield "PUT", client.put("/candidate/")
        yield "too large", client.post("/signin", data=b"a" * 100_000, content_type="text/plain")


@pytest.fixture
def walked(app: Flask, world: World, db: Database, clock: Clock) -> Iterator[list[tuple[str, TestResponse]]]:
    """All those answers."""
    found = list(answers(app, world))
    yield found
    for _, response in found:
        response.close()


def test_every_answer_carries_the_strict_policy(walked: list[tuple[str, TestResponse]]) -> None:
    assert {response.status_code for _, response in walked} >= {200, 302, 303, 401, 403, 404, 405, 413, 422}
    for name, response in walked:
        assert response.headers.getlist("Content-Security-Policy") == [policy_of(response)], name
        assert response.headers["X-Content-Type-Options"] == "nosniff", name
        assert response.headers["Referrer-Policy"] == "same-origin", name
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert response.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()", name


def test_no_page_is_kept_and_answers_that_differ_by_htmx_say_so(walked: list[tuple[str, TestResponse]]) -> None:
    for name, response in walked:
        if not (response.status_code == 200 and "/static/" in name):
            assert response.headers.get("Cache-Control") == "no-store", name
        assert "HX-Request" in ", ".join(response.headers.getlist("Vary")), name


def test_a_fault_of_ours_carries_them_too(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(app.view_functions, "home.healthz", break_down)
    response = app.test_client().get("/healthz")
    assert response.status_code == 500
    assert "What was saved is safe. Try again in a minute." in read(response).text
    assert "secret detail" not in response.get_data(as_text=True)
    assert (response.headers["Content-Security-Policy"], response.headers["Cache-Control"]) == (CSP, "no-store")


def test_assets_with_a_version_are_kept_for_a_year_and_others_are_asked_for_again(app: Flask, world: World) -> None:
    client = app.test_client()
    page = client.get("/signin").get_data(as_text=True)
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    versioned = [asset for asset in assets if "?v=" in asset]
    assert len(versioned) >= 10
    for asset in versioned:
        response = client.get(asset)
        assert response.status_code == 200, asset
        assert response.headers["Cache-Control"] == f"public, max-age={YEAR}, immutable", asset
        response.close()
    for asset in set(assets) - set(versioned):
        response = client.get(asset)
        assert (response.status_code, "immutable" in response.headers["Cache-Control"]) == (200, False), asset
        response.close()


def test_an_asset_that_is_not_there_is_not_kept_as_missing(app: Flask, world: World) -> None:
    response = app.test_client().get("/static/css/nowhere.css?v=abc")
    assert (response.status_code, response.headers["Cache-Control"]) == (404, "no-store")


def test_no_page_has_anything_inline_or_from_elsewhere(walked: list[tuple[str, TestResponse]]) -> None:
    pages = [
        (name, response)
        for name, response in walked
        if response.mimetype == "text/html" and "attachment" not in response.headers.get("Content-Disposition", "")
    ]
    assert len(pages) >= 40
    for name, response in pages:
        markup = Markup(response.get_data(as_text=True))
        assert markup.refused == [], name
        assert [target for target in markup.reached if not re.match(r"/(?!/)|#|mailto:|$", target)] == [], name


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(
    database_url: str, db: Database, library: Library, clock: Clock, published: None, world: World, secure: bool
) -> None:
    settings = read_settings({}, database_url=database_url, secure_cookies=str(secure).lower())
    app = create_app(settings, clock=clock, library=library)
    name, flags = ("__Host-ssa_session", {"Secure"}) if secure else ("ssa_session", set())
    with db.write() as connection:
        people.set_password(connection, world.own.id, HASHER.hash("a long password"))
    scheme = "https" if secure else "http"
    client = app.test_client()
    response = client.post(
        "/signin", data={"email": "own@test.example", "password": "a long password"}, base_url=f"{scheme}://localhost"
    )
    [cookie] = response.headers.getlist("Set-Cookie")
    value, *attributes = cookie.split("; ")
    assert value.partition("=")[0] == name
    kept = {one for one in attributes if not one.startswith("Expires=")}
    assert kept == {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"} | flags
    assert client.get("/candidate/", base_url=f"{scheme}://localhost").status_code == 200
    [gone] = client.post("/signout", base_url=f"{scheme}://localhost").headers.getlist("Set-Cookie")
    assert gone.startswith(f"{name}=;")
    assert set(gone.split("; ")) >= {"Max-Age=0", "Path=/"} | flags
    assert client.get("/candidate/", base_url=f"{scheme}://localhost").status_code == 302
    app.extensions["ssa_engine"].db.dispose()


def test_with_secure_cookies_the_plain_name_lets_nobody_in(
    database_url: str, db: Database, library: Library, clock: Clock, published: None, world: World
) -> None:
    app = create_app(read_settings({}, database_url=database_url), clock=clock, library=library)
    client = app.test_client()
    client.set_cookie("ssa_session", session_of(db, world.own, clock()))
    assert client.get("/candidate/", base_url="https://localhost").status_code == 302
    app.extensions["ssa_engine"].db.dispose()


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
    sound = {"token": page.token, "answer": page.choices[3], "go": "next", "confirmed": "yes", "email": "a@b.example"}
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
    response = browser.post(url, data={"token": page.token, "answer": page.choices[3], "go": "next"}, headers=headers)
    assert (response.status_code, response.headers["Location"]) == (303, item_url(world.own_attempt, 2))
    assert read(browser.get(url)).chosen == page.choices[3]
