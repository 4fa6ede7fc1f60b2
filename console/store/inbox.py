"""What waits, as rows: what engines tell goes in, pages come out.

Invariants: a row that cannot be kept is left out and counted, the others are unaffected; what no longer waits is
closed, not removed, until its retention is over; a row that this desk has decided is not in any page or count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Executable,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from console.domain.escalation import Kind, Waiting
from console.domain.risk import Risk
from console.domain.rules import DUE_SOON
from console.domain.run import RunRef
from console.domain.search import Aspect, Field
from console.store.columns import micros, moment_or_none
from console.store.database import Database
from console.store.records import OCCUPYING_NAMES, Arrived, RowFilter, StoredPage, StoredRow, Touched
from console.store.rows import READ, SEEN, columns, stored_row
from console.store.search import COLUMNS, is_awake, is_claimed_by, is_unclaimed, matching, needs_signature_of
from console.store.tables import decisions, waiting

KEPT = {"item_id", "first_seen_at", "is_decided", "snoozed_until"}
# What was put off is back when one of these is another.
WAKING = tuple(SEEN.index(name) for name in ("kind", "risk", "due_at", "digest", "approvals", "problem"))
IN_ONE_QUERY = 500
MAX_RIVALS = 5
MAX_INTERVENTIONS = 500
COMMAND = str(Kind.COMMAND)
SOME: BindParameter[str] = bindparam("some", expanding=True)


class Inbox:
    """The table of rows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Mapping[str, int] = {}
        self._counted_at = (-1, -1)
        self._back_at: datetime | None = None

    def put(self, connection_id: str, rows: Sequence[Waiting], at: datetime) -> Touched:
        """Write rows that an engine told at ``at``; those that were closed are open again."""
        with self._database.writing(is_cache=True) as transaction:
            return put_rows(transaction, connection_id, rows, at)

    def replace_runs(
        self, connection_id: str, runs: Sequence[tuple[RunRef, Sequence[Waiting]]], at: datetime
    ) -> Touched:
        """Write all that waits in each of these runs now; whatever else waited there is closed."""
        rows = [row for _, waits in runs for row in waits]
        with self._database.writing(is_cache=True) as transaction:
            before = _open_in(transaction, connection_id, [run for run, _ in runs])
            touched = put_rows(transaction, connection_id, rows, at)
            return touched | _close_items(transaction, before - touched.told, at)

    def open_ids(self, connection_id: str) -> frozenset[str]:
        """All items of a connection that wait, decided at this desk or not."""
        query = select(waiting.c.item_id).where(
            waiting.c.connection_id == connection_id, waiting.c.closed_at.is_(None), waiting.c.kind != COMMAND
        )
        with self._database.reading() as transaction:
            return frozenset(transaction.execute(query).scalars())

    def close_foreign(self, connection_id: str, server: str, at: datetime) -> Touched:
        """Close what waited on another server than the one that answers now."""
        is_gone = and_(waiting.c.connection_id == connection_id, waiting.c.server != server)
        with self._database.writing(is_cache=True) as transaction:
            return _close(transaction, is_gone, at)

    def close(self, item_ids: Iterable[str], at: datetime) -> Touched:
        """Close items."""
        with self._database.writing(is_cache=True) as transaction:
            return _close_items(transaction, item_ids, at)

    def find(self, item_id: str, now: datetime) -> StoredRow | None:
        """One row, open or closed."""
        with self._database.reading() as transaction:
            return next(iter(_fetch(transaction, [item_id], now)), None)

    def interventions(self, now: datetime) -> tuple[StoredRow, ...]:
        """What people stepped in with and people have to end, decided at this desk or not."""
        is_one = and_(waiting.c.closed_at.is_(None), waiting.c.kind == str(Kind.INTERVENTION))
        with self._database.reading() as transaction:
            ids = list(transaction.execute(select(waiting.c.item_id).where(is_one).limit(MAX_INTERVENTIONS)).scalars())
            return tuple(_fetch(transaction, ids, now))

    def wanting(self, resource: str, except_for: str, now: datetime) -> tuple[StoredRow, ...]:
        """The open items, of any connection, that are about the same: the riskiest first, :data:`MAX_RIVALS`."""
        if not resource:
            return ()
        asked = {"resource": resource, "own": except_for}
        with self._database.reading() as transaction:
            order = list(transaction.execute(_about_the_same(), asked).scalars())
            rows = {row.item_id: row for row in _fetch(transaction, order, now)}
        return tuple(rows[item_id] for item_id in order)

    def page(self, wanted: RowFilter) -> StoredPage:
        """The first rows that match: by urgency, then risk, then time left, then age; with the counts."""
        urgency = _urgency(wanted.now)
        conditions = _conditions(wanted)
        is_wanted = _is_wanted(wanted, conditions)
        ids = (
            select(waiting.c.item_id)
            .where(is_wanted)
            .order_by(urgency, waiting.c.risk.desc(), waiting.c.due_at.nulls_last(), waiting.c.opened_at)
            .order_by(waiting.c.item_id)
            .limit(wanted.limit)
        )
        soon = (func.sum(waiting.c.due_at <= micros(at), type_=Integer) for at in (wanted.now, wanted.now + DUE_SOON))
        counts = select(waiting.c.risk, func.count(), *soon).where(is_wanted).group_by(waiting.c.risk)
        with self._database.reading() as transaction:
            order = [row.item_id for row in transaction.execute(ids)]
            rows = {row.item_id: row for row in _fetch(transaction, order, wanted.now)}
            counted = [tuple(row) for row in transaction.execute(counts)]
            everything = transaction.execute(_all_open(wanted.now)).scalar_one() if conditions else None
            signable = _all_open(wanted.now).where(needs_signature_of(wanted.signer))
            to_sign = transaction.execute(signable).scalar_one()
            snoozed = transaction.execute(_snoozed(wanted.now)).one()
        by_risk = {Risk(row[0]): row[1] for row in counted}
        total, overdue, due = (sum(int(row[column] or 0) for row in counted) for column in (1, 2, 3))
        by_urgency = {0: overdue, 1: due - overdue, 2: total - due}
        page = tuple(rows[item_id] for item_id in order)
        return StoredPage(
            rows=page,
            total=total,
            by_urgency=by_urgency,
            by_risk=by_risk,
            all_waiting=total if everything is None else everything,
            to_sign=to_sign,
            snoozed=snoozed[0],
            wakes_at=moment_or_none(snoozed[1]),
        )

    def count(self, wanted: RowFilter) -> int:
        """How many rows match."""
        with self._database.reading() as transaction:
            return transaction.execute(
                select(func.count()).select_from(waiting).where(_is_wanted(wanted, _conditions(wanted)))
            ).scalar_one()

    def arrived(self, since: datetime, now: datetime) -> Arrived:
        """What changed since a time; what this desk decided is left out."""
        at = micros(since)
        new = select(waiting.c.risk, func.count()).where(_is_open(), waiting.c.first_seen_at > at)
        due = select(func.count()).where(_is_open(), waiting.c.due_at > at, waiting.c.due_at <= micros(now))
        gone = select(func.count()).where(
            waiting.c.closed_at > at, waiting.c.is_decided.is_(False), waiting.c.kind != COMMAND
        )
        with self._database.reading() as transaction:
            by_risk = {row[0]: row[1] for row in transaction.execute(new.group_by(waiting.c.risk))}
            overdue, left = (transaction.execute(query).scalar_one() for query in (due, gone))
        return Arrived(by_risk, overdue, left)

    def snooze(self, item_ids: Iterable[str], until: datetime | None) -> None:
        """Put items off until then, or have them back."""
        at = None if until is None else micros(until)
        with self._database.writing() as transaction:
            for some in _slices(sorted(item_ids)):
                transaction.execute(update(waiting).where(waiting.c.item_id.in_(some)).values(snoozed_until=at))

    def values(self, limit: int) -> dict[Field, tuple[str, ...]]:
        """What open rows have as agent, workflow and so on: the most frequent first."""
        found = {}
        with self._database.reading() as transaction:
            for field in (Field.AGENT, Field.WORKFLOW, Field.KEY):
                column = COLUMNS[field]
                query = select(column).where(_is_open(), column != "").group_by(column)
                found[field] = tuple(transaction.execute(query.order_by(func.count().desc()).limit(limit)).scalars())
        return found

    def counts(self, now: datetime) -> Mapping[str, int]:
        """How many rows wait on each connection; counted anew when something has changed, or is back."""
        state = self._database.state()
        if state == self._counted_at and (self._back_at is None or now < self._back_at):
            return self._counts
        awake = and_(_is_open(), is_awake(now))
        query = select(waiting.c.connection_id, func.count()).where(awake).group_by(waiting.c.connection_id)
        with self._database.reading() as transaction:
            self._counts = {row[0]: row[1] for row in transaction.execute(query)}
            self._back_at = moment_or_none(transaction.execute(_snoozed(now)).one()[1])
        self._counted_at = state
        return self._counts


