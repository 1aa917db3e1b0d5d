"""The load: candidates in a closed loop on one thread and plain sockets. Reads a plan from stdin, writes JSON.

A process of its own, so that it shares no interpreter lock with what it measures; it reports the processor time it
took. Every request saves an answer that differs from the one shown as saved, so each must append one row.
"""

from __future__ import annotations

import json
import random
import re
import selectors
import socket
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field

TOKEN = re.compile(rb'name="token" value="([^"]+)"')
PLACE = re.compile(rb'data-item="([^"]+)" data-position="(\d+)"')
OPTION = re.compile(rb'name="answer" value="([^"]+)"( checked)?')
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class Plan:
    """Who asks whom for how long. `users` are (path of the item pages, cookie)."""

    port: int
    items_total: int
    warm_up: float
    seconds: float
    seed: int
    users: list[tuple[str, str]]


@dataclass(frozen=True)
class Outcome:
    """What came back. `acknowledged` has one list per user: item and answer of every save, in order."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    load_share: float
    answer_bytes: int
    acknowledged: list[list[tuple[str, str]]]


@dataclass
class User:
    """One candidate on one kept-alive connection, going up and down the form."""

    connection: socket.socket
    path: str
    cookie: str
    items_total: int
    go: str = "next"
    sending: tuple[str, str] | None = None
    sent_at: float = 0.0
    buffer: bytes = b""
    acknowledged: list[tuple[str, str]] = field(default_factory=list)

    def get_first(self) -> None:
        """Ask for the first item."""
        self._send(f"GET {self.path}1 HTTP/1.1\r\n{self._headers()}\r\n".encode())

    def save_and_go_on(self, page: bytes, chance: random.Random) -> None:
        """Answer the item on the page with an option that is not the saved one."""
        token, place = TOKEN.search(page), PLACE.search(page)
        if token is None or place is None:
            raise RuntimeError(f"not a page with an item: {page[:300]!r}")
        item, position = place[1].decode(), int(place[2])
        if position in (1, self.items_total):
            self.go = "next" if position == 1 else "previous"
        answer = chance.choice([name for name, saved in OPTION.findall(page) if not saved]).decode()
        body = f"token={token[1].decode()}&answer={answer}&go={self.go}"
        self.sending = (item, answer)
        self._send(
            f"POST {self.path}{position} HTTP/1.1\r\n{self._headers()}"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )

    def receive(self) -> bytes | None:
        """Take what has arrived; return the body once the answer is whole. A save is then acknowledged."""
        arrived = self.connection.recv(65536)
        if not arrived:
            raise RuntimeError(f"the server closed the connection after {self.buffer[:300]!r}")
        self.buffer += arrived
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"not acknowledged: {self.buffer[:1000]!r}")
        self.buffer = b""
        if self.sending is not None:
            self.acknowledged.append(self.sending)
        return body

    def _headers(self) -> str:
        return f"Host: 127.0.0.1\r\nCookie: {self.cookie}\r\nHX-Request: true\r\nSec-Fetch-Site: same-origin\r\n"

    def _send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.connection.sendall(request)


def run(plan: Plan) -> Outcome:
    """Let all users save until the time is over; every request that was sent is waited for."""
    chance, waiting = random.Random(plan.seed), selectors.DefaultSelector()
    users = _connect(plan, waiting)
    processor, begin = time.process_time(), time.perf_counter()
    first, last = begin + plan.warm_up, begin + plan.warm_up + plan.seconds
    for user in users:
        user.get_first()
    took: list[float] = []
    open_requests, size = len(users), 0
    while open_requests:
        ready = waiting.select(LONGEST_WAIT)
        if not ready:
            raise RuntimeError(f"no answer for {LONGEST_WAIT:.0f} seconds; {open_requests} requests are open")
        for key, _ in ready:
            user = key.data
            page = user.receive()
            if page is None:
                continue
            arrived = time.perf_counter()
            if first <= arrived < last:
                took.append((arrived - user.sent_at) * 1000)
                size = max(size, len(page))
            if arrived < last:
                user.save_and_go_on(page, chance)
            else:
                open_requests -= 1
    share = (time.process_time() - processor) / (time.perf_counter() - begin)
    for user in users:
        user.connection.close()
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return Outcome(
        len(took), len(took) / plan.seconds, cuts[49], cuts[98], share, size, [user.acknowledged for user in users]
    )


def _connect(plan: Plan, waiting: selectors.BaseSelector) -> list[User]:
    """Open one connection a user."""
    users = []
    for path, cookie in plan.users:
        connection = socket.create_connection(("127.0.0.1", plan.port), timeout=LONGEST_WAIT)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        users.append(User(connection, path, cookie, plan.items_total))
        waiting.register(connection, selectors.EVENT_READ, users[-1])
    return users


def main() -> None:
    """Read a plan, run it, write the outcome."""
    json.dump(asdict(run(Plan(**json.load(sys.stdin)))), sys.stdout)


if __name__ == "__main__":
    main()
