"""Parts of a page that are the same for many: rendered once for each language and each set of values.

The item page is the answering path, and most of it (moves, tools) is the same for nearly everybody.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from ssa_engine.core.items import FORMATS
from ssa_engine.web.language import language

KEPT = 16_384
"""Of a few hundred bytes each: rows of options above all."""


def init_app(app: Flask) -> None:
    """Give it to the templates, and the macros of small parts, which cost more to import than to call."""

    @lru_cache(maxsize=KEPT)
    def rendered(name: str, code: str, values: tuple[tuple[str, Hashable], ...]) -> Markup:  # noqa: ARG001 - what is kept is of one language
        return Markup(app.jinja_env.get_template(name).render(dict(values)))  # noqa: S704 - a template made it

    def fragment(name: str, **values: Hashable) -> Markup:
        """Return a template rendered with nothing but these values, in the language of this request."""
        return rendered(name, language(), tuple(values.items()))

    app.jinja_env.globals["fragment"] = fragment
    app.jinja_env.globals["parts"] = app.jinja_env.get_template("_macros/parts.html").module
    formats = app.jinja_env.get_template("candidate/assessment/_formats.html").module
    app.jinja_env.globals["formats"] = {name: getattr(formats, name) for name in FORMATS}
