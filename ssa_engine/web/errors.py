"""From an error to a page or fragment: status, heading, a sentence that says what to do."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, request, url_for
from werkzeug.exceptions import HTTPException

from ssa_engine.core.errors import AttemptClosed, BlueprintNotMet, Conflict, Invalid, NotAllowed, NotFound, SsaError
from ssa_engine.core.text import say
from ssa_engine.web.htmx import page_or_fragment, wants_fragment
from ssa_engine.web.language import gettext, in_words

log = logging.getLogger(__name__)


class SignedOut(SsaError):
    """The session has ended."""


TABLE: tuple[tuple[type[SsaError], int, str], ...] = (
    (SignedOut, 401, say("You are signed out")),
    (NotAllowed, 403, say("Not for you")),
    (NotFound, 404, say("Not found")),
    (AttemptClosed, 409, say("This assessment is closed")),
    (BlueprintNotMet, 409, say("It cannot be started yet")),
    (Conflict, 409, say("Not possible now")),
    (Invalid, 422, say("Something to mend")),
)

HTTP_SENTENCES = {
    400: (say("Not understood"), say("The request could not be read. Go back, reload the page and try again.")),
    404: (say("Not found"), say("There is no page at this address. Check it, or go to your start page.")),
    405: (say("Not possible here"), say("This address does not take that kind of request. Go to your start page.")),
    413: (say("Too large"), say("What was sent is too large. Send less and try again.")),
}

OTHER = (
    say("Something went amiss here"),
    say("The fault is ours and was noted. What was saved is safe. Try again in a minute."),
)


def _answer(status: int, heading: str, sentence: str) -> Response:
    signed_in = g.get("person") is not None
    way_on = (
        {"href": url_for("home.start"), "label": gettext("Go to your start page")}
        if signed_in and status != 401
        else {"href": url_for("signin.signin"), "label": gettext("Sign in")}
    )
    response = page_or_fragment(
        "errors/error.html",
        "errors/_error.html",
        status=status,
        heading=in_words(heading),
        sentence=in_words(sentence),
        way_on=way_on,
    )
    if wants_fragment():
        response.headers["HX-Retarget"] = "#main"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def on_ssa_error(error: SsaError) -> Response:
    """Answer an error of ours with its own sentence."""
    for kind, status, heading in TABLE:
        if isinstance(error, kind):
            return _answer(status, heading, error.sentence)
    return on_fault(error)


def on_http_error(error: HTTPException) -> Response:
    """Answer an HTTP error with a sentence of ours."""
    status = error.code or 500
    if status >= 500:
        return on_fault(error)
    if 300 <= status < 400:
        return Response(error.get_response().get_data(), status, error.get_response().headers)
    heading, sentence = HTTP_SENTENCES.get(status, HTTP_SENTENCES[400])
    response = _answer(status, heading, sentence)
    if status == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return response


def on_fault(error: Exception) -> Response:
    """Note a fault of ours in the log, and say so without its details."""
    log.exception("%s %s", request.method, request.path, exc_info=error)
    return _answer(500, *OTHER)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(SsaError, on_ssa_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_fault)
