"""What a reviewer reads beside a claim: its rules checked in words, what it would fill, reasons ready to send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ssa_engine.core.claim_rules import used_before
from ssa_engine.core.claims import Claim, ClaimState
from ssa_engine.core.cycles import Position
from ssa_engine.core.ledger import DECIMALS, Ledger, ledger
from ssa_engine.core.programmes import CqrRules
from ssa_engine.core.text import Sentence, say


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, whether the claim meets it, and in words how."""

    is_met: bool
    sentence: Sentence


def checks(
    claim: Claim, *, issued_on: dt.date | None, position: Position | None, rules: CqrRules, own: Iterable[Claim]
) -> list[Check]:
    """Check a claim against the rules of its programme.

    Parameters
    ----------
    claim : Claim
        As it stands.
    issued_on : date or None
        The day the prescription was issued; None where nothing is prescribed.
    position : Position or None
        The cycle the credential is in; None if it is not time-limited.
    rules : CqrRules
        The programme's.
    own : iterable of Claim
        All claims of the prescription, this one among them.

    Returns
    -------
    list of Check
        In the order a reviewer goes through them.
    """
    found = []
    if issued_on is not None and rules.claims.only_after_prescription:
        found.append(_after_prescription(claim, issued_on))
    if position is not None:
        found += _in_time(claim, position, rules)
    used = used_before(claim.title, claim.sponsor, claim.activity_id, (one for one in own if one.id != claim.id))
    if used is None:
        found.append(Check(True, say("Not used before for this prescription.")))
    else:
        told = {"number": used.id, "day": rules.today(used.reported_at)}
        found.append(Check(False, say("Used before: claim {number}, reported on {day}.", **told)))
    return found


def _after_prescription(claim: Claim, issued_on: dt.date) -> Check:
    days = {"day": claim.finished_on, "issued": issued_on}
    if claim.finished_on < issued_on:
        return Check(False, say("Finished on {day}, before the prescription was issued on {issued}.", **days))
    return Check(True, say("Finished on {day}, not before the prescription was issued on {issued}.", **days))


def _in_time(claim: Claim, position: Position, rules: CqrRules) -> list[Check]:
    cycle, submitted_on = position.cycle, rules.today(claim.reported_at)
    if submitted_on > cycle.due_on:
        return [
            Check(
                True,
                say(
                    "Submitted on {day}, after the window ended: it counts towards regaining the credential.",
                    day=submitted_on,
                ),
            )
        ]
    days = {"day": submitted_on, "last": cycle.submit_by}
    if submitted_on > cycle.submit_by:
        submitted = Check(False, say("Submitted on {day}, after the submit-by day {last}.", **days))
    else:
        submitted = Check(True, say("Submitted on {day}, by the submit-by day {last}.", **days))
    if claim.finished_on <= cycle.submit_by:
        return [submitted]
    if claim.finished_on <= cycle.due_on:
        days = {"day": claim.finished_on, "last": cycle.submit_by}
        return [submitted, Check(False, say("Finished on {day}, after the submit-by day {last}.", **days))]
    return [submitted, Check(False, say("Finished on {day}, after the window ends.", day=claim.finished_on))]


@dataclass(frozen=True, slots=True)
class AreaEffect:
    """One content area beside a claim, in credits.

    `given`: what the claim carries. `fills`: of that, what fills something open. `surplus`: the rest of it, which
    stays visible and fills nothing. `waiting`: what other claims that are not decided would fill.
    """

    area: str
    prescribed: float
    filled: float
    waiting: float
    open: float
    given: float
    fills: float
    surplus: float
    open_after: float


def without(present: Ledger, claim: Claim, own: Iterable[Claim]) -> Ledger:
    """Return the ledger as it is beside a claim: what waits, and what was awarded, is that of other claims."""
    awarded = {area: fill.filled + fill.surplus for area, fill in present.areas.items()} | present.elsewhere
    if claim.state is ClaimState.APPROVED:
        awarded = {area: credits - claim.distribution.get(area, 0.0) for area, credits in awarded.items()}
    prescribed = {area: fill.prescribed for area, fill in present.areas.items()}
    return ledger(prescribed, [awarded], [one.distribution for one in own if one.is_waiting and one.id != claim.id])


def effects(
    areas: Iterable[str], given: Mapping[str, float], beside: Ledger, *, every: bool = False
) -> list[AreaEffect]:
    """Return what a distribution would do, area by area.

    Parameters
    ----------
    areas : iterable of content areas
        The outline, in its order.
    given : mapping of content area to credits
        The distribution.
    beside : Ledger
        Without the claim.
    every : bool
        Whether to return all areas of the outline, also those that nothing is prescribed or given in.

    Returns
    -------
    list of AreaEffect
        In the order of the outline; `fills` never exceeds what is open.
    """
    found = []
    for area in areas:
        own, fill = given.get(area, 0.0), beside.areas.get(area)
        if fill is None and not own and not every:
            continue
        is_open = fill.open if fill else 0.0
        fills = min(own, is_open)
        found.append(
            AreaEffect(
                area,
                prescribed=fill.prescribed if fill else 0.0,
                filled=fill.filled if fill else 0.0,
                waiting=fill.waiting if fill else 0.0,
                open=is_open,
                given=own,
                fills=fills,
                surplus=round(own - fills, DECIMALS),
                open_after=round(is_open - fills, DECIMALS),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Ready:
    """A reason that is ready to be sent; staff may change its words before."""

    name: str
    sentence: Sentence


REJECT_REASONS = (
    Ready(
        "before",
        say("The activity was finished before your prescription was issued, so it cannot count toward it."),
    ),
    Ready(
        "part",
        say("The certificate shows that the activity was attended in part. Part of an activity earns no credit."),
    ),
    Ready("used", say("This activity was counted for your prescription before. One activity counts once.")),
    Ready("not_yours", say("The certificate is made out to somebody else. Send the one that bears your name.")),
    Ready("no_ce", say("The document is no certificate of completion of a CE activity. Send the certificate itself.")),
    Ready(
        "not_approved", say("The activity was not approved by a recognised evaluation mechanism, so it cannot count.")
    ),
    Ready(
        "no_area", say("The activity covers none of the content areas of your prescription, so it fills nothing there.")
    ),
)
MORE_REASONS = (
    Ready("unreadable", say("The certificate cannot be read. Send a sharper photograph, or the file itself.")),
    Ready("no_name", say("The certificate does not show your name. Send one that does.")),
    Ready("no_date", say("The certificate does not show the day on which you finished. Send one that does.")),
    Ready("no_credits", say("The certificate does not show the number of credits. Send one that does.")),
    Ready(
        "other",
        say("The certificate is for another activity than the one you reported. Send the one that belongs to it."),
    ),
    Ready("pages", say("A page of the certificate is missing. Send all of its pages.")),
)
READY = {one.name: one.sentence for one in (*REJECT_REASONS, *MORE_REASONS)}
