"""A panel's sheet from the console: kept as it was sent, read anew on every look, made into a policy draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from ssa_engine.actions import policy_drafts
from ssa_engine.actions.panel_records import (
    record_of,
    tables_of,
    with_standards,
)
from ssa_engine.actions.panel_sheets import (
    LONGEST_SHEET,
    PanelSheet,
    as_sent,
    cuts_of_others,
    held_on,
    standards_of_sheet,
)
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import PublishedPolicy
from ssa_engine.core.policy_drafts import PolicyDraft
from ssa_engine.core.psychometrics.panels.cohort_effect import CohortEffect, cohort_effect
from ssa_engine.core.psychometrics.panels.tables import (
    AreaStandard,
    cut_table,
)
from ssa_engine.storage import audit, frames, policies, standard_settings
from ssa_engine.storage.db import Database
from ssa_engine.storage.standard_settings import StandardSetting


@dataclass(frozen=True, eq=False, kw_only=True)
class Opened:
    """A panel's sheet with all that follows from it today."""

    setting: StandardSetting
    standards: list[AreaStandard]
    cuts: pd.DataFrame
    others: pd.DataFrame | None
    """Cuts of other panels that are drawn on the same curves."""
    tables: dict[str, pd.DataFrame]
    record: dict[str, Any]
    in_force: PublishedPolicy | None
    effect: CohortEffect | None
    rounds: tuple[int, ...]


def listed(db: Database, spec: ContentSpec) -> list[StandardSetting]:
    """Return the sheets of a discipline, latest first."""
    with db.read() as connection:
        return standard_settings.of_discipline(connection, spec.discipline)


def add(db: Database, bank: ItemBank, sent: PanelSheet, *, who: str, now: dt.datetime) -> int:
    """Keep a panel's sheet once sure that it can be read and gives standards; return its number.

    Raises
    ------
    Invalid
        With a sentence for every problem, by line.
    """
    title = sent.title.strip()
    if not title:
        raise Invalid("Give the panel a title, such as its date and what it was about.")
    if len(title) > 200:
        raise Invalid("The title has more than 200 characters. Shorten it.")
    if len(sent.sheet) > LONGEST_SHEET:
        raise Invalid("The sheet has more than four million characters. Send one area at a time.")
    held_on(sent)
    standards_of_sheet(bank, sent, _scores(db, bank.spec), None)
    settings = {name: value for name, value in asdict(sent).items() if name not in ("title", "method", "sheet")}
    with db.write() as connection:
        setting_id = standard_settings.insert(
            connection,
            discipline=bank.discipline,
            title=title,
            method=sent.method,
            sheet=sent.sheet,
            settings=settings,
            created_by=who,
            at=now,
        )
        audit.add(
            connection,
            at=now,
            who=who,
            verb="add",
            noun="standard_setting",
            noun_id=setting_id,
            title=title,
            discipline=bank.discipline,
        )
    return setting_id


def opened(
    db: Database,
    bank: ItemBank,
    setting_id: int,
    *,
    now: dt.datetime,
    round_number: int | None = None,
    also: Sequence[int] = (),
) -> Opened:
    """Read a sheet and everything that follows from it, with the cohort and the policy as they are now.

    Raises
    ------
    NotFound
        If there is no such sheet.
    Invalid
        If there is no such round, or the item bank has changed so that the sheet cannot be read any more.
    """
    spec = bank.spec
    with db.read() as connection:
        kept = {one.id: one for one in standard_settings.of_discipline(connection, spec.discipline)}
        scores = frames.area_score_frame(connection, spec.discipline)
        in_force = policies.in_force(connection, spec.discipline, now)
    setting = kept.get(setting_id)
    if setting is None:
        raise NotFound("There is no such standard setting. It is in the list of them, if it was kept.")
    sent = as_sent(setting)
    standards = standards_of_sheet(bank, sent, scores, round_number)
    drawn = [kept[number] for number in also if number in kept and number != setting_id]
    return _all_that_follows(setting, sent, standards, cuts_of_others(bank, drawn, scores), scores, in_force)


