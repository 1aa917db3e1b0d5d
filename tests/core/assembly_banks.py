"""Banks for form assembly, and every form of a small one, judged in plain words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.assembly_constraints import Constraints, Count, Maximin, Objective, Stop, Target, Total, exactly
from ssa_engine.core.assembly_shortfalls import NoForm
from ssa_engine.core.optimal_assembly import Assembly, assemble_parallel_forms

PROOF = Stop(relative_gap=0)
POINTS = ("info_1", "info_2")
BOTH = Maximin(POINTS)
Row = dict[str, Any]


def small_bank(seed: int, size: int = 10) -> pd.DataFrame:
    """Return a bank with everything in it: areas, topics, formats, keys, cases of three, exposure."""
    random = np.random.default_rng(seed)
    case: list[str | None] = [None] * size
    case[:3], case[5:8] = ["c1"] * 3, ["c2"] * 3
    items = pd.DataFrame(
        {
            "item_id": [f"i{item}" for item in range(size)],
            "content_area": random.choice(["A", "B"], size),
            "topic": random.choice(["t1", "t2", "t3"], size),
            "format": random.choice(["single", "number"], size, p=[0.7, 0.3]),
            "case": case,
            "pilot": random.random(size) < 0.15,
            "exposure": random.random(size).round(2),
            "info_1": random.gamma(2, 0.1, size),
            "info_2": random.gamma(2, 0.1, size),
        }
    )
    items["key"] = [
        str(key) if kind == "single" else None
        for key, kind in zip(random.choice(list("abc"), size), items["format"], strict=True)
    ]
    return items


def simulated(size: int) -> pd.DataFrame:
    random = np.random.default_rng(size)
    information = {point: random.gamma(2, 0.1, size) for point in POINTS}
    return pd.DataFrame({"item_id": [f"q{item}" for item in range(size)], **information}).assign(
        content_area=(np.arange(size) % 4).astype(str)
    )


def rows_of(items: pd.DataFrame) -> list[Row]:
    plain = items.astype(object).where(items.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def within(number: int, count: Count | None) -> bool:
    return count is None or (count.least <= number and (count.most is None or number <= count.most))


def meets(form: list[Row], bank: list[Row], asked: Constraints) -> bool:
    """Whether a form meets its constraints, in words as plain as they come."""
    scored, pilots = [row for row in form if not row["pilot"]], [row for row in form if row["pilot"]]
    counted = (
        (scored, "content_area", asked.areas),
        (pilots, "content_area", asked.pilots),
        (scored, "topic", asked.topics),
        (scored, "format", asked.formats),
        (form, "key", asked.keys),
    )
    chosen = {row["item_id"] for row in form}
    return (
        not (asked.areas and any(row["content_area"] not in asked.areas for row in scored))
        and not any(row["content_area"] not in asked.pilots for row in pilots)
        and within(len(scored), asked.length)
        and all(within(sum(row[at] == name for row in rows), by[name]) for rows, at, by in counted for name in by)
        and not any({one, other} <= chosen for one, other in asked.enemies)
        and _cases_are_right(form, bank, asked)
        and all(sum(row[point] for row in scored) >= least for point, least in asked.least_information.items())
    )


def _cases_are_right(form: list[Row], bank: list[Row], asked: Constraints) -> bool:
    shown = {row["case"] for row in form if row["case"]}
    whole = {case: exactly(sum(row["case"] == case for row in bank)) for case in shown}
    sizes = {case: sum(row["case"] == case for row in form) for case in shown}
    return within(len(shown), asked.case_sets) and all(
        within(sizes[case], asked.case_members.get(case, whole[case])) for case in shown
    )


def every_form(items: pd.DataFrame, asked: Constraints, longest: int) -> Iterator[list[Row]]:
    bank = rows_of(items)
    for length in range(longest + 1):
        for chosen in itertools.combinations(bank, length):
            if meets(list(chosen), bank, asked):
                yield list(chosen)


def worth(form: list[Row], objective: Objective) -> float:
    """Return what a form is worth; a deviation counts below 0."""
    sums: list[float] = [sum(row[point] for row in form if not row["pilot"]) for point in objective.points]
    if isinstance(objective, Target):
        return -max(abs(reached - wanted) for reached, wanted in zip(sums, objective.information, strict=True))
    if isinstance(objective, Total):
        return float(sum(sums))
    return min(reached / weight for reached, weight in zip(sums, objective.weights or (1, 1), strict=True))


def form_of(found: Assembly, items: pd.DataFrame, form: int = 0) -> list[Row]:
    return rows_of(items[items["item_id"].isin(found.forms[form])])


def refused(
    items: pd.DataFrame,
    constraints: Constraints,
    objective: Objective | None = None,
    *,
    forms: int = 1,
    most_forms: int = 1,
    most_shared: int | None = None,
    stop: Stop | None = None,
) -> NoForm:
    with pytest.raises(NoForm) as refusal:
        assemble_parallel_forms(
            items, constraints, objective, forms=forms, most_forms=most_forms, most_shared=most_shared, stop=stop
        )
    return refusal.value
