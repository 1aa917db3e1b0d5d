"""Tuning in the console: the page, its CSV and the core say the same; links hold all state; bad input is a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from jinja2 import BytecodeCache

from ssa_engine.actions.banks import Banks
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.core.prescriptions import prescribe
from ssa_engine.core.scoring import area_frame
from ssa_engine.core.tuning.cohort import cohort_of
from ssa_engine.core.tuning.consequences import consequences
from ssa_engine.storage import frames
from ssa_engine.storage.db import Database
from ssa_engine.storage.upgrade import upgrade
from tests.demos import build
from tests.factories import Clock, add_someone, read, session_of
from tests.web.psychometrician.reviews import csv_rows, table
from tests.web.psychometrician.tuning import MOVED, POLICY, moved

COHORT = 20
TABLES = ("areas", "bands", "totals", "changes", "errors", "borderline", "curves", "groups")


@pytest.fixture
def published(db: Database, library: Library, clock: Clock) -> None:
    """A small cohort with published policies, in the place of policies alone."""
    build(db, Banks(db, library), cohort=COHORT, seed=5, now=clock())


def scores_of(db: Database) -> pd.DataFrame:
    with db.read() as connection:
        return frames.area_score_frame(connection, "CT")


def test_what_the_page_shows_the_csv_says_to_the_last_digit(console: FlaskClient, draft: str) -> None:
    page = read(console.get(draft, query_string=MOVED))
    for name in TABLES:
        shown, file = table(page, name), csv_rows(console, f"{draft}/{name}.csv", MOVED)
        assert len(shown) == len(file) > 0, name
        for ours, theirs in zip(shown, file, strict=True):
            values = list(theirs.values())
            assert [one for one in ours if one not in values] == [], name
            assert len(ours) >= min(len(values), 5), name


def test_the_figures_are_those_of_the_core(console: FlaskClient, draft: str, db: Database, library: Library) -> None:
    spec = library.spec("CT")
    found = consequences(cohort_of(scores_of(db), tuple(spec.area_names)), moved(library), in_force=spec.sample_policy)
    for name in ("summary", "areas", "errors", "totals", "borderline", "curves"):
        expected = getattr(found, name)
        rows = csv_rows(console, f"{draft}/{name}.csv", MOVED)
        assert list(rows[0]) == [str(column) for column in expected.columns]
        for row, theirs in zip(rows, expected.to_dict("records"), strict=True):
            for column, value in theirs.items():
                if isinstance(value, str):
                    assert row[str(column)] == value
                elif pd.isna(value):
                    assert row[str(column)] == ""
                else:
                    assert float(row[str(column)]) == pytest.approx(value, abs=1e-12), (name, column)


def test_credits_after_are_what_prescribe_gives_each_sitting(
    console: FlaskClient, draft: str, db: Database, library: Library
) -> None:
    policy, scores = moved(library), scores_of(db)
    rescored = area_frame(
        attempt_id=scores["attempt_id"].to_numpy(),
        content_area=pd.Categorical(scores["content_area"], categories=list(policy.standards)),
        items=scores["items"].to_numpy(),
        correct=scores["correct"].to_numpy(),
        points=scores["points"].to_numpy(dtype=float),
        standard=np.array([policy.standards[area] for area in scores["content_area"]]),
        prior=policy.true_score_prior,
    )
    after = prescribe(rescored, policy).groupby("attempt_id")["credits"].sum()
    before = scores.groupby("attempt_id")["credits"].sum()
    rows = csv_rows(console, f"{draft}/changes.csv", MOVED)
    expected = {
        attempt: (before[attempt], after[attempt]) for attempt in after.index if before[attempt] != after[attempt]
    }
    assert {row["attempt_id"]: (float(row["credits_before"]), float(row["credits_after"])) for row in rows} == expected
    sizes = [abs(float(row["change"])) for row in rows]
    assert sizes == sorted(sizes, reverse=True)


def test_htmx_gets_the_consequences_alone(console: FlaskClient, draft: str) -> None:
    whole = console.get(draft, query_string=MOVED).get_data(as_text=True)
    part = console.get(draft, query_string=MOVED, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.strip().startswith('<div id="consequences"')
    assert "<form" not in part
    assert re.findall(r'data-value="[^"]*"', part) == re.findall(r'data-value="[^"]*"', whole)


def test_a_link_holds_all_controls(console: FlaskClient, draft: str) -> None:
    query = MOVED | {"decision": "expected_loss", "loss_ratio": "2", "inside": "offer_only", "low": ".2", "high": ".5"}
    page = read(console.get(draft, query_string=query))
    fields = dict(page.fields_of("controls"))
    assert (fields["standard.image-formation"], fields["standard.neck-and-chest"]) == ("9", "5")
    assert (fields["loss_ratio"], fields["low"], fields["high"]) == ("2", ".2", ".5")
    assert [found["value"] for tag, found in page.elements if tag == "option" and "selected" in found][:2] != []
    assert sum(int(row["offered"]) for row in csv_rows(console, f"{draft}/areas.csv", query)) > 0


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"standard.image-formation": "11"}, "Image Formation: 11 items cannot be needed of 10."),
        ({"standard.image-formation": "x"}, "“x” is not a number."),
        ({"loss_ratio": "-1"}, "Loss ratio: give a number above 0."),
        ({"since": "yesterday"}, "“yesterday” is not a date."),
        ({"group": "site=north"}, "No sitting is of the group ‘north’."),
        ({"form": "none"}, "No sitting is from the bank version ‘none’."),
        ({"on": "simulated", "candidates": "5"}, "Simulate from 100 to 200000 candidates, not 5."),
        ({"on": "simulated", "seed": "x"}, "“x” is not a whole number."),
        ({"decision": "irt"}, "scored items of these sittings have no a and b in the bank, ct-"),
        ({"decision": "augmented"}, "this draft has no figures of one yet. Estimate them from a cohort"),
    ],
)
def test_what_cannot_be_used_is_a_sentence_and_nothing_is_lost(
    console: FlaskClient, draft: str, query: dict[str, str], sentence: str
) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        response = console.get(draft, query_string=MOVED | query, headers=headers)
        assert response.status_code == 422
        text = read(response).text.replace("'north'", "‘north’").replace("'none'", "‘none’")
        assert sentence in text
    fields = dict(read(console.get(draft, query_string=MOVED | query)).fields_of("controls"))
    assert fields["standard.neck-and-chest"] == "5"
    assert all(fields[name] == value for name, value in query.items() if name in fields and name != "form")


def test_two_policies_stand_side_by_side(console: FlaskClient, draft: str) -> None:
    console.post(f"{draft}?revision=1", data=MOVED)
    number = draft.rsplit("/", 1)[1]
    query = {"left": "version-1", "right": f"draft-{number}"}
    page = read(console.get(f"{POLICY}/compare", query_string=query))
    assert "Standard: Image Formation 0.7 0.9" in page.text
    assert "Standard: Neck and Chest 0.7 0.5" in page.text
    left = csv_rows(console, f"{draft}/summary.csv", dict.fromkeys(MOVED, "7") | {"unit": "items"})
    right = csv_rows(console, f"{draft}/summary.csv")
    shown = {measure: values for measure, *values in table(page, "both")}
    assert shown["mean_credits"][:2] == [left[1]["value"], right[1]["value"]]
    changes = csv_rows(console, f"{POLICY}/compare/changes.csv", query)
    assert changes == csv_rows(console, f"{draft}/changes.csv")
    assert "Choose two policies" in read(console.get(f"{POLICY}/compare")).text
    for odd in ("draft-99", "version-9", "else", "draft-", "draft-²"):
        assert console.get(f"{POLICY}/compare", query_string=query | {"left": odd}).status_code == 404, odd


def test_simulated_candidates_have_the_same_page_and_a_known_truth(console: FlaskClient, draft: str) -> None:
    query = MOVED | {"on": "simulated", "candidates": "400", "seed": "3"}
    page = read(console.get(draft, query_string=query))
    assert "400 simulated candidates" in page.text
    assert "Needless in truth" in page.text
    rows = csv_rows(console, f"{draft}/errors.csv", query)
    assert rows == csv_rows(console, f"{draft}/errors.csv", query)
    assert {"needless_true", "missed_true"} <= set(rows[0])
    assert all(0 <= int(row["missed_true"]) <= 400 for row in rows)


def test_a_discipline_without_sittings_says_so(console: FlaskClient) -> None:
    response = console.post("/psychometrician/RAD/policy/drafts", data={"title": "First"})
    assert "No sitting fits this choice" in read(console.get(response.headers["Location"])).text
    assert console.get(f"{POLICY}/drafts/999").status_code == 404
    assert console.get("/psychometrician/CT/policy/drafts/1/none.csv").status_code == 404


def statements(db: Database, console: FlaskClient, url: str) -> int:
    """Count every statement of a request, those of the driver's own cursors too."""
    seen: list[str] = []
    db.engine.dispose()
    sa.event.listen(db.engine, "connect", lambda connection, _: connection.set_trace_callback(seen.append))
    assert console.get(url).status_code == 200
    return len([one for one in seen if one.lstrip().upper().startswith("SELECT")])


@pytest.mark.parametrize("path", ["", "/publish", "/areas.csv"])
def test_ten_sittings_and_more_take_the_same_statements(
    path: str, tmp_path: Path, clock: Clock, library: Library, compiled_templates: BytecodeCache
) -> None:
    counts = []
    for size in (10, 60):
        url = f"sqlite:///{tmp_path}/{size}.db"
        db = Database(url)
        upgrade(db)
        build(db, Banks(db, library), cohort=size, seed=5, now=clock())
        app = create_app(read_settings({}, database_url=url, secure_cookies="false"), clock=clock, library=library)
        app.jinja_env.bytecode_cache = compiled_templates
        browser = app.test_client()
        reader = add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN)
        browser.set_cookie("ssa_session", session_of(db, reader, clock()))
        draft = browser.post(f"{POLICY}/drafts", data={"title": "Stricter"}).headers["Location"]
        own = app.extensions["ssa_engine"].db
        counts.append([statements(own, browser, draft + path) for _ in range(2)])
        for one in (own, db):
            one.dispose()
    assert counts[0] == counts[1]
    assert counts[0][1] <= 14
