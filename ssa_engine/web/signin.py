"""Sign in and out."""

from __future__ import annotations

import secrets

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import people
from ssa_engine.core.demo_people import DEMO_PEOPLE
from ssa_engine.core.errors import NotAllowed
from ssa_engine.web import current
from ssa_engine.web.errors import SignedOut, on_ssa_error
from ssa_engine.web.guard import cookie_name
from ssa_engine.web.htmx import wants_fragment
from ssa_engine.web.language import in_words

blueprint = Blueprint("signin", __name__)

NOT_PENDING = ("email", "password", "next", "pending")


def own_path(target: str) -> str:
    """Return the target if it is a path of this site, else the start page."""
    sound = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if sound else url_for("home.start")


def _page(problem: str | None, status: int) -> ResponseReturnValue:
    shown = DEMO_PEOPLE if current.engine().settings.demo else ()
    page = "signin/_form.html" if wants_fragment() else "signin/again.html" if _pending() else "signin/signin.html"
    return make_response(
        render_template(
            page,
            problem=problem,
            email=request.values.get("email", ""),
            next=request.values.get("next", ""),
            pending=_pending(),
            in_place=wants_fragment(),
            demo_people=[{"email": one.email, "is_": one.what} for one in shown],
        ),
        status,
    )


def _pending() -> list[tuple[str, str]]:
    """Return the fields of a form that was sent while signed out, so that it can be sent again."""
    return _fields() if "pending" in request.form else []


def _fields() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_PENDING]


@blueprint.app_errorhandler(SignedOut)
def again(error: SignedOut) -> ResponseReturnValue:
    """Ask to sign in, keeping what was sent; a page with a script keeps it by itself."""
    pending = _fields() if request.method == "POST" and not wants_fragment() else []
    if not pending:
        return on_ssa_error(error)
    page = render_template("signin/again.html", problem=None, next=request.path, pending=pending, in_place=False)
    return make_response(page, 401)


@blueprint.route("/signin", methods=["GET", "POST"])
def signin() -> ResponseReturnValue:
    """Show the form, or check what it sent."""
    if request.method != "POST":
        if g.person is not None:
            return redirect(own_path(request.args.get("next", "")))
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
        return _page(in_words(problem.sentence), 422)
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Trigger"] = "signedIn"
    else:
        # 307 sends the form that was pending again, to the address it was meant for.
        code = 307 if "pending" in request.form else 303
        response = make_response(redirect(own_path(request.form.get("next", "")), code=code))
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
