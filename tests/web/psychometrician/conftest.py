"""Pages that only put together what is read elsewhere are looked at on SQLite; every route is walked on both."""

from __future__ import annotations

from pathlib import Path

import pytest

ONCE = frozenset(
    f"test_{name}"
    for name in ("areas", "drafts", "items", "report", "standard_setting", "tuning", "tuning_links", "tuning_rules")
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second run of such a page: what it reads is tested on both with storage and actions."""
    again = [one for one in items if _here(one) and one.path.stem in ONCE and "[postgresql" in one.name]
    config.hook.pytest_deselected(items=again)
    left_out = set(again)
    items[:] = [one for one in items if one not in left_out]


def _here(item: pytest.Item) -> bool:
    return item.path.parent == Path(__file__).parent
