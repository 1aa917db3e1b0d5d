"""ssa rescore: from a session's beginning to its revert at the shell; killed in the middle and gone on with."""

from __future__ import annotations

import csv
import datetime as dt
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.storage import frames, rescoring_lists
from ssa_engine.storage.db import Database
from tests.cli.shell import done, ssa
from tests.demos import build
from tests.house import ROOT

PEOPLE = 8


@pytest.fixture
def url(database_url: str, db: Database, library: Library) -> str:
    """A demo cohort of a few, there since an hour: commands have a clock of their own. The address of its database."""
    since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    build(db, Banks(db, library), cohort=PEOPLE, seed=3, now=since)
    return database_url


def an_item(db: Database) -> str:
    """A scored item of one best answer that somebody had."""
    with db.read() as connection:
        responses = frames.response_frame(connection, "CT")
    return str(responses.loc[responses["scored"].astype(bool), "item_id"].value_counts().index[0])


def test_a_session_from_beginning_to_revert(url: str, db: Database, tmp_path: Path) -> None:
    item = an_item(db)
    assert "Session 1 is begun" in done("rescore", "new", "ct", "--title", "One", "--reason", "R", database_url=url)
    assert f"changes {item}" in done("rescore", "change", 1, item, "--drop", database_url=url)
    said = done("rescore", "preview", 1, "--out", tmp_path, database_url=url)
    assert "attempts with such an item" in said
    rows = list(csv.DictReader((tmp_path / "people.csv").read_text(encoding="utf-8").splitlines()))
    changed = {row["attempt_id"] for row in rows}
    assert all(int(row["items_after"]) == int(row["items_before"]) - 1 for row in rows)
    assert ssa("rescore", "preview", 1, "--json", database_url=url).json["changed"] == len(changed) > 0
    assert f"{len(changed)} attempts rescored" in done("rescore", "apply", 1, database_url=url)
    (listed,) = ssa("rescore", "list", "--json", database_url=url).json
    assert (listed["state"], listed["changed"], listed["items"]) == ("applied", len(changed), 1)
    waiting = {one["attempt_id"] for one in ssa("rescore", "increases", 1, "--json", database_url=url).json}
    assert f"{len(waiting)} increase" in done("rescore", "decline", 1, "--all", "--reason", "no", database_url=url)
    assert "is reverted" in done("rescore", "revert", 1, "--reason", "mistaken", database_url=url)


def test_what_cannot_be_done_is_said_in_a_sentence(url: str, db: Database) -> None:
    item = an_item(db)
    done("rescore", "new", "CT", "--title", "One", "--reason", "R", database_url=url)
    refused = ssa("rescore", "change", 1, item, "--key", "zz", database_url=url).sentence()
    assert refused.startswith(f"Item {item} does not take the key zz. It needs ")
    assert "changes nothing yet" in ssa("rescore", "apply", 1, database_url=url).sentence()
    assert "no rescoring session 7" in ssa("rescore", "preview", 7, database_url=url).sentence()
    assert "Give one of --key" in ssa("rescore", "change", 1, item, database_url=url).sentence(2)
    assert "--all" in ssa("rescore", "accept", 1, database_url=url).sentence(2)


KILLED = """
import os, signal, sys, datetime as dt
from ssa_engine.actions import rescoring_runs
from ssa_engine.actions.banks import Banks
from ssa_engine.config import bundled
from ssa_engine.content.library import load_library
from ssa_engine.storage.db import Database
db = Database(sys.argv[1])
banks = Banks(db, load_library(bundled("content_specs"), bundled("item_bank")))
rescoring_runs.BATCH = 1
kill = lambda done, total: done == 3 and os.kill(os.getpid(), signal.SIGKILL)
rescoring_runs.apply(db, banks, 1, who="x", now=dt.datetime.now(dt.UTC), watch=kill)
"""


def test_killed_in_the_middle_it_goes_on_where_it_was(url: str, db: Database) -> None:
    done("rescore", "new", "CT", "--title", "One", "--reason", "R", database_url=url)
    done("rescore", "change", 1, an_item(db), "--drop", database_url=url)
    killed = subprocess.run([sys.executable, "-c", KILLED, url], cwd=ROOT, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    with db.read() as connection:
        assert rescoring_lists.counts(connection)[1]["looked_at"] == 3
    assert "applying" in done("rescore", "list", database_url=url)
    done("rescore", "apply", 1, database_url=url)
    with db.read() as connection:
        counts = rescoring_lists.counts(connection)[1]
        scores = frames.area_score_frame(connection, "CT")
    assert counts["looked_at"] == counts["changed"] > 3
    assert (scores.groupby("attempt_id")["items"].sum() == 69).sum() == counts["changed"]
