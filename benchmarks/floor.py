"""The floor of the answering path: a bare Flask app that renders a 3 KB template and commits one row to SQLite.

No session, no checks, no next item looked up. Same pragmas, same gunicorn settings and same form body as the engine.
"""

from __future__ import annotations

import sqlite3
import sys
import threading

from flask import Flask, render_template, request
from jinja2 import DictLoader

from ssa_engine.cli.serve import server
from ssa_engine.config import read_settings
from ssa_engine.storage.db import BUSY_SECONDS

ITEMS = 80
OPTIONS = "abcd"
TEMPLATE = """<section id="item" class="item" data-item="item-{{ position }}" data-position="{{ position }}">
<h1 tabindex="-1">Question {{ position }} of {{ items_total }}</h1><p id="receipt">Saved</p>
<form method="post" action="/users/{{ user }}/items/{{ position }}" autocomplete="off">
<input type="hidden" id="token" name="token" value="{{ token }}"><div class="stem" id="stem"><p>{{ stem }}</p></div>
<fieldset class="options">
{% for option in options %}
<label class="option"><input type="radio" name="answer" value="{{ option }}"{% if option == saved %} checked{% endif %}>
<span class="option-letter">{{ option|upper }}</span><span class="option-text">{{ text }}</span></label>
{% endfor %}
</fieldset>
<div class="moves"><button class="button primary" type="submit" name="go" value="next">Save and go on</button>
<button class="button" type="submit" name="go" value="previous">Previous</button></div></form></section>
"""
STEM = "A stem of some length, as items have it, that says who the patient is and what is seen. " * 13
TEXT = "An option of the length that options commonly have, with a reason. " * 3
CREATE = """CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY, user INTEGER NOT NULL, position INTEGER NOT NULL,
    answer TEXT NOT NULL, token TEXT NOT NULL
)"""
INSERT = "INSERT INTO answers (user, position, answer, token) VALUES (?, ?, ?, ?)"


def connect(path: str) -> sqlite3.Connection:
    """Open the file as the engine does: WAL, every commit synced, the same patience with a busy file."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def create(path: str) -> Flask:
    """Make the bare application; each thread keeps one connection."""
    app, mine = Flask(__name__), threading.local()
    app.jinja_loader = DictLoader({"item.html": TEMPLATE})

    @app.get("/users/<int:user>/items/<int:position>")
    def show(user: int, position: int) -> str:
        return page(user, position, "")

    @app.post("/users/<int:user>/items/<int:position>")
    def save(user: int, position: int) -> str:
        if not hasattr(mine, "connection"):
            mine.connection = connect(path)
        form, connection = request.form, mine.connection
        connection.execute(INSERT, (user, position, form["answer"], form["token"]))
        connection.commit()
        return page(user, position + (1 if form["go"] == "next" else -1), form["answer"])

    def page(user: int, position: int, saved: str) -> str:
        return render_template(
            "item.html",
            user=user,
            position=position,
            items_total=ITEMS,
            token=f"{position:016d}",
            stem=STEM,
            options=OPTIONS,
            text=TEXT,
            saved=saved,
        )

    return app


def main(port: str, path: str) -> None:
    """Serve it with the engine's own gunicorn settings."""
    connection = connect(path)
    connection.execute(CREATE)
    connection.commit()
    connection.close()
    gunicorn = server(read_settings(), "127.0.0.1", int(port))
    gunicorn.load = lambda: create(path)
    gunicorn.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
