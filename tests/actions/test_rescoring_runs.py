"""Applying and reverting a rescoring: by hand-worked marks, credits that stay, interruption, two at once, letters."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.actions import exports, increases, rescoring_notes, rescoring_reports, rescoring_runs
from ssa_engine.core.attempts import State
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.rescorings import RescoringState
from ssa_engine.storage import frames
from ssa_engine.storage.console_tables import notices, rescored_attempts
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import prescriptions, results
from tests.actions.rescoring_cohort import Cohort, answers_of, cohort_in
from tests.factories import Clock


@pytest.fixture
def cohort(db: Database, clock: Clock) -> Cohort:
    """A cohort of nobody."""
    return cohort_in(db, clock)


def letters(cohort: Cohort, attempt: int) -> list[tuple[str, dict[str, object]]]:
    """Kind and details of what was written about an attempt, in order."""
    with cohort.db.read() as connection:
        rows = connection.execute(sa.select(notices).order_by(notices.c.id)).all()
    return [(row.kind, json.loads(row.details)) for row in rows if row.attempt_id == attempt]


def test_a_new_key_scores_everybody_again_beside_the_old_result(cohort: Cohort) -> None:
    gains = cohort.sit(answers_of({"a": 0, "b": 3}, a_0="b"))  # a-0 has the key a; b is what comes to count
    loses = cohort.sit(answers_of({"a": 3, "b": 3}))
    stays = cohort.sit(answers_of({"a": 3, "b": 3}, a_0="c", a_3="d"))
    session = cohort.apply(("a-0", "key", "b"))
    assert session.state is RescoringState.APPLIED
    # 0 of 4 is 3 short; with one right it is 2 short: from 3 credits down to 2.
    assert cohort.versions(gains) == [
        (1, "submission", {"a": (0, 4, 3, 0), "b": (3, 4, 0, 0)}),
        (2, "rescoring", {"a": (1, 4, 2, 0), "b": (3, 4, 0, 0)}),
    ]
    # 3 of 4 meets the standard; 2 of 4 is 1 short, which would be a credit more: it waits.
    assert cohort.versions(loses) == [
        (1, "submission", {"a": (3, 4, 0, 0), "b": (3, 4, 0, 0)}),
        (2, "rescoring", {"a": (2, 4, 0, 0), "b": (3, 4, 0, 0)}),
    ]
    assert len(cohort.versions(stays)) == 1
    with cohort.db.read() as connection:
        waiting = increases.waiting(connection, session.id, cohort.clock())
    assert waiting[["attempt_id", "content_area", "credits", "credits_if_accepted"]].to_numpy().tolist() == [
        [loses, "a", 0.0, 1.0]
    ]


def test_full_credit_is_for_a_missing_answer_too_and_a_dropped_item_counts_for_nobody(cohort: Cohort) -> None:
    blank = cohort.sit(answers_of({"a": 1, "b": 3}, a_3=None))
    cohort.apply(("a-3", "full_credit", ""), ("b-0", "drop", ""))
    assert cohort.versions(blank)[-1][2] == {"a": (2, 4, 1, 0), "b": (2, 3, 0, 0)}
    # Three quarters of 3 items is 2.25, so 3 are needed and 2 are 1 short; it was none before, so that waits.
    session = cohort.apply(("b-0", "re_add", ""))
    assert cohort.versions(blank)[-1][2] == {"a": (2, 4, 1, 0), "b": (3, 4, 0, 0)}
    assert cohort.revert(session).state is RescoringState.REVERTED
    assert cohort.versions(blank)[-1][1:] == ("revert", {"a": (2, 4, 1, 0), "b": (2, 3, 0, 0)})


def test_completed_credits_stay_and_the_rest_is_taken_back(cohort: Cohort) -> None:
    attempt = cohort.sit(answers_of({"a": 0, "b": 3}))
    cohort.complete(attempt, "claim 1", a=1.5)
    cohort.complete(attempt, "claim 2", a=1.0, b=4.0)  # more than was asked in b
    session = cohort.apply(("a-0", "full_credit", ""), ("a-1", "full_credit", ""), ("a-2", "full_credit", ""))
    # By its new score of 3 of 4 the area would ask nothing; 2.5 of the 3 credits are completed.
    assert cohort.versions(attempt)[-1] == (2, "rescoring", {"a": (3, 4, 2.5, 2.5), "b": (3, 4, 0, 0)})
    with cohort.db.read() as connection:
        row = frames.prescription_frame(connection).to_dict("records")
    assert [(one["content_area"], one["credits"], one["credits_filled"]) for one in row] == [("a", 2.5, 2.5)]
    cohort.revert(session)
    assert cohort.versions(attempt)[-1] == (3, "revert", {"a": (0, 4, 3, 2.5), "b": (3, 4, 0, 0)})
    assert cohort.completed(attempt) == {"a": 2.5, "b": 4.0}


def test_what_is_kept_leaves_less_room_under_the_total_limit(db: Database, clock: Clock) -> None:
    cohort = cohort_in(db, clock, total_cap=3)
    attempt = cohort.sit(answers_of({"a": 0, "b": 3}))
    cohort.complete(attempt, "claim", a=2.0)
    session = cohort.apply(
        *((f"a-{n}", "full_credit", "") for n in range(4)), *((f"b-{n}", "key", "d") for n in (0, 1, 2))
    )
    # a falls to nothing but keeps 2; b comes to 0 of 4 (b-3 has the key d too, and was missed), so to 3, of which
    # the limit of 3 leaves 1.
    assert cohort.versions(attempt)[-1][2] == {"a": (4, 4, 2, 2), "b": (0, 4, 0, 0)}
    assert increases.accept(cohort.db, cohort.banks, session.id, attempts=None, who="ingrid", now=clock()) == 1
    assert cohort.versions(attempt)[-1] == (3, "increase", {"a": (4, 4, 2, 2), "b": (0, 4, 1, 0)})


def test_the_prescription_goes_on_with_its_dates(cohort: Cohort) -> None:
    prescribed = cohort.sit(answers_of({"a": 0, "b": 3}))
    none = cohort.sit(answers_of({"a": 3, "b": 3}))
    issued = cohort.clock()
    cohort.clock.advance(days=40)
    session = cohort.apply(("a-0", "key", "b"))
    increases.accept(cohort.db, cohort.banks, session.id, attempts=[none], who="ingrid", now=cohort.clock())
    query = (
        sa.select(results.c.attempt_id, results.c.version, prescriptions.c.issued_at, prescriptions.c.due_on)
        .join(results, results.c.id == prescriptions.c.result_id)
        .order_by(results.c.attempt_id, results.c.version)
    )
    with cohort.db.read() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    due = found[0][3]
    assert found == [
        (prescribed, 1, issued, due),
        (prescribed, 2, issued, due),
        (none, 3, issued, due),  # as of the first result: what was earned since then counts
    ]


def test_a_decision_is_made_once_and_by_a_person_with_a_reason_to_decline(cohort: Cohort) -> None:
    first, second, third = (cohort.sit(answers_of({"a": 3, "b": 3})) for _ in range(3))
    session = cohort.apply(("a-0", "key", "b"))
    given: dict[str, Any] = {"who": "ingrid", "now": cohort.clock()}
    with pytest.raises(Invalid, match=r"^Say why the increase is declined"):
        increases.decline(cohort.db, cohort.banks, session.id, attempts=[first], reason=" ", **given)
    assert increases.decline(cohort.db, cohort.banks, session.id, attempts=[first], reason="too late", **given) == 1
    assert increases.accept(cohort.db, cohort.banks, session.id, attempts=[second], **given) == 1
    for attempt in (first, second):
        with pytest.raises(Conflict, match=f"The increase of attempt {attempt} does not wait any more"):
            increases.accept(cohort.db, cohort.banks, session.id, attempts=[attempt], **given)
    assert [cohort.credits(one)["a"] for one in (first, second, third)] == [0, 1, 0]
    cohort.revert(session)
    assert [cohort.credits(one)["a"] for one in (first, second, third)] == [0, 0, 0]
    with cohort.db.read() as connection:
        rows = connection.execute(sa.select(rescored_attempts).order_by(rescored_attempts.c.attempt_id)).all()
    assert [(row.decision, row.decision_reason) for row in rows] == [
        ("declined", "too late"),
        ("accepted", ""),
        ("declined", rescoring_notes.REVERTED),
    ]


def test_the_files_agree_with_each_other_before_during_and_after(cohort: Cohort) -> None:
    for right in range(5):
        cohort.sit(answers_of({"a": right, "b": 4 - right}))
    session = cohort.session(("a-0", "key", "b"), ("b-1", "drop", ""), ("a-2", "full_credit", ""))

    def agree() -> None:
        with cohort.db.read() as connection:
            scores = frames.area_score_frame(connection)
            marked = exports.marked_responses(connection, cohort.banks, None)
        counted = marked[marked["scored"]].groupby(["attempt_id", "content_area"])
        both = scores.set_index(["attempt_id", "content_area"])
        assert counted["credit"].sum().to_dict() == both["points"].to_dict()
        assert counted.size().to_dict() == both["items"].to_dict()
        versions = scores.drop_duplicates("attempt_id").set_index("attempt_id")["key_version"].to_dict()
        assert marked.drop_duplicates("attempt_id").set_index("attempt_id")["key_version"].to_dict() == versions

    agree()
    by: dict[str, Any] = {"who": "ingrid", "now": cohort.clock()}
    rescoring_runs.BATCH, usual = 2, rescoring_runs.BATCH
    try:
        for state in (RescoringState.APPLYING, RescoringState.APPLYING, RescoringState.APPLIED):
            done = rescoring_runs.apply(cohort.db, cohort.banks, session.id, at_most=2, **by)
            assert done.state is state
            agree()
        done = rescoring_runs.revert(cohort.db, cohort.banks, session.id, reason="x", at_most=2, **by)
        assert done.state is RescoringState.REVERTING
        agree()
        cohort.revert(session)
        agree()
    finally:
        rescoring_runs.BATCH = usual


def test_an_interrupted_session_goes_on_and_nobody_gets_a_second_version(cohort: Cohort) -> None:
    attempts = [cohort.sit(answers_of({"a": 0, "b": 3}, a_0="b")) for _ in range(5)]
    session = cohort.session(("a-0", "key", "b"))
    by: dict[str, Any] = {"who": "ingrid", "now": cohort.clock()}

    def stop(done: int, total: int) -> None:
        assert (done, total) == (2, 5)
        raise KeyboardInterrupt

    rescoring_runs.BATCH, usual = 2, rescoring_runs.BATCH
    try:
        with pytest.raises(KeyboardInterrupt):
            rescoring_runs.apply(cohort.db, cohort.banks, session.id, watch=stop, **by)
        assert [len(cohort.versions(one)) for one in attempts] == [2, 2, 1, 1, 1]
        watched: list[tuple[int, int]] = []
        rescoring_runs.apply(
            cohort.db, cohort.banks, session.id, watch=lambda done, total: watched.append((done, total)), **by
        )
        assert watched == [(2, 3), (3, 3)]
    finally:
        rescoring_runs.BATCH = usual
    for _ in range(2):
        assert [len(cohort.versions(one)) for one in attempts] == [2] * 5
        rescoring_runs.apply(cohort.db, cohort.banks, session.id, **by)
    assert [len(letters(cohort, one)) for one in attempts] == [1] * 5


def test_two_who_apply_and_two_who_revert_at_once_do_no_harm(cohort: Cohort) -> None:
    attempts = [cohort.sit(answers_of({"a": right, "b": 3}, a_0="b")) for right in (0, 1, 2, 0, 1, 2)]
    session = cohort.session(("a-0", "key", "b"))
    barrier = Barrier(2)
    rescoring_runs.BATCH, usual = 1, rescoring_runs.BATCH

    def one_of_two(verb: str) -> RescoringState:
        barrier.wait(timeout=30)
        by: dict[str, Any] = {"who": verb, "now": cohort.clock()}
        if verb == "apply":
            return rescoring_runs.apply(cohort.db, cohort.banks, session.id, **by).state
        return rescoring_runs.revert(cohort.db, cohort.banks, session.id, reason="x", **by).state

    try:
        with ThreadPoolExecutor(2) as pool:
            assert set(pool.map(one_of_two, ["apply"] * 2)) == {RescoringState.APPLIED}
            assert [len(cohort.versions(one)) for one in attempts] == [2] * 6
            assert set(pool.map(one_of_two, ["revert"] * 2)) == {RescoringState.REVERTED}
    finally:
        rescoring_runs.BATCH = usual
    assert [len(cohort.versions(one)) for one in attempts] == [3] * 6


def test_only_who_has_seen_the_result_and_sees_a_change_is_told(cohort: Cohort) -> None:
    told = cohort.sit(answers_of({"a": 0, "b": 3}, a_0="b"))
    unreleased = cohort.sit(answers_of({"a": 0, "b": 3}, a_0="b"), State.SUBMITTED)
    same_points = cohort.sit(answers_of({"a": 1, "b": 3}, a_1="c"))  # loses a-0 and gains a-1
    untouched = cohort.sit(answers_of({"a": 0, "b": 3}, a_0="c", a_1="a"))
    session = cohort.session(("a-0", "key", "b"), ("a-1", "key", "c"))
    figures = rescoring_reports.preview(cohort.db, cohort.banks, session.id, cohort.clock()).figures
    rescoring_runs.apply(cohort.db, cohort.banks, session.id, who="ingrid", now=cohort.clock())
    assert [len(cohort.versions(one)) for one in (told, unreleased, same_points, untouched)] == [2, 2, 2, 1]
    assert [len(letters(cohort, one)) for one in (told, unreleased, same_points, untouched)] == [1, 0, 0, 0]
    assert (figures["looked_at"], figures["changed"], figures["told"], figures["unreleased"]) == (4, 3, 1, 1)
    ((kind, details),) = letters(cohort, told)
    assert kind == "rescoring_applied"
    assert details == {
        "discipline": "TST",
        "credits": [3.0, 2.0],
        "areas": [
            {
                "area": "a",
                "points": [0.0, 1.0],
                "items": [4, 4],
                "standard": 0.75,
                "credits": [3.0, 2.0],
                "kept": 0.0,
                "waiting": 0.0,
            }
        ],
        "told_before": False,
    }
    cohort.revert(session)
    assert [kind for kind, _ in letters(cohort, told)] == ["rescoring_applied", "rescoring_reverted"]


def test_a_dry_run_says_what_applying_then_does(cohort: Cohort) -> None:
    for right in (0, 1, 2, 3, 4):
        cohort.sit(answers_of({"a": right, "b": 2}, a_3="c"))
    cohort.complete(1, "claim", a=3.0)
    session = cohort.session(("a-3", "key", "c"), ("b-0", "drop", ""))
    before = rescoring_reports.preview(cohort.db, cohort.banks, session.id, cohort.clock())
    assert all(len(cohort.versions(one)) == 1 for one in range(1, 6))
    rescoring_runs.apply(cohort.db, cohort.banks, session.id, who="ingrid", now=cohort.clock())
    after = rescoring_reports.overview(cohort.db, cohort.banks, session.id, cohort.clock())
    assert after.consequences is not None
    order = ["attempt_id", "content_area"]
    ours, theirs = (one.people.sort_values(order, ignore_index=True) for one in (before, after.consequences))
    assert ours.to_dict("records") == theirs.to_dict("records")
    assert before.areas.to_dict("records") == after.consequences.areas.to_dict("records")
    assert before.figures == after.consequences.figures
    # By hand: in area a everybody but the last gains a-3; in b 1 of 3 remain right, 2 short instead of 1.
    rows = ours[["attempt_id", "content_area", "points_before", "points_after", "credits_before", "credits_after"]]
    assert rows.to_numpy().tolist()[:2] == [[1, "a", 0.0, 1.0, 3.0, 3.0], [1, "b", 2.0, 1.0, 1.0, 1.0]]
    assert before.figures["kept"] == 1
    assert before.figures["waiting"] == 5
