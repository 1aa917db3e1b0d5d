"""Rows of claims and of their steps; and the ledger of a prescription, made of what stands in the tables."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.claims import WAITING, Claim, ClaimEvent, ClaimState, Verb, replay
from ssa_engine.core.ledger import Ledger, ledger
from ssa_engine.storage import completed_credits, results
from ssa_engine.storage.attempts import of_same_cycle
from ssa_engine.storage.process_tables import claim_events, claims
from ssa_engine.storage.tables import attempts, credentials
from ssa_engine.storage.tables import results as result_rows

_COLUMNS = tuple(claims.c[one.name] for one in fields(Claim))
_CLAIM = sa.select(*_COLUMNS)


def get(connection: Connection, claim_id: int, *, lock: bool = False) -> Claim | None:
    """Return a claim, or None; with `lock` to change it."""
    query = _CLAIM.where(claims.c.id == claim_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return None if row is None else _claim(row)


def of_attempt(connection: Connection, attempt_id: int) -> list[Claim]:
    """Return the claims of the cycle of an attempt, for whichever attempt of it, the latest first."""
    query = _CLAIM.where(claims.c.attempt_id.in_(of_same_cycle(attempt_id))).order_by(claims.c.id.desc())
    return [_claim(row) for row in connection.execute(query).mappings()]


def of_credential(connection: Connection, credential_id: int) -> list[Claim]:
    """Return the claims of all prescriptions of a credential, the latest first."""
    query = _CLAIM.join(attempts, attempts.c.id == claims.c.attempt_id)
    query = query.where(attempts.c.credential_id == credential_id).order_by(claims.c.id.desc())
    return [_claim(row) for row in connection.execute(query).mappings()]


def of_person(connection: Connection, person_id: int) -> list[Claim]:
    """Return all claims of a person, the latest first."""
    query = (
        _CLAIM.join(attempts, attempts.c.id == claims.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .where(credentials.c.person_id == person_id)
        .order_by(claims.c.id.desc())
    )
    return [_claim(row) for row in connection.execute(query).mappings()]


def events(connection: Connection, claim_id: int) -> list[ClaimEvent]:
    """Return the steps of a claim, first to last."""
    query = claim_events.select().where(claim_events.c.claim_id == claim_id).order_by(claim_events.c.id)
    return [
        ClaimEvent(row.at, row.who, Verb(row.verb), ClaimState(row.state), json.loads(row.detail))
        for row in connection.execute(query)
    ]


def begin(connection: Connection, attempt_id: int, event: ClaimEvent) -> Claim:
    """Insert a claim with its first step."""
    made = replay(0, attempt_id, [event])
    inserted = claims.insert().values(_cells(made)).returning(claims.c.id)
    claim_id = int(connection.execute(inserted).scalar_one())
    _append(connection, claim_id, event)
    return replay(claim_id, attempt_id, [event])


def step(connection: Connection, claim: Claim, event: ClaimEvent) -> Claim:
    """Append a step to a claim that was read under a lock, and write how it stands then; return it.

    Raises
    ------
    Conflict
        If the step is not possible in the state it is in.
    """
    made = replay(claim.id, claim.attempt_id, [*events(connection, claim.id), event])
    _append(connection, claim.id, event)
    connection.execute(claims.update().where(claims.c.id == claim.id).values(_cells(made)))
    return made


def _append(connection: Connection, claim_id: int, event: ClaimEvent) -> None:
    detail = json.dumps(dict(event.detail), ensure_ascii=False, sort_keys=True)
    row = {"claim_id": claim_id, "at": event.at, "who": event.who, "verb": event.verb, "state": event.state}
    connection.execute(claim_events.insert().values(**row, detail=detail))


def ledger_of(connection: Connection, attempt_id: int) -> Ledger:
    """Return the ledger of an attempt's latest result; of one without a result, an empty one.

    What was claimed for an earlier attempt of the cycle counts in it: nothing that was earned is lost by another one.
    """
    result = results.latest(connection, attempt_id)
    prescribed = {area.content_area: area.credits for area in result.areas if area.credits > 0} if result else {}
    own = claims.c.attempt_id.in_(of_same_cycle(attempt_id))
    query = sa.select(claims.c.distribution).where(own, claims.c.state.in_(WAITING))
    waiting = [json.loads(text) for text in connection.execute(query.order_by(claims.c.id)).scalars()]
    return ledger(prescribed, [completed_credits.sums(connection, attempt_id)], waiting)


def first_scored_at(connection: Connection, attempt_id: int) -> dt.datetime | None:
    """Return when the first result of an attempt's cycle was made, or None. What is earned since then counts."""
    first = sa.func.min(result_rows.c.scored_at, type_=result_rows.c.scored_at.type)
    query = sa.select(first).where(result_rows.c.attempt_id.in_(of_same_cycle(attempt_id)))
    found: dt.datetime | None = connection.execute(query).scalar()
    return found


def _cells(claim: Claim) -> dict[str, Any]:
    cells = {one.name: getattr(claim, one.name) for one in fields(Claim) if one.name != "id"}
    return {**cells, "distribution": json.dumps(claim.distribution, sort_keys=True)}


def _claim(row: sa.RowMapping) -> Claim:
    cells: dict[str, Any] = {str(name): value for name, value in row.items()}
    cells["distribution"] = json.loads(cells["distribution"])
    return Claim(**{**cells, "state": ClaimState(cells["state"])})
