"""The audit trail: who did what to what, when."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import audit_trail
from ssa_engine.core.audit_trail import AuditEntry, read_audit_filter
from ssa_engine.core.people import Role
from ssa_engine.web import current
from ssa_engine.web.psychometrician.files import csv_table

blueprint = Blueprint("audit", __name__)

LARGEST_PAGE = 1_000_000
ONE_OF = {
    "policy_draft": ("psychometrician.tuning.tune", "draft_id"),
    "rescoring": ("psychometrician.rescoring.show", "rescoring_id"),
    "standard_setting": ("psychometrician.standard_setting.show", "setting_id"),
    "attempt": ("staff.sittings.show", "attempt_id"),
    "person": ("staff.people.show", "person_id"),
}
"""Noun -> the page of one of its things, and the part of the address that says which."""


@blueprint.get("/audit")
def overview() -> ResponseReturnValue:
    """Show one page of entries, those that a filter leaves."""
    wanted = read_audit_filter(request.args)
    page = max(1, min(request.args.get("page", 1, type=int), LARGEST_PAGE))
    found = audit_trail.trail(current.db(), wanted, page)
    return render_template(
        "psychometrician/audit/overview.html",
        entries=[(one, page_of(one)) for one in found.entries],
        nouns=list(dict.fromkeys(noun for noun, _ in found.kinds)),
        verbs=sorted({verb for noun, verb in found.kinds if wanted.noun in ("", noun)}),
        wanted=wanted,
        filtered=wanted != type(wanted)(),
        count=found.count,
        page=found.page,
        pages=found.pages,
        csv=url_for("psychometrician.audit.download", _external=False, **query()),
    )


@blueprint.get("/audit.csv")
def download() -> ResponseReturnValue:
    """Send every entry that the filter leaves as CSV."""
    columns, rows = audit_trail.all_rows(current.db(), read_audit_filter(request.args))
    return csv_table(columns, rows, "audit.csv")


def query(*names: str) -> dict[str, str]:
    """Return the parts of this query that filter: of these names, or those of the audit trail."""
    wanted = names or ("noun", "verb", "who", "thing", "from", "to")
    return {name: request.args[name] for name in wanted if request.args.get(name)}


def page_of(entry: AuditEntry) -> str | None:
    """Return the page of the thing an entry is about, if there is one that this person may see."""
    if entry.noun == "policy":
        return url_for("psychometrician.policy.show", discipline=entry.noun_id.partition("/")[0])
    if entry.noun not in ONE_OF:
        return None
    endpoint, part = ONE_OF[entry.noun]
    thing = {part: entry.noun_id}
    if endpoint.startswith("staff."):
        return url_for(endpoint, _external=False, **thing) if Role.STAFF in g.person.roles else None
    discipline = entry.detail.get("discipline")
    return url_for(endpoint, discipline=discipline, _external=False, **thing) if discipline else None
