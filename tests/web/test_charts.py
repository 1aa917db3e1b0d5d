"""The geometry of the charts: round ticks, places worked by hand, words that do not overlap; and what macros draw."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.web import chart_lines, charts
from ssa_engine.web.scales import Scale, cut, frame, span, ticks

NS = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 6, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (0, 60, 5, (0, 20, 40, 60)),
        (-3, 3, 5, (-2, 0, 2)),
        (0.62, 0.71, 6, (0.62, 0.64, 0.66, 0.68, 0.7)),
        (5, 5, 6, (5,)),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: tuple[float, ...]) -> None:
    assert ticks(low, high, most) == pytest.approx(expected)


def test_ticks_of_counts_are_whole() -> None:
    assert ticks(0, 1, 5, whole=True) == (0, 1)
    assert ticks(0, 3, 5, whole=True) == (0, 1, 2, 3)


def test_a_span_is_round_and_holds_zero_where_it_must() -> None:
    assert span([3.2, 9.7]) == (3, 10)
    assert span([3.2, 9.7], zero=True) == (0, 10)
    assert span([]) == (0, 1)
    assert span([4.0]) == (3.5, 4.5)
    assert span([float("nan"), 0.31, 0.64]) == (0.3, 0.65)


def test_what_differs_by_rounding_alone_is_drawn_as_equal() -> None:
    assert span([0.3, 0.1 + 0.2]) == pytest.approx((-0.2, 0.8))
    assert span([-1.1e-16, 1.1e-16, 0.0]) == pytest.approx((-0.5, 0.5))
    assert span([1.1e-16, 0.0], zero=True) == (0, 1)
    assert ticks(0.3, 0.1 + 0.2) == (0.3,)


NUMBERS = st.floats(-1e12, 1e12) | st.floats(-1e-6, 1e-6)


@given(st.lists(NUMBERS, min_size=1, max_size=5), st.booleans())
def test_a_span_holds_all_values_whatever_they_are(values: list[float], zero: bool) -> None:
    low, high = span(values, zero=zero)
    room = 1e-9 * max(1.0, *map(abs, values))
    assert low - room <= min(values) <= max(values) <= high + room
    assert low < high
    assert 1 <= len(ticks(low, high)) <= 6


def test_a_scale_goes_from_end_to_end() -> None:
    x = Scale(0, 10, 20, 120)
    assert [x(0), x(2.5), x(10), x(12)] == [20, 45, 120, 140]
    assert Scale(3, 3, 0, 10)(3) == 5


def test_bars_stand_on_the_floor_with_heights_in_proportion() -> None:
    found = charts.histogram([(0, 1, 2), (1, 2, 4), (2, 3, 0)], split=1.0)
    floor = found.frame.bottom
    assert [round(bar.y + bar.height, 1) for bar in found.bars] == [floor] * 3
    assert found.bars[0].height * 2 == pytest.approx(found.bars[1].height, abs=0.2)
    assert found.bars[2].height == 0
    assert [bar.below for bar in found.bars] == [True, False, False]


def test_charts_on_shared_axes_have_equal_places_for_equal_values() -> None:
    one, other = (charts.histogram([(0, 0.5, n)], x_span=[0, 1], y_most=50).bars[0] for n in (10, 10))
    assert (one.x, one.y, one.height) == (other.x, other.y, other.height)


def test_a_line_breaks_where_a_value_is_unknown() -> None:
    found = chart_lines.path(
        [(0, 1), (1, 2), (2, None), (3, 1), (4, float("nan"))], Scale(0, 4, 0, 40), Scale(0, 2, 20, 0)
    )
    assert found == "M0.0 10.0L10.0 0.0M30.0 10.0"


def test_names_at_the_ends_of_lines_do_not_overlap() -> None:
    series = [{"name": f"Draft {n}", "points": [(0, 1), (1, 5 + n / 100)]} for n in range(6)]
    placed = sorted(line.label.y for line in chart_lines.lines(series).series if line.label)
    assert len(placed) == 6
    assert min(later - one for one, later in itertools.pairwise(placed)) >= 13.9


def test_six_series_differ_in_shape_as_well_as_in_colour() -> None:
    shapes = {chart_lines.marker(number, 0, 0) for number in range(1, 7)}
    assert len(shapes) == 6


def test_words_of_marks_stay_inside_and_on_lines_of_their_own() -> None:
    drawn = frame((0, 1), (0, 1), 344, 180, marks=[(0.1, "in force"), (0.99, "draft")])
    first, second = drawn.marks
    assert (first.anchor, second.anchor) == ("start", "end")
    assert second.label_y - first.label_y == 14


def test_a_long_name_is_cut_and_stands_whole_in_its_title() -> None:
    assert cut("Image Formation", 10) == "Image For…"
    found = charts.bars([{"name": "Image Acquisition and Technical Evaluation", "value": 1}])
    assert found.rows[0].label.endswith("…")
    assert found.rows[0].name == "Image Acquisition and Technical Evaluation"
    assert charts.bars([{"name": "Patient Care", "value": None}]).rows[0].at is None


def test_nothing_to_draw_is_no_trouble() -> None:
    assert charts.histogram([]).bars == ()
    assert charts.bars([]).rows == ()
    assert chart_lines.lines([]).series == ()
    assert charts.sparkline([None, None]).last is None
    assert charts.sparkline([2, 2, 2]).path == "M3.0 12.0L47.5 12.0L92.0 12.0"


def svg(app: Flask, call: str) -> ET.Element:
    with app.test_request_context():
        text = render_template_string('{% import "_macros/plots.html" as plots %}{{ plots.' + call + " }}")
    found = re.search(r"<svg.*</svg>", text.replace("&nbsp;", "\u00a0"), re.DOTALL)
    assert found is not None, text
    return ET.fromstring(found[0].replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def test_a_drawing_names_itself_and_every_mark_says_its_figure(app: Flask) -> None:
    drawn = svg(
        app,
        'histogram([(0, 10, 3), (10, 20, 1)], "Time", "minutes", "sittings", desc="Short.", marks=[(12, "median")])',
    )
    assert (drawn.get("role"), drawn[0].text, drawn[1].text) == ("img", "Time", "Short.")
    said = [title.text for title in drawn.iter(f"{NS}title")]
    assert said == ["Time", "0 – 10: 3", "10 – 20: 1", "median: 12"]
    words = [text.text for text in drawn.iter(f"{NS}text")]
    assert "minutes" in words
    assert "sittings" in words


def test_a_drawing_beside_its_table_is_left_out_of_what_is_read(app: Flask) -> None:
    drawn = svg(app, 'bars([{"name": "Care", "value": 0.5}], "Share", "share", unit="percent", hidden=true)')
    assert (drawn.get("aria-hidden"), drawn.get("role")) == ("true", None)
    assert "50\u00a0%" in [text.text for text in drawn.iter(f"{NS}text")]


def test_a_wide_drawing_scrolls_in_a_region_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        text = render_template_string(
            '{% import "_macros/plots.html" as plots %}{{ plots.lines([{"name": "a", "points": [(0, 1), (1, 2)]}], '
            '"Trend", "x", "y", width=680) }}'
        )
    assert 'role="region" tabindex="0" aria-label="Trend"' in text
    assert 'width="42.5rem"' in text


def test_a_region_that_scrolls_has_something_to_read_out_even_beside_its_table(app: Flask) -> None:
    call = 'bars([{"name": "Care", "value": 0.5}], "Share", "share", hidden=true, width=520)'
    drawn = svg(app, call)
    assert (drawn.get("aria-hidden"), drawn.get("role"), drawn[0].text) == (None, "img", "Share")
