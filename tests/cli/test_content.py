"""ssa content: coverage and schema, and content that is not where the settings say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from ssa_engine.config import bundled
from ssa_engine.content.library import Library
from tests.cli.shell import done, ssa
from tests.content.faults import SOUND

SMALL = {"content_dir": str(SOUND), "item_bank_dir": str(SOUND)}
"""The small sound content of the tests."""


@pytest.mark.parametrize("discipline", ["CT", "ct"])
def test_coverage_counts_the_items_of_the_files(discipline: str) -> None:
    report = ssa("content", "coverage", discipline, "--json").json
    assert report["discipline"] == "CT"
    for row in report["areas"]:
        path = bundled("item_bank") / "ct" / f"{row['content_area']}.yaml"
        items = [one for one in yaml.safe_load(path.read_text(encoding="utf-8"))["items"] if one["status"] != "draft"]
        statuses = Counter(item["status"] for item in items)
        assert (row["active"], row["pilot"]) == (statuses["active"], statuses["pilot"])
        topics = Counter((".".join(item["topic"].split(".")[:3]), item["status"]) for item in items)
        told = {(one["topic"], status): one[status] for one in row["topics"] for status in ("active", "pilot")}
        assert {place: count for place, count in told.items() if count} == dict(topics)


def test_coverage_sets_the_items_beside_what_the_blueprint_takes() -> None:
    rows = ssa("content", "coverage", "TEST", "--json", **SMALL).json["areas"]
    counts = ("content_area", "active", "active_needed", "pilot", "pilot_needed")
    assert [tuple(row[name] for name in counts) for row in rows] == [
        ("first-area", 1, 1, 0, 0),
        ("second-area", 3, 2, 1, 1),
    ]


def test_coverage_as_text_is_a_table_of_the_same_numbers() -> None:
    lines = [" ".join(line.split()) for line in done("content", "coverage", "TEST", **SMALL).splitlines()]
    assert lines == [
        "active need pilot need Small Testing",
        "1 1 0 0 First Area",
        "1 0 1.A.1 One",
        "3 2 1 1 Second Area",
        "3 1 2.A.1 Two",
    ]


def test_coverage_of_a_discipline_without_a_bank_counts_nothing() -> None:
    rows = ssa("content", "coverage", "MRI", "--json").json["areas"]
    assert {(row["active"], row["pilot"]) for row in rows} == {(0, 0)}


def test_an_unknown_discipline_is_told_with_the_known_ones() -> None:
    sentence = ssa("content", "coverage", "XX").sentence()
    assert sentence == "There is no content specification for 'XX'. Known: CT, MRI, RAD."


def test_schemas_are_written_for_each_kind_of_file(tmp_path: Path) -> None:
    out = done("content", "schema", tmp_path / "new" / "schemas")
    names = ["content-spec.schema.json", "item-file.schema.json", "policy.schema.json"]
    assert sorted(Path(line).name for line in out.split()) == names
    assert sorted(path.name for path in (tmp_path / "new" / "schemas").iterdir()) == names


def test_check_as_json_counts_what_it_read(library: Library) -> None:
    report = ssa("content", "check", "--json").json
    banks = sum(len(bank.items) for bank in library.banks.values())
    assert (report["problems"], report["items"], report["files"]) == ([], banks, library.files)


@pytest.mark.parametrize("setting", ["content_dir", "item_bank_dir"])
@pytest.mark.parametrize("command", [("content", "check"), ("content", "coverage", "CT")], ids=["check", "coverage"])
def test_a_content_folder_that_is_not_there_is_named(setting: str, command: tuple[str, ...], tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert str(nowhere) in ssa(*command, **{setting: str(nowhere)}).sentence()


def test_unsound_content_stops_every_command_with_all_its_problems(tmp_path: Path) -> None:
    for path in SOUND.iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("key: a", "key: z").replace("minutes: 10", "min: 1"))
    folder = {"content_dir": str(tmp_path), "item_bank_dir": str(tmp_path)}
    sentence = ssa("forms", "assemble", "TEST", "--seed", "1", **folder).sentence()
    line = SOUND.joinpath("spec.yaml").read_text().splitlines().index("blueprint:") + 1
    told = [part.removeprefix(f"{tmp_path / 'spec.yaml'}:") for part in sentence.splitlines() if "spec.yaml:" in part]
    assert [part.split(";")[0] for part in told] == [
        f"{line}: 'minutes' is missing",
        f"{line + 1}: 'min' is not a key this has",
    ]
    keys = [part.split(":")[1] for part in sentence.splitlines() if "'z' is no option" in part]
    assert keys == ["12", "9", "26"]
