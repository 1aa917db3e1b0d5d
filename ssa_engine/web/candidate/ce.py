"""Prescribed CE of one credential: what is open, what fills it, and the claims that were made."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ssa_engine.actions import prescribed_work
from ssa_engine.actions.prescribed_work import Prescription
from ssa_engine.core.activities import left_to_find
from ssa_engine.core.checklist_words import what_is_next
from ssa_engine.core.claim_rules import closed
from ssa_engine.core.claims import STATE_WORDS, ClaimState
from ssa_engine.storage import claims as rows
from ssa_engine.web import current
from ssa_engine.web.candidate.standing import held
from ssa_engine.web.language import in_words

blueprint = Blueprint("ce", __name__)


@blueprint.get("/credentials/<id:credential_id>/ce")
def show(credential_id: int) -> ResponseReturnValue:
    """Show the prescription with its ledger, its claims, and what is next."""
    with current.db().read() as connection:
        own = held(connection, credential_id)
        found = prescribed_work.find(connection, current.banks(), own.credential, current.now())
        claims = rows.of_attempt(connection, found.attempt.id) if found else []
    return render_template(
        "candidate/ce/ce.html",
        credential_id=credential_id,
        discipline_name=own.spec.name,
        next=in_words(what_is_next(own.work)),
        found=found,
        areas=ledger_rows(found) if found else [],
        elsewhere=elsewhere(found) if found else [],
        left=sum(left_to_find(found.ledger).values()) if found else 0.0,
        asked=[one for one in claims if one.state is ClaimState.MORE_ASKED],
        claims=claims,
        state_words=STATE_WORDS,
        has_biennium=own.spec.cqr.biennium is not None,
        closed=in_words(closed(found.position, found.today, found.spec.name)) if found else None,
    )


def ledger_rows(found: Prescription) -> list[dict[str, object]]:
    """One row for each area of the prescription, in outline order, with the sentence of the rule that made it."""
    sentences = {area.content_area: area.sentence for area in found.result.areas}
    names = found.spec.area_names
    order = [area for area in names if area in found.ledger.areas]
    return [
        {
            "area": area,
            "name": names.get(area, area),
            "sentence": sentences.get(area, ""),
            "fill": found.ledger.areas[area],
        }
        for area in order + [area for area in found.ledger.areas if area not in names]
    ]


def elsewhere(found: Prescription) -> list[tuple[str, float]]:
    """Return (area's name, credits) of what was approved where nothing is prescribed, in outline order."""
    names, given = found.spec.area_names, found.ledger.elsewhere
    return [(names.get(area, area), given[area]) for area in sorted(given, key=list(names).index)]
