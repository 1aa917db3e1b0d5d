"""ssa demo builds, ssa export writes: the files of a small demo, checked against each other and the item bank."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests import by_hand
from tests.cli.shell import Run, done, ssa
from tests.exchange.test_data_package import PROMISED

COHORT = 5
FINISHED = COHORT + 2  # two of the demo people have finished an attempt
FILES = (
    "area_scores", "attempts", "audit", "biennium", "claim_credits", "claims", "comments", "cycles", "events", "items",
    "prescriptions", "profiles", "responses", "survey",
)  # fmt: skip
NOT_IN_THE_DEMO = ("comments", "survey")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")


def build(folder: Path, *options: object) -> str:
    """Build a small demo; return what was said."""
    return done("demo", "--data", folder, "--cohort", COHORT, "--no-serve", *options)


def export(demo: Path, out: Path, *arguments: object) -> Run:
    """Export from a demo."""
    return ssa("export", *arguments, "--out", out, database_url=f"sqlite:///{demo / 'demo.db'}")


def read(folder: Path, name: str) -> list[dict[str, str]]:
    """Read one of the files."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo."""
    folder = tmp_path_factory.mktemp("demo")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def exported(demo: Path) -> Path:
    """All that can be exported of it."""
    out = demo / "out"
    run = export(demo, out, "all")
    assert (run.code, run.err) == (0, "")
    counted = {line.split(":")[0]: int(line.split()[1]) for line in run.out.splitlines()}
    assert counted == {f"{name}.csv": len(read(out, name)) for name in FILES}
    return out


