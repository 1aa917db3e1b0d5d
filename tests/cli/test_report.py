"""ssa report: files by period and discipline, the same whenever they are made, and sentences for what is amiss."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.content.library import Library
from ssa_engine.storage.db import Database
from ssa_engine.storage.upgrade import upgrade
from tests.cli.shell import done, ssa
from tests.demos import build

NOW = dt.datetime(2025, 3, 14, 14, tzinfo=dt.UTC)
PERIOD = "2023-01-01..2025-12-31"
NAME = "technical-report-ct-2023-01-01-to-2025-12-31"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, library: Library) -> str:
    path = tmp_path_factory.mktemp("report") / "ssa.db"
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    build(db, Banks(db, library), cohort=20, seed=5, now=NOW)
    db.dispose()
    return f"sqlite:///{path}"


def test_a_report_is_written_as_html_pdf_and_tables(url: str, tmp_path: Path) -> None:
    said = done("report", PERIOD, "--discipline", "CT", "--out", tmp_path, database_url=url)
    assert "22 assessments were submitted; policy version 1 was in force at the end of the period." in said
    html = (tmp_path / f"{NAME}.html").read_text(encoding="utf-8")
    assert (tmp_path / f"{NAME}.pdf").read_bytes().startswith(b"%PDF-1.7")
    scores = pd.read_csv(tmp_path / NAME / "scores.csv")
    assert len(scores) == 7
    assert scores["n"].tolist() == [22] * 7
    assert all(f"{mean:.3f}" in html for mean in scores["mean"])
    assert not list(tmp_path.glob(".*"))


def test_made_again_it_is_the_same(url: str, tmp_path: Path) -> None:
    for name in ("first", "second"):
        done("report", PERIOD, "--discipline", "CT", "--out", tmp_path / name, database_url=url)
    files = [path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*") if path.is_file()]
    assert len(files) > 15
    differ = [
        one for one in files if (tmp_path / "first" / one).read_bytes() != (tmp_path / "second" / one).read_bytes()
    ]
    assert differ == []


def test_an_empty_period_is_a_sentence_and_a_bad_one_an_error(url: str, tmp_path: Path) -> None:
    said = done("report", "2031-Q1", "--discipline", "CT", "--out", tmp_path, database_url=url)
    assert "Nobody submitted an assessment in this period" in said
    bad = ssa("report", "soon", "--out", tmp_path / "none", database_url=url)
    assert bad.sentence().startswith("“soon” is no period. Write a year (2026)")
    assert not (tmp_path / "none").exists()
    unknown = ssa("report", "2027", "--discipline", "NN", "--out", tmp_path / "none", database_url=url)
    assert "NN" in unknown.sentence()


def test_the_minimum_is_chosen(url: str, tmp_path: Path) -> None:
    done("report", PERIOD, "--discipline", "CT", "--minimum", "100", "--out", tmp_path, database_url=url)
    assert "Fewer than 100 people submitted an assessment" in (tmp_path / f"{NAME}.html").read_text(encoding="utf-8")
    assert not (tmp_path / NAME / "scores.csv").exists()
