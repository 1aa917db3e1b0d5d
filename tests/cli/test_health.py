"""ssa health: simulated sittings with copied, rushed and drifted ones among them; small files; what cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tests.cli.shell import Run, done, ssa

PEOPLE, ITEMS = 150, 60
DRIFTED = "i07"


def sittings(seed: int) -> pd.DataFrame:
    """Return marked responses of people who work alone on two forms that share 40 of their 50 items."""
    random = np.random.default_rng(seed)
    b = np.linspace(-1.5, 1, ITEMS)
    theta = random.normal(size=(PEOPLE, 1))
    right = random.random((PEOPLE, ITEMS)) < expit(theta - b)
    wrong = np.array(list("bcd"))[random.choice(3, right.shape, p=[0.6, 0.3, 0.1])]
    person, item = (place.ravel() for place in np.indices(right.shape))
    frame = pd.DataFrame(
        {
            "attempt_id": [f"{number:03}" for number in person],
            "item_id": [f"i{number:02}" for number in item],
            "form_id": np.where(person % 2 == 0, "even", "odd"),
            "answer": np.where(right, "a", wrong).ravel(),
            "correct": right.ravel(),
            "seconds": random.gamma(9, 5, right.size).round(1) + 8,
        }
    )
    return frame[~np.where(person % 2 == 0, item >= 50, item < 10)].reset_index(drop=True)


@pytest.fixture(scope="module")
def now() -> pd.DataFrame:
    """Sittings of which 000 was copied by 002, 005 rushed through half, and everybody knew one item."""
    frame = sittings(seed=31)
    source, copy = frame["attempt_id"] == "000", frame["attempt_id"] == "002"
    frame.loc[source, "correct"] = frame.loc[source, "item_id"] > "i30"
    frame.loc[source & ~frame["correct"], "answer"] = "d"
    for name in ("answer", "correct"):
        frame.loc[copy, name] = frame.loc[source, name].to_numpy()
    frame.loc[(frame["attempt_id"] == "005") & (frame["item_id"] < "i35"), "seconds"] = 1.5
    frame.loc[frame["item_id"] == DRIFTED, "answer"] = "a"
    frame.loc[frame["item_id"] == DRIFTED, "correct"] = True
    return frame


@pytest.fixture
def file(now: pd.DataFrame, tmp_path: Path) -> Path:
    """The same as CSV."""
    path = tmp_path / "now.csv"
    now.to_csv(path, index=False)
    return path


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """An earlier period, as Parquet."""
    path = tmp_path / "before.parquet"
    sittings(seed=32).to_parquet(path, index=False)
    return path


def parameters(path: Path, **moved: float) -> Path:
    """Write item parameters, some of them moved."""
    ids = [f"i{number:02}" for number in range(ITEMS + 1)]
    frame = pd.DataFrame({"item_id": ids, "a": 1.0, "b": np.linspace(-1.5, 1, len(ids)), "b_se": 0.1})
    frame["b"] += frame["item_id"].map(moved).fillna(0) + 0.05 * np.sin(np.arange(len(ids)) * len(moved))
    frame.to_csv(path, index=False)
    return path


def table(out: Path, name: str) -> pd.DataFrame:
    texts = dict.fromkeys(("attempt_id", "attempt_a", "attempt_b", "note"), "str")
    return pd.read_csv(out / f"{name}.csv", dtype=texts).fillna({"note": ""})


def names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


def test_what_was_planted_is_found(file: Path, before: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = ssa(
        "health", file, "--before", before, "--out", out,
        "--parameters", parameters(tmp_path / "new.csv", i07=-2.0),
        "--parameters-before", parameters(tmp_path / "old.csv"),
    )  # fmt: skip
    assert (run.code, run.err) == (0, "")
    alike, rapid, drift = (table(out, name) for name in ("alike", "rapid", "drift"))
    assert alike["compared"].tolist() == ["wrong answers", "all answers"]
    assert alike[["attempt_a", "attempt_b"]].to_numpy().tolist() == [["000", "002"]] * 2
    assert (alike["alike"] > alike["expected"]).all()
    assert rapid.loc[rapid["flagged"], "attempt_id"].tolist() == ["005"]
    assert rapid.set_index("attempt_id").loc["005", "rapid"] == 25  # of i10 to i34
    assert drift["item_id"].iloc[int(drift["b_robust_z"].abs().argmax())] == DRIFTED
    moved = drift.set_index("item_id").loc[DRIFTED]
    assert moved["flagged"]
    assert moved["p_after"] == 1
    assert moved["robust_z"] > 5
    exposure = table(out, "exposure").set_index("item_id")
    assert exposure["share"][["i00", "i20", "i55", "i60"]].tolist() == [0.5, 1, 0.5, 0]
    assert exposure["note"]["i60"] == "No attempt saw this item."
    overlap = table(out, "overlap").set_index("scope")
    assert overlap[["form_a", "form_b", "shared", "share"]].iloc[-1].tolist() == ["even", "odd", 40, 0.8]
    assert overlap.loc["forms", "share"] == 0.8
    # 75 attempts on each form: 75 × 74 of 150 × 149 / 2 pairs share all 50 items.
    assert overlap.loc["attempts", "shared"] == pytest.approx(40 + 10 * (75 * 74) / (150 * 149 / 2))
    lines = run.out.splitlines()
    assert lines[0].startswith("150 attempts, 61 items: exposure 0.000 to 1.000, two attempts share 89.9% of")
    flagged = drift["flagged"].sum()
    assert lines[1].startswith(f"Flagged: {flagged} of 61 items that drift, 1 attempts of low effort, 1 of ")
    assert lines[1].endswith(" pairs by wrong answers, 1 of 11175 pairs by all answers.")
    assert lines[2] == f"exposure.csv, overlap.csv, drift.csv, rapid.csv, rapid_items.csv, alike.csv: {out}"


def test_sittings_of_honest_people_are_not_flagged(before: Path, tmp_path: Path) -> None:
    done("health", before, "--parameters", parameters(tmp_path / "p.csv"), "--level", 0.05, "--out", tmp_path)
    assert len(table(tmp_path, "alike")) == 0
    assert not table(tmp_path, "rapid")["flagged"].any()
    assert not (tmp_path / "drift.csv").exists()


def test_a_file_of_ids_gives_two_tables_and_a_sentence_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("attempt_id,item_id\n1,A\n1,B\n2,A\n")
    run = ssa("health", tmp_path / "r.csv", "--out", tmp_path / "out")
    assert run.code == 0
    assert run.out.splitlines() == [
        "2 attempts, 2 items: exposure 0.500 to 1.000, two attempts share 66.7% of their items.",
        f"exposure.csv, overlap.csv: {tmp_path / 'out'}",
    ]
    assert run.err.splitlines() == [
        "Without 'seconds' nothing is said of rapid answers.",
        "Without 'correct' attempts are not compared for likeness.",
        "Without 'form_id' forms are not compared.",
    ]
    assert names(tmp_path / "out") == ["exposure.csv", "overlap.csv"]


def test_files_are_pooled_with_the_columns_that_all_have(file: Path, now: pd.DataFrame, tmp_path: Path) -> None:
    first, second = now["attempt_id"] < "075", now["attempt_id"] >= "075"
    now[first].to_csv(tmp_path / "first.csv", index=False)
    now[second].to_parquet(tmp_path / "second.parquet")
    now[second].drop(columns="seconds").to_parquet(tmp_path / "timeless.parquet")
    done("health", file, "--out", tmp_path / "one")
    done("health", tmp_path / "first.csv", tmp_path / "second.parquet", "--out", tmp_path / "two")
    for name in ("exposure", "overlap", "rapid", "alike"):
        pd.testing.assert_frame_equal(table(tmp_path / "two", name), table(tmp_path / "one", name))
    run = ssa("health", tmp_path / "first.csv", tmp_path / "timeless.parquet", "--out", tmp_path / "three")
    assert run.err == "Without 'seconds' nothing is said of rapid answers.\n"
    assert names(tmp_path / "three") == ["alike.csv", "exposure.csv", "overlap.csv"]


def test_a_threshold_in_seconds_is_that_of_every_item(file: Path, tmp_path: Path) -> None:
    done("health", file, "--threshold", "20", "--out", tmp_path)
    items = table(tmp_path, "rapid_items")
    assert (items["threshold"] == 20).all()
    assert items["rapid"].sum() == table(tmp_path, "rapid")["rapid"].sum() > 25
    np.testing.assert_allclose(items["share_rapid"], items["rapid"] / items["n"])


@pytest.mark.parametrize("value", ["0", "-3", "quick", "inf", "nan"])
def test_a_threshold_that_is_no_time_is_refused(file: Path, value: str, tmp_path: Path) -> None:
    said = ssa("health", file, "--threshold", value, "--out", tmp_path).sentence(code=2)
    assert f"'{value}' is neither 'normative' nor a number of seconds above 0." in said


def test_sittings_under_way_count_for_exposure_alone(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("attempt_id,item_id,answer,correct\n1,A,b,false\n2,A,b,false\n3,A,b,\n")
    run = ssa("health", tmp_path / "r.csv", "--out", tmp_path)
    assert "0 of 1 pairs by wrong answers." in run.out
    assert "1 responses are not marked: no p-value and no pair counts them." in run.err
    assert table(tmp_path, "exposure")["attempts"].tolist() == [3]


def test_one_attempt_is_told_what_it_cannot_have(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("attempt_id,item_id,answer,correct,seconds,form_id\n1,A,b,false,30,x\n")
    run = ssa("health", tmp_path / "r.csv", "--out", tmp_path)
    assert run.code == 0
    assert run.out.startswith("1 attempts, 1 items: exposure 1.000 to 1.000.\nFlagged: 0 attempts of low effort.\n")
    assert run.err == "Fewer than two marked attempts: there is no pair to compare for likeness.\n"


HEAD = "attempt_id,item_id,correct,answer,seconds\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "r.csv: has no responses, only a head."),
        ("attempt_id,correct\n1,1\n", "r.csv: has no column 'item_id'."),
        (HEAD + "1,A,1,a,3\n1,A,0,b,3\n", "Attempt '1' has item 'A' twice. Keep one row of each."),
        (HEAD + "1,A,1,a,3\n,B,0,b,3\n", "Some responses have no attempt_id or no item_id."),
        (HEAD + "1,A,1,a,3\n2,A,0,b,soon\n", "r.csv:3: 'seconds' is soon. Write a number from 0 on, or nothing."),
        (HEAD + "1,A,1,a,inf\n", "r.csv:2: 'seconds' is inf. Write a number from 0 on, or nothing."),
        (HEAD + "1,A,1,a,-3\n", "r.csv:2: 'seconds' is -3. Write a number from 0 on, or nothing."),
        (HEAD + "1,A,perhaps,a,3\n", "r.csv:2: 'correct' must be true or false"),
    ],
)
def test_files_that_cannot_be_used_are_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(text)
    assert said in ssa("health", tmp_path / "r.csv", "--out", tmp_path / "out").sentence()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item_id,a\nA,1\n", "p.csv: has no column 'b'."),
        ("item_id,a,b\nA,1,0\nA,1,0\n", "p.csv: has item 'A' twice. Give each item one row."),
        ("item_id,a,b\n,1,0\n", "p.csv: has a row without item_id."),
        ("item_id,a,b\nA,1,0\nB,1,hard\n", "p.csv:3: 'b' is no number."),
        ("item_id,a,b\nA,1,0\n", "The two calibrations share no item"),
    ],
)
def test_parameters_that_cannot_be_used_are_a_sentence(file: Path, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text)
    given = ("--parameters", parameters(tmp_path / "ok.csv"), "--parameters-before", tmp_path / "p.csv")
    run: Run = ssa("health", file, *given, "--out", tmp_path / "out")
    assert said in run.sentence()


def test_earlier_parameters_alone_are_a_sentence(file: Path, tmp_path: Path) -> None:
    old = parameters(tmp_path / "old.csv")
    said = ssa("health", file, "--parameters-before", old, "--out", tmp_path).sentence()
    assert said == "There is nothing to compare --parameters-before with. Give --parameters as well."
