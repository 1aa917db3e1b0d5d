"""ssa forms: assemble, fix."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ssa_engine.cli.shared import json_option, library_of, now, open_database, say_json, who
from ssa_engine.config import read_settings
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank

if TYPE_CHECKING:
    from ssa_engine.core.assembly_forms import AssembledForm, AssembledForms

Needed = dict[str, tuple[int, int]]


@click.group()
def forms() -> None:
    """Forms."""


@forms.command()
@click.argument("discipline")
@click.option("--seed", required=True, type=int, help="The same seed draws the same forms.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 100_000), help="How many forms.")
@click.option("--optimal", is_flag=True, help="Near the most information at the standards, another form for each seed.")
@click.option("--parallel", type=click.IntRange(1, 50), help="So many parallel forms, made together.")
@click.option("--most-shared", type=click.IntRange(0), help="With --parallel: two forms share at most so many items.")
@click.option(
    "--most-exposure", type=click.FloatRange(0, 1, min_open=True),
    help="With --optimal: an item stands on at most this share of the forms.",
)  # fmt: skip
@click.option(
    "--exposure-penalty", type=click.FloatRange(0),
    help="With --optimal: what forms pay for items of forms before them; 0.5 without it.",
)  # fmt: skip
@click.option(
    "--policy", "policy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy as YAML, for its standards. Without it: the sample policy of the content specification.",
)  # fmt: skip
@click.option("--gap", type=click.FloatRange(0), help="Relative gap to the bound at which a search stops; 0 is proof.")
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), help="Seconds each search may take.")
@json_option
def assemble(discipline: str, seed: int, count: int, as_json: bool, **chosen: Any) -> None:
    """Draw forms and say how they meet the blueprint.

    By chance; or by an optimiser with --optimal or --parallel, and then also how far from the best they are.
    """
    _require_fitting(chosen)
    bank = library_of(read_settings()).bank(discipline)
    needed = {area: (counts.scored, counts.pilot) for area, counts in bank.spec.blueprint.areas.items()}
    if chosen["optimal"] or chosen["parallel"]:
        made = _assembled(bank, seed, count, chosen)
        if as_json:
            say_json(_assembly_as_json(made, needed))
        else:
            _say_assembly(made, needed)
        return
    drawn = [draw_form(bank, seed + index) for index in range(count)]
    if as_json:
        say_json([_as_json(form, needed) for form in drawn])
        return
    for form in drawn:
        _say_form(form, needed, {})
    exposure = Counter(item.item_id for form in drawn for item in form.items)
    click.echo(f"{len(exposure)} of {len(bank.items)} items used; the most used one on {max(exposure.values())} forms.")


@forms.command()
@click.argument("discipline")
@json_option
def fix(discipline: str, as_json: bool) -> None:
    """Draw and store the fixed forms that the blueprint asks for, so that no candidate waits for them.

    Repeated it changes nothing. Without it they are drawn when the first candidate starts.
    """
    from ssa_engine.actions.forms import fix_forms

    db, banks = open_database()
    bank = banks.library.bank(discipline)
    fixed = fix_forms(db, banks, bank, who=who(), now=now())
    if as_json:
        needed = {area: (counts.scored, counts.pilot) for area, counts in bank.spec.blueprint.areas.items()}
        say_json([_as_json(form, needed) for form in fixed])
        return
    click.echo(f"{len(fixed)} fixed forms of {bank.discipline}, bank {bank.version}.")


def _require_fitting(chosen: Mapping[str, Any]) -> None:
    """Refuse options of one way of assembly that are given for another."""
    given = {name for name, value in chosen.items() if value is not None and value is not False}
    if {"optimal", "parallel"} <= given:
        raise click.UsageError("--optimal and --parallel are two ways of assembly; give one of them.")
    if "parallel" in given and click.get_current_context().get_parameter_source("count") is not (
        click.core.ParameterSource.DEFAULT
    ):
        raise click.UsageError("--parallel says how many forms there are; leave out --count.")
    ways = {
        "most_shared": {"parallel"},
        "most_exposure": {"optimal"},
        "exposure_penalty": {"optimal"},
        **{name: {"optimal", "parallel"} for name in ("policy_file", "gap", "time_limit")},
    }
    for name, needs in ways.items():
        if name in given and not needs & given:
            option = "--policy" if name == "policy_file" else f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} goes with {' or '.join(f'--{way}' for way in sorted(needs))}.")


def _assembled(bank: ItemBank, seed: int, count: int, chosen: Mapping[str, Any]) -> AssembledForms:
    """Assemble forms by the optimiser as the options say."""
    from ssa_engine.content.specs import read_policy
    from ssa_engine.core import assembly_forms as core
    from ssa_engine.core.assembly_constraints import Stop

    usual = core.CANDIDATE_STOP if chosen["optimal"] else core.PARALLEL_STOP
    gap, limit = chosen["gap"], chosen["time_limit"]
    stop = Stop(usual.relative_gap if gap is None else gap, time_limit=limit or usual.time_limit)
    policy = bank.spec.in_outline_order(read_policy(chosen["policy_file"])) if chosen["policy_file"] else None
    plan = core.plan_of(bank, policy.standards if policy else None)
    if chosen["parallel"]:
        return core.assemble_parallel(plan, seed, chosen["parallel"], most_shared=chosen["most_shared"], stop=stop)
    penalty = core.PENALTY if chosen["exposure_penalty"] is None else chosen["exposure_penalty"]
    hidden = count == 1 or not sys.stderr.isatty()
    with click.progressbar(range(seed, seed + count), hidden=hidden, file=sys.stderr, label="Forms") as seeds:
        return core.assemble_for_candidates(
            plan, seeds, count, penalty=penalty, most_exposure=chosen["most_exposure"] or 1.0, stop=stop
        )


def _say_assembly(made: AssembledForms, needed: Needed) -> None:
    """Print each form, what it gives, and what all of them share."""
    for one in made.forms:
        _say_form(one.form, needed, one.shares)
        gap = made.gap(one)
        if gap is not None:
            click.echo(f"  {one.objective:.4f} of what is attainable at the standards; {gap:.2%} to the best bound")
    for note in _notes(made):
        click.echo(note)
    used, of = made.exposure, len(made.plan.items)
    click.echo(f"{len(used)} of {of} items used; the most used one on {max(used.values())} forms.")
    if len(made.forms) > 1:
        mean, most = made.shared
        click.echo(f"Two forms have {mean:.0%} of their items in common on average, and at most {most} items.")


def _notes(made: AssembledForms) -> list[str]:
    """Say what is known of the optimum, and what was missing."""
    search = f"Best form: {made.search.sentence}" if len(made.search.forms) == 1 else made.search.sentence
    spread = "" if made.topics_spread else "Topics could not be spread evenly; their numbers are free."
    return [note for note in (search if made.best_bound is not None else "", made.plan.aim.sentence, spread) if note]


def _assembly_as_json(made: AssembledForms, needed: Needed) -> dict[str, object]:
    search, bound, used, shared = made.search, made.best_bound, made.exposure, made.shared
    return {
        "discipline": made.plan.bank.discipline,
        "bank_version": made.plan.bank.version,
        "notes": _notes(made),
        "search": None
        if bound is None
        else {
            "objective": search.objective,
            "best_bound": bound,
            "gap": search.gap,
            "status": search.status,
            "proved": search.proved,
        },
        "thetas": dict(made.plan.aim.thetas),
        "overlap": {"mean_share": shared[0], "most_items": shared[1]},
        "exposure": {"items": len(made.plan.items), "items_used": len(used), "most_forms": max(used.values())},
        "forms": [_as_json(one.form, needed) | _worth_as_json(made, one) for one in made.forms],
    }


def _worth_as_json(made: AssembledForms, one: AssembledForm) -> dict[str, object]:
    return {"objective": one.objective, "gap": made.gap(one), "status": one.status, "shares": dict(one.shares)}


def _say_form(form: Form, needed: Needed, shares: Mapping[str, float]) -> None:
    click.echo(f"Form of seed {form.seed}: {len(form.items)} items, bank {form.bank_version}")
    for area, (scored, pilot) in _counts(form).items():
        share = f"  {shares[area]:.1%} of its information" if area in shares else ""
        click.echo(f"  {scored:>3} of {needed[area][0]} scored, {pilot} of {needed[area][1]} pilot  {area}{share}")


def _counts(form: Form) -> Needed:
    found: Needed = {}
    for item in sorted(form.items, key=lambda item: item.content_area):
        scored, pilot = found.get(item.content_area, (0, 0))
        found[item.content_area] = (scored + item.scored, pilot + (not item.scored))
    return found


def _as_json(form: Form, needed: Needed) -> dict[str, object]:
    return {
        "discipline": form.discipline,
        "bank_version": form.bank_version,
        "seed": form.seed,
        "meets_blueprint": _counts(form) == needed,
        "items": [
            {
                "position": item.position,
                "item_id": item.item_id,
                "content_area": item.content_area,
                "scored": item.scored,
                "options": list(item.options),
            }
            for item in form.items
        ],
    }


COMMANDS = (forms,)
