"""Standards as they are given on the command line: a proportion for all areas, one for an area, files, a policy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ssa_engine.core.policies import Policy

standards_option = click.option(
    "--standards", multiple=True,
    help="VALUE for all areas, AREA=VALUE, or a CSV file with content_area,standard. Proportions; may be repeated.",
)  # fmt: skip
policy_option = click.option(
    "--policy", "policy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy as YAML: its standards, credit rule and decision rule.",
)  # fmt: skip


def standards_of(given: tuple[str, ...], policy: Policy | None, areas: Iterable[str]) -> dict[str, float]:
    """Return the standard of each area; what is given by --standards goes before the policy's."""
    from ssa_engine.core.errors import Invalid

    if not given and policy is None:
        raise Invalid(
            "There is no standard to decide by. Give --standards (0.7, AREA=0.7, or a CSV file with "
            "content_area,standard), or a policy in YAML by --policy."
        )
    areas = list(areas)
    found = dict(policy.standards) if policy else {}
    found |= by_area(given, areas, "--standards")
    lacking = [area for area in areas if area not in found]
    if lacking:
        raise Invalid(f"There is no standard for: {', '.join(lacking)}. Give --standards AREA=VALUE or --policy FILE.")
    return {area: found[area] for area in areas}


def by_area(given: tuple[str, ...], areas: Iterable[str], option: str) -> dict[str, float]:
    """Read VALUE, AREA=VALUE and files; a VALUE alone holds for the areas that no other names."""
    from ssa_engine.core.errors import Invalid

    known = set(areas)
    common: dict[str, float] = {}
    named: dict[str, float] = {}
    for text in given:
        if Path(text).is_file():
            named |= _file(Path(text))
            continue
        area, equals, value = text.rpartition("=")
        read = _proportion(value, f"{option} {text}")
        if equals and area not in known:
            raise Invalid(f"{option} {text}: no response has the content area '{area}'.")
        if equals:
            named[area] = read
        else:
            common = dict.fromkeys(known, read)
    return common | named


def _file(path: Path) -> dict[str, float]:
    """Read standards from a CSV file with content_area,standard, or from a policy in YAML."""
    from ssa_engine.content.specs import read_policy
    from ssa_engine.exchange.decision_files import read_columns

    if path.suffix.lower() in (".yaml", ".yml"):
        return dict(read_policy(path).standards)
    table = read_columns(path, "content_area", "standard")
    return {
        str(area): _proportion(str(value), f"{path}:{row}")
        for row, (area, value) in enumerate(zip(table["content_area"], table["standard"], strict=True), start=2)
    }


def _proportion(text: str, where: str) -> float:
    from ssa_engine.core.errors import Invalid

    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Invalid(f"{where}: '{text}' is no proportion. Give a number from 0 to 1, or a file that exists.")
    return value
