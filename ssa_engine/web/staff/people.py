"""One person: where their credentials stand, what happened to each, what is granted to them for every sitting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import sittings
from ssa_engine.actions.people import FAILURES_ALLOWED, FAILURES_WINDOW
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.answers import read_number
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import people
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to
from ssa_engine.web.staff.histories import of_credentials
from ssa_engine.web.staff.standing import held_by, state_of

blueprint = Blueprint("people", __name__)

DONE = {
    "sign_in": say("The person can sign in again at once, with the password they have."),
    "allowed": say("Another attempt is allowed. The candidate can begin it from their start page."),
    "released": say("The result is released, and the candidate is told."),
    "reinstated": say("The credential is reinstated, and the candidate is told."),
    "mail": say("The mail waits to be sent again."),
}


@dataclass
class AccommodationsForm:
    """The form as it was filled in: `typed` is what its fields show, `problems` what is to mend in which field."""

    typed: dict[str, str]
    problems: dict[str, Sentence] = field(default_factory=dict)
    granted: Accommodations | None = None

    @classmethod
    def stored(cls, granted: Accommodations) -> AccommodationsForm:
        """Fill the form with what is stored."""
        typed = {name: f"{value:g}" for name, value in granted.model_dump().items() if not isinstance(value, bool)}
        ticked = {name: "yes" for name in ("untimed", "large_text") if getattr(granted, name)}
        return cls(typed | ticked, granted=granted)

    @classmethod
    def filled_in(cls, values: Mapping[str, str]) -> AccommodationsForm:
        """Read what was filled in."""
        form = cls({name: values[name][:30] for name in Accommodations.model_fields if name in values})
        numbers = {
            "time_multiplier": form._number("time_multiplier", 1, 5, say("Give a number from 1 to 5, such as 1.5.")),
            "extra_minutes": form._number("extra_minutes", 0, 600, say("Give whole minutes, from 0 to 600.")),
            "extra_breaks": form._number("extra_breaks", 0, 10, say("Give a whole number of breaks, from 0 to 10.")),
        }
        if not form.problems:
            form.granted = Accommodations(
                time_multiplier=numbers["time_multiplier"],
                extra_minutes=int(numbers["extra_minutes"]),
                untimed="untimed" in values,
                extra_breaks=int(numbers["extra_breaks"]),
                large_text="large_text" in values,
            )
        return form

    def _number(self, name: str, least: int, most: int, problem: Sentence) -> float:
        """Read a number; note `problem` if it is none, out of range, or should be whole and is not."""
        try:
            number = float(read_number(self.typed.get(name, "")))
        except Invalid:
            number = float("nan")
        if not least <= number <= most or (name != "time_multiplier" and number % 1):
            self.problems[name] = problem
            return float(least)
        return number


@blueprint.get("/people/<id:person_id>")
def show(person_id: int) -> ResponseReturnValue:
    """Show a person. With the form's fields in the address, say what they would mean; nothing is saved by that."""
    tried = "time_multiplier" in request.args
    return page(person_id, AccommodationsForm.filled_in(request.args) if tried else None)


@blueprint.post("/people/<id:person_id>/accommodations")
def accommodate(person_id: int) -> ResponseReturnValue:
    """Keep what is granted to a person."""
    form = AccommodationsForm.filled_in(request.form)
    if form.granted is None:
        return page(person_id, form, status=422)
    sittings.set_accommodations(
        current.db(), person_id=person_id, granted=form.granted, who=current.person().email, now=current.now()
    )
    return go_to(url_for("staff.people.show", person_id=person_id, saved="yes"))


def page(
    person_id: int,
    form: AccommodationsForm | None = None,
    *,
    problem: str | None = None,
    mend: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """Render the page of a person. `mend` and `problem`: which field of what was sent is to mend, and why."""
    with current.db().read() as connection:
        person = people.get(connection, person_id)
        if person is None:
            raise NotFound(say("There is no such person."))
        stored = people.accommodations_of(connection, person_id)
        credentials = held_by(connection, person_id)
        timelines = of_credentials(connection, person_id, credentials)
        failures = people.count_failures(connection, person.email, current.now() - FAILURES_WINDOW)
    shown = form or AccommodationsForm.stored(stored)
    rendered = render_template(
        "staff/people/person.html",
        found=person,
        credentials=credentials,
        timelines=timelines,
        failures=failures,
        is_locked_out=failures >= FAILURES_ALLOWED,
        under_way=[one for held in credentials for one in held.attempts if one.is_open(current.now())],
        state_of=state_of,
        form=shown,
        stored=stored,
        meanings=[_meaning(held.spec, shown.granted) for held in credentials] if shown.granted else [],
        saved=form is None and "saved" in request.args,
        done=DONE.get(request.args.get("done", "")) if form is None and not problem else None,
        problem=problem,
        mend=mend,
        typed=request.form if mend else {},
    )
    return rendered, status


def _meaning(spec: ContentSpec, granted: Accommodations) -> dict[str, object]:
    """What is granted means for the sitting of one discipline."""
    breaks = spec.delivery.breaks
    return {
        "discipline": spec.name,
        "time": granted.what_becomes_of(spec.seconds_allowed),
        "breaks": breaks.count + granted.extra_breaks,
        "break_minutes": breaks.minutes,
    }
