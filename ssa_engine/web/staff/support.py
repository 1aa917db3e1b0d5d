"""What candidate support does on a person's page: sign-in, another attempt, a result released, a reinstatement."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import support
from ssa_engine.actions.completion import reinstate as reinstate_credential
from ssa_engine.actions.releases import release as release_results
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.text import say
from ssa_engine.storage import attempts, people
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to
from ssa_engine.web.staff.people import page

blueprint = Blueprint("support", __name__)


@blueprint.post("/people/<id:person_id>/sign-in")
def let_sign_in(person_id: int) -> ResponseReturnValue:
    """Let a person sign in again at once who tried too often."""
    support.let_sign_in(current.db(), person_id=person_id, who=current.person().email, now=current.now())
    return go_to(url_for("staff.people.show", person_id=person_id, done="sign_in"))


@blueprint.post("/people/<id:person_id>/credentials/<id:credential_id>/attempt")
def allow(person_id: int, credential_id: int) -> ResponseReturnValue:
    """Allow another attempt."""
    _own(person_id, credential_id)
    try:
        support.allow_attempt(
            current.db(),
            current.banks(),
            credential_id=credential_id,
            reason=request.form.get("reason", "").strip(),
            who=current.person().email,
            now=current.now(),
        )
    except (Invalid, Conflict) as error:
        status = 422 if isinstance(error, Invalid) else 409
        return page(person_id, problem=error.sentence, mend=f"reason-{credential_id}", status=status)
    return go_to(url_for("staff.people.show", person_id=person_id, done="allowed"))


@blueprint.post("/people/<id:person_id>/credentials/<id:credential_id>/reinstate")
def reinstate(person_id: int, credential_id: int) -> ResponseReturnValue:
    """Reinstate a credential from a day on."""
    _own(person_id, credential_id)
    try:
        reinstate_credential(
            current.db(),
            current.banks(),
            credential_id=credential_id,
            on=_day(request.form.get("on", "")),
            who=current.person().email,
            now=current.now(),
        )
    except (Invalid, Conflict) as error:
        status = 422 if isinstance(error, Invalid) else 409
        return page(person_id, problem=error.sentence, mend=f"on-{credential_id}", status=status)
    return go_to(url_for("staff.people.show", person_id=person_id, done="reinstated"))


@blueprint.post("/attempts/<id:attempt_id>/release")
def release(attempt_id: int) -> ResponseReturnValue:
    """Release a result now, whatever its policy says."""
    with current.db().read() as connection:
        attempt = attempts.get(connection, attempt_id)
    if attempt is None:
        raise NotFound(say("There is no attempt {attempt}.", attempt=attempt_id))
    released = release_results(
        current.db(), current.banks(), attempt_ids=[attempt_id], who=current.person().email, now=current.now()
    )
    if not released:
        raise Conflict(say("Attempt {attempt} has no result that waits to be released.", attempt=attempt_id))
    return go_to(url_for("staff.people.show", person_id=attempt.person_id, done="released"))


def _own(person_id: int, credential_id: int) -> None:
    """Raise `NotFound` unless it is a credential of this person."""
    with current.db().read() as connection:
        credential = people.credential(connection, credential_id)
    if credential is None or credential.person_id != person_id:
        raise NotFound(say("There is no such credential."))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(say("Give the day of the reinstatement, as 2027-03-14.")) from None
