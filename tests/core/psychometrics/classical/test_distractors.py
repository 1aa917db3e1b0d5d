"""Options: who chose them, beside numbers worked by hand; rare answers, omissions, odd marks; traces by score group."""

from __future__ import annotations

from statistics import correlation

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.distractors import OTHERS, distractor_table, option_traces
from ssa_engine.core.psychometrics.classical.item_statistics import item_statistics

KEYS = {"A": "x", "B": "y", "C": "x"}


def answered(*attempts: str, keys: dict[str, str] = KEYS) -> pd.DataFrame:
    """Return marked responses from the answers to items A, B, C...; '-' is no answer, '.' not presented."""
    rows = [
        (str(number), item, None if answer == "-" else answer, answer == key, True)
        for number, answers in enumerate(attempts)
        for (item, key), answer in zip(keys.items(), answers, strict=False)
        if answer != "."
    ]
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "answer", "correct", "scored"])


SIX = answered("xyx", "xyz", "yyx", "zxz", "y-z", "-yx")


def simulated() -> pd.DataFrame:
    """Return responses of 400 attempts to 8 of 12 items with four options each, key `a`."""
    random = np.random.default_rng(12)
    theta = random.normal(size=(400, 1))
    right = random.random((400, 8)) < 1 / (1 + np.exp(-theta))
    answer = np.where(right, "a", random.choice(list("bcd"), (400, 8)))
    item = np.argsort(random.random((400, 12)), axis=1)[:, :8]
    return pd.DataFrame(
        {
            "attempt_id": np.repeat([f"p{number}" for number in range(400)], 8),
            "item_id": [f"i{number:02d}" for number in item.ravel()],
            "answer": answer.ravel(),
            "correct": right.ravel(),
            "scored": (item % 6 > 0).ravel(),
        }
    )


def test_options_by_hand() -> None:
    table = distractor_table(SIX)
    of_a = table[table["item_id"] == "A"].set_index("option")
    assert of_a.index.tolist() == ["x", "y", "z", ""]
    assert of_a["kind"].tolist() == ["key", "distractor", "distractor", "omitted"]
    assert of_a["n"].tolist() == [2, 2, 1, 1]
    assert of_a["share"].tolist() == pytest.approx([2 / 6, 2 / 6, 1 / 6, 1 / 6])
    rest = [2 / 2, 1 / 2, 2 / 2, 0, 0, 2 / 2]  # of B and C
    assert of_a.loc["x", "point_biserial"] == pytest.approx(correlation([1, 1, 0, 0, 0, 0], rest), abs=1e-12)
    assert of_a.loc["y", "point_biserial"] == pytest.approx(correlation([0, 0, 1, 0, 1, 0], rest), abs=1e-12)
    assert of_a.loc["", "point_biserial"] == pytest.approx(correlation([0, 0, 0, 0, 0, 1], rest), abs=1e-12)
    assert of_a["mean_rest"].tolist() == pytest.approx([3 / 4, 2 / 4, 0, 1])
    assert (table["note"] == "").all()


