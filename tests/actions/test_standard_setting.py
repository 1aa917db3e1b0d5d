"""A panel's page stays whole whatever the policy in force decides by."""

from __future__ import annotations

from ssa_engine.actions import standard_setting
from ssa_engine.actions.banks import Banks
from ssa_engine.actions.panel_sheets import PanelSheet
from ssa_engine.content.library import Library
from ssa_engine.core.policies import DecisionRule, PublishedPolicy
from ssa_engine.storage import policies
from ssa_engine.storage.db import Database
from tests.demos import build
from tests.factories import Clock


def test_under_item_response_theory_a_panel_opens_without_its_effect_on_the_cohort(
    db: Database, library: Library, clock: Clock
) -> None:
    build(db, Banks(db, library), cohort=8, seed=5, now=clock())
    bank = library.bank("CT")
    item = bank.items[0]
    sheet = PanelSheet(
        title="Spring", method="angoff", sheet=f"judge,item_id,rating\nAnn,{item.id},.6\nBo,{item.id},.8\n"
    )
    setting_id = standard_setting.add(db, bank, sheet, who="test", now=clock())
    before = standard_setting.opened(db, bank, setting_id, now=clock())
    assert before.effect is not None
    by_irt = bank.spec.sample_policy.model_copy(update={"decision": DecisionRule(rule="irt")})
    with db.write() as connection:
        version = PublishedPolicy(discipline="CT", version=2, policy=by_irt)
        policies.insert(connection, version, reason="By item response theory", published_by="test", at=clock())
    after = standard_setting.opened(db, bank, setting_id, now=clock())
    assert after.effect is None
    assert after.cuts.equals(before.cuts)
    assert set(before.tables) - set(after.tables) == {"effect", "effect_totals"}
