"""The prescription letter: who, what, why, by when, how to go on; and the letter that asks nothing."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from ssa_engine.core.policies import CreditRule
from ssa_engine.core.prescription_letters import Letter
from ssa_engine.core.programmes import CqrRules
from tests.core.letters import AREAS, DAYS, NO_GAP, POLICY, RULES, letter

BARE = CqrRules(time_limited_from=None, period_years=10, window_years=3)


def section(found: Letter, heading: str) -> list[str]:
    return [str(text) for one in found.sections if one.heading == heading for text in one.paragraphs]


def test_the_letter_says_who_is_asked_for_what_and_why() -> None:
    found = letter()
    assert (found.title, found.greeting) == ("Your prescription in Computed Tomography", "Dear Ann Example,")
    assert found.opening == (
        "Your Structured Self-Assessment in Computed Tomography, submitted on 10 March 2027, shows where continuing "
        "education will help you most. You are asked to earn 4.5 credits by 18 May 2028, in the content areas below "
        "and in no others."
    )
    assert found.heads == ("Content area", "Why", "Credits")
    assert found.rows == (
        ("Radiation Safety and Dose", AREAS[0].sentence, "3"),
        ("Image Formation", AREAS[1].sentence, "1.5"),
    )
    assert found.total == ("In all", "4.5")


def test_it_says_how_the_credits_came_about_and_that_the_limit_held_them() -> None:
    assert section(letter(), "How the credits came about") == [
        "An area below its standard is worth 3 credits.",
        "All areas together are never more than 4.5 credits, largest gap first.",
        "Area by area it would have been 6 credits; the total limit leaves 4.5 credits.",
    ]
    within = letter(areas=AREAS[:1])
    assert section(within, "How the credits came about")[-1].startswith("All areas together are never more than 4.5")
    unlimited = POLICY.model_copy(update={"credits": CreditRule(rule="per_item", credits=0.7, step=0.5)})
    assert section(letter(policy=unlimited), "How the credits came about") == [
        "Each question short of the standard is worth 0.7 credits.",
        "The sum of an area is rounded up to a multiple of 0.5 credits.",
    ]


def test_it_says_how_to_go_on_by_the_rules_of_the_programme() -> None:
    assert section(letter(), "How to go on") == [
        "Choose activities whose credits fall on these content areas. Your pages list them and say how much of your "
        "prescription each of them fills.",
        "An activity counts if you finish it after this prescription was issued.",
        "Report each activity with its certificate of completion, at the latest on 18 May 2028, so that there is time "
        "to review it.",
        "What you report is reviewed within 14 days.",
        "When every area is filled, CQR is complete. The last day is 1 June 2028.",
        "Your ordinary continuing education goes on beside it: CQR does not replace it.",
    ]
    claims = RULES.claims.model_copy(update={"only_after_prescription": False, "review_days": 1})
    other = section(letter(rules=RULES.model_copy(update={"claims": claims, "biennium": None})), "How to go on")
    assert [text.split(" ")[0] for text in other] == ["Choose", "Report", "What", "When"]
    assert other[2] == "What you report is reviewed within 1 day."


def test_after_the_last_day_to_report_it_names_no_day_that_is_over() -> None:
    found = letter(days=replace(DAYS, submitted_on=dt.date(2028, 7, 1), written_on=dt.date(2028, 7, 2)))
    assert found.opening.endswith("You are asked to earn 4.5 credits, in the content areas below and in no others.")
    told = section(found, "How to go on")
    assert told[2] == "Report each activity with its certificate of completion."
    assert told[4] == "When every area is filled, CQR is complete."
    on_the_day = letter(days=replace(DAYS, written_on=DAYS.submit_by))
    assert "by 18 May 2028" in str(on_the_day.opening)


def test_it_names_whom_to_ask_if_the_programme_does() -> None:
    lines = ["Board of Samples", "help@board.example", "555-0100", "8 to 4"]
    assert section(letter(), "If you have a question") == lines
    assert [one.heading for one in letter(rules=BARE).sections] == ["How the credits came about", "How to go on"]


def test_without_a_gap_it_says_so_gladly() -> None:
    found = letter(areas=NO_GAP)
    assert (found.title, found.rows) == ("Nothing is prescribed in Computed Tomography", ())
    assert found.opening.endswith("It is the best result there is, and we are glad to tell you so.")
    assert [one.heading for one in found.sections] == ["How to go on", "If you have a question"]
    assert section(found, "How to go on") == [
        "Your start page shows whether anything else is left before CQR is complete.",
        "Your ordinary continuing education goes on beside it: CQR does not replace it.",
    ]


def test_it_does_not_judge() -> None:
    for found in (letter(), letter(areas=NO_GAP)):
        said = [found.title, found.opening, *(text for one in found.sections for text in one.paragraphs)]
        assert re.findall(r"\b(pass\w*|fail\w*|exams?|wrong\w*)\b|!", " ".join(said), re.IGNORECASE) == []
