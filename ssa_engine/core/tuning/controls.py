"""The controls of the tuning page: a policy as fields of a form, and the fields read back as a policy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Band, CreditRule, DecisionRule, IndeterminateBand, Policy, ScoreModel
from ssa_engine.core.scoring import needed
from ssa_engine.core.text import say

Fields = Mapping[str, Sequence[str]]
"""Field name -> the values sent under it."""

STANDARD = "standard."
"""What the name of a standard's field begins with; the content area follows."""
ITEMS, PROPORTION = "items", "proportion"
NAMES = {
    "credits": say("Credits"),
    "step": say("Round up to"),
    "area_minimum": say("Least in an area"),
    "area_maximum": say("Most in an area"),
    "total_cap": say("Most in all areas together"),
    "loss_ratio": say("Loss ratio"),
    "low": say("Band from"),
    "high": say("Band to"),
    "short": say("From items short"),
    "worth": say("Credits of a band"),
    "release": say("Results are released"),
    "release_after_days": say("Days until release"),
}
"""What the fields are called on the page."""
_CHOICES = {
    ("CreditRule", "rule"): say("Rule"),
    ("DecisionRule", "rule"): say("Decision rule"),
    ("DecisionRule", "probability"): say("Probability from"),
    ("DecisionRule", "indeterminate.rule"): say("Indeterminate band"),
    ("Band", "short"): NAMES["short"],
    ("Band", "credits"): NAMES["worth"],
}
"""What is called otherwise on the page than its key says: the part of the policy, and the key in it."""
NO_POPULATION = say(
    "Augmented scores borrow from a population, and this draft has no figures of one yet. Estimate them from a cohort, "
    "or choose another rule."
)


@dataclass(frozen=True, slots=True)
class AreaControl:
    """The standard of one area as it can be moved: in items of the `of` that a form takes, or as a proportion."""

    content_area: str
    of: int
    needed: int
    standard: float


def area_controls(policy: Policy, counts: Mapping[str, int]) -> list[AreaControl]:
    """Return the controls of every area; `counts` are the scored items that a form takes from it."""
    return [
        AreaControl(area, count, needed(policy.standards[area], count), policy.standards[area])
        for area, count in counts.items()
    ]


def policy_of(
    fields: Fields, base: Policy, counts: Mapping[str, int], names: Mapping[str, str] | None = None
) -> Policy:
    """Read a policy from the fields of the form.

    Parameters
    ----------
    fields : mapping
        What was sent. What was not sent stays as it is in `base`; so does a standard in items that means the same
        number of items as the base's proportion.
    base : Policy
        The draft as it is stored.
    counts : mapping
        Content area -> scored items that a form takes from it.
    names : mapping, optional
        Content area -> what it is called on the page; without it problems name the area as the policy does.

    Raises
    ------
    Invalid
        If a value cannot be used: which field, what was sent, what is wanted; or augmented scores are to decide and
        `base` has no population that they borrow from.
    """
    if base.augmentation is None and score_model_of(fields, base) == "augmented":
        raise Invalid(NO_POPULATION)
    try:
        return Policy.model_validate(
            base.model_dump()
            | {
                "standards": {
                    area: _standard(fields, area, base, counts.get(area, 0), (names or {}).get(area, area))
                    for area in base.standards
                },
                "credits": _credits(fields, base.credits),
                "decision": _decision(fields, base.decision),
                "release": _one(fields, "release") or base.release,
                "release_after_days": _whole(fields, "release_after_days", base.release_after_days),
            }
        )
    except ValidationError as error:
        raise Invalid(_sentence(error)) from None


