"""docs/reference/columns.md: the columns of every exported file."""

from __future__ import annotations

from docs.pages.markdown import code, table
from ssa_engine.exchange.columns import DATASETS, SCHEMA_VERSION
from ssa_engine.exchange.dataset import Dataset


def page() -> str:
    """Write the page."""
    return (
        "# Columns of the exported files\n\n"
        f"Schema version {SCHEMA_VERSION}. New columns are added at the end; renaming or dropping one is a new major "
        "version.\n\n"
        "The files are UTF-8 with commas, LF and a header row. Times are ISO 8601 in UTC with `Z`, booleans `true` "
        "and `false`, proportions numbers from 0 to 1, and an empty cell means unknown. `datapackage.json` beside the "
        "files says the same for machines (Frictionless tabular data package).\n\n" + "\n".join(map(_section, DATASETS))
    )


def _section(dataset: Dataset) -> str:
    rows = [(code(one.name), one.type, one.unit, one.meaning) for one in dataset.columns]
    key = ", ".join(map(code, dataset.key))
    return f"## {dataset.name}.csv\n\nOne row is {dataset.row}. Primary key: {key}.\n\n" + table(
        ("column", "type", "unit", "meaning"), rows
    )
