"""JSON that a person typed or an engine sent, read strictly and with the place of what is wrong.

Invariant: what is accepted means the same to every reader: no name twice in one object, no NaN or infinity, no number
that canonical JSON cannot hold, no nesting deeper than `MOST_DEPTH`. Never raises for any text; a problem comes back in
words with its line and column.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Never

from console.domain.canonical import Json
from console.domain.display import HIDDEN

MOST_CHARACTERS = 2_000_000
MOST_DEPTH = 64
MOST_NAME = 1_000
MOST_WHOLE = 2**53 - 1


@dataclass(frozen=True, slots=True)
class JsonRead:
    """What a text says, or why it says nothing. Line and column count from 1 and are 0 where there is no place."""

    value: Json = None
    problem: str = ""
    line: int = 0
    column: int = 0


def read_json(text: str) -> JsonRead:
    """Read a JSON text."""
    if len(text) > MOST_CHARACTERS:
        return JsonRead(problem=f"The text has {len(text):,} characters; {MOST_CHARACTERS:,} are the most.")
    try:
        value: Json = json.loads(text, object_pairs_hook=_once_each, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        return JsonRead(problem=f"{error.msg}.", line=error.lineno, column=error.colno)
    except RecursionError:
        return JsonRead(problem="The text is nested too deeply.")
    except ValueError as error:
        return JsonRead(problem=str(error))
    return JsonRead(problem=problem) if (problem := unfit(value)) else JsonRead(value)


def write_json(value: Json) -> str:
    """Write a value for a person to read and edit: indented, in its own order, letters as they are.

    Characters that cannot be seen are written as JSON's escapes, so they can be seen, edited and read back the same.
    """
    written = json.dumps(value, indent=2, ensure_ascii=False)
    if written.replace("\n", "").isprintable():
        return written
    return "".join(_escaped(character) if _is_hidden(character) else character for character in written)


def _is_hidden(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in HIDDEN


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if character > "\x7f" else f"\\u{ord(character):04x}"


def unfit(value: Json) -> str:
    """Why a value cannot be carried and signed exactly; empty when it can. Does not recurse."""
    left: list[tuple[Json, int]] = [(value, 0)]
    while left:
        each, depth = left.pop()
        if depth > MOST_DEPTH:
            return f"It is nested more than {MOST_DEPTH} levels deep."
        if isinstance(each, Mapping):
            left.extend((inner, depth + 1) for inner in each.values())
            if problem := next((problem for name in each if (problem := _unfit_name(name))), ""):
                return problem
        elif isinstance(each, Sequence) and not isinstance(each, str):
            left.extend((inner, depth + 1) for inner in each)
        elif problem := _unfit_scalar(each):
            return problem
    return ""


def count_of(value: Json) -> int:
    """How many values there are in a value, itself and names included. Does not recurse."""
    count = 0
    left: list[Json] = [value]
    while left:
        each = left.pop()
        count += 1
        if isinstance(each, Mapping):
            count += len(each)
            left.extend(each.values())
        elif isinstance(each, Sequence) and not isinstance(each, str):
            left.extend(each)
    return count


def _unfit_scalar(value: Json) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "A number is too large for JSON."
    if isinstance(value, int) and abs(value) > MOST_WHOLE:
        return f"The whole number {str(value)[:40]} is beyond {MOST_WHOLE}, where JSON is not exact; write it as text."
    if isinstance(value, str) and not _is_text(value):
        return "A text holds half a character (a lone surrogate)."
    return ""


def _unfit_name(name: str) -> str:
    if len(name) > MOST_NAME:
        return f"A name has {len(name):,} characters; {MOST_NAME:,} are the most."
    return _unfit_scalar(name)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _once_each(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"The name {twice[:80]!r} stands twice in one object.")
    return made


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not a number in JSON.")
