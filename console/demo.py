"""The built-in orchestrator as a window's guest, and where it lies: what `console.app` starts beside the window.

Invariant: what a window began is ended with it, also when it was closed or killed while it started, unless it is to be
kept; another window's tower is left alone. Imports stand inside, as in `console.app`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from console.domain.language import tr
from console.infra.paths import DATA, Paths, find_paths, is_profile

if TYPE_CHECKING:
    from console.domain.escalation import EscalationKey
    from console.screens.guide.state import Staging
    from console.screens.welcome.state import Demo
    from console.services.desk import Desk
    from console.shell.hosting import Hosting
    from console.tower.colleague import Colleague
    from console.tower.server import Tower, TowerStatus

DEMO_NAME = "demo"
DEMO_LISTED_WITHIN = 20.0
TOUR_PROFILE = "tour"
TEMPORAL_LOADS = threading.Lock()
Say = Callable[[str], None]
T = TypeVar("T")


def load_temporal() -> None:
    """Import Temporal's library, in one thread at a time: where two load it at once, it fails for good in both."""
    with TEMPORAL_LOADS:
        import console.engines.temporal.engine
        import console.tower.server  # noqa: F401


def tower_of(where: Paths) -> Tower:
    """The built-in orchestrator of a profile, running or not."""
    load_temporal()
    from console.tower.server import Tower

    return Tower(tower_folder(where))


def tower_folder(where: Paths) -> Path:
    """Where the built-in orchestrator keeps its files: one for all profiles, but for those that lie elsewhere."""
    is_usual = where.profile != TOUR_PROFILE and where == find_paths(where.profile)
    return (find_paths() if is_usual else where).data / "tower"


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
            what=tr("a Temporal server, one worker with four sample plans, and a small business database."),
            takes=tr("About 5 seconds and 250 MB of memory; it listens on this machine only."),
            is_running=is_demo_running(tower_folder(self._where)),
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
                tell(f"{tr(error.message)} {tr(error.next_action)}")

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
            say(tr("Starting a Temporal server on this machine"))
            await self._begin(serve())
            say(tr("Starting a worker with the sample plans"))
            status = await self._begin(tower.start(demo_rate=self._rate))
            await self._enrol(desk, status)
        except TowerFailed as error:
            raise Unreachable(str(error), next_action=tr("Look into that log, then start the demo again.")) from error
        except ConnectionError as error:
            raise Unreachable(str(error), next_action=tr("Start the demo again.")) from error
        say(tr("Connecting"))
        await self._connect(desk, status)

    async def end(self) -> None:
        """Stop what a window started, this one or one that was killed, unless it is to be kept."""
        if self._begun is not None:
            # Closed while it starts: what starts after the stop would stay.
            await asyncio.gather(self._begun, return_exceptions=True)
        mark = guest_mark(tower_folder(self._where))
        if not mark.exists() or mark.read_text() != self._where.profile:
            return
        if not self._is_kept and (other := other_window(self._where)):
            # Whoever sits there may be in the midst of it; that window ends it then.
            mark.write_text(other)
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
            raise Unreachable(str(error), next_action=tr("Start the demo again.")) from error

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
        await desk.key_standings()

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


def is_demo_running(folder: Path) -> bool:
    """Whether the server of a tower's folder runs, by its record."""
    from console.tower.processes import recorded

    return recorded(folder / "server.json") is not None


def other_window(where: Paths) -> str:
    """Another profile of this user whose window is open and has the same tower; empty where there is none."""
    from console.infra.single import is_taken

    is_nested = where.data.name == DATA
    home = where.data.parent.parent if is_nested else where.data.parent
    for folder in sorted(home.iterdir()):
        if folder.name == where.profile or not is_profile(folder.name):
            continue
        other = find_paths(folder.name)
        if other.locks.is_dir() and tower_folder(other) == tower_folder(where) and is_taken(other.locks):
            return folder.name
    return ""


def guest_mark(folder: Path) -> Path:
    """The file in a tower's folder that says: a window of the profile in it started it, and its end is the tower's."""
    return folder / "ends-with-the-window"
