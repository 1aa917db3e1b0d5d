"""ssa forms: assemble."""

from __future__ import annotations

from collections import Counter

import click

from ssa_engine.cli.shared import json_option, library_of, say_json
from ssa_engine.config import read_settings
from ssa_engine.core.form_assembly import Form, draw_form


@click.group()
def forms() -> None:
    """Forms."""


@forms.command()
@click.argument("discipline")
@click.option("--seed", required=True, type=int, help="The same seed draws the same forms.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 100_000), help="How many forms.")
@json_option
def assemble(discipline: str, seed: int, count: int, as_json: bool) -> None:
    """Draw forms and say how they meet the blueprint."""
    bank = library_of(read_settings()).bank(discipline)
    drawn = [draw_form(bank, seed + index) for index in range(count)]
    needed = {area: (counts.scored, counts.pilot) for area, counts in bank.spec.blueprint.areas.items()}
    if as_json:
        say_json([_as_json(form, needed) for form in drawn])
        return
    for form in drawn:
        click.echo(f"Form of seed {form.seed}: {len(form.items)} items, bank {form.bank_version}")
        for area, (scored, pilot) in _counts(form).items():
            click.echo(f"  {scored:>3} of {needed[area][0]} scored, {pilot} of {needed[area][1]} pilot  {area}")
    exposure = Counter(item.item_id for form in drawn for item in form.items)
    click.echo(f"{len(exposure)} of {len(bank.items)} items used; the most used one on {max(exposure.values())} forms.")


def _counts(form: Form) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for item in sorted(form.items, key=lambda item: item.content_area):
        scored, pilot = found.get(item.content_area, (0, 0))
        found[item.content_area] = (scored + item.scored, pilot + (not item.scored))
    return found


def _as_json(form: Form, needed: dict[str, tuple[int, int]]) -> dict[str, object]:
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
