"""Sections of the technical report on the programme: purpose, outline, policy, panels, rescorings, versions."""

from __future__ import annotations

import pandas as pd

from ssa_engine.core.policies import Policy
from ssa_engine.core.prescription_words import describe_rule
from ssa_engine.core.report_data import ReportData, Rescoring
from ssa_engine.core.scoring import standards_in_items
from ssa_engine.core.technical_report import Block, Column, Section, Table, few
from ssa_engine.core.text import listed, long_date

ONCE = "The Structured Self-Assessment"


def programme(data: ReportData) -> Section:
    """Say what the assessment is for and what a form is made of."""
    spec = data.spec
    counts = spec.blueprint.areas
    scored = sum(area.scored for area in counts.values())
    pilot = sum(area.pilot for area in counts.values())
    return Section(
        "programme",
        "Programme and content specification",
        (
            f"{ONCE} estimates, for each content area of {spec.name}, whether a registered technologist’s knowledge "
            "reaches a standard. Where it does not, continuing education in that area is prescribed. There is no total "
            "grade and no decision about the person as a whole: the intended interpretation of a score is the need for "
            "education in one content area, and the intended use is to prescribe it.",
            f"The content specification is “{spec.edition}”. A form has {scored} scored and {pilot} pilot items and "
            f"takes {spec.blueprint.minutes} minutes. Pilot items are tried out and do not count.",
            _blueprint(data, scored),
        ),
    )


def _blueprint(data: ReportData, scored: int) -> Table:
    spec, counts = data.spec, data.spec.blueprint.areas
    rows = [
        {
            "code": area.code,
            "area": area.name,
            "category": category.name,
            "topics": len(area.topics),
            "scored": counts[area.id].scored,
            "pilot": counts[area.id].pilot,
            "share": counts[area.id].scored / scored,
        }
        for category in spec.categories
        for area in category.areas
    ]
    return Table(
        id="blueprint",
        caption="Blueprint: what one form takes from each content area",
        columns=(
            Column("area", "Content area"),
            Column("code", "Code"),
            Column("category", "Category"),
            Column("topics", "Topics", "count"),
            Column("scored", "Scored items", "count"),
            Column("pilot", "Pilot items", "count"),
            Column("share", "Share of scored items", "share", 2),
        ),
        rows=pd.DataFrame(rows),
    )


def policy(data: ReportData) -> Section:
    """Say which policies were in force in the period, and what the last of them says."""
    title = "Policy in force"
    found = data.in_force
    if found is None:
        return Section("policy", title, ("No policy was in force in this period, so nothing could be prescribed.",))
    rule = found.policy
    blocks: list[Block] = [
        f"Version {found.version} was in force {data.at_end}, since {_day(found.effective_at)}. "
        f"{' '.join(map(str, describe_rule(rule.credits, rule.decision)))} {_decision_words(rule)}",
        f"How the standards came about: {rule.record or 'the policy has no record of it.'}",
        _standards(data),
        _history(data),
    ]
    if len(data.versions_in_period) > 1:
        blocks.append(
            "More than one version was in force in this period. A prescription follows the version in force when the "
            "assessment was submitted; analyses in this report hold all scores of the period against the version "
            f"in force {data.at_end}."
        )
    return Section("policy", title, tuple(blocks))


def _standards(data: ReportData) -> Table:
    counts = {area: one.scored for area, one in data.spec.blueprint.areas.items()}
    versions = data.versions_in_period
    needed = standards_in_items(versions[-1].policy, counts)
    rows = pd.DataFrame(
        {
            "area": list(data.area_names.values()),
            **{
                f"version_{one.version}": [one.policy.standards.get(area) for area in data.area_names]
                for one in versions
            },
            "needed": [needed.get(area) for area in data.area_names],
            "items": [counts[area] for area in data.area_names],
        }
    )
    return Table(
        id="standards",
        caption="Standards: proportion correct at or above which an area needs no continuing education",
        columns=(
            Column("area", "Content area"),
            *(Column(f"version_{one.version}", f"Version {one.version}", "number", 4) for one in versions),
            Column("needed", "Items needed", "count"),
            Column("items", "Scored items", "count"),
        ),
        rows=rows,
        note=f"Items needed: by version {versions[-1].version}, on a form of the blueprint.",
    )


def _history(data: ReportData) -> Table:
    return Table(
        id="policy-history",
        caption="Versions in force in the period",
        columns=(
            Column("version", "Version", "count"),
            Column("effective", "In force from"),
            Column("published", "Published"),
            Column("by", "Published by"),
            Column("proposed", "Proposed by"),
            Column("reason", "Reason"),
        ),
        rows=pd.DataFrame(
            [
                {
                    "version": one.version,
                    "effective": _day(one.effective_at),
                    "published": _day(one.published_at),
                    "by": one.published_by,
                    "proposed": one.proposed_by,
                    "reason": one.reason,
                }
                for one in data.versions_in_period
            ]
        ),
    )


