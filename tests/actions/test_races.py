"""Two windows of one person at the same moment: what is kept once is there once, and nobody meets a fault."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.actions import breaks, people, preparations, sittings
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.delivery import Breaks
from ssa_engine.core.display import TEXT_SIZES, Display
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import metadata
from tests.actions.sittings import Sitting, begin, library_with, of, submit
from tests.factories import Clock, Someone, add_someone

pytestmark = pytest.mark.usefixtures("published")
AT_ONCE, TIMES = 6, 4


def at_once(job: Callable[[int], Any]) -> list[Any]:
    """Run a job in several threads that begin together; return what each came to, the errors among it."""
    barrier, found = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def run(number: int) -> None:
        barrier.wait()
        try:
            found[number] = job(number)
        except Exception as error:  # noqa: BLE001 - any error is what this looks for
            found[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def count(db: Database, table: str) -> int:
    with db.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(metadata.tables[table])).scalar_one())


@pytest.fixture
def sitting(db: Database, library: Library, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt with three breaks that has just begun."""
    return begin(db, Banks(db, library_with(library, breaks=Breaks(count=3))), clock, candidate)


def test_tools_first_used_in_several_windows_at_once_are_one_row_an_item(sitting: Sitting) -> None:
    for position in range(1, TIMES + 1):
        own = {**sitting.mine, "position": position}
        found = at_once(lambda number, own=own: sittings.use_tools(sitting.db, **own, note=f"{number}", said="Hm."))
        assert found == [None] * AT_ONCE
        assert sitting.places[position - 1].note in map(str, range(AT_ONCE))
    assert (count(sitting.db, "item_tools"), count(sitting.db, "comments")) == (TIMES, TIMES)


def test_the_survey_sent_twice_at_once_is_kept_once(
    db: Database, banks: Banks, clock: Clock, candidate: Someone
) -> None:
    sitting = begin(db, banks, clock, candidate)
    submit(sitting)
    for time in range(TIMES):
        posted = {"remarks": f"Time {time}"}
        found = at_once(
            lambda _, posted=posted: sittings.answer_survey(sitting.db, sitting.banks, **sitting.mine, posted=posted)
        )
        assert found == [None] * AT_ONCE
    assert count(sitting.db, "survey_answers") == 1


def test_wishes_and_accommodations_set_at_once_are_one_row_a_person(db: Database, clock: Clock) -> None:
    for time in range(TIMES):
        someone = add_someone(db, f"person-{time}@test.example", clock=clock)
        found = at_once(
            lambda number, someone=someone: people.set_display(
                db, person_id=someone.id, display=Display(text_size=TEXT_SIZES[number % 4])
            )
        )
        found += at_once(
            lambda number, someone=someone: sittings.set_accommodations(
                db, person_id=someone.id, granted=Accommodations(extra_minutes=number + 1), who="staff", now=clock()
            )
        )
        assert found == [None] * 2 * AT_ONCE
    assert (count(db, "preferences"), count(db, "accommodations")) == (TIMES, TIMES)


def test_who_confirms_and_accepts_in_several_windows_prepares_and_starts_once(
    db: Database, banks: Banks, clock: Clock
) -> None:
    for time in range(TIMES):
        mine = of(add_someone(db, f"person-{time}@test.example", clock=clock), clock)
        assert at_once(lambda _, mine=mine: preparations.confirm_identity(db, banks, **mine)) == [None] * AT_ONCE
        accepted = at_once(lambda _, mine=mine: preparations.answer_agreement(db, banks, **mine, accepts=True))
        assert accepted == [True] * AT_ONCE
        started = at_once(
            lambda number, mine=mine: preparations.start(db, banks, **mine, seed=number, token=f"t{number}")
        )
        assert started == [started[0]] * AT_ONCE
    assert (count(db, "preparations"), count(db, "attempts"), count(db, "forms")) == (TIMES, TIMES, TIMES)


@pytest.mark.parametrize("verb", [breaks.take, breaks.skip], ids=["take", "skip"])
def test_a_break_pressed_in_several_windows_is_one_break(sitting: Sitting, verb: Callable[..., None]) -> None:
    for done in (1, 2, 3):
        offered = sitting.attempt.reach
        mine = sitting.mine
        found = at_once(
            lambda number, mine=mine, offered=offered: verb(sitting.db, **mine, new_token=f"b{number}", offered=offered)
        )
        assert found == [None] * AT_ONCE
        assert sitting.attempt.breaks_done == done
        breaks.end(sitting.db, **mine, new_token="e")
