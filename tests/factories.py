"""Things that tests need: a clock, people, an attempt that is under way, a page read as a person reads it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.actions.people import hash_token
from ssa_engine.core.items import Item
from ssa_engine.core.people import Role
from ssa_engine.core.psychometrics.simulate import other_answers
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
    """What a person and a browser find on a page: text, heading, the answer form with its fields, links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.words: list[str] = []
        self.inputs: list[dict[str, str]] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._textarea: dict[str, str] | None = None
        self._form = ""
        self._forms: dict[int, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag == "form":
            self._form = found.get("id", found.get("action", ""))
        if tag in ("input", "textarea"):
            self._forms[len(self.inputs)] = self._form
            self.inputs.append(found)
        if tag == "textarea":
            self._textarea = found | {"value": ""}
            self.inputs[-1] = self._textarea

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = None
        if tag == "form":
            self._form = ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._textarea is not None:
            self._textarea["value"] += data

    @property
    def text(self) -> str:
        """All text, its white space folded."""
        return " ".join(" ".join(self.words).split())

    @property
    def token(self) -> str:
        """The per-render token of the answer form."""
        return next(one["value"] for one in self.inputs if one.get("name") == "token")

    @property
    def format(self) -> str:
        """The format of the item shown."""
        return next(found["data-format"] for _, found in self.elements if "data-format" in found)

    @property
    def options(self) -> list[str]:
        """The ids of the options or of the entries to sort, in the order shown."""
        kinds = ("radio", "checkbox", "hidden")
        return [
            one["value"] for one in self.inputs if one.get("name") in ("answer", "shown") and one.get("type") in kinds
        ]

    @property
    def chosen(self) -> list[str] | None:
        """The answer as it stands on the page, in the values its form sends; None if there is none."""
        return [value for name, value in self.fields if name == "answer" and value] or None

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What the answer form would send if nothing on it were touched, the button left out."""
        return self.fields_of("answer-form")

    def fields_of(self, form: str) -> list[tuple[str, str]]:
        """What a form, known by its id or its action, would send if nothing on it were touched."""
        return [
            (one["name"], one.get("value", ""))
            for index, one in enumerate(self.inputs)
            if self._forms[index] == form
            and "name" in one
            and (one.get("type") not in ("radio", "checkbox") or "checked" in one)
            and one.get("type") != "image"
        ]

    @property
    def choices(self) -> list[list[str]]:
        """Four answers that this item takes, each in the values its form sends."""
        if self.format in ("single", "multiple"):
            return [[option] for option in self.options[:4]]
        if self.format == "sorted":
            return [[*self.options[turn:], *self.options[:turn]] for turn in range(4)]
        return [[f"{number},{number}" if self.format == "hotspot" else str(number)] for number in (1, 2, 3, 4)]

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


def stored(values: Sequence[str]) -> str:
    """Return the text in which an answer is stored, from its values in the order in which they are kept."""
    return ",".join(values)


def values_of(item: Item, answer: str) -> list[str]:
    """Return the values a form sends for a stored answer."""
    return answer.split(",") if item.options else [answer]


def right(item: Item) -> list[str]:
    """Return what a form sends to give the key."""
    return values_of(item, item.key_answer)


def other(item: Item) -> list[str]:
    """Return what a form sends to give an answer that earns nothing."""
    return values_of(item, min(other_answers(item), key=item.credit))


def begin_url(someone: Someone) -> str:
    """Return the address of the pages before the first item."""
    return f"/candidate/credentials/{someone.credential_id}/assessment"


def prepare(browser: FlaskClient, someone: Someone) -> None:
    """Confirm who one is and accept the agreement."""
    for step in ({"step": "identity"}, {"step": "agreement", "decision": "accept"}):
        response = browser.post(begin_url(someone), data=step)
        assert (response.status_code, response.headers.get("Location")) == (303, begin_url(someone)), step


def start_attempt(browser: FlaskClient, someone: Someone) -> int:
    """Start the assessment through the web: identity, agreement, start; return the attempt's id."""
    prepare(browser, someone)
    response = browser.post(begin_url(someone), data={"step": "start"})
    assert response.status_code == 303, response.get_data(as_text=True)
    return int(response.headers["Location"].split("/")[3])


def item_url(attempt_id: int, position: int) -> str:
    """Return the address of an item page."""
    return f"/candidate/attempts/{attempt_id}/items/{position}"


def answer(
    browser: FlaskClient, attempt_id: int, position: int, choice: Sequence[str] | None = None, *, go: str = "next"
) -> TestResponse:
    """Open an item and answer it as a browser would, in the values of its format; without a choice in some way."""
    page = read(browser.get(item_url(attempt_id, position)))
    data = {"token": page.token, "go": go, "answer": list(page.choices[0] if choice is None else choice)}
    return browser.post(item_url(attempt_id, position), data=data)
