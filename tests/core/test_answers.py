"""Answers: what was posted, and what is stored."""

from __future__ import annotations

import pytest

from ssa_engine.core.answers import read_answer
from ssa_engine.core.errors import Invalid
from tests.core.banks import item_of

ITEM = item_of("one", "1.A.1", options=4)


@pytest.mark.parametrize("option", ["a", "b", "c", "d"])
def test_an_option_is_stored_as_its_id(option: str) -> None:
    assert read_answer(ITEM, [option]) == option


@pytest.mark.parametrize("posted", [[], [""], ["", ""]])
def test_nothing_chosen_is_no_answer(posted: list[str]) -> None:
    assert read_answer(ITEM, posted) is None


def test_an_empty_value_beside_a_choice_does_not_matter() -> None:
    assert read_answer(ITEM, ["", "c"]) == "c"


@pytest.mark.parametrize("posted", [["a", "b"], ["a", "a"], ["a", "zz", ""]])
def test_more_than_one_answer_is_refused(posted: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        read_answer(ITEM, posted)
    assert str(caught.value) == (
        "This question takes one answer, and more than one was sent. Choose one and save again."
    )


@pytest.mark.parametrize("posted", ["e", "A", " a", "a ", "\x00", "a,b", "key", "ａ", "0", "a" * 100_000])
def test_what_is_no_option_is_refused(posted: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_answer(ITEM, [posted])
    assert str(caught.value) == ("That answer is not one of this question’s options. Reload the page and choose again.")
