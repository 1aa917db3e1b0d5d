"""From an open window to the first item: confirm who one is, accept the agreement, start the clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ssa_engine.actions import credentials
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.forms import form_for
from ssa_engine.actions.policies import require_usable
from ssa_engine.core.accommodations import Accommodations, break_positions
from ssa_engine.core.attempts import Attempt, after
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import Cycle, CycleState, Position
from ssa_engine.core.errors import Conflict
from ssa_engine.core.events import EventKind
from ssa_engine.core.form_assembly import Form
from ssa_engine.core.preparations import Outcome, Preparation, Step, next_step
from ssa_engine.core.text import say
from ssa_engine.storage import allowed_attempts, audit, cycles, events, forms, people, profiles, sittings
from ssa_engine.storage import attempts as rows
from ssa_engine.storage.db import Connection, Database

REFUSED = say(
    "You did not accept the agreement, so nothing was started. Nothing is lost: begin again whenever you like."
)
TIMED_OUT = say("The time to accept the agreement ran out. Nothing is lost: begin again whenever you like.")


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a candidate stands before the first item of a cycle's attempt."""

    spec: ContentSpec
    position: Position
    credential: people.Credential
    attempt: Attempt | None
    preparation: Preparation | None
    step: Step
    profile_comes_first: bool = False
    """Whether the professional profile has to be done before, and is not."""

    @property
    def cycle(self) -> Cycle:
        """The cycle that the attempt is for."""
        return self.position.cycle


def stand(connection: Connection, banks: Banks, credential_id: int, person_id: int, now: dt.datetime) -> Beginning:
    """Return where a candidate stands with a credential of theirs.

    Raises
    ------
    NotFound
        If the credential is not this person's.
    Conflict
        If it is not subject to CQR.
    """
    credential = credentials.of_person(connection, credential_id, person_id)
    spec = banks.library.spec(credential.discipline)
    found = cycles.position_of(connection, credential, spec.cqr, spec.cqr.today(now))
    if found is None:
        raise Conflict(say("This credential has no time limit, so there is nothing to do for it."))
    attempt = allowed_attempts.counted(connection, credential_id, found.cycle.number)
    preparation = sittings.latest_preparation(connection, credential_id, found.cycle.number)
    profile_comes_first = (
        spec.profile is not None
        and spec.cqr.profile.before_assessment
        and not profiles.is_done(connection, credential_id, found.cycle.number)
    )
    step = next_step(spec.delivery, preparation, now)
    return Beginning(spec, found, credential, attempt, preparation, step, profile_comes_first)


def confirm_identity(
    db: Database, banks: Banks, *, credential_id: int, person_id: int, who: str, now: dt.datetime
) -> None:
    """Begin a preparation: the candidate has confirmed who they are, and the time to accept the agreement runs."""
    with db.write() as connection:
        people.credential(connection, credential_id, for_update=True)
        beginning = stand(connection, banks, credential_id, person_id, now)
        require_startable(banks, beginning, now)
        if beginning.step is not Step.IDENTITY or beginning.attempt is not None:
            return
        _close_unaccepted(connection, beginning, now)
        agreement = beginning.spec.delivery.agreement
        agree_by = now + dt.timedelta(minutes=agreement.minutes) if agreement else None
        preparation_id = sittings.begin_preparation(
            connection, credential_id=credential_id, cycle=beginning.cycle.number, at=now, agree_by=agree_by
        )
        audit.add(connection, at=now, who=who, verb="confirm identity", noun="preparation", noun_id=preparation_id)


def _close_unaccepted(connection: Connection, beginning: Beginning, now: dt.datetime) -> None:
    """Note that the time of the preparation before ran out."""
    before = beginning.preparation
    if before is not None and before.outcome is None and before.has_timed_out(now):
        sittings.end_preparation(connection, before.id, Outcome.TIMED_OUT)


def answer_agreement(
    db: Database, banks: Banks, *, credential_id: int, person_id: int, accepts: bool, who: str, now: dt.datetime
) -> bool:
    """Accept the agreement or not; return whether it stands accepted. A refusal ends the preparation without harm.

    Repeating an answer changes nothing.

    Raises
    ------
    Conflict
        If the time to accept has run out, or the agreement was not accepted before.
    """
    with db.write() as connection:
        people.credential(connection, credential_id, for_update=True)
        preparation = stand(connection, banks, credential_id, person_id, now).preparation
        if preparation is not None and preparation.agreed_at is not None:
            return True
        if preparation is not None and preparation.outcome is Outcome.REFUSED:
            if accepts:
                raise Conflict(REFUSED)
            return False
        if preparation is None or preparation.outcome is not None or preparation.has_timed_out(now):
            raise Conflict(TIMED_OUT)
        if accepts:
            sittings.accept_agreement(connection, preparation.id, now)
        else:
            sittings.end_preparation(connection, preparation.id, Outcome.REFUSED)
        verb = "accept agreement" if accepts else "refuse agreement"
        audit.add(connection, at=now, who=who, verb=verb, noun="preparation", noun_id=preparation.id)
    return accepts


