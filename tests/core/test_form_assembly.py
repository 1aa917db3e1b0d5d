"""Form assembly: the blueprint, enemies, topics, order, options; and what cannot be drawn."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssa_engine.core.errors import BlueprintNotMet
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item
from tests.core.banks import bank_of, item_of, spec_of, topic_code

SEEDS = range(60)


def plain_items(area: str, count: int, *, status: str = "active", topics: int = 3) -> list[Item]:
    """Return items of one area that go round its topics."""
    return [
        item_of(f"{area}-{status}-{number}", topic_code(area, number % topics + 1), status=status)
        for number in range(count)
    ]


def plain_bank() -> ItemBank:
    """Return a bank with room to choose, and items that must never be drawn."""
    spec = spec_of({"a": (5, 1), "b": (4, 2), "c": (3, 0)})
    counts = {"active": 9, "pilot": 4, "draft": 6, "retired": 6}
    return bank_of(
        spec,
        [
            item
            for area in "abc"
            for status, count in counts.items()
            for item in plain_items(area, count, status=status)
        ],
    )


PLAIN = plain_bank()


@st.composite
def banks(draw: st.DrawFn) -> ItemBank:
    """Draw a bank: some areas, topics of unequal size, enemies within and across areas."""
    counts = {area: (draw(st.integers(1, 5)), draw(st.integers(0, 2))) for area in "abc"[: draw(st.integers(1, 3))]}
    names = [
        (f"{area}-{status}-{number}", area, status)
        for area, (scored, pilot) in counts.items()
        for status, least in (("active", scored), ("pilot", pilot), ("retired", 0), ("draft", 0))
        for number in range(least + draw(st.integers(0, 6)))
    ]
    every = [name for name, _, _ in names]
    items = [
        item_of(
            name,
            topic_code(area, draw(st.integers(1, 3))),
            status=status,
            options=draw(st.integers(2, 6)),
            shuffle=draw(st.booleans()),
            enemies=[enemy for enemy in draw(st.lists(st.sampled_from(every), max_size=1)) if enemy != name]
            if draw(st.integers(0, 4)) == 0
            else [],
        )
        for name, area, status in names
    ]
    return bank_of(spec_of(counts), items)


def require_sound(bank: ItemBank, form: Form) -> None:
    """Hold a form against everything that is promised of one."""
    assert [place.position for place in form.items] == list(range(1, len(form.items) + 1))
    ids = [place.item_id for place in form.items]
    assert len(set(ids)) == len(ids)
    drawn = Counter((place.content_area, place.scored) for place in form.items)
    wanted = {(area, True): counts.scored for area, counts in bank.spec.blueprint.areas.items()}
    wanted |= {(area, False): counts.pilot for area, counts in bank.spec.blueprint.areas.items() if counts.pilot}
    assert drawn == wanted
    for place in form.items:
        item = bank.item(place.item_id)
        assert (item.status, bank.area_of(item)) == ("active" if place.scored else "pilot", place.content_area)
        written = [option.id for option in item.options]
        assert sorted(place.options) == sorted(written)
        if not item.shuffle:
            assert list(place.options) == written
        assert not set(item.enemies) & set(ids), f"{item.id} stands beside an enemy"
    assert (form.discipline, form.bank_version) == (bank.discipline, bank.version)


def require_topics_spread(bank: ItemBank, form: Form) -> None:
    """No topic gave two more than another of the area that had an item left which could have been drawn."""
    ids = {place.item_id for place in form.items}
    banned = {enemy for name in ids for enemy in bank.item(name).enemies}
    banned |= {item.id for item in bank.items if set(item.enemies) & ids}
    for area in bank.spec.blueprint.areas:
        for status in ("active", "pilot"):
            pool = [item for item in bank.items if bank.area_of(item) == area and item.status == status]
            taken = Counter(item.topic for item in pool if item.id in ids)
            free = {item.topic for item in pool if item.id not in ids | banned}
            for topic in free:
                assert max(taken.values(), default=0) - taken[topic] < 2, (area, status, taken, free)


@settings(deadline=None, max_examples=60)
@given(banks(), st.integers(0, 2**63 - 1))
def test_whatever_the_bank_a_form_is_sound_or_the_area_that_is_short_is_named(bank: ItemBank, seed: int) -> None:
    try:
        form = draw_form(bank, seed)
    except BlueprintNotMet as error:
        short = str(error)
    else:
        require_sound(bank, form)
        return
    assert any(f"'{area}'" in short for area in bank.spec.blueprint.areas)


@settings(deadline=None, max_examples=40)
@given(banks(), st.integers(0, 1000))
def test_topics_are_spread(bank: ItemBank, seed: int) -> None:
    friendly = bank_of(bank.spec, [item.model_copy(update={"enemies": ()}) for item in bank.items])
    form = draw_form(friendly, seed)
    require_sound(friendly, form)
    require_topics_spread(friendly, form)


def test_topics_are_spread_also_where_subtopics_name_them(library_ct: ItemBank) -> None:
    for seed in range(20):
        form = draw_form(library_ct, seed)
        require_sound(library_ct, form)
        parents = library_ct.spec.topic_parents
        for area in library_ct.spec.areas:
            pool = [
                item for item in library_ct.items if library_ct.area_of(item) == area.id and item.status == "active"
            ]
            ids = {place.item_id for place in form.items}
            banned = {enemy for name in ids for enemy in library_ct.enemies[name]}
            taken = Counter(parents[item.topic] for item in pool if item.id in ids)
            free = {parents[item.topic] for item in pool if item.id not in ids | banned and item.case is None}
            # The members of a case come together, whatever their topics have given.
            alone = taken - Counter(parents[item.topic] for item in pool if item.id in ids and item.case)
            assert all(max(alone.values()) - taken[topic] < 2 for topic in free), (seed, area.id)


def test_the_same_seed_gives_the_same_form_and_other_seeds_give_others() -> None:
    forms = {seed: draw_form(PLAIN, seed) for seed in SEEDS}
    assert {seed: draw_form(plain_bank(), seed) for seed in SEEDS} == forms
    assert len({form.items for form in forms.values()}) == len(forms)
    assert [form.seed for form in forms.values()] == list(SEEDS)


def test_every_item_that_may_be_drawn_is_drawn_sometimes_and_no_other_ever() -> None:
    drawn = {place.item_id for seed in range(200) for place in draw_form(PLAIN, seed).items}
    may_be = {item.id for item in PLAIN.items if item.status in ("active", "pilot")}
    assert drawn == may_be - {item.id for item in PLAIN.items if item.status == "pilot" and item.id.startswith("c-")}


def test_areas_are_mixed_and_not_in_blocks() -> None:
    runs = []
    for seed in SEEDS:
        areas = [place.content_area for place in draw_form(PLAIN, seed).items]
        runs.append(len([area for area, _ in groupby(areas)]))
    # In a random order of 6, 6 and 3 items two neighbours differ with probability 1 - (30 + 30 + 6) / 210 = .686,
    # so 1 + 14 × .686 = 10.6 runs are expected; three blocks would be 3.
    assert min(runs) > 3
    assert mean(runs) == pytest.approx(10.6, abs=0.8)


def test_pilots_stand_anywhere_on_the_form() -> None:
    places = [place for seed in SEEDS for place in draw_form(PLAIN, seed).items if not place.scored]
    assert len(places) == 3 * len(SEEDS)
    # Positions 1 to 15 are equally likely: mean 8, standard error sqrt(224 / 12 / 180) = .32.
    assert mean(place.position for place in places) == pytest.approx(8, abs=1.3)
    assert {place.position for place in places} == set(range(1, 16))


def test_options_are_shuffled_unless_the_item_forbids_it() -> None:
    spec = spec_of({"a": (2, 0)})
    bank = bank_of(spec, [item_of("free", "1.A.1"), item_of("fixed", "1.A.2", shuffle=False)])
    orders: dict[str, set[tuple[str, ...]]] = {"free": set(), "fixed": set()}
    for seed in range(300):
        for place in draw_form(bank, seed).items:
            orders[place.item_id].add(place.options)
    assert len(orders["free"]) == 24  # all orders of four options
    assert orders["fixed"] == {("a", "b", "c", "d")}


@pytest.mark.parametrize("names", ["first", "second"])
def test_enemies_are_apart_whichever_of_the_two_names_the_other_and_across_areas(names: str) -> None:
    spec = spec_of({"a": (2, 0), "b": (2, 1)})
    items = [*plain_items("a", 3), *plain_items("b", 3), *plain_items("b", 2, status="pilot")]
    pairs = [("a-active-0", "b-active-1"), ("a-active-1", "a-active-2"), ("b-pilot-0", "b-active-2")]
    enemies = dict(pairs) if names == "first" else {second: first for first, second in pairs}
    bank = bank_of(
        spec,
        [item.model_copy(update={"enemies": tuple(filter(None, [enemies.get(item.id)]))}) for item in items],
    )
    together: Counter[tuple[str, str]] = Counter()
    for seed in range(100):
        form = draw_form(bank, seed)
        require_sound(bank, form)
        ids = {place.item_id for place in form.items}
        together.update(pair for pair in pairs if set(pair) <= ids)
    assert together == Counter()


def test_an_area_with_too_few_items_is_named_with_the_numbers() -> None:
    bank = bank_of(spec_of({"a": (2, 0), "b": (4, 0)}), [*plain_items("a", 2), *plain_items("b", 3)])
    with pytest.raises(BlueprintNotMet) as caught:
        draw_form(bank, 1)
    assert str(caught.value) == (
        "The blueprint of TST takes 4 active items from the content area 'b'; only 3 of 3 could be drawn with "
        "enemies kept apart and case sets whole. Add active items to that area, or take fewer."
    )


def test_an_area_with_too_few_pilots_is_named_with_the_numbers() -> None:
    bank = bank_of(spec_of({"a": (2, 2)}), [*plain_items("a", 9), *plain_items("a", 1, status="pilot")])
    with pytest.raises(BlueprintNotMet, match="takes 2 pilot items from the content area 'a'; only 1 of 1"):
        draw_form(bank, 1)


def test_an_area_whose_items_are_all_enemies_is_named_with_the_numbers() -> None:
    items = [item_of(f"n{one}", "1.A.1", enemies=[f"n{two}" for two in range(4) if two != one]) for one in range(4)]
    with pytest.raises(BlueprintNotMet, match="takes 2 active items from the content area 'a'; only 1 of 4"):
        draw_form(bank_of(spec_of({"a": (2, 0)}), items), 1)


def test_a_blueprint_that_can_be_met_in_one_way_only_is_met() -> None:
    # Of five items two are each other's enemy's enemies: n0 rules out all others, the rest go together.
    items = [item_of("n0", "1.A.1", enemies=["n1", "n2", "n3", "n4"])]
    items += [item_of(f"n{number}", "1.A.1") for number in range(1, 5)]
    bank = bank_of(spec_of({"a": (4, 0)}), items)
    for seed in range(50):
        assert {place.item_id for place in draw_form(bank, seed).items} == {"n1", "n2", "n3", "n4"}


def test_spreading_topics_gives_way_where_the_blueprint_cannot_be_met_otherwise() -> None:
    # Area a must leave its topic 2 alone, because its only item there is the enemy of area b's only item.
    items = [item_of("a1", "1.A.1"), item_of("a2", "1.A.1"), item_of("a3", "1.A.2", enemies=["b1"])]
    bank = bank_of(spec_of({"a": (2, 0), "b": (1, 0)}), [*items, item_of("b1", "1.B.1")])
    for seed in range(10):
        assert {place.item_id for place in draw_form(bank, seed).items} == {"a1", "a2", "b1"}
