"""The outbox: the one place that a person's action writes to, and where what became of it is kept.

Invariants: a decision, its signature and its audit entry are written together or not at all; so are a state, its
receipt and their entry. A decision moves along the states of the domain only, and of two processes that move it one
succeeds. Nothing here sends anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from console.domain.canonical import sha256_hex
from console.domain.chain import DECIDED_KIND
from console.domain.decision import NEXT_STATES, Decision, DecisionState, instant, signed_content
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Kind, Verdict
from console.domain.receipt import Receipt
from console.domain.risk import Risk
from console.store import audit
from console.store.columns import DECISION, RECEIPT, micros, moment
from console.store.database import Database
from console.store.records import OCCUPYING_NAMES, Moved, NewDecision, StoredDecision
from console.store.tables import decision_states, decisions, items, receipts, shown, waiting

# An engine's own words may be of any length; the whole of them stands with the decision.
MAX_WORDS = 2_000


class Outbox:
    """Decisions with their states, receipts and audit entries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewDecision) -> StoredDecision:
        """Record a decision, in one transaction with its audit entry, if the item is still as it was shown.

        Raises :class:`Refused` where it is not: ``closed``, ``changed``, or ``already-decided`` at this desk.
        """
        with self._database.writing() as transaction:
            content = _check_shown(transaction, new)
            decision = new.make(audit.head(transaction))
            transaction.execute(insert(decisions), _decision_columns(new, decision))
            transaction.execute(insert(shown), {"decision_id": decision.decision_id, "content": content})
            _enter(transaction, decision.decision_id, new.item_id, new.state, new.at)
            beside = {"signature": decision.signature, "item": new.item_id, "state": str(new.state)}
            beside["shown"] = hashlib.sha256(content).hexdigest()
            audit.append(transaction, DECIDED_KIND, new.at, signed_content(decision) | beside)
            return _one(transaction, decision.decision_id)

    def move(
        self,
        decision_id: str,
        to: DecisionState,
        at: datetime,
        *,
        message: str = "",
        next_action: str = "",
        receipt: Receipt | None = None,
    ) -> StoredDecision | None:
        """Let a decision enter a state, with the receipt that says so; ``None`` if it cannot enter that from its own.

        The caller's picture of the state may be old: what counts is the state found under the write lock.
        """
        before = [str(state) for state, following in NEXT_STATES.items() if to in following]
        with self._database.writing() as transaction:
            entered = transaction.execute(
                update(decisions)
                .where(decisions.c.decision_id == decision_id, decisions.c.state.in_(before))
                .values(state=str(to), changed_at=micros(at), message=message, next_action=next_action)
                .returning(decisions.c.item_id)
            ).scalar()
            if entered is None:
                return None
            _enter(transaction, decision_id, entered, to, at)
            _keep(transaction, receipt, at)
            audit.append(transaction, str(to), at, _moved(decision_id, message, receipt))
            return _one(transaction, decision_id)

    def note(self, receipt: Receipt, at: datetime) -> StoredDecision | None:
        """Keep a newer receipt that leaves the state as it is, with its words; ``None`` if nothing is new.

        Another approval came, say, or what was confirmed is held up.
        """
        with self._database.writing() as transaction:
            known = transaction.execute(
                select(receipts.c.content).where(receipts.c.decision_id == receipt.decision_id)
            ).scalar()
            if known == RECEIPT.dump_json(receipt):
                return None
            _keep(transaction, receipt, at)
            named = decisions.c.decision_id == receipt.decision_id
            transaction.execute(update(decisions).where(named).values(message=receipt.message))
            audit.append(transaction, "receipt", at, _moved(receipt.decision_id, "", receipt))
            return _one(transaction, receipt.decision_id)

    def find(self, decision_id: str) -> StoredDecision | None:
        """One decision."""
        return next(iter(self._read(_query().where(decisions.c.decision_id == decision_id))), None)

    def on_item(self, item_id: str) -> StoredDecision | None:
        """This desk's latest decision on an item."""
        query = _query().where(decisions.c.item_id == item_id).order_by(decisions.c.number.desc()).limit(1)
        return next(iter(self._read(query)), None)

    def these(self, decision_ids: Sequence[str]) -> tuple[StoredDecision, ...]:
        """Decisions by their ids, newest first."""
        return self._read(_query().where(decisions.c.decision_id.in_(decision_ids)).order_by(decisions.c.number.desc()))

    def newest(self, limit: int) -> tuple[StoredDecision, ...]:
        """The latest decisions, newest first."""
        return self._read(_query().order_by(decisions.c.number.desc()).limit(limit))

    def as_json(self, decision_id: str) -> tuple[dict[str, Any], dict[str, Any] | None] | None:
        """A decision and its receipt as JSON: with every field, and the receipt as its hash in the audit covers it."""
        stored = self.find(decision_id)
        if stored is None:
            return None
        receipt = RECEIPT.dump_python(stored.receipt, mode="json") if stored.receipt is not None else None
        return DECISION.dump_python(stored.decision, mode="json"), receipt

    def shown(self, decision_id: str) -> bytes | None:
        """What was shown when this was decided: JSON of an ``Escalation``, byte for byte as its hash in the audit says.

        Of a decision from before that was kept, the item as it is known now, if its digest is still the same.
        """
        kept = select(shown.c.content).where(shown.c.decision_id == decision_id)
        known = (
            select(items.c.content, items.c.digest, decisions.c.content.label("decision"))
            .join(items, items.c.item_id == decisions.c.item_id)
            .where(decisions.c.decision_id == decision_id)
        )
        with self._database.reading() as transaction:
            content: bytes | None = transaction.execute(kept).scalar()
            row = transaction.execute(known).first() if content is None else None
        if row is not None and _decision(row.decision).digest == row.digest:
            content = row.content
        return content

    def in_states(self, states: Iterable[DecisionState]) -> tuple[StoredDecision, ...]:
        """All decisions in these states, in the order in which they were made, without their history."""
        names = sorted(str(state) for state in states)
        query = _query().where(decisions.c.state.in_(names)).order_by(decisions.c.number)
        with self._database.reading() as transaction:
            return tuple(_read(row, ()) for row in transaction.execute(query))

    def counts(self) -> dict[DecisionState, int]:
        """How many decisions are in each state."""
        query = select(decisions.c.state, func.count()).group_by(decisions.c.state)
        with self._database.reading() as transaction:
            return {DecisionState(row[0]): row[1] for row in transaction.execute(query)}

    def moved_since(self, number: int) -> tuple[Moved, ...]:
        """Which decisions entered a state after the move of that number, by whichever process."""
        query = (
            select(decision_states.c.number, decision_states.c.decision_id, decisions.c.item_id)
            .join(decisions, decisions.c.decision_id == decision_states.c.decision_id)
            .where(decision_states.c.number > number)
            .order_by(decision_states.c.number)
        )
        with self._database.reading() as transaction:
            return tuple(Moved(*row) for row in transaction.execute(query))

    def last_move(self) -> int:
        """The number of the latest move; 0 before the first."""
        with self._database.reading() as transaction:
            return transaction.execute(select(func.max(decision_states.c.number))).scalar() or 0

    def _read(self, query: Select[Any]) -> tuple[StoredDecision, ...]:
        with self._database.reading() as transaction:
            return _all(transaction, query)


