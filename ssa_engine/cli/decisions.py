"""ssa decisions: what a set of standards does to a file of responses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssa_engine.cli.shared import out_option
from ssa_engine.cli.standards import by_area, policy_option, standards_of, standards_option

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from ssa_engine.core.policies import CreditRule, DecisionRule, Policy

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=READABLE)
@standards_option
@policy_option
@click.option("--credits", "credits_file", type=READABLE, help="Policy as YAML: its credit rule alone.")
@click.option(
    "--items", "items_file", type=READABLE,
    help="Item parameters (item_id,a,b): adds Lee's, Rudner's, and true scores by item response theory.",
)  # fmt: skip
@click.option("--cut-se", multiple=True, help="AREA=SE or SE: standard error of a standard, a proportion.")
@click.option(
    "--loss-ratio", type=click.FloatRange(min=0, min_open=True),
    help="How many times as bad a missed need is as needless CE, where the policy has no decision rule.",
)  # fmt: skip
@click.option(
    "--truth", "truth_file", type=READABLE,
    help="True scores of simulated sittings (attempt_id,content_area,true_score; proportions) to hold losses against.",
)  # fmt: skip
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of bootstrap, profiles and halves.")
@click.option(
    "--replications", default=1000, show_default=True, type=click.IntRange(1, 100_000), help="Bootstrap samples."
)
@out_option
def decisions(
    files: tuple[Path, ...],
    standards: tuple[str, ...],
    policy_file: Path | None,
    credits_file: Path | None,
    items_file: Path | None,
    cut_se: tuple[str, ...],
    loss_ratio: float | None,
    truth_file: Path | None,
    seed: int,
    replications: int,
    out: Path,
) -> None:
    """Say how often decisions at a cut are right, what they cost, and how often a retest would repeat them.

    FILES are marked responses (CSV or Parquet): attempt_id, item_id, correct, content_area. Writes areas.csv,
    sweep.csv, profile.csv, decisions.csv, subscores.csv, true_scores.csv, losses.csv, calibration.csv and
    calibration.svg.
    """
    from ssa_engine.content.specs import read_policy
    from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
    from ssa_engine.core.psychometrics.decisions.decision_tables import area_table, sweep_table
    from ssa_engine.core.psychometrics.decisions.profile_tables import decision_table, profile_table
    from ssa_engine.core.psychometrics.subscores.subscore_tables import subscore_table, true_score_table
    from ssa_engine.exchange.response_files import read_item_parameters, read_marked_together

    policy = read_policy(policy_file) if policy_file else None
    rule, credit_rule = _rules(policy, read_policy(credits_file) if credits_file else None, loss_ratio)
    marked = read_marked_together(files, "content_area")
    groups = area_groups(marked)
    cuts = standards_of(standards, policy, groups)
    errors = by_area(cut_se, groups, "--cut-se")
    items = read_item_parameters(items_file) if items_file else None
    tables = {"subscores": subscore_table(marked), "true_scores": true_score_table(marked, cuts, items=items)}
    tables |= _losses(marked, cuts, items, tables["true_scores"], rule, truth_file, seed)
    tables |= {
        "areas": area_table(groups, cuts, items=items, replications=replications, seed=seed),
        "sweep": sweep_table(groups),
        "profile": profile_table(groups, cuts, rule=credit_rule, standard_errors=errors, seed=seed),
        "decisions": decision_table(groups, cuts, rule=rule),
    }
    _write(tables, out)
    click.echo(_said(tables["areas"], tables["profile"]))
    click.echo(_said_of_losses(tables["losses"]))
    click.echo(f"{', '.join(f'{name}.csv' for name in sorted(tables))}, calibration.svg: {out}")


def _write(tables: dict[str, pd.DataFrame], out: Path) -> None:
    from ssa_engine.exchange.calibration_chart import calibration_chart
    from ssa_engine.exchange.response_files import write_table

    for name, table in tables.items():
        write_table(table, out / f"{name}.csv")
    (out / "calibration.svg").write_text(calibration_chart(tables["calibration"]), encoding="utf-8")


def _rules(
    policy: Policy | None, credits: Policy | None, loss_ratio: float | None
) -> tuple[DecisionRule, CreditRule | None]:
    """Return what decides and what gives credits; a policy's own decision rule and --loss-ratio exclude each other."""
    from ssa_engine.core.errors import Invalid
    from ssa_engine.core.policies import DecisionRule

    if loss_ratio is not None and not math.isfinite(loss_ratio):
        raise Invalid(f"--loss-ratio {loss_ratio} is no number to weigh with. Give one above 0, such as 2.")
    chosen = credits or policy
    own = policy.decision if policy and "decision" in policy.model_fields_set else None
    if own and loss_ratio is not None:
        raise Invalid(
            f"The policy has a decision rule of its own ({own.rule}, loss_ratio {own.loss_ratio:g}), so --loss-ratio "
            f"{loss_ratio:g} has no say. Leave it out, or give the policy's file to --standards and --credits."
        )
    if own is None:
        own = DecisionRule(rule="expected_loss", loss_ratio=loss_ratio) if loss_ratio is not None else DecisionRule()
    return own, chosen.credits if chosen else None


