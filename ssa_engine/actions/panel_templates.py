"""Empty sheets for a panel to fill in, from the items and areas of a bank."""

from __future__ import annotations

import csv
import io

from ssa_engine.actions.panel_records import methods_in_order
from ssa_engine.core.item_bank import ItemBank


def template(bank: ItemBank, method: str, judges: int) -> str:
    """Return an empty sheet as CSV: a row for each judge and active item, or for each judge and area."""
    chosen = methods_in_order([method])[0]
    items = [(bank.area_of(item), item.id) for item in bank.items if item.status == "active"]
    order = {area: number for number, area in enumerate(bank.spec.area_names)}
    items.sort(key=lambda item: (order[item[0]], item[1]))
    names = [f"Judge {number}" for number in range(1, judges + 1)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if chosen == "angoff":
        writer.writerow(["judge", "round", "content_area", "item_id", "rating"])
        writer.writerows([name, 1, area, item, ""] for name in names for area, item in items)
    elif chosen == "bookmark":
        writer.writerow(["judge", "round", "content_area", "page_item_id"])
        writer.writerows([name, 1, area, ""] for name in names for area in order)
    else:
        columns = ["min_cut", "max_cut", "lowest_share_below", "highest_share_below"]
        columns = columns if chosen == "hofstee" else ["cut", "share_below", "cut_uncertainty", "share_uncertainty"]
        columns = columns[:2] if chosen == "beuk" else columns
        writer.writerow(["judge", "content_area", *columns])
        writer.writerows([name, area, *[""] * len(columns)] for name in names for area in order)
    return buffer.getvalue()
