"""ssa standard-setting and ssa impact: from sheets to tables, record and chart; what is missing is a sentence."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from ssa_engine.content.specs import read_policy
from ssa_engine.core.psychometrics.panels.tables import CUT_COLUMNS
from tests.cli.shell import done, ssa

ANGOFF = ["judge,item_id,rating,round"] + [
    f"{judge},i{item},{rating},{number}"
    for number, judges in ((1, {"Ann": ".4 .6 .8", "Bo": ".8 .8 .8"}), (2, {"Ann": ".5 .6 .7", "Bo": ".6 .7 .8"}))
    for judge, cells in judges.items()
    for item, rating in enumerate(cells.split())
]
RANGES = [
    "judge,min_cut,max_cut,lowest_share_below,highest_share_below",
    "Ann,40,80,5,45",
    "Bo,60,100,15,55",
    "Cy,50,90,0,60",
]
# Number right of four items of ten candidates, as in test_compromise.
SCORES = ["attempt_id,score", *(f"{number},{score}" for number, score in enumerate([0, 1, 2, 2, 3, 3, 3, 3, 4, 4]))]
SVG = "{http://www.w3.org/2000/svg}"


def written(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    return written(tmp_path, "scores.csv", SCORES)


@pytest.fixture
def angoff(tmp_path: Path) -> Path:
    return written(tmp_path, "angoff.csv", ANGOFF)


@pytest.fixture
def ranges(tmp_path: Path) -> Path:
    return written(tmp_path, "ranges.csv", RANGES)


def test_angoff_ratings_become_a_cut_its_tables_and_its_record(angoff: Path, tmp_path: Path) -> None:
    p_values = written(tmp_path, "items.csv", ["item_id,p_value", "i0,.3", "i1,.5", "i2,.9"])
    out = tmp_path / "out"
    said = done(
        "standard-setting", angoff, "--method", "angoff", "--area", "safety", "--date", "2026-05-04",
        "--p-values", p_values, "--out", out,
    )  # fmt: skip
    # Judges' means .6 and .7: cut .65, SE .05; 1.95 of 3 items, so 2.
    assert said.splitlines()[0] == "safety, angoff: cut 0.6500, 2 of 3 items, standard error 0.0500."
    cut = pd.read_csv(out / "cut.csv")
    assert tuple(cut.columns) == CUT_COLUMNS
    row = cut.iloc[0]
    assert (row["area"], row["cut"], row["judges"], row["items"], row["rounds"]) == ("safety", 2, 2, 3, 2)
    assert (row["cut_proportion"], row["se"]) == pytest.approx((0.65, 0.05))
    judges = pd.read_csv(out / "judges.csv")
    assert judges["judge"].tolist() == ["Ann", "Bo", "Ann", "Bo"]
    last = judges[judges["round"] == 2]
    assert last["severity"].tolist() == pytest.approx([-0.1, 0.1])
    assert last["correlation"].tolist() == pytest.approx([0.981981, 0.981981], abs=1e-6)
    agreement = pd.read_csv(out / "agreement.csv").set_index(["round", "measure"])["value"]
    assert agreement[2, "se_judges"] == pytest.approx(0.05)
    rounds = pd.read_csv(out / "rounds.csv")
    assert rounds["cut"].tolist() == pytest.approx([0.7, 0.65])
    record = json.loads((out / "record.json").read_text(encoding="utf-8"))
    assert (record["method"], record["date"]) == ("angoff", "2026-05-04")
    assert record["standards"] == pytest.approx({"safety": 0.65})
    assert record["sheet"] == {"file": "angoff.csv", "sha256": hashlib.sha256(angoff.read_bytes()).hexdigest()}
    area = record["areas"][0]
    assert (area["panel"], area["round"], area["se"]) == (["Ann", "Bo"], 2, pytest.approx(0.05))
    assert not (out / "curve.csv").exists()


def test_a_round_is_chosen_and_one_that_is_missing_is_told(angoff: Path, tmp_path: Path) -> None:
    done("standard-setting", angoff, "--method", "angoff", "--round", 1, "--out", tmp_path / "out")
    assert pd.read_csv(tmp_path / "out/cut.csv")["cut_proportion"].tolist() == pytest.approx([0.7])
    run = ssa("standard-setting", angoff, "--method", "angoff", "--round", 4, "--out", tmp_path / "out")
    assert run.sentence() == "There is no round 4 in these sheets; there is 1, 2. Choose one."


def test_the_compromises_share_a_sheet_and_a_curve_and_angoff_is_drawn_beside_them(
    angoff: Path, ranges: Path, scores: Path, tmp_path: Path
) -> None:
    done("standard-setting", angoff, "--method", "angoff", "--out", tmp_path / "first")
    out = tmp_path / "out"
    done(
        "standard-setting", ranges, "--method", "hofstee", "--method", "beuk", "--method", "de-gruijter", "--percent",
        "--scores", scores, "--items", 4, "--also", tmp_path / "first/cut.csv", "--out", out,
    )  # fmt: skip
    cut = pd.read_csv(out / "cut.csv").set_index("method")
    assert cut.index.tolist() == ["hofstee", "beuk", "de-gruijter"]
    # Hofstee: means .5 .9, .2/3 1.6/3; the line 1.6/3 - (1.4/3 / .4)(x - .5) meets .8 x - .2.
    slope = (1.4 / 3) / 0.4
    assert cut.loc["hofstee", "cut_proportion"] == pytest.approx((1.6 / 3 + 0.5 * slope + 0.2) / (0.8 + slope))
    assert cut.loc["hofstee", "cut"] == 3
    curve = pd.read_csv(out / "curve.csv", keep_default_na=False, na_values=[""])
    corners = curve[curve["kind"] == "curve"]
    assert corners["share_below"].tolist() == pytest.approx([0, 0.1, 0.2, 0.4, 0.8, 1])
    assert corners["share_at_or_below"].tolist() == pytest.approx([0.1, 0.2, 0.4, 0.8, 1, 1])
    cuts = curve[curve["kind"] == "cut"].set_index("method")
    assert cuts.index.tolist() == ["hofstee", "beuk", "de-gruijter", "angoff"]
    assert cuts.loc["angoff", "share_below"] == pytest.approx(0.8 * 0.65 - 0.2)
    record = json.loads((out / "record.json").read_text(encoding="utf-8"))
    assert record["standards"] == pytest.approx({"total": cut.loc["hofstee", "cut_proportion"]})
    # Three of four items meet that cut, and four of ten candidates have fewer.
    assert record["areas"][0]["share_below"] == pytest.approx(0.4)
    assert pd.read_csv(out / "agreement.csv")["value"].isna().all()


def test_the_chart_says_in_words_what_it_draws(ranges: Path, scores: Path, tmp_path: Path) -> None:
    done(
        "standard-setting", ranges, "--method", "beuk", "--percent", "--scores", scores, "--items", 4,
        "--area", "Dose & <safety>", "--out", tmp_path,
    )  # fmt: skip
    root = ET.parse(tmp_path / "curve.svg").getroot()
    assert root.get("role") == "img"
    ids = [root.find(f"{SVG}{name}") for name in ("title", "desc")]
    assert root.get("aria-labelledby") == " ".join(str(part.get("id")) for part in ids if part is not None)
    title, desc = (part.text for part in ids if part is not None)
    assert title == "Standards and scores: Dose & <safety>"
    cut = pd.read_csv(tmp_path / "cut.csv").iloc[0]
    band = f"band {cut['low']:.3f} to {cut['high']:.3f}"
    assert desc == f"Share of 10 candidates below each score. beuk: cut {cut['cut_proportion']:.3f}, {band}."
    assert len(root.findall(f"{SVG}polyline")) == 1
    assert [part for part in root.iter() if part.get("style")] == []


def test_bookmarks_become_a_cut_on_the_given_parameters(tmp_path: Path) -> None:
    sheet = written(tmp_path, "bookmarks.csv", ["judge,page_item_id", "Ann,i1", "Bo,i2"])
    items = written(tmp_path, "parameters.csv", ["item_id,a,b", "i1,1,-1", "i2,1,1"])
    common = ("standard-setting", sheet, "--method", "bookmark", "--out", tmp_path / "out")
    done(*common, "--parameters", items, "--response-probability", 0.5)
    # Thetas -1 and 1, mean 0: (P(1) + P(-1)) / 2 = 1/2.
    cut = pd.read_csv(tmp_path / "out/cut.csv").iloc[0]
    assert cut["cut_proportion"] == pytest.approx(0.5)
    assert cut["convention"] == "RP 0.5, location of the item named, mean over judges"
    slope = 1 / (1 + math.exp(-1)) / (1 + math.exp(1))
    assert cut["se"] == pytest.approx(slope)
    assert ssa(*common).sentence().startswith("The bookmark method needs item parameters")


def test_a_bookmark_of_one_area_looks_at_its_items_alone(tmp_path: Path) -> None:
    sheet = written(tmp_path, "bookmarks.csv", ["judge,page_item_id,content_area", "Ann,i1,x", "Bo,i1,x"])
    items = written(tmp_path, "parameters.csv", ["item_id,a,b,content_area", "i1,1,-1,x", "i2,1,1,y"])
    options = ("--parameters", items, "--response-probability", 0.6, "--out", tmp_path / "out")
    done("standard-setting", sheet, "--method", "bookmark", *options)
    assert pd.read_csv(tmp_path / "out/cut.csv")["cut_proportion"].tolist() == pytest.approx([0.6])


def test_a_sheet_of_several_areas_gives_a_standard_and_a_chart_for_each(tmp_path: Path) -> None:
    sheet = written(
        tmp_path, "angoff.csv", ["judge,item_id,rating,content_area", "A,i,.5,x", "B,i,.7,x", "A,j,.8,y", "B,j,.8,y"]
    )
    scores = written(tmp_path, "scores.csv", ["attempt_id,content_area,score", "1,x,.5", "2,x,1", "1,y,1", "2,y,0"])
    out = tmp_path / "out"
    done("standard-setting", sheet, "--method", "angoff", "--scores", scores, "--out", out)
    record = json.loads((out / "record.json").read_text(encoding="utf-8"))
    assert record["standards"] == pytest.approx({"x": 0.6, "y": 0.8})
    assert [area["share_below"] for area in record["areas"]] == pytest.approx([0.5, 0.5])
    assert (out / "curve-1.svg").exists()
    assert (out / "curve-2.svg").exists()
    done("standard-setting", sheet, "--method", "angoff", "--area", "y", "--out", tmp_path / "one")
    assert pd.read_csv(tmp_path / "one/cut.csv")["area"].tolist() == ["y"]
    run = ssa("standard-setting", sheet, "--method", "angoff", "--area", "z", "--out", out)
    assert run.sentence() == f"{sheet}: has no content area 'z'; it has x, y."


@pytest.mark.parametrize("method", ["hofstee", "beuk", "de-gruijter"])
def test_a_compromise_without_scores_is_refused(method: str, ranges: Path, tmp_path: Path) -> None:
    run = ssa("standard-setting", ranges, "--method", method, "--percent", "--out", tmp_path / "out")
    assert run.sentence().startswith(f"The method {method} needs scores of candidates")
    assert not (tmp_path / "out").exists()


def test_other_misfits_are_sentences(angoff: Path, ranges: Path, scores: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    run = ssa("standard-setting", angoff, "--method", "angoff", "--method", "beuk", *out)
    assert run.sentence().startswith("angoff and bookmark have sheets of their own")
    assert ssa("standard-setting", ranges, "--method", "hofstee", "--scores", scores, *out).sentence().count("\n") == 2
    of_area = written(tmp_path, "areas.csv", ["attempt_id,content_area,score", "1,x,.5"])
    run = ssa("standard-setting", ranges, "--percent", "--method", "hofstee", "--scores", of_area, *out)
    assert run.sentence() == f"{of_area}: has nothing of 'total'; it has x. Say with --area which the sheet is about."


def test_judges_in_groups_apart_get_a_cut_without_an_error_and_are_all_in_the_record(tmp_path: Path) -> None:
    rows = [f"{judge},q{item},{0.9 if judge < 'D' else 0.3}" for judge in "ABCDEF" for item in range(8)]
    own = [row for row in rows if (row[0] < "D") == (int(row.split(",")[1][1:]) < 4)]
    sheet = written(tmp_path, "angoff.csv", ["judge,item_id,rating", *own])
    said = done("standard-setting", sheet, "--method", "angoff", "--out", tmp_path / "out").splitlines()[0]
    assert said.startswith("total, angoff: cut 0.6000, 5 of 8 items. The judges fall into 2 groups")
    area = json.loads((tmp_path / "out/record.json").read_text(encoding="utf-8"))["areas"][0]
    assert (area["panel"], area["se"]) == (list("ABCDEF"), None)


def test_one_judge_and_scores_of_unknown_length_are_told_and_not_refused(tmp_path: Path) -> None:
    sheet = written(tmp_path, "one.csv", ["judge,cut,share_below,cut_uncertainty,share_uncertainty", "A,.6,.2,.1,.1"])
    scores = written(tmp_path, "scores.csv", ["attempt_id,score", "1,.4", "2,.7", "3,.9"])
    said = done("standard-setting", sheet, "--method", "de-gruijter", "--scores", scores, "--out", tmp_path / "out")
    assert "One judge, so the error of the cut is unknown" in said
    cut = pd.read_csv(tmp_path / "out/cut.csv").iloc[0]
    assert math.isnan(cut["cut"])
    assert math.isnan(cut["se"])
    assert "How many items there are is not known" in cut["note"]


def test_what_a_policy_would_do_is_written_with_its_error(tmp_path: Path) -> None:
    said = done("impact", "CT", "--candidates", 30, "--replications", 3, "--seed", 1, "--forms", 2, "--out", tmp_path)
    assert said.startswith("3 × 30 candidates: on average ")
    areas, total = (pd.read_csv(tmp_path / f"impact_{name}.csv") for name in ("areas", "total"))
    assert list(areas) == ["content_area", "measure", "value", "mc_se", "note"]
    assert list(total) == ["measure", "value", "mc_se", "note"]
    assert len(set(areas["content_area"])) > 1
    again = tmp_path / "again"
    done("impact", "CT", "--candidates", 30, "--replications", 3, "--seed", 1, "--forms", 2, "--out", again)
    assert (again / "impact_areas.csv").read_bytes() == (tmp_path / "impact_areas.csv").read_bytes()


def policy_file(folder: Path) -> Path:
    """Return the file of a policy for two areas."""
    path = folder / "base.yaml"
    path.write_text(
        "standards: {chest: 0.7, head: 0.65}\ncredits: {rule: flat, credits: 3}\nrelease_after_days: 14\n",
        encoding="utf-8",
    )
    return path


def test_the_standard_goes_into_a_policy_draft_with_its_record(tmp_path: Path) -> None:
    sheet = tmp_path / "ratings.csv"
    sheet.write_text("judge,item_id,rating\nAnn,i1,0.6\nAnn,i2,0.8\nBo,i1,0.5\nBo,i2,0.7\n", encoding="utf-8")
    out = tmp_path / "out"
    done(
        "standard-setting", sheet, "--area", "chest", "--date", "2026-10-01", "--policy", policy_file(tmp_path),
        "--out", out,
    )  # fmt: skip
    draft = read_policy(out / "policy.json")
    assert draft.standards == {"chest": 0.65, "head": 0.65}
    assert (draft.credits.credits, draft.release_after_days) == (3, 14)
    record = json.loads((out / "record.json").read_text(encoding="utf-8"))
    assert draft.record == (
        f"angoff on 2026-10-01: chest 0.6500, standard error 0.0500, 2 judges. Sheet {record['sheet']['sha256'][:12]}."
    )


def test_an_area_that_the_policy_does_not_have_drafts_nothing(tmp_path: Path) -> None:
    sheet = tmp_path / "ratings.csv"
    sheet.write_text("judge,item_id,rating\nAnn,i1,0.6\nBo,i1,0.5\n", encoding="utf-8")
    run = ssa("standard-setting", sheet, "--policy", policy_file(tmp_path), "--out", tmp_path / "out")
    assert "The policy has no content area 'total'; it has chest, head." in run.sentence()
    assert not (tmp_path / "out").exists()
