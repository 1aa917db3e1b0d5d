"""A candidate with a prescription, activities to claim, a reviewer: claims through the actions, without the web."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ssa_engine.actions import claim_reviews, claims
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.activities import Activity, ActivityFormat
from ssa_engine.core.attempts import State
from ssa_engine.core.certificates import SentFile
from ssa_engine.core.claim_rules import Report
from ssa_engine.core.claims import Claim, ClaimEvent
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.ledger import Ledger
from ssa_engine.core.people import Role
from ssa_engine.core.programmes import ClaimRules
from ssa_engine.storage import activities, attempts, forms, results
from ssa_engine.storage import claims as rows
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Database
from ssa_engine.storage.results import AreaResult
from tests import papers
from tests.factories import Clock, Someone, add_someone

DOSE, IMAGES, HEAD = "radiation-safety-and-dose", "image-formation", "head-spine-and-musculoskeletal"
REVIEWER, OTHER = "ruth@test.example", "otto@test.example"
RULES = ClaimRules(submit_by_days=14, review_days=14, undo_seconds=60)


def library_with_claims(library: Library, **changes: Any) -> Library:
    """The library with claim rules for CT, days counted in Chicago, and no profile to be done."""
    spec = library.specs["CT"]
    cqr = spec.cqr.model_copy(
        update={"claims": RULES.model_copy(update=changes), "time_zone": "America/Chicago", "results_days": 14}
    )
    spec = spec.model_copy(update={"cqr": cqr, "profile": None})
    bank = library.bank("CT").model_copy(update={"spec": spec})
    return replace(library, specs={**library.specs, "CT": spec}, banks={**library.banks, "CT": bank})


def activity(code: str, credits: float, counts: Mapping[str, float], discipline: str = "CT") -> Activity:
    """An activity of the catalogue, not stored yet."""
    return Activity(
        id=0,
        code=code,
        title=f"Title of {code}",
        sponsor="Sample Sponsor",
        format=ActivityFormat.ONLINE,
        credits=credits,
        minutes=60,
        cost=0.0,
        starts_on=None,
        ends_on=None,
        mechanism="",
        biennium=True,
        url="",
        distribution={discipline: dict(counts)} if counts else {},
    )


def stored_activity(db: Database, code: str, credits: float, counts: Mapping[str, float], **more: Any) -> Activity:
    """An activity of the catalogue, stored."""
    with db.write() as connection:
        activities.insert_many(connection, [activity(code, credits, counts, **more)])
        found = activities.by_code(connection, code)
    assert found is not None
    return found


def area_result(area: str, credits: float) -> AreaResult:
    """The result of an area: with credits it was 5 of 10, without 9 of 10."""
    correct, low = (5, True) if credits else (9, False)
    return AreaResult(
        content_area=area,
        items=10,
        correct=correct,
        points=float(correct),
        score=correct / 10,
        score_se=0.15,
        standard=0.7,
        gap=0.2 if low else 0.0,
        below_standard=low,
        probability_below=0.9 if low else 0.1,
        credits_by_rule=credits,
        credits=credits,
        sentence=f"The rule for {area}." if low else "",
    )


def prescribe(
    db: Database, banks: Banks, someone: Someone, credits: Mapping[str, float], at: dt.datetime, cycle: int = 1
) -> int:
    """Store a released attempt whose result asks for these credits; return its id."""
    bank = banks.library.bank("CT")
    areas = [area_result(area, credits.get(area, 0.0)) for area in bank.spec.area_names]
    with db.write() as connection:
        banks.store(connection, bank, at)
        form = draw_form(bank, 1)
        attempt_id = attempts.insert(
            connection,
            credential_id=someone.credential_id,
            cycle=cycle,
            number=attempts.next_number(connection, someone.credential_id, cycle),
            form_id=forms.insert(connection, form, at),
            state=State.RELEASED,
            started_at=at - dt.timedelta(hours=2),
            seconds_allowed=7200,
            submitted_at=at - dt.timedelta(hours=1),
            released_at=at,
            position=len(form.items),
            items_total=len(form.items),
            render_token="t",
            rendered_at=at,
        )
        results.insert(
            connection,
            areas=areas,
            due_on=dt.date(2028, 6, 1),
            attempt_id=attempt_id,
            version=1,
            discipline="CT",
            policy_version=1,
            bank_version=bank.version,
            key_version=bank.key_version,
            scored_at=at,
        )
    return attempt_id


@dataclass
class Desk:
    """A candidate with a prescription, and two reviewers."""

    db: Database
    banks: Banks
    store: CertificateFiles
    clock: Clock
    someone: Someone
    attempt_id: int
    sent: int = 0

    def fresh(self) -> SentFile:
        """A certificate that nobody has sent before."""
        self.sent += 1
        shade = self.sent * 7 + self.someone.id
        return SentFile("certificate.png", papers.png((shade % 200, shade // 200 % 200, 90)))

    @property
    def today(self) -> dt.date:
        return self.banks.library.spec("CT").cqr.today(self.clock())

    @property
    def mine(self) -> dict[str, Any]:
        """Whose it is, and when."""
        someone = self.someone
        return {
            "credential_id": someone.credential_id,
            "person_id": someone.id,
            "who": someone.email,
            "now": self.clock(),
        }

    def report(self, of: Activity | None, *files: SentFile, **changes: Any) -> Claim:
        """Report an activity that was finished today."""
        sent = Report(**{"finished_on": self.today, "attended_whole": True, "activity": of, **changes})
        mine = {**self.mine, "sent": sent, "files": list(files) or [self.fresh()]}
        return claims.report(self.db, self.banks, self.store, **mine)

    def mend(self, claim: Claim, *files: SentFile, text: str = "", **more: Any) -> Claim:
        """Send what was asked for."""
        given = {"claim_id": claim.id, "revision": claim.revision, "text": text, "files": list(files), **more}
        return claims.mend(self.db, self.banks, self.store, **given, **self.mine)

    def withdraw(self, claim: Claim) -> Claim:
        return claims.withdraw(self.db, claim_id=claim.id, revision=claim.revision, **self.mine)

    def by(self, who: str = REVIEWER) -> dict[str, Any]:
        """Which reviewer, and when."""
        return {"who": who, "now": self.clock()}

    def approve(self, claim: Claim, who: str = REVIEWER, **more: Any) -> Claim:
        return claim_reviews.approve(self.db, self.banks, claim.id, claim.revision, **more, **self.by(who))

    def reject(self, claim: Claim, reason: str = "It is another person's.", who: str = REVIEWER) -> Claim:
        return claim_reviews.reject(self.db, self.banks, claim.id, claim.revision, reason=reason, **self.by(who))

    def ask(self, claim: Claim, reason: str = "Send the second page.", who: str = REVIEWER) -> Claim:
        return claim_reviews.ask_more(self.db, self.banks, claim.id, claim.revision, reason=reason, **self.by(who))

    def undo(self, claim: Claim, who: str = REVIEWER) -> Claim:
        return claim_reviews.undo(self.db, self.banks, claim.id, claim.revision, **self.by(who))

    @property
    def ledger(self) -> Ledger:
        with self.db.read() as connection:
            return rows.ledger_of(connection, self.attempt_id)

    @property
    def claims(self) -> list[Claim]:
        with self.db.read() as connection:
            return rows.of_attempt(connection, self.attempt_id)

    def events(self, claim: Claim) -> list[ClaimEvent]:
        with self.db.read() as connection:
            return rows.events(connection, claim.id)

    @property
    def files(self) -> list[str]:
        """What lies in the folder of certificates."""
        folder = self.store.folder
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def desk_of(
    db: Database,
    library: Library,
    clock: Clock,
    folder: Path,
    credits: Mapping[str, float],
    someone: Someone | None = None,
) -> Desk:
    """A desk of a candidate who was prescribed these credits ten days ago."""
    banks = Banks(db, library)
    someone = someone or add_someone(db, "ann@test.example", clock=clock)
    for reviewer in (REVIEWER, OTHER):
        add_someone(db, reviewer, clock=clock, role=Role.STAFF)
    attempt_id = prescribe(db, banks, someone, credits, clock() - dt.timedelta(days=10))
    return Desk(db, banks, CertificateFiles(folder), clock, someone, attempt_id)
