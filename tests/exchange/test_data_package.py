"""CSV files as data consumers rely on them: types, times, order of columns, and what a spreadsheet must not run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.exchange.columns import BY_NAME, DATASETS
from ssa_engine.exchange.data_package import package_files, to_csv, write_files
from ssa_engine.exchange.dataset import Column, Dataset

THINGS = Dataset(
    "things",
    "one thing",
    ("name",),
    (
        Column("name", "string", "What it is called."),
        Column("share", "number", "How much of it.", "proportion"),
        Column("count", "integer", "How many."),
        Column("good", "boolean", "Whether."),
        Column("at", "datetime", "When."),
        Column("day", "date", "The day."),
    ),
)
NOON = dt.datetime(2027, 3, 14, 12, 0, 0, 250_000, tzinfo=dt.UTC)
CREATED = dt.datetime(2027, 3, 14, 14, 2, 11, tzinfo=dt.UTC)

PROMISED = {
    "responses": "attempt_id, candidate_id, discipline, form_id, position, item_id, content_area, scored, answer, "
    "correct, seconds, answered_at, bank_version, key_version",
    "area_scores": "attempt_id, candidate_id, discipline, content_area, items, correct, score, score_se, standard, "
    "gap, below_standard, probability_below, policy_version, bank_version, key_version, scored_at",
    "prescriptions": "prescription_id, attempt_id, candidate_id, discipline, content_area, credits, credits_filled, "
    "policy_version, issued_at, due_on",
    "attempts": "attempt_id, candidate_id, discipline, form_id, state, started_at, submitted_at, released_at, "
    "seconds_used, seconds_allowed, items_answered, items_total",
    "items": "item_id, discipline, content_area, topic, format, scored, status, n, p_value, point_biserial, a, b, "
    "exposure",
    "events": "event_id, attempt_id, at, kind, position, detail, discipline",
    "comments": "comment_id, attempt_id, item_id, text, at, discipline",
    "survey": "attempt_id, question_id, answer, at, discipline",
    "audit": "audit_id, at, who, verb, noun, noun_id, detail",
}
"""The first columns of each file, in order, as they were promised to those who read them."""


def frame(**columns: list[object]) -> pd.DataFrame:
    """A frame of these columns; the others of the dataset are left out."""
    return pd.DataFrame(columns)


def cells(text: str) -> list[dict[str, str]]:
    """Read a CSV text with the standard library."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_the_first_columns_are_the_promised_ones_in_order(name: str) -> None:
    promised = PROMISED[name].split(", ")
    assert [column.name for column in BY_NAME[name].columns[: len(promised)]] == promised


LATER = {
    "responses": ["credit", "late"],
    "area_scores": ["points", "decision"],
    "prescriptions": [],
    "attempts": ["paused_seconds"],
    "items": ["bank_version"],
}
"""Columns that came after the promise, at the end, in the order in which they came."""


def test_columns_that_were_added_stand_at_the_end_in_the_order_in_which_they_came() -> None:
    found = {name: [column.name for column in BY_NAME[name].columns] for name in LATER}
    assert {name: columns[-len(LATER[name]) :] if LATER[name] else [] for name, columns in found.items()} == LATER
    assert {name: len(columns) - len(PROMISED[name].split(", ")) for name, columns in found.items()} == {
        name: len(columns) for name, columns in LATER.items()
    }


def test_every_column_has_a_type_and_a_meaning_and_every_key_is_a_column() -> None:
    known = {"string", "number", "integer", "boolean", "datetime", "date"}
    for dataset in DATASETS:
        assert {column.type for column in dataset.columns} <= known
        assert [column.name for column in dataset.columns if not column.meaning.endswith(".")] == []
        assert set(dataset.key) <= {column.name for column in dataset.columns}


def test_a_row_is_written_as_the_contract_says() -> None:
    text = to_csv(frame(name=["A"], share=[0.7], count=[3], good=[True], at=[NOON], day=[dt.date(2027, 3, 14)]), THINGS)
    assert text == "name,share,count,good,at,day\nA,0.7,3,true,2027-03-14T12:00:00.250Z,2027-03-14\n"


def test_what_is_unknown_is_empty_whatever_its_type() -> None:
    nothing = frame(
        name=["A", None], share=[1.5, np.nan], count=[2, None], good=[False, None], at=[NOON, None], day=[None, None]
    )
    text = to_csv(nothing, THINGS)
    assert text.splitlines()[1:] == ["A,1.5,2,false,2027-03-14T12:00:00.250Z,", ",,,,,"]


def test_a_column_that_the_frame_lacks_is_empty_and_one_too_many_is_left_out() -> None:
    text = to_csv(frame(name=["A"], secret=["never"]), THINGS)
    assert text == "name,share,count,good,at,day\nA,,,,,\n"


@pytest.mark.parametrize("values", [[], [None], [None, None]], ids=["no rows", "one empty", "two empty"])
def test_columns_without_any_value_can_be_written(values: list[object]) -> None:
    text = to_csv(pd.DataFrame({column.name: pd.Series(values, dtype=object) for column in THINGS.columns}), THINGS)
    assert text == "name,share,count,good,at,day\n" + ",,,,,\n" * len(values)


