"""ssa impact: what a policy would do before anyone sits it."""

from __future__ import annotations

from pathlib import Path

import click

from ssa_engine.cli.shared import library_of, out_option
from ssa_engine.config import read_settings


@click.command()
@click.argument("discipline")
@click.option(
    "--policy", "policy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy as YAML. Without it: the sample policy of the content specification.",
)  # fmt: skip
@click.option("--candidates", required=True, type=click.IntRange(2, 1_000_000), help="In each replication.")
@click.option("--replications", required=True, type=click.IntRange(1, 100_000), help="How often to simulate them anew.")
@click.option("--seed", required=True, type=click.IntRange(0), help="The same seed gives the same result.")
@click.option("--forms", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many forms to share.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 256), help="To work in at once.")
@out_option
def impact(
    discipline: str,
    policy_file: Path | None,
    candidates: int,
    replications: int,
    seed: int,
    forms: int,
    processes: int,
    out: Path,
) -> None:
    """Simulate what a policy would do, with the Monte Carlo error of every figure.

    Writes impact_areas.csv (content_area,measure,value,mc_se,note) and impact_total.csv (the same without area).
    """
    from ssa_engine.content.specs import read_policy
    from ssa_engine.core.form_assembly import draw_form
    from ssa_engine.core.psychometrics.impact import simulate_impact
    from ssa_engine.exchange.response_files import write_table

    bank = library_of(read_settings()).bank(discipline)
    policy = bank.spec.in_outline_order(read_policy(policy_file) if policy_file else bank.spec.sample_policy)
    drawn = [draw_form(bank, seed * 1_000_003 + index) for index in range(forms)]
    found = simulate_impact(
        bank,
        drawn,
        policy,
        candidates=candidates,
        replications=replications,
        seed=seed,
        processes=processes,
    )
    write_table(found.areas, out / "impact_areas.csv")
    write_table(found.total, out / "impact_total.csv")
    total = found.total.set_index("measure")["value"]
    click.echo(
        f"{replications} × {candidates} candidates: on average {total['mean_credits']:.2f} credits, "
        f"{total['mean_areas_needless']:.2f} areas prescribed without need and {total['mean_areas_missed']:.2f} missed."
    )
    click.echo(f"Written to {out}")


COMMANDS = (impact,)
