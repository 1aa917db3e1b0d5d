"""Form assembly with an optimiser: one form for one candidate, or several parallel forms, by integer programming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ssa_engine.core.assembly_constraints import Constraints, Maximin, Objective, Stop, Target
from ssa_engine.core.assembly_model import (
    Flags,
    Floats,
    Model,
    add_objective,
    build,
    column_of,
    information_of,
    minimise,
)
from ssa_engine.core.assembly_shortfalls import NoForm, explain, out_of_time
from ssa_engine.core.errors import Invalid

Status = Literal["optimal", "within gap", "perturbed", "time limit"]
SPREAD = 0.15


@dataclass(frozen=True, slots=True)
class Assembly:
    """The forms, and how far from the best possible they may be."""

    forms: tuple[tuple[str, ...], ...]
    """The items of each form, in the order of the bank."""
    information: pd.DataFrame
    """Index `form` from 1, one column for each point: the sum over the scored items."""
    objective: float
    """That of the worst form, less the penalty for exposure; without chance. 0 where there is no objective."""
    best_bound: float
    """No forms that meet the constraints can do better than this."""
    status: Status
    """optimal: proved, with a gap of 0. within gap: the search stopped at the gap that was allowed, which is no proof.
    perturbed: chance moved the form away from the optimum; `gap` says how far at most. time limit: stopped by time."""
    stop: Stop
    seed: int | None

    @property
    def absolute_gap(self) -> float:
        """|best bound − objective|."""
        return abs(self.best_bound - self.objective)

    @property
    def gap(self) -> float:
        """|best bound − objective| / |objective|; infinite where the objective is 0 and the bound is not."""
        if self.absolute_gap == 0:
            return 0.0
        return self.absolute_gap / abs(self.objective) if self.objective else float("inf")

    @property
    def proved(self) -> bool:
        """Whether it is proved that nothing better exists."""
        return self.status == "optimal"

    @property
    def sentence(self) -> str:
        """Say what is known of the optimum."""
        stop, figures = self.stop, f"The objective is {self.objective:.6g}, the best bound {self.best_bound:.6g}"
        if self.proved:
            return f"{figures}: proved optimal, the search ended with a gap of 0."
        allowed = f"{stop.absolute_gap:g}" if stop.absolute_gap is not None else f"{stop.relative_gap:g} of it"
        why = {
            "within gap": f"the search stopped at an allowed gap of {allowed}, which is no proof of optimality",
            "perturbed": f"the form was drawn near the optimum with seed {self.seed}, which is no proof of optimality",
            "time limit": f"the search was stopped after {stop.time_limit:g} seconds",
        }[self.status]
        return f"{figures}, a gap of {self.absolute_gap:.3g} ({self.gap:.3%}): {why}."


def assemble_form(
    items: pd.DataFrame,
    constraints: Constraints,
    objective: Objective | None = None,
    *,
    seed: int | None = None,
    spread: float = SPREAD,
    exposure_penalty: float = 0.0,
    stop: Stop | None = None,
) -> Assembly:
    """Assemble one form: the best, or with a seed another one near it for each candidate (linear on the fly).

    Parameters
    ----------
    items : DataFrame
        The bank, one row an item: `item_id`; where constraints name them, `content_area`, `topic`, `format`, `key`
        (position of the key, missing where the format has none); where there are any, `pilot` (bool) and `case`
        (missing for none); one column of information for each point of the objective; `exposure` for a penalty.
    constraints : Constraints
    objective : Maximin, Total or Target, optional
        Without it, any form that meets the constraints is as good.
    seed : int, optional
        To the objective a random share is added for each item, uniform from 0 up, so that a form may be worse than
        the best by at most `spread` of its bound: Σ r_i x_i with r_i ~ U(0, spread × bound / items on the form).
        The same bank, settings and seed give the same form, unless the time limit ends the search.
    spread : float
        As said. More of it costs information and spares the items: of 120 items from a bank of 2,000 (see
        `benchmarks/assembly.py`) .15 gave forms within 1 % of the bound, .5 within 6 %, and two of .5 had 61 % of
        their items in common.
    exposure_penalty : float
        What one unit of `exposure`, summed over the items of a form, takes from the objective.
    stop : Stop, optional
        The gap and the time that are allowed. `Stop(relative_gap=0)` asks for a proof of optimality.

    Raises
    ------
    NoForm
        If no form meets the constraints; the message names those the nearest form breaks, and by how much.
    Invalid
        If the bank lacks a column or has an item twice.
    """
    return assemble_parallel_forms(
        items,
        constraints,
        objective,
        forms=1,
        seed=seed,
        spread=spread,
        exposure_penalty=exposure_penalty,
        stop=stop,
    )


def assemble_parallel_forms(
    items: pd.DataFrame,
    constraints: Constraints,
    objective: Objective | None = None,
    *,
    forms: int,
    most_forms: int | Sequence[int] = 1,
    most_shared: int | None = None,
    seed: int | None = None,
    spread: float = SPREAD,
    exposure_penalty: float = 0.0,
    stop: Stop | None = None,
) -> Assembly:
    """Assemble several forms that all meet the constraints, the worst of them as good as possible.

    All forms stand in one model (van der Linden 2005, Linear Models for Optimal Test Design, ch. 6).

    Parameters
    ----------
    items, constraints, objective, seed, spread, exposure_penalty, stop
        As for `assemble_form`. The penalty takes the mean over forms.
    forms : int
    most_forms : int or one int for each item
        An item stands on at most so many of the forms.
    most_shared : int, optional
        Two forms have at most so many items in common.

    Raises
    ------
    NoForm, Invalid
        As for `assemble_form`.
    """
    if forms < 1 or np.any(np.asarray(most_forms) < 1) or (most_shared is not None and most_shared < 0):
        raise Invalid("Forms, and the forms an item may stand on, are 1 or more; items shared are 0 or more.")
    stop, items = stop or Stop(), items.reset_index(drop=True)
    _check(items, constraints, spread)
    uses = np.broadcast_to(np.minimum(1 if most_shared == 0 else most_forms, forms), len(items)).astype(np.int64)
    model = build(items, constraints, forms=forms, most_forms=uses, most_shared=most_shared)
    penalty = _penalty(items, exposure_penalty)
    column = None if objective is None else add_objective(model, items, objective)
    sense = 1.0 if isinstance(objective, Target) else -1.0  # the solver makes things small
    cost = np.append(np.tile(penalty / forms, forms), np.zeros(len(model.upper) - forms * len(items)))
    if column is not None:
        cost[column] = sense
    found, bound = _search(model, cost, objective, seed, spread, stop)
    if found.x is None:
        raise NoForm(out_of_time(stop.time_limit)) if found.status == 1 else explain(model, time_limit=stop.time_limit)
    chosen = model.chosen(found.x)
    information, value = _worth(items, objective, chosen)
    value += sense * float(penalty @ chosen.mean(axis=0))
    return Assembly(
        forms=tuple(tuple(items["item_id"][form].astype(str)) for form in chosen),
        information=information,
        objective=value,
        best_bound=sense * min(bound, sense * value),
        status=_status(found, stop, seed),
        stop=stop,
        seed=seed,
    )


def _check(items: pd.DataFrame, constraints: Constraints, spread: float) -> None:
    """Refuse a bank that names an item twice, and constraints by which the form could take the whole bank."""
    if not 0 <= spread <= 1:
        raise Invalid("The spread is a share from 0 to 1: .15 lets a form be at most 15 % worse than the bound.")
    repeated = column_of(items, "item_id").duplicated()
    if repeated.any():
        raise Invalid(
            f"The bank has the item '{items['item_id'][int(repeated.argmax())]}' twice. Give each item one row."
        )
    if constraints.length is None and not constraints.areas:
        raise Invalid("Nothing says how long the form is. Give its length, or the items of each content area.")


def _penalty(items: pd.DataFrame, exposure_penalty: float) -> Floats:
    """Return what each item takes from the objective."""
    if exposure_penalty < 0:
        raise Invalid("The penalty for exposure is 0 or more. Below 0, items seen often would be sought.")
    if not exposure_penalty:
        return np.zeros(len(items))
    exposure = column_of(items, "exposure").to_numpy(dtype=float)
    bad = ~(np.isfinite(exposure) & (exposure >= 0))
    if bad.any():
        item = items["item_id"][int(bad.argmax())]
        raise Invalid(f"The item '{item}' has no exposure from 0 up. Give 0 for an item nobody saw.")
    return exposure_penalty * exposure


def _search(
    model: Model, cost: Floats, objective: Objective | None, seed: int | None, spread: float, stop: Stop
) -> tuple[Any, float]:
    """Return what the solver found, and a lower bound of the cost of any forms, chance left out.

    What chance adds makes forms cheaper, never dearer, so that a bound with it is a bound without it.
    """
    bound = -np.inf
    if seed is not None:
        relaxed = minimise(model, cost, whole=False, time_limit=stop.time_limit)
        if relaxed.x is None:
            return relaxed, bound
        bound = float(relaxed.fun)
        places = model.items * model.forms
        scale = abs(bound) or 1.0
        if isinstance(objective, Target):
            scale = float(np.mean(objective.information))
        share = spread * scale / max(float(relaxed.x[:places].sum()), 1.0) if objective is not None else 1.0
        cost = cost.copy()
        cost[:places] -= np.random.default_rng(seed).uniform(0.0, share, places)
    offset, relative_gap = 0.0, stop.relative_gap
    if stop.absolute_gap is not None:
        offset = 10.0 * (1.0 + _largest(model, cost))
        relative_gap = stop.absolute_gap / (1.2 * offset)
        column = model.column(1.0, integer=False)
        model.row("objective", [column], 1.0, 1.0, 1.0)
        cost = np.append(cost, np.copysign(offset, 1.0 if isinstance(objective, Target) else -1.0))
    found = minimise(model, cost, relative_gap=relative_gap, time_limit=stop.time_limit)
    if found.x is None:
        return found, bound
    shift = cost[-1] if stop.absolute_gap is not None else 0.0
    return found, max(bound, float(found.mip_dual_bound) - shift)


def _largest(model: Model, cost: Floats) -> float:
    """Return a number that no cost of any forms is above."""
    rows = [row for row in model.rows if row.family == "objective"]
    ends = [abs(end) for row in rows for end in (row.least, row.most) if np.isfinite(end)]
    scale = min((abs(float(row.values[-1])) for row in rows), default=1.0)
    sums = [float(row.values[:-1].sum()) for row in rows]
    return float(max([0.0, *ends, *sums]) * 2 / scale + np.abs(cost[: model.items * model.forms]).sum())


def _worth(items: pd.DataFrame, objective: Objective | None, chosen: Flags) -> tuple[pd.DataFrame, float]:
    """Return the information of each form at each point, and the objective of the worst form."""
    points = () if objective is None else objective.points
    sums = {point: chosen.astype(float) @ information_of(items, point) for point in points}
    information = pd.DataFrame(sums, index=pd.RangeIndex(1, len(chosen) + 1, name="form"))
    reached = information.to_numpy(dtype=float)
    if objective is None:
        return information, 0.0
    if isinstance(objective, Target):
        return information, float(np.abs(reached - np.array(objective.information)).max())
    if isinstance(objective, Maximin):
        return information, float((reached / np.array(objective.weights or (1.0,) * len(points))).min())
    return information, float(reached.sum(axis=1).min())


def _status(found: Any, stop: Stop, seed: int | None) -> Status:
    if found.status != 0:
        return "time limit"
    if seed is not None:
        return "perturbed"
    return "optimal" if stop.absolute_gap is None and stop.relative_gap == 0 else "within gap"
