"""ssa calibrate: marked responses in, item parameters and a report out, and sentences about what is amiss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.shell import done, ssa
from tests.reference import published


def write(path: Path, name: str) -> Path:
    """Write responses of the reference as a file, attempts in their order."""
    frame = published.long_of(published.data(name)).sort_values("attempt_id", kind="stable")
    frame.assign(correct=frame["correct"].astype(int))[["attempt_id", "item_id", "correct"]].to_csv(path, index=False)
    return path


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    """The sparse responses of the reference, as a file."""
    return write(tmp_path / "responses.csv", "sparse_2pl")


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read a report; an empty note stays an empty text."""
    texts = dict.fromkeys(("note", "remarks"), "str")
    return {path.stem: pd.read_csv(path, dtype=texts).fillna({"note": "", "remarks": ""}) for path in folder.iterdir()}


@pytest.fixture(scope="module", params=["1pl", "2pl"])
def complete(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The model, and the folder with the report on the complete responses of the reference, which it calibrated."""
    folder = tmp_path_factory.mktemp("complete")
    file = write(folder / "responses.csv", "complete_2pl")
    options = ("--model", request.param, "--out", folder / "items.csv", "--report", folder / "report")
    said = done("calibrate", file, *options).splitlines()
    assert said[1] == (
        "model.csv, abilities.csv, item_fit.csv, s_x2_tables.csv, person_fit.csv, information.csv, "
        f"eap_by_sum_score.csv: {folder / 'report'}"
    )
    return request.param, folder / "report"


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


def test_the_report_has_the_abilities_of_mirt(complete: tuple[str, Path]) -> None:
    """mirt 1.47: fscores(mod, method = "EAP" | "MAP" | "WLE", quadpts = 121, full.scores.SE = TRUE).

    The parameters are our own; they, and mirt's search for MAP and WLE, are within 5e-6, its numeric curvatures
    within 6e-5.
    """
    model, folder = complete
    expected = published.table(f"complete_{model}_scores")
    found = tables(folder)["abilities"]
    assert len(found) == 1500
    assert set(found["note"]) == {""}
    first = found.iloc[: len(expected)]
    assert first["correct"].tolist() == expected["sum"].tolist()
    for ours, theirs in {"eap": "eap", "eap_se": "se_eap", "map": "map", "wle": "wle"}.items():
        np.testing.assert_allclose(first[ours], expected[theirs], rtol=0, atol=2e-5, err_msg=ours)
    for ours, theirs in {"map_se": "se_map", "wle_se_curvature": "se_wle"}.items():
        np.testing.assert_allclose(first[ours], expected[theirs], rtol=0, atol=1e-4, err_msg=ours)


def test_the_report_has_the_fit_of_mirt_and_of_the_plain_formulas(complete: tuple[str, Path]) -> None:
    """mirt 1.47: itemfit(mod, "S_X2", mincell = 1), personfit(mod, method = "EAP"); exact.py for infit and outfit."""
    model, folder = complete
    found = tables(folder)
    items, people = found["item_fit"].set_index("item_id"), found["person_fit"]
    exact = published.expected(f"complete_{model}_item_infit_exact")
    np.testing.assert_allclose(items[["infit", "outfit"]], exact[["infit", "outfit"]], rtol=0, atol=1e-5)
    theirs = published.expected(f"complete_{model}_itemfit")
    assert items["df"].tolist() == theirs["df.S_X2"].tolist()
    for ours, name, within in (("s_x2", "S_X2", 1e-3), ("p_value", "p.S_X2", 1e-5), ("rmsea", "RMSEA.S_X2", 1e-5)):
        np.testing.assert_allclose(items[ours], theirs[name], rtol=0, atol=within, err_msg=ours)
    if model == "1pl":  # in the 2PL mirt holds P Q above a floor
        np.testing.assert_allclose(items["z_outfit"], theirs["z.outfit"], rtol=0, atol=1e-4)
    person = published.table(f"complete_{model}_person_infit_exact")
    first = people.iloc[: len(person)]
    np.testing.assert_allclose(first[["infit", "outfit"]], person[["infit", "outfit"]], rtol=0, atol=2e-5)
    lz = published.table(f"complete_{model}_personfit")["Zh"]
    np.testing.assert_allclose(first["lz"], lz, rtol=0, atol=2e-5)
    assert first["lz_star"].notna().all()


def test_the_report_has_the_curves_and_the_model_of_mirt(complete: tuple[str, Path]) -> None:
    """mirt 1.47: testinfo, expected.test, and logLik, AIC, BIC of the model."""
    model, folder = complete
    found = tables(folder)
    curves, expected = found["information"].set_index("theta"), published.table("complete_information")
    assert curves.index.tolist() == [round(theta / 10, 1) for theta in range(-40, 41)]
    at = curves.loc[expected["theta"]]
    np.testing.assert_allclose(at["information"], expected[f"info_{model}"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(at["se"], expected[f"info_{model}"] ** -0.5, rtol=0, atol=1e-5)
    np.testing.assert_allclose(at["expected_score"], expected[f"tcc_{model}"], rtol=0, atol=1e-4)
    assert set(curves["convention"]) == {"all items, each of which every attempt was shown"}
    row = found["model"].iloc[0]
    summary = published.table("irt_summary").set_index("model").loc[f"complete_{model}"]
    for ours, theirs in {"log_likelihood": "logLik", "aic": "AIC", "bic": "BIC"}.items():
        assert row[ours] == pytest.approx(summary[theirs], abs=1e-5)
    assert (row["parameters"], row["items"], row["attempts"]) == (summary["npar"], 30, 1500)
    assert (row["converged"], row["remarks"]) == (True, "")


def test_the_report_has_the_sum_scores_and_tables_of_mirt(complete: tuple[str, Path]) -> None:
    """mirt 1.47: fscores(mod, method = "EAPsum", full.scores = FALSE), and S_X2.tables of the first item."""
    model, folder = complete
    found = tables(folder)
    table = found["eap_by_sum_score"]
    assert table["attempts"].sum() == 1500
    if model == "2pl":
        expected = published.table("complete_2pl_eapsum")
        assert table["attempts"].tolist() == expected["observed"].tolist()
        ours = table[["score", "eap", "eap_se"]].assign(expected=1500 * table["probability"])
        theirs = expected[["Sum.Scores", "F1", "SE_F1", "expected"]]
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4)
        first = found["s_x2_tables"].query("item_id == 'i01'")
        counts = published.table("complete_2pl_sx2_item1_tables")
        names = ["observed_0", "observed_1", "expected_0", "expected_1"]
        np.testing.assert_allclose(first[names], counts[names], rtol=0, atol=1e-4)


def test_where_forms_differ_the_report_says_what_it_cannot_have(responses: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    printed = done("calibrate", responses, "--out", tmp_path / "items.csv", "--report", report)
    assert printed.splitlines()[1] == (
        f"model.csv, abilities.csv, item_fit.csv, person_fit.csv, information.csv: {report}"
    )
    found = tables(report)
    assert sorted(found) == ["abilities", "information", "item_fit", "model", "person_fit"]
    expected = published.table("sparse_2pl_scores")  # mirt 1.47, fscores(mod, method = "EAP", full.scores.SE = TRUE)
    first = found["abilities"].iloc[: len(expected)]
    assert first[["items", "correct"]].to_numpy().tolist() == expected[["answered", "sum"]].to_numpy().tolist()
    np.testing.assert_allclose(first[["eap", "eap_se"]], expected[["eap", "se_eap"]], rtol=0, atol=1e-5)
    assert found["item_fit"][["s_x2", "df", "p_value", "rmsea"]].isna().all(axis=None)
    assert found["item_fit"]["note"].str.contains("give the attempts of one form at a time").all()
    assert found["information"]["items"].tolist() == pytest.approx([20.0] * 81)  # every attempt had 20 of the 40
    assert found["information"]["convention"].str.startswith("the mean form").all()
    assert not any("nan" in path.read_text(encoding="utf-8").lower() for path in report.iterdir())


def test_several_files_are_taken_together(responses: Path, tmp_path: Path) -> None:
    whole = pd.read_csv(responses)
    early = whole["attempt_id"] < 500
    parts = [tmp_path / "early.csv", tmp_path / "late.parquet"]
    whole[early].to_csv(parts[0], index=False)
    whole[~early].to_parquet(parts[1])
    together, apart = tmp_path / "together.csv", tmp_path / "apart.csv"
    done("calibrate", responses, "--out", together)
    done("calibrate", *parts, "--out", apart)
    assert apart.read_text(encoding="utf-8") == together.read_text(encoding="utf-8")
    sentence = ssa("calibrate", *parts, parts[0], "--out", tmp_path / "no.csv").sentence()
    assert sentence == f"{parts[0]}: attempt '0' is in an earlier file as well. Keep each attempt once."


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


def test_an_item_with_its_key_reversed_is_left_out_of_the_report_and_named(tmp_path: Path) -> None:
    file = small(tmp_path / "r.csv", *["110"] * 9, *["001"] * 9, "111", "000", "100", "011")
    run = ssa("calibrate", file, "--out", tmp_path / "items.csv", "--report", tmp_path / "report")
    assert run.code == 0
    said = "Left out of the report, sum scores included, for want of a slope above 0: 'C'."
    assert run.err.splitlines()[-1] == said
    found = tables(tmp_path / "report")
    assert found["model"]["remarks"][0].endswith(said)
    assert found["abilities"]["items"].tolist() == [2] * 22
    assert found["eap_by_sum_score"]["score"].tolist() == [0, 1, 2]
    assert found["item_fit"]["note"][2].startswith("It has no slope above 0")


def test_a_report_without_any_usable_item_is_refused_and_nothing_written(tmp_path: Path) -> None:
    """Each candidate has one item right and two wrong: items correlate negatively, and so is the common slope."""
    file = small(tmp_path / "r.csv", *["100", "010", "001"] * 5)
    options = ("--model", "1pl", "--out", tmp_path / "items.csv", "--report", tmp_path / "report")
    assert ssa("calibrate", file, *options).sentence() == (
        "No item has a slope above 0, so there are no abilities and no fit to report. Check the key, or calibrate "
        "without a report."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


def test_an_unknown_model_is_a_wrong_call(responses: Path, tmp_path: Path) -> None:
    run = ssa("calibrate", responses, "--model", "4pl", "--out", tmp_path / "items.csv")
    assert run.code == 2
    assert "'4pl' is not one of '1pl', '2pl', '3pl'" in run.err