def _all_that_follows(
    setting: StandardSetting,
    sent: PanelSheet,
    standards: list[AreaStandard],
    others: pd.DataFrame | None,
    scores: pd.DataFrame,
    in_force: PublishedPolicy | None,
) -> Opened:
    """Return the tables, the record and the effect of standards that were set."""
    cuts = cut_table(standards)
    record = record_of(
        standards,
        cuts,
        sheet_name=sent.file,
        sheet=sent.sheet.encode(),
        method=str(cuts["method"].iloc[0]),
        held_on=held_on(sent),
    )
    effect = _effect(scores, in_force, record["standards"])
    tables = tables_of(standards, cuts, others)
    tables["cuts_drawn"] = _drawn(cuts, others, tables.get("curve"))
    if "rounds" in tables:
        one = tables["rounds"]
        tables["rounds"] = one.assign(one_se_below=one["cut"] - one["se"], one_se_above=one["cut"] + one["se"])
    if effect is not None:
        tables |= {"effect": effect.areas, "effect_totals": _totals(effect)}
    rounds = {int(number) for each in standards if each.rounds is not None for number in each.rounds.index}
    return Opened(
        setting=setting,
        standards=standards,
        cuts=cuts,
        others=others,
        tables=tables,
        record=record,
        in_force=in_force,
        effect=effect,
        rounds=tuple(sorted(rounds)),
    )


def _effect(
    scores: pd.DataFrame, in_force: PublishedPolicy | None, standards: Mapping[str, float | None]
) -> CohortEffect | None:
    """Return what the standards would do, in the decimals a draft takes; None where nothing can be said.

    Nothing can be said where the policy in force decides by what stored area scores do not hold.
    """
    known = {area: round(cut, 4) for area, cut in standards.items() if cut is not None}
    if in_force is None or not len(scores) or not known:
        return None
    policy = in_force.policy
    try:
        return cohort_effect(scores[scores["content_area"].isin(list(policy.standards))], policy, known)
    except Invalid:
        return None


def _totals(effect: CohortEffect) -> pd.DataFrame:
    """Return what the standards would do over all areas, as one row."""
    names = ("candidates", "any_now", "any_then", "more", "fewer", "mean_total_now", "mean_total_then")
    return pd.DataFrame([{name: getattr(effect, name) for name in names}])


def _drawn(cuts: pd.DataFrame, others: pd.DataFrame | None, curve: pd.DataFrame | None) -> pd.DataFrame:
    """Return this panel's cuts and then the others', each with the share of the cohort that lies below it."""
    drawn = cuts if others is None else pd.concat([cuts, others], ignore_index=True)
    if curve is None:
        return drawn.assign(share_below=float("nan"))
    below = curve.loc[curve["kind"] == "cut", ["area", "method", "share_below"]]
    return drawn.merge(below.drop_duplicates(["area", "method"]), on=["area", "method"], how="left")


def make_draft(
    db: Database, bank: ItemBank, setting_id: int, *, who: str, now: dt.datetime, round_number: int | None = None
) -> PolicyDraft:
    """Make a policy draft: the policy in force with this panel's standards and the record of how they came about.

    Raises
    ------
    Conflict
        If no policy is in force that the standards could go into.
    Invalid
        If an area has no cut, or as `opened`.
    """
    found = opened(db, bank, setting_id, now=now, round_number=round_number)
    if found.in_force is None:
        raise Conflict("No policy is in force whose credit rule a draft could take. Publish one first.")
    policy = with_standards(found.in_force.policy, found.record)
    title = f"{found.setting.title}: {found.record['method']}"[:200]
    return policy_drafts.create(db, bank.spec, title=title, policy=policy, who=who, now=now)


def _scores(db: Database, spec: ContentSpec) -> pd.DataFrame:
    with db.read() as connection:
        return frames.area_score_frame(connection, spec.discipline)
