"""ssa simulate: the same seed gives the same bytes, in CSV and Parquet, and the result can be scored."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from ssa_engine.config import bundled
from ssa_engine.core.psychometrics.subscores.loss_tables import TRUE
from tests import by_hand
from tests.cli.shell import done, ssa

CANDIDATES = 30


def simulate(out: Path, *options: object, seed: int = 5) -> Path:
    """Simulate CT candidates into a folder."""
    done("simulate", "CT", "--candidates", CANDIDATES, "--seed", seed, "--forms", 4, "--out", out, *options)
    return out


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulated responses as CSV."""
    return simulate(tmp_path_factory.mktemp("simulated"))


def read(folder: Path) -> pd.DataFrame:
    """Read the responses of a folder as text."""
    return pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)


def test_the_same_seed_gives_the_same_bytes(simulated: Path, tmp_path: Path) -> None:
    again = simulate(tmp_path)
    names = ["item_parameters.csv", "responses.csv", "true_scores.csv"]
    assert sorted(path.name for path in again.iterdir()) == names
    assert [(again / name).read_bytes() == (simulated / name).read_bytes() for name in names] == [True] * 3


def test_another_seed_gives_other_responses(simulated: Path, tmp_path: Path) -> None:
    assert (read(simulate(tmp_path, seed=6))["answer"] != read(simulated)["answer"]).any()


def test_parquet_holds_what_the_csv_holds(simulated: Path, tmp_path: Path) -> None:
    parquet = pd.read_parquet(simulate(tmp_path, "--format", "parquet") / "responses.parquet")
    table = pd.read_csv(simulated / "responses.csv")
    assert list(parquet.columns) == list(table.columns)
    assert parquet["scored"].tolist() == table["scored"].tolist()
    assert parquet["answer"].fillna("").tolist() == table["answer"].fillna("").tolist()
    others = [name for name in parquet if name not in ("scored", "answer")]
    assert [name for name in others if parquet[name].tolist() != table[name].tolist()] == []


def test_every_candidate_has_one_form_with_every_item_once(simulated: Path) -> None:
    frame = read(simulated)
    length = 7 * 10 + 10  # ten scored items in each of seven areas, and ten pilots
    assert frame.groupby("attempt_id").size().to_dict() == {str(n): length for n in range(1, CANDIDATES + 1)}
    assert frame.duplicated(["attempt_id", "item_id"]).sum() == 0
    assert frame.groupby("attempt_id")["form_id"].nunique().unique().tolist() == [1]
    assert sorted(frame["form_id"].unique()) == ["1", "2", "3", "4"]


def test_scoring_a_simulation_counts_what_a_person_would_count(simulated: Path, tmp_path: Path) -> None:
    done("score", simulated / "responses.csv", "--discipline", "CT", "--out", tmp_path)
    answers: dict[str, dict[str, str]] = {}
    for attempt, item, answer in read(simulated)[["attempt_id", "item_id", "answer"]].itertuples(index=False):
        answers.setdefault(attempt, {})[item] = answer
    scores = pd.read_csv(tmp_path / "area_scores.csv", dtype={"attempt_id": str})
    found = {(row["attempt_id"], row["content_area"]): row for row in scores.to_dict("records")}
    below = set()
    for attempt, own in answers.items():
        points, correct, of = by_hand.points(own), by_hand.correct(own), by_hand.areas_of(own)
        for area in by_hand.outline():
            row = found[attempt, area]
            assert (row["items"], row["correct"]) == (of[area], correct[area])
            assert row["points"] == pytest.approx(float(points[area]))
            below |= {(attempt, area)} if 10 * points[area] < 7 * of[area] else set()  # the sample standard is 0.7
    assert {place for place, row in found.items() if row["below_standard"]} == below
    prescribed = pd.read_csv(tmp_path / "prescriptions.csv", dtype={"attempt_id": str})
    assert set(zip(prescribed["attempt_id"], prescribed["content_area"], strict=True)) == below


def test_simulated_answers_to_every_format_earn_all_or_less_and_can_be_read(simulated: Path) -> None:
    frame = read(simulated)
    earned: dict[str, set[bool]] = {}
    for item, answer in frame[frame["answer"] != ""][["item_id", "answer"]].itertuples(index=False):
        own = by_hand.items()[item]
        earned.setdefault(own["format"], set()).add(by_hand.earned(own, answer) == 1)
    assert earned == {kind: {True, False} for kind in ("single", "multiple", "sorted", "hotspot", "number")}


def test_scoring_parquet_and_csv_of_a_simulation_gives_the_same_scores(simulated: Path, tmp_path: Path) -> None:
    parquet = simulate(tmp_path / "parquet", "--format", "parquet") / "responses.parquet"
    done("score", parquet, "--discipline", "CT", "--out", tmp_path / "a")
    done("score", simulated / "responses.csv", "--discipline", "CT", "--out", tmp_path / "b")
    one, other = (pd.read_csv(tmp_path / name / "area_scores.csv").drop(columns="scored_at") for name in "ab")
    pd.testing.assert_frame_equal(one, other)


def test_the_parameters_name_every_item_of_the_bank(simulated: Path) -> None:
    table = pd.read_csv(simulated / "item_parameters.csv")
    written = [
        item["id"]
        for path in (bundled("item_bank") / "ct").glob("*.yaml")
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["items"]
    ]
    assert (list(table.columns), table["item_id"].tolist()) == (["item_id", "a", "b"], sorted(written))
    assert (len(table.query("a > 0").dropna()), table["item_id"].nunique()) == (len(written), len(written))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("CT", "--candidates", 0, "--seed", 1), "--candidates"),
        (("CT", "--candidates", 5, "--seed", -1), "--seed"),
        (("CT", "--candidates", 5), "--seed"),
        (("CT", "--candidates", 5, "--seed", 1, "--format", "xlsx"), "--format"),
    ],
    ids=["nobody", "negative seed", "no seed", "unknown format"],
)
def test_a_wrong_call_is_told_as_such(options: tuple[object, ...], named: str, tmp_path: Path) -> None:
    assert named in ssa("simulate", *options, "--out", tmp_path).sentence(code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_discipline_without_a_bank_is_told(tmp_path: Path) -> None:
    sentence = ssa("simulate", "rad", "--candidates", 5, "--seed", 1, "--out", tmp_path).sentence()
    assert sentence == "The Radiography assessment is being prepared: it has no item bank yet."


def test_the_true_scores_are_what_decisions_takes_as_the_truth(simulated: Path, tmp_path: Path) -> None:
    told = done(
        "decisions", simulated / "responses.csv", "--standards", 0.7, "--truth", simulated / "true_scores.csv",
        "--out", tmp_path,
    )  # fmt: skip
    losses = pd.read_csv(tmp_path / "losses.csv")
    assert losses["convention"].iloc[-1] == TRUE
    assert TRUE in told
