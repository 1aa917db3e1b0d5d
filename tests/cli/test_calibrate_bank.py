"""ssa calibrate --bank: a new form on the scale of the bank, by the constants of R, and what cannot be linked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.shell import done, ssa
from tests.cli.test_calibrate import small, tables, write
from tests.reference import published

METHODS = {"mean-sigma": "mean-sigma", "mean-mean": "mean-mean", "stocking-lord": "Stocking-Lord", "haebara": "Haebara"}


@pytest.fixture(scope="module")
def form_y(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("form_y") / "form_y.csv", "linking_form_y")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Form X as mirt 1.47 calibrated it: the bank of the reference."""
    path = tmp_path / "bank.csv"
    published.expected("linking_form_x_items").rename_axis("item_id")[["a", "b"]].to_csv(path)
    return path


def constants(method: str) -> tuple[float, float]:
    """R 4.2.2: own formulas; optim, then nlm, one direction, theta -4..4 by .1, weights dnorm, normalised."""
    table = published.table("linking_constants")
    row = table[(table["method"] == METHODS[method]) & table["made_by"].str.startswith("own R")].iloc[0]
    return float(row["A"]), float(row["B"])


@pytest.mark.parametrize("method", METHODS)
def test_a_form_is_put_on_the_banks_scale_by_the_constants_of_r(
    form_y: Path, bank: Path, tmp_path: Path, method: str
) -> None:
    """The new form is calibrated here, within 5e-6 of mirt, and so are the constants."""
    out, report = tmp_path / "items.csv", tmp_path / "report"
    said = done("calibrate", form_y, "--bank", bank, "--link", method, "--out", out, "--report", report)
    slope, intercept = constants(method)
    scale = f"a, b and their errors are on the scale of {bank}: theta_bank = {slope:.4f} theta_new {intercept:+.4f}"
    assert said.splitlines()[1] == f"{scale}, {method} over 10 anchors"
    found, theirs = pd.read_csv(out, index_col="item_id"), published.expected("linking_form_y_items")
    placed = pd.DataFrame(
        {"a": theirs["a"] / slope, "b": slope * theirs["b"] + intercept,
         "a_se": theirs["se_a"] / slope, "b_se": slope * theirs["se_b"]}
    )  # fmt: skip
    np.testing.assert_allclose(found[placed.columns], placed, rtol=0, atol=3e-5)
    written = tables(report)
    row = written["linking"].iloc[0]
    assert (row["method"], row["anchors"]) == (method, 10)
    assert row["direction"] == "new to bank: theta_bank = slope * theta_new + intercept"
    assert (row["slope"], row["intercept"]) == (pytest.approx(slope, abs=2e-5), pytest.approx(intercept, abs=2e-5))
    anchors = written["anchors"].set_index("item_id")
    assert anchors.index.tolist() == [f"anchor{number:02d}" for number in range(1, 11)]
    np.testing.assert_allclose(anchors[["a_new", "b_new"]], placed.loc[anchors.index, ["a", "b"]], rtol=0, atol=3e-5)
    suspect = ", ".join(f"'{name}'" for name in anchors.index[anchors["suspect"]])
    assert row["note"] == f"Anchors that may have drifted (one in ten looks so by chance): {suspect}."


def test_abilities_and_sum_scores_are_on_the_banks_scale_as_well(form_y: Path, bank: Path, tmp_path: Path) -> None:
    slope, intercept = constants("stocking-lord")
    out, before, after = tmp_path / "items.csv", tmp_path / "before", tmp_path / "after"
    done("calibrate", form_y, "--out", out, "--report", before)
    done("calibrate", form_y, "--bank", bank, "--out", out, "--report", after)
    own, banked = tables(before), tables(after)
    assert sorted(set(banked) - set(own)) == ["anchors", "linking"]
    for table, names in {"abilities": ["eap", "map", "wle"], "eap_by_sum_score": ["eap"]}.items():
        moved = slope * own[table][names] + intercept
        np.testing.assert_allclose(banked[table][names], moved, rtol=0, atol=1e-4)
    np.testing.assert_allclose(banked["item_fit"]["s_x2"], own["item_fit"]["s_x2"], rtol=0, atol=1e-6)
    assert banked["model"]["scale"][0] == (f"the bank's; these attempts have mean {intercept:.4f} and SD {slope:.4f}")


