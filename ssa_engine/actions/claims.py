"""What a candidate does with CE claims: report a finished activity, mend a claim, withdraw it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ssa_engine.actions import credentials, prescribed_work
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.claims_as_seen import prescription_behind, step
from ssa_engine.actions.prescribed_work import Prescription
from ssa_engine.core.certificates import MOST_FILES, DefusedFile, SentFile
from ssa_engine.core.claim_rules import (
    LONGEST_TEXT,
    NotAccepted,
    Problem,
    Report,
    day_problems,
    problems_of,
    require_claimable,
    used_before,
)
from ssa_engine.core.claims import Claim, ClaimEvent, Verb, after
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.text import Sentence, say
from ssa_engine.exchange.certificates import defuse, shown_name
from ssa_engine.storage import attempts, audit, certificates
from ssa_engine.storage import claims as rows
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Connection, Database

NO_SUCH_CLAIM = say("There is no such claim of yours. Your claims are listed beside your prescription.")
CHOOSE_FILES = say("Choose the certificate of completion: a PDF, a picture or a photo of it.")


def report(
    db: Database,
    banks: Banks,
    store: CertificateFiles,
    *,
    credential_id: int,
    person_id: int,
    sent: Report,
    files: Sequence[SentFile],
    who: str,
    now: dt.datetime,
) -> Claim:
    """Report a finished activity with its certificates.

    The certificates are made anew and written before the transaction, and removed if it does not go through.

    Raises
    ------
    NotFound
        If the credential is not this person's.
    Conflict
        If nothing can be claimed now.
    NotAccepted
        If a rule is not met or a certificate cannot be taken: everything there is to mend, field by field.
    """
    with db.read() as connection:
        found = prescribed_work.require(connection, banks, credential_id, person_id, now)
        setting = found.setting(connection)
    require_claimable(setting)
    problems = problems_of(sent, setting)
    safe = _defused(files, problems, needed=True)
    _raise(problems)
    with stored(store, safe) as named, db.write() as connection:
        attempts.lock(connection, found.attempt.id)
        found = prescribed_work.require(connection, banks, credential_id, person_id, now)
        setting = found.setting(connection)
        require_claimable(setting)
        _raise(problems_of(sent, setting))
        _raise(_used_elsewhere(connection, person_id, safe, found, sent))
        claim = rows.begin(connection, found.attempt.id, _first_event(found, sent, safe, who, now))
        certificates.insert(connection, claim.id, named, at=now)
        _note(connection, claim, Verb.REPORT, who, now, attempt_id=claim.attempt_id, certificates=_hashes(safe))
    return claim


def _first_event(
    found: Prescription, sent: Report, safe: Sequence[DefusedFile], who: str, now: dt.datetime
) -> ClaimEvent:
    title, sponsor = sent.names
    credits = sent.activity.credits if sent.activity else sent.credits
    assert credits is not None and sent.finished_on is not None  # noqa: S101, PT018 - the rules asked for them
    detail = {
        "activity_id": sent.activity.id if sent.activity else None,
        "title": " ".join(title.split()),
        "sponsor": " ".join(sponsor.split()),
        "credits": float(credits),
        "finished_on": sent.finished_on.isoformat(),
        "distribution": sent.distribution(found.spec.discipline),
        "description": sent.description.strip(),
        "promised_by": _promise(found),
        "certificates": _hashes(safe),
    }
    return ClaimEvent(now, who, Verb.REPORT, after(Verb.REPORT, None), detail)


def mend(
    db: Database,
    banks: Banks,
    store: CertificateFiles,
    *,
    claim_id: int,
    credential_id: int,
    person_id: int,
    revision: int,
    text: str,
    files: Sequence[SentFile],
    who: str,
    now: dt.datetime,
    finished_on: dt.date | None = None,
) -> Claim:
    """Give what a reviewer asked for: new certificates, words, another day; the claim goes back to the reviewers.

    Raises
    ------
    NotFound
        If the claim is not this person's.
    Conflict
        If nothing is asked, or the claim changed since the page was opened.
    NotAccepted
        If there is neither a certificate nor a word, or a certificate or the day cannot be taken.
    """
    with db.read() as connection:
        claim = own_claim(connection, claim_id, credential_id, person_id)
        after(Verb.MEND, claim.state)
        _as_seen(claim, revision)
    problems = _of_answer(claim, text, files, finished_on)
    safe = _defused(files, problems, needed=False)
    _raise(problems)
    with stored(store, safe) as named, db.write() as connection:
        attempts.lock(connection, claim.attempt_id)
        claim = own_claim(connection, claim_id, credential_id, person_id, lock=True)
        _as_seen(claim, revision)
        found = prescription_behind(connection, banks, claim, now)
        _raise(day_problems(finished_on, found.setting(connection), claim) if finished_on else [])
        own = Report(finished_on, attended_whole=True, title=claim.title, sponsor=claim.sponsor)
        _raise(_used_elsewhere(connection, person_id, safe, found, own, claim))
        detail = {
            "text": text.strip(),
            "finished_on": finished_on.isoformat() if finished_on else None,
            "promised_by": _promise(found),
            "certificates": _hashes(safe),
        }
        mended = rows.step(connection, claim, ClaimEvent(now, who, Verb.MEND, after(Verb.MEND, claim.state), detail))
        certificates.insert(connection, claim.id, named, at=now)
        _note(connection, mended, Verb.MEND, who, now, certificates=_hashes(safe))
    return mended


def _of_answer(claim: Claim, text: str, files: Sequence[SentFile], finished_on: dt.date | None) -> list[Problem]:
    """Return what is to mend in the answer to a reviewer's question."""
    if len(text) > LONGEST_TEXT:
        return [Problem("text", say("This is too long. Use at most {most} characters.", most=LONGEST_TEXT))]
    if not files and not text.strip() and finished_on in (None, claim.finished_on):
        return [Problem("text", say("Write what you were asked for, or choose a new certificate."))]
    return []


