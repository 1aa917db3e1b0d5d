"""How a candidate's form comes about: by chance, by the optimiser, or one of a fixed set that is stored once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.forms import fix_forms, form_for
from ssa_engine.content.library import Library
from ssa_engine.core.assembly_forms import draw_optimal_form
from ssa_engine.core.content_specs import Blueprint
from ssa_engine.core.errors import BlueprintNotMet, Conflict, Invalid
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.storage import forms
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import attempts
from ssa_engine.storage.tables import forms as form_table
from tests.actions.sittings import Sitting, audit_of, begin, of
from tests.core.plain_forms import PlainBank
from tests.factories import Clock, Someone, add_someone
from tests.web.walk import snapshot

pytestmark = pytest.mark.usefixtures("published")


def library_of(library: Library, **blueprint: Any) -> Library:
    """Return the library with another blueprint of CT."""
    bank = library.bank("CT")
    changed = Blueprint.model_validate(bank.spec.blueprint.model_dump() | blueprint)
    spec = bank.spec.model_copy(update={"blueprint": changed})
    fresh = ItemBank(spec=spec, items=bank.items, cases=bank.cases, media=bank.media, sizes=bank.sizes)
    return replace(library, specs={**library.specs, "CT": spec}, banks={**library.banks, "CT": fresh})


def banks_of(db: Database, library: Library, **blueprint: Any) -> Banks:
    return Banks(db, library_of(library, **blueprint))


def stored(sitting: Sitting) -> tuple[int, tuple[Any, ...]]:
    """Return the seed and the items of a sitting's form as stored."""
    with sitting.db.read() as connection:
        query = sa.select(form_table).join(attempts, attempts.c.form_id == form_table.c.id)
        row = connection.execute(query.where(attempts.c.id == sitting.attempt_id)).one()
        return row.seed, forms.items_of(connection, row.id)


def someone_else(db: Database, clock: Clock, number: int) -> Someone:
    return add_someone(db, f"candidate-{number}@test.example", clock=clock)


def test_without_a_word_in_the_blueprint_a_form_is_drawn_by_chance(
    db: Database, banks: Banks, clock: Clock, candidate: Someone
) -> None:
    sitting = begin(db, banks, clock, candidate, seed=12)
    assert stored(sitting) == (12, draw_form(banks.library.bank("CT"), 12).items)


def test_an_optimal_form_is_stored_and_can_be_made_again_from_its_seed(
    db: Database, library: Library, clock: Clock, candidate: Someone
) -> None:
    banks = banks_of(db, library, assembly="optimal", formats={"multiple": {"least": 4}})
    sitting = begin(db, banks, clock, candidate, seed=12)
    seed, items = stored(sitting)
    again = draw_optimal_form(banks.library.bank("CT"), seed)
    assert (seed, items) == (12, again.items)
    assert PlainBank("ct").faults(again, formats={"multiple": (4, 9)}) == []
    assert items != draw_form(banks.library.bank("CT"), 12).items


def test_fixed_forms_are_drawn_once_and_candidates_go_round_them(db: Database, library: Library, clock: Clock) -> None:
    banks = banks_of(db, library, assembly="fixed", forms=3)
    sittings = [begin(db, banks, clock, someone_else(db, clock, seed), seed=seed) for seed in range(6)]
    found = [stored(sitting) for sitting in sittings]
    assert [seed for seed, _ in found] == [1, 2, 3, 1, 2, 3]
    assert found[:3] == found[3:]
    assert len({items for _, items in found}) == 3
    bank, plain = banks.library.bank("CT"), PlainBank("ct")
    assert [plain.faults(Form("CT", bank.version, seed, items)) for seed, items in found[:3]] == [[], [], []]
    assert audit_of(db, "forms") == [("candidate-0@test.example", "fix", bank.version)]


def test_fixed_forms_can_be_drawn_before_anybody_starts(db: Database, library: Library, clock: Clock) -> None:
    banks = banks_of(db, library, assembly="fixed", forms=2)
    bank = banks.library.bank("CT")
    fixed = fix_forms(db, banks, bank, who="shell:test", now=clock())
    before = snapshot(db)
    assert fix_forms(db, banks, bank, who="shell:test", now=clock()) == fixed
    assert form_for(db, banks, bank, 5, who="test", now=clock()) == fixed[1]
    assert snapshot(db) == before
    assert [form.seed for form in fixed] == [1, 2]


def test_a_blueprint_without_fixed_forms_has_none_to_draw(db: Database, banks: Banks, clock: Clock) -> None:
    with pytest.raises(Invalid, match="asks for no fixed forms"):
        fix_forms(db, banks, banks.library.bank("CT"), who="test", now=clock())


@pytest.mark.parametrize("how", [{"assembly": "optimal"}, {"assembly": "fixed", "forms": 2}])
def test_an_impossible_blueprint_starts_nothing_and_is_explained(
    db: Database, library: Library, clock: Clock, candidate: Someone, how: dict[str, Any]
) -> None:
    banks = banks_of(db, library, **how, formats={"sorted": {"least": 9}})
    with pytest.raises(BlueprintNotMet, match="The format 'sorted' takes at least 9 scored items"):
        begin(db, banks, clock, candidate)
    with db.read() as connection:
        assert connection.execute(sa.select(form_table)).all() == []


def test_who_is_not_ready_fixes_no_forms(db: Database, library: Library, clock: Clock, candidate: Someone) -> None:
    from ssa_engine.actions.preparations import start

    banks = banks_of(db, library, assembly="fixed", forms=2)
    before = snapshot(db)
    with pytest.raises(Conflict, match="Confirm who you are"):
        start(db, banks, **of(candidate, clock), seed=1, token="t0")
    assert snapshot(db) == before
