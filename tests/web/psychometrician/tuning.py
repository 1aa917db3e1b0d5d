"""What tests of tuning share: addresses, a policy with two standards moved, tables read cell by cell."""

from __future__ import annotations

from ssa_engine.content.library import Library
from ssa_engine.core.policies import Policy
from tests.factories import Page

POLICY = "/psychometrician/CT/policy"
MOVED = {"standard.image-formation": "9", "standard.neck-and-chest": "5", "unit": "items"}


def table(page: Page, table_id: str) -> list[list[str]]:
    """The data-value of every cell of a table, row by row."""
    rows: list[list[str]] = []
    inside = False
    for tag, found in page.elements:
        if tag == "table":
            inside = found.get("id") == table_id
        elif inside and tag == "tr":
            rows.append([])
        elif inside and tag in ("td", "th") and "data-value" in found:
            rows[-1].append(found["data-value"])
    return [row for row in rows if row]


def moved(library: Library) -> Policy:
    policy = library.spec("CT").sample_policy
    standards = policy.standards | {"image-formation": 0.9, "neck-and-chest": 0.5}
    return library.spec("CT").in_outline_order(policy.model_copy(update={"standards": standards}))
