"""The mixed-integer model of form assembly: its columns, its rows, and the call of the solver."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from ssa_engine.core.assembly_constraints import Constraints, Count, Maximin, Objective, Target
from ssa_engine.core.errors import Invalid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

Family = Literal["counts", "enemies", "case sets", "exposure", "overlap", "objective"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A constraint somebody wrote, by name, so that a sentence can say how far it is from being met."""

    kind: str
    name: str
    form: int
    wanted: str
    supply: float
    """What the whole bank has of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """least ≤ Σ values · columns ≤ most."""

    family: Family
    columns: Ints
    values: Floats
    least: float
    most: float
    limit: Limit | None = None


@dataclass(slots=True)
class Model:
    """Columns 0 to forms × items − 1 say whether a form has an item, form by form; others follow."""

    items: int
    forms: int
    rows: list[Row] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.upper = [1.0] * (self.items * self.forms)
        self.integer = [True] * (self.items * self.forms)

    def column(self, upper: float, *, integer: bool) -> int:
        """Add a column from 0 to `upper` and return its place."""
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.upper) - 1

    def row(
        self, family: Family, columns: Ints | list[int], values: Floats | list[float] | float, least: float, most: float
    ) -> None:
        """Add a row that is never relaxed."""
        places = np.asarray(columns, dtype=np.int64)
        self.rows.append(Row(family, places, np.broadcast_to(np.asarray(values, float), places.shape), least, most))

    def chosen(self, solution: Floats) -> Flags:
        """Return forms × items: whether the form has the item."""
        return solution[: self.forms * self.items].reshape(self.forms, self.items) > 0.5


def column_of(items: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return a column of the bank.

    Raises
    ------
    Invalid
        If the bank has no such column.
    """
    if name not in items:
        raise Invalid(f"The bank has no column '{name}', which a constraint or the objective needs. Add it.")
    return items[name]


def pilots_of(items: pd.DataFrame) -> Flags:
    """Return which items are pilots; without the column, none."""
    if "pilot" not in items:
        return np.zeros(len(items), dtype=bool)
    return np.asarray(items["pilot"].to_numpy(), dtype=bool)


def information_of(items: pd.DataFrame, point: str) -> Floats:
    """Return the information of each item at a point; pilots, which are not scored, give none.

    Raises
    ------
    Invalid
        If a scored item has no information there, or less than none.
    """
    pilot = pilots_of(items)
    information = np.where(pilot, 0.0, column_of(items, point).to_numpy(dtype=float))
    bad = ~(np.isfinite(information) & (information >= 0))
    if bad.any():
        raise Invalid(
            f"The column '{point}' has no information from 0 up for {int(bad.sum())} scored items, the first of them "
            f"'{items['item_id'].iloc[int(bad.argmax())]}'. Calibrate those items or leave them out of the bank."
        )
    return information


def build(
    items: pd.DataFrame, constraints: Constraints, *, forms: int, most_forms: Ints, most_shared: int | None
) -> Model:
    """Write the constraints of each form, and those between forms, as rows."""
    model = Model(len(items), forms)
    model.upper[:] = np.tile(np.where(_left_out(items, constraints), 0.0, 1.0), forms).tolist()
    limits = list(_limits(items, constraints))
    places = {str(item): place for place, item in enumerate(items["item_id"])}
    for form in range(forms):
        first = form * len(items)
        for kind, name, values, count in limits:
            taken = np.flatnonzero(values)
            limit = Limit(kind, name, form, _wanted(count), float(values.sum()))
            least, most = (count, np.inf) if isinstance(count, float) else (count.least, count.most)
            most = np.inf if most is None else most
            model.rows.append(Row("counts", first + taken, values[taken], float(least), float(most), limit))
        for one, other in constraints.enemies:
            if one == other:
                raise Invalid(f"The item '{one}' is named as its own enemy. Name pairs of two items.")
            if one in places and other in places:
                model.row("enemies", [first + places[one], first + places[other]], 1.0, 0, 1)
        _add_cases(model, items, constraints, form)
    for item in np.flatnonzero(most_forms < forms):
        model.row("exposure", item + len(items) * np.arange(forms), 1.0, 0, int(most_forms[item]))
    if most_shared is not None and np.any(most_forms > 1):
        _add_overlap(model, most_shared)
    return model


def _wanted(count: Count | float) -> str:
    return f"at least {count:g}" if isinstance(count, float) else str(count)


def _limits(items: pd.DataFrame, constraints: Constraints) -> Iterator[tuple[str, str, Floats, Count | float]]:
    """Yield kind, name, what each item adds to it, and what is wanted, of every constraint of one form."""
    pilot = pilots_of(items)
    if constraints.length is not None:
        yield "length", "", (~pilot).astype(float), constraints.length
    named: tuple[tuple[str, str, Mapping[str, Count], Flags], ...] = (
        ("area", "content_area", constraints.areas, ~pilot),
        ("pilot", "content_area", constraints.pilots, pilot),
        ("topic", "topic", constraints.topics, ~pilot),
        ("format", "format", constraints.formats, ~pilot),
        ("key", "key", constraints.keys, np.ones(len(items), dtype=bool)),
    )
    for kind, column, counts, counted in named:
        for name, count in counts.items():
            yield kind, name, (counted & _among(items, column, (name,))).astype(float), count
    for point, least in constraints.least_information.items():
        yield "information", point, information_of(items, point), float(least)


def _among(items: pd.DataFrame, column: str, names: Collection[str]) -> Flags:
    """Return which items have one of the names; a missing value is none of them."""
    return np.asarray(column_of(items, column).astype("string").isin(names).to_numpy(dtype=bool))


