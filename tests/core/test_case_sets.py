"""Case sets and sorted lists on a form: cases whole, together and in order; entries never in the order of the key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssa_engine.core.errors import BlueprintNotMet
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank, present
from tests.core.banks import bank_of, item_of, spec_of, topic_code
from tests.core.test_form_assembly import require_sound


@st.composite
def banks(draw: st.DrawFn) -> ItemBank:
    """Draw a bank: in each area some items that stand alone, and some cases of two to four members."""
    counts, items, cases = {}, [], []
    for area in "abc"[: draw(st.integers(1, 3))]:
        alone = draw(st.integers(1, 6))
        names: list[tuple[str, str | None]] = [(f"{area}-{number}", None) for number in range(alone)]
        for number in range(draw(st.integers(0, 3))):
            case = f"case-{area}-{number}"
            cases.append(case)
            names += [(f"{case}-{part}", case) for part in range(draw(st.integers(2, 4)))]
        items += [
            item_of(name, topic_code(area, draw(st.integers(1, 3))), case=case, kind=draw(st.sampled_from(KINDS)))
            for name, case in names
        ]
        counts[area] = (draw(st.integers(1, len(names))), 0)
    return bank_of(spec_of(counts), items, cases=cases)


KINDS = ["single", "sorted", "multiple", "number"]


def require_cases_whole(bank: ItemBank, form: Form) -> None:
    """Each case is on the form with all its members, one after the other in the order of their ids, or not at all."""
    ids = [place.item_id for place in form.items]
    for members in bank.members.values():
        on_form = [ids.index(item.id) for item in members if item.id in ids]
        assert on_form in ([], list(range(min(on_form, default=0), min(on_form, default=0) + len(members))))


@settings(max_examples=80)
@given(banks(), st.integers(0, 2**63 - 1))
def test_whatever_the_bank_cases_are_whole_together_and_in_order(bank: ItemBank, seed: int) -> None:
    try:
        form = draw_form(bank, seed)
    except BlueprintNotMet as error:
        short = str(error)
    else:
        short = ""
    if short:
        assert any(f"'{area}'" in short for area in bank.spec.blueprint.areas)
        return
    require_sound(bank, form)
    require_cases_whole(bank, form)


def case_bank(room: int) -> ItemBank:
    """One area with a case of three and two items that stand alone."""
    items = [item_of(f"case-{number}", "1.A.1", case="the-case") for number in (3, 1, 2)]
    items += [item_of(f"alone-{number}", "1.A.2") for number in (1, 2)]
    return bank_of(spec_of({"a": (room, 0)}), items, cases=["the-case"])


@pytest.mark.parametrize(
    ("room", "forms"),
    [
        (1, {("alone-1",), ("alone-2",)}),
        (2, {("alone-1", "alone-2")}),
        (3, {("case-1", "case-2", "case-3")}),
        (4, {("alone-1", "case-1", "case-2", "case-3"), ("alone-2", "case-1", "case-2", "case-3")}),
        (5, {("alone-1", "alone-2", "case-1", "case-2", "case-3")}),
    ],
)
def test_a_case_that_does_not_fit_is_left_out_and_every_way_to_fill_the_rest_is_drawn(
    room: int, forms: set[tuple[str, ...]]
) -> None:
    bank = case_bank(room)
    drawn = [draw_form(bank, seed) for seed in range(60)]
    for form in drawn:
        require_cases_whole(bank, form)
    assert {tuple(sorted(place.item_id for place in form.items)) for form in drawn} == forms


def test_a_case_stands_anywhere_on_the_form() -> None:
    bank = case_bank(5)
    starts = {[place.item_id for place in draw_form(bank, seed).items].index("case-1") for seed in range(100)}
    assert starts == {0, 1, 2}


def test_members_that_are_not_in_use_are_no_part_of_it() -> None:
    items = [item_of(f"case-{number}", "1.A.1", case="the-case") for number in (1, 2)]
    items.append(item_of("case-3", "1.A.1", case="the-case", status="retired"))
    bank = bank_of(spec_of({"a": (2, 0)}), items, cases=["the-case"])
    assert [place.item_id for place in draw_form(bank, 1).items] == ["case-1", "case-2"]


def test_an_enemy_of_one_member_keeps_the_whole_case_away() -> None:
    items = [item_of(f"case-{number}", "1.A.1", case="the-case") for number in (1, 2)]
    items += [item_of("enemy", "1.A.1", enemies=["case-2"]), item_of("friend", "1.A.1")]
    bank = bank_of(spec_of({"a": (2, 0)}), items, cases=["the-case"])
    drawn = {tuple(sorted(place.item_id for place in draw_form(bank, seed).items)) for seed in range(60)}
    assert drawn == {("case-1", "case-2"), ("enemy", "friend")}


def test_an_area_that_only_cases_could_fill_and_none_fits_is_named() -> None:
    items = [item_of(f"{name}-{part}", "1.A.1", case=name) for name in ("one", "two") for part in (1, 2)]
    bank = bank_of(spec_of({"a": (3, 0)}), items, cases=["one", "two"])
    with pytest.raises(BlueprintNotMet) as caught:
        draw_form(bank, 1)
    assert str(caught.value) == (
        "The blueprint of TST takes 3 active items from the content area 'a'; only 2 of 4 could be drawn with "
        "enemies kept apart and case sets whole. Add active items to that area, or take fewer."
    )


@pytest.mark.parametrize("shuffle", [True, False])
def test_entries_to_sort_never_stand_in_the_order_of_the_key_and_in_every_other(shuffle: bool) -> None:
    item = item_of("sorted", "1.A.1", kind="sorted", shuffle=shuffle)
    bank = bank_of(spec_of({"a": (1, 0)}), [item])
    orders = {draw_form(bank, seed).items[0].options for seed in range(400)}
    assert len(orders) == 23
    assert ("b", "a", "d", "c") not in orders


def test_an_item_without_options_has_none_on_the_form() -> None:
    items = [item_of(kind, "1.A.1", kind=kind) for kind in ("number", "hotspot")]
    form = draw_form(bank_of(spec_of({"a": (2, 0)}), items), 1)
    assert [place.options for place in form.items] == [(), ()]


def test_a_member_is_presented_with_its_case_and_another_item_without() -> None:
    bank = case_bank(5)
    member, alone = bank.item("case-1"), bank.item("alone-1")
    shown = present(member, member.option_ids, bank.case_of(member))
    assert shown.case is not None
    assert (shown.case.id, shown.case.scenario) == ("the-case", "Scenario of the-case")
    assert present(alone, alone.option_ids, bank.case_of(alone)).case is None
    assert [item.id for item in bank.members["the-case"]] == ["case-1", "case-2", "case-3"]
