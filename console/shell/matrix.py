"""Every screen in every world, light and dark, at both sizes: pictures to be looked at one by one.

Invariant: the real window over a real desk on the scripted engine; what is not there in a world (an item, a run) is
left out and said so. Nothing is decided.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import qasync
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.escalation import Kind
from console.domain.risk import Risk
from console.domain.together import sort_of
from console.infra.clock import SystemClock
from console.qtkit.theme import Mode, Theme
from console.screens import OpenConnections, OpenHelp, OpenRun, OpenRuns, OpenWelcome, Request
from console.screens.run.state import Tab
from console.screens.welcome.state import Demo
from console.shell.bridge import Bridge
from console.shell.memory import Forgetful
from console.shell.window import MainWindow

if TYPE_CHECKING:
    from console.services.desk import Desk
    from console.services.views import InboxRow
    from console.shell.hosting import Hosting

SIZES = ((1440, 900), (1100, 700))
MODES = (Mode.LIGHT, Mode.DARK)
SETTLE = 0.35
PATIENCE = 5.0
LOOK_AGAIN = 0.02
# The item of the sample worlds whose run has a plan, a state and a trail to look at.
TOLD = "Refund €4,200"

Prepare = Callable[["MainWindow", "Hosting"], Awaitable[None]]
OpenWorld = Callable[[str], AbstractAsyncContextManager[tuple["Desk", Callable[[], None]]]]


class NotThere(Exception):
    """What the picture is of is not in this world."""


class Matrix:
    """Takes the pictures of some worlds into a folder. Tells ``say`` what it left out, and where the pictures lie.

    ``settle`` are the seconds that a screen has to be drawn in, before each picture. ``screens`` names those of
    :data:`SCREENS` that are wanted, ``sizes`` are in pixels.
    """

    def __init__(
        self,
        out: Path,
        worlds: Iterable[str],
        open_world: OpenWorld,
        say: Callable[[str], None],
        *,
        settle: float = SETTLE,
        screens: Container[str] | None = None,
        sizes: Sequence[tuple[int, int]] = SIZES,
        modes: Sequence[Mode] = MODES,
    ) -> None:
        self._out, self._worlds, self._open_world, self._say = out, tuple(worlds), open_world, say
        self._settle, self._sizes, self._modes = settle, sizes, modes
        self._screens = {name: each for name, each in SCREENS.items() if screens is None or name in screens}
        self._clock = SystemClock()
        # Until the process ends: Qt draws what is left of a window that is being deleted, and falls over it.
        self._kept: list[Hosting] = []
        self._taken = 0

    def run(self) -> int:
        """Take all of them; how many there are."""
        self._out.mkdir(parents=True, exist_ok=True)
        app = QApplication.instance()
        app = app if isinstance(app, QApplication) else QApplication(["clearance"])
        app.setQuitOnLastWindowClosed(False)
        theme = Theme(app, Mode.LIGHT)
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
            runner.run(self._take_all(theme))
        self._say(f"{self._taken} pictures in {self._out}")
        return self._taken

    async def _take_all(self, theme: Theme) -> None:
        for world in self._worlds:
            async with self._open_world(world) as (desk, then):
                await self._take_world(theme, world, desk, then)

    async def _take_world(self, theme: Theme, world: str, desk: Desk, then: Callable[[], None]) -> None:
        from console.shell.hosting import Hosting  # noqa: PLC0415 - brings the store with it

        bridge = Bridge(self._on_error)
        window = MainWindow(theme, Forgetful(), self._clock)
        window.resize(*self._sizes[0])
        demo = Demo(start=_nothing, what="A server, a worker and sample runs", takes="About ten seconds")
        hosting = Hosting(window, bridge, desk, clock=self._clock, memory=Forgetful(), demo=demo)
        window.show()
        await hosting.start()
        await hosting.make_others()
        await _until(lambda: hosting.inbox.state.listing.is_loaded)
        then()
        await asyncio.sleep(self._settle)
        for name, prepare in self._screens.items():
            try:
                await prepare(window, hosting)
            except (NotThere, TimeoutError):
                self._say(f"{world}: no {name}")
                continue
            await self._picture(theme, window, f"{name}-{world}")
        theme.set_mode(Mode.LIGHT)
        window.close()
        await bridge.stop()
        self._kept.append(hosting)

    async def _picture(self, theme: Theme, window: MainWindow, name: str) -> None:
        for width, height in self._sizes:
            window.resize(width, height)
            for mode in self._modes:
                theme.set_mode(mode)
                await asyncio.sleep(self._settle)
                shown: QWidget = QApplication.activeModalWidget() or window
                shown.grab().save(str(self._out / f"{name}-{mode.value}-{width}.png"))
                self._taken += 1
        over = QApplication.activeModalWidget()
        if over is not None:
            over.close()

    def _on_error(self, where: str, error: BaseException) -> None:
        self._say(f"{where}: {error!r}")


async def _until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 - what is drawn tells nobody when it is done
            await asyncio.sleep(LOOK_AGAIN)


async def _nothing(_say: Callable[[str], None]) -> None:
    await asyncio.sleep(0)


def _row(hosting: Hosting, kind: Kind, risk: Risk | None = None) -> InboxRow:
    for row in hosting.inbox.state.listing.rows:
        if row.waiting.kind is kind and risk in {None, row.waiting.risk}:
            return row
    raise NotThere(kind)


async def _open_item(window: MainWindow, hosting: Hosting, row: InboxRow) -> None:
    window.bring_to_front("inbox")
    hosting.inbox.open(row.item_id)
    await _until(lambda: hosting.inbox.state.item is not None and hosting.inbox.state.item.item_id == row.item_id)


def _item(kind: Kind, risk: Risk | None = None) -> Prepare:
    async def prepare(window: MainWindow, hosting: Hosting) -> None:
        await _open_item(window, hosting, _row(hosting, kind, risk))

    return prepare


async def _inbox(window: MainWindow, _hosting: Hosting) -> None:
    window.bring_to_front("inbox")


def _run(tab: Tab) -> Prepare:
    async def prepare(_window: MainWindow, hosting: Hosting) -> None:
        rows = hosting.inbox.state.listing.rows
        told = next((each for each in rows if each.waiting.title.startswith(TOLD)), None)
        row = told or _row(hosting, Kind.CHECKPOINT, Risk.HIGH)
        hosting.navigator.go(OpenRun(row.waiting.key.run, row.waiting.title, tab=tab.value))

    return prepare


def _screen(request: Request) -> Prepare:
    async def prepare(_window: MainWindow, hosting: Hosting) -> None:
        hosting.navigator.go(request)

    return prepare


def _dialog(open_it: Callable[[MainWindow], object]) -> Prepare:
    async def prepare(window: MainWindow, _hosting: Hosting) -> None:
        open_it(window)

    return prepare


async def _together(window: MainWindow, hosting: Hosting) -> None:
    rows = [row for row in hosting.inbox.state.listing.rows if row.waiting.risk is Risk.LOW]
    alike = Counter(sort_of(row.waiting) for row in rows)
    several = next((row for row in rows if alike[sort_of(row.waiting)] > 1), None)
    if several is None:
        raise NotThere("alike")
    await _open_item(window, hosting, several)
    hosting.inbox_view.decide_together()
    await _until(lambda: hosting.inbox.bundle.state.is_armed)


async def _hand_over(_window: MainWindow, hosting: Hosting) -> None:
    hosting.inbox_view.hand_over()


SCREENS: dict[str, Prepare] = {
    "inbox": _inbox,
    "item-high": _item(Kind.CHECKPOINT, Risk.HIGH),
    "item-critical": _item(Kind.CHECKPOINT, Risk.CRITICAL),
    "item-question": _item(Kind.QUESTION),
    "item-stuck": _item(Kind.STUCK),
    "item-conflict": _item(Kind.CONFLICT),
    "together": _together,
    "hand-over": _hand_over,
    **{f"run-{tab.value.casefold()}": _run(tab) for tab in Tab},
    "runs": _screen(OpenRuns()),
    "connections": _screen(OpenConnections()),
    "connection-form": _screen(OpenConnections(is_new=True)),
    "welcome": _screen(OpenWelcome()),
    "help": _screen(OpenHelp()),
    "palette": _dialog(lambda window: window.open_commands()),
    "keys": _dialog(lambda window: window.open_keys()),
    "settings": _dialog(lambda window: window.open_settings()),
}
