"""All tables together: what migrations lead to."""

from ssa_engine.storage import console_tables, process_tables, sitting_tables, tables
from ssa_engine.storage.columns import metadata

TABLE_MODULES = (tables, sitting_tables, console_tables, process_tables)

__all__ = ["TABLE_MODULES", "metadata"]
