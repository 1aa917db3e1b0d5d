"""The audit page: every entry, filtered and in pages, linked to its thing; the CSV holds what is filtered."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions import policy_drafts, rescorings, standard_setting
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.panel_sheets import PanelSheet
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage import audit
from ssa_engine.storage.db import Database
from tests.factories import START, Clock, Someone, add_someone, read
from tests.web.psychometrician.counting import statements

URL = "/psychometrician/audit"


@pytest.fixture
def console(app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser; the policies were published by `test`, then much happened."""
    with db.write() as connection:
        for number in range(120):
            audit.add(
                connection, at=START + dt.timedelta(days=number), who=f"Staff{number % 2}@test.example",
                verb="release" if number % 3 else "unlock", noun="attempt", noun_id=number, reason=f"reason {number}",
            )  # fmt: skip
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


def shown(console: FlaskClient, query: str = "") -> list[int]:
    return [int(row["data-entry"]) for row in read(console.get(f"{URL}?{query}")).rows("data-entry")]


def rows(console: FlaskClient, query: str = "") -> list[dict[str, str]]:
    response = console.get(f"{URL}.csv?{query}")
    assert response.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def test_entries_come_latest_first_in_pages_and_all_of_them_as_csv(console: FlaskClient) -> None:
    everything = rows(console)
    ids = [int(row["audit_id"]) for row in everything]
    assert ids == sorted(ids, reverse=True)
    assert shown(console) + shown(console, "page=2") == ids
    assert len(shown(console)) == 100
    text = read(console.get(URL)).text
    assert f"{len(ids)} entries" in text
    assert "Page 1 of 2" in text
    assert "reason: reason 119" in text
    assert everything[0]["detail"] == '{"reason": "reason 119"}'
    assert everything[0]["at"] == "2027-07-11T14:02:11.000Z"


def test_filters_keep_what_they_say_on_the_page_and_in_the_csv(console: FlaskClient) -> None:
    everything = rows(console)
    cases: dict[str, Callable[[dict[str, str]], bool]] = {
        "noun=attempt": lambda row: row["noun"] == "attempt",
        "noun=policy&verb=publish": lambda row: (row["noun"], row["verb"]) == ("policy", "publish"),
        "who=STAFF1": lambda row: row["who"].startswith("Staff1"),
        "who=%25": lambda row: "%" in row["who"],
        "thing=17&noun=attempt": lambda row: (row["noun"], row["noun_id"]) == ("attempt", "17"),
        "from=2027-03-20&to=2027-03-22": lambda row: "2027-03-20" <= row["at"][:10] <= "2027-03-22",
        "verb=unlock&who=staff0": lambda row: row["verb"] == "unlock" and row["who"].startswith("Staff0"),
    }
    for query, keeps in cases.items():
        expected = [int(row["audit_id"]) for row in everything if keeps(row)]
        assert shown(console, query) + (shown(console, f"{query}&page=2") if len(expected) > 100 else []) == expected, (
            query
        )
        assert [int(row["audit_id"]) for row in rows(console, query)] == expected, query
    assert "No entry fits this filter." in read(console.get(f"{URL}?who=%25")).text
    page = read(console.get(f"{URL}?noun=attempt&verb=unlock"))
    assert [found["href"] for tag, found in page.elements if tag == "a" and ".csv" in found["href"]] == [
        f"{URL}.csv?noun=attempt&verb=unlock"
    ]


def test_an_entry_leads_to_its_thing_where_this_person_may_see_one(
    console: FlaskClient, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    page = read(console.get(f"{URL}?noun=policy"))
    links = {found["href"] for tag, found in page.elements if tag == "a"}
    assert {f"/psychometrician/{code}/policy" for code in ("CT", "RAD", "MRI")} <= links
    attempts = read(console.get(f"{URL}?noun=attempt"))
    assert not [found for tag, found in attempts.elements if tag == "a" and "/staff/" in found.get("href", "")]


def test_entries_about_a_draft_a_rescoring_and_a_panel_lead_to_its_page(
    console: FlaskClient, db: Database, clock: Clock, library: Library
) -> None:
    spec, bank = library.spec("CT"), library.bank("CT")
    who: dict[str, Any] = {"who": "test", "now": clock()}
    draft = policy_drafts.create(db, spec, title="One", **who)
    policy_drafts.propose(db, spec, draft.id, revision=1, reason="because", **who)
    policy_drafts.withdraw(db, spec, draft.id, revision=2, **who)
    policy_drafts.discard(db, spec, draft.id, revision=3, **who)
    session = rescorings.begin(db, Banks(db, library), discipline="CT", title="One", reason="a key", **who)
    item = bank.items[0].id
    sheet = PanelSheet(title="One", method="angoff", sheet=f"judge,item_id,rating\nAnn,{item},.6\nBo,{item},.8\n")
    panel = standard_setting.add(db, bank, sheet, **who)
    pages = {
        "policy_draft": [f"/psychometrician/CT/policy/drafts/{draft.id}"] * 4,
        "rescoring": [f"/psychometrician/CT/rescorings/{session.id}"],
        "standard_setting": [f"/psychometrician/CT/standard-setting/{panel}"],
    }
    for noun, links in pages.items():
        page = read(console.get(f"{URL}?noun={noun}"))
        assert [one["href"] for tag, one in page.elements if tag == "a" and one.get("href") in links] == links, noun
        assert console.get(links[0]).status_code == 200, noun


def test_the_page_asks_as_many_questions_for_few_entries_as_for_many(app: Flask, console: FlaskClient) -> None:
    counted = {}
    for query in ("thing=17", "", "page=2"):
        with statements(app) as sent:
            console.get(f"{URL}?{query}")
        counted[query] = len(sent)
    assert len(set(counted.values())) == 1, counted


def test_what_cannot_be_read_is_said_and_odd_characters_are_no_trouble(console: FlaskClient) -> None:
    response = console.get(f"{URL}?from=2027-13-01")
    assert response.status_code == 422
    assert "“2027-13-01” is no day." in read(response).text
    for odd in ("who=_", "thing=%27--", "page=-1", "page=x", "verb=%F0%9F%98%80"):
        assert console.get(f"{URL}?{odd}").status_code == 200, odd


def test_a_detail_is_shown_as_text_not_run(console: FlaskClient, db: Database, clock: Clock) -> None:
    with db.write() as connection:
        audit.add(connection, at=clock(), who="x", verb="v", noun="n", noun_id="1", reason="<script>", n=[1, None])
    html = read(console.get(f"{URL}?noun=n")).html
    assert "reason: &lt;script&gt;" in html
    assert "n: <code>[1, null]</code>" in html
