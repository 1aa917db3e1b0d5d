"""Results that wait: their days where the programme is, how near the promise is, which are chosen; all by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.prescription_words import describe_release
from ssa_engine.core.programmes import CqrRules
from ssa_engine.core.releases import Choice, Held, Waiting, Which, chosen, counts_of, read_choice, waiting_results

CHICAGO = CqrRules(
    time_limited_from=None, period_years=10, window_years=3, time_zone="America/Chicago", results_days=14
)
SILENT = CqrRules(time_limited_from=None, period_years=10, window_years=3)
AT_ONCE = Policy(standards={"a": 0.7}, credits=CreditRule(rule="flat", credits=3))
ON_REQUEST = AT_ONCE.model_copy(update={"release": "on_request", "release_after_days": 30})
POLICIES = {1: ON_REQUEST, 2: AT_ONCE.model_copy(update={"release_after_days": 30})}


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+00:00")


def held(attempt: int, submitted: str, *, version: int = 1, credits: float = 0.0, person: int = 0) -> Held:
    return Held(attempt, person or 100 + attempt, at(submitted), at(submitted), version, credits)


HELD = [
    held(1, "2027-03-01T12:00:00", credits=4.5),  # promised by the 15th
    held(2, "2027-03-02T05:59:00", version=2),  # still the 1st in Chicago
    held(3, "2027-03-02T06:00:00", credits=3.0),  # the 2nd
    held(4, "2027-03-05T12:00:00", person=101),  # the 5th
    held(5, "2027-03-06T12:00:00", credits=1.0),  # the 6th
]
NOW = at("2027-03-16T12:00:00")


def waiting(rules: CqrRules = CHICAGO) -> list[Waiting]:
    return waiting_results(HELD, POLICIES, rules, NOW)


def test_days_are_those_of_the_programme_and_a_person_s_release_has_none() -> None:
    assert [one.submitted_on.day for one in waiting()] == [1, 1, 2, 5, 6]
    summer_time = dt.date(2027, 4, 1)  # 30 days later it is 00:59 in Chicago, where clocks went forward
    assert [one.release_on for one in waiting()] == [None, summer_time, None, None, None]
    assert [one.promised_by for one in waiting()] == [dt.date(2027, 3, day) for day in (15, 15, 16, 19, 20)]
    assert [one.days_left for one in waiting()] == [-1, -1, 0, 3, 4]
    assert [one.promise.value for one in waiting()] == ["late", "late", "today", "near", "in_time"]


def test_a_programme_that_promises_nothing_is_never_late() -> None:
    told = {(one.promised_by, one.days_left, one.promise.value) for one in waiting(SILENT)}
    assert told == {(None, None, "")}


def test_what_waits_is_counted() -> None:
    assert counts_of(waiting()) == {
        "results": 5,
        "people": 4,
        "with_credits": 3,
        "without_credits": 2,
        "for_a_person": 4,
        "near": 2,
        "late": 2,
    }
    assert set(counts_of([]).values()) == {0}


def test_all_those_up_to_a_day_and_single_ones_are_chosen() -> None:
    def ids(choice: Choice) -> list[int]:
        return [one.attempt_id for one in chosen(waiting(), choice)]

    assert ids(Choice()) == [1, 2, 3, 4, 5]
    assert ids(read_choice("all", "", [])) == [1, 2, 3, 4, 5]
    assert ids(read_choice("until", "2027-03-01", [])) == [1, 2]
    assert ids(read_choice("until", " 2027-03-02 ", ["5"])) == [1, 2, 3]
    assert ids(read_choice("some", "2027-03-01", ["5", "2", "2", "77"])) == [2, 5]
    assert ids(Choice(Which.UNTIL)) == []
    assert ids(read_choice("all", "", [], seen_at=at("2027-03-02T06:00:00"))) == [1, 2, 3]


@pytest.mark.parametrize(
    ("which", "until", "attempts", "sentence"),
    [
        ("", "", [], "Choose which results to release: all, those submitted up to a day, or single ones."),
        ("most", "", [], "Choose which results to release: all, those submitted up to a day, or single ones."),
        ("until", "", [], "Give the last day of submission, as 2027-03-14."),
        ("until", "14.3.2027", [], "Give the last day of submission, as 2027-03-14."),
        ("until", "0001-01-01", [], "Give the last day of submission, as 2027-03-14."),
        ("some", "", [], "No result is chosen. Tick the results to release in the table, then look again."),
        ("some", "", ["1", "٣"], "“٣” is not the number of an attempt."),
        ("some", "", ["9" * 30], f"“{'9' * 30}” is not the number of an attempt."),
    ],
)
def test_a_choice_that_cannot_be_read_is_told(which: str, until: str, attempts: list[str], sentence: str) -> None:
    with pytest.raises(Invalid) as told:
        read_choice(which, until, attempts)
    assert str(told.value) == sentence


def test_a_policy_says_when_a_result_is_released() -> None:
    submitted = at("2027-03-01T12:00:00")
    assert AT_ONCE.released_at(submitted) == submitted
    assert POLICIES[2].released_at(submitted) == at("2027-03-31T12:00:00")
    assert ON_REQUEST.released_at(submitted) is None
    assert [describe_release(one) for one in (AT_ONCE, POLICIES[2], ON_REQUEST)] == [
        "A result is released at once, when its assessment is submitted.",
        "A result is released 30 days after its assessment was submitted.",
        "A result waits until a psychometrician releases it.",
    ]
    one_day = AT_ONCE.model_copy(update={"release_after_days": 1})
    assert describe_release(one_day) == "A result is released 1 day after its assessment was submitted."


def test_a_document_without_the_key_means_what_it_meant() -> None:
    document = AT_ONCE.model_dump(mode="json", exclude={"release"})
    assert Policy.model_validate(document) == AT_ONCE
    assert Policy.model_validate({**document, "release_after_days": 14}).released_at(at("2027-03-01T12:00:00")) == (
        at("2027-03-15T12:00:00")
    )
    shown = ON_REQUEST.model_dump(mode="json", exclude_none=True)  # as `ssa policies show` prints it
    assert Policy.model_validate(shown) == ON_REQUEST
