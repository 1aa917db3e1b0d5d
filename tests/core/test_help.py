"""Questions and answers: they come from the rules of a programme, and change when a rule does."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.help import AskedOf, Question, questions
from ssa_engine.core.programmes import BienniumRules, ClaimRules, CqrRules, NoticeRules, ProfileRules

day = dt.date
OURS = CqrRules(
    time_limited_from=day(2011, 1, 1),
    period_years=10,
    window_years=3,
    results_days=14,
    notices=NoticeRules(before_opening_days=(90,)),
    claims=ClaimRules(submit_by_days=14, review_days=14),
    biennium=BienniumRules(),
)
OTHER = CqrRules(
    time_limited_from=None,
    period_years=5,
    window_years=1,
    results_days=1,
    profile=ProfileRules(minutes=1),
    claims=ClaimRules(only_after_prescription=False, review_days=1),
    biennium=BienniumRules(years=1, credits=1.0),
)
BARE = CqrRules(time_limited_from=None, period_years=10, window_years=3)


@pytest.fixture
def spec(library: Library) -> ContentSpec:
    return library.spec("CT")


def under(spec: ContentSpec, rules: CqrRules, **changes: Any) -> ContentSpec:
    return spec.model_copy(update={"cqr": rules, **changes})


def said(found: tuple[Question, ...], id_: str) -> str:
    [question] = [one for one in found if one.id == id_]
    assert {answer.disciplines for answer in question.answers} == {()}
    return " ".join(sentence for answer in question.answers for sentence in answer.sentences)


OF_OURS = {
    "when": "In the last 3 years of each period of 10 years, which is called the window. Before it opens nothing can "
    "be done. We write to you before the window opens, and again when it does. Everything is to be complete on the "
    "last day of the window, and continuing education reported at least 14 days before it, so that there is time to "
    "review it. There are no extensions.",
    "results": "Within 14 days of submitting. We write to you, and it appears on your start page.",
    "biennium": "No. You still earn 24 credits in every period of 2 years. But most of what CQR prescribes serves "
    "both: an approved activity also counts there if it may.",
}
OF_OTHER = {
    "when": "In the last 1 year of each period of 5 years, which is called the window. Before it opens nothing can be "
    "done. We write to you when the window opens. Everything is to be complete on the last day of the window. There "
    "are no extensions.",
    "results": "Within 1 day of submitting. We write to you, and it appears on your start page.",
    "biennium": "No. You still earn 1 credit in every period of 1 year. But most of what CQR prescribes serves both: "
    "an approved activity also counts there if it may.",
}


@pytest.mark.parametrize(("rules", "expected"), [(OURS, OF_OURS), (OTHER, OF_OTHER)])
def test_the_answers_follow_the_rules(spec: ContentSpec, rules: CqrRules, expected: dict[str, str]) -> None:
    found = questions([AskedOf(under(spec, rules))])
    assert {id_: said(found, id_) for id_ in expected} == expected


def test_whether_one_has_to_follows_from_the_day_it_was_earned(spec: ContentSpec) -> None:
    ours = under(spec, OURS)
    late = said(questions([AskedOf(ours, day(2018, 6, 1))]), "have-to")
    assert late.startswith("Yes. You earned yours on 1 June 2018, so it has a time limit.")
    early = said(questions([AskedOf(ours, day(2010, 12, 31))]), "have-to")
    assert early.startswith("No. You earned yours on 31 December 2010, and it has no time limit.")
    rule = "A credential earned on 1 January 2011 or later is held for 10 years; an earlier one has no time limit, and"
    assert rule in late
    always = said(questions([AskedOf(under(spec, OTHER))]), "have-to")
    assert always.startswith("Every credential of this kind is held for 5 years.")


def test_how_long_it_takes_counts_questions_and_minutes(spec: ContentSpec) -> None:
    count = "The self-assessment has 80 questions, and 100 minutes are allowed for them."
    found = said(questions([AskedOf(under(spec, OTHER, profile=spec.profile))]), "long")
    assert ("The professional profile takes about 1 minute. " in found) == (spec.profile is not None)
    assert count in found
    assert said(questions([AskedOf(under(spec, OURS, profile=None))]), "long").startswith(count)


def test_what_counts_follows_the_rules_for_claims(spec: ContentSpec) -> None:
    ours, other = (said(questions([AskedOf(under(spec, rules))]), "counts") for rules in (OURS, OTHER))
    assert "if you finish it after your prescription was issued, and attended all of it." in ours
    assert "It is reviewed within 14 days." in ours
    assert "It counts if you attended all of it." in other
    assert "It is reviewed within 1 day." in other


def test_where_the_programme_has_no_rule_nothing_is_promised(spec: ContentSpec) -> None:
    found = questions([AskedOf(under(spec, BARE))])
    assert said(found, "results").startswith("We write to you as soon as your result is there")
    assert "reviewed" not in said(found, "counts")
    assert said(found, "biennium").startswith("This programme asks for no other regular continuing education")


def test_an_answer_that_differs_names_its_disciplines(library: Library) -> None:
    one, two = under(library.spec("CT"), OURS), under(library.spec("MRI"), OTHER)
    found = {question.id: question for question in questions([AskedOf(one), AskedOf(two)])}
    results = found["results"].answers
    assert [answer.disciplines for answer in results] == [(one.name,), (two.name,)]
    assert " ".join(results[1].sentences) == OF_OTHER["results"]
    assert [answer.disciplines for answer in found["missed"].answers] == [()]
    when = found["when"].answers
    assert [answer.disciplines for answer in when] == [(one.name,), (two.name,), ()]
    assert when[2].sentences == ("There are no extensions.",)


def test_what_holds_for_all_is_said_once_and_first_where_the_answer_begins_with_it(library: Library) -> None:
    one, two = under(library.spec("CT"), OURS), under(library.spec("MRI"), OURS)
    held = [AskedOf(one, day(2018, 6, 1)), AskedOf(two, day(2009, 2, 28))]
    found = {question.id: question.answers for question in questions(held)}
    assert [answer.disciplines for answer in found["have-to"]] == [(one.name,), (two.name,), ()]
    assert found["have-to"][2].sentences[0].startswith("A credential earned on 1 January 2011 or later is held")
    without = under(library.spec("MRI"), OURS, profile=None)
    test = {question.id: question.answers for question in questions([AskedOf(one), AskedOf(without)])}["test"]
    assert test[0].disciplines == ()
    assert test[0].sentences[0].startswith("No. There is no overall mark")


def test_every_question_is_answered_and_none_judges(spec: ContentSpec) -> None:
    found = questions([AskedOf(under(spec, OURS))])
    assert [one.id for one in found] == [
        "have-to",
        "when",
        "test",
        "study",
        "long",
        "results",
        "prescribed",
        "counts",
        "biennium",
        "ill",
        "missed",
    ]
    every = " ".join([one.words + " " + said(found, one.id) for one in found])
    assert re.findall(r"\b(pass\w*|fail\w*|exams?|wrong\w*)\b|!", every, re.IGNORECASE) == []
    assert questions([]) == ()
