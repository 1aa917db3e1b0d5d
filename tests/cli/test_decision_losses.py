"""ssa decisions: subscores, true scores, losses and calibration, beside R's subscore, recounted, and in truth."""

from __future__ import annotations

import time
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tests.cli.shell import ssa
from tests.cli.test_decisions import POLICY, decisions, table
from tests.reference import published

SVG = "{http://www.w3.org/2000/svg}"
SCORES = ["raw", "kelley", "beta_binomial", "wainer", "irt", "irt_area"]


@pytest.fixture(scope="module")
def marked() -> pd.DataFrame:
    """Three areas of ten items, 300 people, as marked responses."""
    long = published.long_of(published.data("subscores").iloc[:300, :30])
    return long.assign(content_area=long["item_id"].str[:2])


@pytest.fixture
def responses(marked: pd.DataFrame, tmp_path: Path) -> Path:
    """The same as CSV."""
    path = tmp_path / "marked.csv"
    marked.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 2,000 sittings of seven areas of ten items: responses, item parameters and true scores."""
    random = np.random.default_rng(17)
    areas, people, each = [f"A{place}" for place in range(7)], 2000, 10
    names = [f"{area}_{place:02}" for area in areas for place in range(each)]
    a, b = np.exp(random.normal(0, 0.3, 70)), random.normal(-1.0, 0.9, 70)
    theta = np.sqrt(0.8) * random.normal(size=(people, 1)) + np.sqrt(0.2) * random.normal(size=(people, 7))
    p = expit(a * (np.repeat(theta, each, axis=1) - b))
    folder = tmp_path_factory.mktemp("simulated")
    marked = published.long_of(pd.DataFrame((random.random(p.shape) < p).astype(float), columns=names))
    marked.assign(content_area=marked["item_id"].str[:2]).to_parquet(folder / "marked.parquet")
    pd.DataFrame({"item_id": names, "a": a, "b": b}).to_csv(folder / "items.csv", index=False)
    true = pd.DataFrame(p.reshape(people, 7, each).mean(axis=2), columns=areas).rename_axis("attempt_id")
    melted = true.reset_index().melt(id_vars="attempt_id", var_name="content_area", value_name="true_score")
    melted.to_csv(folder / "truth.csv", index=False)
    return folder


def test_against_simulated_truth_scores_that_borrow_lose_less_and_come_true(simulated: Path, tmp_path: Path) -> None:
    began = time.process_time()
    run = ssa("decisions", simulated / "marked.parquet", "--standards", 0.7, "--loss-ratio", 3, "--items",
              simulated / "items.csv", "--truth", simulated / "truth.csv", "--out", tmp_path)  # fmt: skip
    assert time.process_time() - began < 20  # some 4 s on an idle core
    assert run.code == 0, run
    assert "Mean loss at ratio 3 (true scores): raw 0.5" in run.out
    assert table(tmp_path, "losses")["score"].tolist() == SCORES * 2
    actual, expected = losses_of(tmp_path, "true scores"), losses_of(tmp_path, "own probabilities")
    assert actual["n"].tolist() == [14_000] * 6
    loss, promised = actual["loss"], expected["loss"]
    assert loss["wainer"] < 0.8 * loss["beta_binomial"]
    assert loss["beta_binomial"] < 0.8 * loss["raw"]
    # Wainer's probabilities know what they will lose; one ability for areas that correlate .8 promises too much.
    assert promised["wainer"] == pytest.approx(loss["wainer"], rel=0.1)
    assert promised["irt"] < 0.7 * loss["irt"]
    error = calibration_error(tmp_path)
    assert error["wainer"] < 0.03
    assert error["irt"] == pytest.approx(0.071, abs=0.0005)
    recount(tmp_path, simulated, actual)


def test_held_out_halves_blur_what_a_probability_of_the_true_score_gets_wrong(simulated: Path, tmp_path: Path) -> None:
    run = ssa("decisions", simulated / "marked.parquet", "--standards", 0.7, "--loss-ratio", 3, "--items",
              simulated / "items.csv", "--replications", 1, "--out", tmp_path)  # fmt: skip
    assert run.code == 0, run
    error = calibration_error(tmp_path)
    assert (error < 0.03).all()
    assert error["irt"] == pytest.approx(0.016, abs=0.005)
    held_out = losses_of(tmp_path, "held-out half")["loss"]
    assert held_out["wainer"] < held_out["beta_binomial"] < held_out["raw"]


def losses_of(out: Path, convention: str) -> pd.DataFrame:
    """Return the losses by one convention, by score."""
    losses = pd.read_csv(out / "losses.csv")
    return losses[losses["convention"] == convention].set_index("score")


def calibration_error(out: Path) -> pd.Series:
    """Return the calibration error of each score's probabilities."""
    return pd.read_csv(out / "calibration.csv").groupby("score")["calibration_error"].first()


def cells(losses: pd.DataFrame, score: str) -> list[float]:
    """Return what one score's decisions cost."""
    return [float(losses[name][score]) for name in ("needless", "missed", "loss")]


