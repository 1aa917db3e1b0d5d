"""Tuning a rule that looks at more than an area's own score: by item response theory, and by augmented scores."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions.augmentations import estimate
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.exports import marked_responses
from ssa_engine.actions.policies import publish
from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.audit_trail import AuditFilter
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import ItemStatistics
from ssa_engine.core.policies import DecisionRule, Policy
from ssa_engine.core.policy_drafts import PolicyDraft
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.text import long_date
from ssa_engine.storage import audit, policy_drafts
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import attempts, credentials
from tests.factories import Clock, Someone, read
from tests.web.psychometrician.reviews import counted, csv_rows, reader
from tests.web.psychometrician.tuning import POLICY

COHORT = 20
IRT = "decision=irt"
OF_CT = sa.select(credentials.c.id).where(credentials.c.discipline == "CT")
ENDED = attempts.c.submitted_at.is_not(None) & attempts.c.credential_id.in_(OF_CT)
AUGMENTED = {"decision": "augmented", "unit": "items", "standard.neck-and-chest": "8"}


def calibrated(bank: ItemBank, but: tuple[str, ...] = ()) -> ItemBank:
    """The bank with parameters of all its scored items but those named."""
    active = [item.id for item in bank.items if item.status == "active"]
    items = [
        item.model_copy(update={"statistics": ItemStatistics(a=0.8 + active.index(item.id) % 7 / 10, b=-1.0)})
        if item.id in active and item.id not in but
        else item
        for item in bank.items
    ]
    return ItemBank(spec=bank.spec, items=tuple(items), cases=bank.cases, media=bank.media, sizes=bank.sizes)


@pytest.fixture
def content(library: Library) -> Library:
    """The bundled content with item parameters."""
    return dataclasses.replace(library, banks=library.banks | {"CT": calibrated(library.bank("CT"))})


@pytest.fixture
def app(database_url: str, clock: Clock, content: Library) -> Iterator[Flask]:
    """The application on a database in which nothing is published yet."""
    app = create_app(read_settings({}, database_url=database_url, secure_cookies="false"), clock=clock, library=content)
    yield app
    app.extensions["ssa_engine"].db.dispose()


@pytest.fixture
def console(db: Database, library: Library, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    """A psychometrician's browser; the sittings are from the bank as it was before it was calibrated."""
    return reader(db, library, clock, sign_in, COHORT)


@pytest.fixture
def draft(console: FlaskClient) -> str:
    """The address of a draft that begins with what is in force."""
    return str(console.post(f"{POLICY}/drafts", data={"title": "Other rule"}).headers["Location"])


def stored(db: Database, draft: str) -> PolicyDraft:
    with db.read() as connection:
        found = policy_drafts.get(connection, int(draft.rsplit("/", 1)[1]))
    assert found is not None
    return found


def by_scoring(db: Database, content: Library, policy: Policy) -> dict[str, float]:
    """Attempt -> its credits, as scoring gives them on the calibrated bank."""
    with db.read() as connection:
        rows = marked_responses(connection, Banks(db, content), "CT").dropna(subset="correct")
    told = score_responses(rows[["attempt_id", "item_id", "answer"]], content.bank("CT"), policy)
    return dict(told.groupby("attempt_id", observed=True)["credits"].sum())


def test_item_response_theory_prescribes_what_scoring_gives_each_sitting(
    console: FlaskClient, draft: str, db: Database, content: Library
) -> None:
    sample = content.spec("CT").sample_policy
    for query, rule, moved in (
        (IRT, DecisionRule(rule="irt"), sample.standards),
        (
            "decision=expected_loss&probability=irt&loss_ratio=2&unit=items&standard.image-formation=9",
            DecisionRule(rule="expected_loss", probability="irt", loss_ratio=2.0),
            sample.standards | {"image-formation": 0.9},
        ),
    ):
        after = by_scoring(db, content, sample.model_copy(update={"decision": rule, "standards": moved}))
        before = by_scoring(db, content, sample)
        changes = csv_rows(console, f"{draft}/changes.csv?{query}")
        assert {row["attempt_id"]: float(row["credits_after"]) for row in changes} == {
            attempt: credits for attempt, credits in after.items() if credits != before[attempt]
        }
        assert len(changes) > 3
        text = read(console.get(f"{draft}?{query}")).text
        assert "The curves go by the area’s raw score" in text
        assert "Estimate from this cohort" not in text


def test_a_moved_standard_reads_no_answer_again(app: Flask, console: FlaskClient, draft: str, db: Database) -> None:
    own = app.extensions["ssa_engine"].db
    console.get(f"{draft}?{IRT}")
    with counted(own) as plain:
        console.get(f"{draft}?unit=items&standard.image-formation=8")
    with counted(own) as by_items:
        console.get(f"{draft}?{IRT}&unit=items&standard.image-formation=8")
    assert len(by_items) == len(plain) + 2, "the stamp of the responses, and of the rescorings"


