"""ssa sittings: who is sitting, what happened, more time, unlock: the same as staff do in a browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.results import submit
from ssa_engine.storage.db import Database
from ssa_engine.storage.frames import audit_frame
from tests.actions.sittings import Sitting, begin
from tests.cli.shell import Run, ssa
from tests.factories import Clock, Someone, add_someone

Shell = Callable[..., Run]


@pytest.fixture
def clock() -> Clock:
    """The commands ask the real time, so a sitting begins a little before it."""
    return Clock(dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(minutes=10))


@pytest.fixture
def someone(db: Database, clock: Clock) -> Someone:
    """A candidate whose window is open today."""
    earned_on = clock().date() - dt.timedelta(days=8 * 365 + 30)
    return add_someone(db, "candidate@test.example", clock=clock, earned_on=earned_on)


@pytest.fixture
def sitting(db: Database, banks: Banks, clock: Clock, someone: Someone, published: None) -> Sitting:
    """A sitting under way for ten minutes, with an answer and a flag."""
    sitting = begin(db, banks, clock, someone)
    clock.advance(minutes=1)
    sitting.answer(1, sitting.item(1).key_answer)
    sitting.save(2, go="flag")
    return sitting


@pytest.fixture
def run(database_url: str) -> Shell:
    """A shell whose commands use one database."""
    return lambda *arguments: ssa("sittings", *arguments, database_url=database_url)


def verbs(db: Database) -> list[tuple[str, str]]:
    with db.read() as connection:
        frame = audit_frame(connection)
    own = frame[frame["verb"].isin(["grant time", "unlock"])]
    return [(who.partition(":")[0], verb) for who, verb in zip(own["who"], own["verb"], strict=True)]


def test_who_is_sitting_is_listed(run: Shell, sitting: Sitting) -> None:
    line = run("list").out
    assert f"{sitting.attempt_id}  candidate@test.example  CT  in progress  question 2 of 80  " in line
    (row,) = run("list", "--json").json
    assert (row["attempt_id"], row["email"], row["seconds_allowed"]) == (
        sitting.attempt_id,
        sitting.someone.email,
        6000,
    )
    assert row["seconds_used"] + row["seconds_left"] == 6000
    assert 600 <= row["seconds_used"] < 900
    assert row["ends_at"] == f"{sitting.attempt.ends_at:%Y-%m-%dT%H:%M:%SZ}"


def test_nobody_sitting_is_said_and_what_was_submitted_is_found_by_person(run: Shell, sitting: Sitting) -> None:
    now = sitting.clock()
    submit(sitting.db, sitting.banks, attempt_id=sitting.attempt_id, person_id=sitting.someone.id, who="test", now=now)
    assert (run("list").out, run("list").err) == ("", "Nobody is sitting an assessment.\n")
    assert run("list", "--json").json == []
    (row,) = run("list", "--person", sitting.someone.email, "--json").json
    assert (row["state"], row["seconds_left"]) == ("released", None)
    assert run("list", "--person", "nobody@test.example").sentence() == ("Nobody has the address nobody@test.example.")


def test_a_sitting_is_shown_with_its_timeline_in_letters(run: Shell, sitting: Sitting) -> None:
    shown = run("show", sitting.attempt_id)
    lines = shown.out.splitlines()
    assert lines[0] == f"Attempt {sitting.attempt_id}: candidate@test.example, CT, in progress"
    assert lines[1].startswith("1 of 80 answered, 1 flagged, ")
    found = run("show", sitting.attempt_id, "--json").json
    assert [one["kind"] for one in found["timeline"]] == ["started", "answered", "rendered", "flagged"]
    answered = found["timeline"][1]
    item, place = sitting.item(1), sitting.places[0]
    letters = {option: "ABCDEFGHIJ"[index] for index, option in enumerate(place.options)}
    stored = item.key_answer.split(",") if item.options else [item.key_answer]
    assert (answered["question"], answered["detail"]) == (1, " ".join(letters.get(one, one) for one in stored))
    assert item.id not in shown.out


def test_time_is_granted_and_noted(run: Shell, sitting: Sitting) -> None:
    before = sitting.attempt.ends_at
    told = run("grant", sitting.attempt_id, "--minutes", 15, "--reason", "fire alarm").out
    assert sitting.attempt.ends_at == before + dt.timedelta(minutes=15)
    end = f"{sitting.attempt.ends_at:%Y-%m-%dT%H:%M:%SZ}"
    assert told == f"Attempt {sitting.attempt_id} has 15 more minutes. Its clock now ends at {end}.\n"
    assert verbs(sitting.db) == [("shell", "grant time")]


def test_a_sitting_is_unlocked_and_its_old_page_no_longer_live(run: Shell, sitting: Sitting) -> None:
    old = sitting.attempt.render_token
    assert run("unlock", sitting.attempt_id, "--reason", "two tabs").out == (
        f"Attempt {sitting.attempt_id} is unlocked; the next window that opens it goes on.\n"
    )
    assert sitting.attempt.render_token != old
    assert verbs(sitting.db) == [("shell", "unlock")]


def test_what_is_not_there_or_over_or_without_a_reason_is_told(run: Shell, sitting: Sitting) -> None:
    attempt = sitting.attempt_id
    assert run("show", 987654).sentence() == "There is no attempt 987654."
    for verb in (("grant", 987654, "--minutes", 5), ("unlock", 987654)):
        assert run(*verb, "--reason", "x").sentence() == "There is no attempt 987654."
    for verb in (("grant", attempt, "--minutes", 5), ("unlock", attempt)):
        assert run(*verb, "--reason", " ").sentence() == "Say why; the reason stays with the attempt."
    now = sitting.clock()
    submit(sitting.db, sitting.banks, attempt_id=attempt, person_id=sitting.someone.id, who="test", now=now)
    for verb in (("grant", attempt, "--minutes", 5), ("unlock", attempt)):
        assert run(*verb, "--reason", "x").sentence() == (
            f"Attempt {attempt} was submitted, so neither its time nor its locks change."
        )
    assert verbs(sitting.db) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("grant", 1, "--minutes", 0, "--reason", "x"),
        ("grant", 1, "--minutes", 601, "--reason", "x"),
        ("grant", 1, "--minutes", 5),
        ("grant", 1, "--reason", "x"),
        ("unlock", 1),
        ("unlock", 0, "--reason", "x"),
        ("show", "one"),
        ("show", "9" * 30),
    ],
    ids=str,
)
def test_a_wrong_call_is_told_as_such(run: Shell, arguments: tuple[object, ...]) -> None:
    assert run(*arguments).sentence(code=2).startswith("Usage: ")
