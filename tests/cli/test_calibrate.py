"""ssa calibrate: a file of marked responses in, a file of item parameters out, and sentences about what is amiss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.shell import done, ssa
from tests.reference import published


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    """The sparse responses of the reference, as a file."""
    path = tmp_path / "responses.csv"
    frame = published.long_of(published.data("sparse_2pl"))
    frame.assign(correct=frame["correct"].astype(int))[["attempt_id", "item_id", "correct"]].to_csv(path, index=False)
    return path


@pytest.mark.parametrize("model", ["1pl", "2pl"])
def test_the_file_has_the_parameters_and_standard_errors_of_mirt(responses: Path, tmp_path: Path, model: str) -> None:
    out = tmp_path / "new folder" / "items.csv"
    printed = done("calibrate", responses, "--model", model, "--out", out)
    found = pd.read_csv(out, index_col="item_id", keep_default_na=False, na_values={"a": ""})
    expected = published.expected(f"sparse_{model}_items")
    assert found.columns.tolist() == ["a", "b", "a_se", "b_se", "n", "note"]
    theirs = expected[["a", "b", "se_a", "se_b"]]
    np.testing.assert_allclose(found[["a", "b", "a_se", "b_se"]], theirs, rtol=0, atol=1e-5)
    assert found["n"].tolist() == published.data("sparse_2pl").notna().sum().tolist()
    assert found["note"].tolist() == [""] * 40
    likelihood = float(published.table("irt_summary").set_index("model")["logLik"][f"sparse_{model}"])
    assert printed.startswith(f"{model.upper()}, 40 of 40 items, 1200 attempts: log-likelihood {likelihood:.4f} after ")
    assert printed.rstrip().endswith(f"iterations: {out}")


def test_the_3pl_adds_c_and_parquet_is_read_and_written(responses: Path, tmp_path: Path) -> None:
    parquet, out = tmp_path / "responses.parquet", tmp_path / "items.parquet"
    pd.read_csv(responses, dtype={"attempt_id": "str"}).to_parquet(parquet)
    done("calibrate", parquet, "--model", "3pl", "--out", out)
    found = pd.read_parquet(out)
    assert found.columns.tolist() == ["item_id", "a", "b", "a_se", "b_se", "c", "c_se", "n", "note"]
    assert found["c"].between(0, 0.6).all()
    assert (found["c_se"] > 0).all()


def small(path: Path, *attempts: str) -> Path:
    """Write attempts as strings of marks, one letter an item; '-' is not presented."""
    rows = [
        f"p{number},{letter},{mark}"
        for number, marks in enumerate(attempts)
        for letter, mark in zip("ABCDEF", marks, strict=False)
        if mark != "-"
    ]
    path.write_text("\n".join(["attempt_id,item_id,correct", *rows, ""]), encoding="utf-8")
    return path


def test_an_item_that_all_have_right_has_empty_cells_and_a_note_and_the_command_says_so(tmp_path: Path) -> None:
    file = small(tmp_path / "r.csv", "1101", "1011", "1000", "1110", "1100", "1010", "1011", "1101", "1000", "1111")
    run = ssa("calibrate", file, "--model", "1pl", "--out", tmp_path / "items.csv")
    assert run.code == 0
    assert run.out.startswith("1PL, 3 of 4 items, 10 attempts: ")
    assert run.err == "Items with a note: 1. See the column 'note'.\n"
    lines = (tmp_path / "items.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == (
        "A,,,,,10,Everybody who was shown it has it right: it has no finite difficulty and was left out."
    )


def test_sets_without_a_common_candidate_are_pointed_out(tmp_path: Path) -> None:
    one = ["110---", "011---", "100---", "111---", "000---", "101---", "001---"]
    file = small(tmp_path / "r.csv", *one, *(attempt[::-1] for attempt in one))
    run = ssa("calibrate", file, "--model", "1pl", "--out", tmp_path / "items.csv")
    assert run.code == 0
    assert "The items fall into 2 sets that share no candidate." in run.err


def test_a_calibration_cut_short_is_written_and_said_and_noted(responses: Path, tmp_path: Path) -> None:
    out = tmp_path / "items.csv"
    run = ssa("calibrate", responses, "--model", "2pl", "--iterations", 2, "--out", out)
    assert run.code == 0
    assert run.err.startswith("Not converged after 2 iterations: take these figures as provisional.")
    assert set(pd.read_csv(out)["note"]) == {"EM did not converge: the figures are provisional."}


def test_one_item_is_refused_and_nothing_written(tmp_path: Path) -> None:
    out = tmp_path / "items.csv"
    sentence = ssa("calibrate", small(tmp_path / "r.csv", "1", "0", "1"), "--model", "2pl", "--out", out).sentence()
    assert sentence == (
        "The 2PL cannot be calibrated: 1 of 1 items have both right and wrong answers, and it takes 3. "
        "Add items or candidates."
    )
    assert not out.exists()


def test_an_unknown_model_is_a_wrong_call(responses: Path, tmp_path: Path) -> None:
    run = ssa("calibrate", responses, "--model", "4pl", "--out", tmp_path / "items.csv")
    assert run.code == 2
    assert "'4pl' is not one of '1pl', '2pl', '3pl'" in run.err
