"""Fixtures of the web tests: a small world of people, each in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions import policy_drafts, rescorings, standard_setting
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.panel_sheets import PanelSheet
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage import notices
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Database
from tests.claimed import Claimed
from tests.factories import Clock, Someone, add_someone, answer, start_attempt
from tests.web.walk import World


@pytest.fixture
def world(
    db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient], library: Library, tmp_path: Path
) -> World:
    """The people of the walk; the candidate's attempt has an answer and a flag."""
    own = add_someone(db, "own@test.example", clock=clock)
    other = add_someone(db, "other@test.example", clock=clock)
    browsers = {Role.CANDIDATE: sign_in(own)}
    for role in (Role.PSYCHOMETRICIAN, Role.SPECIALIST, Role.STAFF):
        browsers[role] = sign_in(add_someone(db, f"{role}@test.example", clock=clock, role=role))
    others_browser = sign_in(other)
    own_attempt, other_attempt = start_attempt(browsers[Role.CANDIDATE], own), start_attempt(others_browser, other)
    answer(browsers[Role.CANDIDATE], own_attempt, 1)
    answer(browsers[Role.CANDIDATE], own_attempt, 2, go="flag")
    item_id = library.bank("CT").items[0].id
    draft = policy_drafts.create(db, library.spec("CT"), title="Walked by", who="test", now=clock())
    return World(
        own,
        other,
        own_attempt,
        other_attempt,
        browsers,
        others_browser,
        item_id,
        draft.id,
        *rescored(db, library, clock, own, other),
        panel(db, library, clock),
        claims(db, library, clock, tmp_path / "certificates", {own: own_attempt, other: other_attempt}),
    )


def claims(
    db: Database, library: Library, clock: Clock, folder: Path, attempts: dict[Someone, int]
) -> dict[int, tuple[int, int]]:
    """Let each of these people claim an activity with a certificate; return person -> claim and certificate."""
    names = {someone.email.partition("@")[0]: someone for someone in attempts}
    claimed = Claimed(db, Banks(db, library), clock, names, {name: attempts[one] for name, one in names.items()})
    made = {}
    for name, someone in names.items():
        claim_id = claimed.claim(name, "Walked by", distribution={"radiation-safety-and-dose": 1.0})
        made[someone.id] = claim_id, claimed.certificate(CertificateFiles(folder), claim_id)
    return made


def panel(db: Database, library: Library, clock: Clock) -> int:
    """Keep the sheet of a panel of two judges."""
    item = library.bank("CT").items[0].id
    sheet = PanelSheet(title="Walked by", method="angoff", sheet=f"judge,item_id,rating\nAnn,{item},.6\nBo,{item},.8\n")
    return standard_setting.add(db, library.bank("CT"), sheet, who="test", now=clock())


def rescored(db: Database, library: Library, clock: Clock, *people: Someone) -> tuple[int, dict[int, int]]:
    """Begin a rescoring session, and write a letter to each of these people; return both."""
    session = rescorings.begin(
        db, Banks(db, library), discipline="CT", title="Walked by", reason="test", who="test", now=clock()
    )
    area = {"area": "radiation-safety-and-dose", "points": [6.0, 7.0], "items": [10, 10], "standard": 0.7}
    details = {
        "discipline": "CT",
        "credits": [3.0, 0.0],
        "areas": [{**area, "credits": [3.0, 0.0], "kept": 0.0, "waiting": 0.0}],
    }
    rows = [
        {"person_id": one.id, "attempt_id": None, "kind": "rescoring_applied", "key": f"k{one.id}", "details": details}
        for one in people
    ]
    with db.write() as connection:
        notices.insert_many(connection, rows, clock())
        return session.id, {one.id: notices.of_person(connection, one.id)[0].id for one in people}


ON_BOTH = frozenset(
    {"test_assessment", "test_audit", "test_cohort", "test_hostile", "test_releases", "test_rescoring", "test_routes"}
)
"""Pages whose own questions to the database, or whose writes, are looked at on both kinds."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Look at other pages on SQLite: storage and actions are tested on both, and every route is walked on both."""
    here = Path(__file__).parent
    again = {
        one for one in items if here in one.path.parents and one.path.stem not in ON_BOTH and "[postgresql" in one.name
    }
    config.hook.pytest_deselected(items=sorted(again, key=lambda one: one.nodeid))
    items[:] = [one for one in items if one not in again]
