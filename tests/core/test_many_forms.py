"""10,000 forms by chance and some hundreds by the optimiser, each held against the files: none breaks anything."""

from __future__ import annotations

import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor

import pytest

from ssa_engine.config import bundled
from ssa_engine.content.library import load_library
from ssa_engine.core.assembly_forms import AssembledForms, assemble_for_candidates, assemble_parallel, plan_of
from ssa_engine.core.content_specs import Blueprint
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import ItemStatistics
from tests.core.plain_forms import PlainBank

FORMS, PROCESSES, OPTIMAL = 10_000, 2, 200
TOPICS = {"3.A.1": (1, 4), "2.A.2": (2, 3), "1.A.5": (0, 1)}
FORMATS = {"multiple": (2, 5), "number": (3, 8), "single": (0, 62)}


def faults_of(seeds: range) -> tuple[int, list[str]]:
    """Draw a form for each seed; return how many there were, and what they break."""
    bank = load_library(bundled("content_specs"), bundled("item_bank")).bank("CT")
    plain = PlainBank("ct")
    told = [plain.faults(draw_form(bank, seed)) for seed in seeds]
    return len(told), [fault for faults in told for fault in faults]


def test_10_000_forms_break_nothing() -> None:
    seeds = [range(first, FORMS, PROCESSES) for first in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(faults_of, seeds))
    assert sum(number for number, _ in found) == FORMS
    assert [fault for _, faults in found for fault in faults] == []


def calibrated(bank: ItemBank) -> ItemBank:
    """Return the bank with parameters for all its items, and limits for some topics and formats."""
    chance = random.Random(5)
    items = tuple(
        item.model_copy(
            update={"statistics": ItemStatistics(a=chance.lognormvariate(-0.1, 0.3), b=chance.gauss(-0.3, 1.0))}
        )
        for item in bank.items
    )
    limits = {
        name: {code: {"least": low, "most": high} for code, (low, high) in limits.items()}
        for name, limits in (("topics", TOPICS), ("formats", FORMATS))
    }
    blueprint = Blueprint.model_validate(bank.spec.blueprint.model_dump() | {"assembly": "optimal"} | limits)
    return ItemBank(
        spec=bank.spec.model_copy(update={"blueprint": blueprint}), items=items, cases=bank.cases, sizes=bank.sizes
    )


@pytest.fixture(scope="module")
def ready(library_ct: ItemBank) -> ItemBank:
    return calibrated(library_ct)


def require_nothing_broken(made: AssembledForms) -> None:
    plain = PlainBank("ct")
    told = [plain.faults(one.form, topics=TOPICS, formats=FORMATS) for one in made.forms]
    assert [fault for faults in told for fault in faults] == []


def test_hundreds_of_optimal_forms_break_nothing_and_nothing_is_printed(
    ready: ItemBank, capfd: pytest.CaptureFixture[str]
) -> None:
    made = assemble_for_candidates(plan_of(ready), range(OPTIMAL), OPTIMAL)
    require_nothing_broken(made)
    assert len({one.form.items for one in made.forms}) == OPTIMAL
    gaps = [made.gap(one) for one in made.forms]
    assert all(gap is not None and 0 <= gap < 0.25 for gap in gaps)  # half the bank on each form: chance costs more
    assert capfd.readouterr() == ("", "")  # the solver is written in C++ and would print past Python


@pytest.mark.parametrize("forms", [2, 4])
def test_parallel_forms_break_nothing_and_are_alike(ready: ItemBank, forms: int) -> None:
    made = assemble_parallel(plan_of(ready), 1, forms)
    require_nothing_broken(made)
    worth = [one.objective or 0.0 for one in made.forms]
    assert len(worth) == forms
    assert min(worth) == pytest.approx(made.search.objective)
    assert max(worth) - min(worth) < 0.05
    assert made.search.gap < 0.02


def test_the_checker_finds_what_is_wrong(library_ct: ItemBank) -> None:
    plain, form = PlainBank("ct"), draw_form(library_ct, 1)
    assert plain.faults(form) == []
    for area in plain.areas.values():
        area["scored"] += 1
    plain.items[form.items[0].item_id]["enemies"] = [form.items[1].item_id]
    told = plain.faults(form, formats={"single": (0, 3)})
    assert (len(told), told[0][:6]) == (3, "areas:")
    assert told[1] == f"{form.items[0].item_id} beside {form.items[1].item_id}"
    assert told[2].startswith("single: ")
