"""The outline as candidates read it: all questions of an area in one number, and a search that keeps what it finds."""

from __future__ import annotations

import pytest

from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.outlines import OutlineFound, find, plain, questions_of


@pytest.fixture
def spec(library: Library) -> ContentSpec:
    return library.spec("CT")


def codes(found: OutlineFound) -> list[str]:
    """The codes that are left of categories, areas, topics and subtopics."""
    left = []
    for category in found.categories:
        left.append(category.code)
        for area in category.areas:
            left.append(area.code)
            for topic in area.topics:
                left += [topic.code, *(one.code for one in topic.subtopics)]
    return left


def test_the_questions_of_an_area_are_all_that_a_form_has_of_it(spec: ContentSpec) -> None:
    assert questions_of(spec) == {
        "patient-interactions-and-management": 11,
        "radiation-safety-and-dose": 12,
        "image-formation": 12,
        "image-evaluation-and-archiving": 11,
        "head-spine-and-musculoskeletal": 11,
        "neck-and-chest": 11,
        "abdomen-and-pelvis": 12,
    }
    assert sum(questions_of(spec).values()) == 80


def test_without_words_the_whole_outline_is_there(spec: ContentSpec) -> None:
    for words in ("", "   "):
        assert find(spec, words) == OutlineFound(spec.categories, 0)


def test_a_search_keeps_what_it_finds_and_what_leads_there(spec: ContentSpec) -> None:
    found = find(spec, "extravasation")
    assert (codes(found), found.entries) == (["1", "1.A", "1.A.3", "1.A.3.b"], 1)


def test_words_are_found_in_any_order_small_or_large_and_without_accents(spec: ContentSpec) -> None:
    expected = codes(find(spec, "air embolism"))
    for words in ("EMBOLISM air", "émbolism AIR", "  air   embolism "):
        assert codes(find(spec, words)) == expected == ["1", "1.A", "1.A.3", "1.A.3.b"]
    assert find(spec, "air tube") == OutlineFound((), 0)


def test_a_name_that_is_found_keeps_everything_below_it(spec: ContentSpec) -> None:
    chest = find(spec, "neck and chest")
    assert codes(chest)[:2] == ["4", "4.B"]
    assert [one for one in codes(chest) if one.count(".") == 2] == ["4.B.1", "4.B.2", "4.B.3"]
    safety = next(one for one in spec.categories if one.name == "Safety")
    assert safety in find(spec, "safety").categories


def test_a_code_is_found_too(spec: ContentSpec) -> None:
    assert codes(find(spec, "2.A.3.b")) == ["2", "2.A", "2.A.3", "2.A.3.b"]


def test_what_a_search_compares_is_small_and_without_accents() -> None:
    assert plain("  Señal   Ärger ") == "senal arger"
