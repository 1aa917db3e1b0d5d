"""Submitting: scored as the core scores, kept with its versions, closed once and never after the end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from ssa_engine.actions import results as actions
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.actions.releases import release_due
from ssa_engine.content.library import Library
from ssa_engine.core.attempts import State
from ssa_engine.core.errors import AttemptClosed, NotFound
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.psychometrics.simulate import other_answers
from ssa_engine.storage import frames
from ssa_engine.storage.db import Database
from ssa_engine.storage.places import Place
from tests.actions.sittings import Sitting, audit_of, begin, breaking_off, close_late, frame_of, submit
from tests.factories import START, Clock, Someone, add_someone

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def sitting(db: Database, banks: Banks, clock: Clock, candidate: Someone) -> Sitting:
    """An attempt that has just begun."""
    return begin(db, banks, clock, candidate)


def mixed(sitting: Sitting) -> Any:
    """Return a way to answer: of four items two by their key, one by another option, one not at all."""
    bank = sitting.banks.at(sitting.attempt.bank_version)

    def choose(place: Place) -> str | None:
        item = bank.item(place.item_id)
        return (item.key_answer, other_answers(item)[0], None, item.key_answer)[place.position % 4]

    return choose


def republish(sitting: Sitting, library: Library, *, expected: int, **changes: Any) -> None:
    """Publish the sample policy of CT with changes."""
    spec = library.specs["CT"]
    policy = spec.sample_policy.model_copy(update=changes)
    publish(sitting.db, spec, policy, expected_version=expected, reason="changed", who="test", now=sitting.clock())


def test_a_submission_is_scored_exactly_as_the_core_scores_the_same_answers(sitting: Sitting, library: Library) -> None:
    answers = sitting.answer_all(mixed(sitting))
    assert submit(sitting) is State.RELEASED
    spec = library.specs["CT"]
    expected = score_responses(frame_of(sitting, answers), library.bank("CT"), spec.sample_policy)
    result = sitting.result
    assert result is not None
    assert [area.content_area for area in result.areas] == sorted(spec.area_names)
    computed = {row["content_area"]: row for row in expected.to_dict("records")}
    for area in result.areas:
        stored = {name: getattr(area, name) for name in area.__slots__ if name not in ("sentence", "credits_kept")}
        assert stored == {name: computed[area.content_area][name] for name in stored}
    assert 0 < sum(area.correct for area in result.areas) < sum(area.items for area in result.areas) == 70
    assert result.total_credits == expected["credits"].sum() > 0


def test_a_counted_answer_is_the_last_one_saved(sitting: Sitting) -> None:
    bank = sitting.banks.at(sitting.attempt.bank_version)
    for place in sitting.places:
        item = bank.item(place.item_id)
        sitting.answer(place.position, other_answers(item)[0])
        sitting.answer(place.position, item.key_answer)
    submit(sitting)
    result = sitting.result
    assert result is not None
    assert [(area.correct, area.credits) for area in result.areas] == [(10, 0.0)] * 7


def test_the_prescription_and_the_versions_are_stored(sitting: Sitting, library: Library) -> None:
    answers = sitting.answer_all(mixed(sitting))
    submit(sitting)
    bank = library.bank("CT")
    result = sitting.result
    assert result is not None
    assert (result.version, result.discipline, result.policy_version) == (1, "CT", 1)
    assert (result.bank_version, result.key_version) == (bank.version, bank.key_version)
    # The credential was earned on 1 June 2018 and its first period ends ten years later.
    assert (result.scored_at, result.due_on) == (sitting.clock(), dt.date(2028, 6, 1))
    expected = score_responses(frame_of(sitting, answers), bank, library.specs["CT"].sample_policy)
    with sitting.db.read() as connection:
        prescribed = frames.prescription_frame(connection)
    credits = dict(zip(expected["content_area"].astype(str), expected["credits"].tolist(), strict=True))
    wanted = {area: earned for area, earned in credits.items() if earned > 0}
    assert dict(zip(prescribed["content_area"], prescribed["credits"], strict=True)) == wanted
    assert set(prescribed["policy_version"]) == {1}
    for area in result.areas:
        needed = f"{round(area.points, 2):g} of {area.items}, standard 7, so {area.credits:g} credits"
        assert area.sentence == (needed if area.credits else "")


def test_the_best_result_is_no_prescription(sitting: Sitting) -> None:
    bank = sitting.banks.at(sitting.attempt.bank_version)
    sitting.answer_all(lambda place: bank.item(place.item_id).key_answer)
    submit(sitting)
    result = sitting.result
    assert result is not None
    assert (result.total_credits, result.due_on) == (0.0, None)
    with sitting.db.read() as connection:
        assert len(frames.prescription_frame(connection)) == 0


def test_an_attempt_without_a_single_answer_is_scored_too(sitting: Sitting) -> None:
    submit(sitting)
    result = sitting.result
    assert result is not None
    # 7 short in each of 7 areas: the last band of 6 credits each is 42, held to the cap of 36.
    assert [(area.items, area.correct, area.credits_by_rule) for area in result.areas] == [(10, 0, 6.0)] * 7
    # All gaps are equal, so the area that comes last in the outline is the one left without.
    outline = list(sitting.banks.at(result.bank_version).spec.area_names)
    credits = {area.content_area: area.credits for area in result.areas}
    assert [credits[area] for area in outline] == [6.0] * 6 + [0.0]


def test_submitting_again_changes_nothing(sitting: Sitting) -> None:
    sitting.answer_all(mixed(sitting))
    submit(sitting)
    before, first, trail = sitting.attempt, sitting.result, audit_of(sitting.db, "attempt")
    for _ in range(3):
        sitting.clock.advance(hours=5)
        assert submit(sitting) is State.RELEASED
        assert close_late(sitting) == []
    assert (sitting.attempt, sitting.result, audit_of(sitting.db, "attempt")) == (before, first, trail)


def test_a_submitted_attempt_takes_no_more_answers(sitting: Sitting) -> None:
    first, second = (sitting.item(position).key_answer for position in (1, 2))
    sitting.answer(1, first)
    submit(sitting)
    before = sitting.result
    with pytest.raises(AttemptClosed):
        sitting.answer(2, second)
    assert sitting.result == before
    assert [place.answer for place in sitting.places[:2]] == [first, None]


def test_nobody_submits_for_another(sitting: Sitting, clock: Clock) -> None:
    stranger = add_someone(sitting.db, "stranger@test.example", clock=clock)
    for attempt_id in (sitting.attempt_id, sitting.attempt_id + 1):
        with pytest.raises(NotFound, match=r"^There is no such assessment of yours\."):
            actions.submit(
                sitting.db, sitting.banks, attempt_id=attempt_id, person_id=stranger.id, who="stranger", now=clock()
            )
    assert (sitting.attempt.state, sitting.result) == (State.IN_PROGRESS, None)


def test_a_result_keeps_the_policy_that_was_in_force_at_submission(sitting: Sitting, library: Library) -> None:
    sitting.answer_all(mixed(sitting))
    submit(sitting)
    before = sitting.result
    standards = dict.fromkeys(library.specs["CT"].area_names, 1.0)
    republish(sitting, library, expected=1, standards=standards)
    submit(sitting)
    assert sitting.result == before
    assert before is not None
    assert before.policy_version == 1
    assert {area.standard for area in before.areas} == {0.7}


def test_a_result_is_computed_under_the_policy_in_force_when_it_is_submitted(
    sitting: Sitting, library: Library
) -> None:
    republish(sitting, library, expected=1, standards=dict.fromkeys(library.specs["CT"].area_names, 0.0))
    submit(sitting)
    result = sitting.result
    assert result is not None
    assert (result.policy_version, result.total_credits) == (2, 0.0)
    assert {area.standard for area in result.areas} == {0.0}


def test_a_result_that_is_released_later_waits(sitting: Sitting, library: Library) -> None:
    republish(sitting, library, expected=1, release_after_days=14)
    assert submit(sitting) is State.SUBMITTED
    assert sitting.attempt.released_at is None
    assert sitting.result is not None


def test_a_submission_that_breaks_off_leaves_nothing_behind(sitting: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    sitting.answer_all(mixed(sitting))
    attempt, trail = sitting.attempt, audit_of(sitting.db, "attempt")
    with breaking_off(monkeypatch):
        submit(sitting)
    assert (sitting.attempt, sitting.result, audit_of(sitting.db, "attempt")) == (attempt, None, trail)
    with sitting.db.read() as connection:
        left = [frames.area_score_frame(connection), frames.prescription_frame(connection)]
    assert [len(frame) for frame in left] == [0, 0]
    assert submit(sitting) is State.RELEASED


def test_an_answer_that_arrives_while_it_is_scored_counts(sitting: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = sitting.banks.at(sitting.attempt.bank_version)
    first = next(place for place in sitting.places if bank.item(place.item_id).status == "active")
    score = score_responses
    arrivals = [bank.item(first.item_id).key_answer]

    def score_while_answering(*arguments: Any) -> Any:
        scores = score(*arguments)
        if arrivals:
            sitting.answer(first.position, arrivals.pop())
        return scores

    monkeypatch.setattr(actions, "score_responses", score_while_answering)
    submit(sitting)
    result = sitting.result
    assert result is not None
    assert sum(area.correct for area in result.areas) == 1


def test_a_policy_published_while_it_is_scored_is_the_one_it_is_kept_under(
    sitting: Sitting, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = score_responses
    times: list[int] = []

    def score_while_publishing(*arguments: Any) -> Any:
        if not times:
            republish(sitting, library, expected=1, standards=dict.fromkeys(library.specs["CT"].area_names, 0.0))
        times.append(1)
        return score(*arguments)

    monkeypatch.setattr(actions, "score_responses", score_while_publishing)
    submit(sitting)
    result = sitting.result
    assert result is not None
    assert (result.policy_version, result.total_credits, len(times)) == (2, 0.0, 2)


def test_what_is_due_is_released_by_the_policy_of_its_result_in_the_same_number_of_reads(
    db: Database, banks: Banks, clock: Clock, library: Library
) -> None:
    people = [add_someone(db, f"waits{number}@test.example", clock=clock) for number in range(4)]
    first = begin(db, banks, clock, people[0])
    republish(first, library, expected=1, release_after_days=14)
    submit(first)
    clock.advance(days=1)
    republish(first, library, expected=2, release_after_days=7)
    *others, under_way = [begin(db, banks, clock, someone) for someone in people[1:]]
    for sitting in others:
        submit(sitting)
    reads: list[str] = []

    def release(day: int) -> list[int]:
        reads.clear()
        return release_due(db, banks, who="daily", now=START + dt.timedelta(days=day))

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        reads.extend([statement] if statement.startswith("SELECT") else [])

    sa.event.listen(db.engine, "before_cursor_execute", note)
    assert (release(7), len(reads)) == ([], 4)  # the policies, each of the two, what is due
    assert release(8) == [sitting.attempt_id for sitting in others]
    assert (release(13), len(reads)) == ([], 3)
    assert (release(14), release(15)) == ([first.attempt_id], [])
    assert [one.attempt.state for one in (first, *others, under_way)] == [State.RELEASED] * 3 + [State.IN_PROGRESS]
    assert first.happened[-1][0] == "released"
