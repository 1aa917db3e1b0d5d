"""How a person wants pages shown: text size, theme, language, the clock, reminders by mail. Kept with the person."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ssa_engine.actions import people
from ssa_engine.core.display import TEXT_SIZES, THEMES, Display
from ssa_engine.core.people import Role
from ssa_engine.storage import people as people_rows
from ssa_engine.web import current
from ssa_engine.web.guard import require
from ssa_engine.web.htmx import go_to, wants_fragment
from ssa_engine.web.signin import own_path

blueprint = Blueprint("display", __name__, url_prefix="/display")
require(blueprint, *Role)


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Show the choices."""
    back = own_path(request.args.get("next", ""))
    reminders = None
    if Role.CANDIDATE in current.person().roles:
        with current.db().read() as connection:
            reminders = people_rows.wants_mail_reminders(connection, current.person().id)
    return render_template(
        "display/display.html", text_sizes=TEXT_SIZES, themes=THEMES, mail_reminders=reminders, next=back
    )


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Keep the choices; what the form does not name stays as it was."""
    form, before = request.form, current.person().display
    wanted = Display(
        text_size=form.get("text_size", before.text_size, type=int),
        theme=form.get("theme", before.theme),
        hide_clock=form["hide_clock"] == "yes" if "hide_clock" in form else before.hide_clock,
        language=form.get("language", before.language),
    )
    reminders = form["mail_reminders"] == "yes" if "mail_reminders" in form else None
    people.set_display(current.db(), person_id=current.person().id, display=wanted, mail_reminders=reminders)
    if wants_fragment():
        return Response(status=204)
    return go_to(own_path(form.get("next") or _came_from()))


def _came_from() -> str:
    """Return the path of the page the form stood on; the start page if the browser does not say."""
    parts = urlsplit(request.referrer or "")
    return parts.path if parts.netloc == request.host else ""
