"""Rescoring sessions as drafts: begin one, say what it changes about items. What they do is in `rescoring_runs`."""

from __future__ import annotations

import datetime as dt

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.keys import require_taken
from ssa_engine.content.keys import read_key
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.rescorings import Change, ItemChange, Rescoring, RescoringState
from ssa_engine.core.text import say
from ssa_engine.storage import audit, rescorings
from ssa_engine.storage.db import Connection, Database

LONGEST_TITLE, LONGEST_REASON = 200, 2000


def begin(
    db: Database, banks: Banks, *, discipline: str, title: str, reason: str, who: str, now: dt.datetime
) -> Rescoring:
    """Begin a session as a draft that changes nothing yet.

    Raises
    ------
    Invalid
        If title or reason are missing or too long.
    NotFound
        If there is no such discipline.
    """
    code = banks.library.spec(discipline).discipline
    title, reason = " ".join(title.split()), reason.strip()
    if not title or not reason:
        raise Invalid(say("A rescoring session needs a title and a reason; both stay with it for good."))
    if len(title) > LONGEST_TITLE or len(reason) > LONGEST_REASON:
        raise Invalid(
            say(
                "Title or reason are too long: at most {title} and {reason} characters.",
                title=LONGEST_TITLE,
                reason=LONGEST_REASON,
            )
        )
    with db.write() as connection:
        rescoring_id = rescorings.insert(
            connection, discipline=code, title=title, reason=reason, created_by=who, created_at=now
        )
        audit.add(
            connection,
            at=now,
            who=who,
            verb="begin",
            noun="rescoring",
            noun_id=rescoring_id,
            discipline=code,
            title=title,
        )
        return existing(connection, rescoring_id)


def change(
    db: Database,
    banks: Banks,
    rescoring_id: int,
    *,
    item_id: str,
    kind: ItemChange,
    key: str = "",
    expected_revision: int | None = None,
    who: str,
    now: dt.datetime,
) -> Rescoring:
    """Say what a draft changes about an item, in place of what it changed about it before.

    Raises
    ------
    Invalid
        If the item does not take the key, in any bank version that sittings have it from.
    NotFound
        If there is no such session, or no bank that was served has the item.
    Conflict
        If the session is no draft any more, or somebody changed it meanwhile.
    """
    with db.write() as connection:
        session = _draft(connection, rescoring_id, expected_revision)
        one = _checked(connection, banks, session, item_id.strip(), kind, key)
        rescorings.set_change(connection, rescoring_id, one)
        rescorings.change(connection, rescoring_id, revision=session.revision + 1)
        audit.add(
            connection,
            at=now,
            who=who,
            verb="change",
            noun="rescoring",
            noun_id=rescoring_id,
            discipline=session.discipline,
            item=one.item_id,
            change=one.change,
            key=one.key,
        )
        return existing(connection, rescoring_id)


def leave(
    db: Database,
    rescoring_id: int,
    *,
    item_id: str,
    expected_revision: int | None = None,
    who: str,
    now: dt.datetime,
) -> Rescoring:
    """Take an item out of a draft: it stays as it is. Raises as `change` does."""
    with db.write() as connection:
        session = _draft(connection, rescoring_id, expected_revision)
        if not rescorings.remove_change(connection, rescoring_id, item_id):
            raise NotFound(say("The session changes nothing about item {item}.", item=item_id))
        rescorings.change(connection, rescoring_id, revision=session.revision + 1)
        audit.add(
            connection,
            at=now,
            who=who,
            verb="leave",
            noun="rescoring",
            noun_id=rescoring_id,
            discipline=session.discipline,
            item=item_id,
        )
        return existing(connection, rescoring_id)


def existing(connection: Connection, rescoring_id: int) -> Rescoring:
    """Return a session; raise `NotFound` if there is none."""
    session = rescorings.get(connection, rescoring_id)
    if session is None:
        raise NotFound(say("There is no rescoring session {number}.", number=rescoring_id))
    return session


def _draft(connection: Connection, rescoring_id: int, expected_revision: int | None) -> Rescoring:
    existing(connection, rescoring_id)
    session = rescorings.lock(connection, rescoring_id)
    if session is None or session.state is not RescoringState.DRAFT:
        raise Conflict(say("This session was applied, so it stays as it is. Begin another one, or revert it."))
    require_revision(session, expected_revision)
    return session


def require_revision(session: Rescoring, expected: int | None) -> None:
    """Raise `Conflict` if somebody changed the session since the person looked at it."""
    if expected is not None and session.revision != expected:
        raise Conflict(say("Somebody changed this session meanwhile. Look at it again, then repeat what you did."))


def _checked(
    connection: Connection, banks: Banks, session: Rescoring, item_id: str, kind: ItemChange, key: str
) -> Change:
    """Return the change if every bank version that was served and has the item takes it."""
    served = [banks.at(version) for version in rescorings.banks_holding(connection, session.discipline)]
    holding = [bank for bank in served if item_id in bank.by_id]
    if not holding:
        raise NotFound(
            say("No {discipline} form was drawn from a bank that has an item '{item}'.",
                discipline=session.discipline, item=item_id)
        )  # fmt: skip
    if kind is not ItemChange.KEY:
        if key.strip():
            raise Invalid(say("A key goes with the change of a key alone. Leave it empty, or change the key."))
        return Change(item_id, kind)
    one = Change(item_id, kind, read_key(key, holding[0].by_id[item_id]))
    require_taken(connection, banks, session.discipline, [one])
    return one
