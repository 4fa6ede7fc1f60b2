"""Following one connection: open it, list all that waits, then apply what changes, for as long as it is configured.

Invariants: each page and each batch of changes is one store transaction, and one inbox event follows it; what no longer
waits is closed only after a complete listing; an item of another server than the one that answered is not taken. A
failure ends the attempt, is shown in words, and is tried again with back-off; ``Denied`` waits for a person. Nothing an
engine does here reaches another connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from console.domain.errors import Denied, Unreachable
from console.domain.escalation import Waiting
from console.domain.run import RunRef
from console.engines.port import Change, Engine, Hands, Lost, Quiet, RunWaits, Server
from console.services.alarm import Alarm
from console.services.link import FOUR, PRESENT, WELL, Failure, Link
from console.services.means import LONGEST_WAIT, Means
from console.services.views import ConnectionChanged, Health
from console.store.records import Touched

OPEN_TIMEOUT = 15.0
CLOSE_TIMEOUT = 3.0
SLOW_AFTER = 30.0
BATCH = 500
QUEUED_CHANGES = 2_000
BATCH_EVERY = 0.033
TOLD_EVERY = 2.0
KEPT_EVERY = 10.0
LONGEST_HERE = 2.0
HERE = ("127.", "localhost:", "[::1]:")

MakeEngine = Callable[[Link], Awaitable[Engine]]
OnRuns = Callable[[Sequence[RunRef]], None]


class Watcher:
    """What keeps one link going. ``make`` builds its engine; ``on_runs`` is told which runs moved."""

    def __init__(self, means: Means, link: Link, make: MakeEngine, on_runs: OnRuns) -> None:
        self.link = link
        self._means = means
        self._make = make
        self._on_runs = on_runs
        self._alarm = Alarm(means.clock, means.tasks, f"the watcher of {link.config.name}")
        self._queue: asyncio.Queue[Change | Failure | None] = asyncio.Queue(QUEUED_CHANGES)
        self._denied: Denied | None = None
        self._is_listing_wanted = False
        self._has_tried = False
        self._round_over = asyncio.Event()
        self._batched_at = 0.0
        self._told_at = self._kept_at = means.clock.monotonic()
        link.when_denied(self._on_denied)

    async def run(self) -> None:
        """Follow until cancelled."""
        failed = 0
        while True:
            try:
                await self._attempt()
            except FOUR as error:
                failed = 0 if self.link.health in PRESENT else failed + 1
                self._fail(error)
                is_denied = isinstance(error, Denied)
                await self._alarm.sleep(None if is_denied else self._means.back_off(failed, longest=self._longest()))

    def _longest(self) -> float:
        """The longest pause in seconds between two tries: short for what runs on this machine."""
        address = str(self.link.config.settings.get("address", ""))
        return LONGEST_HERE if self.link.config.is_demo or address.startswith(HERE) else LONGEST_WAIT

    def reconnect(self) -> None:
        """Try now, also where access was denied; who then waits for the listing waits for this attempt."""
        if self.link.health not in PRESENT:
            self._has_tried = False
            self._alarm.nudge()

    async def listed(self) -> None:
        """Wait until it was tried once to list everything, with or without success."""
        if not self._has_tried:
            await self._round_over.wait()

    async def list_again(self) -> None:
        """List everything now, or try to, and wait for the end of that."""
        over = self._round_over
        self._is_listing_wanted = True
        self._alarm.nudge()
        self._wake()
        await over.wait()

    def check_freshness(self) -> None:
        """Say that a connection is slow when its engine has told nothing for long."""
        silence = self._means.clock.monotonic() - self.link.heard_at
        if self.link.health in WELL and silence > SLOW_AFTER:
            self.link.health = Health.SLOW
            self.link.message = f"It has told nothing for {silence:.0f} s."
            self.link.next_action = "Wait, or list everything again."
            self._tell()

    async def _attempt(self) -> None:
        link = self.link
        self._denied = None
        if link.engine is None:
            with link.fenced("set itself up"):
                link.engine = await self._make(link)
        engine = link.engine
        with link.fenced("connect"):
            try:
                async with asyncio.timeout(OPEN_TIMEOUT):
                    server = await engine.open()
            except TimeoutError as error:
                raise Unreachable(f"Nothing answered within {OPEN_TIMEOUT:g} s.") from error
        self._adopt(server)
        await self._list(engine)
        await self._follow(engine)

    def _adopt(self, server: Server) -> None:
        link, store = self.link, self._means.store
        connection_id, now = link.config.connection_id, self._means.clock.now()
        if other := store.connections.other_with(server.identity, connection_id):
            raise Denied(f"This is the same server as “{other}”.", next_action="Remove one of the two connections.")
        self._means.log.say("connected", connection=connection_id, server=server.identity, version=server.version)
        link.server, link.open_since, link.hands = server, now, server.hands
        store.connections.saw(connection_id, server.identity, now)
        self._means.events.publish_touched(
            connection_id, store.inbox.close_foreign(connection_id, server.identity, now)
        )

    async def _list(self, engine: Engine) -> None:
        self._is_listing_wanted = False
        link, inbox = self.link, self._means.store.inbox
        connection_id = link.config.connection_id
        before = inbox.open_ids(connection_id)
        told: frozenset[str] = frozenset()
        with link.fenced("list what waits"):
            async for page in engine.waiting():
                touched = inbox.put(connection_id, self._own(page), self._means.clock.now())
                told |= touched.told
                self._publish(touched)
                # An engine that has its pages at hand must not keep everybody else waiting for all of them.
                await asyncio.sleep(0)
        self._publish(inbox.close(before - told, self._means.clock.now()))
        self._means.log.say("listed", connection=connection_id, items=len(told))
        self._heard(is_listed=True)
        self._end_round()

    async def _follow(self, engine: Engine) -> None:
        self._queue = asyncio.Queue(QUEUED_CHANGES)
        name = f"changes of {self.link.config.name}"
        pump = self._means.tasks.start(name, self.link.pump(engine, self._queue))
        try:
            while True:
                batch = await self._batch()
                self._apply([each for each in batch if isinstance(each, RunWaits | Quiet | Hands)])
                for each in batch:
                    if isinstance(each, FOUR):
                        raise each
                if self._denied is not None:
                    raise self._denied
                if self._is_listing_wanted or any(isinstance(each, Lost) for each in batch):
                    await self._list(engine)
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def _batch(self) -> list[Change | Failure | None]:
        """What changed: at once after a silence, gathered in a flood."""
        loop = asyncio.get_running_loop()
        batch = [await self._queue.get()]
        since = loop.time() - self._batched_at
        if since < BATCH_EVERY:
            await asyncio.sleep(BATCH_EVERY - since)
        while not self._queue.empty() and len(batch) < BATCH:
            batch.append(self._queue.get_nowait())
        self._batched_at = loop.time()
        return batch

    def _apply(self, changes: Sequence[RunWaits | Quiet | Hands]) -> None:
        if not changes:
            return
        for hands in (each for each in changes if isinstance(each, Hands)):
            self.link.hands = hands
        runs = {each.run: each.waiting for each in changes if isinstance(each, RunWaits)}
        own = [(run, self._own(rows)) for run, rows in runs.items() if self._is_own(run)]
        if own:
            connection_id, now = self.link.config.connection_id, self._means.clock.now()
            self._publish(self._means.store.inbox.replace_runs(connection_id, own, now))
            self._on_runs([run for run, _ in own])
        self._heard(is_listed=False)

    def _own(self, rows: Sequence[Waiting]) -> list[Waiting]:
        own = [row for row in rows if self._is_own(row.key.run)]
        if len(own) < len(rows):
            self._means.log.warning("items of another server left out", connection=self.link.config.connection_id)
        return own

    def _is_own(self, run: RunRef) -> bool:
        return self.link.server is not None and run.server == self.link.server.identity

    def _publish(self, touched: Touched) -> None:
        if touched.unreadable:
            self._means.log.warning(
                "items that cannot be kept", connection=self.link.config.connection_id, items=touched.unreadable
            )
        self._means.events.publish_touched(self.link.config.connection_id, touched)

    def _heard(self, *, is_listed: bool) -> None:
        """Note that all that is known of this connection is fresh; tell and keep it now and then."""
        link, now = self.link, self._means.clock.monotonic()
        link.newest_at, link.heard_at = self._means.clock.now(), now
        health = Health.IDLE if link.hands.missing else Health.LIVE
        is_news = link.health is not health
        link.health, link.message, link.next_action = health, link.hands.missing, link.hands.next_action
        if is_listed or now - self._kept_at >= KEPT_EVERY:
            self._kept_at = now
            identity = link.server.identity if link.server else ""
            self._means.store.connections.saw(link.config.connection_id, identity, link.newest_at)
        if is_news or is_listed or now - self._told_at >= TOLD_EVERY:
            self._tell()

    def _fail(self, error: Failure) -> None:
        # The engine is not closed: that would cut off deliveries which may still be answered.
        link = self.link
        is_news = (link.health, link.message) != (_health_after(error), error.message)
        link.health, link.message, link.next_action = _health_after(error), error.message, error.next_action
        link.open_since = None
        if is_news:
            self._means.log.warning("connection lost", connection=link.config.connection_id, error=type(error).__name__)
            self._tell()
        self._end_round()

    def _on_denied(self, error: Denied) -> None:
        self._denied = error
        self._wake()

    def _wake(self) -> None:
        if not self._queue.full():
            self._queue.put_nowait(None)

    def _end_round(self) -> None:
        self._has_tried = True
        self._round_over.set()
        self._round_over = asyncio.Event()

    def _tell(self) -> None:
        self._told_at = self._means.clock.monotonic()
        self._means.events.publish(ConnectionChanged(self.link.config.connection_id))


async def let_go(link: Link, engine: Engine) -> None:
    """Close an engine; what it says to that helps nobody."""
    try:
        with link.fenced("close"):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await engine.close()
    except FOUR:
        return


def _health_after(error: Failure) -> Health:
    return Health.DENIED if isinstance(error, Denied) else Health.DOWN
