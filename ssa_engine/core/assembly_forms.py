"""Forms of a bank by the optimiser: one near the best for each candidate, or several parallel ones."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ssa_engine.core.assembly_constraints import Constraints, Stop
from ssa_engine.core.assembly_items import Aim, aim_of, constraints_for, items_of, point_of
from ssa_engine.core.assembly_shortfalls import NoForm
from ssa_engine.core.errors import Invalid
from ssa_engine.core.form_assembly import Form, chance_of, in_order
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.optimal_assembly import Assembly, Status, assemble_form, assemble_parallel_forms

CANDIDATE_SPREAD, PARALLEL_SPREAD = 0.5, 0.05
"""How far chance may move a candidate's form, and parallel forms, from the best: see `assemble_form`."""
CANDIDATE_STOP, PARALLEL_STOP = Stop(1e-3, time_limit=10.0), Stop(1e-2, time_limit=60.0)
PENALTY = 0.5
"""What forms of a run pay for items that forms before them have: this much of the objective for a form whose items
all stand on every form so far."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A bank made ready, so that many forms can be drawn from it."""

    bank: ItemBank
    aim: Aim
    items: pd.DataFrame
    constraints: Constraints
    relaxed: Constraints | None
    """The same without the even spread of topics, where the blueprint did not ask for it by name."""


@dataclass(frozen=True, slots=True)
class AssembledForm:
    """A form, and how much it gives."""

    form: Form
    shares: Mapping[str, float]
    """Content area -> information at its standard as a share of what is attainable."""
    status: Status

    @property
    def objective(self) -> float | None:
        """The mean share over areas; None where no item is calibrated."""
        return sum(self.shares.values()) / len(self.shares) if self.shares else None


@dataclass(frozen=True, slots=True)
class AssembledForms:
    """Forms with what is known of the best there could be."""

    plan: Plan
    forms: tuple[AssembledForm, ...]
    search: Assembly
    """The search for the best form, without chance; or that for the parallel forms."""
    topics_spread: bool
    """Whether the topics of each area are as evenly spread as was wanted, or as the blueprint says."""

    @property
    def best_bound(self) -> float | None:
        """No form can have a higher objective; for parallel forms, not all of them. None where there is no aim."""
        return self.search.best_bound if self.plan.aim.thetas else None

    def gap(self, form: AssembledForm) -> float | None:
        """(best bound - objective) / objective of one form; None where there is no aim."""
        if self.best_bound is None or not form.objective:
            return None
        return max(self.best_bound - form.objective, 0.0) / form.objective

    @property
    def exposure(self) -> Counter[str]:
        """Item -> how many of the forms have it."""
        return Counter(item.item_id for one in self.forms for item in one.form.items)

    @property
    def shared(self) -> tuple[float, int]:
        """The mean share of items two forms have in common, and the largest number; (0, 0) for one form."""
        places = {item: place for place, item in enumerate(self.exposure)}
        has = np.zeros((len(self.forms), len(places)), dtype=np.float32)
        for row, one in enumerate(self.forms):
            has[row, [places[item.item_id] for item in one.form.items]] = 1
        common = np.concatenate([np.zeros(0), *(has[:row] @ has[row] for row in range(1, len(has)))])
        length = len(self.forms[0].form.items)
        return (float(common.mean()) / length, int(common.max())) if len(common) else (0.0, 0)


def plan_of(bank: ItemBank, standards: Mapping[str, float] | None = None) -> Plan:
    """Make a bank ready: the aim at these standards (those of its sample policy, without any), items, constraints."""
    aim = aim_of(bank, bank.spec.sample_policy.standards if standards is None else standards)
    wanted, relaxed = constraints_for(bank, spread=True), constraints_for(bank, spread=False)
    return Plan(bank, aim, items_of(bank, aim), wanted, relaxed if wanted != relaxed else None)


def draw_optimal_form(bank: ItemBank, seed: int) -> Form:
    """Draw a candidate's form near the most information at the sample policy's standards.

    The same bank and seed give the same form, unless the time limit ends the search.

    Raises
    ------
    NoForm
        If no form meets the blueprint.
    """
    return _one_form(plan_of(bank), seed, CANDIDATE_STOP).form


def draw_parallel_forms(bank: ItemBank, seed: int, forms: int) -> tuple[Form, ...]:
    """Draw parallel forms; form k of them is ordered by the seed k. Raise `NoForm` if there are none."""
    return tuple(one.form for one in assemble_parallel(plan_of(bank), seed, forms).forms)


