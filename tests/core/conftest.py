"""What the core's tests take from the bundled content."""

from __future__ import annotations

import pytest

from ssa_engine.content.library import Library
from ssa_engine.core.item_bank import ItemBank


@pytest.fixture(scope="session")
def library_ct(library: Library) -> ItemBank:
    """The bundled CT bank."""
    return library.bank("CT")
