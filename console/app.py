"""The composition root: the one module that knows all the others, and puts them together.

Each function here is one thing a person starts. Imports stand inside them, so that the window is painted before the
database, the engines and the keyring are loaded, and a command pays only for what it uses.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from console.infra.background import Background
from console.infra.clock import SystemClock
from console.infra.logs import Log
from console.infra.paths import Paths, find_paths
from console.infra.secrets import Secrets
from console.infra.settings import Settings

if TYPE_CHECKING:
    from console.domain.escalation import EscalationKey
    from console.engines.port import Engine
    from console.infra.tasks import ErrorHandler
    from console.screens.guide.state import Staging
    from console.screens.welcome.state import Demo
    from console.services.desk import Desk
    from console.services.links import EngineFactory
    from console.services.views import ConnectionConfig
    from console.shell.bridge import Bridge
    from console.shell.hosting import Hosting
    from console.shell.main import Session
    from console.shell.memory import Memory
    from console.shell.window import MainWindow
    from console.tower.colleague import Colleague
    from console.tower.server import Tower, TowerStatus

DEMO_NAME = "demo"
DEMO_RATE = 4.0
DEMO_LISTED_WITHIN = 20.0
TOUR_PROFILE = "tour"
LOGS_KEPT_SECONDS = 14 * 24 * 3600
TEMPORAL_LOADS = threading.Lock()
Say = Callable[[str], None]
T = TypeVar("T")


def paths(profile: str) -> Paths:
    """The folders of a profile, made if they are not there. Raises :class:`ValueError` for a name that is none."""
    found = find_paths(profile) if profile else find_paths()
    found.make()
    return found


def load_temporal() -> None:
    """Import Temporal's library, in one thread at a time: where two load it at once, it fails for good in both."""
    with TEMPORAL_LOADS:
        import console.engines.temporal.engine
        import console.tower.server  # noqa: F401


def temporal_engine(config: ConnectionConfig, secrets: Mapping[str, str]) -> Engine:
    """The engine of a Temporal connection. Raises ``Denied`` for settings that make no sense."""
    load_temporal()
    from console.domain.errors import Denied
    from console.engines.temporal.engine import TemporalEngine
    from console.engines.temporal.settings import TemporalSettings

    names = {"ca_path": "ca_certificate", "client_cert_path": "client_certificate", "client_key_path": "client_key"}
    values = {names.get(name, name): value for name, value in config.settings.items() if value is not None}
    try:
        settings = TemporalSettings.model_validate({**values, "api_key": secrets.get("api_key", "")})
    except ValueError as error:
        raise Denied(
            f"The settings of “{config.name}” make no sense: {error}", next_action="Edit the connection."
        ) from error
    return TemporalEngine(settings)


ENGINES: dict[str, EngineFactory] = {"temporal": temporal_engine}


def secrets(where: Paths) -> Secrets:
    """The secrets of a profile."""
    return Secrets(f"clearance/{where.profile}")


def key_file(where: Paths) -> Path:
    """Where a profile's signing key lies if it is kept in a file."""
    from console.infra.keyfile import FILE_NAME

    return where.data / FILE_NAME


def passphrase(*, is_new: bool = False) -> str:
    """The passphrase of the key file: from the file that the environment names, else asked for on a terminal."""
    from console.infra.keyfile import told_passphrase

    told = told_passphrase()
    if told or not sys.stdin.isatty():
        return told
    said = getpass.getpass("Passphrase of the signing key: ")
    if is_new and getpass.getpass("Once more: ") != said:
        raise ValueError("The two passphrases differ.")
    return said


@asynccontextmanager
async def open_desk(
    where: Paths, *, on_error: ErrorHandler | None = None, ask: Callable[[], str] = passphrase
) -> AsyncIterator[Desk]:
    """The desk over a profile's store, at work inside the ``with``. Raises ``Refused`` if the store cannot be used.

    ``ask`` gives the passphrase of a key file at the start, empty where it is asked for later.
    """
    from console.infra.keys import Vault
    from console.services.desk import Desk
    from console.services.staff import Parts
    from console.store.store import Store

    settings = Settings(where.settings)
    log = _open_log(where)
    parts = Parts(
        open_store=lambda: Store(where.database),
        factories=ENGINES,
        secrets=secrets(where),
        vault=Vault(key_file(where), ask),
        person=settings.person(getpass.getuser(), where.profile),
        log=log,
        locks=where.locks,
        on_error=on_error,
    )
    background = Background(log.bug)
    background.start()
    desk = Desk(parts, background, settings)
    try:
        await desk.start()
        yield desk
    finally:
        await desk.stop()
        background.stop()
        log.close()


def open_window(where: Paths) -> int:
    """Open the window; a demo that was left in the connections goes on with it, and ends with it."""
    return _run_window(where, DemoHost(where, rate=DEMO_RATE, is_kept=False))


