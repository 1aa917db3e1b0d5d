"""A sitting as staff see it: its clock and timeline, what may be done to it, and what is never shown."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.core.accommodations import NO_LIMIT_SECONDS
from ssa_engine.core.attempts import Attempt
from ssa_engine.core.events import EventKind
from ssa_engine.core.people import Role
from ssa_engine.storage import attempts, events
from ssa_engine.storage.db import Database
from ssa_engine.storage.frames import audit_frame
from tests.factories import Clock, Page, answer, item_url, read
from tests.web.walk import World, snapshot


@pytest.fixture
def staff(world: World) -> FlaskClient:
    """A browser of candidate support."""
    return world.browsers[Role.STAFF]


def url(world: World, rest: str = "") -> str:
    return f"/staff/attempts/{world.own_attempt}{rest}"


def stored(db: Database, world: World) -> Attempt:
    with db.read() as connection:
        found = attempts.get(connection, world.own_attempt)
    assert found is not None
    return found


def kinds(page: Page) -> list[str]:
    """The kinds of the entries shown, from the top."""
    return [one["data-kind"] for one in page.rows("data-kind")]


def timeline(staff: FlaskClient, world: World, **query: object) -> list[dict[str, str]]:
    """The timeline as it is downloaded."""
    response = staff.get(url(world, "/timeline.csv"), query_string=query)
    assert response.content_type == "text/csv; charset=utf-8"
    assert f'filename="timeline-{world.own_attempt}.csv"' in response.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def submit(world: World) -> None:
    """Let the candidate submit."""
    response = world.browsers[Role.CANDIDATE].post(
        f"/candidate/attempts/{world.own_attempt}/review", data={"go": "submit", "confirmed": "yes"}
    )
    assert response.status_code in (200, 303)


def test_a_sitting_shows_where_it_stands(staff: FlaskClient, world: World, clock: Clock) -> None:
    clock.advance(minutes=4, seconds=3)
    text = read(staff.get(url(world))).text
    for words in (
        "own: Computed Tomography",
        "Under way",
        "Answered 2 of 80",
        "Flagged 1",
        "At question 2",
        "Locked Nothing",
        "Allowed 100 min",
        "Used 4 min 3 s",
        "Stood still 0 min",
        "Left 95 min 57 s",
        "Started (UTC) 2027-03-14 14:02:11",
        "Ends (UTC) 2027-03-14 15:42:11",
        "4 min 3 s ago",
    ):
        assert words in text, words


def test_the_timeline_is_newest_first_or_as_it_happened(staff: FlaskClient, world: World) -> None:
    down = kinds(read(staff.get(url(world))))
    assert down[-1] == "started"
    assert {"answered", "rendered", "flagged"} <= set(down)
    assert kinds(read(staff.get(url(world, "?order=oldest")))) == down[::-1]
    assert [row["kind"] for row in timeline(staff, world, order="oldest")] == down[::-1]


def test_the_timeline_is_searched_by_kind_question_and_words(staff: FlaskClient, world: World) -> None:
    everything = kinds(read(staff.get(url(world))))
    page = read(staff.get(url(world, "?kind=answered&question=2&words=&order=newest")))
    assert kinds(page) == ["answered"]
    assert f"1 entry of {len(everything)} found." in page.text
    assert [row["question"] for row in timeline(staff, world, kind="answered", question=2)] == ["2"]
    assert kinds(read(staff.get(url(world, "?words=FLAGG")))) == ["flagged"]
    nothing = read(staff.get(url(world, "?words=unicorn")))
    assert kinds(nothing) == []
    assert "Nothing of that kind is in the timeline." in nothing.text


@pytest.mark.parametrize("typed", ["0", "81", "two", "²", "9" * 50])
def test_a_question_that_is_not_on_the_form_is_told_and_kept(staff: FlaskClient, world: World, typed: str) -> None:
    page = read(staff.get(url(world), query_string={"question": typed}))
    assert "Give a question from 1 to 80." in page.text
    assert [one["value"] for one in page.inputs if one.get("name") == "question"] == [typed[:10]]
    assert len(kinds(page)) > 3


def test_a_form_of_the_search_keeps_what_was_searched(staff: FlaskClient, world: World) -> None:
    page = read(staff.get(url(world, "?kind=flagged&question=2&words=fla&order=oldest")))
    assert [found["value"] for tag, found in page.elements if tag == "option" and "selected" in found] == [
        "flagged",
        "oldest",
    ]
    assert {one["name"]: one["value"] for one in page.inputs if one.get("name") in ("question", "words")} == {
        "question": "2",
        "words": "fla",
    }


def test_a_long_timeline_comes_200_to_a_page(staff: FlaskClient, world: World, db: Database, clock: Clock) -> None:
    with db.write() as connection:
        for number in range(450):
            clock.advance(seconds=1)
            events.append(connection, world.own_attempt, EventKind.LEFT_WINDOW, clock(), 2, f"time {number}")
    first, last = (
        read(staff.get(url(world, "?kind=left_window"))),
        read(staff.get(url(world, "?kind=left_window&page=3"))),
    )
    assert (len(kinds(first)), len(kinds(last))) == (200, 50)
    assert "450 entries" in first.text
    assert "Page 3 of 3" in last.text
    assert f"{url(world)}?kind=left_window&page=2#timeline" in {one["href"] for one in first.rows("href")}
    beyond = read(staff.get(url(world, "?kind=left_window&page=99")))
    assert kinds(beyond) == kinds(last)
    assert len(timeline(staff, world, kind="left_window")) == 450


def test_an_answer_is_shown_in_the_letters_the_candidate_saw(
    staff: FlaskClient, world: World, library: Library, db: Database
) -> None:
    browser = world.browsers[Role.CANDIDATE]
    position, page = next(
        (position, page)
        for position in range(3, 40)
        if (page := read(browser.get(item_url(world.own_attempt, position)))).format == "single"
    )
    answer(browser, world.own_attempt, position, [page.options[2]])
    rows = timeline(staff, world, question=position, kind="answered")
    assert [(row["detail"], row["late"]) for row in rows] == [("C", "false")]


def test_time_is_granted_noted_and_shown_to_the_candidate(staff: FlaskClient, world: World, db: Database) -> None:
    response = staff.post(url(world, "/time"), data={"minutes": "12", "reason": " fire alarm "})
    assert (response.status_code, response.headers["Location"]) == (303, url(world, "?done=granted"))
    page = read(staff.get(response.headers["Location"]))
    assert "The time is granted. The clock now ends at 15:54:11 UTC" in page.text
    assert stored(db, world).seconds_allowed == 112 * 60
    assert [row["detail"] for row in timeline(staff, world, kind="time_granted")] == ["12 min: fire alarm"]
    with db.read() as connection:
        noted = audit_frame(connection).query("verb == 'grant time'")
    assert noted["who"].tolist() == ["staff@test.example"]
    pulse = world.browsers[Role.CANDIDATE].post(f"/candidate/attempts/{world.own_attempt}/pulse")
    assert f'data-seconds="{112 * 60}"' in pulse.get_data(as_text=True)


@pytest.mark.parametrize(
    ("minutes", "reason", "sentence", "field"),
    [
        ("0", "x", "Give from 1 to 600 minutes.", "grant-minutes"),
        ("601", "x", "Give from 1 to 600 minutes.", "grant-minutes"),
        ("ten", "x", "Give from 1 to 600 minutes.", "grant-minutes"),
        ("", "", "Give from 1 to 600 minutes.", "grant-minutes"),
        ("10", "  ", "Say why; the reason stays with the attempt.", "grant-reason"),
        ("10", "x" * 500, "Say why in at most 400 characters.", "grant-reason"),
    ],
)
def test_time_that_cannot_be_granted_is_told_and_the_fields_are_kept(
    staff: FlaskClient, world: World, db: Database, minutes: str, reason: str, sentence: str, field: str
) -> None:
    before = snapshot(db)
    response = staff.post(url(world, "/time"), data={"minutes": minutes, "reason": reason})
    page = read(response)
    assert (response.status_code, snapshot(db)) == (422, before)
    assert sentence in page.text
    assert [one["id"] for one in page.inputs if one.get("aria-invalid") == "true"] == [field]
    kept = {one["id"]: one["value"] for one in page.inputs if one.get("id", "").endswith(("minutes", "reason"))}
    assert kept == {"grant-minutes": minutes, "grant-reason": reason, "unlock-reason": ""}


def test_an_unlocked_sitting_goes_on_in_the_window_that_opens_it_next(
    staff: FlaskClient, world: World, db: Database
) -> None:
    browser = world.browsers[Role.CANDIDATE]
    old = read(browser.get(item_url(world.own_attempt, 3)))
    with db.write() as connection:
        attempts.change(connection, world.own_attempt, locked_through=2)
    assert "Locked Questions 1 to 2" in read(staff.get(url(world))).text
    response = staff.post(url(world, "/unlock"), data={"reason": "browser hung"})
    assert (response.status_code, response.headers["Location"]) == (303, url(world, "?done=unlocked"))
    assert "Unlocked. The candidate goes on" in read(staff.get(response.headers["Location"])).text
    assert stored(db, world).locked_through == 0
    stale = browser.post(
        item_url(world.own_attempt, 3), data={"token": old.token, "go": "next", "answer": old.choices[1]}
    )
    assert stale.status_code == 409
    assert answer(browser, world.own_attempt, 1).status_code == 303
    assert [row["detail"] for row in timeline(staff, world, kind="unlocked")] == ["browser hung"]


def test_nothing_is_unlocked_without_a_reason(staff: FlaskClient, world: World, db: Database) -> None:
    before = snapshot(db)
    response = staff.post(url(world, "/unlock"), data={"reason": ""})
    page = read(response)
    assert (response.status_code, snapshot(db)) == (422, before)
    assert [one["id"] for one in page.inputs if one.get("aria-invalid") == "true"] == ["unlock-reason"]


def test_what_is_submitted_can_be_read_and_no_longer_changed(staff: FlaskClient, world: World, db: Database) -> None:
    submit(world)
    page = read(staff.get(url(world)))
    assert "Submitted (UTC) 2027-03-14 14:02:11" in page.text
    assert [found for tag, found in page.elements if tag == "form" and found.get("method") == "post"][1:] == []
    before = snapshot(db)
    for path, data in (("/time", {"minutes": "5", "reason": "x"}), ("/unlock", {"reason": "x"})):
        response = staff.post(url(world, path), data=data)
        assert response.status_code == 409
        assert "was submitted, so neither its time nor its locks change." in read(response).text
    assert snapshot(db) == before


def test_an_untimed_sitting_has_nothing_to_add(staff: FlaskClient, world: World, db: Database) -> None:
    with db.write() as connection:
        attempts.change(connection, world.own_attempt, seconds_allowed=NO_LIMIT_SECONDS)
    page = read(staff.get(url(world)))
    assert "Allowed No time limit" in page.text
    assert "This attempt has no time limit, so there is nothing to add." in page.text
    response = staff.post(url(world, "/time"), data={"minutes": "5", "reason": "x"})
    assert response.status_code == 409


def test_a_sitting_whose_time_is_over_says_so(staff: FlaskClient, world: World, clock: Clock) -> None:
    clock.advance(minutes=130)
    text = read(staff.get(url(world))).text
    for words in ("Time over, not yet submitted", "Used 100 min", "Left 0 min", "Ended (UTC) 2027-03-14 15:42:11"):
        assert words in text
