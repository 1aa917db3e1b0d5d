"""The result page, beside numbers computed here from the answers and the YAML alone."""

from __future__ import annotations

import csv
import io
import math
import random
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from flask.testing import FlaskClient

from ssa_engine.config import bundled
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import area_scores, prescription_areas, prescriptions, results
from tests.factories import Clock, Someone, add_someone, item_url, read, start_attempt


@cache
def items() -> dict[str, dict[str, Any]]:
    """Item id -> item with its area, from the YAML."""
    found = {}
    for path in (bundled("item_bank") / "ct").glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.update({item["id"]: {**item, "area": content["area"]} for item in content["items"]})
    return found


@cache
def spec() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((bundled("content_specs") / "ct.yaml").read_text(encoding="utf-8"))
    return content


def outline() -> dict[str, str]:
    """Area id -> name, in outline order."""
    return {area["id"]: area["name"] for category in spec()["categories"] for area in category["areas"]}


def expected(answers: dict[str, str]) -> dict[str, tuple[int, int, float, float]]:
    """Area -> (correct, items, standard, credits) by hand: bands of items short, then the cap by largest gap first."""
    policy, found = spec()["sample_policy"], {}
    right = Counter(
        items()[item]["area"]
        for item, answer in answers.items()
        if items()[item]["status"] == "active" and items()[item]["key"] == answer
    )
    short = {}
    for area in outline():
        of = spec()["blueprint"]["areas"][area]["scored"]
        needed = math.ceil(Fraction(str(policy["standards"][area])) * of)
        short[area] = max(0, needed - right[area])
    left = policy["credits"]["total_cap"]
    for area in sorted(
        outline(), key=lambda area: -short[area]
    ):  # all areas have ten items, so the gap is the shortage
        worth = [band["credits"] for band in policy["credits"]["bands"] if band["short"] <= short[area]]
        credits = min(worth[-1] if worth else 0, left)
        left -= credits
        of = spec()["blueprint"]["areas"][area]["scored"]
        found[area] = (right[area], of, policy["standards"][area], float(credits))
    return {area: found[area] for area in outline()}


def take(
    browser: FlaskClient, someone: Someone, choose: Callable[[str, list[str]], str | None]
) -> tuple[int, dict[str, str]]:
    """Take an assessment to its end; return the attempt and item -> answer."""
    attempt, answers = start_attempt(browser, someone), {}
    for position in range(1, 81):
        page = read(browser.get(item_url(attempt, position)))
        choice = choose(page.item_id, page.options)
        if choice is not None:
            browser.post(item_url(attempt, position), data={"token": page.token, "answer": choice, "go": "next"})
            answers[page.item_id] = choice
    assert browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"}).status_code == 303
    return attempt, answers


def shown(browser: FlaskClient, attempt: int) -> dict[str, tuple[int, int, float, float]]:
    page = read(browser.get(f"/candidate/attempts/{attempt}/result"))
    return {
        row["data-area"]: (
            int(row["data-correct"]),
            int(row["data-items"]),
            float(row["data-standard"]),
            float(row["data-credits"]),
        )
        for row in page.rows("data-area")
    }


def chance_of(right: dict[str, float], seed: int) -> Callable[[str, list[str]], str | None]:
    """Answer with the key as often as given for the item's area; leave some open."""
    chance = random.Random(seed)

    def choose(item_id: str, options: list[str]) -> str | None:
        item = items()[item_id]
        if chance.random() < 0.05:
            return None
        if chance.random() < right[item["area"]]:
            return str(item["key"])
        return chance.choice([option for option in options if option != item["key"]])

    return choose


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_page_shows_the_numbers_that_follow_from_the_answers(
    browser: FlaskClient, candidate: Someone, seed: int
) -> None:
    right = dict(zip(outline(), (0.95, 0.8, 0.65, 0.5, 0.35, 0.2, 0.7), strict=True))
    attempt, answers = take(browser, candidate, chance_of(right, seed))
    assert shown(browser, attempt) == expected(answers)
    assert list(shown(browser, attempt)) == list(outline())


