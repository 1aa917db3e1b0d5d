"""The one place that asks whether a request wants a fragment."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template
from flask_htmx import HTMX

htmx = HTMX()


def wants_fragment() -> bool:
    """Whether htmx will swap the answer into a page; restored history and boosted links get whole pages."""
    found: bool | None = g.get("wants_fragment")
    if found is None:
        found = g.wants_fragment = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    return found


def page_or_fragment(page: str, fragment: str, *, status: int = 200, **context: Any) -> Response:
    """Render the whole page, or the fragment if that is wanted."""
    return Response(render_template(fragment if wants_fragment() else page, status=status, **context), status)


def go_to(url: str) -> Response:
    """Send the browser to another page."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return make_response(redirect(url, code=303))


def init_app(app: Flask) -> None:
    """Let flask-htmx read the headers of each request. That answers differ by who asks stands in `headers.py`."""
    htmx.init_app(app)
