"""Infit, outfit and S-X2 of items beside those of R's mirt, cases worked by hand, and cases without an answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.irt.abilities import abilities
from ssa_engine.core.psychometrics.irt.item_fit import item_fit, score_fit
from ssa_engine.core.psychometrics.irt.models import normal_quadrature, probability
from ssa_engine.core.psychometrics.matrix import ResponseMatrix, response_matrix
from tests.core.psychometrics.irt.test_abilities import answers, items_of
from tests.reference import published


def simulated(people: int, items: pd.DataFrame, seed: int) -> ResponseMatrix:
    random = np.random.default_rng(seed)
    p = probability(random.normal(size=people), items)
    return ResponseMatrix(pd.RangeIndex(people).astype(str), items.index, (random.random(p.shape) < p).astype(np.int8))


@pytest.fixture(scope="module")
def complete() -> ResponseMatrix:
    return response_matrix(published.long_of(published.data("complete_2pl")))


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_infit_and_outfit_equal_the_plain_formulas_at_the_eap(model: str, complete: ResponseMatrix) -> None:
    # exact.py of the reference set, at mirt's item parameters and EAPs
    expected = published.expected(f"complete_{model}_item_infit_exact")
    found = item_fit(complete, published.expected(f"complete_{model}_items")).loc[expected.index]
    np.testing.assert_allclose(found[["infit", "outfit"]], expected[["infit", "outfit"]], rtol=0, atol=1e-9)
    assert set(found["note"]) == {""}
    assert set(found["n"]) == {1500}


def test_standardised_infit_and_outfit_equal_those_of_mirt(complete: ResponseMatrix) -> None:
    # mirt 1.47, itemfit(mod, fit_stats = "infit", method = "EAP") of the 1PL, where its floor under P Q plays no part
    expected = published.expected("complete_1pl_itemfit")
    found = item_fit(complete, published.expected("complete_1pl_items")).loc[expected.index]
    for kind in ("infit", "outfit"):
        np.testing.assert_allclose(found[f"z_{kind}"], expected[f"z.{kind}"], rtol=0, atol=1e-9)


def test_infit_and_outfit_worked_by_hand() -> None:
    # P = .5 for the first, P = .75 (logit log 3) for the second, item right for both.
    people, items = answers("1", "1"), items_of([1], [0])
    found = item_fit(people, items, theta=np.array([0.0, np.log(3)])).iloc[0]
    assert found["outfit"] == pytest.approx((0.25 / 0.25 + 0.0625 / 0.1875) / 2, abs=1e-12)
    assert found["infit"] == pytest.approx((0.25 + 0.0625) / (0.25 + 0.1875), abs=1e-12)


def test_a_gap_is_left_out_of_fit() -> None:
    items = items_of([1, 1.3], [0, 0.4])
    theta = np.array([0.3, -0.2, 0.9])
    found = item_fit(answers("11", "-0", "01"), items, theta=theta)
    people = answers("1", "0")
    alone = item_fit(people, items.iloc[:1], theta=theta[[0, 2]])
    assert found.loc["A", "n"] == 2
    assert found.loc["A", "infit"] == pytest.approx(alone.loc["A", "infit"], abs=1e-12)


def test_an_item_that_everybody_has_right_has_fit_and_one_that_nobody_saw_has_a_reason() -> None:
    found = item_fit(answers("11-", "10-", "11-"), items_of([1, 1, 1], [-1, 0, 0]))
    assert np.isfinite(found.loc["A", ["infit", "outfit"]].to_numpy(dtype=float)).all()
    assert found.loc["C", ["outfit", "infit", "z_outfit", "z_infit"]].isna().all()
    assert found.loc["C", "note"] == "Nobody with a known ability was shown this item."


def test_there_must_be_one_ability_per_attempt() -> None:
    with pytest.raises(Invalid, match="3 attempts and 2 abilities"):
        item_fit(answers("1", "0", "1"), items_of([1], [0]), theta=np.zeros(2))


def test_the_tables_of_s_x2_equal_those_of_mirt_before_scores_are_joined(complete: ResponseMatrix) -> None:
    # mirt 1.47, itemfit(mod, fit_stats = "S_X2", return.tables = TRUE), O.org and E.org of the first item
    expected = published.table("complete_2pl_sx2_item1_tables")
    tables = score_fit(complete, published.expected("complete_2pl_items")).tables
    found = tables[tables["item_id"] == "i01"]
    assert found["score"].tolist() == expected["row"].tolist()
    for column in ("observed_0", "observed_1"):
        assert found[column].tolist() == expected[column].tolist()
    for column in ("expected_0", "expected_1"):
        np.testing.assert_allclose(found[column], expected[column], rtol=0, atol=1e-9)


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_s_x2_equals_that_of_mirt_under_its_rule_for_small_cells(model: str, complete: ResponseMatrix) -> None:
    # mirt 1.47, itemfit(mod, fit_stats = "S_X2", mincell = 1); a common slope counts as a parameter of each item
    expected = published.expected(f"complete_{model}_itemfit")
    found = score_fit(complete, published.expected(f"complete_{model}_items")).items.loc[expected.index]
    np.testing.assert_allclose(found["s_x2"], expected["S_X2"], rtol=0, atol=1e-8)
    assert found["df"].tolist() == expected["df.S_X2"].tolist()
    np.testing.assert_allclose(found["p_value"], expected["p.S_X2"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["rmsea"], expected["RMSEA.S_X2"], rtol=0, atol=1e-9)


def test_expected_counts_by_all_patterns() -> None:
    items = items_of([0.8, 1.2, 1.5, 0.9], [-0.5, 0.1, 0.4, 1], [0.1, 0.2, 0, 0.1])
    people = simulated(400, items, 1)
    quadrature = normal_quadrature(41)
    p = probability(quadrature.points, items)
    joint = np.zeros((5, 2))
    for code in range(16):
        marks = np.array([code >> bit & 1 for bit in range(4)])
        joint[marks.sum(), marks[2]] += quadrature.weights @ np.prod(np.where(marks, p, 1 - p), axis=1)
    tables = score_fit(people, items, quadrature=quadrature).tables
    found = tables[tables["item_id"] == "C"]
    total = people.values.sum(axis=1)
    for score in (1, 2, 3):
        row = found[found["score"] == score].iloc[0]
        count = (total == score).sum()
        assert row["expected_1"] == pytest.approx(count * joint[score, 1] / joint[score].sum(), abs=1e-9)
        assert row["observed_1"] == people.values[total == score, 2].sum()


def test_joining_keeps_every_person_and_leaves_no_cell_too_small() -> None:
    random = np.random.default_rng(2)
    items = pd.DataFrame(
        {"a": random.lognormal(0, 0.3, 20), "b": random.normal(-1, 1, 20)}, index=[f"i{n:02d}" for n in range(20)]
    )
    people = simulated(300, items, 3)
    total = people.values.sum(axis=1)
    for mincell in (1.0, 5.0):
        found = score_fit(people, items, mincell=mincell)
        assert (found.items["groups"] > 1).sum() >= 19
        for _, table in found.tables.groupby("item_id"):
            assert table[["observed_0", "observed_1"]].to_numpy().sum() == ((total > 0) & (total < 20)).sum()
            used = table[table["group"] > 0]
            joined = used.groupby("group")[["observed_0", "observed_1", "expected_0", "expected_1"]].sum()
            assert len(joined) == 1 or joined[["expected_0", "expected_1"]].to_numpy().min() >= mincell
            assert used["group"].is_monotonic_increasing
            assert (table.loc[table["group"] == 0, ["observed_0", "observed_1"]] == 0).all(axis=None)


def test_scores_of_nobody_are_left_out_and_of_one_person_join_the_next_higher() -> None:
    # Six items: scores 1 (one person), 2 (nobody), 3 and 4 (ten each), 5 (one person).
    rows = ["100000"] + ["111000"] * 5 + ["000111"] * 5 + ["111100"] * 5 + ["001111"] * 5 + ["011111"]
    found = score_fit(answers(*rows), items_of([1] * 6, [-0.2, -0.1, 0, 0.1, 0.2, 0.3]), mincell=0.1)
    table = found.tables[found.tables["item_id"] == "B"]
    assert table["group"].tolist() == [1, 0, 1, 2, 2]


def test_s_x2_holds_its_level_and_finds_an_item_of_another_slope() -> None:
    random = np.random.default_rng(11)
    items = pd.DataFrame({"a": np.ones(20), "b": random.normal(0, 1, 20)}, index=[f"i{n:02d}" for n in range(20)])
    true = items.copy()
    true.loc["i00", ["a", "b"]] = [0.2, 0.0]
    found = score_fit(simulated(3000, true, 12), items, estimated=0).items
    assert found["p_value"]["i00"] < 1e-6
    others = found.drop(index="i00")
    assert (others["s_x2"] / others["df"]).between(0.3, 2.5).all()
    assert 0.7 < (others["s_x2"] / others["df"]).mean() < 1.3


def test_degrees_of_freedom_count_what_was_estimated() -> None:
    items = items_of([0.8, 1.2, 1.5, 0.9, 1.1, 1.3], [-1, -0.5, 0, 0.3, 0.7, 1], [0.2, 0, 0, 0, 0, 0])
    people = simulated(2000, items, 4)
    found = score_fit(people, items).items
    assert (found["groups"] - found["df"]).tolist() == [3, 2, 2, 2, 2, 2]
    slope_in_common = score_fit(people, items, estimated=1).items
    assert (slope_in_common["groups"] - slope_in_common["df"]).tolist() == [1] * 6
    assert slope_in_common["s_x2"].equals(found["s_x2"])


@pytest.mark.parametrize(
    ("rows", "a", "groups"),
    [(("1", "0", "1"), [1.0], 0), (("10", "01", "11"), [1.0, 1.0], 1), (("111", "111", "000"), [1.0] * 3, 0)],
)
def test_too_few_groups_of_scores_leave_a_note_and_no_statistic(
    rows: tuple[str, ...], a: list[float], groups: int
) -> None:
    found = score_fit(answers(*rows), items_of(a, [0.0] * len(a))).items
    assert found[["s_x2", "p_value", "rmsea"]].isna().all(axis=None)
    assert found["df"].eq(0).all()
    said = f"With 2 estimated parameters S-X2 needs 3 groups of scores; there are {groups}."
    assert found["note"].tolist() == [said] * len(a)


def test_only_those_who_saw_every_item_count_and_without_any_s_x2_is_refused() -> None:
    items = items_of([1, 1.2, 0.9], [0, 0.3, -0.4])
    found = score_fit(answers("101", "11-", "010", "001"), items).items
    assert found["n"].tolist() == [3, 3, 3]
    with pytest.raises(Invalid, match="Nobody saw all of these items"):
        score_fit(answers("10-", "-10"), items)


def test_fit_at_other_abilities_differs_from_that_at_the_eap(complete: ResponseMatrix) -> None:
    items = published.expected("complete_2pl_items")
    wle = abilities(complete, items, method="WLE")["theta"].to_numpy()
    assert (item_fit(complete, items)["outfit"] - item_fit(complete, items, theta=wle)["outfit"]).abs().max() > 0.005
