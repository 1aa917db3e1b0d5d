"""The result page under other rules than the raw score: what is prescribed, offered, or not asked, and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item
from ssa_engine.core.policies import Augmentation, CreditRule, DecisionRule, IndeterminateBand
from ssa_engine.storage.db import Database
from tests import by_hand
from tests.factories import Clock, Page, Someone, read, right
from tests.web.candidate.test_result import Choose, take

VARIES = "Taking into account how much a score on 10 questions can vary"


@pytest.fixture
def bank(library: Library) -> ItemBank:
    """The CT bank."""
    return library.bank("CT")


@pytest.fixture
def republish(db: Database, library: Library, clock: Clock) -> Callable[..., None]:
    """Publish version 2 of CT with changes."""

    def go(**changes: object) -> None:
        ct = library.specs["CT"]
        policy = ct.sample_policy.model_copy(update=changes)
        publish(db, ct, policy, expected_version=1, reason="x", who="test", now=clock())

    return go


def so_many(correct: tuple[int, ...]) -> Choose:
    """Answer with the key as often as given in each area, in outline order, and leave the others open."""
    left = dict(zip(by_hand.outline(), correct, strict=True))

    def choose(item: Item) -> list[str] | None:
        found = by_hand.items()[item.id]
        if found["status"] == "pilot":
            return right(item)
        left[found["area"]] -= 1
        return right(item) if left[found["area"]] >= 0 else None

    return choose


def page_of(browser: FlaskClient, candidate: Someone, bank: ItemBank, correct: tuple[int, ...]) -> Page:
    attempt, _ = take(browser, candidate, bank, so_many(correct))
    return read(browser.get(f"/candidate/attempts/{attempt}/result"))


def decisions(page: Page) -> list[tuple[str, float]]:
    """Return the decision and the credits of each area."""
    return [(row["data-decision"], float(row["data-credits"])) for row in page.rows("data-area")]


def test_by_expected_loss_the_page_says_what_was_taken_into_account(
    browser: FlaskClient, candidate: Someone, bank: ItemBank, republish: Callable[..., None]
) -> None:
    band = IndeterminateBand(low=0.3, high=0.6, rule="offer_only")
    republish(decision=DecisionRule(rule="expected_loss", indeterminate=band))
    page = page_of(browser, candidate, bank, (10, 9, 8, 7, 6, 4, 0))
    # P(below .7) under a uniform prior: .02, .11, .31, .57, .79, .98, 1; from .3 to .6 it is open.
    assert decisions(page) == [
        ("none", 0), ("none", 0), ("offer_only", 0), ("offer_only", 0), ("prescribe", 3), ("prescribe", 4.5),
        ("prescribe", 6),
    ]  # fmt: skip
    text = page.text
    assert "You have 3 content areas to strengthen, with 13.5 credits of continuing education" in text
    assert "The other 2 areas are at or above the standard and ask nothing more of you." in text
    assert "In 2 content areas continuing education is offered, and none is required." in text
    for points in (8, 7):
        assert (
            f"{points} of 10, at or above the standard of 7. {VARIES}, it is open whether this area needs "
            "strengthening, so continuing education is offered and none is required"
        ) in text
    assert (
        f"6 of 10, standard 7. {VARIES}, it is likely enough that this area needs strengthening, so 3 credits" in text
    )
    assert text.count("CE offered, none required") == 2
    assert "Whether an area is prescribed goes by how likely it is to need strengthening" in text
    assert "Where that stays open, continuing education is offered and none is required." in text


def test_an_area_is_prescribed_although_its_score_meets_the_standard_and_the_page_says_why(
    browser: FlaskClient, candidate: Someone, bank: ItemBank, republish: Callable[..., None]
) -> None:
    republish(decision=DecisionRule(rule="expected_loss", loss_ratio=4))
    page = page_of(browser, candidate, bank, (7, 10, 10, 10, 10, 10, 10))
    assert decisions(page) == [("prescribe", 3)] + [("none", 0)] * 6
    assert (
        f"7 of 10, at or above the standard of 7. {VARIES}, it is likely enough that this area needs strengthening, so "
        "3 credits"
    ) in page.text
    assert "You have 1 content area to strengthen, with 3 credits" in page.text


def test_an_area_below_its_standard_may_ask_nothing_and_the_page_says_why(
    browser: FlaskClient, candidate: Someone, bank: ItemBank, republish: Callable[..., None]
) -> None:
    areas = tuple(by_hand.outline())
    alike = tuple(tuple(0.03 if one == other else 0.025 for other in areas) for one in areas)
    population = Augmentation(
        areas=areas, means=(0.75,) * len(areas), true_covariance=alike, error_variances=(0.18,) * len(areas)
    )
    republish(decision=DecisionRule(rule="augmented"), augmentation=population)
    page = page_of(browser, candidate, bank, (6, 10, 10, 10, 10, 10, 10))
    assert decisions(page) == [("none", 0)] * 7
    assert (
        "6 of 10, standard 7. Taking your answers in the other content areas into account, we estimate that this area "
        "is at or above its standard, so no credits"
    ) in page.text
    assert "Nothing is prescribed, so there is nothing you have to do." in page.text
    assert "Every content area is at or above its standard" not in page.text
    assert page.text.count("Nothing required") == 1


def test_half_the_credits_are_said_to_be_half(
    browser: FlaskClient, candidate: Someone, bank: ItemBank, republish: Callable[..., None]
) -> None:
    band = IndeterminateBand(low=0.4, high=0.8, rule="prescribe_half")
    republish(decision=DecisionRule(rule="expected_loss", indeterminate=band))
    page = page_of(browser, candidate, bank, (6, 10, 10, 10, 10, 10, 10))
    assert decisions(page)[0] == ("prescribe", 1.5)
    assert (
        f"6 of 10, standard 7. {VARIES}, it is open whether this area needs strengthening, so half of the credits: 1.5 "
        "credits"
    ) in page.text


def test_areas_to_strengthen_without_credits_have_no_day_to_earn_them_by(
    browser: FlaskClient, candidate: Someone, bank: ItemBank, republish: Callable[..., None]
) -> None:
    republish(credits=CreditRule(rule="flat", credits=0))
    page = page_of(browser, candidate, bank, (6, 10, 10, 10, 10, 10, 10))
    assert "You have 1 content area to strengthen. No credits are prescribed for it." in page.text
