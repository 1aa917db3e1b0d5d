"""ssa decisions: files of responses in, tables and a chart out; the same seed, the same bytes; wrongs are told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.shell import Run, done, ssa
from tests.reference import published

POLICY = """
standards: {A1: 0.7, A2: 0.6, A3: 0.5}
credits: {rule: bands, bands: [{short: 1, credits: 1.5}, {short: 3, credits: 3}], total_cap: 6}
"""


@pytest.fixture(scope="module")
def marked() -> pd.DataFrame:
    """Three areas of ten items, 300 people, as marked responses."""
    long = published.long_of(published.data("subscores").head(300))
    long = long.assign(content_area=long["item_id"].str[:2])
    return long[long["content_area"].isin(["A1", "A2", "A3"])]


@pytest.fixture
def responses(marked: pd.DataFrame, tmp_path: Path) -> Path:
    """The same as CSV."""
    path = tmp_path / "marked.csv"
    marked.to_csv(path, index=False)
    return path


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def decisions(*options: object, out: Path) -> Run:
    """Run it with few replications."""
    return ssa("decisions", *options, "--replications", 40, "--out", out)


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(out / f"{name}.csv", keep_default_na=False)


def test_a_file_and_a_policy_give_tables_a_chart_and_two_lines(responses: Path, policy: Path, tmp_path: Path) -> None:
    run = decisions(responses, "--policy", policy, "--cut-se", 0.04, "--loss-ratio", 2, out=tmp_path / "out")
    assert run.code == 0, run
    assert run.out.startswith("3 of 3 areas: ")
    assert "\nMean loss at ratio 2 (held-out half): raw 0." in run.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "areas.csv",
        "calibration.csv",
        "calibration.svg",
        "decisions.csv",
        "losses.csv",
        "profile.csv",
        "subscores.csv",
        "sweep.csv",
        "true_scores.csv",
    ]
    areas = table(tmp_path / "out", "areas")
    assert areas["method"].tolist() == ["beta-binomial", "Livingston–Lewis", "Hanson–Brennan"] * 3
    assert areas["standard"].unique().tolist() == [0.7, 0.6, 0.5]
    assert areas["cut"].unique().tolist() == [7, 6, 5]
    assert areas["note"].tolist() == [""] * 9
    assert len(table(tmp_path / "out", "sweep")) == 3 * 11
    profile = table(tmp_path / "out", "profile")
    assert profile["content_area"].tolist() == ["A1", "A2", "A3", "all areas"]
    assert float(profile["mean_credits"].iloc[-1]) < 6
    people = table(tmp_path / "out", "decisions")
    assert len(people) == 900
    assert set(people["decision"]) == {"prescribe", "none"}
    assert set(people["rule"]) == {"expected loss, loss ratio 2"}
    assert ((people["probability_below"] > 1 / 3) == (people["decision"] == "prescribe")).all()


def test_an_area_equals_its_reference(tmp_path: Path) -> None:
    # R betafunctions 1.9.0, LL.CA and HB.CA with alpha, four parameters; exact values of exact.py.
    long = published.long_of(published.data("area1")).assign(content_area="A1")
    path = tmp_path / "area1.parquet"
    long.to_parquet(path)
    done("decisions", path, "--standards", "A1=0.7", "--replications", 40, "--out", tmp_path / "out")
    areas = table(tmp_path / "out", "areas").set_index("method")
    exact = published.table("classification_exact").set_index("case")
    for method, case in (("Livingston–Lewis", "LL 4P fail-safe 2P"), ("Hanson–Brennan", "HB 4P fail-safe 2P")):
        for name in ("accuracy", "consistency", "kappa"):
            assert areas.loc[[method], name].item() == pytest.approx(exact.loc[case, name], abs=1e-8)
        assert areas.loc[[method], "fit"].item() == "four moments"


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(responses: Path, tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        assert decisions(responses, "--standards", 0.7, "--seed", seed, out=tmp_path / name).code == 0
    first, again, other = ((tmp_path / name / "areas.csv").read_bytes() for name in ("first", "again", "other"))
    assert first == again
    assert first != other


def test_several_files_are_one_cohort(marked: pd.DataFrame, tmp_path: Path) -> None:
    early = marked["attempt_id"] < 150
    for name, part in (("early.csv", marked[early]), ("late.csv", marked[~early]), ("all.csv", marked)):
        part.to_csv(tmp_path / name, index=False)
    assert decisions(tmp_path / "early.csv", tmp_path / "late.csv", "--standards", 0.7, out=tmp_path / "two").code == 0
    assert decisions(tmp_path / "all.csv", "--standards", 0.7, out=tmp_path / "one").code == 0
    pd.testing.assert_frame_equal(table(tmp_path / "two", "areas"), table(tmp_path / "one", "areas"))


def test_standards_may_be_one_number_areas_and_a_file(responses: Path, policy: Path, tmp_path: Path) -> None:
    listed = tmp_path / "standards.csv"
    listed.write_text("content_area,standard\nA1,0.65\nA2,0.6\n")
    for given, expected in (
        (["--standards", 0.7, "--standards", "A2=0.55"], [0.7, 0.55, 0.7]),
        (["--standards", listed, "--standards", "A3=0.4"], [0.65, 0.6, 0.4]),
        (["--policy", policy, "--standards", "A3=0.8"], [0.7, 0.6, 0.8]),
        (["--standards", policy], [0.7, 0.6, 0.5]),
    ):
        assert decisions(responses, *given, out=tmp_path / "out").code == 0
        assert table(tmp_path / "out", "areas")["standard"].tolist()[::3] == expected


def test_a_credit_rule_may_come_without_its_standards(responses: Path, policy: Path, tmp_path: Path) -> None:
    assert decisions(responses, "--standards", 0.7, "--credits", policy, out=tmp_path / "out").code == 0
    assert (table(tmp_path / "out", "profile")["mean_credits"].astype(float) > 0).all()
    assert decisions(responses, "--standards", 0.7, out=tmp_path / "out").code == 0
    assert table(tmp_path / "out", "profile")["note"].str.contains("No credit rule").all()


def test_item_parameters_add_lee_and_rudner(responses: Path, marked: pd.DataFrame, tmp_path: Path) -> None:
    parameters = tmp_path / "items.csv"
    items = sorted(marked["item_id"].unique())
    pd.DataFrame({"item_id": items, "a": 1.2, "b": [-0.4] * len(items)}).to_csv(parameters, index=False)
    assert decisions(responses, "--standards", 0.7, "--items", parameters, out=tmp_path / "out").code == 0
    areas = table(tmp_path / "out", "areas")
    assert areas["method"].tolist()[3:5] == ["Lee", "Rudner"]
    assert areas["accuracy"].astype(float).between(0.5, 1).all()


def test_too_few_responses_are_said_and_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("attempt_id,item_id,correct,content_area\n1,i1,true,A\n2,i1,false,A\n3,i1,true,A\n")
    run = decisions(path, "--standards", 0.5, "--loss-ratio", 1, out=tmp_path / "out")
    assert run.out.startswith("1 areas, and too few attempts or items to say how good decisions are.")
    for name in ("areas", "sweep", "profile"):
        assert "two attempts and two items" in table(tmp_path / "out", name)["note"].iloc[0]
    assert "No losses: No attempt has two items in an area, so no half can be held out." in run.out
    for name in ("decisions", "true_scores"):
        assert "The area has one item" in table(tmp_path / "out", name)["note"].iloc[0]
    for name in ("subscores", "true_scores", "losses", "calibration", "decisions"):
        found = table(tmp_path / "out", name)
        empty = (found.drop(columns="note") == "").any(axis=1)
        assert (found.loc[empty, "note"] != "").all(), found
    assert "no probabilities" in (tmp_path / "out" / "calibration.svg").read_text()


WRONG = {
    "no standard": ([], "There is no standard to decide by. Give --standards (0.7, AREA=0.7, or a CSV file"),
    "one missing": (["--standards", "A1=0.7"], "There is no standard for: A2, A3."),
    "unknown area": (["--standards", "B9=0.7"], "no response has the content area 'B9'"),
    "no proportion": (["--standards", "7"], "'7' is no proportion"),
    "no number": (["--standards", "missing.csv"], "'missing.csv' is no proportion"),
    "cut-se of an unknown area": (["--standards", "0.7", "--cut-se", "B9=0.1"], "content area 'B9'"),
}


@pytest.mark.parametrize(("options", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_in_a_sentence(options: list[str], told: str, responses: Path, tmp_path: Path) -> None:
    assert told in decisions(responses, *options, out=tmp_path / "out").sentence()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("item_id,a\ni1,1\n", "has no column 'b'"),
        ("item_id,a,b\ni1,steep,0\n", "items.csv:2: 'a' is no number"),
        ("item_id,a,b\ni1,1,0\ni1,1,0\n", "has item 'i1' twice"),
        ("", "cannot be read"),
    ],
)
def test_item_parameters_that_cannot_be_used_are_told(text: str, told: str, responses: Path, tmp_path: Path) -> None:
    parameters = tmp_path / "items.csv"
    parameters.write_text(text)
    run = decisions(responses, "--standards", 0.7, "--items", parameters, out=tmp_path / "out")
    assert told in run.sentence()


def test_responses_without_areas_are_told(tmp_path: Path) -> None:
    path = tmp_path / "marked.csv"
    path.write_text("attempt_id,item_id,correct\n1,i1,true\n")
    assert "has no column 'content_area'" in decisions(path, "--standards", 0.7, out=tmp_path / "out").sentence()


@pytest.mark.parametrize("ratio", ["nan", "inf"])
def test_a_loss_ratio_that_weighs_nothing_is_refused(ratio: str, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("attempt_id,item_id,correct,content_area\n1,i,1,x\n2,i,0,x\n")
    run = ssa("decisions", path, "--standards", 0.7, "--loss-ratio", ratio, "--out", tmp_path / "out")
    assert f"--loss-ratio {ratio} is no number to weigh with" in run.sentence()


def test_an_attempt_in_two_files_is_refused(tmp_path: Path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        path.write_text("attempt_id,item_id,correct,content_area\n1,i,1,x\n2,i,0,x\n")
    run = ssa("decisions", *paths, "--standards", 0.7, "--out", tmp_path / "out")
    assert "attempt '1' is in an earlier file as well" in run.sentence()
