"""For any prescription and any sequence of claims and decisions the ledger stays true, and steps make the claims.

What should be is worked out here once more, in whole sixteenths of a credit, from what was done alone.
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.claims import Claim, ClaimState, replay
from ssa_engine.core.cycles import CycleEvent
from ssa_engine.core.errors import SsaError
from ssa_engine.core.people import Role
from ssa_engine.storage import completion_records, cycles
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.console_tables import completed_credits
from ssa_engine.storage.db import Database
from tests.actions.claiming import (
    DOSE,
    HEAD,
    IMAGES,
    OTHER,
    REVIEWER,
    Desk,
    library_with_claims,
    prescribe,
    stored_activity,
)
from tests.factories import Clock, add_someone

AREAS = (DOSE, IMAGES, HEAD)
ASKED = st.tuples(*[st.sampled_from((0, 0, 1, 2, 4))] * 3).filter(any)
SHARES = st.tuples(*[st.sampled_from((0, 1, 2, 4, 6))] * 3).filter(any)
VERBS = ("report",) * 3 + ("approve",) * 4 + ("undo",) * 3 + ("reject", "ask", "mend", "withdraw", "wait")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.integers(0, 3),
        st.sampled_from((None, None, 0.5, 1.0, 0.0, 2.0)),
        st.sampled_from((REVIEWER, REVIEWER, REVIEWER, OTHER)),
    ),
    min_size=6,
    max_size=16,
)
Step = tuple[str, int, float | None, str]
numbers = itertools.count(1)


def of_eighths(shares: tuple[int, ...]) -> dict[str, float]:
    return {area: share / 8 for area, share in zip(AREAS, shares, strict=True) if share}


class Model:
    """What should be: the state of each claim and what it was awarded, in sixteenths of a credit."""

    def __init__(self, prescribed: tuple[int, ...]) -> None:
        self.prescribed = prescribed
        self.awarded: dict[int, tuple[int, ...]] = {}

    def filled(self) -> tuple[int, ...]:
        sums = [sum(own) for own in zip((0, 0, 0), *self.awarded.values(), strict=True)]
        return tuple(min(asked, had) for asked, had in zip(self.prescribed, sums, strict=True))

    def is_filled(self) -> bool:
        return self.filled() == self.prescribed


@pytest.fixture
def room(
    sqlite_template: Path, library: Library, clock: Clock, tmp_path: Path
) -> Iterator[Callable[..., tuple[Desk, list[Any]]]]:
    """Make a new candidate with a prescription, and activities, in a database that all share."""
    shutil.copy(sqlite_template, tmp_path / "ssa.db")
    db = Database(f"sqlite:///{tmp_path / 'ssa.db'}")
    ours = library_with_claims(library)
    spec = ours.specs["CT"]
    publish(db, spec, spec.sample_policy, expected_version=0, reason="sample", who="test", now=clock())
    for reviewer in (REVIEWER, OTHER):
        add_someone(db, reviewer, clock=clock, role=Role.STAFF)
    start = clock.at

    def make(asked: tuple[int, ...], shares: list[tuple[int, ...]]) -> tuple[Desk, list[Any]]:
        clock.at = start
        number = next(numbers)
        someone = add_someone(db, f"person{number}@test.example", clock=clock)
        banks = Banks(db, ours)
        attempt_id = prescribe(db, banks, someone, of_eighths(asked), start - dt.timedelta(days=10))
        some = [
            stored_activity(db, f"A{number}-{index}", sum(own) / 8, of_eighths(own)) for index, own in enumerate(shares)
        ]
        return Desk(db, banks, CertificateFiles(tmp_path / "certificates"), clock, someone, attempt_id), some

    yield make
    db.dispose()


def do(desk: Desk, some: list[Any], step: Step) -> Claim | None:
    """Try one step; None if it was refused."""
    verb, which, part, who = step
    desk.clock.advance(seconds=20)
    if verb == "wait":
        desk.clock.advance(seconds=120)
        return None
    try:
        if verb == "report":
            return desk.report(some[which])
        own = desk.claims
        if not own:
            return None
        claim = own[which % len(own)]
        if verb == "approve":
            awarded = None if part is None else {area: part * had for area, had in claim.distribution.items()}
            return desk.approve(claim, who, distribution=awarded)
        if verb == "mend":
            return desk.mend(claim, text="Here it is.")
        if verb == "withdraw":
            return desk.withdraw(claim)
        if verb == "reject":
            return desk.reject(claim, who=who)
        return desk.ask(claim, who=who) if verb == "ask" else desk.undo(claim, who=who)
    except SsaError:
        return None


def stored_awards(desk: Desk) -> dict[int, tuple[int, ...]]:
    """Claim -> sixteenths in each area, from the rows themselves; a row that stands twice would add up."""
    found: dict[int, list[int]] = {}
    with desk.db.read() as connection:
        own = completed_credits.c.attempt_id == desk.attempt_id
        for row in connection.execute(sa.select(completed_credits).where(own)):
            claim = int(row.source.removeprefix("claim/"))
            found.setdefault(claim, [0, 0, 0])[AREAS.index(row.content_area)] += round(row.credits * 16)
    return {claim: tuple(own) for claim, own in found.items()}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=ASKED, shares=st.lists(SHARES, min_size=4, max_size=4), steps=STEPS)
def test_the_ledger_is_true_whatever_is_claimed_and_decided(
    room: Callable[..., tuple[Desk, list[Any]]],
    asked: tuple[int, ...],
    shares: list[tuple[int, ...]],
    steps: list[Step],
) -> None:
    desk, some = room(asked, shares)
    model = Model(tuple(2 * eighths for eighths in asked))
    for step in steps:
        claim = do(desk, some, step)
        if claim is not None and step[0] == "approve":
            model.awarded[claim.id] = tuple(round(claim.distribution.get(area, 0) * 16) for area in AREAS)
        elif claim is not None and step[0] == "undo":
            *_, decision, undone = desk.events(claim)
            assert (undone.at - decision.at <= dt.timedelta(seconds=60), undone.who) == (True, decision.who)
            model.awarded.pop(claim.id, None)
        holds(desk, model)


def holds(desk: Desk, model: Model) -> None:
    """Everything that has to be true after every step."""
    ledger, claims = desk.ledger, desk.claims
    filled = tuple(round(ledger.areas[area].filled * 16) if area in ledger.areas else 0 for area in AREAS)
    # Credits never count twice: each approved claim stands there once, with what it was awarded, and no other.
    awards = stored_awards(desk)
    assert awards == model.awarded
    assert set(awards) == {one.id for one in claims if one.state is ClaimState.APPROVED}
    used = [one.activity_id for one in claims if one.state not in (ClaimState.REJECTED, ClaimState.WITHDRAWN)]
    assert len(used) == len(set(used))
    # What is filled is neither more than prescribed nor more than awarded; the rest is surplus or elsewhere.
    assert filled == model.filled()
    total = sum(sum(own) for own in awards.values())
    shown = sum(round((fill.filled + fill.surplus) * 16) for fill in ledger.areas.values())
    assert shown + sum(round(credits * 16) for credits in ledger.elsewhere.values()) == total
    # Complete exactly when every area is filled.
    with desk.db.read() as connection:
        happened = [one.kind for one in cycles.happenings(connection, desk.someone.credential_id)]
        record = completion_records.of_cycle(connection, desk.someone.credential_id, 1)
    assert happened == ([CycleEvent.COMPLETED] if model.is_filled() else [])
    assert (record is not None) == model.is_filled()
    # The steps alone make the claims as they stand.
    assert [replay(one.id, one.attempt_id, desk.events(one)) for one in claims] == claims
