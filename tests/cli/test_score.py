"""ssa score: a small file of responses against numbers computed by hand, and files that cannot be scored."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.shell import Run, done, ssa
from tests.cli.test_content import SMALL

# The keys are first-001 a, second-001 a, second-002 b; second-003 is a pilot. Standards 0.7 and 0.5, 2 credits flat.
RESPONSES = """attempt_id,item_id,answer
007,second-002,b
007,first-001,a
007,second-001,b
007,second-003,b
1e5,first-001,
1e5,second-001,b
1e5,second-002,a
1e5,second-003,a
last,second-002,b
last,second-001,a
last,first-001,c
"""

# x of n correct; the standard error is sqrt(x (n - x) / (n - 1)) / n, unknown where n = 1; with a uniform prior
# the probability of a true score below c is I_c(x + 1, n - x + 1), a polynomial in c for such small n.
BY_HAND = [
    # attempt, area, items, correct, score, standard error, standard, gap, below, probability below
    ("007", "first-area", 1, 1, 1.0, None, 0.7, 0.0, "false", 0.7**2),
    ("007", "second-area", 2, 1, 0.5, 0.5, 0.5, 0.0, "false", 3 * 0.5**2 - 2 * 0.5**3),
    ("1e5", "first-area", 1, 0, 0.0, None, 0.7, 0.7, "true", 1 - 0.3**2),
    ("1e5", "second-area", 2, 0, 0.0, 0.0, 0.5, 0.5, "true", 1 - 0.5**3),
    ("last", "first-area", 1, 0, 0.0, None, 0.7, 0.7, "true", 1 - 0.3**2),
    ("last", "second-area", 2, 2, 1.0, 0.0, 0.5, 0.0, "false", 0.5**3),
]


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    """The small file."""
    path = tmp_path / "responses.csv"
    path.write_text(RESPONSES)
    return path


def score(responses: Path, *options: object) -> Run:
    """Score a file with the small content, into a folder beside it."""
    out = responses.parent / "out"
    return ssa("score", responses, "--discipline", "TEST", "--out", out, *options, **SMALL)


def rows(responses: Path, name: str) -> list[dict[str, str]]:
    """Read what was written."""
    with (responses.parent / "out" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def credits(responses: Path) -> list[tuple[str, str, float]]:
    """What was prescribed: attempt, area, credits."""
    found = rows(responses, "prescriptions.csv")
    return [(row["attempt_id"], row["content_area"], float(row["credits"])) for row in found]


def check_by_hand(responses: Path) -> None:
    """Compare the area scores that were written with those computed by hand."""
    found = rows(responses, "area_scores.csv")
    names = ("attempt_id", "content_area", "items", "correct")
    assert [tuple(row[name] for name in names) for row in found] == [(*one[:2], *map(str, one[2:4])) for one in BY_HAND]
    assert [row["below_standard"] for row in found] == [one[8] for one in BY_HAND]
    for row, (*_, value, error, standard, gap, _below, probability) in zip(found, BY_HAND, strict=True):
        numbers = {"score": value, "standard": standard, "gap": gap, "probability_below": probability}
        assert {name: float(row[name]) for name in numbers} == pytest.approx(numbers, abs=1e-12)
        assert (float(row["score_se"]) if row["score_se"] else None) == error


def test_area_scores_are_those_computed_by_hand(responses: Path) -> None:
    run = score(responses)
    assert (run.code, run.out.split(":")[0]) == (0, "3 attempts scored, 2 prescriptions")
    check_by_hand(responses)


def test_credits_are_those_of_the_sample_policy(responses: Path) -> None:
    assert score(responses).code == 0
    assert credits(responses) == [
        ("1e5", "first-area", 2.0),
        ("1e5", "second-area", 2.0),
        ("last", "first-area", 2.0),
    ]


def test_rows_of_a_batch_say_what_they_were_computed_from(responses: Path) -> None:
    assert score(responses).code == 0
    row = rows(responses, "area_scores.csv")[0]
    versions = (len(row["bank_version"]), len(row["key_version"]), row["policy_version"], row["scored_at"][-1])
    assert (row["discipline"], row["candidate_id"], versions) == ("TEST", "", (16, 16, "", "Z"))


def test_the_order_of_rows_makes_no_difference(responses: Path) -> None:
    head, *lines = RESPONSES.splitlines()
    responses.write_text("\n".join([head, *sorted(lines, reverse=True)]) + "\n")
    assert score(responses).code == 0
    check_by_hand(responses)


def test_parquet_is_scored_as_csv(responses: Path) -> None:
    parquet = responses.with_suffix(".parquet")
    pd.read_csv(responses, dtype=str).to_parquet(parquet)
    assert score(parquet).code == 0
    check_by_hand(responses)


def test_the_column_scored_comes_before_the_bank(responses: Path) -> None:
    lines = [f"{line},{'false' if 'second-001' in line else 'true'}" for line in RESPONSES.splitlines()[1:]]
    responses.write_text("\n".join(["attempt_id,item_id,answer,scored", *lines]) + "\n")
    assert score(responses).code == 0
    found = [(row["attempt_id"], row["items"], row["correct"]) for row in rows(responses, "area_scores.csv")[1::2]]
    # Now second-002 and the pilot count: 007 has b, b; 1e5 has a, a; last never saw the pilot and has b.
    assert found == [("007", "2", "1"), ("1e5", "2", "1"), ("last", "1", "1")]


def test_the_candidate_of_the_responses_is_the_candidate_of_the_scores(responses: Path) -> None:
    head, *lines = RESPONSES.splitlines()
    responses.write_text("\n".join([f"{head},candidate_id", *(f"{line},00{line[:1]}" for line in lines)]) + "\n")
    assert score(responses).code == 0
    found = {row["attempt_id"]: row["candidate_id"] for row in rows(responses, "area_scores.csv")}
    assert found == {"007": "000", "1e5": "001", "last": "00l"}


PER_ITEM = """
standards: {first-area: 0.7, second-area: 1.0}
credits: {rule: per_item, credits: 1.25, step: 0.5, total_cap: 3.5}
"""


def test_a_policy_file_is_used_instead(responses: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(PER_ITEM)
    assert score(responses, "--policy", policy).code == 0
    # 1.25 a missing item, up to the next half: 1 short 1.5, 2 short 2.5. 1e5 would get 1.5 + 2.5 = 4, over the cap of
    # 3.5, so its larger gap (1.0 against 0.7) is filled first and the other gets what is left.
    assert credits(responses) == [
        ("007", "second-area", 1.5),
        ("1e5", "first-area", 1.0),
        ("1e5", "second-area", 2.5),
        ("last", "first-area", 1.5),
    ]


def test_no_gap_means_no_prescription(responses: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("standards: {first-area: 0, second-area: 0}\ncredits: {rule: flat, credits: 2}\n")
    assert score(responses, "--policy", policy).code == 0
    assert (credits(responses), len(rows(responses, "area_scores.csv"))) == ([], 6)


POLICIES = {
    "no standards": ("credits: {rule: flat, credits: 2}\n", "1: 'standards' is missing; add it"),
    "a percentage": ("standards: {first-area: 70, second-area: 0.5}\ncredits: {rule: flat, credits: 2}\n", "1: "),
    "no credits": ("standards: {first-area: 0.7, second-area: 0.5}\ncredits: {rule: flat}\n", "2: the rule 'flat'"),
    "not YAML": ("standards: {first-area: 0.7\n", ""),
    "empty": ("", "1: is empty"),
    "a list": ("- 1\n- 2\n", "1: "),
}


@pytest.mark.parametrize(("text", "told"), POLICIES.values(), ids=POLICIES)
def test_a_bad_policy_file_is_told_with_its_line(text: str, told: str, responses: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(text)
    sentence = score(responses, "--policy", policy).sentence()
    assert (sentence.rpartition("policy.yaml:")[2].startswith(told), len(sentence.splitlines())) == (True, 1), sentence
    assert not (tmp_path / "out").exists()


def test_a_policy_without_one_of_the_areas_is_refused(responses: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("standards: {first-area: 0.7}\ncredits: {rule: flat, credits: 2}\n")
    told = "The standards must name the content areas of TEST: first-area, second-area."
    assert score(responses, "--policy", policy).sentence() == told


HEAD = "attempt_id,item_id,answer\n"
BAD = {
    "missing column": ("attempt_id,item_id\n1,first-001\n", "no column answer"),
    "other names": ("attempt,item,answer\n1,first-001,a\n", "no column attempt_id, item_id"),
    "unknown item": (HEAD + "1,first-001,a\n1,third-001,a\n", "third-001"),
    "duplicate row": (HEAD + "1,first-001,a\n2,first-001,a\n1,first-001,b\n", "Attempt 1 has more than one row"),
    "empty attempt": (HEAD + "1,first-001,a\n,first-001,a\n", "attempt_id is empty in row 2"),
    "empty item": (HEAD + "1,,a\n1,first-001,a\n", "item_id is empty in row 1"),
    "no rows at all": ("", "cannot be read"),
    "more cells than columns": (HEAD + "1,first-001,a\n1,second-001,a,b,c\n", "cannot be read"),
    "scored says neither": ("attempt_id,item_id,answer,scored\n1,first-001,a,perhaps\n", "'scored' must be true or"),
    "unknown area": ("attempt_id,item_id,answer,content_area\n1,first-001,a,attic\n", "no standard for: attic"),
    "area is empty": ("attempt_id,item_id,answer,content_area\n1,first-001,a,\n", "without a content area"),
    "NaN for an item": (HEAD + "1,NaN,a\n", "NaN"),
}


@pytest.mark.parametrize(("text", "told"), BAD.values(), ids=BAD)
def test_responses_that_cannot_be_scored_are_told_in_a_sentence(text: str, told: str, responses: Path) -> None:
    responses.write_text(text)
    sentence = score(responses).sentence()
    assert (told in sentence, sentence.count("\n"), sentence[-1]) == (True, 0, "."), sentence
    assert not (responses.parent / "out").exists()


def test_a_file_without_responses_is_told(responses: Path) -> None:
    responses.write_text(HEAD)
    assert score(responses).sentence() == "There is no submitted TEST attempt among the responses."


def test_attempts_of_other_disciplines_are_left_out_and_counted(responses: Path) -> None:
    head, *lines = RESPONSES.splitlines()
    mixed = [f"{line},{'OTHER' if line.startswith('last') else 'TEST'}" for line in lines]
    responses.write_text("\n".join([f"{head},discipline", *mixed]) + "\n")
    run = score(responses)
    left = "1 attempts of other disciplines or still under way were left out."
    assert (run.code, run.err.strip(), credits(responses)[-1][0]) == (0, left, "1e5")
    assert {row["attempt_id"] for row in rows(responses, "area_scores.csv")} == {"007", "1e5"}


def test_attempts_that_are_under_way_are_left_out(responses: Path) -> None:
    head, *lines = RESPONSES.splitlines()
    marks = {"007": "false", "1e5": "", "last": "true"}
    responses.write_text("\n".join([f"{head},correct", *(f"{one},{marks[one.split(',')[0]]}" for one in lines)]) + "\n")
    assert score(responses).code == 0
    assert {row["attempt_id"] for row in rows(responses, "area_scores.csv")} == {"007", "last"}


@pytest.mark.parametrize("column", ["attempt_id", "item_id", "scored", "content_area"])
def test_a_missing_value_in_parquet_is_never_a_value(column: str, responses: Path) -> None:
    frame = pd.DataFrame({"attempt_id": ["1", "1"], "item_id": ["first-001", "second-001"], "answer": ["a", "a"]})
    frame["content_area"] = ["first-area", "second-area"]
    frame["scored"] = pd.Series([True, True], dtype="boolean")
    frame.loc[1, column] = None
    path = responses.with_suffix(".parquet")
    frame.to_parquet(path)
    assert score(path).sentence()[-1] == "."


def test_numeric_ids_in_parquet_are_ids(responses: Path) -> None:
    path = responses.with_suffix(".parquet")
    pd.DataFrame({"attempt_id": [7, 8], "item_id": ["first-001"] * 2, "answer": ["a", None]}).to_parquet(path)
    assert score(path).code == 0
    found = [(row["attempt_id"], row["correct"]) for row in rows(responses, "area_scores.csv")]
    assert found == [("7", "1"), ("8", "0")]


def test_an_output_folder_that_cannot_be_made_is_told(responses: Path, tmp_path: Path) -> None:
    run = ssa("score", responses, "--discipline", "TEST", "--out", responses / "sub", **SMALL)
    assert run.code in (1, 2)
    assert str(responses) in run.sentence(run.code)


def test_wrong_calls_are_told_as_such(responses: Path, tmp_path: Path) -> None:
    assert "Missing option '--discipline'" in ssa("score", responses, "--out", tmp_path).sentence(code=2)
    assert "Missing option '--out'" in ssa("score", responses, "--discipline", "TEST").sentence(code=2)
    missing = ssa("score", tmp_path / "no.csv", "--discipline", "TEST", "--out", tmp_path)
    assert "does not exist" in missing.sentence(code=2)


def test_scoring_twice_writes_the_same_scores(responses: Path) -> None:
    assert done("score", responses, "--discipline", "TEST", "--out", responses.parent / "out", **SMALL)
    first = [{**row, "scored_at": ""} for row in rows(responses, "area_scores.csv")]
    assert score(responses).code == 0
    assert [{**row, "scored_at": ""} for row in rows(responses, "area_scores.csv")] == first


def test_an_answer_that_is_no_option_is_named_and_not_counted_as_not_correct(responses: Path, tmp_path: Path) -> None:
    lines = responses.read_text().splitlines()
    lines[1] = lines[1].rpartition(",")[0] + ",Z"
    responses.write_text("\n".join(lines) + "\n")
    assert score(responses).sentence().startswith("These answers cannot be answers to their items: 'Z' to ")
    assert not (tmp_path / "out").exists()
