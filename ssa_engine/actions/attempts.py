"""Start an attempt, save an answer, move about in it. The answering path: no pandas, no scipy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssa_engine.actions.banks import Banks
from ssa_engine.core.answers import read_answer
from ssa_engine.core.attempts import Attempt, Verdict, after, judge_save, next_position, require_open
from ssa_engine.core.cycles import Cycle, cycle_on
from ssa_engine.core.errors import Conflict, NotFound, StaleRender
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.text import long_date
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import audit, people, policies
from ssa_engine.storage.db import Connection, Database

NO_SUCH_ATTEMPT = "There is no such assessment of yours. Go to your start page to see what is open."


@dataclass(frozen=True, slots=True)
class Save:
    """What one page sent: the answer to the item at `position`, and the button that was pressed."""

    attempt_id: int
    person_id: int
    position: int
    answer: Sequence[str]
    token: str
    go: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a save: where the attempt stands now, and the place that is shown next.

    A save that moves nowhere (`go` is save) gives the place it saved, with what is stored there.
    """

    attempt: Attempt
    place: rows.Place


def start(
    db: Database,
    banks: Banks,
    *,
    credential_id: int,
    person_id: int,
    who: str,
    seed: int,
    token: str,
    now: dt.datetime,
) -> int:
    """Draw a form and start the clock; or go on with the attempt that is open. Return the attempt's id.

    Raises
    ------
    NotFound
        If the credential is not this person's, or its discipline has no item bank.
    Conflict
        If the window is not open, the assessment of this cycle was taken, or no policy is published.
    """
    with db.read() as connection:
        credential = people.credential(connection, credential_id)
    if credential is None or credential.person_id != person_id:
        raise NotFound("There is no such credential of yours. Go to your start page to see what you hold.")
    rules = banks.library.spec(credential.discipline).cqr
    cycle = require_window(cycle_on(now.date(), credential.earned_on, rules), now.date())
    bank = banks.library.bank(credential.discipline)
    form = draw_form(bank, seed)
    with db.write() as connection:
        people.credential(connection, credential_id, for_update=True)
        for attempt in rows.of_credential(connection, credential_id):
            if attempt.is_open(now):
                return attempt.id
        number = rows.next_number(connection, credential_id, cycle.number)
        if number > 1:
            raise Conflict("You have taken the assessment of this period. Your result is on your start page.")
        if policies.in_force(connection, credential.discipline) is None:
            raise Conflict(
                f"No policy is published for {bank.spec.name} yet, so it cannot be started. Try again later."
            )
        banks.store(connection, bank, now)
        attempt_id = _insert(connection, form, bank.spec.seconds_allowed, token, now, credential_id, cycle, number)
        audit.add(connection, at=now, who=who, verb="start", noun="attempt", noun_id=attempt_id, seed=seed)
    return attempt_id


def _insert(
    connection: Connection,
    form: Form,
    seconds_allowed: int,
    token: str,
    now: dt.datetime,
    credential_id: int,
    cycle: Cycle,
    number: int,
) -> int:
    """Store the form as it was drawn, and the attempt that begins with it."""
    return rows.insert(
        connection,
        credential_id=credential_id,
        cycle=cycle.number,
        number=number,
        form_id=rows.insert_form(connection, form, now),
        state=after("start", None),
        started_at=now,
        seconds_allowed=seconds_allowed,
        position=1,
        items_total=len(form.items),
        render_token=token,
        rendered_at=now,
    )


def require_window(cycle: Cycle | None, today: dt.date) -> Cycle:
    """Return the cycle if its compliance window is open, else raise `Conflict` with the date that matters."""
    if cycle is None:
        raise Conflict("This credential has no time limit, so there is nothing to do for it.")
    if not cycle.is_open(today):
        raise Conflict(f"The window for this credential opens on {long_date(cycle.opens_on)}. Come back then.")
    return cycle


def save(db: Database, banks: Banks, sent: Save, *, new_token: str, now: dt.datetime) -> Saved:
    """Save an answer durably and say where the attempt stands. Replaying it changes nothing.

    Raises
    ------
    NotFound
        If the attempt is not this person's or has no such position.
    AttemptClosed
        If it was submitted or its time is over.
    StaleRender
        If the page is older than the attempt and its answer would change what was saved since.
    """
    return db.write_together(lambda connection: _save(connection, banks, sent, new_token, now))


def _save(connection: Connection, banks: Banks, sent: Save, new_token: str, now: dt.datetime) -> Saved:
    attempt = rows.lock(connection, sent.attempt_id)
    if attempt is None or attempt.person_id != sent.person_id:
        raise NotFound(NO_SUCH_ATTEMPT)
    place = require_place(rows.place(connection, attempt, sent.position))
    item = banks.at(attempt.bank_version).item(place.item_id)
    answer = read_answer(item, sent.answer)
    require_open(attempt, now)
    is_current = sent.token == attempt.render_token
    verdict = judge_save(
        token_is_current=is_current,
        saved_with_token=None if is_current else rows.saved_with(connection, attempt.id, place.item_id, sent.token),
        answer=answer,
        counted=place.answer,
    )
    if verdict is Verdict.STALE:
        raise StaleRender(
            f"Your assessment went on in another window, so this answer to question {sent.position} was not saved. "
            "What you see now is what is saved."
        )
    if verdict is Verdict.NOTHING_NEW:
        where = sent.position if sent.go == "save" else attempt.position
        return Saved(attempt, require_place(rows.place(connection, attempt, where)))
    if answer is not None and answer != place.answer:
        rows.append_response(
            connection,
            attempt_id=attempt.id,
            item_id=place.item_id,
            answer=answer,
            token=sent.token,
            at=now,
            seconds=max(0.0, (now - attempt.rendered_at).total_seconds()),
        )
    if sent.go == "flag":
        rows.set_flag(connection, attempt.id, place.item_id, not place.flagged)
    position = next_position(sent.go, sent.position, attempt.items_total)
    rows.render(connection, attempt.id, position=position, token=new_token, at=now)
    moved = replace(attempt, position=position, render_token=new_token, rendered_at=now)
    return Saved(moved, require_place(rows.place(connection, attempt, position)))


def require_place(place: rows.Place | None) -> rows.Place:
    """Return the place, or raise `NotFound` if the form has no such position."""
    if place is None:
        raise NotFound("This assessment has no question with that number. Go to the review page to see them all.")
    return place


def of_person(connection: Connection, attempt_id: int, person_id: int) -> Attempt:
    """Return a person's own attempt; raise `NotFound` for anybody else's."""
    attempt = rows.get(connection, attempt_id)
    if attempt is None or attempt.person_id != person_id:
        raise NotFound(NO_SUCH_ATTEMPT)
    return attempt
