"""What staff pages never do: let others in, tell keys or results, take text for code, write on a look, break."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.core.events import EventKind
from ssa_engine.core.people import Role
from ssa_engine.storage import events
from ssa_engine.storage.db import Database
from tests.factories import Clock, read
from tests.web.walk import World, snapshot
from tests.web.wire import FORM, NASTY, Request, check, quoted

OTHERS = (Role.CANDIDATE, Role.PSYCHOMETRICIAN, Role.SPECIALIST)
ASKED = (b"kind", b"question", b"words", b"order", b"page", b"done", b"q", b"saved")
FILTERED = (b"whose", b"state", b"sponsor", b"discipline", b"overdue", b"page", b"after", b"done", b"activity")
GRANTED = (b"time_multiplier", b"extra_minutes", b"extra_breaks", b"untimed", b"large_text")


@pytest.fixture
def staff(world: World) -> FlaskClient:
    """A browser of candidate support."""
    return world.browsers[Role.STAFF]


def sitting(world: World, rest: str = "") -> str:
    return f"/staff/attempts/{world.own_attempt}{rest}"


def person(world: World, rest: str = "") -> str:
    return f"/staff/people/{world.own.id}{rest}"


def submit(world: World) -> None:
    """Let the candidate submit."""
    world.browsers[Role.CANDIDATE].post(
        f"/candidate/attempts/{world.own_attempt}/review", data={"go": "submit", "confirmed": "yes"}
    )


@pytest.mark.parametrize("role", OTHERS)
def test_staff_pages_are_for_staff(world: World, db: Database, role: Role) -> None:
    browser, before = world.browsers[role], snapshot(db)
    for path in ("", "/timeline.csv"):
        assert browser.get(sitting(world, path)).status_code == 403
    for path in ("/time", "/unlock"):
        assert browser.post(sitting(world, path), data={"minutes": "5", "reason": "x"}).status_code == 403
    assert browser.get(f"/staff/people/{world.own.id}").status_code == 403
    assert browser.post(f"/staff/people/{world.own.id}/accommodations", data={}).status_code == 403
    assert snapshot(db) == before


def test_no_staff_page_tells_a_key_an_area_a_score_or_an_item(
    staff: FlaskClient, world: World, library: Library
) -> None:
    bank = library.bank("CT")
    submit(world)
    seen = "".join(
        staff.get(path).get_data(as_text=True)
        for path in (
            "/staff/",
            "/staff/?q=test",
            f"/staff/people/{world.own.id}",
            sitting(world),
            sitting(world, "/timeline.csv"),
        )
    )
    for area_id, name in bank.spec.area_names.items():
        assert area_id not in seen
        assert name not in seen
    for item in bank.items:
        assert item.id not in seen
        assert item.rationale[:40] not in seen
    assert re.findall(r"(?i)\b(correct|credits?|standard|below|score[sd]?|key)\b", seen) == []


def test_what_a_browser_or_a_person_wrote_is_text_and_nothing_else(
    staff: FlaskClient, world: World, db: Database, clock: Clock
) -> None:
    with db.write() as connection:
        events.append(connection, world.own_attempt, EventKind.CONTINUED_HERE, clock(), 2, "<script>alert(1)</script>")
    staff.post(sitting(world, "/unlock"), data={"reason": "<b>{{ 7 * 7 }}</b>"})
    page = staff.get(sitting(world)).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;{{ 7 * 7 }}&lt;/b&gt;" in page


def test_there_is_no_sitting_that_is_not_there(staff: FlaskClient) -> None:
    for response in (
        staff.get("/staff/attempts/987654"),
        staff.get("/staff/attempts/987654/timeline.csv"),
        staff.post("/staff/attempts/987654/time", data={"minutes": "5", "reason": "x"}),
        staff.post("/staff/attempts/987654/unlock", data={"reason": "x"}),
    ):
        assert response.status_code == 404
        assert "There is no attempt 987654." in read(response).text


def test_a_look_whatever_is_asked_brings_no_fault_and_changes_nothing(
    staff: FlaskClient, world: World, db: Database
) -> None:
    before = snapshot(db)
    for bad in NASTY:
        query = b"&".join(name + b"=" + quoted(bad) for name in (*ASKED, *GRANTED))
        for path in ("/staff/", person(world), sitting(world), sitting(world, "/timeline.csv")):
            sent = Request("GET", path.encode(), query)
            check(sent.send(staff), sent)
    assert snapshot(db) == before


def test_what_cannot_be_granted_brings_no_fault_and_changes_nothing(
    staff: FlaskClient, world: World, db: Database
) -> None:
    before = snapshot(db)
    for bad in set(NASTY) - {b"1", b"2", b"3"}:
        accommodations = b"&".join(name + b"=" + quoted(bad) for name in GRANTED)
        for path, body in (
            (person(world, "/accommodations"), accommodations),
            (sitting(world, "/time"), b"reason=x&minutes=" + quoted(bad)),
            (sitting(world, "/unlock"), b"minutes=5&cause=" + quoted(bad)),
        ):
            sent = Request("POST", path.encode(), b"", body, FORM)
            check(sent.send(staff), sent)
    assert snapshot(db) == before


def claim(world: World, rest: str = "") -> str:
    return f"/staff/claims/{world.claims[world.own.id][0]}{rest}"


def test_a_look_at_claims_whatever_is_asked_brings_no_fault_and_changes_nothing(
    staff: FlaskClient, world: World, db: Database
) -> None:
    before = snapshot(db)
    for bad in NASTY:
        query = b"&".join(name + b"=" + quoted(bad) for name in FILTERED)
        for path in ("/staff/", claim(world), "/staff/attendance", "/staff/workload", "/staff/mail"):
            sent = Request("GET", path.encode(), query)
            check(sent.send(staff), sent)
    assert snapshot(db) == before


def test_what_cannot_be_decided_brings_no_fault_and_changes_nothing(
    staff: FlaskClient, world: World, db: Database
) -> None:
    before = snapshot(db)
    for bad in set(NASTY):
        text = quoted(bad)
        for path, body in (
            (claim(world, "/decide"), b"go=approve&revision=9" + text),
            (claim(world, "/decide"), b"revision=1&go=" + text + b"&more_reason=" + text),
            (claim(world, "/assign"), b"revision=1&to=" + text),
            (claim(world, "/undo"), b"revision=" + text),
            ("/staff/attendance", b"activity=" + text + b"&addresses=" + text),
            ("/staff/attendance/approve", b"claim=" + text),
            ("/staff/mail/1/again", b"person=" + text),
            (person(world, f"/credentials/{world.own.credential_id}/reinstate"), b"on=" + text),
        ):
            sent = Request("POST", path.encode(), b"", body, FORM)
            check(sent.send(staff), sent)
    assert snapshot(db) == before
