"""Item response theory in tuning: the same credits as scoring gives row by row; an area at a time; refused in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import key_table, mark
from ssa_engine.core.policies import DecisionRule, IndeterminateBand, Policy
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.psychometrics.simulate import simulate_responses
from ssa_engine.core.psychometrics.subscores.own_item_scores import own_item_scores
from ssa_engine.core.score_models import item_parameters_of
from ssa_engine.core.scoring import score_areas
from ssa_engine.core.tuning.cohort import Cohort, cohort_of
from ssa_engine.core.tuning.credits import apply
from ssa_engine.core.tuning.item_scores import KEPT, ItemScores, item_scores_of
from ssa_engine.core.tuning.simulated import simulated_cohort, simulated_scores
from tests.core.banks import bank_of, item_of, policy_of, spec_of, topic_code

AREAS = ("a", "b", "c")
BAND = IndeterminateBand(low=0.2, high=0.5, rule="prescribe_half")
RULES = [
    DecisionRule(rule="irt"),
    DecisionRule(rule="expected_loss", probability="irt", loss_ratio=2.0),
    DecisionRule(rule="expected_loss", probability="irt", loss_ratio=2.0, indeterminate=BAND),
]


def bank(without: tuple[str, ...] = ()) -> ItemBank:
    """Return ten items in each of three areas, eight on a form; those named have no parameters."""
    spec = spec_of(dict.fromkeys(AREAS, (8, 1)))
    items = [
        item_of(
            f"{area}-{number}",
            topic_code(area, number % 3 + 1),
            status="active" if number < 10 else "pilot",
            a=None if f"{area}-{number}" in without else 0.7 + 0.1 * number,
            b=number / 4 - 2.0,
        )
        for area in AREAS
        for number in range(11)
    ]
    return bank_of(spec, items)


def policy(rule: DecisionRule, **standards: float) -> Policy:
    """Return a credit for each item short, at most five in all."""
    return policy_of(
        dict.fromkeys(AREAS, 0.7) | standards, rule="per_item", credits=1, total_cap=5
    ).model_copy(update={"decision": rule})  # fmt: skip


@pytest.fixture(scope="module")
def responses() -> pd.DataFrame:
    """Sixty people on four forms; the last has nothing scored in area c."""
    forms = [draw_form(bank(), seed) for seed in range(4)]
    drawn = simulate_responses(bank(), forms, 60, seed=3)
    return drawn[~((drawn["attempt_id"] == 60) & (drawn["content_area"] == "c"))]


def sources(responses: pd.DataFrame, own: ItemBank) -> tuple[Cohort, ItemScores]:
    marked = mark(responses, key_table(own))
    scores = score_areas(marked, policy(DecisionRule()))
    return cohort_of(scores, AREAS), item_scores_of(marked, item_parameters_of(own))


@pytest.mark.parametrize("rule", RULES)
def test_the_matrix_gives_the_credits_that_scoring_gives_row_by_row(
    responses: pd.DataFrame, rule: DecisionRule
) -> None:
    chosen = policy(rule, b=0.85, c=0.55)
    told = score_responses(responses, bank(), chosen)
    cohort, irt = sources(responses, bank())
    expected, estimates, chances = np.zeros((60, 3)), np.full((60, 3), np.nan), np.full((60, 3), np.nan)
    at = pd.Index(cohort.attempt_ids).get_indexer(pd.Index(told["attempt_id"])), told["content_area"].cat.codes
    expected[at], estimates[at], chances[at] = told["credits"], told["estimate"], told["probability_below"]
    found = apply(cohort, chosen, irt)
    assert found.credits.tolist() == expected.tolist()
    assert 0 < np.count_nonzero(found.credits) < 150
    scores = irt(cohort, chosen)
    np.testing.assert_array_equal(scores.estimates, estimates)
    np.testing.assert_array_equal(scores.probabilities, chances)
    some = np.arange(60) % 3 == 1
    assert apply(cohort.where(some), chosen, irt).credits.tolist() == expected[some].tolist()


def test_moving_one_standard_computes_that_area_alone(responses: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def noted(matrix: Any, items: Any, areas: Any, standards: Any) -> Any:
        asked.append(list(standards))
        return own_item_scores(matrix, items, areas, standards)

    monkeypatch.setattr("ssa_engine.core.tuning.item_scores.own_item_scores", noted)
    cohort, irt = sources(responses, bank())
    first = irt(cohort, policy(RULES[0]))
    second = irt(cohort, policy(RULES[0], b=0.9))
    assert irt(cohort, policy(RULES[1])).probabilities.tolist()[:5] == first.probabilities.tolist()[:5]
    assert asked == [["a", "b", "c"], ["b"]]
    assert (first.probabilities[:59] != second.probabilities[:59]).any(axis=0).tolist() == [False, True, False]
    for number in range(100):
        irt(cohort, policy(RULES[0], a=number / 100))
    assert len(irt._kept) == KEPT


def test_items_without_parameters_are_counted_and_sittings_without_them_still_scored(responses: pd.DataFrame) -> None:
    lacking = bank(without=("a-0", "b-9"))
    cohort, irt = sources(responses, lacking)
    with pytest.raises(Invalid, match=r"and 2 of the 30 scored items of these sittings have no a and b in the bank"):
        irt(cohort, policy(RULES[0]))
    items = responses[responses["scored"]].groupby("attempt_id")["item_id"].agg(set)
    free = np.array([not ({"a-0", "b-9"} & items[attempt]) for attempt in cohort.attempt_ids])
    assert 0 < free.sum() < 60
    ours = irt(cohort.where(free), policy(RULES[0]))
    whole = sources(responses, bank())[1](cohort, policy(RULES[0]))
    np.testing.assert_array_equal(ours.estimates, whole.estimates[free])


def test_answers_that_do_not_go_with_the_scores_are_refused(responses: pd.DataFrame) -> None:
    cohort, _ = sources(responses, bank())
    few = mark(responses[responses["attempt_id"] > 2], key_table(bank()))
    with pytest.raises(Invalid, match="The answers of 2 sittings do not go with their area scores"):
        item_scores_of(few, item_parameters_of(bank()))(cohort, policy(RULES[0]))
    moved = few.assign(content_area=few["content_area"].where(few["attempt_id"] != 3, "a"))
    with pytest.raises(Invalid, match=r"Item [bc]-[0-9]+ was in two content areas"):
        item_scores_of(moved, item_parameters_of(bank()))


def test_simulated_candidates_have_answers_behind_their_scores() -> None:
    lacking = bank(without=("a-0", "b-9"))  # drawn with parameters all the same
    forms = [draw_form(lacking, seed) for seed in range(4)]
    cohort = simulated_cohort(lacking, forms, 300, 7, areas=AREAS)
    irt = simulated_scores(lacking, forms, 300, 7, areas=AREAS)
    area_of = np.array([irt.areas[item] for item in irt.responses.items])
    for column, area in enumerate(AREAS):
        own = irt.responses.values[:, area_of == area]
        assert (own >= 0).sum(axis=1).tolist() == cohort.items[:, column].tolist()
        assert (own == 1).sum(axis=1).tolist() == cohort.correct[:, column].tolist()
    estimates = irt(cohort, policy(RULES[0])).estimates
    assert cohort.true_scores is not None
    assert np.corrcoef(estimates[:, 0], cohort.true_scores[:, 0])[0, 1] > 0.7
    apply(cohort, policy(RULES[0]), irt)
