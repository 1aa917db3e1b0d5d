"""Six who publish at once: of one draft, and of six."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict
from ssa_engine.core.policy_drafts import DraftState, PolicyDraft
from ssa_engine.storage.db import Database
from tests.actions.publishing import Verb, flat, history, stored


def test_of_six_who_publish_one_draft_at_once_one_does_and_five_are_told(
    db: Database, ct: ContentSpec, create: Verb, do: Verb
) -> None:
    barrier = Barrier(6)

    def one_of_six(draft: PolicyDraft, version: int, number: int) -> str:
        barrier.wait(timeout=30)
        try:
            do("publish", draft, reason="because", expected_version=version, who=f"person {number}")
        except Conflict as told:
            return str(told)
        return f"person {number}"

    with ThreadPoolExecutor(6) as pool:
        for version in range(5):
            draft = create(policy=flat(ct, version))
            outcomes = Counter(pool.map(one_of_six, [draft] * 6, [version] * 6, range(6)))
            winner = next(outcome for outcome in outcomes if outcome.startswith("person"))
            told = (
                f"Draft {draft.id} was published as version {version + 1} by {winner} on 14 March 2027 at 14:02 UTC. A "
                "published version stays as it is; to change it, begin a draft with it."
            )
            assert outcomes == {told: 5, winner: 1}
            assert [row[0] for row in history(db)] == list(range(version + 1, 0, -1))


def test_of_six_drafts_published_at_once_one_is_and_five_learn_of_it(
    db: Database, ct: ContentSpec, create: Verb, do: Verb
) -> None:
    barrier = Barrier(6)
    drafts = [create(f"Draft of {number}", policy=flat(ct, number)) for number in range(6)]

    def one_of_six(number: int) -> str:
        barrier.wait(timeout=30)
        try:
            do("publish", drafts[number], reason=f"no {number}", expected_version=0, who=f"person {number}")
        except Conflict as told:
            return str(told)
        return f"{number}"

    with ThreadPoolExecutor(6) as pool:
        outcomes = Counter(pool.map(one_of_six, range(6)))
    winner = next(outcome for outcome in outcomes if outcome.isdecimal())
    told = (
        f"Version 1 of the CT policy is the latest, not 0 as you saw it: person {winner} published it on 14 March 2027 "
        f"at 14:02 UTC (no {winner}). Look at it, then publish again."
    )
    assert outcomes == {told: 5, winner: 1}
    states = Counter(one.state for one in [stored(db, draft) for draft in drafts] if one is not None)
    assert states == {DraftState.PUBLISHED: 1, DraftState.OPEN: 5}
