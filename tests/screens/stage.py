"""A desk over a real store and the scripted engine, for tests of screens and for their pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from console.domain.identity import Person, Role
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.engines.port import Engine
from console.infra.background import Background
from console.infra.clock import Clock, SystemClock
from console.infra.keys import Vault
from console.infra.logs import Log
from console.infra.secrets import Ring, Secrets
from console.infra.settings import Settings
from console.services.desk import Desk
from console.services.staff import Parts
from console.services.views import ConnectionConfig
from console.store.store import Store

Factory = Callable[[ConnectionConfig, Mapping[str, str]], Engine]

DANA = Person("dana", "Dana Kern", Role.SUPERVISOR)
JONAS = Person("jonas", "Jonas Weber", Role.OPERATOR)


class MemoryRing:
    """A keyring that forgets with the test."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._kept[(service, username)]


@dataclass
class Stage:
    """An open desk, the servers it watches by connection name, and what went wrong in the background."""

    desk: Desk
    servers: dict[str, FakeServer]
    settings: Settings
    clock: Clock
    errors: list[BaseException] = field(default_factory=list)


@asynccontextmanager
async def stage(
    folder: Path,
    servers: Sequence[FakeServer],
    *,
    person: Person = DANA,
    clock: Clock | None = None,
    engine: Callable[[FakeServer], Engine] = FakeEngine,
    factories: Mapping[str, Factory] | None = None,
    open_ring: Callable[[], Ring] = MemoryRing,
    vault: Vault | None = None,
) -> AsyncIterator[Stage]:
    """Open a desk that is connected to each of the servers, named as they are, and has listed them.

    ``factories`` make engines of further kinds, by kind.
    """
    clock = clock or SystemClock()
    by_name = {server.identity.removeprefix("fake:"): server for server in servers}
    errors: list[BaseException] = []

    def on_error(_where: str, error: BaseException) -> None:
        errors.append(error)

    def build(config: ConnectionConfig, _secrets: Mapping[str, str]) -> Engine:
        return engine(by_name[config.name])

    settings = Settings(folder / "settings.json")
    log = Log(folder / "log.jsonl", clock)
    background = Background(on_error)
    background.start()
    parts = Parts(
        open_store=lambda: Store(folder / "clearance.db"),
        factories={"fake": build, **(factories or {})},
        secrets=Secrets("test", open_ring=open_ring),
        person=person,
        log=log,
        locks=folder,
        vault=vault,
        clock=clock,
        on_error=on_error,
    )
    desk = Desk(parts, background, settings)
    await desk.start()
    try:
        for name in by_name:
            await desk.add_connection(ConnectionConfig(connection_id=name, name=name, kind="fake"), {})
        await desk.listed(10)
        yield Stage(desk, by_name, settings, clock, errors)
    finally:
        await desk.stop()
        await asyncio.to_thread(background.stop)
        log.close()
    assert not errors, errors


async def until(is_so: Callable[[], object] | Callable[[], Awaitable[object]], seconds: float = 30) -> None:
    """Wait until something is so; fails when it does not become so in time."""
    async with asyncio.timeout(seconds):
        while True:
            found = is_so()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.005)