def test_every_file_and_nothing_else_is_there(exported: Path) -> None:
    assert sorted(path.name for path in exported.iterdir()) == sorted(
        ["datapackage.json", *(f"{name}.csv" for name in FILES)]
    )


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_a_header_begins_with_the_promised_columns(name: str, exported: Path) -> None:
    header = (exported / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header[: len(PROMISED[name].split(", "))] == PROMISED[name].split(", ")


@pytest.mark.parametrize("name", FILES)
def test_the_package_lists_exactly_the_columns_of_the_file(name: str, exported: Path) -> None:
    package = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    resource = next(one for one in package["resources"] if one["path"] == f"{name}.csv")
    header = (exported / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert [field["name"] for field in resource["schema"]["fields"]] == header


@pytest.mark.parametrize("name", FILES)
def test_every_cell_is_of_the_type_the_package_says(name: str, exported: Path) -> None:
    package = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    schema = next(one for one in package["resources"] if one["path"] == f"{name}.csv")["schema"]
    kinds = {
        "integer": re.compile(r"-?\d+"),
        "number": re.compile(r"-?\d+(\.\d+)?(e-?\d+)?"),
        "boolean": re.compile("true|false"),
        "datetime": TIME,
        "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
        "string": re.compile(r".*", re.DOTALL),
    }
    types = {field["name"]: kinds[field["type"]] for field in schema["fields"]}
    found = read(exported, name)
    filled = [(column, row[column]) for row in found for column in types if row[column]]
    assert [(column, cell) for column, cell in filled if not types[column].fullmatch(cell)] == []
    keys = Counter(tuple(row[column] for column in schema["primaryKey"]) for row in found)
    assert (len(found) > 0, [key for key, count in keys.items() if count > 1]) == (name not in NOT_IN_THE_DEMO, [])


@pytest.mark.parametrize("name", [*FILES, "datapackage"])
def test_files_are_utf_8_with_line_feeds(name: str, exported: Path) -> None:
    (path,) = exported.glob(f"{name}.*")
    raw = path.read_bytes()
    assert (raw.decode("utf-8").isprintable(), b"\r" in raw, raw[:3] == b"\xef\xbb\xbf", raw[-1:]) == (
        False, False, False, b"\n",
    )  # fmt: skip


def test_marks_and_scores_are_those_of_the_keys_in_the_files(exported: Path) -> None:
    bank = by_hand.items()
    answers: dict[str, dict[str, str]] = {}
    for row in read(exported, "responses"):
        item = bank[row["item_id"]]
        earned = by_hand.earned(item, row["answer"])
        told = (row["content_area"], row["scored"], row["correct"])
        assert told == (item["area"], str(item["status"] == "active").lower(), str(earned == 1).lower())
        assert float(row["credit"]) == pytest.approx(float(earned))
        assert row["late"] == "false"
        answers.setdefault(row["attempt_id"], {})[row["item_id"]] = row["answer"]
    scores = {(row["attempt_id"], row["content_area"]): row for row in read(exported, "area_scores")}
    assert list(scores) == [(attempt, area) for attempt in answers for area in sorted(by_hand.outline())]
    owed = {}
    for attempt, own in answers.items():
        points, correct, of = by_hand.points(own), by_hand.correct(own), by_hand.areas_of(own)
        for area in by_hand.outline():
            row = scores[attempt, area]
            assert (int(row["items"]), int(row["correct"])) == (of[area], correct[area])
            assert float(row["points"]) == pytest.approx(float(points[area]))
            assert float(row["score"]) == pytest.approx(float(points[area] / of[area]))
            assert row["below_standard"] == str(10 * points[area] < 7 * of[area]).lower()  # the sample standard is 0.7
        credits = by_hand.credits_of(points, of)
        owed.update({(attempt, area): credits[area] for area in credits if credits[area]})
    found = {(row["attempt_id"], row["content_area"]): float(row["credits"]) for row in read(exported, "prescriptions")}
    assert found == owed


def test_the_demo_has_answers_of_every_format_that_earn_all(exported: Path) -> None:
    bank = by_hand.items()
    formats = {bank[row["item_id"]]["format"] for row in read(exported, "responses") if row["correct"] == "true"}
    assert formats == {"single", "multiple", "sorted", "hotspot", "number"}


def test_files_join_on_their_ids(exported: Path) -> None:
    attempts = {row["attempt_id"]: row for row in read(exported, "attempts")}
    assert len(attempts) == FINISHED
    for name in ("responses", "area_scores", "prescriptions", "events"):
        for row in read(exported, name):
            attempt = attempts[row["attempt_id"]]
            assert row["discipline"] == attempt["discipline"]
            assert row.get("candidate_id", attempt["candidate_id"]) == attempt["candidate_id"]
    answered = Counter(row["attempt_id"] for row in read(exported, "responses") if row["answer"])
    total = Counter(row["attempt_id"] for row in read(exported, "responses"))
    assert {one: int(row["items_answered"]) for one, row in attempts.items()} == dict(answered)
    assert {one: int(row["items_total"]) for one, row in attempts.items()} == dict(total)
    items = {(row["item_id"], row["bank_version"]) for row in read(exported, "items")}
    assert {(row["item_id"], row["bank_version"]) for row in read(exported, "responses")} <= items


def test_scoring_the_exported_responses_gives_the_exported_scores(exported: Path, tmp_path: Path) -> None:
    done("score", exported / "responses.csv", "--discipline", "CT", "--out", tmp_path)
    told_by_the_database = {"policy_version": "", "scored_at": ""}
    again = [row | told_by_the_database for row in read(tmp_path, "area_scores")]
    first = [row | told_by_the_database for row in read(exported, "area_scores")]

    def place(row: dict[str, str]) -> tuple[str, str]:
        return row["attempt_id"], row["content_area"]

    assert sorted(again, key=place) == sorted(first, key=place)


def test_item_figures_are_those_of_the_responses(exported: Path) -> None:
    seen = Counter(row["item_id"] for row in read(exported, "responses"))
    known = Counter(row["item_id"] for row in read(exported, "responses") if row["correct"] == "true")
    for row in read(exported, "items"):
        assert int(row["n"]) == seen[row["item_id"]]
        share = known[row["item_id"]] / seen[row["item_id"]] if seen[row["item_id"]] else None
        assert (float(row["p_value"]) if row["p_value"] else None) == pytest.approx(share)
        assert float(row["exposure"]) == pytest.approx(seen[row["item_id"]] / FINISHED)


def test_a_choice_of_datasets_is_all_that_is_written(demo: Path, tmp_path: Path) -> None:
    run = export(demo, tmp_path, "prescriptions", "attempts")
    assert (run.code, run.out.splitlines()[0]) == (0, f"attempts.csv: {FINISHED} rows")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attempts.csv", "datapackage.json", "prescriptions.csv"]
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert [one["path"] for one in package["resources"]] == ["attempts.csv", "prescriptions.csv"]


def test_an_export_for_spreadsheets_has_the_same_numbers(demo: Path, exported: Path, tmp_path: Path) -> None:
    assert export(demo, tmp_path, "area_scores", "--for-spreadsheet").code == 0
    assert (tmp_path / "area_scores.csv").read_bytes() == (exported / "area_scores.csv").read_bytes()


def test_an_unknown_dataset_is_told_with_the_known_ones_and_nothing_is_written(demo: Path, tmp_path: Path) -> None:
    sentence = export(demo, tmp_path / "out", "attempts", "answers").sentence()
    assert sentence == (
        "answers is no dataset. Choose from: all, attempts, responses, area_scores, prescriptions, items, events, "
        "comments, survey, cycles, claims, claim_credits, biennium, profiles, audit."
    )
    assert not (tmp_path / "out").exists()


def test_an_export_of_nothing_is_a_wrong_call(demo: Path, tmp_path: Path) -> None:
    assert "DATASET" in export(demo, tmp_path).sentence(code=2)


def test_an_empty_database_gives_headers_alone(database_url: str, tmp_path: Path) -> None:
    run = ssa("export", "all", "--out", tmp_path, database_url=database_url)
    assert (run.code, {line.split(": ")[1] for line in run.out.splitlines()}) == (0, {"0 rows"})
    assert [len((tmp_path / f"{name}.csv").read_text().splitlines()) for name in FILES] == [1] * len(FILES)
