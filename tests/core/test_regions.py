"""Regions: what lies in them, their edges included, against an implementation that shares no step with theirs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ssa_engine.core.regions import Circle, Polygon, Rectangle, Region
from tests import by_hand

REGION: TypeAdapter[Region] = TypeAdapter(Region)
AnyRegion = Circle | Rectangle | Polygon

near = st.integers(0, 12)
circles = st.builds(Circle, shape=st.just("circle"), x=near, y=near, radius=st.integers(1, 9))
rectangles = st.builds(
    Rectangle, shape=st.just("rectangle"), x=near, y=near, width=st.integers(1, 9), height=st.integers(1, 9)
)
polygons = st.builds(
    Polygon, shape=st.just("polygon"), points=st.lists(st.tuples(near, near), min_size=3, max_size=7).map(tuple)
)
regions = circles | rectangles | polygons
BOW_TIE = Polygon(shape="polygon", points=((0, 0), (8, 8), (8, 0), (0, 8)))
LETTER_C = Polygon(shape="polygon", points=((0, 0), (9, 0), (9, 3), (3, 3), (3, 6), (9, 6), (9, 9), (0, 9)))


@given(regions)
@example(BOW_TIE)
@example(LETTER_C)
@example(Polygon(shape="polygon", points=((3, 3), (3, 3), (3, 3))))
@example(Polygon(shape="polygon", points=((0, 5), (5, 5), (9, 5))))
def test_every_place_lies_in_a_region_or_not_as_by_hand(region: AnyRegion) -> None:
    plain = region.model_dump()
    for x in range(-1, 23):
        for y in range(-1, 23):
            assert region.contains(x, y) == by_hand.within(plain, x, y), (x, y)


@given(regions)
def test_its_inner_point_lies_in_it_and_nothing_of_it_lies_beyond_its_extent(region: AnyRegion) -> None:
    assert region.contains(*region.inner_point())
    left, top, right, bottom = region.extent()
    for x in range(-10, 23):
        for y in range(-10, 23):
            if not (left <= x <= right and top <= y <= bottom):
                assert not region.contains(x, y), (x, y)


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.integers(1, 100_000))
def test_the_edge_of_a_circle_belongs_to_it_and_the_next_pixel_does_not(x: int, y: int, radius: int) -> None:
    circle = Circle(shape="circle", x=x, y=y, radius=radius)
    for across, down in ((radius, 0), (-radius, 0), (0, radius), (0, -radius)):
        assert circle.contains(x + across, y + down)
    assert not circle.contains(x + radius + 1, y)
    assert not circle.contains(x + radius, y + 1)


@pytest.mark.parametrize(
    ("place", "inside"),
    [((3, 2), True), ((10, 2), True), ((11, 2), False), ((3, 8), True), ((3, 9), False), ((2, 5), False)],
)
def test_all_four_edges_of_a_rectangle_belong_to_it(place: tuple[int, int], inside: bool) -> None:
    assert Rectangle(shape="rectangle", x=3, y=2, width=7, height=6).contains(*place) is inside


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        ((0, 0), True),  # a corner
        ((6, 3), True),  # on an edge
        ((6, 4), False),  # in the mouth
        ((6, 5), False),
        ((2, 5), True),  # in the back
        ((9, 8), True),
        ((10, 8), False),
    ],
)
def test_what_a_polygon_goes_around_does_not_belong_to_it(place: tuple[int, int], inside: bool) -> None:
    assert LETTER_C.contains(*place) is inside


@given(st.lists(st.tuples(near, near), min_size=3, max_size=7), st.integers(0, 6), st.booleans(), near, near)
def test_where_a_polygon_begins_and_which_way_it_goes_makes_no_difference(
    points: list[tuple[int, int]], turn: int, back: bool, x: int, y: int
) -> None:
    turned = [*points[turn:], *points[:turn]][:: -1 if back else 1]
    one, other = (REGION.validate_python({"shape": "polygon", "points": own}) for own in (points, turned))
    assert one.contains(x, y) == other.contains(x, y)
