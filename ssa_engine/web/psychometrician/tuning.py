"""Tuning: a draft's controls, and beside them what it does to a cohort; two policies side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import tuning
from ssa_engine.actions.cohorts import Selection, Source
from ssa_engine.actions.tuning import View
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid
from ssa_engine.core.policies import Policy
from ssa_engine.core.policy_drafts import PolicyDraft
from ssa_engine.core.text import say
from ssa_engine.core.tuning.controls import (
    PROPORTION,
    STANDARD,
    area_controls,
    in_other_unit,
    policy_of,
    score_model_of,
)
from ssa_engine.web import current
from ssa_engine.web.htmx import page_or_fragment, wants_fragment
from ssa_engine.web.language import in_words
from ssa_engine.web.psychometrician.files import csv_table

blueprint = Blueprint("tuning", __name__)

Fields = Mapping[str, Sequence[str]]
DRAFT = "/<discipline>/policy/drafts/<id:draft_id>"
COHORT_FIELDS = ("on", "candidates", "seed", "since", "until", "form", "group", "by")
"""Fields that choose whose sittings are looked at; all others are the policy's."""
MOST_CANDIDATES_DIGITS = 9


@blueprint.get(DRAFT)
def tune(discipline: str, draft_id: int) -> ResponseReturnValue:
    """Show a draft with its controls as the address has them, and its consequences."""
    spec = current.library().spec(discipline)
    draft = tuning.read_draft(current.db(), spec, draft_id)
    return tuning_page(spec, draft, sent())


@blueprint.get(f"{DRAFT}/<table_name>.csv")
def table(discipline: str, draft_id: int, table_name: str) -> ResponseReturnValue:
    """Send one table of the page as CSV."""
    spec = current.library().spec(discipline)
    fields = sent()
    draft = tuning.read_draft(current.db(), spec, draft_id)
    policy = policy_of(fields, draft.policy, tuning.counts_of(spec), spec.area_names)
    view = view_of(spec, policy, fields)
    grouping = grouping_of(view, fields)
    found = view.table(table_name, grouping=grouping)
    return csv_table(found.columns, found.rows, f"{spec.discipline}-draft-{draft_id}-{table_name}.csv")


@blueprint.get("/<discipline>/policy/compare")
def compare(discipline: str) -> ResponseReturnValue:
    """Show two drafts or versions side by side."""
    spec, fields = current.library().spec(discipline), sent()
    shelf = tuning.shelf(current.db(), spec, current.now())
    left, right = one(fields, "left"), one(fields, "right")
    found = None
    if left and right:
        found = tuning.compare_sides(
            current.db(), current.banks(), spec, left, right, source=source_of(fields), now=current.now()
        )
    return render_template(
        "psychometrician/tuning/compare.html",
        **names_of(spec),
        shelf=shelf,
        left=left,
        right=right,
        found=found,
        fields=shown_cohort(fields),
        cohort_fields=chosen_cohort(fields),
        csv=_compare_csv(spec, fields),
    )


@blueprint.get("/<discipline>/policy/compare/<table_name>.csv")
def compared_table(discipline: str, table_name: str) -> ResponseReturnValue:
    """Send a table of two policies side by side as CSV; all sittings whose credits differ."""
    spec, fields = current.library().spec(discipline), sent()
    if not one(fields, "left") or not one(fields, "right"):  # nothing is chosen: to where it can be
        return redirect(url_for(".compare", discipline=spec.discipline))
    found = tuning.compare_sides(
        current.db(), current.banks(), spec, one(fields, "left"), one(fields, "right"),
        source=source_of(fields), now=current.now(), most=None,
    )  # fmt: skip
    name = f"{spec.discipline}-{found.left.name}-{found.right.name}-{table_name}.csv"
    made = found.table(table_name)
    return csv_table(made.columns, made.rows, name)


def _compare_csv(spec: ContentSpec, fields: Fields) -> Callable[[str], str]:
    page = url_for(".compare", discipline=spec.discipline)
    return lambda name: with_fields(f"{page}/{name}.csv", fields)


def sent() -> Fields:
    """Return what the address says: field name -> values."""
    return request.args.to_dict(flat=False)


def one(fields: Fields, name: str) -> str:
    """Return the last value of a field, stripped; nothing if it was not sent."""
    return fields[name][-1].strip() if fields.get(name) else ""


def with_fields(address: str, fields: Fields) -> str:
    """Return an address with all these fields in its query, whatever their names."""
    query = urlencode(fields, doseq=True)
    return f"{address}?{query}" if query else address


def view_of(spec: ContentSpec, policy: Policy, fields: Fields) -> View:
    """Return what the policy does to the cohort that the fields choose."""
    return tuning.view(current.db(), current.banks(), spec, policy, source=source_of(fields), now=current.now())


def grouping_of(view: View, fields: Fields) -> str:
    """Return the grouping whose groups are compared: the chosen one, else the first."""
    chosen = one(fields, "by")
    return chosen if chosen in view.groupings else next(iter(view.groupings), "")


