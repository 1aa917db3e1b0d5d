"""What sets two policies apart."""

from __future__ import annotations

from ssa_engine.core.policies import Augmentation, Band, CreditRule, DecisionRule, IndeterminateBand, Policy
from ssa_engine.core.policy_drafts import Difference, compare

BEFORE = Policy(standards={"a": 0.7, "b": 0.6}, credits=CreditRule(rule="flat", credits=3, total_cap=9))


def changed(**changes: object) -> Policy:
    """Return the policy with changes."""
    return BEFORE.model_copy(update=changes)


def test_policies_that_say_the_same_do_not_differ() -> None:
    assert compare(BEFORE, BEFORE) == []
    assert compare(BEFORE, changed(standards={"b": 0.6, "a": 0.7})) == []


def test_standards_differ_area_by_area_in_the_new_order() -> None:
    found = compare(BEFORE, changed(standards={"c": 0.5, "b": 0.65}))
    assert found == [
        Difference("standards", "c", None, 0.5),
        Difference("standards", "b", 0.6, 0.65),
        Difference("standards", "a", 0.7, None),
    ]


def test_rules_differ_field_by_field() -> None:
    bands = CreditRule(rule="bands", bands=(Band(short=1, credits=3),), total_cap=12)
    rule = DecisionRule(rule="expected_loss", indeterminate=IndeterminateBand(low=0.4, high=0.6, rule="offer_only"))
    found = compare(BEFORE, changed(credits=bands, decision=rule, release_after_days=14, record="The panel of May"))
    assert found == [
        Difference("decision", "rule", "raw", "expected_loss"),
        Difference("decision", "indeterminate", None, {"low": 0.4, "high": 0.6, "rule": "offer_only"}),
        Difference("credits", "rule", "flat", "bands"),
        Difference("credits", "credits", 3, None),
        Difference("credits", "bands", [], [{"short": 1, "credits": 3}]),
        Difference("credits", "total_cap", 9, 12),
        Difference("release_after_days", "", 0, 14),
        Difference("record", "", "", "The panel of May"),
    ]


def test_who_releases_results_is_said() -> None:
    assert compare(BEFORE, changed(release="on_request")) == [Difference("release", "", "after_days", "on_request")]


def test_a_population_that_comes_or_goes_is_said() -> None:
    population = Augmentation(
        areas=("a",), means=(0.7,), true_covariance=((0.03,),), error_variances=(0.2,), source="May"
    )
    names = [(one.part, one.name) for one in compare(BEFORE, changed(augmentation=population))]
    assert names == [
        ("augmentation", name) for name in ("areas", "means", "true_covariance", "error_variances", "source")
    ]
    assert compare(changed(augmentation=population), BEFORE)[-1] == Difference("augmentation", "source", "May", None)
