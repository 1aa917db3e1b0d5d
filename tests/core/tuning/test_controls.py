"""The controls of the tuning page: what is not touched stays, what is sent is read, what cannot be used is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Band, DecisionRule, IndeterminateBand, Policy
from ssa_engine.core.scoring import needed
from ssa_engine.core.tuning.controls import area_controls, in_other_unit, policy_of
from tests.core.banks import policy_of as sample
from tests.core.test_prescription_properties import policies
from tests.core.tuning.test_credits import decision_rules

COUNTS = {"a": 10, "b": 8}
BASE = sample({"a": 0.66, "b": 0.7}, rule="bands", bands=[Band(short=1, credits=3), Band(short=3, credits=4.5)])


def changed(**fields: str | list[str]) -> Policy:
    sent = {name.replace("__", "."): [value] if isinstance(value, str) else value for name, value in fields.items()}
    return policy_of(sent, BASE, COUNTS)


def test_nothing_sent_changes_nothing() -> None:
    assert changed() == BASE


def test_a_standard_is_moved_in_items_and_kept_where_it_means_the_same() -> None:
    # .66 of 10 needs 7; so does 7 of 10, and the draft keeps its own proportion.
    assert changed(standard__a="7").standards == {"a": 0.66, "b": 0.7}
    assert changed(standard__a="8", standard__b="4").standards == {"a": 0.8, "b": 0.5}
    assert changed(standard__a="0,68", unit="proportion").standards["a"] == 0.68
    assert [(one.content_area, one.needed, one.of) for one in area_controls(BASE, COUNTS)] == [
        ("a", 7, 10),
        ("b", 6, 8),
    ]


def test_rules_bands_and_limits_are_read() -> None:
    assert changed(short=["1", "2", ""], worth=["2", "4", ""]).credits.bands == (
        Band(short=1, credits=2),
        Band(short=2, credits=4),
    )
    flat = changed(rule="flat", credits="2,5", step="0.25", area_minimum="", area_maximum="4", total_cap="").credits
    assert (flat.rule, flat.credits, flat.step, flat.area_minimum, flat.area_maximum) == ("flat", 2.5, 0.25, 0.0, 4.0)
    assert flat.total_cap is None
    rule = changed(decision="expected_loss", loss_ratio="2", inside="offer_only", low="0.2", high="0.5").decision
    assert rule == DecisionRule(
        rule="expected_loss", loss_ratio=2.0, indeterminate=IndeterminateBand(low=0.2, high=0.5, rule="offer_only")
    )
    assert changed(inside="").decision.indeterminate is None
    assert changed(release_after_days="14").release_after_days == 14
    assert changed(release="on_request").release == "on_request"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"standard__a": "11"}, "a: 11 items cannot be needed of 10. Give a whole number from 0 to 10."),
        ({"standard__a": "7.5"}, "a: 7.5 items cannot be needed of 10. Give a whole number from 0 to 10."),
        ({"standard__a": "1.2", "unit": "proportion"}, "a: 1.2 is no proportion. Give a number from 0 to 1."),
        ({"standard__a": ""}, "a: “” is not a number. Give a number such as 2 or 0.5."),
        ({"loss_ratio": "nan"}, "Loss ratio: “nan” is not a number. Give a number such as 2 or 0.5."),
        ({"loss_ratio": "0"}, "Loss ratio: give a number above 0."),
        ({"step": ""}, "Round up to is empty. Give a number."),
        (
            {"short": ["2"], "worth": ["3"]},
            "The first band must begin at 1 item short, else the smallest gap has no rule.",
        ),
        ({"short": ["1.5"], "worth": ["3"]}, "From items short: 1.5 is not a whole number. Give one."),
        ({"rule": "flat", "credits": ""}, "Credits is empty. Give a number."),
        ({"area_minimum": "5", "area_maximum": "2"}, "“Most in an area” is below “Least in an area”."),
        ({"release_after_days": "1.5"}, "Days until release: 1.5 is not a whole number. Give one."),
        ({"release": "soon"}, "Results are released: choose one of the list."),
        ({"rule": "else", "credits": "1"}, "Rule: choose one of the list."),
        ({"rule": "per_item", "credits": ""}, "Credits is empty. Give a number."),
        ({"rule": "flat", "credits": "-1"}, "Credits: give a number of at least 0."),
        ({"short": ["1"], "worth": ["-1"]}, "Credits of a band: give a number of at least 0."),
        ({"short": [""], "worth": [""]}, "This rule needs bands. Give at least one."),
        ({"decision": "else"}, "Decision rule: choose one of the list."),
        ({"inside": "else"}, "Indeterminate band: choose one of the list."),
        (
            {"inside": "prescribe", "low": "0.7", "high": "0.3"},
            "“Band from” (0.7) must be less than “Band to” (0.3).",
        ),
        ({"inside": "prescribe", "low": "0.3", "high": "1.5"}, "Band to: give a number of at most 1."),
        ({"release_after_days": "-1"}, "Days until release: give a number of at least 0."),
    ],
)
def test_what_cannot_be_used_is_named_in_one_sentence(fields: dict[str, str | list[str]], sentence: str) -> None:
    with pytest.raises(Invalid) as told:
        changed(**fields)
    assert str(told.value) == sentence


@pytest.mark.parametrize("sent", ["6.5", ""])
def test_a_standard_that_cannot_be_used_is_named_as_on_the_page(sent: str) -> None:
    with pytest.raises(Invalid, match=r"^Neck and Chest: "):
        policy_of({"standard.a": [sent]}, BASE, COUNTS, {"a": "Neck and Chest", "b": "Heart"})


@settings(deadline=None, max_examples=80)
@given(policies(), decision_rules())
def test_the_fields_of_a_policy_read_back_as_the_same_policy(policy: Policy, rule: DecisionRule) -> None:
    policy = policy.model_copy(update={"decision": rule})
    counts = dict.fromkeys(policy.standards, 10)
    credits, band = policy.credits, rule.indeterminate
    fields = {f"standard.{area}": [str(needed(standard, 10))] for area, standard in policy.standards.items()}
    fields |= {
        "short": [str(one.short) for one in credits.bands],
        "worth": [f"{one.credits:g}" for one in credits.bands],
    }
    single = {
        "rule": credits.rule,
        "credits": credits.credits,
        "step": credits.step,
        "area_minimum": credits.area_minimum,
        "area_maximum": credits.area_maximum,
        "total_cap": credits.total_cap,
        "decision": rule.rule,
        "loss_ratio": rule.loss_ratio,
        "inside": band.rule if band else "",
        "low": band.low if band else 0.1,
        "high": band.high if band else 0.9,
    }
    fields |= {name: ["" if value is None else str(value)] for name, value in single.items()}
    other = policy.model_copy(update={"credits": sample({"a": 0.1}).credits, "decision": DecisionRule()})
    assert policy_of(fields, other, counts) == policy


def test_standards_go_over_into_the_other_unit_and_all_else_stays() -> None:
    base = sample({"a": 0.7, "b": 0.5}, rule="flat", credits=3)
    sent = {"standard.a": ["9"], "standard.b": ["x"], "unit": ["items"], "step": ["0.25"], "short": ["1", "3"]}
    there = in_other_unit(sent, base, {"a": 10, "b": 4})
    assert there == sent | {"standard.a": ["0.9"], "unit": ["proportion"]}
    assert in_other_unit(there | {"standard.a": ["0.81"]}, base, {"a": 10, "b": 4}) == sent