def _decision_words(rule: Policy) -> str:
    decision = rule.decision
    if decision.rule == "raw":
        return "An area is prescribed where the observed score lies below its standard."
    if decision.rule == "expected_loss":
        band = decision.indeterminate
        inside = f" Between {band.low:g} and {band.high:g} the rule is {band.rule.replace('_', ' ')}." if band else ""
        return (
            "An area is prescribed where the expected loss of not prescribing is larger, a missed need being taken for "
            f"{decision.loss_ratio:g} times as bad as needless education.{inside}"
        )
    return f"Areas are decided by the rule “{str(decision.rule).replace('_', ' ')}”."


def panels(data: ReportData) -> Section:
    """Say which standard-setting panels are on record."""
    title = "Standard setting"
    record = data.in_force.policy.record if data.in_force else ""
    said = f"The record of the policy in force: {record}" if record else "The policy in force has no record of a panel."
    kept = [one for one in data.panels if one.kept_at < data.period.ends_at]
    if not kept:
        return Section("panels", title, (said, "No sheet of a panel is kept up to the end of this period."))
    table = Table(
        id="panels",
        caption="Panels whose sheets are kept, up to the end of the period",
        columns=(
            Column("title", "Panel"),
            Column("method", "Method"),
            Column("held", "Met on"),
            Column("kept", "Kept on"),
            Column("by", "Kept by"),
        ),
        rows=pd.DataFrame(
            [
                {
                    "title": one.title,
                    "method": one.method,
                    "held": one.held_on,
                    "kept": _day(one.kept_at),
                    "by": one.kept_by,
                }
                for one in kept
            ]
        ),
    )
    return Section("panels", title, (said, table))


def rescorings(data: ReportData) -> Section:
    """Say what was rescored in the period."""
    title = "Rescorings"
    own = [
        one
        for one in data.rescorings
        if any(at and data.period.starts_at <= at < data.period.ends_at for at in (one.applied_at, one.reverted_at))
    ]
    if not own:
        return Section("rescorings", title, ("Nothing was rescored in this period.",))
    return Section(
        "rescorings",
        title,
        (
            "A rescoring makes new results beside the old ones; credits that were completed are never taken away. "
            "This report is made of the latest result of each attempt.",
            _rescoring_table(data, own),
        ),
    )


def _rescoring_table(data: ReportData, own: list[Rescoring]) -> Table:
    changed = pd.Series([one.attempts for one in own])
    rows = [
        {
            "title": one.title,
            "items": listed(one.items),
            "attempts": one.attempts,
            "applied": _day(one.applied_at),
            "reverted": _day(one.reverted_at) if one.reverted_at else "",
            "reason": one.reason,
        }
        for one in own
    ]
    return Table(
        id="rescorings",
        caption="Rescoring sessions of the period",
        columns=(
            Column("title", "Session"),
            Column("items", "Items"),
            Column("attempts", "Results changed", "count"),
            Column("applied", "Applied"),
            Column("reverted", "Reverted"),
            Column("reason", "Reason"),
        ),
        rows=pd.DataFrame(rows),
        hidden=few(changed, data.minimum).where(changed > 0, ""),
    )


def versions(data: ReportData) -> Section:
    """Say with what the report was made."""
    used = sorted(data.scores["bank_version"].unique()) if len(data.scores) else []
    keys = sorted(data.scores["key_version"].unique()) if len(data.scores) else []
    policies = sorted({int(version) for version in data.scores["policy_version"].unique()}) if len(data.scores) else []
    rows = [
        ("Software", f"ssa_engine {data.software}"),
        ("Item bank today", data.bank_version),
        ("Answer key today", data.key_version),
        ("Item banks behind the scores of the period", ", ".join(used)),
        ("Answer keys behind the scores of the period", ", ".join(keys)),
        ("Policy versions behind the scores of the period", ", ".join(map(str, policies))),
        ("Made on", long_date(data.now.date())),
    ]
    table = Table(
        id="versions",
        caption="Versions",
        columns=(Column("what", "What"), Column("version", "Version")),
        rows=pd.DataFrame(rows, columns=["what", "version"]),
        note="A version of a bank or key is a digest of its content: the same content has the same version everywhere.",
    )
    return Section("versions", "Versions", (table,))


def _day(moment: object) -> str:
    return long_date(pd.Timestamp(moment).date()) if moment is not None else ""  # type: ignore[arg-type]
