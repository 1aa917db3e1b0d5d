"""Codes of completion records: read back however they are typed, and never a word or a letter in doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.core.completion import ALPHABET, CODES, code_of, read_code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (0, "3333-3333-3333"),
        (1, "4333-3333-3333"),
        (22, "Y333-3333-3333"),
        (23, "3433-3333-3333"),
        (23**12 - 1, "YYYY-YYYY-YYYY"),
    ],
)
def test_a_number_is_written_in_symbols_of_which_there_are_23(number: int, code: str) -> None:
    assert code_of(number) == code


def test_no_symbol_is_taken_for_another_and_none_makes_a_word() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 23
    assert set(ALPHABET) & set("01OIL2Z5SUB") == set()
    assert set(ALPHABET) & set("AEIOU") == set()
    assert CODES == 23**12


@pytest.mark.parametrize("number", [-1, CODES])
def test_there_is_no_code_for_other_numbers(number: int) -> None:
    with pytest.raises(ValueError, match="no code"):
        code_of(number)


@given(st.integers(0, CODES - 1), st.integers(0, CODES - 1))
def test_codes_differ_and_are_read_back_as_they_are_stored(one: int, other: int) -> None:
    code = code_of(one)
    assert len(code) == 14
    assert (code == code_of(other)) == (one == other)
    typed = (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} ")
    assert [read_code(text) for text in typed] == [code] * 4


def test_what_was_misread_is_read_as_what_a_code_can_have() -> None:
    assert read_code("bcqu-4k7m-9xwz") == "8CQV-4K7M-9XW7"


@pytest.mark.parametrize(
    "text", ["", "CQRT-4K7M", "CQRT-4K7M-9XWDD", "CQRT-4K7M-9XW0", "AAAA-AAAA-AAAA", "ÄQRT-4K7M-9XWD", "x" * 10_000]
)
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert read_code(text) is None