def recount(out: Path, simulated: Path, actual: pd.DataFrame) -> None:
    """Count losses anew from the files alone: decided above a probability of 1/4, and held against the truth."""
    key = ["attempt_id", "content_area"]
    merged = pd.read_csv(out / "true_scores.csv").merge(pd.read_csv(simulated / "truth.csv"), on=key)
    below = merged["true_score"] < 0.7
    for score in SCORES:
        made = merged["below_standard"] if score == "raw" else merged[f"below_{score}"] > 0.25
        needless, missed = (made & ~below).mean(), (~made & below).mean()
        assert cells(actual, score) == pytest.approx([needless, missed, needless + 3 * missed])


def test_without_the_truth_losses_are_expected_and_held_against_held_out_halves(
    responses: Path, tmp_path: Path
) -> None:
    assert decisions(responses, "--standards", 0.7, "--loss-ratio", 2, out=tmp_path).code == 0
    losses = table(tmp_path, "losses")
    assert losses["score"].tolist() == SCORES[:4] * 2
    assert losses["convention"].tolist() == ["own probabilities"] * 4 + ["held-out half"] * 4
    people = pd.read_csv(tmp_path / "decisions.csv")
    p, made = people["probability_below"], people["decision"] == "prescribe"
    needless, missed = ((1 - p) * made).mean(), (p * ~made).mean()
    expected = cells(losses_of(tmp_path, "own probabilities"), "beta_binomial")
    assert expected == pytest.approx([needless, missed, needless + 2 * missed])
    calibration = pd.read_csv(tmp_path / "calibration.csv")
    assert calibration.groupby("score")["n"].sum().to_dict() == dict.fromkeys(SCORES[1:4], 900)
    assert set(calibration["convention"]) == {"held-out half"}
    chart = ET.fromstring((tmp_path / "calibration.svg").read_text())
    assert len(chart.findall(f".//{SVG}circle")) == (calibration["n"] > 0).sum()


# R subscore 3.3: subscore::CTTsub(tests, method = "Haberman") and "Wainer" (tests/reference/README.md).


def test_subscores_and_estimates_equal_those_of_subscore(tmp_path: Path) -> None:
    long = published.long_of(published.data("subscores"))
    long.assign(content_area=long["item_id"].str[:2]).to_parquet(tmp_path / "marked.parquet")
    assert decisions(tmp_path / "marked.parquet", "--standards", 0.7, out=tmp_path / "out").code == 0
    found = pd.read_csv(tmp_path / "out" / "subscores.csv")
    theirs = published.table("subscores_prmse").iloc[:6]
    for ours, other in (("prmse_s", "PRMSE.s"), ("prmse_x", "PRMSE.x"), ("prmse_sx", "PRMSE.sx")):
        assert found[ours].tolist() == pytest.approx(theirs[other].tolist(), abs=1e-8)
    wainer = published.table("subscores_wainer_summary")["prmse_wainer_own"]
    assert found["prmse_wainer"].tolist() == pytest.approx(wainer.tolist(), abs=1e-8)
    scores = pd.read_csv(tmp_path / "out" / "true_scores.csv")
    first = published.table("subscores_scores")
    for person in (1, 2, 20):
        own, reference = scores[scores["attempt_id"] == person - 1], first[first["person"] == person].iloc[0]
        for name in ("raw", "kelley", "wainer", "weighted"):
            expected = [float(reference[f"{name}{number}"]) for number in range(1, 7)]
            assert (10 * own[name]).tolist() == pytest.approx(expected, abs=1e-8)


RULES = {
    "raw": ("{rule: raw}", "raw score below the standard", {"prescribe", "none"}),
    "ratio": ("{rule: expected_loss, loss_ratio: 3}", "expected loss, loss ratio 3", {"prescribe", "none"}),
    "band": (
        "{rule: expected_loss, loss_ratio: 1, indeterminate: {low: 0.4, high: 0.6, rule: offer_only}}",
        "expected loss, loss ratio 1; offer_only from 0.4 to 0.6",
        {"prescribe", "offer_only", "none"},
    ),
    "half": (
        "{rule: expected_loss, loss_ratio: 2, indeterminate: {low: 0.25, high: 0.5, rule: prescribe_half}}",
        "expected loss, loss ratio 2; prescribe_half from 0.25 to 0.5",
        {"prescribe", "prescribe_half", "none"},
    ),
}


@pytest.mark.parametrize(("decision", "rule", "made"), RULES.values(), ids=RULES)
def test_the_policys_own_rule_decides(
    decision: str, rule: str, made: set[str], responses: Path, tmp_path: Path
) -> None:
    path = tmp_path / "rule.yaml"
    path.write_text(f"{POLICY}decision: {decision}\n")
    assert decisions(responses, "--policy", path, out=tmp_path / "out").code == 0
    people = pd.read_csv(tmp_path / "out" / "decisions.csv")
    assert set(people["rule"]) == {rule}
    assert set(people["decision"]) == made
    losses = table(tmp_path / "out", "losses")
    assert losses["score"].tolist() == SCORES[:4] * 2
    if "offer_only" in made:
        within = people["probability_below"].between(0.4, 0.6)
        assert (within == (people["decision"] == "offer_only")).all()
        offered = losses_of(tmp_path / "out", "own probabilities")["offered"]
        assert (offered > 0).to_dict() == {"raw": False, "kelley": True, "beta_binomial": True, "wainer": True}


