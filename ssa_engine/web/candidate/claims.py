"""CE claims: report a finished activity, look at a claim with its certificates, mend it, withdraw it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import claims as actions
from ssa_engine.actions import prescribed_work
from ssa_engine.core.activities import Activity, arithmetic, fillings, left_to_find
from ssa_engine.core.answers import read_number
from ssa_engine.core.certificates import ACCEPTED, LARGEST_FILE, MEGABYTE, MOST_FILES, SentFile
from ssa_engine.core.claim_histories import HISTORY, told_to_candidate
from ssa_engine.core.claim_rules import NotAccepted, Problem, Report, Setting, closed, problems_of, used_before
from ssa_engine.core.claims import STATE_WORDS, Verb
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import activities, certificates
from ssa_engine.storage import claims as rows
from ssa_engine.web import current
from ssa_engine.web.candidate.standing import held
from ssa_engine.web.certificates import send_certificate
from ssa_engine.web.htmx import go_to

blueprint = Blueprint("claims", __name__)

FIELDS = ("activity", "title", "sponsor", "credits", "description", "finished_on", "attended_whole")
LIMITS = {"most_files": MOST_FILES, "most_megabytes": LARGEST_FILE // MEGABYTE, "accept": ",".join(ACCEPTED)}


@dataclass
class Form:
    """A form as it was filled in: what its fields show, and what is to mend in which. A browser keeps no files."""

    typed: dict[str, str]
    problems: dict[str, list[str]] = field(default_factory=dict)
    had_files: bool = False

    def refuse(self, problems: tuple[Problem, ...]) -> None:
        """Note what is to mend."""
        self.had_files = any(one.filename for one in request.files.getlist("files"))
        for one in problems:
            self.problems.setdefault(one.field, []).append(one.sentence)


def _files() -> list[SentFile]:
    """Return the files that were chosen; a field left alone sends one without a name."""
    return [SentFile(one.filename, one.read()) for one in request.files.getlist("files") if one.filename]


UNREAD_DAY = say("Write the day as 2027-04-30.")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None


def _credits(text: str) -> float | None:
    try:
        return float(read_number(text))
    except Invalid:
        return None


def _report(typed: dict[str, str], activity: Activity | None) -> Report:
    return Report(
        finished_on=_day(typed.get("finished_on", "")),
        attended_whole=typed.get("attended_whole") == "yes",
        activity=activity,
        title=typed.get("title", ""),
        sponsor=typed.get("sponsor", ""),
        credits=_credits(typed.get("credits", "")),
        description=typed.get("description", ""),
    )


@blueprint.get("/credentials/<id:credential_id>/ce/claims/new")
def new(credential_id: int) -> ResponseReturnValue:
    """Show the form, for an activity of the catalogue if the address names one."""
    code = request.args.get("activity", "").strip()
    return _form(credential_id, Form({"activity": code} if code else {}))


@blueprint.get("/credentials/<id:credential_id>/ce/claims")
def overview(credential_id: int) -> ResponseReturnValue:
    """Lead to the prescription, where the claims are listed."""
    with current.db().read() as connection:
        held(connection, credential_id)
    return redirect(url_for("candidate.ce.show", credential_id=credential_id, _anchor="claims"))


@blueprint.post("/credentials/<id:credential_id>/ce/claims")
def report(credential_id: int) -> ResponseReturnValue:
    """Report a finished activity."""
    form = Form({name: request.form[name][:5000] for name in FIELDS if name in request.form})
    with current.db().read() as connection:
        activity = activities.by_code(connection, form.typed.get("activity", "").strip())
    person = current.person()
    try:
        claim = actions.report(
            current.db(),
            current.banks(),
            current.certificates(),
            credential_id=credential_id,
            person_id=person.id,
            sent=_report(form.typed, activity),
            files=_files(),
            who=person.email,
            now=current.now(),
        )
    except NotAccepted as error:
        unread = form.typed.get("finished_on", "").strip() and _day(form.typed["finished_on"]) is None
        form.refuse(
            tuple(
                Problem(one.field, UNREAD_DAY) if unread and one.field == "finished_on" else one
                for one in error.problems
            )
        )
        return _form(credential_id, form, status=422)
    return go_to(url_for("candidate.claims.show", credential_id=credential_id, claim_id=claim.id, done="reported"))


def _form(credential_id: int, form: Form, status: int = 200) -> ResponseReturnValue:
    code = form.typed.get("activity", "").strip()
    with current.db().read() as connection:
        own = held(connection, credential_id)
        found = prescribed_work.find(connection, current.banks(), own.credential, current.now())
        activity = activities.by_code(connection, code) if code else None
        setting = found.setting(connection) if found else None
    if found is None or setting is None or closed(found.position, found.today, found.spec.name):
        return redirect(url_for("candidate.ce.show", credential_id=credential_id))
    if code and activity is None:
        raise NotFound(say("There is no activity with the code {code} in the catalogue.", code=code[:64]))
    used = used_before(activity.title, activity.sponsor, activity.id, setting.own_claims) if activity else None
    counts = activity.counts_in(found.spec.discipline) if activity else {}
    parts = fillings(counts, left_to_find(found.ledger))
    page = render_template(
        "candidate/claims/new.html",
        credential_id=credential_id,
        discipline_name=found.spec.name,
        activity=activity,
        not_taken=_not_taken(activity, setting) if activity else [],
        used=used,
        sum=arithmetic(activity.credits, parts, found.spec.area_names) if activity else "",
        fills_nothing=activity is not None and not parts,
        issued_on=found.issued_on if found.rules.claims.only_after_prescription else None,
        today=found.today,
        form=form,
        **LIMITS,
    )
    return page, status


def _not_taken(activity: Activity, setting: Setting) -> list[Sentence]:
    """Say why an activity of the catalogue cannot be reported, whatever else the form would say; mostly nothing."""
    sent = Report(finished_on=setting.today, attended_whole=True, activity=activity)
    return [one.sentence for one in problems_of(sent, setting) if one.field == "activity"]


@blueprint.get("/credentials/<id:credential_id>/ce/claims/<id:claim_id>")
def show(credential_id: int, claim_id: int) -> ResponseReturnValue:
    """Show a claim: where it stands, what happened to it, its certificates, what it counts."""
    return _claim_page(credential_id, claim_id, Form({}))


@blueprint.post("/credentials/<id:credential_id>/ce/claims/<id:claim_id>/mend")
def mend(credential_id: int, claim_id: int) -> ResponseReturnValue:
    """Send what a reviewer asked for."""
    form = Form({name: request.form.get(name, "")[:5000] for name in ("text", "finished_on")})
    finished_on, person = _day(form.typed["finished_on"]), current.person()
    if form.typed["finished_on"].strip() and finished_on is None:
        form.refuse((Problem("finished_on", UNREAD_DAY),))
        return _claim_page(credential_id, claim_id, form, status=422)
    try:
        actions.mend(
            current.db(),
            current.banks(),
            current.certificates(),
            claim_id=claim_id,
            credential_id=credential_id,
            person_id=person.id,
            revision=_revision(),
            text=form.typed["text"],
            finished_on=finished_on,
            files=_files(),
            who=person.email,
            now=current.now(),
        )
    except NotAccepted as error:
        form.refuse(error.problems)
        return _claim_page(credential_id, claim_id, form, status=422)
    return go_to(url_for("candidate.claims.show", credential_id=credential_id, claim_id=claim_id, done="mended"))


@blueprint.post("/credentials/<id:credential_id>/ce/claims/<id:claim_id>/withdraw")
def withdraw(credential_id: int, claim_id: int) -> ResponseReturnValue:
    """Withdraw a claim."""
    person = current.person()
    actions.withdraw(
        current.db(),
        claim_id=claim_id,
        credential_id=credential_id,
        person_id=person.id,
        revision=_revision(),
        who=person.email,
        now=current.now(),
    )
    return go_to(url_for("candidate.claims.show", credential_id=credential_id, claim_id=claim_id))


@blueprint.get("/credentials/<id:credential_id>/ce/claims/<id:claim_id>/certificates/<id:certificate_id>")
def certificate(credential_id: int, claim_id: int, certificate_id: int) -> ResponseReturnValue:
    """Send a certificate of one's own claim."""
    with current.db().read() as connection:
        actions.own_claim(connection, claim_id, credential_id, current.person().id)
        found = certificates.get(connection, claim_id, certificate_id)
    if found is None:
        raise NotFound(say("There is no such certificate of yours."))
    return send_certificate(found)


