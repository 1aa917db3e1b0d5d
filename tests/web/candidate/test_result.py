"""The result page, beside numbers computed here from the answers and the YAML alone."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable, Iterable, Mapping

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item
from ssa_engine.core.people import Role
from ssa_engine.core.psychometrics.simulate import other_answers
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import area_scores, prescription_areas, prescriptions, results
from tests import by_hand
from tests.factories import Clock, Someone, add_someone, item_url, read, right, start_attempt, stored, values_of

Row = tuple[int, float, int, float, float]
"""What the page shows of an area: correct, points, items, standard, credits."""


def expected(form: Iterable[str], answers: Mapping[str, str | None]) -> dict[str, Row]:
    """Area -> what its row shows, by hand from the YAML."""
    policy, of = by_hand.spec()["sample_policy"], by_hand.areas_of(form)
    correct, points = by_hand.correct(answers), by_hand.points(answers)
    credits = by_hand.credits_of(points, of)
    return {
        area: (correct[area], round(float(points[area]), 4), of[area], policy["standards"][area], credits[area])
        for area in by_hand.outline()
    }


Choose = Callable[[Item], list[str] | None]


def take(browser: FlaskClient, someone: Someone, bank: ItemBank, choose: Choose) -> tuple[int, dict[str, str | None]]:
    """Take an assessment to its end; return the attempt and item -> answer as stored, None where there is none."""
    attempt, answers = start_attempt(browser, someone), {}
    for position in range(1, 81):
        page = read(browser.get(item_url(attempt, position)))
        choice = choose(bank.item(page.item_id))
        answers[page.item_id] = None if choice is None else stored(choice)
        if choice is not None:
            browser.post(item_url(attempt, position), data={"token": page.token, "answer": choice, "go": "next"})
    assert browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"}).status_code == 303
    return attempt, answers


def shown(browser: FlaskClient, attempt: int) -> dict[str, Row]:
    page = read(browser.get(f"/candidate/attempts/{attempt}/result"))
    return {
        row["data-area"]: (
            int(row["data-correct"]),
            float(row["data-points"]),
            int(row["data-items"]),
            float(row["data-standard"]),
            float(row["data-credits"]),
        )
        for row in page.rows("data-area")
    }


def chance_of(knows: dict[str, float], seed: int) -> Choose:
    """Answer with the key as often as given for the item's area; leave some open; else with something else."""
    chance = random.Random(seed)

    def choose(item: Item) -> list[str] | None:
        if chance.random() < 0.05:
            return None
        if chance.random() < knows[by_hand.items()[item.id]["area"]]:
            return right(item)
        return values_of(item, chance.choice(other_answers(item)))

    return choose


@pytest.fixture
def bank(library: Library) -> ItemBank:
    """The CT bank."""
    return library.bank("CT")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_page_shows_the_numbers_that_follow_from_the_answers(
    browser: FlaskClient, candidate: Someone, bank: ItemBank, seed: int
) -> None:
    knows = dict(zip(by_hand.outline(), (0.95, 0.8, 0.65, 0.5, 0.35, 0.2, 0.7), strict=True))
    attempt, answers = take(browser, candidate, bank, chance_of(knows, seed))
    assert shown(browser, attempt) == expected(answers, answers)
    assert list(shown(browser, attempt)) == list(by_hand.outline())


def test_with_nothing_answered_the_cap_is_filled_in_outline_order(
    browser: FlaskClient, candidate: Someone, bank: ItemBank
) -> None:
    attempt, answers = take(browser, candidate, bank, lambda _: None)
    # Seven areas, each 7 short, each worth 6: 42 credits, held to 36, so nothing is left for the last area.
    assert [row[4] for row in shown(browser, attempt).values()] == [6, 6, 6, 6, 6, 6, 0]
    assert shown(browser, attempt) == expected(answers, answers)
    text = read(browser.get(f"/candidate/attempts/{attempt}/result")).text
    lead = "You have 7 content areas to strengthen, with 36 credits of continuing education to earn and report by {}."
    assert lead.format("18 May 2028") in text, "two weeks before the window ends"
    assert "0 of 10, standard 7, so 6 credits" in text


@pytest.mark.parametrize(("day", "named"), [(dt.date(2028, 5, 18), True), (dt.date(2028, 5, 19), False)])
def test_only_an_assessment_taken_by_the_last_day_to_report_is_given_that_day(
    candidate: Someone,
    bank: ItemBank,
    clock: Clock,
    sign_in: Callable[[Someone], FlaskClient],
    day: dt.date,
    named: bool,
) -> None:
    clock.at = dt.datetime.combine(day, dt.time(18), dt.UTC)
    browser = sign_in(candidate)
    attempt, _ = take(browser, candidate, bank, lambda _: None)
    text = read(browser.get(f"/candidate/attempts/{attempt}/result")).text
    assert ("to earn and report by 18 May 2028." in text, "Report them by" in text) == (named, named)
    assert ("36 credits of continuing education to earn." in text) is not named


