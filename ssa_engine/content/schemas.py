"""JSON Schemas of the content files, for editors that check and complete YAML."""

from __future__ import annotations

from typing import Any

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.item_bank import Case
from ssa_engine.core.items import AnyItem
from ssa_engine.core.policies import FrozenModel, Policy


class ItemFileSchema(FrozenModel):
    """An item file: the items of one content area."""

    discipline: str
    area: str
    cases: tuple[Case, ...] = ()
    items: tuple[AnyItem, ...]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return file name -> JSON Schema (draft 2020-12)."""
    models: dict[str, type[FrozenModel]] = {"content-spec": ContentSpec, "item-file": ItemFileSchema, "policy": Policy}
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {f"{name}.schema.json": dialect | model.model_json_schema() for name, model in models.items()}
