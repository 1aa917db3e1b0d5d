"""The prescription that a candidate works on: its attempt, result, ledger, and where it stands in its period."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ssa_engine.actions import credentials
from ssa_engine.actions.banks import Banks
from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.claim_rules import Setting
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import Position
from ssa_engine.core.errors import Conflict
from ssa_engine.core.ledger import Ledger
from ssa_engine.core.programmes import CqrRules
from ssa_engine.core.text import say
from ssa_engine.storage import attempts, claims, cycles, people, results
from ssa_engine.storage.db import Connection
from ssa_engine.storage.people import Credential
from ssa_engine.storage.results import Result


@dataclass(frozen=True, slots=True)
class Prescription:
    """A released result and what became of its credits. `spec`: the outline that the attempt was drawn from."""

    credential: Credential
    spec: ContentSpec
    rules: CqrRules
    today: dt.date
    position: Position
    attempt: Attempt
    result: Result
    ledger: Ledger
    issued_on: dt.date
    """The day of the first result; what is earned from then on counts, whatever a rescoring makes of it."""

    def setting(self, connection: Connection) -> Setting:
        """Return where a report for this prescription comes."""
        return Setting(
            discipline=self.spec.discipline,
            discipline_name=self.spec.name,
            today=self.today,
            issued_on=self.issued_on,
            position=self.position,
            rules=self.rules,
            own_claims=tuple(claims.of_attempt(connection, self.attempt.id)),
        )


def find(connection: Connection, banks: Banks, credential: Credential, now: dt.datetime) -> Prescription | None:
    """Return the prescription of a credential's present cycle, or None while no result is released."""
    rules = banks.library.spec(credential.discipline).cqr
    today = rules.today(now)
    position = cycles.position_of(connection, credential, rules, today)
    attempt = attempts.latest(connection, credential.id, position.cycle.number) if position else None
    if position is None or attempt is None or attempt.state is not State.RELEASED:
        return None
    return _of(connection, banks, credential, rules, today, position, attempt)


def of_attempt(connection: Connection, banks: Banks, attempt_id: int, now: dt.datetime) -> Prescription | None:
    """Return the prescription that counts in the cycle of an attempt: that of its latest released one, or None."""
    given = attempts.get(connection, attempt_id)
    credential = people.credential(connection, given.credential_id) if given else None
    if given is None or credential is None:
        return None
    own = [one for one in attempts.of_credential(connection, credential.id) if one.cycle == given.cycle]
    attempt = next((one for one in own if one.state is State.RELEASED), None)
    if attempt is None:
        return None
    rules = banks.library.spec(credential.discipline).cqr
    today = rules.today(now)
    position = cycles.position_of(connection, credential, rules, today)
    return _of(connection, banks, credential, rules, today, position, attempt) if position else None


def _of(
    connection: Connection,
    banks: Banks,
    credential: Credential,
    rules: CqrRules,
    today: dt.date,
    position: Position,
    attempt: Attempt,
) -> Prescription | None:
    result = results.latest(connection, attempt.id)
    first = claims.first_scored_at(connection, attempt.id)
    if result is None or first is None:
        return None
    return Prescription(
        credential=credential,
        spec=banks.at(attempt.bank_version).spec,
        rules=rules,
        today=today,
        position=position,
        attempt=attempt,
        result=result,
        ledger=claims.ledger_of(connection, attempt.id),
        issued_on=rules.today(first),
    )


def require(connection: Connection, banks: Banks, credential_id: int, person_id: int, now: dt.datetime) -> Prescription:
    """Return the prescription of a person's own credential.

    Raises
    ------
    NotFound
        If the credential is not theirs.
    Conflict
        If no result is released.
    """
    found = find(connection, banks, credentials.of_person(connection, credential_id, person_id), now)
    if found is None:
        raise Conflict(
            say(
                "Nothing is prescribed for this credential now, so there is nothing to report. Look at your start page."
            )
        )
    return found
