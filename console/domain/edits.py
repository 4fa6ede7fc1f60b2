"""What an edit changed about the arguments of a proposal, in lines that a person can read."""

from __future__ import annotations

from collections.abc import Mapping

from console.domain.canonical import Json
from console.domain.escalation import Change

LONGEST = 200


def edited_lines(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[Change, ...]:
    """One line for each argument that differs, in their order; long values are cut."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return tuple(Change(name, _short(before.get(name)), _short(after.get(name))) for name in names)


def _short(value: Json) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
