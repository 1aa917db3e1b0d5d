"""Cross-site writes are refused by what the browser says of the request's origin; there is no token to expire."""

from __future__ import annotations

from flask import Flask, request

from ssa_engine.core.errors import Invalid, NotAllowed
from ssa_engine.core.text import say

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_cross_site() -> None:
    """Raise `NotAllowed` for a write that another site began.

    Browsers send Sec-Fetch-Site, older ones Origin; a request with neither comes from no browser page, and the
    SameSite cookie stays behind when another site sends it.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        allowed = origin is None or origin.partition("://")[2] == request.host
    if not allowed:
        raise NotAllowed(say("This came from another site, so nothing was changed. Open the page here and try again."))


def refuse_unstorable_text() -> None:
    """Raise `Invalid` for text that no database can hold."""
    values = [request.path]
    for given in (request.args,) if request.method in SAFE else (request.args, request.form):
        for key, several in given.lists():
            values += (key, *several)
    if "\x00" in "".join(values):
        raise Invalid(say("The text has a character that cannot be stored. Remove it and send again."))


def init_app(app: Flask) -> None:
    """Check every request before anything else sees it."""
    app.before_request(refuse_cross_site)
    app.before_request(refuse_unstorable_text)
