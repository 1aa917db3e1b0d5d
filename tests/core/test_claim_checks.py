"""What a reviewer reads beside a claim: rules in words, and what it fills, worked by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.claim_checks import (
    MORE_REASONS,
    READY,
    REJECT_REASONS,
    AreaEffect,
    checks,
    effects,
    without,
)
from ssa_engine.core.claims import Claim, ClaimState
from ssa_engine.core.cycles import position
from ssa_engine.core.ledger import Ledger, ledger
from ssa_engine.core.programmes import ClaimRules, CqrRules

RULES = CqrRules(
    time_limited_from=None, period_years=10, window_years=3, time_zone="America/Chicago",
    claims=ClaimRules(submit_by_days=14),
)  # fmt: skip
EARNED = dt.date(2018, 6, 1)
"""Due on 1 June 2028; the last day to submit is 18 May 2028."""
ISSUED = dt.date(2027, 3, 14)


def claim(number: int = 1, **changes: Any) -> Claim:
    submitted = dt.datetime(2027, 4, 2, 12, tzinfo=dt.UTC)
    made = Claim(
        number, 1, None, "Dose in practice", "Harborlight", 2.5, dt.date(2027, 4, 1), {"dose": 2.0},
        ClaimState.REPORTED, 1, submitted, submitted, None,
    )  # fmt: skip
    return replace(made, **changes)


def checked(one: Claim, *others: Claim) -> list[tuple[bool, str]]:
    found = position(dt.date(2027, 4, 2), EARNED, RULES)
    told = checks(one, issued_on=ISSUED, position=found, rules=RULES, own=[one, *others])
    return [(each.is_met, str(each.sentence)) for each in told]


def test_a_sound_claim_meets_each_rule_in_words() -> None:
    assert checked(claim()) == [
        (True, "Finished on 1 April 2027, not before the prescription was issued on 14 March 2027."),
        (True, "Submitted on 2 April 2027, by the submit-by day 18 May 2028."),
        (True, "Not used before for this prescription."),
    ]


def test_what_was_finished_before_the_prescription_or_used_before_is_said() -> None:
    used = claim(7, title="DOSE  in practice", state=ClaimState.APPROVED)
    early = claim(finished_on=dt.date(2027, 3, 13))
    assert checked(early, used) == [
        (False, "Finished on 13 March 2027, before the prescription was issued on 14 March 2027."),
        (True, "Submitted on 2 April 2027, by the submit-by day 18 May 2028."),
        (False, "Used before: claim 7, reported on 2 April 2027."),
    ]
    assert checked(claim(finished_on=ISSUED))[0][0]
    assert checked(claim(), claim(8, state=ClaimState.REJECTED))[2][0]


def test_the_submit_by_day_ends_where_the_programme_is() -> None:
    """At 04:30 UTC of 19 May it is still 18 May in Chicago; at 05:30 it is not."""
    in_time = claim(reported_at=dt.datetime(2028, 5, 19, 4, 30, tzinfo=dt.UTC))
    late = claim(reported_at=dt.datetime(2028, 5, 19, 5, 30, tzinfo=dt.UTC))
    assert [checked(one)[1] for one in (in_time, late)] == [
        (True, "Submitted on 18 May 2028, by the submit-by day 18 May 2028."),
        (False, "Submitted on 19 May 2028, after the submit-by day 18 May 2028."),
    ]


def test_what_was_asked_for_and_came_after_the_submit_by_day_makes_no_claim_late() -> None:
    mended = claim(submitted_at=dt.datetime(2028, 5, 25, 12, tzinfo=dt.UTC))
    assert checked(mended)[1] == (True, "Submitted on 2 April 2027, by the submit-by day 18 May 2028.")


def test_what_was_finished_after_the_submit_by_day_is_told_to_a_reviewer_though_it_was_reported_by_then() -> None:
    reported = claim(reported_at=dt.datetime(2028, 5, 18, 12, tzinfo=dt.UTC))
    in_time = (True, "Submitted on 18 May 2028, by the submit-by day 18 May 2028.")
    days = (dt.date(2028, 5, 18), dt.date(2028, 5, 19), dt.date(2028, 6, 1), dt.date(2028, 6, 2))
    assert [checked(replace(reported, finished_on=day))[1:-1] for day in days] == [
        [in_time],
        [in_time, (False, "Finished on 19 May 2028, after the submit-by day 18 May 2028.")],
        [in_time, (False, "Finished on 1 June 2028, after the submit-by day 18 May 2028.")],
        [in_time, (False, "Finished on 2 June 2028, after the window ends.")],
    ]


def test_a_programme_without_the_rule_does_not_check_it() -> None:
    rules = RULES.model_copy(update={"claims": ClaimRules(only_after_prescription=False)})
    told = checks(claim(), issued_on=ISSUED, position=None, rules=rules, own=[])
    assert [str(one.sentence) for one in told] == ["Not used before for this prescription."]


PRESENT = ledger({"dose": 4.0, "form": 2.0}, [{"dose": 3.0, "chest": 1.0}], [{"dose": 2.0}, {"dose": 1.0, "form": 1.0}])
"""Filled 3 of 4 and 0 of 2; claim 1 carries 2 in dose, claim 2 carries 1 in dose and 1 in form."""


def test_what_waits_beside_a_claim_is_what_other_claims_carry() -> None:
    other = claim(2, distribution={"dose": 1.0, "form": 1.0})
    beside = without(PRESENT, claim(), [claim(), other])
    assert {area: (fill.filled, fill.waiting, fill.open) for area, fill in beside.areas.items()} == {
        "dose": (3.0, 1.0, 1.0),
        "form": (0.0, 1.0, 2.0),
    }
    assert beside.elsewhere == {"chest": 1.0}


def test_a_claim_fills_what_is_open_and_the_rest_is_surplus() -> None:
    beside = without(PRESENT, claim(), [claim()])
    given = {"form": 1.5, "dose": 2.0, "neck": 0.5}
    assert effects(("neck", "dose", "form", "chest"), given, beside) == [
        AreaEffect("neck", 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.5, 0.0),
        AreaEffect("dose", 4.0, 3.0, 0.0, 1.0, 2.0, 1.0, 1.0, 0.0),
        AreaEffect("form", 2.0, 0.0, 0.0, 2.0, 1.5, 1.5, 0.0, 0.5),
    ]
    assert [one.area for one in effects(("neck", "dose", "form", "chest"), {}, beside, every=True)] == [
        "neck",
        "dose",
        "form",
        "chest",
    ]


def test_an_approved_claim_is_shown_as_if_it_came_last() -> None:
    approved = claim(state=ClaimState.APPROVED, distribution={"dose": 2.0})
    present = ledger({"dose": 4.0}, [{"dose": 5.0}])
    [found] = effects(("dose",), approved.distribution, without(present, approved, [approved]))
    assert (found.filled, found.open, found.fills, found.surplus, found.open_after) == (3.0, 1.0, 1.0, 1.0, 0.0)


AMOUNTS = st.floats(0.25, 20).map(lambda value: round(value * 4) / 4)


@given(st.dictionaries(st.sampled_from("abc"), AMOUNTS), st.dictionaries(st.sampled_from("abcd"), AMOUNTS),
       st.dictionaries(st.sampled_from("abcd"), AMOUNTS))  # fmt: skip
def test_nothing_is_filled_beyond_what_is_open_and_nothing_given_is_lost(
    prescribed: dict[str, float], awarded: dict[str, float], given: dict[str, float]
) -> None:
    present: Ledger = ledger(prescribed, [awarded])
    found = effects("abcd", given, present)
    assert {one.area: one.given for one in found if one.given} == given
    for one in found:
        assert one.fills + one.surplus == one.given
        assert 0 <= one.fills <= one.open
        assert one.open_after == one.open - one.fills


def test_every_reason_that_is_ready_has_a_name_of_its_own_and_is_a_sentence() -> None:
    reasons = (*REJECT_REASONS, *MORE_REASONS)
    assert len(READY) == len(reasons) >= 10
    assert [one.name for one in reasons if not str(one.sentence).endswith(".")] == []
