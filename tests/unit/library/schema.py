"""As much of JSON Schema as `slider.schema.json` uses, to hold the reader to it."""

import re
from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "number": (int, float),
    "integer": (int, float), "null": (type(None),),
}  # fmt: skip
KNOWN = {
    "$schema", "title", "description", "$defs", "$ref", "type", "required", "additionalProperties",
    "properties", "const", "minLength", "maxLength", "pattern", "minimum", "maximum", "minItems",
    "maxItems", "items", "oneOf",
}  # fmt: skip


def is_of(kind: str, told: Any) -> bool:
    if isinstance(told, bool):
        return False
    whole = kind != "integer" or (isinstance(told, int | float) and told == int(told))
    return isinstance(told, KINDS[kind]) and whole


def fits(told: Any, schema: dict[str, Any], top: dict[str, Any]) -> bool:
    """Whether ``told`` is valid; a keyword that is not known here is an error, not a yes."""
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        return fits(told, top["$defs"][schema["$ref"].rsplit("/", 1)[1]], top)
    if "oneOf" in schema and sum(fits(told, one, top) for one in schema["oneOf"]) != 1:
        return False
    if "const" in schema and told != schema["const"]:
        return False
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_of(kind, told) for kind in kinds):
        return False
    if isinstance(told, str):
        long_enough = schema.get("minLength", 0) <= len(told) <= schema.get("maxLength", 10**9)
        return long_enough and bool(re.search(schema.get("pattern", ""), told))
    if isinstance(told, int | float):
        return bool(schema.get("minimum", told) <= told <= schema.get("maximum", told))
    if isinstance(told, list):
        enough = schema.get("minItems", 0) <= len(told) <= schema.get("maxItems", 10**9)
        return enough and all(fits(item, schema.get("items", {}), top) for item in told)
    if isinstance(told, dict):
        properties = schema.get("properties", {})
        if schema.get("additionalProperties", True) is False and not told.keys() <= set(properties):
            return False
        return all(key in told for key in schema.get("required", [])) and all(
            fits(value, properties[key], top) for key, value in told.items() if key in properties
        )
    return True
