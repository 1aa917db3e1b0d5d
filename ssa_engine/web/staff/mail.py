"""Mail that was refused or may not have gone out, and sending it again."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions.mail import send_again
from ssa_engine.storage import mail
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to
from ssa_engine.web.staff.histories import MAIL_WORDS, NOTICE_WORDS

blueprint = Blueprint("mail", __name__)


@blueprint.get("/mail")
def show() -> ResponseReturnValue:
    """List the mails in trouble, the latest first."""
    with current.db().read() as connection:
        troubled, counts = mail.troubled(connection), mail.counts(connection)
    return render_template(
        "staff/mail/mail.html",
        troubled=troubled,
        counts=counts,
        words=MAIL_WORDS,
        notice_words=NOTICE_WORDS,
        done="done" in request.args,
    )


@blueprint.post("/mail/<id:mail_id>/again")
def again(mail_id: int) -> ResponseReturnValue:
    """Let a mail wait once more; then back to where the button was: a person's page, or the list."""
    send_again(current.db(), mail_id, who=current.person().email, now=current.now())
    person_id = request.form.get("person", 0, type=int)
    if 0 < person_id < 10**9:
        return go_to(url_for("staff.people.show", person_id=person_id, done="mail"))
    return go_to(url_for("staff.mail.show", done="yes"))