def _check_shown(transaction: Connection, new: NewDecision) -> bytes:
    """What was shown, if the item waits, is still that, and this desk has not decided it: under the write lock."""
    row = transaction.execute(
        select(waiting.c.closed_at, items.c.digest, items.c.content)
        .join(items, items.c.item_id == waiting.c.item_id)
        .where(waiting.c.item_id == new.item_id)
    ).first()
    if row is None or row.closed_at is not None:
        raise Refused("It does not wait for anybody any more.", code=RefusalCode.CLOSED, next_action="Take the next.")
    if row.digest != new.digest:
        raise Refused("It has changed since it was shown.", code=RefusalCode.CHANGED, next_action="Review it again.")
    earlier = _occupying(transaction, new.item_id)
    if earlier is not None:
        raise Refused(
            f"It was decided at this desk already; that decision is {earlier}.",
            code=RefusalCode.ALREADY_DECIDED,
            next_action="Look at what was handled; undo it there while it is held.",
        )
    content: bytes = row.content
    return content


def _decision_columns(new: NewDecision, decision: Decision) -> dict[str, Any]:
    return {
        "decision_id": decision.decision_id,
        "item_id": new.item_id,
        "connection_id": new.connection_id,
        "connection": new.connection,
        "title": new.title,
        "risk": int(new.risk),
        "content": DECISION.dump_json(decision),
        "state": str(new.state),
        "changed_at": micros(new.at),
        "holder": new.holder,
        "message": "",
        "next_action": "",
    }


