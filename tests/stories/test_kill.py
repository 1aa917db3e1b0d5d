"""The server is killed again and again while candidates answer: no acknowledged answer is ever lost."""

from __future__ import annotations

import datetime as dt
import http.client
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ssa_engine.core.cycles import add_years
from ssa_engine.storage import attempts, places
from ssa_engine.storage.db import Database
from tests.factories import Clock, Page, Someone, add_someone, item_url, session_of, stored
from tests.stories.server import Server

KILLS = {"sqlite": 20, "postgresql": 3}
"""PostgreSQL itself goes on living: there the server's own part alone is tried."""
CANDIDATES = 12
SEED = 20260301
ITEMS = 12
"""Few items of each form are answered over and over, so that most saves change an answer."""


@dataclass
class Sent:
    """One save that left the browser, and whether the page said that it was saved."""

    position: int
    item_id: str
    answer: str
    token: str
    acknowledged: bool = False


@dataclass
class Candidate:
    """A browser without a head: it answers, and sends again or reloads when the server is gone."""

    server: Server
    attempt_id: int
    cookie: str
    chance: random.Random
    sent: list[Sent] = field(default_factory=list)
    broken: int = 0
    trouble: str = ""
    connection: http.client.HTTPConnection | None = None

    def run(self, over: threading.Event) -> None:
        try:
            while not over.is_set() and not self.trouble:
                self.answer_one(over)
        except Exception as error:  # noqa: BLE001 - told by the test that waits for this thread
            self.trouble = repr(error)
        finally:
            self.hang_up()

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def answer_one(self, over: threading.Event) -> None:
        """Open an item, choose, and save it; when the server is gone, sometimes send the very same again."""
        position = self.chance.randint(1, ITEMS)
        page = self.ask("GET", item_url(self.attempt_id, position), None)
        if page is None:
            return
        shown = Page(page[1])
        values = self.chance.choice(shown.choices)
        sent = Sent(position, shown.item_id, stored(values), shown.token)
        self.sent.append(sent)
        go, fragment = self.chance.choice([("save", True), ("next", True), ("next", False), ("previous", False)])
        sends_again = self.chance.random() < 0.5
        while not over.is_set():
            body = urlencode({"answer": values, "token": sent.token, "go": go}, doseq=True)
            reply = self.ask("POST", item_url(self.attempt_id, position), body, fragment=fragment)
            if reply is not None:
                self.read_receipt(sent, go, fragment, *reply)
                return
            if not sends_again:
                return

    def read_receipt(self, sent: Sent, go: str, fragment: bool, status: int, text: str) -> None:
        sent.acknowledged = status == (200 if fragment else 303)
        if fragment and go == "save":
            sent.acknowledged = sent.acknowledged and "Saved " in Page(text).text
        if not sent.acknowledged:
            self.trouble = f"{status} for {sent}: {text[:300]}"

    def ask(self, method: str, path: str, body: str | None, *, fragment: bool = False) -> tuple[int, str] | None:
        """Send a request; None if no whole answer came."""
        headers = {"Cookie": f"ssa_session={self.cookie}"}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        headers |= {"HX-Request": "true"} if fragment else {}
        self.connection = self.connection or self.server.connect()
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.broken += 1
            self.hang_up()
            time.sleep(0.1)
            return None
        if response.status >= 400:
            raise AssertionError(f"{method} {path}: {response.status} {Page(text).text[:300]}")
        return response.status, text


def seat_candidates(db: Database, server: Server) -> list[Candidate]:
    """Start an attempt for each candidate through the server."""
    now = dt.datetime.now(dt.UTC)
    seated = []
    for number in range(CANDIDATES):
        someone = add_someone(
            db, f"killed-{number}@test.example", clock=Clock(now), earned_on=add_years(now.date(), -8)
        )
        candidate = Candidate(server, 0, session_of(db, someone, now), random.Random(SEED + number))
        seated.append(candidate)
        candidate.attempt_id = start(candidate, someone)
    return seated


