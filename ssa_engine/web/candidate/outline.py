"""The outline of a discipline, to read, search and print before the assessment."""

from __future__ import annotations

import re
from functools import partial

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from ssa_engine.actions import credentials
from ssa_engine.core.outlines import find, plain, questions_of
from ssa_engine.web import current
from ssa_engine.web.htmx import page_or_fragment

blueprint = Blueprint("outline", __name__)

LONGEST_SEARCH = 100


@blueprint.get("/credentials/<id:credential_id>/outline")
def show(credential_id: int) -> ResponseReturnValue:
    """Show the outline of a credential's discipline, or what a search finds in it."""
    words = " ".join(request.args.get("q", "")[:LONGEST_SEARCH].split())
    with current.db().read() as connection:
        own = credentials.of_person(connection, credential_id, current.person().id)
    spec = current.library().spec(own.discipline)
    questions = questions_of(spec)
    return page_or_fragment(
        "candidate/outline/outline.html",
        "candidate/outline/_outline.html",
        credential_id=credential_id,
        spec=spec,
        words=words,
        found=find(spec, words),
        questions=questions,
        total=sum(questions.values()),
        mark=partial(marked, words=plain(words).split()),
    )


def marked(text: str, *, words: list[str]) -> Markup:
    """Return text with every word that was searched for marked, however it is written."""
    if not words:
        return escape(text)
    spoken = [(plain(letter) or " ", letter) for letter in text]
    flat = "".join(small for small, _ in spoken)
    hit = [False] * len(flat)
    for word in words:
        for found in re.finditer(re.escape(word), flat):
            hit[found.start() : found.end()] = [True] * len(word)
    pieces, at, open_ = [], 0, False
    for small, letter in spoken:
        is_hit = hit[at]
        if is_hit != open_:
            pieces.append(Markup("<mark>") if is_hit else Markup("</mark>"))
            open_ = is_hit
        pieces.append(escape(letter))
        at += len(small)
    return Markup("").join([*pieces, Markup("</mark>")] if open_ else pieces)
