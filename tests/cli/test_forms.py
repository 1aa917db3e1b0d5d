"""ssa forms assemble: forms that meet the blueprint, from a seed."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from ssa_engine.config import bundled
from tests.cli.shell import done, ssa
from tests.cli.test_content import SMALL
from tests.content.faults import SOUND


def forms(*arguments: object) -> list[dict[str, Any]]:
    """Draw forms of the bundled CT bank."""
    drawn = ssa("forms", "assemble", "CT", *arguments, "--json").json
    assert isinstance(drawn, list)
    return drawn


def test_drawn_forms_meet_the_blueprint_and_say_so() -> None:
    spec = yaml.safe_load((bundled("content_specs") / "ct.yaml").read_text(encoding="utf-8"))
    needed = {
        (area, scored): counts.get("scored" if scored else "pilot", 0)
        for area, counts in spec["blueprint"]["areas"].items()
        for scored in (True, False)
    }
    for form in forms("--seed", 7, "--count", 5):
        found = Counter((item["content_area"], item["scored"]) for item in form["items"])
        assert (dict(found), form["meets_blueprint"]) == (needed, True)
        assert [item["position"] for item in form["items"]] == list(range(1, sum(needed.values()) + 1))
        assert len({item["item_id"] for item in form["items"]}) == sum(needed.values())


def test_the_same_seed_draws_the_same_forms_and_another_seed_others() -> None:
    first = forms("--seed", 7, "--count", 2)
    assert forms("--seed", 7, "--count", 2) == first
    (other,) = forms("--seed", 9)
    assert [other["items"] == form["items"] for form in first] == [False, False]
    assert first[0]["items"] != first[1]["items"]


def test_options_are_those_of_the_item_in_some_order() -> None:
    items = {
        item["id"]: sorted(option["id"] for option in item.get("options", []))
        for path in (bundled("item_bank") / "ct").glob("*.yaml")
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["items"]
    }
    (form,) = forms("--seed", 3)
    assert {item["item_id"]: sorted(item["options"]) for item in form["items"]}.items() <= items.items()


def test_the_text_says_how_each_area_meets_its_blueprint() -> None:
    lines = done("forms", "assemble", "TEST", "--seed", 1, "--count", 3, **SMALL).splitlines()
    assert [line.split() for line in lines[1:3]] == [
        ["1", "of", "1", "scored,", "0", "of", "0", "pilot", "first-area"],
        ["2", "of", "2", "scored,", "1", "of", "1", "pilot", "second-area"],
    ]
    assert lines[0].startswith("Form of seed 1: 4 items, bank ")
    assert lines[-1].endswith("the most used one on 3 forms.")


def test_enemies_are_never_on_one_form() -> None:
    drawn = ssa("forms", "assemble", "TEST", "--seed", 1, "--count", 40, "--json", **SMALL).json
    together = [{"second-001", "second-002"} <= {item["item_id"] for item in form["items"]} for form in drawn]
    assert together == [False] * 40


def test_a_blueprint_that_cannot_be_met_is_told_with_area_and_numbers(tmp_path: Path) -> None:
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    second = tmp_path / "second.yaml"
    second.write_text(second.read_text().replace("[second-002]", "[second-002, second-004]"))
    spec = tmp_path / "spec.yaml"
    spec.write_text(spec.read_text().replace("second-area: {scored: 2", "second-area: {scored: 3"))
    folder = {"content_dir": str(tmp_path), "item_bank_dir": str(tmp_path)}
    assert ssa("content", "check", tmp_path).code == 0
    sentence = ssa("forms", "assemble", "TEST", "--seed", 1, **folder).sentence()
    assert [part for part in ("'second-area'", "takes 3 active", "of 3 could be drawn") if part not in sentence] == []


def test_a_discipline_without_a_bank_is_told() -> None:
    sentence = ssa("forms", "assemble", "MRI", "--seed", 1).sentence()
    assert sentence == "The Magnetic Resonance Imaging assessment is being prepared: it has no item bank yet."


def test_a_seed_is_asked_for_and_a_count_of_none_is_refused() -> None:
    assert "Missing option '--seed'" in ssa("forms", "assemble", "CT").sentence(code=2)
    assert "--count" in ssa("forms", "assemble", "CT", "--seed", 1, "--count", 0).sentence(code=2)
