"""Save an answer and move about in an attempt. The answering path: no pandas, no scipy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import Attempt, Verdict, judge_save, next_position, require_open, require_reachable
from ssa_engine.core.errors import NotFound, StaleRender
from ssa_engine.core.events import EventKind
from ssa_engine.core.text import say
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import events, places, sittings
from ssa_engine.storage.db import Connection, Database

NO_SUCH_ATTEMPT = say("There is no such assessment of yours. Go to your start page to see what is open.")
LONGEST_TEXT = 2000
"""Characters of a note or comment."""


@dataclass(frozen=True, slots=True)
class Save:
    """What one page sent: the answer to the item at `position`, the button pressed, and what the tools hold.

    `may_clear`: an empty answer takes the stored one back. `strike`: the option to strike out, or not any more.
    `note` replaces the note on the item, None leaves it. A `comment` is added.
    """

    attempt_id: int
    person_id: int
    position: int
    answer: Sequence[str]
    token: str
    go: str
    may_clear: bool = False
    strike: str = ""
    note: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a save: where the attempt stands now, and the place that is shown next.

    A save that moves nowhere (`go` is save) gives the place it saved, with what is stored there. `late`: the clock
    had ended, and the answer was taken in the grace. `at_break`: the next item comes after a scheduled break.
    `overtaken`: the same request had been saved before, and the answer was changed since.
    """

    attempt: Attempt
    place: places.Place
    late: bool = False
    at_break: bool = False
    overtaken: bool = False


def save(db: Database, banks: Banks, sent: Save, *, new_token: str, now: dt.datetime) -> Saved:
    """Save an answer durably and say where the attempt stands. Replaying it changes nothing.

    Raises
    ------
    NotFound
        If the attempt is not this person's or has no such position.
    AttemptClosed
        If it was submitted or its time, with the grace, is over.
    Conflict
        If a break is under way, or lies between.
    Unreadable
        If what was sent cannot be an answer to the item.
    StaleRender
        If the page is older than the attempt and its answer would change what was saved since.
    """
    return db.write_together(lambda connection: _save(connection, banks, sent, new_token, now))


def _save(connection: Connection, banks: Banks, sent: Save, new_token: str, now: dt.datetime) -> Saved:
    attempt = rows.lock(connection, sent.attempt_id)
    if attempt is None or attempt.person_id != sent.person_id:
        raise NotFound(NO_SUCH_ATTEMPT)
    place = require_place(places.place(connection, attempt, sent.position))
    bank = banks.at(attempt.bank_version)
    late = require_open(attempt, now, bank.spec.delivery.clock.grace_seconds)
    require_reachable(attempt, sent.position)
    answer = bank.read_answer(bank.item(place.item_id), list(sent.answer), may_clear=sent.may_clear)
    is_current = sent.token == attempt.render_token
    verdict = judge_save(
        token_is_current=is_current,
        saved_with_token=None if is_current else places.saved_with(connection, attempt.id, place.item_id, sent.token),
        answer=answer,
        counted=place.answer,
    )
    is_new_note = sent.note is not None and sent.note[:LONGEST_TEXT].strip() != place.note.strip()
    if verdict is Verdict.STALE or (verdict is Verdict.NOTHING_NEW and is_new_note):
        raise StaleRender(
            say(
                "Your assessment went on in another window, so this answer to question {position} was not saved.",
                position=sent.position,
            )
        )
    if verdict is Verdict.NOTHING_NEW:
        return _as_it_is(connection, attempt, place, answer, sent, late=late)
    if answer is not None and answer != (place.answer or ""):
        _append(connection, attempt, place, answer, sent, now, late=late)
    _use_tools(connection, attempt, place, sent, now)
    return _move(connection, attempt, sent, new_token, now, late=late)


def _as_it_is(
    connection: Connection, attempt: Attempt, place: places.Place, answer: str | None, sent: Save, *, late: bool
) -> Saved:
    """Change nothing, and say where the attempt stands; a page that stays gets what is stored there."""
    overtaken = answer is not None and answer != (place.answer or "")
    if sent.go != "save":
        place = require_place(places.place(connection, attempt, attempt.position))
    return Saved(attempt, place, late, _at_break(attempt, sent), overtaken)


