"""Years of a credential in a browser: a clock that is moved, what falls due done, an assessment taken quickly."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from ssa_engine.actions import cycles
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.people import HASHER
from ssa_engine.content.library import Library
from ssa_engine.core.demo_people import DEMO_PASSWORD
from ssa_engine.core.people import Role
from ssa_engine.core.psychometrics.simulate import other_answers
from ssa_engine.storage import attempts, forms, people, places
from tests.stories.browser import Visitor, at_position, attempt_of, button

HASH = HASHER.hash(DEMO_PASSWORD)


@dataclass
class Technologist:
    """Somebody who holds credentials on a site, and the window they look through."""

    visitor: Visitor
    library: Library
    email: str
    name: str
    credentials: dict[str, int] = field(default_factory=dict)

    def earn(self, discipline: str, earned_on: dt.date) -> int:
        """Give them a credential; return its id. The first one adds the person."""
        now = self.now
        with self.visitor.site.db.write() as connection:
            known = people.by_email(connection, self.email)
            person_id = (
                known[0].id
                if known
                else people.insert(
                    connection, email=self.email, name=self.name, password_hash=HASH, roles=[Role.CANDIDATE], at=now
                )
            )
            self.credentials[discipline] = people.insert_credential(
                connection, person_id=person_id, discipline=discipline, earned_on=earned_on, recorded_on=now.date()
            )
        return self.credentials[discipline]

    @property
    def now(self) -> dt.datetime:
        """The time on the site."""
        return dt.datetime.now(dt.UTC) + self.visitor.site.ahead

    @property
    def banks(self) -> Banks:
        """The item banks of the site."""
        found: Banks = self.visitor.site.app.extensions["ssa_engine"].banks
        return found

    def on(self, day: dt.date) -> Page:
        """Let it be a day, do what falls due, and open a window on the start page."""
        noon = dt.datetime.combine(day, dt.time(18), dt.UTC)
        self.visitor.site.ahead = noon - dt.datetime.now(dt.UTC)
        cycles.tick(self.visitor.site.db, self.banks, who="clock", now=self.now)
        return self.visitor.open(self.email)

    def take_assessment(self, page: Page, correct: dict[str, int]) -> int:
        """Take the CT assessment: the first question in the browser, the others at once; so many correct in each area.

        Areas that are not named have every question correct.
        """
        page.goto(f"/candidate/credentials/{self.credentials['CT']}/assessment")
        button(page, "I am this person").click()
        button(page, "I accept").click()
        button(page, "Start my assessment").click()
        at_position(page, 1)
        attempt_id = attempt_of(page)
        self._answer(attempt_id, dict(correct))
        page.goto(f"/candidate/attempts/{attempt_id}/review")
        button(page, "Submit my assessment").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return attempt_id

    def _answer(self, attempt_id: int, left: dict[str, int]) -> None:
        bank, rows = self.library.bank("CT"), []
        with self.visitor.site.db.write() as connection:
            attempt = attempts.get(connection, attempt_id)
            assert attempt is not None
            for place in forms.items_of(connection, attempt.form_id):
                item = bank.item(place.item_id)
                knows = not place.scored or left.get(place.content_area, 1) > 0
                if place.scored and place.content_area in left:
                    left[place.content_area] -= 1
                rows.append({
                    "attempt_id": attempt_id, "item_id": place.item_id,
                    "answer": item.key_answer if knows else other_answers(item)[0],
                    "token": f"story-{place.position}", "answered_at": self.now, "seconds": 30.0,
                })  # fmt: skip
            places.append_responses(connection, rows)

    def photo(self, title: str) -> FilePayload:
        """A photo of a certificate, as a browser sends it."""
        image = Image.new("RGB", (640, 400), "white")
        ImageDraw.Draw(image).text((40, 40), f"{self.name}\n{title}", fill="black")
        content = io.BytesIO()
        image.save(content, "PNG")
        return {"name": f"{title}.png", "mimeType": "image/png", "buffer": content.getvalue()}


def fill_profile(page: Page, credential_id: int) -> None:
    """Do the whole professional profile as it comes, screen by screen."""
    page.goto(f"/candidate/credentials/{credential_id}/profile")
    page.get_by_role("link", name="Begin my profile").click()
    for _ in range(20):
        expect(button(page, "Save and go on")).to_be_visible()
        for number, activity in enumerate(page.locator("fieldset.activity").all()):
            activity.locator("label.frequency").nth(number % 4 + 1).click()
        here = page.url
        button(page, "Save and go on").click()
        expect(page).not_to_have_url(here)
        finish = button(page, "Finish my profile")
        expect(finish.or_(button(page, "Save and go on"))).to_be_visible()
        if finish.count():
            break
    finish.click()
    expect(finish).to_have_count(0)


def steps(page: Page, credential_id: int) -> list[str]:
    """The steps of a credential's checklist that are done."""
    card = page.locator(f"[data-credential='{credential_id}']")
    return card.locator("li.step.done .step-label").all_inner_texts()
