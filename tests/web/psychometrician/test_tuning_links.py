"""Ways between the pages of tuning keep what was chosen, and what is not known is a dash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import attempts, credentials
from tests.factories import Clock, Someone, read
from tests.web.psychometrician.reviews import reader
from tests.web.psychometrician.tuning import MOVED, POLICY


@pytest.fixture
def published() -> None:
    """Nothing: the demo comes with its policies."""


@pytest.fixture
def console(db: Database, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser."""
    return reader(db, library, clock, sign_in, 12)


@pytest.fixture
def part(db: Database, console: FlaskClient) -> dict[str, str]:
    """A cohort of one sitting: a day on which nothing else was submitted."""
    query = sa.select(attempts.c.submitted_at).join(credentials).where(credentials.c.discipline == "CT")
    with db.read() as connection:
        days = Counter(row[0].date() for row in connection.execute(query) if row[0])
    day = min(day for day, number in days.items() if number == 1)
    return {"since": str(day), "until": str(day)}


def query_of(words: str, html: str) -> dict[str, str]:
    """Return the query of the link with these words."""
    before = html.split(words, maxsplit=1)[0]
    address = before.rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    return dict(parse_qsl(urlsplit(address).query))


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_ways_out_of_a_draft_keep_the_controls(
    console: FlaskClient, draft: str, part: dict[str, str], headers: dict[str, str]
) -> None:
    query = MOVED | part | {"loss_ratio": "2", "discipline": "odd"}
    response = console.get(draft, query_string=query, headers=headers)
    html = response.get_data(as_text=True)
    other = query_of("Set proportions instead", html)
    in_proportions = {"standard.image-formation": "0.9", "standard.neck-and-chest": "0.5", "unit": "proportion"}
    assert other == query | in_proportions
    number = draft.rsplit("/", 1)[1]
    sides = {"left": "version-1", "right": f"draft-{number}"}
    assert query_of("Compare with what is in force", html) == sides | part


def test_a_comparison_shows_and_keeps_its_cohort(console: FlaskClient, draft: str, part: dict[str, str]) -> None:
    query = {"left": "version-1", "right": f"draft-{draft.rsplit('/', 1)[1]}"} | part | {"seed": "4"}
    page = read(console.get(f"{POLICY}/compare", query_string=query))
    hidden = {at["name"]: at["value"] for tag, at in page.elements if tag == "input" and at.get("type") == "hidden"}
    assert {name: hidden.get(name) for name in ("since", "until", "seed")} == part | {"seed": "4"}
    assert f"1 sitting of 14; Submitted from: {part['since']}; to: {part['until']}. All sittings" in page.text
    none = read(console.get(f"{POLICY}/compare", query_string=query | {"since": "2999-01-01", "until": ""}))
    assert "No sitting fits this choice" in none.text


def test_totals_a_quarter_apart_have_bars_beside_each_other(console: FlaskClient, draft: str) -> None:
    fine = {"rule": "per_item", "credits": "0.25", "step": "0.25", "area_minimum": "0"}
    html = console.get(draft, query_string=fine)
    bars = [at for tag, at in read(html).elements if tag == "rect" and "chart-bar" in at.get("class", "")]
    edges = sorted((float(at["x"]), float(at["x"]) + float(at["width"])) for at in bars)
    assert len(edges) > 2
    assert all(end <= start + 0.2 for (_, end), (start, _) in pairwise(edges))


def test_unknown_errors_are_dashes(console: FlaskClient, draft: str, part: dict[str, str]) -> None:
    html = console.get(draft, query_string=part).get_data(as_text=True)
    for name in ("needless_people", "missed_people"):
        assert f'data-row="{name}" data-name="value" data-value="">–' in html
