"""Files of a registry: people and credentials as CSV."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ssa_engine.core.cohorts import read_group_name
from ssa_engine.core.errors import Invalid
from ssa_engine.core.people import Role, read_address, read_name

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of a file."""

    email: str
    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """One credential of a file."""

    email: str
    discipline: str
    earned_on: dt.date
    place: str = field(default="", compare=False)
    """Where it stands: file and line."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One person's value in one grouping, of a file."""

    email: str
    grouping: str
    value: str
    place: str = field(default="", compare=False)
    """Where it stands: file and line."""


def read_people(path: Path) -> list[PersonRow]:
    """Read email, name, roles; raise `Invalid` with every bad row by its line."""

    def person(row: dict[str, str]) -> PersonRow:
        address = read_address(row["email"])
        if not row["name"]:
            raise ValueError("the name is empty")
        known = {role.value for role in Role}
        roles = row["roles"].split()
        if not roles or set(roles) - known:
            raise ValueError(f"the roles are '{row['roles']}'; use some of {', '.join(sorted(known))}")
        return PersonRow(address, read_name(row["name"]), tuple(Role(role) for role in roles))

    return _read(path, ("email", "name", "roles"), person)


def read_credentials(path: Path, disciplines: set[str]) -> list[CredentialRow]:
    """Read email, discipline, earned_on; raise `Invalid` with every bad row by its line."""

    def credential(row: dict[str, str]) -> CredentialRow:
        if row["discipline"] not in disciplines:
            raise ValueError(f"the discipline is '{row['discipline']}'; known are {', '.join(sorted(disciplines))}")
        try:
            earned_on = dt.date.fromisoformat(row["earned_on"])
        except ValueError:
            raise ValueError(f"earned_on is '{row['earned_on']}'; write it as 2019-04-30") from None
        return CredentialRow(row["email"].lower(), row["discipline"], earned_on, row["place"])

    return _read(path, ("email", "discipline", "earned_on"), credential)


def read_groups(path: Path) -> list[GroupRow]:
    """Read email, grouping, value; raise `Invalid` with every bad row by its line."""
    seen: dict[tuple[str, str], GroupRow] = {}

    def group(row: dict[str, str]) -> GroupRow:
        found = GroupRow(
            read_address(row["email"]),
            read_group_name("grouping", row["grouping"]),
            read_group_name("value", row["value"]),
            row["place"],
        )
        before = seen.setdefault((found.email, found.grouping), found)
        if before.value != found.value:
            raise ValueError(
                f"{found.email} has {found.grouping} '{found.value}' here and '{before.value}' at {before.place}; "
                "keep one of them"
            )
        return found

    return _read(path, ("email", "grouping", "value"), group)


def _read(path: Path, columns: tuple[str, ...], read_row: Callable[[dict[str, str]], T]) -> list[T]:
    rows, faults = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise Invalid(f"{path}:1: the column {', '.join(missing)} is missing; needed are {', '.join(columns)}")
            for raw in reader:
                place = {"place": f"{path}:{reader.line_num}"}
                try:
                    rows.append(read_row({name: (raw[name] or "").strip() for name in columns} | place))
                except (ValueError, Invalid) as error:
                    faults.append(f"{path}:{reader.line_num}: {error}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path}: cannot be read as UTF-8 CSV ({error})") from None
    if faults:
        raise Invalid("\n".join(faults))
    return rows
