"""Items: what may travel, enemies both ways, and the versions of a bank."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ssa_engine.core.errors import NotFound
from ssa_engine.core.item_bank import ItemBank, PresentedItem, present
from ssa_engine.core.items import AnyItem, Item
from tests.core.banks import bank_of, item_of, spec_of

SPEC = spec_of({"a": (2, 0)})
ITEMS = [item_of("n1", "1.A.1", key="b", enemies=["n2"]), item_of("n2", "1.A.2"), item_of("n3", "1.A.3")]
BANK = bank_of(SPEC, ITEMS)
ANY_ITEM: TypeAdapter[Item] = TypeAdapter(AnyItem)


def changed(number: int, **changes: Any) -> ItemBank:
    """Return the bank with one item changed."""
    items = [item.model_copy(update=changes) if index == number else item for index, item in enumerate(ITEMS)]
    return bank_of(SPEC, items)


def test_only_these_parts_of_an_item_travel() -> None:
    parts = ["id", "format", "stem", "options", "exhibits", "case", "target", "unit", "calculator"]
    assert [field.name for field in dataclasses.fields(PresentedItem)] == parts
    shown = present(ITEMS[0], ("d", "b", "a", "c"))
    assert (shown.id, shown.format, shown.stem, shown.exhibits) == ("n1", "single", "Stem of n1", ())
    assert (shown.case, shown.target, shown.unit, shown.calculator) == (None, None, "", False)
    assert [(option.id, option.text) for option in shown.options] == [(name, f"Option {name}") for name in "dbac"]


def test_enemies_hold_both_ways() -> None:
    assert BANK.enemies == {"n1": {"n2"}, "n2": {"n1"}, "n3": set()}


def test_an_item_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound) as caught:
        BANK.item("n9")
    assert str(caught.value) == f"The TST item bank {BANK.version} has no item 'n9'."


def test_equal_content_has_the_same_version_and_a_change_of_words_another_with_the_same_keys() -> None:
    assert bank_of(spec_of({"a": (2, 0)}), list(ITEMS)).version == BANK.version
    words = changed(1, stem="Another stem")
    assert (words.version != BANK.version, words.key_version == BANK.key_version) == (True, True)


def test_another_key_is_another_key_version() -> None:
    other = changed(1, key="c")
    assert (other.version != BANK.version, other.key_version != BANK.key_version) == (True, True)
    assert bank_of(SPEC, ITEMS[::-1]).key_version == BANK.key_version


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Upper"},
        {"id": "x" * 65},
        {"format": "essay"},
        {"status": "no"},
        {"options": [{"id": "a", "text": "only one"}]},
        {"options": [{"id": "a", "text": "one"}, {"id": "b", "text": ""}]},
        {"stem": ""},
        {"rationale": ""},
        {"stem": 7},
        {"points": 1},
        {"statistics": {"p": 1.2}},
        {"statistics": {"a": 0}},
        {"statistics": {"a": float("nan")}},
        {"statistics": {"b": float("nan")}},
        {"statistics": {"b": float("inf")}},
    ],
)
def test_an_item_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ANY_ITEM.validate_python({**ITEMS[1].model_dump(), **change})


def test_a_bank_reads_back_as_it_was_stored() -> None:
    again = ItemBank.model_validate_json(BANK.model_dump_json())
    assert again == BANK
    assert (again.version, again.key_version) == (BANK.version, BANK.key_version)
