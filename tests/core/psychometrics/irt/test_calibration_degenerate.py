"""Calibration of data that do not hold enough: sentences and empty cells, no crash and no unexplained figure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.special import logit

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt import calibration, calibration_models
from ssa_engine.core.psychometrics.irt.calibration import calibrate
from ssa_engine.core.psychometrics.matrix import ABSENT
from tests.core.psychometrics.response_data import matrix, simulated


@pytest.mark.parametrize("model", ["1pl", "2pl", "3pl"])
def test_items_all_right_all_wrong_or_never_shown_are_left_out_without_effect_on_the_others(model: str) -> None:
    values = simulated(300, [1.0, 1.2, 0.8, 1.0], [-1.0, 0.0, 0.5, 1.0])
    ones = np.ones((300, 1))
    found = calibrate(matrix(np.hstack([values, ones, 0 * ones, -ones])), model=model)
    alone = calibrate(matrix(values), model=model)
    pd.testing.assert_frame_equal(found.items.iloc[:4], alone.items)
    assert (found.log_likelihood, found.parameters) == (alone.log_likelihood, alone.parameters)
    assert found.items.iloc[4:].drop(columns=["n", "note"]).isna().all(axis=None)
    assert found.items["n"].tolist() == [300] * 6 + [0]
    assert found.items["note"].tolist()[4:] == [
        "Everybody who was shown it has it right: it has no finite difficulty and was left out.",
        "Nobody who was shown it has it right: it has no finite difficulty and was left out.",
        "Nobody was shown it.",
    ]


@pytest.mark.parametrize(("model", "items", "needed"), [("1pl", 1, 2), ("2pl", 2, 3), ("3pl", 2, 3)])
def test_too_few_items_are_refused_with_how_many_it_takes(model: str, items: int, needed: int) -> None:
    values = simulated(50, [1.0] * items, [0.0] * items)
    with pytest.raises(
        Invalid, match=f"{items} of {items} items have both right and wrong answers, and it takes {needed}"
    ):
        calibrate(matrix(values), model=model)


def test_candidates_who_all_answer_alike_are_refused() -> None:
    with pytest.raises(Invalid, match="The 2PL cannot be calibrated: 0 of 3 items have both right and wrong answers"):
        calibrate(matrix([[1, 0, 1]] * 5))


def test_a_model_there_is_not_is_refused() -> None:
    with pytest.raises(Invalid, match=r"There is no model '4pl'\. Choose 1pl, 2pl or 3pl\."):
        calibrate(matrix([[1, 0, 1]]), model="4pl")


@pytest.mark.parametrize("model", ["1pl", "2pl", "3pl"])
def test_three_candidates_leave_no_empty_cell_without_a_note(model: str) -> None:
    found = calibrate(matrix([[1, 0, 1, 0], [0, 1, 1, 0], [1, 1, 0, 1]]), model=model)
    empty = found.items.isna().any(axis=1)
    assert (found.items.loc[empty, "note"] != "").all()
    assert np.isfinite(found.log_likelihood)


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_perfect_separation_holds_the_slopes_at_their_bound_and_says_so(model: str) -> None:
    staircase = np.repeat(np.tril(np.ones((9, 8)), -1), 5, axis=0)
    found = calibrate(matrix(staircase), model=model)
    assert found.items["a"].tolist() == [calibration_models.LARGEST_SLOPE] * 8
    assert found.items["b"].is_monotonic_increasing
    assert found.items["a_se"].isna().all()
    assert found.items["note"].str.startswith("Its slope grew until it was held at 10").all()
    assert found.converged


def test_a_reversed_item_has_a_negative_slope_and_the_same_likelihood() -> None:
    values = simulated(400, [1.0, 1.2, 0.8, 1.0], [-1.0, 0.0, 0.5, 1.0])
    turned = values.copy()
    turned[:, 2] = 1 - turned[:, 2]
    right, wrong = calibrate(matrix(values)), calibrate(matrix(turned))
    np.testing.assert_allclose(wrong.items["a"], right.items["a"] * [1, 1, -1, 1], rtol=0, atol=1e-5)
    np.testing.assert_allclose(wrong.items["b"], right.items["b"], rtol=0, atol=1e-5)
    assert wrong.log_likelihood == pytest.approx(right.log_likelihood, abs=1e-6)
    sentence = "Its slope is negative: the abler candidates miss it more often. Check the key."
    assert wrong.items["note"].tolist() == ["", "", sentence, ""]


def two_clusters(second: int) -> npt.NDArray[np.int8]:
    """Return 300 persons on four items and 300 others on others."""
    values = np.full((600, 4 + second), ABSENT, dtype=np.int8)
    values[:300, :4] = simulated(300, [1.0] * 4, [-1.0, 0.0, 0.0, 1.0])
    values[300:, 4:] = simulated(300, [1.0] * second, np.linspace(-1, 1, second), seed=7)
    return values


def test_sets_that_share_no_candidate_are_calibrated_as_if_alone_and_this_is_said() -> None:
    values = two_clusters(4)
    found = calibrate(matrix(values))
    assert found.clusters == 2
    assert found.remarks[0].startswith("The items fall into 2 sets that share no candidate.")
    alone = calibrate(matrix(values[:300, :4]))
    pd.testing.assert_frame_equal(found.items.iloc[:4], alone.items, check_exact=False, rtol=0, atol=1e-5)


def test_a_set_too_small_to_be_identified_has_no_standard_errors_and_the_other_keeps_its_own() -> None:
    values = two_clusters(2)
    found = calibrate(matrix(values))
    alone = calibrate(matrix(values[:300, :4]))
    np.testing.assert_allclose(found.items["a_se"].iloc[:4], alone.items["a_se"], rtol=0, atol=1e-5)
    assert found.items["a_se"].iloc[4:].isna().all()
    assert found.items["note"].iloc[4:].str.startswith("The data do not determine its parameters").all()


def test_attempts_that_saw_none_of_the_calibrated_items_do_not_count() -> None:
    values = simulated(500, [1.0, 1.2, 0.8], [-0.5, 0.0, 0.5])
    more = np.vstack([np.hstack([values, -np.ones((500, 1))]), [[-1, -1, -1, 1]] * 20])
    found = calibrate(matrix(more))
    assert found.persons == 500
    assert found.bic == pytest.approx(calibrate(matrix(values)).bic, abs=1e-9)


def test_a_flat_item_has_a_note_beside_its_wild_difficulty() -> None:
    values = simulated(300, [1.2, 1.2, 1.2, 1.2], [-1.0, 0.0, 0.5, 1.0])
    values = np.hstack([values, np.r_[0, np.ones(299)][:, None]])
    found = calibrate(matrix(values)).items.loc["i4"]
    assert abs(found["b"]) > calibration.FARTHEST
    assert found["note"].startswith("b lies beyond any ability")


def test_c_starts_and_stays_within_its_range_on_pure_noise() -> None:
    found = calibrate(matrix(np.random.default_rng(1).integers(0, 2, (200, 5))), model="3pl").items
    assert found["c"].between(0, 1, inclusive="neither").all()
    assert (logit(found["c"]) > -6).all()


@pytest.mark.parametrize(("persons", "right"), [(46, 23), (10, 5), (45, 23), (30, 3)])
@pytest.mark.parametrize("model", ["2pl", "3pl"])
def test_an_item_whose_candidates_saw_nothing_else_has_no_standard_errors(persons: int, right: int, model: str) -> None:
    values = np.full((300 + persons, 8), ABSENT, dtype=np.int8)
    values[:300, :7] = simulated(300, [1.0] * 7, [0.0] * 7)
    values[300:, 7] = np.arange(persons) < right
    found, alone = calibrate(matrix(values), model=model).items, calibrate(matrix(values[:300, :7]), model=model).items
    if model == "2pl":  # the priors of the 3PL alone determine a and c
        assert found[["a_se", "b_se"]].iloc[7:].isna().all(axis=None)
        assert found["note"].iloc[7:].str.startswith("The data do not determine its parameters").all()
    np.testing.assert_allclose(found["a_se"].iloc[:7], alone["a_se"], rtol=0, atol=1e-4)
    assert (found["a_se"].dropna() < 10).all()


def test_a_large_standard_error_of_a_is_noted() -> None:
    found = calibrate(matrix(simulated(20, [1.5, 1.5, 1.5, 2.5], [-1, 0, 1, 1.5], seed=1))).items
    large = found["a_se"] > calibration.LARGEST_ERROR
    assert large.any()
    assert not (found.loc[large, "b_se"] > calibration.LARGEST_ERROR).any()
    assert set(found.loc[large, "note"]) == {"a is hardly determined: its standard error exceeds 5."}
    assert not found.loc[~large, "note"].str.startswith("a is hardly").any()


@pytest.mark.parametrize("most", [*range(1, 12), 25])
@pytest.mark.parametrize("model", ["1pl", "2pl", "3pl"])
def test_iterations_stop_at_the_limit(model: str, most: int) -> None:
    found = calibrate(matrix(simulated(200, [1.0, 1.2, 0.8, 1.0], [-1.0, 0.0, 0.5, 1.0])), model=model,
                      most_iterations=most)  # fmt: skip
    assert found.iterations <= most
    if not found.converged:
        assert found.iterations == most
        assert found.remarks[0].startswith(f"Not converged after {most} iterations")


def test_a_calibration_that_comes_to_rest_with_its_last_iteration_has_converged() -> None:
    responses = matrix(simulated(400, [1.0, 1.2, 0.8, 1.0], [-1.0, 0.0, 0.5, 1.0]))
    free = calibrate(responses)
    assert free.converged
    held = calibrate(responses, most_iterations=free.iterations)
    assert (held.converged, held.iterations) == (True, free.iterations)
    pd.testing.assert_frame_equal(held.items, free.items)