def test_the_file_of_an_earlier_calibration_is_a_bank(form_y: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "first.parquet", tmp_path / "again.csv"
    done("calibrate", form_y, "--out", first)
    said = done("calibrate", form_y, "--bank", first, "--out", again)
    assert "theta_bank = 1.0000 theta_new +0.0000, stocking-lord over 20 anchors" in said
    found, expected = pd.read_csv(again), pd.read_parquet(first)
    np.testing.assert_allclose(found[["a", "b", "a_se", "b_se"]], expected[["a", "b", "a_se", "b_se"]], atol=1e-6)


SMALL = ("1111", "0000", "1110", "1100", "1000", "1010", "0000", "1111", "0100", "1101", "0001", "1111")


@pytest.mark.parametrize(
    ("bank_file", "options", "says"),
    [
        ("item_id,a,b\nA,1,0\nX,1,1\n", (), "here: 1."),
        ("item_id,a,b\nA,1,0\nB,,\n", (), "here: 1. Without a slope above 0 and a difficulty in both: 'B'."),
        ("item_id,a,b\nX,1,0\nY,1,1\n", (), "here: 0."),
        (
            "item_id,a,b\nA,1,0\nB,1,0\nC,1,0\n",
            ("--link", "mean-sigma"),
            "In the bank the difficulties of the 3 anchors",
        ),
        ("item_id,a\nA,1\n", (), "bank.csv: has no column 'b'."),
        ("item_id,a,b\nA,1,0\nA,1,1\n", (), "bank.csv: has item 'A' twice. Give each item one row."),
        ("item_id,a,b\nA,1,0\nB,steep,1\n", (), "bank.csv:3: 'a' is no number."),
        ("item_id,a,b,c\nA,1,0,1.5\nB,1,1,0\n", (), "Item 'A': c must lie in [0, 1), and is 1.5."),
    ],
)
def test_a_bank_that_cannot_be_linked_to_is_refused_with_a_sentence(
    tmp_path: Path, bank_file: str, options: tuple[str, ...], says: str
) -> None:
    (tmp_path / "bank.csv").write_text(bank_file, encoding="utf-8")
    file = small(tmp_path / "r.csv", *SMALL)
    written = ("--out", tmp_path / "items.csv", "--report", tmp_path / "report")
    run = ssa("calibrate", file, "--model", "1pl", "--bank", tmp_path / "bank.csv", *options, *written)
    assert says in run.sentence()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bank.csv", "r.csv"]


def test_two_anchors_are_enough_and_what_they_cannot_show_is_said(tmp_path: Path) -> None:
    (tmp_path / "bank.csv").write_text("item_id,a,b\nA,1,0\nB,1.2,1\n", encoding="utf-8")
    file = small(tmp_path / "r.csv", *SMALL)
    run = ssa("calibrate", file, "--model", "1pl", "--bank", tmp_path / "bank.csv", "--out", tmp_path / "items.csv")
    assert run.code == 0
    assert "stocking-lord over 2 anchors" in run.out
    assert run.err == "With fewer than 4 anchors nobody can tell which of them drifted.\n"


def test_a_way_to_link_without_a_bank_is_a_wrong_call(tmp_path: Path) -> None:
    file = small(tmp_path / "r.csv", *SMALL)
    run = ssa("calibrate", file, "--link", "haebara", "--out", tmp_path / "items.csv")
    assert run.code == 2
    assert "--link says how to link to a bank: give its item parameters with --bank." in run.err
    assert not (tmp_path / "items.csv").exists()