def require_startable(banks: Banks, beginning: Beginning, now: dt.datetime) -> None:
    """Raise `Conflict` or `NotFound` unless an attempt may be started: open window, a bank, none taken before."""
    require_window(beginning.position)
    banks.library.bank(beginning.spec.discipline)
    if beginning.profile_comes_first and beginning.attempt is None:
        raise Conflict(say("Your professional profile comes before the assessment. Finish it first, then come back."))
    if beginning.attempt is not None and not beginning.attempt.is_open(now):
        raise Conflict(say("You have taken the assessment of this period. Your result is on your start page."))


def require_window(found: Position) -> None:
    """Raise `Conflict` with the date that matters unless something may be done: an open window, or one that ended."""
    if found.state is CycleState.NOT_YET:
        raise Conflict(say("The window for this credential opens on {day}. Come back then.", day=found.cycle.opens_on))
    if not found.may_work:
        raise Conflict(say("CQR is complete for this credential. There is nothing left to do in this period."))


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
    device: str = "",
) -> int:
    """Draw a form and start the clock; or go on with the attempt that is open. Return the attempt's id.

    Raises
    ------
    NotFound
        If the credential is not this person's, or its discipline has no item bank.
    Conflict
        If the window is not open, the assessment of this cycle was taken, no policy is published, or identity and
        agreement are still to be confirmed.
    """
    with db.read() as connection:
        beginning = stand(connection, banks, credential_id, person_id, now)
    if beginning.attempt is not None and beginning.attempt.is_open(now):
        return beginning.attempt.id
    require_startable(banks, beginning, now)
    _require_confirmed(beginning)
    form = form_for(db, banks, banks.library.bank(beginning.spec.discipline), seed, who=who, now=now)
    with db.write() as connection:
        people.credential(connection, credential_id, for_update=True)
        beginning = stand(connection, banks, credential_id, person_id, now)
        if beginning.attempt is not None and beginning.attempt.is_open(now):
            return beginning.attempt.id
        require_startable(banks, beginning, now)
        _require_ready(connection, beginning)
        require_usable(connection, banks.library.bank(beginning.spec.discipline), now)
        banks.store(connection, banks.library.bank(beginning.spec.discipline), now)
        attempt_id = _insert(connection, beginning, form, token, now)
        events.append(connection, attempt_id, EventKind.STARTED, now, 1, device)
        audit.add(connection, at=now, who=who, verb="start", noun="attempt", noun_id=attempt_id, seed=seed)
    return attempt_id


def _require_confirmed(beginning: Beginning) -> None:
    if beginning.step is not Step.READY:
        raise Conflict(say("Confirm who you are and accept the agreement first; then the assessment can be started."))


def _require_ready(connection: Connection, beginning: Beginning) -> None:
    """Raise `Conflict` unless everything that comes before the clock is done; then close the preparation."""
    _require_confirmed(beginning)
    if beginning.preparation is not None and beginning.preparation.outcome is None:
        sittings.end_preparation(connection, beginning.preparation.id, Outcome.STARTED)


def _insert(connection: Connection, beginning: Beginning, form: Form, token: str, now: dt.datetime) -> int:
    """Store the form as it was drawn, and the attempt that begins with it under the person's accommodations."""
    spec, credential = beginning.spec, beginning.credential
    granted: Accommodations = people.accommodations_of(connection, credential.person_id)
    breaks = break_positions(len(form.items), spec.delivery.breaks.count + granted.extra_breaks)
    return rows.insert(
        connection,
        credential_id=credential.id,
        cycle=beginning.cycle.number,
        number=rows.next_number(connection, credential.id, beginning.cycle.number),
        form_id=forms.insert(connection, form, now),
        state=after("start", None),
        started_at=now,
        seconds_allowed=granted.seconds_allowed(spec.seconds_allowed),
        break_after=",".join(map(str, breaks)),
        break_seconds=spec.delivery.breaks.minutes * 60,
        position=1,
        items_total=len(form.items),
        render_token=token,
        rendered_at=now,
        seen_at=now,
    )
