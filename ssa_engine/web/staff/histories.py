"""The timeline of each credential in words: cycles, attempts, results, claims, notices. Never what a result says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import url_for

from ssa_engine.core.claims import Verb
from ssa_engine.core.cycles import CycleEvent
from ssa_engine.core.mail import MailState
from ssa_engine.core.notices import NoticeKind
from ssa_engine.core.rescorings import Cause
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import allowed_attempts, histories
from ssa_engine.storage.allowed_attempts import AllowedAttempt
from ssa_engine.storage.db import Connection
from ssa_engine.storage.histories import ClaimRow, CycleRow, NoticeRow, RecordRow, ResultRow
from ssa_engine.web.staff.standing import Held

CYCLE_WORDS = {
    CycleEvent.COMPLETED: say("CQR complete"),
    CycleEvent.DISCONTINUED: say("Credential discontinued"),
    CycleEvent.REINSTATED: say("Credential reinstated"),
}
CLAIM_WORDS: dict[Verb, Sentence] = {
    Verb.REPORT: say("Claim reported"),
    Verb.TAKE: say("Claim taken for review"),
    Verb.ASSIGN: say("Claim assigned"),
    Verb.APPROVE: say("Claim approved"),
    Verb.REJECT: say("Claim rejected"),
    Verb.ASK_MORE: say("More asked for"),
    Verb.MEND: say("Claim mended and sent again"),
    Verb.WITHDRAW: say("Claim withdrawn"),
    Verb.UNDO: say("Decision undone"),
}
RESULT_WORDS = {
    Cause.SUBMISSION: say("Result computed"),
    Cause.RESCORING: say("Result computed anew"),
    Cause.INCREASE: say("Result computed anew"),
    Cause.REVERT: say("Result set back"),
}
NOTICE_WORDS: dict[str, Sentence] = {
    NoticeKind.WINDOW_OPENS_SOON: say("Told that the window opens soon"),
    NoticeKind.WINDOW_OPEN: say("Told that the window is open"),
    NoticeKind.DUE_SOON: say("Reminded of the end of the window"),
    NoticeKind.RESULT_RELEASED: say("Told that the result is there"),
    NoticeKind.CLAIM_APPROVED: say("Told that a claim is approved"),
    NoticeKind.CLAIM_REJECTED: say("Told that a claim is rejected"),
    NoticeKind.CLAIM_MORE_ASKED: say("Asked for more on a claim"),
    NoticeKind.COMPLETE: say("Told that CQR is complete"),
    NoticeKind.DISCONTINUED: say("Told of the discontinuation"),
    NoticeKind.REINSTATED: say("Told of the reinstatement"),
}
MAIL_WORDS = {
    MailState.WAITING: say("Mail waits to be sent"),
    MailState.SENDING: say("Mail is being sent"),
    MailState.SENT: say("Mail sent"),
    MailState.REFUSED: say("Mail refused"),
    MailState.UNSURE: say("Mail may not have gone out"),
}
IN_TROUBLE = (MailState.REFUSED, MailState.UNSURE)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a timeline. `mail_id`: of a mail that did not go out for sure, and can be sent again."""

    at: dt.datetime
    what: Sentence | str
    detail: Sentence | str = ""
    href: str = ""
    mail_id: int | None = None


def of_credentials(connection: Connection, person_id: int, credentials: Iterable[Held]) -> dict[int, list[Happened]]:
    """Return credential -> its timeline, the latest first. As many questions to the database for one as for many."""
    held = list(credentials)
    ids = [one.credential.id for one in held]
    found: dict[int, list[Happened]] = {one: [] for one in ids}
    for one in held:
        found[one.credential.id] += _attempts(one)
    sources: Iterable[tuple[int, Happened]] = (
        *((row.credential_id, _allowed(row)) for row in allowed_attempts.of_credentials(connection, ids)),
        *((row.credential_id, _cycle(row)) for row in histories.cycles_of(connection, ids)),
        *((row.credential_id, _result(row)) for row in histories.results_of(connection, ids)),
        *((row.credential_id, _claim(row)) for row in histories.claims_of(connection, ids)),
        *((row.credential_id, line) for row in histories.records_of(connection, ids) for line in _record(row)),
        *((row.credential_id, _notice(row)) for row in histories.notices_of(connection, person_id)),
    )
    for credential_id, line in sources:
        if credential_id in found:
            found[credential_id].append(line)
    return {one: sorted(lines, key=lambda line: line.at)[::-1] for one, lines in found.items()}


def _attempts(held: Held) -> Iterator[Happened]:
    for one in reversed(held.attempts):
        attempt = say("Attempt {number}", number=one.id)
        href = url_for("staff.sittings.show", attempt_id=one.id)
        yield Happened(one.started_at, say("Assessment begun"), attempt, href)
        if one.submitted_at:
            yield Happened(one.submitted_at, say("Assessment submitted"), attempt, href)
        if one.released_at:
            yield Happened(one.released_at, say("Result released"), attempt, href)


def _allowed(row: AllowedAttempt) -> Happened:
    return Happened(row.allowed_at, say("Another attempt allowed"), row.reason)


def _cycle(row: CycleRow) -> Happened:
    return Happened(row.recorded_at, CYCLE_WORDS[row.kind], say("on {day}", day=row.happened_on))


def _result(row: ResultRow) -> Happened:
    detail = say("Attempt {number}, version {version}", number=row.attempt_id, version=row.version)
    return Happened(row.scored_at, RESULT_WORDS[row.cause], detail)


def _claim(row: ClaimRow) -> Happened:
    return Happened(row.at, CLAIM_WORDS[row.verb], row.title, url_for("staff.claims.show", claim_id=row.claim_id))


def _record(row: RecordRow) -> Iterator[Happened]:
    yield Happened(row.issued_at, say("Completion record issued"), row.code)
    if row.voided_at:
        yield Happened(row.voided_at, say("Completion record taken back"), row.code)


def _notice(row: NoticeRow) -> Happened:
    what = NOTICE_WORDS.get(row.kind, say("Told something"))
    if row.mail_state is None:
        return Happened(row.created_at, what, say("On the dashboard alone"))
    mail_id = row.mail_id if row.mail_state in IN_TROUBLE else None
    return Happened(row.created_at, what, MAIL_WORDS[row.mail_state], mail_id=mail_id)
