"""Prescriptions, whatever the policy and the scores: equal to a slow second prescriber, and monotone."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ssa_engine.core.policies import Band, CreditRule, Policy
from ssa_engine.core.prescriptions import prescribe
from ssa_engine.core.scoring import score_areas
from tests.core.banks import policy_of
from tests.core.slow_prescriber import prescribe_slowly

AREAS = "abcde"
Counts = Mapping[str, tuple[int, int]]
tenths = st.integers(0, 60).map(lambda whole: whole / 10)
hundredths = st.integers(0, 100).map(lambda whole: whole / 100)


@st.composite
def rules(draw: st.DrawFn) -> CreditRule:
    """Draw a credit rule of any kind."""
    kind = draw(st.sampled_from(["flat", "per_item", "bands"]))
    minimum = draw(tenths)
    limits = {
        "step": draw(st.sampled_from([0.1, 0.25, 0.3, 0.5, 1.0, 2.0])),
        "area_minimum": minimum,
        "area_maximum": draw(st.none() | tenths.map(lambda more: round(minimum + more, 1))),
        "total_cap": draw(st.none() | st.integers(0, 150).map(lambda whole: whole / 10)),
    }
    if kind != "bands":
        return CreditRule.model_validate({"rule": kind, "credits": draw(tenths), **limits})
    later = sorted(draw(st.sets(st.integers(2, 12), max_size=3)))
    worth = sorted(draw(st.lists(tenths, min_size=len(later) + 1, max_size=len(later) + 1)))
    bands = [Band(short=short, credits=credits) for short, credits in zip([1, *later], worth, strict=True)]
    return CreditRule.model_validate({"rule": "bands", "bands": bands, **limits})


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw a policy; its areas stand in any order."""
    areas = draw(st.permutations(AREAS))
    rule = draw(rules())
    return Policy(standards={area: draw(hundredths) for area in areas}, credits=rule)


@st.composite
def area_counts(draw: st.DrawFn) -> Counts:
    """Draw (items, correct) of some areas."""
    chosen = draw(st.lists(st.sampled_from(AREAS), min_size=1, unique=True))
    sizes = {area: draw(st.integers(1, 14)) for area in chosen}
    return {area: (items, draw(st.integers(0, items))) for area, items in sizes.items()}


def marked_of(attempts: list[Counts]) -> pd.DataFrame:
    """Return marked responses that add up to these counts."""
    rows = [
        (number, area, True, place < correct)
        for number, counts in enumerate(attempts)
        for area, (items, correct) in counts.items()
        for place in range(items)
    ]
    return pd.DataFrame(rows, columns=["attempt_id", "content_area", "scored", "correct"])


def credits_by_area(attempts: list[Counts], policy: Policy) -> list[dict[str, float]]:
    """Return area -> credits of each attempt."""
    frame = prescribe(score_areas(marked_of(attempts), policy), policy)
    found: list[dict[str, float]] = [{} for _ in attempts]
    for number, area, credits in zip(frame["attempt_id"], frame["content_area"], frame["credits"], strict=True):
        found[number][str(area)] = float(credits)
    return found


@settings(deadline=None, max_examples=150)
@given(policies(), st.lists(area_counts(), min_size=1, max_size=4))
def test_it_equals_the_slow_prescriber(policy: Policy, attempts: list[Counts]) -> None:
    frame = prescribe(score_areas(marked_of(attempts), policy), policy)
    rows = iter(frame.to_dict("records"))
    for number, counts in enumerate(attempts):
        for area, (short, by_rule, credits) in prescribe_slowly(counts, policy).items():
            row = next(rows)
            assert (row["attempt_id"], row["content_area"], row["short"]) == (number, area, short)
            assert row["credits_by_rule"] == pytest.approx(float(by_rule), abs=1e-9)
            assert row["credits"] == pytest.approx(float(credits), abs=1e-9)
            assert row["below_standard"] == (short > 0)
    assert next(rows, None) is None


@settings(deadline=None, max_examples=150)
@given(policies(), area_counts(), st.data())
def test_one_more_correct_answer_never_raises_the_credits(policy: Policy, counts: Counts, data: st.DataObject) -> None:
    open_areas = sorted(area for area, (items, correct) in counts.items() if correct < items)
    assume(open_areas)
    area = data.draw(st.sampled_from(open_areas))
    items, correct = counts[area]
    before, after = credits_by_area([counts, {**counts, area: (items, correct + 1)}], policy)
    assert after[area] <= before[area]
    assert sum(after.values()) <= sum(before.values()) + 1e-9


@settings(deadline=None, max_examples=60)
@given(policies(), st.lists(area_counts(), min_size=1, max_size=4))
def test_the_cap_is_never_exceeded_and_filled_exactly_where_the_rules_ask_for_more(
    policy: Policy, attempts: list[Counts]
) -> None:
    cap = policy.credits.total_cap
    assume(cap is not None)
    most = float(cap or 0)
    frame = prescribe(score_areas(marked_of(attempts), policy), policy)
    totals = frame.groupby("attempt_id")[["credits", "credits_by_rule"]].sum()
    assert totals["credits"].tolist() == pytest.approx(np.minimum(totals["credits_by_rule"], most).tolist(), abs=1e-9)
    assert bool((frame["credits"] <= frame["credits_by_rule"]).all())
    assert bool((frame["credits"] >= 0).all())


@settings(deadline=None, max_examples=60)
@given(policies(), st.lists(area_counts(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_area_scores_does_not_matter(
    policy: Policy, attempts: list[Counts], chance: random.Random
) -> None:
    scores = score_areas(marked_of(attempts), policy)
    order = chance.sample(range(len(scores)), len(scores))
    shuffled = prescribe(scores.iloc[order], policy)
    pd.testing.assert_frame_equal(shuffled.sort_index(), prescribe(scores, policy))


@settings(deadline=None, max_examples=60)
@given(policies(), area_counts())
def test_nothing_is_prescribed_where_every_answer_is_correct(policy: Policy, counts: Counts) -> None:
    full = {area: (items, items) for area, (items, _) in counts.items()}
    assert set(credits_by_area([full], policy)[0].values()) == {0.0}


@given(area_counts())
def test_a_standard_of_nothing_prescribes_nothing(counts: Counts) -> None:
    policy = policy_of(dict.fromkeys(AREAS, 0.0), rule="flat", credits=3, area_minimum=1)
    assert set(credits_by_area([counts], policy)[0].values()) == {0.0}
