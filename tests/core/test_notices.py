"""The words of notices: what each kind says, from days as days or as text, and that none speaks of grading."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from ssa_engine.core.notices import DETAILS, REMINDERS, NoticeKind, Page, words_of

JUDGEMENT = re.compile(r"(?i)\b(pass(?:e[sd]|ing)?|fail(?:s|ed|ing|ures?)?|exam(?:s|inations?)?|wrong(?:ly)?)\b")
CT = "Computed Tomography"
EXAMPLES: dict[NoticeKind, dict[str, Any]] = {
    NoticeKind.WINDOW_OPENS_SOON: {"opens_on": "2027-06-01", "due_on": "2030-05-31", "days": 79},
    NoticeKind.WINDOW_OPEN: {"due_on": "2030-05-31"},
    NoticeKind.DUE_SOON: {"due_on": "2030-05-31", "submit_by": "2030-05-17", "days": 90},
    NoticeKind.RESULT_RELEASED: {"credits": 4.5, "submit_by": "2030-05-17"},
    NoticeKind.CLAIM_APPROVED: {"title": "Dose in CT", "credits": 2.5, "open": 2.0},
    NoticeKind.CLAIM_REJECTED: {"title": "Dose in CT", "reason": "The certificate names another person."},
    NoticeKind.CLAIM_MORE_ASKED: {"title": "Dose in CT", "reason": "The second page of the certificate."},
    NoticeKind.COMPLETE: {
        "completed_on": "2029-02-03",
        "code": "K7QF-22MX",
        "next_opens_on": "2037-06-01",
        "next_due_on": "2040-05-31",
    },
    NoticeKind.DISCONTINUED: {"discontinued_on": "2030-06-01"},
    NoticeKind.REINSTATED: {"reinstated_on": "2031-01-15", "next_due_on": "2041-01-14"},
}


def said(kind: NoticeKind, **changed: Any) -> str:
    words = words_of(kind, {"discipline": "CT", **EXAMPLES[kind], **changed}, CT)
    return " ".join([words.subject, *words.paragraphs])


def test_each_kind_names_what_its_words_are_made_of() -> None:
    assert set(DETAILS) == set(EXAMPLES) == set(NoticeKind)
    for kind, needed in DETAILS.items():
        assert needed <= {"discipline", *EXAMPLES[kind]}, kind
        words_of(kind, {name: value for name, value in EXAMPLES[kind].items() if name in needed}, CT)


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_notice_is_short_names_the_discipline_and_judges_nobody(kind: NoticeKind) -> None:
    words = words_of(kind, {"discipline": "CT", **EXAMPLES[kind]}, CT)
    assert CT in words.subject
    assert len(words.subject) <= 90
    assert 2 <= len(words.paragraphs) <= 3
    assert all(re.search(r"[.:?]", one) and len(one) <= 200 for one in words.paragraphs)
    text = " ".join([words.subject, *words.paragraphs, words.action])
    assert JUDGEMENT.findall(text) == []
    assert "!" not in text
    assert re.findall(r"\d{4}-\d\d|\{|\}", text) == []


def test_days_are_written_out_whether_they_come_as_days_or_as_text() -> None:
    as_text = said(NoticeKind.WINDOW_OPENS_SOON)
    assert "opens on 1 June 2027" in as_text
    assert "until 31 May 2030" in as_text
    days = {"opens_on": dt.date(2027, 6, 1), "due_on": dt.date(2030, 5, 31)}
    assert said(NoticeKind.WINDOW_OPENS_SOON, **days) == as_text


def test_a_result_says_how_many_credits_and_gladly_that_there_are_none() -> None:
    assert "You have 4.5 credits to earn and report by 17 May 2030" in said(NoticeKind.RESULT_RELEASED)
    assert "You have 1 credit to earn" in said(NoticeKind.RESULT_RELEASED, credits=1)
    none = said(NoticeKind.RESULT_RELEASED, credits=0.0)
    assert "There is no CE for you to earn" in none
    late = said(NoticeKind.RESULT_RELEASED, is_over=True)
    assert "You have 4.5 credits to earn, in the content areas to strengthen." in late
    assert "17 May" not in late
    assert "17 May" not in none


def test_the_last_day_to_report_is_named_where_there_is_one() -> None:
    assert "by 17 May 2030, so that there is time" in said(NoticeKind.DUE_SOON)
    assert "so that there is time" not in said(NoticeKind.DUE_SOON, submit_by="2030-05-31")


def test_a_reminder_after_the_last_day_to_report_asks_for_no_report_by_a_day_that_is_over() -> None:
    """From 17 to 31 May are 14 days."""
    assert "by 17 May 2030" in said(NoticeKind.DUE_SOON, days=14)
    late = said(NoticeKind.DUE_SOON, days=13)
    assert ("17 May" in late, "Some steps of CQR" in late, "after 31 May 2030 is discontinued" in late) == (
        False, True, True,
    )  # fmt: skip


def test_an_approved_claim_says_what_counts_and_what_is_open() -> None:
    text = said(NoticeKind.CLAIM_APPROVED)
    assert "“Dose in CT” was approved and counts 2.5 credits." in text
    assert "You have 2 credits still to earn" in text
    assert "all your prescribed CE for Computed Tomography is earned" in said(NoticeKind.CLAIM_APPROVED, open=0.0)


def test_who_completes_after_the_end_is_told_what_is_left_and_no_date_that_does_not_hold() -> None:
    assert "Your next window opens on 1 June 2037, and CQR is then due by 31 May 2040." in said(NoticeKind.COMPLETE)
    late = said(NoticeKind.COMPLETE, to_reinstate=True)
    assert "You can now ask to have it reinstated." in late
    assert "K7QF-22MX" in late
    assert ("nothing more" in late, "2037" in late, "2040" in late) == (False, False, False)


def test_who_completed_before_they_were_told_of_the_discontinuation_is_not_asked_to_complete() -> None:
    assert "complete CQR, then reinstate" in said(NoticeKind.DISCONTINUED)
    late = said(NoticeKind.DISCONTINUED, is_complete=True)
    assert ("complete CQR, then" in late, "still open" in late) == (False, False)
    assert "You can now ask to have it reinstated." in late


def test_what_people_wrote_is_said_as_they_wrote_it_and_stays_in_its_line() -> None:
    words = words_of(
        NoticeKind.CLAIM_REJECTED,
        {"title": "Dose\r\nBcc: {reason}", "reason": " Not {coded}\n\nyet. "},
        CT,
    )
    assert (
        words.paragraphs[0] == "We have looked at “Dose Bcc: {reason}”, and it cannot be counted for your prescription."
    )
    assert words.paragraphs[1] == "The reason: Not {coded} yet."


def test_each_notice_leads_to_where_the_next_step_is() -> None:
    pages = {kind: words_of(kind, EXAMPLES[kind], CT).page for kind in NoticeKind}
    assert pages.pop(NoticeKind.RESULT_RELEASED) is Page.RESULT
    claims = {NoticeKind.CLAIM_APPROVED, NoticeKind.CLAIM_REJECTED, NoticeKind.CLAIM_MORE_ASKED}
    assert {kind for kind, page in pages.items() if page is Page.CE} == claims
    assert {page for kind, page in pages.items() if kind not in claims} == {Page.DASHBOARD}


def test_reminders_are_what_comes_before_a_day() -> None:
    assert {"window_opens_soon", "due_soon"} == REMINDERS
