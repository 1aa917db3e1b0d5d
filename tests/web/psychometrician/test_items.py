"""The list of items and the page of one: what they show is what their files say and what the core computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions import item_pages, items
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.exports import marked_responses
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.core.psychometrics.classical.item_statistics import item_statistics, upper_lower_discrimination
from ssa_engine.core.psychometrics.review.item_flags import FlagThresholds
from ssa_engine.storage import cohort_reads
from ssa_engine.storage.db import Database
from ssa_engine.storage.sitting_tables import comments
from ssa_engine.storage.tables import attempts, bank_versions, forms
from tests.factories import Clock, Someone, add_someone, read, start_attempt
from tests.web.psychometrician.reviews import agree, counted, csv_rows, in_groups, reader, shown

COHORT = 34
LIST = "/psychometrician/CT/items"
ONE = f"{LIST}/ct-dose-001"
TABLES = {
    "options": "options-table",
    "traces": "traces-table",
    "curve": "curve-table",
    "periods": "periods-table",
    "versions": "versions-table",
    "times": "times-table",
    "dif": "dif-table",
}


@pytest.fixture
def published() -> None:
    """Nothing: the demo comes with its policies."""


@pytest.fixture
def console(db: Database, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser on a cohort in two groups, with comments on one item."""
    browser = reader(db, library, clock, sign_in, COHORT)
    in_groups(db)
    return browser


def ids(browser: FlaskClient, query: str = "") -> list[str]:
    return [row["data-item"] for row in read(browser.get(f"{LIST}{query}")).rows("data-item")]


def test_the_list_and_its_file_say_the_same_to_the_last_digit_and_what_the_core_computes(
    console: FlaskClient, db: Database, library: Library
) -> None:
    page, file = read(console.get(f"{LIST}?grouping=shift")), csv_rows(console, f"{LIST}.csv?grouping=shift")
    assert agree(page, "items", file) == 172 * 25
    assert [row["item_id"] for row in file] == [row["data-item"] for row in page.rows("data-item")]
    with db.read() as connection:
        marked = marked_responses(connection, Banks(db, library), "CT")
    classical, upper_lower = item_statistics(marked), upper_lower_discrimination(marked)
    known = {row["item_id"]: row for row in file if int(row["n"])}
    assert set(known) == set(classical.index)
    for item, row in known.items():
        own: Any = classical.loc[item]
        assert (int(row["n"]), float(row["p_value"])) == (own["n"], own["p_value"])
        assert float(row["discrimination_upper_lower"] or "nan") == pytest.approx(upper_lower[item], abs=0, nan_ok=True)
    assert {row["ets_class"] for row in known.values()} >= {"A"}
    assert "compares night (focal) with day (reference)" in page.text
    assert {row["drift_n_before"] for row in file} != {""}


def test_a_view_is_a_link_that_filters_and_sorts_and_its_file_is_what_it_shows(
    console: FlaskClient, library: Library
) -> None:
    bank = library.bank("CT")
    own = [item.id for item in bank.items if bank.area_of(item) == "radiation-safety-and-dose"]
    assert ids(console, "?area=radiation-safety-and-dose") == sorted(own)
    assert ids(console, "?status=pilot") == sorted(item.id for item in bank.items if item.status == "pilot")
    assert ids(console, "?format=sorted") == sorted(item.id for item in bank.items if item.format == "sorted")
    topic = bank.item("ct-dose-001").topic
    assert ids(console, f"?topic={topic}") == sorted(item.id for item in bank.items if item.topic == topic)
    assert ids(console, "?q=Bow-Tie+ct-form-001") == ["ct-form-001"]
    query = "?area=radiation-safety-and-dose&sort=p_value&order=down"
    page, file = read(console.get(f"{LIST}{query}")), csv_rows(console, f"{LIST}.csv{query}")
    agree(page, "items", file)
    known = [float(row["p_value"]) for row in file if row["p_value"]]
    assert known == sorted(known, reverse=True)
    assert [row["p_value"] for row in file[len(known) :]] == [""] * (len(file) - len(known))
    assert f"{LIST}.csv{query}".replace("&", "&amp;") in page.html
    assert ids(console, "?q=no+such+words") == []
    assert "No item is like that" in read(console.get(f"{LIST}?q=no+such+words")).text


