"""From an error to a page or fragment: status, heading, a sentence that says what to do."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, request, url_for
from werkzeug.exceptions import HTTPException

from ssa_engine.core.errors import AttemptClosed, BlueprintNotMet, Conflict, Invalid, NotAllowed, NotFound, SsaError
from ssa_engine.web.htmx import page_or_fragment, wants_fragment
from ssa_engine.web.language import in_words

log = logging.getLogger(__name__)


class SignedOut(SsaError):
    """The session has ended."""


TABLE: tuple[tuple[type[SsaError], int, str], ...] = (
    (SignedOut, 401, "You are signed out"),
    (NotAllowed, 403, "Not for you"),
    (NotFound, 404, "Not found"),
    (AttemptClosed, 409, "This assessment is closed"),
    (BlueprintNotMet, 409, "It cannot be started yet"),
    (Conflict, 409, "Not possible now"),
    (Invalid, 422, "Something to mend"),
)

HTTP_SENTENCES = {
    400: ("Not understood", "The request could not be read. Go back, reload the page and try again."),
    404: ("Not found", "There is no page at this address. Check it, or go to your start page."),
    405: ("Not possible here", "This address does not take that kind of request. Go to your start page."),
    413: ("Too large", "What was sent is too large. Send less and try again."),
}

OTHER = ("Something went amiss here", "The fault is ours and was noted. What was saved is safe. Try again in a minute.")


def _answer(status: int, heading: str, sentence: str) -> Response:
    signed_in = g.get("person") is not None
    way_on = (
        {"href": url_for("home.start"), "label": "Go to your start page"}
        if signed_in and status != 401
        else {"href": url_for("signin.signin"), "label": "Sign in"}
    )
    response = page_or_fragment(
        "errors/error.html",
        "errors/_error.html",
        status=status,
        heading=heading,
        sentence=sentence,
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
            return _answer(status, heading, in_words(error.sentence))
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
