"""The checklist in words: what is next and by when, how many days are left, and a note to each of the five steps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ssa_engine.core.checklists import Move, ProfileStage, Standing, Work
from ssa_engine.core.ledger import DECIMALS
from ssa_engine.core.text import Sentence, count_credits, say, say_count

DONE, NOW, LATER = "done", "now", "later"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist. `state` is done, now or later."""

    label: str
    state: str
    note: str = ""


def what_is_next(work: Work) -> Sentence:
    """Say in one sentence what is next for a credential, and by when."""
    if work.standing is Standing.COMPLETE:
        return _complete(work)
    if work.discontinued_on:
        return say(
            "Your {discipline} credential was discontinued on {day}. To regain it, {step}.",
            discipline=work.discipline,
            day=work.discontinued_on,
            step=_to_regain(work),
        )
    return _in_time(work)


def _complete(work: Work) -> Sentence:
    if work.discontinued_on:
        return say(
            "CQR is complete for {discipline}. Your credential was discontinued on {day}; what is left is to ask for "
            "its reinstatement.",
            discipline=work.discipline,
            day=work.discontinued_on,
        )
    following = work.position.following if work.position else None
    if following is None:
        return say(
            "CQR complete for {discipline}. There is nothing left to do in this period.", discipline=work.discipline
        )
    return say(
        "CQR complete for {discipline}. There is nothing to do until your next window opens on {opens}.",
        discipline=work.discipline,
        opens=following.opens_on,
    )


def _in_time(work: Work) -> Sentence:
    """Say what is next for a credential that is in its time."""
    discipline = work.discipline
    if work.position is None:
        return say("{discipline} has no time limit. There is nothing to do.", discipline=discipline)
    due = work.position.cycle.due_on
    if work.standing is Standing.NOT_YET:
        opens = work.position.cycle.opens_on
        if work.reinstated_on:
            return say(
                "Your {discipline} credential was reinstated on {day}. There is nothing to do until the next window "
                "opens on {opens}.",
                discipline=discipline,
                day=work.reinstated_on,
                opens=opens,
            )
        return say(
            "Nothing to do yet. The window for {discipline} opens on {opens}.", discipline=discipline, opens=opens
        )
    if work.standing is Standing.NO_BANK:
        return _without_bank(work, due)
    if work.standing is Standing.OPEN:
        return _open(work, due)
    if work.standing in (Standing.IN_PROGRESS, Standing.TIME_UP, Standing.SUBMITTED):
        return _taken(work)
    if work.standing is Standing.PRESCRIBED:
        return _prescribed(work, work.position.cycle.submit_by)
    if work.profile_is_open:
        return say(
            "Nothing prescribed is open for {discipline}. Your professional profile is what is left, by {due}.",
            discipline=discipline,
            due=due,
        )
    return say(
        "Everything is done for {discipline}. It is being recorded, and there is nothing left for you to do.",
        discipline=discipline,
    )


def _without_bank(work: Work, due: dt.date) -> Sentence:
    told = {"discipline": work.discipline, "due": due}
    if work.profile_is_open:
        return say(
            "The {discipline} assessment is being prepared. Meanwhile you can do your professional profile. You have "
            "until {due}.",
            **told,
        )
    return say("The {discipline} assessment is being prepared. You have until {due}.", **told)


def _open(work: Work, due: dt.date) -> Sentence:
    told = {"discipline": work.discipline, "due": due}
    if work.profile is ProfileStage.TO_DO:
        return say("Begin with your professional profile for {discipline}. You have until {due}.", **told)
    if work.profile is ProfileStage.UNDER_WAY:
        return say("Go on with your professional profile for {discipline}. You have until {due}.", **told)
    return say("Take the {discipline} self-assessment by {due}.", **told)


def _taken(work: Work) -> Sentence:
    """Say what is next between the first question and the result."""
    if work.standing is Standing.IN_PROGRESS:
        return say("Go on with your {discipline} self-assessment. Your clock is running.", discipline=work.discipline)
    if work.standing is Standing.TIME_UP:
        return say(
            "The time for your {discipline} self-assessment is over. Submit what was saved.", discipline=work.discipline
        )
    submitted = _submitted(work)
    if not work.profile_is_open:
        return submitted
    return say("{submitted} Meanwhile you can do your professional profile.", submitted=submitted)


def _submitted(work: Work) -> Sentence:
    told = {"discipline": work.discipline, "day": work.result_by or ""}
    if work.result_by is None:
        return say("Your {discipline} self-assessment is submitted. Your result will appear here.", **told)
    if work.result_by < work.today:
        return say(
            "Your {discipline} self-assessment is submitted. Your result was promised by {day} and is late; we are "
            "working on it.",
            **told,
        )
    return say("Your {discipline} self-assessment is submitted. Your result will appear here by {day}.", **told)


def _prescribed(work: Work, submit_by: dt.date) -> Sentence:
    told = {"discipline": work.discipline, "credits": count_credits(work.open), "day": submit_by, **_earning(work)}
    if work.waiting >= work.open:
        return say(
            "What you reported for {discipline} is being reviewed. If it is approved, everything prescribed is filled.",
            **told,
        )
    if work.today > submit_by and work.waiting:
        return say(
            "The last day to report for {discipline} was {day}. Still to earn: {more}. Waiting for review: {waiting}. "
            "Ask now what you can still do.",
            **told,
        )
    if work.today > submit_by:
        return say(
            "The last day to report for {discipline} was {day}. Still open: {credits}. Ask now what you can still do.",
            **told,
        )
    if work.waiting:
        return say(
            "Earn {more} of continuing education for {discipline}, and report what you finish by {day}. Waiting for "
            "review: {waiting}.",
            **told,
        )
    return say("Earn {credits} of continuing education for {discipline}, and report what you finish by {day}.", **told)


