"""All connections at run time: one watcher each, started, changed and stopped as the store says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from console.domain.errors import Refused
from console.domain.run import RunRef
from console.engines.port import Engine
from console.infra.secrets import Secrets
from console.services.link import Link
from console.services.means import Means
from console.services.pictures import config_of, connection_view
from console.services.views import ConnectionChanged, ConnectionConfig, ConnectionView, InboxChanged
from console.services.watch import Watcher, let_go
from console.store.records import StoredConnection

EngineFactory = Callable[[ConnectionConfig, Mapping[str, str]], Engine]
UNKNOWN_KIND = "unknown-kind"


def secret_name(connection_id: str, name: str) -> str:
    """Under which name a connection's secret lies in the keyring."""
    return f"connection/{connection_id}/{name}"


class Links:
    """The links of one desk.

    ``factories`` builds an engine of each kind from its settings and secrets, in a thread of its own.
    """

    def __init__(
        self,
        means: Means,
        factories: Mapping[str, EngineFactory],
        secrets: Secrets,
        on_runs: Callable[[Sequence[RunRef]], None],
    ) -> None:
        self._means = means
        self._factories = factories
        self._secrets = secrets
        self._on_runs = on_runs
        self._watchers: dict[str, Watcher] = {}
        self._links: dict[str, Link] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def get(self, connection_id: str) -> Link | None:
        """The link of a connection."""
        return self._links.get(connection_id)

    def all(self) -> tuple[Link, ...]:
        """Every link, in the order of the connections."""
        return tuple(self._links.values())

    def of_server(self, server: str) -> Link | None:
        """The link to the server of that identity."""
        for link in self._links.values():
            if link.server is not None and link.server.identity == server:
                return link
        return None

    def views(self) -> tuple[ConnectionView, ...]:
        """How every connection does."""
        counts = self._means.store.inbox.counts(self._means.clock.now())
        return tuple(connection_view(link, counts.get(link.config.connection_id, 0)) for link in self._links.values())

    def view(self, link: Link) -> ConnectionView:
        """How one connection does."""
        return connection_view(
            link, self._means.store.inbox.counts(self._means.clock.now()).get(link.config.connection_id, 0)
        )

    async def follow_store(self) -> None:
        """Make the links what the store says: start the new, restart the changed, stop the removed."""
        stored = {each.connection_id: each for each in self._means.store.connections.all()}
        for connection_id in [each for each in self._links if each not in stored]:
            await self._stop(connection_id)
            self._means.events.publish(ConnectionChanged(connection_id), InboxChanged(connection_id))
        for connection_id, connection in stored.items():
            link = self._links.get(connection_id)
            if link is None or link.config != config_of(connection):
                await self._stop(connection_id)
                self._start(connection)
                self._means.events.publish(ConnectionChanged(connection_id))
        self._links = {each: self._links[each] for each in stored}

    async def restart(self, connection_id: str) -> None:
        """Begin anew with one connection, with its secrets read again."""
        await self._stop(connection_id)
        await self.follow_store()

    def reconnect(self, connection_id: str) -> None:
        """Try now."""
        if watcher := self._watchers.get(connection_id):
            watcher.reconnect()

    async def listed(self) -> None:
        """Wait until each connection was listed once, or could not be."""
        await asyncio.gather(*(watcher.listed() for watcher in self._watchers.values()))

    async def list_again(self) -> None:
        """List every connection anew and wait for that."""
        await asyncio.gather(*(watcher.list_again() for watcher in self._watchers.values()))

    def check_freshness(self) -> None:
        """Say which connections have become slow."""
        for watcher in self._watchers.values():
            watcher.check_freshness()

    async def stop(self) -> None:
        """Stop all watchers and close all engines."""
        await asyncio.gather(*(self._stop(connection_id) for connection_id in list(self._links)))

    async def make_engine(self, config: ConnectionConfig, secrets: Mapping[str, str]) -> Engine:
        """An engine for a configuration; secrets that are not given are those kept. Raises what its factory raises."""
        factory = self._factories.get(config.kind)
        if factory is None:
            known = ", ".join(sorted(self._factories)) or "none"
            raise Refused(
                f"There is no engine of kind “{config.kind}” here; there are: {known}.",
                code=UNKNOWN_KIND,
                next_action="Choose another kind.",
            )
        found = dict(secrets)
        for name in config.secret_names:
            if name not in found:
                value = await self._secrets.get(secret_name(config.connection_id, name))
                if value is not None:
                    found[name] = value
        # In a thread: the first one of a kind loads its libraries, for which nobody else has to wait.
        return await asyncio.to_thread(factory, config, found)

    def _start(self, stored: StoredConnection) -> None:
        link = Link(config_of(stored), self._means.log)
        link.newest_at = stored.newest_at
        self._links[stored.connection_id] = link
        if not stored.is_paused:
            watcher = Watcher(self._means, link, self._make_for, self._on_runs)
            self._watchers[stored.connection_id] = watcher
            self._running[stored.connection_id] = self._means.tasks.keep(
                f"watch {stored.name}", watcher.run, self._means.clock
            )

    async def _make_for(self, link: Link) -> Engine:
        return await self.make_engine(link.config, {})

    async def _stop(self, connection_id: str) -> None:
        self._watchers.pop(connection_id, None)
        link = self._links.pop(connection_id, None)
        if task := self._running.pop(connection_id, None):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if link is not None and link.engine is not None:
            await let_go(link, link.engine)
