"""docs/reference/routes.md: every address of the web application."""

from __future__ import annotations

import inspect
import tempfile
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from docs.pages.markdown import code, table
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role

AUTOMATIC = {"HEAD", "OPTIONS"}


def page() -> str:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'unused.db'}"
        app = create_app(read_settings({}, database_url=url), library=Library())
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    return (
        "# Routes\n\n"
        "`<id:…>` is a whole number from 1. Who may use a route is a property of its blueprint; a candidate's pages "
        "show only what is the candidate's own. GET never changes anything.\n\n"
        + table(("path", "method", "who", "what it does"), [_row(app, rule) for rule in rules])
    )


def _row(app: Flask, rule: Rule) -> tuple[str, str, str, str]:
    methods = ", ".join(sorted((rule.methods or set()) - AUTOMATIC))
    what = "Send a file of the look." if rule.endpoint == "static" else _first_line(app, rule.endpoint)
    return code(rule.rule), methods, _who(app, rule.endpoint), what


def _first_line(app: Flask, endpoint: str) -> str:
    return (inspect.getdoc(app.view_functions[endpoint]) or "").splitlines()[0]


def _who(app: Flask, endpoint: str) -> str:
    """Return the roles that the guards of the route's blueprints ask for."""
    parts = endpoint.split(".")[:-1]
    names = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
    guards = [check for name in names for check in app.before_request_funcs.get(name, ())]
    roles: set[Role] = set().union(*(inspect.getclosurevars(guard).nonlocals["roles"] for guard in guards))
    return ", ".join(role.value for role in Role if role in roles) or "anybody"
