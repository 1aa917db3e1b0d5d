"""The demo: its people, published sample policies, and a cohort of simulated candidates."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.people import HASHER
from ssa_engine.actions.policies import publish
from ssa_engine.actions.results import area_results, response_frame
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.attempts import State
from ssa_engine.core.cycles import add_years
from ssa_engine.core.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from ssa_engine.core.events import EventKind
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.people import Role
from ssa_engine.core.policies import PublishedPolicy
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.psychometrics.simulate import other_answers, simulate_responses
from ssa_engine.storage import attempts, cycles, events, forms, groups, people, places, policies, results
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.groups import GroupValue

NO_PASSWORD = "!"  # noqa: S105 - matches no password: simulated people cannot sign in
YEARS_HELD = 8
"""How long demo credentials have been held: inside the compliance window of the sample specifications."""
COHORT_YEARS_HELD = 9
"""The same for simulated people, whose window has been open all the time in which they sat."""
COHORT_SPREAD = dt.timedelta(days=730)
"""Simulated people sat within this time; the sample policies are older."""
POLICY_AGE = dt.timedelta(days=3 * 365)
COHORT_GROUPS = {
    "setting": {"hospital": 0.55, "outpatient": 0.4, "": 0.05},
    "accommodation": {"none": 0.92, "extra time": 0.08},
}
"""Grouping -> value -> share of the simulated people. Both are invented; an empty value means that nobody asked."""

DEMO_CORRECT = {"prescribed@example.org": (5, 8, 9, 7, 6, 8, 4), "complete@example.org": (9, 8, 10, 8, 9, 8, 7)}
"""Items correct per content area, in outline order, for the demo people who have submitted."""
DEMO_ACCOMMODATIONS = {"accommodated@example.org": Accommodations(time_multiplier=1.5, extra_breaks=1)}


@dataclass(frozen=True, slots=True)
class _Sitting:
    """One finished attempt to store."""

    credential_id: int
    form: Form
    answers: Sequence[str | None]
    seconds: Sequence[float]
    started_at: dt.datetime


def build(db: Database, banks: Banks, *, cohort: int, seed: int, now: dt.datetime) -> None:
    """Fill an empty, upgraded database with the demo. The same seed makes the same cohort."""
    library = banks.library
    for spec in library.specs.values():
        reason, since = "Sample policy to start from", now - POLICY_AGE
        publish(db, spec, spec.sample_policy, expected_version=0, reason=reason, who="demo", now=since)
    with db.write() as connection:
        credentials = _add_demo_people(connection, now)
        for discipline, bank in library.banks.items():
            banks.store(connection, bank, now)
            policy = policies.in_force(connection, discipline, now)
            if policy is None:
                raise LookupError(discipline)
            sittings = _cohort_sittings(connection, bank, cohort, seed, now)
            if discipline == "CT":
                sittings += _demo_sittings(bank, credentials, seed, now)
            _store(connection, bank, policy, sittings)


def _add_demo_people(connection: Connection, now: dt.datetime) -> dict[str, int]:
    """Add the people of the demo; return address -> id of their CT credential."""
    password_hash = HASHER.hash(DEMO_PASSWORD)
    today, credentials = now.date(), {}
    for one in DEMO_PEOPLE:
        person_id = people.insert(
            connection, email=one.email, name=one.name, password_hash=password_hash, roles=[one.role], at=now
        )
        people.set_accommodations(connection, person_id, DEMO_ACCOMMODATIONS.get(one.email, Accommodations()))
        if one.role is Role.CANDIDATE:
            credentials[one.email] = people.insert_credential(
                connection, person_id=person_id, discipline="CT", earned_on=add_years(today, -YEARS_HELD)
            )
        if one.email == "candidate@example.org":
            people.insert_credential(
                connection, person_id=person_id, discipline="RAD", earned_on=add_years(today, -YEARS_HELD // 2)
            )
    return credentials


def _cohort_sittings(
    connection: Connection, bank: ItemBank, cohort: int, seed: int, now: dt.datetime
) -> list[_Sitting]:
    """Add simulated people, in groups, who each finished an attempt in the last two years."""
    if not cohort:
        return []
    forms = [draw_form(bank, seed * 1_000_003 + index) for index in range(cohort)]
    simulated = simulate_responses(bank, forms, cohort, seed)
    chance = random.Random(seed)  # noqa: S311 - a reproducible demo
    draw_groups = random.Random(f"groups {seed}")  # noqa: S311
    spread = int(COHORT_SPREAD.total_seconds() // 60)
    sittings, members = [], []
    for number, own in simulated.groupby("attempt_id"):
        code = f"{bank.discipline.lower()}-{int(str(number)):05d}"
        person_id = people.insert(
            connection,
            email=f"{code}@simulated.example.org",
            name=f"Simulated {code}",
            password_hash=NO_PASSWORD,
            roles=[Role.CANDIDATE],
            at=now,
        )
        members += _groups_of(person_id, draw_groups)
        earned_on = add_years(now.date(), -COHORT_YEARS_HELD) - dt.timedelta(days=chance.randrange(300))
        credential_id = people.insert_credential(
            connection, person_id=person_id, discipline=bank.discipline, earned_on=earned_on
        )
        started_at = now - dt.timedelta(minutes=chance.randrange(3 * 60, spread))
        answers = [answer if isinstance(answer, str) else None for answer in own["answer"]]
        form = forms[int(str(number)) - 1]
        seconds = _within(own["seconds"].tolist(), bank.spec.seconds_allowed)
        sittings.append(_Sitting(credential_id, form, answers, seconds, started_at))
    groups.insert(connection, members)
    return sittings


def _groups_of(person_id: int, chance: random.Random) -> list[GroupValue]:
    """Draw the groups of a simulated person."""
    drawn = [
        (name, chance.choices(list(shares), weights=list(shares.values()))[0]) for name, shares in COHORT_GROUPS.items()
    ]
    return [GroupValue(person_id, name, value) for name, value in drawn if value]


def _within(seconds: list[float], allowed: int) -> list[float]:
    """Shorten the times of a sitting that would not fit into the time allowed."""
    scale = min(1.0, 0.98 * allowed / sum(seconds))
    return [round(value * scale, 1) for value in seconds]


def _demo_sittings(bank: ItemBank, credentials: dict[str, int], seed: int, now: dt.datetime) -> list[_Sitting]:
    """The finished attempts of the demo people: so many correct in each area."""
    sittings = []
    for index, (email, correct) in enumerate(DEMO_CORRECT.items()):
        form = draw_form(bank, seed + index)
        left = dict(zip(bank.spec.area_names, correct, strict=True))
        answers: list[str | None] = []
        for place in form.items:
            item = bank.item(place.item_id)
            knows = not place.scored or left[place.content_area] > 0
            left[place.content_area] -= place.scored
            answers.append(item.key_answer if knows else other_answers(item)[0])
        seconds = [45.0] * len(form.items)
        sittings.append(_Sitting(credentials[email], form, answers, seconds, now - dt.timedelta(days=30 + index)))
    return sittings


def _store(connection: Connection, bank: ItemBank, policy: PublishedPolicy, sittings: list[_Sitting]) -> None:
    """Store the sittings, then score them all in one go."""
    parts, stored = [], {}
    for sitting in sittings:
        attempt_id = _store_sitting(connection, bank, sitting)
        stored[attempt_id] = sitting
        answers = {place.item_id: answer for place, answer in zip(sitting.form.items, sitting.answers, strict=True)}
        parts.append(response_frame(attempt_id, sitting.form.items, answers))
    if not parts:
        return
    scores = score_responses(pd.concat(parts, ignore_index=True), bank, policy.policy)
    for attempt_id, areas in area_results(scores, policy.policy.decision):
        sitting = stored[attempt_id]
        finished = sitting.started_at + dt.timedelta(seconds=sum(sitting.seconds))
        credential = people.credential(connection, sitting.credential_id)
        day = bank.spec.cqr.today(finished)
        found = credential and cycles.position_of(connection, credential, bank.spec.cqr, day)
        results.insert(
            connection,
            areas=areas,
            due_on=found.cycle.due_on if found else day,
            attempt_id=attempt_id,
            version=1,
            discipline=bank.discipline,
            policy_version=policy.version,
            bank_version=bank.version,
            key_version=bank.key_version,
            scored_at=finished,
        )


def _store_sitting(connection: Connection, bank: ItemBank, sitting: _Sitting) -> int:
    form_id = forms.insert(connection, sitting.form, sitting.started_at)
    finished = sitting.started_at + dt.timedelta(seconds=sum(sitting.seconds))
    attempt_id = attempts.insert(
        connection,
        credential_id=sitting.credential_id,
        cycle=1,
        number=1,
        form_id=form_id,
        state=State.RELEASED,
        started_at=sitting.started_at,
        seconds_allowed=bank.spec.seconds_allowed,
        submitted_at=finished,
        released_at=finished,
        position=len(sitting.form.items),
        items_total=len(sitting.form.items),
        render_token="demo",  # noqa: S106 - a finished attempt takes no answers
        rendered_at=finished,
    )
    events.append(connection, attempt_id, EventKind.STARTED, sitting.started_at, 1)
    events.append(connection, attempt_id, EventKind.SUBMITTED, finished)
    events.append(connection, attempt_id, EventKind.RELEASED, finished)
    rows, at = [], sitting.started_at
    for place, answer, seconds in zip(sitting.form.items, sitting.answers, sitting.seconds, strict=True):
        at += dt.timedelta(seconds=seconds)
        if answer is not None:
            rows.append(
                {
                    "attempt_id": attempt_id,
                    "item_id": place.item_id,
                    "answer": answer,
                    "token": f"demo-{place.position}",
                    "answered_at": at,
                    "seconds": seconds,
                }
            )
    places.append_responses(connection, rows)
    return attempt_id
