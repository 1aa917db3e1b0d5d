"""The professional profile's pages: start, one screen after another, resume, gaps, and where nothing is to be done."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.content.library import Library
from ssa_engine.core.cycles import CycleEvent
from ssa_engine.core.profiles import ProfileSurvey
from ssa_engine.storage import cycles
from ssa_engine.storage.db import Database
from tests.actions.filling import Filling
from tests.factories import START, Clock, Someone, add_someone, read
from tests.web.candidate.profile_pages import choose_on, links, primaries, url
from tests.web.walk import snapshot

SignIn = Callable[[Someone], FlaskClient]


def test_the_start_says_what_it_is_and_that_nobody_reviews_it(browser: FlaskClient, candidate: Someone) -> None:
    page = read(browser.get(url(candidate)))
    for words in (
        "Your professional profile in Computed Tomography",
        "about 20 minutes",
        "Nobody reviews it. Nothing in it is right or mistaken",
        "how often you did it in the past 2 years",
        "Staff do not see what you choose.",
        "Begin my profile",
    ):
        assert words in page.text
    assert primaries(page) == [url(candidate, "screens", 1)]


def test_the_buttons_lead_from_screen_to_screen_to_the_end_and_back_to_the_start(
    browser: FlaskClient, candidate: Someone, filling: Filling, survey: ProfileSurvey
) -> None:
    for number in range(1, 8):
        page = read(browser.get(url(candidate, "screens", number)))
        assert f"Screen {number} of 7" in page.text
        assert "How often did you do this in the past 2 years?" in page.text
        first = survey.screens[number - 1].activities[0].id
        after = url(candidate, "screens", number + 1) if number < 7 else url(candidate, "finish")
        assert choose_on(browser, candidate, number, {first: 4}) == after
    assert choose_on(browser, candidate, 7, {}, "previous") == url(candidate, "screens", 6)
    assert choose_on(browser, candidate, 7, {}, "save") == url(candidate, "screens", 7)
    assert choose_on(browser, candidate, 1, {}, "previous") == url(candidate)
    assert filling.answers == {screen.activities[0].id: 4 for screen in survey.screens}


def test_every_activity_is_a_named_group_with_one_choice_of_five(
    browser: FlaskClient, candidate: Someone, filling: Filling, survey: ProfileSurvey
) -> None:
    filling.save(1, {"check-kidney-function": 2})
    html = browser.get(url(candidate, "screens", 1)).get_data(as_text=True)
    groups = re.findall(r"<fieldset[^>]*>\s*<legend[^>]*>([^<]+)</legend>(.*?)</fieldset>", html, re.DOTALL)
    assert [legend for legend, _ in groups] == [one.text for one in survey.screens[0].activities]
    for one, (_, body) in zip(survey.screens[0].activities, groups, strict=True):
        radios = re.findall(r'<label[^>]*><input type="radio" name="([^"]+)" value="(\d)"( checked)?>', body)
        assert [(name, value) for name, value, _ in radios] == [(f"did-{one.id}", str(value)) for value in range(5)]
        checked = [value for _, value, checked in radios if checked]
        assert checked == (["2"] if one.id == "check-kidney-function" else [])


def test_one_comes_back_to_the_first_screen_with_a_gap_on_any_device(
    browser: FlaskClient, sign_in: SignIn, candidate: Someone, filling: Filling, survey: ProfileSurvey
) -> None:
    filling.save(1, {one.id: 0 for one in survey.screens[0].activities})
    filling.save(3, {"track-bolus": 3})
    page = read(sign_in(candidate).get(url(candidate)))
    assert "8 of 46" in page.text
    assert "Go on with screen 2 of 7" in page.text
    assert primaries(page) == [url(candidate, "screens", 2)]
    filling.fill(lambda one: 1)
    assert primaries(read(browser.get(url(candidate)))) == [url(candidate, "finish")]


def test_gaps_are_named_with_links_that_lead_to_them_and_keep_one_from_finishing(
    browser: FlaskClient, candidate: Someone, filling: Filling, survey: ProfileSurvey
) -> None:
    filling.fill(lambda one: 2)
    with filling.db.write() as connection:
        connection.execute(sa.text("DELETE FROM profile_answers WHERE activity IN ('adapt-to-size', 'guided-biopsy')"))
    asked, refused = browser.get(url(candidate, "finish")), browser.post(url(candidate, "finish"))
    assert (asked.status_code, refused.status_code) == (200, 422)
    assert "2 clinical activities are not answered yet. Answer them, then finish your profile." in read(refused).text
    for page in (read(asked), read(refused)):
        assert "44 of 46 clinical activities are answered." in page.text
        gaps = [link for link in links(page) if "#" in link and link != "#main"]
        first, second = (
            url(candidate, "screens/2#activity-adapt-to-size"),
            url(candidate, "screens/7#activity-guided-biopsy"),
        )
        assert gaps == [first, second, first]  # the last one is the button
        assert primaries(page) == [first]
        assert "Finish my profile" not in page.text
    for link in (first, second):
        target, _, anchor = link.partition("#")
        assert [found["id"] for found in read(browser.get(target)).rows("id") if found["id"] == anchor] == [anchor]


@pytest.mark.parametrize("standing", ["early", "complete"])
def test_where_there_is_nothing_to_do_the_start_says_why_and_the_screens_stay_closed(
    db: Database, clock: Clock, library: Library, sign_in: SignIn, standing: str
) -> None:
    earned_on = dt.date(2022, 9, 30) if standing == "early" else dt.date(2018, 6, 1)
    someone = add_someone(db, "shut@test.example", clock=clock, earned_on=earned_on)
    why = "The window for this credential opens on 30 September 2029. Come back then."
    if standing == "complete":
        why = "CQR of this period is complete for this credential, so there is nothing left to do on the profile."
        with db.write() as connection:
            cycles.insert_event(
                connection,
                credential_id=someone.credential_id,
                cycle=1,
                kind=CycleEvent.COMPLETED,
                on=START.date(),
                at=START,
            )
    browser, before = sign_in(someone), snapshot(db)
    page = read(browser.get(url(someone)))
    assert why in page.text
    assert primaries(page) == []
    for rest in (("screens", 1), ("finish",)):
        assert browser.get(url(someone, *rest)).headers["Location"] == url(someone)
    data = {"did-check-kidney-function": "3", "go": "next"}
    for refused in (browser.post(url(someone, "screens", 1), data=data), browser.post(url(someone, "finish"))):
        assert refused.status_code == 409
        assert why in read(refused).text
    assert snapshot(db) == before


def refusals(browser: FlaskClient, candidate: Someone, other: Someone) -> Iterator[tuple[int, str, TestResponse]]:
    """What is refused: status, sentence, answer."""
    mistaken = {"did-check-kidney-function": "5", "go": "next"}
    yield 422, "not on the scale", browser.post(url(candidate, "screens", 1), data=mistaken)
    yield 422, "That button is not known here.", browser.post(url(candidate, "screens", 1), data={"go": "x"})
    yield 404, "no screen with that number", browser.get(url(candidate, "screens", 8))
    yield 404, "no screen with that number", browser.post(url(candidate, "screens", 8))
    for rest in ((), ("screens", 1), ("finish",)):
        yield 404, "no such credential of yours", browser.get(url(other, *rest))
    for rest in (("screens", 1), ("finish",)):
        yield 404, "no such credential of yours", browser.post(url(other, *rest), data={"go": "next"})


def test_what_cannot_be_used_or_is_another_s_is_refused_with_a_sentence_and_changes_nothing(
    browser: FlaskClient, candidate: Someone, db: Database, clock: Clock
) -> None:
    other = add_someone(db, "other@test.example", clock=clock)
    before = snapshot(db)
    for status, sentence, response in refusals(browser, candidate, other):
        assert response.status_code == status
        assert sentence in read(response).text
    assert snapshot(db) == before
