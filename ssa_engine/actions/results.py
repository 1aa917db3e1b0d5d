"""Submit an attempt: close it, score it, prescribe, in one transaction."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from ssa_engine.actions.attempts import of_person
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.keys import effective_keys, effective_version
from ssa_engine.actions.releases import announce
from ssa_engine.core.attempts import Attempt, State, after
from ssa_engine.core.errors import Conflict, Invalid, SsaError
from ssa_engine.core.events import EventKind
from ssa_engine.core.form_assembly import FormItem
from ssa_engine.core.policies import DecisionRule, PublishedPolicy
from ssa_engine.core.prescription_words import explain
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.scoring import standard_beside
from ssa_engine.core.text import say
from ssa_engine.storage import attempts as rows
from ssa_engine.storage import audit, cycles, events, forms, people, places, policies, rescorings, results
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.results import AreaResult

log = logging.getLogger(__name__)

TRIES = 10


@dataclass(frozen=True, slots=True)
class _Scored:
    """A result computed from what was stored at one moment."""

    last_response_id: int
    policy: PublishedPolicy
    areas: list[AreaResult]
    due_on: dt.date
    key_version: str


def submit(db: Database, banks: Banks, *, attempt_id: int, person_id: int, who: str, now: dt.datetime) -> Attempt:
    """Submit a person's attempt. Submitting it again changes nothing.

    Raises
    ------
    NotFound
        If the attempt is not this person's.
    Conflict
        If no policy is published, or answers kept arriving while it was being scored.
    """
    with db.read() as connection:
        of_person(connection, attempt_id, person_id)
    return close(db, banks, attempt_id, who, now)


def close_timed_out(db: Database, banks: Banks, *, who: str, now: dt.datetime) -> list[int]:
    """Close every attempt whose time is over, as of the end of its clock; return their ids. Safe to repeat.

    One that cannot be closed now is left for the next time, and the log says why; it keeps none of the others open.
    """
    with db.read() as connection:
        over = [one.id for one in rows.timed_out(connection, now) if now >= may_go_on_until(connection, banks, one)]
    closed = []
    for attempt_id in over:
        try:
            closed.append(close(db, banks, attempt_id, who, now, even_if_open=False))
        except SsaError as error:
            log.warning("Attempt %s stays open: %s", attempt_id, error)
    return [attempt.id for attempt in closed if attempt.state is not State.IN_PROGRESS]


def may_go_on_until(connection: Connection, banks: Banks, attempt: Attempt) -> dt.datetime:
    """Return until when something may still come of an attempt whose page is silent.

    That is the end of its clock, the grace in which an answer that was on its way is taken, and, where the clock
    does not run while disconnected, the minutes that its page would be given back if it came back.
    """
    rules = banks.at(attempt.bank_version).spec.delivery.clock
    seconds = float(rules.grace_seconds)
    if not rules.runs_while_disconnected:
        _, given_back = rows.last_seen(connection, attempt.id)
        seconds += max(0.0, 60.0 * rules.disconnected_minutes_at_most - given_back)
    return attempt.ends_at + dt.timedelta(seconds=seconds)


def close(
    db: Database, banks: Banks, attempt_id: int, who: str, now: dt.datetime, *, even_if_open: bool = True
) -> Attempt:
    """Close an attempt: by submission, or by the end of its clock if that came before.

    It is scored outside the write transaction, which then makes sure that no answer, no time, no policy and no
    rescoring arrived in between, so that scoring holds up nobody's answers and no answer is left out. With
    `even_if_open=False` an attempt that was given time meanwhile is left as it is.
    """
    for _ in range(TRIES):
        with db.read() as connection:
            attempt = _existing(connection, attempt_id)
            if attempt.state is not State.IN_PROGRESS or (attempt.is_open(now) and not even_if_open):
                return attempt
            _, closed_at = attempt.closing(now)
            scored = _score(connection, banks, attempt, closed_at)
        with db.write() as connection:
            locked = rows.lock(connection, attempt_id)
            if locked is not None and locked.state is not State.IN_PROGRESS:
                return locked
            unchanged = places.last_response_id(connection, attempt_id) == scored.last_response_id
            unchanged = unchanged and locked is not None and locked.ends_at == attempt.ends_at
            rescorings.lock_keys(connection, attempt.discipline, shared=True)
            unchanged = unchanged and scored.key_version == effective_version(connection, banks, attempt.bank_version)
            policies.lock(connection, attempt.discipline, shared=True)
            if unchanged and policies.in_force(connection, attempt.discipline, closed_at) == scored.policy:
                _store(connection, attempt, scored, who, now)
                stored = _existing(connection, attempt_id)
                if stored.state is State.RELEASED:
                    announce(connection, banks, stored, who=who, now=now)
                return stored
    raise Conflict(say("Answers were still arriving while you submitted. Wait a moment and submit again."))


def _existing(connection: Connection, attempt_id: int) -> Attempt:
    attempt = rows.get(connection, attempt_id)
    if attempt is None:
        raise Conflict(say("Attempt {attempt} is no longer there.", attempt=attempt_id))
    return attempt


def _score(connection: Connection, banks: Banks, attempt: Attempt, closed_at: dt.datetime) -> _Scored:
    """Score an attempt under the policy in force when it was submitted, or when its clock ended."""
    bank = banks.at(attempt.bank_version)
    policy = policies.in_force(connection, attempt.discipline, closed_at)
    credential = people.credential(connection, attempt.credential_id)
    if policy is None or credential is None:
        raise Conflict(
            say(
                "No policy is published for {discipline}, so it cannot be scored. Try again later.",
                discipline=bank.spec.name,
            )
        )
    last = places.last_response_id(connection, attempt.id)
    answers = {place.item_id: place.answer for place in places.places(connection, attempt)}
    responses = response_frame(attempt.id, forms.items_of(connection, attempt.form_id), answers)
    try:
        keys = effective_keys(connection, banks, attempt.bank_version)
        scores = score_responses(responses, bank, policy.policy, keys.table)
    except Invalid as error:
        log.warning("Attempt %s cannot be scored: %s", attempt.id, error)
        raise Conflict(
            say("Your answers are stored, but they cannot be scored just now. Nothing is lost; submit again later.")
        ) from error
    started_on = bank.spec.cqr.today(attempt.started_at)
    found = cycles.position_of(connection, credential, bank.spec.cqr, started_on)
    due_on = found.cycle.due_on if found else started_on
    areas = next(iter(area_results(scores, policy.policy.decision)))[1]
    return _Scored(last, policy, areas, due_on, keys.version)


def response_frame(attempt_id: int, form_items: tuple[FormItem, ...], answers: dict[str, str | None]) -> pd.DataFrame:
    """Return the responses of one attempt, one row for each item of its form, as scoring takes them."""
    return pd.DataFrame(
        {
            "attempt_id": attempt_id,
            "item_id": [item.item_id for item in form_items],
            "content_area": [item.content_area for item in form_items],
            "scored": [item.scored for item in form_items],
            "answer": pd.Series([answers.get(item.item_id) for item in form_items], dtype="str"),
        }
    )


def area_results(scores: pd.DataFrame, rule: DecisionRule) -> Iterator[tuple[int, list[AreaResult]]]:
    """Yield (attempt_id, its area results in the order of the policy's standards) from prescribed area scores."""
    for attempt_id, own in scores.groupby("attempt_id", sort=True):
        yield int(str(attempt_id)), [_area_result(row, rule) for row in own.itertuples()]


def _area_result(row: object, rule: DecisionRule) -> AreaResult:
    cells = {name: getattr(row, name) for name in AreaResult.__slots__ if name not in ("sentence", "credits_kept")}
    items, points, below = int(cells["items"]), float(cells["points"]), bool(cells["below_standard"])
    credits, by_rule = float(cells["credits"]), float(cells["credits_by_rule"])
    standard, decision = float(cells["standard"]), str(cells["decision"])
    return AreaResult(
        content_area=str(cells["content_area"]),
        items=items,
        correct=int(cells["correct"]),
        points=points,
        score=float(cells["score"]),
        score_se=None if pd.isna(cells["score_se"]) else float(cells["score_se"]),
        standard=standard,
        gap=float(cells["gap"]),
        below_standard=below,
        probability_below=float(cells["probability_below"]),
        credits_by_rule=by_rule,
        credits=credits,
        sentence=explain(
            items=items,
            points=points,
            standard=standard_beside(points, standard=standard, items=items),
            below=below,
            credits=credits,
            credits_by_rule=by_rule,
            decision=decision,
            rule=rule,
        ),
        decision=decision,
    )


def _store(connection: Connection, attempt: Attempt, scored: _Scored, who: str, now: dt.datetime) -> None:
    event, closed_at = attempt.closing(now)
    state, times = after(event, attempt.state), {"submitted_at": closed_at}
    release_at = scored.policy.policy.released_at(closed_at)
    if release_at is not None and release_at <= now:
        state, times["released_at"] = after("release", state), now
    rows.set_state(connection, attempt.id, state, **times)
    result_id = results.insert(
        connection,
        areas=scored.areas,
        due_on=scored.due_on,
        attempt_id=attempt.id,
        version=1,
        discipline=attempt.discipline,
        policy_version=scored.policy.version,
        bank_version=attempt.bank_version,
        key_version=scored.key_version,
        scored_at=now,
    )
    closed = EventKind.SUBMITTED if event == "submit" else EventKind.TIMED_OUT
    events.append(connection, attempt.id, closed, closed_at)
    if state is State.RELEASED:
        events.append(connection, attempt.id, EventKind.RELEASED, now)
    audit.add(
        connection, at=now, who=who, verb=event, noun="attempt", noun_id=attempt.id, result_id=result_id, state=state
    )
