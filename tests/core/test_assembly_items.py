"""A bank as the optimiser takes it: information at the standards, key positions, enemies, topics; by hand."""

from __future__ import annotations

import math

import pytest

from ssa_engine.core.assembly_constraints import Constraints, Count, exactly
from ssa_engine.core.assembly_items import (
    Aim,
    aim_of,
    constraints_for,
    enemies_of,
    items_of,
    key_position,
    point_of,
    topics_spread,
)
from ssa_engine.core.content_specs import Blueprint
from ssa_engine.core.item_bank import ItemBank
from tests.core.banks import bank_of, item_of, spec_of

NOTHING = Aim({}, {}, 0, 0)


def two_areas() -> ItemBank:
    """Area a: one scored item of two; area b: one of two, one of which is not calibrated."""
    items = [
        item_of("a-1", "1.A.1", a=1.0, b=0.0),
        item_of("a-2", "1.A.2", a=1.0, b=0.0),
        item_of("b-1", "1.B.1", a=2.0, b=1.0),
        item_of("b-2", "1.B.2"),
        item_of("p-1", "1.A.1", a=3.0, b=0.0, status="pilot"),
        item_of("draft", "1.A.1", a=3.0, b=0.0, status="draft"),
    ]
    return bank_of(spec_of({"a": (1, 1), "b": (1, 0)}), items)


def test_the_ability_at_a_standard_is_where_the_mean_curve_of_its_area_meets_it() -> None:
    aim = aim_of(two_areas(), {"a": 0.7, "b": 0.5})
    # P = 1 / (1 + exp(-theta)) = .7 at ln(.7 / .3); a curve with b = 1 is at .5 at 1.
    assert aim.thetas["a"] == pytest.approx(math.log(0.7 / 0.3), abs=1e-5)
    assert aim.thetas["b"] == pytest.approx(1.0, abs=1e-5)
    # a^2 P (1 - P), one item each: .7 × .3 = .21 and 4 × .25 = 1.
    assert aim.attainable == {"a": pytest.approx(0.21, abs=1e-5), "b": pytest.approx(1.0, abs=1e-5)}


@pytest.mark.parametrize(("standard", "theta"), [(0.0, -4.0), (1.0, 4.0)])
def test_a_standard_no_curve_reaches_lies_at_the_end(standard: float, theta: float) -> None:
    assert aim_of(two_areas(), {"a": standard, "b": 0.5}).thetas["a"] == theta


def test_information_is_a_share_of_what_is_attainable_in_the_area_over_the_number_of_areas() -> None:
    bank = two_areas()
    table = items_of(bank, aim_of(bank, {"a": 0.7, "b": 0.5})).set_index("item_id")
    assert list(table.index) == ["a-1", "a-2", "b-1", "b-2", "p-1"]
    assert table[point_of("a")].to_dict() == pytest.approx({"a-1": 0.5, "a-2": 0.5, "b-1": 0.0, "b-2": 0.0, "p-1": 0.0})
    assert table[point_of("b")].to_dict() == pytest.approx({"a-1": 0.0, "a-2": 0.0, "b-1": 0.5, "b-2": 0.0, "p-1": 0.0})


def test_items_without_parameters_are_counted_and_a_bank_without_any_is_told() -> None:
    some = aim_of(two_areas(), {"a": 0.7, "b": 0.5})
    assert some.sentence == ("1 of 4 active items have no parameters a and b; they count as giving no information.")
    plain = bank_of(spec_of({"a": (1, 0)}), [item_of("a-1", "1.A.1")])
    none = aim_of(plain, {"a": 0.7})
    assert none.objective is None
    assert none.sentence.startswith("No active item has parameters a and b, so forms are assembled on the constraints")


def test_a_row_says_topic_status_case_and_exposure() -> None:
    items = [
        item_of("case-1", "1.A.1", case="one"),
        item_of("case-2", "1.A.2", case="one"),
        item_of("pilot", "1.A.3", status="pilot", kind="number"),
        item_of("retired", "1.A.3", status="retired"),
    ]
    table = items_of(bank_of(spec_of({"a": (2, 1)}), items, cases=["one"]), NOTHING, {"case-2": 3.0})
    assert table.drop(columns="key").fillna("none").to_dict("records") == [
        {"item_id": "case-1", "content_area": "a", "topic": "1.A.1", "format": "single", "pilot": False, "case": "one",
         "exposure": 0.0},
        {"item_id": "case-2", "content_area": "a", "topic": "1.A.2", "format": "single", "pilot": False, "case": "one",
         "exposure": 3.0},
        {"item_id": "pilot", "content_area": "a", "topic": "1.A.3", "format": "number", "pilot": True, "case": "none",
         "exposure": 0.0},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("item", "position"),
    [
        (item_of("fixed", "1.A.1", key="c", shuffle=False), "c"),
        (item_of("shuffled", "1.A.1", key="c"), None),
        (item_of("many", "1.A.1", kind="multiple", shuffle=False), None),
        (item_of("number", "1.A.1", kind="number", shuffle=False), None),
    ],
)
def test_a_key_has_a_position_where_options_stay_as_written(item: object, position: str | None) -> None:
    assert key_position(item) == position  # type: ignore[arg-type]


def test_each_pair_of_enemies_stands_once_whichever_names_the_other() -> None:
    items = [
        item_of("a-1", "1.A.1", enemies=["a-3"]),
        item_of("a-2", "1.A.1", enemies=["a-1"]),
        item_of("a-3", "1.A.1", enemies=["a-1"]),
    ]
    assert enemies_of(bank_of(spec_of({"a": (1, 0)}), items)) == (("a-1", "a-2"), ("a-1", "a-3"))


def test_topics_give_evenly_up_to_what_they_have_one_more_or_less() -> None:
    counts = {"1.A.1": 6, "1.A.2": 3, "1.A.3": 1}
    items = [
        item_of(f"{code}-{n}".lower().replace(".", "-"), code) for code, count in counts.items() for n in range(count)
    ]
    bank = bank_of(spec_of({"a": (7, 0)}), items)
    # Three of each, all there are of the third: 3 + 3 + 1 = 7.
    assert topics_spread(bank) == {"1.A.1": Count(2, 5), "1.A.2": Count(2, 3), "1.A.3": Count(0, 1)}


def test_what_the_blueprint_says_of_topics_formats_and_keys_is_asked_for() -> None:
    spec = spec_of({"a": (2, 1)})
    more = {
        "assembly": "optimal",
        "topics": {"1.A.1": {"least": 1}},
        "formats": {"single": {"most": 1}},
        "keys": {"a": {"least": 1, "most": 2}},
    }
    blueprint = Blueprint.model_validate(spec.blueprint.model_dump() | more)
    bank = bank_of(spec.model_copy(update={"blueprint": blueprint}), [item_of("a-1", "1.A.1"), item_of("a-2", "1.A.2")])
    wanted = Constraints(
        areas={"a": exactly(2)},
        pilots={"a": exactly(1)},
        topics={"1.A.1": Count(1)},
        formats={"single": Count(0, 1)},
        keys={"a": Count(1, 2)},
    )
    assert constraints_for(bank, spread=True) == wanted
    assert constraints_for(bank, spread=False) == wanted
