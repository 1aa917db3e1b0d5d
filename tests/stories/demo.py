"""A database and its certificates like those of `ssa demo`, with a small cohort."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.demo import build
from ssa_engine.actions.demo_process import build_process
from ssa_engine.config import bundled
from ssa_engine.content.library import Library
from ssa_engine.exchange.activity_files import read_activities
from ssa_engine.storage.certificate_files import CertificateFiles
from ssa_engine.storage.db import Database
from ssa_engine.storage.upgrade import upgrade
from tests.stories.browser import COHORT

SEED = 20260301


def build_demo(path: Path, library: Library) -> None:
    """Make it; the certificates lie beside the database."""
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    banks, now = Banks(db, library), dt.datetime.now(dt.UTC)
    build(db, banks, cohort=COHORT, seed=SEED, now=now)
    outlines = {code: tuple(spec.area_names) for code, spec in library.specs.items()}
    catalogue = read_activities(bundled("content_specs") / "activities.csv", outlines)
    build_process(db, banks, CertificateFiles(path.with_name("certificates")), catalogue, seed=SEED, now=now)
    db.dispose()
