"""The bank version is a hash of the content; strict scalars; line endings and byte order marks make no difference."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ssa_engine.content.library import load_library
from ssa_engine.content.reader import read_yaml
from ssa_engine.core.exhibits import TableExhibit, VideoExhibit
from ssa_engine.core.item_bank import ItemBank
from tests.content.faults import FORMATS_TOO, SOUND
from tests.content.media import png, write_media

HASH = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the sound content, to change."""
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    return tmp_path


def bank(folder: Path) -> ItemBank:
    """Read the bank of a folder afresh."""
    return load_library(folder).bank("TEST")


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Change one place of a file, which must be there once."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def test_equal_content_is_the_same_version(folder: Path) -> None:
    first = bank(folder)
    assert HASH.fullmatch(first.version)
    assert HASH.fullmatch(first.key_version)
    assert (bank(folder).version, bank(folder).key_version) == (first.version, first.key_version)


REWRITES: dict[str, Callable[[bytes], bytes]] = {
    "line feeds": lambda raw: raw,
    "carriage returns": lambda raw: raw.replace(b"\n", b"\r\n"),
    "byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "both": lambda raw: b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"),
    "remarks and empty lines": lambda raw: b"# A remark\n\n" + raw + b"\n# Another\n",
    "no line end": lambda raw: raw.rstrip(b"\n"),
}


@pytest.mark.parametrize("rewrite", REWRITES.values(), ids=REWRITES)
def test_how_a_file_is_written_makes_no_version(rewrite: Callable[[bytes], bytes], folder: Path) -> None:
    version = bank(folder).version
    for path in folder.glob("*.yaml"):
        path.write_bytes(rewrite(path.read_bytes()))
    assert bank(folder).version == version


def test_lines_are_counted_the_same_with_carriage_returns_and_byte_order_mark(folder: Path) -> None:
    path = folder / "first.yaml"
    path.write_bytes(REWRITES["both"](path.read_bytes()))
    document, problems = read_yaml(path)
    assert problems == []
    assert document is not None
    line = (SOUND / "first.yaml").read_text().splitlines().index("    key: a") + 1
    assert document.line(("items", 0, "key")) == line


def test_items_that_move_to_another_file_make_no_version(folder: Path) -> None:
    version = bank(folder).version
    text = (folder / "second.yaml").read_text()
    head, first, *rest = text.split("  - id: ")
    (folder / "second.yaml").write_text(head + "".join(f"  - id: {one}" for one in rest))
    (folder / "a-new-file.yaml").write_text(f"{head}  - id: {first}")
    assert bank(folder).version == version


WORDS = {
    "stem": ("second.yaml", "First question of", "Prime question of"),
    "option": ("first.yaml", "text: 12:30", "text: 12:31"),
    "rationale": ("first.yaml", "It begins at", "It starts at"),
    "status": ("first.yaml", "status: active", "status: active\n    shuffle: false"),
    "topic": ("first.yaml", "topic: 1.A.1.a", "topic: 1.A.1"),
    "blueprint": ("spec.yaml", "minutes: 10", "minutes: 11"),
}


@pytest.mark.parametrize(("file", "old", "new"), WORDS.values(), ids=WORDS)
def test_a_changed_word_is_another_version_with_the_same_keys(file: str, old: str, new: str, folder: Path) -> None:
    before = bank(folder)
    edit(folder, file, old, new)
    after = bank(folder)
    assert (after.version != before.version, after.key_version == before.key_version) == (True, True)


def test_a_changed_key_is_another_key_version(folder: Path) -> None:
    before = bank(folder)
    edit(folder, "first.yaml", "key: a", "key: b")
    after = bank(folder)
    assert (after.version != before.version, after.key_version != before.key_version) == (True, True)


def test_a_changed_image_is_another_version(folder: Path) -> None:
    edit(folder, "first.yaml", "status: active", "status: active\n    exhibit: {image: dot.png, alt: A dot}")
    (folder / "media").mkdir()
    (folder / "media" / "dot.png").write_bytes(png(shade=1))
    before = bank(folder)
    (folder / "media" / "dot.png").write_bytes(png(shade=2))
    after = bank(folder)
    assert (after.version != before.version, after.key_version == before.key_version) == (True, True)


def test_a_bank_that_was_stored_as_json_comes_back_as_the_same_version(folder: Path) -> None:
    first = bank(folder)
    again = ItemBank.model_validate_json(first.model_dump_json())
    assert (again.version, again.key_version, again) == (first.version, first.key_version, first)


