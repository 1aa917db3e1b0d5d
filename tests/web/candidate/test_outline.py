"""The outline page: all of it, a search with and without scripts, and nobody else's credential."""

from __future__ import annotations

from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.storage.db import Database
from ssa_engine.web.candidate.outline import marked
from tests.factories import Clock, Someone, add_someone, read


def url(someone: Someone, words: str = "") -> str:
    return f"/candidate/credentials/{someone.credential_id}/outline" + (f"?q={words}" if words else "")


def test_it_shows_every_area_with_its_questions_and_every_topic(
    browser: FlaskClient, candidate: Someone, library: Library
) -> None:
    page, spec = read(browser.get(url(candidate))), library.spec("CT")
    counts = {area: one.scored + one.pilot for area, one in spec.blueprint.areas.items()}
    assert {row["data-area"]: int(row["data-questions"]) for row in page.rows("data-questions")} == counts
    assert "80 questions in all" in page.text
    names = [topic.name for area in spec.areas for topic in area.topics]
    names += [one.name for area in spec.areas for topic in area.topics for one in topic.subtopics]
    assert [name for name in names if name not in page.text] == []
    assert "pilot" not in page.text.lower()


def test_a_search_works_without_scripts_and_marks_what_it_found(browser: FlaskClient, candidate: Someone) -> None:
    page = read(browser.get(url(candidate, "EMBOLISM")))
    assert "1 place found for “EMBOLISM”." in page.text
    assert [row["data-area"] for row in page.rows("data-questions")] == ["patient-interactions-and-management"]
    assert "Extravasation and air <mark>embolism</mark>" in page.html
    nothing = read(browser.get(url(candidate, "zebra")))
    assert "Nothing found for “zebra”." in nothing.text
    assert nothing.rows("data-questions") == []


def test_htmx_gets_the_outline_alone(browser: FlaskClient, candidate: Someone) -> None:
    text = browser.get(url(candidate, "chest"), headers={"HX-Request": "true"}).get_data(as_text=True)
    assert text.startswith('<div id="outline"')
    assert "<html" not in text


def test_what_is_typed_stays_text(browser: FlaskClient, candidate: Someone) -> None:
    page = read(browser.get(url(candidate, "%3Cb%3E%26%27%22")))
    assert "<b>" not in page.html
    assert "Nothing found for “<b>&'\"”." in page.text
    assert browser.get(url(candidate, "x" * 5000)).status_code == 200


def test_a_credential_without_a_time_limit_has_its_outline_too(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock
) -> None:
    other = add_someone(db, "other@test.example", clock=clock)
    response = browser.get(url(other))
    assert response.status_code == 404
    assert "There is no such credential of yours." in read(response).text


def test_marks_follow_the_letters_as_they_are_written() -> None:
    assert marked("Señal & señal", words=["senal"]) == "<mark>Señal</mark> &amp; <mark>señal</mark>"
    assert marked("Straße", words=["strasse"]) == "<mark>Straße</mark>"
    assert marked("abc", words=["b", "bc"]) == "a<mark>bc</mark>"
    assert marked("a < b", words=[]) == "a &lt; b"
