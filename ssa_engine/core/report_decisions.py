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
from ssa_engine.core.report_small_cells import bins_in_words, joined_bins, small_parts, tails_shown, tells
from ssa_engine.core.technical_report import Block, Column, Figure, Row, Section, Table, few

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
    if data.candidates(data.scored).nunique() < data.minimum:
        return Section("decisions", title, (f"Fewer than {data.minimum} people, so nothing is shown.",))
    groups = area_groups(data.scored)
    found = area_table(groups, data.standards, replications=REPLICATIONS, seed=SEED, by=(BETA_BINOMIAL,))
    table = data.in_outline_order(found)
    people = table["content_area"].astype(str).map(data.people_of(data.scored, "content_area"))
    hidden = few(people, data.minimum)
    drawn = tuple(
        Row(str(row["area"]), float(row["accuracy"]), mark=float(row["consistency"]))
        for row in table[table["accuracy"].notna() & (hidden == "")].to_dict("records")
    )
    said = (
        "Accuracy is the probability that the decision agrees with the one that the true score would give; consistency "
        "that a second form would decide alike. Needless CE: prescribed though the true score meets the "
        f"standard; missed need: not prescribed though it does not; with 95 % intervals from {REPLICATIONS} bootstrap "
        f"samples. Decisions are taken {_by_raw_score(data)}."
    )
    blocks: list[Block] = [said, *_decision_tables(table, data, hidden)]
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


def _by_raw_score(data: ReportData) -> str:
    """Say that decisions are those of the raw score, and that the policy decides otherwise where it does."""
    rule = data.in_force.policy.decision.rule if data.in_force else "raw"
    if rule == "raw":
        return "as made by the observed score"
    return f"as if made by the raw score, though the policy decides by its rule “{rule.replace('_', ' ')}”"


def _as_if(data: ReportData) -> str:
    rule = data.in_force.policy.decision.rule if data.in_force else "raw"
    return "" if rule == "raw" else ", as if decided by the raw score"


