"""Sign in and out."""

from __future__ import annotations

import secrets

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import people
from ssa_engine.core.demo_people import DEMO_PEOPLE
from ssa_engine.core.errors import NotAllowed
from ssa_engine.web import current
from ssa_engine.web.guard import cookie_name

blueprint = Blueprint("signin", __name__)


def _own_path(target: str) -> str:
    """Return the target if it is a path of this site, else the start page."""
    sound = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if sound else url_for("home.start")


def _page(problem: str | None, status: int) -> ResponseReturnValue:
    shown = DEMO_PEOPLE if current.engine().settings.demo else ()
    return make_response(
        render_template(
            "signin/signin.html",
            problem=problem,
            email=request.form.get("email", ""),
            next=request.values.get("next", ""),
            demo_people=[{"email": one.email, "is_": one.what} for one in shown],
        ),
        status,
    )


@blueprint.route("/signin", methods=["GET", "POST"])
def signin() -> ResponseReturnValue:
    """Show the form, or check what it sent."""
    if request.method != "POST":
        if g.person is not None:
            return redirect(_own_path(request.args.get("next", "")))
        return _page(None, 200)
    token = secrets.token_urlsafe(32)
    try:
        people.sign_in(
            current.db(),
            email=request.form.get("email", "")[:254],
            password=request.form.get("password", "")[:1024],
            token=token,
            now=current.now(),
        )
    except NotAllowed as problem:
        return _page(str(problem), 422)
    response = make_response(redirect(_own_path(request.form.get("next", "")), code=303))
    response.set_cookie(
        cookie_name(),
        token,
        max_age=people.SESSION_HOURS * 3600,
        httponly=True,
        samesite="Lax",
        secure=current.engine().settings.secure_cookies,
        path="/",
    )
    return response


@blueprint.post("/signout")
def signout() -> ResponseReturnValue:
    """End the session."""
    token = request.cookies.get(cookie_name())
    if token:
        people.sign_out(current.db(), token)
    response = make_response(redirect(url_for("signin.signin"), code=303))
    response.delete_cookie(cookie_name(), path="/", secure=current.engine().settings.secure_cookies)
    return response
