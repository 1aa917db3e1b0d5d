"""Section of the technical report on fairness: outcomes of groups, and items that work differently for them."""

from __future__ import annotations

import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.fairness.group_tables import SMALL_GROUP, group_table
from ssa_engine.core.psychometrics.fairness.groups import ALL_AREAS, two_groups
from ssa_engine.core.psychometrics.fairness.logistic_dif import dif_table
from ssa_engine.core.psychometrics.matrix import ResponseMatrix, response_matrix
from ssa_engine.core.report_data import ReportData
from ssa_engine.core.report_small_cells import small_parts, tells
from ssa_engine.core.technical_report import Block, Column, Section, Table, small_rows

FEWEST_FOR_DIF = 50
"""Attempts of each of two groups below which no DIF is worked out; a convention."""
OF_RATES = ["rate", "difference", "lower", "upper", "ratio"]


def fairness(data: ReportData) -> Section:
    """Say how outcomes of known groups differ, and which items work differently for them."""
    title = "Fairness"
    known = data.groups[data.groups["candidate_id"].isin(data.submitted["candidate_id"])]
    if not len(known) or not len(data.scores):
        said = (
            "No groups of candidates are on record for this period, so neither differences in outcome nor differential "
            "item functioning could be looked at. Their absence here is no evidence of fairness."
        )
        return Section("fairness", title, (said,))
    blocks: list[Block] = [
        "Groups are those that were recorded; candidates of unknown group are left out. The reference group is the "
        "largest. A difference in outcome is no proof of unfairness, and an equal outcome no proof of fairness: the "
        "analysis of items holds candidates of equal score side by side."
    ]
    responses = response_matrix(data.marked[data.marked["correct"].notna().to_numpy()])
    scored_items = set(data.scored["item_id"])
    for grouping, own in known.groupby("grouping", sort=True):
        by_candidate = own.set_index("candidate_id")["value"]
        groups = data.submitted.set_index("attempt_id")["candidate_id"].map(by_candidate).dropna()
        blocks += _of_grouping(data, str(grouping), groups, responses, scored_items)
    return Section("fairness", title, tuple(blocks))


def _of_grouping(
    data: ReportData, grouping: str, groups: pd.Series, responses: ResponseMatrix, scored: set[str]
) -> list[Block]:
    sizes = groups.value_counts().sort_index()
    if len(sizes) < 2:
        return [f"{grouping}: only one group is known in this period, so there is nothing to compare."]
    reference = str(sizes.idxmax())
    table = group_table(data.scores, groups, reference=reference)
    hidden, small = _hidden(data, groups, table)
    table[OF_RATES] = table[OF_RATES].astype(float).mask(small, axis=0)
    told = (hidden == "").groupby(table["content_area"]).transform("all")
    table["ratio"] = table["ratio"].where(told)  # it holds the rate of the group with the highest, perhaps a hidden one
    table = table.assign(area=[data.named(area) for area in table["content_area"]], row=_heads(data, table))
    blocks: list[Block] = [_outcomes(grouping, reference, table, hidden, data.minimum)]
    fewest = max(FEWEST_FOR_DIF, data.minimum)
    large = [str(group) for group in sizes.index if min(sizes[group], sizes[reference]) >= fewest]
    rows = [_dif_row(responses, groups, group, reference, scored) for group in large if group != reference]
    if not rows:
        return [*blocks, f"{grouping}: no two groups have {fewest} assessments each, so no DIF was worked out."]
    return [*blocks, _dif(grouping, reference, pd.DataFrame(rows))]