def test_flags_are_counted_filtered_and_explained_with_their_thresholds(
    console: FlaskClient, db: Database, library: Library
) -> None:
    page, file = read(console.get(LIST)), csv_rows(console, f"{LIST}.csv")
    raised = {row["item_id"]: row["flags"].split() for row in file}
    assert raised["ct-dose-001"][-1] == "comments"
    hard = [row["item_id"] for row in file if int(row["n"]) >= 30 and float(row["p_value"] or 1) < 0.3]
    assert [item for item, own in raised.items() if "hard" in own] == hard
    assert ids(console, "?flag=comments") == ["ct-dose-001"]
    assert ids(console, "?flag=any") == [item for item, own in raised.items() if own]
    assert "many comments 1" in page.text
    assert "The proportion correct is below 0.3." in page.text
    assert "need 30 attempts" in page.text
    strict = FlagThresholds(hardest=0.5, least_attempts=1)
    found = items.review(db, Banks(db, library), library.spec("CT"), items.ItemQuery(flag="hard"), strict)
    assert {row["item_id"] for row in found.table.rows} == {
        row["item_id"] for row in file if row["p_value"] and float(row["p_value"]) < 0.5
    }


def test_comments_are_those_of_the_versions_looked_at(console: FlaskClient, db: Database, library: Library) -> None:
    with db.write() as connection:
        said = sa.select(comments.c.attempt_id).where(comments.c.item_id == "ct-dose-001").limit(1)
        form = connection.execute(sa.select(attempts.c.form_id).where(attempts.c.id.in_(said))).scalar_one()
        today = connection.execute(sa.select(bank_versions).where(bank_versions.c.discipline == "CT")).mappings().one()
        connection.execute(bank_versions.insert().values(dict(today) | {"version": "older"}))
        connection.execute(forms.update().where(forms.c.id == form).values(bank_version="older"))
        found = {
            version: cohort_reads.comment_counts(connection, "CT", version)
            for version in (library.bank("CT").version, "older", None)
        }
    assert found == {
        library.bank("CT").version: {"ct-dose-001": 2},
        "older": {"ct-dose-001": 1},
        None: {"ct-dose-001": 3},
    }
    for versions, count in (("today", 2), ("all", 3)):
        query = items.ItemQuery(text="ct-dose-001", versions=versions)
        [row] = items.review(db, Banks(db, library), library.spec("CT"), query).table.rows
        assert row["comments"] == count, versions


def test_every_table_of_an_items_page_is_its_file(console: FlaskClient) -> None:
    page = read(console.get(f"{ONE}?grouping=shift"))
    for name, table in TABLES.items():
        assert agree(page, table, csv_rows(console, f"{ONE}/{name}.csv?grouping=shift")) > 0, name
    figures = {
        found["data-name"]: found["data-value"] for tag, found in page.elements if tag == "dd" and "data-name" in found
    }
    listed = next(row for row in csv_rows(console, f"{LIST}.csv?grouping=shift") if row["item_id"] == "ct-dose-001")
    assert figures.pop("forms") == csv_rows(console, f"{ONE}/figures.csv?grouping=shift")[0]["forms"]
    assert {name: listed[name] for name in figures} == figures
    options = csv_rows(console, f"{ONE}/options.csv")
    assert sum(int(row["n"]) for row in options) == int(listed["n"])
    counts = csv_rows(console, f"{ONE}/time_counts.csv")
    assert sum(int(row["n"]) for row in counts) == sum(int(row["n"]) for row in options if row["kind"] != "omitted")
    assert sum(int(row["n"]) for row in csv_rows(console, f"{ONE}/periods.csv")) == int(listed["n"])
    assert console.get(f"{ONE}/nothing.csv").status_code == 404
    assert console.get(f"{LIST}/none").status_code == 404


def test_an_items_page_shows_it_as_the_candidate_sees_it_with_key_comments_and_enemies(
    console: FlaskClient, library: Library
) -> None:
    bank = library.bank("CT")
    page = read(console.get(ONE))
    assert [found["data-item"] for tag, found in page.elements if tag == "section" and "data-item" in found] == [
        "ct-dose-001"
    ]
    assert page.text.count("Unclear") == 3
    assert all(
        button.get("disabled") is not None for tag, button in page.elements if tag == "button" and "name" in button
    )
    rationale = " ".join(bank.item("ct-dose-001").rationale.replace("*", "").split())[:40]
    assert rationale in page.text
    with_enemy = next(item for item in bank.items if bank.enemies.get(item.id))
    text = read(console.get(f"{LIST}/{with_enemy.id}")).html
    assert all(f"{LIST}/{enemy}" in text for enemy in bank.enemies[with_enemy.id])


