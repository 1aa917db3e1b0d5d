"""Credits where other areas' scores decide: the same as `prescribe` gives row by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Augmentation, DecisionRule, IndeterminateBand, Policy
from ssa_engine.core.prescriptions import prescribe
from ssa_engine.core.score_models import with_augmented
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.consequences import consequences
from ssa_engine.core.tuning.credits import ModelScores, apply
from tests.core.test_prescription_properties import policies
from tests.core.tuning.test_credits import AREAS, cohorts, scored

AUGMENTATION = Augmentation(
    areas=AREAS,
    means=(0.7, 0.6, 0.65, 0.75, 0.55),
    true_covariance=tuple(tuple(0.03 if one == other else 0.02 for other in range(5)) for one in range(5)),
    error_variances=(0.2,) * 5,
)
BAND = IndeterminateBand(low=0.2, high=0.5, rule="prescribe_half")
RULES = [
    DecisionRule(rule="augmented"),
    DecisionRule(rule="expected_loss", probability="augmented", loss_ratio=2.0),
    DecisionRule(rule="expected_loss", probability="augmented", loss_ratio=2.0, indeterminate=BAND),
]


@settings(deadline=None, max_examples=120)
@given(policies(), st.sampled_from(RULES), cohorts())
def test_augmented_scores_decide_as_prescribe_decides(policy: Policy, rule: DecisionRule, cohort: Cohort) -> None:
    policy = policy.model_copy(update={"decision": rule, "augmentation": AUGMENTATION})
    rows, columns, frame = scored(cohort, policy)
    told = prescribe(with_augmented(frame, policy), policy)
    expected = np.zeros(cohort.items.shape)
    expected[rows, columns] = told["credits"]
    found = apply(cohort, policy)
    assert found.credits == pytest.approx(expected, abs=1e-9)
    assert found.totals == pytest.approx(expected.sum(axis=1))


def test_item_response_theory_takes_the_scores_it_is_given() -> None:
    items = np.full((3, 2), 10)
    correct = np.array([[8, 5], [6, 9], [7, 7]])
    ids = np.arange(3)
    few = Cohort(ids, ids, ("a", "b"), items, correct.astype(float), correct)
    policy = Policy.model_validate(
        {"standards": {"a": 0.7, "b": 0.7}, "credits": {"rule": "per_item", "credits": 1}, "decision": {"rule": "irt"}}
    )
    estimates = np.array([[0.69, 0.6], [0.71, 0.8], [0.7, 0.65]])
    chances = np.array([[0.6, 0.9], [0.4, 0.1], [0.5, 0.7]])
    found = consequences(few, policy, irt=lambda *_: ModelScores(estimates, chances))
    # Estimates below .7 prescribe, with the credits of the items short, at least one: 8 of 10 counts as one short.
    assert found.given.credits.tolist() == [[1, 2], [0, 0], [0, 1]]
    # a: prescribed to the first alone: needless .4, missed (.4 + .5); b: prescribed to first and third.
    assert found.errors["needless_people"].tolist() == pytest.approx([0.4, 0.1 + 0.3])
    assert found.errors["missed_people"].tolist() == pytest.approx([0.9, 0.1])
    assert found.errors["accuracy"].tolist() == pytest.approx([1 - 1.3 / 3, 1 - 0.5 / 3])
    assert found.errors["consistency"].isna().all()
    # What the true gaps are worth is not in the observed ones.
    assert found.errors["missed_credits"].isna().all()
    assert np.isnan(found.summary.set_index("measure")["value"]["missed_credits"])
    assert found.borderline["unsure"].tolist() == [3, 1]
    with pytest.raises(Invalid, match="goes by every answer"):
        apply(few, policy)