def _hidden(data: ReportData, groups: pd.Series, table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the words that hide rows of groups, and the rows of areas of which a rate tells of too few people."""
    scores = data.scores.assign(
        person=data.candidates(data.scores), group=data.scores["attempt_id"].map(groups), has=data.scores["credits"] > 0
    )
    whole = scores.groupby("attempt_id", observed=True)[["person", "group", "has"]].agg(
        {"person": "first", "group": "first", "has": "any"}
    )
    hidden = pd.Series("", index=table.index, dtype=object)
    small = pd.Series(False, index=table.index)
    for area, own in table.groupby("content_area", sort=False):
        all_rows = whole if area == ALL_AREAS else scores[scores["content_area"].astype(str) == str(area)]
        known = all_rows[all_rows["group"].notna()]
        parts = small_parts(known["person"], known["has"], known["group"])
        people = own["group"].map(parts["people"]).fillna(0).astype(int)
        hidden.loc[own.index] = small_rows(own["n"], len(all_rows), data.minimum, people)
        small.loc[own.index] = bool(tells(parts, data.minimum).any())
    return hidden, small


def _heads(data: ReportData, table: pd.DataFrame) -> list[str]:
    pairs = zip(table["content_area"], table["group"], strict=True)
    return [f"{'All areas' if area == ALL_AREAS else data.named(area)}: {group}" for area, group in pairs]


def _outcomes(grouping: str, reference: str, table: pd.DataFrame, hidden: pd.Series, minimum: int) -> Table:
    return Table(
        id=f"groups-{_slug(grouping)}",
        caption=f"Outcomes by {grouping}, beside the reference group “{reference}”",
        columns=(
            Column("row", "Area and group"),
            Column("n", "Assessments", "count"),
            Column("rate", "Prescribed", "share", 2),
            Column("difference", "Difference", "share", 2),
            Column("lower", "low", "share", 2),
            Column("upper", "high", "share", 2),
            Column("ratio", "Ratio", "number"),
            Column("mean_score", "Mean score", "number", 3),
            Column("hedges_g", "Hedges’ g", "number"),
        ),
        rows=table,
        hidden=hidden,
        note="Prescribed in any area for “All areas”. Low and high: Newcombe’s 95 % interval of the difference. Ratio: "
        "share without a prescription over the highest such share of any group, "
        f"only where all groups are shown. Rates of an area are a dash where fewer than {minimum} people of a "
        "group were prescribed, or were not. Groups of fewer than "
        f"{SMALL_GROUP} are to be read by their intervals. A row is also hidden where it would give another away.",
    )


def _dif_row(
    responses: ResponseMatrix, groups: pd.Series, group: str, reference: str, scored: set[str]
) -> dict[str, object]:
    try:
        compared, focal = two_groups(responses, groups, group, reference)
        found = dif_table(compared, focal, anchors=compared.items.isin(sorted(scored)))
    except Invalid as impossible:
        return {"group": group, "note": impossible.sentence}
    classes = found["ets_class"].value_counts()
    large = found.loc[found["ets_class"] == "C", "item_id"].astype(str)
    return {
        "group": group,
        "n": int(focal.sum()),
        "items": int(found["ets_class"].notna().sum()),
        **{name: int(classes.get(name, 0)) for name in "ABC"},
        "flagged": int(found["flagged"].sum()),
        "large": ", ".join(large.head(12)) + (" and others" if len(large) > 12 else ""),
        "note": "",
    }


def _dif(grouping: str, reference: str, rows: pd.DataFrame) -> Table:
    return Table(
        id=f"dif-{_slug(grouping)}",
        caption=f"Differential item functioning by {grouping}, beside “{reference}”",
        columns=(
            Column("group", "Focal group"),
            Column("n", "Assessments", "count"),
            Column("items", "Items classed", "count"),
            Column("A", "A, negligible", "count"),
            Column("B", "B, moderate", "count"),
            Column("C", "C, large", "count"),
            Column("flagged", "Flagged", "count"),
            Column("large", "Items of class C"),
        ),
        rows=rows.reindex(columns=["group", "n", "items", "A", "B", "C", "flagged", "large", "note"]),
        note=" ".join(dict.fromkeys(str(note) for note in rows["note"] if note)),
    )


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-") or "group"
