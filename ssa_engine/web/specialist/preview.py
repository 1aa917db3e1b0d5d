"""Preview: an item exactly as the candidate sees it, and beside it what the candidate never sees."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.core.content_specs import ContentArea
from ssa_engine.core.errors import NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.text import say
from ssa_engine.storage import sittings
from ssa_engine.web import current, rich_text
from ssa_engine.web.item_view import key_text, preview, topic_name
from ssa_engine.web.media_types import send_media

blueprint = Blueprint("preview", __name__)


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """Go to the first discipline that has an item bank."""
    return redirect(url_for("specialist.preview.index", discipline=min(current.library().banks)))


@blueprint.get("/<discipline>/items")
def index(discipline: str) -> ResponseReturnValue:
    """List the items by content area, beside what the blueprint takes."""
    bank = current.library().bank(discipline)
    return render_template(
        "specialist/preview/index.html",
        discipline=bank.discipline,
        discipline_name=bank.spec.name,
        areas=[_area(bank, area) for area in bank.spec.areas],
    )


def _area(bank: ItemBank, area: ContentArea) -> dict[str, object]:
    own = [item for item in bank.items if bank.area_of(item) == area.id]
    needed = bank.spec.blueprint.areas[area.id]
    return {
        "name": area.name,
        "active": sum(item.status == "active" for item in own),
        "pilot": sum(item.status == "pilot" for item in own),
        "needed_scored": needed.scored,
        "needed_pilot": needed.pilot,
        "items": [
            {"id": item.id, "topic": item.topic, "status": item.status, "stem_start": _start_of(item.stem)}
            for item in own
        ],
    }


def _start_of(stem: str) -> str:
    line = " ".join(stem.split())
    return line if len(line) <= 90 else f"{line[:90].rsplit(' ', 1)[0]} …"


@blueprint.get("/<discipline>/items/<item_id>")
def item(discipline: str, item_id: str) -> ResponseReturnValue:
    """Show one item with its key, rationale and references."""
    bank = current.library().bank(discipline)
    item = bank.item(item_id)
    ids = [other.id for other in bank.items]
    place = ids.index(item.id)
    view = preview(bank, item, lambda name: url_for("specialist.preview.media", discipline=bank.discipline, name=name))
    with current.db().read() as connection:
        comments = sittings.comments_on(connection, item.id)
    return render_template(
        "specialist/preview/item.html",
        discipline=bank.discipline,
        view=view,
        item=item,
        rationale_html=rich_text.block(item.rationale),
        key_text=key_text(item),
        comments=comments,
        topic_name=topic_name(bank.spec, item.topic),
        previous_id=ids[place - 1] if place else None,
        next_id=ids[place + 1] if place + 1 < len(ids) else None,
    )


@blueprint.get("/<discipline>/media/<name>")
def media(discipline: str, name: str) -> ResponseReturnValue:
    """Send an exhibit of today's bank."""
    spec = current.library().spec(discipline)
    path = current.library().media.get(spec.discipline, {}).get(name)
    if path is None:
        raise NotFound(say("There is no such picture in this item bank."))
    return send_media(path.read_bytes(), name)
