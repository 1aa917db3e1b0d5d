"""Quality of decisions while tuning: the figures of `ssa decisions`, and credits beside sums written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betainc
from scipy.stats import betabinom

from ssa_engine.core.policies import DecisionRule, TrueScorePrior
from ssa_engine.core.psychometrics.decisions.classification import beta_binomial, classify, sweep
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.consequences import consequences
from ssa_engine.core.tuning.curves import curves_of
from tests.core.banks import policy_of

AREAS, N, PEOPLE = ("a", "b", "c"), 10, 600


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    random = np.random.default_rng(7)
    correct = random.binomial(N, random.beta((4, 3, 6), (2, 2, 3), (PEOPLE, 3)))
    ids = np.arange(PEOPLE)
    return Cohort(ids, ids, AREAS, np.full_like(correct, N), correct.astype(float), correct)


def frequencies(cohort: Cohort, column: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.bincount(cohort.correct[:, column], minlength=N + 1).astype(float)[None]


def test_the_figures_are_those_of_the_beta_binomial_method(cohort: Cohort) -> None:
    standards = {"a": 0.7, "b": 0.65, "c": 0.5}
    errors = consequences(cohort, policy_of(standards, rule="flat", credits=3)).errors
    for column, (area, cut) in enumerate({"a": 7, "b": 7, "c": 5}.items()):
        expected = classify(beta_binomial(frequencies(cohort, column), cut=cut, true_cut=standards[area]).probabilities)
        row = errors.iloc[column]
        for ours, theirs in (
            ("accuracy", expected.accuracy),
            ("consistency", expected.consistency),
            ("kappa", expected.kappa),
            ("needless_share", expected.needless),
            ("missed_share", expected.missed),
        ):
            assert row[ours] == pytest.approx(theirs.item(), abs=1e-12), (area, ours)
        assert row["needless_people"] == pytest.approx(PEOPLE * expected.needless.item())
        assert row["needless_credits"] == pytest.approx(3 * PEOPLE * expected.needless.item())


def test_the_curves_are_the_sweep_over_every_cut(cohort: Cohort) -> None:
    curves = curves_of(cohort, policy_of(dict.fromkeys(AREAS, 0.7), rule="flat", credits=3))
    for column, area in enumerate(AREAS):
        own = curves[curves["content_area"] == area]
        expected = sweep(beta_binomial(frequencies(cohort, column), cut=0, true_cut=0.0).true_scores, N)
        assert own["accuracy"].to_numpy() == pytest.approx(expected.accuracy[0], abs=1e-12)
        assert own["consistency"].to_numpy() == pytest.approx(expected.consistency[0], abs=1e-12)
        assert own["kappa"].to_numpy() == pytest.approx(expected.kappa[0], abs=1e-9, nan_ok=True)
        assert own["missed"].to_numpy() == pytest.approx(expected.missed[0], abs=1e-12)
        below = [int((cohort.correct[:, column] < cut).sum()) for cut in range(N + 1)]
        assert own["prescribed"].tolist() == below
        assert own["mean_credits"].to_numpy() == pytest.approx(3 * np.array(below) / PEOPLE)


def test_credits_of_errors_are_sums_over_every_score(cohort: Cohort) -> None:
    # One credit an item short of 7. With P(x) of the beta-binomial and P(true < t | x) = I_t(alpha + x, beta + 10 - x):
    # needless credits are the sum over x < 7 of (7 - x) P(x) P(true >= .7 | x), missed ones the sum over x >= 7 and
    # k = 1 … 7 of P(x) P(true < .7 - (k - 1) / 10 | x), for the k-th item short adds one credit.
    policy = policy_of(dict.fromkeys(AREAS, 0.7), rule="per_item", credits=1)
    errors = consequences(cohort, policy).errors
    for column in range(3):
        fit = beta_binomial(frequencies(cohort, column), cut=0, true_cut=0.0).true_scores
        alpha, beta = fit.alpha.item(), fit.beta.item()
        scores = np.arange(N + 1)
        chance = betabinom.pmf(scores, N, alpha, beta)

        def below(t: float, x: int, alpha: float = alpha, beta: float = beta) -> float:
            return float(betainc(alpha + x, beta + N - x, t))

        needless = sum((7 - x) * chance[x] * (1 - below(0.7, x)) for x in range(7))
        missed = sum(chance[x] * below(0.7 - (k - 1) / 10, x) for x in range(7, 11) for k in range(1, 8))
        assert errors["needless_credits"][column] == pytest.approx(PEOPLE * needless, rel=1e-9)
        assert errors["missed_credits"][column] == pytest.approx(PEOPLE * missed, rel=1e-9)


def test_with_expected_loss_the_cut_is_where_the_rule_decides(cohort: Cohort) -> None:
    # A missed need twice as bad: prescribe where P(true < .7) > 1/3, with P = I_.7(4 + x, 12 - x) by the policy's own
    # prior Beta(4, 2). How often that is right is told by the beta fitted to the scores.
    rule = DecisionRule(rule="expected_loss", loss_ratio=2.0)
    policy = policy_of(dict.fromkeys(AREAS, 0.7), rule="flat", credits=3).model_copy(
        update={"decision": rule, "true_score_prior": TrueScorePrior(alpha=4, beta=2)}
    )
    cut = int(sum(betainc(4 + x, 2 + N - x, 0.7) > 1 / 3 for x in range(N + 1)))
    assert cut == 8
    found = consequences(cohort, policy)
    expected = classify(beta_binomial(frequencies(cohort, 0), cut=cut, true_cut=0.7).probabilities)
    assert found.errors["accuracy"][0] == pytest.approx(expected.accuracy.item(), abs=1e-12)
    assert found.errors["consistency"][0] == pytest.approx(expected.consistency.item(), abs=1e-12)
    at_standard = found.curves[(found.curves["content_area"] == "a") & (found.curves["cut"] == 7)].iloc[0]
    assert at_standard["prescribed"] == found.areas["prescribed"][0] == (cohort.correct[:, 0] < cut).sum()
    assert at_standard["missed"] == pytest.approx(expected.missed.item(), abs=1e-12)


def test_lengths_are_computed_apart_and_weighted(cohort: Cohort) -> None:
    shorter = np.where(np.arange(PEOPLE) < 200, 8, N)[:, None] * np.ones((1, 3), int)
    correct = np.minimum(cohort.correct, shorter)
    mixed = Cohort(cohort.attempt_ids, cohort.candidate_ids, AREAS, shorter, correct.astype(float), correct)
    found = consequences(mixed, policy_of(dict.fromkeys(AREAS, 0.7), rule="flat", credits=3))
    parts = []
    for rows, n, cut in ((slice(0, 200), 8, 6), (slice(200, None), 10, 7)):
        counts = np.bincount(correct[rows, 0], minlength=n + 1).astype(float)[None]
        parts.append(classify(beta_binomial(counts, cut=cut, true_cut=0.7).probabilities))
    mean = (200 * parts[0].accuracy.item() + 400 * parts[1].accuracy.item()) / 600
    assert found.errors["accuracy"][0] == pytest.approx(mean, abs=1e-12)
    assert found.curves["sittings"].unique().tolist() == [400]


def test_people_and_credits_of_errors_stand_on_the_same_sittings(cohort: Cohort) -> None:
    # One of 600 sittings has a length of its own, of which no model is: with 3 credits for every gap, needless credits
    # are 3 for each needless decision all the same.
    items = np.full_like(cohort.correct, N)
    items[0] = 12
    mixed = Cohort(cohort.attempt_ids, cohort.candidate_ids, AREAS, items, cohort.points, cohort.correct)
    errors = consequences(mixed, policy_of(dict.fromkeys(AREAS, 0.7), rule="flat", credits=3)).errors
    assert errors["needless_credits"].to_numpy() == pytest.approx(3 * errors["needless_people"].to_numpy(), rel=1e-12)


def test_one_sitting_says_nothing_about_errors() -> None:
    one = Cohort(*(np.arange(1),) * 2, ("a",), *(np.full((1, 1), n) for n in (10, 6.0, 6)))  # type: ignore[arg-type]
    found = consequences(one, policy_of({"a": 0.7}, rule="flat", credits=3))
    assert np.isnan(found.errors["accuracy"][0])
    sums = found.summary.set_index("measure")["value"]
    assert sums[["needless_people", "needless_credits", "missed_people", "missed_credits"]].isna().all()
    assert "two sittings and two items" in found.errors["note"][0]
    assert found.curves["accuracy"].isna().all()
    assert found.areas["prescribed"].tolist() == [1]
