"""Notices: what a person is told in the CQR process, and in which words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ssa_engine.core.text import Sentence, count_credits, say


class NoticeKind(StrEnum):
    """What a notice is about. `details` always have `discipline`; what else, stands beside each."""

    WINDOW_OPENS_SOON = "window_opens_soon"
    """opens_on, due_on, days."""
    WINDOW_OPEN = "window_open"
    """due_on."""
    DUE_SOON = "due_soon"
    """due_on, submit_by, days: a reminder."""
    RESULT_RELEASED = "result_released"
    """credits (the total prescribed), submit_by; is_over, if it came after that day."""
    CLAIM_APPROVED = "claim_approved"
    """title, credits (counted), open (credits still open after it)."""
    CLAIM_REJECTED = "claim_rejected"
    """title, reason."""
    CLAIM_MORE_ASKED = "claim_more_asked"
    """title, reason."""
    COMPLETE = "complete"
    """completed_on, code, next_opens_on, next_due_on; to_reinstate, if it was completed after it was discontinued."""
    DISCONTINUED = "discontinued"
    """discontinued_on; is_complete, if CQR was completed since and before this was told."""
    REINSTATED = "reinstated"
    """reinstated_on, next_due_on."""


REMINDERS = frozenset({NoticeKind.WINDOW_OPENS_SOON, NoticeKind.DUE_SOON})
"""What a person may choose not to be sent by mail; the dashboard shows it all the same."""

DETAILS: dict[NoticeKind, frozenset[str]] = {
    kind: frozenset(("discipline", *names.split()))
    for kind, names in {
        NoticeKind.WINDOW_OPENS_SOON: "opens_on due_on",
        NoticeKind.WINDOW_OPEN: "due_on",
        NoticeKind.DUE_SOON: "due_on submit_by",
        NoticeKind.RESULT_RELEASED: "credits submit_by",
        NoticeKind.CLAIM_APPROVED: "title credits open",
        NoticeKind.CLAIM_REJECTED: "title reason",
        NoticeKind.CLAIM_MORE_ASKED: "title reason",
        NoticeKind.COMPLETE: "completed_on code next_opens_on next_due_on",
        NoticeKind.DISCONTINUED: "discontinued_on",
        NoticeKind.REINSTATED: "reinstated_on next_due_on",
    }.items()
}
"""What the words of each kind are made of."""


class Page(StrEnum):
    """Where a notice leads to."""

    DASHBOARD = "dashboard"
    RESULT = "result"
    CE = "ce"


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in words: its subject, a few short paragraphs, the page it leads to and what the link there says."""

    subject: Sentence
    paragraphs: tuple[Sentence, ...]
    page: Page
    action: Sentence


def words_of(kind: NoticeKind, details: Mapping[str, Any], discipline_name: str) -> Words:
    """Put a notice into words.

    Parameters
    ----------
    details : mapping
        What `DETAILS` names for the kind; days as days or as ISO text.
    discipline_name : str
        The name of the discipline in `details`.
    """
    known = {name: _read(name, value) for name, value in details.items()}
    return _WORDS[kind]({**known, "discipline": discipline_name})


def _read(name: str, value: Any) -> Any:
    """Read a day that was stored as text; fold text of people, so that it stays in its line."""
    if isinstance(value, str):
        day_named = name.endswith("_on") or name == "submit_by"
        return dt.date.fromisoformat(value) if day_named else " ".join(value.split())
    return value


def _opens_soon(known: dict[str, Any]) -> Words:
    return Words(
        say("Your CQR window for {discipline} opens on {opens_on}", **known),
        (
            say(
                "From {opens_on} you can begin Continuing Qualifications Requirements (CQR) for {discipline}.", **known
            ),
            say("You have until {due_on} to complete it. Until the window opens there is nothing to do.", **known),
        ),
        Page.DASHBOARD,
        say("See your credentials"),
    )


def _open(known: dict[str, Any]) -> Words:
    return Words(
        say("Your CQR window for {discipline} is open", **known),
        (
            say("You can now begin Continuing Qualifications Requirements (CQR) for {discipline}.", **known),
            say("It is to be complete by {due_on}. You can go through it in steps, at times that suit you.", **known),
        ),
        Page.DASHBOARD,
        say("See the first step"),
    )


def _due_soon(known: dict[str, Any]) -> Words:
    by_then = (say("Report the CE you have finished by {submit_by}, so that there is time to look at it.", **known),)
    days_between = (known["due_on"] - known["submit_by"]).days
    can_be_reported = 0 < days_between <= known.get("days", days_between)
    return Words(
        say("CQR for {discipline} is to be complete by {due_on}", **known),
        (
            say("Some steps of CQR for {discipline} are still open. Your page shows which, and what is next.", **known),
            *(by_then if can_be_reported else ()),
            say("A credential whose CQR is not complete after {due_on} is discontinued.", **known),
        ),
        Page.DASHBOARD,
        say("See what is next"),
    )


