"""ssa policies: list, show, publish."""

from __future__ import annotations

from pathlib import Path

import click

from ssa_engine.cli.shared import json_option, now, open_database, say_json, who
from ssa_engine.core.errors import NotFound


@click.group()
def policies() -> None:
    """Policies: standards, and the rule that turns gaps into credits."""


@policies.command("list")
@json_option
def list_versions(as_json: bool) -> None:
    """List every published version."""
    from ssa_engine.storage import policies as rows

    db, banks = open_database()
    with db.read() as connection:
        found = [
            {
                "discipline": discipline,
                "version": row.version,
                "published_at": row.published_at,
                "published_by": row.published_by,
                "reason": row.reason,
            }
            for discipline in sorted(banks.library.specs)
            for row in rows.history(connection, discipline)
        ]
    if as_json:
        say_json(found)
        return
    for one in found:
        at = f"{one['published_at']:%Y-%m-%d %H:%M}"
        click.echo(f"{one['discipline']} {one['version']:>3}  {at}  {one['published_by']}  {one['reason']}")
    if not found:
        click.echo("No policy is published yet: ssa policies publish DISCIPLINE --reason …", err=True)


@policies.command()
@click.argument("discipline")
@click.option("--version", type=int, help="Without it: the one in force.")
def show(discipline: str, version: int | None) -> None:
    """Print a policy as JSON, which is YAML too: `--policy` of `ssa score` reads it."""
    from ssa_engine.storage import policies as rows

    db, banks = open_database()
    code = banks.library.spec(discipline).discipline
    with db.read() as connection:
        found = rows.in_force(connection, code) if version is None else rows.get(connection, code, version)
    if found is None:
        raise NotFound(f"There is no such published policy for {code}. `ssa policies list` lists what there is.")
    say_json(found.policy.model_dump(mode="json", exclude_none=True))


@policies.command()
@click.argument("discipline")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--expected-version", type=int, default=0, show_default=True, help="The version in force as you saw it.")
@click.option("--reason", required=True, help="Why; it stays with the version.")
def publish(discipline: str, file: Path | None, expected_version: int, reason: str) -> None:
    """Publish the policy in FILE (YAML) as the next version.

    Without FILE: the sample policy of the content specification.
    """
    from ssa_engine.actions import policies as actions
    from ssa_engine.content.specs import read_policy

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    policy = read_policy(file) if file else spec.sample_policy
    published = actions.publish(
        db, spec, policy, expected_version=expected_version, reason=reason, who=who(), now=now()
    )
    click.echo(f"Version {published.version} of the {spec.discipline} policy is in force.")


COMMANDS = (policies,)
