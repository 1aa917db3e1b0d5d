"""Nothing a candidate may not know before submission is in any byte that the server sends."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.item_bank import ItemBank, PresentedItem
from ssa_engine.core.items import (
    FORMATS,
    HotspotItem,
    Item,
    ItemStatistics,
    MultipleItem,
    NumberKey,
    SingleItem,
    SortedItem,
)
from ssa_engine.core.people import Role
from ssa_engine.core.regions import Circle
from ssa_engine.storage.db import Database
from ssa_engine.web.item_view import ItemView, OptionView
from tests.factories import Clock, Someone, add_someone, begin_url, item_url, other, read, right, start_attempt

HTMX = {"HX-Request": "true"}
SECRET = "canary"


class Wire:
    """A browser that keeps every byte it was sent."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser
        self.sent = b""

    def get(self, url: str, **headers: str) -> TestResponse:
        return self.keep(self.browser.get(url, headers=headers))

    def post(self, url: str, data: dict[str, Any], headers: dict[str, str] | None = None) -> TestResponse:
        return self.keep(self.browser.post(url, data=data, headers=headers or {}))

    def keep(self, response: TestResponse) -> TestResponse:
        head = f"{response.status}\n" + "\n".join(f"{name}: {value}" for name, value in response.headers)
        self.sent += head.encode() + b"\n\n" + response.get_data() + b"\n"
        assert response.status_code < 500
        return response


def take_almost_all(wire: Wire, someone: Someone, *, fragments: bool) -> int:
    """Do everything a candidate can do up to submission, with htmx or without; return the attempt's id."""
    headers = HTMX if fragments else {}
    wire.get("/candidate/")
    for sent in ({"step": "identity"}, {"step": "agreement", "decision": "accept"}):
        wire.get(begin_url(someone))
        wire.post(begin_url(someone), sent, headers)
    for number in range(1, 6):
        wire.get(begin_url(someone).replace("assessment", f"tutorial/{number}"), **headers)
    started = wire.post(begin_url(someone), {"step": "start"}, headers)
    location = started.headers.get("HX-Redirect") or started.headers["Location"]
    attempt = int(location.split("/")[3])
    for position in range(1, 81):
        url = item_url(attempt, position)
        page = read(wire.get(url))
        chosen = {"answer": page.choices[position % len(page.choices)]}
        if position % 7:
            wire.post(url, {"token": page.token, "go": "save", **chosen}, headers | {"HX-Target": "receipt"})
        wire.post(
            url, {"token": page.token, "go": "next", "answer": page.choices[-1]}, headers
        )  # stale, but for each 7th
        now = read(wire.get(url, **headers))
        wire.post(url, {"token": now.token, "go": "flag" if position % 9 == 0 else "previous"}, headers)
        wire.post(url, {"token": "", "go": "next", "answer": "none such"}, headers)
    for path in ("review", "result", "media/none.png", "items/81", "receipt.csv", "break", "survey"):
        wire.get(f"/candidate/attempts/{attempt}/{path}", **headers)
    for path, data in (("pulse", {}), ("events", {"kind": "came_back"}), ("items/1/tools", {"note": "Mine"})):
        wire.post(f"/candidate/attempts/{attempt}/{path}", data, headers)
    wire.post(f"/candidate/attempts/{attempt}/review", {}, headers)  # asks for a confirmation
    wire.get("/candidate/")
    return attempt


def forms_of(text: str) -> set[bytes]:
    """A text as it is, and as a page would write it."""
    return {text.encode(), html.escape(text).encode(), html.escape(text, quote=False).encode()}


