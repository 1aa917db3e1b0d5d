"""The technical report of a discipline and a period, from the database. It changes nothing and is not stored."""

from __future__ import annotations

import datetime as dt

from ssa_engine import __version__
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.marked_cohorts import marked_cohort
from ssa_engine.core.report_data import PanelRecord, PublishedVersion, ReportData
from ssa_engine.core.report_methods import technical_report
from ssa_engine.core.report_periods import Period
from ssa_engine.core.technical_report import MINIMUM, Report
from ssa_engine.exchange.report_html import report_html
from ssa_engine.exchange.report_pdf import report_pdf
from ssa_engine.storage import frames, policies, report_rows, standard_settings
from ssa_engine.storage.db import Connection, Database

FORMATS = {"html": report_html, "pdf": report_pdf}


def make(
    db: Database, banks: Banks, discipline: str, period: Period, *, now: dt.datetime, minimum: int = MINIMUM
) -> Report:
    """Return the report of a period, all of it read from one state of the database.

    Parameters
    ----------
    minimum : int
        Candidates behind a figure, below which it is not shown.

    Raises
    ------
    NotFound
        If there is no such discipline.
    """
    bank = banks.library.bank(discipline)
    spec = bank.spec
    with db.read() as connection:
        marked = marked_cohort(connection, db, banks, spec.discipline).marked
        data = ReportData(
            spec=spec,
            period=period,
            now=now,
            software=__version__,
            attempts=frames.attempt_frame(connection, spec.discipline),
            marked=marked[period.holds(marked["submitted_at"], now).to_numpy(dtype=bool)],
            area_scores=frames.area_score_frame(connection, spec.discipline),
            bank_items=[item.id for item in bank.items if item.status in ("active", "pilot")],
            bank_version=bank.version,
            key_version=bank.key_version,
            policies=_policies(connection, spec.discipline),
            groups=report_rows.group_frame(connection, spec.discipline),
            panels=_panels(connection, spec.discipline),
            rescorings=report_rows.applied_rescorings(connection, spec.discipline),
            minimum=minimum,
        )
    return technical_report(data)


def file_name(report: Report, kind: str) -> str:
    """Return what the file of a report is called."""
    return f"technical-report-{report.discipline.lower()}-{report.period.name.replace('..', '-to-')}.{kind}"


def _policies(connection: Connection, discipline: str) -> tuple[PublishedVersion, ...]:
    """Return every version of the policy with its history, oldest first."""
    found = []
    for about in reversed(policies.history(connection, discipline)):
        published = policies.get(connection, discipline, about.version)
        if published is not None:
            found.append(
                PublishedVersion(
                    version=about.version,
                    policy=published.policy,
                    published_at=about.published_at,
                    effective_at=about.effective_at,
                    published_by=about.published_by,
                    proposed_by=about.proposed_by,
                    reason=about.reason,
                )
            )
    return tuple(found)


def _panels(connection: Connection, discipline: str) -> tuple[PanelRecord, ...]:
    """Return the panels whose sheets are kept, oldest first."""
    return tuple(
        PanelRecord(one.title, one.method, one.settings.get("held_on", ""), one.created_at, one.created_by)
        for one in reversed(standard_settings.of_discipline(connection, discipline))
    )