def test_a_curve_of_the_model_is_drawn_where_the_bank_has_parameters(
    console: FlaskClient, db: Database, library: Library
) -> None:
    assert csv_rows(console, f"{ONE}/model.csv") == []
    assert "no model’s curve is drawn" in read(console.get(ONE)).text
    bank = library.bank("CT")
    known = {"a": 1.0, "b": -1.0}
    calibrated = bank.model_copy(
        update={
            "items": tuple(
                one.model_copy(update={"statistics": one.statistics.model_copy(update=known)}) for one in bank.items
            )
        }
    )
    for name in ("version", "by_id"):
        calibrated.__dict__.pop(name, None)
    own = Library(library.specs, {**library.banks, "CT": calibrated}, library.media, library.practice)
    banks = Banks(db, own)
    query = items.ItemQuery(versions=items.ALL)
    page = item_pages.item_page(db, banks, library.spec("CT"), "ct-dose-001", query)
    assert page.along == "theta"
    assert len(page.tables["model"].rows) == 81
    assert page.figures["infit"] is not None
    assert page.tables["curve"].rows[0]["mean"] < page.tables["curve"].rows[-1]["mean"]
    today = item_pages.item_page(db, banks, library.spec("CT"), "ct-dose-001", items.ItemQuery())
    assert today.figures["n"] == 0
    assert [row["bank_version"] for row in today.tables["versions"].rows] == [bank.version]


@pytest.mark.parametrize("query", ["split=soon", "sort=nothing", "versions=old", "q=" + "x" * 101])
def test_what_cannot_be_asked_for_is_a_sentence(
    db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient], query: str
) -> None:
    browser = sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))
    response = browser.get(f"{LIST}?{query}")
    assert response.status_code == 422
    assert "Something to mend" in read(response).text


def test_a_split_without_an_earlier_period_is_told_and_the_rest_is_shown(console: FlaskClient) -> None:
    page = read(console.get(f"{LIST}?split=2001-01-01"))
    assert "A period has no responses" in page.text
    assert len(shown(page, "items")) == 172
    assert {row["drift_z"] for row in shown(page, "items")} == {""}


@pytest.mark.parametrize("cohort", [0, 1])
def test_with_no_sitting_or_few_every_page_is_there(
    db: Database, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient], cohort: int
) -> None:
    browser = reader(db, library, clock, sign_in, cohort)
    page = read(browser.get(LIST))
    assert len(page.rows("data-item")) == 172
    assert {row["flags"] for row in csv_rows(browser, f"{LIST}.csv")} == {""}
    for item in ("ct-dose-001", "ct-form-001"):
        assert browser.get(f"{LIST}/{item}").status_code == 200
    assert browser.get("/psychometrician/RAD/items").status_code == 404


def test_the_queries_of_a_page_do_not_grow_with_the_cohort_and_a_second_look_reads_no_response(
    db: Database, app: Flask, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    browser = reader(db, library, clock, sign_in, 3)
    own: Database = app.extensions["ssa_engine"].db
    cold: list[int] = []
    warm: list[int] = []
    for number in range(3):
        with counted(own) as first:
            assert browser.get(LIST).status_code == 200
        cold.append(len(first))
        for url in (LIST, ONE):
            with counted(own) as again:
                assert browser.get(url).status_code == 200
            warm.append(len(again))
            assert not [statement for statement in again if "form_items" in statement]
        candidate = add_someone(db, f"more{number}@test.example", clock=clock)
        theirs = sign_in(candidate)
        attempt = start_attempt(theirs, candidate)
        theirs.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
    assert cold[0] == cold[1] == cold[2]
    assert warm[:2] == warm[2:4] == warm[4:]
    assert max(warm) < min(cold) <= 14
    assert int(csv_rows(browser, f"{LIST}.csv?sort=n&order=down")[0]["n"]) <= 3 + 2 + 3
