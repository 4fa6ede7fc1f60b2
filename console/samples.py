"""A desk over one of the worlds of the scripted engine, in a folder that is gone afterwards: for looking at screens."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from console.domain.identity import Person, Role
from console.engines.fake.engine import CAPABILITIES, FakeEngine
from console.engines.fake.worlds import WORLDS
from console.engines.port import Ability, Capabilities, Engine
from console.infra.background import Background
from console.infra.clock import SystemClock
from console.infra.logs import Log
from console.infra.secrets import Secrets
from console.infra.settings import Settings
from console.services.desk import Desk
from console.services.staff import Parts
from console.services.views import ConnectionConfig
from console.store.store import Store

DANA = Person("dana", "Dana Kern", Role.SUPERVISOR)
LISTED_WITHIN = 20.0


class Tower(FakeEngine):
    """Says that it checks decisions where its server is called a tower, so that both kinds are seen."""

    @property
    def capabilities(self) -> Capabilities:
        """All of them for a tower."""
        if "tower" not in self.server.identity:
            return CAPABILITIES
        return Capabilities(verdicts=CAPABILITIES.verdicts, abilities=frozenset(Ability))


class Pocket:
    """A keyring that is gone with the process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """What was set, if anything."""
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it for now."""
        self._kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        self._kept.pop((service, username), None)


@contextlib.asynccontextmanager
async def open_world(name: str) -> AsyncIterator[tuple[Desk, Callable[[], None]]]:
    """A desk that has listed all of one world, and what then happens there."""
    world = WORLDS[name]()
    by_name = {server.identity.removeprefix("fake:"): server for server in world.servers}

    def build(config: ConnectionConfig, _secrets: Mapping[str, str]) -> Engine:
        return Tower(by_name[config.name])

    def on_error(where: str, error: BaseException) -> None:
        sys.stderr.write(f"{where}: {error!r}\n")

    clock = SystemClock()
    background = Background(on_error)
    background.start()
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        log = Log(folder / "log.jsonl", clock)
        parts = Parts(
            open_store=lambda: Store(folder / "clearance.db"),
            factories={"fake": build},
            secrets=Secrets("samples", open_ring=Pocket),
            person=DANA,
            log=log,
            locks=folder,
            clock=clock,
            on_error=on_error,
        )
        desk = Desk(parts, background, Settings(folder / "settings.json"))
        await desk.start()
        try:
            for each in by_name:
                await desk.add_connection(ConnectionConfig(connection_id=each, name=each, kind="fake"), {})
            await desk.listed(LISTED_WITHIN)
            yield desk, world.then
        finally:
            await desk.stop()
            await asyncio.to_thread(background.stop)
            log.close()
