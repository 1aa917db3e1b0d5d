"""ssa policies: drafts, draft, save, propose, withdraw, discard."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssa_engine.cli.shared import json_option, now, open_database, say_json, who
from ssa_engine.core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from ssa_engine.core.content_specs import ContentSpec
    from ssa_engine.core.policies import Policy
    from ssa_engine.core.policy_drafts import PolicyDraft
    from ssa_engine.storage.db import Connection, Database

policy_file = click.Path(exists=True, dir_okay=False, path_type=Path)
revision_option = click.option("--revision", type=int, required=True, help="The draft's revision as you saw it.")
effective_option = click.option(
    "--effective",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="From when on it holds (UTC). Without it: at once.",
)


def in_utc(at: dt.datetime | None) -> dt.datetime | None:
    """Return a time that was typed, as UTC."""
    return at.replace(tzinfo=dt.UTC) if at else None


def read_any(connection: Connection, spec: ContentSpec, name: str, at: dt.datetime) -> Policy:
    """Return the policy that a name means: a version's number, `draft:NUMBER`, `now`, or a file."""
    from ssa_engine.actions.drafts_as_seen import draft_of
    from ssa_engine.actions.policies import published_version
    from ssa_engine.content.specs import read_policy
    from ssa_engine.storage import policies as rows

    if name.isdecimal():
        return published_version(connection, spec, int(name)).policy
    if name.startswith("draft:") and name[6:].isdecimal():
        return draft_of(connection, spec, int(name[6:])).policy
    if name == "now":
        found = rows.in_force(connection, spec.discipline, at)
        if found is None:
            raise NotFound(f"No policy for {spec.discipline} is in force.")
        return found.policy
    if not Path(name).is_file():
        raise Invalid(f"'{name}' is no version, no draft:NUMBER, not 'now', and no file.")
    return spec.in_outline_order(read_policy(Path(name)))


@click.command("drafts")
@click.argument("discipline", required=False)
@json_option
def list_drafts(discipline: str | None, as_json: bool) -> None:
    """List the drafts, those last changed first."""
    from ssa_engine.storage import policy_drafts as rows

    db, banks = open_database()
    codes = [banks.library.spec(discipline).discipline] if discipline else sorted(banks.library.specs)
    with db.read() as connection:
        found = [draft for code in codes for draft in rows.of_discipline(connection, code)]
    if as_json:
        say_json([_row(draft) for draft in found])
        return
    for draft in found:
        click.echo(_line(draft))
    if not found:
        click.echo("There are no drafts: ssa policies draft DISCIPLINE --title …", err=True)


def _row(draft: PolicyDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__slots__ if name != "policy"}


def _line(draft: PolicyDraft) -> str:
    changed = f"revision {draft.revision}, {draft.changed_by} {draft.changed_at:%Y-%m-%d %H:%M}"
    return f"{draft.discipline} draft {draft.id}  {draft.state:<9}  {changed}  {draft.title}"


@click.command("draft")
@click.argument("discipline")
@click.option("--title", required=True, help="What it is called in the list of drafts.")
@click.option("--from", "file", type=policy_file, help="Begin with a policy file (YAML or JSON).")
@click.option("--version", type=int, help="Begin with a published version: the way to go back to it.")
@click.option("--draft", "other", type=int, help="Begin with another draft. Without any: with what is in force.")
@click.option("--rule", type=click.Choice(["raw", "augmented", "irt", "expected_loss"]), help="Set the decision rule.")
@click.option(
    "--probability",
    type=click.Choice(["beta_binomial", "augmented", "irt"]),
    help="For expected_loss: which score the probability comes from.",
)
@click.option("--loss-ratio", type=click.FloatRange(0, min_open=True), help="For expected_loss.")
@click.option("--estimate", is_flag=True, help="Estimate from the cohort anew what augmented scores borrow.")
@json_option
def create_draft(
    discipline: str,
    title: str,
    file: Path | None,
    version: int | None,
    other: int | None,
    rule: str | None,
    probability: str | None,
    loss_ratio: float | None,
    estimate: bool,
    as_json: bool,
) -> None:
    """Create a draft of a policy."""
    from ssa_engine.actions import policy_drafts as actions
    from ssa_engine.content.specs import read_policy

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    if sum(origin is not None for origin in (file, version, other)) > 1:
        raise click.UsageError("Begin with one of --from, --version and --draft.")
    policy = read_policy(file) if file else None
    changes = {"rule": rule, "probability": probability, "loss_ratio": loss_ratio}
    decision = {name: value for name, value in changes.items() if value is not None}
    if decision or estimate:
        origin = str(version) if version is not None else f"draft:{other}" if other is not None else "now"
        with db.read() as connection:
            policy = policy or read_any(connection, spec, origin, now())
        policy, version, other = _decided(db, spec, policy, decision, estimate), None, None
    draft = actions.create(db, spec, title=title, who=who(), now=now(), policy=policy, version=version, draft_id=other)
    _say(draft, as_json)


