"""Drafts of policies: begin, save, propose, withdraw, discard, publish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import augmentations, policy_drafts, tuning
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict, Invalid, NotAllowed, SsaError
from ssa_engine.core.policy_drafts import PolicyDraft
from ssa_engine.core.text import say
from ssa_engine.core.tuning.controls import policy_of
from ssa_engine.web import current
from ssa_engine.web.htmx import go_to
from ssa_engine.web.language import in_words
from ssa_engine.web.psychometrician.tuning import (
    COHORT_FIELDS,
    DRAFT,
    consequences_of,
    names_of,
    one,
    sent,
    shown_cohort,
    source_of,
    tuning_page,
    view_of,
    with_fields,
)

blueprint = Blueprint("drafts", __name__)

STATUS: dict[type[SsaError], int] = {Conflict: 409, NotAllowed: 403, Invalid: 422}
"""What is said on the page itself -> the status of the answer."""


@blueprint.post("/<discipline>/policy/drafts")
def create(discipline: str) -> ResponseReturnValue:
    """Begin a draft with what is in force, with a version, or with another draft."""
    spec = current.library().spec(discipline)
    version, draft_id = request.form.get("version", ""), request.form.get("draft", "")
    made = policy_drafts.create(
        current.db(),
        spec,
        title=request.form.get("title", ""),
        who=current.person().email,
        now=current.now(),
        version=_number(version),
        draft_id=_number(draft_id),
    )
    return go_to(url_for("psychometrician.tuning.tune", discipline=spec.discipline, draft_id=made.id))


@blueprint.post(DRAFT)
def save(discipline: str, draft_id: int) -> ResponseReturnValue:
    """Save the controls as the draft; what cannot be saved stays on the page with the reason."""
    spec = current.library().spec(discipline)
    fields = request.form.to_dict(flat=False)
    draft = tuning.read_draft(current.db(), spec, draft_id)
    try:
        policy_drafts.save(
            current.db(),
            spec,
            draft_id,
            policy_of(fields, draft.policy, tuning.counts_of(spec), spec.area_names),
            revision=_number(request.args.get("revision", "")) or 0,
            who=current.person().email,
            now=current.now(),
            title=one(fields, "title") or None,
        )
    except (Conflict, Invalid) as error:
        return tuning_page(spec, draft, fields, problem=str(in_words(error.sentence)), status=_status(error))
    keep: dict[str, Any] = {name: list(values) for name, values in fields.items() if name in (*COHORT_FIELDS, "unit")}
    return go_to(url_for("psychometrician.tuning.tune", discipline=spec.discipline, draft_id=draft_id, **keep))


@blueprint.post(f"{DRAFT}/augmentation")
def borrow(discipline: str, draft_id: int) -> ResponseReturnValue:
    """Estimate from the chosen sittings what augmented scores borrow, into the draft; the controls stay as they are."""
    spec = current.library().spec(discipline)
    fields = request.form.to_dict(flat=False)
    draft = tuning.read_draft(current.db(), spec, draft_id)
    try:
        augmentations.put_into_draft(
            current.db(),
            spec,
            draft_id,
            source_of(fields),
            revision=_number(request.args.get("revision", "")) or 0,
            who=current.person().email,
            now=current.now(),
        )
    except (Conflict, Invalid) as error:
        return tuning_page(spec, draft, fields, problem=str(in_words(error.sentence)), status=_status(error))
    keep: dict[str, Any] = {name: list(values) for name, values in fields.items()}
    return go_to(url_for("psychometrician.tuning.tune", discipline=spec.discipline, draft_id=draft_id, **keep))


@blueprint.get(f"{DRAFT}/publish")
def review(discipline: str, draft_id: int) -> ResponseReturnValue:
    """Show the consequences of a draft, and then the way to propose or publish it."""
    spec = current.library().spec(discipline)
    return _review(spec, tuning.read_draft(current.db(), spec, draft_id), {})


@blueprint.post(f"{DRAFT}/publish")
def decide(discipline: str, draft_id: int) -> ResponseReturnValue:
    """Propose, withdraw, discard or publish a draft, as the button says."""
    spec = current.library().spec(discipline)
    fields = request.form.to_dict(flat=False)
    draft = tuning.read_draft(current.db(), spec, draft_id)
    try:
        _decide(spec, draft, fields)
    except (Conflict, Invalid, NotAllowed) as error:
        again = tuning.read_draft(current.db(), spec, draft_id)
        return _review(spec, again, fields, error)
    if one(fields, "go") == "withdraw":
        return go_to(url_for("psychometrician.tuning.tune", discipline=spec.discipline, draft_id=draft_id))
    if one(fields, "go") == "propose":
        return go_to(url_for(".review", discipline=spec.discipline, draft_id=draft_id))
    return go_to(url_for("psychometrician.policy.show", discipline=spec.discipline))


def _decide(spec: ContentSpec, draft: PolicyDraft, fields: Mapping[str, Sequence[str]]) -> None:
    who_when: dict[str, Any] = {"who": current.person().email, "now": current.now()}
    revision, go = revision_of(fields), one(fields, "go")
    if go == "withdraw":
        policy_drafts.withdraw(current.db(), spec, draft.id, revision=revision, **who_when)
    elif go == "discard":
        policy_drafts.discard(current.db(), spec, draft.id, revision=revision, **who_when)
    elif go == "propose":
        policy_drafts.propose(
            current.db(), spec, draft.id, revision=revision, reason=one(fields, "reason"),
            effective_at=_effective(fields), **who_when,
        )  # fmt: skip
    elif go == "publish":
        if one(fields, "confirmed") != "yes":
            raise Invalid(say("Confirm that you have looked at the consequences; then publish."))
        policy_drafts.publish(
            current.db(),
            spec,
            draft.id,
            revision=revision,
            expected_version=_number(one(fields, "version")) or 0,
            reason=one(fields, "reason"),
            effective_at=_effective(fields),
            banks=current.banks(),
            second_person=second_person(),
            replace_scheduled=one(fields, "replace") == "yes",
            **who_when,
        )
    else:
        raise Invalid(say("Say what to do with the draft: propose, withdraw, discard or publish it."))


def second_person() -> bool:
    """Whether two persons have to publish a policy here."""
    return current.engine().settings.policy_second_person


def revision_of(fields: Mapping[str, Sequence[str]]) -> int:
    """Return the revision that the person saw; 0 if the page did not say."""
    return _number(one(fields, "revision")) or 0


def _number(text: str) -> int | None:
    """Return a number of an address or a hidden field; None for nothing, or nothing that could be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _effective(fields: Mapping[str, Sequence[str]]) -> dt.datetime | None:
    """Read from when on a policy holds: the beginning of a day in UTC; None for at once."""
    text = one(fields, "effective_on")
    if not text:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
    except ValueError:
        raise Invalid(say("“{text}” is not a date. Give one such as 2027-03-14.", text=text)) from None


