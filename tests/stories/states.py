"""Every page in every state: on which site, for whom, at which address, and what to press there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from tests.stories.browser import (
    CANDIDATE,
    COMPLETE,
    PRESCRIBED,
    PSYCHOMETRICIAN,
    SAVED,
    SPECIALIST,
    STAFF,
    Site,
    Visitor,
    at_position,
    attempt_of,
    begin,
    button,
    fill_sign_in,
    option,
    receipt,
)


@dataclass
class Place:
    """A site in some state of affairs; `attempt` is the demo candidate's, if begun."""

    site: Site
    attempt: int = 0
    sessions: dict[str | None, Any] = field(default_factory=dict)


def untouched(visitor: Visitor, library: Library) -> Place:
    """The demo as it is built."""
    return Place(visitor.site)


def halfway(visitor: Visitor, library: Library) -> Place:
    """An attempt under way: questions 1 and 2 answered, 3 flagged, 4 open."""
    page = visitor.open(CANDIDATE)
    shown = begin(page)
    for position in (1, 2):
        option(page, shown.options[1]).click()
        expect(receipt(page)).to_have_text(SAVED)
        button(page, "Save and go on").click()
        shown = at_position(page, position + 1)
    button(page, "Flag for review").click()
    expect(page.locator(".flagged-mark")).to_be_visible()
    button(page, "Save and go on").click()
    at_position(page, 4)
    return Place(visitor.site, attempt_of(page))


def late(visitor: Visitor, library: Library) -> Place:
    """An attempt whose time ended before it was submitted."""
    place = halfway(visitor, library)
    visitor.site.ahead = dt.timedelta(minutes=101)
    return place


def waiting(visitor: Visitor, library: Library) -> Place:
    """An attempt that was submitted under a policy which releases results after two weeks."""
    spec = library.spec("CT")
    slow = spec.sample_policy.model_copy(update={"release_after_days": 14})
    publish(visitor.site.db, spec, slow, expected_version=1, reason="Slow", who="test", now=dt.datetime.now(dt.UTC))
    place = halfway(visitor, library)
    page = visitor.open(CANDIDATE)
    page.goto(f"/candidate/attempts/{place.attempt}/review")
    button(page, "Submit my assessment").click()
    button(page, "Submit now").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()
    return place


PLACES = {"demo": untouched, "halfway": halfway, "late": late, "waiting": waiting}


def stale(page: Page) -> None:
    """Answer on a page that is older than the attempt."""
    page.locator("#token").evaluate("(input) => { input.value = 'of-another-window'; }")
    page.locator("label.option:not(:has(:checked))").first.click()
    expect(page.get_by_role("alert")).to_be_visible()


def not_saved(page: Page) -> None:
    """Choose an option while no server answers."""
    page.route("**/items/*", lambda route: route.abort("connectionrefused"))
    page.locator("label.option").first.click()
    expect(receipt(page)).to_contain_text("Not saved yet.")


def mistyped(page: Page) -> None:
    """Give a password that is not right."""
    fill_sign_in(page, COMPLETE, "demo?")
    expect(page.locator("#signin-problem")).to_be_visible()


def confirm(page: Page) -> None:
    """Ask to submit while something is open."""
    button(page, "Submit my assessment").click()
    expect(page.get_by_role("heading", name="Submit your assessment?")).to_be_visible()


def result(page: Page) -> None:
    """Open the result from the dashboard."""
    page.get_by_role("link", name="See my result").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()


def start(page: Page) -> None:
    """Open the page before the first question from the dashboard."""
    page.locator("section[data-credential] a.button").first.click()
    expect(page.get_by_role("heading", name="Your self-assessment in Computed Tomography")).to_be_visible()


def not_yet(page: Page) -> None:
    """Open the start page of an assessment whose window is not open yet."""
    credential = page.locator("section[data-state=not_yet]").get_attribute("data-credential")
    page.goto(f"/candidate/credentials/{credential}/assessment")
    expect(page.get_by_role("heading", name="Your self-assessment in Radiography")).to_be_visible()


