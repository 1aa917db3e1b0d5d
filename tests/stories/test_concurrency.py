"""Many at once: saves to one item, a submission that crosses answers, two starts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ssa_engine.actions import attempts as actions
from ssa_engine.actions import preparations
from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.core.errors import StaleRender
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.items import Item, Option, SingleItem
from ssa_engine.storage import places
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import attempts as attempt_rows
from ssa_engine.storage.tables import audit, results
from tests.factories import (
    Clock,
    Someone,
    add_someone,
    begin_url,
    item_url,
    prepare,
    read,
    right,
    session_of,
    start_attempt,
    stored,
)
from tests.stories.at_once import at_once

ROUNDS, AT_ONCE = 10, 20


def log_of(db: Database, attempt_id: int) -> list[tuple[str, str]]:
    with db.read() as connection:
        return [(row.item_id, row.answer) for row in places.response_log(connection, attempt_id)]


def count(db: Database, query: sa.Select[Any]) -> int:
    with db.read() as connection:
        return int(connection.execute(query).scalar_one())


def save_in(app: Flask, cookie: str, url: str, data: Mapping[str, Any]) -> Callable[[], tuple[int, str, str]]:
    """A save from a browser of its own: status, where it leads, what it says."""

    def run() -> tuple[int, str, str]:
        client = app.test_client()
        client.set_cookie("ssa_session", cookie)
        response = client.post(url, data=data)
        return response.status_code, response.headers.get("Location", ""), read(response).text

    return run


def with_twenty_options(library: Library) -> Library:
    """The CT bank with one best answer of twenty for every item, so that twenty answers can all differ."""
    bank = library.bank("CT")
    options = tuple(Option(id=f"o{number}", text=f"Option {number}") for number in range(AT_ONCE))

    def widened(item: Item) -> SingleItem:
        values = {name: getattr(item, name) for name in Item.model_fields}
        return SingleItem.model_construct(**values | {"format": "single", "options": options, "key": "o0"})

    items = tuple(map(widened, bank.items))
    wide = ItemBank.model_construct(spec=bank.spec, items=items, cases=bank.cases, media=bank.media, sizes=bank.sizes)
    return replace(library, banks={"CT": wide})


def test_of_twenty_different_answers_at_once_one_is_saved_and_nineteen_are_told(
    db: Database, library: Library, published: None, clock: Clock, candidate: Someone
) -> None:
    banks = Banks(db, with_twenty_options(library))
    mine: dict[str, Any] = {
        "credential_id": candidate.credential_id,
        "person_id": candidate.id,
        "who": "test",
        "now": clock(),
    }
    preparations.confirm_identity(db, banks, **mine)
    preparations.answer_agreement(db, banks, **mine, accepts=True)
    attempt = preparations.start(db, banks, **mine, seed=7, token="token-0")
    for position in range(1, ROUNDS + 1):
        with db.read() as connection:
            standing = actions.of_person(connection, attempt, candidate.id)
        token, before = standing.render_token, log_of(db, attempt)

        def save(answer: str, position: int = position, token: str = token) -> str:
            sent = actions.Save(attempt, candidate.id, position, [answer], token, "save")
            try:
                saved = actions.save(db, banks, sent, new_token=f"{position}-{answer}", now=clock())
            except StaleRender as stale:
                return str(stale)
            assert saved.place.answer == answer
            return "saved"

        outcomes = at_once([partial(save, f"o{number}") for number in range(AT_ONCE)])
        told = [outcome for outcome in outcomes if outcome != "saved"]
        assert (outcomes.count("saved"), len(told)) == (1, AT_ONCE - 1)
        assert all(f"answer to question {position} was not saved" in sentence for sentence in told)
        added = log_of(db, attempt)[len(before) :]
        assert [answer for _, answer in added] == [f"o{outcomes.index('saved')}"]


def test_in_browsers_the_answer_that_came_first_stays_and_the_others_are_told(
    app: Flask, db: Database, clock: Clock, browser: FlaskClient, candidate: Someone
) -> None:
    attempt, cookie = start_attempt(browser, candidate), session_of(db, candidate, clock())
    for position in range(1, ROUNDS + 1):
        page = read(browser.get(item_url(attempt, position)))
        before = len(log_of(db, attempt))
        answers = [page.choices[number % len(page.choices)] for number in range(AT_ONCE)]
        outcomes = at_once(
            [
                save_in(app, cookie, item_url(attempt, position), {"token": page.token, "answer": one, "go": "next"})
                for one in answers
            ]
        )
        added = log_of(db, attempt)[before:]
        assert [item for item, _ in added] == [page.item_id]
        first = added[0][1]
        for answer, (status, location, text) in zip(answers, outcomes, strict=True):
            if stored(answer) == first:
                assert (status, location) == (303, item_url(attempt, position + 1))
            else:
                assert status == 409
                assert f"this answer to question {position} was not saved" in text
        chosen = read(browser.get(item_url(attempt, position))).chosen
        assert chosen is not None
        assert stored(chosen) == first


def test_twenty_identical_saves_at_once_are_one_row_and_all_are_fine(
    app: Flask, db: Database, clock: Clock, browser: FlaskClient, candidate: Someone
) -> None:
    attempt, cookie = start_attempt(browser, candidate), session_of(db, candidate, clock())
    for position in range(1, ROUNDS + 1):
        page = read(browser.get(item_url(attempt, position)))
        sent = {"token": page.token, "answer": page.choices[1], "go": "next"}
        outcomes = at_once([save_in(app, cookie, item_url(attempt, position), sent)] * AT_ONCE)
        assert Counter(outcome[:2] for outcome in outcomes) == {(303, item_url(attempt, position + 1)): AT_ONCE}
        assert log_of(db, attempt)[position - 1 :] == [(page.item_id, stored(page.choices[1]))]


def answer_until_closed(client: FlaskClient, attempt: int, bank: ItemBank, acknowledged: list[str]) -> str:
    """Answer one item after the other with its key until the attempt is closed; note what was acknowledged."""
    for position in range(1, 81):
        page = read(client.get(item_url(attempt, position)))
        if not page.rows("data-item"):
            return "closed before it was shown"
        sent = {"token": page.token, "answer": right(bank.item(page.item_id)), "go": "next"}
        response = client.post(item_url(attempt, position), data=sent)
        assert response.status_code == 303
        if response.headers["Location"] != item_url(attempt, min(position + 1, 80)):
            return response.headers["Location"]
        acknowledged.append(page.item_id)
    return "all answered"


def submit_after(client: FlaskClient, attempt: int, seconds: float) -> str:
    """Submit, and again if answers were still arriving; return where it leads."""
    time.sleep(seconds)
    for _ in range(50):
        response = client.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
        if response.status_code == 303:
            return response.headers["Location"]
        assert response.status_code == 409
        assert "submit again" in read(response).text
    return "never submitted"


@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_answer_that_crosses_the_submission_is_counted_or_refused(
    db: Database, library: Library, candidate: Someone, sign_in: Callable[[Someone], FlaskClient], number: int
) -> None:
    one, other, bank = sign_in(candidate), sign_in(candidate), library.bank("CT")
    attempt, acknowledged = start_attempt(one, candidate), list[str]()
    outcome, location = at_once(
        [
            partial(answer_until_closed, one, attempt, bank, acknowledged),
            partial(submit_after, other, attempt, 0.01 * number),  # each round crosses at another moment
        ]
    )
    assert outcome in (f"/candidate/attempts/{attempt}/review", "closed before it was shown", "all answered")
    assert location == f"/candidate/attempts/{attempt}/result"
    assert [item for item, _ in log_of(db, attempt)] == acknowledged
    counted = Counter(bank.area_of(bank.item(item)) for item in acknowledged if bank.item(item).status == "active")
    assert (result := other.get(location)).status_code == 200
    assert {row["data-area"]: int(row["data-correct"]) for row in read(result).rows("data-area")} == {
        area: counted[area] for area in library.spec("CT").area_names
    }


def test_submissions_at_once_make_one_result_that_all_of_them_see(
    app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    for number in range(ROUNDS):
        someone = add_someone(db, f"submits-{number}@test.example", clock=clock)
        browser, cookie = sign_in(someone), session_of(db, someone, clock())
        attempt = start_attempt(browser, someone)
        review, result = f"/candidate/attempts/{attempt}/review", f"/candidate/attempts/{attempt}/result"
        outcomes = at_once([save_in(app, cookie, review, {"confirmed": "yes"})] * 4)
        assert [outcome[:2] for outcome in outcomes] == [(303, result)] * 4
        assert len(read(browser.get(result)).rows("data-area")) == 7
        stored = sa.select(sa.func.count()).select_from(results).where(results.c.attempt_id == attempt)
        assert count(db, stored) == 1
        noted = sa.select(sa.func.count()).where(audit.c.verb == "submit", audit.c.noun_id == str(attempt))
        assert count(db, noted) == 1


def test_starts_at_once_make_one_attempt_that_all_of_them_see(
    app: Flask, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    for number in range(ROUNDS):
        someone = add_someone(db, f"starts-{number}@test.example", clock=clock)
        prepare(sign_in(someone), someone)
        start = save_in(app, session_of(db, someone, clock()), begin_url(someone), {"step": "start"})
        outcomes = at_once([start] * 4)
        assert len({outcome[:2] for outcome in outcomes}) == 1
        assert outcomes[0][0] == 303
        stored = sa.select(sa.func.count()).where(attempt_rows.c.credential_id == someone.credential_id)
        assert count(db, stored) == 1
