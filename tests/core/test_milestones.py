"""The timeline of a cycle: its days in order, past and ahead, and those that a calendar is told."""

from __future__ import annotations

from dataclasses import replace

from ssa_engine.core.checklists import Standing, Work
from ssa_engine.core.milestones import deadlines, milestones
from ssa_engine.core.programmes import ClaimRules
from tests.core.works import CYCLE, RULES, day, discontinued, work


def told(found: Work) -> list[tuple[str, str, str]]:
    return [(one.on.isoformat(), "past" if one.is_past else "ahead", str(one.words)) for one in milestones(found)]


def test_a_cycle_with_a_prescription_shows_what_was_and_what_comes() -> None:
    assert told(work(Standing.PRESCRIBED)) == [
        ("2018-06-01", "past", "This period began"),
        ("2025-06-01", "past", "The window opened"),
        ("2027-03-10", "past", "You submitted your self-assessment"),
        ("2027-03-13", "past", "Your result came; prescribed: 4.5 credits"),
        ("2028-05-18", "ahead", "Report continuing education by this day"),
        ("2028-06-01", "ahead", "The window ends"),
    ]


def test_before_the_window_it_is_ahead() -> None:
    assert told(work(Standing.NOT_YET, today=day(2025, 6, 1)))[1] == ("2025-06-01", "ahead", "The window opens")
    assert told(work(Standing.NOT_YET, today=day(2025, 5, 1)))[0] == ("2018-06-01", "past", "This period began")


def test_a_result_that_is_promised_and_one_that_asks_nothing() -> None:
    assert told(work(Standing.SUBMITTED))[3] == ("2027-03-24", "ahead", "Your result is promised by this day")
    assert told(work(Standing.FILLED))[3] == ("2027-03-13", "past", "Your result came, and nothing is prescribed")


def test_a_complete_cycle_leads_to_the_next() -> None:
    assert told(work(Standing.COMPLETE)) == [
        ("2018-06-01", "past", "This period began"),
        ("2025-06-01", "past", "The window opened"),
        ("2027-03-10", "past", "You submitted your self-assessment"),
        ("2027-03-13", "past", "Your result came, and nothing is prescribed"),
        ("2027-03-14", "past", "CQR complete"),
        ("2035-06-01", "ahead", "The next window opens"),
        ("2038-06-01", "ahead", "The next window ends"),
    ]


def test_a_discontinued_cycle_says_so_and_promises_nothing() -> None:
    assert told(discontinued(Standing.OPEN)) == [
        ("2018-06-01", "past", "This period began"),
        ("2025-06-01", "past", "The window opened"),
        ("2028-05-18", "past", "The last day to report continuing education in time"),
        ("2028-06-01", "past", "The window ended"),
        ("2028-06-02", "past", "The credential was discontinued"),
    ]
    assert deadlines(discontinued(Standing.OPEN)) == ()


def test_a_period_that_began_by_reinstatement_says_so() -> None:
    found = told(work(Standing.NOT_YET, today=day(2019, 1, 1), reinstated_on=day(2018, 6, 1)))
    assert found[0] == ("2018-06-01", "past", "Your credential was reinstated, and a period began")


def test_where_nothing_has_to_be_reported_before_the_end_there_is_no_such_day() -> None:
    same = replace(CYCLE, submit_by=CYCLE.due_on)
    found = work(Standing.OPEN, rules=RULES.model_copy(update={"claims": ClaimRules()}))
    assert found.position is not None
    found = replace(found, position=replace(found.position, cycle=same))
    assert [one.kind.value for one in milestones(found)] == ["starts", "opens", "due"]


def test_what_has_no_time_limit_has_no_days() -> None:
    assert milestones(work(Standing.NOT_SUBJECT)) == ()


def test_a_calendar_is_told_what_is_ahead_alone() -> None:
    def kinds(found: Work) -> list[str]:
        return [one.kind.value for one in deadlines(found)]

    assert kinds(work(Standing.NOT_YET, today=day(2024, 1, 1))) == ["opens", "submit_by", "due"]
    assert kinds(work(Standing.OPEN)) == ["submit_by", "due"]
    assert kinds(work(Standing.PRESCRIBED, today=day(2028, 5, 18))) == ["submit_by", "due"]
    assert kinds(work(Standing.PRESCRIBED, today=day(2028, 5, 19))) == ["due"]
    assert kinds(work(Standing.COMPLETE)) == ["next_opens", "next_due"]
