"""A state in which every table of the console has something to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ssa_engine.actions import increases, policy_drafts, rescoring_runs, rescorings, standard_setting
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.panel_sheets import PanelSheet
from ssa_engine.content.library import Library
from ssa_engine.core.attempts import State
from ssa_engine.core.items import Item
from ssa_engine.core.rescorings import ItemChange
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import attempts, credentials
from tests.demos import build
from tests.factories import Clock
from tests.web.psychometrician.reviews import in_groups
from tests.web.psychometrician.tuning import moved

COHORT = 34
AREA = "radiation-safety-and-dose"
WHO: dict[str, Any] = {"who": "walker@test.example"}
LOOKS = {
    "psychometrician.cohort.of_discipline": ("", "by=group:shift", "state=released&sort=-credits"),
    "psychometrician.items.overview": ("", "grouping=shift&sort=p_value&order=down&split=2027-02-01", "flag=any"),
    "psychometrician.items.item": ("", "grouping=shift"),
    "psychometrician.tuning.tune": (
        "",
        "on=simulated&candidates=200&seed=3",
        "unit=proportion&decision=expected_loss&loss_ratio=1&inside=prescribe_half&low=0.3&high=0.7",
    ),
    "psychometrician.tuning.compare": ("left=version-1&right=draft-1",),
    "psychometrician.standard_setting.show": ("", "also=2"),
    "psychometrician.releases.overview": ("", "which=all", "which=until&until=2026-12-31"),
    "psychometrician.report.overview": ("period=2027",),
}
"""Page -> what is asked of it, so that every table of it is seen."""


def calibrated(library: Library) -> Library:
    """The bundled content; of the CT bank every item but the last of the area has a and b."""
    bank = library.bank("CT")
    items = tuple(
        one.model_copy(update={"statistics": one.statistics.model_copy(update={"a": 1.0, "b": at % 7 / 3 - 2})})
        for at, one in enumerate(bank.items)
    )
    last = max(at for at, one in enumerate(bank.items) if bank.area_of(one) == AREA)
    known = bank.model_copy(update={"items": (*items[:last], bank.items[last], *items[last + 1 :])})
    for name in ("version", "by_id"):
        known.__dict__.pop(name, None)
    return Library(library.specs, {**library.banks, "CT": known}, library.media, library.practice)


def prepare(db: Database, library: Library, clock: Clock, cohort: int = COHORT) -> dict[str, list[dict[str, object]]]:
    """Fill the database; return endpoint -> the values of its addresses, under "" those of all others."""
    banks, bank = Banks(db, library), library.bank("CT")
    build(db, banks, cohort=cohort, seed=5, now=clock())
    in_groups(db)
    draft = policy_drafts.create(db, bank.spec, title="Moved", policy=moved(library), now=clock(), **WHO)
    own = [item for item in bank.items if bank.area_of(item) == AREA]
    settings = [_panel(db, library, clock, title, own[:4]) for title in ("Spring", "Autumn")]
    single = [item for item in own if item.format == "single"]
    applied = _session(db, banks, clock, {item: _other_key(item) for item in single[:4]})
    rescoring_runs.apply(db, banks, applied, now=clock(), expected_revision=None, at_most=1000, **WHO)
    with db.read() as connection:
        waiting = increases.waiting(connection, applied, clock())
    increases.accept(db, banks, applied, attempts=[int(waiting["attempt_id"].iloc[0])], now=clock(), **WHO)
    dry_run = _session(db, banks, clock, {single[4]: None})
    _hold_back(db)
    common: dict[str, object] = {
        "discipline": "CT",
        "item_id": own[0].id,
        "area": AREA,
        "draft_id": draft.id,
        "rescoring_id": applied,
        "setting_id": settings[0],
    }
    return {
        "": [common],
        "psychometrician.items.item": [common, {**common, "item_id": own[-1].id}],
        "psychometrician.rescoring.show": [common, {**common, "rescoring_id": dry_run}],
    }


def _hold_back(db: Database) -> None:
    """Let every third result of CT wait for its release."""
    with db.write() as connection:
        own = sa.select(credentials.c.id).where(credentials.c.discipline == "CT")
        third = (attempts.c.state == State.RELEASED, attempts.c.id % 3 == 0, attempts.c.credential_id.in_(own))
        connection.execute(attempts.update().where(*third).values(state=State.SUBMITTED, released_at=None))


def _panel(db: Database, library: Library, clock: Clock, title: str, items: Sequence[Item]) -> int:
    """Keep the sheet of three judges and two rounds."""
    sheet = "judge,item_id,rating,round\n" + "".join(
        f"{judge},{item.id},{(at + turn + place % 2) / 20 + 0.4},{turn}\n"
        for turn in (1, 2)
        for at, judge in enumerate(("Ann", "Bo", "Cy"))
        for place, item in enumerate(items)
    )
    sent = PanelSheet(title=title, method="angoff", sheet=sheet)
    return standard_setting.add(db, library.bank("CT"), sent, now=clock(), **WHO)


def _other_key(item: Any) -> str:
    return next(str(option.id) for option in item.options if option.id != item.key)


def _session(db: Database, banks: Banks, clock: Clock, keys: dict[Any, str | None]) -> int:
    """Begin a rescoring session that gives items another key, or everybody full credit."""
    begun = rescorings.begin(db, banks, discipline="CT", title="Mended", reason="test", now=clock(), **WHO)
    for revision, (item, key) in enumerate(keys.items(), 1):
        kind = ItemChange.FULL_CREDIT if key is None else ItemChange.KEY
        rescorings.change(
            db,
            banks,
            begun.id,
            item_id=item.id,
            kind=kind,
            key=key or "",
            now=clock(),
            expected_revision=revision,
            **WHO,
        )
    return begun.id
