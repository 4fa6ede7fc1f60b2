"""Telling a web address of each escalation, from the worker: with the console closed, somebody still hears of it.

Invariant: one call per escalation. It is repeated until it was taken, a few times, under the same id, and what this
worker's folder notes as taken is not sent again; a receiver that keeps the ids hears of nothing twice. It holds risk,
workflow, due time and a link that opens the item, no title and no argument; it is signed; it goes over TLS, or to this
machine. Fails as :class:`~temporalio.exceptions.ApplicationError` until the last attempt, which says so in the trail.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from console.domain.canonical import Json
from console.domain.links import item_link
from console.domain.run import TrailEntry, TrailKind
from console.tower.desk import ENTRY
from console.tower.messages import ALERT_ACTIVITY, Alert, linked
from console.tower.tending import ALERT_ATTEMPTS
from console.tower.wire import TrailBearing

LEAST_SECRET = 16
PATIENCE = 10.0
ID_HEADER = "Idempotency-Key"
SIGNATURE_HEADER = "Clearance-Signature"
# Worth another attempt: too early, too many, or trouble of the receiver's own.
PASSING = frozenset({408, 425, 429})
SERVER_ERROR = 500
SCHEMA = "CREATE TABLE IF NOT EXISTS alerts (item_id TEXT PRIMARY KEY, at TEXT NOT NULL)"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address, and the secret that calls to it are signed with. Raises :class:`ValueError` in words."""

    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    is_plain_allowed: bool = False

    def __post_init__(self) -> None:
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL:
            raise ValueError("The webhook's address cannot be read.") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("The webhook's address begins with https:// and a host.")
        if url.userinfo:
            raise ValueError("The webhook's address holds a password, which other users of this machine could see.")
        if url.scheme == "http" and not self.is_plain_allowed and not is_loopback(url.host):
            raise ValueError("The webhook's address is neither https nor this machine, which has to be allowed.")
        if len(self.secret) < LEAST_SECRET:
            raise ValueError(f"The webhook's secret has fewer than {LEAST_SECRET} characters.")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its address or by the one name that always is."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def body(alert: Alert) -> bytes:
    """What is sent: nothing that an agent wrote."""
    told: dict[str, Json] = {
        "event": "escalation",
        "id": alert.item_id,
        "risk": alert.risk,
        "workflow": alert.workflow,
        "due_at": alert.due_at.astimezone(UTC).isoformat() if alert.due_at else None,
        "link": item_link(alert.server, alert.item_id),
    }
    return json.dumps(told).encode()


def signature(secret: bytes, at: int, content: bytes) -> str:
    """The header that proves the sender: the time, and HMAC-SHA256 over ``time.body``, in hexadecimal digits."""
    digest = hmac.new(secret, f"{at}.".encode() + content, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def webhook_activities(webhook: Webhook | None, folder: Path) -> Sequence[Callable[..., Any]]:
    """The activity that calls the webhook, if there is one."""
    taken = folder / "alerts.db"

    @activity.defn(name=ALERT_ACTIVITY)
    async def send(alert: Alert) -> TrailBearing:
        if webhook is None or await asyncio.to_thread(_is_taken, taken, alert.item_id):
            return linked(TrailBearing(), alert.prev)
        problem, is_passing = await _call(webhook, alert)
        if not problem:
            await asyncio.to_thread(_note_taken, taken, alert.item_id)
            return linked(TrailBearing(), alert.prev)
        if is_passing and activity.info().attempt < ALERT_ATTEMPTS:
            raise ApplicationError(problem, type="WebhookFailed", category=ApplicationErrorCategory.BENIGN)
        title = f"The webhook was not told of this: {problem}"
        entry = TrailEntry(
            entry_id=f"alert.{alert.item_id}",
            at=datetime.now(UTC),
            kind=TrailKind.NOTE,
            title=title,
            step=alert.step,
            is_failed=True,
        )
        return linked(TrailBearing(trail=[ENTRY.dump_python(entry, mode="json")]), alert.prev)

    return [send]


async def _call(webhook: Webhook, alert: Alert) -> tuple[str, bool]:
    """One call: what went wrong, if anything, and whether it may go right the next time."""
    content, host = body(alert), httpx.URL(webhook.url).host
    headers = {
        "Content-Type": "application/json",
        ID_HEADER: alert.item_id,
        SIGNATURE_HEADER: signature(webhook.secret, int(time.time()), content),
    }
    try:
        async with (
            httpx.AsyncClient(timeout=PATIENCE, trust_env=not is_loopback(host)) as client,
            client.stream("POST", webhook.url, content=content, headers=headers) as response,
        ):
            status = response.status_code
    except httpx.HTTPError as error:
        return f"it cannot be reached ({type(error).__name__}).", True
    if httpx.codes.is_success(status):
        return "", False
    return f"it answered with status {status}.", status in PASSING or status >= SERVER_ERROR


def _is_taken(path: Path, item_id: str) -> bool:
    with closing(_open(path)) as db:
        return db.execute("SELECT 1 FROM alerts WHERE item_id = ?", (item_id,)).fetchone() is not None


def _note_taken(path: Path, item_id: str) -> None:
    with closing(_open(path)) as db, db:
        db.execute("INSERT OR IGNORE INTO alerts VALUES (?, ?)", (item_id, datetime.now(UTC).isoformat()))


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    db = sqlite3.connect(path, timeout=10)
    db.execute(SCHEMA)
    return db