def assemble_for_candidates(
    plan: Plan,
    seeds: Iterable[int],
    count: int,
    *,
    penalty: float = PENALTY,
    most_exposure: float = 1.0,
    stop: Stop = CANDIDATE_STOP,
) -> AssembledForms:
    """Assemble a form for each seed, one after the other, each near the best.

    Parameters
    ----------
    plan : Plan
    seeds : iterable of int
    count : int
        How many seeds there are.
    penalty : float
        What a form pays for items seen before: this times the mean, over its items, of the share of forms so far
        that have them.
    most_exposure : float
        An item stands on at most this share of the forms, rounded up.
    stop : Stop

    Raises
    ------
    NoForm
        If no form meets the blueprint, or not enough items are left under `most_exposure`.
    Invalid
        If `most_exposure` is no share above 0.
    """
    if not 0 < most_exposure <= 1:
        raise Invalid("The most exposure is a share of the forms, above 0 and at most 1.")
    given, (plan, best) = plan, _best(plan, stop)
    seen = np.zeros(len(plan.items))
    found: list[AssembledForm] = []
    for index, seed in enumerate(seeds):
        left = plan.items.assign(exposure=seen / max(index, 1))[seen < np.ceil(most_exposure * count)]
        per_item = penalty / sum(area.scored + area.pilot for area in plan.bank.spec.blueprint.areas.values())
        one = _one_form(replace(plan, items=left), seed, stop, per_item)
        seen += plan.items["item_id"].isin([item.item_id for item in one.form.items]).to_numpy()
        found.append(one)
    return AssembledForms(plan, tuple(found), best, plan.constraints is given.constraints)


def assemble_parallel(
    plan: Plan, seed: int, forms: int, *, most_shared: int | None = None, stop: Stop = PARALLEL_STOP
) -> AssembledForms:
    """Assemble parallel forms in one model, the worst of them as good as possible.

    Parameters
    ----------
    plan : Plan
    seed, forms : int
    most_shared : int, optional
        Two forms have at most so many items in common. Without it, an item stands on as few of the forms as the bank
        allows.
    stop : Stop

    Raises
    ------
    NoForm
        If there are no such forms.
    """
    chance = chance_of(plan.bank, seed).getrandbits(63)
    uses = _least_uses(plan, forms) if most_shared is None else [[forms] * len(plan.items)]
    for most_forms, asked in itertools.product(uses, filter(None, (plan.constraints, plan.relaxed))):
        try:
            found = assemble_parallel_forms(
                plan.items,
                asked,
                plan.aim.objective,
                forms=forms,
                most_forms=most_forms,
                most_shared=most_shared,
                seed=chance,
                spread=PARALLEL_SPREAD,
                stop=stop,
            )
        except NoForm as error:
            refusal = error
        else:
            made = tuple(_made(plan, found, number, number + 1) for number in range(forms))
            return AssembledForms(plan, made, found, asked is plan.constraints)
    raise refusal


def _least_uses(plan: Plan, forms: int) -> list[list[int]]:
    """Return on how many forms each item may stand: the least that the supply of its area allows; then more of it."""
    kinds = list(zip(plan.items["content_area"], plan.items["pilot"], strict=True))
    supply, least = Counter(kinds), {}
    for area, pilot in supply:
        counts = plan.bank.spec.blueprint.areas[area]
        least[area, pilot] = max(-(-forms * (counts.pilot if pilot else counts.scored) // supply[area, pilot]), 1)
    lowest = min(least.values())
    return [[min(least[kind] + more, forms) for kind in kinds] for more in range(max(forms - lowest, 0) + 1)]


def _best(plan: Plan, stop: Stop) -> tuple[Plan, Assembly]:
    """Find the best form without chance; and the plan whose constraints can be met."""
    for asked in filter(None, (plan.constraints, plan.relaxed)):
        try:
            best = assemble_form(plan.items, asked, plan.aim.objective, stop=stop)
        except NoForm as error:
            refusal = error
        else:
            return replace(plan, constraints=asked, relaxed=None), best
    raise refusal


def _one_form(plan: Plan, seed: int, stop: Stop, penalty: float = 0.0) -> AssembledForm:
    """Assemble the form of one seed, with topics spread if that can be."""
    for asked in filter(None, (plan.constraints, plan.relaxed)):
        try:
            found = assemble_form(
                plan.items,
                asked,
                plan.aim.objective,
                seed=chance_of(plan.bank, seed).getrandbits(63),
                spread=CANDIDATE_SPREAD,
                exposure_penalty=penalty,
                stop=stop,
            )
        except NoForm as error:
            refusal = error
        else:
            return _made(plan, found, 0, seed)
    raise refusal


def _made(plan: Plan, found: Assembly, number: int, seed: int) -> AssembledForm:
    """Order the items and options of a form by its seed, and say what it gives."""
    bank = plan.bank
    items = [bank.item(item) for item in found.forms[number]]
    chosen = [(item, bank.area_of(item), item.status == "active") for item in items]
    given = found.information.iloc[number]
    shares = {area: float(given[point_of(area)]) * len(plan.aim.thetas) for area in plan.aim.thetas}
    return AssembledForm(in_order(bank, seed, chosen, chance_of(bank, seed)), shares, found.status)
