"""The form a candidate gets, as the blueprint says it comes about: by chance, by the optimiser, or one of a fixed set.

The optimiser is imported when a blueprint asks for it, so that nothing else waits for pandas and scipy.
"""

from __future__ import annotations

import datetime as dt

from ssa_engine.actions.banks import Banks
from ssa_engine.core.errors import Invalid
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.text import say
from ssa_engine.storage import audit, forms
from ssa_engine.storage.db import Connection, Database

FIXED_SEED = 1
"""The fixed forms of a bank are always drawn with this seed; its version makes them differ from those of others."""


def form_for(db: Database, banks: Banks, bank: ItemBank, seed: int, *, who: str, now: dt.datetime) -> Form:
    """Return the form of a seed. Of fixed forms it is number `seed` modulo their number, and its seed is that number.

    Raises
    ------
    BlueprintNotMet
        If no form meets the blueprint.
    """
    blueprint = bank.spec.blueprint
    if blueprint.assembly == "random":
        return draw_form(bank, seed)
    if blueprint.assembly == "optimal":
        from ssa_engine.core.assembly_forms import draw_optimal_form

        return draw_optimal_form(bank, seed)
    number = seed % (blueprint.forms or 1) + 1
    with db.read() as connection:
        stored = forms.first_of_seed(connection, bank.discipline, bank.version, number)
    return stored or fix_forms(db, banks, bank, who=who, now=now)[number - 1]


def fix_forms(db: Database, banks: Banks, bank: ItemBank, *, who: str, now: dt.datetime) -> tuple[Form, ...]:
    """Draw the fixed forms of a bank and store them, unless they are stored already; return them in order.

    Raises
    ------
    Invalid
        If the blueprint asks for no fixed forms.
    BlueprintNotMet
        If no such forms meet the blueprint.
    """
    count = bank.spec.blueprint.forms
    if count is None:
        raise Invalid(
            say(
                "The blueprint of {discipline} asks for no fixed forms. Write 'assembly: fixed' and 'forms' into it.",
                discipline=bank.discipline,
            )
        )
    with db.read() as connection:
        stored = _stored(connection, bank, count)
    if stored:
        return stored
    from ssa_engine.core.assembly_forms import draw_parallel_forms

    drawn = draw_parallel_forms(bank, FIXED_SEED, count)
    with db.write() as connection:
        stored = _stored(connection, bank, count)
        if stored:
            return stored
        banks.store(connection, bank, now)
        for form in drawn:
            forms.insert(connection, form, now)
        audit.add(connection, at=now, who=who, verb="fix", noun="forms", noun_id=bank.version, forms=count)
    return drawn


def _stored(connection: Connection, bank: ItemBank, count: int) -> tuple[Form, ...]:
    """Return the fixed forms of a bank, or none if not all are there."""
    found = [forms.first_of_seed(connection, bank.discipline, bank.version, number) for number in range(1, count + 1)]
    return tuple(form for form in found if form is not None) if all(found) else ()
