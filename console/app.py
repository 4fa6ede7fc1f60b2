"""The composition root: the one module that knows all the others, and puts them together.

Each function here is one thing a person starts. Imports stand inside them, so that the window is painted before the
database, the engines and the keyring are loaded, and a command pays only for what it uses.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from console.demo import TOUR_PROFILE, DemoHost, load_temporal
from console.domain.language import choose
from console.infra.background import Background
from console.infra.clock import SystemClock
from console.infra.logs import Log
from console.infra.paths import Paths, find_paths
from console.infra.secrets import Secrets
from console.infra.settings import Settings

if TYPE_CHECKING:
    from console.engines.port import Engine
    from console.infra.single import Sole
    from console.infra.tasks import ErrorHandler
    from console.services.desk import Desk
    from console.services.links import EngineFactory
    from console.services.views import ConnectionConfig
    from console.shell.bridge import Bridge
    from console.shell.hosting import Hosting
    from console.shell.main import Session
    from console.shell.memory import Memory
    from console.shell.window import MainWindow

DEMO_RATE = 4.0
LOGS_KEPT_SECONDS = 14 * 24 * 3600


def paths(profile: str) -> Paths:
    """The folders of a profile, made if they are not there. Raises :class:`ValueError` for a name that is none."""
    found = find_paths(profile) if profile else find_paths()
    found.make()
    return found


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


def langgraph_engine(config: ConnectionConfig, secrets: Mapping[str, str]) -> Engine:
    """The engine of a LangGraph connection. Raises ``Denied`` for settings that make no sense."""
    from console.domain.errors import Denied
    from console.engines.langgraph.engine import LangGraphEngine
    from console.engines.langgraph.settings import LangGraphSettings

    values = {"ca_certificate" if name == "ca_path" else name: value for name, value in config.settings.items()}
    try:
        settings = LangGraphSettings.model_validate({**values, "api_key": secrets.get("api_key", "")})
    except ValueError as error:
        raise Denied(
            f"The settings of “{config.name}” make no sense: {error}", next_action="Edit the connection."
        ) from error
    return LangGraphEngine(settings)


ENGINES: dict[str, EngineFactory] = {"temporal": temporal_engine, "langgraph": langgraph_engine}


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


def open_window(where: Paths, link: str = "") -> int:
    """Open the window, and follow a link if one is given; where one is open already, that one does.

    A demo that was left in the connections goes on with it, and ends with it.
    """
    choose()
    return _run_window(where, DemoHost(where, rate=DEMO_RATE, is_kept=False), link=link)


def open_demo(where: Paths, *, rate: float, is_kept: bool) -> int:
    """Open the window on the built-in orchestrator with sample work."""
    choose()
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


def matrix(out: Path) -> int:
    """Write a picture of every screen in every world to ``out``; 0 if there are any."""
    from console.engines.fake.worlds import WORLDS
    from console.samples import open_world
    from console.shell.matrix import Matrix

    return 0 if Matrix(out, WORLDS, open_world, print).run() else 1


def help_pictures(out: Path) -> int:
    """Write the pictures that the help shows to ``out``; 0 if all are there."""
    from console.samples import open_world
    from console.shell.help_pictures import take

    return 0 if take(out, open_world, print) else 1


def _run_window(
    where: Paths,
    demo: DemoHost,
    *,
    memory: Memory | None = None,
    link: str = "",
    then: Callable[[MainWindow, Hosting, Desk], None] | None = None,
) -> int:
    """Show the one window of a profile; ``then`` is told once the desk is open and the screens are there.

    Where another process has it, that window comes to the front and follows the link.
    """
    from console.infra.single import Sole

    sole = Sole(where.locks, where.runtime)
    if not sole.acquire():
        if sole.hand_over(link):
            sys.stderr.write("A window of this profile is open already; it was brought to the front.\n")
            return 0
        sys.stderr.write("A window of this profile is open already, and does not answer. Close it, then start again.\n")
        return 1
    try:
        status = _live_in_window(where, demo, sole, memory=memory, link=link, then=then)
    finally:
        sole.release()
    from console.shell.main import REOPEN

    if status == REOPEN:
        # Qt learns the size of text when it starts: another process of the same command, in the place of this one.
        os.execv(sys.executable, [sys.executable, "-m", "console", *sys.argv[1:]])  # noqa: S606 - no shell is wanted
    return status


def _live_in_window(
    where: Paths,
    demo: DemoHost,
    sole: Sole,
    *,
    memory: Memory | None,
    link: str,
    then: Callable[[MainWindow, Hosting, Desk], None] | None,
) -> int:
    from console.infra.crashes import CrashFile, take_left
    from console.shell.main import run_window
    from console.shell.support import Support

    log = _open_log(where, "window")
    kept = memory or Settings(where.settings)
    support = Support(where.logs, os.getpid(), crash=take_left(where.logs))
    left = CrashFile(where.logs)
    left.open()

    async def open_session(window: MainWindow, bridge: Bridge) -> Session:
        await asyncio.to_thread(_load_what_is_slow)
        from console.infra.keyfile import told_passphrase
        from console.shell.hosting import Hosting
        from console.shell.instance import Doorbell
        from console.shell.main import Session

        stack = AsyncExitStack()
        window.profile = where.profile
        # A window asks for the passphrase itself, never on the terminal that it was started from.
        desk = await stack.enter_async_context(open_desk(where, on_error=log.bug, ask=told_passphrase))
        stack.push_async_callback(demo.end)
        hosting = Hosting(
            window, bridge, desk, clock=SystemClock(), memory=kept, demo=demo.offer(desk), staging=demo.staging()
        )
        doorbell = Doorbell(hosting.follow, window)
        if sole.can_listen and doorbell.listen(sole.socket):
            stack.callback(doorbell.stop)
        if support.crash:
            window.tell_bug("Clearance ended unexpectedly the last time. What was decided was kept, and goes on.")
        bridge.ask(demo.open_with(desk, hosting, window.tell_trouble))
        if link:
            hosting.follow(link)
        if then is not None:
            then(window, hosting, desk)
        return Session(hosting, stack.aclose)

    try:
        return run_window(open_session, memory=kept, clock=SystemClock(), log=log.bug, support=support)
    finally:
        left.close()
        log.close()


def _load_what_is_slow() -> None:
    """Import what the desk and the inbox need, off the window's thread; an engine's library follows with the engine."""
    import console.services.desk
    import console.shell.hosting
    import console.store.store  # noqa: F401


def _open_log(where: Paths, name: str = "desk") -> Log:
    """A log of this process alone; logs of processes long gone are removed."""
    oldest = time.time() - LOGS_KEPT_SECONDS
    for file in where.logs.glob("*.log*"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
    return Log(where.logs / f"{name}-{os.getpid()}.log", SystemClock())
