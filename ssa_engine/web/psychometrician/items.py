"""The items of a bank with what the sittings showed: a list with flags, and one item in depth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import item_pages, items
from ssa_engine.actions.shown_tables import ShownTable
from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.review.item_flags import THRESHOLDS
from ssa_engine.core.text import say
from ssa_engine.web import current, rich_text
from ssa_engine.web.item_view import key_text, preview, topic_name
from ssa_engine.web.psychometrician import figure_columns
from ssa_engine.web.psychometrician.files import csv_table

blueprint = Blueprint("items", __name__)

LONGEST_TEXT = 100


@blueprint.get("/<discipline>/items")
def overview(discipline: str) -> ResponseReturnValue:
    """List the items that are asked for, with their statistics and flags."""
    spec = current.library().spec(discipline)
    found = items.review(current.db(), current.banks(), spec, query_of(request.args))
    return render_template(
        "psychometrician/items/overview.html",
        discipline=spec.discipline,
        found=found,
        query=found.query,
        rows=found.table.rows,
        columns=figure_columns.ITEM,
        kept=kept(request.args),
        areas=spec.area_names,
        topics=[(one, one) for one in found.topics],
        formats=found.formats,
        groupings=[(one, one) for one in found.groupings],
        least_attempts=THRESHOLDS.least_attempts,
        sortable=[("item_id", say("Item")), *((one.name, one.label) for one in figure_columns.ITEM)],
    )


@blueprint.get("/<discipline>/items.csv")
def download(discipline: str) -> ResponseReturnValue:
    """Send the list as it is shown."""
    spec = current.library().spec(discipline)
    found = items.review(current.db(), current.banks(), spec, query_of(request.args)).table
    return csv_table(found.columns, found.rows, f"{spec.discipline}-items.csv")


@blueprint.get("/<discipline>/items/<item_id>")
def item(discipline: str, item_id: str) -> ResponseReturnValue:
    """Show one item: as the candidate sees it, its key, and all that the sittings showed."""
    spec = current.library().spec(discipline)
    bank = current.library().bank(discipline)
    page = item_pages.item_page(current.db(), current.banks(), spec, item_id, query_of(request.args))
    ids = [other.id for other in bank.items]
    place = ids.index(item_id)
    return render_template(
        "psychometrician/items/item.html",
        discipline=spec.discipline,
        page=page,
        item=page.item,
        view=preview(bank, page.item, lambda name: _media(spec.discipline, name)),
        rationale_html=rich_text.block(page.item.rationale),
        key_text=key_text(page.item),
        topic_name=topic_name(bank.spec, page.item.topic),
        area_name=spec.area_names[bank.area_of(page.item)],
        options={option.id: rich_text.inline(option.text) for option in page.item.options},
        columns=figure_columns,
        tables={name: table.rows for name, table in page.tables.items()},
        kept=kept(request.args),
        query=query_of(request.args),
        previous_id=ids[place - 1] if place else None,
        next_id=ids[place + 1] if place + 1 < len(ids) else None,
    )


@blueprint.get("/<discipline>/items/<item_id>/<table>.csv")
def item_table(discipline: str, item_id: str, table: str) -> ResponseReturnValue:
    """Send one table of an item's page."""
    spec = current.library().spec(discipline)
    query = query_of(request.args)
    found = ShownTable(item_pages.item_page_table(current.db(), current.banks(), spec, item_id, query, table))
    return csv_table(found.columns, found.rows, f"{item_id}-{table.replace('_', '-')}.csv")


def query_of(args: Mapping[str, str]) -> items.ItemQuery:
    """Read what is asked for from the address.

    Raises
    ------
    Invalid
        If the day is no date, or the text is too long.
    """
    day = args.get("split", "").strip()
    try:
        split = dt.date.fromisoformat(day) if day else None
    except ValueError:
        raise Invalid(say("The day on which the later period begins is no date. Write it as 2027-03-14.")) from None
    text = args.get("q", "").strip()
    if len(text) > LONGEST_TEXT:
        raise Invalid(say("The text to look for is too long. Give a few words."))
    names = ("flag", "area", "topic", "format", "status", "grouping")
    return items.ItemQuery(
        **{name: args.get(name, "").strip() for name in names},
        text=text,
        sort=args.get("sort") or "item_id",
        descending=args.get("order") == "down",
        split=split,
        versions=args.get("versions") or items.TODAY,
    )


def kept(args: Mapping[str, str]) -> dict[str, Any]:
    """Return what an address asked for, to be asked for again by the links of its page."""
    names = ("q", "flag", "area", "topic", "format", "status", "sort", "order", "grouping", "split", "versions")
    return {name: args[name] for name in names if args.get(name)}


def _media(discipline: str, name: str) -> str:
    return url_for("specialist.preview.media", discipline=discipline, name=name)
