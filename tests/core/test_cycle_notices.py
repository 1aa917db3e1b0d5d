"""What falls due in a cycle: opening notices, the nearest reminder, the discontinuation."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.core.cycles import DueNotice, Happening, due_notices
from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.programmes import CqrRules
from tests.core.banks import RULES
from tests.core.test_cycles import REGISTRY, completed, day, found, reinstated

SOON, OPEN, DUE, OVER = (
    NoticeKind.WINDOW_OPENS_SOON,
    NoticeKind.WINDOW_OPEN,
    NoticeKind.DUE_SOON,
    NoticeKind.DISCONTINUED,
)


def told(today: dt.date, *happened: Happening, rules: CqrRules = REGISTRY) -> list[tuple[str, int | None]]:
    """Return kind and step of what falls due."""
    return [(one.kind, one.step) for one in due_notices(found(today, rules=rules, happenings=happened), today, rules)]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (day(2025, 3, 2), []),  # 91 days before 1 June 2025
        (day(2025, 3, 3), [(SOON, 90)]),
        (day(2025, 5, 1), [(SOON, 90)]),
        (day(2025, 5, 2), [(SOON, 30)]),
        (day(2025, 5, 31), [(SOON, 30)]),
        (day(2025, 6, 1), [(OPEN, None)]),
        (day(2027, 6, 1), [(OPEN, None)]),  # 366 days before 1 June 2028: 2028 is a leap year
        (day(2027, 6, 2), [(OPEN, None), (DUE, 365)]),
        (day(2027, 12, 4), [(OPEN, None), (DUE, 180)]),
        (day(2028, 3, 3), [(OPEN, None), (DUE, 90)]),
        (day(2028, 5, 2), [(OPEN, None), (DUE, 30)]),
        (day(2028, 6, 1), [(OPEN, None), (DUE, 30)]),
        (day(2028, 6, 2), [(OVER, None)]),
        (day(2031, 1, 1), [(OVER, None)]),
    ],
)
def test_of_reminders_the_nearest_that_has_fallen_due_is_told(
    today: dt.date, expected: list[tuple[str, int | None]]
) -> None:
    assert told(today) == expected


def test_who_is_complete_is_told_nothing_and_who_completed_late_is_told_of_the_discontinuation() -> None:
    assert told(day(2028, 5, 20), completed(day(2027, 1, 1))) == []
    assert told(day(2029, 1, 1), completed(day(2027, 1, 1))) == []
    assert told(day(2029, 1, 1), completed(day(2028, 12, 1))) == [(OVER, None)]
    assert told(day(2029, 1, 1), completed(day(2028, 12, 1)), reinstated(day(2028, 12, 5))) == []


def test_without_rules_of_notices_only_what_happens_is_told() -> None:
    days = (day(2025, 5, 31), day(2025, 6, 1), day(2028, 6, 1), day(2028, 6, 2))
    assert [told(one, rules=RULES) for one in days] == [[], [(OPEN, None)], [(OPEN, None)], [(OVER, None)]]


def test_a_notice_carries_the_days_its_words_are_made_of() -> None:
    def details(today: dt.date) -> list[DueNotice]:
        return due_notices(found(today, rules=REGISTRY), today, REGISTRY)

    due = {"due_on": "2028-06-01"}
    assert details(day(2025, 5, 22)) == [DueNotice(SOON, {"opens_on": "2025-06-01", **due, "days": 10}, 30)]
    assert details(day(2028, 5, 22)) == [
        DueNotice(OPEN, due),
        DueNotice(DUE, {**due, "submit_by": "2028-05-18", "days": 10}, 30),
    ]
    assert details(day(2028, 6, 2)) == [DueNotice(OVER, {"discontinued_on": "2028-06-02"})]
    late = found(day(2028, 12, 2), rules=REGISTRY, happenings=(completed(day(2028, 12, 1)),))
    assert due_notices(late, day(2028, 12, 2), REGISTRY) == [
        DueNotice(OVER, {"discontinued_on": "2028-06-02", "is_complete": True})
    ]
