"""The database itself: its two doors, times, prepared statements, and the constraints that refuse bad states."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssa_engine.actions import people as people_actions
from ssa_engine.actions import results as result_actions
from ssa_engine.actions import sittings as sitting_actions
from ssa_engine.actions.banks import Banks
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.display import Display
from ssa_engine.storage import audit, people
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.prepared import Prepared
from ssa_engine.storage.schema import metadata
from ssa_engine.storage.tables import signin_failures
from tests.actions.sittings import begin
from tests.factories import Clock, Someone, right
from tests.storage.bad_rows import ALSO_BAD, BAD, fill_console
from tests.storage.process_rows import PROCESS_ALSO_BAD, PROCESS_BAD, fill_process

FEW = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture
def attempt_id(db: Database, banks: Banks, published: None, clock: Clock, candidate: Someone) -> int:
    """A submitted attempt with an answer, a flag and all that may surround them, so that no table is without a row."""
    sitting = begin(db, banks, clock, candidate, seed=3)
    first = sitting.item(1)
    sitting.save(1, answer=right(first), go="next", strike=(first.option_ids or ("a",))[0], note="Why?", comment="Hm.")
    sitting.save(2, answer=right(sitting.item(2)), go="flag")
    mine: dict[str, Any] = {"attempt_id": sitting.attempt_id, "person_id": candidate.id, "now": clock()}
    result_actions.submit(db, banks, **mine, who="test")
    sitting_actions.answer_survey(db, banks, **mine, posted={"remarks": "None."})
    granted = Accommodations(extra_minutes=10)
    sitting_actions.set_accommodations(db, person_id=candidate.id, granted=granted, who="test", now=clock())
    people_actions.set_display(db, person_id=candidate.id, display=Display(text_size=125))
    with db.write() as connection:
        people.add_failure(connection, "nobody@test.example", clock())
        people.open_session(
            connection,
            token_hash="0" * 64,
            person_id=candidate.id,
            at=clock(),
            expires_at=clock() + dt.timedelta(days=1),
        )
        media = metadata.tables["bank_media"].insert()
        bank = banks.library.bank("CT")
        connection.execute(media.values(bank_version=bank.version, name="a.png", content=b"\x00\x01"))
        fill_console(connection, sitting.attempt_id, candidate.id, one_row(connection, "results")["id"])
        fill_process(connection, sitting.attempt_id, candidate.credential_id, _without_mail(connection))
    return sitting.attempt_id


def test_no_table_is_without_a_row(db: Database, attempt_id: int) -> None:
    with db.read() as connection:
        for name in metadata.tables:
            assert one_row(connection, name)


def _without_mail(connection: Connection) -> int:
    """Return a notice that no mail was made of, and see that no mail waits."""
    notices = metadata.tables["notices"]
    connection.execute(metadata.tables["mail"].delete())
    return int(connection.execute(sa.select(sa.func.max(notices.c.id))).scalar_one())


def one_row(connection: Connection, name: str) -> dict[str, Any]:
    row = connection.execute(sa.select(metadata.tables[name]).limit(1)).mappings().first()
    assert row is not None, name
    return dict(row)


FRESH = {"content_area": "another-area", "email": "other@test.example", "version": 2, "number": 2}
"""Values that keep a copied row clear of the unique constraints."""


def refused(db: Database, table: str, change: dict[str, Any]) -> str:
    """Insert a copy of a sound row with these changes; return what the database says against it."""
    with db.read() as connection:
        row = one_row(connection, table)
    for name, value in FRESH.items():
        if name in row and name not in change:
            row[name] = value
    row.pop("id", None)
    if table == "attempts":
        with db.write() as connection:
            form = one_row(connection, "forms")
            form.pop("id")
            forms = metadata.tables["forms"]
            row["form_id"] = connection.execute(forms.insert().values(form).returning(forms.c.id)).scalar_one()
    with pytest.raises(sa.exc.IntegrityError) as caught, db.write() as connection:
        connection.execute(metadata.tables[table].insert().values({**row, **change}))
    return str(caught.value.orig)


@pytest.mark.parametrize(
    ("constraint", "table", "change"),
    [*((name, *case) for name, case in {**BAD, **PROCESS_BAD}.items()), *ALSO_BAD, *PROCESS_ALSO_BAD],
    ids=str,
)
def test_a_bad_state_cannot_be_stored(
    db: Database, attempt_id: int, constraint: str, table: str, change: dict[str, Any]
) -> None:
    assert constraint in refused(db, table, change)


def test_every_check_of_the_tables_is_among_those_that_are_tried() -> None:
    checks = {
        str(check.name)
        for table in metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint) and not str(check.name).endswith("_bool")
    }
    assert checks == {*BAD, *PROCESS_BAD}


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("area_scores", {"probability_below": -0.1}),
        ("area_scores", {"score_se": -0.1}),
        ("area_scores", {"credits": math.nan, "credits_by_rule": math.nan}),
        ("area_scores", {"score": math.nan}),
        ("area_scores", {"probability_below": math.nan}),
        ("prescription_areas", {"credits": math.nan}),
        ("responses", {"seconds": math.nan, "token": "new"}),
    ],
    ids=str,
)
def test_no_number_outside_its_range_and_no_nan_can_be_stored(
    db: Database, attempt_id: int, table: str, change: dict[str, Any]
) -> None:
    assert refused(db, table, change)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("form_items", "scored"),
        ("area_scores", "below_standard"),
        ("preferences", "hide_clock"),
        ("accommodations", "untimed"),
    ],
)
def test_a_truth_is_true_or_false(db: Database, attempt_id: int, table: str, column: str) -> None:
    with pytest.raises(sa.exc.DBAPIError), db.write() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET {column} = 2")


def test_a_credential_has_one_open_attempt_at_most(db: Database, attempt_id: int) -> None:
    open_state = {"state": "in_progress", "submitted_at": None, "released_at": None}
    with db.write() as connection:
        table = metadata.tables["attempts"]
        connection.execute(table.update().values(open_state))
    message = refused(db, "attempts", open_state)
    assert "uq_attempts_one_open" in message or "attempts.credential_id" in message


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("responses", {}),
        ("results", {"version": 1}),
        ("attempts", {"number": 1}),
        ("policies", {"version": 1}),
        ("people", {"email": "candidate@test.example"}),
        ("credentials", {}),
        ("flags", {}),
        ("form_items", {"position": 99}),
        ("item_tools", {}),
        ("survey_answers", {}),
        ("preferences", {}),
        ("accommodations", {}),
    ],
    ids=str,
)
def test_what_is_there_once_cannot_be_there_twice(
    db: Database, attempt_id: int, table: str, change: dict[str, Any]
) -> None:
    assert "unique" in refused(db, table, change).lower()


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("responses", {"attempt_id": 987654}),
        ("results", {"policy_version": 9}),
        ("results", {"bank_version": "unknown"}),
        ("attempts", {"credential_id": 987654}),
        ("credentials", {"person_id": 987654}),
        ("flags", {"attempt_id": 987654}),
        ("preparations", {"credential_id": 987654}),
        ("attempt_events", {"attempt_id": 987654}),
        ("item_tools", {"attempt_id": 987654}),
        ("comments", {"attempt_id": 987654}),
        ("survey_answers", {"attempt_id": 987654}),
        ("preferences", {"person_id": 987654}),
        ("accommodations", {"person_id": 987654}),
    ],
    ids=str,
)
def test_a_row_cannot_name_what_does_not_exist(
    db: Database, attempt_id: int, table: str, change: dict[str, Any]
) -> None:
    assert "foreign key" in refused(db, table, change).lower()


def test_what_goes_amiss_in_a_write_leaves_nothing(db: Database, clock: Clock) -> None:
    def go_amiss() -> None:
        with db.write() as connection:
            people.add_failure(connection, "a@test.example", clock())
            audit.add(connection, at=clock(), who="a", verb="try", noun="person", noun_id=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        go_amiss()
    with db.read() as connection:
        assert connection.execute(sa.select(signin_failures)).all() == []
        assert connection.execute(sa.select(metadata.tables["audit"])).all() == []


def test_all_reads_of_a_transaction_see_one_state_and_the_next_sees_what_was_written_meanwhile(
    db: Database, clock: Clock
) -> None:
    failures = sa.select(sa.func.count()).select_from(signin_failures)
    with db.read() as connection:
        seen = [connection.execute(failures).scalar_one()]
        with db.write() as other:
            people.add_failure(other, "a@test.example", clock())
        seen.append(connection.execute(failures).scalar_one())
    with db.read() as connection:
        assert (seen, connection.execute(failures).scalar_one()) == ([0, 0], 1)


def test_sqlite_waits_for_the_disk_and_keeps_its_readers_apart(db: Database) -> None:
    with db.read() as connection:
        if db.is_sqlite:
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert found == ["wal", 2, 1]  # 2 is FULL
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    naive = dt.datetime(2027, 3, 14, 12, 0, 0)  # noqa: DTZ001 - the point of this test
    with pytest.raises(sa.exc.StatementError, match="without a zone"), db.write() as connection:
        people.add_failure(connection, "a@test.example", naive)
    insert = Prepared(signin_failures.insert().inline().values(email=sa.bindparam("email"), at=sa.bindparam("at")))
    with pytest.raises(ValueError, match="without a zone"), db.write() as connection:
        insert.run(connection, email="a@test.example", at=naive)


def test_times_come_back_as_they_went_in_and_in_their_order(db: Database) -> None:
    zones = st.timezones() | st.integers(-14 * 60, 14 * 60).map(lambda off: dt.timezone(dt.timedelta(minutes=off)))
    moments = st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001

    @FEW
    @given(st.lists(moments, min_size=1, max_size=8))
    def round_trip(times: list[dt.datetime]) -> None:
        with db.write() as connection:
            connection.execute(signin_failures.delete())
            for at in times:
                people.add_failure(connection, "a@test.example", at)
            stored = list(connection.execute(sa.select(signin_failures.c.at).order_by(signin_failures.c.at)).scalars())
        utc = sorted(at.astimezone(dt.UTC) for at in times)
        assert stored == utc
        assert {at.utcoffset() for at in stored} == {dt.timedelta(0)}

    round_trip()
