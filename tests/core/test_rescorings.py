"""What changes make of items, the keys a format takes, and what becomes of credits: worked by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ssa_engine.content.keys import read_key
from ssa_engine.core.errors import Invalid
from ssa_engine.core.marking import key_table, mark, with_changes
from ssa_engine.core.prescriptions import hold_to_cap
from ssa_engine.core.rescored_results import settle
from ssa_engine.core.rescorings import Change, ItemChange, effects, rekeyed, within_cap
from tests.core.banks import bank_of, item_of, policy_of, spec_of, topic_code

SPEC = spec_of({"a": (5, 0)})
KINDS = ("single", "multiple", "sorted", "hotspot", "number")
BANK = bank_of(SPEC, [item_of(f"a-{kind}", topic_code("a", 1), kind=kind) for kind in KINDS])


def keys_after(*changes: Change) -> pd.DataFrame:
    """The keys of the bank after these changes."""
    return with_changes(key_table(BANK), effects(BANK, changes))


def earned(keys: pd.DataFrame, kind: str, answer: str | None) -> tuple[float, bool, bool]:
    """What an answer earns: credit, all of it, scored."""
    frame = pd.DataFrame({"attempt_id": [1], "item_id": [f"a-{kind}"], "answer": pd.Series([answer], dtype="str")})
    (row,) = mark(frame, keys).to_dict("records")
    return row["credit"], row["correct"], row["scored"]


@pytest.mark.parametrize(
    ("kind", "written", "answer"),
    [
        ("single", "c", "c"),
        ("multiple", "[d, b]", "b,d"),
        ("multiple", "d, b", "b,d"),
        ("sorted", "[d, c, b, a]", "d,c,b,a"),
        ("hotspot", "[{shape: circle, x: 10, y: 12, radius: 3}]", "11,12"),
        ("number", "{value: 2.5, tolerance: 0.5}", "2.9"),
    ],
)
def test_each_format_takes_a_key_in_the_form_its_yaml_has_it(kind: str, written: str, answer: str) -> None:
    value = read_key(written, BANK.by_id[f"a-{kind}"])
    keys = keys_after(Change(f"a-{kind}", ItemChange.KEY, value))
    before = key_table(BANK)
    assert earned(before, kind, answer) == (0.0, False, True)
    assert earned(keys, kind, answer) == (1.0, True, True)
    assert earned(keys, kind, BANK.by_id[f"a-{kind}"].key_answer) == (0.0, False, True)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("single", "z"),
        ("single", ["a"]),
        ("multiple", ["a", "a"]),
        ("multiple", ["z"]),
        ("multiple", []),
        ("sorted", ["a", "b"]),
        ("hotspot", []),
        ("hotspot", [{"shape": "star"}]),
        ("number", {"value": "many"}),
        ("number", None),
    ],
)
def test_a_key_that_the_format_does_not_take_is_refused_with_what_it_needs(kind: str, key: Any) -> None:
    with pytest.raises(Invalid, match=rf"^Item a-{kind} does not take the key .* It needs "):
        rekeyed(BANK, f"a-{kind}", key)


@pytest.mark.parametrize("written", ["", "[a", "{a: b, a: c}", "a" * 3000, "\x07"])
def test_a_key_that_cannot_be_read_is_said_to_be_so(written: str) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read_key(written, BANK.by_id["a-number"])


def test_the_last_change_counts_and_to_re_add_undoes_all_of_them() -> None:
    key, free = Change("a-single", ItemChange.KEY, "c"), Change("a-single", ItemChange.FULL_CREDIT)
    drop, again = Change("a-single", ItemChange.DROP), Change("a-single", ItemChange.RE_ADD)
    assert earned(keys_after(free), "single", None) == (1.0, True, True)
    assert earned(keys_after(free, key), "single", "a") == (0.0, False, True)
    assert earned(keys_after(key, free), "single", "d") == (1.0, True, True)
    assert earned(keys_after(key, drop), "single", "c") == (1.0, True, False)
    assert earned(keys_after(drop, key), "single", "c") == (1.0, True, False)
    assert earned(keys_after(key, drop, again), "single", "a") == (1.0, True, True)
    assert keys_after(Change("elsewhere", ItemChange.DROP)) is not None
    untouched = key_table(BANK)
    assert with_changes(untouched, {}) is untouched


def settled(
    target: list[float],
    old: list[float],
    completed: list[float],
    *,
    cap: float | None = None,
    first: list[float] | None = None,
) -> list[tuple[float, float, float]]:
    """(credits, kept, waiting) of areas whose gaps fall in the order given."""
    names = [f"area-{number}" for number in range(len(target))]
    prescribed = pd.DataFrame(
        {"attempt_id": 1, "content_area": names, "credits": target, "gap": [0.9 - 0.1 * n for n in range(len(target))]}
    )
    before = pd.DataFrame(
        {
            "attempt_id": 1,
            "content_area": names,
            "completed": completed,
            "first_credits": first or [0.0] * len(target),
            "items": 10,
            "correct": 0,
            "points": 0.0,
            "below_standard": True,
            "credits": old,
            "credits_by_rule": old,
            "decision": "prescribe",
        }
    )
    rule = {"rule": "flat", "credits": 3, **({"total_cap": cap} if cap is not None else {})}
    policy = policy_of(dict.fromkeys(names, 0.7), **rule)
    found = settle(prescribed, before, policy, restoring=first is not None)
    return list(found[["credits", "credits_kept", "waiting"]].itertuples(index=False, name=None))


def test_credits_fall_to_the_rule_but_not_below_what_is_completed() -> None:
    assert settled([0, 0, 3], [6, 6, 6], [0, 4.5, 1]) == [(0, 0, 0), (4.5, 4.5, 0), (3, 1, 0)]
    assert settled([0], [3], [8]) == [(3, 3, 0)], "kept is at most what was prescribed"


def test_what_rises_waits_and_stays_where_it_was() -> None:
    assert settled([6, 4.5], [3, 4.5], [1, 0]) == [(3, 1, 3), (4.5, 0, 0)]


def test_a_revert_gives_back_what_the_first_result_prescribed_and_no_more() -> None:
    assert settled([6, 6], [3, 3], [0, 0], first=[6, 4.5]) == [(6, 0, 0), (4.5, 0, 1.5)]


def test_the_total_limit_leaves_what_completed_credits_do_not_take_largest_gap_first() -> None:
    # 12 in all: 6 are kept in the first area, so 6 are left for increases of 4.5 and 4.5.
    assert settled([0, 4.5, 4.5], [6, 0, 0], [6, 0, 0], cap=12) == [(6, 6, 0), (0, 0, 4.5), (0, 0, 1.5)]


@pytest.mark.parametrize("cap", [None, 0.0, 4.0, 7.5, 100.0])
def test_the_limit_as_a_page_says_it_is_the_limit_of_the_rule(cap: float | None) -> None:
    by_rule, gaps = [3.0, 4.5, 0.0, 3.0], [0.2, 0.5, 0.0, 0.2]
    names = ["p", "q", "r", "s"]
    frame = pd.DataFrame({"attempt_id": 1, "content_area": names, "gap": gaps, "by_rule": by_rule})
    rule = {"rule": "flat", "credits": 3, **({"total_cap": cap} if cap is not None else {})}
    held = hold_to_cap(frame, frame["by_rule"].to_numpy(dtype=float), policy_of(dict.fromkeys(names, 0.7), **rule))
    assert within_cap(by_rule, gaps, cap) == held.tolist()
