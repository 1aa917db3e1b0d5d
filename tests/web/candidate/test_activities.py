"""The catalogue beside a prescription: the arithmetic of every row, filters in the address, what can be done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.storage import activities
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Database
from tests.actions.claiming import Desk
from tests.catalogue import CHEST, DOSE, FORMATION, activity, catalogue, prescribe
from tests.factories import Clock, Page, Someone, add_someone, read, session_of
from tests.web.walk import snapshot

day = dt.date
CLOSED = (
    "Claims for Computed Tomography had to be submitted by 18 May 2028, to leave time for review before the window "
    "ends, so none can be taken until it does."
)


@dataclass
class Shelf:
    """A candidate with dose 2 and chest 1 prescribed, before a catalogue."""

    browser: FlaskClient
    someone: Someone
    attempt: int

    @property
    def base(self) -> str:
        return f"/candidate/credentials/{self.someone.credential_id}/ce"

    def page(self, path: str = "/activities", status: int = 200) -> Page:
        response = self.browser.get(self.base + path)
        assert response.status_code == status, response.get_data(as_text=True)
        return read(response)

    def codes(self, query: str = "") -> list[str]:
        return [row["data-activity"] for row in self.page(f"/activities{query}").rows("data-activity")]

    def go_to(self, db: Database, clock: Clock, on: dt.date) -> None:
        """Come back on another day."""
        clock.at = dt.datetime(on.year, on.month, on.day, 17, 0, tzinfo=dt.UTC)
        self.browser.set_cookie("ssa_session", session_of(db, self.someone, clock()))


@pytest.fixture
def shelf(
    db: Database, library: Library, clock: Clock, published: None, browser: FlaskClient, candidate: Someone
) -> Shelf:
    attempt = prescribe(db, library, clock, candidate, {DOSE: 2.0, CHEST: 1.0})
    catalogue(
        db,
        clock,
        activity("A-1", {DOSE: 0.5}, title="Low dose in the thin patient"),
        activity("A-2", {DOSE: 2.0, CHEST: 0.5}, credits=4.0, cost=12.5, minutes=200, biennium=False),
        activity("A-3", {CHEST: 1.5}, cost=0.0, minutes=60, starts_on=day(2027, 5, 2), ends_on=day(2027, 5, 2)),
        activity("A-4", {FORMATION: 2.0}, sponsor="Larkspur CE Press"),
        activity("A-5", {DOSE: 2.0}, ends_on=day(2027, 3, 13)),
    )
    return Shelf(browser, candidate, attempt)


def test_every_row_says_its_arithmetic_and_its_facts(shelf: Shelf) -> None:
    text = shelf.page().text
    assert "Still to find: Radiation Safety and Dose 2; Neck and Chest 1." in text
    for said in (
        "2.5 CE credits; 0.5 of them count here: Radiation Safety and Dose; 1.5 still open after this.",
        "4 CE credits; 2.5 of them count here: Radiation Safety and Dose 2 (nothing open after this); Neck and Chest "
        "0.5 (0.5 still open after this).",
        "2.5 CE credits; 1 of them counts here: Neck and Chest; nothing open after this, 0.5 more than is open.",
        "Harborlight Imaging Education · online · 3 h 20 min · costs 12.50 · at any time",
        "Harborlight Imaging Education · online · 1 h · free · on 2 May 2027",
    ):
        assert said in text, said
    assert text.count("Counts for a biennium, too") == 2
    assert text.count("Not for a biennium") == 1


def test_filters_stand_in_the_address(shelf: Shelf) -> None:
    assert shelf.codes() == ["A-2", "A-3", "A-1"]
    for query, expected in {
        f"?area={CHEST}": ["A-2", "A-3"],
        "?area=any": ["A-2", "A-3", "A-1", "A-4"],
        "?area=any&sponsor=Larkspur+CE+Press": ["A-4"],
        "?text=thin": ["A-1"],
        "?cost=12,5&sort=cost": ["A-3", "A-2"],
        "?least=61&most=100": ["A-1"],
        "?on=2027-05-03&sort=minutes": ["A-1", "A-2"],
        "?biennium=yes": ["A-3", "A-1"],
        "?format=webinar": [],
    }.items():
        assert shelf.codes(query) == expected, query
    page = shelf.page(f"/activities?area={CHEST}&cost=20&biennium=yes&text=x")
    assert {one["name"]: one.get("value", "") for one in page.inputs if one.get("id")}["cost"] == "20"
    assert any(one.get("name") == "biennium" and "checked" in one for one in page.inputs)
    assert "No activity fits. Leave something out of your search." in page.text


def test_a_part_that_cannot_be_read_is_said_beside_its_field_and_the_rest_is_searched(shelf: Shelf) -> None:
    page = shelf.page(f"/activities?cost=cheap&area={CHEST}", status=422)
    assert [row["data-activity"] for row in page.rows("data-activity")] == ["A-2", "A-3"]
    [cost] = [one for one in page.inputs if one.get("name") == "cost"]
    assert (cost["value"], cost["aria-invalid"], cost["aria-describedby"]) == ("cheap", "true", "cost-problem")
    assert page.text.count("Write a number from 0, such as 25.") == 2


def test_a_search_with_more_than_a_page_has_pages_that_keep_the_filters(
    shelf: Shelf, db: Database, clock: Clock
) -> None:
    catalogue(db, clock, *(activity(f"B-{number:02d}", {DOSE: 0.25}, cost=1.0) for number in range(45)))
    seen = [code for page in (1, 2, 3) for code in shelf.codes(f"?text=B-&cost=5&page={page}")]
    assert seen == [f"B-{number:02d}" for number in range(45)]
    html = shelf.page("/activities?text=B-&cost=5&page=2").html
    base = f"{shelf.base}/activities"
    assert f'href="{base}?text=B-&amp;cost=5&amp;page=1"' in html
    assert f'href="{base}?text=B-&amp;cost=5&amp;page=3"' in html


def test_a_button_puts_an_activity_into_the_plan_and_leads_back_to_the_row(shelf: Shelf, db: Database) -> None:
    for choice, tag in (("in", "In your plan"), ("out", "Not this one")):
        page = shelf.page("/activities?text=thin")
        fields = dict(page.fields_of(f"{shelf.base}/plan"))
        assert fields == {"activity": "A-1", "back": f"{shelf.base}/activities?text=thin#a-A-1"}
        response = shelf.browser.post(f"{shelf.base}/plan", data={**fields, "choice": choice})
        assert (response.status_code, response.headers["Location"]) == (303, fields["back"])
        page = shelf.page("/activities?text=thin")
        assert page.rows("data-choice")[0]["data-choice"] == choice
        assert tag in page.text
        shelf.browser.post(f"{shelf.base}/plan", data={**fields, "choice": ""})
    assert shelf.page("/activities?text=thin").rows("data-choice")[0]["data-choice"] == ""


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/signin", "/candidate/credentials/99/ce/x"]
)
def test_a_button_leads_nowhere_else(shelf: Shelf, back: str) -> None:
    response = shelf.browser.post(f"{shelf.base}/plan", data={"activity": "A-1", "choice": "in", "back": back})
    assert (response.status_code, response.headers["Location"]) == (303, f"{shelf.base}/plan")


def test_the_page_of_an_activity_says_what_it_fills_area_by_area(shelf: Shelf, db: Database, clock: Clock) -> None:
    page = shelf.page("/activities/A-2")
    assert "4 CE credits; 2.5 of them count here:" in page.text
    for said in ("Radiation Safety and Dose", "2.00", "0.50", "Cedar Course Approval", "3 h 20 min", "12.50"):
        assert said in page.text, said
    report = f"{shelf.base}/claims/new?activity=A-2"
    assert [one["href"] for _, one in page.elements if one.get("href", "").endswith("activity=A-2")] == [report]
    other = shelf.page("/activities/A-4")
    assert "2.5 CE credits; none of them count for what is open here." in other.text
    assert "nothing is open" in other.text
    over = shelf.page("/activities/A-5")
    assert "The dates of this activity are over. If you finished it, you can still report it." in over.text
    assert "I have this one" not in over.text
    catalogue(
        db, clock, activity("C-1", {DOSE: 1.0}, url="https://c.example.org/1", credits=3.0, starts_on=day(2028, 5, 19))
    )
    late = shelf.page("/activities/C-1")
    assert "Report it as finished" not in late.text
    assert "C-1" not in shelf.codes()
    assert "begins after the last day on which you can submit a claim, 18 May 2028." in late.text
    assert ("a", {"href": "https://c.example.org/1", "rel": "noopener noreferrer"}) in late.elements


@pytest.mark.parametrize("path", ["/activities", "/activities/A-1", "/plan"])
def test_after_the_last_day_it_is_said_that_nothing_can_be_reported(
    shelf: Shelf, db: Database, clock: Clock, path: str
) -> None:
    def shown(on: dt.date) -> tuple[bool, bool, bool]:
        shelf.go_to(db, clock, on)
        page = shelf.page(path)
        return CLOSED in page.text, "Report it as finished" in page.text, f"{shelf.base}/claims/new" in page.html

    assert shown(day(2028, 5, 18)) == (False, True, True)
    for on in (day(2028, 5, 19), day(2028, 6, 1)):
        assert shown(on) == (True, False, False)
    assert shown(day(2028, 6, 2)) == (False, True, True)


def test_after_the_last_day_no_page_says_that_a_report_is_still_possible(
    shelf: Shelf, db: Database, clock: Clock
) -> None:
    shelf.go_to(db, clock, day(2028, 5, 25))
    over = shelf.page("/activities/A-5").text
    assert ("The dates of this activity are over." in over, "you can still report it" in over) == (True, False)
    with db.write() as connection:
        codes = ("A-1", "A-2", "A-3")
        activities.withdraw(
            connection, [one.id for one in activities.everything(connection) if one.code in codes], clock()
        )
    withdrawn = shelf.page("/activities/A-1").text
    assert "This activity is offered no longer." in withdrawn
    assert "you can still report it" not in withdrawn
    nothing = shelf.page().text
    assert "No activity of the catalogue fills what is open." in nothing
    assert "you can report it all the same" not in nothing


def test_one_that_was_reported_counts_once_and_leads_to_its_claim(
    shelf: Shelf, db: Database, clock: Clock, library: Library, tmp_path: Path
) -> None:
    with db.read() as connection:
        reported = activities.by_code(connection, "A-1")
    assert reported is not None
    desk = Desk(db, Banks(db, library), CertificateFiles(tmp_path), clock, shelf.someone, shelf.attempt)
    claim = desk.report(reported)
    page = shelf.page("/activities/A-1")
    assert "You have reported this activity. It counts once." in page.text
    assert "Radiation Safety and Dose : 0.5 credits" in page.text
    assert [
        said for said in ("count here", "counts here", "Fill what is open", "Open after it") if said in page.text
    ] == []
    assert f"{shelf.base}/claims/{claim.id}" in [one.get("href") for _, one in page.elements]
    assert "Report it as finished" not in page.text
    row = shelf.page("/activities?text=thin").text
    assert "2.5 CE credits; you have reported it, and it counts once." in row
    assert "count here" not in row


def test_an_activity_that_is_not_there_is_said_so(shelf: Shelf) -> None:
    assert "There is no activity with this code in the catalogue." in shelf.page("/activities/A-99", status=404).text


def test_without_a_prescription_the_way_leads_to_the_prescription_page(
    db: Database, clock: Clock, shelf: Shelf
) -> None:
    other = add_someone(db, "second@test.example", clock=clock)
    with db.write() as connection:
        from ssa_engine.storage.people import insert_credential

        credential = insert_credential(
            connection, person_id=shelf.someone.id, discipline="RAD", earned_on=day(2018, 6, 1)
        )
    base, before = f"/candidate/credentials/{credential}/ce", snapshot(db)
    for path in ("/activities", "/activities/A-1", "/plan"):
        response = shelf.browser.get(base + path)
        assert (response.status_code, response.headers["Location"]) == (302, base)
        theirs = shelf.browser.get(f"/candidate/credentials/{other.credential_id}/ce{path}")
        assert theirs.status_code == 404
    assert snapshot(db) == before


def test_an_empty_catalogue_says_what_to_do(
    db: Database, library: Library, clock: Clock, published: None, browser: FlaskClient, candidate: Someone
) -> None:
    prescribe(db, library, clock, candidate, {DOSE: 2.0})
    page = Shelf(browser, candidate, 0).page()
    assert "If you find one elsewhere, you can report it all the same." in page.text
