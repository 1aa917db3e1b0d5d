"""Form assembly beside every form of small banks."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.assembly_constraints import (
    Constraints,
    Count,
    Maximin,
    Objective,
    Stop,
    Target,
    Total,
    constraints_of,
    exactly,
)
from ssa_engine.core.content_specs import AreaBlueprint, Blueprint
from ssa_engine.core.errors import BlueprintNotMet, Invalid
from ssa_engine.core.optimal_assembly import assemble_form, assemble_parallel_forms
from tests.core.assembly_banks import (
    BOTH,
    POINTS,
    PROOF,
    every_form,
    form_of,
    meets,
    refused,
    rows_of,
    small_bank,
    worth,
)

ASKED: dict[str, Constraints] = {
    "length": Constraints(length=exactly(4)),
    "a length that may vary": Constraints(length=Count(2, 4)),
    "areas": Constraints(areas={"A": exactly(2), "B": exactly(2)}),
    "one area": Constraints(areas={"A": Count(1, 3)}),
    "topics": Constraints(length=exactly(4), topics={"t1": Count(2), "t3": exactly(0)}),
    "formats": Constraints(length=exactly(4), formats={"number": Count(2, 3)}),
    "pilots": Constraints(length=exactly(3), pilots={"A": Count(0, 1), "B": exactly(1)}),
    "keys": Constraints(length=exactly(4), keys={"a": exactly(1), "b": Count(0, 1), "c": Count(1, 2)}),
    "enemies": Constraints(length=exactly(4), enemies=(("i3", "i4"), ("i8", "i9"), ("i9", "i4"), ("i4", "gone"))),
    "a whole case": Constraints(length=exactly(4), case_sets=exactly(1)),
    "no case": Constraints(length=exactly(4), case_sets=exactly(0)),
    "part of a case": Constraints(length=exactly(4), case_members={"c1": Count(2, 2), "c2": Count(1, 2)}),
    "parts of both cases": Constraints(
        length=Count(3, 4), case_members={"c1": exactly(2), "c2": exactly(1)}, case_sets=exactly(2)
    ),
    "information": Constraints(length=exactly(4), least_information={"info_1": 0.9}),
    "all of it": Constraints(
        length=Count(3, 5),
        areas={"A": Count(1, 3), "B": Count(1, 3)},
        topics={"t2": Count(1)},
        formats={"number": Count(0, 2)},
        keys={"a": Count(0, 2)},
        enemies=(("i3", "i8"), ("i4", "i9")),
        case_members={"c1": Count(1, 2)},
    ),
}
OBJECTIVES: tuple[Objective, ...] = (
    BOTH,
    Maximin(POINTS, weights=(1.0, 0.5)),
    Total(POINTS),
    Target(POINTS, (0.8, 0.6)),
)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ASKED)
def test_the_form_is_the_best_of_all_there_are(name: str, seed: int) -> None:
    items, asked = small_bank(seed), ASKED[name]
    forms = list(every_form(items, asked, longest=6))
    for objective in OBJECTIVES:
        if not forms:
            assert refused(items, asked, objective=objective).args[0].startswith("No form meets all constraints. ")
            continue
        found = assemble_form(items, asked, objective, stop=PROOF)
        form, sign = form_of(found, items), -1 if isinstance(objective, Target) else 1
        assert meets(form, rows_of(items), asked)
        assert sign * found.objective == pytest.approx(worth(form, objective), abs=1e-12)
        assert sign * found.objective == pytest.approx(max(worth(form, objective) for form in forms), abs=2e-6)
        assert found.proved


@pytest.mark.parametrize(
    "name", [name for name in ASKED if name not in ("length", "a length that may vary", "one area")]
)
def test_each_constraint_changes_what_is_chosen(name: str) -> None:
    bound = []
    for seed in range(1, 9):
        items, asked = small_bank(seed), ASKED[name]
        free = Constraints(length=asked.length or exactly(4), case_members=dict.fromkeys(("c1", "c2"), Count()))
        try:
            found = assemble_form(items, asked, BOTH, stop=PROOF)
        except BlueprintNotMet:
            continue
        bound.append(assemble_form(items, free, BOTH, stop=PROOF).objective > found.objective + 1e-4)
    assert any(bound)


def test_a_blueprint_is_asked_for_area_by_area_with_its_pilots() -> None:
    items = small_bank(1).assign(pilot=[item in (3, 4) for item in range(10)], case=None)
    items["content_area"] = ["A", "B"] * 5
    counts = {"A": AreaBlueprint(scored=3, pilot=0), "B": AreaBlueprint(scored=2, pilot=1)}
    found = assemble_form(items, constraints_of(Blueprint(minutes=10, areas=counts)), BOTH)
    form = form_of(found, items)
    counted = Counter((row["content_area"], row["pilot"]) for row in form)
    assert counted == {("A", False): 3, ("B", False): 2, ("B", True): 1}


def test_items_without_an_area_and_pilots_nobody_asked_for_stay_away() -> None:
    items = small_bank(1, size=12).assign(case=None, pilot=[item < 4 for item in range(12)])
    items["content_area"] = [None if item > 8 else "A" for item in range(12)]
    found = assemble_form(items, Constraints(areas={"A": Count(1, 9)}), Total(POINTS), stop=PROOF)
    assert found.forms == (("i4", "i5", "i6", "i7", "i8"),)


def test_pilots_need_no_information_and_scored_items_do() -> None:
    items = small_bank(1).assign(pilot=[item == 9 for item in range(10)], case=None, content_area="A")
    items.loc[9, "info_1"] = np.nan
    asked = Constraints(length=exactly(3), pilots={"A": exactly(1)})
    assert "i9" in assemble_form(items, asked, BOTH).forms[0]
    items.loc[4, "info_1"] = np.nan
    with pytest.raises(Invalid, match=r"'info_1' has no information from 0 up for 1 scored items, the first .* 'i4'"):
        assemble_form(items, asked, BOTH)


@pytest.mark.parametrize(("most_forms", "most_shared"), [(1, None), (2, 0), (2, 1), (2, 2), (2, None)])
@pytest.mark.parametrize("objective", [BOTH, Target(POINTS, (0.7, 0.7))])
def test_parallel_forms_are_the_best_pair_of_all(
    objective: Objective, most_forms: int, most_shared: int | None
) -> None:
    items = small_bank(5, size=9).assign(pilot=False, case=None)
    asked = Constraints(length=exactly(3), areas={"A": Count(1), "B": Count(1)}, enemies=(("i1", "i4"),))
    forms = list(every_form(items, asked, longest=3))
    limit = 0 if most_forms == 1 else 3 if most_shared is None else most_shared
    best = max(
        min(worth(one, objective), worth(other, objective))
        for one, other in itertools.combinations_with_replacement(forms, 2)
        if sum(row in other for row in one) <= limit
    )
    found = assemble_parallel_forms(
        items, asked, objective, forms=2, most_forms=most_forms, most_shared=most_shared, stop=PROOF
    )
    assert abs(found.objective) == pytest.approx(abs(best), abs=2e-6)
    assert len(set(found.forms[0]) & set(found.forms[1])) <= limit
    assert all(meets(form_of(found, items, form), rows_of(items), asked) for form in range(2))
    sums = [[sum(row[point] for row in form_of(found, items, form)) for point in POINTS] for form in range(2)]
    np.testing.assert_allclose(found.information.to_numpy(), sums, atol=1e-12)


def test_an_item_stands_on_no_more_forms_than_it_may() -> None:
    items = small_bank(7, size=12).assign(pilot=False, case=None)
    asked = Constraints(length=exactly(6))
    for most in (2, 3):
        found = assemble_parallel_forms(items, asked, BOTH, forms=4, most_forms=most, stop=Stop(1e-2))
        assert pd.Series(np.concatenate(found.forms)).value_counts().max() == most