def _enter(transaction: Connection, decision_id: str, item_id: str, state: DecisionState, at: datetime) -> None:
    transaction.execute(insert(decision_states), {"decision_id": decision_id, "state": str(state), "at": micros(at)})
    is_decided = _occupying(transaction, item_id) is not None
    is_listed = and_(waiting.c.item_id == item_id, waiting.c.kind != str(Kind.COMMAND))
    transaction.execute(update(waiting).where(is_listed).values(is_decided=is_decided))


def _occupying(transaction: Connection, item_id: str) -> str | None:
    """The state of a decision because of which the item waits for nobody here; a withdrawn approval lets it wait."""
    said = transaction.execute(
        select(decisions.c.state, decisions.c.content).where(
            decisions.c.item_id == item_id, decisions.c.state.in_(OCCUPYING_NAMES)
        )
    )
    for one in said:
        is_done = one.state == DecisionState.CARRIED_OUT
        if not (is_done and _decision(one.content).verdict is Verdict.WITHDRAW):
            return str(one.state)
    return None


def _keep(transaction: Connection, receipt: Receipt | None, at: datetime) -> None:
    if receipt is None:
        return
    value = {"decision_id": receipt.decision_id, "content": RECEIPT.dump_json(receipt), "at": micros(at)}
    transaction.execute(
        upsert(receipts).values(value).on_conflict_do_update(index_elements=[receipts.c.decision_id], set_=value)
    )


def _moved(decision_id: str, message: str, receipt: Receipt | None) -> dict[str, Any]:
    """What the audit tells of a move: names and hashes; an engine's own words where it refused."""
    content: dict[str, Any] = {"decision_id": decision_id}
    if message:
        content["message"] = message[:MAX_WORDS]
    if receipt is not None:
        content["receipt"] = {
            "outcome": str(receipt.outcome),
            "digest": receipt.digest,
            "verdict": str(receipt.verdict),
            "payload_hash": receipt.payload_hash,
            "accepted_at": instant(receipt.accepted_at),
            "settled_at": instant(receipt.settled_at) if receipt.settled_at else "",
            "effect_id": receipt.effect.effect_id if receipt.effect else "",
            "sha256": sha256_hex(RECEIPT.dump_python(receipt, mode="json")),
        }
    return content


def _query() -> Select[Any]:
    return select(decisions, receipts.c.content.label("receipt")).join(
        receipts, receipts.c.decision_id == decisions.c.decision_id, isouter=True
    )


def _one(transaction: Connection, decision_id: str) -> StoredDecision:
    return _all(transaction, _query().where(decisions.c.decision_id == decision_id))[0]


def _all(transaction: Connection, query: Select[Any]) -> tuple[StoredDecision, ...]:
    rows = transaction.execute(query).all()
    history = _histories(transaction, [row.decision_id for row in rows])
    return tuple(_read(row, tuple(history[row.decision_id])) for row in rows)


def _histories(transaction: Connection, decision_ids: Sequence[str]) -> dict[str, list[tuple[DecisionState, datetime]]]:
    found: dict[str, list[tuple[DecisionState, datetime]]] = {decision_id: [] for decision_id in decision_ids}
    query = (
        select(decision_states)
        .where(decision_states.c.decision_id.in_(decision_ids))
        .order_by(decision_states.c.number)
    )
    for row in transaction.execute(query):
        found[row.decision_id].append((DecisionState(row.state), moment(row.at)))
    return found


def _read(row: Any, history: tuple[tuple[DecisionState, datetime], ...]) -> StoredDecision:  # noqa: ANN401 - a row
    return StoredDecision(
        number=row.number,
        decision=_decision(row.content),
        item_id=row.item_id,
        connection_id=row.connection_id,
        connection=row.connection,
        title=row.title,
        risk=Risk(row.risk),
        state=DecisionState(row.state),
        changed_at=moment(row.changed_at),
        holder=row.holder,
        message=row.message,
        next_action=row.next_action,
        receipt=_receipt(row.receipt) if row.receipt is not None else None,
        history=history,
    )


# The same few decisions are looked at again and again while they are on their way, and they never change.
@lru_cache(maxsize=256)
def _decision(content: bytes) -> Decision:
    return DECISION.validate_json(content)


@lru_cache(maxsize=256)
def _receipt(content: bytes) -> Receipt:
    return RECEIPT.validate_json(content)
