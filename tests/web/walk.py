"""What a walk over every route needs: routes and their audiences, addresses to fill, people, a look at all rows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from ssa_engine.storage.schema import metadata
from tests.factories import Page, Someone

Snapshot = dict[str, str]
EVIDENCE = frozenset({"attempt_events"})
"""What is noted of a sitting without any change to it: an old page that was told so, a report of a browser."""

FREE = frozenset({"home.healthz", "home.readyz", "home.metrics", "records.ask", "records.show", "static"})
"""No sign-in. The routes of `signin` itself are free too: they are the way in and out."""

AUDIENCES = {
    "candidate": {Role.CANDIDATE},
    "psychometrician": {Role.PSYCHOMETRICIAN},
    "specialist": {Role.SPECIALIST, Role.PSYCHOMETRICIAN},
    "staff": {Role.STAFF},
    "display": set(Role),
    "style": {Role.SPECIALIST, Role.PSYCHOMETRICIAN},
}


def snapshot(db: Database, *, without: frozenset[str] = frozenset()) -> Snapshot:
    """Return table -> hash of all its rows: two are equal if nothing changed in between."""
    found = {}
    with db.read() as connection:
        for table in metadata.sorted_tables:
            if table.name not in without:
                rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all()
                found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def rules_of(app: Flask) -> list[Rule]:
    """Return every route, in the order of its endpoint."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))


def audience_of(rule: Rule) -> str:
    """Return the blueprint a route belongs to."""
    return str(rule.endpoint).partition(".")[0]


def methods_of(rule: Rule) -> set[str]:
    """Return what a route takes, but for what Flask answers by itself."""
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def fill(rule: Rule, values: dict[str, object]) -> str:
    """Return an address of the route. A KeyError means: a route has a part that this walk does not know yet."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(values[found[1]]), rule.rule)


def has_sentence(page: Page) -> bool:
    """Whether a page says something in words: a capital, several words, a full stop."""
    return re.search(r"[A-Z“‘][^.]* [^.]* [^.]*\.", page.text) is not None


@dataclass
class World:
    """Two candidates with an attempt each, and somebody in every other role, each in a browser."""

    own: Someone
    other: Someone
    own_attempt: int
    other_attempt: int
    browsers: dict[Role, FlaskClient]
    others_browser: FlaskClient
    item_id: str
    draft_id: int
    rescoring_id: int
    notices: dict[int, int]
    """Person -> the letter written to them."""
    setting_id: int
    claims: dict[int, tuple[int, int]]
    """Person -> a claim of theirs and its certificate."""

    def values(self, someone: Someone, attempt: int) -> dict[str, object]:
        """Values for every part of an address."""
        return {
            "attempt_id": attempt,
            "credential_id": someone.credential_id,
            "person_id": someone.id,
            "position": 1,
            "number": 1,
            "discipline": "CT",
            "item_id": self.item_id,
            "dataset": "attempts",
            "draft_id": self.draft_id,
            "rescoring_id": self.rescoring_id,
            "notice_id": self.notices[someone.id],
            "setting_id": self.setting_id,
            "claim_id": self.claims[someone.id][0],
            "certificate_id": self.claims[someone.id][1],
            "mail_id": 1,
            "panel_table": "cut",
            "release_table": "waiting",
            "period": "2027",
            "kind": "html",
            "table_name": "areas",
            "area": "radiation-safety-and-dose",
            "areas_table": "areas",
            "area_table": "scores",
            "table": "options",
            "code": "HLI-100",
            "name": "picture.png",
            "record_code": "CQRT-4K7M-9XWD",
            "filename": "css/base.css",
        }

    @property
    def mine(self) -> dict[str, object]:
        return self.values(self.own, self.own_attempt)

    @property
    def theirs(self) -> dict[str, object]:
        return self.values(self.other, self.other_attempt)


def guarded(app: Flask) -> Iterator[Rule]:
    """Every route that needs a sign-in."""
    for rule in rules_of(app):
        if rule.endpoint not in FREE and audience_of(rule) != "signin":
            yield rule
