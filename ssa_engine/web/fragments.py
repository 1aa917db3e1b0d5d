"""Parts of a page that are the same for many: rendered once for each language and each set of values.

The item page is the answering path, and most of it (moves, tools) is the same for nearly everybody.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from flask import Flask, current_app
from markupsafe import Markup

from ssa_engine.web.language import language

KEPT = 4096


@lru_cache(maxsize=KEPT)
def _render(app: Flask, name: str, code: str, values: frozenset[tuple[str, Hashable]]) -> Markup:  # noqa: ARG001 - what is kept is of one language
    return Markup(app.jinja_env.get_template(name).render(dict(values)))  # noqa: S704 - a template made it


def fragment(name: str, **values: Hashable) -> Markup:
    """Return a template rendered with nothing but these values, in the language of this request."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return _render(app, name, language(), frozenset(values.items()))


def init_app(app: Flask) -> None:
    """Give it to the templates, and the macros of small parts, which cost more to import than to call."""
    app.jinja_env.globals["fragment"] = fragment
    app.jinja_env.globals["parts"] = app.jinja_env.get_template("_macros/parts.html").module
