"""ssa dif: the reference data through a shell, groups in a file of their own, outcomes, and what cannot be compared."""

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
    assert "is in an earlier file as well" in ssa("dif", first, first, "--focal", "R", *out).sentence()


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


def two_by_ten(path: Path, *more: str, sizes: tuple[int, int] = (10, 10)) -> Path:
    """Write one area of two items: 3 of ten of group R below .75, and 9 of ten of group F (the first of each)."""
    patterns = {"R": ["01"] * 3 + ["11"] * 7, "F": ["00"] * 9 + ["11"]}
    rows = ["attempt_id,item_id,content_area,correct,group"]
    for group, size in zip("RF", sizes, strict=True):
        for number, letters in enumerate(patterns[group][:size]):
            rows += [f"{group}{number},i{place},x,{letter},{group}" for place, letter in enumerate(letters)]
    path.write_text("\n".join([*rows, *more]) + "\n")
    return path


@pytest.mark.parametrize(
    ("sizes", "options", "focal", "why"),
    [
        ((10, 9), (), "F", "focal because it is the smaller of two groups"),
        ((9, 10), (), "R", "focal because it is the smaller of two groups"),
        ((10, 10), (), "R", "focal because it is the later of two equal groups"),
        ((9, 10), ("--reference", "R"), "F", "focal because it is the other of two groups"),
    ],
)
def test_the_focal_one_of_two_groups_need_not_be_named(
    sizes: tuple[int, int], options: tuple[str, ...], focal: str, why: str, tmp_path: Path
) -> None:
    path = two_by_ten(tmp_path / "r.csv", sizes=sizes)
    said = done("dif", path, *options, "--out", tmp_path / "out").splitlines()[0]
    of_focal = dict(zip("RF", sizes, strict=True))[focal]
    assert said == f"2 items, {sum(sizes) - of_focal} attempts against {of_focal} of '{focal}', {why}."
    assert not (tmp_path / "out/groups.csv").exists()


def test_of_three_groups_the_focal_one_must_be_named(tmp_path: Path) -> None:
    path = two_by_ten(tmp_path / "r.csv", "X0,i0,x,1,X", "X0,i1,x,1,X")
    said = ssa("dif", path, "--out", tmp_path).sentence()
    assert said == "There are more than two groups: 'F', 'R', 'X'. Say with --focal which one is to be looked at."
    run = ssa("dif", path, "--focal", "F", "--standards", 0.75, "--out", tmp_path)
    assert (run.code, run.err) == (0, "")
    assert "2 items, 11 attempts against 10 of 'F'." in run.out
    found = pd.read_csv(tmp_path / "groups.csv")
    assert found["group"].tolist() == ["F", "R", "X"] * 2
    assert found["difference"].isna().tolist() == [False, True, False] * 2  # R is the largest beside F


def test_groups_a_file_names_and_nobody_belongs_to_are_no_groups(tmp_path: Path) -> None:
    path = two_by_ten(tmp_path / "r.csv")
    names = [f"{group}{number},{group}" for group in "RF" for number in range(10)]
    (tmp_path / "g.csv").write_text("\n".join(["attempt_id,group", *names, "Y1,Y"]))
    assert "10 of 'R', focal" in done("dif", path, "--groups", tmp_path / "g.csv", "--out", tmp_path)


def test_outcomes_of_nine_and_three_of_ten_are_as_newcombe_printed(tmp_path: Path) -> None:
    # Newcombe (1998), Statistics in Medicine 17:873-890, Table II, method 10: 9/10 against 3/10.
    path = two_by_ten(tmp_path / "r.csv")
    said = done("dif", path, "--focal", "F", "--standards", "x=0.75", "--out", tmp_path / "out")
    assert "Prescribed something: 90.0% of 'F', 30.0% of 'R'." in said
    assert "Below four fifths: 'F' in all areas, 'F' in x. Written: " in said
    found = pd.read_csv(tmp_path / "out/groups.csv")
    focal = found.iloc[2]
    assert (focal["content_area"], focal["group"], focal["prescribed"]) == ("x", "F", 9)
    assert (focal["lower"], focal["upper"]) == pytest.approx((0.1705, 0.8090), abs=5.1e-5)
    assert focal["score_difference"] == pytest.approx(0.1 - 0.85)
    assert found["note"].str.startswith("Fewer than 30 attempts").all()


def test_outcomes_of_the_reference_data_are_those_counted_directly(
    marked: pd.DataFrame, files: tuple[Path, Path], tmp_path: Path
) -> None:
    halves = marked.assign(content_area=np.where(marked["item_id"] <= "i10", "first", "second"))
    halves.to_csv(tmp_path / "r.csv", index=False)
    (tmp_path / "policy.yaml").write_text("standards: {first: 0.7, second: 0.5}\ncredits: {rule: flat, credits: 1}\n")
    done(
        "dif", tmp_path / "r.csv", "--policy", tmp_path / "policy.yaml", "--standards", "second=0.6", "--out", tmp_path
    )
    found = pd.read_csv(tmp_path / "groups.csv").set_index(["content_area", "group"])
    scores = halves.groupby(["content_area", "group", "attempt_id"])["correct"].sum()
    below = scores < pd.Series({"first": 7, "second": 6}).reindex(scores.index.get_level_values(0)).to_numpy()
    expected = below.groupby(level=[0, 1]).sum()
    assert found["prescribed"].drop("all areas").to_dict() == expected.to_dict()
    anywhere = below.groupby(level=[1, 2]).any().groupby(level=0).sum()
    assert found["prescribed"].tolist()[:2] == anywhere[["F", "R"]].tolist()
    assert found["note"].isna().all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--standards", "y=0.7"), "no response has the content area 'y'"),
        (("--standards", "seven"), "'seven' is no proportion"),
        (("--policy", "policy.yaml"), "There is no standard for: x."),
    ],
)
def test_standards_that_do_not_fit_are_a_sentence_and_nothing_is_written(
    options: tuple[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = two_by_ten(tmp_path / "r.csv")
    (tmp_path / "policy.yaml").write_text("standards: {z: 0.7}\ncredits: {rule: flat, credits: 1}\n")
    assert said in ssa("dif", path, *options, "--out", tmp_path / "out").sentence()
    assert not (tmp_path / "out").exists()


def test_outcomes_need_content_areas(files: tuple[Path, Path], tmp_path: Path) -> None:
    said = ssa("dif", files[0], "--standards", "0.7", "--out", tmp_path).sentence()
    assert said.endswith("has no column 'content_area'.")