def _losses(
    marked: pd.DataFrame,
    cuts: dict[str, float],
    items: pd.DataFrame | None,
    found: pd.DataFrame,
    rule: DecisionRule,
    truth_file: Path | None,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return the losses and the calibration: against the true scores, or else against held-out halves."""
    import pandas as pd

    from ssa_engine.core.psychometrics.subscores import loss_tables
    from ssa_engine.core.psychometrics.subscores.held_out import held_out_halves

    if truth_file:
        predictions, convention = found, loss_tables.TRUE
        happened = _truth(truth_file, found) < found["standard"].to_numpy()
    else:
        predictions, convention = held_out_halves(marked, cuts, items=items, seed=seed), loss_tables.HELD_OUT
        happened = predictions["happened"].to_numpy(dtype=bool)
    expected = loss_tables.loss_table(found, rule)
    counted = loss_tables.loss_table(predictions, rule, happened=happened, convention=convention)
    rows = [*expected.to_dict("records"), *counted.to_dict("records")]
    return {
        "losses": pd.DataFrame(rows, columns=expected.columns),
        "calibration": loss_tables.calibration_table(predictions, happened, convention),
    }


def _truth(path: Path, found: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the true score of each row of `found`."""
    import pandas as pd

    from ssa_engine.core.errors import Invalid
    from ssa_engine.exchange.decision_files import read_true_scores

    wanted = pd.MultiIndex.from_arrays([found["attempt_id"].astype(str), found["content_area"].astype(str)])
    known = read_true_scores(path).reindex(wanted)
    if known.isna().any():
        attempt, area = wanted[known.isna()][0]
        raise Invalid(f"{path}: has no true score of attempt '{attempt}' in '{area}'. Give one for each of its areas.")
    return known.to_numpy(dtype=float)


def _said(areas: pd.DataFrame, profile: pd.DataFrame) -> str:
    """Say in one line what was found."""
    from ssa_engine.core.psychometrics.decisions.classification import BETA_BINOMIAL

    plain = areas[areas["method"] == BETA_BINOMIAL]
    known = plain["accuracy"].notna()
    if not known.any():
        return f"{len(plain)} areas, and too few attempts or items to say how good decisions are."
    right, again = plain["accuracy"].mean(), plain["consistency"].mean()
    same = profile["consistency"].iloc[-1]
    return (
        f"{known.sum()} of {len(plain)} areas: {right:.1%} of area decisions are right, {again:.1%} would be the same "
        f"on a retest (beta-binomial); all areas the same for {same:.1%}."
    )


def _said_of_losses(losses: pd.DataFrame) -> str:
    """Say in one line what the scores lose, by what happened."""
    counted = losses[losses["convention"] == losses["convention"].iloc[-1]]
    known = counted[counted["n"] > 0]
    if known.empty:
        return f"No losses: {counted['note'].iloc[0]}"
    told = ", ".join(f"{score} {loss:.3f}" for score, loss in zip(known["score"], known["loss"], strict=True))
    return f"Mean loss at ratio {known['loss_ratio'].iloc[0]:g} ({known['convention'].iloc[0]}): {told}."


COMMANDS = (decisions,)
