"""The workload of reviewers: what waits, how long decisions took week by week, which promised results are near."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.core.workload import by_reviewer, by_week, overall, promises
from ssa_engine.storage import claim_queue
from ssa_engine.web import current
from ssa_engine.web.staff.queue import days

blueprint = Blueprint("workload", __name__)

WEEKS = 12


@blueprint.get("/workload")
def show() -> ResponseReturnValue:
    """Show the last weeks."""
    now = current.now()
    rules = {discipline: spec.cqr for discipline, spec in current.library().specs.items()}
    with current.db().read() as connection:
        tally = claim_queue.tally(connection, current.person().email, days())
        decisions = claim_queue.decisions(connection, now - dt.timedelta(weeks=WEEKS + 1))
        unreleased = claim_queue.unreleased(connection)
        names = dict(claim_queue.reviewers(connection))
    weeks = by_week(decisions, rules, now.date(), WEEKS)
    first = min(weeks)
    shown = [one for one in decisions if one.decided_at.date() >= first]
    return render_template(
        "staff/workload/workload.html",
        tally=tally,
        weeks=weeks,
        reviewers=by_reviewer(shown, rules),
        overall=overall(shown, rules),
        promises=promises(unreleased, rules, now),
        unreleased=len(unreleased),
        names=names,
        count=WEEKS,
    )