def in_other_unit(fields: Fields, base: Policy, counts: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the fields with every standard in the other unit; one that cannot be read stays as it was sent."""
    unit = ITEMS if _one(fields, "unit") == PROPORTION else PROPORTION
    found = {name: list(values) for name, values in fields.items()} | {"unit": [unit]}
    for area, count in counts.items():
        if STANDARD + area in fields and area in base.standards:
            try:
                standard = _standard(fields, area, base, count, area)
            except Invalid:
                continue
            own = str(needed(standard, count)) if unit == ITEMS and count else f"{standard:.12g}"
            found[STANDARD + area] = [own]
    return found


def score_model_of(fields: Fields, base: Policy) -> ScoreModel | None:
    """Return the score that the chosen rule goes by; None if the choice cannot be read."""
    try:
        return _decision(fields, base.decision).model
    except (ValidationError, Invalid):
        return None


def _sentence(error: ValidationError) -> str:
    """Return the first problem as a sentence."""
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"]))
    where = _CHOICES.get((error.title, key)) or next(
        (NAMES[str(part)] for part in reversed(first["loc"]) if str(part) in NAMES), None
    )
    told = _what_to_give(first["type"], first.get("ctx", {}), where) if where else None
    if told:
        return told
    words = str(first["msg"]).removeprefix("Value error, ")
    for name in sorted(NAMES, key=len, reverse=True):
        words = words.replace(name, f"“{NAMES[name]}”") if "_" in name else words
    said = f"{words[0].upper()}{words[1:].rstrip('.')}."
    return say("{field}: {problem}", field=where, problem=said) if where else said


def _what_to_give(kind: str, limits: Mapping[str, Any], field: str) -> str | None:
    """Return what to give instead of a value of which a policy takes another kind; None for any other problem."""
    if kind == "greater_than":
        return say("{field}: give a number above {limit}.", field=field, limit=limits["gt"])
    if kind == "greater_than_equal":
        return say("{field}: give a number of at least {limit}.", field=field, limit=limits["ge"])
    if kind == "less_than_equal":
        return say("{field}: give a number of at most {limit}.", field=field, limit=limits["le"])
    if kind == "literal_error":
        return say("{field}: choose one of the list.", field=field)
    return None


def _one(fields: Fields, name: str) -> str | None:
    """Return the value of a field, stripped; None if it was not sent."""
    values = fields.get(name)
    return values[-1].strip() if values else None


def _read(text: str, field: object) -> float:
    try:
        value = float(text.replace(",", ".").replace("−", "-"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e6:
        raise Invalid(say("{field}: “{text}” is not a number. Give a number such as 2 or 0.5.", field=field, text=text))
    return value


def _number(fields: Fields, name: str, default: float | None) -> float | None:
    """Return the number of a field; None where it was emptied."""
    text = _one(fields, name)
    if text is None:
        return default
    return _read(text, NAMES[name]) if text else None


def _needed_number(fields: Fields, name: str, default: float) -> float:
    value = _number(fields, name, default)
    if value is None:
        raise Invalid(say("{field} is empty. Give a number.", field=NAMES[name]))
    return value


def _whole(fields: Fields, name: str, default: int) -> int:
    value = _needed_number(fields, name, default)
    if value != int(value):
        raise Invalid(say("{field}: {value} is not a whole number. Give one.", field=NAMES[name], value=value))
    return int(value)


def _standard(fields: Fields, area: str, base: Policy, items: int, name: str) -> float:
    text = _one(fields, STANDARD + area)
    if text is None:
        return base.standards[area]
    value = _read(text, name)
    if _one(fields, "unit") == PROPORTION or not items:
        if not 0 <= value <= 1:
            raise Invalid(say("{area}: {value} is no proportion. Give a number from 0 to 1.", area=name, value=value))
        return value
    if value != int(value) or not 0 <= value <= items:
        raise Invalid(
            say(
                "{area}: {value} items cannot be needed of {items}. Give a whole number from 0 to {items}.",
                area=name,
                value=value,
                items=items,
            )
        )
    kept = base.standards[area]
    return kept if needed(kept, items) == int(value) else int(value) / items


def _credits(fields: Fields, base: CreditRule) -> CreditRule:
    rule = _one(fields, "rule") or base.rule
    found: dict[str, Any] = {
        "rule": rule,
        "step": _needed_number(fields, "step", base.step),
        "area_minimum": _number(fields, "area_minimum", base.area_minimum) or 0.0,
        "area_maximum": _number(fields, "area_maximum", base.area_maximum),
        "total_cap": _number(fields, "total_cap", base.total_cap),
    }
    if rule == "bands":
        found["bands"] = _bands(fields, base)
        if not found["bands"]:
            raise Invalid(say("This rule needs bands. Give at least one."))
        if min(band.short for band in found["bands"]) > 1:
            raise Invalid(say("The first band must begin at 1 item short, else the smallest gap has no rule."))
    else:
        found["credits"] = _number(fields, "credits", base.credits)
        if found["credits"] is None:
            raise Invalid(say("{field} is empty. Give a number.", field=NAMES["credits"]))
    return CreditRule.model_validate(found)


def _bands(fields: Fields, base: CreditRule) -> tuple[Band, ...]:
    """Return the bands; pairs of empty fields are left out."""
    if "short" not in fields:
        return base.bands
    pairs = zip(fields.get("short", ()), fields.get("worth", ()), strict=False)
    found = []
    for short, worth in pairs:
        if not short.strip() and not worth.strip():
            continue
        count = _read(short, NAMES["short"])
        if count != int(count):
            raise Invalid(say("{field}: {value} is not a whole number. Give one.", field=NAMES["short"], value=count))
        found.append(Band(short=int(count), credits=_read(worth, NAMES["worth"])))
    return tuple(found)


def _decision(fields: Fields, base: DecisionRule) -> DecisionRule:
    inside = _one(fields, "inside")
    band: dict[str, Any] | None = base.indeterminate.model_dump() if base.indeterminate else None
    if inside == "":
        band = None
    elif inside is not None:
        start = base.indeterminate or IndeterminateBand(low=0.35, high=0.65, rule="offer_only")
        band = {
            "low": _needed_number(fields, "low", start.low),
            "high": _needed_number(fields, "high", start.high),
            "rule": inside,
        }
        if 0 <= band["high"] <= band["low"] <= 1:
            raise Invalid(
                say(
                    "“{low}” ({start}) must be less than “{high}” ({end}).",
                    low=NAMES["low"],
                    start=band["low"],
                    high=NAMES["high"],
                    end=band["high"],
                )
            )
    return DecisionRule.model_validate(
        {
            "rule": _one(fields, "decision") or base.rule,
            "probability": _one(fields, "probability") or base.probability,
            "loss_ratio": _needed_number(fields, "loss_ratio", base.loss_ratio),
            "indeterminate": band,
        }
    )
