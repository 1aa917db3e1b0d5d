"""The CT bank as plain YAML, and marks and points worked out from it in exact fractions, without the engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import yaml

from ssa_engine.config import bundled

Plain = Mapping[str, Any]
SLOPE = 1_000_003
"""A ray that goes so many pixels to the right for one down meets no corner of a polygon but its own beginning."""


@cache
def items() -> dict[str, dict[str, Any]]:
    """Item id -> item with its `area`, from the YAML files of CT."""
    found = {}
    for path in sorted((bundled("item_bank") / "ct").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.update({item["id"]: {**item, "area": content["area"]} for item in content["items"]})
    return found


@cache
def spec() -> dict[str, Any]:
    """The content specification of CT."""
    content: dict[str, Any] = yaml.safe_load((bundled("content_specs") / "ct.yaml").read_text(encoding="utf-8"))
    return content


@cache
def outline() -> dict[str, str]:
    """Area id -> name, in outline order."""
    return {area["id"]: area["name"] for category in spec()["categories"] for area in category["areas"]}


def earned(item: Plain, answer: str | None) -> Fraction:
    """Return what an answer earns, of at most 1; nothing for an item that was not answered."""
    if not answer:
        return Fraction(0)
    key, kind = item["key"], item["format"]
    if kind == "multiple":
        return _several(set(key), set(answer.split(",")), item.get("scoring", "all"))
    if kind == "number":
        away = abs(Fraction(answer) - Fraction(str(key["value"])))
        return Fraction(away <= Fraction(str(key.get("tolerance", 0))))
    if kind == "hotspot":
        x, y = answer.split(",")
        return Fraction(any(within(region, int(x), int(y)) for region in key))
    return Fraction(answer == (key if kind == "single" else ",".join(key)))


def _several(key: set[str], chosen: set[str], scoring: str) -> Fraction:
    if scoring == "all":
        return Fraction(chosen == key)
    points = 0
    for option in chosen:
        points += 1 if option in key else -1
    return max(Fraction(0), Fraction(points, len(key)))


def within(region: Plain, x: int, y: int) -> bool:
    """Whether a place lies in a region, its edge included."""
    if region["shape"] == "circle":
        return bool(abs(complex(x - region["x"], y - region["y"])) <= region["radius"] * (1 + 1e-12))
    if region["shape"] == "rectangle":
        left, top = region["x"], region["y"]
        return x in range(left, left + region["width"] + 1) and y in range(top, top + region["height"] + 1)
    corners = [tuple(point) for point in region["points"]]
    sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
    if any(_lies_on(side, (x, y)) for side in sides):
        return True
    return sum(_meets(side, (x, y)) for side in sides) % 2 == 1


Point = tuple[int, int]


def _lies_on(side: tuple[Any, Any], at: Point) -> bool:
    """Whether a place divides a side: at = (1 - t) begin + t end for a t from 0 to 1."""
    (x1, y1), (x2, y2) = side
    if (x1, y1) == (x2, y2):
        return at == (x1, y1)
    t = Fraction(at[0] - x1, x2 - x1) if x1 != x2 else Fraction(at[1] - y1, y2 - y1)
    return 0 <= t <= 1 and (x1 + t * (x2 - x1), y1 + t * (y2 - y1)) == at


def _meets(side: tuple[Any, Any], at: Point) -> bool:
    """Whether the ray from a place crosses a side: solve at + r (SLOPE, 1) = begin + t (end - begin)."""
    (x1, y1), (x2, y2) = side
    dx, dy = x2 - x1, y2 - y1
    below = SLOPE * dy - dx
    if below == 0:
        return False
    t = Fraction((at[1] - y1) * SLOPE - (at[0] - x1), below)
    r = Fraction((at[1] - y1) * dx - (at[0] - x1) * dy, below)
    return 0 < t < 1 and r > 0


def points(answers: Mapping[str, str | None]) -> dict[str, Fraction]:
    """Return area -> what was earned on its scored items, in outline order."""
    found = dict.fromkeys(outline(), Fraction(0))
    for name, answer in answers.items():
        item = items()[name]
        if item["status"] == "active":
            found[item["area"]] += earned(item, answer)
    return found


def correct(answers: Mapping[str, str | None]) -> dict[str, int]:
    """Return area -> how many of its scored items earned all, in outline order."""
    found = dict.fromkeys(outline(), 0)
    for name, answer in answers.items():
        item = items()[name]
        found[item["area"]] += item["status"] == "active" and earned(item, answer) == 1
    return found


def credits_of(earned_points: Mapping[str, Fraction], of: Mapping[str, int]) -> dict[str, float]:
    """Return area -> credits under the sample policy: bands of items short, then the cap by largest gap first."""
    policy = spec()["sample_policy"]
    short, gap = {}, {}
    for area in outline():
        standard = Fraction(str(policy["standards"][area]))
        missing = max(Fraction(0), math.ceil(standard * of[area]) - earned_points[area])
        gap[area] = max(Fraction(0), standard - earned_points[area] / of[area])
        short[area] = math.ceil(missing) if gap[area] else 0
    left, found = policy["credits"]["total_cap"], {}
    for area in sorted(outline(), key=lambda area: -gap[area]):
        worth = [band["credits"] for band in policy["credits"]["bands"] if band["short"] <= short[area]]
        found[area] = float(min(worth[-1] if worth else 0, left))
        left -= found[area]
    return {area: found[area] for area in outline()}


def areas_of(names: Iterable[str]) -> dict[str, int]:
    """Return area -> how many of these items are scored."""
    found = dict.fromkeys(outline(), 0)
    for name in names:
        found[items()[name]["area"]] += items()[name]["status"] == "active"
    return found