def test_with_every_key_nothing_is_prescribed(
    browser: FlaskClient, candidate: Someone, db: Database, bank: ItemBank
) -> None:
    attempt, answers = take(browser, candidate, bank, right)
    everything = dict.fromkeys(by_hand.outline(), (10, 10.0, 10, 0.7, 0.0))
    assert shown(browser, attempt) == everything == expected(answers, answers)
    text = read(browser.get(f"/candidate/attempts/{attempt}/result")).text
    assert "Every content area is at or above its standard, so nothing is prescribed." in text
    assert read(browser.get("/candidate/")).rows("data-state")[0]["data-state"] == "filled"  # the profile is open
    with db.read() as connection:
        assert connection.execute(sa.select(prescriptions)).all() == []


def test_pilot_items_do_not_count(browser: FlaskClient, candidate: Someone, bank: ItemBank) -> None:
    def only_pilots(item: Item) -> list[str] | None:
        return right(item) if by_hand.items()[item.id]["status"] == "pilot" else None

    attempt, answers = take(browser, candidate, bank, only_pilots)
    assert len([answer for answer in answers.values() if answer]) == 10
    assert {row[:2] for row in shown(browser, attempt).values()} == {(0, 0.0)}


def files_of(reader: FlaskClient) -> Callable[[str], list[dict[str, str]]]:
    """Give a way to read an exported file by its name."""

    def rows(name: str) -> list[dict[str, str]]:
        text = reader.get(f"/psychometrician/exports/{name}.csv").get_data(as_text=True)
        return list(csv.DictReader(io.StringIO(text)))

    return rows


def test_page_rows_and_files_agree(
    browser: FlaskClient,
    candidate: Someone,
    db: Database,
    clock: Clock,
    bank: ItemBank,
    sign_in: Callable[[Someone], FlaskClient],
) -> None:
    attempt, _ = take(browser, candidate, bank, chance_of(dict.fromkeys(by_hand.outline(), 0.6), 7))
    on_page = shown(browser, attempt)
    with db.read() as connection:
        [result] = connection.execute(sa.select(results).where(results.c.attempt_id == attempt))
        scores = connection.execute(sa.select(area_scores).where(area_scores.c.result_id == result.id)).all()
        prescribed = connection.execute(sa.select(prescription_areas)).all()
    assert {
        row.content_area: (row.correct, round(row.points, 4), row.items, row.standard, row.credits) for row in scores
    } == on_page
    assert {row.content_area: row.credits for row in prescribed} == {
        area: numbers[4] for area, numbers in on_page.items() if numbers[4]
    }
    rows = files_of(sign_in(add_someone(db, "psychometrician@test.example", clock=clock, role=Role.PSYCHOMETRICIAN)))
    assert {
        row["content_area"]: (
            int(row["correct"]),
            round(float(row["points"]), 4),
            int(row["items"]),
            float(row["standard"]),
        )
        for row in rows("area_scores")
    } == {area: numbers[:4] for area, numbers in on_page.items()}
    assert {row["content_area"]: float(row["credits"]) for row in rows("prescriptions")} == {
        area: numbers[4] for area, numbers in on_page.items() if numbers[4]
    }


def test_answers_marks_and_points_in_the_files_are_those_given(
    browser: FlaskClient,
    candidate: Someone,
    db: Database,
    clock: Clock,
    bank: ItemBank,
    sign_in: Callable[[Someone], FlaskClient],
) -> None:
    _, answers = take(browser, candidate, bank, chance_of(dict.fromkeys(by_hand.outline(), 0.6), 8))
    rows = files_of(sign_in(add_someone(db, "psychometrician@test.example", clock=clock, role=Role.PSYCHOMETRICIAN)))
    given = {row["item_id"]: row["answer"] or None for row in rows("responses")}
    assert given == answers
    earned = {item: by_hand.earned(by_hand.items()[item], answer) for item, answer in answers.items()}
    marked = {row["item_id"]: row["correct"] == "true" for row in rows("responses")}
    assert marked == {item: own == 1 for item, own in earned.items()}
    assert {row["item_id"]: float(row["credit"]) for row in rows("responses")} == pytest.approx(
        {item: float(own) for item, own in earned.items()}
    )


def test_every_prescribed_area_says_why_in_a_sentence(browser: FlaskClient, candidate: Someone, bank: ItemBank) -> None:
    attempt, _ = take(browser, candidate, bank, chance_of(dict.fromkeys(by_hand.outline(), 0.45), 11))
    text = read(browser.get(f"/candidate/attempts/{attempt}/result")).text
    for _, points, of, _, credits in shown(browser, attempt).values():
        if credits:
            words = "1 credit" if credits == 1 else f"{credits:g} credits"
            assert f"{round(points, 2):g} of {of}, standard 7, so {words}" in text
    assert "by 18 May 2028" in text  # earned on 1 June 2018, ten years, and two weeks for the review


def test_there_is_no_result_before_submission(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    response = browser.get(f"/candidate/attempts/{attempt}/result")
    assert (response.status_code, response.headers["Location"]) == (302, f"/candidate/attempts/{attempt}/review")
