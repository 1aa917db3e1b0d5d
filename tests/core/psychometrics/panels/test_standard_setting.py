"""Angoff and bookmark: cuts worked by hand, rounds, errors over judges, and the inverse of the model."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.panels.agreement import generalizability
from ssa_engine.core.psychometrics.panels.judge_cuts import judge_cuts
from ssa_engine.core.psychometrics.panels.standard_setting import angoff, bookmark, rating_matrix, response_locations

ITEMS = pd.DataFrame(
    {"a": [1.0, 1.5, 0.8, 1.2], "b": [-1.0, 0.0, 1.0, 2.0]}, index=pd.Index(list("pqrs"), name="item_id")
)


def ratings(**rounds: dict[str, str]) -> pd.DataFrame:
    """Return a sheet: r1={'A': '.5 .6 -'} is judge A's ratings of items i0, i1 and none of i2 in round 1."""
    rows = [
        (judge, f"i{item}", math.nan if cell == "-" else float(cell), int(name[1:]))
        for name, judges in rounds.items()
        for judge, cells in judges.items()
        for item, cell in enumerate(cells.split())
    ]
    return pd.DataFrame(rows, columns=["judge", "item_id", "rating", "round"])


def bookmarks(*rows: tuple[str, str | None, int]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["judge", "page_item_id", "round"])


def test_the_angoff_cut_is_the_mean_rating_with_the_error_of_the_judges_means() -> None:
    found = angoff(ratings(r1={"A": ".5 .6 .7", "B": ".6 .6 .9", "C": ".4 .5 .6"})).cut
    # Judges' means .6, .7, .5: mean .6, SD .1.
    assert found.proportion == pytest.approx(0.6, abs=1e-12)
    assert found.se == pytest.approx(0.1 / math.sqrt(3), abs=1e-12)
    reach = stats.t.ppf(0.975, 2) * 0.1 / math.sqrt(3)
    assert (found.low, found.high) == pytest.approx((0.6 - reach, 0.6 + reach), abs=1e-12)
    assert (found.judges, found.items, found.rounds, found.note) == (3, 3, 1, "")


def test_its_error_over_judges_and_items_is_that_of_the_generalizability_study() -> None:
    sheet = ratings(r1={"A": ".5 .6 .7", "B": ".6 .6 .9", "C": ".4 .5 .6"})
    row = angoff(sheet).rounds.loc[1]
    study = generalizability(rating_matrix(sheet, 1)).decision_study([3]).iloc[0]
    assert row["se"] == pytest.approx(study["se_judges"], abs=1e-12)
    assert row["se_judges_and_items"] == pytest.approx(study["se_judges_and_items"], abs=1e-12)
    assert row["se_judges_and_items"] > row["se"]


def test_rounds_are_cut_one_by_one_and_what_changed_is_told() -> None:
    sheet = ratings(r1={"A": ".4 .6", "B": ".8 .8"}, r2={"A": ".5 .6", "B": ".7 .8"})
    found = angoff(sheet)
    assert found.rounds["cut"].tolist() == pytest.approx([0.65, 0.65])
    assert found.rounds["sd"].tolist() == pytest.approx([0.3 / math.sqrt(2), 0.2 / math.sqrt(2)])
    assert found.rounds["change"].iloc[1] == pytest.approx(0, abs=1e-12)
    assert found.rounds["mean_absolute_change"].iloc[1] == pytest.approx((0.1 + 0 + 0.1 + 0) / 4)
    assert math.isnan(found.rounds["mean_absolute_change"].iloc[0])
    changes = found.judges[found.judges["round"] == 2].set_index("judge")["change"]
    assert changes.to_dict() == pytest.approx({"A": 0.05, "B": -0.05})
    assert found.cut.rounds == 2
    assert found.cut.se == pytest.approx(0.2 / math.sqrt(2) / math.sqrt(2))
    assert angoff(sheet, round_number=1).cut.se == pytest.approx(0.3 / 2)


def test_an_item_a_judge_left_out_does_not_shift_that_judges_cut() -> None:
    # B rates as A does and leaves out the hard item; the panel's means are .8 .6 .2, B's own items .8 .6.
    found = angoff(ratings(r1={"A": ".8 .6 .2", "B": ".8 .6 -"}))
    assert found.cut.proportion == pytest.approx((0.8 + 0.6 + 0.2) / 3)
    assert found.judges["cut"].tolist() == pytest.approx([1.6 / 3, 1.6 / 3])


