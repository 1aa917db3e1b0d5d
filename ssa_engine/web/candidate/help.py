"""What people ask of CQR, answered from the rules of the programme; and whom else to ask."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.core.help import AskedOf, questions
from ssa_engine.core.programmes import Contact
from ssa_engine.storage import people
from ssa_engine.web import current

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
def show() -> ResponseReturnValue:
    """Answer for the credentials the person holds; for every discipline if they hold none."""
    library = current.library()
    with current.db().read() as connection:
        own = people.credentials_of(connection, current.person().id)
    asked = [AskedOf(library.spec(one.discipline), one.earned_on) for one in own]
    asked = asked or [AskedOf(spec) for spec in library.specs.values()]
    return render_template(
        "candidate/help/help.html",
        questions=questions(asked),
        contacts=_contacts(asked),
        outlines=[(one.id, library.spec(one.discipline).name) for one in own],
    )


def _contacts(asked: list[AskedOf]) -> list[Contact]:
    """Return whom to ask, each once."""
    found = (one.spec.cqr.contact for one in asked)
    return list(dict.fromkeys(contact for contact in found if contact is not None))
