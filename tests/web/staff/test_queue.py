"""The queue: oldest first, overdue in words, filters in the address, few questions however many claims there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions import claim_reviews
from ssa_engine.storage.db import Database
from tests.claimed import DOSE, Claimed
from tests.factories import Clock, Page, read
from tests.web.walk import snapshot


def shown(page: Page) -> list[int]:
    """The claims of the table, in its order."""
    return [int(row["data-claim"]) for row in page.rows("data-claim")]


@pytest.fixture
def three(claimed: Claimed, clock: Clock) -> list[int]:
    """Three claims, ten days apart: promised by 28 March, 7 April and 17 April."""
    made = []
    for name, sponsor in (("ann", "Harborlight"), ("bo", "Cedar"), ("cy", "Harborlight")):
        made.append(claimed.claim(name, sponsor=sponsor, distribution={DOSE: 2.0}))
        clock.advance(days=10)
    clock.advance(days=-10)
    return made


def test_what_waits_longest_comes_first_with_its_day_and_overdue_in_words(
    reviewer: FlaskClient, three: list[int], clock: Clock
) -> None:
    page = read(reviewer.get("/staff/"))
    assert shown(page) == three
    assert "3 claims, the one that waits longest first." in page.text
    assert page.text.index("28 March 2027 overdue ann") < page.text.index("7 April 2027 bo")
    assert [row["data-claim"] for row in page.rows("data-overdue")] == [str(three[0])]
    assert page.text.count("overdue") == 1
    clock.advance(days=9)
    assert read(reviewer.get("/staff/")).text.count("overdue") == 2


def test_filters_stand_in_the_address_and_go_along_to_the_claim(
    reviewer: FlaskClient, db: Database, three: list[int], clock: Clock
) -> None:
    claim_reviews.take(db, three[1], 1, who="priya@test.example", now=clock())
    for query, expected in {
        "whose=mine": [three[1]],
        "whose=unassigned": [three[0], three[2]],
        "state=in_review": [three[1]],
        "sponsor=Harborlight": [three[0], three[2]],
        "discipline=CT": three,
        "discipline=RAD": [],
        "overdue=yes": [three[0]],
        "sponsor=Harborlight&overdue=yes": [three[0]],
        "sponsor=Nobody": [],
        "whose=x&state=x&discipline=y&overdue=z": three,
    }.items():
        assert shown(read(reviewer.get(f"/staff/?{query}"))) == expected, query
    links = [found.get("href", "") for _, found in read(reviewer.get("/staff/?sponsor=Cedar")).elements]
    assert f"/staff/claims/{three[1]}?sponsor=Cedar" in links


def test_each_way_to_look_has_its_count(reviewer: FlaskClient, db: Database, three: list[int], clock: Clock) -> None:
    claim_reviews.take(db, three[1], 1, who="priya@test.example", now=clock())
    text = read(reviewer.get("/staff/")).text
    assert "Waiting 3 Mine 1 Nobody’s 2 In review 1 Overdue 1 Waiting for the candidate 0" in text
    assert read(reviewer.get("/staff/?whose=mine")).rows("aria-current")[1]["href"] == "/staff/?whose=mine"


def test_an_empty_queue_says_so_and_so_does_a_filter_that_finds_nothing(
    reviewer: FlaskClient, claimed: Claimed
) -> None:
    assert "Nothing waits." in read(reviewer.get("/staff/")).text
    claimed.claim("ann")
    text = read(reviewer.get("/staff/?overdue=yes")).text
    assert "Nothing of that kind waits. Take a filter away to see the rest." in text


def test_a_long_queue_comes_in_pages_that_keep_the_filter(reviewer: FlaskClient, claimed: Claimed) -> None:
    made = [claimed.claim("ann", f"Course {number}") for number in range(53)]
    first = read(reviewer.get("/staff/?discipline=CT"))
    assert shown(first) == made[:50]
    assert "Page 1 of 2" in first.text
    assert "/staff/?page=2&discipline=CT" in [found.get("href") for _, found in first.elements]
    for page in ("2", "99"):
        assert shown(read(reviewer.get(f"/staff/?discipline=CT&page={page}"))) == made[50:]


def test_pages_ask_as_little_of_thirty_claims_as_of_three(
    reviewer: FlaskClient, claimed: Claimed, questions: Callable[[], Any]
) -> None:
    counts = []
    for many in (3, 27):
        made = [claimed.claim(f"p{many}-{number}", distribution={DOSE: 2.0}) for number in range(many)]
        for path in ("/staff/", "/staff/?whose=unassigned", f"/staff/claims/{made[0]}", "/staff/workload",
                     "/staff/attendance"):  # fmt: skip
            reviewer.get(path)
            with questions() as asked:
                assert reviewer.get(path).status_code == 200
            counts.append(len(asked))
    assert counts[:5] == counts[5:]
    assert max(counts) <= 30


def test_a_person_is_found_from_the_queue(reviewer: FlaskClient, three: list[int], db: Database) -> None:
    before = snapshot(db)
    page = read(reviewer.get("/staff/"))
    assert ("q", "") in page.fields_of("/staff/")
    assert "1 person found for “ann”." in read(reviewer.get("/staff/?q=ann")).text
    assert snapshot(db) == before
