"""One claim: its certificate beside it, what it would fill; approve, reject, ask for more, assign, undo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import claim_reviews, prescribed_work
from ssa_engine.core.claim_checks import (
    MORE_REASONS,
    REJECT_REASONS,
    checks,
    effects,
    without,
)
from ssa_engine.core.claims import USES, Claim, ClaimState
from ssa_engine.core.errors import Conflict, Invalid, NotFound
from ssa_engine.core.ledger import Ledger
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import activities, certificates, claim_queue
from ssa_engine.storage import claims as rows
from ssa_engine.storage.claim_queue import FOR_STAFF, Queued
from ssa_engine.storage.db import Connection
from ssa_engine.web import current
from ssa_engine.web.certificates import send_certificate
from ssa_engine.web.filters import plain
from ssa_engine.web.headers import FRAMING_CSP, POLICY
from ssa_engine.web.htmx import go_to
from ssa_engine.web.staff.decided import decided, decided_before
from ssa_engine.web.staff.decision_form import Typed
from ssa_engine.web.staff.histories import CLAIM_WORDS
from ssa_engine.web.staff.queue import CLAIM_STATES, Asked, days

blueprint = Blueprint("claims", __name__)

DONE = {
    "assigned": say("The claim is assigned."),
    "undone": say("The decision is undone. The claim is in review again, and nobody was told of it."),
}
NO_SUCH_CLAIM = say("There is no such claim. Go back to the queue.")


@blueprint.get("/claims/<id:claim_id>")
def show(claim_id: int) -> ResponseReturnValue:
    """Show a claim; the filters of the queue stand in the address."""
    return _page(claim_id, done=DONE.get(request.args.get("done", "")))


@blueprint.get("/claims/<id:claim_id>/certificates/<id:certificate_id>")
def certificate(claim_id: int, certificate_id: int) -> ResponseReturnValue:
    """Send a certificate of a claim."""
    with current.db().read() as connection:
        found = certificates.get(connection, claim_id, certificate_id)
    if found is None:
        raise NotFound(say("There is no such certificate with this claim."))
    return send_certificate(found)


@blueprint.post("/claims/<id:claim_id>/decide")
def decide(claim_id: int) -> ResponseReturnValue:
    """Approve, reject or ask for more, then go on to the next claim of the queue."""
    typed, go = Typed.sent(), request.form.get("go", "")
    asked = Asked.of_address()
    with current.db().read() as connection:
        queued = _queued(connection, claim_id)
        claim = _claim(connection, claim_id)
        _, following = claim_queue.neighbours(connection, asked.filter, queued.submitted_at, claim_id)
    try:
        if not _decided(claim, typed, go):
            return _page(claim_id, typed)
    except Conflict as error:
        return _page(claim_id, typed, clash=error.sentence, status=409)
    except Invalid as error:
        mend = "distribution" if go == "approve" else go
        return _page(claim_id, typed, problem=error.sentence, mend=mend, status=422)
    if following:
        return go_to(url_for("staff.claims.show", claim_id=following, after=claim_id, **asked.query))
    return go_to(url_for("staff.queue.show", after=claim_id, **asked.query))


def _decided(claim: Claim, typed: Typed, go: str) -> bool:
    """Do what the button says; whether it is a decision."""
    seen = (current.db(), current.banks(), claim.id, _revision())
    who, now = current.person().email, current.now()
    if go == "approve":
        distribution = typed.distribution if claim.activity_id is None else None
        claim_reviews.approve(*seen, distribution=distribution, who=who, now=now)
    elif go == "reject":
        claim_reviews.reject(*seen, reason=typed.reason(go), who=who, now=now)
    elif go == "more":
        claim_reviews.ask_more(*seen, reason=typed.reason(go), who=who, now=now)
    else:
        return False
    return True


@blueprint.post("/claims/<id:claim_id>/assign")
def assign(claim_id: int) -> ResponseReturnValue:
    """Take a claim, or give it to another reviewer."""
    who, now = current.person().email, current.now()
    seen = (current.db(), claim_id, _revision())
    with current.db().read() as connection:
        waits = _claim(connection, claim_id).state is ClaimState.REPORTED
    try:
        if "take" in request.form and waits:
            claim_reviews.take(*seen, who=who, now=now)
        else:
            to = who if "take" in request.form else request.form.get("to", "")
            claim_reviews.assign(*seen, to=to, who=who, now=now)
    except Conflict as error:
        return _page(claim_id, clash=error.sentence, status=409)
    except Invalid as error:
        return _page(claim_id, problem=error.sentence, status=422)
    return go_to(url_for("staff.claims.show", claim_id=claim_id, done="assigned", **Asked.of_address().query))


@blueprint.post("/claims/<id:claim_id>/undo")
def undo(claim_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    who, now = current.person().email, current.now()
    try:
        claim_reviews.undo(current.db(), current.banks(), claim_id, _revision(), who=who, now=now)
    except Conflict as error:
        return _page(claim_id, clash=error.sentence, status=409)
    return go_to(url_for("staff.claims.show", claim_id=claim_id, done="undone", **Asked.of_address().query))


def _revision() -> int:
    """Return the revision of the claim that the page showed; 0 if it says none, which fits no claim."""
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _queued(connection: Connection, claim_id: int) -> Queued:
    found = claim_queue.get(connection, claim_id)
    if found is None:
        raise NotFound(NO_SUCH_CLAIM)
    return found


def _claim(connection: Connection, claim_id: int) -> Claim:
    found = rows.get(connection, claim_id)
    if found is None:
        raise NotFound(NO_SUCH_CLAIM)
    return found


def _page(
    claim_id: int,
    typed: Typed | None = None,
    *,
    clash: str | None = None,
    problem: str | None = None,
    mend: str = "",
    done: Sentence | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Render a claim as it stands now, with what was typed. `clash`: what somebody else's step made impossible."""
    with current.db().read() as connection:
        context = _read(connection, claim_id, typed)
    page = render_template(
        "staff/claims/claim.html",
        **context,
        typed=typed.reasons if typed else {},
        clash=clash,
        problem=problem,
        mend=mend,
        done=done,
        claim_states=CLAIM_STATES,
        event_words=CLAIM_WORDS,
        reject_reasons=REJECT_REASONS,
        more_reasons=MORE_REASONS,
    )
    has_frame = not all(one.is_image for one in context["certificates"])
    return Response(page, status, headers={POLICY: FRAMING_CSP} if has_frame else {})