def _decided(db: Database, spec: ContentSpec, policy: Policy, decision: dict[str, Any], estimate: bool) -> Policy:
    """Return the policy with another decision rule, and the population it borrows from."""
    from pydantic import ValidationError

    from ssa_engine.actions.augmentations import estimate as estimated
    from ssa_engine.core.policies import DecisionRule, Policy

    document = policy.model_dump()
    document["decision"] = document["decision"] | decision
    try:
        rule = DecisionRule.model_validate(document["decision"])
        if estimate or (rule.model == "augmented" and policy.augmentation is None):
            document["augmentation"] = estimated(db, spec, now=now()).model_dump()
        return Policy.model_validate(document)
    except ValidationError as error:
        raise Invalid(" ".join(str(one["msg"]) for one in error.errors())) from None


def _say(draft: PolicyDraft, as_json: bool) -> None:
    if as_json:
        say_json(_row(draft))
    else:
        click.echo(_line(draft))


@click.command("save")
@click.argument("discipline")
@click.argument("draft", type=int)
@click.argument("file", type=policy_file)
@revision_option
@click.option("--title", help="A new title.")
@json_option
def save_draft(discipline: str, draft: int, file: Path, revision: int, title: str | None, as_json: bool) -> None:
    """Save the policy in FILE as the contents of an open draft."""
    from ssa_engine.actions import policy_drafts as actions
    from ssa_engine.content.specs import read_policy

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    saved = actions.save(db, spec, draft, read_policy(file), revision=revision, who=who(), now=now(), title=title)
    _say(saved, as_json)


@click.command("propose")
@click.argument("discipline")
@click.argument("draft", type=int)
@revision_option
@click.option("--reason", required=True, help="Why; whoever publishes it reads it.")
@effective_option
@json_option
def propose_draft(
    discipline: str, draft: int, revision: int, reason: str, effective: dt.datetime | None, as_json: bool
) -> None:
    """Propose an open draft for publication."""
    from ssa_engine.actions import policy_drafts as actions

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    proposed = actions.propose(
        db, spec, draft, revision=revision, reason=reason, who=who(), now=now(), effective_at=in_utc(effective)
    )
    _say(proposed, as_json)


@click.command("withdraw")
@click.argument("discipline")
@click.argument("draft", type=int)
@revision_option
@json_option
def withdraw_draft(discipline: str, draft: int, revision: int, as_json: bool) -> None:
    """Take a proposed draft back, so that it can be changed again."""
    from ssa_engine.actions import policy_drafts as actions

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    _say(actions.withdraw(db, spec, draft, revision=revision, who=who(), now=now()), as_json)


@click.command("discard")
@click.argument("discipline")
@click.argument("draft", type=int)
@revision_option
@json_option
def discard_draft(discipline: str, draft: int, revision: int, as_json: bool) -> None:
    """Discard a draft. It stays readable."""
    from ssa_engine.actions import policy_drafts as actions

    db, banks = open_database()
    spec = banks.library.spec(discipline)
    _say(actions.discard(db, spec, draft, revision=revision, who=who(), now=now()), as_json)


DRAFT_COMMANDS = (list_drafts, create_draft, save_draft, propose_draft, withdraw_draft, discard_draft)
