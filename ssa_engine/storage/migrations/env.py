"""Alembic's entry: runs the migrations on the connection it is given."""

from typing import Any, Literal

from alembic import context

from ssa_engine.storage.columns import UtcTime
from ssa_engine.storage.schema import metadata


def render_item(kind: str, thing: Any, _: object) -> str | Literal[False]:
    """Write our own column type by its name in new migrations."""
    return "UtcTime()" if kind == "type" and isinstance(thing, UtcTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
