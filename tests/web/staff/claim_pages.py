"""The page of a claim as its tests read it."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.factories import Page, read


def url(claim_id: int, rest: str = "") -> str:
    return f"/staff/claims/{claim_id}{rest}"


def seen(browser: FlaskClient, claim_id: int) -> str:
    """The revision of a claim that a page shows."""
    return next(one["value"] for one in read(browser.get(url(claim_id))).inputs if one.get("name") == "revision")


def row(page: Page, area: str) -> list[str]:
    """The figures of one area, in the order of the columns; of a field what is in it."""
    body = page.html[page.html.index(f'data-area="{area}"') :]
    body = body[: body.index("</tr>")]
    cells = body.split("<td")[1:]
    return [
        cell.split('value="')[1].split('"')[0] if "<input" in cell else cell.partition(">")[2].partition("<")[0].strip()
        for cell in cells
    ]
