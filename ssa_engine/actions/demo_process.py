"""The demo's CQR process: the catalogue, profiles of many, claims with certificates in a queue, one who is complete."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from ssa_engine.actions import claim_reviews, claims, completion, cycles, prescribed_work
from ssa_engine.actions.activities import import_activities
from ssa_engine.actions.banks import Banks
from ssa_engine.core.activities import Activity
from ssa_engine.core.certificates import SentFile
from ssa_engine.core.claim_rules import Report
from ssa_engine.core.claims import Claim
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import add_years
from ssa_engine.core.profiles import ProfileSurvey, practice
from ssa_engine.exchange.sample_certificate import sample_certificate
from ssa_engine.storage import activities, people, profiles, registry
from ssa_engine.storage import claims as claim_rows
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Connection, Database

REVIEWER = "staff@example.org"
PRESCRIBED, COMPLETE = "prescribed@example.org", "complete@example.org"
DAY = dt.timedelta(days=1)
PEERS = 300
"""Simulated people whose profile is finished, at most."""
QUEUE_DAYS = (21, 15, 13, 11, 9, 8, 6, 5, 3, 2, 1, 1)
"""How many days ago the simulated claims that wait were submitted: the oldest is overdue."""
DECIDED_DAYS = tuple(range(24, 84, 3))
"""The same of simulated claims that were decided."""


@dataclass(frozen=True, slots=True)
class _Demo:
    """What the steps share."""

    db: Database
    banks: Banks
    store: CertificateFiles
    spec: ContentSpec
    offered: Sequence[Activity]
    chance: random.Random
    now: dt.datetime


def build_process(
    db: Database, banks: Banks, store: CertificateFiles, catalogue: Sequence[Activity], *, seed: int, now: dt.datetime
) -> None:
    """Add the CQR process to a demo that was just built. The same seed makes the same process."""
    import_activities(db, catalogue, who="demo", now=now - 100 * DAY)
    if "CT" not in banks.library.banks:
        return
    with db.read() as connection:
        offered = [one for one in activities.everything(connection) if one.counts_in("CT")]
    chance = random.Random(f"process {seed}")  # noqa: S311 - a reproducible demo
    demo = _Demo(db, banks, store, banks.library.specs["CT"], offered, chance, now)
    with db.write() as connection:
        found = people.search(connection, "ct-0", PEERS)
        simulated = [one for one in found if one.email.endswith("@simulated.example.org")]
        _profiles(demo, connection, [one.id for one in simulated])
        _biennia(connection, now)
        done = _credential(connection, COMPLETE)
        completion.settle(connection, credential_id=done, spec=demo.spec, who="demo", now=now - 30 * DAY)
    _prescribed(demo)
    _queue(demo, [(one.id, one.name, one.email) for one in simulated])
    cycles.tick(db, banks, who="demo", now=now)


def _credential(connection: Connection, email: str) -> int:
    """Return the CT credential of a person."""
    known = people.by_email(connection, email)
    if known is None:
        raise LookupError(email)
    return next(own.id for own in people.credentials_of(connection, known[0].id) if own.discipline == "CT")


def _profiles(demo: _Demo, connection: Connection, simulated: Sequence[int]) -> None:
    """Finish the profiles of simulated people, and of the demo people who have taken the assessment."""
    survey = demo.spec.profile
    if survey is None:
        return
    credentials = [_credential(connection, email) for email in (PRESCRIBED, COMPLETE)]
    held = (people.credentials_of(connection, person_id) for person_id in simulated)
    credentials += [own.id for several in held for own in several if own.discipline == "CT"]
    for credential_id in credentials:
        answers = _answers(survey, demo.chance)
        own = practice(survey, answers)
        at = demo.now - demo.chance.randrange(40, 300) * DAY
        profile_id = profiles.insert(connection, credential_id=credential_id, cycle=1, discipline="CT", at=at)
        profiles.save_answers(connection, profile_id, answers, at)
        profiles.complete(connection, profile_id, breadth=own.performed, depth=own.often, at=at)


def _answers(survey: ProfileSurvey, chance: random.Random) -> dict[str, int]:
    """Answer as somebody of a broad or a narrow practice would: some areas often, some hardly."""
    steps = [step.value for step in survey.scale]
    breadth = chance.betavariate(4, 2)
    areas: dict[str, float] = {}
    answers = {}
    for one in survey.activities:
        weight = areas.setdefault(one.area, min(1.0, max(0.0, chance.gauss(breadth, 0.25))))
        place = min(1.0, max(0.0, chance.gauss(weight, 0.2)))
        answers[one.id] = steps[min(len(steps) - 1, int(place * len(steps)))]
    return answers


def _biennia(connection: Connection, now: dt.datetime) -> None:
    """Let the bienniums of the demo people begin on the first day of a month last year."""
    for email in (PRESCRIBED, COMPLETE):
        known = people.by_email(connection, email)
        if known is not None:
            day = add_years(now.date(), -1).replace(day=1)
            registry.set_biennium(connection, known[0].id, day)


def _prescribed(demo: _Demo) -> None:
    """One claim that is approved and one that waits."""
    with demo.db.read() as connection:
        known = people.by_email(connection, PRESCRIBED)
    if known is None:
        raise LookupError(PRESCRIBED)
    person = known[0]
    first = _claim(demo, person.id, person.name, person.email, demo.now - 9 * DAY)
    if first is not None:
        _approve(demo, first, demo.now - 5 * DAY)
    _claim(demo, person.id, person.name, person.email, demo.now - 2 * DAY)


def _queue(demo: _Demo, simulated: Sequence[tuple[int, str, str]]) -> None:
    """Claims of simulated people: some decided in the weeks before, some that wait."""
    days = iter([*DECIDED_DAYS, *QUEUE_DAYS])
    ago = next(days)
    for person_id, name, email in simulated:
        claim = _claim(demo, person_id, name, email, demo.now - ago * DAY)
        if claim is None:
            continue
        if ago in DECIDED_DAYS:
            _approve(demo, claim, demo.now - (ago - demo.chance.randrange(2, 16)) * DAY)
        following = next(days, None)
        if following is None:
            return
        ago = following


def _claim(demo: _Demo, person_id: int, name: str, email: str, at: dt.datetime) -> Claim | None:
    """Report the activity that fills most of what is open, if there was anything to fill by then."""
    finished_on = demo.spec.cqr.today(at - DAY)
    with demo.db.read() as connection:
        held = people.credentials_of(connection, person_id)
        credential = next(own for own in held if own.discipline == "CT")
        found = prescribed_work.find(connection, demo.banks, credential, at)
        used = {one.activity_id for one in claim_rows.of_person(connection, person_id)}
    if found is None or found.issued_on > finished_on or not found.position.may_work:
        return None
    left = found.ledger.open
    fits = [one for one in demo.offered if _fits(one, finished_on) and one.id not in used and _filled(one, left)]
    if not fits:
        return None
    chosen = max(fits, key=lambda one: (_filled(one, left) / one.credits, demo.chance.random()))
    paper = sample_certificate(
        name=name, title=chosen.title, sponsor=chosen.sponsor, credits=chosen.credits, finished_on=finished_on
    )
    return claims.report(
        demo.db,
        demo.banks,
        demo.store,
        credential_id=credential.id,
        person_id=person_id,
        sent=Report(finished_on=finished_on, attended_whole=True, activity=chosen),
        files=[SentFile("certificate.pdf", paper)],
        who=email,
        now=at,
    )


def _fits(one: Activity, day: dt.date) -> bool:
    """Whether an activity could be finished on a day."""
    return not one.is_over(day) and not one.begins_after(day)


def _filled(one: Activity, left: dict[str, float]) -> float:
    return sum(min(credits, left.get(area, 0.0)) for area, credits in one.counts_in("CT").items())


def _approve(demo: _Demo, claim: Claim, at: dt.datetime) -> None:
    taken = claim_reviews.take(demo.db, claim.id, claim.revision, who=REVIEWER, now=at - dt.timedelta(minutes=4))
    claim_reviews.approve(demo.db, demo.banks, claim.id, taken.revision, who=REVIEWER, now=at)
