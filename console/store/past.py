"""What this desk decided before: on the same resource, and on cases alike.

Invariant: bounded by what it looks at, the newest decisions, so that it costs the same in the tenth year.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.domain.precedent import Likeness, Precedent
from console.domain.receipt import Outcome
from console.domain.run import RunRef
from console.store.columns import micros, moment
from console.store.database import Database
from console.store.tables import decisions, shown, waiting

LOOKED_AT = 300
# Decisions that a run accepted, by now or for good; what was withdrawn, or never came there, is no precedent.
DECIDED = (DecisionState.CARRIED_OUT, DecisionState.FAILED, DecisionState.CONFIRMED)
VOID = (DecisionState.WITHDRAWN, DecisionState.EXPIRED, DecisionState.SUPERSEDED, DecisionState.REFUSED)


class Past:
    """The decisions of this desk, looked back on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def on_resource(self, resource: str, except_for: str, since: datetime, limit: int) -> tuple[str, ...]:
        """The ids of this desk's decisions on other items about the same, newest first; those that are void aside."""
        if not resource:
            return ()
        query = (
            select(decisions.c.decision_id)
            .join(waiting, waiting.c.item_id == decisions.c.item_id)
            .where(
                waiting.c.resource == resource,
                # Written as the index has it, which SQLite uses for nothing else.
                waiting.c.resource != "",
                waiting.c.item_id != except_for,
                decisions.c.changed_at >= micros(since),
                decisions.c.state.not_in([str(state) for state in VOID]),
            )
            .order_by(decisions.c.number.desc())
            .limit(limit)
        )
        with self._database.reading() as transaction:
            return tuple(transaction.execute(query).scalars())

    def alike(self, connection_id: str, like: Likeness, limit: int) -> tuple[Precedent, ...]:
        """The cases of a connection that this desk decided and that are alike, newest first."""
        newest = (
            select(decisions.c.decision_id)
            .where(decisions.c.connection_id == connection_id, decisions.c.state.in_([str(each) for each in DECIDED]))
            .order_by(decisions.c.number.desc())
            .limit(LOOKED_AT)
        )
        seen = cast(shown.c.content, String)
        said = cast(decisions.c.content, String)
        query = (
            select(
                decisions.c.title,
                decisions.c.state,
                decisions.c.changed_at,
                func.json_extract(said, "$.verdict").label("verdict"),
                func.json_extract(said, "$.key.run").label("run"),
                func.json_extract(seen, "$.confidence").label("confidence"),
            )
            .join(shown, shown.c.decision_id == decisions.c.decision_id)
            .where(decisions.c.decision_id.in_(newest), *_is_alike(seen, like))
            .order_by(decisions.c.number.desc())
            .limit(limit)
        )
        with self._database.reading() as transaction:
            return tuple(_precedent(row, like) for row in transaction.execute(query))


def _is_alike(seen: ColumnElement[str], like: Likeness) -> list[ColumnElement[bool]]:
    def said(path: str) -> ColumnElement[str]:
        return func.coalesce(func.json_extract(seen, path), "")

    return [
        said("$.row.workflow") == like.workflow,
        said("$.row.kind") == str(like.kind),
        said("$.gate") == like.gate,
        said("$.proposal.tool") == like.tool,
    ]


def _precedent(row: Any, like: Likeness) -> Precedent:  # noqa: ANN401 - a row
    return Precedent(
        run=RunRef(**json.loads(row.run)),
        title=row.title,
        like=like,
        verdict=Verdict(row.verdict),
        at=moment(row.changed_at),
        outcome=Outcome(row.state),
        confidence=row.confidence,
    )
