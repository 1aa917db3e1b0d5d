"""Forms that cannot be: which constraint, by how much; and settings that cannot be used."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.assembly_constraints import (
    Constraints,
    Count,
    Maximin,
    Stop,
    Target,
    exactly,
)
from ssa_engine.core.errors import Invalid
from ssa_engine.core.optimal_assembly import assemble_form, assemble_parallel_forms
from tests.core.assembly_banks import (
    BOTH,
    POINTS,
    every_form,
    refused,
    simulated,
    small_bank,
)


def test_an_area_that_is_short_is_named_with_what_it_has() -> None:
    items = simulated(20)
    reason = refused(items, Constraints(areas={"0": exactly(4), "1": exactly(7)}), objective=BOTH)
    assert reason.args[0] == (
        "No form meets all constraints. The content area '1' takes exactly 7 scored items, and the nearest form has 5: "
        "2 too few. The bank has 5. Add items to the bank or ask for less."
    )


def test_an_area_nobody_has_is_short_of_all() -> None:
    reason = refused(simulated(20), Constraints(areas={"0": exactly(2), "none": Count(3, 5)}))
    assert "'none' takes 3 to 5 scored items, and the nearest form has 0: 3 too few. The bank has 0." in reason.args[0]


def test_enemies_that_leave_an_area_short_are_blamed() -> None:
    items = simulated(20)
    pairs = tuple(itertools.combinations(("q0", "q4", "q8", "q12"), 2))  # of the five of area 0, one of four
    reason = refused(items, Constraints(areas={"0": exactly(4)}, enemies=pairs))
    assert "'0' takes exactly 4 scored items, and the nearest form has 2: 2 too few. The bank has 5." in reason.args[0]
    assert "If enemies could share a form, all of it could be met." in reason.args[0]


def test_case_sets_that_cannot_be_split_are_blamed() -> None:
    items = simulated(6).assign(case="c1", content_area="A")
    reason = refused(items, Constraints(areas={"A": exactly(4)}))
    assert "'A' takes exactly 4 scored items, and the nearest form has 6: 2 too many." in reason.args[0]
    assert "If case sets could be shown in part, all of it could be met." in reason.args[0]


def test_areas_that_do_not_add_up_to_the_length_are_told_in_all() -> None:
    asked = Constraints(length=exactly(5), areas={"0": exactly(3), "1": exactly(3)})
    reason = refused(simulated(20), asked)
    assert "The form takes exactly 5 scored items, and the nearest form has 6: 1 too many." in reason.args[0]


WORDED: dict[str, tuple[Constraints, str]] = {
    "pilot": (
        Constraints(length=exactly(2), pilots={"0": exactly(2)}),
        "The content area '0' takes exactly 2 pilot items, and the nearest form has 0: 2 too few. The bank has 0.",
    ),
    "topic": (
        Constraints(length=exactly(2), topics={"t": Count(1)}),
        "The topic 't' takes at least 1 scored items, and the nearest form has 0: 1 too few. The bank has 0.",
    ),
    "format": (
        Constraints(length=exactly(2), formats={"single": Count(0, 1)}),
        "The form takes exactly 2 scored items, and the nearest form has 1: 1 too few. The bank has 20.",
    ),
    "key": (
        Constraints(length=exactly(2), keys={"b": exactly(1)}),
        "The key position 'b' takes exactly 1 items, and the nearest form has 0: 1 too few. The bank has 0.",
    ),
    "case sets": (
        Constraints(length=exactly(2), case_sets=exactly(1)),
        "The form takes exactly 1 case sets, and the nearest form has 0: 1 too few. The bank has 0.",
    ),
    "information": (
        Constraints(length=exactly(2), least_information={"flat": 0.75}),
        "The information 'flat' has to be at least 0.75, and the nearest form has 0.5: 0.25 too little.",
    ),
}


@pytest.mark.parametrize("kind", WORDED)
def test_what_is_missing_is_said_of_every_kind_of_constraint(kind: str) -> None:
    items = simulated(20).assign(topic="s", format="single", key="a", case=None, flat=0.25)
    asked, sentence = WORDED[kind]
    assert sentence in refused(items, asked).args[0]


def test_a_bank_too_small_for_parallel_forms_names_the_form_and_the_limit() -> None:
    items = simulated(20)
    asked = Constraints(areas={"0": exactly(3)})
    reason = refused(items, asked, forms=2)
    assert "of the nearest has 2: 1 too few. The bank has 5." in reason.args[0]
    assert "If an item could stand on more of the forms, all of it could be met." in reason.args[0]
    assert assemble_parallel_forms(items, asked, forms=2, most_forms=2, most_shared=1).forms
    shared = refused(items, Constraints(areas={"0": exactly(4)}), forms=2, most_forms=2, most_shared=2)
    assert "If forms could share more items, all of it could be met." in shared.args[0]


def test_the_slack_is_the_least_there_is() -> None:
    for seed in range(12):
        items = small_bank(seed, size=9).assign(pilot=False)
        asked = Constraints(
            length=exactly(4), areas={"A": exactly(2), "B": exactly(2)}, topics={"t1": exactly(3), "t2": exactly(2)}
        )
        least = min(
            abs(len(form) - 4)
            + sum(abs(sum(row["content_area"] == area for row in form) - 2) for area in "AB")
            + sum(abs(sum(row["topic"] == topic for row in form) - n) for topic, n in (("t1", 3), ("t2", 2)))
            for form in every_form(items, Constraints(), longest=9)
        )
        reason = refused(items, asked)
        assert sum(abs(short.missing) for short in reason.shortfalls) == least > 0


# what cannot be used


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        (lambda: Count(3, 2), "at least 3 and at most 2 cannot be met"),
        (lambda: Maximin(()), "names no point"),
        (lambda: Maximin(POINTS, (1.0,)), "one weight above 0 for each point"),
        (lambda: Target(POINTS, (1.0,)), "one value of information for each point"),
        (lambda: Stop(time_limit=0), "a time limit are above 0"),
        (lambda: Stop(absolute_gap=0), "an absolute gap and a time limit are above 0"),
        (lambda: assemble_form(simulated(9), Constraints()), "Nothing says how long the form is"),
        (lambda: assemble_form(simulated(9), Constraints(exactly(2)), BOTH, spread=2), "The spread is a share"),
        (lambda: assemble_form(simulated(9), Constraints(exactly(2), topics={"t": exactly(1)})), "no column 'topic'"),
        (lambda: assemble_form(simulated(9), Constraints(exactly(2), case_sets=exactly(1))), "no column 'case'"),
        (lambda: assemble_form(simulated(9), Constraints(exactly(2)), exposure_penalty=1), "no column 'exposure'"),
        (
            lambda: assemble_form(simulated(9).assign(exposure=np.nan), Constraints(exactly(2)), exposure_penalty=1),
            "The item 'q0' has no exposure from 0 up",
        ),
        (
            lambda: assemble_form(pd.concat([simulated(9)] * 2), Constraints(exactly(2))),
            "The bank has the item 'q0' twice",
        ),
        (lambda: assemble_form(simulated(9), Constraints(exactly(2), enemies=(("q1", "q1"),))), "its own enemy"),
        (lambda: assemble_parallel_forms(simulated(9), Constraints(exactly(2)), forms=0), "are 1 or more"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(use: Any, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        use()


def test_an_empty_bank_has_no_form() -> None:
    assert (
        "The form takes exactly 2 scored items, and the nearest form has 0"
        in refused(simulated(9).iloc[:0], Constraints(exactly(2)), objective=BOTH).args[0]
    )
