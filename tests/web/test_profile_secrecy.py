"""What a person chose in the profile is on no page of anybody else and in no export."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask import Flask

from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.core.profiles import ProfileSurvey
from ssa_engine.storage.db import Database
from tests.actions.filling import Filling
from tests.factories import Clock
from tests.web.psychometrician.counting import statements
from tests.web.walk import World, audience_of, fill, guarded, methods_of

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def survey(library: Library) -> ProfileSurvey:
    """CT's profile."""
    found = library.spec("CT").profile
    assert found is not None
    return found


@pytest.fixture
def filled(world: World, db: Database, library: Library, clock: Clock) -> World:
    """The world, in which one candidate has finished a profile and the other one has begun one."""
    Filling(db, library, clock, world.own).complete(lambda one: len(one.id) % 5)
    Filling(db, library, clock, world.other).fill(lambda one: len(one.text) % 5)
    return world


def tells(survey: ProfileSurvey, body: bytes) -> list[str]:
    """Return the activities that a body names."""
    return [one.id for one in survey.activities if one.text.encode() in body or one.id.encode() in body.split(b'"')]


def told_of_people(asked: list[str]) -> list[str]:
    """Return the questions to the database that ask for what people chose, those that only count people left out."""
    about = [one for one in asked if "profile_answers" in one or "breadth" in one or "depth" in one]
    counts = "SELECT profile_answers.activity, profile_answers.frequency, count(*) AS people"
    return [one for one in about if not (one.startswith(counts) and "GROUP BY profile_answers.activity" in one)]


@once
@pytest.mark.parametrize("role", [Role.STAFF, Role.PSYCHOMETRICIAN, Role.SPECIALIST])
def test_no_page_of_others_asks_for_or_shows_what_somebody_chose(
    app: Flask, filled: World, survey: ProfileSurvey, role: Role
) -> None:
    shown = 0
    with statements(app) as asked:
        for rule in guarded(app):
            if "GET" not in methods_of(rule) or audience_of(rule) == "candidate":
                continue
            for own in (filled.mine, filled.theirs):
                values = dict.fromkeys(rule.arguments, 1) | own
                response = filled.browsers[role].get(fill(rule, values), follow_redirects=True)
                assert tells(survey, response.get_data()) == [], rule.rule
                shown += response.status_code == 200
                response.close()
    assert shown >= 5
    assert told_of_people(asked) == []


@once
def test_no_export_has_what_somebody_chose(app: Flask, filled: World, survey: ProfileSurvey, library: Library) -> None:
    browser = filled.browsers[Role.PSYCHOMETRICIAN]
    with statements(app) as asked:
        package = browser.get("/psychometrician/exports/package.zip").get_data()
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        files_of = {name: files.read(name) for name in files.namelist()}
    told = {name: tells(survey, body) for name, body in files_of.items()}
    assert "audit.csv" in files_of
    assert {name: found for name, found in told.items() if found} == {}
    counted = files_of["profiles.csv"].decode().splitlines()
    assert len(counted) == 1 + len(survey.activities) * len(survey.scale)  # nobody has finished one elsewhere
    assert {line.rpartition(",")[2] for line in counted[1:]} == {""}  # one finished profile: every count is hidden
    assert told_of_people(asked) == []


@once
def test_another_candidate_is_shown_nothing_of_a_finished_profile(
    app: Flask, filled: World, survey: ProfileSurvey
) -> None:
    for rule in guarded(app):
        if rule.endpoint.startswith("candidate.profile.") and "GET" in methods_of(rule):
            response = filled.others_browser.get(fill(rule, filled.mine))
            assert (response.status_code, tells(survey, response.get_data())) == (404, []), rule.rule


def test_what_somebody_chose_would_be_found(survey: ProfileSurvey) -> None:
    first, second = survey.activities[:2]
    body = f'<td data-activity="{first.id}">4</td><td>{second.text}</td>'.encode()
    assert tells(survey, body) == [first.id, second.id]
