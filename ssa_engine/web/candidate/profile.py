"""The professional profile: what it is, its screens one after another, what is missing, and the summary at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import profiles
from ssa_engine.actions.profiles import Saved, Standing
from ssa_engine.core.errors import Invalid
from ssa_engine.core.profiles import ProfileScreen, practice, practice_by_area, refreshers, unanswered
from ssa_engine.core.text import say
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to, wants_fragment
from ssa_engine.web.language import in_words

blueprint = Blueprint("profile", __name__)

CHOSEN, SHOWN = "did-", "was-"
"""What the names of fields begin with: what is chosen for an activity, and what was when the page was made."""
MOVES = {"next": 1, "previous": -1, "save": 0}


def _stand(credential_id: int) -> Standing:
    with current.db().read() as connection:
        return profiles.stand(connection, current.library(), credential_id, current.person().id, current.now())


@blueprint.get("/credentials/<id:credential_id>/profile")
def show(credential_id: int) -> ResponseReturnValue:
    """Say what the profile is and lead on to its screens; once it is finished, show the summary. Changes nothing."""
    with current.db().read() as connection:
        standing = profiles.stand(connection, current.library(), credential_id, current.person().id, current.now())
        others = profiles.others(connection, standing) if standing.is_done else None
    if standing.is_done:
        return render_template("candidate/profile/summary.html", **_summary(standing, others))
    return render_template(
        "candidate/profile/start.html",
        **_frame(standing),
        screens=_screens(standing),
        resume_at=standing.resume_at,
        why_not=in_words(standing.why_not) if standing.why_not else "",
    )


def _frame(standing: Standing) -> dict[str, Any]:
    """What every page of the profile has."""
    return {
        "credential_id": standing.credential.id,
        "discipline_name": standing.spec.name,
        "rules": standing.spec.cqr.profile,
        "activities_total": len(standing.survey.activities),
        "answered_total": len(standing.survey.activities) - len(unanswered(standing.survey, standing.answers)),
    }


def _screens(standing: Standing) -> list[dict[str, Any]]:
    """Each screen with its number, and what is not answered on it."""
    return [
        {
            "number": number,
            "title": screen.title,
            "total": len(screen.activities),
            "missing": unanswered(standing.survey, standing.answers, screen.activities),
        }
        for number, screen in enumerate(standing.survey.screens, 1)
    ]


@blueprint.get("/credentials/<id:credential_id>/profile/screens/<id:number>")
def screen(credential_id: int, number: int) -> ResponseReturnValue:
    """Show one screen, with what was chosen before."""
    standing = _stand(credential_id)
    asked = standing.screen(number)
    if standing.why_not is not None:
        return redirect(url_for("candidate.profile.show", credential_id=credential_id))
    return render_template("candidate/profile/screen.html", **_screen(standing, asked, number))


def _screen(standing: Standing, asked: ProfileScreen, number: int) -> dict[str, Any]:
    """What a screen shows."""
    return {
        **_frame(standing),
        "number": number,
        "last": len(standing.survey.screens),
        "screen": asked,
        "scale": standing.survey.scale,
        "answers": standing.answers,
        "saved_at": standing.profile.saved_at if standing.profile else None,
        "elsewhere": [],
    }


@blueprint.post("/credentials/<id:credential_id>/profile/screens/<id:number>")
def save(credential_id: int, number: int) -> ResponseReturnValue:
    """Keep what is chosen, then go where the button leads; a script saves without a button, as one goes."""
    go = request.form.get("go", "save")
    if go not in MOVES:
        raise Invalid(say("That button is not known here. Reload the page and try again."))
    saved = profiles.save(
        current.db(),
        current.library(),
        credential_id=credential_id,
        person_id=current.person().id,
        number=number,
        posted=_fields(CHOSEN),
        shown=_fields(SHOWN),
        now=current.now(),
    )
    if saved.elsewhere or wants_fragment():
        return _again(saved, number)
    return go_to(_place(credential_id, number + MOVES[go], len(saved.standing.survey.screens)))


def _fields(prefix: str) -> dict[str, str]:
    """Activity -> value of the fields whose names begin so."""
    return {name.removeprefix(prefix): value for name, value in request.form.items() if name.startswith(prefix)}


def _again(saved: Saved, number: int) -> Response:
    """Answer a script with the receipt alone; who was overtaken by another window sees the screen as it stands."""
    asked = saved.standing.screen(number)
    shown = _screen(saved.standing, asked, number)
    if not saved.elsewhere:
        return Response(render_template("candidate/profile/_saved.html", **shown))
    shown["elsewhere"] = [one for one in asked.activities if one.id in saved.elsewhere]
    if not wants_fragment():
        return Response(render_template("candidate/profile/screen.html", **shown), 409)
    headers = {"HX-Retarget": "#screen", "HX-Reswap": "outerHTML"}
    return Response(render_template("candidate/profile/_screen.html", **shown), 409, headers)


def _place(credential_id: int, number: int, last: int) -> str:
    """Return the address of a screen; before the first lies the start, behind the last the end."""
    if number < 1:
        return url_for("candidate.profile.show", credential_id=credential_id)
    if number > last:
        return url_for("candidate.profile.check", credential_id=credential_id)
    return url_for("candidate.profile.screen", credential_id=credential_id, number=number)


@blueprint.get("/credentials/<id:credential_id>/profile/finish")
def check(credential_id: int) -> ResponseReturnValue:
    """Show what is answered and what is missing, and ask whether the profile is finished."""
    standing = _stand(credential_id)
    if standing.why_not is not None:
        return redirect(url_for("candidate.profile.show", credential_id=credential_id))
    return _finish(standing)


def _finish(standing: Standing, problem: str = "") -> Response:
    shown = {**_frame(standing), "screens": _screens(standing), "resume_at": standing.resume_at, "problem": problem}
    return Response(render_template("candidate/profile/finish.html", **shown), 422 if problem else 200)


@blueprint.post("/credentials/<id:credential_id>/profile/finish")
def finish(credential_id: int) -> ResponseReturnValue:
    """Finish the profile, then show its summary; or say what is missing."""
    try:
        profiles.finish(
            current.db(),
            current.library(),
            credential_id=credential_id,
            person_id=current.person().id,
            who=current.person().email,
            now=current.now(),
        )
    except Invalid as error:
        return _finish(_stand(credential_id), in_words(error.sentence))
    return go_to(url_for("candidate.profile.show", credential_id=credential_id))


def _summary(standing: Standing, others: profiles.Others | None) -> dict[str, Any]:
    """What the summary shows: the own practice, that of others, and refreshers."""
    survey, names = standing.survey, standing.spec.area_names
    completed_at = standing.profile.completed_at if standing.profile else None
    return {
        **_frame(standing),
        "completed_on": standing.spec.cqr.today(completed_at) if completed_at else None,
        "own": practice(survey, standing.answers),
        "often_labels": [step.label for step in survey.scale if step.often],
        "others": others,
        "areas": [
            {"id": area, "name": names[area], "own": own, "usual": others.usual.get(area) if others else None}
            for area, own in practice_by_area(survey, standing.answers).items()
        ],
        "refreshers": refreshers(survey, standing.answers),
    }
