"""ssa dif: the reference data through a shell, groups in a file of their own, and files that cannot be compared."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.shell import done, ssa
from tests.reference import published


@pytest.fixture(scope="module")
def marked() -> pd.DataFrame:
    """The reference data, one row per attempt and item."""
    wide = published.data("dif")
    rows = wide.rename_axis("attempt_id").reset_index()
    return rows.melt(id_vars=["attempt_id", "group"], var_name="item_id", value_name="correct")


@pytest.fixture
def files(marked: pd.DataFrame, tmp_path: Path) -> tuple[Path, Path]:
    """The same in two files."""
    first, second = tmp_path / "first.csv", tmp_path / "second.parquet"
    marked[marked["attempt_id"] < 700].to_csv(first, index=False)
    marked[marked["attempt_id"] >= 700].to_parquet(second, index=False)
    return first, second


def test_the_table_holds_the_figures_of_difr(files: tuple[Path, Path], tmp_path: Path) -> None:
    said = done("dif", *files, "--focal", "F", "--reference", "R", "--purify", "--out", tmp_path / "out")
    found = pd.read_csv(tmp_path / "out/dif.csv", index_col="item_id")
    tables, regression = published.expected("dif_mh_purified"), published.expected("dif_logistic_purified")
    np.testing.assert_allclose(found["mh_chi2"], tables["chi2"], atol=1e-9)
    np.testing.assert_allclose(found["mh_delta_se"], tables["se_delta"], atol=1e-9)
    np.testing.assert_allclose(found["lr_nonuniform_chi2"], regression["lrt_nonuniform"], atol=1e-8)
    assert found["ets_class"].tolist() == tables["ets"].tolist()
    assert found.index[found["flagged"]].tolist() == ["i04", "i11", "i17"]
    assert "20 items, 900 attempts against 600 of 'F'." in said
    assert "ETS classes: 18 A, 0 B, 2 C. Flagged: i04, i11, i17." in said
    assert str(tmp_path / "out/dif.csv") in said


def test_without_the_correction(files: tuple[Path, Path], tmp_path: Path) -> None:
    done("dif", *files, "--focal", "F", "--no-correction", "--out", tmp_path)
    found = pd.read_csv(tmp_path / "dif.csv", index_col="item_id")
    np.testing.assert_allclose(found["mh_chi2"], published.expected("dif_mh_nocorrection")["chi2"], atol=1e-9)


@pytest.mark.parametrize("key", ["attempt_id", "candidate_id"])
def test_groups_may_stand_in_a_file_of_their_own(marked: pd.DataFrame, key: str, tmp_path: Path) -> None:
    responses = marked.drop(columns="group").assign(candidate_id="c" + marked["attempt_id"].astype(str))
    named = responses.assign(sex=marked["group"].map({"F": 2, "R": 1}))[[key, "sex"]].drop_duplicates()
    named.loc[named.index[:3], "sex"] = math.nan  # numbers beside empty cells are read as 1.0 and 2.0
    responses.to_csv(tmp_path / "responses.csv", index=False)
    named.to_csv(tmp_path / "groups.csv", index=False)
    run = ssa(
        "dif", tmp_path / "responses.csv", "--groups", tmp_path / "groups.csv", "--group", "sex", "--focal", "2",
        "--out", tmp_path,
    )  # fmt: skip
    assert run.code == 0, run
    assert "897 attempts against 600 of '2'." in run.out
    assert run.err.strip() == "3 attempts of no known group or of other groups were left out."


def test_pilots_are_in_no_matching_score(marked: pd.DataFrame, tmp_path: Path) -> None:
    pilot = marked["item_id"] == "i04"
    marked.assign(scored=~pilot).to_csv(tmp_path / "with.csv", index=False)
    marked[~pilot].to_csv(tmp_path / "without.csv", index=False)
    for name in ("with", "without"):
        done("dif", tmp_path / f"{name}.csv", "--focal", "F", "--out", tmp_path / name)
    found = pd.read_csv(tmp_path / "with/dif.csv", index_col="item_id")
    expected = pd.read_csv(tmp_path / "without/dif.csv", index_col="item_id")
    np.testing.assert_allclose(found["mh_chi2"].drop("i04"), expected["mh_chi2"], atol=1e-9)
    assert found["flagged"]["i04"]


def test_what_cannot_be_compared_is_a_sentence(files: tuple[Path, Path], tmp_path: Path) -> None:
    first, _ = files
    out = ("--out", tmp_path)
    said = ssa("dif", first, "--focal", "X", *out).sentence()
    assert said == "No attempt is in the focal group 'X'. Groups found: 'R'."
    assert "nothing to compare 'R' with" in ssa("dif", first, "--focal", "R", *out).sentence()
    assert "no column 'sex'" in ssa("dif", first, "--group", "sex", "--focal", "F", *out).sentence()
    assert "twice" in ssa("dif", first, first, "--focal", "R", *out).sentence()


def test_an_attempt_in_two_groups_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("attempt_id,item_id,correct,group\n1,A,1,F\n1,B,0,R\n2,A,1,R\n")
    said = ssa("dif", tmp_path / "r.csv", "--focal", "F", "--out", tmp_path).sentence()
    assert said == "Attempt '1' is in two groups. Give each one group."


def test_a_file_of_groups_that_fits_nothing_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("attempt_id,item_id,correct\n1,A,1\n2,A,0\n")
    (tmp_path / "g.csv").write_text("candidate_id,group\n1,F\n")
    run = ("dif", tmp_path / "r.csv", "--focal", "F", "--out", tmp_path, "--groups", tmp_path / "g.csv")
    assert "has no column 'attempt_id' or 'candidate_id' that the responses have as well" in ssa(*run).sentence()
    (tmp_path / "g.csv").write_text("attempt_id,sex\n1,F\n")
    assert "has no column 'group'" in ssa(*run).sentence()


def test_a_tiny_file_gives_a_table_of_reasons(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("attempt_id,item_id,correct,group\n1,A,1,F\n2,A,0,R\n3,A,1,R\n")
    said = done("dif", tmp_path / "r.csv", "--focal", "F", "--out", tmp_path)
    assert "0 A, 0 B, 0 C, 1 without a class. Flagged: none." in said
    found = pd.read_csv(tmp_path / "dif.csv").iloc[0]
    assert math.isnan(found["mh_chi2"])
    assert found["note"].startswith("No score level has both groups and both right and wrong answers")
