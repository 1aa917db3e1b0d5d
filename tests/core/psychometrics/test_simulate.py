"""Simulated candidates: seeds, abilities, the 2PL, omissions and distractors. Tolerances are four standard errors."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import quad

from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import key_table, mark
from ssa_engine.core.psychometrics.simulate import Population, generating_parameters, simulate_responses, true_scores
from tests.core.banks import bank_of, item_of, spec_of

MANY = 40_000
NO_OMISSION = Population(omission=0.0)


def own_bank() -> ItemBank:
    """Return two areas of two items each, with statistics of their own."""
    spec = spec_of({"x": (2, 0), "y": (2, 0)})
    return bank_of(
        spec,
        [
            item_of("x1", "1.X.1", key="b", a=1.2, b=-0.5),
            item_of("x2", "1.X.2", key="c", a=0.7, b=0.8),
            item_of("y1", "1.Y.1", key="a", a=2.0, b=0.3),
            item_of("y2", "1.Y.2", key="d", a=1.0, b=-1.5),
        ],
    )


def step_bank() -> ItemBank:
    """Return three areas of one item each that is correct exactly if the area's ability is above 0."""
    spec = spec_of({"x": (1, 0), "y": (1, 0), "z": (1, 0)})
    return bank_of(spec, [item_of(f"{area}1", f"1.{area.upper()}.1", a=1e15, b=0.0) for area in "xyz"])


def simulated(bank: ItemBank, candidates: int, seed: int, population: Population | None = None) -> pd.DataFrame:
    """Return marked responses of candidates who all take one form, people × items."""
    frame = simulate_responses(bank, [draw_form(bank, 1)], candidates, seed, population)
    marks = mark(frame, key_table(bank))
    return marks.pivot_table(index="attempt_id", columns="item_id", values="correct", aggfunc="first").astype(bool)


def share_of(*parameters: tuple[float, float]) -> float:
    """Return the probability that all these items are correct, integrated over a standard normal ability."""

    def density(theta: float) -> float:
        product = math.exp(-(theta**2) / 2) / math.sqrt(2 * math.pi)
        for a, b in parameters:
            product /= 1 + math.exp(-a * (theta - b))
        return product

    return float(quad(density, -8, 8, epsabs=1e-12)[0])


def close_to(share: float, n: int = MANY) -> object:
    """Return an approximation of a share: four standard errors wide."""
    return pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n))


def test_the_same_seed_gives_the_same_frame_and_another_seed_another() -> None:
    bank = own_bank()
    forms = [draw_form(bank, seed) for seed in (1, 2)]
    one = simulate_responses(bank, forms, 50, 11)
    pd.testing.assert_frame_equal(one, simulate_responses(own_bank(), forms, 50, 11), check_exact=True)
    other = simulate_responses(bank, forms, 50, 12)
    assert one["answer"].tolist() != other["answer"].tolist()
    assert one["seconds"].tolist() != other["seconds"].tolist()


def test_there_is_one_row_for_every_item_of_every_candidate_in_form_order() -> None:
    bank = own_bank()
    forms = [draw_form(bank, seed) for seed in (1, 2, 3)]
    frame = simulate_responses(bank, forms, 7, 5)
    expected = [
        (attempt, (attempt - 1) % 3, place.position, place.item_id, place.content_area, place.scored)
        for attempt in range(1, 8)
        for place in forms[(attempt - 1) % 3].items
    ]
    columns = ["attempt_id", "form_index", "position", "item_id", "content_area", "scored"]
    assert [tuple(row) for row in frame[columns].to_numpy().tolist()] == expected


def test_one_candidate_may_be_simulated_though_there_are_more_forms() -> None:
    bank = own_bank()
    forms: list[Form] = [draw_form(bank, seed) for seed in (1, 2, 3)]
    frame = simulate_responses(bank, forms, 1, 5)
    assert frame["item_id"].tolist() == [place.item_id for place in forms[0].items]


def test_an_items_own_parameters_are_used_and_others_are_drawn_from_the_seed() -> None:
    spec = spec_of({"x": (2, 0)})
    items = [item_of("own", "1.X.1", a=1.3, b=-0.4), *(item_of(f"drawn-{n}", "1.X.2") for n in range(4000))]
    bank = bank_of(spec, [*items, item_of("half", "1.X.3", a=9.0)])
    found = generating_parameters(bank, 3, easiness=1.5)
    assert (found.loc["own", "a"], found.loc["own", "b"]) == (1.3, -0.4)
    assert found.loc["half", "a"] != 9.0
    drawn = found[found.index.str.startswith("drawn")]
    log_a = np.log(drawn["a"].to_numpy())
    # log a ~ N(0, .3) and b ~ N(-easiness, .9), each within four standard errors.
    assert log_a.mean() == pytest.approx(0, abs=4 * 0.3 / math.sqrt(4000))
    assert log_a.std() == pytest.approx(0.3, abs=4 * 0.3 / math.sqrt(8000))
    assert drawn["b"].mean() == pytest.approx(-1.5, abs=4 * 0.9 / math.sqrt(4000))
    assert drawn["b"].std() == pytest.approx(0.9, abs=4 * 0.9 / math.sqrt(8000))
    pd.testing.assert_frame_equal(found, generating_parameters(bank, 3, easiness=1.5))
    assert generating_parameters(bank, 4)["a"].tolist() != found["a"].tolist()