def _append(
    connection: Connection,
    attempt: Attempt,
    place: places.Place,
    answer: str,
    sent: Save,
    now: dt.datetime,
    *,
    late: bool,
) -> None:
    places.append_response(
        connection,
        attempt_id=attempt.id,
        item_id=place.item_id,
        answer=answer,
        token=sent.token,
        at=now,
        seconds=max(0.0, (now - attempt.rendered_at).total_seconds()),
        late=late,
    )


def _use_tools(connection: Connection, attempt: Attempt, place: places.Place, sent: Save, now: dt.datetime) -> None:
    """Flag, strike out, note, comment: whatever of it the page asked for."""
    if sent.go == "flag":
        places.set_flag(connection, attempt.id, place.item_id, not place.flagged)
        kind = EventKind.UNFLAGGED if place.flagged else EventKind.FLAGGED
        events.append(connection, attempt.id, kind, now, place.position)
    if sent.strike in place.options:
        struck = set(place.struck) ^ {sent.strike}
        sittings.set_tools(connection, attempt.id, place.item_id, struck=",".join(sorted(struck)))
    if sent.note is not None and sent.note != place.note:
        sittings.set_tools(connection, attempt.id, place.item_id, note=sent.note[:LONGEST_TEXT])
    if sent.comment:
        comment(connection, attempt, place, sent.comment, now)


def comment(connection: Connection, attempt: Attempt, place: places.Place, text: str, now: dt.datetime) -> None:
    """Keep a comment on an item; it goes to those who write and tune the items."""
    is_new = sittings.add_comment(
        connection, attempt_id=attempt.id, item_id=place.item_id, text=text[:LONGEST_TEXT], at=now
    )
    if is_new:
        events.append(connection, attempt.id, EventKind.COMMENTED, now, place.position)


def _at_break(attempt: Attempt, sent: Save) -> bool:
    return sent.go == "next" and attempt.break_is_next and sent.position == attempt.reach


def _move(
    connection: Connection, attempt: Attempt, sent: Save, new_token: str, now: dt.datetime, *, late: bool
) -> Saved:
    """Spend the token and note the place shown next: within the part of the form between two breaks."""
    position = sent.position
    if not late:
        position = max(next_position(sent.go, position, attempt.reach), attempt.locked_through + 1)
    rows.render(connection, attempt.id, position=position, token=new_token, at=now)
    if position != sent.position:
        events.append(connection, attempt.id, EventKind.RENDERED, now, position)
    moved = replace(attempt, position=position, render_token=new_token, rendered_at=now)
    place = require_place(places.place(connection, attempt, position))
    return Saved(moved, place, late, _at_break(attempt, sent))


def continue_here(
    db: Database, *, attempt_id: int, person_id: int, new_token: str, device: str, now: dt.datetime
) -> Attempt:
    """Make the page that is rendered next the only live one, wherever the attempt was open before."""
    with db.write() as connection:
        attempt = rows.lock(connection, attempt_id)
        if attempt is None or attempt.person_id != person_id:
            raise NotFound(NO_SUCH_ATTEMPT)
        require_open(attempt, now)
        rows.render(connection, attempt_id, position=attempt.position, token=new_token, at=now)
        events.append(connection, attempt_id, EventKind.CONTINUED_HERE, now, attempt.position, device)
    return replace(attempt, render_token=new_token, rendered_at=now)


def require_place(place: places.Place | None) -> places.Place:
    """Return the place, or raise `NotFound` if the form has no such position."""
    if place is None:
        raise NotFound(say("This assessment has no question with that number. Go to the review page to see them all."))
    return place


def of_person(connection: Connection, attempt_id: int, person_id: int) -> Attempt:
    """Return a person's own attempt; raise `NotFound` for anybody else's."""
    attempt = rows.get(connection, attempt_id)
    if attempt is None or attempt.person_id != person_id:
        raise NotFound(NO_SUCH_ATTEMPT)
    return attempt
