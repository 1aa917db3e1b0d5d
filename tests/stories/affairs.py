"""Sites in the states of affairs that pages are looked at in: nothing begun, halfway, at a break, submitted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from ssa_engine.actions import policy_drafts, rescoring_runs, rescorings, sittings, standard_setting
from ssa_engine.actions.panel_sheets import PanelSheet
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.rescorings import ItemChange
from ssa_engine.storage import forms, frames, people
from tests.stories.browser import (
    CANDIDATE,
    PRESCRIBED,
    SAVED,
    Visitor,
    at_position,
    attempt_of,
    begin,
    button,
    get_ready,
    option,
    receipt,
)
from tests.stories.site import Site


@dataclass
class Place:
    """A site in some state of affairs; `attempt` is the demo candidate's, if begun."""

    site: Site
    attempt: int = 0


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


def nearly_over(visitor: Visitor, library: Library) -> Place:
    """An attempt with four minutes left."""
    place = halfway(visitor, library)
    visitor.site.ahead = dt.timedelta(minutes=96)
    return place


def at_break(visitor: Visitor, library: Library) -> Place:
    """An attempt that has come to its scheduled break."""
    db = visitor.site.db
    with db.read() as connection:
        person = people.by_email(connection, CANDIDATE)
    assert person is not None
    granted = Accommodations(extra_breaks=1)
    sittings.set_accommodations(db, person_id=person[0].id, granted=granted, who="test", now=dt.datetime.now(dt.UTC))
    page = visitor.open(CANDIDATE)
    begin(page)
    attempt = attempt_of(page)
    page.goto(f"/candidate/attempts/{attempt}/items/40")
    at_position(page, 40)
    button(page, "Save and go on").click()
    expect(page.get_by_role("heading", name="Time for a break")).to_be_visible()
    return Place(visitor.site, attempt)


def on_break(visitor: Visitor, library: Library) -> Place:
    """An attempt whose break is under way."""
    place = at_break(visitor, library)
    page = visitor.open(CANDIDATE)
    page.goto(f"/candidate/attempts/{place.attempt}/break")
    button(page, "Take the break").click()
    expect(page.get_by_role("heading", name="You are on your break")).to_be_visible()
    return place


def agreed(visitor: Visitor, library: Library) -> Place:
    """The demo after identity and agreement, before the first question."""
    get_ready(visitor.open(CANDIDATE))
    return Place(visitor.site)


def console(visitor: Visitor, library: Library) -> Place:
    """A draft, an applied rescoring that a candidate has a letter of, and a panel's sheet."""
    site, now = visitor.site, dt.datetime.now(dt.UTC)
    db, banks = site.db, site.app.extensions["ssa_engine"].banks
    by: dict[str, Any] = {"who": "test", "now": now}
    policy_drafts.create(db, library.spec("CT"), title="Stricter", **by)
    with db.read() as connection:
        person = people.by_email(connection, PRESCRIBED)
        assert person is not None
        taken = frames.attempt_frame(connection, "CT").set_index("candidate_id")["form_id"]
        items = forms.items_of(connection, int(taken[str(person[0].id)]))
    session = rescorings.begin(db, banks, discipline="CT", title="One item", reason="Two answers hold.", **by)
    dropped = next(item.item_id for item in items if item.scored)
    rescorings.change(db, banks, session.id, item_id=dropped, kind=ItemChange.DROP, **by)
    rescoring_runs.apply(db, banks, session.id, **by)
    sheet = "".join(f"Ann,{item.id},.6\nBo,{item.id},.{6 + n % 3}\n" for n, item in enumerate(library.bank("CT").items))
    panel = PanelSheet(title="Spring", method="angoff", sheet=f"judge,item_id,rating\n{sheet}")
    standard_setting.add(db, library.bank("CT"), panel, **by)
    return Place(site)


PLACES = {
    "demo": untouched,
    "console": console,
    "preparing": untouched,
    "agreed": agreed,
    "halfway": halfway,
    "nearly over": nearly_over,
    "late": late,
    "at break": at_break,
    "on break": on_break,
    "waiting": waiting,
}
