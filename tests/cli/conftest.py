"""Which commands are tried on which database."""

from __future__ import annotations

from pathlib import Path

import pytest

ON_BOTH = frozenset({"test_database", "test_export", "test_rescore"})
"""Commands whose own questions to the database are looked at on both kinds."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try other commands on SQLite: they do what actions do, and those are tested on both."""
    here = Path(__file__).parent
    again = [
        one for one in items if one.path.parent == here and one.path.stem not in ON_BOTH and "[postgresql" in one.name
    ]
    config.hook.pytest_deselected(items=again)
    items[:] = [one for one in items if one not in set(again)]