def start(candidate: Candidate, someone: Someone) -> int:
    """Confirm who one is, accept the agreement, start; return the attempt."""
    path = f"/candidate/credentials/{someone.credential_id}/assessment"
    headers = {"Cookie": f"ssa_session={candidate.cookie}", "Content-Type": "application/x-www-form-urlencoded"}
    location = ""
    for form in ({"step": "identity"}, {"step": "agreement", "decision": "accept"}, {"step": "start"}):
        connection = candidate.server.connect()
        connection.request("POST", path, urlencode(form), headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        assert response.status == 303, Page(text).text
        location = str(response.headers["Location"])
    return int(location.split("/")[3])


def kill_again_and_again(server: Server, kills: int, acknowledged: Callable[[], int]) -> list[int]:
    """Kill and restart at random moments; return how many answers were acknowledged in each life."""
    chance = random.Random(SEED)
    lives = []
    for _ in range(kills):
        before, deadline = acknowledged(), time.monotonic() + 30
        while acknowledged() == before and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.5))
        server.kill()
        lives.append(acknowledged() - before)
        server.start()
    return lives


def check_attempt(db: Database, candidate: Candidate) -> None:
    """Every acknowledged answer is in the log under its item; the counted one is the last of them or a later one."""
    with db.read() as connection:
        attempt = attempts.get(connection, candidate.attempt_id)
        assert attempt is not None
        log = [(row.item_id, row.answer) for row in places.response_log(connection, candidate.attempt_id)]
        counted = {place.position: place for place in places.places(connection, attempt)}
    by_position: dict[int, list[Sent]] = defaultdict(list)
    for sent in candidate.sent:
        by_position[sent.position].append(sent)
    assert set(log) <= {(sent.item_id, sent.answer) for sent in candidate.sent}
    for position, all_sent in by_position.items():
        saved = [index for index, sent in enumerate(all_sent) if sent.acknowledged]
        for index in saved:
            assert (all_sent[index].item_id, all_sent[index].answer) in log
        if saved:
            possible = {sent.answer for sent in all_sent[saved[-1] :]}
            assert counted[position].item_id == all_sent[0].item_id
            assert counted[position].answer in possible, (position, all_sent[saved[-1] :])


def check_log(db: Database, candidate: Candidate) -> None:
    """An acknowledged answer that differed from the one before has a row of its own, under its own token."""
    with db.read() as connection:
        tokens = {row.token: row.answer for row in places.response_log(connection, candidate.attempt_id)}
    last: dict[int, str | None] = {}
    for sent in candidate.sent:
        certain = sent.position not in last or last[sent.position] not in (None, sent.answer)
        if sent.acknowledged and certain:
            assert tokens.get(sent.token) == sent.answer, sent
        last[sent.position] = sent.answer if sent.acknowledged else None


@pytest.fixture
def clock() -> Clock:
    """The real time, which is the server's: the policy is in force when candidates start."""
    return Clock(dt.datetime.now(dt.UTC))


@pytest.mark.timeout(600)  # twenty restarts take long where other work shares the machine
@pytest.mark.xdist_group("kill")
def test_a_server_that_is_killed_again_and_again_loses_no_acknowledged_answer(
    db: Database, database_url: str, published: None, tmp_path: Path
) -> None:
    over, kills = threading.Event(), KILLS[db.engine.dialect.name]
    with Server(database_url, tmp_path / "server.log", processes="2", threads="8") as server:
        candidates = seat_candidates(db, server)
        threads = [threading.Thread(target=one.run, args=(over,), daemon=True) for one in candidates]
        for thread in threads:
            thread.start()
        lives = kill_again_and_again(
            server, kills, lambda: sum(sent.acknowledged for one in candidates for sent in one.sent)
        )
        time.sleep(0.5)
        over.set()
        for thread in threads:
            thread.join(timeout=60)
        assert [one.trouble for one in candidates if one.trouble] == []
        assert not any(thread.is_alive() for thread in threads)
    assert len(lives) == kills
    assert min(lives) > 0, "the load was under way at every kill"
    assert sum(one.broken for one in candidates) >= kills, "kills cut requests off"
    assert any(not sent.acknowledged for one in candidates for sent in one.sent)
    for candidate in candidates:
        check_attempt(db, candidate)
        check_log(db, candidate)
