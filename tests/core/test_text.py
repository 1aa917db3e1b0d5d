"""Dates, credits and lists in sentences."""

from __future__ import annotations

import copy
import datetime as dt
import pickle

import pytest

from ssa_engine.core.text import Sentence, count_credits, listed, long_date, say, say_count


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (dt.date(2027, 3, 4), "4 March 2027"),
        (dt.date(2028, 2, 29), "29 February 2028"),
        (dt.date(2030, 12, 31), "31 December 2030"),
    ],
)
def test_a_date_is_written_out(day: dt.date, written: str) -> None:
    assert long_date(day) == written


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ([], ""),
        ([3], "3"),
        ([3, 5], "3 and 5"),
        (["a", "b", "c"], "a, b and c"),
        (range(1, 5), "1, 2, 3 and 4"),
    ],
)
def test_a_list_is_written_as_it_is_said(parts: list[object], written: str) -> None:
    assert listed(parts) == written


@pytest.mark.parametrize(
    ("credits", "written"),
    [
        (0.0, "0 credits"),
        (0.5, "0.5 credits"),
        (1.0, "1 credit"),
        (1.5, "1.5 credits"),
        (2.0, "2 credits"),
        (36.0, "36 credits"),
        (12.25, "12.25 credits"),
        (2 / 3, "0.67 credits"),
        (1_000_000.0, "1000000 credits"),
    ],
)
def test_credits_are_counted(credits: float, written: str) -> None:
    assert count_credits(credits) == written


def test_a_sentence_is_text_that_remembers_what_it_was_made_of() -> None:
    day = dt.date(2027, 3, 14)
    said = say("{points} of {items} by {day}: {parts}", points=6.5, items=10, day=day, parts=[say("a"), say("b")])
    assert said == "6.5 of 10 by 14 March 2027: a; b"
    assert (said.template, said.plural, said.number) == ("{points} of {items} by {day}: {parts}", None, None)
    assert said.values == {"points": 6.5, "items": 10, "day": day, "parts": ["a", "b"]}


@pytest.mark.parametrize(("count", "written"), [(0, "0 items"), (1, "1 item"), (1.0, "1 item"), (2, "2 items")])
def test_a_sentence_is_said_for_one_or_for_many(count: float, written: str) -> None:
    said = say_count("{count} item", "{count} items", count)
    assert said == written
    assert (said.template, said.plural, said.number) == ("{count} item", "{count} items", count)


def test_what_a_person_typed_is_never_taken_for_a_template() -> None:
    said = say("“{text}” is no number", text="{0} {name} %(n)s")
    assert said == "“{0} {name} %(n)s” is no number"
    for again in (copy.copy(said), copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert isinstance(again, Sentence)
        assert (again, again.template, again.values) == (said, said.template, said.values)
