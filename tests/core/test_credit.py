"""What an answer earns, of every format: the key all, nothing more than all, and what lies at the edges."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.items import Item
from ssa_engine.core.psychometrics.simulate import other_answers
from ssa_engine.core.regions import Circle, Rectangle
from tests import by_hand
from tests.core.banks import item_of

LETTERS = "abcdefghij"


@st.composite
def items(draw: st.DrawFn) -> Item:
    """Draw an item of any format with any key."""
    kind = draw(st.sampled_from(["single", "multiple", "sorted", "hotspot", "number"]))
    if kind == "hotspot":
        return item_of("one", "1.A.1", kind=kind, key=draw(st.lists(regions(), min_size=1, max_size=3)))
    if kind == "number":
        return item_of("one", "1.A.1", kind=kind, key=draw(number_keys()))
    options = draw(st.integers(4, 8))
    letters = LETTERS[:options]
    key: Any = draw(st.sampled_from(letters))
    more: dict[str, Any] = {}
    if kind == "multiple":
        key = draw(st.lists(st.sampled_from(letters), min_size=1, unique=True))
        more = {"scoring": draw(st.sampled_from(["all", "partial"]))}
    if kind == "sorted":
        key = draw(st.permutations(letters))
    return item_of("one", "1.A.1", kind=kind, options=options, key=key, **more)


@st.composite
def regions(draw: st.DrawFn) -> dict[str, Any]:
    x, y, size = draw(st.integers(0, 60)), draw(st.integers(0, 60)), draw(st.integers(1, 30))
    if draw(st.booleans()):
        return {"shape": "circle", "x": x, "y": y, "radius": size}
    return {"shape": "rectangle", "x": x, "y": y, "width": size, "height": draw(st.integers(1, 30))}


@st.composite
def number_keys(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(st.decimals(-(10**6), 10**6, places=draw(st.integers(0, 4))))
    tolerance = draw(st.decimals(0, 100, places=draw(st.integers(0, 4))))
    return {"value": float(value), "tolerance": float(tolerance)}


def answers_to(item: Item) -> st.SearchStrategy[str]:
    """Draw an answer as it is stored."""
    if item.format == "single":
        return st.sampled_from(item.option_ids)
    if item.format == "multiple":
        return st.sets(st.sampled_from(item.option_ids), min_size=1).map(lambda chosen: ",".join(sorted(chosen)))
    if item.format == "sorted":
        return st.permutations(item.option_ids).map(",".join)
    if item.format == "hotspot":
        return st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda place: f"{place[0]},{place[1]}")
    near = Decimal(item.key_answer)
    away = st.decimals(-200, 200, places=4).map(lambda by: item.read([format(near + by, "f")]))
    return away | st.sampled_from([item.key_answer, "0"])


@given(st.data())
def test_whatever_the_item_and_the_answer_it_earns_from_nothing_to_all_as_by_hand(data: st.DataObject) -> None:
    item = data.draw(items())
    answer = data.draw(answers_to(item))
    credit = item.credit(answer)
    assert 0 <= credit <= 1
    assert credit == float(by_hand.earned(item.model_dump(mode="json"), answer))
    if item.is_exact:
        assert credit == float(answer == item.key_answer)


@given(items())
def test_the_key_earns_all_and_reads_back_as_itself(item: Item) -> None:
    key = item.key_answer
    assert item.credit(key) == 1
    assert item.read(key.split(",") if item.options else [key], (1000, 1000)) == key


@given(items())
def test_other_answers_earn_less_and_are_answers_that_can_be_given(item: Item) -> None:
    others = other_answers(item)
    assert others
    for answer in others:
        assert item.credit(answer) < 1
        assert item.read(answer.split(",") if item.options else [answer], (1000, 1000)) == answer


@pytest.mark.parametrize("scoring", ["all", "partial"])
@pytest.mark.parametrize("key", [["a"], ["a", "c"], ["b", "c", "d"], ["a", "b", "c", "d"]])
def test_every_choice_of_options_earns_what_the_rule_says(scoring: str, key: list[str]) -> None:
    item = item_of("one", "1.A.1", kind="multiple", key=key, scoring=scoring)
    for taken in product([False, True], repeat=4):
        chosen = {letter for letter, one in zip("abcd", taken, strict=True) if one}
        if not chosen:
            continue
        hits, others = len(chosen & set(key)), len(chosen - set(key))
        plus_minus = max(Fraction(hits - others, len(key)), Fraction(0))
        earned = plus_minus if scoring == "partial" else Fraction(chosen == set(key))
        assert item.credit(",".join(sorted(chosen))) == float(earned), chosen


def test_choosing_everything_earns_nothing_where_half_of_it_is_the_key() -> None:
    item = item_of("one", "1.A.1", kind="multiple", key=["a", "c"], scoring="partial")
    assert [item.credit(answer) for answer in ("a,b,c,d", "a,b,c", "a,c", "a", "a,b", "b,d")] == [0, 0.5, 1, 0.5, 0, 0]


def test_only_the_whole_order_of_a_sorted_list_counts() -> None:
    item = item_of("one", "1.A.1", kind="sorted", key=["b", "a", "d", "c"])
    earning = [order for order in permutations("abcd") if item.credit(",".join(order))]
    assert earning == [("b", "a", "d", "c")]


@pytest.mark.parametrize(
    ("value", "tolerance", "earning", "earning_nothing"),
    [
        (1.33, 0.01, ["1.33", "1.32", "1.34", "1.3400", "1.330000000000000000001"], ["1.31", "1.35", "1.3400000001"]),
        (0.3, 0.1, ["0.2", "0.4", "0.20"], ["0.1999999999999999999", "0.4000000000000000001"]),
        (-2.5, 0.5, ["-3", "-2", "-2.0"], ["-1.99", "2.5", "-3.01"]),
        (120, 0, ["120", "120.0", "120.000"], ["119.9999", "120.0001", "-120"]),
        (0, 0, ["0", "0.00"], ["0.0000000000000000000001"]),
        (1000000.0, 0.5, ["1000000.5", "999999.5"], ["1000000.51"]),
        (0.0001, 0.00005, ["0.00005", "0.00015"], ["0.00016", "0"]),
    ],
)
def test_a_number_counts_within_its_tolerance_reckoned_in_decimals_at_both_edges(
    value: float, tolerance: float, earning: list[str], earning_nothing: list[str]
) -> None:
    item = item_of("one", "1.A.1", kind="number", key={"value": value, "tolerance": tolerance})
    assert {answer: item.credit(answer) for answer in earning} == dict.fromkeys(earning, 1.0)
    assert {answer: item.credit(answer) for answer in earning_nothing} == dict.fromkeys(earning_nothing, 0.0)


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**6), st.integers(0, 4))
def test_the_edges_of_a_tolerance_are_exact_whatever_the_number(value: int, tolerance: int, places: int) -> None:
    def shifted(number: int) -> str:
        return format(Decimal(number).scaleb(-places), "f")

    key = {"value": float(shifted(value)), "tolerance": float(shifted(tolerance))}
    item = item_of("one", "1.A.1", kind="number", key=key)
    credits = [item.credit(shifted(value + away)) for away in (-tolerance - 1, -tolerance, tolerance, tolerance + 1)]
    assert credits == [0, 1, 1, 0]


def test_a_place_counts_in_any_of_the_regions() -> None:
    key = (Circle(shape="circle", x=10, y=10, radius=3), Rectangle(shape="rectangle", x=50, y=50, width=4, height=4))
    item = item_of("one", "1.A.1", kind="hotspot", key=[region.model_dump() for region in key])
    places = ["10,10", "13,10", "14,10", "50,50", "54,54", "55,54", "0,0"]
    assert [item.credit(place) for place in places] == [1, 1, 0, 1, 1, 0, 0]
