"""Drafts in the console: saved as they were seen, proposed, published with a reason, and gone back from."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions import policies as actions
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage import policies, policy_drafts
from ssa_engine.storage.db import Database
from tests.demos import build
from tests.factories import Clock, Someone, add_someone, read
from tests.web.psychometrician.reviews import table
from tests.web.psychometrician.tuning import MOVED, POLICY, moved

COHORT = 8


@pytest.fixture
def published(db: Database, library: Library, clock: Clock) -> None:
    """A small cohort with published policies, in the place of policies alone."""
    build(db, Banks(db, library), cohort=COHORT, seed=5, now=clock())


def test_a_draft_is_saved_as_it_was_seen_or_not_at_all(
    console: FlaskClient, draft: str, db: Database, library: Library
) -> None:
    number = int(draft.rsplit("/", 1)[1])
    response = console.post(f"{draft}?revision=1", data=MOVED)
    assert response.status_code == 303
    with db.read() as connection:
        stored = policy_drafts.get(connection, number)
    assert stored is not None
    assert stored.policy == moved(library)
    late = console.post(f"{draft}?revision=1", data=MOVED | {"standard.image-formation": "2"})
    assert late.status_code == 409
    page = read(late)
    assert "was last changed by reader@test.example on 14 March 2027" in page.text
    assert dict(page.fields_of("controls"))["standard.image-formation"] == "2", "what was typed is still there"
    with db.read() as connection:
        again = policy_drafts.get(connection, number)
    assert again == stored


def test_publishing_asks_for_confirmation_and_reason_and_makes_a_version(
    console: FlaskClient, draft: str, db: Database, clock: Clock, library: Library
) -> None:
    console.post(f"{draft}?revision=1", data=MOVED)
    page = read(console.get(f"{draft}/publish"))
    assert table(page, "areas") != []
    sent = dict(page.fields_of("decide")) | {"go": "publish", "reason": "The panel of March"}
    refused = console.post(f"{draft}/publish", data=sent)
    assert refused.status_code == 422
    assert "Confirm that you have looked at the consequences" in read(refused).text
    assert dict(read(refused).fields_of("decide"))["reason"] == "The panel of March"
    response = console.post(f"{draft}/publish", data=sent | {"confirmed": "yes"})
    assert (response.status_code, response.headers["Location"]) == (303, POLICY)
    with db.read() as connection:
        published = policies.in_force(connection, "CT", clock())
    assert published is not None
    assert (published.version, published.policy) == (2, moved(library))
    again = console.post(f"{draft}/publish", data=sent | {"confirmed": "yes"})
    assert again.status_code == 409
    assert "was published as version 2 by reader@test.example on 14 March 2027" in read(again).text
    text = read(console.get(POLICY)).text
    assert "Version 2, published 14 March 2027 by reader@test.example" in text
    assert "Begin a draft with version 1" in text


def test_a_day_to_come_leaves_the_policy_waiting(console: FlaskClient, draft: str) -> None:
    sent = dict(read(console.get(f"{draft}/publish")).fields_of("decide"))
    sent |= {"go": "publish", "reason": "Next year", "confirmed": "yes", "effective_on": "2028-01-01"}
    assert console.post(f"{draft}/publish", data=sent).status_code == 303
    text = read(console.get(POLICY)).text
    assert "Version 1, published" in text
    assert "Version 2 from 1 January 2028: Next year" in text


def test_proposing_withdrawing_and_discarding(console: FlaskClient, draft: str) -> None:
    def send(go: str) -> int:
        sent = dict(read(console.get(f"{draft}/publish")).fields_of("decide")) | {"go": go, "reason": "See the panel"}
        return console.post(f"{draft}/publish", data=sent).status_code

    assert send("propose") == 303
    assert "proposed by reader@test.example" in read(console.get(POLICY)).text
    assert "Save draft" not in read(console.get(draft)).text
    assert send("withdraw") == 303
    assert "Save draft" in read(console.get(draft)).text
    assert send("discard") == 303
    assert read(console.get(POLICY)).rows("data-draft") == []
    assert "discarded" in read(console.get(draft)).text


def test_going_back_to_an_earlier_version_is_a_draft(console: FlaskClient, library: Library) -> None:
    response = console.post(f"{POLICY}/drafts", data={"title": "Back", "version": "1"})
    fields = dict(read(console.get(response.headers["Location"])).fields_of("controls"))
    assert {name: value for name, value in fields.items() if name.startswith("standard.")} == {
        f"standard.{area}": "7" for area in library.spec("CT").area_names
    }
    assert console.post(f"{POLICY}/drafts", data={"title": "Back", "version": "9"}).status_code == 404
    assert console.post(f"{POLICY}/drafts", data={"title": " "}).status_code == 422


def test_where_two_persons_publish_the_one_who_proposed_cannot(
    app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    engine = app.extensions["ssa_engine"]
    strict = dataclasses.replace(engine.settings, policy_second_person=True)
    app.extensions["ssa_engine"] = dataclasses.replace(engine, settings=strict)
    first, second = (
        sign_in(add_someone(db, f"{name}@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))
        for name in ("first", "second")
    )
    draft = first.post(f"{POLICY}/drafts", data={"title": "Two"}).headers["Location"]

    def send(browser: FlaskClient, go: str) -> int:
        fields = dict(read(browser.get(f"{draft}/publish")).fields_of("decide"))
        sent = fields | {"go": go, "reason": "The panel", "confirmed": "yes"}
        return browser.post(f"{draft}/publish", data=sent).status_code

    assert send(first, "publish") == 403
    assert send(first, "propose") == 303
    assert "Another person has to publish it" in read(first.get(f"{draft}/publish")).text
    assert send(first, "publish") == 403
    assert send(second, "publish") == 303
    assert "second@test.example, proposed by first@test.example" in read(second.get(POLICY)).text


def test_a_version_that_was_replaced_before_its_day_is_not_shown_as_one_to_come(
    console: FlaskClient, db: Database, library: Library, clock: Clock
) -> None:
    with db.read() as connection:
        held = policies.history(connection, "CT")
    assert [one.version for one in held] == [1]
    for expected, begins in ((1, dt.datetime(9999, 12, 31, tzinfo=dt.UTC)), (2, None)):
        clock.advance(days=1)
        actions.publish(
            db, library.spec("CT"), library.spec("CT").sample_policy, expected_version=expected, reason="because",
            who="ada@test.example", now=clock(), effective_at=begins, replace_scheduled=True,
        )  # fmt: skip
    text = read(console.get(POLICY)).text
    assert "replaced by version 3, never in force" in text
    assert "9999" not in text
