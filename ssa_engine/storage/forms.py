"""Rows of forms: the items as they were drawn, in order."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.form_assembly import Form, FormItem
from ssa_engine.storage.places import split
from ssa_engine.storage.tables import form_items, forms


def insert(connection: Connection, form: Form, at: dt.datetime) -> int:
    """Store a form as it was drawn; return its id."""
    row = {"discipline": form.discipline, "bank_version": form.bank_version, "seed": form.seed, "drawn_at": at}
    form_id = int(connection.execute(forms.insert().values(row).returning(forms.c.id)).scalar_one())
    connection.execute(
        form_items.insert(),
        [
            {
                "form_id": form_id,
                "position": item.position,
                "item_id": item.item_id,
                "content_area": item.content_area,
                "scored": item.scored,
                "options": ",".join(item.options),
            }
            for item in form.items
        ],
    )
    return form_id


def first_of_seed(connection: Connection, discipline: str, bank_version: str, seed: int) -> Form | None:
    """Return the form that was stored first for this bank and seed, or None."""
    same = (forms.c.discipline == discipline, forms.c.bank_version == bank_version, forms.c.seed == seed)
    form_id = connection.execute(sa.select(sa.func.min(forms.c.id)).where(*same)).scalar()
    return None if form_id is None else Form(discipline, bank_version, seed, items_of(connection, form_id))


def items_of(connection: Connection, form_id: int) -> tuple[FormItem, ...]:
    """Return the items of a stored form, in order."""
    rows = connection.execute(
        form_items.select().where(form_items.c.form_id == form_id).order_by(form_items.c.position)
    )
    return tuple(FormItem(row.position, row.item_id, row.content_area, row.scored, split(row.options)) for row in rows)
