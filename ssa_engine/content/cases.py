"""Checks of case sets: each case stands once, and what is drawn of it fits together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ssa_engine.content.items import ItemFile
from ssa_engine.content.problems import Loc, Problem

DRAWN = ("active", "pilot")
"""Statuses of items that forms take."""


def case_problems(files: list[ItemFile]) -> Iterator[Problem]:
    """Each case has at least two members, of one area and one status, none the enemy of another."""
    owners: dict[str, ItemFile] = {}
    for file in files:
        for name, loc in file.case_places.items():
            first = owners.setdefault(name, file)
            if first is not file:
                where = f"{first.document.path.name}, line {first.document.line((*first.case_places[name], 'id'))}"
                yield file.document.problem(f"the case '{name}' was used before, in {where}", (*loc, "id"))
    members: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        for at, row in _rows(file):
            owner = owners.get(row["case"])
            if owner is None or (owner.discipline, owner.area) != (file.discipline, file.area):
                message = f"the case '{row['case']}' is none of this content area; add it under 'cases:' or mend its id"
                yield file.document.problem(message, (*at, "case"))
                continue
            members.setdefault(row["case"], []).append(row)
    for name, file in owners.items():
        for message in _faults(name, members.get(name, [])):
            yield file.document.problem(message, (*file.case_places[name], "id"))
    yield from _enemies_within(files)


def _rows(file: ItemFile) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """Yield the place and the row of each item that belongs to a case, sound or not."""
    rows = file.document.data.get("items")
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, dict) and isinstance(row.get("case"), str):
            yield ("items", index), row


def _faults(name: str, members: list[dict[str, Any]]) -> Iterator[str]:
    """Say what is the matter with the members of a case."""
    drawn = [row["status"] for row in members if row.get("status") in DRAWN]
    if len(members) < 2:
        count = f"{len(members)} item" if len(members) == 1 else f"{len(members)} items"
        yield f"the case '{name}' has {count}; it needs at least 2"
    elif len(drawn) == 1:
        yield f"the case '{name}' has 1 item that is active or pilot; it needs at least 2, or none while it is written"
    if len(set(drawn)) > 1:
        yield f"the items of the case '{name}' are not all active or all pilot; they are shown together"


def _enemies_within(files: list[ItemFile]) -> Iterator[Problem]:
    """No item names one of its own case as an enemy."""
    case_of = {str(row.get("id")): row["case"] for file in files for _, row in _rows(file)}
    for file in files:
        for loc, name, enemy in file.enemies:
            if name != enemy and name in case_of and case_of[name] == case_of.get(enemy):
                message = f"'{name}' names an item of its own case as an enemy; they are always shown together"
                yield file.document.problem(message, loc)
