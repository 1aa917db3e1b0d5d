"""Groups while tuning: the rates and intervals of `fairness.groups.prescription_rates`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.fairness.groups import prescription_rates
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.credits import apply
from ssa_engine.core.tuning.group_rates import group_rates
from tests.core.banks import policy_of
from tests.core.tuning.small import cohort, policy

SITES = np.array(["north", "north", "south", "south", None, "south"], dtype=object)


def test_rates_are_counted_by_hand() -> None:
    # Credits: dose 0 0 1 2 3 0, image 0 1 0 1 0 0. North: sittings 1, 2; south: 3, 4, 6; the fifth is unknown.
    few = cohort(groups={"site": SITES})
    rates = group_rates(few, apply(few, policy()), "site")
    found = [tuple(row) for row in rates[["content_area", "group", "sittings", "prescribed"]].to_numpy()]
    assert found == [
        ("all areas", "north", 2, 1),
        ("all areas", "south", 3, 2),
        ("dose", "north", 2, 0),
        ("dose", "south", 3, 2),
        ("image", "north", 2, 1),
        ("image", "south", 3, 1),
    ]
    assert rates["mean_credits"].tolist() == pytest.approx([0.5, 4 / 3, 0, 1, 0.5, 1 / 3])
    assert rates["difference"].tolist() == pytest.approx([-1 / 6, np.nan, -2 / 3, np.nan, 1 / 6, np.nan], nan_ok=True)
    assert rates["ratio"].tolist() == pytest.approx([1, 2 / 3, 1, 1 / 3, 0.75, 1])


def test_they_are_those_of_the_reference_function() -> None:
    random = np.random.default_rng(3)
    n, areas = 400, ("a", "b", "c")
    items = np.where(random.random((n, 3)) < 0.1, 0, 10)
    correct = random.binomial(items, random.beta(4, 2, (n, 3)))
    sites = np.array(["x", "y", "z", None], dtype=object)[random.integers(0, 4, n)]
    ids = np.arange(n)
    many = Cohort(ids, ids, areas, items, correct.astype(float), correct, groups={"site": sites})
    given = apply(many, policy_of(dict.fromkeys(areas, 0.7), rule="per_item", credits=2, total_cap=10))
    ours = group_rates(many, given, "site", reference="y")
    rows, columns = np.nonzero(items)
    scores = pd.DataFrame(
        {"attempt_id": rows, "content_area": np.array(areas)[columns], "credits": given.credits[rows, columns]}
    )
    theirs = prescription_rates(scores, pd.Series(sites), reference="y")
    theirs = theirs.set_index(["content_area", "group"]).loc[
        list(zip(ours["content_area"], ours["group"], strict=True))
    ]
    for name, other in (("sittings", "n"), ("prescribed", "prescribed"), ("rate", "rate"), ("difference", "difference"),
                        ("lower", "lower"), ("upper", "upper"), ("ratio", "ratio")):  # fmt: skip
        expected = theirs[other].to_numpy(dtype=float)
        if name == "sittings":
            expected[:3] = [(sites == group).sum() for group in "xyz"]
            assert ours[name].to_numpy()[3:] == pytest.approx(expected[3:])
        else:
            assert ours[name].to_numpy(dtype=float)[3:] == pytest.approx(expected[3:], nan_ok=True, abs=1e-12), name


def test_a_grouping_that_is_not_there_or_has_one_group_is_refused() -> None:
    few = cohort(groups={"site": SITES, "one": np.array(["x"] * 6, dtype=object)})
    given = apply(few, policy())
    with pytest.raises(Invalid, match="no grouping 'region'"):
        group_rates(few, given, "region")
    with pytest.raises(Invalid, match="fewer than two groups"):
        group_rates(few, given, "one")
    with pytest.raises(Invalid, match="no group 'west'"):
        group_rates(few, given, "site", reference="west")
