"""The result: how it went in each content area, the standard, and the credits."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import attempts as actions
from ssa_engine.core.attempts import Attempt, State
from ssa_engine.core.errors import NotFound
from ssa_engine.core.policies import Decision, DecisionRule, Policy
from ssa_engine.core.prescription_words import describe_decision, describe_rule, explain
from ssa_engine.core.programmes import CqrRules
from ssa_engine.core.rescorings import within_cap
from ssa_engine.core.scoring import standard_beside
from ssa_engine.core.text import say
from ssa_engine.storage import policies, results, sittings
from ssa_engine.web import current
from ssa_engine.web.language import in_words

blueprint = Blueprint("result", __name__)


@blueprint.get("/attempts/<id:attempt_id>/result")
def show(attempt_id: int) -> ResponseReturnValue:
    """Show the result once it is released."""
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        result = results.latest(connection, attempt_id)
        policy = policies.get(connection, result.discipline, result.policy_version) if result else None
        given = sittings.survey_of(connection, attempt_id)
    if attempt.state is State.IN_PROGRESS:
        return redirect(url_for("candidate.review.show", attempt_id=attempt_id))
    if result is None or policy is None:
        raise NotFound(say("There is no result for this assessment yet. Look again later."))
    spec = current.banks().at(attempt.bank_version).spec
    rules = current.library().specs.get(spec.discipline, spec).cqr
    return render_template(
        "candidate/result/result.html",
        discipline_name=spec.name,
        submitted_at=attempt.submitted_at,
        released=attempt.state is State.RELEASED,
        release_on=(day := _release_on(attempt, policy.policy, rules)),
        late=day is not None and day < rules.today(current.now()),
        areas=_areas(result, spec.area_names, policy.policy),
        total_credits=result.total_credits,
        report_by=_report_by(result, attempt, rules),
        rule_text=" ".join(in_words(told) for told in describe_rule(policy.policy.credits, policy.policy.decision)),
        decision_text=" ".join(in_words(told) for told in describe_decision(policy.policy.decision)),
        attempt_id=attempt.id,
        has_survey=bool(spec.delivery.survey),
        survey_given=bool(given),
    )


def _report_by(result: results.Result, attempt: Attempt, rules: CqrRules) -> dt.date | None:
    """The last day to report what is prescribed; None where nothing is, or the assessment was taken after that day."""
    if result.due_on is None or attempt.submitted_at is None:
        return None
    day = rules.submit_by(result.due_on)
    return day if rules.today(attempt.submitted_at) <= day else None


def _release_on(attempt: Attempt, policy: Policy, rules: CqrRules) -> dt.date | None:
    """The day on which the policy releases the result by itself; where a person does, the day it is promised by."""
    if attempt.submitted_at is None:
        return None
    at = policy.released_at(attempt.submitted_at)
    return rules.today(at) if at else rules.result_by(attempt.submitted_at)


def _areas(result: results.Result, names: dict[str, str], policy: Policy) -> list[dict[str, object]]:
    """One entry per content area, in outline order."""
    by_id = {area.content_area: area for area in result.areas}
    own = [by_id[area_id] for area_id in names if area_id in by_id]
    capped = within_cap([one.credits_by_rule for one in own], [one.gap for one in own], policy.credits.total_cap)
    by_cap = {area.content_area: credits for area, credits in zip(own, capped, strict=True)}
    return [
        {
            **asdict(area),
            "area": area.content_area,
            "name": name,
            "standard_items": _standard_items(area),
            "below": area.below_standard,
            "to_strengthen": area.decided in (Decision.PRESCRIBE, Decision.PRESCRIBE_HALF) or area.credits > 0,
            "offered": area.decided is Decision.OFFER_ONLY and not area.credits,
            "sentence": _sentence(area, policy.decision, by_cap[area_id]),
        }
        for area_id, name in names.items()
        if (area := by_id.get(area_id)) is not None
    ]


def _standard_items(area: results.AreaResult) -> float:
    return standard_beside(area.points, standard=area.standard, items=area.items)


def _sentence(area: results.AreaResult, rule: DecisionRule, by_cap: float) -> str:
    """Say why an area has its credits, in the language of this request; nothing where the drawing says it all."""
    if not area.credits and area.decided is Decision.NONE and not area.below_standard:
        return ""
    told = explain(
        items=area.items,
        points=area.points,
        standard=_standard_items(area),
        below=area.below_standard,
        credits=area.credits,
        credits_by_rule=area.credits_by_rule,
        decision=area.decision,
        rule=rule,
        credits_kept=area.credits_kept,
        credits_by_cap=by_cap,
    )
    return str(in_words(told))
