"""Infit, outfit and lz of persons beside those of R's mirt, lz* against its definition and its distribution."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.psychometrics.irt.abilities import abilities
from ssa_engine.core.psychometrics.irt.models import probability
from ssa_engine.core.psychometrics.irt.person_fit import person_fit
from ssa_engine.core.psychometrics.matrix import ResponseMatrix
from tests.core.psychometrics.irt.test_abilities import answers, items_of, reference
from tests.core.psychometrics.irt.test_item_fit import simulated
from tests.reference import published


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_infit_outfit_and_lz_equal_the_reference_at_the_eap(model: str) -> None:
    # infit and outfit: exact.py of the reference set; Zh: mirt 1.47, personfit(mod, method = "EAP")
    exact, mirt = (published.table(f"complete_{model}_{name}") for name in ("person_infit_exact", "personfit"))
    found = person_fit(reference("complete_2pl"), published.expected(f"complete_{model}_items")).iloc[: len(exact)]
    np.testing.assert_allclose(found[["infit", "outfit"]], exact[["infit", "outfit"]], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["lz"], mirt["Zh"], rtol=0, atol=1e-9)
    assert set(found["note"]) == {""}


def test_standardised_infit_and_outfit_equal_those_of_mirt() -> None:
    # mirt 1.47, personfit(mod, method = "EAP") of the 1PL, where its floor under P Q plays no part
    mirt = published.table("complete_1pl_personfit")
    found = person_fit(reference("complete_2pl"), published.expected("complete_1pl_items")).iloc[: len(mirt)]
    for kind in ("infit", "outfit"):
        np.testing.assert_allclose(found[f"z_{kind}"], mirt[f"z.{kind}"], rtol=0, atol=1e-9)


def test_lz_worked_by_hand() -> None:
    # At theta = 0: P = .75 and .25, logits log 3 and -log 3; both right.
    found = person_fit(answers("11"), items_of([1, 1], [-math.log(3), math.log(3)]), theta=np.zeros(1)).iloc[0]
    observed, expected = math.log(0.75) + math.log(0.25), 2 * (0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    variance = 2 * 0.75 * 0.25 * math.log(3) ** 2
    assert found["lz"] == pytest.approx((observed - expected) / math.sqrt(variance), abs=1e-12)


def test_lz_star_follows_its_definition() -> None:
    """Snijders (2001), term by term, with derivatives of P and J / (2 I) by differences."""
    items = items_of([0.8, 1.4, 0.6, 1.1, 1.9], [-1, 0.3, 0.9, -0.2, 0.5], [0, 0.2, 0.1, 0.15, 0])
    people = answers("11010", "00110", "1-01-", "10101")
    found = person_fit(people, items)
    h = 1e-4
    for row, theta in enumerate(found["wle"]):
        terms = []
        for column, mark in enumerate(people.values[row]):
            if mark < 0:
                continue
            item = items.iloc[[column]]
            low, p, high = (float(probability(np.array([theta + step]), item)[0, 0]) for step in (-h, 0, h))
            terms.append((mark, p, (high - low) / (2 * h), (high - 2 * p + low) / h**2))
        information = sum(d**2 / (p * (1 - p)) for _, p, d, _ in terms)
        r0 = sum(d * dd / (p * (1 - p)) for _, p, d, dd in terms) / (2 * information)
        c = sum(d * math.log(p / (1 - p)) for _, p, d, _ in terms) / information
        top = sum((mark - p) * math.log(p / (1 - p)) for mark, p, _, _ in terms) + c * r0
        tau = sum(p * (1 - p) * (math.log(p / (1 - p)) - c * d / (p * (1 - p))) ** 2 for _, p, d, _ in terms)
        assert found["lz_star"].iloc[row] == pytest.approx(top / math.sqrt(tau), abs=1e-5)


def test_lz_star_is_nearly_standard_normal_under_the_model_and_lz_is_too_narrow() -> None:
    random = np.random.default_rng(7)
    items = pd.DataFrame(
        {"a": random.lognormal(0, 0.3, 40), "b": random.normal(0, 1, 40)}, index=[f"i{n:02d}" for n in range(40)]
    )
    people = simulated(6000, items, 8)
    wle = abilities(people, items, method="WLE")["theta"].to_numpy()
    found = person_fit(people, items, theta=wle)
    # Standard errors of the mean and the SD with 6,000 persons: .013 and .009.
    assert abs(found["lz_star"].mean()) < 0.06
    assert found["lz_star"].std() == pytest.approx(1, abs=0.05)
    assert found["lz"].std() < found["lz_star"].std() - 0.03
    assert (found["lz_star"] < -1.645).mean() == pytest.approx(0.05, abs=0.015)


def test_answers_upside_down_are_found() -> None:
    items = items_of([1.2] * 10, np.linspace(-2, 2, 10).tolist())
    found = person_fit(answers("0000011111", "1111100000", "1110110000"), items)
    assert found["lz_star"].iloc[0] < -3
    assert found["lz"].iloc[0] < -3
    assert found["outfit"].iloc[0] > 2
    assert (found["lz_star"].iloc[1:] > 0).all()


def test_what_cannot_be_judged_is_missing_and_says_why() -> None:
    alike = items_of([1, 1, 1], [0, 0, 0])
    found = person_fit(answers("110", "---"), alike)
    assert np.isfinite(found.loc["p0", ["outfit", "infit", "lz"]].to_numpy(dtype=float)).all()
    assert np.isnan(found["lz_star"]["p0"])
    assert found["note"]["p0"].startswith("lz* needs items that differ")
    assert found.loc["p1", "note"] == "No item was presented, so there is no fit to judge."
    assert found.loc["p1", ["theta", "outfit", "infit", "lz", "wle", "lz_star"]].isna().all()
    even = person_fit(answers("101"), alike, theta=np.zeros(1)).iloc[0]
    assert np.isnan(even["lz"])
    assert even["outfit"] == pytest.approx(1, abs=1e-12)
    assert even["note"].startswith("All P are 1/2")
    unknown = person_fit(answers("101"), items_of([1, 1, 1], [0, 1, 2]), theta=np.array([np.nan])).iloc[0]
    assert unknown["note"] == "There is no ability to judge the fit at."
    assert np.isfinite(unknown["lz_star"])
    far = person_fit(answers("1"), items_of([0.1], [0])).iloc[0]
    assert far["note"] == "The WLE lies too far out for lz*."


def test_all_right_and_all_wrong_and_steep_items_have_finite_fit() -> None:
    items = items_of([0.8, 1.5, 60], [-1, 0.5, 0], [0, 0.2, 0])
    found = person_fit(answers("111", "000", "001", "110"), items)
    assert np.isfinite(found[["outfit", "infit", "lz", "lz_star"]].to_numpy()).all()


def test_nobody_is_an_empty_table() -> None:
    nobody = ResponseMatrix(pd.Index([], dtype=str), pd.Index(["A"]), np.zeros((0, 1), dtype=np.int8))
    assert not len(person_fit(nobody, items_of([1], [0])))
