"""A small validator of JSON Schemas, so that ours are held against files without a package that reads them."""

from __future__ import annotations

import datetime as dt
from typing import Any

KINDS = {"object": dict, "array": list, "string": str | dt.date, "null": type(None)}


def unfit(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "") -> list[str]:
    """Say where a value does not fit a schema: kind, keys required, keys allowed, enumerations, lists, references."""
    if "$ref" in schema:
        return unfit(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    if "discriminator" in schema:
        name, mapping = schema["discriminator"]["propertyName"], schema["discriminator"]["mapping"]
        known = value.get(name) if isinstance(value, dict) else None
        if known not in mapping:
            return [f"{at}: {name} is none of {', '.join(mapping)}"]
        return unfit(value, {"$ref": mapping[known]}, root, at)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return min((unfit(value, one, root, at) for one in schema[choice]), key=len)
    if "type" in schema and not isinstance(value, KINDS.get(schema["type"], object)):
        return [f"{at}: {value!r} is no {schema['type']}"] * 9
    faults = [f"{at}: {value!r} is not in the list"] if value not in schema.get("enum", [value]) else []
    if isinstance(value, list):
        return faults + _in_list(value, schema, root, at)
    if isinstance(value, dict):
        return faults + _in_mapping(value, schema, root, at)
    return faults


def _in_list(value: list[Any], schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    parts = schema.get("prefixItems", [schema.get("items", {})] * len(value))
    faults = [f"{at}: {len(value)} entries are not as many as are meant"] if len(parts) != len(value) else []
    pairs = enumerate(zip(value, parts, strict=False))
    return faults + [fault for n, (one, own) in pairs for fault in unfit(one, own, root, f"{at}/{n}")]


def _in_mapping(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    faults = [f"{at}: {name} is required" for name in schema.get("required", []) if name not in value]
    for name, one in value.items():
        own = properties.get(name, more)
        faults += [f"{at}: {name} is not allowed"] if own is False else []
        faults += unfit(one, own, root, f"{at}/{name}") if isinstance(own, dict) else []
    return faults