@pytest.mark.parametrize("fragments", [True, False], ids=["htmx", "plain"])
def test_no_byte_of_an_assessment_tells_a_key_a_rationale_a_pilot_or_an_area(
    browser: FlaskClient, candidate: Someone, library: Library, fragments: bool
) -> None:
    wire, bank = Wire(browser), library.bank("CT")
    take_almost_all(wire, candidate, fragments=fragments)
    assert len(re.findall(rb'data-item="', wire.sent)) >= 160
    for item in bank.items:
        beginning = re.sub(r"\*\*", "", " ".join(item.rationale.split()))[:40]
        for form in forms_of(item.rationale[:40]) | forms_of(beginning):
            assert form not in wire.sent, item.id
        for reference in item.references:
            assert not any(form in wire.sent for form in forms_of(reference)), (item.id, reference)
    for area_id, name in bank.spec.area_names.items():
        assert not any(form in wire.sent for form in forms_of(name)), name
        assert area_id.encode() not in wire.sent
    lower = re.sub(rb'<button class="calc-key[^>]*>', b"", wire.sent.lower())  # the keys of the calculator
    for word in (
        b"pilot",
        b"unscored",
        b"scored",
        b"rationale",
        b"distractor",
        b"data-key",
        b"data-correct",
        b"is_key",
    ):
        assert re.search(rb"\b" + word + rb"\b", lower) is None, word
    shown = re.compile(rb"\b[1-4]\.[A-Z](\.[0-9](\.[a-z])?)?\b")  # codes of the outline: 2.A.1.b
    assert shown.search(wire.sent) is None


def test_the_search_finds_what_it_looks_for_on_a_page_that_may_tell_it(
    db: Database, sign_in: Callable[[Someone], FlaskClient], clock: Clock, library: Library
) -> None:
    item = library.bank("CT").items[0]
    specialist = sign_in(add_someone(db, "specialist@test.example", clock=clock, role=Role.SPECIALIST))
    page = specialist.get(f"/specialist/CT/items/{item.id}")
    beginning = re.sub(r"\*\*", "", " ".join(item.rationale.split()))[:40]
    assert any(form in page.data for form in forms_of(beginning))


def marked(item: Item) -> Item:
    """The item with a word of its own in everything that is secret."""
    return item.model_copy(
        update={
            "rationale": f"{SECRET} rationale",
            "references": (f"{SECRET} reference",),
            "status": "pilot" if item.status == "active" else "active",
            "enemies": (),
            "topic": "1.A.1",
            "shuffle": not item.shuffle,
            "statistics": ItemStatistics(n=31337, p=0.31337, point_biserial=0.31337, a=3.1337, b=-3.1337),
            **other_key(item),
        }
    )


def other_key(item: Item) -> dict[str, Any]:
    """Another key, and another way to mark."""
    if isinstance(item, SingleItem):
        return {"key": next(option for option in item.option_ids if option != item.key)}
    if isinstance(item, MultipleItem):
        partial: dict[str, str] = {"all": "partial", "partial": "all"}
        return {"key": item.option_ids[: len(item.key) % 3 + 1], "scoring": partial[item.scoring]}
    if isinstance(item, SortedItem):
        return {"key": item.key[::-1]}
    if isinstance(item, HotspotItem):
        return {"key": (Circle(shape="circle", x=31, y=33, radius=7),)}
    return {"key": NumberKey(value=31337, tolerance=313)}


def renamed(spec: ContentSpec) -> ContentSpec:
    """The specification with other names for everything but the discipline."""
    text = spec.model_dump_json()
    for area in spec.areas:
        text = text.replace(f'"{area.name}"', f'"{SECRET} area"')
        for topic in area.topics:
            text = text.replace(f'"{topic.name}"', f'"{SECRET} topic"')
    return ContentSpec.model_validate_json(text)


class OtherBanks(Banks):
    """Banks in which every version reads as one that differs in all that a candidate may not see."""

    def at(self, version: str) -> ItemBank:
        bank = super().at(version)
        return bank.model_copy(update={"spec": renamed(bank.spec), "items": tuple(map(marked, bank.items))})