def keys(page: Page) -> None:
    """Open the list of keys."""
    button(page, "Keys").click()
    expect(page.get_by_role("dialog")).to_be_visible()


@dataclass(frozen=True)
class State:
    """One page in one state."""

    name: str
    place: str
    person: str | None
    path: str = "/"
    act: Callable[[Page], None] | None = None
    expected: tuple[str, ...] = ()
    picture: bool = True

    @property
    def for_candidates(self) -> bool:
        """Whether a candidate may see it."""
        return self.person in (None, CANDIDATE, PRESCRIBED, COMPLETE)


ITEM = "/candidate/attempts/{attempt}/items"
REVIEW = "/candidate/attempts/{attempt}/review"
NO_SERVER = ("net::ERR_CONNECTION_REFUSED", "htmx:sendError", "htmx:afterRequest")

STATES = (
    State("signin", "demo", None, "/signin"),
    State("signin-problem", "demo", None, "/signin", mistyped, expected=("status of 422",)),
    State("dashboard-open", "demo", CANDIDATE),
    State("dashboard-in-progress", "halfway", CANDIDATE),
    State("dashboard-time-up", "late", CANDIDATE),
    State("dashboard-waiting", "waiting", CANDIDATE, picture=False),
    State("dashboard-prescribed", "demo", PRESCRIBED),
    State("dashboard-complete", "demo", COMPLETE),
    State("start", "demo", CANDIDATE, act=start),
    State("start-resume", "halfway", CANDIDATE, act=start),
    State("start-not-yet", "demo", CANDIDATE, act=not_yet),
    State("item-unanswered", "halfway", CANDIDATE, f"{ITEM}/4"),
    State("item-answered", "halfway", CANDIDATE, f"{ITEM}/1"),
    State("item-flagged", "halfway", CANDIDATE, f"{ITEM}/3"),
    State("item-last", "halfway", CANDIDATE, f"{ITEM}/80", picture=False),
    State("item-stale", "halfway", CANDIDATE, f"{ITEM}/2", stale, expected=("status of 409",)),
    State("item-not-saved", "halfway", CANDIDATE, f"{ITEM}/1", not_saved, expected=NO_SERVER),
    State("review", "halfway", CANDIDATE, REVIEW),
    State("review-confirm", "halfway", CANDIDATE, REVIEW, confirm),
    State("review-time-up", "late", CANDIDATE, REVIEW),
    State("result-waiting", "waiting", CANDIDATE, act=result),
    State("result-prescribed", "demo", PRESCRIBED, act=result),
    State("result-complete", "demo", COMPLETE, act=result),
    State("not-found", "demo", CANDIDATE, "/candidate/nowhere", expected=("status of 404",)),
    State("not-for-you", "demo", CANDIDATE, "/psychometrician/", expected=("status of 403",), picture=False),
    State("cohort", "demo", PSYCHOMETRICIAN, "/psychometrician/"),
    State("cohort-keys", "demo", PSYCHOMETRICIAN, "/psychometrician/", keys),
    State("policy", "demo", PSYCHOMETRICIAN, "/psychometrician/CT/policy"),
    State("items", "demo", PSYCHOMETRICIAN, "/psychometrician/CT/items"),
    State("exports", "demo", PSYCHOMETRICIAN, "/psychometrician/exports"),
    State("specialist-index", "demo", SPECIALIST, "/specialist/CT/items"),
    State("specialist-preview", "demo", SPECIALIST, "/specialist/CT/items/ct-form-001"),
    State("staff-empty", "demo", STAFF, "/staff/"),
    State("staff-found", "demo", STAFF, "/staff/?q=example.org"),
    State("staff-nobody", "demo", STAFF, "/staff/?q=nobody+of+that+name", picture=False),
    State("style", "demo", SPECIALIST, "/style"),
)
