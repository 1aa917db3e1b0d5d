"""ssa people: add, import, role, password, accommodate, groups; ssa credentials: import."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import now, open_database, who
from ssa_engine.core.errors import NotFound
from ssa_engine.core.people import Role

if TYPE_CHECKING:
    from ssa_engine.actions.registry import Imported
    from ssa_engine.core.accommodations import Accommodations
    from ssa_engine.core.content_specs import ContentSpec

ROLES = click.Choice([role.value for role in Role])
csv_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
skip_bad_rows_option = click.option(
    "--skip-bad-rows", is_flag=True, help="Import the other rows although some are bad; ends with 1 all the same."
)


@click.group()
def people() -> None:
    """People who can sign in."""


@people.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", "roles", required=True, multiple=True, type=ROLES)
@click.password_option(help="Asked for if not given.")
def add(email: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Add a person."""
    from ssa_engine.actions import people as actions

    db, _ = open_database()
    given = [Role(role) for role in roles]
    person_id = actions.add(db, email=email, name=name, password=password, roles=given, who=who(), now=now())
    click.echo(f"Person {person_id}: {email} ({', '.join(roles)})")


@people.command("import")
@csv_file
@skip_bad_rows_option
def import_people(file: Path, skip_bad_rows: bool) -> None:
    """Import people from CSV: email,name,roles (separated by spaces). All rows or, if one is bad, none.

    The same file twice changes nothing. New people get no password; people who are there already are left as they are.
    A column biennium_from may give the first day of a biennium: it is added where none is stored, and one that differs
    makes a bad row.
    """
    from ssa_engine.actions import registry
    from ssa_engine.exchange.registry_files import read_people

    db, _ = open_database()
    done = registry.import_people(db, read_people(file), skip_bad_rows=skip_bad_rows, who=who(), now=now())
    _say_imported("people", done)


@people.command()
@click.argument("email")
@click.argument("role", type=ROLES)
@click.option("--remove", is_flag=True, help="Take the role away.")
def role(email: str, role: str, remove: bool) -> None:
    """Give a person a role, or take it."""
    from ssa_engine.actions import people as actions

    db, _ = open_database()
    actions.set_role(db, email=email, role=Role(role), held=not remove, who=who(), now=now())
    click.echo(f"{email} is {'no longer ' if remove else ''}{role}.")


@people.command()
@click.argument("email")
@click.password_option(help="Asked for if not given.")
def password(email: str, password: str) -> None:
    """Set a person's password and end their sessions."""
    from ssa_engine.actions import people as actions

    db, _ = open_database()
    actions.set_password(db, email=email, password=password, who=who(), now=now())
    click.echo(f"The password of {email} is set.")


@people.command()
@click.argument("email")
@click.option("--multiplier", "time_multiplier", type=click.FloatRange(1, 5), help="Of the time everybody has.")
@click.option("--extra-minutes", type=click.IntRange(0, 600), help="Added after multiplying.")
@click.option("--untimed/--timed", default=None, help="Without a time limit.")
@click.option("--extra-breaks", type=click.IntRange(0, 10), help="Beside those everybody has.")
@click.option("--large-text/--normal-text", default=None, help="Large text in one column.")
def accommodate(email: str, **given: float | bool | None) -> None:
    """Set what is granted to a person for every attempt started from now on, or show it.

    What is not given stays as it is. Without an option nothing is changed.
    """
    from ssa_engine.actions import sittings
    from ssa_engine.core.accommodations import Accommodations
    from ssa_engine.storage import people as rows

    db, banks = open_database()
    with db.read() as connection:
        known = rows.by_email(connection, email)
        if known is None:
            raise NotFound(f"Nobody has the address {email}. Add the person first.")
        person, _ = known
        granted = rows.accommodations_of(connection, person.id)
        held = [one.discipline for one in rows.credentials_of(connection, person.id)]
    changes = {name: value for name, value in given.items() if value is not None}
    if changes:
        granted = Accommodations(**{**granted.model_dump(), **changes})
        sittings.set_accommodations(db, person_id=person.id, granted=granted, who=who(), now=now())
    _say_accommodations(person.email, granted, [banks.library.spec(code) for code in held])


@people.command()
@csv_file
def groups(file: Path) -> None:
    """Import groups of candidates from CSV: email,grouping,value. All rows or, if one is bad, none.

    A person has one value in a grouping, such as setting: hospital; another value in a later file replaces it.
    """
    from ssa_engine.actions import groups as actions
    from ssa_engine.exchange.registry_files import read_groups

    db, _ = open_database()
    done = actions.import_groups(db, read_groups(file), who=who(), now=now())
    click.echo(f"{done.added} group values added, {done.changed} changed, {done.known} were there already.")


def _say_accommodations(email: str, granted: Accommodations, specs: list[ContentSpec]) -> None:
    click.echo(
        f"{email}: time multiplier {granted.time_multiplier:g}, extra minutes {granted.extra_minutes}, "
        f"{'untimed' if granted.untimed else 'timed'}, extra breaks {granted.extra_breaks}, "
        f"{'large' if granted.large_text else 'normal'} text"
    )
    for spec in specs:
        click.echo(f"  {spec.discipline}: {granted.what_becomes_of(spec.seconds_allowed)}")


@click.group()
def credentials() -> None:
    """Credentials of candidates."""


@credentials.command("import")
@csv_file
@skip_bad_rows_option
def import_credentials(file: Path, skip_bad_rows: bool) -> None:
    """Import credentials from CSV: email,discipline,earned_on. All rows or, if one is bad, none.

    The same file twice changes nothing. A row whose earned_on differs from what is stored is a bad row: neither is
    changed. CQR periods that were due before the day of the import count as settled elsewhere.
    """
    from ssa_engine.actions import registry
    from ssa_engine.exchange.registry_files import read_credentials

    db, banks = open_database()
    specs = banks.library.specs
    rows = read_credentials(file, set(specs))
    done = registry.import_credentials(db, rows, specs, skip_bad_rows=skip_bad_rows, who=who(), now=now())
    _say_imported("credentials", done)


def _say_imported(noun: str, done: Imported) -> None:
    """Say what became of the rows; end with 1 if some were refused."""
    for refusal in done.refusals:
        click.echo(str(refusal), err=True)
    click.echo(
        f"{done.added} {noun} added, {done.changed} changed, {done.unchanged} unchanged, {len(done.refusals)} refused."
    )
    if done.refusals:
        sys.exit(1)


COMMANDS = (people, credentials)
