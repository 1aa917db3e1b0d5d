"""Sections of the technical report on the cohort: sittings, time, scores, and the forms that were given out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ssa_engine.core.psychometrics.classical.item_statistics import area_summary
from ssa_engine.core.psychometrics.health.bank import average_overlap, item_exposure
from ssa_engine.core.psychometrics.matrix import sorted_codes
from ssa_engine.core.report_data import ReportData
from ssa_engine.core.report_small_cells import bins_in_words, joined_bins, small_parts, tails_shown, tells
from ssa_engine.core.technical_report import Block, Column, Figure, Row, Section, Table, few, histogram_bins, small_rows

MONTHS_AT_MOST = 36
QUARTILES = (0.25, 0.5, 0.75)


def cohort(data: ReportData) -> Section:
    """Say who sat, how many finished, and how long they took."""
    started, submitted = data.started, data.submitted
    if not len(started) and not len(submitted):
        return Section("cohort", "The cohort", ("Nobody began or submitted an assessment in this period.",))
    finished = int((started["submitted_at"].notna()).sum())
    people = int(submitted["candidate_id"].nunique())
    blocks: list[Block] = [
        f"{_n(len(started), 'assessment was', 'assessments were')} begun in the period; {finished} of them "
        f"{'has' if finished == 1 else 'have'} been submitted. "
        f"{_n(len(submitted), 'assessment', 'assessments')} of {_n(people, 'person', 'people')} "
        f"{'was' if len(submitted) == 1 else 'were'} submitted in the period: the cohort of all analyses below."
    ]
    if people >= data.minimum:
        blocks += [_time_table(data), _by_month(data), *_minutes(data)]
    elif len(submitted):
        blocks.append(_too_few(data))
    return Section("cohort", "The cohort", tuple(blocks))


def _minutes(data: ReportData) -> list[Figure]:
    known = data.submitted[data.submitted["seconds_used"].notna()]
    if not len(known):
        return []
    minutes = known["seconds_used"].to_numpy(dtype=float) / 60
    spread = minutes.max() - minutes.min()
    step = next(size for size in (2, 5, 10, 15, 20, 30, 60, 120, 240, 1e6) if spread / size <= 16)
    edges = np.arange(np.floor(minutes.min() / step) * step, minutes.max() + step + 1e-9, step)
    bins = joined_bins(minutes.tolist(), known["candidate_id"].tolist(), edges.tolist(), data.minimum)
    if not bins:
        return []
    return [
        Figure(
            id="minutes",
            caption="Minutes from start to submission",
            alt=f"Histogram of {len(minutes)} assessments: {bins_in_words(bins, 'minutes')}.",
            kind="histogram",
            x="Minutes (the outermost bins are open)",
            y=f"Assessments per {step:g} minutes",
            bins=bins,
            per=float(step),
        )
    ]


def _time_table(data: ReportData) -> Table:
    submitted = data.submitted
    minutes = submitted["seconds_used"].astype(float) / 60
    answered = submitted["items_answered"].astype(float) / submitted["items_total"].astype(float)
    rows = []
    for name, values in (("Minutes used", minutes), ("Share of items answered", answered)):
        known = values.dropna()
        low, middle, high = known.quantile(list(QUARTILES)) if len(known) else [np.nan] * 3
        ends = known.quantile([0.05, 0.95]) if tails_shown(data.people, data.minimum) else [np.nan] * 2
        rows.append(
            {"what": name, "n": len(known), "mean": known.mean(), "sd": known.std(ddof=1)}
            | {"low": low, "median": middle, "high": high}
            | dict(zip(("q05", "q95"), ends, strict=True))
        )
    return Table(
        id="time",
        caption="Time and completeness of submitted assessments",
        columns=(
            Column("what", "Measure"),
            Column("n", "Assessments", "count"),
            *(
                Column(name, head, "number", 2)
                for name, head in (
                    ("mean", "Mean"),
                    ("sd", "SD"),
                    ("q05", "5 %"),
                    ("low", "Lower quartile"),
                    ("median", "Median"),
                    ("high", "Upper quartile"),
                    ("q95", "95 %"),
                )
            ),
        ),
        rows=pd.DataFrame(rows),
        note=f"{data.spec.blueprint.minutes} minutes are allowed without accommodations. The 5 % and 95 % "
        f"quantiles are shown only where at least {data.minimum} people lie beyond each.",
    )


def _by_month(data: ReportData) -> Table:
    frames, people = {}, {}
    for name, frame, column in (("begun", data.started, "started_at"), ("submitted", data.submitted, "submitted_at")):
        month = pd.to_datetime(frame[column], utc=True).dt.strftime("%Y-%m")
        frames[name], people[name] = month.value_counts(), frame["candidate_id"].groupby(month).nunique()
    table = pd.DataFrame(frames).fillna(0).astype(int).sort_index().rename_axis("month").reset_index()
    hidden = pd.Series("", index=table.index, dtype=object)
    for name, total in (("submitted", len(data.submitted)), ("begun", len(data.started))):
        behind = table["month"].map(people[name]).fillna(0).astype(int)
        hidden = hidden.where(hidden != "", small_rows(table[name], total, data.minimum, behind))
    left = len(table) - MONTHS_AT_MOST
    table, hidden = table.tail(MONTHS_AT_MOST), hidden.tail(MONTHS_AT_MOST)
    return Table(
        id="months",
        caption="Assessments by month",
        columns=(
            Column("month", "Month"),
            Column("begun", "Begun", "count"),
            Column("submitted", "Submitted", "count"),
        ),
        rows=table,
        hidden=hidden,
        note=f"The {left} months before are left out." if left > 0 else "",
    )


def scores(data: ReportData) -> Section:
    """Say how scores are distributed in each content area."""
    title = "Scores by content area"
    if not len(data.scores):
        return Section("scores", title, ("Nobody has a score in this period.",))
    if data.people < data.minimum:
        return Section("scores", title, (_too_few(data),))
    table = area_summary(data.scores).reset_index()
    by_area = data.scores.groupby("content_area")["score"]
    for at, name in zip(QUARTILES, ("low", "median", "high"), strict=True):
        table[name] = table["content_area"].map(by_area.quantile(at))
    table = data.in_outline_order(table)
    parts = small_parts(data.candidates(data.scores), data.scores["below_standard"], data.scores["content_area"])
    parts = parts.reindex(table["content_area"].astype(str).tolist()).reset_index(drop=True)
    small = tells(parts, data.minimum)
    table[["below_n", "below_share"]] = table[["below_n", "below_share"]].astype(float).mask(small, axis=0)
    hidden = few(parts["people"], data.minimum)
    numbers = (
        ("mean", "Mean"),
        ("sd", "SD"),
        ("low", "Lower quartile"),
        ("median", "Median"),
        ("high", "Upper quartile"),
    )
    shown = Table(
        id="scores",
        caption="Area scores: proportion of scored items correct",
        columns=(
            Column("area", "Content area"),
            Column("n", "Assessments", "count"),
            *(Column(name, head, "number", 3) for name, head in numbers),
            Column("below_n", "Below", "count"),
            Column("below_share", "Share below", "share", 2),
        ),
        rows=table,
        hidden=hidden,
        note="Below: under the standard that each assessment was scored by, as it was prescribed; a dash where fewer "
        f"than {data.minimum} people were below it, or were not.",
    )
    return Section("scores", title, (shown, _quartile_figure(data, table[hidden == ""])))


def _quartile_figure(data: ReportData, table: pd.DataFrame) -> Figure:
    """Return medians and quartiles beside the standards."""
    rows = tuple(
        Row(
            str(one["area"]),
            float(one["median"]),
            float(one["low"]),
            float(one["high"]),
            data.standards.get(one["content_area"]),
        )
        for one in table.to_dict("records")
    )
    return Figure(
        id="score-quartiles",
        caption="Median and quartiles of the area scores beside the standards",
        alt=" ".join(
            f"{row.name}: median {row.value:.2f}, quartiles {row.low:.2f} and {row.high:.2f}." for row in rows
        ),
        kind="intervals",
        x="Proportion correct",
        rows=rows,
        span=(0.0, 1.0),
        mark="standard",
    )


def forms(data: ReportData) -> Section:
    """Say which forms were given out, how they meet the blueprint, and how much they and their items were seen."""
    title = "Form assembly and exposure"
    seen = data.marked
    if data.candidates(seen).nunique() < data.minimum:
        return Section("forms", title, ("Too few assessments were submitted to say anything of forms and exposure.",))
    items = list(dict.fromkeys([*data.bank_items, *seen["item_id"]]))
    exposure = item_exposure(seen, items)["exposure_rate"]
    unseen = int((exposure == 0).sum())
    overlap = average_overlap(seen)
    bins = histogram_bins(exposure.tolist(), [at / 10 for at in range(11)])
    figure = Figure(
        id="exposure",
        caption="Exposure: share of the assessments in which an item was presented",
        alt=f"Histogram of {len(exposure)} items; the highest exposure is {exposure.max():.2f}, the mean "
        f"{exposure.mean():.2f}; {unseen} items were not presented.",
        kind="histogram",
        x="Exposure",
        y="Items",
        bins=bins,
    )
    said = (
        f"{_n(seen['form_id'].nunique(), 'form was', 'forms were')} given out, "
        f"{seen.groupby('attempt_id').size().mean():.1f} items long on average. Two assessments drawn at random share "
        f"{100 * overlap:.1f} % of their items (expected overlap). Of {len(exposure)} items that were in the bank or "
        f"on a form, {unseen} were presented to nobody; the most seen one was in {100 * exposure.max():.1f} % of the "
        "assessments."
    )
    return Section("forms", title, (said, _blueprint_met(data), figure))


def _blueprint_met(data: ReportData) -> Table:
    scored = data.marked[data.marked["scored"].to_numpy(dtype=bool)]
    attempt, attempts = pd.factorize(scored["attempt_id"])
    area_of, areas = sorted_codes(scored["content_area"])
    cells = np.bincount(attempt * len(areas) + area_of, minlength=len(attempts) * len(areas))
    counts = pd.DataFrame(cells.reshape(len(attempts), len(areas)), columns=areas.astype(str))
    rows = [
        {
            "area": name,
            "asked": data.spec.blueprint.areas[area].scored,
            "least": counts[area].min() if area in counts else 0,
            "most": counts[area].max() if area in counts else 0,
            "share": (counts[area] == data.spec.blueprint.areas[area].scored).mean() if area in counts else 0.0,
        }
        for area, name in data.area_names.items()
    ]
    return Table(
        id="blueprint-met",
        caption="Scored items of the forms beside today’s blueprint",
        columns=(
            Column("area", "Content area"),
            Column("asked", "Blueprint", "count"),
            Column("least", "Least on a form", "count"),
            Column("most", "Most on a form", "count"),
            Column("share", "Forms that agree", "share", 2),
        ),
        rows=pd.DataFrame(rows),
        note="Forms of an earlier edition of the blueprint, and items dropped by a rescoring, may differ.",
    )


def _too_few(data: ReportData) -> str:
    return (
        f"Fewer than {data.minimum} people submitted an assessment, so nothing is shown that could tell of one person."
    )


def _n(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
