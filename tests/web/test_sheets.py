"""A page names the style sheets that not every page has: all that its classes need, and no other."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests import house

SOME_PAGES = ("profile", "dashboard", "activities", "ce")
PAGES = sorted(path for path in house.TEMPLATES.rglob("*.html") if "{% extends" in path.read_text(encoding="utf-8"))


@cache
def styled(sheet: str) -> frozenset[str]:
    """Return the classes at the head of a sheet's selectors."""
    css = re.sub(r"/\*.*?\*/", "", (house.STATIC / f"css/{sheet}.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    heads = [one.split()[0] for some in re.findall(r"([^{};]+)\{", css) for one in some.split(",") if one.strip()]
    return frozenset(found for head in heads for found in re.findall(r"\.([a-z][\w-]*)", head))


def own(sheet: str) -> frozenset[str]:
    """Return the classes that this sheet alone styles."""
    names = {path.stem for path in (house.STATIC / "css").glob("*.css")} - {sheet}
    return styled(sheet).difference(*(styled(name) for name in names))


def parts(page: Path) -> set[Path]:
    """Return a template and all it is made of."""
    found, left = set(), [page]
    while left:
        one = left.pop()
        found.add(one)
        named = re.findall(r'(?:extends|include|from|import) "([^"]+)"', one.read_text(encoding="utf-8"))
        left += [house.TEMPLATES / name for name in named if house.TEMPLATES / name not in found]
    return found


@pytest.mark.parametrize("page", PAGES, ids=house.name)
def test_a_page_names_the_sheets_that_its_classes_need(page: Path) -> None:
    words = "".join(part.read_text(encoding="utf-8") for part in parts(page))
    used = {name for value in re.findall(r'class="([^"]*)"', words) for name in re.findall(r"[a-z][\w-]*", value)}
    named = re.search(r"{% set sheets = \[(.*?)\] %}", page.read_text(encoding="utf-8"))
    assert set(re.findall(r'"(\w+)"', named[1] if named else "")) == {one for one in SOME_PAGES if used & own(one)}


def test_every_one_of_them_has_classes_of_its_own() -> None:
    assert {"profile-line", "others"} <= own("profile")
    assert {"timeline", "outline-topics"} <= own("dashboard")
    assert {"offer", "not-print"} <= own("activities")
    assert {"fills", "ledger", "claim-form"} <= own("ce")
