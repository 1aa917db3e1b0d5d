"""What a view asks for: the database, the item banks, the time, the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app, g, request

from ssa_engine.actions.banks import Banks
from ssa_engine.config import Settings
from ssa_engine.content.library import Library
from ssa_engine.core.people import Person
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Database


@dataclass(frozen=True)
class Engine:
    """The parts that `create_app` joins."""

    settings: Settings
    db: Database
    banks: Banks
    clock: Callable[[], dt.datetime]


def engine() -> Engine:
    """Return the parts of the running application."""
    return cast(Engine, current_app.extensions["ssa_engine"])


def db() -> Database:
    """Return the database."""
    return engine().db


def banks() -> Banks:
    """Return the item banks."""
    return engine().banks


def certificates() -> CertificateFiles:
    """Return the folder of certificates."""
    return CertificateFiles(engine().settings.certificate_dir)


def library() -> Library:
    """Return today's content."""
    return engine().banks.library


def now() -> dt.datetime:
    """Return the time of this request, in UTC; the same however often it is asked."""
    found: dt.datetime | None = g.get("now")
    if found is None:
        found = g.now = engine().clock()
    return found


def day_of(moment: dt.datetime) -> dt.date:
    """Return the day that a moment fell on where the programmes are; in UTC where their time zones differ."""
    rules = {spec.cqr.time_zone: spec.cqr for spec in library().specs.values()}
    return next(iter(rules.values())).today(moment) if len(rules) == 1 else moment.astimezone(dt.UTC).date()


def person() -> Person:
    """Return the person signed in. Only for views behind a guard."""
    return cast(Person, g.person)


def device() -> str:
    """Return what the browser says it is: evidence for the timeline of a sitting."""
    return str(request.user_agent)[:200]
