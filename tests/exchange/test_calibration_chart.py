"""The chart of calibration: a panel for each score, points where the numbers are, all of it in words as well."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from ssa_engine.exchange.calibration_chart import SIDE, calibration_chart

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = ["score", "n", "mean_probability", "share", "low", "high", "calibration_error"]


def table(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).assign(convention="held-out half")


def drawn(*rows: tuple[object, ...]) -> ET.Element:
    return ET.fromstring(calibration_chart(table(*rows)))


def test_a_point_stands_where_its_numbers_are_and_the_interval_runs_through_it() -> None:
    tree = drawn(("wainer", 40, 0.25, 0.3, 0.2, 0.45, 0.05), ("wainer", 0, float("nan"), *[float("nan")] * 3, 0.05))
    point = tree.find(f".//{SVG}circle")
    assert point is not None
    assert (float(point.attrib["cx"]), float(point.attrib["cy"])) == pytest.approx((0.25 * SIDE, 0.7 * SIDE))
    assert len(tree.findall(f".//{SVG}circle")) == 1
    bars = [
        (float(line.attrib["y1"]), float(line.attrib["y2"]))
        for line in tree.iter(f"{SVG}line")
        if line.attrib.get("stroke-width") == "2"
    ]
    assert bars == [pytest.approx((0.8 * SIDE, 0.55 * SIDE))]


def test_title_and_description_say_what_is_drawn() -> None:
    tree = drawn(("wainer", 40, 0.25, 0.3, 0.2, 0.45, 0.05), ("irt", 9, 0.9, 1.0, 0.7, 1.0, 0.1))
    said = {name: tree.findtext(f"{SVG}{name}") for name in ("title", "desc")}
    assert said["title"] == "Probability of lying below the standard, held against: held-out half"
    assert said["desc"] == (
        "Wainer, calibration error 0.050: 0.25 came true for 0.30 of 40 (0.20 to 0.45). "
        "IRT, one ability, calibration error 0.100: 0.90 came true for 1.00 of 9 (0.70 to 1.00)."
    )
    assert tree.attrib["role"] == "img"
    assert tree.attrib["aria-labelledby"] == "title desc"


def test_each_score_has_a_panel_within_the_picture() -> None:
    names = ("kelley", "beta_binomial", "wainer", "irt", "irt_area")
    tree = drawn(*((name, 5, 0.5, 0.5, 0.2, 0.8, 0.0) for name in names))
    width, height = (float(end) for end in tree.attrib["viewBox"].split()[2:])
    panels = tree.findall(f"{SVG}g")
    places = [tuple(map(float, g.attrib["transform"][len("translate(") : -1].split())) for g in panels]
    assert len(set(places)) == 5
    assert all(0 <= x <= width - SIDE and 0 <= y <= height - SIDE for x, y in places)


def test_a_score_without_probabilities_says_so_and_draws_no_point() -> None:
    tree = drawn(("kelley", 0, *[float("nan")] * 5))
    assert "no probabilities" in [text.text for text in tree.iter(f"{SVG}text")]
    assert tree.findtext(f"{SVG}desc") == "Kelley: no probabilities."
    assert tree.find(f".//{SVG}circle") is None
