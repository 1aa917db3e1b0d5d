"""What people ask of CQR, answered from a programme's rules: an answer changes when a rule does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.cycles import is_time_limited
from ssa_engine.core.text import Sentence, count_credits, say, say_count


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences of an answer and the disciplines they hold for; none named: for all that were asked about."""

    disciplines: tuple[str, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answers: what holds for all, and what differs for each set of disciplines whose rules do."""

    id: str
    words: Sentence
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class AskedOf:
    """A discipline somebody asks about, and since when they hold the credential; None: they do not."""

    spec: ContentSpec
    earned_on: dt.date | None = None


Answerer = Callable[[AskedOf], Iterator[Sentence]]


def questions(asked: Sequence[AskedOf]) -> tuple[Question, ...]:
    """Return every question with its answers for these disciplines; without any discipline there is nothing to say."""
    made = (Question(id_, words, _answers(answer, asked)) for id_, words, answer in ASKED)
    return tuple(one for one in made if one.answers)


def _answers(answer: Answerer, asked: Sequence[AskedOf]) -> tuple[Answer, ...]:
    """Answer for each set of disciplines what differs, and once what holds for all."""
    told = [(one.spec.name, tuple(answer(one))) for one in asked]
    if not told:
        return ()
    common = tuple(one for one in told[0][1] if all(one in sentences for _, sentences in told))
    own: dict[tuple[Sentence, ...], list[str]] = {}
    for name, sentences in told:
        rest = tuple(one for one in sentences if one not in common)
        own.setdefault(rest, []).append(name)
    differing = [Answer(tuple(names), sentences) for sentences, names in own.items() if sentences]
    for_all = [Answer((), common)] if common else []
    common_begins = bool(common) and told[0][1][0] == common[0]
    return tuple(for_all + differing if common_begins else differing + for_all)


def _years(count: int) -> Sentence:
    return say_count("{count} year", "{count} years", count)


def _days(count: int) -> Sentence:
    return say_count("{count} day", "{count} days", count)


def _do_i_have_to(asked: AskedOf) -> Iterator[Sentence]:
    rules = asked.spec.cqr
    if asked.earned_on is not None:
        if not is_time_limited(asked.earned_on, rules):
            yield say("No. You earned yours on {day}, and it has no time limit.", day=asked.earned_on)
        else:
            yield say("Yes. You earned yours on {day}, so it has a time limit.", day=asked.earned_on)
    if rules.time_limited_from is None:
        yield say("Every credential of this kind is held for {years}.", years=_years(rules.period_years))
    else:
        yield say(
            "A credential earned on {day} or later is held for {years}; an earlier one has no time limit, and nothing "
            "is asked for it.",
            day=rules.time_limited_from,
            years=_years(rules.period_years),
        )
    yield say("CQR is how you show, before that time is over, that your qualifications are up to date.")
    yield say("It is done for each credential on its own, each with its own dates.")


def _when(asked: AskedOf) -> Iterator[Sentence]:
    rules = asked.spec.cqr
    yield say(
        "In the last {window} of each period of {period}, which is called the window. Before it opens nothing can be "
        "done.",
        window=_years(rules.window_years),
        period=_years(rules.period_years),
    )
    if rules.notices.before_opening_days:
        yield say("We write to you before the window opens, and again when it does.")
    else:
        yield say("We write to you when the window opens.")
    if rules.claims.submit_by_days:
        yield say(
            "Everything is to be complete on the last day of the window, and continuing education reported at least "
            "{days} before it, so that there is time to review it.",
            days=_days(rules.claims.submit_by_days),
        )
    else:
        yield say("Everything is to be complete on the last day of the window.")
    yield say("There are no extensions.")


def _is_it_a_test(asked: AskedOf) -> Iterator[Sentence]:
    yield say("No. There is no overall mark, and there is nothing to get through.")
    yield say(
        "The Structured Self-Assessment looks at each content area of your discipline and shows where your knowledge "
        "is up to date and where continuing education would help you most."
    )
    if asked.spec.profile is not None:
        yield say("The professional profile asks what you do at work. Nobody reviews it, and no answer is better.")


def _study(_asked: AskedOf) -> Iterator[Sentence]:
    yield say("You need not. It is meant to find out what you know as you work today.")
    yield say("If you like to know what it is about, read the outline of your discipline: every topic is in it.")


def _how_long(asked: AskedOf) -> Iterator[Sentence]:
    spec = asked.spec
    if spec.profile is not None:
        yield say_count(
            "The professional profile takes about {count} minute.",
            "The professional profile takes about {count} minutes.",
            spec.cqr.profile.minutes,
        )
    yield say(
        "The self-assessment has {count} questions, and {minutes} minutes are allowed for them.",
        count=sum(area.scored + area.pilot for area in spec.blueprint.areas.values()),
        minutes=spec.blueprint.minutes,
    )
    yield say("Every answer is saved as you give it, so a lost connection or an empty battery loses nothing.")
    yield say("If you need more time or breaks because of a disability, ask before you begin.")


def _results(asked: AskedOf) -> Iterator[Sentence]:
    days = asked.spec.cqr.results_days
    if days is None:
        yield say("We write to you as soon as your result is there; it then appears on your start page.")
    else:
        yield say("Within {days} of submitting. We write to you, and it appears on your start page.", days=_days(days))


def _prescribed(_asked: AskedOf) -> Iterator[Sentence]:
    yield say("Continuing education in those content areas alone in which you were below the standard.")
    yield say("How far below decides how many credits. Your result says for each area how they came about.")
    yield say("Where there is no gap nothing is prescribed; the best result is no prescription at all.")


def _what_counts(asked: AskedOf) -> Iterator[Sentence]:
    claims = asked.spec.cqr.claims
    yield say(
        "Activities whose content falls on your open content areas. Of an activity those credits count that fall "
        "there, which may be fewer than it is worth in all."
    )
    if claims.only_after_prescription:
        yield say("It counts if you finish it after your prescription was issued, and attended all of it.")
    else:
        yield say("It counts if you attended all of it.")
    yield say("Report it with its certificate of completion.")
    if claims.review_days is not None:
        yield say("It is reviewed within {days}.", days=_days(claims.review_days))


def _biennium(asked: AskedOf) -> Iterator[Sentence]:
    biennium = asked.spec.cqr.biennium
    if biennium is None:
        yield say("This programme asks for no other regular continuing education, so there is nothing to replace.")
        return
    yield say(
        "No. You still earn {credits} in every period of {years}.",
        credits=count_credits(biennium.credits),
        years=_years(biennium.years),
    )
    yield say("But most of what CQR prescribes serves both: an approved activity also counts there if it may.")


def _not_working(asked: AskedOf) -> Iterator[Sentence]:
    yield say("The dates stay the same. Not working in the profession is no exemption, and there are no extensions.")
    yield say(
        "You need not do it all at once: the window is open for {years}, and you can do it from home.",
        years=_years(asked.spec.cqr.window_years),
    )
    yield say("If something keeps you from it, write to us early; we tell you what can be done.")


def _missed(_asked: AskedOf) -> Iterator[Sentence]:
    yield say("If CQR is not complete on the last day of the window, the credential is discontinued the day after.")
    yield say("What you have done is kept. You finish CQR where you are, and then ask to have it reinstated.")
    yield say("Reinstatement goes by the rules in force then.")


ASKED: tuple[tuple[str, Sentence, Answerer], ...] = (
    ("have-to", say("Do I have to do this?"), _do_i_have_to),
    ("when", say("When do I do it?"), _when),
    ("test", say("Is it a test?"), _is_it_a_test),
    ("study", say("Do I study for it?"), _study),
    ("long", say("How long does it take?"), _how_long),
    ("results", say("When do I get my results?"), _results),
    ("prescribed", say("What is prescribed, and why?"), _prescribed),
    ("counts", say("Which continuing education counts?"), _what_counts),
    ("biennium", say("Does it replace my ordinary continuing education?"), _biennium),
    ("ill", say("What if I am ill, or not working?"), _not_working),
    ("missed", say("What if I miss the date?"), _missed),
)
