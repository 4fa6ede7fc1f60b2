"""JSON Schemas of arguments and answers: checked when a plan is loaded, applied to whatever a person sends.

Invariant: a schema refers to nothing outside itself, so that validating never reads a file or an address.
"""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry

from console.domain.canonical import Json

MAX_DEPTH = 12
MAX_ERRORS = 3
TEXT: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": 4_000}
LINE: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": 120}


def form(**properties: Json) -> dict[str, Json]:
    """The schema of an object with just these properties, all of them needed."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def schema_problems(schema: dict[str, Json]) -> tuple[str, ...]:
    """Why a schema cannot be used; empty when it can."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return (f"not a JSON Schema: {error.message[:200]}",)
    return tuple(_unsafe(schema, 0))


def errors(schema: dict[str, Json], value: Json) -> tuple[str, ...]:
    """What is wrong with ``value``, at most three lines of ``place: reason``; empty when it fits."""
    validator = Draft202012Validator(schema, registry=Registry())
    found: list[str] = []
    for error in validator.iter_errors(value):
        place = "/".join(str(part) for part in error.absolute_path)
        found.append(f"{place}: {error.message[:200]}" if place else error.message[:200])
        if len(found) == MAX_ERRORS:
            break
    return tuple(found)


def _unsafe(value: Json, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        yield f"deeper than {MAX_DEPTH} levels"
    elif isinstance(value, dict):
        reference = value.get("$ref", "#")
        if not (isinstance(reference, str) and reference.startswith("#")):
            yield f"refers outside itself: {str(reference)[:80]}"
        for inner in value.values():
            yield from _unsafe(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _unsafe(inner, depth + 1)
