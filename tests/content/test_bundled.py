"""The content that comes with the program: sound, public in its names, and fit to be taken."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from ssa_engine.config import bundled
from ssa_engine.content.library import Library
from ssa_engine.core.exhibits import ImageExhibit, TableExhibit, VideoExhibit
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.items import FORMATS, Item, SingleItem
from tests.cli.shell import done, ssa
from tests.content.schema import unfit

OUTLINES = {
    "CT": {
        "Patient Care": ["Patient Interactions and Management"],
        "Safety": ["Radiation Safety and Dose"],
        "Image Production": ["Image Formation", "Image Evaluation and Archiving"],
        "Procedures": ["Head, Spine, and Musculoskeletal", "Neck and Chest", "Abdomen and Pelvis"],
    },
    "RAD": {
        "Patient Care": ["Patient Interactions and Management"],
        "Safety": ["Radiation Physics and Radiobiology", "Radiation Protection"],
        "Image Production": [
            "Image Acquisition and Technical Evaluation",
            "Equipment Operation and Quality Assurance",
        ],
        "Procedures": ["Head, Spine, and Pelvis", "Thorax and Abdomen", "Extremity"],
    },
    "MRI": {
        "Patient Care": ["Patient Interactions and Management"],
        "Safety": ["MRI Screening and Safety"],
        "Image Production": [
            "Physical Principles of Image Formation",
            "Sequence Parameters and Options",
            "Data Acquisition, Processing, and Storage",
        ],
        "Procedures": ["Neurological", "Body", "Musculoskeletal"],
    },
}
"""The public names of the content areas, as the boards print them."""

CT_FILES = sorted((bundled("item_bank") / "ct").glob("*.yaml"))
ENOUGH = 14
"""Items that each area of the first bank was to have."""


def plain(path: Path) -> dict[str, list[dict[str, object]]]:
    """Read a file with the stock reader, so that nothing of ours stands between the file and the test."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def ct_items(library: Library) -> tuple[Item, ...]:
    """The items of the CT bank."""
    return library.bank("CT").items


def test_the_bundled_content_has_no_problem() -> None:
    specs, items = len(OUTLINES), sum(len(plain(path)["items"]) for path in CT_FILES)
    run = ssa("content", "check")
    files = specs + len(CT_FILES) + len(["practice.yaml"])
    assert (run.code, run.out) == (0, f"{files} files, {items} items, 0 problems.\n")


def test_every_item_of_the_files_is_in_the_bank(library: Library) -> None:
    written = sorted(str(item["id"]) for path in CT_FILES for item in plain(path)["items"])
    assert [item.id for item in ct_items(library)] == written


@pytest.mark.parametrize("discipline", sorted(OUTLINES))
def test_a_specification_has_exactly_the_public_content_areas(discipline: str, library: Library) -> None:
    spec = library.spec(discipline)
    found = {category.name: [area.name for area in category.areas] for category in spec.categories}
    assert (found, list(found), spec.sample) == (OUTLINES[discipline], list(OUTLINES[discipline]), True)


@pytest.mark.parametrize("discipline", sorted(OUTLINES))
def test_every_topic_is_in_words_and_every_area_is_on_the_form(discipline: str, library: Library) -> None:
    spec = library.spec(discipline)
    assert {len(area.topics) >= 2 for area in spec.areas} == {True}
    assert list(spec.blueprint.areas) == list(spec.area_names) == list(spec.sample_policy.standards)
    forms = sum(counts.scored + counts.pilot for counts in spec.blueprint.areas.values())
    pilots = sum(counts.pilot for counts in spec.blueprint.areas.values())
    assert 0.1 <= pilots / forms <= 0.2  # the programme tries out 10 to 20 % of items


@pytest.mark.parametrize("path", CT_FILES, ids=lambda path: path.stem)
def test_an_area_has_enough_items_in_use(path: Path) -> None:
    statuses = Counter(item["status"] for item in plain(path)["items"])
    assert statuses["active"] + statuses["pilot"] >= ENOUGH


def test_every_area_of_the_outline_has_its_file(library: Library) -> None:
    assert {path.stem for path in CT_FILES} == set(library.spec("CT").area_names)


