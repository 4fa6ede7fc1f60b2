"""Pictures for screens and the command line, made of what the store holds and how connections do. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.domain.ages import long_span
from console.domain.decision import DecisionState
from console.domain.language import tr
from console.domain.risk import undo_window
from console.services.link import PRESENT, Link
from console.services.views import (
    ConnectionConfig,
    ConnectionView,
    DecisionView,
    InboxRow,
    Meant,
    Urgency,
)
from console.store.records import StoredConnection, StoredDecision, StoredRow

STALE_AFTER = timedelta(seconds=60)


def config_of(stored: StoredConnection) -> ConnectionConfig:
    """A connection as a person entered it."""
    return ConnectionConfig(
        connection_id=stored.connection_id,
        name=stored.name,
        kind=stored.kind,
        settings=stored.settings,
        secret_names=stored.secret_names,
        is_paused=stored.is_paused,
        is_demo=stored.is_demo,
    )


def stored_of(config: ConnectionConfig) -> StoredConnection:
    """What a person entered, as it is kept."""
    return StoredConnection(
        connection_id=config.connection_id,
        name=config.name,
        kind=config.kind,
        settings=config.settings,
        secret_names=config.secret_names,
        is_paused=config.is_paused,
        is_demo=config.is_demo,
    )


def connection_view(link: Link, waiting: int) -> ConnectionView:
    """How a connection does now."""
    return ConnectionView(
        config=link.config,
        health=link.health,
        message=link.message,
        next_action=link.next_action,
        newest_at=link.newest_at,
        server=link.server,
        capabilities=link.engine.capabilities if link.engine is not None and link.server is not None else None,
        waiting=waiting,
        standing=link.standing,
    )


def inbox_row(stored: StoredRow, link: Link, now: datetime) -> InboxRow:
    """A row, as fresh as its connection: what did not change since was confirmed with everything else."""
    read_at = stored.read_at
    if link.health in PRESENT and link.newest_at is not None and stored.closed_at is None:
        read_at = max(read_at, link.newest_at)
    return InboxRow(
        item_id=stored.item_id,
        waiting=stored.waiting,
        connection_id=stored.connection_id,
        connection=link.config.name,
        urgency=Urgency(stored.urgency),
        first_seen_at=stored.first_seen_at,
        read_at=read_at,
        is_stale=now - read_at > STALE_AFTER,
        snoozed_until=stored.snoozed_until,
    )


def decision_view(
    stored: StoredDecision, link: Link | None, now: datetime, held_for: float | None, meant: Meant
) -> DecisionView:
    """A decision with where it is. ``held_for`` is what this process knows of its undo window, if it holds it."""
    message, next_action = stored.message, stored.next_action
    if stored.state is DecisionState.HELD and held_for is None:
        # Another process holds it; its clock is not ours.
        held_for = max(0.0, (stored.changed_at + undo_window(stored.risk) - now).total_seconds())
    if stored.state is DecisionState.QUEUED and link is not None and not link.is_open and not message:
        message, next_action = link.why_closed, _until(stored, now)
    return DecisionView(
        decision=stored.decision,
        item_id=stored.item_id,
        connection_id=stored.connection_id,
        connection=stored.connection,
        title=stored.title,
        risk=stored.risk,
        state=stored.state,
        changed_at=stored.changed_at,
        held_for=held_for if stored.state is DecisionState.HELD else None,
        receipt=stored.receipt,
        message=message,
        next_action=next_action,
        history=stored.history,
        meant=meant,
    )


def _until(stored: StoredDecision, now: datetime) -> str:
    left = stored.decision.valid_until - now
    return tr("It is sent when that is back, within {left}; undo it to decide later.", left=long_span(left))