def test_the_share_correct_is_that_of_the_two_parameter_logistic() -> None:
    found = simulated(own_bank(), MANY, 21, NO_OMISSION)
    for item, a, b in (("x1", 1.2, -0.5), ("x2", 0.7, 0.8), ("y1", 2.0, 0.3), ("y2", 1.0, -1.5)):
        assert found[item].mean() == close_to(share_of((a, b))), item


def test_items_of_one_area_share_one_ability() -> None:
    found = simulated(own_bank(), MANY, 22, NO_OMISSION)
    assert (found["x1"] & found["x2"]).mean() == close_to(share_of((1.2, -0.5), (0.7, 0.8)))
    assert (found["y1"] & found["y2"]).mean() == close_to(share_of((2.0, 0.3), (1.0, -1.5)))


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.7, 1.0])
def test_area_abilities_correlate_as_told(correlation: float) -> None:
    found = simulated(step_bank(), MANY, 23, Population(correlation=correlation, omission=0.0))
    # Two standard normals with correlation r have the same sign with probability 1/2 + asin(r)/pi (Sheppard 1899).
    expected = 0.5 + math.asin(correlation) / math.pi
    for one, two in (("x1", "y1"), ("x1", "z1"), ("y1", "z1")):
        assert (found[one] == found[two]).mean() == close_to(expected), (one, two)
    assert [found[item].mean() for item in ("x1", "y1", "z1")] == [close_to(0.5)] * 3


def test_items_are_left_out_as_often_as_told() -> None:
    bank = own_bank()
    for omission in (0.0, 0.05, 1.0):
        frame = simulate_responses(bank, [draw_form(bank, 1)], 10_000, 24, Population(omission=omission))
        assert frame["answer"].isna().mean() == close_to(omission, 40_000), omission


def test_a_distractor_is_an_option_of_the_item_never_the_key_and_each_is_chosen_alike() -> None:
    # An item that nobody knows: every answer is a distractor.
    spec = spec_of({"x": (1, 0)})
    bank = bank_of(spec, [item_of("hard", "1.X.1", key="c", options=5, a=50.0, b=20.0)])
    frame = simulate_responses(bank, [draw_form(bank, 1)], MANY, 25, NO_OMISSION)
    shares = frame["answer"].value_counts(normalize=True)
    assert sorted(shares.index) == ["a", "b", "d", "e"]
    assert shares.tolist() == [close_to(0.25)] * 4


def test_an_item_that_everybody_knows_is_answered_with_its_key() -> None:
    spec = spec_of({"x": (1, 0)})
    bank = bank_of(spec, [item_of("easy", "1.X.1", key="c", a=50.0, b=-20.0)])
    frame = simulate_responses(bank, [draw_form(bank, 1)], 2000, 26, NO_OMISSION)
    assert set(frame["answer"]) == {"c"}


def test_times_are_positive_and_their_median_is_as_told() -> None:
    bank = own_bank()
    frame = simulate_responses(bank, [draw_form(bank, 1)], 10_000, 27, Population(seconds=80))
    assert float(frame["seconds"].min()) > 0
    # The median of a log-normal with sigma .5: standard error 80 × .5 × sqrt(pi / 2 / n).
    error = 80 * 0.5 * math.sqrt(math.pi / 2 / len(frame))
    assert float(frame["seconds"].median()) == pytest.approx(80, abs=4 * error)
    assert float(stats.skew(np.log(frame["seconds"]))) == pytest.approx(0, abs=4 * math.sqrt(6 / len(frame)))


def test_scores_scatter_around_the_true_scores_as_independent_answers_do() -> None:
    bank = own_bank()
    frame = simulate_responses(bank, [draw_form(bank, 1)], MANY, 28, Population(omission=0.05))
    marked = mark(frame, key_table(bank))
    scored = marked[marked["scored"]]
    observed = scored.groupby(["attempt_id", "content_area"], sort=True)["correct"].agg(["mean", "size"])
    truth = true_scores(frame).set_index(["attempt_id", "content_area"])["true_score"]
    assert truth.index.equals(observed.index)
    error = observed["mean"] - truth
    spread = scored["probability"] * (1 - scored["probability"])
    keys = [scored["attempt_id"], scored["content_area"]]
    expected = spread.groupby(keys, sort=True).sum() / observed["size"] ** 2
    assert abs(error.sum()) < 4 * np.sqrt(expected.sum())
    assert (error**2).mean() == pytest.approx(expected.mean(), rel=0.05)
