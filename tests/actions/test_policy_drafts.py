"""Drafts: where they begin, who may change them meanwhile, two persons, one published of many, and the way back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from ssa_engine.actions import policy_drafts as actions
from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict, Invalid, NotAllowed, NotFound
from ssa_engine.core.policy_drafts import DraftState
from ssa_engine.storage import frames
from ssa_engine.storage import policies as versions
from ssa_engine.storage import policy_drafts as rows
from ssa_engine.storage.db import Database
from tests.actions.publishing import Publish, Verb, flat, get, history, in_force, stored
from tests.actions.sittings import breaking_off
from tests.factories import START, Clock

LATER = START + dt.timedelta(days=10)


def trail(db: Database) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Return (who, verb, noun_id, detail) of everything about drafts."""
    with db.read() as connection:
        frame = frames.audit_frame(connection)
    own = frame[frame["noun"] == "policy_draft"]
    return [(str(row.who), str(row.verb), str(row.noun_id), json.loads(str(row.detail))) for row in own.itertuples()]


def test_a_draft_begins_with_what_is_in_force(db: Database, ct: ContentSpec, publish: Publish, create: Verb) -> None:
    publish(0)
    publish(1, policy=flat(ct, 9), effective_at=LATER)
    draft = create("  Lower   the neck ")
    assert (draft.title, draft.state, draft.revision, draft.from_version) == ("Lower the neck", "open", 1, 2)
    assert (draft.policy, draft.created_by, draft.created_at) == (ct.sample_policy, "ingrid", START)
    assert stored(db, draft) == draft
    assert trail(db) == [
        ("ingrid", "create", str(draft.id), {"discipline": "CT", "title": "Lower the neck", "from_version": 1})
    ]


def test_a_draft_begins_with_a_policy_a_version_or_another_draft(
    ct: ContentSpec, publish: Publish, create: Verb
) -> None:
    backwards = flat(ct, 4).model_copy(update={"standards": dict(reversed(list(ct.sample_policy.standards.items())))})
    from_file = create(policy=backwards)
    assert (from_file.policy, from_file.from_version) == (flat(ct, 4), 0)
    assert list(from_file.policy.standards) == list(ct.area_names)
    publish(0)
    publish(1, policy=flat(ct, 9))
    assert create(version=1).policy == ct.sample_policy
    assert create(draft_id=from_file.id).policy == flat(ct, 4)


def test_a_draft_without_a_beginning_a_title_or_the_right_areas_is_refused(
    db: Database, ct: ContentSpec, library: Library, create: Verb
) -> None:
    with pytest.raises(NotFound, match=r"^No policy for CT is in force to begin a draft with\. Begin with a file\."):
        create()
    with pytest.raises(NotFound, match=r"^There is no version 3 of the CT policy\."):
        create(version=3)
    with pytest.raises(NotFound, match=r"^There is no draft 3 of a CT policy\."):
        create(draft_id=3)
    with pytest.raises(Invalid, match=r"^A draft begins with one thing"):
        create(policy=ct.sample_policy, version=1)
    for title in ("", "  ", "x" * 201):
        with pytest.raises(Invalid, match=r"^Give the draft a title, of at most 200 characters\."):
            create(title, policy=ct.sample_policy)
    with pytest.raises(Invalid, match=r"^The standards must name the content areas of CT"):
        create(policy=library.specs["MRI"].sample_policy)
    assert trail(db) == []


def test_saving_counts_the_revision_and_notes_what_changed(
    db: Database, ct: ContentSpec, create: Verb, do: Verb, clock: Clock
) -> None:
    draft = create(policy=ct.sample_policy)
    clock.advance(hours=1)
    area = next(iter(ct.area_names))
    changed = ct.sample_policy.model_copy(update={"standards": ct.sample_policy.standards | {area: 0.6}})
    saved = do("save", draft, changed, who="otto", title="Milder")
    assert (saved.policy, saved.title, saved.revision, saved.changed_by) == (changed, "Milder", 2, "otto")
    assert (saved.created_by, saved.changed_at) == ("ingrid", clock())
    detail = {"discipline": "CT", "revision": 2, "changes": [f"standards.{area}"]}
    assert trail(db)[-1] == ("otto", "save", str(draft.id), detail)


