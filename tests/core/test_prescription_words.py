"""The words: why an area has its credits, under each rule, and what the rules say."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from ssa_engine.core.policies import Band, CreditRule, Decision, DecisionRule, IndeterminateBand
from ssa_engine.core.prescription_words import describe_decision, describe_rule, explain

VARIES = "Taking into account how much a score on 10 questions can vary"
OTHERS = "Taking your answers in the other content areas into account"
DIFFICULTY = "Taking into account how difficult your questions were and all your answers to them"
LIKELY = "it is likely enough that this area needs strengthening"


@pytest.mark.parametrize(
    ("points", "credits", "by_rule", "sentence"),
    [
        (6.5, 3.0, 3.0, "6.5 of 10, standard 7, so 3 credits"),
        (8 / 3, 6.0, 6.0, "2.67 of 10, standard 7, so 6 credits"),
        (6, 3.0, 3.0, "6 of 10, standard 7, so 3 credits"),
        (6, 1.0, 1.0, "6 of 10, standard 7, so 1 credit"),
        (2, 4.5, 4.5, "2 of 10, standard 7, so 4.5 credits"),
        (7, 0.0, 0.0, "7 of 10, standard 7, so no credits"),
        (10, 0.0, 0.0, "10 of 10, standard 7, so no credits"),
        (5, 1.0, 3.0, "5 of 10, standard 7, so 3 credits, held to 1 credit by the total limit"),
        (5, 0.0, 3.0, "5 of 10, standard 7, so 3 credits, held to 0 credits by the total limit"),
    ],
)
def test_the_sentence_says_how_the_credits_came_about(
    points: float, credits: float, by_rule: float, sentence: str
) -> None:
    said = explain(items=10, points=points, standard=7, below=points < 7, credits=credits, credits_by_rule=by_rule)
    assert said == sentence


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        (CreditRule(rule="flat", credits=3), ["An area below its standard is worth 3 credits."]),
        (CreditRule(rule="per_item", credits=1), ["Each question short of the standard is worth 1 credit."]),
        (
            CreditRule(rule="bands", bands=(Band(short=1, credits=3), Band(short=3, credits=4.5)), total_cap=36),
            [
                "Credits follow how many questions an area is short of its standard: from 1 short, 3 credits; from 3 "
                "short, 4.5 credits.",
                "All areas together are never more than 36 credits, largest gap first.",
            ],
        ),
    ],
)
def test_a_rule_is_said_in_plain_sentences(rule: CreditRule, sentences: list[str]) -> None:
    assert [str(sentence) for sentence in describe_rule(rule)] == sentences


@pytest.mark.parametrize(
    ("rule", "points", "decision", "credits", "sentence"),
    [
        ("expected_loss", 6, "prescribe", 3.0, f"6 of 10, standard 7. {VARIES}, {LIKELY}, so 3 credits"),
        (
            "expected_loss", 7, "prescribe", 3.0,
            f"7 of 10, at or above the standard of 7. {VARIES}, {LIKELY}, so 3 credits",
        ),
        (
            "expected_loss", 6, "prescribe_half", 1.5,
            f"6 of 10, standard 7. {VARIES}, it is open whether this area needs strengthening, so half of the credits: "
            "1.5 credits",
        ),
        (
            "expected_loss", 7, "offer_only", 0.0,
            f"7 of 10, at or above the standard of 7. {VARIES}, it is open whether this area needs strengthening, so "
            "continuing education is offered and none is required",
        ),
        (
            "expected_loss", 6, "none", 0.0,
            f"6 of 10, standard 7. {VARIES}, it is not likely enough that this area needs strengthening, so no credits",
        ),
        ("expected_loss", 8, "none", 0.0, "8 of 10, standard 7, so no credits"),
        (
            "augmented", 7, "prescribe", 3.0,
            f"7 of 10, at or above the standard of 7. {OTHERS}, we estimate that this area is below its standard, so 3 "
            "credits",
        ),
        (
            "augmented", 6, "none", 0.0,
            f"6 of 10, standard 7. {OTHERS}, we estimate that this area is at or above its standard, so no credits",
        ),
        (
            "irt", 6, "prescribe", 1.0,
            f"6 of 10, standard 7. {DIFFICULTY}, we estimate that this area is below its standard, so 1 credit",
        ),
        ("irt", 9, "none", 0.0, "9 of 10, standard 7, so no credits"),
        ("raw", 6, "prescribe", 3.0, "6 of 10, standard 7, so 3 credits"),
        ("raw", 7, "none", 0.0, "7 of 10, standard 7, so no credits"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_was_taken_into_account(
    rule: Any, points: int, decision: str, credits: float, sentence: str
) -> None:
    said = explain(
        items=10,
        points=points,
        standard=7,
        below=points < 7,
        credits=credits,
        credits_by_rule=credits,
        decision=decision,
        rule=DecisionRule(rule=rule),
    )
    assert said == sentence


def told(**changes: Any) -> str:
    """Explain six of ten under a standard of seven, with changes."""
    usual: dict[str, Any] = {"items": 10, "points": 6, "standard": 7, "below": True, "credits": 3, "credits_by_rule": 3}
    return str(explain(**(usual | changes)))


def test_the_cap_is_told_under_every_rule() -> None:
    held = "so 3 credits, held to 1 credit by the total limit"
    rule = DecisionRule(rule="expected_loss")
    assert told(credits=1, decision="prescribe", rule=rule) == f"6 of 10, standard 7. {VARIES}, {LIKELY}, {held}"
    assert told(credits=1) == f"6 of 10, standard 7, {held}"


def test_credits_completed_before_a_rescoring_are_said_to_stay_where_they_are_more() -> None:
    stays = "What you have completed stays: 4.5 credits"
    assert told(credits=4.5, credits_kept=4.5) == f"6 of 10, standard 7, so 3 credits. {stays}"
    assert told(points=8, below=False, credits=4.5, credits_by_rule=0, credits_kept=4.5, decision="none") == (
        f"8 of 10, standard 7, so no credits. {stays}"
    )
    assert told(credits_kept=2) == "6 of 10, standard 7, so 3 credits"


def test_completed_credits_are_told_apart_from_what_the_total_limit_leaves() -> None:
    stays = "What you have completed stays: 3 credits"
    held = {"points": 4, "credits": 3, "credits_by_rule": 4, "credits_by_cap": 1, "credits_kept": 3}
    assert told(**held) == f"4 of 10, standard 7, so 4 credits, held to 1 credit by the total limit. {stays}"
    assert told(**held | {"credits": 1, "credits_kept": 1}) == (
        "4 of 10, standard 7, so 4 credits, held to 1 credit by the total limit"
    )


LIMITED = {
    "a flat rule says what is left of it": (
        {"rule": "flat", "credits": 1, "area_minimum": 3},
        ["An area below its standard is worth 3 credits."],
        ["A prescribed area is worth 3 credits."],
    ),
    "rounded up": (
        {"rule": "flat", "credits": 1.2},
        ["An area below its standard is worth 1.5 credits."],
        ["A prescribed area is worth 1.5 credits."],
    ),
    "a most that bites": (
        {"rule": "per_item", "credits": 2, "area_maximum": 6},
        ["Each question short of the standard is worth 2 credits.", "No area is worth more than 6 credits."],
        [
            "In a prescribed area each question short of the standard is worth 2 credits.",
            "No area is worth more than 6 credits.",
        ],
    ),
    "a step and a least that bite": (
        {"rule": "per_item", "credits": 0.75, "area_minimum": 3, "total_cap": 36},
        [
            "Each question short of the standard is worth 0.75 credits.",
            "The sum of an area is rounded up to a multiple of 0.5 credits.",
            "An area below its standard is worth at least 3 credits.",
            "All areas together are never more than 36 credits, largest gap first.",
        ],
        [
            "In a prescribed area each question short of the standard is worth 0.75 credits.",
            "The sum of an area is rounded up to a multiple of 0.5 credits.",
            "A prescribed area is worth at least 3 credits.",
            "All areas together are never more than 36 credits, largest gap first.",
        ],
    ),
    "a least and a step that do not bite": (
        {"rule": "per_item", "credits": 0.3, "step": 0.1, "area_minimum": 0.3},
        ["Each question short of the standard is worth 0.3 credits."],
        ["In a prescribed area each question short of the standard is worth 0.3 credits."],
    ),
    "bands that are the same": (
        {
            "rule": "bands", "area_minimum": 3, "area_maximum": 5,
            "bands": [
                {"short": 1, "credits": 1}, {"short": 2, "credits": 2}, {"short": 3, "credits": 4.2},
                {"short": 5, "credits": 6}, {"short": 7, "credits": 8},
            ],
        },
        [
            "Credits follow how many questions an area is short of its standard: from 1 short, 3 credits; from 3 "
            "short, 4.5 credits; from 5 short, 5 credits."
        ],
        [
            "Credits follow how many questions a prescribed area is short of its standard: from 1 short, 3 credits; "
            "from 3 short, 4.5 credits; from 5 short, 5 credits."
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "by_score", "otherwise"), LIMITED.values(), ids=LIMITED)
def test_step_least_and_most_are_said_where_they_change_what_an_area_is_worth(
    rule: dict[str, Any], by_score: list[str], otherwise: list[str]
) -> None:
    told_rule = CreditRule.model_validate(rule)
    assert [str(sentence) for sentence in describe_rule(told_rule)] == by_score
    for decision in ("expected_loss", "augmented", "irt"):
        assert [str(one) for one in describe_rule(told_rule, DecisionRule(rule=decision))] == otherwise


def test_expected_loss_says_what_its_own_probability_takes_into_account() -> None:
    for model, considered in (("augmented", OTHERS), ("irt", DIFFICULTY), ("beta_binomial", VARIES)):
        rule = DecisionRule.model_validate({"rule": "expected_loss", "probability": model})
        assert told(decision="prescribe", rule=rule) == f"6 of 10, standard 7. {considered}, {LIKELY}, so 3 credits"


def test_a_result_from_before_decisions_were_kept_is_told_by_its_score() -> None:
    assert told(decision=None, rule=DecisionRule(rule="expected_loss")) == "6 of 10, standard 7, so 3 credits"


def test_no_sentence_judges() -> None:
    models = [{"rule": "raw"}, {"rule": "augmented"}, {"rule": "irt"}]
    models += [{"rule": "expected_loss", "probability": name} for name in ("beta_binomial", "augmented", "irt")]
    for model, decision, below, credits in itertools.product(models, Decision, (True, False), (0, 3)):
        rule = DecisionRule.model_validate(model)
        said = told(decision=decision, rule=rule, below=below, credits=credits)
        said += " ".join(map(str, describe_decision(rule)))
        assert not re.search(r"pass|fail|exam|wrong|poor|bad", said, re.IGNORECASE), said


def test_the_decision_rule_is_told_to_candidates_unless_it_is_the_plain_score() -> None:
    short = "An area prescribed although its score meets the standard counts as one question short."
    likely = (
        "Whether an area is prescribed goes by how likely it is to need strengthening, given that a score on so few "
        "questions can vary."
    )
    assert describe_decision(DecisionRule()) == []
    assert describe_decision(DecisionRule(rule="expected_loss")) == [likely, short]
    half = DecisionRule(rule="expected_loss", indeterminate=IndeterminateBand(low=0.4, high=0.6, rule="prescribe_half"))
    assert describe_decision(half) == [likely, "Where that stays open, half of the credits are asked.", short]
    offer = DecisionRule(rule="expected_loss", indeterminate=IndeterminateBand(low=0.4, high=0.6, rule="offer_only"))
    assert describe_decision(offer)[1] == (
        "Where that stays open, continuing education is offered and none is required."
    )
    assert describe_decision(DecisionRule(rule="augmented"))[0] == (
        "Whether an area is prescribed goes by an estimate that takes your answers in the other areas into account."
    )
    assert describe_decision(DecisionRule(rule="irt"))[0] == (
        "Whether an area is prescribed goes by an estimate from all your answers and from how difficult your questions "
        "were."
    )
