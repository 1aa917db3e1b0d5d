"""What an answer form sends: the answer in the values of its format, the button, the tools."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say

BUTTONS = ("next", "previous", "review", "flag", "save")


def button() -> str:
    """Return the button pressed. A press on an image, an arrow of a list or a strike saves and stays."""
    form = request.form
    stays = "answer.x" in form or "move" in form or "strike" in form
    go = "save" if stays else form.get("go", "next")
    if go not in BUTTONS:
        raise Invalid(say("That button is not known here. Reload the page and try again."))
    return go


def answer() -> list[str]:
    """Return the values of the answer.

    A press on an image sends `answer.x` and `answer.y`. A sorted list sends `answer` in order, or `shown` where
    nothing was moved yet, which is no answer until an arrow (`move`, as id:up or id:down) or "keep" is pressed.
    """
    form = request.form
    if "answer.x" in form:
        return [f"{form['answer.x']},{form.get('answer.y', '')}"]
    given = form.getlist("answer")
    move = form.get("move", "")
    return moved(given or form.getlist("shown"), move) if move else given


def moved(order: Sequence[str], move: str) -> list[str]:
    """Return the order after one entry went a place up or down; `keep` leaves it."""
    entry, _, way = move.partition(":")
    result = list(order)
    if entry not in result or way not in ("up", "down"):
        return result
    at = result.index(entry)
    to = min(max(at + (1 if way == "down" else -1), 0), len(result) - 1)
    result.insert(to, result.pop(at))
    return result