def _revision() -> int:
    """Return the revision of the claim that the page showed; 0, which fits no claim, if it says none."""
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _claim_page(credential_id: int, claim_id: int, form: Form, status: int = 200) -> ResponseReturnValue:
    with current.db().read() as connection:
        claim = actions.own_claim(connection, claim_id, credential_id, current.person().id)
        events = rows.events(connection, claim_id)
        sent = certificates.of_claim(connection, claim_id)
        found = prescribed_work.of_attempt(connection, current.banks(), claim.attempt_id, current.now())
    context: dict[str, Any] = {}
    if found is not None:
        names, ledger = found.spec.area_names, found.ledger
        context = {
            "discipline_name": found.spec.name,
            "closed": closed(found.position, found.today, found.spec.name),
            "is_over": found.attempt.cycle != found.position.cycle.number,
            "counts": [
                (names.get(area, area), credits, area in ledger.areas) for area, credits in claim.distribution.items()
            ],
        }
    page = render_template(
        "candidate/claims/claim.html",
        credential_id=credential_id,
        claim=claim,
        history=told_to_candidate(events),
        history_words=HISTORY,
        verbs=Verb,
        state_word=STATE_WORDS[claim.state],
        certificates=sent,
        form=form,
        done=request.args.get("done", ""),
        **context,
        **LIMITS,
    )
    return page, status
