"""create_app: the only place where rooms are joined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, g
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from ssa_engine.actions.banks import Banks
from ssa_engine.config import Settings, bundled, read_settings
from ssa_engine.content.library import Library, load_library
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from ssa_engine.web import (
    assets,
    candidate,
    charts,
    csrf,
    display,
    errors,
    filters,
    fragments,
    guard,
    headers,
    home,
    htmx,
    language,
    psychometrician,
    records,
    signin,
    specialist,
    staff,
    style,
    uploads,
)
from ssa_engine.web.current import Engine

LARGEST_REQUEST = 64 * 1024


class Application(Flask):
    """Flask, told that no function of ours is a coroutine; else it asks that of twelve on each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


class IdConverter(IntegerConverter):
    """A positive number that every database can hold."""

    regex = r"[1-9]\d{0,8}"


def utc_now() -> dt.datetime:
    """Return the time."""
    return dt.datetime.now(dt.UTC)


def create_app(
    settings: Settings | None = None,
    *,
    clock: Callable[[], dt.datetime] = utc_now,
    library: Library | None = None,
) -> Flask:
    """Join the rooms. `library` is the content, if it was loaded already.

    Raises
    ------
    ContentInvalid
        If the content is not sound.
    """
    settings = settings or read_settings()
    app = Application(
        "ssa_engine.web",
        template_folder=str(bundled("templates")),
        static_folder=str(Path(__file__).parent / "web/static"),
    )
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_REQUEST
    app.url_map.merge_slashes = False  # an address with a part left out is not the address of something else
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.url_map.converters["id"] = IdConverter
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db = Database(settings.database_url, pool_size=settings.threads)
    library = library or load_library(settings.content_dir, settings.item_bank_dir)
    app.extensions["ssa_engine"] = Engine(settings, db, Banks(db, library), clock)
    for part in (errors, headers, htmx, uploads, csrf, guard, language, filters, charts, fragments, assets):
        part.init_app(app)
    for audience in (home, records, signin, display, candidate, psychometrician, specialist, staff, style):
        app.register_blueprint(audience.blueprint)
    _give_to_templates(app, sorted(library.banks))
    return app


def _give_to_templates(app: Flask, disciplines: list[str]) -> None:
    app.jinja_env.globals.update(disciplines=disciplines, Role=Role)

    @app.context_processor
    def of_the_request() -> dict[str, Any]:
        return {"person": g.get("person"), "now": g.get("now")}