def test_the_key_has_the_point_biserial_of_its_item_and_the_shares_of_an_item_add_up() -> None:
    frame = simulated()
    table = distractor_table(frame)
    keys = table[table["kind"] == "key"].set_index("item_id")
    items = item_statistics(frame)
    assert keys.index.tolist() == items.index.tolist()
    np.testing.assert_allclose(keys["point_biserial"], items["point_biserial"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(keys["share"], items["p_value"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(table.groupby("item_id")["share"].sum(), 1, rtol=0, atol=1e-12)
    assert table.groupby("item_id")["n"].sum().tolist() == items["n"].tolist()


def test_the_order_of_rows_does_not_matter() -> None:
    frame = simulated()
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(distractor_table(frame), distractor_table(shuffled), check_exact=False, atol=1e-12)
    pd.testing.assert_frame_equal(option_traces(frame), option_traces(shuffled), check_exact=False, atol=1e-12)


def test_rare_answers_are_counted_together_the_right_ones_apart() -> None:
    frame = SIX.assign(
        answer=[f"{number},7" if item == "A" else "q" for number, item in zip(SIX.index, SIX["item_id"], strict=True)]
    )
    frame.loc[frame["attempt_id"] == "5", "answer"] = ""
    table = distractor_table(frame, most=2)
    of_a = table[table["item_id"] == "A"]
    # The answers 0,7 3,7 6,7 9,7 12,7 come once each; the first two as texts stand alone, 3,7 6,7 9,7 do not.
    assert of_a["option"].tolist() == ["0,7", "12,7", OTHERS, OTHERS, ""]
    assert of_a["kind"].tolist() == ["key", "distractor", "distractor", "key", "omitted"]
    assert of_a["n"].tolist() == [1, 1, 2, 1, 1]


def test_an_answer_marked_right_here_and_not_there_is_pointed_out() -> None:
    frame = SIX.copy()
    frame.loc[0, "correct"] = False
    table = distractor_table(frame).set_index(["item_id", "option"])
    assert table.loc[("A", "x"), "note"] == "Marked right in some rows and not in others: look at the key."
    assert table.loc[("A", "y"), "note"] == ""


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (answered("xy", "xx"), "Fewer than 3"),
        (answered("xy", "xx", "xy", "xx"), "Everyone gave this answer"),
        (answered("xy", "yy", "xy", "zy"), "The rest score does not vary"),
        (answered("x", "y", "x", "z"), "Fewer than 3 attempts had the item beside a scored one"),
    ],
    ids=["two attempts", "one answer", "all right elsewhere", "one item"],
)
def test_a_correlation_that_is_not_defined_is_missing_and_the_note_says_why(frame: pd.DataFrame, says: str) -> None:
    first = distractor_table(frame).iloc[0]
    assert np.isnan(first["point_biserial"])
    assert says in first["note"]


def test_traces_by_hand() -> None:
    keys = dict.fromkeys("ABCDE", "x")
    # The rest scores of A are 0/4 1/4 2/4 3/4 4/4 4/4: two groups of three.
    frame = answered("yyyyy", "zxyyy", "yxxyy", "xxxxy", "xxxxx", "zxxxx", keys=keys)
    of_a = option_traces(frame, groups=2).query("item_id == 'A'")
    assert of_a["option"].tolist() == ["x", "x", "y", "y", "z", "z"]
    assert of_a["group"].tolist() == [1, 2] * 3
    assert of_a["attempts"].tolist() == [3] * 6
    assert of_a["n"].tolist() == [0, 2, 2, 0, 1, 1]
    assert of_a["share"].tolist() == pytest.approx([0, 2 / 3, 2 / 3, 0, 1 / 3, 1 / 3])
    assert of_a["rest_low"].tolist() == [0, 0.75] * 3
    assert of_a["rest_high"].tolist() == [0.5, 1] * 3


def test_attempts_with_the_same_rest_score_stay_in_one_group() -> None:
    keys = dict.fromkeys("ABC", "x")
    frame = answered("xyy", "yxx", "yxx", "yxx", "xxx", keys=keys)
    of_a = option_traces(frame, groups=5).query("item_id == 'A' and option == 'x'")
    # Four attempts share the mean rank 3.5 of 5, so the fourth group; the others are empty and have no row.
    assert of_a[["group", "attempts", "n"]].to_numpy().tolist() == [[1, 1, 1], [4, 4, 1]]


def test_the_shares_of_a_group_add_up_and_the_key_is_chosen_more_as_scores_rise() -> None:
    traces = option_traces(simulated(), groups=4)
    sums = traces.groupby(["item_id", "group"])["share"].sum()
    np.testing.assert_allclose(sums, 1, rtol=0, atol=1e-12)
    keys = traces[traces["kind"] == "key"].groupby("group")["share"].mean()
    assert keys.is_monotonic_increasing


def test_a_single_item_has_no_traces() -> None:
    assert option_traces(answered("x", "y", "x")).empty


def test_one_score_group_is_refused() -> None:
    with pytest.raises(Invalid, match="two score groups"):
        option_traces(SIX, groups=1)
