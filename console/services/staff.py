"""The services of one open desk, put together, started and stopped; all on the background loop."""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.domain.errors import Unreachable
from console.domain.identity import Person
from console.domain.run import RunRef
from console.infra.clock import Clock, SystemClock
from console.infra.keys import Vault
from console.infra.locks import FileLock, Presence
from console.infra.logs import Log
from console.infra.secrets import Secrets
from console.infra.tasks import ErrorHandler, Tasks
from console.services.annotate import Runbook
from console.services.claims import Claims
from console.services.colleagues import Colleagues
from console.services.connections import Connections
from console.services.decide import Decide
from console.services.deliver import Deliverer
from console.services.events import Events
from console.services.export import Exporter
from console.services.follow import Follower
from console.services.gather import Gatherer
from console.services.hold import Holds
from console.services.links import EngineFactory, Links
from console.services.list_runs import RunLists
from console.services.means import Means
from console.services.notice import Notice
from console.services.own_key import OwnKey
from console.services.pausing import Pausing
from console.services.prove import Prover
from console.services.read import Reader
from console.services.reconcile import reconcile
from console.services.registrar import Registrar
from console.services.runs import Runs
from console.services.shift import Shift
from console.services.show import Show
from console.services.standings import Standings
from console.services.transitions import Transitions
from console.services.views import ConnectionChanged, DecisionChanged, Event, IdentityChanged
from console.services.vouch import Voucher
from console.store.records import AuditCheck

if TYPE_CHECKING:
    # Loads the database library; only the thread that opens the store does that.
    from console.store.store import Store

LOCK_EVERY = 0.2
LAST_DELIVERIES = 3.0
LAST_SIGNATURE = 2.0


def new_id() -> str:
    """32 hexadecimal digits that nobody else has."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a desk is made of.

    ``open_store`` is called on the background thread. ``factories`` gives for each kind of engine what builds one from
    a configuration and its secrets. ``locks`` is a folder that all processes of this store share.
    """

    open_store: Callable[[], Store]
    factories: Mapping[str, EngineFactory]
    secrets: Secrets
    person: Person
    log: Log
    locks: Path
    clock: Clock = field(default_factory=SystemClock)
    new_id: Callable[[], str] = new_id
    chance: Callable[[], float] = random.random
    vault: Vault | None = None
    on_error: ErrorHandler | None = None


