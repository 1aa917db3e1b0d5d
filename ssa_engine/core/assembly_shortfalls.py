"""Why no form meets its constraints: which of them the nearest form breaks, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssa_engine.core.assembly_model import Family, Floats, Limit, Model, Row, minimise
from ssa_engine.core.errors import BlueprintNotMet

TOLERANCE = 1e-6
KINDS = {
    "length": "The form takes {wanted} scored items",
    "area": "The content area '{name}' takes {wanted} scored items",
    "pilot": "The content area '{name}' takes {wanted} pilot items",
    "topic": "The topic '{name}' takes {wanted} scored items",
    "format": "The format '{name}' takes {wanted} scored items",
    "key": "The key position '{name}' takes {wanted} items",
    "case sets": "The form takes {wanted} case sets",
    "information": "The information '{name}' has to be {wanted}",
}
CAUSES: dict[Family, str] = {
    "enemies": "If enemies could share a form, all of it could be met.",
    "case sets": "If case sets could be shown in part, all of it could be met.",
    "exposure": "If an item could stand on more of the forms, all of it could be met.",
    "overlap": "If forms could share more items, all of it could be met.",
}
PRICE_OF_LENGTH, PRICE_ABOVE = 0.999, 1.001
"""Of several nearest forms, the one with too few or too many in all is named before one that fills an area from
another, and too few before too many."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One constraint that the nearest form breaks."""

    kind: str
    name: str
    form: int
    """From 1."""
    wanted: str
    found: float
    missing: float
    """How many too few; below 0, too many."""
    sentence: str


class NoForm(BlueprintNotMet):
    """No form meets the constraints, or none was found in time; `shortfalls` says what the nearest form breaks."""

    def __init__(self, message: str, shortfalls: tuple[Shortfall, ...] = ()) -> None:
        super().__init__(message)
        self.shortfalls = shortfalls


def out_of_time(time_limit: float) -> str:
    """Say that the search ended before it knew anything."""
    return f"The search ended after {time_limit:g} seconds, before a form was found or ruled out. Allow more time."


def explain(model: Model, *, time_limit: float) -> NoForm:
    """Find the form that is nearest to the constraints, by the least total slack, and say what it breaks.

    Counts and information may be broken, at a price of 1 for each item or unit of information; enemies, case sets and
    what forms may share are kept. Elastic programming: Chinneck & Dravnieks 1991, ORSA J. Comput. 3:157-168. Then each
    of the families that were kept is left out in turn, and named where all else can be met without it.
    """
    shortfalls, certain = _nearest(model, (), time_limit)
    if not shortfalls:
        return NoForm(out_of_time(time_limit))
    sentences = [shortfall.sentence for shortfall in shortfalls]
    families = {row.family for row in model.rows}
    for family, sentence in CAUSES.items():
        if family in families:
            without, known = _nearest(model, (family,), time_limit)
            if known and not without:
                sentences.append(sentence)
    if not certain:
        sentences.append(f"A nearer form may exist: the search ended after {time_limit:g} seconds.")
    ask = "Add items to the bank or ask for less."
    return NoForm(" ".join(["No form meets all constraints.", *sentences, ask]), shortfalls)


def _nearest(model: Model, without: tuple[Family, ...], time_limit: float) -> tuple[tuple[Shortfall, ...], bool]:
    """Return what the nearest form breaks, and whether it is known to be the nearest."""
    below = np.array([_price(row.limit) for row in model.rows])
    found = minimise(
        model,
        np.zeros(len(model.upper)),
        without=("objective", *without),
        elastic=(below, below * PRICE_ABOVE),
        time_limit=time_limit,
    )
    if found.x is None:
        return (), False
    chosen = np.where(np.array(model.integer, dtype=bool), np.rint(found.x[: len(model.upper)]), 0.0)
    broken = [shortfall for row in model.rows if (shortfall := _shortfall(row, chosen, model.forms)) is not None]
    return tuple(broken), found.status == 0


def _price(limit: Limit | None) -> float:
    if limit is None:
        return np.inf
    return PRICE_OF_LENGTH if limit.kind == "length" else 1.0


def _shortfall(row: Row, chosen: Floats, forms: int) -> Shortfall | None:
    """Return how far a form is from what a row wants; None if it is met."""
    limit, found = row.limit, float(row.values @ chosen[row.columns])
    missing = max(row.least - found, 0.0) - max(found - row.most, 0.0)
    if limit is None or abs(missing) <= TOLERANCE:
        return None
    opening = KINDS[limit.kind].format(name=limit.name, wanted=limit.wanted)
    amount = f"{abs(missing):.4g}" if limit.kind == "information" else f"{abs(missing):.0f}"
    few, many = ("too little", "too much") if limit.kind == "information" else ("too few", "too many")
    sentence = (
        f"{opening}, and {'the nearest form' if forms == 1 else f'form {limit.form + 1} of the nearest'} has "
        f"{found:.4g}: {amount} {few if missing > 0 else many}. The bank has {limit.supply:.4g}."
    )
    return Shortfall(limit.kind, limit.name, limit.form + 1, limit.wanted, found, missing, sentence)
