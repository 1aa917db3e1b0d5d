"""A small cohort for rescoring: a bank of two areas, sittings with known answers, sessions in one call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ssa_engine.actions import rescoring_runs, rescorings
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.keys import Keys, effective_keys
from ssa_engine.actions.policies import publish
from ssa_engine.actions.results import area_results, response_frame
from ssa_engine.content.library import Library
from ssa_engine.core.attempts import State
from ssa_engine.core.form_assembly import Form, FormItem
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import CreditRule, Policy
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.rescorings import ItemChange, Rescoring
from ssa_engine.storage import attempts, completed_credits, forms, places, results
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import area_scores
from ssa_engine.storage.tables import results as result_table
from tests.core.banks import scoring_bank
from tests.factories import Clock, Someone, add_someone

BANK = scoring_bank({"a": 4, "b": 4})
"""Items a-0 to a-4 and b-0 to b-4; keys a, b, c, d, a; the last of each area is a pilot."""

RIGHT = {item.id: item.key_answer for item in BANK.items}
Change = tuple[str, str, str]
"""Item, change, key."""


def policy_of(total_cap: float | None = None) -> Policy:
    """Three of four meet the standard; each item short is worth a credit."""
    rule = CreditRule(rule="per_item", credits=1.0, total_cap=total_cap)
    return Policy(standards={"a": 0.75, "b": 0.75}, credits=rule)


def answers_of(right: Mapping[str, int], **others: str | None) -> dict[str, str | None]:
    """Return answers: of each area the first so many by the key, an answer that earns nothing to the rest."""
    found: dict[str, str | None] = {}
    for item in BANK.items:
        area, number = item.id.split("-")
        knows = int(number) < right.get(area, 0)
        found[item.id] = RIGHT[item.id] if knows else next(one for one in "abcd" if one != RIGHT[item.id])
    return {**found, **{name.replace("_", "-"): answer for name, answer in others.items()}}


@dataclass
class Cohort:
    """Sittings under one bank and one policy."""

    db: Database
    banks: Banks
    clock: Clock
    bank: ItemBank
    policy: Policy
    people: int = 0

    def sit(self, answers: Mapping[str, str | None], state: State = State.RELEASED) -> int:
        """Store a finished attempt with these answers and its result by the keys in force; return its id."""
        self.people += 1
        now = self.clock()
        someone = add_someone(self.db, f"p{self.people}@test.example", clock=self.clock, discipline="TST")
        items = tuple(
            FormItem(place, item.id, self.bank.area_of(item), item.status == "active", item.option_ids)
            for place, item in enumerate(self.bank.items, 1)
        )
        keys = self.keys()
        scores = score_responses(response_frame(1, items, dict(answers)), self.bank, self.policy, keys.table)
        with self.db.write() as connection:
            form = forms.insert(connection, Form("TST", self.bank.version, self.people, items), now)
            attempt = self._insert_attempt(connection, someone, form, state, len(items))
            rows = [
                {
                    "attempt_id": attempt,
                    "item_id": item,
                    "answer": answer,
                    "token": item,
                    "answered_at": now,
                    "seconds": 1,
                }
                for item, answer in answers.items()
                if answer is not None
            ]
            if rows:
                places.append_responses(connection, rows)
            results.insert(
                connection,
                areas=next(iter(area_results(scores, self.policy.decision)))[1],
                due_on=dt.date(2028, 6, 1),
                attempt_id=attempt,
                version=1,
                discipline="TST",
                policy_version=1,
                bank_version=self.bank.version,
                key_version=keys.version,
                scored_at=now,
            )
        return attempt

    def _insert_attempt(self, connection: Any, someone: Someone, form: int, state: State, items: int) -> int:
        now = self.clock()
        return attempts.insert(
            connection,
            credential_id=someone.credential_id,
            cycle=1,
            number=1,
            form_id=form,
            state=state,
            started_at=now,
            seconds_allowed=600,
            submitted_at=None if state is State.IN_PROGRESS else now,
            released_at=now if state is State.RELEASED else None,
            position=1,
            items_total=items,
            render_token="t",
            rendered_at=now,
        )

    def keys(self) -> Keys:
        """The keys in force."""
        with self.db.read() as connection:
            return effective_keys(connection, self.banks, self.bank.version)

    def session(self, *changes: Change) -> Rescoring:
        """Begin a session with these changes."""
        by: dict[str, Any] = {"who": "ingrid", "now": self.clock()}
        session = rescorings.begin(self.db, self.banks, discipline="TST", title="Session", reason="Because", **by)
        for item, kind, key in changes:
            session = rescorings.change(
                self.db, self.banks, session.id, item_id=item, kind=ItemChange(kind), key=key, **by
            )
        return session

    def apply(self, *changes: Change) -> Rescoring:
        """Begin a session with these changes and apply it."""
        session = self.session(*changes)
        return rescoring_runs.apply(self.db, self.banks, session.id, who="ingrid", now=self.clock())

    def revert(self, session: Rescoring) -> Rescoring:
        """Revert a session."""
        return rescoring_runs.revert(self.db, self.banks, session.id, reason="mistaken", who="ingrid", now=self.clock())

    def complete(self, attempt: int, source: str, **credits: float) -> None:
        """Append completed credits."""
        with self.db.write() as connection:
            completed_credits.append(
                connection, attempt, credits, source=source, completed_on=self.clock().date(), at=self.clock()
            )

    def completed(self, attempt: int) -> dict[str, float]:
        """Area -> credits completed."""
        with self.db.read() as connection:
            return completed_credits.sums(connection, attempt)

    def versions(self, attempt: int) -> list[tuple[int, str, dict[str, tuple[float, int, float, float]]]]:
        """Every result of an attempt: version, cause, area -> (points, items, credits, credits kept)."""
        query = (
            sa.select(
                result_table.c.version,
                result_table.c.cause,
                area_scores.c.content_area,
                *(area_scores.c[name] for name in ("points", "items", "credits", "credits_kept")),
            )
            .join(area_scores, area_scores.c.result_id == result_table.c.id)
            .where(result_table.c.attempt_id == attempt)
            .order_by(result_table.c.version, area_scores.c.content_area)
        )
        found: dict[tuple[int, str], dict[str, tuple[float, int, float, float]]] = {}
        with self.db.read() as connection:
            for version, cause, area, *figures in connection.execute(query):
                points, items, credits, kept = figures
                found.setdefault((version, cause), {})[area] = (points, items, credits, kept)
        return [(version, cause, areas) for (version, cause), areas in found.items()]

    def credits(self, attempt: int) -> dict[str, float]:
        """Area -> credits prescribed by the latest result."""
        return {area: figures[2] for area, figures in self.versions(attempt)[-1][2].items()}


def cohort_in(db: Database, clock: Clock, *, total_cap: float | None = None, bank: ItemBank = BANK) -> Cohort:
    """Return a cohort without sittings; its policy is published and its bank stored."""
    banks = Banks(db, Library(specs={"TST": bank.spec}, banks={"TST": bank}))
    policy = policy_of(total_cap)
    publish(db, bank.spec, policy, expected_version=0, reason="first", who="test", now=clock())
    with db.write() as connection:
        banks.store(connection, bank, clock())
    return Cohort(db, banks, clock, bank, policy)
