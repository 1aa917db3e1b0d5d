"""How a policy is put into words: why an area has its credits, what its rules say, when results are released."""

from __future__ import annotations

import math

from ssa_engine.core.policies import ROUNDING, CreditRule, Decision, DecisionRule, Policy
from ssa_engine.core.text import Sentence, count_credits, say, say_count

RAW = DecisionRule()


def explain(
    *,
    items: int,
    points: float,
    standard: float,
    below: bool,
    credits: float,
    credits_by_rule: float,
    decision: str | None = None,
    rule: DecisionRule = RAW,
    credits_kept: float = 0.0,
    credits_by_cap: float | None = None,
) -> Sentence:
    """Say how an area's credits came about.

    Parameters
    ----------
    standard : float
        In questions, as `scoring.standard_beside` gives it.
    below : bool
        Whether the points are below it.
    decision : str, optional
        What was decided (`Decision`). Without it, or by the raw score: what `below` says.
    rule : DecisionRule
        The policy's, which says what was taken into account.
    credits_kept : float
        Credits completed before a rescoring: said where they are more than is prescribed otherwise, which is what the
        total limit leaves.
    credits_by_cap : float, optional
        What the total limit leaves of `credits_by_rule`. Where fewer credits are prescribed, a rescoring left them as
        they were before it.
    """
    by_raw = rule.rule == "raw" or decision is None
    made = (Decision.PRESCRIBE if below else Decision.NONE) if decision is None else Decision(decision)
    counts = {"points": float(points), "items": items, "standard": float(standard)}
    otherwise = credits_by_rule if credits_by_cap is None else credits_by_cap
    kept = credits_kept > 0 and credits > otherwise
    worth = _worth(min(credits, otherwise if kept else credits_by_rule), credits_by_rule, credits_by_cap)
    if by_raw or (made is Decision.NONE and not below):
        found = (
            say("{points} of {items}, standard {standard}, so {worth}", **counts, worth=worth)
            if made is Decision.PRESCRIBE
            else say("{points} of {items}, standard {standard}, so no credits", **counts)
        )
    else:
        score = (
            say("{points} of {items}, standard {standard}", **counts)
            if below
            else say("{points} of {items}, at or above the standard of {standard}", **counts)
        )
        found = say(
            "{score}. {considered}, {found}",
            score=score,
            considered=_considered(rule, items),
            found=_found(made, rule, worth),
        )
    if not kept:
        return found
    return say("{found}. What you have completed stays: {kept}", found=found, kept=count_credits(credits_kept))


def _worth(credits: float, by_rule: float, by_cap: float | None) -> Sentence:
    if by_cap is not None and credits < by_cap:
        return say(
            "{by_rule}; since your answers were scored again, you are asked for {held}",
            by_rule=count_credits(by_rule),
            held=count_credits(credits),
        )
    if credits < by_rule:
        return say(
            "{by_rule}, held to {held} by the total limit", by_rule=count_credits(by_rule), held=count_credits(credits)
        )
    return count_credits(by_rule)


def _considered(rule: DecisionRule, items: int) -> Sentence:
    """Say what was taken into account beside the points."""
    if rule.model == "augmented":
        return say("Taking your answers in the other content areas into account")
    if rule.model == "irt":
        return say("Taking into account how difficult your questions were and all your answers to them")
    return say("Taking into account how much a score on {items} questions can vary", items=items)


def _found(made: Decision, rule: DecisionRule, worth: Sentence) -> Sentence:
    """Say what was found, and what follows."""
    if made is Decision.PRESCRIBE_HALF:
        return say("it is open whether this area needs strengthening, so half of the credits: {worth}", worth=worth)
    if made is Decision.OFFER_ONLY:
        return say(
            "it is open whether this area needs strengthening, so continuing education is offered and none is required"
        )
    if rule.rule == "expected_loss":
        if made is Decision.PRESCRIBE:
            return say("it is likely enough that this area needs strengthening, so {worth}", worth=worth)
        return say("it is not likely enough that this area needs strengthening, so no credits")
    if made is Decision.PRESCRIBE:
        return say("we estimate that this area is below its standard, so {worth}", worth=worth)
    return say("we estimate that this area is at or above its standard, so no credits")


