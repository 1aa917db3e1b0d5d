"""Publishing: versions that follow each other, one winner of many, nothing changed afterwards, a trail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from pydantic import ValidationError

from ssa_engine.actions import policies as actions
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict, Invalid
from ssa_engine.core.policies import CreditRule, PublishedPolicy
from ssa_engine.storage import frames
from ssa_engine.storage import policies as rows
from ssa_engine.storage.db import Database
from tests.actions.publishing import Publish, flat, get, history, in_force
from tests.actions.sittings import audit_of, begin, breaking_off
from tests.factories import Clock, Someone


def test_the_first_policy_is_version_1_and_reads_back_as_it_was(
    db: Database, ct: ContentSpec, publish: Publish, clock: Clock
) -> None:
    assert in_force(db) is None
    published = publish(0, reason="  to begin  ")
    assert published == PublishedPolicy(discipline="CT", version=1, policy=ct.sample_policy)
    assert in_force(db) == get(db, 1) == published
    assert list(published.policy.standards) == list(ct.area_names)
    assert history(db) == [(1, "ingrid", "to begin")]
    with db.read() as connection:
        assert [row.published_at for row in rows.history(connection, "CT")] == [clock()]


def test_versions_follow_each_other_and_earlier_ones_stay_as_they_were(
    db: Database, ct: ContentSpec, publish: Publish
) -> None:
    published = [publish(version, policy=flat(ct, version + 0.5), reason=f"no {version}") for version in range(4)]
    assert [one.version for one in published] == [1, 2, 3, 4]
    assert [get(db, version) for version in (1, 2, 3, 4)] == published
    assert in_force(db) == published[-1]
    assert get(db, 5) is None
    assert [version for version, _, _ in history(db)] == [4, 3, 2, 1]


def test_disciplines_are_numbered_apart(db: Database, library: Library, publish: Publish, clock: Clock) -> None:
    publish(0)
    mri = library.specs["MRI"]
    other = actions.publish(db, mri, mri.sample_policy, expected_version=0, reason="first", who="ingrid", now=clock())
    assert (other.discipline, other.version) == ("MRI", 1)
    assert publish(1).version == 2


@pytest.mark.parametrize("expected", [0, 2, -1, 10**9])
def test_who_saw_another_version_is_told_and_changes_nothing(
    db: Database, ct: ContentSpec, publish: Publish, expected: int
) -> None:
    first = publish(0)
    with pytest.raises(Conflict) as caught:
        publish(expected, policy=flat(ct, 9))
    assert str(caught.value) == (
        f"Version 1 of the CT policy is the latest, not {expected} as you saw it: ingrid published it on 14 March 2027 "
        "at 14:02 UTC (because). Look at it, then publish again."
    )
    assert (in_force(db), history(db)) == (first, [(1, "ingrid", "because")])
    assert audit_of(db, "policy") == [("ingrid", "publish", "CT/1")]


def test_of_six_who_publish_at_once_one_does_and_five_are_told_who_did_what_when(
    db: Database, ct: ContentSpec, publish: Publish
) -> None:
    publish(0)
    barrier = Barrier(6)

    def one_of_six(version: int, number: int) -> str:
        barrier.wait(timeout=30)
        try:
            publish(version, policy=flat(ct, number), who=f"person {number}")
        except Conflict as told:
            return str(told)
        return f"person {number}"

    with ThreadPoolExecutor(6) as pool:
        for version in range(1, 6):
            outcomes = Counter(pool.map(one_of_six, [version] * 6, range(6)))
            winner = next(outcome for outcome in outcomes if outcome.startswith("person"))
            told = (
                f"Version {version + 1} of the CT policy is the latest, not {version} as you saw it: {winner} "
                "published it on 14 March 2027 at 14:02 UTC (because). Look at it, then publish again."
            )
            assert outcomes == {told: 5, winner: 1}
            assert history(db)[0] == (version + 1, winner, "because")
            policy = in_force(db)
            assert policy is not None
            assert policy.policy.credits.credits == float(winner.split()[1])
            assert audit_of(db, "policy")[version:] == [(winner, "publish", f"CT/{version + 1}")]


def test_of_six_who_publish_the_very_first_policy_at_once_one_does(db: Database, publish: Publish) -> None:
    barrier = Barrier(6)

    def one_of_six(number: int) -> bool:
        barrier.wait(timeout=30)
        try:
            publish(0, who=f"person {number}")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(one_of_six, range(6))) == [False] * 5 + [True]
    assert len(history(db)) == 1


def test_a_published_policy_cannot_be_changed_in_place(publish: Publish) -> None:
    published = publish(0)
    with pytest.raises(ValidationError):
        published.version = 7  # type: ignore[misc]
    with pytest.raises(ValidationError):
        published.policy.credits = CreditRule(rule="flat", credits=0)  # type: ignore[misc]


def test_a_version_cannot_be_stored_twice(db: Database, ct: ContentSpec, publish: Publish, clock: Clock) -> None:
    first = publish(0)
    again = PublishedPolicy(discipline="CT", version=1, policy=flat(ct, 9))
    with pytest.raises(Exception, match=r"(?i)unique"), db.write() as connection:
        rows.insert(connection, again, reason="over", published_by="x", at=clock())
    assert get(db, 1) == first


@pytest.mark.parametrize(
    "change", [lambda found: found.popitem(), lambda found: found.update(elsewhere=0.5), lambda found: found.clear()]
)
def test_a_policy_names_exactly_the_areas_of_its_discipline(
    db: Database, ct: ContentSpec, publish: Publish, change: Callable[[dict[str, float]], Any]
) -> None:
    standards = dict(ct.sample_policy.standards)
    change(standards)
    with pytest.raises(Invalid) as caught:
        publish(0, policy=ct.sample_policy.model_copy(update={"standards": standards}))
    assert str(caught.value) == f"The standards must name the content areas of CT: {', '.join(ct.area_names)}."
    assert (in_force(db), audit_of(db, "policy")) == (None, [])


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_policy_needs_a_reason(db: Database, publish: Publish, reason: str) -> None:
    with pytest.raises(Invalid, match=r"^Say why this policy is published"):
        publish(0, reason=reason)
    assert (in_force(db), audit_of(db, "policy")) == (None, [])


def test_areas_tie_in_the_order_of_the_outline_whatever_the_order_of_the_standards(
    db: Database, ct: ContentSpec, publish: Publish
) -> None:
    backwards = dict(reversed(list(ct.sample_policy.standards.items())))
    publish(0, policy=ct.sample_policy.model_copy(update={"standards": backwards}))
    policy = in_force(db)
    assert policy is not None
    assert list(policy.policy.standards) == list(ct.area_names)


def test_the_trail_says_who_published_what_when_and_why(db: Database, publish: Publish, clock: Clock) -> None:
    publish(0, who="ingrid@test.example", reason=" after the panel ")
    with db.read() as connection:
        (row,) = frames.audit_frame(connection).to_dict("records")
    assert (row["who"], row["verb"], row["noun"], row["noun_id"]) == (
        "ingrid@test.example",
        "publish",
        "policy",
        "CT/1",
    )
    assert (row["at"], json.loads(row["detail"])) == (clock(), {"reason": "after the panel"})


def test_a_publication_that_breaks_off_leaves_neither_policy_nor_trail(
    db: Database, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    with breaking_off(monkeypatch):
        publish(0)
    assert (in_force(db), audit_of(db, "policy")) == (None, [])
    assert publish(0).version == 1


def test_nothing_starts_before_a_policy_is_published(
    db: Database, banks: Banks, clock: Clock, candidate: Someone, publish: Publish
) -> None:
    with pytest.raises(Conflict) as caught:
        begin(db, banks, clock, candidate)
    assert str(caught.value) == (
        "No policy is published for Computed Tomography yet, so it cannot be started. Try again later."
    )
    assert audit_of(db, "attempt") == []
    publish(0)
    assert begin(db, banks, clock, candidate).attempt.position == 1