SCALARS: dict[str, object] = {
    "12:30": "12:30", "no": "no", "No": "No", "off": "off", "yes": "yes", "y": "y", "010": "010", "0x1F": "0x1F",
    "0b11": "0b11", "1_000": "1_000", "1e3": "1e3", ".5": ".5", "5.": "5.", ".nan": ".nan", ".inf": ".inf",
    "1.A.1": "1.A.1", "2027-03-14 10:00:00": "2027-03-14 10:00:00",
    "NULL": "NULL", "True": "True", "<<": "<<", "=": "=",
    "0": 0, "-7": -7, "+3": 3, "412": 412, "0.71": 0.71, "-0.6": -0.6, "1.5e3": 1500.0,
    "true": True, "false": False, "~": None, "null": None,
}  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), SCALARS.items(), ids=SCALARS)
def test_a_scalar_is_read_as_a_person_reads_it(written: str, meant: object, tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(f"value: {written}\n", encoding="utf-8")
    document, problems = read_yaml(path)
    assert (problems, document is not None) == ([], True)
    assert document is not None
    value = document.data["value"]
    assert (value, type(value)) == (meant, type(meant))


def test_the_options_of_the_sound_item_are_text(folder: Path) -> None:
    assert [option.text for option in bank(folder).item("first-001").options] == ["12:30", "no", "010"]


def with_formats(folder: Path) -> ItemBank:
    """Read the bank with the items of every format, a case and every kind of exhibit."""
    shutil.copytree(FORMATS_TOO, folder, dirs_exist_ok=True)
    write_media(folder / "media")
    return bank(folder)


def test_a_bank_of_every_format_is_read_as_it_was_written(folder: Path) -> None:
    found = with_formats(folder)
    [case] = found.cases
    assert (case.id, case.scenario, case.files) == ("first-case", "A patient comes with a *report*.\n", ("dot.png",))
    assert [item.id for item in found.members["first-case"]] == ["formats-multiple", "formats-number"]
    assert {item.id: item.key_answer for item in found.items if item.id.startswith("formats")} == {
        "formats-hotspot": "50,40",
        "formats-multiple": "b,d",
        "formats-number": "1.33",
        "formats-sorted": "b,d,a,c",
    }
    video, table = found.item("formats-number").exhibit
    assert isinstance(video, VideoExhibit)
    assert (video.video, video.captions, video.alt) == ("moving.webm", "moving.vtt", "A dot that moves")
    assert isinstance(table, TableExhibit)
    assert (table.table, table.caption) == ("| a | b |\n|---|---|\n| 1 | 2 |\n", "Two columns")
    assert (sorted(found.media), found.sizes) == (
        ["dot.png", "field.png", "moving.vtt", "moving.webm"],
        {"dot.png": (8, 8), "field.png": (100, 80)},
    )


def test_a_bank_of_every_format_that_was_stored_comes_back_as_the_same_version(folder: Path) -> None:
    first = with_formats(folder)
    again = ItemBank.model_validate_json(first.model_dump_json())
    assert (again.version, again.key_version, again) == (first.version, first.key_version, first)


def test_a_bank_that_was_stored_before_there_were_formats_still_loads(folder: Path) -> None:
    edit(folder, "first.yaml", "status: active", "status: active\n    exhibit: {image: dot.png, alt: A dot}")
    write_media(folder / "media")
    today = bank(folder)
    old = json.loads(today.model_dump_json())
    for name in ("cases", "sizes"):
        del old[name]
    del old["spec"]["delivery"]
    for item in old["items"]:
        for name in ("case", "calculator"):
            del item[name]
        item["exhibit"] = {name: item["exhibit"][0][name] for name in ("image", "alt")} if item["exhibit"] else None
    assert [item["exhibit"] for item in old["items"][:2]] == [{"image": "dot.png", "alt": "A dot"}, None]
    loaded = ItemBank.model_validate(old)
    assert loaded == today.model_copy(update={"sizes": {}})
    assert loaded.key_version == today.key_version


def test_the_version_of_a_bank_that_does_not_change_stays_what_it_is(folder: Path) -> None:
    # Stored attempts name it: a new part of an item must not change the hash of those that do not have it.
    found = bank(folder)
    assert (found.version, found.key_version) == ("a74962584ecf3707", "8ef1b263dee9c20e")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("key: [d, b]", "key: [d, c]"),
        ("scoring: partial", "scoring: all"),
        ("key: {value: 1.33, tolerance: 0.01}", "key: {value: 1.33, tolerance: 0.02}"),
        ("key: [b, d, a, c]", "key: [b, d, c, a]"),
        ("radius: 9", "radius: 8"),
    ],
)
def test_whatever_changes_the_marking_of_a_format_is_another_key_version(old: str, new: str, folder: Path) -> None:
    before = with_formats(folder)
    edit(folder, "items.yaml", old, new)
    after = bank(folder)
    assert (after.version != before.version, after.key_version != before.key_version) == (True, True)
