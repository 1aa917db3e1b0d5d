"""Import from a registry: what was added, changed, unchanged and refused; the day a credential came into the system."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from ssa_engine.actions import registry
from ssa_engine.content.library import Library
from ssa_engine.core.errors import Invalid
from ssa_engine.core.people import Role
from ssa_engine.exchange.registry_files import CredentialRow, FileRows, PersonRow, Refusal
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from ssa_engine.storage.schema import metadata
from tests.actions.sittings import audit_of
from tests.factories import Clock, add_someone

FIRST, OTHER = dt.date(2026, 2, 1), dt.date(2026, 3, 1)


def person(line: int, name: str, biennium_from: dt.date | None = None) -> PersonRow:
    return PersonRow(f"{name}@test.example", name, (Role.CANDIDATE,), biennium_from, f"people.csv:{line}")


def bienniums(db: Database) -> dict[str, dt.date | None]:
    table = metadata.tables["people"]
    with db.read() as connection:
        return {row.name: row.biennium_from for row in connection.execute(table.select().order_by(table.c.id))}


def imported(db: Database, clock: Clock, rows: list[PersonRow], *, skip: bool = False) -> registry.Imported:
    return registry.import_people(db, FileRows(rows, []), skip_bad_rows=skip, who="admin", now=clock())


def test_a_biennium_is_added_once_and_never_replaced(db: Database, clock: Clock) -> None:
    assert imported(db, clock, [person(2, "ann"), person(3, "bo", FIRST)]) == registry.Imported(added=2)
    rows = [person(2, "ann", FIRST), person(3, "bo"), person(4, "ann", FIRST), person(5, "cy", OTHER)]
    assert imported(db, clock, rows) == registry.Imported(added=1, changed=1, unchanged=2)
    assert imported(db, clock, rows) == registry.Imported(unchanged=4)
    assert bienniums(db) == {"ann": FIRST, "bo": FIRST, "cy": OTHER}
    assert [verb for _, verb, _ in audit_of(db, "person")] == ["import", "import", "set biennium", "import"]
    why = (
        "biennium_from of ann@test.example is 2026-03-01 here and 2026-02-01 in the database; "
        "mend the one that is not right"
    )
    with pytest.raises(Invalid) as caught:
        imported(db, clock, [person(2, "ann", OTHER), person(3, "di")])
    assert str(caught.value).splitlines()[0] == f"people.csv:2: {why}"
    done = imported(db, clock, [person(2, "ann", OTHER), person(3, "di")], skip=True)
    assert done == registry.Imported(added=1, refusals=[Refusal("people.csv:2", why)])
    assert bienniums(db)["ann"] == FIRST


def test_a_credential_is_noted_with_the_day_it_came_here_where_the_programme_is(
    db: Database, clock: Clock, library: Library
) -> None:
    someone = add_someone(db, "ann@test.example", clock=clock, earned_on=dt.date(2018, 6, 1))
    clock.at = dt.datetime(2027, 3, 15, 4, 59, tzinfo=dt.UTC)  # still 14 March in Chicago
    rows = [
        CredentialRow("ann@test.example", "MRI", dt.date(2012, 2, 29), "c.csv:2"),
        CredentialRow("ann@test.example", "CT", dt.date(2018, 6, 1), "c.csv:3"),
        CredentialRow("ann@test.example", "RAD", dt.date(2027, 3, 14), "c.csv:4"),
        CredentialRow("ann@test.example", "MRI", dt.date(2012, 2, 29), "c.csv:5"),
    ]
    for expected in (registry.Imported(added=2, unchanged=2), registry.Imported(unchanged=4)):
        done = registry.import_credentials(db, FileRows(rows, []), library.specs, who="admin", now=clock())
        assert done == expected
    with db.read() as connection:
        held = people.credentials_of(connection, someone.id)
    assert [(one.discipline, one.earned_on, one.recorded_on) for one in held] == [
        ("CT", dt.date(2018, 6, 1), None),
        ("MRI", dt.date(2012, 2, 29), dt.date(2027, 3, 14)),
        ("RAD", dt.date(2027, 3, 14), dt.date(2027, 3, 14)),
    ]


def test_two_rows_of_one_file_that_differ_are_not_both_right(db: Database, clock: Clock, library: Library) -> None:
    add_someone(db, "ann@test.example", clock=clock, discipline="RAD")
    rows = [
        CredentialRow("ann@test.example", "CT", dt.date(2018, 6, 2), "c.csv:2"),
        CredentialRow("ann@test.example", "CT", dt.date(2018, 6, 1), "c.csv:3"),
    ]
    bad = [Refusal("c.csv:4", "bad")]
    with pytest.raises(Invalid, match=r"^c\.csv:3: .*\nc\.csv:4: bad\nNothing was imported\."):
        registry.import_credentials(db, FileRows(rows, bad), library.specs, who="admin", now=clock())
    with db.read() as connection:
        count = sa.select(sa.func.count()).select_from(metadata.tables["credentials"])
        assert connection.execute(count).scalar_one() == 1
    assert audit_of(db, "credential") == []


def test_a_day_that_differs_from_the_one_stored_is_told_and_nothing_changes(
    db: Database, clock: Clock, library: Library
) -> None:
    someone = add_someone(db, "ann@test.example", clock=clock, earned_on=dt.date(2018, 2, 28))
    rows = [
        CredentialRow("ann@test.example", "CT", dt.date(2018, 3, 1), "c.csv:2"),
        CredentialRow("ann@test.example", "MRI", dt.date(2018, 3, 1), "c.csv:3"),
    ]
    with pytest.raises(Invalid) as caught:
        registry.import_credentials(db, FileRows(rows, []), library.specs, who="admin", now=clock())
    assert str(caught.value).splitlines() == [
        "c.csv:2: ann@test.example earned CT on 1 March 2018 here and on 28 February 2018 in the database; nothing was "
        "changed, so find out which is right",
        "Nothing was imported. Mend these rows, or leave them out with --skip-bad-rows.",
    ]
    with db.read() as connection:
        held = people.credentials_of(connection, someone.id)
    assert [(one.discipline, one.earned_on) for one in held] == [("CT", dt.date(2018, 2, 28))]


def test_a_large_file_is_compared_in_a_few_questions(db: Database, clock: Clock) -> None:
    rows = [person(number + 2, f"p{number}") for number in range(600)]
    imported(db, clock, rows)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    assert imported(db, clock, rows) == registry.Imported(unchanged=600)
    assert len(asked) == 2  # 500 addresses, then 100
