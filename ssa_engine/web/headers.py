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

CERTIFICATE_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
"""Of a certificate: it loads nothing, runs nothing, has no origin, and is framed by pages of this site alone."""
FRAMING_CSP = f"{CSP}; frame-src 'self'"
"""Of a page that shows a certificate in a frame."""

POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: CSP,
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
    An answer that has a policy of its own keeps it.
    """
    app.after_request(_set_cache)
    inner, always = app.wsgi_app, list(HEADERS.items())
    but_policy = [(name, value) for name, value in always if name != POLICY]

    def with_headers(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            has_own = any(name == POLICY for name, _ in headers)
            return start_response(status, [*headers, *(but_policy if has_own else always)], exc_info)

        return inner(environ, start)

    app.wsgi_app = with_headers  # type: ignore[method-assign]
