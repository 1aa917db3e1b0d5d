"""What tests of the professional profile's pages share: addresses, what its forms send, other people's profiles."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from ssa_engine.core.profiles import ClinicalActivity
from tests.actions.filling import Choose, Filling
from tests.factories import Page, Someone, add_someone, read

FORBIDDEN = re.compile(
    r"(?i)\b(pass(?:e[sd]|ing)?|fail(?:s|ed|ing|ures?)?|exams?|wrong(?:ly)?|rank\w*|percentile\w*)\b"
)


def url(someone: Someone, *rest: object) -> str:
    """Return the address of a page of the profile."""
    return "/".join(map(str, (f"/candidate/credentials/{someone.credential_id}/profile", *rest)))


def sent(page: Page, chosen: dict[str, int], go: str | None = "next") -> dict[str, str]:
    """What the form of a screen sends with these choices."""
    fields = dict(page.fields_of("profile-form")) | {f"did-{name}": str(value) for name, value in chosen.items()}
    return fields | ({"go": go} if go else {})


def choose_on(browser: FlaskClient, someone: Someone, number: int, chosen: dict[str, int], go: str = "next") -> str:
    """Open a screen, choose, press a button; return where it leads."""
    page = read(browser.get(url(someone, "screens", number)))
    response = browser.post(url(someone, "screens", number), data=sent(page, chosen, go))
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.headers["Location"]


def others(filling: Filling, people: int, choose: Callable[[int], Choose]) -> None:
    """Let other people finish their profiles."""
    for turn in range(people):
        someone = add_someone(filling.db, f"peer{turn}@test.example", clock=filling.clock)
        Filling(filling.db, filling.library, filling.clock, someone).complete(choose(turn))


def links(page: Page) -> list[str]:
    """Where the page leads."""
    return [found["href"] for tag, found in page.elements if tag == "a"]


def primaries(page: Page) -> list[str]:
    """What is the one thing to do."""
    return [
        found.get("href", found.get("value", "")) for _, found in page.elements if "primary" in found.get("class", "")
    ]


def choose_by_area(one: ClinicalActivity) -> int:
    """Weekly what is done to the chest, a few times a year what is done for safety, never the rest."""
    return {"neck-and-chest": 3, "radiation-safety-and-dose": 1}.get(one.area, 0)