def test_pages_are_the_same_to_the_byte_whatever_the_secrets_are(
    app: Flask, db: Database, browser: FlaskClient, candidate: Someone, library: Library
) -> None:
    attempt = start_attempt(browser, candidate)
    urls = [item_url(attempt, position) for position in range(1, 81)] + [f"/candidate/attempts/{attempt}/review"]

    def look() -> list[tuple[str, bytes]]:
        found = []
        for url in urls:
            for headers in ({}, HTMX):
                response = browser.get(url, headers=headers)
                assert response.status_code == 200
                found.append((str(sorted(response.headers)), response.get_data()))
        return found

    before = look()
    engine = app.extensions["ssa_engine"]
    app.extensions["ssa_engine"] = dataclasses.replace(engine, banks=OtherBanks(db, library))
    assert (
        engine.banks.at(library.bank("CT").version).items
        != app.extensions["ssa_engine"].banks.at(library.bank("CT").version).items
    )
    assert look() == before
    assert not any(SECRET.encode() in body for _, body in before)
    formats = {read(browser.get(url)).format for url in urls[:80]}
    assert len(formats) >= 3


def test_receipts_and_refusals_are_the_same_whatever_the_key_is(
    browser: FlaskClient, candidate: Someone, library: Library
) -> None:
    attempt, bank = start_attempt(browser, candidate), library.bank("CT")
    outcomes: dict[str, set[tuple[int, str, str]]] = {}
    for position in range(1, 81):
        url = item_url(attempt, position)
        item = bank.item(read(browser.get(url)).item_id)
        for choice in (right(item), other(item), right(item)):
            page = read(browser.get(url))
            sent = {"token": page.token, "answer": choice, "go": "save"}
            response = browser.post(url, data=sent, headers=HTMX | {"HX-Target": "receipt"})
            body = response.get_data(as_text=True).replace(read(response).token, "TOKEN")
            body = re.sub(r"Understood as [^<]*", "", body)  # said of a number, whatever it is
            outcomes.setdefault(item.format, set()).add((response.status_code, str(headers_of(response)), body))
    assert {kind: len(found) for kind, found in outcomes.items()} == dict.fromkeys(outcomes, 1)


def headers_of(response: TestResponse) -> list[tuple[str, str]]:
    """The headers, but for the length, which differs by what was answered."""
    return sorted((name, value) for name, value in response.headers if name != "Content-Length")


def test_what_a_page_is_made_of_has_no_place_for_a_secret() -> None:
    shown = ["id", "format", "stem", "options", "exhibits", "case", "target", "unit", "calculator"]
    assert [one.name for one in dataclasses.fields(PresentedItem)] == shown
    assert [one.name for one in dataclasses.fields(OptionView)] == ["id", "letter", "html", "chosen", "struck"]
    seen = {one.name for one in dataclasses.fields(ItemView)}
    kept = {name for kind in FORMATS.values() for name in kind.model_fields} - {*shown, "exhibit"}
    assert kept >= {"key", "scoring", "rationale", "references", "status", "statistics", "topic", "enemies"}
    assert seen & kept == set()
    assert seen & {"area", "content_area", "scored", "pilot", "correct", "marked"} == set()


def test_a_result_that_is_not_released_is_nowhere_in_what_is_sent(
    browser: FlaskClient, candidate: Someone, library: Library, db: Database, clock: Clock
) -> None:
    spec = library.spec("CT")
    slow = spec.sample_policy.model_copy(update={"release_after_days": 14})
    publish(db, spec, slow, expected_version=1, reason="Slow", who="test", now=clock())
    wire, attempt = Wire(browser), start_attempt(browser, candidate)
    wire.post(f"/candidate/attempts/{attempt}/review", {"confirmed": "yes"})
    page = read(wire.get(f"/candidate/attempts/{attempt}/result"))
    wire.get("/candidate/")
    assert page.rows("data-area") == []
    assert "28 March 2027" in page.text  # 14 March and 14 days
    for area_id, name in spec.area_names.items():
        assert not any(form in wire.sent for form in forms_of(name) | {area_id.encode()}), name
    assert re.search(rb"\d+ credits?", wire.sent) is None
