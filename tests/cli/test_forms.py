"""ssa forms assemble: forms that meet the blueprint, from a seed."""

from __future__ import annotations

import itertools
import random
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
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


# by the optimiser


def calibrated(folder: Path) -> dict[str, str]:
    """Write the bundled content with parameters for every item; return the settings that read it."""
    shutil.copytree(bundled("content_specs"), folder / "content_specs")
    shutil.copytree(bundled("item_bank"), folder / "item_bank")
    chance = random.Random(3)
    for path in (folder / "item_bank" / "ct").glob("*.yaml"):
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
        for item in file["items"]:
            item["statistics"] = {"a": round(chance.uniform(0.6, 1.6), 2), "b": round(chance.gauss(-0.3, 1), 2)}
        path.write_text(yaml.safe_dump(file, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return {"content_dir": str(folder / "content_specs"), "item_bank_dir": str(folder / "item_bank")}


def test_optimal_forms_say_how_far_from_the_best_they_are_and_what_they_share(tmp_path: Path) -> None:
    run = ssa("forms", "assemble", "CT", "--seed", 4, "--count", 4, "--optimal", "--gap", 0, "--json",
              **calibrated(tmp_path)).json  # fmt: skip
    assert [form["meets_blueprint"] for form in run["forms"]] == [True] * 4
    assert (run["search"]["status"], run["search"]["proved"]) == ("optimal", True)
    best = run["search"]["best_bound"]
    assert [form["gap"] for form in run["forms"]] == [
        pytest.approx(best / form["objective"] - 1, abs=1e-9) for form in run["forms"]
    ]
    sets = [{item["item_id"] for item in form["items"]} for form in run["forms"]]
    pairs = [len(one & other) for one, other in itertools.combinations(sets, 2)]
    assert run["overlap"] == {"mean_share": pytest.approx(sum(pairs) / 6 / 80), "most_items": max(pairs)}
    used = Counter(item for form in sets for item in form)
    assert run["exposure"] == {"items": 171, "items_used": len(used), "most_forms": max(used.values())}
    assert set(run["thetas"]) == set(run["forms"][0]["shares"])


def test_parallel_forms_are_told_in_words(tmp_path: Path) -> None:
    text = done("forms", "assemble", "CT", "--seed", 4, "--parallel", 2, **calibrated(tmp_path))
    assert [line[:15] for line in text.splitlines() if line.startswith("Form of")] == [
        "Form of seed 1:",
        "Form of seed 2:",
    ]
    assert "of what is attainable at the standards; " in text
    assert "which is no proof of optimality." in text
    assert re.search(r"Two forms have \d+% of their items in common on average, and at most \d+ items\.", text)


def test_a_bank_without_parameters_is_assembled_on_the_constraints_and_it_is_said() -> None:
    for way in (("--optimal",), ("--parallel", 2)):
        run = ssa("forms", "assemble", "CT", "--seed", 1, *way, "--json").json
        assert run["search"] is None
        assert [form["meets_blueprint"] for form in run["forms"]] == [True] * len(run["forms"])
        assert run["notes"][0].startswith("No active item has parameters a and b, so forms are assembled on the ")


def test_other_standards_move_where_information_is_sought(tmp_path: Path) -> None:
    settings = calibrated(tmp_path)
    policy = yaml.safe_load((bundled("content_specs") / "ct.yaml").read_text(encoding="utf-8"))["sample_policy"]
    policy["standards"]["neck-and-chest"] = 0.4
    (tmp_path / "policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    usual, other = (
        ssa("forms", "assemble", "CT", "--seed", 1, "--optimal", *more, "--json", **settings).json["thetas"]
        for more in ((), ("--policy", tmp_path / "policy.yaml"))
    )
    assert other["neck-and-chest"] < usual["neck-and-chest"]
    assert {area for area in usual if usual[area] != other[area]} == {"neck-and-chest"}


def test_what_the_optimiser_cannot_meet_is_told_with_the_constraint_and_the_amount() -> None:
    sentence = ssa("forms", "assemble", "CT", "--seed", 1, "--parallel", 3, "--most-shared", 0).sentence()
    parts = ("No form meets all constraints.", "takes exactly 10 scored items", "too few", "The bank has 18.")
    assert [part for part in parts if part not in sentence] == []


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--optimal", "--parallel", 2), "give one of them"),
        (("--parallel", 2, "--count", 3), "leave out --count"),
        (("--most-shared", 3), "--most-shared goes with --parallel."),
        (("--most-exposure", 0.3), "--most-exposure goes with --optimal."),
        (("--parallel", 2, "--exposure-penalty", 1), "--exposure-penalty goes with --optimal."),
        (("--gap", 0), "--gap goes with --optimal or --parallel."),
    ],
)
def test_options_of_another_way_are_refused(options: tuple[object, ...], part: str) -> None:
    assert part in ssa("forms", "assemble", "CT", "--seed", 1, *options).sentence(code=2)


def test_fixed_forms_are_stored_once(tmp_path: Path) -> None:
    shutil.copytree(SOUND, tmp_path / "content")
    spec = tmp_path / "content/spec.yaml"
    spec.write_text(spec.read_text().replace("  minutes: 10\n", "  minutes: 10\n  assembly: fixed\n  forms: 2\n"))
    folder = str(tmp_path / "content")
    settings = {"content_dir": folder, "item_bank_dir": folder, "database_url": f"sqlite:///{tmp_path / 'ssa.db'}"}
    done("database", "upgrade", **settings)
    first = ssa("forms", "fix", "TEST", "--json", **settings).json
    assert [(form["seed"], form["meets_blueprint"]) for form in first] == [(1, True), (2, True)]
    assert ssa("forms", "fix", "TEST", "--json", **settings).json == first
    assert done("forms", "fix", "TEST", **settings).startswith("2 fixed forms of TEST, bank ")
    settings |= {"content_dir": str(SOUND), "item_bank_dir": str(SOUND)}
    assert "asks for no fixed forms" in ssa("forms", "fix", "TEST", **settings).sentence()
