"""Things that tests need: a clock, people, an attempt that is under way, a page read as a person reads it."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.actions.people import hash_token
from ssa_engine.core.people import Role
from ssa_engine.storage import people
from ssa_engine.storage.db import Database

START = dt.datetime(2027, 3, 14, 14, 2, 11, tzinfo=dt.UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: dt.datetime = START) -> None:
        self.at = at

    def __call__(self) -> dt.datetime:
        return self.at

    def advance(self, **parts: float) -> None:
        self.at += dt.timedelta(**parts)


@dataclass(frozen=True)
class Someone:
    """A person in the database; with a CT credential if a candidate."""

    id: int
    email: str
    credential_id: int


def add_someone(
    db: Database,
    email: str,
    *,
    clock: Clock,
    role: Role = Role.CANDIDATE,
    earned_on: dt.date = dt.date(2018, 6, 1),
    discipline: str = "CT",
) -> Someone:
    """Add a person; one who holds a credential earned in 2018 has an open window in March 2027."""
    with db.write() as connection:
        person_id = people.insert(
            connection, email=email, name=email.partition("@")[0], password_hash="!", roles=[role], at=clock()
        )
        credential_id = (
            people.insert_credential(connection, person_id=person_id, discipline=discipline, earned_on=earned_on)
            if role is Role.CANDIDATE
            else 0
        )
    return Someone(person_id, email, credential_id)


def session_of(db: Database, someone: Someone, now: dt.datetime) -> str:
    """Open a session; return its token."""
    token = secrets.token_urlsafe(32)
    with db.write() as connection:
        people.open_session(
            connection,
            token_hash=hash_token(token),
            person_id=someone.id,
            at=now,
            expires_at=now + dt.timedelta(days=30),
        )
    return token


class Page(HTMLParser):
    """What a person and a browser find on a page: text, heading, inputs of the answer form, links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.words: list[str] = []
        self.inputs: list[dict[str, str]] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag == "input":
            self.inputs.append(found)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """All text, its white space folded."""
        return " ".join(" ".join(self.words).split())

    @property
    def token(self) -> str:
        """The per-render token of the answer form."""
        return next(one["value"] for one in self.inputs if one.get("name") == "token")

    @property
    def options(self) -> list[str]:
        """The option ids, in the order shown."""
        return [one["value"] for one in self.inputs if one.get("name") == "answer"]

    @property
    def chosen(self) -> str | None:
        """The option that is checked."""
        return next((one["value"] for one in self.inputs if one.get("name") == "answer" and "checked" in one), None)

    @property
    def item_id(self) -> str:
        """The item shown."""
        return next(found["data-item"] for _, found in self.elements if "data-item" in found)

    def rows(self, attribute: str) -> list[dict[str, str]]:
        """The attributes of all elements that have this one."""
        return [found for _, found in self.elements if attribute in found]


def read(response: TestResponse) -> Page:
    """Read a response as a page."""
    return Page(response.get_data(as_text=True))


def start_attempt(browser: FlaskClient, someone: Someone) -> int:
    """Start the assessment through the web; return the attempt's id."""
    response = browser.post(f"/candidate/credentials/{someone.credential_id}/assessment")
    assert response.status_code == 303, response.get_data(as_text=True)
    return int(response.headers["Location"].split("/")[3])


def item_url(attempt_id: int, position: int) -> str:
    """Return the address of an item page."""
    return f"/candidate/attempts/{attempt_id}/items/{position}"


def answer(
    browser: FlaskClient, attempt_id: int, position: int, choice: str | None = None, *, go: str = "next"
) -> TestResponse:
    """Open an item and answer it as a browser would; without a choice the first option shown."""
    page = read(browser.get(item_url(attempt_id, position)))
    data = {"token": page.token, "go": go, "answer": choice or page.options[0]}
    return browser.post(item_url(attempt_id, position), data=data)