def _decision_tables(table: pd.DataFrame, data: ReportData, hidden: pd.Series) -> list[Table]:
    """Return the table of agreement, and that of the two errors."""
    as_if = _as_if(data)
    below = data.scores.assign(below=data.scores["score"] < data.scores["content_area"].astype(str).map(data.standards))
    parts = small_parts(data.candidates(below), below["below"], below["content_area"])
    small = table["content_area"].astype(str).map(tells(parts, data.minimum)).fillna(False).astype(bool)
    table = table.assign(below_share=table["below_share"].mask(small))
    head = (Column("area", "Content area"), Column("attempts", "Assessments", "count"))
    version = data.in_force.version if data.in_force else 0
    agreement = Table(
        id="decisions",
        caption=f"Decisions at the standards of version {version}, by the beta-binomial model{as_if}",
        columns=(
            *head,
            Column("standard", "Standard", "number", 4),
            Column("below_share", "Below", "share"),
            Column("accuracy", "Accuracy", "number", 3),
            Column("consistency", "Consistency", "number", 3),
            Column("kappa", "Kappa", "number"),
        ),
        rows=table,
        hidden=hidden,
        note=f"Below: a dash where fewer than {data.minimum} people were below the standard, or were not.",
    )
    errors = Table(
        id="decision-errors",
        caption=f"Needless CE and missed need, shares of all assessments{as_if}",
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
        hidden=hidden,
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
    people = data.candidates(totals.reset_index()).set_axis(totals.index)
    if people.nunique() < data.minimum:
        return Section("credits", title, (f"Fewer than {data.minimum} people, so nothing is shown.",))
    return Section(
        "credits",
        title,
        (
            _credits_in_words(data, totals, people),
            _credit_table(data, totals, people),
            *_credit_figure(totals, people, data.minimum),
        ),
    )


def _credits_in_words(data: ReportData, totals: pd.Series, people: pd.Series) -> str:
    """Say how many assessments led to a prescription and how large it was, as far as that tells of nobody."""
    parts = _of_all(totals, people)
    said = f"Continuing education was prescribed after {int((totals > 0).sum())} of {len(totals)} assessments"
    if tells(parts, data.minimum).any():
        said = (
            f"After how many of the {len(totals)} assessments continuing education was prescribed is not shown, since "
            f"fewer than {data.minimum} people were prescribed it, or were not"
        )
    if parts["with_it"].between(1, data.minimum - 1).any():
        return f"{said}."
    shown = [at for at in QUANTILES.values() if 0.05 < at < 0.95 or tails_shown(int(people.nunique()), data.minimum)]
    spread = ", ".join(f"{100 * at:.0f} % {totals.quantile(at):.1f}" for at in shown)
    return (
        f"{said}; the mean total is {totals.mean():.2f} credits, the SD {totals.std(ddof=1):.2f}. "
        f"Quantiles of the total: {spread}."
    )


def _of_all(totals: pd.Series, people: pd.Series) -> pd.DataFrame:
    return small_parts(people, totals > 0, pd.Series("all", index=totals.index))


def _credit_table(data: ReportData, totals: pd.Series, people: pd.Series) -> Table:
    grouped = data.scores.groupby("content_area")
    table = pd.DataFrame(
        {
            "n": grouped.size(),
            "prescribed": grouped["credits"].agg(lambda values: int((values > 0).sum())),
            "mean": grouped["credits"].mean(),
        }
    ).reset_index()
    table["share"] = table["prescribed"] / table["n"]
    table = data.in_outline_order(table)
    all_areas = {
        "area": "All areas",
        "n": len(totals),
        "prescribed": int((totals > 0).sum()),
        "share": float((totals > 0).mean()),
        "mean": float(totals.mean()),
    }
    retest = _retest(data)
    table["retest_sd"] = table["content_area"].map(retest)
    all_areas["retest_sd"] = retest.get("all areas", np.nan)
    table = pd.concat([table, pd.DataFrame([all_areas])], ignore_index=True)
    parts = small_parts(data.candidates(data.scores), data.scores["credits"] > 0, data.scores["content_area"])
    own = parts.reindex(table["content_area"].dropna().astype(str).tolist())
    parts = pd.concat([own, _of_all(totals, people)], ignore_index=True)
    return Table(
        id="credits",
        caption="Credits prescribed by content area",
        columns=(
            Column("area", "Content area"),
            Column("n", "Assessments", "count"),
            Column("prescribed", "Prescribed", "count"),
            Column("share", "Share", "share", 2),
            Column("mean", "Mean credits", "number"),
            Column("retest_sd", "Retest SD", "number"),
        ),
        rows=_without_small(table, parts, data.minimum),
        hidden=few(parts["people"], data.minimum),
        note=_credit_note(data),
    )


def _without_small(table: pd.DataFrame, parts: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Leave out counts that tell of too few people, and means that would; the last row is that of all areas."""
    counts, means = tells(parts, minimum), parts["with_it"].between(1, minimum - 1)
    areas = parts.index[:-1]
    rest = parts.loc[areas][~means[areas] & (parts.loc[areas, "with_it"] > 0)]
    if means[areas].sum() == 1 and len(rest):
        means[rest["with_it"].idxmin()] = True  # else the mean of all areas less the others would give it away
    table = table.astype({"prescribed": float, "share": float, "mean": float})
    table[["prescribed", "share"]] = table[["prescribed", "share"]].mask(counts, axis=0)
    return table.assign(mean=table["mean"].mask(means))


def _credit_note(data: ReportData) -> str:
    return (
        f"A dash: fewer than {data.minimum} people were prescribed continuing education, or were not, or another row "
        "would be given away. Retest SD: of one candidate’s credits over repeated assessments, by the credit rule "
        f"and standards in force {data.at_end}{_as_if(data)}."
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


def _credit_figure(totals: pd.Series, people: pd.Series, minimum: int) -> list[Figure]:
    step = next(size for size in (1, 2, 3, 5, 10, 20, 50, 100, 1e6) if totals.max() / size <= 14)
    edges = np.arange(0, max(totals.max(), step) + step + 1e-9, step)
    bins = joined_bins(totals.tolist(), people.tolist(), edges.tolist(), minimum)
    if not bins:
        return []
    return [
        Figure(
            id="total-credits",
            caption="Total credits prescribed after an assessment",
            alt=f"Histogram of {len(totals)} assessments: {bins_in_words(bins, 'credits')}.",
            kind="histogram",
            x="Credits (the outermost bins are open)",
            y=f"Assessments per {step:g} credits",
            bins=bins,
            per=float(step),
        )
    ]
