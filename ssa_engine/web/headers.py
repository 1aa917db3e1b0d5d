"""Security and cache headers of every answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CSP = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "media", "font", "connect")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Vary": "HX-Request",
}

STATIC_SECONDS = 365 * 24 * 3600


def _set_cache(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        if "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    """Set them on every answer. Pages are never kept by a browser: they hold a person's own state.

    Those that are always the same are added where the answer leaves, which costs the answering path next to nothing.
    """
    app.after_request(_set_cache)
    inner, always = app.wsgi_app, list(HEADERS.items())

    def with_headers(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, *always], exc_info)

        return inner(environ, start)

    app.wsgi_app = with_headers  # type: ignore[method-assign]