def describe_rule(rule: CreditRule, decision: DecisionRule = RAW) -> list[Sentence]:
    """Say a credit rule in a few plain sentences: what an area is worth after step, minimum and maximum.

    Where the score alone does not decide (`decision`), only areas that are prescribed are said to be worth anything.
    """
    raw = decision.rule == "raw"
    if rule.rule == "flat":
        worth = count_credits(_limited(rule.credits or 0.0, rule))
        told = [
            say("An area below its standard is worth {worth}.", worth=worth)
            if raw
            else say("A prescribed area is worth {worth}.", worth=worth)
        ]
    elif rule.rule == "per_item":
        told = _each_question(rule, raw)
    else:
        told = [_bands(rule, raw)]
    if rule.total_cap is not None:
        cap = count_credits(rule.total_cap)
        told.append(say("All areas together are never more than {cap}, largest gap first.", cap=cap))
    return told


def _each_question(rule: CreditRule, raw: bool) -> list[Sentence]:
    """Say what each question short is worth, and where rounding, the least and the most change that."""
    each = rule.credits or 0.0
    rounded = _rounded(each, rule.step)
    worth = count_credits(each)
    told = [
        say("Each question short of the standard is worth {worth}.", worth=worth)
        if raw
        else say("In a prescribed area each question short of the standard is worth {worth}.", worth=worth)
    ]
    if abs(rounded - each) > ROUNDING:
        told.append(say("The sum of an area is rounded up to a multiple of {step}.", step=count_credits(rule.step)))
    if rule.area_minimum > rounded:
        least = count_credits(rule.area_minimum)
        told.append(
            say("An area below its standard is worth at least {least}.", least=least)
            if raw
            else say("A prescribed area is worth at least {least}.", least=least)
        )
    if rule.area_maximum is not None:
        told.append(say("No area is worth more than {most}.", most=count_credits(rule.area_maximum)))
    return told


def _bands(rule: CreditRule, raw: bool) -> Sentence:
    """Say the bands that differ."""
    worth = [(band.short, _limited(band.credits, rule)) for band in rule.bands]
    bands = [
        say("from {short} short, {worth}", short=short, worth=count_credits(credits))
        for place, (short, credits) in enumerate(worth)
        if not place or credits > worth[place - 1][1]
    ]
    if raw:
        return say("Credits follow how many questions an area is short of its standard: {bands}.", bands=bands)
    return say("Credits follow how many questions a prescribed area is short of its standard: {bands}.", bands=bands)


def _limited(credits: float, rule: CreditRule) -> float:
    """Return what an area is worth after step, minimum and maximum, as `prescriptions.credits_of` makes it."""
    most = float("inf") if rule.area_maximum is None else rule.area_maximum
    return round(min(max(_rounded(credits, rule.step), rule.area_minimum), most), 10)


def _rounded(credits: float, step: float) -> float:
    return math.ceil(credits / step - ROUNDING) * step


def describe_decision(rule: DecisionRule) -> list[Sentence]:
    """Say to a candidate how it is decided whether an area is prescribed; nothing for the raw score."""
    if rule.rule == "raw":
        return []
    told = [_decided_by(rule)]
    band = rule.indeterminate if rule.rule == "expected_loss" else None
    if band is not None and band.rule == "prescribe_half":
        told.append(say("Where that stays open, half of the credits are asked."))
    elif band is not None and band.rule == "offer_only":
        told.append(say("Where that stays open, continuing education is offered and none is required."))
    told.append(say("An area prescribed although its score meets the standard counts as one question short."))
    return told


def describe_release(policy: Policy) -> Sentence:
    """Say when results are released under a policy."""
    if policy.release == "on_request":
        return say("A result waits until a psychometrician releases it.")
    if not policy.release_after_days:
        return say("A result is released at once, when its assessment is submitted.")
    return say_count(
        "A result is released {count} day after its assessment was submitted.",
        "A result is released {count} days after its assessment was submitted.",
        policy.release_after_days,
    )


def _decided_by(rule: DecisionRule) -> Sentence:
    if rule.rule == "augmented":
        return say(
            "Whether an area is prescribed goes by an estimate that takes your answers in the other areas into account."
        )
    if rule.rule == "irt":
        return say(
            "Whether an area is prescribed goes by an estimate from all your answers and from how difficult your "
            "questions were."
        )
    return say(
        "Whether an area is prescribed goes by how likely it is to need strengthening, given that a score on so few "
        "questions can vary."
    )
