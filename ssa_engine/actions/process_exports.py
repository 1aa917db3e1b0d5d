"""Datasets of the CQR process as frames: cycles, the biennium, and what may leave of the profiles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.core.biennium import ApprovedActivity, Biennium, Counted, biennium_on, count, rules_of
from ssa_engine.core.cycles import CycleEvent, Happening, Position, position
from ssa_engine.core.programmes import CqrRules
from ssa_engine.exchange.columns import BY_NAME
from ssa_engine.storage import biennium, cycles, profiles
from ssa_engine.storage.db import Connection
from ssa_engine.storage.people import Credential


def cycle_frame(connection: Connection, banks: Banks, discipline: str | None, now: dt.datetime) -> pd.DataFrame:
    """Return one row per cycle of each time-limited credential: the present one, and those where something happened."""
    rows: list[dict[str, Any]] = []
    happened = cycles.happenings_of_many(connection, None)
    for own in cycles.credentials_after(connection, 0, None):
        spec = banks.library.specs.get(own.discipline)
        if spec is not None and discipline in (None, own.discipline):
            rows += _cycle_rows(own, spec.cqr, happened.get(own.id, ()), spec.cqr.today(now))
    return _frame("cycles", rows)


def _cycle_rows(
    own: Credential, rules: CqrRules, happened: tuple[Happening, ...], today: dt.date
) -> list[dict[str, Any]]:
    """Return the rows of one credential, by cycle."""
    days = sorted({one.on for one in happened if one.kind is not CycleEvent.REINSTATED and one.on <= today})
    found: dict[int, Position] = {}
    for day in (*days, None):
        # Who is reinstated on the day of completion is in the next cycle that day; the one that ended has its row too.
        known = [one for one in happened if day is None or one.kind is not CycleEvent.REINSTATED or one.on < day]
        stands = position(day or today, own.earned_on, rules, known, own.recorded_on)
        if stands is not None:
            found[stands.cycle.number] = stands
    reinstated = {one.cycle: one.on for one in happened if one.kind is CycleEvent.REINSTATED and one.on <= today}
    return [
        {
            "credential_id": str(own.id),
            "candidate_id": str(own.person_id),
            "discipline": own.discipline,
            "cycle": number,
            "starts_on": stands.cycle.starts_on,
            "opens_on": stands.cycle.opens_on,
            "submit_by": stands.cycle.submit_by,
            "due_on": stands.cycle.due_on,
            "state": str(stands.state),
            "completed_on": stands.completed_on,
            "discontinued_on": stands.discontinued_on,
            "reinstated_on": reinstated.get(number),
        }
        for number, stands in sorted(found.items())
    ]


def biennium_frame(connection: Connection, banks: Banks, discipline: str | None, now: dt.datetime) -> pd.DataFrame:
    """Return one row per approved activity: what of it counts in its candidate's running biennium, and why or why not.

    Whether an activity counts hangs on all that a candidate claimed, so a discipline is chosen after counting.
    """
    programmes = {code: spec.cqr for code, spec in banks.library.specs.items()}
    enrolled = biennium.enrolled(connection)
    rows: list[dict[str, Any]] = []
    for person_id, own in groupby(biennium.approved(connection), key=lambda one: one.person_id):
        rows += _biennium_rows(person_id, list(own), enrolled[person_id], programmes, now)
    kept = [row for row in rows if discipline in (None, row["discipline"])]
    return _frame("biennium", kept)


def _biennium_rows(
    person_id: int,
    own: list[biennium.ApprovedOf],
    enrolled: biennium.Enrolled,
    programmes: Mapping[str, CqrRules],
    now: dt.datetime,
) -> list[dict[str, Any]]:
    """Return the rows of one person, by claim."""
    programme = rules_of(enrolled.disciplines, programmes)
    period, told = None, {}
    if programme and programme.biennium and enrolled.begun_on:
        period = biennium_on(programme.today(now), enrolled.begun_on, programme.biennium)
        counted = count([one.activity for one in own], period, programme.biennium)
        told = {one.activity.claim_id: one for one in counted}
    return [_biennium_row(person_id, one, one.activity, period, told.get(one.activity.claim_id)) for one in own]


def _biennium_row(
    person_id: int,
    one: biennium.ApprovedOf,
    activity: ApprovedActivity,
    period: Biennium | None,
    counted: Counted | None,
) -> dict[str, Any]:
    return {
        "claim_id": str(activity.claim_id),
        "attempt_id": str(one.attempt_id),
        "candidate_id": str(person_id),
        "discipline": one.discipline,
        "biennium_from": period.starts_on if period else None,
        "biennium_to": period.ends_on if period else None,
        "activity_code": activity.activity_code,
        "finished_on": activity.finished_on,
        "credits": activity.credits,
        "credits_counted": counted.credits if counted else None,
        "reason": str(counted.reason) if counted else "",
    }


def profile_frame(connection: Connection, banks: Banks, discipline: str | None) -> pd.DataFrame:
    """Return how many people chose each frequency for each clinical activity, hidden where they are too few.

    A discipline in which nobody has finished a profile has no rows.
    """
    rows: list[dict[str, Any]] = []
    for code, spec in banks.library.specs.items():
        if spec.profile is None or discipline not in (None, code):
            continue
        areas = {one.id: one.area for one in spec.profile.activities}
        if not profiles.counts(connection, code):
            continue
        for activity, steps in profiles.aggregate(connection, spec).items():
            rows += [
                {
                    "discipline": code,
                    "activity": activity,
                    "content_area": areas[activity],
                    "frequency": step,
                    "people": n,
                }
                for step, n in steps.items()
            ]
    return _frame("profiles", rows)


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[column.name for column in BY_NAME[name].columns], dtype=object)
