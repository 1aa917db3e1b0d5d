"""Saves: answers of every format, taken back, with flags, strikes, notes and comments; replayed, stale, late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ssa_engine.actions import sittings as sitting_actions
from ssa_engine.actions.attempts import LONGEST_TEXT, continue_here
from ssa_engine.actions.banks import Banks
from ssa_engine.core.answers import Unreadable
from ssa_engine.core.errors import AttemptClosed, NotFound, StaleRender
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import FORMATS
from ssa_engine.storage import places, sittings
from ssa_engine.storage.db import Database
from tests.actions.sittings import Sitting, begin, submit
from tests.factories import Clock, Someone, add_someone, other, right
from tests.web.walk import snapshot

pytestmark = pytest.mark.usefixtures("published")
ALLOWED, GRACE = 6000, 10


@pytest.fixture
def sitting(db: Database, banks: Banks, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt whose form has items of all formats."""
    bank = banks.library.bank("CT")
    return begin(db, banks, clock, candidate, seed=seed_of_all_formats(bank))


def seed_of_all_formats(bank: ItemBank) -> int:
    """Return a seed whose form has every format."""
    from ssa_engine.core.form_assembly import draw_form

    return next(
        seed
        for seed in range(1000)
        if {bank.item(place.item_id).format for place in draw_form(bank, seed).items} == set(FORMATS)
    )


def position_of(sitting: Sitting, kind: str) -> int:
    """Return where the first item of a format stands."""
    bank = sitting.banks.library.bank("CT")
    return next(place.position for place in sitting.places if bank.item(place.item_id).format == kind)


def log(sitting: Sitting) -> list[tuple[str, str, bool]]:
    """Token, answer and whether late of everything received."""
    with sitting.db.read() as connection:
        rows = places.response_log(connection, sitting.attempt_id)
    return [(row.token, row.answer, bool(row.late)) for row in rows]


