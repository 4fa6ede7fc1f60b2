"""What this desk decided, looked up: what each decision's words refer to.

Invariant: only what was shown when it was decided is told of it; where that is not kept any more, nothing is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, cast, func, select

from console.domain.canonical import Json
from console.store.database import Database
from console.store.tables import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class AsShown:
    """Parts of an item as they were when it was decided. ``sides`` are run id and agent of a conflict's two sides."""

    required_approvals: int = 1
    arguments: dict[str, Json] = field(default_factory=dict)
    targets: tuple[tuple[str, str, str], ...] = ()
    sides: tuple[tuple[str, str], ...] = ()


class Decided:
    """The decisions of this desk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def as_shown(self, decision_id: str) -> AsShown:
        """What the words of a decision refer to: arguments before an edit, names of targets, sides of a conflict."""
        seen = cast(shown.c.content, String)
        query = select(
            func.json_extract(seen, "$.row.required_approvals").label("required"),
            func.json_extract(seen, "$.proposal.arguments").label("arguments"),
            func.json_extract(seen, "$.targets").label("targets"),
            func.json_extract(
                seen, "$.sides[0].run.run_id", "$.sides[0].agent", "$.sides[1].run.run_id", "$.sides[1].agent"
            ).label("sides"),
        ).where(shown.c.decision_id == decision_id)
        with self._database.reading() as transaction:
            row = transaction.execute(query).first()
        return AsShown() if row is None else _as_shown(row)


def _as_shown(row: Any) -> AsShown:  # noqa: ANN401 - a row
    sides = [text or "" for text in json.loads(row.sides)]
    return AsShown(
        required_approvals=row.required or 1,
        arguments=json.loads(row.arguments) if row.arguments else {},
        targets=tuple((each["kind"], each["target_id"], each["label"]) for each in json.loads(row.targets or "[]")),
        sides=tuple((run, agent) for run, agent in (sides[:2], sides[2:]) if run),
    )
