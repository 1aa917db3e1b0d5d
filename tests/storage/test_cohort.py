"""What the cohort page may choose from."""

from __future__ import annotations

from ssa_engine.core.people import Role
from ssa_engine.storage import cohort
from ssa_engine.storage.console_tables import candidate_groups
from ssa_engine.storage.db import Database
from tests.factories import Clock, add_someone


def test_groups_of_people_without_the_discipline_are_not_offered(db: Database, clock: Clock) -> None:
    holder = add_someone(db, "holder@test.example", clock=clock)
    stranger = add_someone(db, "stranger@test.example", clock=clock, role=Role.PSYCHOMETRICIAN)
    with db.write() as connection:
        rows = [{"person_id": who.id, "grouping": "site", "value": who.email[:6]} for who in (holder, stranger)]
        connection.execute(candidate_groups.insert(), rows)
    with db.read() as connection:
        assert cohort.choices(connection, "CT") == ([], [("site", "holder")])