@pytest.mark.parametrize("kind", FORMATS)
def test_an_answer_of_every_format_is_kept_changed_taken_back_and_given_again(sitting: Sitting, kind: str) -> None:
    position = position_of(sitting, kind)
    item = sitting.item(position)
    sent: list[tuple[list[str], str | None]] = [
        (right(item), item.key_answer),
        (other(item), item.read(other(item))),
        ([], None),
        (right(item), item.key_answer),
    ]
    for posted, stored in sent:
        sitting.clock.advance(seconds=1)
        saved = sitting.save(position, answer=posted, may_clear=True)
        assert (saved.place.answer, saved.place.answered_at) == (stored, sitting.clock())
        assert sitting.places[position - 1] == saved.place
    assert [answer for _, answer, _ in log(sitting)] == [stored or "" for _, stored in sent]
    kinds = [one.kind for one in sitting.timeline if one.position == position and one.kind != "rendered"]
    assert kinds[-4:] == ["answered", "changed", "cleared", "answered"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_save_that_repeats_what_is_stored_appends_nothing(sitting: Sitting, kind: str) -> None:
    position = position_of(sitting, kind)
    for _ in range(3):
        sitting.save(position, answer=right(sitting.item(position)), may_clear=True)
    sitting.save(position, answer=[], may_clear=False)
    assert len(log(sitting)) == 1


def test_nothing_is_taken_back_where_nothing_was_given(sitting: Sitting) -> None:
    sitting.save(1, answer=[], may_clear=True)
    assert log(sitting) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_what_cannot_be_an_answer_changes_nothing(sitting: Sitting, kind: str) -> None:
    position = position_of(sitting, kind)
    sitting.save(position, answer=right(sitting.item(position)))
    before = snapshot(sitting.db)
    with pytest.raises(Unreadable):
        sitting.save(position, answer=["?"], go="next", note="Lost?", comment="Lost?", strike="a")
    assert snapshot(sitting.db) == before


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_request_ten_times_is_one(sitting: Sitting, kind: str) -> None:
    position = position_of(sitting, kind)
    item = sitting.item(position)
    for number, go in enumerate(("next", "save", "flag", "previous", "review")):
        posted = right(item) if number % 2 else other(item)
        sent: dict[str, Any] = {"answer": posted, "go": go, "note": f"Why {number}?", "comment": f"Hm {number}."}
        sent |= {"strike": (item.option_ids or ("",))[0], "token": sitting.token}
        first = sitting.save(position, **sent)
        before = snapshot(sitting.db)
        for _ in range(10):
            sitting.clock.advance(seconds=1)
            again = sitting.save(position, **sent)
            assert (again.place, again.attempt) == (first.place, first.attempt)
        assert snapshot(sitting.db) == before


def test_a_page_that_was_overtaken_can_neither_change_nor_take_back_nor_note(sitting: Sitting) -> None:
    item, stale = sitting.item(1), sitting.token
    sitting.save(1, answer=right(item), note="Mine")
    for sent in ({"answer": other(item)}, {"answer": [], "may_clear": True}, {"answer": [], "note": "Another"}):
        before = snapshot(sitting.db)
        if item.format in ("single", "sorted") and sent.get("may_clear"):
            continue
        with pytest.raises(StaleRender) as caught:
            sitting.save(1, token=stale, **sent)
        assert str(caught.value) == (
            "Your assessment went on in another window, so this answer to question 1 was not saved."
        )
        assert snapshot(sitting.db) == before


def test_a_page_that_was_overtaken_files_nothing_under_another_item(sitting: Sitting) -> None:
    stale, second = sitting.token, sitting.item(2)
    sitting.save(1, answer=right(sitting.item(1)), go="next")
    with pytest.raises(StaleRender):
        sitting.save(2, answer=right(second), token=stale)
    assert [place.answer for place in sitting.places[:2]] == [sitting.item(1).key_answer, None]


def test_continuing_here_makes_the_other_page_the_old_one(sitting: Sitting) -> None:
    there = sitting.token
    continue_here(sitting.db, **sitting.mine, new_token="here", device="A telephone")
    with pytest.raises(StaleRender):
        sitting.save(1, answer=right(sitting.item(1)), token=there)
    sitting.save(1, answer=right(sitting.item(1)), token="here")
    assert ("continued_here", 1, "A telephone") in sitting.happened


def test_a_flag_is_set_and_taken_away_and_both_are_noted(sitting: Sitting) -> None:
    for flagged in (True, False, True):
        sitting.save(3, go="flag")
        assert sitting.places[2].flagged is flagged
    told = [one for one in sitting.happened if "flagged" in one[0]]
    assert told == [("flagged", 3, ""), ("unflagged", 3, ""), ("flagged", 3, "")]


def test_an_option_is_struck_out_and_taken_in_again_and_that_is_no_answer(sitting: Sitting) -> None:
    position = position_of(sitting, "single")
    first, second, *_ = sitting.places[position - 1].options
    struck = [sitting.save(position, strike=option).place.struck for option in (first, second, first, "zz")]
    assert struck == [(first,), tuple(sorted((first, second))), (second,), (second,)]
    assert (sitting.places[position - 1].answer, log(sitting)) == (None, [])


def test_a_note_is_replaced_kept_and_emptied(sitting: Sitting) -> None:
    notes = [sitting.save(4, note=note).place.note for note in ("One", None, "Two", "", "x" * 5000)]
    assert notes == ["One", "One", "Two", "", "x" * LONGEST_TEXT]


def test_comments_are_added_each_once(sitting: Sitting) -> None:
    for text in ("Unclear.", "Unclear.", "Two keys?", ""):
        sitting.clock.advance(seconds=1)
        sitting.save(5, comment=text)
    with sitting.db.read() as connection:
        found = [text for _, text in sittings.comments_on(connection, sitting.item(5).id)]
    assert found == ["Two keys?", "Unclear."]
    assert [one[:2] for one in sitting.happened if one[0] == "commented"] == [("commented", 5)] * 2


def test_tools_are_set_without_an_answer_and_repeating_it_changes_nothing(sitting: Sitting) -> None:
    position = position_of(sitting, "multiple")
    first, second, *_ = sitting.places[position - 1].options
    given: dict[str, Any] = {"struck": [second, first, "zz", first], "highlights": "stem:3-9", "note": "Why?"}
    for _ in range(10):
        sitting_actions.use_tools(sitting.db, **sitting.mine, position=position, **given, said="Hm.")
    before, place = snapshot(sitting.db), sitting.places[position - 1]
    assert (place.struck, place.highlights, place.note) == (tuple(sorted((first, second))), "stem:3-9", "Why?")
    sitting_actions.use_tools(sitting.db, **sitting.mine, position=position)
    assert snapshot(sitting.db) == before
    assert [one for one in sitting.happened if one[0] == "commented"] == [("commented", position, "")]
    assert log(sitting) == []


def test_tools_do_not_make_the_page_an_old_one(sitting: Sitting) -> None:
    sitting_actions.use_tools(sitting.db, **sitting.mine, position=1, note="Why?")
    assert sitting.save(1, answer=right(sitting.item(1))).place.note == "Why?"


def test_after_the_end_an_answer_on_its_way_is_kept_as_late_and_nothing_after_the_grace(sitting: Sitting) -> None:
    sitting.clock.advance(seconds=ALLOWED + GRACE - 0.001)
    saved = sitting.save(1, answer=right(sitting.item(1)), go="next")
    assert (saved.late, saved.attempt.position) == (True, 1)
    assert [late for *_, late in log(sitting)] == [True]
    sitting.clock.advance(seconds=0.001)
    with pytest.raises(AttemptClosed, match=r"^The time for this assessment is over\."):
        sitting.save(1, answer=other(sitting.item(1)))
    with pytest.raises(AttemptClosed):
        sitting_actions.use_tools(sitting.db, **sitting.mine, position=1, note="Late")
    submit(sitting)
    end, moment = sitting.attempt.ends_at, timedelta(seconds=GRACE)
    last = [(one.kind, one.at - end, one.late) for one in sitting.timeline[-3:]]
    assert last == [
        ("timed_out", timedelta(0), False),
        ("answered", moment - timedelta(seconds=0.001), True),
        ("released", moment, False),
    ]


def test_nobody_saves_for_another_or_beyond_the_form(sitting: Sitting, clock: Clock) -> None:
    stranger = add_someone(sitting.db, "stranger@test.example", clock=clock)
    before, mine = snapshot(sitting.db), sitting.mine
    with pytest.raises(NotFound, match=r"^This assessment has no question with that number\."):
        sitting.save(81, answer=["a"])
    with pytest.raises(NotFound, match=r"^This assessment has no question with that number\."):
        sitting_actions.use_tools(sitting.db, **mine, position=81, note="x")
    for attempt_id in (sitting.attempt_id, 987654):
        theirs = {**mine, "attempt_id": attempt_id, "person_id": stranger.id}
        with pytest.raises(NotFound, match=r"^There is no such assessment of yours\."):
            sitting_actions.use_tools(sitting.db, **theirs, position=1, note="x")
        with pytest.raises(NotFound, match=r"^There is no such assessment of yours\."):
            continue_here(sitting.db, **theirs, new_token="x", device="")
    assert snapshot(sitting.db) == before
