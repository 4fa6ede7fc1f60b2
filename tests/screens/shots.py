"""Takes pictures of the real window on the scripted engine: ``python -m tests.screens.shots FOLDER [WORDS]``.

Each is taken light and dark, at the design's size and at the smallest; WORDS choose among their names.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.risk import Risk
from console.engines.fake.engine import CAPABILITIES, FakeEngine
from console.engines.fake.samples import Script, plain, rich_world
from console.engines.port import Ability, Capabilities
from console.qtkit.theme import Mode, Theme
from console.screens.welcome.state import Demo
from console.shell.bridge import Bridge
from console.shell.hosting import Hosting
from console.shell.memory import Forgetful
from console.shell.window import MainWindow
from tests.screens.stage import Stage, stage, until

SIZES = ((1440, 900), (1100, 700))


class EnforcingEngine(FakeEngine):
    """Says that it checks, as the tower does, where its server is called a tower."""

    @property
    def capabilities(self) -> Capabilities:
        if "tower" not in self.server.identity:
            return CAPABILITIES
        return Capabilities(verdicts=CAPABILITIES.verdicts, abilities=frozenset(Ability))


@dataclass
class Scene:
    """The window with everything in it."""

    window: MainWindow
    hosting: Hosting
    stage: Stage

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    async def settle(self, seconds: float = 0.7) -> None:
        """Let what is under way arrive and the keys arm."""
        await asyncio.sleep(seconds)

    async def open(self, title: str) -> None:
        """Open the item with these words in its title."""
        presenter = self.hosting.inbox
        row = next(row for row in presenter.state.listing.rows if title in row.waiting.title)
        presenter.select(row.item_id)
        await until(lambda: presenter.state.item is not None and presenter.state.item.item_id == row.item_id)
        await until(lambda: presenter.state.item is not None and presenter.state.item.escalation is not None)
        await self.settle()


async def _nothing(_say: Callable[[str], None]) -> None:
    await asyncio.sleep(0)


async def refund(scene: Scene) -> None:
    """The item of the pictures, claimed, with something handled in the tray."""
    await scene.open("Close 38")
    scene.key(Qt.Key.Key_A)
    await scene.settle(0.3)
    await scene.open("Refund €4,200")
    scene.key(Qt.Key.Key_C)
    await scene.settle()
    await scene.open("Archive batch 15")
    scene.key(Qt.Key.Key_A)
    await scene.open("Refund €4,200")
    view = scene.hosting.inbox_view
    view.bar.reason.setText("Double capture confirmed in the PSP report of 20 Nov")
    scene.hosting.inbox.deciding.set_reason(view.bar.reason.text())
    await scene.settle(0.2)


async def critical(scene: Scene) -> None:
    """Typing the name of a critical one."""
    await scene.open("Raise Pro")
    scene.key(Qt.Key.Key_A)
    await scene.settle(0.2)
    QTest.keyClicks(scene.hosting.inbox_view.bar.typed, "pro-e")
    await scene.settle(0.2)


async def confirm(scene: Scene) -> None:
    """One that waits for Enter."""
    await scene.open("Send dunning")
    scene.key(Qt.Key.Key_A)
    await scene.settle(0.2)


async def edit(scene: Scene) -> None:
    """The form of an edit, one field changed."""
    await scene.open("Refund €4,200")
    scene.key(Qt.Key.Key_E)
    await scene.settle(0.3)


async def answer(scene: Scene) -> None:
    """The form of an answer."""
    await scene.open("Which tax")
    scene.key(Qt.Key.Key_W)
    await scene.settle(0.3)


async def question(scene: Scene) -> None:
    """A question before it is answered."""
    await scene.open("Which tax")


async def reroute(scene: Scene) -> None:
    """Picking where to."""
    await scene.open("Which tax")
    scene.key(Qt.Key.Key_T)
    await scene.settle(0.3)


async def low(scene: Scene) -> None:
    """One that a single key decides."""
    await scene.open("Close 38")


async def stuck(scene: Scene) -> None:
    """A step that gave up."""
    await scene.open("ledger.post")


async def changed(scene: Scene) -> None:
    """An item that changes while it is looked at."""
    await scene.open("Refund €4,200")
    server = scene.stage.servers["tower-eu"]
    item = scene.hosting.inbox.state.item
    assert item is not None
    assert item.escalation is not None
    server.change(item.escalation.key, amount=4100.00)
    await until(lambda: bool(scene.hosting.inbox.state.changed))
    await scene.settle(0.2)


async def arrivals(scene: Scene) -> None:
    """New items behind the bar, one that left, and a connection that is away."""
    await scene.open("Roll back")
    server = scene.stage.servers["tower-eu"]
    Script(server).open(
        1, 3, plain("Pay batch 88, €212,400 to 31 payees", Risk.CRITICAL, "payout-agent"), workflow="payouts"
    )
    Script(server).open(
        0, 5, plain("Change the payout account of Norda AG", Risk.HIGH, "payout-agent"), workflow="payouts"
    )
    scene.stage.servers["langgraph-cs"].go_away()
    await until(lambda: scene.hosting.inbox.state.listing.new.count == 2)
    await scene.settle(2)


async def astray(scene: Scene) -> None:
    """A decision that met a newer proposal, told with the item."""
    await scene.open("Close 38")
    item = scene.hosting.inbox.state.item
    assert item is not None
    assert item.escalation is not None
    scene.key(Qt.Key.Key_A)
    await scene.settle(0.5)
    server = scene.stage.servers["langgraph-cs"]
    server.change(item.escalation.key, count=41)
    await until(lambda: any(row.action == "Open" for row in scene.hosting.inbox.state.handled), 20)
    scene.hosting.inbox.open_decision(scene.hosting.inbox.state.handled[0].row_id)
    await scene.settle(1)


async def conflict(scene: Scene) -> None:
    """Both sides, one of them chosen to go first."""
    await scene.open("Conflict: two")
    view = scene.hosting.inbox_view
    QTest.mouseClick(view.ruling.cards[0], Qt.MouseButton.LeftButton)
    view.bar.reason.setText("One refund only, to the card that was charged.")
    scene.hosting.inbox.deciding.set_reason(view.bar.reason.text())
    await scene.settle(0.2)


async def commands(scene: Scene) -> None:
    """The list of commands."""
    scene.window.open_commands()
    await scene.settle(0.2)


async def together(scene: Scene) -> None:
    """Fifteen alike about to be archived together."""
    await scene.open("Archive batch 3 ")
    scene.hosting.inbox_view.decide_together()
    await until(lambda: scene.hosting.inbox.bundle.state.is_armed)
    await scene.settle(0.2)


async def returned(scene: Scene) -> None:
    """Somebody comes back after a while."""
    await scene.open("Refund €4,200")
    inbox = scene.hosting.inbox
    inbox._board.put(since="Since 17:40: 12 new, 1 critical, 3 fell due, 2 of yours carried out, 4 wait no longer")  # noqa: SLF001 - a picture of it
    await scene.settle(0.2)


async def leaving(scene: Scene) -> None:
    """The note for whoever is next."""
    await scene.open("Refund €4,200")
    scene.hosting.inbox_view.hand_over()
    await scene.settle()


SCENES: dict[str, Callable[[Scene], Awaitable[None]]] = {
    each.__name__: each
    for each in (
        *(arrivals, astray, refund, critical, confirm, edit, answer, question, reroute, low, stuck, changed),
        *(conflict, commands, together, returned, leaving),
    )
}


async def take(app: QApplication, theme: Theme, folder: Path, words: list[str]) -> None:
    """Take every picture in every look."""
    for name, prepare in SCENES.items():
        if not words or name in words:
            with tempfile.TemporaryDirectory() as data:
                async with stage(Path(data), rich_world(), engine=EnforcingEngine) as opened:
                    await _take_one(app, theme, opened, prepare, folder / name)


async def _take_one(
    app: QApplication, theme: Theme, opened: Stage, prepare: Callable[[Scene], Awaitable[None]], target: Path
) -> None:
    bridge = Bridge(_raise)
    window = MainWindow(theme, Forgetful(), opened.clock)
    window.resize(*SIZES[0])
    demo = Demo(start=_nothing, what="", takes="")
    hosting = Hosting(window, bridge, opened.desk, clock=opened.clock, memory=Forgetful(), demo=demo)
    window.show()
    await hosting.start()
    await hosting.make_others()
    await until(lambda: bool(hosting.inbox.state.listing.rows))
    await prepare(Scene(window, hosting, opened))
    for width, height in SIZES:
        window.resize(width, height)
        for mode in (Mode.LIGHT, Mode.DARK):
            theme.set_mode(mode)
            await asyncio.sleep(0.15)
            shown = app.activeModalWidget() or window
            shown.grab().save(f"{target}_{mode.value}_{width}.png")
    theme.set_mode(Mode.LIGHT)
    window.close()
    await bridge.stop()
    window.deleteLater()


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
