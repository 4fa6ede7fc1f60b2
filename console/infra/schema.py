"""JSON Schemas from engines: checked before use, read as fields of a form, and applied to values.

A schema is hostile like all that an engine sends. Invariant: nothing is ever fetched (the registry knows no address);
size, depth and expansion are bounded; a pattern that could run for ever is refused, and a long text is not matched
against one that is slow. `read_schema` never raises: what cannot be used says so in `problem`, and then the form is raw
JSON that is checked for being JSON only.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from console.domain.canonical import Json
from console.infra.jsontext import count_of, unfit
from console.infra.patterns import slow_pattern

MOST_NODES = 5_000
MOST_DEPTH = 24
MOST_PROBLEMS = 50
MOST_VALUES = 20_000
MOST_STEPS = 1_000_000
LONG_TEXT = 120

Path: TypeAlias = tuple[str | int, ...]
Node: TypeAlias = Mapping[str, Any]


class Role(enum.Enum):
    """What an object inside a schema is."""

    SCHEMA = "schema"
    NAMED = "schemas by name"
    DATA = "data"

    def below(self, key: str) -> Role:
        """Return what stands under a key of it."""
        if self is Role.NAMED:
            return Role.SCHEMA
        if self is Role.DATA or key in DATA_KEYWORDS:
            return Role.DATA
        return Role.NAMED if key in NAMED_KEYWORDS else Role.SCHEMA


class FieldKind(enum.Enum):
    """How a value is entered."""

    TEXT = "text"
    LONG_TEXT = "long text"
    INTEGER = "whole number"
    NUMBER = "number"
    BOOLEAN = "yes or no"
    CHOICE = "choice"
    DATE = "date"
    LIST = "list"
    TABLE = "table"
    GROUP = "group"
    RAW = "raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaField:
    """One field of a form. `fields` are a group's members or a table's columns; `item` is what a list holds."""

    name: str
    kind: FieldKind
    title: str
    description: str = ""
    is_required: bool = False
    is_nullable: bool = False
    choices: tuple[Json, ...] = ()
    default: Json = None
    has_default: bool = False
    fields: tuple[SchemaField, ...] = ()
    item: SchemaField | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """What is wrong with a value, and where: the path of names and numbers from the root."""

    path: Path
    words: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that was read.

    `root` describes the whole value, which is mostly a group of fields. `problem` is why the schema cannot be used, and
    then the root is raw and nothing but JSON is checked.
    """

    root: SchemaField
    problem: str = ""
    source: Node | None = None
    size: int = 0

    @property
    def fields(self) -> tuple[SchemaField, ...]:
        """The fields of an object; none for any other value."""
        return self.root.fields if self.root.kind is FieldKind.GROUP else ()

    def problems(self, value: Json) -> tuple[SchemaProblem, ...]:
        """Return what is wrong with a value, at most `MOST_PROBLEMS`."""
        if words := unfit(value):
            return (SchemaProblem((), words),)
        if self.source is None:
            return ()
        if (count := count_of(value)) * self.size > MOST_STEPS or count > MOST_VALUES:
            return (SchemaProblem((), f"is too large to be checked: {count:,} values"),)
        from console.infra.validation import faults  # noqa: PLC0415 - when the first form is opened, see there

        try:
            found = faults(self.source, value, MOST_PROBLEMS)
        except (RecursionError, LookupError, re.error):
            return (SchemaProblem((), "cannot be checked: the schema refers to what is not there or to itself"),)
        return tuple(SchemaProblem(*fault) for fault in dict.fromkeys(found))


def read_schema(source: Json) -> Schema:
    """Check a schema and read its fields; an empty one allows any object."""
    if not isinstance(source, Mapping):
        return Schema(RAW_ROOT, "The schema is not an object.")
    from console.infra.validation import fault_of_schema  # noqa: PLC0415 - when the first form is opened, see there

    try:
        size, problem = _walk(source)
        problem = problem or unfit(source)
        if not problem and (fault := fault_of_schema(source)):
            problem = f"The schema is not valid: {fault[:200]}"
        if not problem:
            return Schema(_field("", source, source, is_required=True, depth=0), "", source, size)
    except (RecursionError, re.error):
        problem = "The schema is nested too deeply or holds an unusable pattern."
    return Schema(RAW_ROOT, problem)


def _walk(root: Node) -> tuple[int, str]:
    """Walk the schema as a check would, following its references. Returns its size, and why it must not be used.

    What stands under a keyword for values is data: it is counted, not read as a schema.
    """
    left: list[tuple[Json, int, Role]] = [(root, 0, Role.SCHEMA)]
    size = 0
    while left:
        node, depth, role = left.pop()
        size += 1
        if size > MOST_NODES or depth > MOST_DEPTH:
            return size, "The schema is too large, too deep, or refers to itself."
        if isinstance(node, Mapping):
            if role is Role.SCHEMA:
                if problem := _unsafe(node, is_root=depth == 0):
                    return size, problem
                if isinstance(target := node.get("$ref"), str):
                    left.append((_pointed(root, target), depth + 1, Role.SCHEMA))
            left.extend((inner, depth + 1, role.below(key)) for key, inner in node.items())
        elif isinstance(node, Sequence) and not isinstance(node, str):
            left.extend((inner, depth + 1, role) for inner in node)
    return size, ""


def _unsafe(node: Node, *, is_root: bool) -> str:
    """Check one schema's references and patterns. Returns why it must not be used, or nothing."""
    if any(word in node for word in ("$dynamicRef", "$recursiveRef")) or ("$id" in node and not is_root):
        return "The schema renames itself or refers to what is known only while it is applied."
    target = node.get("$ref", "#")
    if not isinstance(target, str) or not LOCAL.fullmatch(target):
        return f"The schema refers to another document ({str(target)[:80]}); nothing is fetched."
    keyed = node.get("patternProperties", {})
    patterns = [node.get("pattern"), *(keyed if isinstance(keyed, Mapping) else ())]
    return next((problem for each in patterns if isinstance(each, str) and (problem := slow_pattern(each))), "")


