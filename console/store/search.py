"""What a search asks for, as conditions on the rows of the inbox.

Invariant: what a person typed reaches SQLite as a value only, so that it is matched and never understood.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, func, not_, or_, select, text, true

from console.domain.decision import DecisionState
from console.domain.rules import DUE_SOON
from console.domain.search import Aspect, Condition, Field, Value
from console.store.columns import micros
from console.store.tables import connections, decisions, texts, waiting

ESCAPE = "\\"
COLUMNS = {
    Field.TITLE: waiting.c.title,
    Field.AGENT: waiting.c.agent,
    Field.WORKFLOW: waiting.c.workflow,
    Field.KEY: waiting.c.business_key,
    Field.RESOURCE: waiting.c.resource,
    Field.RUN: waiting.c.run_id,
}
COMPARE: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    ":": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def matching(condition: Condition, now: datetime, person_id: str, signer: str) -> ColumnElement[bool]:
    """Whether a row has what is asked for. ``signer`` is empty for a person who may sign nothing."""
    found = or_(*(_matches(condition, value, now, person_id, signer) for value in condition.values))
    # What is not known does not match, and so does match what is turned around.
    return not_(func.coalesce(found, false())) if condition.is_not else found


def is_awake(now: datetime) -> ColumnElement[bool]:
    """Whether a row was not put off, or not until later than now."""
    return or_(waiting.c.snoozed_until.is_(None), waiting.c.snoozed_until <= micros(now))


def is_claimed_by(person_id: str, now: datetime) -> ColumnElement[bool]:
    """Whether this person is on it."""
    return and_(waiting.c.claim_by == person_id, waiting.c.claim_until > micros(now))


def is_unclaimed(now: datetime) -> ColumnElement[bool]:
    """Whether nobody is on it."""
    return or_(waiting.c.claim_until.is_(None), waiting.c.claim_until <= micros(now))


def needs_signature_of(person_id: str) -> ColumnElement[bool]:
    """Approved in part, and this person may give the next approval as far as a row tells."""
    if not person_id:
        return false()
    signers = func.json_each(waiting.c.approved_by).table_valued("value")
    is_half_granted = exists().where(
        decisions.c.item_id == waiting.c.item_id, decisions.c.state == str(DecisionState.HALF_GRANTED)
    )
    return and_(
        # Written as the index has it, which SQLite uses for nothing else.
        waiting.c.approvals > text("0"),
        waiting.c.approvals < waiting.c.required_approvals,
        waiting.c.initiator != person_id,
        ~exists(select(signers.c.value).where(signers.c.value == person_id)),
        # This desk gave one of the approvals, and another person has to give the next.
        ~is_half_granted,
    )


def _matches(condition: Condition, value: Value, now: datetime, person_id: str, signer: str) -> ColumnElement[bool]:
    field, compare = condition.field, COMPARE[condition.op]
    if isinstance(value, Aspect):
        return _has_aspect(value, now, person_id, signer)
    if isinstance(value, timedelta):
        if field is Field.AGE:
            # The older, the earlier it was opened.
            return compare(micros(now - value), waiting.c.opened_at)
        return and_(waiting.c.due_at.is_not(None), compare(waiting.c.due_at, micros(now + value)))
    if field is Field.RISK:
        return compare(waiting.c.risk, int(value))
    if field is Field.KIND:
        return waiting.c.kind == str(value)
    word = str(value)
    if field is Field.TEXT:
        return _is_anywhere(word)
    if field is Field.CONNECTION:
        return waiting.c.connection_id.in_(
            select(connections.c.connection_id).where(_has(func.casefold(connections.c.name), word))
        )
    if field is Field.CLAIMED:
        return and_(_has(func.casefold(waiting.c.claim_name), word), waiting.c.claim_until > micros(now))
    return _has(func.casefold(COLUMNS[field]), word)


def _has_aspect(aspect: Aspect, now: datetime, person_id: str, signer: str) -> ColumnElement[bool]:
    made: dict[Aspect, Callable[[], ColumnElement[bool]]] = {
        Aspect.MINE: lambda: is_claimed_by(person_id, now),
        Aspect.UNCLAIMED: lambda: is_unclaimed(now),
        Aspect.OVERDUE: lambda: waiting.c.due_at <= micros(now),
        Aspect.SOON: lambda: and_(waiting.c.due_at > micros(now), waiting.c.due_at <= micros(now + DUE_SOON)),
        Aspect.SECOND: lambda: needs_signature_of(signer),
        Aspect.SNOOZED: lambda: not_(is_awake(now)),
    }
    return made.get(aspect, true)()


def _is_anywhere(word: str) -> ColumnElement[bool]:
    """Part of a row or of its connection's name, the item's id, or the beginning of a word inside the item."""
    in_item = (
        select(texts.c.item_id)
        .join(text("found"), text("found.rowid = texts.number"))
        .where(text("found MATCH :wanted").bindparams(bindparam("wanted", _phrase(word), unique=True)))
    )
    named = select(connections.c.connection_id).where(_has(func.casefold(connections.c.name), word))
    return or_(
        _has(waiting.c.words, word),
        waiting.c.item_id == word,
        waiting.c.connection_id.in_(named),
        waiting.c.item_id.in_(in_item),
    )


def _has(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    for sign in (ESCAPE, "%", "_"):
        word = word.replace(sign, ESCAPE + sign)
    return column.like(f"%{word}%", escape=ESCAPE)


def _phrase(word: str) -> str:
    """A phrase of FTS5 whose last word may go on; quotes inside are doubled, so that nothing in it is an operator."""
    doubled = word.replace('"', '""')
    return f'"{doubled}" *'
