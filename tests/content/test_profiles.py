"""The bundled profiles: short enough, every area in them, words that judge nobody; and the example of the how-to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ssa_engine.content.library import Library
from ssa_engine.core.profiles import ProfileSurvey

DISCIPLINES = ("CT", "MRI", "RAD")
JUDGEMENT = re.compile(r"(?i)\b(pass(?:e[sd]|ing)?|fail(?:s|ed|ing|ures?)?|exam(?:s|inations?)?|wrong(?:ly)?)\b")
HOW_TO = Path(__file__).parents[2] / "docs/how-to/write-a-profile.md"


def survey_of(library: Library, discipline: str) -> ProfileSurvey:
    survey = library.spec(discipline).profile
    assert survey is not None
    return survey


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_a_profile_is_answered_well_within_twenty_minutes(library: Library, discipline: str) -> None:
    survey = survey_of(library, discipline)
    assert 5 <= len(survey.screens) <= 7
    assert {5 <= len(screen.activities) <= 10 for screen in survey.screens} == {True}
    assert 40 <= len(survey.activities) <= 50  # under half a minute each


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_every_content_area_has_several_activities_and_no_other_area_has_any(library: Library, discipline: str) -> None:
    spec, areas = library.spec(discipline), [one.area for one in survey_of(library, discipline).activities]
    assert set(areas) == set(spec.area_names)
    assert min(areas.count(area) for area in spec.area_names) >= 4


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_the_scale_goes_from_never_to_daily(library: Library, discipline: str) -> None:
    scale = survey_of(library, discipline).scale
    assert [(step.value, step.performed, step.often, step.seldom) for step in scale] == [
        (0, False, False, True),
        (1, True, False, True),
        (2, True, False, False),
        (3, True, True, False),
        (4, True, True, False),
    ]
    assert (scale[0].label, scale[-1].label) == ("Never", "Daily")


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_what_is_asked_is_asked_once_and_judges_nobody(library: Library, discipline: str) -> None:
    survey = survey_of(library, discipline)
    texts = [one.text for one in survey.activities]
    assert len(set(texts)) == len(texts)
    said = [*texts, *(screen.title for screen in survey.screens), *(step.label for step in survey.scale)]
    assert JUDGEMENT.findall(" ".join(said)) == []


def test_refreshers_lead_to_public_pages_each_under_one_title(library: Library) -> None:
    found = {
        (one.refresher.url, one.refresher.title)
        for discipline in DISCIPLINES
        for one in survey_of(library, discipline).activities
        if one.refresher
    }
    hosts = {url.split("/")[2].removeprefix("www.") for url, _ in found}
    assert hosts == {
        "aapm.org",
        "acr.org",
        "cdc.gov",
        "fda.gov",
        "iaea.org",
        "imagegently.org",
        "imagewisely.org",
        "medlineplus.gov",
        "mrisafety.com",
    }
    assert len({url for url, _ in found}) == len(found)


def test_the_example_of_the_how_to_is_sound_and_its_tables_name_every_key(library: Library) -> None:
    text = HOW_TO.read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    survey = ProfileSurvey.model_validate(blocks[0]["profile"])
    assert {one.area for one in survey.activities} <= set(library.spec("CT").area_names)
    rules = library.spec("CT").cqr.profile
    assert rules.model_validate(blocks[1]["cqr"]["profile"]) == rules
    described = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    kept = {*type(survey.scale[0]).model_fields, *type(survey.activities[0]).model_fields, *type(rules).model_fields}
    assert described == kept
