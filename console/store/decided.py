"""What this desk decided, looked up: found by words, verdict and state, and what each decision's words refer to.

Invariant: what a person typed is matched and never understood. Only what was shown when it was decided is told of a
decision; where that is not kept any more, nothing is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select

from console.domain.decided import DecidedQuery, Term
from console.domain.decision import DecisionState
from console.domain.run import RunRef
from console.store.database import Database
from console.store.past import DECIDED, LOOKED_AT
from console.store.records import AsShown
from console.store.tables import decisions, receipts, shown

SAID = cast(decisions.c.content, String)
VERDICT = func.json_extract(SAID, "$.verdict")
# Where words are looked for.
TEXTS = (
    decisions.c.title,
    decisions.c.connection,
    decisions.c.message,
    decisions.c.item_id,
    decisions.c.decision_id,
    *(func.json_extract(SAID, f"$.{path}") for path in ("payload.reason", "payload.answer", "payload.arguments")),
    *(func.json_extract(SAID, f"$.{path}") for path in ("by.name", "key.run.run_id", "digest")),
    func.json_extract(cast(receipts.c.content, String), "$.effect.effect_id"),
)


class Decided:
    """The decisions of this desk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, query: DecidedQuery) -> tuple[tuple[str, ...], int]:
        """The ids of the first decisions that match, newest first, and how many match in all."""
        matching = and_(True, *_conditions(query))  # noqa: FBT003 - the empty condition
        found = decisions.join(receipts, receipts.c.decision_id == decisions.c.decision_id, isouter=True)
        ids = select(decisions.c.decision_id).select_from(found).where(matching)
        with self._database.reading() as transaction:
            total = transaction.execute(select(func.count()).select_from(found).where(matching)).scalar() or 0
            newest = ids.order_by(decisions.c.number.desc()).limit(query.limit)
            return tuple(transaction.execute(newest).scalars()), total

    def on_runs(self, runs: Sequence[RunRef], except_for: str, limit: int) -> tuple[str, ...]:
        """The ids of the latest decisions on other items of these runs that a run has accepted, newest first."""
        accepted = [str(state) for state in (*DECIDED, DecisionState.HALF_GRANTED)]
        run_id, server = (func.json_extract(SAID, f"$.key.run.{name}") for name in ("run_id", "server"))
        named = [and_(run_id == run.run_id, server == run.server) for run in runs]
        newest = (
            select(decisions.c.number)
            .where(decisions.c.item_id != except_for, decisions.c.state.in_(accepted))
            .order_by(decisions.c.number.desc())
            .limit(LOOKED_AT)
        )
        query = select(decisions.c.decision_id).where(decisions.c.number.in_(newest), or_(*named))
        with self._database.reading() as transaction:
            return tuple(transaction.execute(query.order_by(decisions.c.number.desc()).limit(limit)).scalars())

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


def _conditions(query: DecidedQuery) -> list[ColumnElement[bool]]:
    found = [_has(term) for term in query.terms]
    if query.verdicts:
        found.append(VERDICT.in_([str(each) for each in query.verdicts]))
    if query.states:
        found.append(decisions.c.state.in_([str(each) for each in query.states]))
    return found


def _has(term: Term) -> ColumnElement[bool]:
    texts = (func.casefold(func.coalesce(each, "")).contains(term.word, autoescape=True) for each in TEXTS)
    verdicts, states = [str(each) for each in term.verdicts], [str(each) for each in term.states]
    return or_(*texts, VERDICT.in_(verdicts), decisions.c.state.in_(states))


def _as_shown(row: Any) -> AsShown:  # noqa: ANN401 - a row
    sides = [text or "" for text in json.loads(row.sides)]
    return AsShown(
        required_approvals=row.required or 1,
        arguments=json.loads(row.arguments) if row.arguments else {},
        targets=tuple((each["kind"], each["target_id"], each["label"]) for each in json.loads(row.targets or "[]")),
        sides=tuple((run, agent) for run, agent in (sides[:2], sides[2:]) if run),
    )