def test_judges_who_rated_different_items_are_compared_by_judge_and_item_effects() -> None:
    # A rates i0 i1, B i1 i2, C i0 i1 i2 so that every rating is judge + item exactly: judges 0 .3 -.1, items .5 .6 .4.
    found = angoff(ratings(r1={"A": ".5 .6 -", "B": "- .9 .7", "C": ".4 .5 .3"}))
    assert found.judges["cut"].tolist() == pytest.approx([0.5, 0.8, 0.4], abs=1e-12)
    assert found.cut.proportion == pytest.approx(1.7 / 3, abs=1e-12)
    assert found.cut.se == pytest.approx(np.std([0.5, 0.8, 0.4], ddof=1) / math.sqrt(3), abs=1e-12)
    assert found.cut.convention.startswith("mean of judge and item effects by least squares")


def test_the_effects_are_those_of_least_squares_with_a_column_for_each_judge_and_item() -> None:
    chance = np.random.default_rng(7)
    judge, item = (names.ravel() for names in np.meshgrid(np.arange(8), np.arange(20), indexing="ij"))
    rating = 0.5 + chance.normal(0, 0.15, 8)[judge] + chance.normal(0, 0.08, 20)[item] + chance.normal(0, 0.05, 160)
    seen = np.concatenate([chance.choice(20, 6, replace=False) + 20 * row for row in range(8)])
    judge, item, rating = judge[seen], item[seen], rating[seen].clip(0, 1)
    rated = np.unique(item)
    design = np.hstack([judge[:, None] == np.arange(8), item[:, None] == rated]).astype(float)
    effects = np.linalg.lstsq(design, rating, rcond=None)[0]
    expected = effects[:8] + effects[8:].mean()
    names = {"judge": judge.astype(str), "item_id": item.astype(str), "rating": rating}
    found = angoff(pd.DataFrame(names).assign(round=1))
    assert found.judges["cut"].tolist() == pytest.approx(expected.tolist(), abs=1e-10)
    assert found.cut.proportion == pytest.approx(expected.mean(), abs=1e-10)
    assert found.cut.se == pytest.approx(expected.std(ddof=1) / math.sqrt(8), abs=1e-10)


def test_the_error_is_that_of_the_cut_over_many_panels_whose_judges_rated_different_items() -> None:
    # Eight judges of severity SD .12, each with six of twenty items, the same in every panel; items stay as they are.
    chance = np.random.default_rng(3)
    seen = np.argsort(chance.random((8, 20)), axis=1) < 6
    item = chance.normal(0.6, 0.08, 20)
    cuts, errors = [], []
    for _ in range(400):
        values = item + chance.normal(0, 0.12, (8, 1)) + chance.normal(0, 0.06, (8, 20))
        made = judge_cuts(pd.DataFrame(np.where(seen, values, np.nan)))
        cuts.append(made.cut)
        errors.append(made.judges.var(ddof=1) / 8)
    assert math.sqrt(np.mean(errors)) == pytest.approx(np.std(cuts), rel=0.1)


def test_groups_of_judges_that_share_no_item_have_a_cut_without_an_error_and_a_sentence() -> None:
    low, high = ".3 .3 - -", "- - .9 .9"
    found = angoff(ratings(r1={"A": low, "B": low, "C": high, "D": high}))
    cut = found.cut
    assert cut.proportion == pytest.approx(0.6)
    assert (cut.se, cut.low, cut.high) == (None, None, None)
    assert cut.note.startswith("The judges fall into 2 groups that have no item in common")
    assert "All judges have the same cut" not in cut.note
    assert found.rounds["sd"].isna().all()
    assert found.judges["cut"].tolist() == pytest.approx([0.3, 0.3, 0.9, 0.9])
    # One rating that links them: C was .3 above what the others said of i0.
    linked = angoff(ratings(r1={"A": low, "B": low, "C": ".6 - .9 .9", "D": high})).cut
    assert linked.se is not None
    assert linked.se > 0
    assert linked.note == ""


def test_groups_apart_that_give_the_same_mean_are_not_said_to_agree() -> None:
    cut = angoff(ratings(r1={"A": ".5 -", "B": "- .5"})).cut
    assert (cut.proportion, cut.se) == (0.5, None)
    assert cut.note.startswith("The judges fall into 2 groups")
    assert "All judges have the same cut" not in cut.note