def _left_out(items: pd.DataFrame, constraints: Constraints) -> Flags:
    """Return which items no form may have: pilots, and scored items once areas are named, of areas not named."""
    pilot = pilots_of(items)
    unnamed = [
        counted & ~_among(items, "content_area", tuple(counts)) if counts else counted
        for counted, counts in ((pilot, constraints.pilots), (~pilot & bool(constraints.areas), constraints.areas))
    ]
    return np.asarray(unnamed[0] | unnamed[1])


def _add_cases(model: Model, items: pd.DataFrame, constraints: Constraints, form: int) -> None:
    """Show all members of a case or none, or the number of them that is asked for; count the cases."""
    if "case" not in items:
        if constraints.case_members or constraints.case_sets:
            column_of(items, "case")
        return
    shown: list[int] = []
    case = items["case"].astype("string")
    for name, places in case.groupby(case).indices.items():
        members = form * model.items + np.asarray(places, dtype=np.int64)
        count = constraints.case_members.get(str(name))
        if count is None:
            for member in members[1:]:
                model.row("case sets", [int(members[0]), int(member)], [1.0, -1.0], 0, 0)
            shown.append(int(members[0]))
            continue
        switch = model.column(1, integer=True)
        most = len(members) if count.most is None else count.most
        model.row("case sets", [*members, switch], [1.0] * len(members) + [-max(count.least, 1)], 0, np.inf)
        model.row("case sets", [*members, switch], [1.0] * len(members) + [-float(most)], -np.inf, 0)
        shown.append(switch)
    if constraints.case_sets is not None:
        wanted = constraints.case_sets
        upper = np.inf if wanted.most is None else float(wanted.most)
        limit = Limit("case sets", "", form, str(wanted), len(shown))
        columns = np.array(shown, dtype=np.int64)
        model.rows.append(Row("counts", columns, np.ones(len(shown)), wanted.least, upper, limit))


def _add_overlap(model: Model, most_shared: int) -> None:
    """Let two forms have at most so many items in common; a column for each item and pair says whether both have it."""
    for one, other in itertools.combinations(range(model.forms), 2):
        both = [model.column(1, integer=False) for _ in range(model.items)]
        for item, shared in enumerate(both):
            columns = [one * model.items + item, other * model.items + item, shared]
            model.row("overlap", columns, [1.0, 1.0, -1.0], -np.inf, 1)
        model.row("overlap", both, 1.0, 0, most_shared)


def add_objective(model: Model, items: pd.DataFrame, objective: Objective) -> int:
    """Add the column that is to be made large (or small, for a target) over all forms and points; return its place."""
    column = model.column(np.inf, integer=False)
    information = np.array([information_of(items, point) for point in objective.points])
    for form in range(model.forms):
        columns = np.append(form * model.items + np.arange(model.items), column)
        if isinstance(objective, Target):
            for values, target in zip(information, objective.information, strict=True):
                model.row("objective", columns, np.append(values, 1.0), target, np.inf)
                model.row("objective", columns, np.append(values, -1.0), -np.inf, target)
        elif isinstance(objective, Maximin):
            for values, weight in zip(information, objective.weights or (1.0,) * len(information), strict=True):
                model.row("objective", columns, np.append(values, -weight), 0, np.inf)
        else:
            model.row("objective", columns, np.append(information.sum(axis=0), -1.0), 0, np.inf)
    return column


def minimise(
    model: Model,
    cost: Floats,
    *,
    without: Collection[Family] = (),
    whole: bool = True,
    elastic: tuple[Floats, Floats] | None = None,
    relative_gap: float = 0.0,
    time_limit: float,
) -> Any:
    """Call HiGHS by `scipy.optimize.milp` and return its result.

    Parameters
    ----------
    model : Model
    cost : array (columns,)
    without : families of rows that are left out
    whole : bool
        False for the linear relaxation, in which columns need not be whole numbers.
    elastic : two arrays (rows,), optional
        The price of being one below and one above each row; infinite where a row may not be broken. A column of slack
        stands behind the model's own for each finite price: first those below, then those above, in order of rows.
    relative_gap, time_limit : float
    """
    kept = np.array([row.family not in without for row in model.rows], dtype=bool)
    rows = [row for row, keep in zip(model.rows, kept, strict=True) if keep]
    at = np.repeat(np.arange(len(rows)), [len(row.columns) for row in rows])
    columns = np.concatenate([row.columns for row in rows]) if rows else np.zeros(0, dtype=np.int64)
    values = np.concatenate([row.values for row in rows]) if rows else np.zeros(0)
    upper, integer = np.array(model.upper), np.array(model.integer, dtype=int)
    for price, sign in zip(elastic or (), (1.0, -1.0), strict=False):
        soft = np.flatnonzero(np.isfinite(price[kept]))
        at, columns = np.append(at, soft), np.append(columns, len(upper) + np.arange(len(soft)))
        values, cost = np.append(values, np.full(len(soft), sign)), np.append(cost, price[kept][soft])
        upper, integer = np.append(upper, np.full(len(soft), np.inf)), np.append(integer, np.zeros(len(soft), int))
    matrix = csr_array((values, (at, columns)), shape=(len(rows), len(upper)))
    limits = LinearConstraint(matrix, np.array([row.least for row in rows]), np.array([row.most for row in rows]))
    return milp(
        cost,
        integrality=integer if whole else np.zeros(len(upper), dtype=int),
        bounds=Bounds(np.zeros(len(upper)), upper),
        constraints=limits if rows else (),
        options={"mip_rel_gap": relative_gap, "time_limit": time_limit},
    )
