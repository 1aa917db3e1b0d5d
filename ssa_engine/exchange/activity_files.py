"""The catalogue of CE activities as CSV: one row an activity, with its credit distribution."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ssa_engine.core.activities import Activity, ActivityFormat
from ssa_engine.core.errors import Invalid

COLUMNS = (
    "code", "title", "sponsor", "format", "credits", "minutes", "cost", "starts_on", "ends_on", "mechanism", "biennium",
    "url", "distribution",
)  # fmt: skip
LONGEST = {"code": 64, "title": 300, "sponsor": 200, "mechanism": 100, "url": 500}
MOST_CREDITS, MOST_COST, MOST_MINUTES = 1000.0, 1_000_000.0, 100_000

Outlines = Mapping[str, Collection[str]]
"""Discipline -> its content areas."""


def read_activities(path: Path, outlines: Outlines) -> list[Activity]:
    """Read a catalogue: the activities, without a number of their own, in the order of the file.

    Raises
    ------
    Invalid
        If it cannot be read, or any row is bad: all that is the matter, each with file and line and what to do.
    """
    found: list[Activity] = []
    faults: list[str] = []
    places: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            _require_columns(path, list(reader.fieldnames or ()))
            for raw in reader:
                place = f"{path}:{reader.line_num}"
                if None in raw or None in raw.values():
                    faults.append(
                        f"{place}: has {'more' if None in raw else 'fewer'} cells than the head has columns. "
                        "Put text that has a comma in quotation marks."
                    )
                    continue
                row = _Row({name: " ".join(raw[name].split()) for name in COLUMNS}, outlines)
                activity = row.read()
                before = places.setdefault(activity.code, place)
                if activity.code and before != place:
                    row.faults.append(f"the code '{activity.code}' stands at {before} already. Keep one of the rows.")
                faults += [f"{place}: {fault}" for fault in row.faults]
                found.append(activity)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path}: cannot be read as UTF-8 CSV ({error}).") from None
    if faults:
        raise Invalid("\n".join(faults))
    if not found:
        raise Invalid(f"{path}: has no activities, only a head. Give it one row for each.")
    return found


def _require_columns(path: Path, head: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        hint = " Separate columns by commas." if len(head) == 1 and re.search(r"[;\t|]", head[0]) else ""
        said = f"column {missing[0]} is" if len(missing) == 1 else f"columns {', '.join(missing)} are"
        raise Invalid(f"{path}:1: the {said} missing; needed are {', '.join(COLUMNS)}.{hint}")


class _Row:
    """Reads the cells of one row and collects all that is the matter with them."""

    def __init__(self, cells: Mapping[str, str], outlines: Outlines) -> None:
        self.cells = cells
        self.outlines = outlines
        self.faults: list[str] = []

    def read(self) -> Activity:
        """Return the activity; what could not be read is a fault, and something else stands in its place."""
        credits = self.number("credits", MOST_CREDITS, above=0)
        starts_on, ends_on = self.day("starts_on"), self.day("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.faults.append(f"it ends on {ends_on}, before it starts on {starts_on}. Mend one of the days.")
        return Activity(
            id=0,
            code=self.code(),
            title=self.text("title"),
            sponsor=self.text("sponsor"),
            format=self.format(),
            credits=credits,
            minutes=self.minutes(),
            cost=self.number("cost", MOST_COST),
            starts_on=starts_on,
            ends_on=ends_on,
            mechanism=self.text("mechanism", needed=False),
            biennium=self.yes_or_no("biennium"),
            url=self.url(),
            distribution=self.distribution(credits),
        )

    def text(self, name: str, *, needed: bool = True) -> str:
        """Return a cell of text."""
        written = self.cells[name]
        if needed and not written:
            self.faults.append(f"'{name}' is empty. Fill it in.")
        if len(written) > LONGEST[name]:
            self.faults.append(f"'{name}' has {len(written)} characters. Write at most {LONGEST[name]}.")
        if not written.isprintable():
            self.faults.append(f"'{name}' has a character that cannot be shown. Type it anew.")
        return written

    def code(self) -> str:
        """Return the code, which stands in addresses."""
        written = self.text("code")
        if written and not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", written):
            self.faults.append(
                f"the code '{written}' cannot stand in an address. Write letters, digits, '-', '.', '_'."
            )
        return written

    def format(self) -> ActivityFormat:
        """Return the format."""
        written = self.cells["format"].lower()
        if written in set(ActivityFormat):
            return ActivityFormat(written)
        self.faults.append(f"the format is '{self.cells['format']}'. Write one of {', '.join(ActivityFormat)}.")
        return ActivityFormat.ONLINE

    def number(self, name: str, most: float, above: float | None = None) -> float:
        """Return a number with at most two decimals, from 0 up or above `above`."""
        value = _number(self.cells[name])
        if value is None or value > most or value < 0 or (above is not None and value <= above):
            said = "from 0" if above is None else f"above {above:g}"
            self.faults.append(
                f"'{name}' is '{self.cells[name]}'. Write a number {said} up to {most:g}, with two decimals at most."
            )
            return 0.0
        return value

    def minutes(self) -> int:
        """Return a whole number of minutes."""
        written = self.cells["minutes"]
        if written.isascii() and written.isdigit() and len(written) <= 6 and 0 < int(written) <= MOST_MINUTES:
            return int(written)
        self.faults.append(f"'minutes' is '{written}'. Write a whole number from 1 up to {MOST_MINUTES}.")
        return 1

    def day(self, name: str) -> dt.date | None:
        """Return a day; None where there is none."""
        written = self.cells[name]
        if not written:
            return None
        try:
            return dt.date.fromisoformat(written)
        except ValueError:
            self.faults.append(f"'{name}' is '{written}'. Write a day as 2027-04-30, or nothing.")
            return None

    def yes_or_no(self, name: str) -> bool:
        """Return true or false."""
        written = self.cells[name].lower()
        if written not in ("true", "false"):
            self.faults.append(f"'{name}' is '{self.cells[name]}'. Write true or false.")
        return written == "true"

    def url(self) -> str:
        """Return an address of the web, or nothing."""
        written = self.text("url", needed=False)
        try:
            parts = urlsplit(written)
            sound = not written or (parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in written)
        except ValueError:
            sound = False
        if not sound:
            self.faults.append(f"the url is '{written}'. Write an address that begins with https://, or nothing.")
        return written

    def distribution(self, credits: float) -> dict[str, dict[str, float]]:
        """Return discipline -> content area -> credits."""
        shares: dict[str, dict[str, float]] = {}
        for entry in self.cells["distribution"].split():
            found = re.fullmatch(r"([^:=]+):([^:=]+)=([^:=]+)", entry)
            if found is None:
                self.faults.append(
                    f"'{entry}' in the distribution is not understood. Write CT:radiation-safety-and-dose=0.5, with "
                    "blanks between entries."
                )
                continue
            self._share(shares, *found.groups())
        for discipline, areas in shares.items():
            total = math.fsum(areas.values())
            if credits and total > credits + 1e-9:
                self.faults.append(
                    f"the distribution gives {total:g} credits in {discipline}, and the activity is worth {credits:g}. "
                    "Give at most that."
                )
        return shares

    def _share(self, shares: dict[str, dict[str, float]], discipline: str, area: str, written: str) -> None:
        value = _number(written)
        if discipline not in self.outlines:
            known = ", ".join(sorted(self.outlines))
            self.faults.append(f"the distribution names the discipline '{discipline}'. Known are {known}.")
        elif area not in self.outlines[discipline]:
            known = ", ".join(self.outlines[discipline])
            self.faults.append(f"{discipline} has no content area '{area}'. It has {known}.")
        elif area in shares.get(discipline, {}):
            self.faults.append(f"the distribution names {discipline}:{area} twice. Keep one of them.")
        elif value is None or not 0 < value <= MOST_CREDITS:
            self.faults.append(
                f"{discipline}:{area} has '{written}' credits. Write a number above 0, with two decimals at most."
            )
        else:
            shares.setdefault(discipline, {})[area] = value


def _number(written: str) -> float | None:
    """Read a number with two decimals at most, or return None."""
    return float(written) if re.fullmatch(r"\d{1,9}(\.\d{1,2})?|\.\d{1,2}", written, re.ASCII) else None
