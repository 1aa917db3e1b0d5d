"""Signing in: the same path for everybody, the throttle, and sessions that end."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.actions import people as actions
from ssa_engine.core.errors import NotAllowed
from ssa_engine.core.people import Person, Role
from ssa_engine.storage import people as rows
from ssa_engine.storage.db import Database
from tests.actions.doorway import EMAIL, PASSWORD, add_dana, sign_in, whose
from tests.actions.sittings import audit_of
from tests.factories import Clock

REFUSED = "That address and password do not belong together. Check both and try again."
TOO_MANY = "There were too many tries with this address. Wait 15 minutes, then sign in again."


class Verifier:
    """A password hasher that counts what it is asked to verify."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._real = actions.HASHER

    def verify(self, stored: str, password: str) -> bool:
        self.asked.append(stored)
        return self._real.verify(stored, password)


@pytest.fixture
def dana(db: Database, clock: Clock) -> int:
    """A candidate with a password; the id."""
    return add_dana(db, clock)


def refused(db: Database, clock: Clock, **attempt: str) -> str:
    """Sign in without success; return what was said."""
    with pytest.raises(NotAllowed) as caught:
        sign_in(db, clock, **attempt)
    return str(caught.value)


def failures(db: Database, clock: Clock, email: str = EMAIL) -> int:
    """Return how many tries count against an address now."""
    with db.read() as connection:
        return rows.count_failures(connection, email, clock() - dt.timedelta(minutes=15))


def test_who_signs_in_has_a_session(db: Database, clock: Clock, dana: int) -> None:
    expected = Person(dana, EMAIL, "Dana", frozenset({Role.CANDIDATE}))
    assert sign_in(db, clock) == expected
    assert whose(db, clock) == expected
    assert whose(db, clock, "another token") is None


@pytest.mark.parametrize("typed", ["DANA@test.example", "  dana@TEST.example "])
def test_the_case_of_an_address_and_space_around_it_do_not_matter(
    db: Database, clock: Clock, dana: int, typed: str
) -> None:
    assert sign_in(db, clock, email=typed).id == dana
    assert refused(db, clock, email=typed, password="no") == REFUSED
    assert failures(db, clock) == 1


@pytest.mark.parametrize("password", ["", "Twelve letters", "twelve letters ", "twelve letter", "\x00", "x" * 10_000])
def test_another_password_is_refused(db: Database, clock: Clock, dana: int, password: str) -> None:
    assert refused(db, clock, password=password) == REFUSED
    assert whose(db, clock) is None


def test_an_unknown_address_takes_the_same_path(
    db: Database, clock: Clock, dana: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = Verifier()
    monkeypatch.setattr(actions, "HASHER", verifier)
    assert refused(db, clock, email="nobody@test.example") == REFUSED
    assert verifier.asked == [actions.ABSENT_HASH]
    assert refused(db, clock, password="something else") == REFUSED
    assert len(verifier.asked) == 2
    # The same cost for both: what is before the salt names the algorithm and its memory, time and lanes.
    assert verifier.asked[0].split("$")[:4] == verifier.asked[1].split("$")[:4]
    assert (failures(db, clock), failures(db, clock, "nobody@test.example")) == (1, 1)


def test_nobody_signs_in_with_the_password_of_the_stand_in(db: Database, clock: Clock) -> None:
    assert refused(db, clock, email="nobody@test.example", password="no such person") == REFUSED


def test_who_has_no_password_yet_cannot_sign_in(db: Database, clock: Clock) -> None:
    with db.write() as connection:
        rows.insert(connection, email=EMAIL, name="D", password_hash="!", roles=[Role.STAFF], at=clock())
    for password in ("!", "", "demo"):
        assert refused(db, clock, password=password) == REFUSED


@pytest.mark.parametrize("email", [EMAIL, "nobody@test.example"])
def test_after_ten_tries_an_address_waits_fifteen_minutes_known_or_not(
    db: Database, clock: Clock, dana: int, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for _ in range(10):
        said.append(refused(db, clock, email=email, password="no"))
        clock.advance(seconds=6)
    assert said == [REFUSED] * 10
    verifier = Verifier()
    monkeypatch.setattr(actions, "HASHER", verifier)
    assert refused(db, clock, email=email, password=PASSWORD) == TOO_MANY
    assert refused(db, clock, email=email.upper(), password=PASSWORD) == TOO_MANY
    # A refusal without a look at the password costs nothing and does not lengthen the wait.
    assert (verifier.asked, failures(db, clock, email)) == ([], 10)


def test_when_the_oldest_try_is_fifteen_minutes_old_one_more_is_allowed(db: Database, clock: Clock, dana: int) -> None:
    for _ in range(10):
        refused(db, clock, password="no")
    clock.advance(minutes=15, microseconds=-1)
    assert refused(db, clock) == TOO_MANY
    clock.advance(microseconds=1)
    assert sign_in(db, clock).id == dana


def test_nine_tries_do_no_harm_and_others_are_not_affected(db: Database, clock: Clock, dana: int) -> None:
    actions.add(db, email="eve@test.example", name="Eve", password=PASSWORD, roles=[Role.STAFF], who="t", now=clock())
    for _ in range(9):
        refused(db, clock, password="no")
    assert sign_in(db, clock).id == dana
    refused(db, clock, password="no")
    assert refused(db, clock) == TOO_MANY
    assert sign_in(db, clock, email="eve@test.example", token="e").name == "Eve"


def test_a_session_ends_after_twelve_hours(db: Database, clock: Clock, dana: int) -> None:
    sign_in(db, clock)
    clock.advance(hours=12, microseconds=-1)
    assert whose(db, clock) is not None
    clock.advance(microseconds=1)
    assert whose(db, clock) is None


def test_signing_out_ends_that_session_and_no_other(db: Database, clock: Clock, dana: int) -> None:
    for token in ("one", "two"):
        sign_in(db, clock, token=token)
    actions.sign_out(db, "one")
    actions.sign_out(db, "one")
    actions.sign_out(db, "never opened")
    assert whose(db, clock, "one") is None
    assert whose(db, clock, "two") is not None


def test_a_new_password_ends_every_session_and_is_the_only_one_that_opens_another(
    db: Database, clock: Clock, dana: int
) -> None:
    sign_in(db, clock)
    actions.set_password(db, email=EMAIL, password="another twelve", who="dana", now=clock())
    assert whose(db, clock) is None
    assert refused(db, clock) == REFUSED
    assert sign_in(db, clock, password="another twelve").id == dana
    assert audit_of(db, "person")[-1] == ("dana", "set password", str(dana))


def test_a_token_is_not_stored_as_it_is() -> None:
    # SHA-256 of "abc", FIPS 180-2 appendix B.1.
    assert actions.hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
