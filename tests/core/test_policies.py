"""Policies: which versions were replaced before they came into force."""

from __future__ import annotations

import datetime as dt

from ssa_engine.core.policies import PolicyVersion, never_in_force


def versions(*days: int) -> list[PolicyVersion]:
    """Versions 1, 2, … that take effect on these days of May."""
    at = [dt.datetime(2026, 5, day, tzinfo=dt.UTC) for day in days]
    return [PolicyVersion("CT", number, at[0], "ada", "", one, "because") for number, one in enumerate(at, 1)]


def test_a_version_is_never_in_force_if_a_higher_one_begins_no_later() -> None:
    assert never_in_force(versions(1, 10, 20)) == {}
    assert never_in_force(versions(1, 10, 5, 7)) == {2: 3}
    assert never_in_force(versions(1, 10, 10)) == {2: 3}
    assert never_in_force(versions(1, 10, 20, 5)[::-1]) == {2: 4, 3: 4}
