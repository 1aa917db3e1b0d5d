"""From key press to painted page while tuning, in Chromium: a demo cohort, and 100,000 sittings."""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waitress.server import create_server

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.demo import build
from ssa_engine.app import create_app
from ssa_engine.config import bundled, read_settings
from ssa_engine.content.library import Library, load_library
from ssa_engine.core.demo_people import DEMO_PASSWORD
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.tuning.simulated import simulated_cohort
from ssa_engine.storage import tables
from ssa_engine.storage.db import Connection, Database
from ssa_engine.storage.upgrade import upgrade

PRESSES, WAITS_MS = 12, 80
"""Presses measured, and how long the page waits for another before it asks."""
DEMO, COHORT = 300, 100_000
"""Sittings of the demo, and of the large cohort."""
CHUNK = 20_000
WATCH = """() => {
  window.painted = [];
  document.addEventListener('keydown', () => { window.pressed = performance.now(); });
  document.addEventListener('htmx:beforeRequest', () => { window.asked = performance.now(); });
  document.addEventListener('htmx:afterSwap', () => requestAnimationFrame(() => setTimeout(() =>
    window.painted.push([performance.now() - window.pressed, performance.now() - window.asked]))));
}"""


@dataclass(frozen=True)
class Line:
    """Medians of the presses, in milliseconds, and the first page."""

    sittings: int
    press_ms: float
    asked_ms: float
    first_seconds: float


def measure(sizes: tuple[int, ...] = (DEMO, COHORT)) -> list[Line]:
    """Measure each size in a browser of its own."""
    library = load_library(bundled("content_specs"), bundled("item_bank"))
    with tempfile.TemporaryDirectory() as folder:
        return [_measured(Path(folder) / f"{size}.db", library, size) for size in sizes]


def _measured(path: Path, library: Library, size: int) -> Line:
    with _served(path, library, size) as url:
        first, presses = _pressed(url)
    press, asked = (statistics.median(each) for each in zip(*presses, strict=True))
    return Line(size, press, asked, first)


@contextmanager
def _served(path: Path, library: Library, size: int) -> Iterator[str]:
    """Serve a demo of so many sittings on loopback."""
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    now = dt.datetime.now(dt.UTC)
    demo = min(size, DEMO)
    build(db, Banks(db, library), cohort=demo, seed=1, now=now)
    if size > demo:
        with db.write() as connection:
            add_scored(connection, library, size - demo, now)
    db.dispose()
    app = create_app(read_settings({}, database_url=f"sqlite:///{path}", secure_cookies="false"), library=library)
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        app.extensions["ssa_engine"].db.dispose()


def add_scored(connection: Connection, library: Library, count: int, now: dt.datetime) -> None:
    """Add so many people, each with a submitted attempt and its area scores, and nothing else of a sitting."""
    bank = library.bank("CT")
    cohort = simulated_cohort(
        bank, [draw_form(bank, seed) for seed in range(20)], count, 1, areas=tuple(bank.spec.area_names)
    )
    first = 1_000_000
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        ids = [first + number for number in numbers]
        _add_people(connection, ids, now)
        _add_sittings(connection, ids, bank.version, now)
        _add_results(connection, ids, bank, cohort.correct[start : start + len(ids)], now)


def _add_people(connection: Connection, ids: list[int], now: dt.datetime) -> None:
    connection.execute(
        tables.people.insert(),
        [
            {"id": one, "email": f"p{one}@simulated.example.org", "name": f"P {one}", "password_hash": "!"}
            | {"created_at": now}
            for one in ids
        ],
    )
    earned = now.date().replace(year=now.year - 8, day=1)
    connection.execute(
        tables.credentials.insert(),
        [{"id": one, "person_id": one, "discipline": "CT", "earned_on": earned} for one in ids],
    )


def _add_sittings(connection: Connection, ids: list[int], version: str, now: dt.datetime) -> None:
    connection.execute(
        tables.forms.insert(),
        [{"id": one, "discipline": "CT", "bank_version": version, "seed": one, "drawn_at": now} for one in ids],
    )
    common = {"cycle": 1, "number": 1, "state": "released", "seconds_allowed": 7200, "position": 1, "items_total": 80}
    common |= {"started_at": now - dt.timedelta(hours=2), "submitted_at": now, "released_at": now, "rendered_at": now}
    connection.execute(
        tables.attempts.insert(),
        [common | {"id": one, "credential_id": one, "form_id": one, "render_token": "bench"} for one in ids],
    )


def _add_results(connection: Connection, ids: list[int], bank: Any, correct: Any, now: dt.datetime) -> None:
    common = {"version": 1, "discipline": "CT", "policy_version": 1, "bank_version": bank.version}
    common |= {"key_version": bank.key_version, "scored_at": now}
    connection.execute(tables.results.insert(), [common | {"id": one, "attempt_id": one} for one in ids])
    rows = []
    for one, own in zip(ids, correct.tolist(), strict=True):
        for area, right in zip(bank.spec.area_names, own, strict=True):
            rows.append(
                {"result_id": one, "content_area": area, "items": 10, "correct": right, "points": float(right)}
                | {"score": right / 10, "standard": 0.7, "gap": max(0.0, 0.7 - right / 10), "below_standard": right < 7}
                | {"probability_below": 0.5, "credits_by_rule": 0.0, "credits": 0.0}
            )
    connection.execute(tables.area_scores.insert(), rows)


def _pressed(url: str) -> tuple[float, list[tuple[float, float]]]:
    """Return the seconds of the first page, and of each press the milliseconds from key and from request to paint."""
    from playwright.sync_api import sync_playwright

    from tests.stories.browser import launch, sign_in

    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_context(base_url=url, viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, "psychometrician@example.org", DEMO_PASSWORD)
        page.goto("/psychometrician/CT/policy")
        page.get_by_label("Title of a new draft").fill("Measured")
        begin = time.perf_counter()
        page.get_by_role("button", name="Begin a draft").click()
        page.locator("#areas").wait_for(timeout=60_000)
        first = time.perf_counter() - begin
        page.evaluate(WATCH)
        page.get_by_label("Image Formation").focus()
        for press in range(PRESSES):
            page.keyboard.press("ArrowUp" if press % 6 < 3 else "ArrowDown")
            while page.evaluate("window.painted.length") <= press:
                page.wait_for_timeout(10)
        found: list[tuple[float, float]] = page.evaluate("window.painted")
        browser.close()
    return first, found


def table(lines: Sequence[Line]) -> str:
    """Return what was measured as a table."""
    rows = [
        f"| {line.sittings:,} | {line.press_ms:.0f} | {line.asked_ms:.0f} | {line.first_seconds:.1f} |"
        for line in lines
    ]
    head = "| sittings | key press to painted page, ms | of it from the request on, ms | first page, s |"
    return "\n".join((head, "| --- | --- | --- | --- |", *rows))


if __name__ == "__main__":
    print(table(measure()))
