"""Rescoring: a session with three changed items applied to a stored cohort on SQLite, and reverted."""

from __future__ import annotations

import argparse
import datetime as dt
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from ssa_engine.actions import rescoring_reports, rescoring_runs, rescorings
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.config import bundled
from ssa_engine.content.library import load_library
from ssa_engine.core.form_assembly import Form, draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.psychometrics.simulate import simulate_responses
from ssa_engine.core.rescorings import ItemChange
from ssa_engine.storage.db import Database
from ssa_engine.storage.upgrade import upgrade

FORMS, SEED, PART = 20, 20260301, 5_000
NOW = dt.datetime(2027, 3, 14, 14, 2, 11, tzinfo=dt.UTC)
AT = "2027-03-14T14:02:11.000000Z"


@dataclass(frozen=True)
class Result:
    """What was measured: seconds of each step over so many attempts with so many items."""

    attempts: int
    items: int
    changed: int
    preview_seconds: float
    apply_seconds: float
    longest_wait: float
    revert_seconds: float


def measure(*, attempts: int, folder: Path | None = None) -> Result:
    """Store a cohort, try a session out, apply it and revert it."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        path = Path(name) / "rescoring.db"
        library = load_library(bundled("content_specs"), bundled("item_bank"))
        bank = library.bank("CT")
        db = Database(f"sqlite:///{path}")
        upgrade(db)
        banks = Banks(db, library)
        publish(db, bank.spec, bank.spec.sample_policy, expected_version=0, reason="b", who="b", now=NOW)
        with db.write() as connection:
            banks.store(connection, bank, NOW)
        db.dispose()
        forms = [draw_form(bank, SEED + index) for index in range(FORMS)]
        fill(path, bank, forms, attempts)
        items = changed_items(bank)
        session = rescorings.begin(db, banks, discipline="CT", title="b", reason="b", who="b", now=NOW)
        for item, kind in zip(items, (ItemChange.FULL_CREDIT, ItemChange.DROP, ItemChange.KEY), strict=True):
            key = next(one for one in bank.item(item).option_ids if one != bank.item(item).key_answer)
            given = key if kind is ItemChange.KEY else ""
            rescorings.change(db, banks, session.id, item_id=item, kind=kind, key=given, who="b", now=NOW)
        began = time.perf_counter()
        found = rescoring_reports.preview(db, banks, session.id, NOW)
        previewed = time.perf_counter()
        waits: list[float] = []
        rescoring_runs.apply(
            db, banks, session.id, who="b", now=NOW, watch=lambda *_: waits.append(time.perf_counter())
        )
        applied = time.perf_counter()
        rescoring_runs.revert(db, banks, session.id, reason="b", who="b", now=NOW)
        reverted = time.perf_counter()
        db.dispose()
    longest = max((later - earlier for earlier, later in pairwise(waits)), default=0.0)
    changed = int(found.figures["changed"])
    seconds = (previewed - began, applied - previewed, longest, reverted - applied)
    return Result(attempts, len(forms[0].items), changed, *seconds)


def changed_items(bank: ItemBank) -> list[str]:
    """Return three active items of one best answer, each of another content area."""
    found: dict[str, str] = {}
    for item in bank.items:
        if item.format == "single" and item.status == "active":
            found.setdefault(bank.area_of(item), item.id)
    return list(found.values())[:3]


def fill(path: Path, bank: ItemBank, forms: list[Form], attempts: int) -> None:
    """Store finished attempts with all their answers and results, as quickly as SQLite takes them."""
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-400000;"
    )
    for first in range(1, attempts + 1, PART):
        count = min(PART, attempts + 1 - first)
        simulated = simulate_responses(bank, forms, count, SEED + first)
        simulated["attempt_id"] = simulated["attempt_id"].astype(int) + first - 1
        _fill_part(connection, bank, forms, simulated, range(first, first + count))
        connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def _fill_part(
    connection: sqlite3.Connection, bank: ItemBank, forms: list[Form], simulated: pd.DataFrame, ids: range
) -> None:
    items = simulated.groupby("attempt_id", sort=True)["item_id"].agg(tuple)
    by_items = {tuple(place.item_id for place in form.items): form for form in forms}
    drawn = {number: by_items[own] for number, own in items.items()}

    def insert(table: str, columns: str, rows: Iterator[tuple[object, ...]]) -> None:
        marks = ",".join("?" * len(columns.split(",")))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    insert("people", "id,email,name,password_hash,created_at", ((n, f"p{n}@x.example", "P", "!", AT) for n in ids))
    insert("credentials", "id,person_id,discipline,earned_on", ((n, n, "CT", "2018-06-01") for n in ids))
    insert("forms", "id,discipline,bank_version,seed,drawn_at", ((n, "CT", bank.version, n, AT) for n in ids))
    insert(
        "form_items",
        "form_id,position,item_id,content_area,scored,options",
        (
            (n, place.position, place.item_id, place.content_area, place.scored, "")
            for n in ids
            for place in drawn[n].items
        ),
    )
    insert(
        "attempts",
        "id,credential_id,cycle,number,form_id,state,started_at,seconds_allowed,submitted_at,released_at,position,"
        "items_total,render_token,rendered_at",
        ((n, n, 1, 1, n, "released", AT, 6000, AT, AT, 1, len(drawn[n].items), "t", AT) for n in ids),
    )
    cells = zip(simulated["attempt_id"].tolist(), simulated["item_id"], simulated["answer"], strict=True)
    insert(
        "responses",
        "attempt_id,item_id,answer,token,answered_at,seconds,late",
        ((n, item, answer, item, AT, 30.0, 0) for n, item, answer in cells if isinstance(answer, str)),
    )
    _fill_results(connection, bank, simulated, ids)


def _fill_results(connection: sqlite3.Connection, bank: ItemBank, simulated: pd.DataFrame, ids: range) -> None:
    scores = score_responses(simulated, bank, bank.spec.sample_policy)
    columns = ["items", "correct", "points", "score", "score_se", "standard", "gap", "below_standard",
               "probability_below", "credits_by_rule", "credits", "decision"]  # fmt: skip
    connection.executemany(
        "INSERT INTO results (id,attempt_id,version,discipline,policy_version,bank_version,key_version,scored_at) "
        "VALUES (?,?,1,'CT',1,?,?,?)",
        ((n, n, bank.version, bank.key_version, AT) for n in ids),
    )
    own = scores.assign(decision=scores["decision"].astype("str"), content_area=scores["content_area"].astype("str"))
    names = ["attempt_id", "content_area", *columns]
    connection.executemany(
        f"INSERT INTO area_scores (result_id,content_area,{','.join(columns)}) VALUES ({','.join('?' * len(names))})",
        zip(*(own[name].tolist() for name in names), strict=True),
    )
    prescribed = own[own["credits"] > 0]
    connection.executemany(
        "INSERT INTO prescriptions (id,result_id,issued_at,due_on) VALUES (?,?,?,'2028-06-01')",
        ((n, n, AT) for n in prescribed["attempt_id"].unique().tolist()),
    )
    connection.executemany(
        "INSERT INTO prescription_areas (prescription_id,content_area,credits,sentence) VALUES (?,?,?,'')",
        zip(*(prescribed[name].tolist() for name in ("attempt_id", "content_area", "credits")), strict=True),
    )


def section(result: Result) -> str:
    """Say the result as the page of benchmarks does."""

    def line(name: str, seconds: float, count: int) -> str:
        return f"| {name} | {seconds:.1f} s | {count / seconds:,.0f} |"

    return "\n".join(
        [
            "## Rescoring",
            "",
            f"A session that changes three items, on SQLite: {result.attempts:,} attempts of {result.items} items, "
            f"{result.changed:,} of them with a mark that changes.",
            "",
            "| Step | Time | Attempts a second |",
            "|---|---:|---:|",
            line("Dry run: who changes and how", result.preview_seconds, result.attempts),
            line("Apply: result versions, prescriptions, letters", result.apply_seconds, result.attempts),
            line("Revert", result.revert_seconds, result.attempts),
            "",
            f"From batch to batch it took {result.longest_wait * 1000:.0f} ms at most; "
            "answers wait for its writing alone.",
        ]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rescoring", description=__doc__)
    parser.add_argument("--attempts", type=int, default=PART)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    print(section(measure(attempts=chosen.attempts, folder=chosen.folder)))


if __name__ == "__main__":
    main()
