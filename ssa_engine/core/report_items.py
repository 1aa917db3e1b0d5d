"""Sections of the technical report on items and scores: item analysis, reliability, what a subscore is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.classical.item_statistics import item_statistics
from ssa_engine.core.psychometrics.classical.reliability import conditional_sem
from ssa_engine.core.psychometrics.classical.score_reliability import Reliability, score_reliability
from ssa_engine.core.psychometrics.matrix import response_matrix
from ssa_engine.core.psychometrics.subscores.subscore_tables import subscore_table
from ssa_engine.core.report_data import ReportData
from ssa_engine.core.scoring import items_needed
from ssa_engine.core.technical_report import Block, Column, Figure, Row, Section, Table, few, histogram_bins

HARD, EASY, WEAK = 0.30, 0.95, 0.10
"""Proportion right below and above which, and point-biserial below which, an item is flagged; conventions."""
LISTED = 40
"""Flagged items that are listed."""
NO_SCORES = "Nobody submitted an assessment in this period, so there is nothing to analyse."


def items(data: ReportData) -> Section:
    """Say how hard the items were and how well they tell candidates apart."""
    title = "Item analysis"
    if not len(data.scored):
        return Section("items", title, (NO_SCORES,))
    found = item_statistics(data.scored)
    found["content_area"] = data.scored.drop_duplicates("item_id").set_index("item_id")["content_area"].astype(str)
    people = data.people_of(data.scored, "item_id").reindex(found.index.astype(str).tolist()).to_numpy()
    enough = found[(people >= data.minimum) & (found["n"] >= 2).to_numpy()]
    if not len(enough):
        said = f"No item was presented to {data.minimum} candidates or more, so no statistics of items are shown."
        return Section("items", title, (said,))
    flags = _flags(enough)
    enough = enough.assign(flags=flags, flagged=flags != "")
    said = (
        f"{len(enough)} scored items were presented to {data.minimum} people or more"
        f"{_left_out(len(found) - len(enough))}. Items are flagged where fewer than {HARD:.0%} or more than {EASY:.0%} "
        f"had them right, or where the corrected point-biserial lies below {WEAK:.2f}; a negative one is said "
        f"separately. {int(enough['flagged'].sum())} items are flagged. With few responses a flag says little."
    )
    blocks: list[Block] = [said, _by_area(data, enough), *_distributions(enough)]
    if enough["flagged"].any():
        blocks.append(_flagged(data, enough))
    return Section("items", title, tuple(blocks))


def _left_out(count: int) -> str:
    return f"; {count} with fewer are left out" if count else ""


def _flags(found: pd.DataFrame) -> pd.Series:
    share, discrimination = found["p_value"], found["point_biserial"]
    told = pd.Series("", index=found.index)
    for which, word in (
        (share < HARD, "hard"),
        (share > EASY, "easy"),
        (discrimination < 0, "negative discrimination"),
        ((discrimination >= 0) & (discrimination < WEAK), "low discrimination"),
    ):
        told = told.where(~which, (told + ", " + word).str.removeprefix(", "))
    return told


def _by_area(data: ReportData, found: pd.DataFrame) -> Table:
    grouped = found.groupby("content_area")
    table = pd.DataFrame(
        {
            "items": grouped.size(),
            "n": grouped["n"].median(),
            "p_low": grouped["p_value"].quantile(0.25),
            "p": grouped["p_value"].median(),
            "p_high": grouped["p_value"].quantile(0.75),
            "r_low": grouped["point_biserial"].quantile(0.25),
            "r": grouped["point_biserial"].median(),
            "r_high": grouped["point_biserial"].quantile(0.75),
            "flagged": grouped["flagged"].sum(),
        }
    )
    return Table(
        id="items",
        caption="Item statistics by content area: medians and quartiles over items",
        columns=(
            Column("area", "Content area"),
            Column("items", "Items", "count"),
            Column("n", "Responses, median", "count"),
            Column("p_low", "p, lower quartile", "number"),
            Column("p", "p, median", "number"),
            Column("p_high", "p, upper quartile", "number"),
            Column("r_low", "r, lower quartile", "number"),
            Column("r", "r, median", "number"),
            Column("r_high", "r, upper quartile", "number"),
            Column("flagged", "Flagged", "count"),
        ),
        rows=data.in_outline_order(table.reset_index()),
        note="p: proportion correct. r: corrected point-biserial, the item against the rest of the scored items.",
    )


def _distributions(found: pd.DataFrame) -> list[Figure]:
    share, discrimination = found["p_value"].dropna(), found["point_biserial"].dropna()
    figures = [
        Figure(
            id="p-values",
            caption="Difficulty of the items: proportion correct",
            alt=f"Histogram of {len(share)} items; median {share.median():.2f}, least {share.min():.2f}, most "
            f"{share.max():.2f}.",
            kind="histogram",
            x="Proportion correct",
            y="Items",
            bins=histogram_bins(share.tolist(), [at / 10 for at in range(11)]),
        )
    ]
    if len(discrimination):
        low = np.floor(min(0.0, discrimination.min()) * 10) / 10
        high = np.ceil(max(0.5, discrimination.max()) * 10) / 10
        edges = np.round(np.arange(low, high + 0.05, 0.1), 9)
        figures.append(
            Figure(
                id="point-biserials",
                caption="Discrimination of the items: corrected point-biserial",
                alt=f"Histogram of {len(discrimination)} items; median {discrimination.median():.2f}, "
                f"{int((discrimination < 0).sum())} below 0.",
                kind="histogram",
                x="Point-biserial",
                y="Items",
                bins=histogram_bins(discrimination.tolist(), edges.tolist()),
            )
        )
    return figures


def _flagged(data: ReportData, found: pd.DataFrame) -> Table:
    flagged = found[found["flagged"]].sort_values(["point_biserial", "p_value"], kind="stable").reset_index()
    left = len(flagged) - LISTED
    shown = flagged.head(LISTED)
    return Table(
        id="flagged-items",
        caption="Flagged items, lowest discrimination first",
        columns=(
            Column("item_id", "Item"),
            Column("area", "Content area"),
            Column("n", "Responses", "count"),
            Column("p_value", "p", "number"),
            Column("point_biserial", "r", "number"),
            Column("flags", "Flags"),
        ),
        rows=shown.assign(area=[data.named(area) for area in shown["content_area"]]),
        note=f"{left} more are in the console." if left > 0 else "",
    )


def reliability(data: ReportData) -> Section:
    """Say how precise the area scores are, over all and at the standard."""
    title = "Reliability and errors of measurement"
    if not len(data.scored):
        return Section("reliability", title, (NO_SCORES,))
    found = {
        str(area): score_reliability(response_matrix(rows))
        for area, rows in data.scored.groupby("content_area", observed=True)
    }
    rows = [_reliability_row(data, area, found[area]) for area in data.area_names if area in found]
    table = pd.DataFrame(rows)
    people = data.people_of(data.scored, "content_area")
    hidden = few(pd.Series([people[area] for area in data.area_names if area in found]), data.minimum)
    shown = Table(
        id="reliability",
        caption="Reliability of the area scores, and their standard errors of measurement",
        columns=(
            Column("area", "Content area"),
            Column("attempts", "Assessments", "count"),
            Column("items", "Items", "number", 1),
            Column("alpha", "Alpha", "number"),
            Column("alpha_low", "Low", "number"),
            Column("alpha_high", "High", "number"),
            Column("sem", "SEM, items", "number"),
            Column("sem_share", "SEM, proportion", "number", 3),
            Column("csem", "CSEM at the standard, items", "number"),
            Column("csem_share", "CSEM, proportion", "number", 3),
        ),
        rows=table,
        hidden=hidden,
        note=" ".join(dict.fromkeys(str(note) for note in table["note"] if note)),
    )
    said = (
        "Area scores are short, so their errors are large beside the distance from a standard; the section on "
        "decisions says what follows from that. Low and High are Feldt’s 95 % interval of alpha. CSEM is "
        "the binomial error of a score just at the standard."
    )
    return Section("reliability", title, (said, shown, *_alpha_figure(table[hidden == ""])))


def _alpha_figure(table: pd.DataFrame) -> list[Figure]:
    """Return alpha by area with its interval; nothing where none is known."""
    drawn = tuple(
        Row(str(row["area"]), row["alpha"], row["alpha_low"], row["alpha_high"])
        for row in table[table["alpha"].notna()].to_dict("records")
    )
    if not drawn:
        return []
    return [
        Figure(
            id="alpha",
            caption="Coefficient alpha of the area scores, with its 95 % interval",
            alt=" ".join(f"{row.name}: {row.value:.2f}." for row in drawn),
            kind="intervals",
            x="Alpha",
            rows=drawn,
            span=(min(0.0, *(row.low if row.low is not None else 0.0 for row in drawn)), 1.0),
        )
    ]


def _reliability_row(data: ReportData, area: str, found: Reliability) -> dict[str, object]:
    items, standard = found.items_per_attempt, data.standards.get(area)
    length = round(items)
    csem = np.nan
    if standard is not None and length >= 2:
        needed = int(items_needed(np.array([standard]), np.array([length]))[0])
        csem = float(conditional_sem(length)["lord"].loc[needed])
    return {
        "area": data.named(area),
        "attempts": found.attempts,
        "items": items,
        "alpha": found.alpha,
        "alpha_low": found.alpha_low,
        "alpha_high": found.alpha_high,
        "sem": found.sem,
        "sem_share": None if found.sem is None else found.sem / items,
        "csem": csem,
        "csem_share": csem / length if length else np.nan,
        "note": " ".join(filter(None, (found.convention and f"Alpha: {found.convention}.", found.note))),
    }


def subscores(data: ReportData) -> Section:
    """Say whether an area's own score tells more of the area than the total would."""
    title = "Value of the area scores"
    if not len(data.scored):
        return Section("subscores", title, (NO_SCORES,))
    if data.candidates(data.scored).nunique() < data.minimum:
        return Section("subscores", title, (f"Fewer than {data.minimum} people, so nothing is shown.",))
    try:
        table = data.in_outline_order(subscore_table(data.scored))
    except Invalid as impossible:
        return Section("subscores", title, (impossible.sentence,))
    table = table.assign(
        added=[
            _yes(value, known) for value, known in zip(table["added_value_s"], table["prmse_s"].notna(), strict=True)
        ]
    )
    shown = Table(
        id="subscores",
        caption="Proportional reduction of mean squared error (PRMSE) in estimating the true area score",
        columns=(
            Column("area", "Content area"),
            Column("attempts", "Assessments", "count"),
            Column("reliability", "Reliability", "number"),
            Column("prmse_s", "By the area score", "number"),
            Column("prmse_x", "By the total", "number"),
            Column("prmse_wainer", "By all areas", "number"),
            Column("added", "Added value"),
            Column("rest_correlation", "True correlation with the rest", "number"),
        ),
        rows=table,
        note=" ".join(dict.fromkeys(str(note) for note in table["note"] if note)),
    )
    said = (
        "An area score has added value where it estimates the area’s true score better than the total does. Where it "
        "has none, a decision on the area rests on much the same knowledge as the other areas; it is still reported, "
        "because education is prescribed by area."
    )
    return Section("subscores", title, (said, shown))


def _yes(value: object, known: bool) -> str:
    return ("yes" if value else "no") if known else ""
