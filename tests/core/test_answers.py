"""Answers: what was posted to an item of each format, and the one text in which it is stored."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.answers import Unreadable, read_number, read_point
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item
from tests.core.banks import bank_of, item_of, spec_of

ITEMS = {
    kind: item_of(f"{kind}-1", "1.A.1", kind=kind) for kind in ("single", "multiple", "sorted", "hotspot", "number")
}
BANK: ItemBank = bank_of(spec_of({"a": (5, 0)}), list(ITEMS.values())).model_copy(
    update={"sizes": {"picture.png": (100, 80)}}
)
NO_OPTION = "That answer is not one of this question’s options. Reload the page and choose again."
NOT_A_PLACE = "Give the place as two whole numbers: across from the left, then down from the top, such as 120,80."


def read(kind: str, *posted: str, may_clear: bool = False) -> str | None:
    """Return what is stored of the values that were posted to an item of this format."""
    return BANK.read_answer(ITEMS[kind], list(posted), may_clear=may_clear)


def refused(kind: str, *posted: str) -> str:
    """Return the sentence with which values are refused."""
    with pytest.raises(Unreadable) as caught:
        read(kind, *posted)
    return str(caught.value)


@pytest.mark.parametrize("kind", ITEMS)
@pytest.mark.parametrize("posted", [[], [""], ["", ""], [" ", "\t"]])
def test_nothing_given_is_no_answer_and_takes_one_back_only_where_the_form_says_so(
    kind: str, posted: list[str]
) -> None:
    assert read(kind, *posted) is None
    assert read(kind, *posted, may_clear=True) == ""


@pytest.mark.parametrize("kind", ITEMS)
def test_an_answer_is_an_answer_whether_or_not_the_form_may_clear(kind: str) -> None:
    key = ITEMS[kind].key_answer
    posted = key.split(",") if ITEMS[kind].options else [key]
    assert read(kind, *posted, may_clear=True) == read(kind, *posted) == key


@pytest.mark.parametrize("option", ["a", "b", "c", "d"])
def test_an_option_is_stored_as_its_id(option: str) -> None:
    assert read("single", option) == option


@pytest.mark.parametrize("posted", [["", "c"], ["c", "c"]])
def test_an_empty_value_beside_a_choice_and_the_same_choice_twice_do_not_matter(posted: list[str]) -> None:
    assert read("single", *posted) == "c"


@pytest.mark.parametrize("posted", [["a", "b"], ["a", "zz", ""]])
def test_more_than_one_answer_to_an_item_that_takes_one_is_refused(posted: list[str]) -> None:
    assert refused("single", *posted) == (
        "This question takes one answer, and more than one was sent. Choose one and save again."
    )


@pytest.mark.parametrize("kind", ["single", "multiple", "sorted"])
@pytest.mark.parametrize("posted", ["e", "A", " a", "a ", "\x00", "a,b", "key", "ａ", "0", "a" * 100_000])
def test_what_is_no_option_is_refused(kind: str, posted: str) -> None:
    assert refused(kind, posted) == NO_OPTION


@given(st.lists(st.sampled_from("abcd"), min_size=1))
def test_options_that_apply_are_stored_once_each_in_the_order_of_their_ids(posted: list[str]) -> None:
    assert read("multiple", *posted) == ",".join(sorted(set(posted)))


def test_one_option_that_is_none_spoils_the_others() -> None:
    assert refused("multiple", "a", "b", "zz") == NO_OPTION


@given(st.permutations("abcd"))
def test_an_order_is_stored_as_it_was_given(posted: list[str]) -> None:
    assert read("sorted", *posted) == ",".join(posted)


@pytest.mark.parametrize("posted", ["a", "abc", "abca", "abcda", "aabbccdd"])
def test_an_order_that_leaves_an_entry_out_or_names_one_twice_is_refused(posted: str) -> None:
    assert refused("sorted", *posted) == (
        "Each entry of the list stands in the order once. Reload the page and sort it again."
    )


@pytest.mark.parametrize(
    ("posted", "stored"),
    [
        ("12,34", "12,34"),
        ("0,0", "0,0"),
        ("99,79", "99,79"),
        (" 12 , 34 ", "12,34"),
        ("12 34", "12,34"),
        ("12; 34", "12,34"),
        ("12.9,34.2", "12,34"),
        ("007,08", "7,8"),
    ],
)
def test_a_place_is_stored_in_whole_pixels(posted: str, stored: str) -> None:
    assert read("hotspot", posted) == stored


@pytest.mark.parametrize(
    "posted", ["12", "12,", ",34", "-1,5", "1,-5", "1,2,3", "a,b", "1e1,2", "٣,٤", "1" * 6 + ",2", "12 px, 3", "\x00"]
)
def test_what_is_no_place_is_refused(posted: str) -> None:
    assert refused("hotspot", posted) == NOT_A_PLACE


@pytest.mark.parametrize("posted", ["100,79", "99,80", "99999,0"])
def test_a_place_beside_the_image_is_refused_with_its_size(posted: str) -> None:
    assert refused("hotspot", posted) == (
        "That place lies outside the image, which is 100 wide and 80 high. Choose one on it."
    )


def test_of_several_places_the_last_counts_and_an_image_of_unknown_size_has_no_outside() -> None:
    assert read("hotspot", "1,2", "3,4") == "3,4"
    assert read_point("4000,5000", None) == "4000,5000"


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_a_stored_place_reads_as_itself(x: int, y: int) -> None:
    assert read_point(f"{x},{y}", None) == f"{x},{y}"


NUMBERS = {
    "1,33": "1.33", "1.33": "1.33", "133": "133", "0,5": "0.5", ".5": "0.5", ",5": "0.5", "5.": "5", "5,": "5",
    "007": "7", "+4": "4", "1.50": "1.50", "0": "0", "-0": "0", "-0,0": "0.0", "-3": "-3", "−3,5": "-3.5", "–3": "-3",
    " 12.5\n": "12.5", "12\u00a0500": "12500", "12\u202f500,25": "12500.25", "1\u2009234\u2009567": "1234567",
    "1 234 567.5": "1234567.5", "1.234.567": "1234567", "1,234,567": "1234567", "1,234.5": "1234.5",
    "1.234,5": "1234.5", "-1.234,50": "-1234.50", "1,234,567.8": "1234567.8", "1.333": "1.333", "0,333": "0.333",
    "1,3333": "1.3333", "12,34": "12.34", "1234,567": "1234.567", "1 234,567": "1234.567", "0.0001": "0.0001",
    "9" * 24: "9" * 24, "0" * 40 + "1": "1",
}  # fmt: skip


@pytest.mark.parametrize(("posted", "stored"), NUMBERS.items(), ids=map(repr, NUMBERS))
def test_a_number_is_read_whatever_its_decimal_sign(posted: str, stored: str) -> None:
    assert read("number", posted) == stored


@pytest.mark.parametrize("posted", ["1,333", "-12,500", "+999,000", "100,000"])
def test_a_number_that_could_be_read_in_two_ways_is_not_read(posted: str) -> None:
    assert refused("number", posted) == (
        f"“{posted}” could be read in two ways. Write {posted.replace(',', '.')} for the decimal number, "
        f"or {posted.replace(',', '')} for thousands."
    )


@pytest.mark.parametrize(
    "posted",
    ["one", "1e3", "1.2.3", "1,2,3", "1.23.456", "12 5", "1 23", "1  2345", "--1", "- 1", "1-", "0x10", "1/2", "5 %",
     "$5", "1'000", "٣", "１２", "²", "1.234,²", "NaN", "inf", "∞", ",", ".", "-", "+", "1_000", "1,234.567,8",
     "{text}"],
)  # fmt: skip
def test_what_is_no_number_is_refused_and_quoted(posted: str) -> None:
    assert refused("number", posted) == (
        f"“{' '.join(posted.split())}” is not a number here. Use digits and one decimal sign, such as 12.5."
    )


@pytest.mark.parametrize("posted", ["9" * 25, "0." + "1" * 24, "9" * 100, "1" * 60_000, "x" * 61, "999 " * 9 + "999"])
def test_a_number_of_too_many_digits_is_refused(posted: str) -> None:
    assert refused("number", posted) == "That number is too long. Give it with at most 24 digits."


@given(st.from_regex(r"\A[-+−]?[0-9]{0,9}[.,]?[0-9]{0,9}\Z") | st.text("0123456789., -+\u00a0", max_size=30))
def test_a_stored_number_reads_as_itself_and_is_the_number_that_was_meant(posted: str) -> None:
    try:
        stored = read_number(posted)
    except Unreadable:
        return
    assert read_number(stored) == stored
    digits = "".join(filter(str.isdigit, posted)).lstrip("0").rstrip("0")
    assert stored.replace("-", "").replace(".", "").strip("0") == digits


@given(st.decimals(-(10**6), 10**6, places=2), st.sampled_from(".,"))
def test_two_decimals_are_never_taken_for_hundreds(number: Decimal, sign: str) -> None:
    assert Decimal(read_number(str(number).replace(".", sign))) == number


@pytest.mark.parametrize("kind", ITEMS)
@given(data=st.data())
def test_what_is_stored_reads_back_as_itself(kind: str, data: st.DataObject) -> None:
    item: Item = ITEMS[kind]
    posted = data.draw(st.lists(st.sampled_from([*"abcd", "1", "2,3", "4.5", ""]), max_size=6))
    try:
        stored = BANK.read_answer(item, posted)
    except Unreadable:
        return
    if stored is not None:
        assert BANK.read_answer(item, stored.split(",") if item.options else [stored]) == stored
