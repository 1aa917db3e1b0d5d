"""ssa policies: list, show, compare, publish, augmentation; and the drafts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from ssa_engine.cli.policy_drafts import DRAFT_COMMANDS, effective_option, in_utc, read_any
from ssa_engine.cli.shared import json_option, now, open_database, say_json, who
from ssa_engine.config import read_settings
from ssa_engine.core.errors import NotFound


@click.group()
def policies() -> None:
    """Policies: standards, and the rules that turn gaps into credits."""


@policies.command("list")
@json_option
def list_versions(as_json: bool) -> None:
    """List every published version, and which is in force."""
    from ssa_engine.core.policies import never_in_force
    from ssa_engine.storage import policies as rows

    db, banks = open_database()
    at, found = now(), []
    with db.read() as connection:
        for discipline in sorted(banks.library.specs):
            current = rows.in_force(connection, discipline, at)
            waiting = {one.version for one in rows.scheduled(connection, discipline, at)}
            versions = rows.history(connection, discipline)
            replaced = never_in_force(versions)
            for one in versions:
                holds = current is not None and one.version == current.version
                state = "in force" if holds else "scheduled" if one.version in waiting else "past"
                found.append(
                    {
                        "discipline": discipline,
                        "version": one.version,
                        "state": "replaced" if one.version in replaced else state,
                        "replaced_by": replaced.get(one.version),
                        "effective_at": one.effective_at,
                        "published_at": one.published_at,
                        "published_by": one.published_by,
                        "proposed_by": one.proposed_by,
                        "reason": one.reason,
                    }
                )
    if as_json:
        say_json(found)
        return
    for row in found:
        begins = f"from {row['effective_at']:%Y-%m-%d %H:%M}"
        begins = f"replaced by version {row['replaced_by']}, never in force" if row["replaced_by"] else begins
        times = f"{row['published_at']:%Y-%m-%d %H:%M}  {begins}"
        by = f"{row['published_by']}  {row['reason']}"
        click.echo(f"{row['discipline']} {row['version']:>3}  {row['state']:<9}  {times}  {by}")
    if not found:
        click.echo("No policy is published yet: ssa policies publish DISCIPLINE --reason …", err=True)


@policies.command()
@click.argument("discipline")
@click.option("--version", type=int, help="Without it: the one in force.")
@click.option("--draft", type=int, help="A draft instead.")
def show(discipline: str, version: int | None, draft: int | None) -> None:
    """Print a policy as JSON, which is YAML too: `--policy` of `ssa score` reads it."""
    from ssa_engine.actions.drafts_as_seen import draft_of
    from ssa_engine.storage import policies as rows

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    with db.read() as connection:
        if draft is not None:
            say_json(draft_of(connection, spec, draft).policy.model_dump(mode="json", exclude_none=True))
            return
        code = spec.discipline
        found = rows.in_force(connection, code, now()) if version is None else rows.get(connection, code, version)
    if found is None:
        raise NotFound(f"There is no such published policy for {code}. `ssa policies list` lists what there is.")
    say_json(found.policy.model_dump(mode="json", exclude_none=True))


@policies.command()
@click.argument("discipline")
@click.argument("before")
@click.argument("after")
@json_option
def compare(discipline: str, before: str, after: str, as_json: bool) -> None:
    """List what AFTER says differently from BEFORE.

    Each is the number of a version, `draft:NUMBER`, `now` for the version in force, or a file.
    """
    from ssa_engine.core.policy_drafts import compare as differences

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    with db.read() as connection:
        old, new = (read_any(connection, spec, one, now()) for one in (before, after))
    found = differences(old, new)
    if as_json:
        say_json([{"part": d.part, "name": d.name, "before": d.before, "after": d.after} for d in found])
        return
    for one in found:
        name = ".".join(filter(None, (one.part, one.name)))
        click.echo(f"{name}: {_plain(one.before)} → {_plain(one.after)}")
    if not found:
        click.echo("They say the same.", err=True)


def _plain(value: object) -> str:
    return "–" if value is None or value == "" else str(value)


@policies.command()
@click.argument("discipline")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--draft", type=int, help="A draft instead of FILE.")
@click.option("--revision", type=int, help="The draft's revision as you saw it.")
@click.option("--expected-version", type=int, default=0, show_default=True, help="The latest version as you saw it.")
@click.option("--reason", required=True, help="Why; it stays with the version.")
@effective_option
@click.option("--replace-scheduled", is_flag=True, help="Begin before a version that waits; it never will then.")
def publish(
    discipline: str,
    file: Path | None,
    draft: int | None,
    revision: int | None,
    expected_version: int,
    reason: str,
    effective: dt.datetime | None,
    replace_scheduled: bool,
) -> None:
    """Publish the policy in FILE (YAML), or a draft, as the next version.

    Without either: the sample policy of the content specification.
    """
    from ssa_engine.actions import policies as actions
    from ssa_engine.actions import policy_drafts
    from ssa_engine.content.specs import read_policy

    if draft is not None and (file is not None or revision is None):
        raise click.UsageError("A draft is published with --draft and --revision, and without FILE.")
    db, banks = open_database()
    spec, at = banks.library.spec(discipline), now()
    how: dict[str, Any] = {
        "expected_version": expected_version,
        "reason": reason,
        "who": who(),
        "now": at,
        "effective_at": in_utc(effective),
        "banks": banks,
        "second_person": read_settings().policy_second_person,
        "replace_scheduled": replace_scheduled,
    }
    if draft is not None and revision is not None:
        published = policy_drafts.publish(db, spec, draft, revision=revision, **how)
    else:
        published = actions.publish(db, spec, read_policy(file) if file else spec.sample_policy, **how)
    begins = how["effective_at"]
    told = "is in force" if begins is None or begins <= at else f"comes into force on {begins:%Y-%m-%d %H:%M} UTC"
    click.echo(f"Version {published.version} of the {spec.discipline} policy {told}.")


@policies.command()
@click.argument("discipline")
def augmentation(discipline: str) -> None:
    """Estimate from the cohort what augmented scores borrow, and print it as JSON for a policy file."""
    from ssa_engine.actions.augmentations import estimate

    db, banks = open_database()
    found = estimate(db, banks.library.spec(discipline), now=now())
    say_json({"augmentation": found.model_dump(mode="json")})


for _command in DRAFT_COMMANDS:
    policies.add_command(_command)

COMMANDS = (policies,)
