"""The prescription letter: who is asked for which credits and why, by when, and how to go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ssa_engine.core.ledger import DECIMALS
from ssa_engine.core.policies import Policy
from ssa_engine.core.prescription_words import describe_decision, describe_rule
from ssa_engine.core.programmes import CqrRules
from ssa_engine.core.text import Sentence, count_credits, say, say_count


@dataclass(frozen=True, slots=True)
class AreaAsked:
    """One content area of a result. `sentence` is the one that was stored with its credits."""

    name: str
    credits: float
    credits_by_rule: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, a paragraph each."""

    heading: Sentence
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a prescription letter says, from top to bottom. Without rows nothing is prescribed."""

    title: Sentence
    written_on: dt.date
    greeting: Sentence
    opening: Sentence
    caption: Sentence
    heads: tuple[Sentence, ...]
    rows: tuple[tuple[str, str, Sentence], ...]
    """Content area, why, credits."""
    total: tuple[Sentence, Sentence]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a letter speaks of."""

    submitted_on: dt.date
    written_on: dt.date
    submit_by: dt.date
    due_on: dt.date

    @property
    def are_over(self) -> bool:
        """Whether the letter was written after the last day to report."""
        return self.written_on > self.submit_by


def write_letter(
    *, name: str, discipline: str, rules: CqrRules, policy: Policy, areas: Iterable[AreaAsked], days: Days
) -> Letter:
    """Write the letter about a result. Those of `areas` that have credits are prescribed."""
    every = tuple(areas)
    asked = tuple(one for one in every if one.credits > 0)
    total = round(sum(one.credits for one in asked), DECIMALS)
    why = Section(say("How the credits came about"), tuple(_reasons(policy, every, total)))
    go_on = Section(say("How to go on"), tuple(_go_on(rules, days) if asked else _rest(rules)))
    contact = Section(say("If you have a question"), contact_lines(rules))
    return Letter(
        title=say("Your prescription in {discipline}", discipline=discipline)
        if asked
        else say("Nothing is prescribed in {discipline}", discipline=discipline),
        written_on=days.written_on,
        greeting=say("Dear {name},", name=name),
        opening=_opening(discipline, days, total),
        caption=say("Credits to earn in each content area, and why"),
        heads=(say("Content area"), say("Why"), say("Credits")),
        rows=tuple((one.name, one.sentence, _number(one.credits)) for one in asked),
        total=(say("In all"), _number(total)),
        sections=tuple(one for one in ((why, go_on, contact) if asked else (go_on, contact)) if one.paragraphs),
    )


def contact_lines(rules: CqrRules) -> tuple[str, ...]:
    """Return whom to ask, a line for each way."""
    found = rules.contact
    return tuple(filter(None, (found.name, found.email, found.telephone, found.hours))) if found else ()


def _number(credits: float) -> Sentence:
    return say("{credits}", credits=float(credits))


def _opening(discipline: str, days: Days, total: float) -> Sentence:
    if not total:
        return say(
            "Your Structured Self-Assessment in {discipline}, submitted on {submitted}, asks nothing more of you. "
            "There is no continuing education to earn for this period of CQR. It is the best result there is, and we "
            "are glad to tell you so.",
            discipline=discipline,
            submitted=days.submitted_on,
        )
    if days.are_over:
        return say(
            "Your Structured Self-Assessment in {discipline}, submitted on {submitted}, shows where continuing "
            "education will help you most. You are asked to earn {credits}, in the content areas below and in no "
            "others.",
            discipline=discipline,
            submitted=days.submitted_on,
            credits=count_credits(total),
        )
    return say(
        "Your Structured Self-Assessment in {discipline}, submitted on {submitted}, shows where continuing education "
        "will help you most. You are asked to earn {credits} by {day}, in the content areas below and in no others.",
        discipline=discipline,
        submitted=days.submitted_on,
        credits=count_credits(total),
        day=days.submit_by,
    )


def _reasons(policy: Policy, every: tuple[AreaAsked, ...], total: float) -> Iterator[Sentence]:
    yield from describe_decision(policy.decision)
    yield from describe_rule(policy.credits, policy.decision)
    by_rule = round(sum(one.credits_by_rule for one in every), DECIMALS)
    cap = policy.credits.total_cap
    if cap is not None and by_rule > cap:
        yield say(
            "Area by area it would have been {by_rule}; the total limit leaves {total}.",
            by_rule=count_credits(by_rule),
            total=count_credits(total),
        )


def _go_on(rules: CqrRules, days: Days) -> Iterator[Sentence]:
    yield say(
        "Choose activities whose credits fall on these content areas. Your pages list them and say how much of your "
        "prescription each of them fills."
    )
    if rules.claims.only_after_prescription:
        yield say("An activity counts if you finish it after this prescription was issued.")
    if days.are_over:
        yield say("Report each activity with its certificate of completion.")
    else:
        yield say(
            "Report each activity with its certificate of completion, at the latest on {day}, so that there is time "
            "to review it.",
            day=days.submit_by,
        )
    if rules.claims.review_days is not None:
        yield say_count(
            "What you report is reviewed within {count} day.",
            "What you report is reviewed within {count} days.",
            rules.claims.review_days,
        )
    if days.are_over:
        yield say("When every area is filled, CQR is complete.")
    else:
        yield say("When every area is filled, CQR is complete. The last day is {day}.", day=days.due_on)
    yield from _beside(rules)


def _rest(rules: CqrRules) -> Iterator[Sentence]:
    yield say("Your start page shows whether anything else is left before CQR is complete.")
    yield from _beside(rules)


def _beside(rules: CqrRules) -> Iterator[Sentence]:
    if rules.biennium is not None:
        yield say("Your ordinary continuing education goes on beside it: CQR does not replace it.")
