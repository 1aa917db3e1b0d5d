"""Answer-save: candidates save answers against `ssa serve` and its floor, in turn, and every answer is counted."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import floor, servers
from benchmarks.load import Outcome, Plan
from ssa_engine.actions import preparations
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.demo import build
from ssa_engine.actions.people import hash_token
from ssa_engine.config import bundled
from ssa_engine.content.library import Library, load_library
from ssa_engine.core.cycles import add_years
from ssa_engine.core.people import Role
from ssa_engine.storage import people, places
from ssa_engine.storage.db import Database
from ssa_engine.storage.upgrade import upgrade

USERS = (1, 16, 64)
COHORT = 100
YEARS_HELD = 8
SEED = 20260301


@dataclass(frozen=True)
class Candidate:
    """Somebody signed in, with an attempt under way."""

    attempt_id: int
    cookie: str


@dataclass(frozen=True)
class Line:
    """Medians of one target at one number of users."""

    users: int
    target: str
    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Result:
    """What was measured and what was counted."""

    lines: tuple[Line, ...]
    ratios: dict[int, float]
    """Users -> requests a second of the engine over those of the floor."""
    spread: dict[int, tuple[float, float]]
    """Users -> the lowest and highest ratio of one round."""
    acknowledged: int
    """By the engine, all rounds together."""
    stored: int
    """Responses of those attempts afterwards."""
    answer_bytes: dict[str, int]
    load_share: float


@dataclass
class Target:
    """One server under load. `paths` and `cookies` are one a user; `log` is what it acknowledged to each."""

    name: str
    port: int
    paths: list[str]
    cookies: list[str]
    items_total: int
    log: list[list[tuple[str, str]]]

    def load(self, users: int, *, warm_up: float, seconds: float, seed: int) -> Outcome:
        """Put it under load by so many users, from a process of its own."""
        who = list(zip(self.paths[:users], self.cookies[:users], strict=True))
        plan = Plan(self.port, self.items_total, warm_up, seconds, seed, who)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"],
            input=json.dumps(asdict(plan)),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"The load on the {self.name} ended early:\n{done.stderr}")
        outcome = Outcome(**json.loads(done.stdout))
        for own, saves in zip(self.log, outcome.acknowledged, strict=False):
            own += [(item, answer) for item, answer in saves]
        return outcome


def measure(*, rounds: int, warm_up: float, seconds: float) -> Result:
    """Measure both targets at each number of users, in turn, and count the answers afterwards."""
    found: dict[tuple[str, int], list[Outcome]] = {}
    with _folder() as folder:
        candidates = prepare(folder / "engine.db", max(USERS))
        with servers.engine(folder / "engine.db") as engine_port, servers.floor(folder / "floor.db") as floor_port:
            targets = _targets(candidates, engine_port, floor_port)
            for target in targets:  # not measured: all workers boot and fill their caches
                target.load(max(USERS), warm_up=warm_up, seconds=seconds / 2, seed=SEED)
            for number in range(rounds):
                for users in USERS:
                    for target in targets if number % 2 else reversed(targets):
                        outcome = target.load(users, warm_up=warm_up, seconds=seconds, seed=SEED + number)
                        found.setdefault((target.name, users), []).append(outcome)
        acknowledged, of_floor = (sum(map(len, target.log)) for target in targets)
        stored = _stored_as_acknowledged(folder / "engine.db", candidates, targets[0])
        kept = _rows(folder / "floor.db")
    if kept != of_floor:
        raise RuntimeError(f"The floor acknowledged {of_floor} saves and stored {kept}.")
    return _summary(found, acknowledged, stored)


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder on the disk where `make serve` keeps its data: a temporary one may be memory, which syncs free."""
    Path("var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="var", prefix="benchmarks-") as name:
        yield Path(name).absolute()


def prepare(database: Path, count: int) -> list[Candidate]:
    """Make a demo database and so many candidates who are signed in and have started."""
    now = dt.datetime.now(dt.UTC)
    db = Database(f"sqlite:///{database}")
    upgrade(db)
    banks = Banks(db, single_items(load_library(bundled("content_specs"), bundled("item_bank"))))
    build(db, banks, cohort=COHORT, seed=SEED, now=now)
    candidates = [_candidate(db, banks, number, now) for number in range(count)]
    db.dispose()
    return candidates


def single_items(library: Library) -> Library:
    """Leave the CT items that take one best answer: every form then is as long, and every save as large, as another."""
    bank = library.bank("CT")
    singles = tuple(item for item in bank.items if item.format == "single" and item.case is None and not item.files)
    return replace(library, banks={"CT": bank.model_copy(update={"items": singles, "cases": ()})})


def _candidate(db: Database, banks: Banks, number: int, now: dt.datetime) -> Candidate:
    email, token = f"bench-{number}@example.org", f"bench-token-{number}"
    with db.write() as connection:
        person_id = people.insert(
            connection, email=email, name=f"Bench {number}", password_hash="!", roles=[Role.CANDIDATE], at=now
        )
        credential_id = people.insert_credential(
            connection, person_id=person_id, discipline="CT", earned_on=add_years(now.date(), -YEARS_HELD)
        )
        people.open_session(
            connection,
            token_hash=hash_token(token),
            person_id=person_id,
            at=now,
            expires_at=now + dt.timedelta(hours=12),
        )
    mine: dict[str, Any] = {"credential_id": credential_id, "person_id": person_id, "who": email, "now": now}
    preparations.confirm_identity(db, banks, **mine)
    preparations.answer_agreement(db, banks, **mine, accepts=True)
    attempt_id = preparations.start(db, banks, **mine, seed=number, token="first")
    return Candidate(attempt_id, f"ssa_session={token}")


def _targets(candidates: list[Candidate], engine_port: int, floor_port: int) -> list[Target]:
    count = len(candidates)
    cookies = [one.cookie for one in candidates]
    bank = load_library(bundled("content_specs"), bundled("item_bank")).bank("CT")
    items_total = sum(area.scored + area.pilot for area in bank.spec.blueprint.areas.values())
    return [
        Target(
            "engine",
            engine_port,
            [f"/candidate/attempts/{one.attempt_id}/items/" for one in candidates],
            cookies,
            items_total,
            [[] for _ in range(count)],
        ),
        Target(
            "floor",
            floor_port,
            [f"/users/{number}/items/" for number in range(count)],
            cookies,
            floor.ITEMS,
            [[] for _ in range(count)],
        ),
    ]


def _stored_as_acknowledged(database: Path, candidates: list[Candidate], target: Target) -> int:
    """Count the responses; raise if those of any attempt are not exactly what was acknowledged, in that order."""
    db, stored = Database(f"sqlite:///{database}"), 0
    with db.read() as connection:
        for one, own in zip(candidates, target.log, strict=True):
            rows = [(row.item_id, row.answer) for row in places.response_log(connection, one.attempt_id)]
            if rows != own:
                raise RuntimeError(f"Attempt {one.attempt_id}: {len(own)} acknowledged, {len(rows)} stored, or others.")
            stored += len(rows)
    db.dispose()
    return stored


def _rows(database: Path) -> int:
    connection = sqlite3.connect(database)
    count: int = connection.execute("SELECT count(*) FROM answers").fetchone()[0]
    connection.close()
    return count


def _summary(found: dict[tuple[str, int], list[Outcome]], acknowledged: int, stored: int) -> Result:
    """Take medians over the rounds."""
    lines = tuple(
        Line(
            users,
            name,
            statistics.median(one.per_second for one in found[name, users]),
            statistics.median(one.p50_ms for one in found[name, users]),
            statistics.median(one.p99_ms for one in found[name, users]),
        )
        for users in USERS
        for name in ("engine", "floor")
    )
    per_second = {(line.target, line.users): line.per_second for line in lines}
    by_round = {
        users: [
            ours.per_second / theirs.per_second
            for ours, theirs in zip(found["engine", users], found["floor", users], strict=True)
        ]
        for users in USERS
    }
    every = [one for outcomes in found.values() for one in outcomes]
    return Result(
        lines,
        {users: per_second["engine", users] / per_second["floor", users] for users in USERS},
        {users: (min(ratios), max(ratios)) for users, ratios in by_round.items()},
        acknowledged,
        stored,
        {name: max(one.answer_bytes for users in USERS for one in found[name, users]) for name in ("engine", "floor")},
        max(one.load_share for one in every),
    )