def put_rows(transaction: Connection, connection_id: str, rows: Iterable[Waiting], at: datetime) -> Touched:
    """Write rows inside a transaction, and say which of them are new or look different."""
    values: dict[str, dict[str, Any]] = {}
    unreadable = 0
    for row in rows:
        try:
            value = columns(row, connection_id, at)
        except ValueError:
            unreadable += 1
        else:
            values[value["item_id"]] = value
    known = _known(transaction, list(values))
    looks = {item_id: _looks(value) for item_id, value in values.items()}
    changed = frozenset(item_id for item_id, each in looks.items() if each != known.get(item_id))
    if values:
        transaction.execute(_upsert(), list(values.values()))
    _wake(transaction, [each for each in changed if each in known and _is_another(known[each], looks[each])])
    _list_those(
        transaction,
        [each for each, value in values.items() if _was_command(known.get(each)) and not value["is_decided"]],
    )
    return Touched(frozenset(values), changed, unreadable=unreadable)


def _is_another(before: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    return any(before[place] != now[place] for place in WAKING)


def _wake(transaction: Connection, item_ids: list[str]) -> None:
    for some in _slices(item_ids):
        transaction.execute(update(waiting).where(waiting.c.item_id.in_(some)).values(snoozed_until=None))


def _was_command(looks: tuple[Any, ...] | None) -> bool:
    return looks is not None and looks[SEEN.index("kind")] == COMMAND


def _list_those(transaction: Connection, item_ids: list[str]) -> None:
    """What could be done at any time, and waits for a person now, is listed unless this desk has decided it."""
    for some in _slices(item_ids):
        decided = select(decisions.c.item_id).where(
            decisions.c.item_id.in_(some), decisions.c.state.in_(OCCUPYING_NAMES)
        )
        is_undecided = and_(waiting.c.item_id.in_(some), waiting.c.item_id.not_in(decided))
        transaction.execute(update(waiting).where(is_undecided).values(is_decided=False))


def _known(transaction: Connection, item_ids: list[str]) -> dict[str, tuple[Any, ...]]:
    """How open rows look now."""
    found: dict[str, tuple[Any, ...]] = {}
    for some in _slices(item_ids):
        found.update({row[0]: tuple(row)[1:] for row in transaction.execute(_looks_of_open(), {"some": some})})
    return found


def _open_in(transaction: Connection, connection_id: str, runs: Sequence[RunRef]) -> set[str]:
    """The items of these runs that are open."""
    wanted = {(run.run_id, run.chain_id) for run in runs}
    found: set[str] = set()
    for some in _slices(sorted({run.run_id for run in runs})):
        rows = transaction.execute(_open_in_runs(), {"connection": connection_id, "some": some})
        found |= {item_id for item_id, *run in rows if tuple(run) in wanted}
    return found


# Statements that are executed all the time are built once: building costs many times what SQLite needs for them.
@cache
def _upsert() -> Executable:
    statement = upsert(waiting)
    new = {column.name: statement.excluded[column.name] for column in waiting.c if column.name not in KEPT}
    return statement.on_conflict_do_update(index_elements=[waiting.c.item_id], set_=new)


@cache
def _looks_of_open() -> Select[Any]:
    seen = [waiting.c[name] for name in SEEN]
    return select(waiting.c.item_id, *seen).where(waiting.c.item_id.in_(SOME), waiting.c.closed_at.is_(None))


@cache
def _open_in_runs() -> Select[Any]:
    return select(waiting.c.item_id, waiting.c.run_id, waiting.c.chain_id).where(
        waiting.c.connection_id == bindparam("connection"),
        waiting.c.run_id.in_(SOME),
        waiting.c.closed_at.is_(None),
        waiting.c.kind != COMMAND,
    )


@cache
def _about_the_same() -> Select[Any]:
    is_same = and_(waiting.c.resource == bindparam("resource"), waiting.c.resource != "")
    order = (waiting.c.risk.desc(), waiting.c.due_at.nulls_last(), waiting.c.opened_at, waiting.c.item_id)
    others = select(waiting.c.item_id).where(is_same, waiting.c.item_id != bindparam("own"), _is_open())
    return others.order_by(*order).limit(MAX_RIVALS)


def _looks(value: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value[name] for name in SEEN)


def _close(transaction: Connection, is_gone: ColumnElement[bool], at: datetime) -> Touched:
    statement = update(waiting).where(is_gone, waiting.c.closed_at.is_(None)).values(closed_at=micros(at))
    closed = transaction.execute(statement.returning(waiting.c.item_id)).scalars()
    return Touched(closed=frozenset(closed))


def _close_items(transaction: Connection, item_ids: Iterable[str], at: datetime) -> Touched:
    touched = Touched()
    for some in _slices(sorted(item_ids)):
        touched |= _close(transaction, waiting.c.item_id.in_(some), at)
    return touched


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The same in as many parts as there have to be queries."""
    return (ids[start : start + IN_ONE_QUERY] for start in range(0, len(ids), IN_ONE_QUERY))


def _fetch(transaction: Connection, item_ids: list[str], now: datetime) -> list[StoredRow]:
    found: list[StoredRow] = []
    for some in _slices(item_ids):
        query = select(*(waiting.c[name] for name in READ), _urgency(now)).where(waiting.c.item_id.in_(some))
        found += [stored_row(row) for row in transaction.execute(query).all()]
    return found


def _is_open() -> ColumnElement[bool]:
    return and_(waiting.c.closed_at.is_(None), waiting.c.is_decided.is_(False))


def _all_open(now: datetime) -> Select[int]:
    return select(func.count()).select_from(waiting).where(_is_open(), is_awake(now))


def _snoozed(now: datetime) -> Select[int, int]:
    """How many are put off, and when the first of them is back."""
    is_asleep = and_(_is_open(), waiting.c.snoozed_until > micros(now))
    return select(func.count(), func.min(waiting.c.snoozed_until)).where(is_asleep)


def _urgency(now: datetime) -> ColumnElement[int]:
    return case(
        (waiting.c.due_at <= micros(now), 0),
        (waiting.c.due_at <= micros(now + DUE_SOON), 1),
        else_=2,
    ).label("urgency")


def _is_wanted(wanted: RowFilter, conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    # What a person is on is theirs also while it is put off.
    is_all = wanted.is_mine or wanted.search.asks(Aspect.MINE) or wanted.search.asks(Aspect.SNOOZED)
    awake = [] if is_all else [is_awake(wanted.now)]
    return and_(_is_open(), *awake, *conditions)


def _conditions(wanted: RowFilter) -> list[ColumnElement[bool]]:
    found = [matching(each, wanted.now, wanted.person_id, wanted.signer) for each in wanted.search.conditions]
    if wanted.risks:
        found.append(waiting.c.risk.in_([int(risk) for risk in wanted.risks]))
    if wanted.kinds:
        found.append(waiting.c.kind.in_([str(kind) for kind in wanted.kinds]))
    if wanted.connection_ids:
        found.append(waiting.c.connection_id.in_(wanted.connection_ids))
    if wanted.is_mine:
        found.append(is_claimed_by(wanted.person_id, wanted.now))
    if wanted.is_unclaimed:
        found.append(is_unclaimed(wanted.now))
    if wanted.needs_signature:
        found.append(needs_signature_of(wanted.signer))
    return found