def open_demo(where: Paths, *, rate: float, is_kept: bool) -> int:
    """Open the window on the built-in orchestrator with sample work."""
    return _run_window(where, DemoHost(where, rate=rate, is_kept=is_kept, is_wanted=True))


def tour(out: Path) -> int:
    """Drive the window through the whole journey and write pictures and a summary to ``out``; 0 if all of it worked."""
    from console.screens.guide.presenter import SEEN, YES
    from console.shell.memory import Forgetful
    from console.shell.tour import Tour
    from console.tower.business import effects_by_decision

    where = paths(TOUR_PROFILE)
    demo = DemoHost(where, rate=DEMO_RATE * 2, is_kept=False, is_wanted=True)
    driven = Tour(out, lambda: effects_by_decision(demo.tower.business))
    memory = Forgetful()
    # The tour is a guide of its own.
    memory.set(SEEN, YES)
    _run_window(where, demo, memory=memory, then=driven.start)
    return driven.finish()


class DemoHost:
    """The built-in orchestrator as a window's guest: started with it if wanted, ended with it if the window began it.

    ``is_kept`` leaves it running. Starting it again goes on with the same runs.
    """

    def __init__(self, where: Paths, *, rate: float, is_kept: bool, is_wanted: bool = False) -> None:
        self._where = where
        self._rate = rate
        self._is_kept = is_kept
        self._is_wanted = is_wanted
        self._begun: asyncio.Future[Any] | None = None
        self._colleague: Colleague | None = None

    @property
    def tower(self) -> Tower:
        """The orchestrator of this profile."""
        return tower_of(self._where)

    def offer(self, desk: Desk) -> Demo:
        """What the welcome needs in order to start it."""
        from console.screens.welcome.state import Demo

        return Demo(
            start=lambda say: self.start(desk, say),
            what="a Temporal server, one worker with four sample plans, and a small business database.",
            takes="About 5 seconds and 250 MB of memory; it listens on this machine only.",
        )

    def staging(self) -> Staging:
        """What the guide has it do to its own runs."""
        from console.screens.guide.state import Staging

        return Staging(
            invite=self._invite, overtake=self._overtake, kill_worker=self._kill_worker, effects=self._effects
        )

    async def open_with(self, desk: Desk, hosting: Hosting, tell: Say) -> None:
        """Start it if it is wanted, or was left in the connections of this profile."""
        from console.domain.errors import Unreachable

        configs = [view.config for view in await desk.connections()]
        if self._is_wanted and not configs:
            hosting.welcome.on_start_demo()
        elif self._is_wanted or any(config.is_demo and not config.is_paused for config in configs):
            try:
                await self.start(desk, lambda _: None)
            except Unreachable as error:
                tell(f"{error.message} {error.next_action}")

    async def start(self, desk: Desk, say: Say) -> None:
        """Start server and worker and connect to them. Raises ``Unreachable`` if they do not start."""
        await asyncio.to_thread(load_temporal)
        from console.domain.errors import Unreachable
        from console.tower.server import TowerFailed

        tower = self.tower
        is_new = not tower.status().is_server_up

        async def serve() -> None:
            await tower.start_server()
            if is_new:
                guest_mark(tower.folder).write_text(self._where.profile)

        try:
            say("Starting a Temporal server on this machine")
            await self._begin(serve())
            say("Starting a worker with the sample plans")
            status = await self._begin(tower.start(demo_rate=self._rate))
            await self._enrol(desk, status)
        except TowerFailed as error:
            raise Unreachable(str(error), next_action="Look into that log, then start the demo again.") from error
        except ConnectionError as error:
            raise Unreachable(str(error), next_action="Start the demo again.") from error
        say("Connecting")
        await self._connect(desk, status)

    async def end(self) -> None:
        """Stop what a window started, this one or one that was killed, unless it is to be kept."""
        if self._begun is not None:
            # Closed while it starts: what starts after the stop would stay.
            await asyncio.gather(self._begun, return_exceptions=True)
        mark = guest_mark(tower_folder(self._where))
        if not mark.exists() or mark.read_text() != self._where.profile:
            return
        if not self._is_kept:
            await asyncio.to_thread(asyncio.run, self.tower.stop())
        mark.unlink(missing_ok=True)

    async def _invite(self) -> None:
        """Have the demo's colleague come."""
        from console.tower.colleague import Colleague
        from console.tower.root import root_key

        status = self.tower.status()
        root = await asyncio.to_thread(root_key, self.tower.folder)
        self._colleague = Colleague(status.address, status.namespace, root)
        await self._ask_tower(self._colleague.enrol())

    async def _overtake(self, key: EscalationKey) -> bool:
        """Have the demo's colleague hand an item on."""
        return self._colleague is not None and await self._ask_tower(self._colleague.hand_on(key))

    async def _kill_worker(self) -> None:
        """End the worker as a loss of power would, and start it again."""

        async def kill() -> None:
            await self.tower.stop_worker(is_gentle=False)
            await self.tower.start(demo_rate=self._rate)

        await self._ask_tower(kill())

    async def _ask_tower(self, work: Coroutine[Any, Any, T]) -> T:
        from console.domain.errors import Unreachable
        from console.tower.server import TowerFailed

        try:
            return await self._begin(work)
        except (ConnectionError, TowerFailed) as error:
            raise Unreachable(str(error), next_action="Start the demo again.") from error

    async def _effects(self, decision_id: str) -> int:
        """How many effects go back to a decision, counted in the business database."""
        from console.tower.business import effects_by_decision

        return (await asyncio.to_thread(effects_by_decision, self.tower.business)).get(decision_id, 0)

    async def _begin(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it in a thread, to its end: whoever is cancelled meanwhile leaves what was begun to `end`."""
        begun: asyncio.Future[T] = asyncio.get_running_loop().run_in_executor(None, asyncio.run, work)
        self._begun = begun
        return await asyncio.shield(begun)

    async def _enrol(self, desk: Desk, status: TowerStatus) -> None:
        """Let this desk's key sign: whoever starts the tower runs it, and so says who may decide there."""
        from console.infra.keys import login_account
        from console.tower.enrolment import enrol_by_root
        from console.tower.root import root_key

        identity, public = await desk.identity(), await desk.public_key()
        if identity.is_key_locked:
            return
        person = identity.person
        root = await asyncio.to_thread(root_key, self.tower.folder)
        await self._begin(enrol_by_root(status.address, status.namespace, root, person, public, login_account()))

    async def _connect(self, desk: Desk, status: TowerStatus) -> None:
        from console.services.views import ConnectionConfig

        settings: dict[str, str | bool | int | None] = {"address": status.address, "namespace": status.namespace}
        known = next((view.config for view in await desk.connections() if view.config.is_demo), None)
        if known is not None and known.settings == settings:
            await desk.reconnect(known.connection_id)
        else:
            connection_id = known.connection_id if known is not None else DEMO_NAME
            config = ConnectionConfig(
                connection_id=connection_id, name=DEMO_NAME, kind="temporal", settings=settings, is_demo=True
            )
            await desk.add_connection(config, {})
        await desk.listed(DEMO_LISTED_WITHIN)


def guest_mark(folder: Path) -> Path:
    """The file in a tower's folder that says: a window of the profile in it started it, and its end is the tower's."""
    return folder / "ends-with-the-window"


def _run_window(
    where: Paths,
    demo: DemoHost,
    *,
    memory: Memory | None = None,
    then: Callable[[MainWindow, Hosting, Desk], None] | None = None,
) -> int:
    """Show the window on a profile; ``then`` is told once the desk is open and the screens are there."""
    from console.shell.main import run_window

    log = _open_log(where, "window")
    kept = memory or Settings(where.settings)

    async def open_session(window: MainWindow, bridge: Bridge) -> Session:
        await asyncio.to_thread(_load_what_is_slow)
        from console.infra.keyfile import told_passphrase
        from console.shell.hosting import Hosting
        from console.shell.main import Session

        stack = AsyncExitStack()
        # A window asks for the passphrase itself, never on the terminal that it was started from.
        desk = await stack.enter_async_context(open_desk(where, on_error=log.bug, ask=told_passphrase))
        stack.push_async_callback(demo.end)
        hosting = Hosting(
            window, bridge, desk, clock=SystemClock(), memory=kept, demo=demo.offer(desk), staging=demo.staging()
        )
        bridge.ask(demo.open_with(desk, hosting, window.tell_trouble))
        if then is not None:
            then(window, hosting, desk)
        return Session(hosting, stack.aclose)

    try:
        return run_window(open_session, memory=kept, clock=SystemClock(), log=log.bug)
    finally:
        log.close()


def _load_what_is_slow() -> None:
    """Import what the desk and the inbox need, off the window's thread; an engine's library follows with the engine."""
    import console.services.desk
    import console.shell.hosting
    import console.store.store  # noqa: F401


def tower_of(where: Paths) -> Tower:
    """The built-in orchestrator of a profile, running or not."""
    load_temporal()
    from console.tower.server import Tower

    return Tower(tower_folder(where))


def tower_folder(where: Paths) -> Path:
    """Where the built-in orchestrator keeps its files: one for all profiles, but for those that lie elsewhere."""
    is_usual = where.profile != TOUR_PROFILE and where == find_paths(where.profile)
    return (find_paths() if is_usual else where).data / "tower"


def _open_log(where: Paths, name: str = "desk") -> Log:
    """A log of this process alone; logs of processes long gone are removed."""
    oldest = time.time() - LOGS_KEPT_SECONDS
    for file in where.logs.glob("*.log*"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
    return Log(where.logs / f"{name}-{os.getpid()}.log", SystemClock())
