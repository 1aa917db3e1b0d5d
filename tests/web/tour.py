"""A tour of the pages of every audience in the states they have, as people see them who read one language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.actions.sittings import set_accommodations
from ssa_engine.content.library import Library
from ssa_engine.core.accommodations import Accommodations
from ssa_engine.core.display import Display
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.people import Role
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from tests.actions.filling import Filling
from tests.factories import (
    Clock,
    Someone,
    add_someone,
    answer,
    begin_url,
    item_url,
    prepare,
    read,
    right,
    session_of,
    start_attempt,
)

Pages = Iterator[TestResponse]


def seed_of_every_format(bank: ItemBank) -> int:
    """Return a seed that draws a form with items of every format the bank has."""
    formats = {item.format for item in bank.items if item.status == "active"}
    drawn = ({bank.item(place.item_id).format for place in draw_form(bank, seed).items} for seed in range(100))
    return next(seed for seed, found in enumerate(drawn) if found >= formats)


@dataclass
class Tour:
    """Where it leads through, and the language of its people."""

    app: Flask
    db: Database
    clock: Clock
    library: Library
    language: str
    names: set[str] = field(default_factory=set)

    def pages(self) -> Pages:
        """Every page in turn."""
        for part in (
            self.signed_out,
            self.standings,
            self.profile,
            self.before,
            self.during,
            self.at_a_break,
            self.after,
        ):
            yield from part()
        yield from self.console()
        yield from self.support()

    def somebody(
        self, name: str, role: Role = Role.CANDIDATE, earned_on: dt.date = dt.date(2018, 6, 1), discipline: str = "CT"
    ) -> tuple[Someone, FlaskClient]:
        """Add a person who reads that language; return the person and a browser in which they are signed in."""
        email = f"{name}@test.example"
        someone = add_someone(self.db, email, clock=self.clock, role=role, earned_on=earned_on, discipline=discipline)
        with self.db.write() as connection:
            people.set_display(connection, someone.id, Display(language=self.language))
        self.names.add(name)
        browser = self.stranger()
        browser.set_cookie("ssa_session", session_of(self.db, someone, self.clock()))
        return someone, browser

    def stranger(self) -> FlaskClient:
        """Return a browser that asks for the language, in which nobody is signed in."""
        browser = self.app.test_client()
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = self.language
        return browser

    def signed_out(self) -> Pages:
        """Pages of people that nobody knows yet: their browser asks for the language."""
        nobody = self.stranger()
        yield nobody.get("/signin")
        yield nobody.post("/signin", data={"email": "a@b.example", "password": "?"})
        yield nobody.post(item_url(1, 1), data={"answer": "a"})
        yield nobody.post(item_url(1, 1), data={"answer": "a"}, headers={"HX-Request": "true"})
        yield nobody.get("/nowhere")
        yield nobody.get("/records")
        yield nobody.get("/records/none")
        yield nobody.post("/signin", headers={"Sec-Fetch-Site": "cross-site"})

    def standings(self) -> Pages:
        """Start pages and what leads on from them, before anything is begun."""
        for name, earned_on, discipline in (
            ("unlimited", dt.date(2005, 5, 5), "CT"),
            ("early", dt.date(2022, 9, 30), "CT"),
            ("prepared", dt.date(2018, 6, 1), "RAD"),
            ("ready", dt.date(2018, 6, 1), "CT"),
        ):
            someone, browser = self.somebody(name, earned_on=earned_on, discipline=discipline)
            yield browser.get("/candidate/")
            yield browser.get(begin_url(someone))
            yield browser.post(begin_url(someone))
            yield browser.get("/display")
            yield browser.get("/candidate/help")
            for query in ("", "?q=patient", "?q=zebra"):
                yield browser.get(begin_url(someone).replace("assessment", "outline") + query)
            for url in ("/nowhere", "/psychometrician/", "/candidate/attempts/999/review", "/candidate/?q=%00"):
                yield browser.get(url)
            yield browser.put("/candidate/")
            yield browser.post("/candidate/", data={"answer": "a" * 100_000})

    def profile(self) -> Pages:
        """The professional profile: start, screens, what is missing, finish, summary without and with others."""
        someone, browser = self.somebody("profile")
        filling = Filling(self.db, self.library, self.clock, someone)
        url = begin_url(someone).replace("assessment", "profile")
        pages = (url, f"{url}/screens/1", f"{url}/finish")
        yield from (browser.get(page) for page in pages)
        old = dict(read(browser.get(pages[1])).fields_of("profile-form"))
        filling.save(1, {"check-kidney-function": 4})
        yield from (browser.get(page) for page in pages)
        for headers in ({}, {"HX-Request": "true"}):
            yield browser.post(pages[1], data=old | {"did-check-kidney-function": "1"}, headers=headers)
            sent = old | {"did-use-power-injector": "2"}
            yield browser.post(pages[1], data=sent, headers=headers, follow_redirects=True)
            yield browser.post(pages[1], data={"did-check-kidney-function": "9"}, headers=headers)
        yield browser.post(pages[1], data={"go": "?"})
        yield browser.get(f"{url}/screens/99")
        yield browser.post(pages[2])
        filling.fill(lambda one: len(one.id) % 5)
        yield from (browser.get(page) for page in pages)
        filling.finish()
        yield browser.get(url)
        yield browser.post(pages[1], data={"did-check-kidney-function": "3"})
        for turn in range(10):
            peer, _ = self.somebody(f"test{turn}")
            Filling(self.db, self.library, self.clock, peer).complete(lambda one: len(one.text) % 5)
        yield browser.get(url)

    def before(self) -> Pages:
        """From identity to the start; refused and timed out on the way; the practice."""
        someone, browser = self.somebody("before")
        url = begin_url(someone)
        yield browser.post(url, data={"step": "else"})
        browser.post(url, data={"step": "identity"})
        yield browser.get(url)
        browser.post(url, data={"step": "agreement", "decision": "refuse"})
        yield browser.get(url)
        browser.post(url, data={"step": "identity"})
        self.clock.advance(minutes=10)
        yield browser.get(url)
        yield browser.post(url, data={"step": "agreement", "decision": "accept"})
        prepare(browser, someone)
        yield browser.get(url)
        for number in range(1, len(self.library.practice.items) + 2):
            yield browser.get(f"{url.rpartition('/')[0]}/tutorial/{number}")
        start_attempt(browser, someone)
        yield browser.get(url)
        yield browser.get("/candidate/")

    def during(self) -> Pages:
        """Every item of a form, untouched and answered; receipts, an old page, review, the end of the clock."""
        someone, browser = self.somebody("during")
        attempt = start_attempt(browser, someone)
        stale = read(browser.get(item_url(attempt, 1)))
        seen: set[str] = set()
        position = 1
        while (shown := browser.get(item_url(attempt, position))).status_code == 200:
            page = read(shown)
            yield shown
            if page.format not in seen:
                yield from self._one_of_a_format(browser, attempt, position)
                seen.add(page.format)
            position += 1
        yield shown
        assert seen == {"single", "multiple", "sorted", "hotspot", "number"}
        answer(browser, attempt, 2, go="flag")
        yield browser.get(item_url(attempt, 2))
        yield browser.post(item_url(attempt, 1), data={"token": stale.token, "answer": stale.choices[3], "go": "next"})
        yield browser.post(item_url(attempt, 1), data={"go": "x"})
        for shown_only in ("", "?show=flagged", "?show=noted"):
            yield browser.get(f"/candidate/attempts/{attempt}/review{shown_only}")
        yield browser.post(f"/candidate/attempts/{attempt}/review")
        yield browser.get(f"/candidate/attempts/{attempt}/survey", follow_redirects=True)
        yield browser.post(f"/candidate/attempts/{attempt}/events", data={"kind": "x"})
        yield browser.post(f"/candidate/attempts/{attempt}/pulse")
        yield browser.post(f"/candidate/attempts/{attempt}/break", data={"go": "take"})
        self.clock.advance(hours=30)
        yield browser.get(f"/candidate/attempts/{attempt}/review")
        yield browser.get("/candidate/")

    def _one_of_a_format(self, browser: FlaskClient, attempt: int, position: int) -> Pages:
        url = item_url(attempt, position)
        page = read(browser.get(url))
        yield browser.post(url, data={"token": page.token, "answer": ["zz"], "go": "next"})
        sent = {"token": page.token, "answer": page.choices[0], "go": "save"}
        yield browser.post(url, data=sent, headers={"HX-Request": "true", "HX-Target": "receipt"})
        yield browser.get(url)

    def at_a_break(self) -> Pages:
        """The break: ahead, under way, over; what it locks and what lies behind it."""
        someone, browser = self.somebody("break")
        granted = Accommodations(extra_breaks=2, untimed=True)
        set_accommodations(self.db, person_id=someone.id, granted=granted, who="test", now=self.clock())
        prepare(browser, someone)
        yield browser.get(begin_url(someone))
        attempt = start_attempt(browser, someone)
        breaks = f"/candidate/attempts/{attempt}/break"
        yield browser.get(item_url(attempt, 70))
        yield browser.get(breaks)
        browser.post(breaks, data={"go": "take"})
        yield browser.get(breaks)
        yield browser.post(item_url(attempt, 30), data={"answer": "a", "go": "next"})
        self.clock.advance(minutes=30)
        yield browser.get(breaks)
        browser.post(breaks, data={"go": "end"})
        yield browser.get(item_url(attempt, 1))
        yield browser.get(f"/candidate/attempts/{attempt}/review")

    def after(self) -> Pages:
        """Survey and result: with everything to strengthen, and with nothing."""
        for name, knows in (("gaps", False), ("none", True)):
            someone, browser = self.somebody(name)
            attempt = start_attempt(browser, someone)
            if knows:
                self._know_it_all(browser, attempt)
            browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
            for page in ("result", "survey"):
                yield browser.get(f"/candidate/attempts/{attempt}/{page}")
            yield browser.post(f"/candidate/attempts/{attempt}/survey", data={"clear": "?"})
            yield browser.get("/candidate/")
            yield browser.post(begin_url(someone))
            yield browser.post(item_url(attempt, 1), data={"answer": "a"}, follow_redirects=True)

    def _know_it_all(self, browser: FlaskClient, attempt: int) -> None:
        position = 1
        while (shown := browser.get(item_url(attempt, position))).status_code == 200:
            page = read(shown)
            key = right(self.library.bank("CT").item(page.item_id))
            browser.post(item_url(attempt, position), data={"token": page.token, "answer": key, "go": "save"})
            position += 1

    def console(self) -> Pages:
        """The pages of psychometricians and specialists."""
        _, browser = self.somebody("psychometrician", Role.PSYCHOMETRICIAN)
        for discipline in ("CT", "RAD"):
            yield browser.get(f"/psychometrician/?discipline={discipline}")
            yield browser.get(f"/psychometrician/{discipline}/policy")
        for url in ("CT/items", "exports", "NONE/policy", "RAD/items", "exports/nothing.csv"):
            yield browser.get(f"/psychometrician/{url}")
        _, browser = self.somebody("specialist", Role.SPECIALIST)
        yield browser.get("/specialist/CT/items")
        yield browser.get("/style")
        seen: set[str] = set()
        for item in self.library.bank("CT").items:
            kind = f"{item.format} {bool(item.exhibit)} {bool(item.case)}"
            if kind not in seen:
                yield browser.get(f"/specialist/CT/items/{item.id}")
                seen.add(kind)
        yield browser.get("/specialist/CT/items/none")

    def support(self) -> Pages:
        """The pages of staff, and of a person and a sitting that they look after."""
        helped, theirs = self.somebody("helped")
        attempt = start_attempt(theirs, helped)
        answer(theirs, attempt, 1)
        theirs.post(f"/candidate/attempts/{attempt}/events", data={"kind": "left_window"})
        self.names |= {"Noise", "xyz"}
        _, browser = self.somebody("staff", Role.STAFF)
        for url in ("", "?q=test", "?q=xyz", f"people/{helped.id}", "people/999999", "attempts/999999"):
            yield browser.get(f"/staff/{url}")
        yield browser.post(f"/staff/people/{helped.id}/accommodations", data={"time_multiplier": "9"})
        granted = {"time_multiplier": "1,5", "extra_minutes": "10", "extra_breaks": "1"}
        yield browser.post(f"/staff/people/{helped.id}/accommodations", data=granted, follow_redirects=True)
        yield browser.get(f"/staff/attempts/{attempt}")
        yield browser.get(f"/staff/attempts/{attempt}?q=xyz")
        for action, sent in (("time", {"minutes": "x"}), ("time", {"minutes": "5", "reason": "Noise"}), ("unlock", {})):
            yield browser.post(f"/staff/attempts/{attempt}/{action}", data=sent, follow_redirects=True)
        self.clock.advance(hours=30)
        yield browser.get(f"/staff/attempts/{attempt}")