def test_a_cut_carried_beyond_one_is_held_there_and_told() -> None:
    # A and B lie .8 above C on i0; with C's .9 of i1 they would be at 1.35, and the panel at 3.25 / 3.
    found = angoff(ratings(r1={"A": "1 -", "B": "1 -", "C": ".2 .9"}))
    assert found.cut.proportion == 1
    assert found.judges["cut"].tolist() == pytest.approx([1.35, 1.35, 0.55])
    assert found.cut.note.endswith("lead beyond 0 to 1; the cut is held there.")


def test_one_judge_gives_a_cut_without_an_error_and_a_sentence() -> None:
    found = angoff(ratings(r1={"A": ".5 .7"})).cut
    assert found.proportion == pytest.approx(0.6)
    assert (found.se, found.low, found.high) == (None, None, None)
    assert found.note.startswith("One judge")


def test_one_item_gives_a_cut_with_an_error_over_judges_alone() -> None:
    row = angoff(ratings(r1={"A": ".5", "B": ".7"})).rounds.loc[1]
    assert row["se"] == pytest.approx(0.1)
    assert row[["se_judges_and_items"]].isna().all()


def test_ratings_all_the_same_have_an_error_of_nought_and_a_sentence() -> None:
    found = angoff(ratings(r1={"A": ".5 .5", "B": ".5 .5"})).cut
    assert (found.proportion, found.se, found.low, found.high) == (0.5, 0, 0.5, 0.5)
    assert found.note.startswith("All judges have the same cut")


