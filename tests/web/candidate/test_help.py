"""The page of questions and answers: by the rules of the programme, for what a person holds, with whom to ask."""

from __future__ import annotations

import datetime as dt

from flask.testing import FlaskClient

from ssa_engine.content.library import Library
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from tests.factories import Someone, read


def test_it_answers_for_the_credential_a_person_holds(
    browser: FlaskClient, candidate: Someone, library: Library
) -> None:
    page, rules = read(browser.get("/candidate/help")), library.spec("CT").cqr
    assert "Yes. You earned yours on 1 June 2018, so it has a time limit." in page.text
    assert rules.results_days is not None
    assert f"Within {rules.results_days} days of submitting." in page.text
    assert rules.contact is not None
    for part in (rules.contact.name, rules.contact.email, rules.contact.telephone):
        assert part in page.text
    links = [found["href"] for tag, found in page.elements if tag == "a" and "href" in found]
    assert f"/candidate/credentials/{candidate.credential_id}/outline" in links
    ids = {found["id"] for _, found in page.elements if "id" in found}
    assert [href for href in links if href.startswith("#") and href != "#main" and href[1:] not in ids] == []


def test_what_differs_between_two_credentials_is_said_for_each(
    browser: FlaskClient, candidate: Someone, db: Database
) -> None:
    with db.write() as connection:
        people.insert_credential(connection, person_id=candidate.id, discipline="MRI", earned_on=dt.date(2009, 2, 28))
    page = read(browser.get("/candidate/help"))
    assert "Yes. You earned yours on 1 June 2018" in page.text
    assert "No. You earned yours on 28 February 2009, and it has no time limit." in page.text
    assert page.text.count("Magnetic Resonance Imaging") >= 1