def _members(node: Node, root: Node, depth: int) -> tuple[SchemaField, ...]:
    properties = node.get("properties", {})
    required = node.get("required", ())
    if not isinstance(properties, Mapping):
        return ()
    return tuple(
        _field(str(name), inner, root, is_required=name in required, depth=depth + 1)
        for name, inner in properties.items()
    )


def _field(name: str, source: Json, root: Node, *, is_required: bool, depth: int) -> SchemaField:
    given = source if isinstance(source, Mapping) else {}
    node, is_nullable = _without_null(_resolved(given, root), root)
    kind = _kind(node, root, depth)
    item_node = _resolved(node["items"], root) if isinstance(node.get("items"), Mapping) else {}
    choices = node.get("enum", [node["const"]] if "const" in node else [])
    default = given.get("default", node.get("default"))
    members = node if kind is FieldKind.GROUP else item_node
    return SchemaField(
        name=name,
        kind=kind,
        title=str(given.get("title") or node.get("title") or name.replace("_", " ") or "Value"),
        description=str(given.get("description") or node.get("description") or ""),
        is_required=is_required,
        is_nullable=is_nullable,
        choices=tuple(choices) if kind is FieldKind.CHOICE else (),
        default=default,
        has_default="default" in given or "default" in node,
        fields=_members(members, root, depth) if kind in {FieldKind.GROUP, FieldKind.TABLE} else (),
        item=_field("", item_node, root, is_required=True, depth=depth + 1) if kind is FieldKind.LIST else None,
        hint=_hint(node),
    )


def _kind(node: Node, root: Node, depth: int) -> FieldKind:
    """Return how a value of this schema is entered; raw where no field would be honest."""
    stated = node.get("type", "object" if isinstance(node.get("properties"), Mapping) else None)
    if "enum" in node or "const" in node:
        return FieldKind.CHOICE
    if depth > MOST_DEPTH // 4 or not isinstance(stated, str) or any(word in node for word in COMPOSED):
        return FieldKind.RAW
    if stated == "string":
        if node.get("format") == "date":
            return FieldKind.DATE
        is_long = isinstance(node.get("maxLength"), int) and node["maxLength"] > LONG_TEXT
        return FieldKind.LONG_TEXT if is_long else FieldKind.TEXT
    if stated == "object":
        return FieldKind.GROUP if node.get("properties") else FieldKind.RAW
    if stated == "array" and isinstance(node.get("items"), Mapping):
        inner = _kind(_without_null(_resolved(node["items"], root), root)[0], root, depth + 1)
        if inner is FieldKind.GROUP:
            return FieldKind.TABLE
        return FieldKind.LIST if inner in SCALARS else FieldKind.RAW
    return PLAIN_KINDS.get(stated, FieldKind.RAW)


def _without_null(node: Node, root: Node) -> tuple[Node, bool]:
    """Take "or nothing" off a schema, in the two ways it is written."""
    stated = node.get("type")
    if isinstance(stated, Sequence) and not isinstance(stated, str):
        left = [each for each in stated if each != "null"]
        return {**node, "type": left[0] if len(left) == 1 else left}, "null" in stated
    for word in ("anyOf", "oneOf"):
        options = node.get(word)
        if isinstance(options, Sequence):
            left = [each for each in options if isinstance(each, Mapping) and each.get("type") != "null"]
            if len(left) == 1 and len(options) == len(left) + 1:
                rest = {key: inner for key, inner in node.items() if key != word}
                return {**_resolved(left[0], root), **rest}, True
    return node, False


def _resolved(node: Node, root: Node) -> Node:
    """Follow references within the document; what is beside one stays."""
    for _ in range(MOST_DEPTH):
        target = node.get("$ref")
        if not isinstance(target, str):
            return node
        pointed = _pointed(root, target)
        rest = {key: inner for key, inner in node.items() if key != "$ref"}
        node = {**(pointed if isinstance(pointed, Mapping) else {}), **rest}
    return {}


def _pointed(root: Node, target: str) -> Json:
    """Return what a JSON pointer in the document names; nothing where it names nothing."""
    found: Json = root
    for raw in target.lstrip("#").split("/")[1:]:
        part = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, Sequence) and not isinstance(found, str) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def _hint(node: Node) -> str:
    """Return the bounds of a value in words."""
    words = []
    for keyword, text in HINTS.items():
        if keyword in node:
            words.append(text.format(str(node[keyword])[:60]))
    return ", ".join(words)


RAW_ROOT = SchemaField(name="", kind=FieldKind.RAW, title="Value", is_required=True)
SCALARS = frozenset({
    FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.BOOLEAN, FieldKind.CHOICE,
    FieldKind.DATE,
})  # fmt: skip
PLAIN_KINDS = {"integer": FieldKind.INTEGER, "number": FieldKind.NUMBER, "boolean": FieldKind.BOOLEAN}
COMPOSED = ("anyOf", "oneOf", "allOf", "not", "if", "patternProperties", "dependentSchemas")
# Under these stand values: what looks like a reference there is data.
DATA_KEYWORDS = frozenset({"enum", "const", "default", "examples", "required"})
# Under these stand names, each with a schema: a field may well be called "default".
NAMED_KEYWORDS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
HINTS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "multipleOf": "in steps of {}",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}
LOCAL = re.compile(r"#(?:/[^%]*)?")
