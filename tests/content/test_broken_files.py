"""`ssa content check` on broken files: each fault is told with the line it stands on, and nothing else is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.shell import Run, ssa, ssa_process
from tests.content.faults import BROKEN, FAULTS, FORMATS_TOO, SOUND, Fault, item_file
from tests.content.media import write_media

PROBLEM = re.compile(r"(?P<path>[^\n]+\.yaml):(?P<line>[0-9]+): (?P<message>.+)")
LONGEST = 500
"""Characters that a person can be asked to read for one problem."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sound content, in which the shell stands."""
    for sound in (SOUND, FORMATS_TOO):
        shutil.copytree(sound, tmp_path, dirs_exist_ok=True)
    write_media(tmp_path / "media")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(fault: Fault, folder: Path) -> None:
    """Put a broken file into the folder."""
    content = (BROKEN / fault.file).read_bytes() if fault.content is None else fault.content
    (folder / fault.file).write_bytes(content)
    if fault.replaces:
        (folder / fault.replaces).unlink()


def problems(run: Run) -> list[tuple[str, int, str]]:
    """Return (file, line, sentence) of each problem that was printed."""
    found = [PROBLEM.fullmatch(line) for line in run.out.splitlines()]
    assert None not in found, run.out
    return [(match["path"], int(match["line"]), match["message"]) for match in found if match]


def test_the_sound_files_have_no_problem(folder: Path) -> None:
    run = ssa("content", "check", ".")
    assert (run.code, run.out) == (0, "5 files, 9 items, 0 problems.\n")


def test_every_broken_file_is_in_the_table() -> None:
    written = {fault.file for fault in FAULTS if fault.content is not None}
    assert {path.name for path in BROKEN.iterdir()} == {fault.file for fault in FAULTS} - written
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 20


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_with_its_line_and_named(fault: Fault, folder: Path) -> None:
    put(fault, folder)
    run = ssa("content", "check", ".")
    found = problems(run)
    assert (run.code, [(path, line) for path, line, _ in found]) == (1, fault.expected)
    assert all(len(message) < LONGEST for _, _, message in found)
    for place, (_, _, message) in zip(fault.places, found, strict=True):
        assert [name for name in place.names if name not in message] == [], message
    count = "1 problem." if len(found) == 1 else f"{len(found)} problems."
    assert run.err.strip().endswith(count)


@pytest.fixture
def all_broken(folder: Path) -> list[tuple[str, int]]:
    """Put every broken file into the folder, those that stand in for a sound one aside; return what is to be told."""
    together = [fault for fault in FAULTS if not fault.replaces]
    for fault in together:
        put(fault, folder)
    return sorted(place for fault in together for place in fault.expected)


def test_all_problems_come_in_one_run(all_broken: list[tuple[str, int]]) -> None:
    run = ssa("content", "check", ".")
    assert (run.code, [(path, line) for path, line, _ in problems(run)]) == (1, all_broken)


def test_the_problems_as_json_are_the_problems_as_text(all_broken: list[tuple[str, int]]) -> None:
    run = ssa("content", "check", ".", "--json")
    told = [(Path(one["path"]).name, one["line"], one["message"]) for one in run.json["problems"]]
    assert (run.code, told) == (1, problems(ssa("content", "check", ".")))


def test_an_area_without_any_file_is_told_at_its_blueprint(folder: Path) -> None:
    (folder / "second.yaml").unlink()
    run = ssa("content", "check", ".")
    line = (folder / "spec.yaml").read_text().splitlines().index("    second-area: {scored: 2, pilot: 1}") + 1
    assert [(path, at) for path, at, _ in problems(run)] == [("spec.yaml", line)] * 2
    assert [message.split(" and its")[0] for _, _, message in problems(run)] == [
        "the content area 'second-area' has 0 active items",
        "the content area 'second-area' has 0 pilot items",
    ]


def test_a_broken_item_hides_no_other(folder: Path) -> None:
    lines = (BROKEN / "missing-key.yaml").read_text().splitlines()
    twice = [*lines, *(line.replace("missing-key", "missing-too").replace("topic:", "topik:") for line in lines[11:])]
    (folder / "several.yaml").write_text("\n".join(twice) + "\n")
    found = problems(ssa("content", "check", "."))
    assert [(line, message.split(";")[0]) for _, line, message in found] == [
        (12, "'key' is missing"),
        (19, "'key' is missing"),
        (19, "'topic' is missing"),
        (20, "'topik' is not a key this has"),
    ]


def test_aliases_that_multiply_are_told_in_sentences_a_person_can_read(folder: Path) -> None:
    rings = [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 5)]
    (folder / "many.yaml").write_bytes(item_file("many", "x0: &x0 [ha]", *rings, "references: *x4"))
    run = ssa("content", "check", ".")
    assert (run.code, {path for path, _, _ in problems(run)}) == (1, {"many.yaml"})
    assert max(map(len, run.out.splitlines())) < LONGEST


@pytest.mark.parametrize("opener", ["[", "{a: ", "- ", "? "], ids=["lists", "mappings", "entries", "keys"])
def test_very_deep_nesting_is_a_problem_and_not_a_crash(opener: str, folder: Path) -> None:
    (folder / "deep.yaml").write_text("discipline: TEST\narea: first-area\nitems:\n  " + opener * 100_000)
    run = ssa_process("content", "check", ".", cwd=folder)
    assert (run.code, [(path, line) for path, line, _ in problems(run)]) == (1, [("deep.yaml", 4)]), run.err[-500:]


def test_a_folder_that_is_not_there_is_a_wrong_call(folder: Path) -> None:
    assert "'nowhere' does not exist" in ssa("content", "check", "nowhere").sentence(code=2)
