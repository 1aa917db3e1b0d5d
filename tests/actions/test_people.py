"""People: adding them, roles, credentials, and the trail of it all."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from ssa_engine.actions import people as actions
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.people import Person, Role
from ssa_engine.storage import frames
from ssa_engine.storage import people as rows
from ssa_engine.storage.db import Database
from tests.actions.doorway import EMAIL, PASSWORD, add_dana, sign_in, whose
from tests.actions.sittings import audit_of, breaking_off
from tests.factories import Clock


@pytest.fixture
def dana(db: Database, clock: Clock) -> int:
    """A candidate with a password; the id."""
    return add_dana(db, clock)


def person(db: Database, email: str = EMAIL) -> Person:
    """Return a person who is there."""
    with db.read() as connection:
        known = rows.by_email(connection, email)
    assert known is not None
    return known[0]


def test_adding_a_person_is_noted_without_the_password(db: Database, clock: Clock) -> None:
    roles = [Role.STAFF, Role.CANDIDATE, Role.STAFF]
    added = actions.add(
        db, email=" Eve@Test.Example ", name=" Eve ", password=PASSWORD, roles=roles, who="admin", now=clock()
    )
    assert person(db, "eve@test.example") == Person(
        added, "eve@test.example", "Eve", frozenset({Role.STAFF, Role.CANDIDATE})
    )
    with db.read() as connection:
        (row,) = frames.audit_frame(connection).to_dict("records")
    assert (row["who"], row["verb"], row["noun"], row["noun_id"]) == ("admin", "add", "person", str(added))
    assert (row["at"], json.loads(row["detail"])) == (clock(), {"roles": ["candidate", "staff"]})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"email": "nobody"}, "'nobody' is not an e-mail address."),
        ({"email": "@x"}, "'@x' is not an e-mail address."),
        ({"email": "x@"}, "'x@' is not an e-mail address."),
        ({"email": "a b@c.de"}, "'a b@c.de' is not an e-mail address."),
        ({"email": f"{'a' * 250}@c.de"}, f"'{'a' * 250}@c.de' is not an e-mail address."),
        ({"name": "  "}, "A person needs a name and at least one role."),
        ({"roles": []}, "A person needs a name and at least one role."),
        ({"password": "eleven char"}, "The password is too short; use at least 12 characters."),
    ],
)
def test_a_person_who_cannot_be_added_leaves_no_trail(
    db: Database, clock: Clock, change: dict[str, Any], says: str
) -> None:
    sound = {"email": EMAIL, "name": "Dana", "password": PASSWORD, "roles": [Role.STAFF]}
    with pytest.raises(Invalid) as caught:
        actions.add(db, **{**sound, **change}, who="admin", now=clock())
    assert str(caught.value) == says
    with db.read() as connection:
        assert (rows.search(connection, ""), len(frames.audit_frame(connection))) == ([], 0)


def test_an_address_is_one_persons(db: Database, clock: Clock, dana: int) -> None:
    with pytest.raises(Conflict, match=r"^Somebody with the address dana@test\.example is there already\.$"):
        actions.add(db, email=EMAIL.upper(), name="D", password=PASSWORD, roles=[Role.STAFF], who="admin", now=clock())
    assert audit_of(db, "person") == [("test", "add", str(dana))]


def test_a_role_is_given_and_taken_and_repeating_it_changes_nothing(db: Database, clock: Clock, dana: int) -> None:
    for held, expected in ((True, {Role.CANDIDATE, Role.STAFF}), (False, {Role.CANDIDATE})):
        for _ in range(3):
            actions.set_role(db, email=EMAIL, role=Role.STAFF, held=held, who="admin", now=clock())
            assert person(db).roles == expected
    verbs = [(who, verb) for who, verb, _ in audit_of(db, "person")]
    assert verbs == [("test", "add"), ("admin", "give role"), ("admin", "take role")]


def test_the_roles_of_a_session_are_those_of_now(db: Database, clock: Clock, dana: int) -> None:
    sign_in(db, clock)
    actions.set_role(db, email=EMAIL, role=Role.STAFF, held=True, who="admin", now=clock())
    actions.set_role(db, email=EMAIL, role=Role.CANDIDATE, held=False, who="admin", now=clock())
    found = whose(db, clock)
    assert found is not None
    assert found.roles == {Role.STAFF}


def test_the_only_role_cannot_be_taken(db: Database, clock: Clock, dana: int) -> None:
    with pytest.raises(Invalid, match=r"^candidate is the only role of dana@test\.example; give another one first\.$"):
        actions.set_role(db, email=EMAIL, role=Role.CANDIDATE, held=False, who="admin", now=clock())
    assert person(db).roles == {Role.CANDIDATE}
    assert len(audit_of(db, "person")) == 1


def test_a_role_that_is_not_held_is_not_the_only_one(db: Database, clock: Clock, dana: int) -> None:
    actions.set_role(db, email=EMAIL, role=Role.STAFF, held=False, who="admin", now=clock())
    assert person(db).roles == {Role.CANDIDATE}


def test_what_is_asked_of_nobody_is_refused(db: Database, clock: Clock) -> None:
    said = r"^Nobody has the address nobody@test\.example\. Add the person first\.$"
    nobody: dict[str, Any] = {"email": "nobody@test.example", "who": "admin", "now": clock()}
    with pytest.raises(NotFound, match=said):
        actions.set_role(db, role=Role.STAFF, held=True, **nobody)
    with pytest.raises(NotFound, match=said):
        actions.add_credential(db, discipline="CT", earned_on=dt.date(2018, 6, 1), **nobody)
    with pytest.raises(NotFound, match=said):
        actions.set_password(db, password=PASSWORD, **nobody)
    with db.read() as connection:
        assert len(frames.audit_frame(connection)) == 0


def test_a_credential_is_held_once_per_discipline(db: Database, clock: Clock, dana: int) -> None:
    def hold(discipline: str) -> int:
        day = dt.date(2018, 6, 1)
        return actions.add_credential(db, email=EMAIL, discipline=discipline, earned_on=day, who="admin", now=clock())

    first, second = hold("CT"), hold("MRI")
    with pytest.raises(Conflict, match=r"^dana@test\.example has a credential in CT already\.$"):
        hold("CT")
    with db.read() as connection:
        held = [(own.id, own.discipline, own.earned_on) for own in rows.credentials_of(connection, dana)]
    assert held == [(first, "CT", dt.date(2018, 6, 1)), (second, "MRI", dt.date(2018, 6, 1))]
    assert audit_of(db, "credential") == [("admin", "add", str(first)), ("admin", "add", str(second))]


def test_an_action_that_breaks_off_leaves_neither_change_nor_trail(
    db: Database, clock: Clock, dana: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    own: dict[str, Any] = {"email": EMAIL, "who": "admin", "now": clock()}
    with breaking_off(monkeypatch):
        actions.set_role(db, role=Role.STAFF, held=True, **own)
    with breaking_off(monkeypatch):
        actions.add_credential(db, discipline="CT", earned_on=dt.date(2018, 6, 1), **own)
    with breaking_off(monkeypatch):
        actions.set_password(db, password="another twelve", **own)
    with breaking_off(monkeypatch):
        actions.add(db, email="eve@test.example", name="E", password=PASSWORD, roles=[Role.STAFF], who="a", now=clock())
    assert person(db).roles == {Role.CANDIDATE}
    with db.read() as connection:
        assert rows.credentials_of(connection, dana) == []
        assert rows.by_email(connection, "eve@test.example") is None
        assert len(frames.audit_frame(connection)) == 1
    assert sign_in(db, clock).id == dana
