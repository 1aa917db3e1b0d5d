"""Sections of the technical report on decisions: how sure they are, the credits that follow, and groups."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.decisions.area_groups import area_groups
from ssa_engine.core.psychometrics.decisions.classification import BETA_BINOMIAL
from ssa_engine.core.psychometrics.decisions.decision_tables import area_table
from ssa_engine.core.psychometrics.decisions.profile_tables import profile_table
from ssa_engine.core.report_data import ReportData
from ssa_engine.core.report_items import NO_SCORES
from ssa_engine.core.technical_report import Block, Column, Figure, Row, Section, Table, few, histogram_bins

REPLICATIONS, SEED = 200, 0
"""Of the bootstrap."""
QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}


def decisions(data: ReportData) -> Section:
    """Say how accurate and how consistent decisions are at the standards in force."""
    title = "Accuracy and consistency of decisions"
    if not len(data.scored):
        return Section("decisions", title, (NO_SCORES,))
    if data.in_force is None or set(data.scored["content_area"]) - set(data.standards):
        said = "There is not a standard in force for every area, so no decisions are judged."
        return Section("decisions", title, (said,))
    if data.scored["attempt_id"].nunique() < data.minimum:
        return Section("decisions", title, (f"Fewer than {data.minimum} assessments, so nothing is shown.",))
    groups = area_groups(data.scored)
    found = area_table(groups, data.standards, replications=REPLICATIONS, seed=SEED)
    table = data.in_outline_order(found[found["method"] == BETA_BINOMIAL])
    drawn = tuple(
        Row(str(row["area"]), float(row["accuracy"]), mark=float(row["consistency"]))
        for row in table[table["accuracy"].notna()].to_dict("records")
    )
    said = (
        "Accuracy is the probability that the decision agrees with the one that the true score would give; consistency "
        "that a second form would decide alike. Needless CE: prescribed though the true score meets the "
        f"standard; missed need: not prescribed though it does not; with 95 % intervals from {REPLICATIONS} bootstrap "
        "samples. Decisions are taken as made by the observed score."
    )
    blocks: list[Block] = [said, *_decision_tables(table, data)]
    if drawn:
        alt = " ".join(f"{row.name}: accuracy {row.value:.2f}, consistency {row.mark:.2f}." for row in drawn)
        blocks.append(
            Figure(
                id="accuracy",
                caption="Accuracy of decisions, with consistency marked",
                alt=alt,
                kind="bars",
                x="Probability",
                rows=drawn,
                span=(0.0, 1.0),
                mark="consistency",
            )
        )
    return Section("decisions", title, tuple(blocks))


def _decision_tables(table: pd.DataFrame, data: ReportData) -> list[Table]:
    """Return the table of agreement, and that of the two errors."""
    head = (Column("area", "Content area"), Column("attempts", "Assessments", "count"))
    version = data.in_force.version if data.in_force else 0
    agreement = Table(
        id="decisions",
        caption=f"Decisions at the standards of version {version}, by the beta-binomial model",
        columns=(
            *head,
            Column("standard", "Standard", "number", 4),
            Column("below_share", "Below", "share"),
            Column("accuracy", "Accuracy", "number", 3),
            Column("consistency", "Consistency", "number", 3),
            Column("kappa", "Kappa", "number"),
        ),
        rows=table,
        hidden=few(table["attempts"], data.minimum),
    )
    errors = Table(
        id="decision-errors",
        caption="Needless CE and missed need, shares of all candidates",
        columns=(
            *head,
            Column("needless_ce", "Needless CE", "share"),
            Column("needless_ce_low", "Low", "share"),
            Column("needless_ce_high", "High", "share"),
            Column("missed_need", "Missed need", "share"),
            Column("missed_need_low", "Low", "share"),
            Column("missed_need_high", "High", "share"),
        ),
        rows=table,
        hidden=few(table["attempts"], data.minimum),
        note=" ".join(dict.fromkeys(str(note) for note in table["note"] if note)),
    )
    return [agreement, errors]


def credits(data: ReportData) -> Section:
    """Say what was prescribed in the period, and how far it would differ on a retest."""
    title = "Credits prescribed"
    scores = data.scores
    if not len(scores):
        return Section("credits", title, ("Nothing was scored in this period, so nothing was prescribed.",))
    totals = scores.groupby("attempt_id")["credits"].sum()
    if len(totals) < data.minimum:
        return Section("credits", title, (f"Fewer than {data.minimum} assessments, so nothing is shown.",))
    spread = totals.quantile(list(QUANTILES.values()))
    said = (
        f"{int((totals > 0).sum())} of {len(totals)} candidates were prescribed continuing education; the mean total "
        f"is {totals.mean():.2f} credits, the SD {totals.std(ddof=1):.2f}. Quantiles of the total: "
        + ", ".join(f"{100 * at:.0f} % {value:.1f}" for at, value in zip(QUANTILES.values(), spread, strict=True))
        + "."
    )
    return Section("credits", title, (said, _credit_table(data, totals), _credit_figure(totals)))


def _credit_table(data: ReportData, totals: pd.Series) -> Table:
    grouped = data.scores.groupby("content_area")
    table = pd.DataFrame(
        {
            "n": grouped.size(),
            "prescribed": grouped["credits"].agg(lambda values: int((values > 0).sum())),
            "mean": grouped["credits"].mean(),
        }
    ).reset_index()
    table["share"] = table["prescribed"] / table["n"]
    table["retest_sd"] = np.nan
    table = data.in_outline_order(table)
    all_areas = {
        "area": "All areas",
        "n": len(totals),
        "prescribed": int((totals > 0).sum()),
        "share": float((totals > 0).mean()),
        "mean": float(totals.mean()),
    }
    note = "Retest SD: of one candidate’s credits over repeated assessments, by the policy at the end of the period."
    retest = _retest(data)
    table["retest_sd"] = table["content_area"].map(retest)
    all_areas["retest_sd"] = retest.get("all areas", np.nan)
    table = pd.concat([table, pd.DataFrame([all_areas])], ignore_index=True)
    return Table(
        id="credits",
        caption="Credits prescribed by content area",
        columns=(
            Column("area", "Content area"),
            Column("n", "Candidates", "count"),
            Column("prescribed", "Prescribed", "count"),
            Column("share", "Share", "share", 2),
            Column("mean", "Mean credits", "number"),
            Column("retest_sd", "Retest SD", "number"),
        ),
        rows=table,
        hidden=few(table["n"], data.minimum),
        note=note,
    )


def _retest(data: ReportData) -> dict[str, float]:
    """Return the retest SD of each area and of the total; nothing where it cannot be known."""
    found = data.in_force
    if found is None or not len(data.scored) or set(data.scored["content_area"]) - set(data.standards):
        return {}
    try:
        table = profile_table(area_groups(data.scored), data.standards, rule=found.policy.credits, seed=SEED)
    except Invalid:
        return {}
    return dict(zip(table["content_area"].astype(str), table["retest_sd"].astype(float), strict=True))


def _credit_figure(totals: pd.Series) -> Figure:
    step = next(size for size in (1, 2, 3, 5, 10, 20, 50, 100, 1e6) if totals.max() / size <= 14)
    edges = np.arange(0, max(totals.max(), step) + step + 1e-9, step)
    bins = histogram_bins(totals.tolist(), edges.tolist())
    return Figure(
        id="total-credits",
        caption="Total credits prescribed to a candidate",
        alt=f"Histogram of {len(totals)} candidates: "
        + "; ".join(f"{low:g} to below {high:g} credits, {count}" for low, high, count in bins if count)
        + ".",
        kind="histogram",
        x="Credits",
        y="Candidates",
        bins=bins,
    )
