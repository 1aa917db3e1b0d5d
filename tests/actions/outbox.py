"""What tests of mail do: tell a person something, and look at what became of its mail."""

from __future__ import annotations

from typing import Any

from ssa_engine.actions.notices import tell
from ssa_engine.core.audit_trail import AuditFilter
from ssa_engine.core.mail import MailState
from ssa_engine.core.notices import NoticeKind
from ssa_engine.storage import audit, mail
from ssa_engine.storage.db import Database
from ssa_engine.storage.mail import Mail
from tests.core.test_notices import EXAMPLES
from tests.factories import Clock, Someone

SENT, WAITING = MailState.SENT, MailState.WAITING
REFUSED, UNSURE, SENDING = MailState.REFUSED, MailState.UNSURE, MailState.SENDING


def inform(
    db: Database,
    clock: Clock,
    someone: Someone,
    kind: NoticeKind = NoticeKind.WINDOW_OPEN,
    number: int = 1,
    **given: Any,
) -> str:
    """Tell a person something; return its key."""
    key = f"{kind}/{someone.credential_id}/{number}"
    with db.write() as connection:
        assert tell(
            connection,
            kind,
            key=key,
            person_id=someone.id,
            credential_id=someone.credential_id,
            details={"discipline": "CT", **EXAMPLES[kind]},
            now=clock(),
            **given,
        )
    return key


def mails(db: Database, someone: Someone) -> list[Mail]:
    with db.read() as connection:
        return mail.of_person(connection, someone.id)


def only(db: Database, someone: Someone) -> Mail:
    [found] = mails(db, someone)
    return found


def audited(db: Database) -> list[tuple[str, str]]:
    with db.read() as connection:
        found = audit.entries(connection, AuditFilter(noun="mail"))
    return [(one.verb, one.noun_id) for one in reversed(found)]