def test_what_items_lack_parameters_is_counted_and_simulated_candidates_have_theirs(
    console: FlaskClient, draft: str, content: Library, library: Library
) -> None:
    active = [item.id for item in content.bank("CT").items if item.status == "active"]
    content.banks["CT"] = calibrated(library.bank("CT"), but=tuple(active[:3]))
    response = console.get(f"{draft}?{IRT}")
    assert response.status_code == 422
    text = read(response).text
    assert "Item response theory goes by every answer, and 3 of the " in text
    assert f"have no a and b in the bank, {min(active[:3])} among them. Estimate them (ssa calibrate" in text
    simulated = console.get(f"{draft}?{IRT}&on=simulated&candidates=300&seed=2")
    assert simulated.status_code == 200
    assert "300 simulated candidates" in read(simulated).text


def test_a_draft_whose_rule_cannot_be_applied_can_still_be_looked_at_before_publishing(
    console: FlaskClient, draft: str, content: Library, library: Library, db: Database
) -> None:
    assert console.post(f"{draft}?revision=1", data={"decision": "irt"}).status_code == 303
    content.banks["CT"] = library.bank("CT")
    page = console.get(f"{draft}/publish")
    assert page.status_code == 200
    text = read(page).text
    assert "have no a and b in the bank" in text
    assert "Publish version 2" in text


def test_the_population_of_the_chosen_sittings_goes_into_the_draft(
    console: FlaskClient, draft: str, db: Database, library: Library, clock: Clock
) -> None:
    page = read(console.get(draft, query_string=AUGMENTED))
    assert "Augmented scores borrow from a population, and this draft has no figures of one yet." in page.text
    (button,) = [
        found for tag, found in page.elements if tag == "button" and "augmentation" in found.get("formaction", "")
    ]
    assert button["form"] == "controls"
    assert button["formmethod"] == "post"
    response = console.post(button["formaction"], data=AUGMENTED)
    assert response.status_code == 303
    assert "standard.neck-and-chest=8" in response.headers["Location"]
    found = stored(db, draft)
    expected = estimate(db, library.spec("CT"), now=clock())
    assert found.policy.augmentation is not None
    assert found.policy.augmentation.model_copy(update={"source": ""}) == expected.model_copy(update={"source": ""})
    assert (found.revision, found.policy.standards["neck-and-chest"]) == (2, 0.7), "the controls are not saved with it"
    with db.read() as connection:
        days = sorted(connection.execute(sa.select(attempts.c.submitted_at).where(ENDED)).scalars())
        trail = audit.entries(connection, AuditFilter(noun="policy_draft"))
    source = found.policy.augmentation.source
    assert source == (
        f"{COHORT + 2} submitted CT attempts from {long_date(days[0])} to {long_date(days[-1])}; "
        "error by KR-21; estimated on 14 March 2027 by reader@test.example"
    )
    assert (trail[0].verb, trail[0].who) == ("save", "reader@test.example")
    shown = console.get(response.headers["Location"])
    assert shown.status_code == 200
    text = read(shown).text
    assert f"Augmented scores borrow from: {source}." in text
    assert "The curves go by the area’s raw score" in text
    assert read(console.get(draft)).text.count("Augmented scores borrow") == 0, "not asked for"


def test_only_the_chosen_sittings_count_and_a_late_or_odd_request_is_told_so(
    console: FlaskClient, draft: str, db: Database, library: Library
) -> None:
    address = f"{draft}/augmentation?revision=1"
    before = stored(db, draft)
    few = console.post(address, data=AUGMENTED | {"since": "2090-01-01"})
    assert few.status_code == 422
    assert "Fewer than two attempts have items in every content area." in read(few).text
    assert dict(read(few).fields_of("controls"))["standard.neck-and-chest"] == "8"
    for data, status, sentence in (
        ({"on": "simulated"}, 422, "Augmented scores borrow from people. Choose the real cohort, and then estimate."),
        ({"since": "soon"}, 422, "“soon” is not a date."),
    ):
        response = console.post(address, data=AUGMENTED | data)
        assert response.status_code == status
        assert sentence in read(response).text
    assert (
        "To estimate a population, choose the real cohort."
        in read(console.get(draft, query_string=AUGMENTED | {"on": "simulated", "candidates": "200"})).text
    )
    late = console.post(f"{draft}/augmentation?revision=7", data=AUGMENTED)
    assert late.status_code == 409
    assert "so it may not be what you saw" in read(late).text
    assert console.get(address).status_code == 405
    assert stored(db, draft) == before


def test_where_the_policy_in_force_cannot_be_applied_the_draft_is_shown_without_a_comparison(
    console: FlaskClient, draft: str, db: Database, content: Library, library: Library, clock: Clock
) -> None:
    spec = content.spec("CT")
    by_items = spec.sample_policy.model_copy(update={"decision": DecisionRule(rule="irt")})
    banks = Banks(db, content)
    publish(db, spec, by_items, expected_version=1, reason="x", who="test", now=clock(), banks=banks)
    assert "the change against version 2" in read(console.get(f"{draft}?on=simulated&candidates=200")).text
    lacking = next(item.id for item in content.bank("CT").items if item.status == "active")
    content.banks["CT"] = calibrated(library.bank("CT"), but=(lacking,))
    response = console.get(draft)
    assert response.status_code == 200
    text = read(response).text
    assert (
        "There is no comparison with the policy in force: Item response theory goes by every answer, and 1 of" in text
    )
    assert "the change against version" not in text
