"""The list of content areas and the page of one: what they show is what their files say and what the core computes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions.areas import SEED
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.exports import marked_responses
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.core.policies import DecisionRule, Policy
from ssa_engine.core.psychometrics.review.area_review import more_items_table, review_areas
from ssa_engine.storage.db import Database
from tests.factories import Clock, Someone, add_someone, read
from tests.web.psychometrician.reviews import agree, counted, csv_rows, reader, shown

LIST = "/psychometrician/CT/areas"
ONE = f"{LIST}/radiation-safety-and-dose"


@pytest.fixture
def published() -> None:
    """Nothing: the demo comes with its policies."""


@pytest.fixture
def console(db: Database, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser on a cohort."""
    return reader(db, library, clock, sign_in, 40)


def test_tables_and_files_say_the_same_to_the_last_digit(console: FlaskClient) -> None:
    page = read(console.get(LIST))
    areas = csv_rows(console, f"{LIST}/areas.csv")
    assert [row["area_name"] for row in areas][:2] == [
        "Patient Interactions and Management",
        "Radiation Safety and Dose",
    ]
    for table in ("areas-table", "worth-table", "decisions-table"):
        assert agree(page, table, areas) > 0
    assert agree(page, "more-items-table", csv_rows(console, f"{LIST}/more_items.csv")) > 0
    assert agree(page, "information-table", csv_rows(console, f"{LIST}/information.csv")) > 0
    assert agree(page, "correlations-table", csv_rows(console, f"{LIST}/correlations.csv")) == 49
    assert console.get(f"{LIST}/nothing.csv").status_code == 404


def test_figures_are_those_of_the_core_with_the_standards_in_force(
    console: FlaskClient, db: Database, library: Library
) -> None:
    with db.read() as connection:
        marked = marked_responses(connection, Banks(db, library), "CT")
    standards = library.spec("CT").sample_policy.standards
    expected = review_areas(marked, standards, seed=SEED).set_index("content_area")
    for row in csv_rows(console, f"{LIST}/areas.csv"):
        own: Any = expected.loc[row["content_area"]]
        for name in ("alpha", "alpha_low", "sem", "csem", "prmse_x", "kappa", "needless_ce", "missed_need_high"):
            assert float(row[name]) == pytest.approx(own[name], rel=1e-12), name
        assert float(row["standard"]) == 0.7
    longer = more_items_table(marked, standards).set_index(["content_area", "more_items"])
    for row in csv_rows(console, f"{LIST}/more_items.csv"):
        own = longer.loc[(row["content_area"], int(row["more_items"]))]
        assert float(row["consistency"]) == pytest.approx(own["consistency"], rel=1e-12)


def test_every_table_of_an_areas_page_is_its_file(console: FlaskClient) -> None:
    page = read(console.get(ONE))
    assert "Standard 0.70, policy version 1" in page.text
    tables = {
        "scores": "scores-table",
        "sensitivity": "sensitivity-table",
        "more_items": "more-items-table",
        "held_out": "held-out-table",
    }
    for name, table in tables.items():
        assert agree(page, table, csv_rows(console, f"{ONE}/{name}.csv")) > 0, name
    listed = next(
        row for row in csv_rows(console, f"{LIST}/areas.csv") if row["content_area"] == "radiation-safety-and-dose"
    )
    figures = {
        found["data-name"]: found["data-value"] for tag, found in page.elements if tag == "dd" and "data-name" in found
    }
    assert len(figures) > 20
    assert {name: listed[name] for name in figures} == figures
    scores = csv_rows(console, f"{ONE}/scores.csv")
    assert sum(int(row["attempts"]) for row in scores) == int(listed["attempts"])
    assert console.get(f"{ONE}/nothing.csv").status_code == 404
    assert console.get(f"{LIST}/none").status_code == 404


def put_in_force(db: Database, library: Library, clock: Clock, **changes: Any) -> Policy:
    """Publish the sample policy with changes."""
    spec = library.spec("CT")
    policy = Policy.model_validate(spec.sample_policy.model_dump() | changes)
    publish(db, spec, policy, expected_version=1, reason="test", who="test", now=clock())
    return policy


def test_where_another_rule_decides_than_the_raw_score_the_figures_of_decisions_say_so(
    console: FlaskClient, db: Database, library: Library, clock: Clock
) -> None:
    sentence = "another rule, expected loss: the figures of decisions here are as if each area were decided by its raw"
    assert [sentence in read(console.get(url)).text for url in (LIST, ONE)] == [False, False]
    put_in_force(db, library, clock, decision=DecisionRule(rule="expected_loss").model_dump())
    for url in (LIST, ONE):
        page = read(console.get(url))
        assert sentence in page.text
        assert '<a href="/psychometrician/CT/policy">Policy and tuning</a>' in page.html


def test_bars_of_scores_that_do_not_meet_the_standard_are_the_hollow_ones(
    console: FlaskClient, db: Database, library: Library, clock: Clock
) -> None:
    standards = dict.fromkeys(library.spec("CT").sample_policy.standards, 0.65)
    put_in_force(db, library, clock, standards=standards)
    page = read(console.get(ONE))
    drawn = page.html.split('id="scores"')[1].split("</svg>")[0]
    bars = re.findall(r'<rect class="chart-bar( below)?"[^>]*><title>(\d+): ', drawn)
    hollow, solid = ([int(correct) for below, correct in bars if bool(below) is wanted] for wanted in (True, False))
    assert max(hollow) <= 6, "of 10 items 6 do not meet .65"
    assert 6 in hollow
    assert min(solid) == 7
    assert "<title>standard: 7</title>" in drawn


@pytest.mark.parametrize("cohort", [0, 1])
def test_with_few_sittings_the_pages_say_so_in_sentences(
    db: Database, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient], cohort: int
) -> None:
    browser = reader(db, library, clock, sign_in, cohort)  # two demo people have sat as well
    page = read(browser.get(LIST))
    assert len(shown(page, "areas-table")) == 7
    assert "read with care" in page.text
    assert browser.get(ONE).status_code == 200


def test_without_any_sitting_or_policy_there_are_sentences_in_place_of_figures(
    db: Database, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    browser = sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))
    page = read(browser.get(LIST))
    assert "No submitted sitting yet. The figures appear with the first ones." in page.text
    assert "No policy is in force, so nothing is said of decisions." in page.text
    assert csv_rows(browser, f"{LIST}/areas.csv") == []
    assert "No standard is in force" in read(browser.get(ONE)).text
    assert csv_rows(browser, f"{ONE}/scores.csv") == []
    assert browser.get("/psychometrician/RAD/areas").status_code == 404


def test_a_second_look_reads_the_stamp_and_the_policy_alone(console: FlaskClient, app: Flask, db: Database) -> None:
    own: Database = app.extensions["ssa_engine"].db
    console.get(LIST)
    for url in (LIST, ONE):
        with counted(own) as statements:
            assert console.get(url).status_code == 200
        assert len(statements) <= 4, statements
        assert not [statement for statement in statements if "form_items" in statement]
