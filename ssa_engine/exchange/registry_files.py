"""Files of a registry: people, credentials and groups as CSV. Every bad row is told by its line."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from ssa_engine.core.cohorts import read_group_name
from ssa_engine.core.errors import Invalid
from ssa_engine.core.people import Role, read_address, read_name

T = TypeVar("T")

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""A day of any other year is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be used: where it stands, file and line, and why."""

    place: str
    why: str

    @property
    def line(self) -> int:
        """The line in its file, from 1; 0 if it has none."""
        number = self.place.rpartition(":")[2]
        return int(number) if number.isdigit() else 0

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


@dataclass(frozen=True)
class FileRows(Generic[T]):
    """What a file holds: its rows, and the refusals of those that cannot be read."""

    rows: list[T]
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of a file."""

    email: str
    name: str
    roles: tuple[Role, ...]
    biennium_from: dt.date | None = None
    """The first day of a biennium of theirs, if the file says."""
    place: str = field(default="", compare=False)
    """Where it stands: file and line."""


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


def read_people(path: Path) -> FileRows[PersonRow]:
    """Read email, name, roles and, where the file has it, biennium_from; raise `Invalid` if it is no such file."""

    def person(row: dict[str, str]) -> PersonRow:
        address = read_address(row["email"])
        if not row["name"]:
            raise ValueError("the name is empty")
        known = {role.value for role in Role}
        roles = row["roles"].split()
        if not roles or set(roles) - known:
            raise ValueError(f"the roles are '{row['roles']}'; use some of {', '.join(sorted(known))}")
        biennium_from = _day("biennium_from", row["biennium_from"]) if row["biennium_from"] else None
        return PersonRow(
            address, read_name(row["name"]), tuple(Role(role) for role in roles), biennium_from, row["place"]
        )

    return _read(path, ("email", "name", "roles"), person, ("biennium_from",))


def read_credentials(path: Path, disciplines: set[str]) -> FileRows[CredentialRow]:
    """Read email, discipline, earned_on; raise `Invalid` if it is no such file."""

    def credential(row: dict[str, str]) -> CredentialRow:
        if row["discipline"] not in disciplines:
            raise ValueError(f"the discipline is '{row['discipline']}'; known are {', '.join(sorted(disciplines))}")
        return CredentialRow(row["email"].lower(), row["discipline"], _day("earned_on", row["earned_on"]), row["place"])

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

    found = _read(path, ("email", "grouping", "value"), group)
    if found.refusals:
        raise Invalid("\n".join(map(str, found.refusals)))
    return found.rows


def _day(column: str, text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column} is '{text}'; write it as 2019-04-30") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{column} is '{text}'; write a day of the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _read(
    path: Path, columns: tuple[str, ...], read_row: Callable[[dict[str, str]], T], optional: tuple[str, ...] = ()
) -> FileRows[T]:
    """Read the rows; an optional column that is not there is empty."""
    rows, refusals = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise Invalid(f"{path}:1: the column {', '.join(missing)} is missing; needed are {', '.join(columns)}")
            for raw in reader:
                place = f"{path}:{reader.line_num}"
                cells = {name: (raw.get(name) or "").strip() for name in (*columns, *optional)}
                try:
                    if None in raw:
                        raise ValueError("the row has more cells than the header; put quotes around a cell with commas")
                    rows.append(read_row({**cells, "place": place}))
                except (ValueError, Invalid) as error:
                    refusals.append(Refusal(place, str(error)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path}: cannot be read as UTF-8 CSV ({error})") from None
    return FileRows(rows, refusals)
