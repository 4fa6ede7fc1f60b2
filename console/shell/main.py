"""The window's life: painted first, then the desk, then the screens; and the end in the opposite order.

Invariant: nothing slow is imported or opened before the first paint, and closing ends what was started before the loop
ends. An error that nobody expected is told in the window and the window lives on; if the desk cannot be opened the
window says so and waits to be closed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import qasync
from PySide6.QtWidgets import QApplication

from console.infra.clock import Clock
from console.infra.tasks import ErrorHandler, Tasks
from console.qtkit.theme import Theme
from console.shell.bridge import Bridge
from console.shell.look import remembered_mode
from console.shell.memory import Memory
from console.shell.settings_values import USUAL_SIZE, text_size
from console.shell.signals import close_on_signal
from console.shell.support import Faults, Support
from console.shell.tidy import Tidy
from console.shell.trouble import Trouble
from console.shell.window import MainWindow

if TYPE_CHECKING:
    from console.shell.hosting import Hosting

REOPEN = 75
SCALE = "QT_SCALE_FACTOR"
SCALE_BEFORE = "CLEARANCE_SCALE_BEFORE"


@dataclass(frozen=True, slots=True)
class Session:
    """An open desk with its screens; ``close`` ends the desk and whatever was started for it."""

    hosting: Hosting
    close: Callable[[], Awaitable[None]]


OpenSession = Callable[[MainWindow, Bridge], Awaitable[Session]]


def run_window(
    open_session: OpenSession,
    *,
    memory: Memory,
    clock: Clock,
    log: ErrorHandler,
    support: Support | None = None,
    argv: list[str] | None = None,
) -> int:
    """Show the window and live until it is closed. ``open_session`` is awaited after the first paint.

    Returns 0, or `REOPEN` where a person wants it to open again.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        scale(text_size(memory))
        app = QApplication(argv or ["clearance"])
    app.setApplicationName("Clearance")
    app.setDesktopFileName("clearance")
    app.setQuitOnLastWindowClosed(False)
    faults = Faults(log)
    trouble = Trouble(faults)
    window = MainWindow(Theme(app, remembered_mode(memory)), memory, clock)
    window.faults, window.support = faults.all, support
    trouble.told.connect(window.tell_bug)
    window.trouble.activated.connect(lambda _target: trouble.clear())
    tidy = Tidy(window)
    tidy.start()
    put_back = [trouble.install(), close_on_signal(window.close, window), tidy.stop]
    try:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
            runner.run(live(window, trouble, open_session))
    finally:
        for undo in put_back:
            undo()
    return REOPEN if window.is_to_reopen else 0


def scale(percent: int) -> None:
    """Have Qt draw everything in this size, on top of what the environment says. Counts before Qt starts alone."""
    if percent == USUAL_SIZE and SCALE_BEFORE not in os.environ:
        return
    said = os.environ.get(SCALE_BEFORE) or os.environ.get(SCALE, "1")
    try:
        factor = float(said) * percent / USUAL_SIZE
    except ValueError:
        return
    # A window that opens again inherits what this one set.
    os.environ[SCALE_BEFORE] = said
    os.environ[SCALE] = f"{factor:g}"


async def live(window: MainWindow, trouble: Trouble, open_session: OpenSession) -> None:
    """Paint, open, wait until the window is closed, and end everything. Runs in the window's loop."""
    asyncio.get_running_loop().set_exception_handler(trouble.on_loop_error)
    closed, painted = asyncio.Event(), asyncio.Event()
    window.closing.connect(closed.set)
    window.painted.connect(painted.set)
    window.show()
    await painted.wait()
    window.activateWindow()
    bridge = Bridge(trouble)
    opening = Tasks(trouble).start("open the desk", _open(window, bridge, trouble, open_session))
    await closed.wait()
    if not opening.done():
        opening.cancel()
    session = (await asyncio.gather(opening, return_exceptions=True))[0]
    await bridge.stop()
    if isinstance(session, Session):
        await session.close()


async def _open(window: MainWindow, bridge: Bridge, trouble: Trouble, open_session: OpenSession) -> Session | None:
    try:
        session = await open_session(window, bridge)
    except Exception as error:  # noqa: BLE001 - the top handler: told in the window, which lives on
        trouble("opening the desk", error)
        return None
    # On its own: whoever closes the window before everything was read has the session to close, all the same.
    bridge.ask(_fill(session.hosting))
    return session


async def _fill(hosting: Hosting) -> None:
    await hosting.start()
    await hosting.make_others()