def _result_released(known: dict[str, Any]) -> Words:
    credits = {**known, "credits": count_credits(known["credits"])}
    if not known["credits"]:
        meaning = say("There is no CE for you to earn: every content area is where it should be.")
    elif known.get("is_over"):
        meaning = say("You have {credits} to earn, in the content areas to strengthen.", **credits)
    else:
        meaning = say(
            "You have {credits} to earn and report by {submit_by}, in the content areas to strengthen.", **credits
        )
    return Words(
        say("Your result for {discipline} is here", **known),
        (say("You can now see the result of your Structured Self-Assessment, area by area.", **known), meaning),
        Page.RESULT,
        say("See my result"),
    )


def _claim_approved(known: dict[str, Any]) -> Words:
    counted = {name: count_credits(known[name]) for name in ("credits", "open")}
    left = (
        say("You have {open} still to earn for {discipline}.", **{**known, **counted})
        if known["open"]
        else say("With this, all your prescribed CE for {discipline} is earned.", **known)
    )
    return Words(
        say("A CE activity of yours counts for {discipline}", **known),
        (say("“{title}” was approved and counts {credits}.", **{**known, **counted}), left),
        Page.CE,
        say("See my prescribed CE"),
    )


def _claim_rejected(known: dict[str, Any]) -> Words:
    return Words(
        say("A CE activity you reported does not count for {discipline}", **known),
        (
            say("We have looked at “{title}”, and it cannot be counted for your prescription.", **known),
            say("The reason: {reason}", **known),
            say("Your page shows which credits are open and which activities earn them."),
        ),
        Page.CE,
        say("See my prescribed CE"),
    )


def _claim_more_asked(known: dict[str, Any]) -> Words:
    return Words(
        say("We need something more about a CE activity for {discipline}", **known),
        (
            say("We have looked at “{title}” and cannot decide about it yet.", **known),
            say("What we need: {reason}", **known),
            say("Add it to your report and send it again. What you have sent stays there."),
        ),
        Page.CE,
        say("Add to my report"),
    )


def _complete(known: dict[str, Any]) -> Words:
    record = say("Your record has the code {code}. Whoever you give it to can check it.", **known)
    if known.get("to_reinstate"):
        said = (
            say("You completed CQR for {discipline} on {completed_on}.", **known),
            say("Your credential had been discontinued before. You can now ask to have it reinstated."),
            record,
        )
    else:
        said = (
            say("You completed CQR for {discipline} on {completed_on}. There is nothing more for you to do.", **known),
            record,
            say("Your next window opens on {next_opens_on}, and CQR is then due by {next_due_on}.", **known),
        )
    return Words(say("CQR complete for {discipline}", **known), said, Page.DASHBOARD, say("See your credentials"))


def _discontinued(known: dict[str, Any]) -> Words:
    why = say("CQR was not complete at the end of its window, so the credential is discontinued.", **known)
    if known.get("is_complete"):
        what_now: tuple[Sentence, ...] = (
            say("Your credential had been discontinued before. You can now ask to have it reinstated."),
        )
    else:
        what_now = (
            say("It was discontinued on {discontinued_on}. You can regain it: complete CQR, then reinstate.", **known),
            say("What you have completed so far stays completed. Your page shows what is still open."),
        )
    return Words(
        say("Your credential in {discipline} is discontinued", **known),
        (why, *what_now),
        Page.DASHBOARD,
        say("See what is next"),
    )


def _reinstated(known: dict[str, Any]) -> Words:
    return Words(
        say("Your credential in {discipline} is reinstated", **known),
        (
            say("It was reinstated on {reinstated_on}.", **known),
            say("A new period begins with that day. CQR is next due by {next_due_on}.", **known),
        ),
        Page.DASHBOARD,
        say("See your credentials"),
    )


_WORDS: dict[NoticeKind, Callable[[dict[str, Any]], Words]] = {
    NoticeKind.WINDOW_OPENS_SOON: _opens_soon,
    NoticeKind.WINDOW_OPEN: _open,
    NoticeKind.DUE_SOON: _due_soon,
    NoticeKind.RESULT_RELEASED: _result_released,
    NoticeKind.CLAIM_APPROVED: _claim_approved,
    NoticeKind.CLAIM_REJECTED: _claim_rejected,
    NoticeKind.CLAIM_MORE_ASKED: _claim_more_asked,
    NoticeKind.COMPLETE: _complete,
    NoticeKind.DISCONTINUED: _discontinued,
    NoticeKind.REINSTATED: _reinstated,
}
