"""Where a console is stopped so that it can be killed at just that place, without a hook in what ships.

The console is the real one; its engine factory and its store are wrapped. At the moment asked for the wrapping tells
the test and goes no further: in the middle of a store call the whole background thread stands still, in a call of the
engine that call alone. Invariant: what stands still never goes on by itself; a console that nobody kills ends itself.
"""

from __future__ import annotations

import asyncio
import enum
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from sqlalchemy import Connection

from console import app
from console.domain.decision import Decision, DecisionState
from console.domain.receipt import Receipt
from console.engines.port import Engine
from console.engines.temporal.engine import TemporalEngine
from console.services.views import ConnectionConfig
from console.store import store as store_module
from console.store.database import Database
from console.store.outbox import Outbox
from console.store.records import StoredDecision
from console.store.store import Store

STOPPED = "stopped"
NOBODY_KILLED_IT = 97
LONGEST_STOP = 60.0


class Moment(enum.StrEnum):
    """Where a decision is when its console dies."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted, not recorded"
    COMMIT = "before the receipt's commit"


class Stop:
    """Where to stop. ``receipt_of`` says before which commit: that of the run's yes, or that of its effect."""

    def __init__(self, moment: Moment, receipt_of: DecisionState, pipe: Pipe) -> None:
        self.moment = moment
        self.receipt_of = receipt_of
        self._pipe = pipe

    def still(self) -> None:
        """Tell, and stand still with the thread."""
        self._pipe.send(STOPPED)
        time.sleep(LONGEST_STOP)
        os._exit(NOBODY_KILLED_IT)

    async def waiting(self) -> None:
        """Tell, and wait without end; the others go on."""
        self._pipe.send(STOPPED)
        await asyncio.Event().wait()


class StoppingEngine(TemporalEngine):
    """Stops before a decision leaves, or after the server said that the run has taken it."""

    def __init__(self, real: TemporalEngine, stop: Stop) -> None:
        super().__init__(real.settings)
        self._stop = stop

    async def deliver(self, decision: Decision) -> Receipt:
        if self._stop.moment is Moment.SENDING:
            await self._stop.waiting()
        receipt = await super().deliver(decision)
        if self._stop.moment is Moment.ACCEPTED:
            await self._stop.waiting()
        return receipt


class StoppingOutbox(Outbox):
    """Stops when a queued decision is found to be sent, or when all of a receipt is written but the commit."""

    def __init__(self, database: Database, stop: Stop) -> None:
        super().__init__(_BeforeCommit(database, self._before_commit))
        self._stop = stop
        self._entering: DecisionState | None = None

    def in_states(self, states: Iterable[DecisionState]) -> tuple[StoredDecision, ...]:
        found = super().in_states(states)
        if self._stop.moment is Moment.QUEUED and any(each.state is DecisionState.QUEUED for each in found):
            self._stop.still()
        return found

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
        self._entering = to
        return super().move(decision_id, to, at, message=message, next_action=next_action, receipt=receipt)

    def _before_commit(self) -> None:
        if self._stop.moment is Moment.COMMIT and self._entering is self._stop.receipt_of:
            self._stop.still()


class _BeforeCommit(Database):
    """The open database of somebody else, with a word before each of its commits."""

    def __init__(self, opened: Database, before_commit: Callable[[], None]) -> None:
        self._opened = opened
        self._before_commit = before_commit

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._opened.reading() as transaction:
            yield transaction

    @contextmanager
    def writing(self, *, is_cache: bool = False) -> Iterator[Connection]:
        with self._opened.writing(is_cache=is_cache) as transaction:
            yield transaction
            self._before_commit()


def install(stop: Stop) -> None:
    """Have the console of this process made with the wrapped engine and store."""
    build = app.ENGINES["temporal"]

    def build_stopping(config: ConnectionConfig, secrets: Mapping[str, str]) -> Engine:
        real = build(config, secrets)
        assert isinstance(real, TemporalEngine)
        return StoppingEngine(real, stop)

    class StoppingStore(Store):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self.outbox = StoppingOutbox(self.database, stop)

    app.ENGINES["temporal"] = build_stopping
    # The composition root takes the class from its module when it opens a desk.
    store_module.Store = StoppingStore  # type: ignore[misc, assignment]