def withdraw(
    db: Database, *, claim_id: int, credential_id: int, person_id: int, revision: int, who: str, now: dt.datetime
) -> Claim:
    """Take a claim back that is not decided yet; its activity and certificate may be claimed anew.

    Raises
    ------
    NotFound
        If the claim is not this person's.
    Conflict
        If it is decided, or changed since the page was opened.
    """
    with db.write() as connection:
        claim = own_claim(connection, claim_id, credential_id, person_id)
        attempts.lock(connection, claim.attempt_id)
        claim = own_claim(connection, claim_id, credential_id, person_id, lock=True)
        after(Verb.WITHDRAW, claim.state)
        _as_seen(claim, revision)
        return step(connection, claim, Verb.WITHDRAW, who, now)


def own_claim(
    connection: Connection, claim_id: int, credential_id: int, person_id: int, *, lock: bool = False
) -> Claim:
    """Return a person's own claim for a credential; raise `NotFound` for anybody else's."""
    credentials.of_person(connection, credential_id, person_id)
    claim = rows.get(connection, claim_id, lock=lock)
    attempt = attempts.get(connection, claim.attempt_id) if claim else None
    if claim is None or attempt is None or attempt.credential_id != credential_id:
        raise NotFound(NO_SUCH_CLAIM)
    return claim


def _as_seen(claim: Claim, revision: int) -> None:
    if claim.revision != revision:
        raise Conflict(say("This claim has changed since you opened its page. Look at it again, then decide anew."))


@contextmanager
def stored(store: CertificateFiles, safe: Sequence[DefusedFile]) -> Iterator[list[tuple[str, DefusedFile]]]:
    """Write files for the time of a transaction; if it does not go through, remove them."""
    named: list[tuple[str, DefusedFile]] = []
    try:
        for one in safe:
            named.append((store.add(one.content, one.media_type), one))  # noqa: PERF401 - what is written is removed
        yield named
    except BaseException:
        store.remove([name for name, _ in named])
        raise


def _defused(files: Sequence[SentFile], problems: list[Problem], *, needed: bool) -> list[DefusedFile]:
    """Make certificates anew; note what is the matter with those that cannot be taken."""
    if needed and not files:
        problems.append(Problem("files", CHOOSE_FILES))
    if len(files) > MOST_FILES:
        problems.append(Problem("files", say("Send at most {most} files for one activity.", most=MOST_FILES)))
        return []
    safe: list[DefusedFile] = []
    for one in files:
        try:
            made = defuse(one)
        except Invalid as error:
            problems.append(Problem("files", _sentence(error)))
            continue
        if made.sent_sha256 in {other.sent_sha256 for other in safe}:
            sentence = say("{name} was chosen twice. Choose each certificate once.", name=shown_name(one.name))
            problems.append(Problem("files", sentence))
        safe.append(made)
    return safe


def _sentence(error: Invalid) -> Sentence:
    return error.sentence if isinstance(error.sentence, Sentence) else say("{text}", text=error.sentence)


def _used_elsewhere(
    connection: Connection,
    person_id: int,
    safe: Sequence[DefusedFile],
    found: Prescription,
    sent: Report,
    mended: Claim | None = None,
) -> list[Problem]:
    """Return which certificates another claim of this person uses already.

    The same activity may serve the prescriptions of two credentials, and then with the same certificate.
    """
    names = {one.sent_sha256: one.sent_name for one in safe}
    problems = []
    for sent_sha256, claim_id in certificates.claims_with(connection, person_id, list(names)):
        other = rows.get(connection, claim_id)
        if other is None:
            continue
        activity_id = sent.activity.id if sent.activity else mended.activity_id if mended else None
        for_another = other.attempt_id != found.attempt.id
        if for_another and used_before(*sent.names, activity_id, [other]) is not None:
            continue
        told = {"name": names[sent_sha256], "title": other.title, "day": found.rules.today(other.reported_at)}
        if mended is not None and other.id == mended.id:
            sentence = say("{name} is with this claim already. Choose another file, or write what was asked.", **told)
        else:
            sentence = say(
                "{name} is the certificate of a claim you made before: “{title}”, reported on {day}. Each activity has "
                "a certificate of its own.",
                **told,
            )
        problems.append(Problem("files", sentence))
    return problems


def _raise(problems: Sequence[Problem]) -> None:
    if problems:
        raise NotAccepted(problems)


def _promise(found: Prescription) -> str | None:
    days = found.rules.claims.review_days
    return (found.today + dt.timedelta(days=days)).isoformat() if days else None


def _hashes(safe: Sequence[DefusedFile]) -> list[str]:
    return [one.sha256 for one in safe]


def _note(connection: Connection, claim: Claim, verb: Verb, who: str, now: dt.datetime, **detail: object) -> None:
    told = {"state": claim.state, "revision": claim.revision, **detail}
    audit.add(connection, at=now, who=who, verb=verb, noun="claim", noun_id=claim.id, **told)
