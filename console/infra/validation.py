"""Values held against a JSON Schema that :mod:`console.infra.schema` found safe to apply.

Apart from it because the library behind takes as long to load as the window to paint, and few items have a form.
Invariant: nothing is ever fetched (the registry knows no address). Raises :class:`RecursionError`, :class:`re.error`
for a pattern, and :class:`LookupError` where the schema refers to what is not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from console.domain.canonical import Json
from console.infra.pattern_example import example_of
from console.infra.patterns import TooLongError, is_matched

LONGEST_SAID = 120
Fault: TypeAlias = tuple[tuple[str | int, ...], str]


def fault_of_schema(source: Mapping[str, Any]) -> str:
    """Why this is no valid schema; nothing if it is one."""
    try:
        CHECKER.check_schema(source)
    except SchemaError as error:
        return str(error.message)
    return ""


def faults(source: Mapping[str, Any], value: Json, most: int) -> list[Fault]:
    """What is wrong with a value, each with the path of names and numbers from the root; the first ``most`` errors."""
    checker = CHECKER(source, registry=Registry(), format_checker=FORMATS)
    try:
        return [fault for error in islice(checker.iter_errors(value), most) for fault in _told(error)]
    except Unresolvable as error:
        raise LookupError("a reference leads nowhere") from error


def _check_pattern(_: Any, pattern: str, instance: Json, schema: Json) -> Iterator[ValidationError]:  # noqa: ANN401
    """Match a text against a pattern, unless the text is so long that the pattern could be slow on it."""
    if not isinstance(instance, str):
        return
    try:
        if not is_matched(pattern, instance):
            yield ValidationError(_wanted(pattern, schema))
    except TooLongError:
        yield ValidationError(f"is too long ({len(instance):,} characters) to be matched against its pattern")


def _wanted(pattern: str, schema: Json) -> str:
    """What a pattern asks for, in the words of its schema; else an example, and the pattern where there is none."""
    told = schema if isinstance(schema, Mapping) else {}
    examples = told.get("examples")
    given = examples[0] if isinstance(examples, Sequence) and not isinstance(examples, str) and examples else None
    example = given if isinstance(given, str) and given else example_of(pattern)
    description = told.get("description")
    words = f"does not fit: {description.rstrip('.')}" if isinstance(description, str) and description else ""
    if example:
        return f"{words}, as {example[:LONGEST_SAID]}" if words else f"must be written as {example[:LONGEST_SAID]}"
    return words[:LONGEST_SAID] or f"must look like {pattern}"


def _check_unique(_: Any, is_unique: bool, instance: Json, __: Json) -> Iterator[ValidationError]:  # noqa: ANN401, FBT001
    """Find one that stands twice in linear time; the library's own way compares each with each."""
    if is_unique and isinstance(instance, list):
        written = [json.dumps(each, sort_keys=True) for each in instance]
        if len(set(written)) != len(written):
            yield ValidationError("must not hold one twice")


def _told(error: ValidationError) -> Iterator[Fault]:
    """Put an error into words at the field that a person has to change."""
    path = tuple(error.absolute_path)
    if error.validator == "required" and isinstance(error.instance, Mapping):
        wanted = error.validator_value if isinstance(error.validator_value, Sequence) else ()
        for name in wanted:
            if name not in error.instance:
                yield (*path, str(name)), "is needed"
        return
    words = WORDS.get(str(error.validator))
    if words is None:
        yield path, str(error.message[:200])
    else:
        value = error.validator_value
        listed = ", ".join(map(str, value)) if isinstance(value, list) else TYPE_WORDS.get(str(value), str(value))
        yield path, words.format(listed[:200])


TYPE_WORDS = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "an object", "null": "nothing", "date": "a date, as 2026-11-21",
}  # fmt: skip
WORDS = {
    "type": "must be {}",
    "enum": "must be one of {}",
    "const": "must be {}",
    "minimum": "must be at least {}",
    "exclusiveMinimum": "must be more than {}",
    "maximum": "must be at most {}",
    "exclusiveMaximum": "must be less than {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "multipleOf": "must be a multiple of {}",
    "format": "must be {}",
    "minItems": "must have at least {}",
    "maxItems": "must have at most {}",
}
FORMATS = FormatChecker(formats=("date",))
OWN = {"pattern": _check_pattern, "uniqueItems": _check_unique}
CHECKER = extend(Draft202012Validator, OWN)  # type: ignore[no-untyped-call]
