"""ssa score, ssa simulate: batches without a database."""

from __future__ import annotations

from pathlib import Path

import click

from ssa_engine.cli.shared import library_of, now, out_option
from ssa_engine.config import read_settings


@click.command()
@click.argument("responses", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--discipline", required=True, help="Whose item bank and standards.")
@click.option(
    "--policy", "policy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy as YAML. Without it: the sample policy of the content specification.",
)  # fmt: skip
@out_option
def score(responses: Path, discipline: str, policy_file: Path | None, out: Path) -> None:
    """Score a file of responses (CSV or Parquet) into area_scores.csv and prescriptions.csv.

    The smallest input is attempt_id,item_id,answer with one row for every item of every attempt.
    """
    from ssa_engine.actions.exports import score_batch
    from ssa_engine.content.specs import read_policy
    from ssa_engine.exchange.data_package import package_files, write_files
    from ssa_engine.exchange.response_files import read_responses

    bank = library_of(read_settings()).bank(discipline)
    policy = read_policy(policy_file) if policy_file else bank.spec.sample_policy
    at = now()
    read = read_responses(responses)
    frames = score_batch(read, bank, policy, None, at)
    write_files(out, package_files(frames, at))
    attempts = frames["area_scores"]["attempt_id"].nunique()
    click.echo(f"{attempts} attempts scored, {frames['prescriptions']['attempt_id'].nunique()} prescriptions: {out}")
    left_out = read["attempt_id"].nunique() - attempts
    if left_out:
        click.echo(f"{left_out} attempts of other disciplines or still under way were left out.", err=True)


@click.command()
@click.argument("discipline")
@click.option("--candidates", required=True, type=click.IntRange(1, 10_000_000), help="How many.")
@click.option("--seed", required=True, type=click.IntRange(0), help="The same seed gives the same responses.")
@click.option("--forms", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many forms to share.")
@click.option("--format", "kind", default="csv", show_default=True, type=click.Choice(["csv", "parquet"]))
@out_option
def simulate(discipline: str, candidates: int, seed: int, forms: int, kind: str, out: Path) -> None:
    """Simulate candidates with correlated area abilities and 2PL responses.

    Writes responses.csv (or .parquet), item_parameters.csv, the parameters they were drawn with, and true_scores.csv,
    each candidate's expected proportion correct in each area: what ssa decisions takes as --truth.
    """
    from ssa_engine.core.form_assembly import draw_form
    from ssa_engine.core.marking import key_table, mark
    from ssa_engine.core.psychometrics.simulate import generating_parameters, simulate_responses, true_scores
    from ssa_engine.exchange.response_files import write_table

    bank = library_of(read_settings()).bank(discipline)
    drawn = [draw_form(bank, seed * 1_000_003 + index) for index in range(min(forms, candidates))]
    frame = simulate_responses(bank, drawn, candidates, seed)
    truth = true_scores(frame)
    frame = frame.drop(columns="probability")
    frame["form_id"] = frame.pop("form_index") + 1
    frame["correct"] = mark(frame, key_table(bank))["correct"].to_numpy(dtype=bool)
    write_table(frame, out / f"responses.{kind}")
    write_table(truth, out / "true_scores.csv")
    write_table(generating_parameters(bank, seed).reset_index(), out / "item_parameters.csv")
    click.echo(f"{candidates} candidates, {len(frame)} responses: {out / f'responses.{kind}'}")


COMMANDS = (score, simulate)
