"""The workload page: what waits, weeks and reviewers with figures worked by hand, promised results that are near."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions import claim_reviews
from ssa_engine.core.attempts import State
from ssa_engine.storage.db import Database
from tests.actions.lives import Life
from tests.claimed import Claimed
from tests.factories import Clock, Page, add_someone, read


def cells(page: Page, table: str) -> list[list[str]]:
    """The rows of a table as text."""
    body = page.html[page.html.index(f'id="{table}"') :]
    body = body[body.index("<tbody>") : body.index("</tbody>")]
    return [[Page(cell).text for cell in one.replace("<th", "<td").split("<td")[1:]] for one in body.split("<tr")[1:]]


def clean(rows: list[list[str]]) -> list[list[str]]:
    """What stands in the cells, without the rest of their opening tags."""
    return [[cell.rpartition(">")[2].strip() for cell in row] for row in rows]


@pytest.fixture
def decided(claimed: Claimed, db: Database, clock: Clock) -> None:
    """Decided after 1, 3 and 15 days; the last one a day late. One waits."""
    made = [claimed.claim(name) for name in ("ann", "bo", "cy", "di")]
    for days, claim_id, who in ((1, made[0], "priya"), (2, made[1], "priya"), (12, made[2], "omar")):
        clock.advance(days=days)
        claim_reviews.reject(db, claimed.banks, claim_id, 1, reason="no", who=f"{who}@test.example", now=clock())


def test_weeks_and_reviewers_have_their_pace(reviewer: FlaskClient, colleague: FlaskClient, decided: None) -> None:
    """Reported on Sunday 14 March, decided on Monday 15, Wednesday 17 and Monday 29; today is the 29th."""
    page = read(reviewer.get("/staff/workload"))
    weeks = clean(cells(page, "weeks"))
    assert [week[0] for week in weeks[-3:]] == ["15 March 2027", "22 March 2027", "29 March 2027"]
    assert [week[1:] for week in weeks[-3:]] == [
        ["2", "0", "2.0", "2.8"],
        ["0", "0", "–", "–"],
        ["1", "1", "15.0", "15.0"],
    ]
    assert len(weeks) == 12
    assert clean(cells(page, "reviewers")) == [["omar", "1", "1", "15.0", "15.0"], ["priya", "2", "0", "2.0", "2.8"]]
    assert "3 claims were decided: half of them within 3 days, 90 of 100 within 12.6 days." in page.text
    assert "Claims waiting for a reviewer 1 Of them overdue 1 Of them nobody’s 1" in page.text


def test_promised_results_that_are_near_or_late_are_listed(
    reviewer: FlaskClient, db: Database, claimed: Claimed, clock: Clock
) -> None:
    attempts = {}
    for name in ("late", "today", "near", "far"):
        someone = add_someone(db, f"{name}@test.example", clock=clock)
        attempts[name] = Life(db, claimed.banks, clock, someone).finish(state=State.SUBMITTED)
        clock.advance(days=7 if name == "near" else 1)
    clock.advance(days=5)  # submitted on the days 0, 1, 2 and 9, promised fourteen days later; today is day 15
    page = read(reviewer.get("/staff/workload"))
    assert [row["data-attempt"] for row in page.rows("data-attempt")] == [
        str(attempts[name]) for name in ("late", "today", "near")
    ]
    assert "1 day late" in page.text
    assert "due today" in page.text
    assert "1 day left" in page.text
    assert "Results not yet released 4" in page.text


def test_with_nothing_to_show_it_says_so(reviewer: FlaskClient) -> None:
    page = read(reviewer.get("/staff/workload"))
    assert "No claim was decided in these weeks." in page.text
    assert "No promised result is near its day." in page.text
