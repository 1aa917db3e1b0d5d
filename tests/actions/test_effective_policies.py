"""From when on a version holds, and which versions may be published: what waits, what is overtaken, what can score."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Conflict, Invalid, NotAllowed
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import ItemStatistics
from ssa_engine.core.policies import Augmentation, DecisionRule, Policy
from ssa_engine.storage import frames
from ssa_engine.storage import policies as rows
from ssa_engine.storage.db import Database
from tests.actions.publishing import Publish, flat, history, in_force, scheduled
from tests.actions.sittings import begin
from tests.factories import START, Clock, Someone

LATER, LATEST = START + dt.timedelta(days=10), START + dt.timedelta(days=20)
A_MOMENT = dt.timedelta(microseconds=1)


def test_a_version_comes_into_force_at_its_effective_date_and_not_before(
    db: Database, ct: ContentSpec, publish: Publish
) -> None:
    first = publish(0)
    second = publish(1, policy=flat(ct, 9), effective_at=LATER)
    assert (in_force(db, START - A_MOMENT), in_force(db, START)) == (None, first)
    assert (in_force(db, LATER - A_MOMENT), in_force(db, LATER), in_force(db, LATEST)) == (first, second, second)
    assert (scheduled(db), scheduled(db, LATER - A_MOMENT), scheduled(db, LATER)) == ([2], [2], [])
    with db.read() as connection:
        version = rows.version_of(connection, "CT", 2)
    assert version is not None
    assert (version.published_at, version.effective_at, version.proposed_by) == (START, LATER, "")


def test_versions_that_wait_come_into_force_one_after_the_other(db: Database, publish: Publish) -> None:
    publish(0, effective_at=LATER)
    publish(1, effective_at=LATEST)
    publish(2, effective_at=LATEST)
    assert scheduled(db) == [1, 3]  # 3 holds from the same moment on as 2, and the higher one counts
    assert (in_force(db), getattr(in_force(db, LATER), "version", 0)) == (None, 1)
    assert getattr(in_force(db, LATEST), "version", 0) == 3


def test_a_version_does_not_begin_in_the_past(db: Database, publish: Publish) -> None:
    with pytest.raises(Invalid) as caught:
        publish(0, effective_at=START - A_MOMENT)
    assert str(caught.value) == (
        "A policy cannot come into force in the past. Choose 15 March 2027 or later, or no day: at once."
    )
    assert history(db) == []


def test_a_version_overtakes_one_that_waits_only_if_that_is_said(
    db: Database, ct: ContentSpec, publish: Publish
) -> None:
    publish(0)
    publish(1, effective_at=LATEST)
    with pytest.raises(Conflict) as caught:
        publish(2, policy=flat(ct, 9), effective_at=LATER)
    assert str(caught.value) == (
        "Version 2 by ingrid comes into force on 3 April 2027; one that begins earlier would replace it for good. "
        "Choose that day or later, or say that it is to be replaced."
    )
    assert len(history(db)) == 2
    third = publish(2, policy=flat(ct, 9), effective_at=LATER, replace_scheduled=True)
    assert (in_force(db, LATEST), scheduled(db)) == (third, [3])
    with db.read() as connection:
        detail = frames.audit_frame(connection)["detail"].iloc[-1]
    assert json.loads(detail) == {"reason": "because", "effective_at": LATER.isoformat(), "replaces": [2]}


def test_where_two_persons_publish_no_policy_is_published_past_a_draft(db: Database, publish: Publish) -> None:
    with pytest.raises(NotAllowed, match=r"^Two persons publish a policy here\. Make a draft and propose it;"):
        publish(0, second_person=True)
    assert history(db) == []


def test_a_policy_that_decides_by_expected_loss_is_published(db: Database, ct: ContentSpec, publish: Publish) -> None:
    policy = ct.sample_policy.model_copy(update={"decision": DecisionRule(rule="expected_loss", loss_ratio=2)})
    assert publish(0, policy=policy) == in_force(db)


def by_irt(ct: ContentSpec) -> Policy:
    """Return a policy that decides by item response theory."""
    return ct.sample_policy.model_copy(update={"decision": DecisionRule(rule="irt")})


def test_a_policy_that_decides_by_irt_needs_the_parameters_of_every_scored_item(
    db: Database, ct: ContentSpec, banks: Banks, publish: Publish
) -> None:
    with pytest.raises(Invalid, match="can be published only with its item bank"):
        publish(0, policy=by_irt(ct))
    with pytest.raises(Invalid) as caught:
        publish(0, policy=by_irt(ct), banks=banks)
    bank = banks.library.bank("CT")
    active = [item.id for item in bank.items if item.status == "active"]
    assert str(caught.value) == (
        "The policy decides by item response theory, and these items have no a and b in the bank: "
        f"{', '.join(active[:5])} and {len(active) - 5} more. Calibrate them (ssa calibrate) or choose another rule."
    )
    assert history(db) == []


def calibrated(bank: ItemBank, *, but: str = "") -> ItemBank:
    """Return the bank with parameters of all its scored items, or of all but one."""
    items = [
        item.model_copy(update={"statistics": ItemStatistics(a=1.1, b=0.2)})
        if item.status == "active" and item.id != but
        else item
        for item in bank.items
    ]
    return ItemBank(spec=bank.spec, items=tuple(items), cases=bank.cases, media=bank.media, sizes=bank.sizes)


def test_with_the_parameters_of_all_scored_items_it_is_published(
    db: Database, ct: ContentSpec, library: Library, publish: Publish
) -> None:
    bank = library.bank("CT")
    ready = Banks(db, dataclasses.replace(library, banks=library.banks | {"CT": calibrated(bank)}))
    assert publish(0, policy=by_irt(ct), banks=ready).version == 1


def test_attempts_under_way_must_be_scorable_too(
    db: Database, ct: ContentSpec, banks: Banks, clock: Clock, candidate: Someone, library: Library, publish: Publish
) -> None:
    publish(0)
    begin(db, banks, clock, candidate)
    ready = Banks(db, dataclasses.replace(library, banks=library.banks | {"CT": calibrated(library.bank("CT"))}))
    with pytest.raises(Invalid, match="these items have no a and b"):
        publish(1, policy=by_irt(ct), banks=ready)
    assert len(history(db)) == 1


def test_nothing_starts_on_a_bank_that_the_policy_cannot_score(
    db: Database, ct: ContentSpec, clock: Clock, candidate: Someone, library: Library, publish: Publish
) -> None:
    bank = library.bank("CT")
    ready = Banks(db, dataclasses.replace(library, banks=library.banks | {"CT": calibrated(bank)}))
    publish(0)
    publish(1, policy=by_irt(ct), banks=ready, effective_at=LATER)
    first = next(item.id for item in bank.items if item.status == "active")
    later = Banks(db, dataclasses.replace(library, banks=library.banks | {"CT": calibrated(bank, but=first)}))
    with pytest.raises(
        Conflict, match=r"^The policy for Computed Tomography cannot be applied to all of its questions"
    ):
        begin(db, later, clock, candidate)
    assert begin(db, ready, clock, candidate).attempt.position == 1


def test_a_population_must_be_one_that_can_be(db: Database, ct: ContentSpec, publish: Publish) -> None:
    count = len(ct.area_names)
    rows = [[0.02 if one == other else 0.05 for other in range(count)] for one in range(count)]
    population = Augmentation(
        areas=tuple(ct.area_names),
        means=(0.7,) * count,
        true_covariance=tuple(map(tuple, rows)),
        error_variances=(0.2,) * count,
    )
    changes = {"decision": DecisionRule(rule="augmented"), "augmentation": population}
    with pytest.raises(Invalid, match="cannot be those of any population"):
        publish(0, policy=ct.sample_policy.model_copy(update=changes))
    assert history(db) == []