def _status(error: SsaError) -> int:
    """Return the status of an answer that says why something was not done."""
    return next(code for kind, code in STATUS.items() if isinstance(error, kind))


def _review(
    spec: ContentSpec, draft: PolicyDraft, typed: Mapping[str, Sequence[str]], error: SsaError | None = None
) -> ResponseReturnValue:
    fields = sent()
    shelf = tuning.shelf(current.db(), spec, current.now())
    try:
        view, problem = view_of(spec, draft.policy, fields), ""
    except Invalid as impossible:
        view, problem = None, in_words(impossible.sentence)
    own = url_for("psychometrician.tuning.tune", discipline=spec.discipline, draft_id=draft.id)
    page = render_template(
        "psychometrician/drafts/publish.html",
        **names_of(spec),
        draft=draft,
        policy=draft.policy,
        shelf=shelf,
        typed={name: one(typed, name) for name in ("reason", "effective_on")},
        problem=in_words(error.sentence) if error else problem,
        second_person=second_person(),
        mine=current.person().email in (draft.proposed_by, draft.changed_by),
        fields=shown_cohort(fields),
        csv=lambda name: with_fields(f"{own}/{name}.csv", fields),
        swapped=False,
        **consequences_of(view, fields),
    )
    return page, _status(error) if error else 200
