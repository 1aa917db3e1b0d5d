"""The summary of a profile: breadth and depth beside others, areas, refreshers; few questions to the database."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.content.library import Library
from ssa_engine.core.profiles import ProfileSurvey
from tests.actions.filling import Filling
from tests.factories import Someone, read
from tests.web.candidate.profile_pages import FORBIDDEN, choose_by_area, links, others, sent, url
from tests.web.psychometrician.counting import statements
from tests.web.speech import Heard, content_of, without

HTMX = {"HX-Request": "true"}


def test_a_finished_profile_shows_its_breadth_and_depth_in_each_area_at_once(
    browser: FlaskClient, candidate: Someone, filling: Filling
) -> None:
    filling.fill(choose_by_area)
    page = read(browser.get(url(candidate, "finish")))
    assert "Finish my profile" in page.text
    assert "After that the profile is not changed any more in this period." in page.text
    response = browser.post(url(candidate, "finish"))
    assert (response.status_code, response.headers["Location"]) == (303, url(candidate))
    page = read(browser.get(url(candidate)))
    # 7 of neck and chest and 6 of safety are performed, 7 of them often.
    assert "In the past 2 years you performed 13 of 46 clinical activities, 7 of them often." in page.text
    assert "Often means: Weekly, Daily ." in page.text
    counted = {
        row["data-practice"]: (int(row["data-performed"]), int(row["data-often"]), int(row["data-activities"]))
        for row in page.rows("data-practice")
    }
    assert counted == {
        "patient-interactions-and-management": (0, 0, 7),
        "radiation-safety-and-dose": (6, 0, 6),
        "image-formation": (0, 0, 6),
        "image-evaluation-and-archiving": (0, 0, 6),
        "head-spine-and-musculoskeletal": (0, 0, 7),
        "neck-and-chest": (7, 7, 7),
        "abdomen-and-pelvis": (0, 0, 7),
    }
    assert "Finished on 14 March 2027. This profile is not changed any more in this period." in page.text


def test_refreshers_are_for_what_is_seldom_performed_alone(
    browser: FlaskClient, candidate: Someone, filling: Filling, survey: ProfileSurvey
) -> None:
    filling.complete(lambda one: 1 if one.id in ("scan-children", "adapt-to-size", "spine") else 2)
    page = read(browser.get(url(candidate)))
    assert [link for link in links(page) if link.startswith("https:")] == [
        "https://www.imagewisely.org",
        "https://www.imagegently.org",
    ]
    offered = page.text.partition("To refresh what you seldom do")[2]
    said = {one.id for one in survey.activities if one.text in offered}
    assert said == {"scan-children", "adapt-to-size"}


def test_others_are_hidden_while_they_are_fewer_than_the_programme_asks_for(
    browser: FlaskClient, candidate: Someone, filling: Filling
) -> None:
    others(filling, 9, lambda turn: lambda one: 4)
    filling.complete(choose_by_area)
    page = read(browser.get(url(candidate)))
    assert "Others are shown once at least 10 others in your discipline have finished their profiles." in page.text
    assert "others on average" not in page.text
    assert [tag for tag, found in page.elements if found.get("class") == "others"] == []


def test_one_s_own_place_is_marked_beside_others_without_a_rank(
    browser: FlaskClient, candidate: Someone, filling: Filling
) -> None:
    # Twelve others: six perform all 46 daily, two the 13 that the candidate does, four nothing.
    steps = [lambda one: 4] * 6 + [choose_by_area] * 2 + [lambda one: 0] * 4
    others(filling, 12, lambda turn: steps[turn])
    filling.complete(choose_by_area)
    page = read(browser.get(url(candidate)))
    # Breadths 0 0 0 0 13 13 46 …: the third and the ninth of twelve. Depths 0 0 0 0 7 7 46 …
    breadth = "You perform 13 of 46. At least half of the 12 others perform 0 to 46."
    depth = "You perform 7 of 46 often. At least half of the 12 others perform 0 to 46 often."
    assert (page.text.count(breadth), page.text.count(depth)) == (2, 2)  # beside the drawing and within it
    assert (page.text.count("You: 13"), page.text.count("You: 7")) == (1, 1)
    drawings = [tag for tag, found in page.elements if found.get("class") == "others"]
    bars = [found["class"] for tag, found in page.elements if tag == "rect" and "others-bar" in found["class"]]
    assert (len(drawings), bars) == (2, ["others-bar", "others-bar own", "others-bar"] * 2)
    # Of the 7 of neck and chest, eight of twelve perform all: 4.67 on average; of the 7 of the abdomen, six: 3.5.
    assert "Neck and Chest others on average 4.7 7 of 7" in page.text
    assert "Abdomen and Pelvis others on average 3.5 0 of 7" in page.text
    assert FORBIDDEN.findall(page.text) == []


def test_every_page_speaks_without_judgement(
    browser: FlaskClient, candidate: Someone, filling: Filling, library: Library
) -> None:
    content = content_of(library)

    def check(response: TestResponse) -> None:
        said = [without(content, text) for text in Heard(response.get_data(as_text=True)).said]
        assert FORBIDDEN.findall(" ".join(said)) == [], response.request.path

    for rest in ((), ("screens", 1), ("finish",)):
        check(browser.get(url(candidate, *rest)))
    check(browser.post(url(candidate, "finish")))
    others(filling, 10, lambda turn: lambda one: turn % 5)
    filling.complete(lambda one: 1)
    check(browser.get(url(candidate)))


def test_a_page_asks_few_questions_however_many_answers_and_others_there_are(
    app: Flask, browser: FlaskClient, candidate: Someone, filling: Filling
) -> None:
    with statements(app) as asked:
        browser.get(url(candidate, "screens", 1))
    assert len([one for one in asked if one.startswith("SELECT")]) == 3  # credential, cycle, profile
    page = read(browser.get(url(candidate, "screens", 1)))
    with statements(app) as asked:
        browser.post(
            url(candidate, "screens", 1), data=sent(page, dict.fromkeys(("read-dose-report",), 1)), headers=HTMX
        )
    assert len([one for one in asked if "SELECT" in one]) <= 6
    others(filling, 12, lambda turn: lambda one: turn % 5)
    filling.complete(lambda one: 1)
    with statements(app) as asked:
        browser.get(url(candidate))
    assert len([one for one in asked if one.startswith("SELECT")]) == 5  # and breadths, and counts
