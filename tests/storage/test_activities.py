"""Rows of the catalogue: every filter and order beside a plain pass over all activities, and few queries."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.core.activities import ANY, Activity, ActivityFormat, ActivityQuery
from ssa_engine.core.programmes import BienniumRules
from ssa_engine.storage import activities
from ssa_engine.storage.db import Database
from tests.catalogue import CHEST, DOSE, FORMATION, activity, catalogue
from tests.factories import Clock

day = dt.date
TODAY = day(2027, 3, 14)
LEFT = {DOSE: 1.0, CHEST: 0.5}
ONLY_BIENNIUM = ActivityQuery(biennium=True)


@contextmanager
def asked(db: Database) -> Iterator[list[str]]:
    """Collect the statements of a block."""
    found: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def drawn(many: int, seed: int = 1) -> list[Activity]:
    """Activities of every kind."""
    chance, areas = random.Random(seed), (DOSE, FORMATION, CHEST)
    found = []
    for number in range(many):
        starts = chance.choice((None, day(2026, 1, 1), day(2027, 3, 14), day(2027, 6, 1)))
        ends = chance.choice((None, day(2027, 3, 13), day(2027, 3, 14), day(2027, 12, 31), day(2028, 1, 1)))
        counts = {area: chance.choice((0.25, 0.5, 1.0, 2.0)) for area in areas if chance.random() < 0.4}
        found.append(
            activity(
                f"A-{number:03d}",
                counts,
                title=chance.choice(("Dose 100% explained", "Chest_CT at night", "Spine", "SPINE again")),
                sponsor=chance.choice(("Larkspur", "Harborlight")),
                format=chance.choice(list(ActivityFormat)),
                credits=8.0,
                minutes=chance.choice((30, 60, 90)),
                cost=chance.choice((0.0, 10.0, 25.5)),
                starts_on=starts,
                ends_on=max(starts, ends) if starts and ends else ends,
                mechanism=chance.choice(("Cedar", "Alder")),
                biennium=chance.random() < 0.5,
            )
        )
    return found


def fills(one: Activity) -> float:
    return sum(min(one.counts_in("CT").get(area, 0.0), credits) for area, credits in LEFT.items())


def contains(word: str) -> Callable[[Activity], bool]:
    return lambda one: word.lower() in f"{one.title}\n{one.sponsor}\n{one.code}".lower()


Keep = Callable[[Activity], bool]
QUERIES: list[tuple[ActivityQuery, Keep]] = [
    (ActivityQuery(), lambda one: True),
    (ActivityQuery(area=DOSE), lambda one: DOSE in one.counts_in("CT")),
    (ActivityQuery(text="spine"), contains("spine")),
    (ActivityQuery(text="100%"), contains("100%")),
    (ActivityQuery(text="t_c"), contains("t_c")),
    (ActivityQuery(text="larks"), contains("larks")),
    (ActivityQuery(text="a-01"), contains("a-01")),
    (ActivityQuery(format=ActivityFormat.SELF_STUDY), lambda one: one.format == "self-study"),
    (ActivityQuery(cost=10.0), lambda one: one.cost <= 10),
    (ActivityQuery(cost=0.0), lambda one: one.cost == 0),
    (ActivityQuery(least=60.0), lambda one: one.minutes >= 60),
    (ActivityQuery(most=60.0), lambda one: one.minutes <= 60),
    (
        ActivityQuery(on=day(2027, 6, 1)),
        lambda one: (one.starts_on or day.min) <= day(2027, 6, 1) <= (one.ends_on or day.max),
    ),
    (ActivityQuery(biennium=True), lambda one: one.biennium and one.mechanism == "Cedar"),
    (ActivityQuery(sponsor="Larkspur"), lambda one: one.sponsor == "Larkspur"),
    (
        ActivityQuery(area=CHEST, cost=25.0, biennium=True, sort="cost"),
        lambda one: CHEST in one.counts_in("CT") and one.cost <= 25 and one.biennium and one.mechanism == "Cedar",
    ),
    (ActivityQuery(sort="minutes"), lambda one: True),
]
ORDERS: dict[str, Callable[[Activity], Any]] = {
    "fills": lambda one: (-fills(one), one.cost, one.minutes, one.code),
    "cost": lambda one: (one.cost, -fills(one), one.minutes, one.code),
    "minutes": lambda one: (one.minutes, -fills(one), one.cost, one.code),
}


def pages_of(db: Database, wanted: ActivityQuery, left: dict[str, float]) -> list[str]:
    """The codes of all pages, one after the other."""
    codes: list[str] = []
    with db.read() as connection:
        for page in range(1, 50):
            asks = ActivityQuery(**{**{name: getattr(wanted, name) for name in ActivityQuery.__slots__}, "page": page})
            found = activities.search(connection, asks, "CT", left, TODAY, mechanisms=("Cedar",))
            assert found.page == page
            codes += [one.code for one in found.activities]
            if page == found.pages:
                assert found.count == len(codes)
                return codes
    raise AssertionError("too many pages")


def test_every_filter_and_order_agrees_with_a_pass_over_all(db: Database, clock: Clock) -> None:
    rows = drawn(150)
    catalogue(db, clock, *rows)
    offered = [one for one in rows if one.ends_on is None or one.ends_on >= TODAY]
    for wanted, keep in QUERIES:
        expected = sorted((one for one in offered if fills(one) and keep(one)), key=ORDERS[wanted.sort])
        assert pages_of(db, wanted, LEFT) == [one.code for one in expected], wanted
        assert expected, wanted
    every = sorted(offered, key=ORDERS["cost"])
    assert pages_of(db, ActivityQuery(area=ANY, sort="cost"), LEFT) == [one.code for one in every]


def test_where_nothing_is_open_the_whole_catalogue_is_looked_at(db: Database, clock: Clock) -> None:
    rows = [activity("A-1", {DOSE: 1.0}, cost=5.0), activity("A-2", cost=1.0)]
    catalogue(db, clock, *rows)
    assert pages_of(db, ActivityQuery(), {}) == ["A-2", "A-1"]


def test_the_search_and_the_activity_agree_on_what_serves_the_biennium(db: Database, clock: Clock) -> None:
    """What nobody evaluated serves none, also where no mechanism is named."""
    rows = [activity(f"A-{name}", {DOSE: 1.0}, mechanism=name) for name in ("", "Alder", "Cedar")]
    rows.append(activity("A-not", {DOSE: 1.0}, biennium=False))
    catalogue(db, clock, *rows)
    for mechanisms, codes in (((), ["A-Alder", "A-Cedar"]), (("Cedar",), ["A-Cedar"])):
        with db.read() as connection:
            found = activities.search(connection, ONLY_BIENNIUM, "CT", LEFT, TODAY, mechanisms=mechanisms)
        assert [one.code for one in found.activities] == codes
        assert [one.code for one in rows if one.serves(BienniumRules(mechanisms=mechanisms))] == codes


@pytest.mark.parametrize("many", [3, 60])
def test_a_search_takes_three_queries_however_many_there_are(db: Database, clock: Clock, many: int) -> None:
    catalogue(db, clock, *drawn(many))
    with db.read() as connection, asked(db) as statements:
        activities.search(connection, ActivityQuery(page=2), "CT", LEFT, TODAY)
    assert len([one for one in statements if one.lstrip().upper().startswith("SELECT")]) == 3


def test_what_is_read_is_what_was_written(db: Database, clock: Clock) -> None:
    both = {"CT": {DOSE: 0.5, CHEST: 0.25}, "RAD": {"extremity": 2.0}}
    one = activity(
        distribution=both, url="https://a.example.org/1", ends_on=day(2028, 1, 1), format=ActivityFormat.JOURNAL
    )
    ids = catalogue(db, clock, one)
    with db.read() as connection:
        read = activities.get(connection, ids["A-1"])
        assert read == activities.by_code(connection, "A-1") == activities.of_ids(connection, [ids["A-1"]])[0]
        assert (activities.get(connection, 987654), activities.by_code(connection, "A-2")) == (None, None)
    assert read is not None
    assert {name: getattr(read, name) for name in Activity.__slots__ if name != "id"} == {
        name: getattr(one, name) for name in Activity.__slots__ if name != "id"
    }


def test_what_fills_an_area_is_what_is_offered_and_not_over(db: Database, clock: Clock) -> None:
    catalogue(
        db,
        clock,
        activity("A-1", {DOSE: 1.0}),
        activity("A-2", {CHEST: 1.0}),
        activity("A-3", {DOSE: 1.0}, ends_on=day(2027, 3, 13)),
        activity("A-4", {DOSE: 1.0}, ends_on=TODAY),
        activity("A-5", distribution={"RAD": {DOSE: 1.0}}),
    )
    with db.read() as connection:
        assert [one.code for one in activities.that_fill(connection, "CT", {DOSE}, TODAY)] == ["A-1", "A-4"]
        assert activities.that_fill(connection, "CT", set(), TODAY) == []
        assert activities.sponsors(connection, TODAY) == ["Harborlight Imaging Education"]


def test_what_begins_too_late_is_found_only_among_all(db: Database, clock: Clock) -> None:
    rows = [activity(f"A-{day}", {DOSE: 1.0}, starts_on=dt.date(2028, 5, day)) for day in (18, 19)]
    catalogue(db, clock, *rows)

    def found(area: str, left: dict[str, float]) -> list[str]:
        with db.read() as connection:
            last = dt.date(2028, 5, 18)
            page = activities.search(connection, ActivityQuery(area=area), "CT", left, TODAY, last_day=last)
        return [one.code for one in page.activities]

    assert found("", LEFT) == found(DOSE, LEFT) == found("", {}) == ["A-18"]
    assert found(ANY, LEFT) == ["A-18", "A-19"]