def test_without_a_rule_or_a_ratio_the_raw_score_decides_and_losses_count_alike(
    responses: Path, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    assert decisions(responses, "--policy", policy, out=tmp_path).code == 0
    people = pd.read_csv(tmp_path / "decisions.csv")
    assert set(people["rule"]) == {"raw score below the standard"}
    assert (people["below_standard"] == (people["decision"] == "prescribe")).all()
    assert set(table(tmp_path, "losses")["loss_ratio"]) == {1.0}


def test_a_policys_rule_and_a_loss_ratio_do_not_go_together(responses: Path, tmp_path: Path) -> None:
    path = tmp_path / "rule.yaml"
    path.write_text(f"{POLICY}decision: {{rule: expected_loss, loss_ratio: 3}}\n")
    told = decisions(responses, "--policy", path, "--loss-ratio", 2, out=tmp_path / "out").sentence()
    assert "decision rule of its own (expected_loss, loss_ratio 3), so --loss-ratio 2 has no say" in told
    run = decisions(responses, "--standards", path, "--credits", path, "--loss-ratio", 2, out=tmp_path / "out")
    assert run.code == 0, run
    assert decisions(responses, "--standards", 0.7, "--loss-ratio", 0, out=tmp_path / "none").code == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("attempt_id,content_area\n0,A1\n", "has no column 'true_score'"),
        ("attempt_id,content_area,true_score\n0,A1,0.7\n0,A2,7\n", ":3: true_score '7' is no proportion. Write"),
        ("attempt_id,content_area,true_score\n0,A1,high\n", ":2: true_score 'high' is no proportion"),
        ("attempt_id,content_area,true_score\n0,A1,\n", ":2: true_score is empty"),
        ("attempt_id,content_area,true_score\n0,A1,0.7\n0,A1,0.6\n", "attempt '0' has two true scores in 'A1'"),
        ("attempt_id,content_area,true_score\n0,A1,0.7\n", "has no true score of attempt '0' in 'A2'"),
        ("", "cannot be read"),
    ],
)
def test_true_scores_that_cannot_be_used_are_told(text: str, told: str, responses: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(text)
    assert told in decisions(responses, "--standards", 0.7, "--truth", truth, out=tmp_path / "out").sentence()
    assert not (tmp_path / "out").exists()


def test_items_without_parameters_leave_their_area_out_of_item_response_theory_and_say_so(
    responses: Path, marked: pd.DataFrame, tmp_path: Path
) -> None:
    parameters = tmp_path / "items.csv"
    items = [item for item in sorted(marked["item_id"].unique()) if item != "A2_04"]
    pd.DataFrame({"item_id": items, "a": 1.2, "b": -0.4}).to_csv(parameters, index=False)
    assert decisions(responses, "--standards", 0.7, "--items", parameters, out=tmp_path / "out").code == 0
    people = pd.read_csv(tmp_path / "out" / "true_scores.csv", keep_default_na=False)
    missing = people["below_irt"] == ""
    assert (missing == (people["content_area"] == "A2")).all()
    assert set(people.loc[missing, "note"]) == {"Items without usable parameters: A2_04."}
    losses = table(tmp_path / "out", "losses")
    assert losses["n"].tolist() == [600] * 12
    assert losses["note"].str.contains("300 decisions for which some score has no probability").all()


def test_true_scores_and_items_may_be_parquet_and_a_broken_file_is_told(
    responses: Path, marked: pd.DataFrame, tmp_path: Path
) -> None:
    truth = marked[["attempt_id", "content_area"]].drop_duplicates().assign(true_score=0.8)
    truth.to_parquet(tmp_path / "truth.parquet")
    items = sorted(marked["item_id"].unique())
    pd.DataFrame({"item_id": items, "a": 1.0, "b": -0.5}).to_parquet(tmp_path / "items.parquet")
    run = decisions(responses, "--standards", 0.7, "--items", tmp_path / "items.parquet", "--truth",
                    tmp_path / "truth.parquet", out=tmp_path / "out")  # fmt: skip
    assert run.code == 0, run
    actual = losses_of(tmp_path / "out", "true scores")
    assert (actual["missed"] == 0).all()  # all true scores lie above the standard
    assert (actual["needless"] == actual["prescribed"]).all()
    (tmp_path / "truth.parquet").write_bytes(b"no parquet")
    run = decisions(responses, "--standards", 0.7, "--truth", tmp_path / "truth.parquet", out=tmp_path / "none")
    assert "cannot be read as a table" in run.sentence()