def _earning(work: Work) -> dict[str, Sentence]:
    """Return what is still to earn beside what waits for review, and what waits."""
    more = round(work.open - work.waiting, DECIMALS)
    return {"more": count_credits(more), "waiting": count_credits(work.waiting)}


def _to_regain(work: Work) -> Sentence:
    """Say the next step of somebody whose credential is discontinued, as the end of a sentence."""
    if work.standing is Standing.OPEN and work.profile is ProfileStage.TO_DO:
        return say("begin with your professional profile")
    if work.profile_is_open and (work.standing is Standing.FILLED or work.standing is Standing.OPEN):
        return say("finish your professional profile")
    if work.standing is Standing.SUBMITTED and work.result_by and work.result_by >= work.today:
        return say("wait for your result, which will appear here by {day}", day=work.result_by)
    if work.standing is Standing.PRESCRIBED:
        if work.waiting >= work.open:
            return say("wait until what you reported has been reviewed")
        if work.waiting:
            return say(
                "earn {more} of continuing education and report what you finish (waiting for review: {waiting})",
                **_earning(work),
            )
        return say(
            "earn {credits} of continuing education and report what you finish", credits=count_credits(work.open)
        )
    return {
        Standing.NO_BANK: say("take the self-assessment, which is being prepared"),
        Standing.IN_PROGRESS: say("go on with your self-assessment; your clock is running"),
        Standing.TIME_UP: say("submit what was saved of your self-assessment"),
        Standing.SUBMITTED: say("wait for your result, which will appear here"),
        Standing.FILLED: say("ask for its reinstatement"),
    }.get(work.standing, say("take the self-assessment"))


def days_left(work: Work) -> Sentence | None:
    """Say how many days there are until the next day that matters; None where there is none to keep."""
    if work.deadline is None or work.position is None:
        return None
    days = (work.deadline - work.today).days
    if work.standing is Standing.NOT_YET:
        return say_count("Opens in {count} day", "Opens in {count} days", days)
    if work.deadline == work.position.cycle.due_on:
        if days == 0:
            return say("Today is the last day of your window")
        return say_count("{count} day left in your window", "{count} days left in your window", days)
    if days == 0:
        return say("Today is the last day to report")
    return say_count("{count} day left to report", "{count} days left to report", days)


def steps(work: Work) -> tuple[Step, ...]:
    """Return the five steps; four where the discipline has no professional profile."""
    complete = work.standing is Standing.COMPLETE
    move, _ = work.moves
    taken = work.standing in (Standing.SUBMITTED, Standing.PRESCRIBED, Standing.FILLED)
    released = work.standing in (Standing.PRESCRIBED, Standing.FILLED)
    filled = work.standing is Standing.FILLED
    waits = work.standing is Standing.SUBMITTED and move is not Move.PROFILE
    made = [
        (say("Professional profile"), work.profile is ProfileStage.DONE, move is Move.PROFILE, _of_profile(work)),
        (say("Structured Self-Assessment"), taken, move in (Move.ASSESSMENT, Move.SUBMIT), _of_assessment(work)),
        (say("Results"), released, waits, _of_results(work)),
        (say("Prescribed CE"), filled, work.standing is Standing.PRESCRIBED, _of_credits(work)),
        (say("CQR complete"), False, filled and not work.profile_is_open, _of_completion(work)),
    ]
    return tuple(
        Step(label, DONE if complete or done else NOW if now else LATER, note)
        for label, done, now, note in (made if work.profile is not ProfileStage.NONE else made[1:])
    )


def _of_profile(work: Work) -> str:
    if work.standing is Standing.COMPLETE:
        return ""
    if work.profile is ProfileStage.UNDER_WAY:
        return say("Under way")
    minutes = work.rules.profile.minutes
    return say_count("About {count} minute", "About {count} minutes", minutes) if work.profile_is_open else ""


def _of_assessment(work: Work) -> str:
    if work.standing is Standing.IN_PROGRESS:
        return say("Under way")
    if work.standing is Standing.TIME_UP:
        return say("Its time is over")
    return say("Submitted on {day}", day=work.submitted_on) if work.submitted_on else ""


def _of_results(work: Work) -> str:
    if work.released_on:
        return say("Since {day}", day=work.released_on)
    if work.standing is Standing.SUBMITTED and work.result_by:
        return say("Promised by {day}", day=work.result_by)
    return ""


def _of_credits(work: Work) -> str:
    if work.released_on is None:
        return ""
    if not work.prescribed:
        return say("None prescribed")
    filled = float(round(work.prescribed - work.open, DECIMALS))
    told = say("{filled} of {credits} filled", filled=filled, credits=count_credits(work.prescribed))
    if not work.waiting:
        return told
    return say("{filled}; waiting for review: {waiting}", filled=told, waiting=count_credits(work.waiting))


def _of_completion(work: Work) -> str:
    on = work.position.completed_on if work.position else None
    return say("On {day}", day=on) if on else ""
