"""Tables of what standards do to marked responses: by area, cut and attempt; bootstrap intervals; degenerate data."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import CreditRule
from ssa_engine.core.psychometrics.decisions.area_groups import area_groups, as_they_are, drawn_again
from ssa_engine.core.psychometrics.decisions.classification import beta_binomial, classify
from ssa_engine.core.psychometrics.decisions.decision_tables import (
    GIVEN_ITEMS,
    NO_MOMENTS,
    NO_TRUE_VARIANCE,
    ONE_SIDE,
    area_table,
    sweep_table,
)
from ssa_engine.core.psychometrics.decisions.profile_tables import NO_MODEL, decision_table, profile_table
from tests.reference import published

RULE = CreditRule(rule="per_item", credits=1.5, total_cap=4)


def marked(*attempts: str, area: str = "A") -> pd.DataFrame:
    """Return marked responses of one area: '10-' is the first item right, the second wrong, the third not presented."""
    rows = [
        (f"p{number}", f"{area}{place}", mark == "1", area)
        for number, marks in enumerate(attempts)
        for place, mark in enumerate(marks)
        if mark != "-"
    ]
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "correct", "content_area"])


def subscores() -> pd.DataFrame:
    """The simulated six areas of ten items, 800 people."""
    long = published.long_of(published.data("subscores"))
    return long.assign(content_area=long["item_id"].str[:2])


def test_an_interval_is_as_wide_as_samples_of_people_differ() -> None:
    random = np.random.default_rng(1)
    people = 300

    def sample() -> pd.DataFrame:
        right = random.random((people, 8)) < random.beta(4, 2, people)[:, None]
        wide = pd.DataFrame(right.astype(int), columns=[f"A{i}" for i in range(8)])
        return published.long_of(wide).assign(content_area="A")

    rates = []
    for _ in range(60):
        group = area_groups(sample())["A"][0]
        rates.append(classify(beta_binomial(group.frequencies, cut=6, true_cut=0.7).probabilities).missed.item())
    table = area_table(area_groups(sample()), {"A": 0.7}, replications=400, seed=2)
    width = (table["missed_need_high"] - table["missed_need_low"]).iloc[0]
    assert width / (2 * 1.96 * np.std(rates)) == pytest.approx(1, abs=0.3)
    assert (table["missed_need_low"] < table["missed_need"]).all()
    assert (table["missed_need"] < table["missed_need_high"]).all()


def test_a_method_alone_says_what_it_says_beside_the_others() -> None:
    groups, standards = area_groups(marked("11010", "11100", "10000", "11111", "01110", "11011")), {"A": 0.7}
    every = area_table(groups, standards, replications=30, seed=2)
    assert len(every) == 3
    for method in every["method"]:
        alone = area_table(groups, standards, replications=30, seed=2, by=(method,))
        pd.testing.assert_frame_equal(alone, every[every["method"] == method].reset_index(drop=True))


def test_bootstrap_samples_keep_their_size_and_the_reliability_is_alpha() -> None:
    group = area_groups(subscores())["A1"][0]
    itself = as_they_are(group)
    # R psych 2.2.9, psych::alpha(x)$total$raw_alpha
    assert itself.reliability.item() == pytest.approx(
        published.table("ctt_summary").set_index("data").loc["area1", "alpha"], abs=1e-9
    )
    again = next(drawn_again(group, 200, np.random.default_rng(0)))
    assert set(again.frequencies.sum(axis=1)) == {800.0}
    assert again.reliability.mean() == pytest.approx(itself.reliability.item(), abs=0.01)
    assert again.reliability.std() > 0.005


def test_alpha_of_a_bootstrap_sample_is_alpha_of_its_people() -> None:
    group = area_groups(marked("110", "011", "111", "000", "100"))["A"][0]
    assert group.same_items
    wide = group.matrix.values.astype(float)
    total = wide.sum(axis=1)
    by_hand = 3 / 2 * (1 - wide.var(axis=0, ddof=1).sum() / total.var(ddof=1))
    assert as_they_are(group).reliability.item() == pytest.approx(by_hand)


def test_attempts_of_other_lengths_are_computed_apart_and_weighted() -> None:
    random = np.random.default_rng(5)
    long = ["".join(row) for row in random.choice(["0", "1"], (30, 6), p=[0.4, 0.6])] + ["111111", "000000"] * 3
    short = [row[:4] + "--" for row in long[::2]] + ["1111--"] * 3
    standards = {"A": 0.5}
    mixed, apart = (
        area_table(area_groups(marked(*rows)), standards, replications=20) for rows in ([*long, *short], long)
    )
    other = area_table(area_groups(marked(*short)), standards, replications=20)
    weights = [len(long), len(short)]
    for name in ("accuracy", "consistency", "needless_ce", "missed_need", "reliability", "items", "cut"):
        expected = np.average([apart[name].iloc[0], other[name].iloc[0]], weights=weights)
        assert mixed[name].iloc[0] == pytest.approx(expected), name
    lengths = f"4 items ({len(short)} attempts), 6 items ({len(long)} attempts)"
    told = f"Lengths computed apart and weighted by attempts: {lengths}."
    assert told in mixed["note"].iloc[0]
    assert apart["note"].iloc[0] == ""


def test_where_attempts_had_items_of_their_own_reliability_is_kr21() -> None:
    table = area_table(area_groups(marked("11--1", "1-11-", "-100-", "--111", "0-0-0")), {"A": 0.5}, replications=20)
    assert table["reliability"].tolist() == [table["reliability"].iloc[0]] * 3


def test_pilots_do_not_count() -> None:
    frame = marked("1110", "1001", "0101", "1100")
    with_pilot = frame.assign(scored=frame["item_id"] != "A3")
    expected = area_groups(frame[frame["item_id"] != "A3"])["A"][0]
    assert area_groups(with_pilot)["A"][0].correct.tolist() == expected.correct.tolist()


def test_probabilities_of_lying_below_are_those_of_the_fitted_posterior() -> None:
    frame = subscores()
    table = decision_table(area_groups(frame), dict.fromkeys(frame["content_area"].unique(), 0.7), loss_ratio=2)
    fitted = beta_binomial(area_groups(frame)["A2"][0].frequencies, cut=7, true_cut=0.7).true_scores
    own = table[table["content_area"] == "A2"]
    points = (own["score"] * 10).round()
    expected = stats.beta.cdf(0.7, fitted.alpha + points, fitted.beta + 10 - points)
    np.testing.assert_allclose(own["probability_below"], expected, atol=1e-12)
    # Twice as bad to miss a need: prescribed above a probability of 1/3.
    assert (own["decision"] == np.where(expected > 1 / 3, "prescribe", "none")).all()
    assert own["decision"].nunique() == 2
    # By the model the share truly below is what the probabilities come to, up to the fit.
    assert own["probability_below"].mean() == pytest.approx(fitted.share_below(np.array([0.7])).item(), abs=0.01)


def test_item_parameters_add_lee_and_rudner() -> None:
    given = published.data("given_items").set_index("item")
    frame = subscores().query("content_area == 'A1'")
    renamed = frame.assign(
        item_id=frame["item_id"].map(dict(zip(sorted(frame["item_id"].unique()), given.index, strict=True)))
    )
    table = area_table(area_groups(renamed), {"A1": 0.7}, items=given, replications=10).set_index("method")
    exact = published.table("classification_irt_exact")
    for name in ("Lee", "Rudner"):
        row = exact[(exact["index"] == name) & exact["rule"].str.startswith("Gauss")].iloc[0]
        for column in ("accuracy", "consistency", "kappa"):
            assert table.loc[[name], column].item() == pytest.approx(row[column], abs=1e-9)
        assert table.loc[[name], "note"].item() == GIVEN_ITEMS


def test_items_without_parameters_are_named() -> None:
    given = published.data("given_items").set_index("item")
    table = area_table(area_groups(marked("110", "011", "100")), {"A": 0.5}, items=given, replications=10)
    assert table["note"].tolist()[-1] == "Items without parameters: A0, A1, A2."


def missing_without_a_reason(table: pd.DataFrame) -> pd.DataFrame:
    return table[table.drop(columns="note").isna().any(axis=1) & (table["note"] == "")]


SAME_SCORE = "Everybody has the same score"
DEGENERATE = {
    "one item": (("1", "0", "1"), "two attempts and two items"),
    "one attempt": (("1101",), "two attempts and two items"),
    "all right": (("1111",) * 5, SAME_SCORE),
    "all wrong": (("0000",) * 5, SAME_SCORE),
    "no variance": (("1010", "0101", "0110"), SAME_SCORE),
    "less variance than chance": (("1010", "0101", "1110", "0110"), NO_TRUE_VARIANCE),
    "three candidates": (("1100", "1110", "0000"), ""),
    "all or nothing": (("1111", "0000", "1111"), "at both ends"),
    "a length of its own": (("1100", "1110", "0000", "1---"), "1 attempt with 1 item left out"),
}


@pytest.mark.parametrize(("attempts", "told"), DEGENERATE.values(), ids=DEGENERATE)
@pytest.mark.parametrize("standard", [0.0, 0.5, 0.75, 1.0])
def test_degenerate_data_have_a_sentence_wherever_a_figure_is_missing(
    attempts: tuple[str, ...], told: str, standard: float
) -> None:
    groups, standards = area_groups(marked(*attempts)), {"A": standard}
    areas = area_table(groups, standards, replications=30, seed=1)
    tables = [areas, sweep_table(groups), decision_table(groups, standards, loss_ratio=1.0)]
    tables.append(profile_table(groups, standards, rule=RULE, standard_errors={"A": 0.05}))
    for table in tables:
        assert missing_without_a_reason(table).empty, table
    assert told in areas["note"].iloc[0]
    one_side = areas["kappa"].isna() & areas["accuracy"].notna()
    assert areas.loc[one_side, "note"].str.contains(ONE_SIDE, regex=False).all()


def test_where_no_area_can_be_computed_the_profile_says_so() -> None:
    table = profile_table(area_groups(marked("1", "0")), {"A": 0.5}, rule=RULE)
    assert table["note"].tolist() == [NO_MODEL]


def test_an_area_that_cannot_be_computed_is_left_out_of_the_profile_by_name() -> None:
    frame = pd.concat([marked("110", "011", "000", "111"), marked("1", "0", "1", "1", area="B")])
    table = profile_table(area_groups(frame), {"A": 0.6, "B": 0.6}, rule=RULE)
    assert table["note"].tolist() == ["", NO_MODEL, "Without B."]
    assert table["consistency"].isna().tolist() == [False, True, False]


def test_responses_without_an_area_or_scored_item_are_refused() -> None:
    frame = marked("110", "011")
    with pytest.raises(Invalid, match="content_area"):
        area_groups(frame.assign(content_area=None))
    with pytest.raises(Invalid, match="no scored responses"):
        area_groups(frame.assign(scored=False))


def noted(attempts: Sequence[str], replications: int = 20, seed: int = 0) -> pd.DataFrame:
    """Return the figures of one area by method."""
    table = area_table(area_groups(marked(*attempts)), {"A": 0.7}, replications=replications, seed=seed)
    return table.set_index("method")


@pytest.mark.parametrize("seed", range(30))
def test_one_bootstrap_sample_without_an_estimate_leaves_the_limits_missing_and_says_so(seed: int) -> None:
    table = noted(("11", "00", "10"), replications=1, seed=seed)
    limits = ["needless_ce_low", "needless_ce_high", "missed_need_low", "missed_need_high"]
    lost = table["accuracy"].notna() & table[limits].isna().all(axis=1)
    said = table["note"].str.endswith("No estimate in 1 of 1 bootstrap samples, so there are no intervals.")
    assert said.tolist() == lost.tolist()
    assert table.loc[~lost & table["accuracy"].notna(), limits].notna().all(axis=None)


def test_bootstrap_samples_without_an_estimate_are_counted() -> None:
    # Livingston and Lewis have no estimate where alpha is 1: samples of "11" and "00" alone, both of them there. Of 27
    # samples of three people these are 2 x 3 = 6: 2/9.
    row = noted(("11", "00", "10"), replications=900, seed=4).loc["Livingston–Lewis"]
    found = re.search(r"No estimate in (\d+) of 900 bootstrap samples\.", str(row["note"]))
    assert found
    assert int(found.group(1)) == pytest.approx(900 * 2 / 9, abs=4 * np.sqrt(900 * 2 / 9 * 7 / 9))
    assert np.isfinite([row["needless_ce_low"], row["needless_ce_high"]]).all()


def test_where_moments_are_undefined_the_row_is_missing_and_does_not_speak_of_variance() -> None:
    # Scores 2, 0, 1 of 2 items: m = 1, s^2 = 1, alpha = 2 (1 - (1/3 + 1/3) / 1) = 2/3. Lord's k = 2 (2/3 - 2 + 1) /
    # (2 (1 - 2/3)) = -1, so n (n - 1) + 2 k = 0.
    row = noted(("11", "00", "10")).loc["Hanson–Brennan"]
    assert row[["accuracy", "consistency", "kappa", "needless_ce", "missed_need"]].isna().all()
    assert row["reliability"] == pytest.approx(2 / 3)
    assert row["fit"] == "moments of true scores undefined"
    assert row["note"] == f"Only 3 attempts: read with care. {NO_MOMENTS}"


def people(count: int, seed: int = 3) -> list[str]:
    """Return attempts of twelve items whose true scores have a skewness and a kurtosis that four moments fit."""
    random = np.random.default_rng(seed)
    right = random.random((count, 12)) < 0.2 + 0.75 * random.beta(2, 1.5, count)[:, None]
    return ["".join(row) for row in np.where(right, "1", "0")]


@pytest.mark.parametrize(("count", "plain", "by_moments"), [(29, True, True), (30, False, True), (99, False, True),
                                                            (100, False, False)])  # fmt: skip
def test_few_attempts_are_to_be_read_with_care(count: int, plain: bool, by_moments: bool) -> None:
    attempts = people(count)
    table, told = noted(attempts), f"Only {count} attempts: read with care."
    assert (told in table.loc[["beta-binomial"], "note"].item()) is plain
    for name in ("Livingston–Lewis", "Hanson–Brennan"):
        more = table.loc[[name], "fit"].item() in ("four moments", "three moments, u = 1")
        assert more or count == 29, "the test is about fits of more than two moments"
        assert (told in table.loc[[name], "note"].item()) is by_moments
    sweep = sweep_table(area_groups(marked(*attempts)))
    assert sweep["note"].str.startswith(told).tolist() == [plain] * 13


def test_of_several_lengths_the_small_ones_are_named() -> None:
    attempts = [*people(40), *(row[:5] + "-" * 7 for row in people(4)), *(row[:6] + "-" * 6 for row in people(7))]
    note = noted(attempts).loc[["beta-binomial"], "note"].item()
    assert "Only 4 attempts with 5 items, 7 attempts with 6 items: read with care." in note


def test_where_everybody_has_the_same_score_there_is_no_reliability() -> None:
    table = noted(("1111",) * 40)
    assert table["reliability"].isna().all()
    alike = "Everybody has the same score, so there is no reliability, and all true scores are put at their mean."
    assert set(table["note"]) == {f"{alike} {ONE_SIDE}"}
    assert table["accuracy"].tolist() == [1, 1, 1]
    assert sweep_table(area_groups(marked(*("1111",) * 40)))["note"].str.startswith(alike).all()


def test_where_everybody_of_one_length_has_the_same_score_the_reliability_is_that_of_the_others() -> None:
    others = people(40)
    row = noted([*others, *("111111------",) * 50]).loc["beta-binomial"]
    assert row["reliability"] == pytest.approx(noted(others).loc["beta-binomial", "reliability"])
    assert "Everybody with 6 items has the same score, so there is no reliability" in row["note"]
    assert NO_TRUE_VARIANCE not in row["note"]