def test_with_nothing_answered_the_cap_is_filled_in_outline_order(browser: FlaskClient, candidate: Someone) -> None:
    attempt, answers = take(browser, candidate, lambda *_: None)
    # Seven areas, each 7 short, each worth 6: 42 credits, held to 36, so nothing is left for the last area.
    assert [row[3] for row in shown(browser, attempt).values()] == [6, 6, 6, 6, 6, 6, 0]
    assert shown(browser, attempt) == expected(answers)
    text = read(browser.get(f"/candidate/attempts/{attempt}/result")).text
    assert "You have 7 content areas to strengthen, with 36 credits of continuing education" in text
    assert "0 of 10, standard 7, so 6 credits" in text


def test_with_every_key_nothing_is_prescribed(browser: FlaskClient, candidate: Someone, db: Database) -> None:
    attempt, answers = take(browser, candidate, lambda item_id, _: str(items()[item_id]["key"]))
    assert shown(browser, attempt) == dict.fromkeys(outline(), (10, 10, 0.7, 0.0)) == expected(answers)
    text = read(browser.get(f"/candidate/attempts/{attempt}/result")).text
    assert "Every content area is at or above its standard, so nothing is prescribed." in text
    assert read(browser.get("/candidate/")).rows("data-state")[0]["data-state"] == "complete"
    with db.read() as connection:
        assert connection.execute(sa.select(prescriptions)).all() == []


def test_pilot_items_do_not_count(browser: FlaskClient, candidate: Someone) -> None:
    def only_pilots(item_id: str, _: list[str]) -> str | None:
        return str(items()[item_id]["key"]) if items()[item_id]["status"] == "pilot" else None

    attempt, answers = take(browser, candidate, only_pilots)
    assert len(answers) == 10
    assert {row[0] for row in shown(browser, attempt).values()} == {0}


def test_page_rows_and_files_agree(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    attempt, answers = take(browser, candidate, chance_of(dict.fromkeys(outline(), 0.6), 7))
    on_page = shown(browser, attempt)
    with db.read() as connection:
        [result] = connection.execute(sa.select(results).where(results.c.attempt_id == attempt))
        scores = connection.execute(sa.select(area_scores).where(area_scores.c.result_id == result.id)).all()
        prescribed = connection.execute(sa.select(prescription_areas)).all()
    assert {row.content_area: (row.correct, row.items, row.standard, row.credits) for row in scores} == on_page
    assert {row.content_area: row.credits for row in prescribed} == {
        area: numbers[3] for area, numbers in on_page.items() if numbers[3]
    }
    reader = sign_in(add_someone(db, "psychometrician@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))

    def rows(name: str) -> list[dict[str, str]]:
        text = reader.get(f"/psychometrician/exports/{name}.csv").get_data(as_text=True)
        return list(csv.DictReader(io.StringIO(text)))

    assert {
        row["content_area"]: (int(row["correct"]), int(row["items"]), float(row["standard"]))
        for row in rows("area_scores")
    } == {area: numbers[:3] for area, numbers in on_page.items()}
    assert {row["content_area"]: float(row["credits"]) for row in rows("prescriptions")} == {
        area: numbers[3] for area, numbers in on_page.items() if numbers[3]
    }
    given = {row["item_id"]: row["answer"] for row in rows("responses") if row["answer"]}
    assert given == answers
    right = {row["item_id"] for row in rows("responses") if row["correct"] == "true"}
    assert right == {item for item, answer in answers.items() if items()[item]["key"] == answer}


def test_every_prescribed_area_says_why_in_a_sentence(browser: FlaskClient, candidate: Someone) -> None:
    attempt, _ = take(browser, candidate, chance_of(dict.fromkeys(outline(), 0.45), 11))
    text = read(browser.get(f"/candidate/attempts/{attempt}/result")).text
    for correct, of, _, credits in shown(browser, attempt).values():
        if credits:
            words = "1 credit" if credits == 1 else f"{credits:g} credits"
            assert f"{correct} of {of}, standard 7, so {words}" in text
    assert "by 1 June 2028" in text  # earned on 1 June 2018, ten years


def test_there_is_no_result_before_submission(browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    response = browser.get(f"/candidate/attempts/{attempt}/result")
    assert (response.status_code, response.headers["Location"]) == (302, f"/candidate/attempts/{attempt}/review")
