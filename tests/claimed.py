"""Claims for the tests of reviewers: a person with a prescription, and claims as they come to the queue."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ssa_engine.actions.banks import Banks
from ssa_engine.core.certificates import DefusedFile
from ssa_engine.core.claims import Claim, ClaimEvent, ClaimState, Verb
from ssa_engine.storage import certificates, claims
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Database
from tests.actions.lives import Life
from tests.factories import Clock, Someone, add_someone

DOSE, FORMATION = "radiation-safety-and-dose", "image-formation"
DAY = dt.timedelta(days=1)
PDF = b"%PDF-1.4\n%%EOF\n"


@dataclass
class Claimed:
    """Makes people and their claims. Everybody is prescribed 4 credits in dose and 2 in image formation."""

    db: Database
    banks: Banks
    clock: Clock
    people: dict[str, Someone] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)

    def attempt_of(self, name: str, credits: Mapping[str, float] | None = None) -> int:
        """The released attempt of a person, who is added if not known yet."""
        if name not in self.attempts:
            someone = self.people[name] = add_someone(self.db, f"{name}@test.example", clock=self.clock)
            life = Life(self.db, self.banks, self.clock, someone)
            self.attempts[name] = life.finish(credits or {DOSE: 4.0, FORMATION: 2.0})
        return self.attempts[name]

    def claim(
        self,
        name: str,
        title: str = "Dose in practice",
        *,
        sponsor: str = "Harborlight",
        credits: float = 2.5,
        distribution: Mapping[str, float] | None = None,
        activity_id: int | None = None,
        promised_in: int | None = 14,
        **detail: Any,
    ) -> int:
        """Report a claim now; return its id. Without a distribution a reviewer has to code it."""
        now, attempt_id = self.clock(), self.attempt_of(name)
        told = {
            "activity_id": activity_id,
            "title": title,
            "sponsor": sponsor,
            "credits": credits,
            "finished_on": now.date().isoformat(),
            "distribution": dict(distribution or {}),
            "description": "",
            "promised_by": None if promised_in is None else (now.date() + promised_in * DAY).isoformat(),
            **detail,
        }
        who = self.people[name].email
        with self.db.write() as connection:
            event = ClaimEvent(now, who, Verb.REPORT, ClaimState.REPORTED, told)
            return claims.begin(connection, attempt_id, event).id

    def get(self, claim_id: int) -> Claim:
        """A claim as it stands."""
        with self.db.read() as connection:
            found = claims.get(connection, claim_id)
        assert found is not None
        return found

    def certificate(
        self, store: CertificateFiles, claim_id: int, content: bytes = PDF, media_type: str = "application/pdf"
    ) -> int:
        """Add a certificate; return its id."""
        name, digest = store.add(content, media_type), hashlib.sha256(content).hexdigest()
        made = DefusedFile(content, media_type, 1, digest, digest, "certificate.pdf")
        with self.db.write() as connection:
            certificates.insert(connection, claim_id, [(name, made)], at=self.clock())
            return certificates.of_claim(connection, claim_id)[-1].id
