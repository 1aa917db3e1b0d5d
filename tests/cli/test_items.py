"""ssa items: files of marked responses beside the figures of psych; several files, and what cannot be computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.shell import done, ssa
from tests.reference import published


def write(folder: Path, name: str, frame: pd.DataFrame) -> Path:
    """Write a file of responses."""
    path = folder / name
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def tables(out: Path) -> dict[str, pd.DataFrame]:
    """Read what was written; an empty note stays an empty text."""
    texts = dict.fromkeys(("name", "note", "option"), "str")
    return {path.stem: pd.read_csv(path, dtype=texts).fillna({"note": "", "name": ""}) for path in out.iterdir()}


def of_texts(*attempts: str, first: int = 1) -> pd.DataFrame:
    """Return marked responses: '10-' is item A correct, B not, C not presented."""
    rows = [
        (f"00{number}", letter, int(mark))
        for number, marks in enumerate(attempts, first)
        for letter, mark in zip("ABCDEF", marks, strict=False)
        if mark != "-"
    ]
    return pd.DataFrame(rows, columns=["attempt_id", "item_id", "correct"])


def subscores() -> pd.DataFrame:
    """Return the 60 items in six areas, on two forms of half the attempts each."""
    frame = published.long_of(published.data("subscores"))
    odd = frame["attempt_id"] % 2 == 1
    return frame.assign(content_area=frame["item_id"].str[:2], form_id=odd.map({True: "odd", False: "even"}))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_of_responses_gives_the_figures_of_psych(tmp_path: Path, kind: str) -> None:
    """R psych 2.2.9: alpha(x, check.keys = FALSE), alpha.ci(alpha, n, k)."""
    path = write(tmp_path, f"marked.{kind}", published.long_of(published.data("complete_2pl")))
    said = done("items", path, "--out", tmp_path / "out")
    found = tables(tmp_path / "out")
    assert sorted(found) == ["conditional_sem", "items", "reliability"]
    expected = published.expected("complete_2pl_ctt_items")
    items = found["items"].set_index("item_id").loc[expected.index]
    pairs = {"p_value": "p", "point_biserial": "r_drop", "point_biserial_raw": "r_raw"}
    for ours, theirs in (pairs | {"alpha_if_deleted": "alpha_if_deleted"}).items():
        np.testing.assert_allclose(items[ours], expected[theirs], rtol=0, atol=1e-8, err_msg=ours)
    assert (items["note"] == "").all()
    assert items["discrimination_upper_lower"].between(0, 1).all()
    summary = published.table("ctt_summary").set_index("data").loc["complete_2pl"]
    bank = found["reliability"].iloc[0]
    for ours, theirs in {"alpha": "alpha", "alpha_low": "feldt_low", "lambda2": "lambda2_cov", "kr21": "kr21"}.items():
        assert bank[ours] == pytest.approx(summary[theirs], abs=1e-8)
    assert bank["note"] == ""
    alpha = summary["alpha"]
    assert bank["alpha_with_10_more"] == pytest.approx(4 / 3 * alpha / (1 + alpha / 3), abs=1e-8)
    assert bank["items_for_80"] == np.ceil(30 * 0.8 * (1 - alpha) / (alpha * 0.2))
    assert said.startswith("1500 attempts, 30 items, 0 with a negative point-biserial, 0 with a note: ")
    assert "alpha 0.863 (0.852 to 0.872), SEM 2.29 of 30 items" in said


def test_forms_and_content_areas_have_rows_of_their_own(tmp_path: Path) -> None:
    done("items", write(tmp_path, "marked.csv", subscores()), "--out", tmp_path / "out")
    found = tables(tmp_path / "out")
    reliability = found["reliability"].set_index(["scope", "name"])
    areas = [("content_area", f"A{number}") for number in range(1, 7)]
    assert reliability.index.tolist() == [("bank", ""), ("form", "even"), ("form", "odd"), *areas]
    # R subscore 3.3, CTTsub(method = "Haberman")$PRMSE.test: the column Alpha is the alpha of each area.
    alphas = published.table("subscores_prmse")["Alpha"].to_numpy()[:6]
    np.testing.assert_allclose(reliability["alpha"].loc["content_area"], alphas, rtol=0, atol=1e-8)
    assert reliability.loc[("form", "odd"), "attempts"] == 400
    one_area = published.expected("area1_ctt_items")
    items = found["items"].set_index("item_id")
    np.testing.assert_allclose(
        items.loc[one_area.index, "alpha_if_deleted_area"], one_area["alpha_if_deleted"], rtol=0, atol=1e-8
    )
    assert items.loc["A3_05", "content_area"] == "A3"
    within = found["form_items"].set_index(["form_id", "item_id"])
    odd = published.data("subscores").iloc[1::2]
    assert within.loc[("odd", "A2_04"), "p_value"] == pytest.approx(odd["A2_04"].mean(), abs=1e-12)
    others = odd.drop(columns="A2_04").sum(axis=1)
    assert within.loc[("odd", "A2_04"), "point_biserial"] == pytest.approx(odd["A2_04"].corr(others), abs=1e-10)
    errors = found["conditional_sem"].query("scope == 'content_area' and name == 'A1'")
    assert errors["correct"].tolist() == list(range(11))


def test_several_files_are_taken_together(tmp_path: Path) -> None:
    whole = subscores()
    paths = [write(tmp_path, f"{form}.csv", part) for form, part in whole.groupby("form_id")]
    done("items", *paths, "--out", tmp_path / "parts")
    done("items", write(tmp_path, "whole.csv", whole), "--out", tmp_path / "whole")
    parts, together = tables(tmp_path / "parts"), tables(tmp_path / "whole")
    assert parts.keys() == together.keys()
    for name, table in together.items():
        pd.testing.assert_frame_equal(parts[name], table, check_exact=False, rtol=0, atol=1e-10)


def test_answers_give_options_traces_and_omission(tmp_path: Path) -> None:
    frame = of_texts("111", "110", "011", "100", "001", "111")
    frame["answer"] = np.where(frame["correct"] == 1, "a", "b")
    frame.loc[1, ["correct", "answer"]] = [0, None]
    done("items", write(tmp_path, "marked.csv", frame.assign(seconds=30.5)), "--out", tmp_path / "out")
    found = tables(tmp_path / "out")
    items = found["items"].set_index("item_id")
    assert items["omission"].tolist() == pytest.approx([0, 1 / 6, 0])
    assert items["median_seconds"].tolist() == [30.5] * 3
    of_b = found["distractors"].query("item_id == 'B'")
    assert of_b["kind"].tolist() == ["key", "distractor", "omitted"]
    assert of_b["n"].tolist() == [3, 2, 1]
    sums = found["traces"].groupby(["item_id", "group"])["share"].sum()
    np.testing.assert_allclose(sums, 1, rtol=0, atol=1e-12)


def test_parameters_are_set_beside_the_items(tmp_path: Path) -> None:
    path = write(tmp_path, "marked.csv", of_texts("111", "110", "011", "100"))
    parameters = pd.DataFrame({"item_id": ["A", "B", "Z"], "a": [1.2, 0.8, 1.0], "b": [0.0, 1.0, 0.5]})
    done("items", path, "--parameters", write(tmp_path, "parameters.csv", parameters), "--out", tmp_path / "out")
    items = tables(tmp_path / "out")["items"].set_index("item_id")
    assert items.loc["A", "information_at_0"] == pytest.approx(1.2**2 / 4, abs=1e-12)
    p = 1 / (1 + np.exp(0.8))
    assert items.loc["B", "information_at_0"] == pytest.approx(0.64 * p * (1 - p), abs=1e-12)
    assert "It has no parameters." in items["note"]["C"]
    assert (items.loc["Z", "n"], items.loc["Z", "note"]) == (0, "Nobody had it.")


def test_a_pilot_has_figures_of_its_own_and_is_not_part_of_alpha(tmp_path: Path) -> None:
    frame = of_texts("1110", "1101", "0110", "0011", "1000", "0001")
    done(
        "items", write(tmp_path, "marked.csv", frame.assign(scored=frame["item_id"] != "D")), "--out", tmp_path / "out"
    )
    found = tables(tmp_path / "out")
    pilot = found["items"].set_index("item_id").loc["D"]
    assert not pilot["scored"]
    assert pilot["point_biserial"] == pytest.approx(
        np.corrcoef([0, 1, 0, 1, 0, 1], [3, 2, 2, 1, 1, 0])[0, 1], abs=1e-12
    )
    assert pilot["note"] == "It is not scored, so alpha does not contain it."
    assert found["reliability"].loc[0, "items"] == 3


@pytest.mark.parametrize(
    ("attempts", "said", "of_item"),
    [
        (("1", "0", "1"), "a single item", "no other scored item"),
        (("11", "01"), "needs 3 attempts", "Fewer than 3 attempts had it."),
        (("11", "11", "11"), "does not vary", "Every attempt had it right."),
        (("00", "00", "00"), "does not vary", "No attempt had it right."),
        (("1---", "-1--", "--0-", "---1"), "a single item", "Fewer than 3 attempts had it."),
        (("11----", "--01--", "----10"), "two items in common", "Fewer than 3 attempts had it."),
    ],
    ids=["one item", "two candidates", "all right", "all wrong", "an item each", "nothing shared"],
)
def test_what_cannot_be_computed_is_said_in_a_sentence_and_its_cell_is_empty(
    tmp_path: Path, attempts: tuple[str, ...], said: str, of_item: str
) -> None:
    printed = done("items", write(tmp_path, "marked.csv", of_texts(*attempts)), "--out", tmp_path / "out")
    assert "alpha unknown" in printed
    assert said in printed
    found = tables(tmp_path / "out")
    assert found["reliability"].loc[0, ["alpha", "sem", "items_for_80"]].isna().all()
    assert found["items"]["point_biserial"].isna().all()
    assert of_item in found["items"]["note"][0]
    assert "nan" not in (tmp_path / "out/items.csv").read_text().lower()
    assert found["conditional_sem"].empty


def test_three_candidates_are_enough(tmp_path: Path) -> None:
    said = done("items", write(tmp_path, "marked.csv", of_texts("111", "100", "000")), "--out", tmp_path / "out")
    assert "alpha 0.857" in said  # 6/7, see test_score_reliability
    items = tables(tmp_path / "out")["items"].set_index("item_id")
    assert items["note"].str.contains("27% of its attempts are less than one.").all()
    # Variance 7/3 about a mean of 4/3 of 3 items: KR-21 is 1.02, and nothing can be scaled with it.
    assert tables(tmp_path / "out")["conditional_sem"]["keats"].isna().all()


ONE = of_texts("11", "10", "00")


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (ONE.drop(columns="correct"), "no column 'correct'"),
        (ONE.iloc[:0], "no responses"),
        (ONE.assign(correct=pd.Series([1, 0, None, 1, 1, 0])), "'correct' is empty"),
        (ONE.assign(correct=[1, 0, 2, 1, 1, 0]), "must be true or false"),
        (pd.concat([ONE, ONE.iloc[:1]]), "has item 'A' twice"),
        (ONE.assign(scored=0), "No item is scored"),
        (
            ONE.assign(content_area=["x", "y", "z", "y", "x", "y"]),
            "item 'A' has more than one content_area: 'x' and 'z'",
        ),
        (ONE.assign(form_id=["x", "y", "x", "x", "x", "x"]), "attempt '001' has more than one form_id"),
        (ONE.assign(content_area=pd.Series(["x", None, "x", "y", "x", "y"])), "have no content_area"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(tmp_path: Path, frame: pd.DataFrame, says: str) -> None:
    path = write(tmp_path, "marked.csv", frame)
    assert says in ssa("items", path, "--out", tmp_path / "out").sentence()
    assert not (tmp_path / "out").exists()


def test_files_that_share_an_attempt_or_differ_in_columns_are_not_taken_together(tmp_path: Path) -> None:
    first = write(tmp_path, "first.csv", ONE)
    second = write(tmp_path, "second.csv", of_texts("11", "10", first=3))
    assert "attempt '003' is in an earlier file" in ssa("items", first, second, "--out", tmp_path / "out").sentence()
    third = write(tmp_path, "third.csv", of_texts("11", first=9).assign(form_id="x"))
    assert "not the same columns" in ssa("items", first, third, "--out", tmp_path / "out").sentence()


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ("item_id,a\nA,1\n", "no column 'b'"),
        ("item_id,a,b\nA,1,0\nA,1,1\n", "item 'A' twice"),
        ("item_id,a,b\n,1,0\n", "a row without item_id"),
        ("item_id,a,b\nA,1,0\nB,steep,0\n", "parameters.csv:3: 'a' is no number"),
        ("item_id,a,b,c\nA,1,0,1.5\n", "c must lie in"),
    ],
)
def test_parameters_that_cannot_be_used_are_refused_with_a_sentence(tmp_path: Path, parameters: str, says: str) -> None:
    (tmp_path / "parameters.csv").write_text(parameters)
    path = write(tmp_path, "marked.csv", ONE)
    run = ssa("items", path, "--parameters", tmp_path / "parameters.csv", "--out", tmp_path / "out")
    assert says in run.sentence()
