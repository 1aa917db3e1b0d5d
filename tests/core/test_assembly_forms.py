"""Forms of a bank by the optimiser: seeds, exposure, parallel forms, topics, what is impossible."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ssa_engine.core.assembly_constraints import Stop
from ssa_engine.core.assembly_forms import (
    AssembledForms,
    assemble_for_candidates,
    assemble_parallel,
    draw_optimal_form,
    draw_parallel_forms,
    plan_of,
)
from ssa_engine.core.assembly_shortfalls import NoForm
from ssa_engine.core.errors import Invalid
from ssa_engine.core.form_assembly import Form
from ssa_engine.core.item_bank import ItemBank
from tests.core.banks import bank_of, item_of, spec_of, topic_code
from tests.core.test_form_assembly import require_sound


def calibrated_bank(size: int = 30, *, areas: str = "ab", scored: int = 5) -> ItemBank:
    """Return a bank with parameters, pilots, a pair of enemies across areas and a case of three."""
    random = np.random.default_rng(11)
    items = [
        item_of(
            f"{area}-{number:02d}",
            topic_code(area, number % 3 + 1),
            a=float(random.lognormal(0, 0.3)),
            b=float(random.normal()),
            enemies=["b-04"] if (area, number) == ("a", 4) else [],
            case="case" if area == "a" and number < 3 else None,
        )
        for area in areas
        for number in range(size)
    ]
    items += [item_of(f"{area}-pilot-{n}", topic_code(area, 1), status="pilot") for area in areas for n in range(4)]
    return bank_of(spec_of(dict.fromkeys(areas, (scored, 1))), items, cases=["case"])


BANK = calibrated_bank()


def ids(form: Form) -> set[str]:
    return {place.item_id for place in form.items}


def test_a_candidates_form_is_sound_and_its_seed_gives_it_again() -> None:
    forms = {seed: draw_optimal_form(BANK, seed) for seed in (0, 1, 2, 2**48)}
    for seed, form in forms.items():
        require_sound(BANK, form)
        assert form.seed == seed
        assert draw_optimal_form(calibrated_bank(), seed) == form
    assert len({form.items for form in forms.values()}) == 4
    assert len({frozenset(name for name in ids(form) if "pilot" in name) for form in forms.values()}) > 1


def test_the_first_form_of_a_run_is_the_one_its_seed_gives_a_candidate() -> None:
    made = assemble_for_candidates(plan_of(BANK), [7], 1)
    assert made.forms[0].form == draw_optimal_form(BANK, 7)


def test_no_form_is_better_than_the_bound_and_each_says_how_far_it_is() -> None:
    made = assemble_for_candidates(plan_of(BANK), range(8), 8, stop=Stop(0.0))
    assert made.search.proved
    assert made.best_bound is not None
    for one in made.forms:
        assert one.objective is not None
        assert one.objective <= made.best_bound + 1e-9
        assert made.gap(one) == pytest.approx(made.best_bound / one.objective - 1, abs=1e-9)
        assert one.objective == pytest.approx(sum(one.shares.values()) / 2)
        assert max(one.shares.values()) <= 1 + 1e-9


def test_the_best_form_takes_the_items_with_most_information_at_the_standard() -> None:
    # One area, one topic, no enemies: the best are the two with the largest a^2 P (1 - P) where the mean of P is .7.
    items = [item_of(f"a-{n}", "1.A.1", a=a, b=0.0) for n, a in enumerate((0.5, 1.0, 1.5, 2.0))]
    made = assemble_for_candidates(plan_of(bank_of(spec_of({"a": (2, 0)}), items)), [1], 1, stop=Stop(0.0))
    assert made.search.forms == (("a-2", "a-3"),)
    assert made.search.objective == pytest.approx(1.0)


def test_forms_of_a_run_pay_for_what_was_seen_and_share_less() -> None:
    plan = plan_of(BANK)
    shared = [assemble_for_candidates(plan, range(12), 12, penalty=penalty).shared[0] for penalty in (0.0, 0.5, 3.0)]
    assert shared[0] > shared[1] > shared[2]


def test_no_item_stands_on_more_than_the_share_of_forms_that_is_allowed() -> None:
    made = assemble_for_candidates(plan_of(BANK), range(10), 10, penalty=0.0, most_exposure=0.35)
    assert max(made.exposure.values()) <= 4  # .35 × 10, rounded up
    for one in made.forms:
        require_sound(BANK, one.form)
    with pytest.raises(NoForm, match="pilot items"):
        assemble_for_candidates(plan_of(BANK), range(10), 10, most_exposure=0.1)
    with pytest.raises(Invalid, match="above 0"):
        assemble_for_candidates(plan_of(BANK), range(2), 2, most_exposure=0.0)


def overlap_by_hand(made: AssembledForms) -> tuple[float, int]:
    pairs = [len(ids(one.form) & ids(other.form)) for one, other in itertools.combinations(made.forms, 2)]
    return sum(pairs) / len(pairs) / len(made.forms[0].form.items), max(pairs)


def test_what_two_forms_share_is_counted_over_all_pairs() -> None:
    made = assemble_for_candidates(plan_of(BANK), range(5), 5)
    assert made.shared == pytest.approx(overlap_by_hand(made))
    assert assemble_for_candidates(plan_of(BANK), [1], 1).shared == (0.0, 0)


def test_parallel_forms_share_nothing_where_the_bank_is_large_enough() -> None:
    made = assemble_parallel(plan_of(BANK), 1, 3)
    assert made.shared == (0.0, 0)
    assert [one.form.seed for one in made.forms] == [1, 2, 3]
    for one in made.forms:
        require_sound(BANK, one.form)
    assert draw_parallel_forms(BANK, 1, 3) == tuple(one.form for one in made.forms)


def test_a_small_bank_lends_items_to_as_few_parallel_forms_as_it_can() -> None:
    # Six scored items of each area for three forms of five: each stands on three of three; 15 of 6. Pilots: 4 for 3.
    bank = calibrated_bank(6)
    made = assemble_parallel(plan_of(bank), 1, 3)
    assert max(number for item, number in made.exposure.items() if "pilot" in item) == 1
    assert max(made.exposure.values()) == 3
    for one in made.forms:
        require_sound(bank, one.form)


@pytest.mark.parametrize("most", [0, 2])
def test_parallel_forms_share_at_most_what_is_said(most: int) -> None:
    made = assemble_parallel(plan_of(calibrated_bank(16)), 1, 2, most_shared=most)
    assert made.shared[1] <= most


def test_too_many_forms_without_a_common_item_are_explained() -> None:
    with pytest.raises(NoForm, match=r"The content area 'a' takes exactly 5 scored items"):
        assemble_parallel(plan_of(calibrated_bank(6)), 1, 3, most_shared=0)


def test_topics_that_cannot_be_spread_evenly_are_left_free_and_it_is_told() -> None:
    # Two cases of four fill an area of four in one topic each: an even spread over two topics is not to be had.
    items = [item_of(f"{case}-{n}", topic_code("a", topic), case=case)
             for topic, case in ((1, "one"), (2, "two")) for n in range(4)]  # fmt: skip
    bank = bank_of(spec_of({"a": (4, 0)}, topics=2), items, cases=["one", "two"])
    made = assemble_for_candidates(plan_of(bank), range(4), 4)
    assert not made.topics_spread
    assert {frozenset(ids(one.form)) for one in made.forms} <= {
        frozenset(f"{case}-{n}" for n in range(4)) for case in ("one", "two")
    }
    assert len(draw_optimal_form(bank, 1).items) == 4
    assert not assemble_parallel(plan_of(bank), 1, 2).topics_spread
    assert assemble_parallel(plan_of(BANK), 1, 2).topics_spread


def test_a_bank_without_parameters_is_assembled_on_the_constraints() -> None:
    bank = bank_of(BANK.spec, [item.model_copy(update={"statistics": type(item.statistics)()}) for item in BANK.items],
                   cases=["case"])  # fmt: skip
    made = assemble_for_candidates(plan_of(bank), range(6), 6)
    assert (made.best_bound, made.gap(made.forms[0]), made.forms[0].objective) == (None, None, None)
    assert len({frozenset(ids(one.form)) for one in made.forms}) == 6
    for one in made.forms:
        require_sound(bank, one.form)


def test_an_impossible_blueprint_says_which_constraint_and_by_how_much() -> None:
    bank = calibrated_bank(4)
    with pytest.raises(NoForm) as refusal:
        draw_optimal_form(bank, 1)
    assert [(one.kind, one.name, one.wanted, one.found, one.missing) for one in refusal.value.shortfalls] == [
        ("area", "a", "exactly 5", 4, 1),
        ("area", "b", "exactly 5", 4, 1),
    ]
    assert "takes exactly 5 scored items, and the nearest form has" in str(refusal.value)
