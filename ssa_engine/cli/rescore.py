"""ssa rescore: list, new, change, preview, apply, increases, accept, decline, revert."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssa_engine.cli.shared import json_option, now, open_database, say_json, who

if TYPE_CHECKING:
    from ssa_engine.core.rescorings import Rescoring

session_argument = click.argument("session", type=click.IntRange(1, 999_999_999))
attempts_option = click.option(
    "--attempt", "attempts", type=click.IntRange(1, 999_999_999), multiple=True, help="One attempt; may be repeated."
)
all_option = click.option("--all", "everyone", is_flag=True, help="All that wait.")


@click.group()
def rescore() -> None:
    """Rescoring sessions: change a key, give full credit, drop or re-add an item; apply, revert."""


@rescore.command("list")
@json_option
def list_sessions(as_json: bool) -> None:
    """List every session, the latest first."""
    from ssa_engine.storage import rescoring_lists, rescorings

    db, _ = open_database()
    with db.read() as connection:
        sessions = rescorings.everything(connection)
        counts, changes = rescoring_lists.counts(connection), rescorings.counts_of_changes(connection)
    rows = [
        {
            "session": one.id,
            "discipline": one.discipline,
            "state": one.state.value,
            "title": one.title,
            "items": changes.get(one.id, 0),
            "changed": counts.get(one.id, {}).get("changed", 0),
            "waiting": counts.get(one.id, {}).get("waiting", 0),
            "created_at": one.created_at,
            "applied_at": one.applied_at,
            "reverted_at": one.reverted_at,
        }
        for one in sessions
    ]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        waits = f", {row['waiting']} increases wait" if row["waiting"] else ""
        click.echo(
            f"{row['session']:>4}  {row['discipline']}  {row['state']:<9}  {row['title']}  "
            f"({row['items']} items, {row['changed']} attempts changed{waits})"
        )
    if not rows:
        click.echo("No session yet: ssa rescore new DISCIPLINE --title … --reason …", err=True)


@rescore.command()
@click.argument("discipline")
@click.option("--title", required=True, help="What it is about, in a few words.")
@click.option("--reason", required=True, help="Why; it stays with the session. Candidates do not see it.")
def new(discipline: str, title: str, reason: str) -> None:
    """Begin a session. It changes nothing until it is applied."""
    from ssa_engine.actions import rescorings

    db, banks = open_database()
    session = rescorings.begin(db, banks, discipline=discipline, title=title, reason=reason, who=who(), now=now())
    click.echo(f"Session {session.id} is begun: ssa rescore change {session.id} ITEM …")


@rescore.command()
@session_argument
@click.argument("item")
@click.option("--key", help="The new key, as the item's YAML has it: b, '[a, c]', '{value: 12, tolerance: 0.5}'.")
@click.option("--full-credit", "kind", flag_value="full_credit", help="Every answer earns all, a missing one too.")
@click.option("--drop", "kind", flag_value="drop", help="The item is not scored any more.")
@click.option("--re-add", "kind", flag_value="re_add", help="The item is scored again, with the bank's key.")
@click.option("--leave", "kind", flag_value="leave", help="Take the item out of the session.")
def change(session: int, item: str, key: str | None, kind: str | None) -> None:
    """Say what a session that is not applied yet changes about ITEM."""
    from ssa_engine.actions import rescorings
    from ssa_engine.core.rescorings import ItemChange

    if (key is None) == (kind is None):
        raise click.UsageError("Give one of --key, --full-credit, --drop, --re-add, --leave.")
    db, banks = open_database()
    if kind == "leave":
        rescorings.leave(db, session, item_id=item, who=who(), now=now())
        click.echo(f"Session {session} leaves {item} as it is.")
        return
    chosen = ItemChange(kind or "key")
    rescorings.change(db, banks, session, item_id=item, kind=chosen, key=key or "", who=who(), now=now())
    click.echo(f"Session {session} changes {item}. Who changes and how: ssa rescore preview {session}")


@rescore.command()
@session_argument
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for people.csv and areas.csv.")
@json_option
def preview(session: int, out: Path | None, as_json: bool) -> None:
    """Say what applying a session would do, or reverting it if it was applied. Nothing is written to the database."""
    from ssa_engine.actions.rescoring_reports import AREAS, PEOPLE, table
    from ssa_engine.actions.rescoring_reports import preview as look
    from ssa_engine.exchange.table_files import to_text

    db, banks = open_database()
    found = look(db, banks, session, now())
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, frame, columns in (("people", found.people, PEOPLE), ("areas", found.areas, AREAS)):
            (out / f"{name}.csv").write_text(to_text(columns, table(frame, columns)), encoding="utf-8", newline="")
    if as_json:
        say_json(found.figures)
        return
    told = {name: f"{value:g}" for name, value in found.figures.items()}
    for line in (
        "{looked_at} attempts with such an item, {changed} of them with a mark that changes",
        "scores: {score_up} people up, {score_down} down",
        "credits: {credits_down} people down, {credits_up} up at once, {waiting} with an increase that waits, "
        "{credits_same} as before",
        "credits in all: {sum_before} become {sum_after}, {sum_waiting} wait",
        "completed credits keep {kept} people above their new score",
        "{told} people are told; the results of {unreleased} are not released yet",
    ):
        click.echo(line.format(**told))
    if out is not None:
        click.echo(f"Who changes and how: {out}")


@rescore.command()
@session_argument
def apply(session: int) -> None:
    """Apply a session: a new result beside the old one for every attempt whose marks change.

    It may be interrupted (Ctrl-C) and repeated: it goes on where it stopped.
    """
    from ssa_engine.actions import rescoring_runs

    db, banks = open_database()
    with _progress("Rescoring") as watch:
        done = rescoring_runs.apply(db, banks, session, who=who(), now=now(), watch=watch)
    _say_state(done)


@rescore.command()
@session_argument
@click.option("--reason", required=True, help="Why; it stays with the session.")
def revert(session: int, reason: str) -> None:
    """Revert a session: further result versions by the keys that remain. Repeatable like apply."""
    from ssa_engine.actions import rescoring_runs

    db, banks = open_database()
    with _progress("Reverting") as watch:
        done = rescoring_runs.revert(db, banks, session, reason=reason, who=who(), now=now(), watch=watch)
    _say_state(done)


@rescore.command()
@session_argument
@json_option
def increases(session: int, as_json: bool) -> None:
    """List the increases that wait for a decision, by content area."""
    from ssa_engine.actions.rescoring_reports import INCREASES, table
    from ssa_engine.actions.rescoring_reports import increases as look

    db, _ = open_database()
    frame = look(db, session, now())
    rows = [dict(zip(INCREASES, row, strict=True)) for row in table(frame, INCREASES)]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        click.echo(
            f"attempt {row['attempt_id']:>6}  {row['content_area']}  {row['credits']:g} become "
            f"{row['credits_if_accepted']:g}"
        )
    if not rows:
        click.echo("No increase waits.", err=True)


@rescore.command()
@session_argument
@attempts_option
@all_option
def accept(session: int, attempts: tuple[int, ...], everyone: bool) -> None:
    """Accept increases: they become part of the prescription, and the people are told."""
    from ssa_engine.actions import increases as actions

    db, banks = open_database()
    count = actions.accept(db, banks, session, attempts=_chosen(attempts, everyone), who=who(), now=now())
    click.echo(f"{count} {'increase' if count == 1 else 'increases'} accepted.")


@rescore.command()
@session_argument
@attempts_option
@all_option
@click.option("--reason", required=True, help="Why; it stays with the attempt.")
def decline(session: int, attempts: tuple[int, ...], everyone: bool, reason: str) -> None:
    """Decline increases: the credits stay as they are, and the people are told."""
    from ssa_engine.actions import increases as actions

    db, banks = open_database()
    chosen = _chosen(attempts, everyone)
    count = actions.decline(db, banks, session, attempts=chosen, reason=reason, who=who(), now=now())
    click.echo(f"{count} {'increase' if count == 1 else 'increases'} declined.")


def _chosen(attempts: tuple[int, ...], everyone: bool) -> list[int] | None:
    if bool(attempts) == everyone:
        raise click.UsageError("Name attempts with --attempt, or say --all.")
    return None if everyone else list(attempts)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar, on a terminal alone. Whoever presses Ctrl-C is told that what is done stays done."""
    bar: Any = None

    def watch(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = click.progressbar(length=max(total, 1), label=label, file=sys.stderr)
            bar.__enter__()
        bar.update(done - bar.pos)

    try:
        yield watch if sys.stderr.isatty() else None
    except KeyboardInterrupt:
        click.echo("\nStopped. What is done stays done; run the same command again to go on.", err=True)
        sys.exit(130)
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


def _say_state(session: Rescoring) -> None:
    from ssa_engine.storage import notices, rescoring_lists

    db, _ = open_database()
    with db.read() as connection:
        counts = rescoring_lists.counts(connection).get(session.id, {})
        told, _read = notices.count_of_rescoring(connection, session.id)
    click.echo(
        f"Session {session.id} is {session.state.value}: {counts.get('changed', 0)} attempts rescored, "
        f"{counts.get('reverted', 0)} reverted, {counts.get('waiting', 0)} increases wait, {told} letters."
    )


COMMANDS = (rescore,)
