"""The console's navigation: a discipline chosen once, its pages, and the pages of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.web import current

blueprint = Blueprint("navigation", __name__)

COHORT = "cohort"
PAGES = {
    COHORT: "cohort.of_discipline",
    "policy": "policy.show",
    "items": "items.overview",
    "areas": "areas.overview",
    "standard_setting": "standard_setting.overview",
    "rescoring": "rescoring.overview",
    "releases": "releases.overview",
    "report": "report.overview",
}
"""Page -> its endpoint within the console, in the order of the navigation."""
OWN = {"tuning": "policy", "drafts": "policy"}
"""Blueprint whose pages belong to another page of the navigation."""
NEED_A_BANK = frozenset({"items", "areas", "standard_setting", "rescoring", "report"})


@dataclass(frozen=True, slots=True)
class Link:
    """A page, where it is, and whether it is the one shown; `here` is also true below it."""

    page: str
    url: str
    here: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Console:
    """What the navigation shows: (code, name) of every discipline, the one chosen, and its pages."""

    discipline: str
    disciplines: tuple[tuple[str, str], ...]
    page: str
    pages: tuple[Link, ...]


def console() -> Console | None:
    """Return the navigation of this page, or None outside the console."""
    if not (request.endpoint or "").startswith("psychometrician."):
        return None
    specs = current.library().specs
    chosen = chosen_discipline()
    own = (request.endpoint or "").split(".")[1]
    here = OWN.get(own, own)
    return Console(
        chosen,
        tuple((code, specs[code].name) for code in sorted(specs)),
        here,
        tuple(Link(page, url, page == here, url == request.path) for page, url in _pages(chosen).items()),
    )


def chosen_discipline() -> str:
    """Return the discipline of this address; the first one with a bank if it names none that is known."""
    library = current.library()
    named = (request.view_args or {}).get("discipline") or request.args.get("discipline", "")
    if named.upper() in library.specs:
        return str(named.upper())
    return next(iter(sorted(library.banks) or sorted(library.specs)))


def _pages(discipline: str) -> dict[str, str]:
    """Return page -> address, of the pages that this discipline has."""
    has_a_bank = discipline in current.library().banks
    return {
        page: url_for(f"psychometrician.{endpoint}", discipline=discipline)
        for page, endpoint in PAGES.items()
        if has_a_bank or page not in NEED_A_BANK
    }


@blueprint.get("/switch")
def switch() -> ResponseReturnValue:
    """Go to the same page of another discipline, or to its cohort if it has no such page."""
    pages = _pages(chosen_discipline())
    return redirect(pages.get(request.args.get("page", ""), pages[COHORT]))


def this_page(**changes: object) -> str:
    """Return this address with parts of its query changed; None takes a part away."""
    query = {name: value for name, value in request.args.items() if value and name not in changes}
    query |= {name: str(value) for name, value in changes.items() if value is not None}
    return f"{request.path}?{urlencode(query)}" if query else request.path
