"""A content specification: its outline read in several ways."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ssa_engine.core.content_specs import AreaBlueprint, ContentArea, Subtopic, Topic
from ssa_engine.core.programmes import CqrRules
from tests.core.banks import spec_of

AREA = ContentArea(
    code="2.B",
    id="dose",
    name="Dose",
    topics=(
        Topic(
            code="2.B.1", name="One", subtopics=(Subtopic(code="2.B.1.a", name="x"), Subtopic(code="2.B.1.b", name="y"))
        ),
        Topic(code="2.B.2", name="Two"),
    ),
)


def test_topics_and_subtopics_lead_to_their_topic() -> None:
    assert list(AREA.topic_codes()) == [
        ("2.B.1", "2.B.1"),
        ("2.B.1.a", "2.B.1"),
        ("2.B.1.b", "2.B.1"),
        ("2.B.2", "2.B.2"),
    ]


def test_areas_are_read_in_outline_order() -> None:
    spec = spec_of({"b": (1, 0), "a": (2, 1)}, topics=2)
    assert list(spec.area_names.items()) == [("b", "Area B"), ("a", "Area A")]
    assert spec.topic_areas == {"1.B.1": "b", "1.B.2": "b", "1.A.1": "a", "1.A.2": "a"}
    assert spec.topic_parents == {code: code for code in spec.topic_areas}


def test_the_time_allowed_is_in_seconds() -> None:
    assert spec_of({"a": (1, 0)}, minutes=100).seconds_allowed == 6000


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (AreaBlueprint, {"scored": 0}),
        (AreaBlueprint, {"scored": 1, "pilot": -1}),
        (CqrRules, {"time_limited_from": None, "period_years": 0, "window_years": 1}),
        (CqrRules, {"period_years": 10, "window_years": 3}),
        (Topic, {"code": "2 B", "name": "x"}),
        (Topic, {"code": "2.B", "name": ""}),
        (ContentArea, {"code": "2.B", "id": "Dose", "name": "x", "topics": []}),
    ],
)
def test_what_makes_no_sense_is_refused(model: Any, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)