def _read(connection: Connection, claim_id: int, typed: Typed | None) -> dict[str, Any]:
    """Everything the page shows of a claim: as many questions to the database however many claims there are."""
    queued, claim, asked = _queued(connection, claim_id), _claim(connection, claim_id), Asked.of_address()
    events = rows.events(connection, claim_id)
    before, following = claim_queue.neighbours(connection, asked.filter, queued.submitted_at, claim_id)
    reviewers = claim_queue.reviewers(connection)
    sent = certificates.of_claim(connection, claim_id)
    return {
        "queued": queued,
        "claim": claim,
        "asked": asked,
        "overdue": queued.is_overdue(days().get(queued.discipline, current.now().date())),
        "events": events,
        "description": next((one.detail["description"] for one in events if one.detail.get("description")), ""),
        "previous_id": before,
        "next_id": following,
        "reviewers": reviewers,
        "names": dict(reviewers),
        "certificates": sorted(sent, key=lambda one: (-one.added_at.timestamp(), one.id)),
        "same_file": claim_queue.with_same_file(connection, claim_id),
        "activity": activities.get(connection, claim.activity_id) if claim.activity_id else None,
        "decided": decided_before(connection) or decided(claim, events[-1], queued.discipline),
        **_fills(connection, queued, claim, typed),
    }


def _fills(connection: Connection, queued: Queued, claim: Claim, typed: Typed | None) -> dict[str, Any]:
    """The claim beside its prescription: rules, what it would fill, and who may decide."""
    found = prescribed_work.of_attempt(connection, current.banks(), claim.attempt_id, current.now())
    own = rows.of_attempt(connection, claim.attempt_id)
    spec = found.spec if found else current.library().spec(queued.discipline)
    me = current.person().email
    is_mine = claim.state is ClaimState.REPORTED or claim.assigned_to == me
    may_decide = claim.state in FOR_STAFF and is_mine and found is not None
    may_code = may_decide and claim.activity_id is None
    given = typed.readable if typed and may_code else claim.distribution if claim.state in USES else {}
    beside = without(found.ledger if found else Ledger({}, {}), claim, own)
    rows_shown = effects(spec.area_names, given, beside, every=may_code)
    return {
        "discipline": spec.name,
        "area_names": spec.area_names,
        "checks": checks(
            claim,
            issued_on=found.issued_on if found else None,
            position=found.position if found else None,
            rules=found.rules if found else spec.cqr,
            own=own,
        ),
        "effects": rows_shown,
        "together": sum(one.given for one in rows_shown),
        "fills": sum(one.fills for one in rows_shown),
        "surplus": sum(one.surplus for one in rows_shown),
        "may_decide": may_decide,
        "kept": typed.kept(spec.area_names) if typed and not may_decide else "",
        "may_code": may_code,
        "typed_areas": typed.areas if typed else {area: plain(amount) for area, amount in given.items()},
    }
