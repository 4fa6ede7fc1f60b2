"""Pictures of what the shell opens over the window: palette, keys, settings, log, report.

python -m tests.screens.shots_shell FOLDER [SCENE…]
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import qasync
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.engines.fake.samples import rich_world
from console.infra.logs import Log
from console.qtkit.theme import Mode, Theme
from console.screens.welcome.state import Demo
from console.shell.bridge import Bridge
from console.shell.hosting import Hosting
from console.shell.memory import Forgetful
from console.shell.settings_keys import KeysPart
from console.shell.support import Faults, Support
from console.shell.window import MainWindow
from tests.screens.shots import EnforcingEngine
from tests.screens.stage import stage, until

SIZE = (1440, 900)


async def palette(window: MainWindow) -> None:
    """What is offered before anything is typed."""
    window.open_commands()


async def found(window: MainWindow) -> None:
    """What is found for some letters."""
    dialog = window.open_commands()
    QTest.keyClicks(dialog.search, "re")
    await until(lambda: not dialog.palette_of.state.is_reading)


async def nothing(window: MainWindow) -> None:
    """What is said where nothing is found."""
    dialog = window.open_commands()
    QTest.keyClicks(dialog.search, "zzzqq")
    await until(lambda: not dialog.palette_of.state.is_reading)


async def keys(window: MainWindow) -> None:
    """All keys."""
    window.open_keys()


async def settings(window: MainWindow) -> None:
    """The look."""
    window.open_settings()


async def settings_keys(window: MainWindow) -> None:
    """A key that is taken, about to be given."""
    dialog = window.open_settings("keys")
    part = dialog.parts["keys"]
    assert isinstance(part, KeysPart)
    part.table.set_current("inbox.claim")
    part.field.setFocus()
    QTest.keyClick(part.field, Qt.Key.Key_A)


async def settings_notices(window: MainWindow) -> None:
    """What is told."""
    window.open_settings("notices")


async def settings_reasons(window: MainWindow) -> None:
    """The templates."""
    window.open_settings("reasons")


async def settings_desk(window: MainWindow) -> None:
    """What is so here."""
    window.open_settings("desk")


async def log(window: MainWindow) -> None:
    """The log."""
    window.open_log()


async def report(window: MainWindow) -> None:
    """What a report would hold, from the note that tells of an error."""
    window.tell_bug("Something in Clearance went wrong (KeyError). What you decided is kept and goes on.")
    window.trouble.activated.emit("report")


SCENES: dict[str, Callable[[MainWindow], Awaitable[None]]] = {
    each.__name__: each
    for each in (
        *(palette, found, nothing, keys),
        *(log, report),
        *(settings, settings_keys, settings_notices, settings_reasons, settings_desk),
    )
}


def picture(window: MainWindow, over: QWidget | None, file: Path) -> None:
    """Save the window with what lies over it."""
    shown = window.grab()
    if over is not None:
        painter = QPainter(shown)
        painter.drawPixmap(window.mapFromGlobal(over.mapToGlobal(over.rect().topLeft())), over.grab())
        painter.end()
    shown.save(str(file))


async def take(app: QApplication, theme: Theme, folder: Path, words: list[str]) -> None:
    """Take every picture in both looks."""
    with tempfile.TemporaryDirectory() as data:
        async with stage(Path(data), rich_world(), engine=EnforcingEngine) as opened:
            bridge = Bridge(_raise)
            memory = Forgetful()
            window = MainWindow(theme, memory, opened.clock)
            window.resize(*SIZE)
            demo = Demo(start=_nothing, what="", takes="")
            hosting = Hosting(window, bridge, opened.desk, clock=opened.clock, memory=memory, demo=demo)
            file = Log(Path(data) / f"desk-{os.getpid()}.log", opened.clock)
            faults = Faults(file.bug)
            write_log(file, faults)
            window.support, window.faults = Support(Path(data), os.getpid(), Path("/")), faults.all
            window.show()
            await hosting.start()
            await hosting.make_others()
            await until(lambda: bool(hosting.inbox.state.listing.rows))
            await asyncio.sleep(1)
            for name, prepare in SCENES.items():
                if not words or name in words:
                    await prepare(window)
                    await asyncio.sleep(0.3)
                    for mode in (Mode.LIGHT, Mode.DARK):
                        theme.set_mode(mode)
                        await asyncio.sleep(0.15)
                        picture(window, app.activeModalWidget(), folder / f"{name}_{mode.value}.png")
                    theme.set_mode(Mode.LIGHT)
                    while over := app.activeModalWidget():
                        over.close()
                        await asyncio.sleep(0.05)
            window.close()
            await bridge.stop()
            window.deleteLater()


def write_log(file: Log, faults: Faults) -> None:
    """Some lines as they are written in a day."""
    for number in range(40):
        file.say("decision moves", decision=f"7f3a{number:04x}", before="queued", after="sending")
        file.say("listed", connection="tower-eu", items=24, took_ms=38 + number)
    file.warning("slow", connection="prefect-ops", waited_s=12)
    try:
        int("words that are not told")
    except ValueError as error:
        faults("a handler of the window", error)


async def _nothing(_say: Callable[[str], None]) -> None:
    await asyncio.sleep(0)


def _raise(where: str, error: BaseException) -> None:
    sys.stderr.write(f"{where}: {error!r}\n")
    sys.excepthook(type(error), error, error.__traceback__)


def main() -> None:
    """Take the pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(app, Mode.LIGHT)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        runner.run(take(app, theme, folder, sys.argv[2:]))


if __name__ == "__main__":
    main()