def test_a_time_elsewhere_is_written_in_utc() -> None:
    summer = dt.timezone(dt.timedelta(hours=2))
    text = to_csv(frame(at=[dt.datetime(2027, 7, 1, 0, 30, tzinfo=summer)]), THINGS)
    assert cells(text)[0]["at"] == "2027-06-30T22:30:00.000Z"


def test_times_of_mixed_precision_are_all_written() -> None:
    text = to_csv(frame(at=[NOON, NOON.replace(microsecond=0), None]), THINGS)
    assert [row["at"] for row in cells(text)] == ["2027-03-14T12:00:00.250Z", "2027-03-14T12:00:00.000Z", ""]


@pytest.mark.parametrize("dtype", ["bool", "boolean", "object"])
def test_booleans_of_any_kind_are_true_and_false(dtype: str) -> None:
    text = to_csv(pd.DataFrame({"good": pd.Series([True, False], dtype=dtype)}), THINGS)
    assert [row["good"] for row in cells(text)] == ["true", "false"]


def test_whole_numbers_with_gaps_stay_whole() -> None:
    text = to_csv(frame(count=[3.0, np.nan, 10.0]), THINGS)
    assert [row["count"] for row in cells(text)] == ["3", "", "10"]


def test_text_with_commas_quotes_and_line_ends_comes_back_as_it_was() -> None:
    words = ['say "ah", please', "two\nlines", "Kübler; Łódź", " spaced "]
    text = to_csv(frame(name=list(words)), THINGS)
    assert [row["name"] for row in cells(text)] == words
    assert "\r" not in text


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]


@pytest.mark.parametrize("formula", FORMULAS, ids=repr)
def test_a_formula_is_neutralised_for_a_spreadsheet_and_only_then(formula: str) -> None:
    names = frame(name=[formula])
    assert cells(to_csv(names, THINGS))[0]["name"] == formula
    assert cells(to_csv(names, THINGS, for_spreadsheet=True))[0]["name"] == f"'{formula}"


def test_numbers_are_numbers_in_a_spreadsheet_too() -> None:
    numbers = frame(name=["harmless"], share=[-0.7], count=[-3], good=[True], at=[NOON], day=[dt.date(2027, 3, 14)])
    plain = to_csv(numbers, THINGS)
    assert to_csv(numbers, THINGS, for_spreadsheet=True) == plain
    assert plain.splitlines()[1] == "harmless,-0.7,-3,true,2027-03-14T12:00:00.250Z,2027-03-14"


def test_text_that_begins_otherwise_is_left_alone_for_a_spreadsheet() -> None:
    words = ["a=1", "1-2", "'quoted", "", "café"]
    assert [row["name"] for row in cells(to_csv(frame(name=list(words)), THINGS, for_spreadsheet=True))] == words


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_exactly(value: float) -> None:
    assert float(cells(to_csv(frame(share=[value]), THINGS))[0]["share"]) == value


@given(st.lists(st.none() | st.floats(allow_infinity=False), min_size=1))
def test_what_is_not_a_number_is_empty_and_never_a_zero(values: list[float | None]) -> None:
    written = [row["share"] for row in cells(to_csv(frame(share=list(values), name=["x"] * len(values)), THINGS))]
    assert [cell == "" for cell in written] == [value is None or math.isnan(value) for value in values]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    (row,) = cells(to_csv(frame(name=[text], count=[1]), THINGS))
    assert (lines(row["name"]), row["count"]) == (lines(text), "1")


def lines(text: str) -> str:
    """The same text with line feeds for line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_carriage_return_in_a_cell_begins_no_row() -> None:
    text = to_csv(frame(name=["one\r=two", "three"], count=[1, 2]), THINGS)
    assert [row["count"] for row in cells(text)] == ["1", "2"]
    assert pd.read_csv(io.StringIO(text))["count"].tolist() == [1, 2]


def test_the_package_describes_each_column_of_each_file() -> None:
    frames = {dataset.name: pd.DataFrame(columns=[c.name for c in dataset.columns]) for dataset in DATASETS}
    files = package_files(frames, CREATED)
    package = json.loads(files["datapackage.json"])
    assert (package["profile"], package["created"]) == ("tabular-data-package", "2027-03-14T14:02:11Z")
    assert sorted(files) == sorted(["datapackage.json", *(one["path"] for one in package["resources"])])
    for resource in package["resources"]:
        fields = resource["schema"]["fields"]
        header = next(csv.reader(io.StringIO(files[resource["path"]].decode("utf-8"))))
        assert [field["name"] for field in fields] == header
        assert [set(field) - {"unit"} for field in fields] == [{"name", "type", "description"}] * len(fields)
        assert (resource["encoding"], resource["schema"]["missingValues"]) == ("utf-8", [""])


def test_names_of_resources_follow_the_standard() -> None:
    package = json.loads(package_files({"area_scores": pd.DataFrame({"attempt_id": []})}, CREATED)["datapackage.json"])
    (resource,) = package["resources"]
    assert (resource["name"], resource["path"]) == ("area-scores", "area_scores.csv")
    assert (package["schema_version"].count("."), package["name"]) == (2, package["name"].lower())


def test_files_are_written_whole_into_a_new_folder_and_replace_older_ones(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    write_files(folder, {"a.csv": b"old\n"})
    write_files(folder, {"a.csv": b"new\n", "b.csv": "é\n".encode()})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.csv": b"new\n", "b.csv": b"\xc3\xa9\n"}
