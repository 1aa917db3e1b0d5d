"""Data of a small report, so regular that its figures can be worked out by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ssa_engine.content.library import Library
from ssa_engine.core.report_data import PublishedVersion, ReportData
from ssa_engine.core.report_periods import parse_period

AREA, OTHER = "image-formation", "neck-and-chest"
MARKS = {
    AREA: ("1111", "1110", "1100", "1000", "0000", "1111"),
    OTHER: ("1100", "1110", "1111", "0000", "1000", "1111"),
}
"""Marks of six attempts on four items of each of two areas."""
NOW = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)


def report_data(
    library: Library, *, attempts: int = 6, period: str = "2026", minimum: int = 5, groups: tuple[str, ...] = ()
) -> ReportData:
    """Return data of so many of the attempts, each in a month of its own from January 2026."""
    ids = [str(number + 1) for number in range(attempts)]
    months = [dt.datetime(2026, number + 1, 3, 9, tzinfo=dt.UTC) for number in range(attempts)]
    chosen = parse_period(period)
    marked = _marked(ids, months)
    grouped = {"candidate_id": [f"c{one}" for one in ids][: len(groups)], "grouping": "sex", "value": list(groups)}
    return ReportData(
        spec=library.spec("CT"),
        period=chosen,
        now=NOW,
        software="9.9",
        attempts=_attempts(ids, months),
        marked=marked[chosen.holds(marked["submitted_at"]).to_numpy()],
        area_scores=_area_scores(ids),
        bank_items=[f"{area}-{item}" for area in MARKS for item in range(5)],
        bank_version="bank",
        key_version="key",
        policies=tuple(
            version(library, number, day) for number, day in enumerate(("2025-01-01", "2026-05-01", "2027-01-01"), 1)
        ),
        groups=pd.DataFrame(grouped, columns=["candidate_id", "grouping", "value"]),
        panels=(),
        rescorings=(),
        minimum=minimum,
    )


def _attempts(ids: list[str], months: list[dt.datetime]) -> pd.DataFrame:
    began = pd.Series(months, dtype="datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "attempt_id": pd.Series(ids, dtype="str"),
            "candidate_id": pd.Series([f"c{one}" for one in ids], dtype="str"),
            "started_at": began,
            "submitted_at": began + pd.Timedelta(minutes=30),
            "seconds_used": [60.0 * (30 + at) for at in range(len(ids))],
            "items_answered": [8] * len(ids),
            "items_total": [8] * len(ids),
        }
    )


def _marked(ids: list[str], months: list[dt.datetime]) -> pd.DataFrame:
    rows = [
        (one, f"form-{at % 2}", f"{area}-{item}", area, True, mark == "1", months[at])
        for at, one in enumerate(ids)
        for area, marks in MARKS.items()
        for item, mark in enumerate(marks[at])
    ]
    names = ["attempt_id", "form_id", "item_id", "content_area", "scored", "correct", "submitted_at"]
    return pd.DataFrame(rows, columns=names).astype({"scored": bool, "correct": bool})


def _area_scores(ids: list[str]) -> pd.DataFrame:
    """Two credits for each item short of three."""
    rows = [(one, area, marks[at].count("1")) for area, marks in MARKS.items() for at, one in enumerate(ids)]
    frame = pd.DataFrame(rows, columns=["attempt_id", "content_area", "correct"])
    right = frame["correct"]
    return frame.assign(
        items=4,
        points=right.astype(float),
        score=right / 4,
        below_standard=right < 3,
        credits=2.0 * (3 - right).clip(lower=0),
        policy_version=1,
        bank_version="bank",
        key_version="key",
    )


def version(library: Library, number: int, day: str) -> PublishedVersion:
    """Return a version of the sample policy that holds from a day on."""
    at = dt.datetime.fromisoformat(f"{day}T00:00+00:00")
    policy = library.spec("CT").sample_policy
    return PublishedVersion(number, policy, at, at, "publisher", "proposer", f"reason {number}")
