"""ssa sittings: list, show, grant, unlock."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

import click

from ssa_engine.cli.shared import json_option, now, open_database, say_json, who
from ssa_engine.core.errors import NotFound

if TYPE_CHECKING:
    from ssa_engine.actions.timelines import Record
    from ssa_engine.core.attempts import Attempt

attempt_argument = click.argument("attempt", type=click.IntRange(1, 999_999_999))
reason_option = click.option("--reason", required=True, help="Why; it stays with the attempt.")


@click.group()
def sittings() -> None:
    """Sittings: who is sitting an assessment, what happened, more time, unlock."""


@sittings.command("list")
@click.option("--person", "email", help="All sittings of the person with this address, instead of those under way.")
@json_option
def list_sittings(email: str | None, as_json: bool) -> None:
    """List the sittings under way, or all of one person, the latest first."""
    from ssa_engine.storage import attempts, people

    db, _ = open_database()
    with db.read() as connection:
        if email is None:
            found = attempts.under_way(connection)
        else:
            known = people.by_email(connection, email)
            if known is None:
                raise NotFound(f"Nobody has the address {email}.")
            held = people.credentials_of(connection, known[0].id)
            found = [attempt for own in held for attempt in attempts.of_credential(connection, own.id)]
        owners = {one.person_id: people.get(connection, one.person_id) for one in found}
    rows = [{"email": owner.email if (owner := owners[one.person_id]) else "", **_clock(one)} for one in found]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        click.echo(
            f"{row['attempt_id']:>6}  {row['email']}  {row['discipline']}  {row['state'].replace('_', ' ')}  "
            f"question {row['position']} of {row['items_total']}  {_left(row)}"
        )
    if not rows:
        click.echo("Nobody is sitting an assessment." if email is None else f"{email} has no sitting.", err=True)


@sittings.command()
@attempt_argument
@json_option
def show(attempt: int, as_json: bool) -> None:
    """Show where a sitting stands, and its timeline as it happened.

    Answers are shown as received, in the letters the candidate saw.
    """
    from ssa_engine.actions.timelines import record_of

    db, _ = open_database()
    with db.read() as connection:
        record = record_of(connection, attempt)
    row = {"email": record.person.email, **_clock(record.attempt), **_counts(record)}
    if as_json:
        timeline = [
            {"at": _instant(one.at), "kind": one.kind, "question": one.question, "detail": one.detail, "late": one.late}
            for one in record.entries
        ]
        say_json({**row, "timeline": timeline})
        return
    click.echo(f"Attempt {attempt}: {row['email']}, {row['discipline']}, {row['state'].replace('_', ' ')}")
    click.echo(f"{row['answered']} of {row['items_total']} answered, {row['flagged']} flagged, {_left(row)}")
    for one in record.entries:
        question = f"question {one.question}" if one.question else ""
        late = " (in the grace after the end)" if one.late else ""
        click.echo(f"{one.at:%Y-%m-%d %H:%M:%S}  {one.what:<28}  {question:<12}  {one.detail}{late}".rstrip())


@sittings.command()
@attempt_argument
@click.option("--minutes", required=True, type=click.IntRange(1, 600), help="Added to the end of the clock.")
@reason_option
def grant(attempt: int, minutes: int, reason: str) -> None:
    """Give a sitting under way more time. The candidate's page shows it within 10 seconds."""
    from ssa_engine.actions.sittings import grant_time
    from ssa_engine.storage import attempts

    db, _ = open_database()
    grant_time(db, attempt_id=attempt, minutes=minutes, reason=reason.strip(), who=who(), now=now())
    with db.read() as connection:
        found = attempts.get(connection, attempt)
    ends = f" Its clock now ends at {_instant(found.ends_at)}." if found else ""
    click.echo(f"Attempt {attempt} has {minutes} more {'minute' if minutes == 1 else 'minutes'}.{ends}")


@sittings.command()
@attempt_argument
@reason_option
def unlock(attempt: int, reason: str) -> None:
    """Open what locked at a break, and free a sitting from the window it is live in. No answer changes."""
    from ssa_engine.actions import sittings as actions

    db, _ = open_database()
    token = secrets.token_urlsafe(12)
    actions.unlock(db, attempt_id=attempt, reason=reason.strip(), new_token=token, who=who(), now=now())
    click.echo(f"Attempt {attempt} is unlocked; the next window that opens it goes on.")


def _clock(attempt: Attempt) -> dict[str, Any]:
    """Where an attempt and its clock stand; an untimed one has no end."""
    from ssa_engine.core.attempts import State
    from ssa_engine.core.timelines import seconds_stood, seconds_used

    moment, timed = now(), not attempt.is_untimed
    runs = attempt.state is State.IN_PROGRESS
    return {
        "attempt_id": attempt.id,
        "discipline": attempt.discipline,
        "state": str(attempt.state),
        "position": attempt.position,
        "items_total": attempt.items_total,
        "locked_through": attempt.locked_through,
        "started_at": _instant(attempt.started_at),
        "submitted_at": _instant(attempt.submitted_at),
        "ends_at": _instant(attempt.ends_at) if timed else None,
        "seconds_allowed": attempt.seconds_allowed if timed else None,
        "seconds_used": seconds_used(attempt, moment),
        "seconds_stood": seconds_stood(attempt, moment),
        "seconds_left": attempt.seconds_left(moment) if timed and runs else None,
    }


def _counts(record: Record) -> dict[str, int]:
    return {"answered": record.answered, "flagged": record.flagged}


def _left(row: dict[str, Any]) -> str:
    if row["submitted_at"]:
        return f"submitted {row['submitted_at']}"
    left = row["seconds_left"]
    return "no time limit" if left is None else f"{left // 60} min {left % 60} s left"


def _instant(at: dt.datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


COMMANDS = (sittings,)
