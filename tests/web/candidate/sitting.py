"""A sitting in a browser without JavaScript: pages looked at, forms sent as they stand with what a person changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.content.library import Library
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.items import FORMATS, Item
from tests.actions.sittings import Sitting
from tests.factories import Page, item_url, read


def seed_of_all_formats(library: Library) -> int:
    """Return a seed whose CT form has every format, a case and an exhibit of an image."""
    bank = library.bank("CT")
    return next(
        seed
        for seed in range(10_000)
        if {bank.item(place.item_id).format for place in draw_form(bank, seed).items} == set(FORMATS)
    )


@dataclass
class Desk:
    """A browser at an attempt."""

    browser: FlaskClient
    sitting: Sitting

    @property
    def base(self) -> str:
        return f"/candidate/attempts/{self.sitting.attempt_id}"

    def position_of(self, kind: str) -> int:
        """Where the first item of a format stands."""
        bank = self.sitting.banks.library.bank("CT")
        return next(place.position for place in self.sitting.places if bank.item(place.item_id).format == kind)

    def item(self, position: int) -> Item:
        return self.sitting.item(position)

    def look(self, position: int) -> Page:
        """Look at an item."""
        response = self.browser.get(item_url(self.sitting.attempt_id, position))
        assert response.status_code == 200, response.status_code
        return read(response)

    def send(self, position: int, page: Page | None = None, *, headers: Any = None, **changes: Any) -> TestResponse:
        """Send the form of an item page as it stands, but for what is changed; a field of None is not sent."""
        fields: dict[str, Any] = {}
        for name, value in (page or self.look(position)).fields:
            fields.setdefault(name, []).append(value)
        fields.update(changes)
        data = {name: value for name, value in fields.items() if value is not None}
        return self.browser.post(item_url(self.sitting.attempt_id, position), data=data, headers=headers)

    def stored(self, position: int) -> str | None:
        """The answer that counts."""
        return self.sitting.places[position - 1].answer