def source_of(fields: Fields) -> Source:
    """Read whose sittings are looked at.

    Raises
    ------
    Invalid
        If a date or number cannot be read.
    """
    grouping, _, group = one(fields, "group").partition("=")
    return Source(
        simulated=one(fields, "on") == "simulated",
        candidates=_count(one(fields, "candidates"), 2000),
        seed=_count(one(fields, "seed"), 1),
        selection=Selection(
            since=_date(one(fields, "since")),
            until=_date(one(fields, "until")),
            form=one(fields, "form"),
            grouping=grouping,
            group=group,
        ),
    )


def _count(text: str, default: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_CANDIDATES_DIGITS):
        raise Invalid(say("“{text}” is not a whole number. Give one such as 2000.", text=text))
    return int(text)


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid(say("“{text}” is not a date. Give one such as 2027-03-14.", text=text)) from None


def names_of(spec: ContentSpec) -> dict[str, Any]:
    """Return what every page of policies says of its discipline."""
    return {
        "discipline": spec.discipline,
        "discipline_name": spec.name,
        "area_names": spec.area_names,
        "counts": tuning.counts_of(spec),
    }


def shown_cohort(fields: Fields) -> dict[str, str]:
    """Return the fields that choose the cohort as they were sent."""
    return {name: one(fields, name) for name in COHORT_FIELDS}


def chosen_cohort(fields: Fields) -> dict[str, str]:
    """Return those of them that say something: what a link to the same cohort takes along."""
    return {name: value for name, value in shown_cohort(fields).items() if value}


def tuning_page(
    spec: ContentSpec, draft: PolicyDraft, fields: Fields, *, problem: str = "", status: int = 200
) -> Response:
    """Render the page of a draft, or its consequences alone for htmx; what cannot be read is said in their place."""
    counts, policy, view = tuning.counts_of(spec), draft.policy, None
    try:
        policy = policy_of(fields, draft.policy, counts, spec.area_names)
        view = view_of(spec, policy, fields)
    except Invalid as error:
        problem, status = problem or str(in_words(error.sentence)), 422 if status == 200 else status
    page = url_for("psychometrician.tuning.tune", discipline=spec.discipline, draft_id=draft.id)
    return page_or_fragment(
        "psychometrician/tuning/tune.html",
        "psychometrician/tuning/_consequences.html",
        status=status,
        **names_of(spec),
        draft=draft,
        policy=policy,
        problem=problem,
        changed=policy != draft.policy,
        borrows=score_model_of(fields, draft.policy) == "augmented",
        fields=shown_cohort(fields),
        cohort_fields=chosen_cohort(fields),
        other_unit=with_fields(page, in_other_unit(fields, draft.policy, counts)),
        controls=control_values(fields, policy, counts, spec),
        csv=lambda name: with_fields(f"{page}/{name}.csv", fields),
        swapped=wants_fragment(),
        **consequences_of(view, fields),
    )


def consequences_of(view: View | None, fields: Fields) -> dict[str, Any]:
    """Return what the consequences are rendered from."""
    if view is None:
        return {"view": None, "tables": {}, "choices": {"forms": [], "groups": [], "groupings": []}}
    grouping = grouping_of(view, fields)
    names = [name for name in tuning.TABLES if name != "groups" or grouping]
    return {
        "view": view,
        "grouping": grouping,
        "tables": {name: view.table(name, grouping=grouping, most=tuning.SHOWN) for name in names},
        "choices": {
            "forms": [(form, form) for form in view.forms],
            "groups": [(f"{name}={value}", f"{name}: {value}") for name, value in view.groups],
            "groupings": [(name, name) for name in view.groupings],
        },
    }


def control_values(fields: Fields, policy: Policy, counts: Mapping[str, int], spec: ContentSpec) -> dict[str, Any]:
    """Return the values of all controls: what was sent, even if it cannot be used, else what the policy has."""
    credits, decision = policy.credits, policy.decision
    band = decision.indeterminate
    kept: dict[str, Any] = {
        "rule": credits.rule,
        "credits": credits.credits,
        "step": credits.step,
        "area_minimum": credits.area_minimum,
        "area_maximum": credits.area_maximum,
        "total_cap": credits.total_cap,
        "decision": decision.rule,
        "probability": decision.probability,
        "loss_ratio": decision.loss_ratio,
        "inside": band.rule if band else "",
        "low": band.low if band else 0.35,
        "high": band.high if band else 0.65,
        "release": policy.release,
        "release_after_days": policy.release_after_days,
        "unit": "items",
    }
    values = {name: one(fields, name) if name in fields else written(value) for name, value in kept.items()}
    as_proportion = values["unit"] == PROPORTION
    areas = []
    for control in area_controls(policy, counts):
        own = written(control.standard) if as_proportion else str(control.needed)
        name = STANDARD + control.content_area
        areas.append(
            {
                "id": control.content_area,
                "field": name,
                "name": spec.area_names[control.content_area],
                "of": control.of,
                "value": one(fields, name) if name in fields else own,
            }
        )
    pairs = [(str(one_band.short), written(one_band.credits)) for one_band in credits.bands]
    if "short" in fields:
        pairs = list(zip(fields["short"], fields.get("worth", ()), strict=False))
    filled = [pair for pair in pairs if any(part.strip() for part in pair)]
    return values | {"areas": areas, "bands": [*filled, ("", "")]}


def written(value: Any) -> str:
    """Write a value for a field: numbers with a point and no more digits than needed."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
