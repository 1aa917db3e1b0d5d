"""A credential's life, day by day: as a clerk would keep it, and never backwards."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.cycles import CycleEvent, CycleState, Happening, add_years, discontinued_on
from ssa_engine.core.programmes import CqrRules
from tests.core.test_cycles import ONE_DAY, day, found

SHORT = CqrRules(time_limited_from=None, period_years=2, window_years=1)


def walk(earned_on: dt.date, happened: dict[dt.date, list[str]], days: int) -> list[tuple[int, str, dt.date]]:
    """Return number, state and due day of every day of a life, one day after the other, as a clerk would keep it.

    `happened`: what was tried on a day. Whatever does not apply then is left out; what did is put back into it.
    """
    number, base, due, done = 1, earned_on, add_years(earned_on, 2), ""
    days_of_life = []
    for offset in range(days):
        today, did = earned_on + dt.timedelta(days=offset), []
        if done == "in time" and today > due:
            number, due, done = number + 1, add_years(base, due.year - base.year + 2), ""
        for verb in happened.get(today, []):
            if verb == "complete" and not done and today >= add_years(base, due.year - base.year - 1):
                done = "late" if today > due else "in time"
                did.append(f"complete {number}")
            elif verb == "reinstate" and done == "late":
                did.append(f"reinstate {number}")
                number, base, due, done = number + 1, today, add_years(today, 2), ""
        happened[today] = did
        if today > due:
            state = "discontinued"
        elif done:
            state = "complete"
        else:
            state = "open" if today >= add_years(base, due.year - base.year - 1) else "not_yet"
        days_of_life.append((number, state, due))
    return days_of_life


@st.composite
def lives(draw: st.DrawFn) -> tuple[dt.date, dict[dt.date, list[str]]]:
    """The day a credential was earned, and what was tried on which days."""
    earned_on = draw(st.dates(day(2011, 1, 1), day(2020, 12, 31)))
    tries = draw(st.lists(st.tuples(st.integers(0, 3999), st.sampled_from(["complete", "reinstate"])), max_size=12))
    happened: dict[dt.date, list[str]] = {}
    for offset, verb in sorted(tries):
        happened.setdefault(earned_on + dt.timedelta(days=offset), []).append(verb)
    return earned_on, happened


@given(lives(), st.lists(st.integers(0, 3999), min_size=20, max_size=20))
def test_a_life_is_what_a_clerk_finds_who_keeps_it_day_by_day_and_never_goes_backwards(
    life: tuple[dt.date, dict[dt.date, list[str]]], chosen: list[int]
) -> None:
    earned_on, happened = life
    clerk = walk(earned_on, happened, 4000)
    kinds = {"complete": CycleEvent.COMPLETED, "reinstate": CycleEvent.REINSTATED}
    events = [
        Happening(kinds[entry.split()[0]], int(entry.split()[1]), on) for on, own in happened.items() for entry in own
    ]
    near = {(one.on - earned_on).days + beside for one in events for beside in (-1, 0, 1)}
    before = None
    for offset in sorted({0, *chosen, *(one for one in near if 0 <= one < 4000)}):
        today = earned_on + dt.timedelta(days=offset)
        stands = found(today, earned_on, SHORT, events)
        assert (stands.cycle.number, stands.state, stands.cycle.due_on) == clerk[offset], today
        assert stands == found(today, earned_on, SHORT, [one for one in events[::-1] if one.on <= today])
        assert (stands.discontinued_on is not None) == (stands.state is CycleState.DISCONTINUED)
        assert discontinued_on(stands.cycle) == stands.cycle.due_on + ONE_DAY
        order = list(CycleState)
        reached = (stands.cycle.number, order.index(stands.state))
        assert before is None or reached >= before
        before = reached
