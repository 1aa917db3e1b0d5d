"""The policy of a result: that in force at submission, or at the end of the clock, whoever publishes around it."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.policies import DecisionRule, IndeterminateBand, PublishedPolicy
from ssa_engine.storage import policies
from ssa_engine.storage.db import Database
from tests.actions.publishing import flat, in_force
from tests.actions.sittings import Sitting, begin, close_late, submit
from tests.factories import START, Clock, Someone

pytestmark = pytest.mark.usefixtures("published")

END = START + dt.timedelta(minutes=100)
"""When the clock of a sitting ends that began at the start: CT allows 100 minutes."""
A_MOMENT = dt.timedelta(microseconds=1)


@pytest.fixture
def sitting(db: Database, banks: Banks, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt that has just begun."""
    return begin(db, banks, clock, candidate)


def publish_second(sitting: Sitting, library: Library, effective_at: dt.datetime | None) -> None:
    """Publish version 2 of CT."""
    ct, now = library.specs["CT"], sitting.clock()
    publish(sitting.db, ct, flat(ct, 5), expected_version=1, reason="x", who="test", now=now, effective_at=effective_at)


def versions(sitting: Sitting) -> tuple[int, float]:
    """Return the policy version and the total of the result; nothing was answered, so every area is short."""
    result = sitting.result
    assert result is not None
    return result.policy_version, result.total_credits


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(A_MOMENT, (1, 36.0)), (dt.timedelta(0), (2, 35.0)), (-A_MOMENT, (2, 35.0))],
    ids=["a moment before", "at", "a moment after"],
)
def test_a_submission_around_an_effective_date_goes_by_the_policy_in_force(
    sitting: Sitting, library: Library, ahead: dt.timedelta, expected: tuple[int, float]
) -> None:
    effective_at = START + dt.timedelta(minutes=50)
    publish_second(sitting, library, effective_at)
    sitting.clock.at = effective_at - ahead
    submit(sitting)
    assert versions(sitting) == expected


@pytest.mark.parametrize("by", ["the candidate", "the clock"])
@pytest.mark.parametrize(
    ("after", "expected"),
    [(A_MOMENT, (1, 36.0)), (dt.timedelta(0), (2, 35.0)), (-A_MOMENT, (2, 35.0))],
    ids=["begins after the end", "begins at the end", "begins before the end"],
)
def test_a_time_out_goes_by_the_policy_in_force_at_the_end_of_the_clock(
    sitting: Sitting, library: Library, by: str, after: dt.timedelta, expected: tuple[int, float]
) -> None:
    publish_second(sitting, library, END + after)
    sitting.clock.at = END + dt.timedelta(hours=1)  # noticed when version 2 has long been in force
    if by == "the candidate":
        submit(sitting)
    else:
        assert close_late(sitting) == [sitting.attempt_id]
    assert versions(sitting) == expected


def test_a_policy_published_after_the_clock_ended_does_not_touch_who_is_closed_later(
    sitting: Sitting, library: Library
) -> None:
    sitting.clock.at = END + dt.timedelta(minutes=1)
    publish_second(sitting, library, None)
    assert close_late(sitting) == [sitting.attempt_id]
    assert versions(sitting) == (1, 36.0)


@pytest.mark.parametrize("ahead", [None, dt.timedelta(seconds=1)], ids=["at once", "a second later"])
def test_a_policy_does_not_begin_before_what_was_submitted_while_its_request_waited(
    sitting: Sitting, library: Library, ahead: dt.timedelta | None
) -> None:
    asked = sitting.clock()
    sitting.clock.advance(seconds=2)
    submit(sitting)
    submitted_at, ct = sitting.attempt.submitted_at, library.specs["CT"]
    assert submitted_at is not None
    begins = None if ahead is None else asked + ahead
    publish(sitting.db, ct, flat(ct, 5), expected_version=1, reason="x", who="t", now=asked, effective_at=begins)
    assert versions(sitting) == (1, 36.0)
    assert [getattr(in_force(sitting.db, at), "version", 0) for at in (submitted_at, submitted_at + A_MOMENT)] == [1, 2]
    with sitting.db.read() as connection:
        held = policies.version_of(connection, "CT", 2)
    assert held is not None
    assert (held.published_at, held.effective_at) == (asked, submitted_at + A_MOMENT)


def test_a_submission_waits_for_a_policy_that_is_being_published(sitting: Sitting, library: Library) -> None:
    ct, now = library.specs["CT"], sitting.clock()
    second = PublishedPolicy(discipline="CT", version=2, policy=flat(ct, 5))
    with ThreadPoolExecutor(1) as beside:
        with sitting.db.write() as connection:
            policies.lock(connection, "CT")
            policies.insert(connection, second, reason="x", published_by="test", at=now)
            submitting = beside.submit(submit, sitting)
            with pytest.raises(TimeoutError):
                submitting.result(timeout=1)
        submitting.result(timeout=20)
    assert versions(sitting) == (2, 35.0)


def test_what_was_decided_is_kept_with_each_area(sitting: Sitting, library: Library) -> None:
    ct = library.specs["CT"]
    bank = sitting.banks.at(sitting.attempt.bank_version)
    band = IndeterminateBand(low=0.3, high=0.7, rule="offer_only")
    policy = ct.sample_policy.model_copy(
        update={"decision": DecisionRule(rule="expected_loss", indeterminate=band), "credits": flat(ct, 2).credits}
    )
    publish(sitting.db, ct, policy, expected_version=1, reason="x", who="test", now=sitting.clock())
    wanted = dict(zip(ct.area_names, (10, 8, 7, 6, 5, 0, 9), strict=True))
    areas = [bank.area_of(bank.item(place.item_id)) for place in sitting.places]
    for place, area in zip(sitting.places, areas, strict=True):
        if bank.item(place.item_id).status == "active" and wanted[area]:
            sitting.answer(place.position, bank.item(place.item_id).key_answer)
            wanted[area] -= 1
    submit(sitting)
    result = sitting.result
    assert result is not None
    found = {area.content_area: (area.correct, area.decision, area.credits, area.sentence) for area in result.areas}
    varies = "Taking into account how much a score on 10 questions can vary"
    # P(below .7) with a uniform prior: 10: .02, 9: .11, 8: .31, 7: .57, 6: .79, 5: .92 (I_.7(x + 1, 11 - x)).
    assert [found[area] for area in ct.area_names] == [
        (10, "none", 0, ""),
        (8, "offer_only", 0, ""),
        (7, "offer_only", 0, ""),
        (6, "prescribe", 2, f"6 of 10, standard 7. {varies}, it is likely enough that this area needs strengthening, "
         "so 2 credits"),
        (5, "prescribe", 2, f"5 of 10, standard 7. {varies}, it is likely enough that this area needs strengthening, "
         "so 2 credits"),
        (0, "prescribe", 2, f"0 of 10, standard 7. {varies}, it is likely enough that this area needs strengthening, "
         "so 2 credits"),
        (9, "none", 0, ""),
    ]  # fmt: skip
    assert {area.credits_kept for area in result.areas} == {0.0}