def test_a_judge_who_rated_nothing_and_a_round_that_is_missing_are_told() -> None:
    sheet = ratings(r1={"A": ".5 .7", "B": ".6 .8", "C": ".5 .9"}, r3={"A": ".5 .7", "B": ".6 .7", "C": "- -"})
    found = angoff(sheet)
    assert found.cut.judges == 2
    assert found.cut.note == "No judgement of C in round 3. Round 2 is missing; changes are since round 1."
    assert found.rounds.index.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("sheet", "round_number", "sentence"),
    [
        (ratings(r1={"A": ".5 1.2"}), None, "Judge 'A' rated item 'i1' 1.2"),
        (ratings(r1={"A": ".5 -.1"}), None, "Judge 'A' rated item 'i1' -0.1"),
        (ratings(r1={"A": ".5"}, r2={"A": ".6"}), 3, "There is no round 3"),
        (ratings(r1={"A": "- -"}), None, "No judge has judged anything"),
    ],
)
def test_what_cannot_be_a_panel_is_refused(sheet: pd.DataFrame, round_number: int | None, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        angoff(sheet, round_number=round_number)


def test_the_interval_stays_between_nought_and_one() -> None:
    found = angoff(ratings(r1={"A": ".1", "B": ".9"})).cut
    assert (found.low, found.high) == (0, 1)


@pytest.mark.parametrize("probability", [0.5, 0.67, 0.8])
def test_an_item_lies_where_the_model_gives_it_the_response_probability(probability: float) -> None:
    items = ITEMS.assign(c=[0.0, 0.2, 0.1, math.nan])
    locations = response_locations(items, probability)
    for name, theta in locations.items():
        a, b, c = items.loc[[str(name)], ["a", "b", "c"]].to_numpy()[0].tolist()
        c = 0.0 if math.isnan(c) else c
        assert c + (1 - c) / (1 + math.exp(-a * (theta - b))) == pytest.approx(probability, abs=1e-12)
    assert locations.is_monotonic_increasing


def test_with_half_as_response_probability_items_lie_at_their_difficulty() -> None:
    assert response_locations(ITEMS, 0.5).to_dict() == pytest.approx({"p": -1, "q": 0, "r": 1, "s": 2})


def test_a_bookmark_is_the_inverse_of_the_2pl_and_the_cut_the_expected_proportion_there() -> None:
    found = bookmark(bookmarks(("A", "q", 1), ("B", "r", 1)), ITEMS)
    ln = math.log(0.67 / 0.33)
    thetas = [0 + ln / 1.5, 1 + ln / 0.8]
    assert found.judges["theta"].tolist() == pytest.approx(thetas, abs=1e-12)
    theta = sum(thetas) / 2
    p = [1 / (1 + math.exp(-a * (theta - b))) for a, b in ITEMS.to_numpy()]
    assert found.cut.proportion == pytest.approx(sum(p) / 4, abs=1e-12)
    theta_se = abs(thetas[1] - thetas[0]) / 2
    slope = sum(a * q * (1 - q) for a, q in zip(ITEMS["a"], p, strict=True)) / 4
    assert found.cut.se == pytest.approx(slope * theta_se, abs=1e-12)
    reach = stats.t.ppf(0.975, 1) * theta_se
    moved = [np.mean(1 / (1 + np.exp(-ITEMS["a"] * (theta + end - ITEMS["b"])))) for end in (-reach, reach)]
    assert (found.cut.low, found.cut.high) == pytest.approx(tuple(moved), abs=1e-12)
    assert found.cut.convention == "RP 0.67, location of the item named, mean over judges"


@pytest.mark.parametrize(
    ("placement", "expected"), [("at", [-1.0, 1.0, 2.0]), ("before", [-1.0, 0.0, 1.0]), ("between", [-1.0, 0.5, 1.5])]
)
def test_the_page_named_may_mean_itself_the_one_before_or_half_way(placement: str, expected: list[float]) -> None:
    sheet = bookmarks(("A", "p", 1), ("B", "r", 1), ("C", "s", 1))
    found = bookmark(sheet, ITEMS, response_probability=0.5, placement=placement)  # type: ignore[arg-type]
    assert found.judges["theta"].tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("pages", [[2, 3, 3], [2.0, 3.0, 3.0], ["2", "3", "3"]], ids=["whole", "decimal", "text"])
@pytest.mark.parametrize("kind", ["int64", "float64", "str"])
def test_items_whose_names_are_numbers_are_found_whatever_they_are_kept_as(pages: list[object], kind: str) -> None:
    items = ITEMS.set_axis(pd.Index([1, 2, 3, 4]).astype(kind))
    sheet = pd.DataFrame({"judge": ["A", "B", "C"], "page_item_id": pages, "round": 1})
    found = bookmark(sheet, items, response_probability=0.5)
    assert found.judges["theta"].tolist() == pytest.approx([0, 1, 1])


def test_a_bookmark_not_set_beside_numbers_is_missing() -> None:
    sheet = pd.DataFrame({"judge": ["A", "B", "C"], "page_item_id": [2, None, 3], "round": 1})
    found = bookmark(sheet, ITEMS.set_axis(pd.Index([1, 2, 3, 4])), response_probability=0.5)
    assert found.judges["theta"].tolist() == pytest.approx([0, math.nan, 1], nan_ok=True)
    assert found.cut.judges == 2


def test_the_median_of_the_judges_is_used_where_it_is_chosen() -> None:
    sheet = bookmarks(("A", "p", 1), ("B", "q", 1), ("C", "s", 1))
    found = bookmark(sheet, ITEMS, response_probability=0.5, centre="median").rounds.loc[1]
    assert found["theta"] == pytest.approx(0)
    sd = float(np.std([-1, 0, 2], ddof=1))
    assert found["theta_se"] == pytest.approx(math.sqrt(math.pi / 2) * sd / math.sqrt(3))


def test_judges_whose_bookmarks_move_are_told_by_round() -> None:
    sheet = bookmarks(("A", "p", 1), ("B", "s", 1), ("A", "q", 2), ("B", None, 2))
    found = bookmark(sheet, ITEMS, response_probability=0.5)
    assert found.rounds["theta"].tolist() == pytest.approx([0.5, 0.0])
    assert found.rounds["mean_absolute_change"].iloc[1] == pytest.approx(1)
    assert (
        found.cut.note
        == "No judgement of B in round 2. One judge, so the error of the cut is unknown. Ask at least two."
    )


@pytest.mark.parametrize(
    ("sheet", "items", "probability", "sentence"),
    [
        (bookmarks(("A", "zz", 1)), ITEMS, 0.67, "no parameters of these bookmarked items: zz"),
        (bookmarks(("A", "p", 1)), ITEMS.assign(c=0.7), 0.67, "No ability has the response probability .* p"),
        (bookmarks(("A", "p", 1)), ITEMS, 1.0, "lies between 0 and 1"),
        (bookmarks(("A", None, 1)), ITEMS, 0.67, "No judge has judged anything"),
    ],
)
def test_what_cannot_be_a_bookmark_is_refused(
    sheet: pd.DataFrame, items: pd.DataFrame, probability: float, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        bookmark(sheet, items, response_probability=probability)
