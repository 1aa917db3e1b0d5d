"""Compromises on the cumulative curve: worked by hand, and what holds of each whatever the data.

There are no published tables of these methods; Mills & Melican (1987, ETS RR-87-14) describe all three.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.panels.compromise import Compromise, beuk, de_gruijter, hofstee
from ssa_engine.core.psychometrics.panels.score_curves import ScoreCurve, score_curve

METHODS = {"hofstee": hofstee, "beuk": beuk, "de-gruijter": de_gruijter}
# Ten candidates on four items: 1 has none, 1 one, 2 two, 4 three, 2 all. Share below 0, .25, .5, .75, 1, 1.25:
# 0 .1 .2 .4 .8 1.
TEN = [0, 0.25, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75, 1, 1]
CURVE = score_curve(TEN, 4)


def ranges(*rows: tuple[float, float, float, float]) -> pd.DataFrame:
    names = ["min_cut", "max_cut", "lowest_share_below", "highest_share_below"]
    return pd.DataFrame(list(rows), columns=names).assign(judge=range(len(rows)))


def points(*rows: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["cut", "share_below"]).assign(judge=range(len(rows)))


def place(found: Compromise) -> tuple[float, float]:
    """Return the point of the curve that was found, which must be there."""
    assert found.cut.proportion is not None
    assert found.share_below is not None
    return found.cut.proportion, found.share_below


def test_the_curve_says_who_lies_below_and_is_straight_between_scores() -> None:
    assert CURVE.score.tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25]
    assert CURVE.share_below.tolist() == pytest.approx([0, 0.1, 0.2, 0.4, 0.8, 1])
    assert CURVE.share_at_or_below.tolist() == pytest.approx([0.1, 0.2, 0.4, 0.8, 1, 1])
    assert float(CURVE.below(0.6)) == pytest.approx(0.2 + 0.2 * 0.1 / 0.25)
    assert CURVE.candidates == 10
    assert [CURVE.candidates_below(cut) for cut in (0, 0.5, 0.6, 0.75, 1)] == pytest.approx([0, 0.2, 0.4, 0.4, 0.8])


def test_without_the_number_of_items_the_curve_turns_at_the_scores_that_occur() -> None:
    curve = score_curve([0.4, 0.4, 0.6, 0.9])
    assert curve.score.tolist() == pytest.approx([0, 0.4, 0.6, 0.9, 1.1])
    assert curve.share_below.tolist() == pytest.approx([0, 0, 0.5, 0.75, 1])


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [([], "There are no scores"), ([0.5, math.nan], "missing or lies outside"), ([7.0], "missing or lies outside")],
)
def test_scores_that_make_no_curve_are_refused(scores: list[float], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        score_curve(scores)


def test_a_curve_of_no_items_is_refused() -> None:
    with pytest.raises(Invalid, match="Scores of 0 items make no curve"):
        score_curve([0.5, 0.7], 0)


def test_hofstee_is_where_the_diagonal_meets_the_curve() -> None:
    # Means .5 .9 .1 .5: the line falls from .5 at .5 by 1 per unit: 1 - x. Curve from .5 to .75: .2 + .8 (x - .5).
    # 1 - x = .8 x - .2 at x = 2/3, share 1/3.
    found = hofstee(CURVE, ranges((0.4, 0.8, 0.05, 0.45), (0.6, 1.0, 0.15, 0.55)))
    assert place(found) == pytest.approx((2 / 3, 1 / 3), abs=1e-12)
    assert found.start == pytest.approx((0.5, 0.5))
    assert found.slope == pytest.approx(-1)
    # Without either judge the line starts at (.6, .55) or (.4, .45), falls by 1 again: 1.15 - x, .85 - x.
    cuts = [1.35 / 1.8, 1.05 / 1.8]
    assert found.cut.se == pytest.approx(abs(cuts[0] - cuts[1]) / 2, abs=1e-12)
    assert found.cut.note == ""


@pytest.mark.parametrize(
    ("judges", "cut"),
    [(ranges((0.6, 0.8, 0.0, 0.1)), 0.6), (ranges((0.1, 0.3, 0.5, 0.6)), 0.3)],
    ids=["the curve lies above", "the curve lies below"],
)
def test_where_hofstees_line_misses_the_curve_the_nearer_end_is_the_cut_and_a_sentence_says_so(
    judges: pd.DataFrame, cut: float
) -> None:
    found = hofstee(CURVE, judges)
    assert found.cut.proportion == cut
    assert found.cut.note.startswith("The line and the curve do not meet")


def test_where_judges_allow_one_cut_alone_it_is_hofstees() -> None:
    assert place(hofstee(CURVE, ranges((0.7, 0.7, 0.1, 0.9)))) == pytest.approx((0.7, 0.36))


def test_beuk_is_where_the_line_of_the_judges_spread_meets_the_curve() -> None:
    # Cuts .6 .8, shares .1 .2: means .7 .15, SD ratio .5, so share = .15 - .5 (x - .7) = .5 - .5 x.
    # Curve from .5 to .75: .8 x - .2, so x = .7 / 1.3.
    found = beuk(CURVE, points((0.6, 0.2), (0.8, 0.1)))
    assert place(found) == pytest.approx((0.7 / 1.3, 0.5 - 0.35 / 1.3), abs=1e-12)
    assert found.start == pytest.approx((0.7, 0.15))
    assert found.slope == pytest.approx(-0.5)


def test_beuk_takes_the_middles_of_ranges() -> None:
    middles = beuk(CURVE, points((0.6, 0.2), (0.8, 0.1), (0.7, 0.3)))
    found = beuk(CURVE, ranges((0.5, 0.7, 0.1, 0.3), (0.6, 1.0, 0.0, 0.2), (0.7, 0.7, 0.2, 0.4)))
    assert place(found) == pytest.approx(place(middles), abs=1e-12)


def test_beuk_keeps_what_the_judges_agree_on() -> None:
    assert place(beuk(CURVE, points((0.6, 0.2), (0.6, 0.5))))[0] == pytest.approx(0.6)
    assert place(beuk(CURVE, points((0.6, 0.3), (0.9, 0.3))))[1] == pytest.approx(0.3)


def test_de_gruijter_is_the_foot_of_the_ellipse_with_stated_uncertainties() -> None:
    # Equal uncertainties: the nearest point. From (.7, .16) to share = .8 x - .2: the foot is at
    # x = (.7 + .8 (.16 + .2)) / (1 + .64).
    judges = points((0.7, 0.16)).assign(cut_uncertainty=0.1, share_uncertainty=0.1)
    x = (0.7 + 0.8 * 0.36) / 1.64
    found = de_gruijter(CURVE, judges)
    assert place(found) == pytest.approx((x, 0.8 * x - 0.2), abs=1e-12)
    assert "stated uncertainties" in found.cut.convention
    # Twice as unsure of the share: it gives way more, so the cut is nearer to .7.
    weaker = de_gruijter(CURVE, judges.assign(share_uncertainty=0.2))
    y = (0.7 + 0.25 * 0.8 * 0.36) / (1 + 0.25 * 0.64)
    assert place(weaker)[0] == pytest.approx(y, abs=1e-12)
    assert "One judge" in found.cut.note


def test_de_gruijter_without_stated_uncertainties_uses_the_spread_between_judges_and_says_so() -> None:
    judges = points((0.6, 0.1), (0.8, 0.3), (0.7, 0.1))
    sd_cut, sd_share = judges["cut"].std(), judges["share_below"].std()
    stated = judges.assign(cut_uncertainty=sd_cut, share_uncertainty=sd_share)
    found = de_gruijter(CURVE, judges)
    assert place(found) == pytest.approx(place(de_gruijter(CURVE, stated)), abs=1e-12)
    assert "SDs between judges" in found.cut.convention


def test_no_point_of_the_curve_is_nearer_than_de_gruijters() -> None:
    judges = points((0.55, 0.3), (0.9, 0.2), (0.7, 0.45))
    found = place(de_gruijter(CURVE, judges))
    sd = judges[["cut", "share_below"]].std().to_numpy()
    centre = judges[["cut", "share_below"]].mean().to_numpy()
    grid = np.linspace(0, 1, 20_001)
    distances = ((grid - centre[0]) / sd[0]) ** 2 + ((CURVE.below(grid) - centre[1]) / sd[1]) ** 2
    own = ((np.array(found) - centre) / sd) ** 2
    assert own.sum() == pytest.approx(distances.min(), abs=1e-6)
    assert own.sum() <= distances.min() + 1e-12


@pytest.mark.parametrize("name", ["beuk", "de-gruijter"])
def test_judges_who_agree_on_both_leave_nothing_to_weigh(name: str) -> None:
    found = METHODS[name](CURVE, points((0.6, 0.2), (0.6, 0.2)))
    assert (found.cut.proportion, found.cut.se, found.share_below) == (None, None, None)
    assert found.cut.note.startswith("The judges agree on the cut and on the share")


ON_CUT = "as it is the cut on which all judges agree; that its error is 0 says nothing of other judges."
ON_SHARE = "as it goes with the share on which all judges agree; that its error is 0 says nothing of other judges."
HELD = "as it is held at an end of its range, which is the same for all; that its error is 0 says nothing"
CORNER = "as it stays at a corner of the curve; that its error is 0 says nothing of other judges."


@pytest.mark.parametrize(
    ("name", "judges", "cut", "why"),
    [
        ("beuk", points((0.7, 0.1), (0.7, 0.3), (0.7, 0.2)), 0.7, ON_CUT),
        ("beuk", points((0.6, 0.3), (0.8, 0.3), (0.9, 0.3)), 0.625, ON_SHARE),
        ("beuk", points((0.96, 0.97), (0.97, 0.96), (0.98, 0.97)), 1.0, HELD),
        ("de-gruijter", points((0.7, 0.1), (0.7, 0.3), (0.7, 0.2)), 0.7, ON_CUT),
        ("de-gruijter", points((0.6, 0.3), (0.8, 0.3), (0.9, 0.3)), 0.625, ON_SHARE),
        # The curve turns upward at (.75, .4), so points below and to the right of it have it as the nearest.
        (
            "de-gruijter",
            points((0.80, 0.34), (0.82, 0.35), (0.81, 0.33)).assign(cut_uncertainty=0.1, share_uncertainty=0.1),
            0.75,
            CORNER,
        ),
        ("hofstee", ranges((0.5, 0.8, 0.3, 0.3), (0.4, 0.9, 0.3, 0.3), (0.5, 0.9, 0.3, 0.3)), 0.625, ON_SHARE),
        ("hofstee", ranges((0.7, 0.7, 0.1, 0.5), (0.7, 0.7, 0.2, 0.6)), 0.7, ON_CUT),
        ("hofstee", ranges((0.6, 0.8, 0.0, 0.1), (0.6, 0.9, 0.0, 0.05)), 0.6, HELD),
        ("hofstee", ranges((0.1, 0.3, 0.5, 0.6), (0.2, 0.3, 0.5, 0.7)), 0.3, HELD),
        ("hofstee", ranges(*[(0.4, 0.8, 0.05, 0.45)] * 3), None, "All judges have the same cut"),
    ],
)
def test_an_error_of_nought_is_told_to_say_nothing_and_why(
    name: str, judges: pd.DataFrame, cut: float | None, why: str
) -> None:
    found = METHODS[name](CURVE, judges).cut
    assert found.se == 0
    assert cut is None or found.proportion == pytest.approx(cut, abs=1e-12)
    assert why in found.note


@pytest.mark.parametrize("name", METHODS)
def test_one_judge_has_no_error_and_a_sentence(name: str) -> None:
    found = METHODS[name](CURVE, ranges((0.5, 0.8, 0.1, 0.5)))
    assert found.cut.se is None
    assert found.cut.note == "One judge, so the error of the cut is unknown. Ask at least two."


@pytest.mark.parametrize("name", METHODS)
def test_a_column_or_value_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(Invalid, match="needs the columns"):
        METHODS[name](CURVE, pd.DataFrame({"judge": ["A"], "min_cut": [0.5]}))
    with pytest.raises(Invalid, match="'min_cut' of judge 2 is missing or lies outside 0 to 1"):
        METHODS[name](CURVE, ranges((0.5, 0.8, 0.1, 0.5), (50, 0.8, 0.1, 0.5)))


shares = st.floats(0.02, 0.98).map(lambda value: round(value, 3))
a_range = st.tuples(shares, shares).map(lambda two: (min(two), max(two)))
a_judge = st.tuples(a_range, a_range).map(lambda two: (two[0][0], two[0][1], two[1][0], two[1][1]))
panels = st.lists(a_judge, min_size=2, max_size=6).map(lambda rows: ranges(*rows))
curves = st.lists(st.integers(0, 12), min_size=2, max_size=60).map(
    lambda counts: score_curve([count / 12 for count in counts], 12)
)


@given(curve=curves, judges=panels)
def test_every_cut_lies_on_the_curve_and_hofstees_and_beuks_on_their_line(
    curve: ScoreCurve, judges: pd.DataFrame
) -> None:
    for name, method in METHODS.items():
        found = method(curve, judges)
        if found.cut.proportion is None:
            assert found.cut.note
            continue
        cut, share = place(found)
        assert found.cut.note or (found.cut.se or 0) > 1e-12
        assert 0 <= cut <= 1
        assert share == pytest.approx(float(curve.below(cut)), abs=1e-12)
        if name != "de-gruijter" and found.slope is not None and "do not meet" not in found.cut.note:
            line = found.start[1] + found.slope * (cut - found.start[0])
            assert share == pytest.approx(line, abs=1e-9)
    slope = beuk(curve, judges).slope
    cuts, below = judges[["min_cut", "max_cut"]].mean(axis=1), judges.iloc[:, 2:4].mean(axis=1)
    if slope is not None:
        assert -slope == pytest.approx(below.std() / cuts.std(), rel=1e-6, abs=1e-9)
