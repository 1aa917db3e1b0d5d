"""Notices in the language of the request: what the dashboard and the pages of letters show of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import request, url_for

from ssa_engine.actions.notices import path_of
from ssa_engine.core.notices import NoticeKind, words_of
from ssa_engine.storage.notices import Notice
from ssa_engine.web import current
from ssa_engine.web.language import gettext, in_words

RESCORING = "rescoring_"
"""What the kinds of letters about a rescoring begin with; they have a page that shows what changed."""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as a page shows it. `href` is where it leads to, `action` what the link there says."""

    id: int
    kind: str
    subject: str
    paragraphs: tuple[str, ...]
    href: str
    action: str
    created_at: dt.datetime
    read_at: dt.datetime | None
    credential_id: int | None
    attempt_id: int | None


def view_of(notice: Notice) -> NoticeView:
    """Put a notice into the words of this request."""
    name = discipline_name(notice)
    if notice.kind.startswith(RESCORING):
        subject = rescoring_subject(notice, name)
        href = url_for("candidate.letters.show", notice_id=notice.id)
        return _view(notice, subject, (), href, gettext("Read the letter"))
    words = words_of(NoticeKind(notice.kind), notice.details, name)
    path = path_of(words.page, credential_id=notice.credential_id, attempt_id=notice.attempt_id)
    paragraphs = tuple(str(in_words(one)) for one in words.paragraphs)
    return _view(notice, str(in_words(words.subject)), paragraphs, request.script_root + path, in_words(words.action))


def _view(notice: Notice, subject: str, paragraphs: tuple[str, ...], href: str, action: str) -> NoticeView:
    return NoticeView(
        notice.id,
        notice.kind,
        subject,
        paragraphs,
        href,
        action,
        notice.created_at,
        notice.read_at,
        notice.credential_id,
        notice.attempt_id,
    )


def discipline_name(notice: Notice) -> str:
    """Return the name of the discipline a notice is about; its code if today's content has none of that code."""
    code = str(notice.details["discipline"])
    spec = current.library().specs.get(code)
    return spec.name if spec else code


def rescoring_subject(notice: Notice, name: str) -> str:
    """Return what a letter about a rescoring is headed."""
    subjects = {
        "applied": gettext("Your answers in %(discipline)s were scored again"),
        "accepted": gettext("Your credits in %(discipline)s have changed"),
        "declined": gettext("Your credits in %(discipline)s stay as they are"),
        "reverted": gettext("A change to your result in %(discipline)s was taken back")
        if notice.details.get("told_before", True)
        else gettext("Your answers in %(discipline)s were scored again"),
    }
    return subjects[notice.kind.removeprefix(RESCORING)] % {"discipline": name}
