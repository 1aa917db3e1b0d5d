"""What the database behind a page holds of a sitting."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import Page

from ssa_engine.core.attempts import Attempt
from ssa_engine.storage import attempts, events, places
from ssa_engine.storage.db import Database
from tests.stories.browser import attempt_of
from tests.stories.site import Site


def attempt_stored(db: Database, attempt_id: int) -> Attempt:
    """Return the attempt as it is stored."""
    with db.read() as connection:
        attempt = attempts.get(connection, attempt_id)
    assert attempt is not None
    return attempt


def answers_stored(db: Database, attempt_id: int) -> dict[int, str]:
    """Return the counted answers, by position."""
    attempt = attempt_stored(db, attempt_id)
    with db.read() as connection:
        return {one.position: one.answer for one in places.places(connection, attempt) if one.answer is not None}


def stored(site: Site, page: Page) -> dict[int, str]:
    """Return the counted answers of the attempt that the page shows, by position."""
    return answers_stored(site.db, attempt_of(page))


def position_stored(site: Site, page: Page) -> int:
    """Return where the attempt stands."""
    return attempt_stored(site.db, attempt_of(page)).position


def order_stored(db: Database, attempt_id: int) -> list[tuple[str, tuple[str, ...]]]:
    """Return the items in order, each with its options in order."""
    attempt = attempt_stored(db, attempt_id)
    with db.read() as connection:
        return [(one.item_id, one.options) for one in places.places(connection, attempt)]


def log_stored(db: Database, attempt_id: int) -> list[tuple[str, str, bool]]:
    """Return every answer received, in order: item, answer, whether it came in the grace."""
    with db.read() as connection:
        return [(row.item_id, row.answer, bool(row.late)) for row in places.response_log(connection, attempt_id)]


def events_stored(db: Database, attempt_id: int) -> list[tuple[str, int | None, str]]:
    """Return the timeline of a sitting, answers included: kind, position, detail."""
    with db.read() as connection:
        return [(str(one.kind), one.position, one.detail) for one in events.timeline(connection, attempt_id)]


def kinds_stored(site: Site, page: Page) -> list[str]:
    """Return the kinds of events of the attempt that the page shows."""
    return [kind for kind, _, _ in events_stored(site.db, attempt_of(page))]


def end_in(site: Site, page: Page, seconds: float) -> dt.datetime:
    """Let the clock of the attempt end in so many seconds from now; return when."""
    attempt = attempt_stored(site.db, attempt_of(page))
    passed = dt.datetime.now(dt.UTC) - attempt.started_at
    allowed = int(passed.total_seconds() + seconds)
    with site.db.write() as connection:
        attempts.change(connection, attempt.id, seconds_allowed=allowed)
    return attempt.started_at + dt.timedelta(seconds=allowed)
