"""The checklist in words: what is next and by when, the days left, the five steps and their notes."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from ssa_engine.core.checklist_words import days_left, steps, what_is_next
from ssa_engine.core.checklists import ProfileStage, Standing, Work
from ssa_engine.core.ledger import ledger
from ssa_engine.core.milestones import milestones
from ssa_engine.core.programmes import ProfileRules
from tests.core.works import RULES, TODAY, day, discontinued, work

NEXT = {
    Standing.NOT_SUBJECT: "CT has no time limit. There is nothing to do.",
    Standing.NOT_YET: "Nothing to do yet. The window for CT opens on 1 June 2025.",
    Standing.NO_BANK: "The CT assessment is being prepared. You have until 1 June 2028.",
    Standing.OPEN: "Take the CT self-assessment by 1 June 2028.",
    Standing.IN_PROGRESS: "Go on with your CT self-assessment. Your clock is running.",
    Standing.TIME_UP: "The time for your CT self-assessment is over. Submit what was saved.",
    Standing.SUBMITTED: "Your CT self-assessment is submitted. Your result will appear here by 24 March 2027.",
    Standing.PRESCRIBED: "Earn 3 credits of continuing education for CT, and report what you finish by 18 May 2028.",
    Standing.FILLED: "Everything is done for CT. It is being recorded, and there is nothing left for you to do.",
    Standing.COMPLETE: "CQR complete for CT. There is nothing to do until your next window opens on 1 June 2035.",
}
REGAIN = {
    Standing.NO_BANK: "take the self-assessment, which is being prepared",
    Standing.OPEN: "take the self-assessment",
    Standing.IN_PROGRESS: "go on with your self-assessment; your clock is running",
    Standing.TIME_UP: "submit what was saved of your self-assessment",
    Standing.SUBMITTED: "wait for your result, which will appear here",
    Standing.PRESCRIBED: "earn 3 credits of continuing education and report what you finish",
    Standing.FILLED: "ask for its reinstatement",
}
STEPS = {
    Standing.NOT_SUBJECT: "done later later later later",
    Standing.NOT_YET: "done later later later later",
    Standing.NO_BANK: "done later later later later",
    Standing.OPEN: "done now later later later",
    Standing.IN_PROGRESS: "done now later later later",
    Standing.TIME_UP: "done now later later later",
    Standing.SUBMITTED: "done done now later later",
    Standing.PRESCRIBED: "done done done now later",
    Standing.FILLED: "done done done done now",
    Standing.COMPLETE: "done done done done done",
}
LABELS = ["Professional profile", "Structured Self-Assessment", "Results", "Prescribed CE", "CQR complete"]


def states(found: Work) -> str:
    return " ".join(step.state for step in steps(found))


def notes(found: Work) -> list[str]:
    return [step.note for step in steps(found)]


@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_has_its_sentence_and_its_five_steps(standing: Standing) -> None:
    found = work(standing)
    assert what_is_next(found) == NEXT[standing]
    assert [step.label for step in steps(found)] == LABELS
    assert states(found) == STEPS[standing]


@pytest.mark.parametrize("standing", list(REGAIN))
def test_a_discontinued_credential_is_told_how_to_regain_it(standing: Standing) -> None:
    found = discontinued(standing)
    expected = f"Your CT credential was discontinued on 2 June 2028. To regain it, {REGAIN[standing]}."
    assert what_is_next(found) == expected
    assert (days_left(found), found.deadline) == (None, None)
    assert states(found) == STEPS[standing]


def test_a_discontinued_credential_that_is_complete_waits_to_be_reinstated() -> None:
    assert what_is_next(discontinued(Standing.COMPLETE)) == (
        "CQR is complete for CT. Your credential was discontinued on 2 June 2028; what is left is to ask for its "
        "reinstatement."
    )


def test_after_a_reinstatement_nothing_is_to_be_done_until_the_next_window() -> None:
    assert what_is_next(work(Standing.NOT_YET, reinstated_on=day(2018, 6, 1))) == (
        "Your CT credential was reinstated on 1 June 2018. There is nothing to do until the next window opens on "
        "1 June 2025."
    )


PROFILE = {
    (Standing.OPEN, ProfileStage.TO_DO): (
        "Begin with your professional profile for CT. You have until 1 June 2028.",
        "now later later later later",
    ),
    (Standing.OPEN, ProfileStage.UNDER_WAY): (
        "Go on with your professional profile for CT. You have until 1 June 2028.",
        "now later later later later",
    ),
    (Standing.NO_BANK, ProfileStage.TO_DO): (
        "The CT assessment is being prepared. Meanwhile you can do your professional profile. You have until "
        "1 June 2028.",
        "now later later later later",
    ),
    (Standing.SUBMITTED, ProfileStage.TO_DO): (
        NEXT[Standing.SUBMITTED] + " Meanwhile you can do your professional profile.",
        "now done later later later",
    ),
    (Standing.PRESCRIBED, ProfileStage.TO_DO): (NEXT[Standing.PRESCRIBED], "later done done now later"),
    (Standing.FILLED, ProfileStage.UNDER_WAY): (
        "Nothing prescribed is open for CT. Your professional profile is what is left, by 1 June 2028.",
        "now done done done later",
    ),
}


@pytest.mark.parametrize(("standing", "stage"), list(PROFILE))
def test_a_profile_that_is_still_to_be_done_has_its_place(standing: Standing, stage: ProfileStage) -> None:
    found = work(standing, profile=stage)
    assert (what_is_next(found), states(found)) == PROFILE[standing, stage]
    assert notes(found)[0] == ("Under way" if stage is ProfileStage.UNDER_WAY else "About 20 minutes")


def test_the_minutes_of_the_profile_are_those_of_the_programme() -> None:
    rules = RULES.model_copy(update={"profile": ProfileRules(minutes=1)})
    assert notes(work(Standing.OPEN, profile=ProfileStage.TO_DO, rules=rules))[0] == "About 1 minute"


def test_without_a_profile_there_are_four_steps() -> None:
    found = work(Standing.OPEN, profile=ProfileStage.NONE)
    assert [step.label for step in steps(found)] == LABELS[1:]
    assert states(found) == "now later later later"


@pytest.mark.parametrize("standing", list(Standing))
def test_no_standing_judges(standing: Standing) -> None:
    for found in (work(standing), discontinued(standing), work(standing, profile=ProfileStage.TO_DO)):
        said = [what_is_next(found), days_left(found) or "", *(one.words for one in milestones(found))]
        said += [f"{step.label} {step.note}" for step in steps(found)]
        assert re.findall(r"\b(pass\w*|fail\w*|exams?|wrong\w*)\b", " ".join(said), re.IGNORECASE) == []


def test_a_promise_that_was_not_kept_is_said() -> None:
    on_the_day, late = (work(Standing.SUBMITTED, today=day(2027, 3, number)) for number in (24, 25))
    assert what_is_next(on_the_day) == NEXT[Standing.SUBMITTED]
    assert what_is_next(late) == (
        "Your CT self-assessment is submitted. Your result was promised by 24 March 2027 and is late; we are working "
        "on it."
    )
    nothing_promised = work(Standing.SUBMITTED, rules=RULES.model_copy(update={"results_days": None}))
    assert what_is_next(nothing_promised) == "Your CT self-assessment is submitted. Your result will appear here."


@pytest.mark.parametrize(
    ("waiting", "today", "sentence", "note"),
    [
        (
            [{"a": 1.0}],
            TODAY,
            "Earn 2 credits of continuing education for CT, and report what you finish by 18 May 2028. Waiting for "
            "review: 1 credit.",
            "1.5 of 4.5 credits filled; waiting for review: 1 credit",
        ),
        (
            [{"a": 2.0, "b": 4.0}],
            TODAY,
            "What you reported for CT is being reviewed. If it is approved, everything prescribed is filled.",
            "1.5 of 4.5 credits filled; waiting for review: 3 credits",
        ),
        ([], day(2028, 5, 18), NEXT[Standing.PRESCRIBED], "1.5 of 4.5 credits filled"),
        (
            [],
            day(2028, 5, 19),
            "The last day to report for CT was 18 May 2028. Still open: 3 credits. Ask now what you can still do.",
            "1.5 of 4.5 credits filled",
        ),
        (
            [{"a": 1.0}],
            day(2028, 5, 19),
            "The last day to report for CT was 18 May 2028. Still to earn: 2 credits. Waiting for review: 1 credit. "
            "Ask now what you can still do.",
            "1.5 of 4.5 credits filled; waiting for review: 1 credit",
        ),
        (
            [{"a": 2.0, "b": 1.0}],
            day(2028, 5, 19),
            "What you reported for CT is being reviewed. If it is approved, everything prescribed is filled.",
            "1.5 of 4.5 credits filled; waiting for review: 3 credits",
        ),
    ],
)
def test_what_is_open_and_what_waits_for_review_is_said(
    waiting: list[dict[str, float]], today: dt.date, sentence: str, note: str
) -> None:
    filled = ledger({"a": 3.0, "b": 1.5}, [{"a": 1.0, "b": 0.5}], waiting)
    found = work(Standing.PRESCRIBED, ledger=filled, today=today)
    assert (what_is_next(found), notes(found)[3]) == (sentence, note)


@pytest.mark.parametrize(
    ("waiting", "step"),
    [
        (
            {"a": 1.0},
            "earn 2 credits of continuing education and report what you finish (waiting for review: 1 credit)",
        ),
        ({"a": 2.0, "b": 1.0}, "wait until what you reported has been reviewed"),
    ],
)
def test_to_regain_a_credential_nothing_is_earned_twice(waiting: dict[str, float], step: str) -> None:
    found = discontinued(Standing.PRESCRIBED, ledger=ledger({"a": 3.0, "b": 1.5}, [{"a": 1.0, "b": 0.5}], [waiting]))
    assert what_is_next(found) == f"Your CT credential was discontinued on 2 June 2028. To regain it, {step}."


def test_the_notes_of_the_steps_say_when_and_how_much() -> None:
    assert notes(work(Standing.OPEN)) == ["", "", "", "", ""]
    assert notes(work(Standing.IN_PROGRESS))[1] == "Under way"
    assert notes(work(Standing.TIME_UP))[1] == "Its time is over"
    scored = work(Standing.SUBMITTED, ledger=ledger({"a": 12.0}, []))  # known here, and shown by its release
    for waiting in (work(Standing.SUBMITTED), scored):
        assert notes(waiting) == ["", "Submitted on 10 March 2027", "Promised by 24 March 2027", "", ""]
    assert notes(work(Standing.FILLED))[1:4] == ["Submitted on 10 March 2027", "Since 13 March 2027", "None prescribed"]
    assert notes(work(Standing.COMPLETE))[4] == "On 14 March 2027"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (work(Standing.NOT_SUBJECT), None),
        (work(Standing.COMPLETE), None),
        (work(Standing.NOT_YET, today=day(2025, 5, 30)), "Opens in 2 days"),
        (work(Standing.NOT_YET, today=day(2025, 5, 31)), "Opens in 1 day"),
        (work(Standing.OPEN), "445 days left in your window"),  # 366 to 14 March 2028, then 17 + 30 + 31 + 1
        (work(Standing.OPEN, today=day(2028, 5, 31)), "1 day left in your window"),
        (work(Standing.OPEN, today=day(2028, 6, 1)), "Today is the last day of your window"),
        (work(Standing.PRESCRIBED, today=day(2028, 5, 8)), "10 days left to report"),
        (work(Standing.PRESCRIBED, today=day(2028, 5, 18)), "Today is the last day to report"),
        (work(Standing.PRESCRIBED, today=day(2028, 5, 19)), "13 days left in your window"),
    ],
)
def test_the_days_left_are_counted(found: Work, words: str | None) -> None:
    assert days_left(found) == words
