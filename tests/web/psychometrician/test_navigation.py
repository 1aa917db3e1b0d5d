"""The console's navigation: a discipline chosen once, links to pages that there are, one marked as shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions import policy_drafts
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from tests.factories import START, Clock, Page, Someone, add_someone, read


@pytest.fixture
def console(app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser."""
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


def marked(page: Page) -> list[tuple[str, str]]:
    """What is marked as the page shown, or the part it belongs to."""
    return [(one["href"], one["aria-current"]) for tag, one in page.elements if tag == "a" and "aria-current" in one]


def test_the_discipline_of_the_address_is_chosen_and_its_pages_are_linked(console: FlaskClient) -> None:
    page = read(console.get("/psychometrician/CT/policy"))
    chosen = [one["value"] for tag, one in page.elements if tag == "option" and "selected" in one]
    assert chosen[0] == "CT"
    links = [one["href"] for tag, one in page.elements if tag == "a" and "href" in one]
    assert links.count("/psychometrician/CT/cohort") == 1
    assert marked(page) == [("/psychometrician/CT/policy", "page")]
    assert marked(read(console.get("/psychometrician/"))) == [
        ("/psychometrician/", "page"),
        ("/psychometrician/CT/cohort", "true"),
    ]


def test_the_pages_of_a_draft_belong_to_the_policy(console: FlaskClient, db: Database, library: Library) -> None:
    draft = policy_drafts.create(db, library.spec("CT"), title="One", who="test", now=START)
    for page in ("", "/publish"):
        shown = read(console.get(f"/psychometrician/CT/policy/drafts/{draft.id}{page}"))
        assert marked(shown) == [("/psychometrician/CT/policy", "true")], page


def test_the_console_asks_for_its_looks_and_a_candidate_does_not(
    console: FlaskClient, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    def looks(browser: FlaskClient, address: str) -> list[str]:
        links = [one["href"] for tag, one in read(browser.get(address)).elements if tag == "link"]
        return [link.rpartition("/")[2].partition(".")[0] for link in links if "/css/" in link]

    own = ["filters", "plots", "items", "tuning", "review"]
    everything = looks(console, "/psychometrician/")
    assert everything[-8:] == ["console", *own, "staff", "print"]
    assert looks(sign_in(add_someone(db, "cand@test.example", clock=clock)), "/display") == [
        one for one in everything if one not in own
    ]
    for role in (Role.SPECIALIST, Role.STAFF):
        browser = sign_in(add_someone(db, f"{role}@test.example", clock=clock, role=role))
        assert looks(browser, "/display") == everything, role


def test_another_discipline_shows_the_same_page_or_its_cohort(console: FlaskClient) -> None:
    def sent_to(query: str) -> str:
        response = console.get(f"/psychometrician/switch?{query}")
        assert response.status_code == 302
        return response.headers["Location"]

    assert sent_to("discipline=RAD&page=policy") == "/psychometrician/RAD/policy"
    assert sent_to("discipline=RAD&page=releases") == "/psychometrician/RAD/releases"
    assert sent_to("discipline=RAD&page=items") == "/psychometrician/RAD/cohort", "RAD has no bank"
    assert sent_to("discipline=CT&page=items") == "/psychometrician/CT/items"
    assert sent_to("discipline=CT&page=exports") == "/psychometrician/CT/cohort"
    assert sent_to("discipline=nowhere&page=//evil") == "/psychometrician/CT/cohort"
    assert sent_to("") == "/psychometrician/CT/cohort"


def test_every_link_of_the_navigation_leads_to_a_page(console: FlaskClient) -> None:
    for discipline in ("CT", "RAD"):
        page = read(console.get(f"/psychometrician/{discipline}/cohort"))
        links = {one["href"] for tag, one in page.elements if tag == "a" and one.get("href", "").startswith("/psych")}
        own = {link for link in links if f"/{discipline}/" in link and not link.partition("?")[0].endswith(".csv")}
        assert len(own) >= 2
        for link in sorted(own | {"/psychometrician/exports", "/psychometrician/audit"}):
            assert console.get(link).status_code == 200, link


def test_a_discipline_without_sittings_says_so(console: FlaskClient) -> None:
    for discipline in ("CT", "RAD"):
        assert f"No attempts in {discipline} yet." in read(console.get(f"/psychometrician/{discipline}/cohort")).text
    assert console.get("/psychometrician/XX/cohort").status_code == 404
