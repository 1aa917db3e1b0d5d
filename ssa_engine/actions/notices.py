"""Tell a person something, once: on the dashboard, and by mail from the outbox of the same transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from ssa_engine.core.mail import ascii_address
from ssa_engine.core.notices import DETAILS, REMINDERS, NoticeKind, Page
from ssa_engine.storage import mail, notices, people
from ssa_engine.storage.db import Connection

PATHS = {
    Page.DASHBOARD: "/candidate/",
    Page.RESULT: "/candidate/attempts/{attempt_id}/result",
    Page.CE: "/candidate/credentials/{credential_id}/ce",
}
"""Where notices lead to. Mail is written without a request, so the addresses stand here; a test holds them to be so."""


def path_of(page: Page, *, credential_id: int | None, attempt_id: int | None) -> str:
    """Return the path of the page a notice leads to; the dashboard where it does not name what the page is about."""
    lacking = (page is Page.RESULT and attempt_id is None) or (page is Page.CE and credential_id is None)
    return PATHS[Page.DASHBOARD if lacking else page].format(credential_id=credential_id, attempt_id=attempt_id)


def tell(
    connection: Connection,
    kind: NoticeKind,
    *,
    key: str,
    person_id: int,
    credential_id: int,
    details: dict[str, Any],
    now: dt.datetime,
    attempt_id: int | None = None,
    mail_from: dt.datetime | None = None,
) -> bool:
    """Tell a person; return whether it is new to them.

    Parameters
    ----------
    key : str
        Names what is told, as `complete/17/1`; of one key there is one notice, however often it is told. At most 100
        characters.
    details : dict
        What `kind` asks for, days as days or ISO text; more may stand there.
    mail_from : datetime, optional
        The mail is not sent before; `now` if left out. Until then what it says may be taken back.

    Raises
    ------
    ValueError
        If `details` lack what the words need.
    """
    lacking = DETAILS[kind] - details.keys()
    if lacking:
        raise ValueError(f"a notice of {kind} needs {', '.join(sorted(lacking))} in its details")
    notice_id = notices.insert(
        connection,
        kind=kind,
        key=key,
        person_id=person_id,
        credential_id=credential_id,
        attempt_id=attempt_id,
        details=details,
        at=now,
    )
    if notice_id is None:
        return False
    person = people.get(connection, person_id)
    wanted = kind not in REMINDERS or people.wants_mail_reminders(connection, person_id)
    if wanted and person is not None and ascii_address(person.email) is not None:
        mail.insert(connection, notice_id=notice_id, message_id=_message_id(key), not_before=mail_from or now)
    return True


def take_back(connection: Connection, key: str) -> bool:
    """Take a notice back before anybody has met it; return whether it now is as if it had never been told.

    It stays once it was read, or once its mail no longer waits. A mail that waits is never sent: it is not true now.
    """
    notice = notices.by_key(connection, key, for_update=True)
    if notice is None:
        return True
    has_no_mail = mail.delete_waiting(connection, notice.id)
    if notice.read_at is not None or not has_no_mail:
        return False
    notices.delete(connection, notice.id)
    return True


def _message_id(key: str) -> str:
    """Return what stands before the `@` of a mail's Message-ID: the same for the same key, so that twice is once."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]
