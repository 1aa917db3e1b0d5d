"""One person's page: standing without results, accommodations that are kept, explained, mended and audited."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.people import Role
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from ssa_engine.storage.frames import audit_frame
from tests.factories import Clock, add_someone, read, start_attempt
from tests.web.walk import World, snapshot

SOUND = {"time_multiplier": "1.5", "extra_minutes": "10", "extra_breaks": "1", "large_text": "yes"}


@pytest.fixture
def staff(world: World) -> FlaskClient:
    """A browser of candidate support."""
    return world.browsers[Role.STAFF]


def granted_to(db: Database, person_id: int) -> Accommodations:
    with db.read() as connection:
        return people.accommodations_of(connection, person_id)


def audited(db: Database) -> list[tuple[str, str, str]]:
    with db.read() as connection:
        frame = audit_frame(connection)
    own = frame[frame["verb"] == "set accommodations"]
    return list(zip(own["who"], own["noun"], own["noun_id"], strict=True))


def url(person_id: int) -> str:
    return f"/staff/people/{person_id}"


def test_a_person_found_leads_to_their_page_and_each_attempt_to_its_sitting(staff: FlaskClient, world: World) -> None:
    page = read(staff.get("/staff/?q=own"))
    links = {found["href"] for tag, found in page.elements if tag == "a" and "href" in found}
    assert {url(world.own.id), f"/staff/attempts/{world.own_attempt}"} <= links
    page = read(staff.get(url(world.own.id)))
    assert "own@test.example" in page.text
    assert "Computed Tomography Assessment under way 1 June 2025 to 1 June 2028" in page.text
    assert f"/staff/attempts/{world.own_attempt}" in {found.get("href") for _, found in page.elements}


def test_who_is_sitting_now_stands_on_the_start_page(staff: FlaskClient, world: World) -> None:
    page = read(staff.get("/staff/"))
    rows = [one for one in page.rows("href") if one["href"].startswith("/staff/attempts/")]
    assert {one["href"] for one in rows} == {
        f"/staff/attempts/{world.own_attempt}",
        f"/staff/attempts/{world.other_attempt}",
    }
    assert "100 min" in page.text


def test_a_person_without_credentials_has_a_page_that_says_so(staff: FlaskClient, db: Database, clock: Clock) -> None:
    nobody = add_someone(db, "specialist2@test.example", clock=clock, role=Role.SPECIALIST)
    assert "This person holds no credential." in read(staff.get(url(nobody.id))).text


def test_accommodations_are_kept_explained_and_audited_once(staff: FlaskClient, db: Database, world: World) -> None:
    response = staff.post(f"{url(world.own.id)}/accommodations", data=SOUND)
    assert (response.status_code, response.headers["Location"]) == (303, f"{url(world.own.id)}?saved=yes")
    assert granted_to(db, world.own.id) == Accommodations(
        time_multiplier=1.5, extra_minutes=10, extra_breaks=1, large_text=True
    )
    page = read(staff.get(response.headers["Location"]))
    assert "The accommodations are saved. They apply to attempts started from now on." in page.text
    assert "Computed Tomography 100 minutes become 160. 1 break of up to 10 minutes." in page.text
    assert "An attempt under way keeps the time and the breaks it began with" in page.text
    staff.post(f"{url(world.own.id)}/accommodations", data=SOUND)
    assert audited(db) == [("staff@test.example", "person", str(world.own.id))]


def test_they_hold_for_the_next_attempt_and_not_for_the_one_under_way(
    staff: FlaskClient, db: Database, clock: Clock, world: World, sign_in: object
) -> None:
    fresh = add_someone(db, "fresh@test.example", clock=clock)
    staff.post(f"{url(fresh.id)}/accommodations", data=SOUND)
    attempt = start_attempt(sign_in(fresh), fresh)  # type: ignore[operator]
    page = read(staff.get(f"/staff/attempts/{attempt}")).text
    assert "Allowed 160 min" in page
    assert "After question 40: still to come." in page
    staff.post(f"{url(world.own.id)}/accommodations", data=SOUND)
    assert "Allowed 100 min" in read(staff.get(f"/staff/attempts/{world.own_attempt}")).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"time_multiplier": "0.5"}, "Give a number from 1 to 5, such as 1.5."),
        ({"time_multiplier": "7"}, "Give a number from 1 to 5, such as 1.5."),
        ({"time_multiplier": "much"}, "Give a number from 1 to 5, such as 1.5."),
        ({"time_multiplier": ""}, "Give a number from 1 to 5, such as 1.5."),
        ({"extra_minutes": "-1"}, "Give whole minutes, from 0 to 600."),
        ({"extra_minutes": "601"}, "Give whole minutes, from 0 to 600."),
        ({"extra_minutes": "1.5"}, "Give whole minutes, from 0 to 600."),
        ({"extra_breaks": "11"}, "Give a whole number of breaks, from 0 to 10."),
        ({"extra_breaks": "9" * 400}, "Give a whole number of breaks, from 0 to 10."),
    ],
    ids=str,
)
def test_what_cannot_be_granted_is_told_and_the_fields_are_kept(
    staff: FlaskClient, db: Database, world: World, change: dict[str, str], sentence: str
) -> None:
    before = snapshot(db)
    response = staff.post(f"{url(world.own.id)}/accommodations", data=SOUND | change)
    page = read(response)
    assert response.status_code == 422
    assert page.text.count(sentence) == 1
    assert "Nothing was saved." in page.text
    kept = {one["name"]: one.get("value") for one in page.inputs if one.get("type") != "checkbox" and "name" in one}
    for name, value in (SOUND | change).items():
        if name != "large_text":
            assert kept[name] == value[:30]
    invalid = [one["name"] for one in page.inputs if one.get("aria-invalid") == "true"]
    assert invalid == list(change)
    assert snapshot(db) == before


def test_every_problem_of_a_form_is_told_at_once(staff: FlaskClient, world: World) -> None:
    page = read(staff.post(f"{url(world.own.id)}/accommodations", data={}))
    assert [one["name"] for one in page.inputs if one.get("aria-invalid")] == [
        "time_multiplier",
        "extra_minutes",
        "extra_breaks",
    ]


@pytest.mark.parametrize("typed", ["1,5", "1.5", " 1.50 "])
def test_a_decimal_comma_is_a_decimal_comma(staff: FlaskClient, db: Database, world: World, typed: str) -> None:
    staff.post(f"{url(world.own.id)}/accommodations", data=SOUND | {"time_multiplier": typed})
    assert granted_to(db, world.own.id).time_multiplier == 1.5


def test_what_is_only_tried_is_explained_and_not_saved(staff: FlaskClient, db: Database, world: World) -> None:
    before = snapshot(db)
    page = read(staff.get(url(world.own.id), query_string=SOUND | {"untimed": "yes"}))
    assert "100 minutes become no time limit." in page.text
    assert "Not saved yet." in page.text
    page = read(staff.get(url(world.own.id), query_string=SOUND | {"extra_breaks": "many"}))
    assert "Give a whole number of breaks, from 0 to 10." in page.text
    assert snapshot(db) == before


def test_nobody_has_a_page_that_is_not_there(staff: FlaskClient) -> None:
    for response in (staff.get(url(987654)), staff.post(f"{url(987654)}/accommodations", data=SOUND)):
        assert response.status_code == 404
        assert "There is no such person." in read(response).text