def test_who_saw_an_older_revision_is_told_who_changed_it_and_when(
    db: Database, ct: ContentSpec, create: Verb, do: Verb, clock: Clock
) -> None:
    draft = create(policy=ct.sample_policy)
    clock.advance(minutes=5)
    saved = do("save", draft, flat(ct, 1), who="otto")
    before = trail(db)
    for verb, more, how in (
        ("save", [flat(ct, 2)], {}),
        ("propose", [], {"reason": "because"}),
        ("discard", [], {}),
        ("publish", [], {"reason": "because", "expected_version": 0}),
    ):
        with pytest.raises(Conflict) as caught:
            do(verb, draft, *more, **how)
        assert str(caught.value) == (
            f"Draft {draft.id} is open, and was last changed by otto on 14 March 2027 at 14:07 UTC, so it may not be "
            "what you saw. Look at it again."
        )
    assert (stored(db, draft), trail(db), history(db)) == (saved, before, [])


def test_a_proposed_draft_rests_until_it_is_withdrawn(db: Database, ct: ContentSpec, create: Verb, do: Verb) -> None:
    draft = create(policy=ct.sample_policy)
    proposed = do("propose", draft, reason="  the panel of May ", effective_at=LATER)
    assert (proposed.state, proposed.reason, proposed.effective_at) == (DraftState.PROPOSED, "the panel of May", LATER)
    assert (proposed.proposed_by, proposed.proposed_at, proposed.revision) == ("ingrid", START, 2)
    with pytest.raises(Conflict) as caught:
        do("save", proposed, flat(ct, 1))
    assert str(caught.value) == (
        f"Draft {draft.id} was proposed for publication by ingrid on 14 March 2027 at 14:02 UTC. Look at it again; to "
        "change it, withdraw it first."
    )
    back = do("withdraw", proposed, who="otto")
    assert (back.state, back.proposed_by, back.proposed_at, back.changed_by) == (DraftState.OPEN, "", None, "otto")
    assert do("save", back, flat(ct, 1)).revision == 4
    assert [verb for _, verb, _, _ in trail(db)] == ["create", "propose", "withdraw", "save"]
    assert {detail["discipline"] for _, _, _, detail in trail(db)} == {"CT"}


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"reason": " "}, "Say why this policy is proposed"),
        ({"reason": "x", "effective_at": START - dt.timedelta(days=1)}, "A policy cannot come into force in the past"),
    ],
)
def test_a_proposal_needs_a_reason_and_a_day_that_lies_ahead(
    ct: ContentSpec, create: Verb, do: Verb, how: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        do("propose", create(policy=ct.sample_policy), **how)


def test_a_discarded_draft_stays_readable_and_does_nothing_any_more(
    db: Database, ct: ContentSpec, create: Verb, do: Verb
) -> None:
    draft = do("discard", create(policy=ct.sample_policy), who="otto")
    assert (draft.state, stored(db, draft)) == (DraftState.DISCARDED, draft)
    with pytest.raises(Conflict, match=f"^Draft {draft.id} was discarded by otto on 14 March 2027 at 14:02 UTC"):
        do("publish", draft, reason="because", expected_version=0)
    assert create(draft_id=draft.id).policy == ct.sample_policy


def test_a_published_draft_is_a_version_and_rests_for_good(
    db: Database, ct: ContentSpec, create: Verb, do: Verb
) -> None:
    draft = do("propose", create(policy=flat(ct, 4)), reason="the panel")
    published = do("publish", draft, reason=" the panel ", expected_version=0, who="otto")
    assert published == in_force(db) == get(db, 1)
    with db.read() as connection:
        version = versions.version_of(connection, "CT", 1)
    assert version is not None
    assert (version.published_by, version.proposed_by, version.reason) == ("otto", "ingrid", "the panel")
    found = stored(db, draft)
    assert found is not None
    assert (found.state, found.published_version, found.proposed_by) == (DraftState.PUBLISHED, 1, "ingrid")
    for verb, more in (("save", [flat(ct, 1)]), ("withdraw", []), ("discard", [])):
        with pytest.raises(Conflict) as caught:
            do(verb, found, *more)
        assert str(caught.value) == (
            f"Draft {draft.id} was published as version 1 by otto on 14 March 2027 at 14:02 UTC. A published version "
            "stays as it is; to change it, begin a draft with it."
        )
    assert get(db, 1) == published
    with db.read() as connection:
        (row,) = frames.audit_frame(connection).query("noun == 'policy'").to_dict("records")
    assert (row["verb"], row["noun_id"], json.loads(row["detail"])) == (
        "publish",
        "CT/1",
        {"draft": draft.id, "reason": "the panel"},
    )


def test_a_draft_of_another_discipline_is_not_found(
    db: Database, library: Library, ct: ContentSpec, create: Verb, clock: Clock
) -> None:
    draft = create(policy=ct.sample_policy)
    with pytest.raises(NotFound, match=f"^There is no draft {draft.id} of a MRI policy"):
        actions.discard(db, library.specs["MRI"], draft.id, revision=1, who="x", now=clock())


def test_where_two_persons_publish_neither_who_proposed_nor_who_changed_it_does(
    db: Database, ct: ContentSpec, create: Verb, do: Verb
) -> None:
    how: dict[str, Any] = {"reason": "because", "expected_version": 0, "second_person": True}
    draft = do("save", create(policy=ct.sample_policy), flat(ct, 2), who="otto")
    with pytest.raises(NotAllowed, match=r"^Two persons publish a policy here\. Propose the draft"):
        do("publish", draft, who="paula", **how)
    proposed = do("propose", draft, reason="because", who="ingrid")
    for who in ("otto", "ingrid"):
        with pytest.raises(NotAllowed, match=f"you have proposed or last changed draft {draft.id}"):
            do("publish", proposed, who=who, **how)
    assert (history(db), stored(db, draft)) == ([], proposed)
    assert do("publish", proposed, who="paula", **how).version == 1


def test_the_way_back_is_a_new_version_with_the_old_contents(
    db: Database, ct: ContentSpec, publish: Publish, create: Verb, do: Verb
) -> None:
    first = publish(0)
    publish(1, policy=flat(ct, 9))
    draft = create("Back to version 1", version=1)
    third = do("publish", draft, reason="the panel was wrong", expected_version=2)
    assert (third.version, third.policy) == (3, first.policy)
    assert in_force(db) == third
    assert trail(db)[0][3] == {"discipline": "CT", "title": "Back to version 1", "from_version": 1}


def test_a_publication_that_breaks_off_leaves_the_draft_as_it_was(
    db: Database, ct: ContentSpec, create: Verb, do: Verb, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = create(policy=ct.sample_policy)
    with breaking_off(monkeypatch):
        do("publish", draft, reason="because", expected_version=0)
    assert (stored(db, draft), history(db)) == (draft, [])
    assert do("publish", draft, reason="because", expected_version=0).version == 1


def test_drafts_are_listed_with_those_last_changed_first(
    db: Database, library: Library, ct: ContentSpec, create: Verb, do: Verb, clock: Clock
) -> None:
    first, second = create("First", policy=ct.sample_policy), create("Second", policy=ct.sample_policy)
    clock.advance(minutes=1)
    do("save", first, flat(ct, 1))
    mri = library.specs["MRI"]
    actions.create(db, mri, title="Other", who="x", now=clock(), policy=mri.sample_policy)
    with db.read() as connection:
        assert [one.title for one in rows.of_discipline(connection, "CT")] == ["First", "Second"]
    assert second.revision == 1