class Staff:
    """Everybody at work behind one desk."""

    def __init__(self, parts: Parts, store: Store, events: Events) -> None:
        self._parts = parts
        self.store = store
        self.tasks = Tasks(self._on_error)
        self.own_key = OwnKey(self.tasks, parts.secrets, parts.vault, parts.person, self._on_key)
        self.means = means = Means(store, parts.clock, parts.log, self.tasks, events, parts.chance)
        self.voucher = Voucher(means, parts.secrets, self.own_key.key, parts.person)
        self.exporter = Exporter(means, self.voucher, self.own_key.key, parts.person)
        self.presence = Presence(parts.locks, parts.new_id())
        self.lock = FileLock(parts.locks / "deliverer.lock")
        self.transitions = Transitions(means)
        self.links = Links(means, parts.factories, parts.secrets, self._on_runs)
        self.reader = Reader(means, self.links)
        self.deliverer = Deliverer(means, self.links, self.reader, self.transitions)
        self.follower = Follower(means, self.links, self.transitions)
        self.holds = Holds(means, self.transitions, self.presence, self.deliverer.nudge)
        self.decide = Decide(
            means,
            self.links,
            self.holds,
            self.transitions,
            person=parts.person,
            new_id=parts.new_id,
            when_queued=self.deliverer.nudge,
        )
        self.claims = Claims(means, self.links, self.reader, parts.person)
        self.runs = Runs(means, self.links)
        self.pausing = Pausing(means, self.links, self.reader)
        self.run_lists = RunLists(means, self.links, self.pausing)
        self.runbook = Runbook(means, parts.person)
        self.registrar = Registrar(means, self.links, self.own_key.signer, parts.secrets)
        self.colleagues = Colleagues(means, self.links, self.registrar, parts.person)
        self.standings = Standings(means, self.links, self.registrar, parts.person, self.own_key.key)
        self.prover = Prover(means, self.voucher, self.own_key.key, self.registrar)
        self.connections = Connections(means, self.links, parts.secrets, self.transitions)
        self.show = Show(means, self.links, self.reader, self.holds, Gatherer(means, self.links), parts.person)
        self.shift = Shift(means, self.links, self.show, parts.person)
        self._open_since: dict[str, datetime | None] = {}
        self._stop_listening = events.subscribe(self._on_event)

    @classmethod
    async def open(cls, parts: Parts, events: Events) -> Staff:
        """Open the store and start everybody. Raises ``Refused`` where the store cannot be opened."""
        staff = cls(parts, parts.open_store(), events)
        await staff._start()
        return staff

    async def audit_check(self) -> AuditCheck:
        """Verify the audit chain, as is done at every opening, and say what was found."""
        return await self.voucher.check()

    async def stop(self) -> None:
        """Withdraw what is held, let what is being sent end if it does so soon, and stop."""
        with contextlib.suppress(Unreachable):
            # What cannot be written now is withdrawn at the next start: then nobody holds it.
            self.holds.withdraw_own()
        await self.deliverer.finish(LAST_DELIVERIES)
        self._stop_listening()
        await self.links.stop()
        await self._sign_off()
        await self.tasks.stop()
        self.lock.release()
        self.presence.leave()
        self.store.close()

    async def _start(self) -> None:
        self._parts.log.say("desk opens")
        self.store.audit.begin(self._parts.clock.now(), self._parts.new_id())
        self.presence.announce()
        removed = self.store.purge(self._parts.clock.now())
        if removed:
            self._parts.log.say("retention", removed=removed)
        await self.links.follow_store()
        notice = Notice(self.means, self.links, self.holds, self._on_written)
        self.tasks.keep("notice", notice.run, self._parts.clock)
        self.tasks.keep("outbox", self._serve_outbox, self._parts.clock)
        self.tasks.keep("vouch", self.voucher.run, self._parts.clock)
        self.tasks.keep("standings", self.standings.run, self._parts.clock)

    async def _sign_off(self) -> None:
        """Sign the end of the audit, if the key is there: a keyring that asks for its password holds up no end."""
        if self.own_key.is_at_hand:
            await asyncio.wait({self.tasks.start("sign off", self.voucher.sign("closed"))}, timeout=LAST_SIGNATURE)

    async def _serve_outbox(self) -> None:
        """Wait for the deliverer's lock; then put the outbox right, deliver and follow."""
        while not self.lock.acquire():
            await self._parts.clock.sleep(LOCK_EVERY)
        self._parts.log.say("delivers")
        reconcile(self.means, self.holds, self.transitions)
        self.tasks.keep("deliver", self.deliverer.run, self._parts.clock)
        self.tasks.keep("follow", self.follower.run, self._parts.clock)

    async def _on_key(self) -> None:
        """What was not signed yet is signed with the new one, and everybody reads anew who works here."""
        await self.voucher.sign("key changed")
        self.means.events.publish(IdentityChanged())
        self.standings.nudge()

    def _on_written(self) -> None:
        self.deliverer.nudge()
        self.follower.nudge()

    def _on_runs(self, runs: Sequence[RunRef]) -> None:
        self.follower.runs_moved(runs)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, DecisionChanged):
            self.follower.nudge()
            self.standings.on_decision(event.decision_id)
        elif isinstance(event, ConnectionChanged):
            link = self.links.get(event.connection_id)
            since = link.open_since if link is not None else None
            # The event also tells freshness and health: only an engine that was away until now is back.
            if since != self._open_since.get(event.connection_id):
                self._open_since[event.connection_id] = since
                if since is not None:
                    self.deliverer.is_back(event.connection_id)
                    self.standings.nudge()

    def _on_error(self, where: str, error: BaseException) -> None:
        self._parts.log.bug(where, error)
        if self._parts.on_error is not None:
            self._parts.on_error(where, error)