def test_a_rationale_names_every_option_that_is_not_the_key(library: Library) -> None:
    named = {item.id: set(re.findall(r"\*\*([a-z])\*\*", item.rationale)) for item in ct_items(library)}
    others = {item.id: {*item.option_ids} - {*item.key_answer.split(",")} for item in ct_items(library)}
    assert {name: others[name] - named[name] for name in named if others[name] - named[name]} == {}


def test_every_item_has_references_and_distinct_options(library: Library) -> None:
    without = [item.id for item in ct_items(library) if not any(text.strip() for text in item.references)]
    texts = {item.id: [one.text.strip() for one in item.options] for item in ct_items(library) if item.options}
    alike = [name for name, own in texts.items() if len(set(own)) < max(3, len(own))]
    assert (without, alike) == ([], [])


def singles(library: Library) -> list[SingleItem]:
    """The items of the CT bank that ask for one best answer."""
    return [item for item in ct_items(library) if isinstance(item, SingleItem)]


def test_no_letter_is_the_key_too_often(library: Library) -> None:
    keys = Counter(item.key for item in singles(library))
    assert {letter: count for letter, count in keys.items() if count > 0.4 * keys.total()} == {}


def test_the_key_is_not_mostly_the_longest_option(library: Library) -> None:
    longest = [max(item.options, key=lambda option: len(option.text)).id == item.key for item in singles(library)]
    assert sum(longest) / len(longest) < 0.4


def test_no_item_tells_its_content_area(library: Library) -> None:
    bank = library.bank("CT")
    told = []
    for item in bank.items:
        case, area = bank.case_of(item), bank.area_of(item)
        shown = "\n".join([item.stem, *(one.text for one in item.options), case.scenario if case else ""]).lower()
        told += [(item.id, said) for said in (area, bank.spec.area_names[area]) if said.lower() in shown]
    assert told == []


def test_every_format_is_in_use_with_case_sets_and_every_kind_of_exhibit(library: Library) -> None:
    bank = library.bank("CT")
    active = [item for item in bank.items if item.status == "active"]
    assert {item.format for item in active} == set(FORMATS) == set(library.practice.items)
    assert {len(members) for members in bank.members.values()} == {3}
    kinds = {type(exhibit) for item in active for exhibit in item.exhibit}
    assert kinds == {ImageExhibit, VideoExhibit, TableExhibit}
    assert any(len(item.exhibit) > 1 for item in active)


def test_whatever_the_seed_a_form_can_be_drawn_that_has_more_than_one_format(library: Library) -> None:
    bank = library.bank("CT")
    for seed in range(30):
        assert len({bank.item(place.item_id).format for place in draw_form(bank, seed).items}) > 1


def test_no_item_holds_raw_html(library: Library) -> None:
    tag = re.compile(r"</?[a-zA-Z!]")
    assert [item.id for item in ct_items(library) if tag.search(item.model_dump_json())] == []


def test_every_stem_is_asked_once(library: Library) -> None:
    stems = Counter(" ".join(item.stem.lower().split()) for item in ct_items(library))
    assert [stem for stem, count in stems.items() if count > 1] == []


KINDS = {"item-file": CT_FILES, "content-spec": sorted(bundled("content_specs").glob("*.yaml"))}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_schema_has_a_place_for_every_key_the_files_use(kind: str, tmp_path: Path) -> None:
    done("content", "schema", tmp_path)
    schema = json.loads((tmp_path / f"{kind}.schema.json").read_text(encoding="utf-8"))
    for path in KINDS[kind]:
        assert unfit(plain(path), schema, schema) == [], path


def test_the_schema_refuses_what_the_reader_refuses(tmp_path: Path) -> None:
    done("content", "schema", tmp_path)
    schema = json.loads((tmp_path / "item-file.schema.json").read_text(encoding="utf-8"))
    option = {"id": "a", "text": "One"}
    item = {"topic": "1.A.1", "stem": "?", "options": [option, {"id": "b"}], "key": "a", "rationale": "r", "id": "y"}
    items = [item | {"format": "essay"}, item | {"format": "single", "keys": "a", "exhibit": {"image": "a.png"}}]
    assert sorted(unfit({"discipline": "CT", "area": "x", "items": items}, schema, schema)) == [
        "/items/0: format is none of hotspot, multiple, number, single, sorted",
        "/items/1/exhibit: alt is required",
        "/items/1/options/1: text is required",
        "/items/1: keys is not allowed",
        "/items/1: status is required",
    ]
