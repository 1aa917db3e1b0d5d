"""Where each credential of the person stands: what the dashboard and its papers are made of."""

from __future__ import annotations

from dataclasses import dataclass

from ssa_engine.actions import credentials
from ssa_engine.core.attempts import State
from ssa_engine.core.checklists import NOTHING_PRESCRIBED, ProfileStage, Work, standing_of
from ssa_engine.core.completion import CompletionRecord
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import CycleEvent, Happening, position
from ssa_engine.storage import allowed_attempts, claims, completion_records, cycles, people, profiles
from ssa_engine.storage.db import Connection
from ssa_engine.storage.people import Credential
from ssa_engine.web import current


@dataclass(frozen=True, slots=True)
class Held:
    """A credential of the person, where it stands, and its latest completion record, also that of an earlier cycle."""

    credential: Credential
    spec: ContentSpec
    work: Work
    record: CompletionRecord | None


def all_held(connection: Connection) -> list[Held]:
    """Return the person's credentials, the most urgent first."""
    own = people.credentials_of(connection, current.person().id)
    happened = cycles.happenings_of_many(connection, [one.id for one in own])
    found = [_held(connection, one, happened.get(one.id, ())) for one in own]
    return sorted(found, key=lambda one: one.work.urgency)


def held(connection: Connection, credential_id: int) -> Held:
    """Return one of the person's credentials; raise `NotFound` if it is not theirs."""
    own = credentials.of_person(connection, credential_id, current.person().id)
    return _held(connection, own, cycles.happenings(connection, own.id))


def _held(connection: Connection, own: Credential, happened: tuple[Happening, ...]) -> Held:
    spec, now = current.library().spec(own.discipline), current.now()
    today = spec.cqr.today(now)
    found = position(today, own.earned_on, spec.cqr, happened, own.recorded_on)
    number = found.cycle.number if found else 0
    attempt = allowed_attempts.counted(connection, own.id, number) if found else None
    released = attempt is not None and attempt.state is State.RELEASED
    ledger = claims.ledger_of(connection, attempt.id) if attempt and released else NOTHING_PRESCRIBED
    work = Work(
        discipline=spec.name,
        rules=spec.cqr,
        today=today,
        position=found,
        standing=standing_of(
            found,
            now,
            has_bank=spec.discipline in current.library().banks,
            attempt=attempt,
            is_filled=ledger.is_filled,
        ),
        profile=_profile(connection, own.id, number) if spec.profile and found else ProfileStage.NONE,
        attempt=attempt,
        ledger=ledger,
        reinstated_on=next(
            (one.on for one in happened if one.kind is CycleEvent.REINSTATED and one.cycle == number - 1), None
        ),
    )
    return Held(own, spec, work, next(iter(completion_records.of_credential(connection, own.id)), None))


def _profile(connection: Connection, credential_id: int, cycle: int) -> ProfileStage:
    found = profiles.of_cycle(connection, credential_id, cycle)
    if found is None:
        return ProfileStage.TO_DO
    return ProfileStage.UNDER_WAY if found.completed_at is None else ProfileStage.DONE
