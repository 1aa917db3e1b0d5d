"""Forms held against the YAML files in words as plain as they come, without the program's own reading of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml

from ssa_engine.config import bundled
from ssa_engine.core.form_assembly import Form

Limits = Mapping[str, tuple[int, int]]


class PlainBank:
    """The files of a discipline as they were written: blueprint, and each item with the area of its file."""

    def __init__(self, discipline: str) -> None:
        spec = bundled("content_specs") / f"{discipline}.yaml"
        self.areas: dict[str, dict[str, int]] = yaml.safe_load(spec.read_text(encoding="utf-8"))["blueprint"]["areas"]
        self.items: dict[str, dict[str, Any]] = {}
        for path in (bundled("item_bank") / discipline).glob("*.yaml"):
            file = yaml.safe_load(path.read_text(encoding="utf-8"))
            self.items |= {row["id"]: row | {"area": file["area"]} for row in file["items"]}

    def faults(self, form: Form, *, topics: Limits | None = None, formats: Limits | None = None) -> list[str]:
        """Say in what a form breaks what is asked of it; topics are counted by the first parts of their codes."""
        rows = [self.items[place.item_id] for place in form.items]
        return [
            *self._numbers(form, rows),
            *self._neighbours(rows),
            *(fault for place, row in zip(form.items, rows, strict=True) for fault in _options(place.options, row)),
            *_limits(rows, topics or {}, lambda row: ".".join(str(row["topic"]).split(".")[:3])),
            *_limits(rows, formats or {}, lambda row: str(row["format"])),
        ]

    def _numbers(self, form: Form, rows: list[dict[str, Any]]) -> list[str]:
        found = []
        if [place.position for place in form.items] != list(range(1, len(rows) + 1)):
            found.append("positions do not run from 1 on")
        if len({row["id"] for row in rows}) != len(rows):
            found.append("an item stands twice")
        counts = Counter((row["area"], row["status"]) for row in rows)
        wanted = {(area, "active"): numbers["scored"] for area, numbers in self.areas.items()}
        wanted |= {(area, "pilot"): numbers["pilot"] for area, numbers in self.areas.items() if numbers.get("pilot")}
        if counts != wanted:
            found.append(f"areas: {counts}")
        for place, row in zip(form.items, rows, strict=True):
            if (place.content_area, place.scored) != (row["area"], row["status"] == "active"):
                found.append(f"{row['id']} is filed as something else")
        return found

    def _neighbours(self, rows: list[dict[str, Any]]) -> list[str]:
        ids = [row["id"] for row in rows]
        found = [f"{row['id']} beside {enemy}" for row in rows for enemy in row.get("enemies", []) if enemy in ids]
        for case in {row["case"] for row in rows if row.get("case")}:
            members = sorted(
                name
                for name, row in self.items.items()
                if row.get("case") == case and row["status"] in ("active", "pilot")
            )
            first = ids.index(members[0]) if members[0] in ids else 0
            if ids[first : first + len(members)] != members:
                found.append(f"the case {case} is not whole, together and in order")
        return found


def _options(shown: tuple[str, ...], row: dict[str, Any]) -> list[str]:
    written = [option["id"] for option in row.get("options", [])]
    if sorted(shown) != sorted(written):
        return [f"{row['id']} has other options"]
    if row["format"] == "sorted":
        return [f"{row['id']} stands in the order of its key"] if list(shown) == row["key"] else []
    if row.get("shuffle") is False and list(shown) != written:
        return [f"{row['id']} is shuffled"]
    return []


def _limits(rows: list[dict[str, Any]], limits: Limits, kind: Any) -> list[str]:
    found = Counter(kind(row) for row in rows if row["status"] == "active")
    return [
        f"{name}: {found[name]}, not {low} to {high}"
        for name, (low, high) in limits.items()
        if not low <= found[name] <= high
    ]
