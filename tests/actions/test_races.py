"""Two windows of one person at the same moment: what is kept once is there once, and nobody meets a fault."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
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
from ssa_engine.storage.schema import metadata
from tests.actions.sittings import Sitting, begin, library_with, of, submit
from tests.factories import Clock, Someone, add_someone

pytestmark = pytest.mark.usefixtures("published")
AT_ONCE, TIMES = 6, 4


def at_once(job: Callable[..., Any], *arguments: Any, each: Sequence[dict[str, Any]] = (), **given: Any) -> list[Any]:
    """Run a job in several threads that begin together; return what each came to, the errors among it.

    `each`: what the job of each thread is given besides.
    """
    barrier, found = threading.Barrier(AT_ONCE), dict[int, Any]()

    def run(number: int) -> None:
        own = each[number] if each else {}
        barrier.wait()
        try:
            found[number] = job(*arguments, **given, **own)
        except Exception as error:  # noqa: BLE001 - any error is what this looks for
            found[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in range(AT_ONCE)]


def count(db: Database, table: str) -> int:
    with db.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(metadata.tables[table])).scalar_one())


@pytest.fixture
def sitting(db: Database, library: Library, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt with three breaks that has just begun."""
    return begin(db, Banks(db, library_with(library, breaks=Breaks(count=3))), clock, candidate)


def test_tools_first_used_in_several_windows_at_once_are_one_row_an_item(sitting: Sitting) -> None:
    notes = [{"note": f"{number}"} for number in range(AT_ONCE)]
    for position in range(1, TIMES + 1):
        found = at_once(sittings.use_tools, sitting.db, **sitting.mine, position=position, said="Hm.", each=notes)
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
        assert at_once(sittings.answer_survey, db, banks, **sitting.mine, posted=posted) == [None] * AT_ONCE
    assert count(db, "survey_answers") == 1


def test_wishes_and_accommodations_set_at_once_are_one_row_a_person(db: Database, clock: Clock) -> None:
    wishes = [{"display": Display(text_size=TEXT_SIZES[number % 4])} for number in range(AT_ONCE)]
    granted = [{"granted": Accommodations(extra_minutes=number + 1)} for number in range(AT_ONCE)]
    for time in range(TIMES):
        someone = add_someone(db, f"person-{time}@test.example", clock=clock)
        assert at_once(people.set_display, db, person_id=someone.id, each=wishes) == [None] * AT_ONCE
        staff = {"person_id": someone.id, "who": "staff", "now": clock()}
        assert at_once(sittings.set_accommodations, db, **staff, each=granted) == [None] * AT_ONCE
    assert (count(db, "preferences"), count(db, "accommodations")) == (TIMES, TIMES)


def test_who_confirms_and_accepts_in_several_windows_prepares_and_starts_once(
    db: Database, banks: Banks, clock: Clock
) -> None:
    tokens = [{"seed": number, "token": f"t{number}"} for number in range(AT_ONCE)]
    for time in range(TIMES):
        mine = of(add_someone(db, f"person-{time}@test.example", clock=clock), clock)
        assert at_once(preparations.confirm_identity, db, banks, **mine) == [None] * AT_ONCE
        assert at_once(preparations.answer_agreement, db, banks, **mine, accepts=True) == [True] * AT_ONCE
        started = at_once(preparations.start, db, banks, **mine, each=tokens)
        assert started == [time + 1] * AT_ONCE
    assert (count(db, "preparations"), count(db, "attempts"), count(db, "forms")) == (TIMES, TIMES, TIMES)


@pytest.mark.parametrize("verb", [breaks.take, breaks.skip], ids=["take", "skip"])
def test_a_break_pressed_in_several_windows_is_one_break(sitting: Sitting, verb: Callable[..., None]) -> None:
    tokens = [{"new_token": f"b{number}"} for number in range(AT_ONCE)]
    for done in (1, 2, 3):
        offered = sitting.attempt.reach
        assert at_once(verb, sitting.db, **sitting.mine, offered=offered, each=tokens) == [None] * AT_ONCE
        assert sitting.attempt.breaks_done == done
        breaks.end(sitting.db, **sitting.mine, new_token="e")
