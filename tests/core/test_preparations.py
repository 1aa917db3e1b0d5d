"""Before the first item: which step comes next, and what a refusal or a time-out leaves."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.core.delivery import Agreement, Delivery
from ssa_engine.core.preparations import Outcome, Preparation, Step, next_step

BEGAN = dt.datetime(2027, 3, 14, 14, 0, tzinfo=dt.UTC)
AGREE_BY = BEGAN + dt.timedelta(minutes=5)
MOMENT = dt.timedelta(microseconds=1)
FULL = Delivery(agreement=Agreement(minutes=5, text="Hand nothing on."))
NO_AGREEMENT = Delivery()
NOTHING = Delivery(confirm_identity=False)
AGREEMENT_ALONE = Delivery(confirm_identity=False, agreement=Agreement(text="Hand nothing on."))


def preparation(
    *, agreed: bool = False, outcome: Outcome | None = None, agree_by: dt.datetime | None = AGREE_BY
) -> Preparation:
    return Preparation(1, BEGAN, agree_by, BEGAN + dt.timedelta(minutes=1) if agreed else None, outcome)


@pytest.mark.parametrize(
    ("delivery", "latest", "now", "step"),
    [
        (FULL, None, BEGAN, Step.IDENTITY),
        (FULL, preparation(), BEGAN, Step.AGREEMENT),
        (FULL, preparation(), AGREE_BY - MOMENT, Step.AGREEMENT),
        (FULL, preparation(), AGREE_BY, Step.IDENTITY),
        (FULL, preparation(agreed=True), BEGAN + dt.timedelta(days=30), Step.READY),
        (FULL, preparation(outcome=Outcome.REFUSED), BEGAN, Step.IDENTITY),
        (FULL, preparation(outcome=Outcome.TIMED_OUT), AGREE_BY, Step.IDENTITY),
        (FULL, preparation(agreed=True, outcome=Outcome.STARTED), BEGAN, Step.IDENTITY),
        (NO_AGREEMENT, None, BEGAN, Step.IDENTITY),
        (NO_AGREEMENT, preparation(agree_by=None), BEGAN + dt.timedelta(days=30), Step.READY),
        (AGREEMENT_ALONE, None, BEGAN, Step.IDENTITY),
        (NOTHING, None, BEGAN, Step.READY),
        (NOTHING, preparation(outcome=Outcome.STARTED, agree_by=None), BEGAN, Step.READY),
    ],
)
def test_the_step_that_comes_next(delivery: Delivery, latest: Preparation | None, now: dt.datetime, step: Step) -> None:
    assert next_step(delivery, latest, now) is step


@pytest.mark.parametrize(
    ("now", "left", "timed_out"),
    [
        (BEGAN, 300, False),
        (BEGAN + dt.timedelta(seconds=0.5), 299, False),
        (AGREE_BY - MOMENT, 0, False),
        (AGREE_BY, 0, True),
        (AGREE_BY + dt.timedelta(hours=1), 0, True),
    ],
)
def test_the_time_to_accept_is_counted_from_the_confirmation(now: dt.datetime, left: int, timed_out: bool) -> None:
    assert (preparation().seconds_to_agree(now), preparation().has_timed_out(now)) == (left, timed_out)


@pytest.mark.parametrize("done", [preparation(agreed=True), preparation(agree_by=None)])
def test_what_was_accepted_or_has_nothing_to_accept_never_times_out(done: Preparation) -> None:
    later = AGREE_BY + dt.timedelta(days=1)
    assert (done.seconds_to_agree(later), done.has_timed_out(later)) == (None, False)
