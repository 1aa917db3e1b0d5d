"""Activities and prescriptions for the tests of the catalogue and of the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ssa_engine.actions.activities import import_activities
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.activities import Activity, ActivityFormat
from ssa_engine.core.attempts import State
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.storage import activities, attempts, forms, results
from ssa_engine.storage.db import Database
from ssa_engine.storage.results import AreaResult
from tests.factories import Clock, Someone

DOSE, FORMATION, CHEST = "radiation-safety-and-dose", "image-formation", "neck-and-chest"


def activity(code: str = "A-1", counts: Mapping[str, float] | None = None, **changes: Any) -> Activity:
    """An online activity of 2.5 credits, 90 minutes and 40 to pay, at any time; `counts` are its credits in CT."""
    parts: dict[str, Any] = {
        "id": 0,
        "code": code,
        "title": f"Course {code}",
        "sponsor": "Harborlight Imaging Education",
        "format": ActivityFormat.ONLINE,
        "credits": 2.5,
        "minutes": 90,
        "cost": 40.0,
        "starts_on": None,
        "ends_on": None,
        "mechanism": "Cedar Course Approval",
        "biennium": True,
        "url": "",
        "distribution": {"CT": dict(counts)} if counts else {},
    }
    return Activity(**{**parts, **changes})


def catalogue(db: Database, clock: Clock, *rows: Activity) -> dict[str, int]:
    """Import activities; return code -> id."""
    import_activities(db, rows, who="test", now=clock())
    with db.read() as connection:
        return {one.code: one.id for one in activities.everything(connection)}


def prescribe(db: Database, library: Library, clock: Clock, someone: Someone, credits: Mapping[str, float]) -> int:
    """Give somebody a released attempt in CT that prescribes these credits; return the attempt."""
    bank, now = library.bank("CT"), clock()
    form = draw_form(bank, someone.id)
    with db.write() as connection:
        Banks(db, library).store(connection, bank, now)
        form_id = forms.insert(connection, form, now)
        attempt_id = attempts.insert(
            connection,
            credential_id=someone.credential_id,
            cycle=1,
            number=1,
            form_id=form_id,
            state=State.RELEASED,
            started_at=now,
            seconds_allowed=600,
            submitted_at=now,
            released_at=now,
            position=1,
            items_total=len(form.items),
            render_token="t",
            rendered_at=now,
        )
        results.insert(
            connection,
            areas=[_area(area, credits.get(area, 0.0)) for area in bank.spec.area_names],
            due_on=dt.date(2028, 6, 1),
            attempt_id=attempt_id,
            version=1,
            discipline="CT",
            policy_version=1,
            bank_version=bank.version,
            key_version=bank.key_version,
            scored_at=now,
        )
    return attempt_id


def _area(area: str, credits: float) -> AreaResult:
    return AreaResult(
        content_area=area,
        items=10,
        correct=5 if credits else 9,
        points=5.0 if credits else 9.0,
        score=0.5 if credits else 0.9,
        score_se=0.15,
        standard=0.7,
        gap=0.2 if credits else 0.0,
        below_standard=credits > 0,
        probability_below=0.9 if credits else 0.1,
        credits_by_rule=credits,
        credits=credits,
        sentence="Five of ten." if credits else "",
    )
