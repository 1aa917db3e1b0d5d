"""Guards: who is signed in, and whether they belong here. Set on a blueprint, they hold for all its routes."""

from __future__ import annotations

from flask import Blueprint, Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions.people import hash_token
from ssa_engine.core.errors import NotAllowed
from ssa_engine.core.people import Role
from ssa_engine.core.text import say
from ssa_engine.storage import people
from ssa_engine.web import current
from ssa_engine.web.errors import SignedOut


def cookie_name() -> str:
    """Return the session cookie's name; the prefix binds it to this host over HTTPS."""
    return "__Host-ssa_session" if current.engine().settings.secure_cookies else "ssa_session"


def load_person() -> None:
    """Find out who the session cookie belongs to."""
    g.person = None
    token = request.cookies.get(cookie_name())
    if token and request.endpoint not in PUBLIC:
        with current.db().look() as connection:
            g.person = people.of_session(connection, hash_token(token), current.now())


PUBLIC = frozenset({"static", "home.healthz", "home.readyz", "home.metrics"})


def require(blueprint: Blueprint, *roles: Role) -> None:
    """Let only people with one of these roles reach a blueprint and those nested in it."""

    @blueprint.before_request
    def guard() -> ResponseReturnValue | None:
        if g.person is None:
            if request.method in ("GET", "HEAD"):
                return redirect(url_for("signin.signin", next=request.full_path.rstrip("?")))
            raise SignedOut(say("You are signed out, so this was not saved. Sign in again, then repeat it."))
        if not g.person.roles & set(roles):
            raise NotAllowed(say("This page is for others. Your own pages are behind your start page."))
        return None


def init_app(app: Flask) -> None:
    """Load the person before every request."""
    app.before_request(load_person)
