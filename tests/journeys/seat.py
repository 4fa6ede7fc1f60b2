"""A person's seat: the real window on the real composition, used by keys and clicks alone.

What a test reads, it reads where a person would, or from the desk under the window; what it does, it does with the
keyboard and the mouse. An error that reaches the window's one handler fails the test that caused it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QWidget

from console import app
from console.domain.decision import DecisionState
from console.domain.escalation import Escalation, Verdict
from console.domain.identity import Person
from console.domain.risk import Risk
from console.infra.clock import SystemClock
from console.infra.paths import Paths
from console.infra.settings import Settings
from console.qtkit.theme import Theme
from console.qtkit.words import plain
from console.screens.inbox.decision_bar import Need
from console.screens.inbox.said import told
from console.screens.inbox.state import InboxState
from console.screens.inbox.verdicts import KEYS
from console.screens.welcome.state import Demo
from console.services.desk import Desk
from console.services.views import ConnectionConfig, ConnectionView, DecisionView, Health, InboxRow, ItemView
from console.shell.bridge import Bridge
from console.shell.hosting import Hosting
from console.shell.memory import Forgetful
from console.shell.trouble import Trouble
from console.shell.window import MainWindow
from tests.screens.stage import until

PATIENCE = 40.0
MORE_AFTER = 3.0
DESIGN = (1440, 900)
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
S = DecisionState
More = Callable[[], Awaitable[None]]
THROUGH = (S.HELD, S.QUEUED, S.SENDING, S.CONFIRMED, S.CARRIED_OUT)


@dataclass
class Seat:
    """One person at one window. ``errors`` are those nobody expected; ``more`` begins more work."""

    window: MainWindow
    hosting: Hosting
    desk: Desk
    errors: list[BaseException] = field(default_factory=list)
    more: More | None = None

    @property
    def state(self) -> InboxState:
        """What the inbox shows."""
        return self.hosting.inbox.state

    @property
    def rows(self) -> tuple[InboxRow, ...]:
        """The items in the list."""
        return self.state.listing.rows

    @property
    def shown(self) -> ItemView:
        """The item that is open."""
        assert self.state.item is not None
        return self.state.item

    @property
    def escalation(self) -> Escalation:
        """The open item in full."""
        assert self.shown.escalation is not None
        return self.shown.escalation

    def needs(self, need: Need) -> bool:
        """Whether this is what the bar waits for now."""
        return self.state.bar.need is need

    # Keys and clicks

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def keys(self, *keys: Qt.Key) -> None:
        """Press keys one after the other."""
        for each in keys:
            self.key(each)

    def type(self, text: str) -> None:
        """Type where the focus is, letter by letter: the first one may open the field that takes the others."""
        for letter in text:
            focused = QApplication.focusWidget()
            assert isinstance(focused, QWidget), "no field has the focus"
            QTest.keyClicks(focused, letter)

    def retype(self, field_: QLineEdit, text: str) -> None:
        """Click into a field and type something else."""
        self.click(field_)
        self.key(Qt.Key.Key_A, CONTROL)
        self.type(text)
        assert field_.text() == text

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click into a widget."""
        assert widget.isVisible()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, NO_MODIFIER, at or widget.rect().center())

    def tick(self, box: QCheckBox) -> None:
        """Click the mark of a box."""
        self.click(box, QPoint(8, box.height() // 2))
        assert box.isChecked()

    # The inbox

    async def waits(self, wanted: Callable[[InboxRow], bool], seconds: float = PATIENCE) -> InboxRow:
        """An item that waits and is wanted, once there is one; the list is brought up to date meanwhile.

        Which work comes by itself, the seed decides: where none of it is wanted, more is begun.
        """
        found: list[InboxRow] = []
        begun = time.monotonic()

        async def is_there() -> bool:
            nonlocal begun
            found[:] = [row for row in self.rows if wanted(row)]
            if not found and self.state.listing.new:
                self.key(Qt.Key.Key_N)
            if not found and self.more is not None and time.monotonic() - begun > MORE_AFTER:
                await self.more()
                begun = time.monotonic()
            return bool(found)

        await until(is_there, seconds)
        return found[0]

    async def open(self, row: InboxRow) -> Escalation:
        """Click the row of an item, and wait until its keys are armed."""
        await self.click_row(row)
        await self.armed(row.item_id)
        return self.escalation

    async def click_row(self, row: InboxRow) -> None:
        """Click the row of an item."""
        table = self.hosting.inbox_view.list.table
        await until(lambda: table.rows.place_of(row.item_id) >= 0, PATIENCE)
        index = table.rows.index(table.rows.place_of(row.item_id), 0)
        table.scrollTo(index)
        self.click(table.viewport(), table.visualRect(index).center())

    async def armed(self, item_id: str) -> None:
        """Wait until an item is open and decision keys work on it."""

        def is_armed() -> bool:
            return self.state.listing.selected_id == item_id and not self.state.is_turning and self.state.is_armed

        try:
            await until(is_armed, PATIENCE)
        except TimeoutError as error:
            state, shown = self.state, self.state.item
            raise AssertionError(
                f"{item_id} is not armed: {state.listing.selected_id} is selected, {shown and shown.item_id} is shown "
                f"(turning: {state.is_turning}, read: {shown and shown.read_at}, open: {shown and shown.is_open}, "
                f"armed: {state.is_armed}), {QApplication.focusWidget()} has the focus"
            ) from error

    def press(self, verdict: Verdict) -> None:
        """Press a verdict's key."""
        named = KEYS[verdict]
        modifier = Qt.KeyboardModifier.ShiftModifier if named.startswith("Shift+") else NO_MODIFIER
        self.key(Qt.Key(ord(named[-1])), modifier)

    async def decide(self, verdict: Verdict, reason: str = "because it is right") -> DecisionView:
        """Press a verdict's key and give what it asks for, short of a form; wait until it is held."""
        item_id = self.shown.item_id
        self.press(verdict)
        await self.give(item_id, reason)
        return await self.held(item_id)

    async def give(self, item_id: str, reason: str) -> None:
        """Give the reason or the Enter that a pending verdict asks for; nothing is typed that is not asked for."""
        if self.needs(Need.REASON) and self.shown.item_id == item_id:
            self.type(reason)
            self.key(Qt.Key.Key_Return)
        if self.needs(Need.ENTER) and self.shown.item_id == item_id:
            self.key(Qt.Key.Key_Return)
        await asyncio.sleep(0)

    async def held(self, item_id: str) -> DecisionView:
        """The decision on an item, once the tray shows it held."""
        found: list[DecisionView] = []

        def is_held() -> bool:
            found[:] = [view for view in self.state.decisions if view.item_id == item_id and view.state is S.HELD]
            ids = {row.row_id for row in self.state.handled if row.action == "Undo"}
            return bool(found) and found[0].decision.decision_id in ids

        await until(is_held, PATIENCE)
        return found[0]

    async def ends(self, view: DecisionView, seconds: float = PATIENCE) -> DecisionView:
        """A decision once it is final; the tray then says so."""
        decision_id = view.decision.decision_id
        settled = await self.desk.settled(decision_id, seconds)
        await until(lambda: self.shows(decision_id, settled.state), PATIENCE)
        return settled

    def shows(self, decision_id: str, state: DecisionState) -> bool:
        """Whether the tray tells of a decision as it is in this state."""
        found = [view for view in self.state.decisions if view.decision.decision_id == decision_id]
        return any(view.state is state and self.told(decision_id) == plain(told(view)) for view in found)

    def told(self, decision_id: str) -> str:
        """What the tray says of a decision."""
        rows = [row for row in self.state.handled if row.row_id == decision_id]
        return "".join(span.text for row in rows for span in row.words)

    # Around the screens

    def words(self, part: QWidget | None = None) -> str:
        """All that can be read by name in a part of the window: labels, texts and what screen readers are told."""
        whole = part or self.window
        found: list[str] = []
        for widget in (whole, *whole.findChildren(QWidget)):
            if widget.isVisible():
                found += [widget.accessibleName(), widget.accessibleDescription()]
                found += [widget.text()] if isinstance(widget, QLabel) else []
        return "\n".join(text for text in found if text)

    async def connection(self, name: str) -> ConnectionView:
        """A connection by its name."""
        return next(view for view in await self.desk.connections() if view.config.name == name)

    async def is_live(self, name: str) -> bool:
        """Whether a connection is live."""
        return (await self.connection(name)).health is Health.LIVE


class Strays(QObject):
    """Watches for parts of the window that become windows of their own: they flash, and take the keys away."""

    def __init__(self, errors: list[BaseException], parent: QObject) -> None:
        super().__init__(parent)
        self._errors = errors

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note any but the main window, dialogs and what pops up."""
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            is_window = watched.windowType() in {Qt.WindowType.Window, Qt.WindowType.Widget}
            if is_window and not isinstance(watched, MainWindow):
                self._errors.append(AssertionError(f"{watched!r} ({watched.accessibleName()}) became a window"))
        return False


def connection_to(address: str, name: str = "tower", **settings: str | bool) -> ConnectionConfig:
    """How to reach a Temporal server on this machine."""
    return ConnectionConfig(
        connection_id=name,
        name=name,
        kind="temporal",
        settings={"address": address, "namespace": "default", **settings},
    )


def is_risk(*risks: Risk) -> Callable[[InboxRow], bool]:
    """Whether a row has one of these risks."""
    return lambda row: row.waiting.risk in risks


@asynccontextmanager
async def seated(
    theme: Theme,
    where: Paths,
    *connections: ConnectionConfig,
    person: Person | None = None,
    more: More | None = None,
) -> AsyncIterator[Seat]:
    """Sit down at a profile's window as the application puts it together, with these connections added to it."""
    where.make()
    if person is not None:
        Settings(where.settings).set_person(person)
    errors: list[BaseException] = []

    def on_error(_where: str, error: BaseException) -> None:
        errors.append(error)

    async with app.open_desk(where, on_error=on_error) as desk:
        known = {view.config.name for view in await desk.connections()}
        for config in connections:
            if config.name not in known:
                await desk.add_connection(config, {})
        await desk.listed(PATIENCE)
        async with windowed(theme, desk, errors) as seat:
            seat.more = more
            yield seat
    assert not errors, errors


@asynccontextmanager
async def windowed(theme: Theme, desk: Desk, errors: list[BaseException]) -> AsyncIterator[Seat]:
    """The window over an open desk."""

    def on_error(_where: str, error: BaseException) -> None:
        errors.append(error)

    trouble = Trouble(on_error)
    put_back = trouble.install()
    asyncio.get_running_loop().set_exception_handler(trouble.on_loop_error)
    bridge = Bridge(trouble)
    window = MainWindow(theme, Forgetful(), SystemClock())
    window.resize(*DESIGN)
    application = QCoreApplication.instance()
    assert application is not None
    application.installEventFilter(Strays(errors, window))
    trouble.told.connect(window.tell_trouble)
    demo = Demo(start=_no_demo, what="", takes="")
    hosting = Hosting(window, bridge, desk, clock=SystemClock(), memory=Forgetful(), demo=demo)
    window.show()
    window.activateWindow()
    await hosting.start()
    await hosting.make_others()
    await until(lambda: hosting.inbox.state.listing.is_loaded and hosting.inbox.state.identity is not None, PATIENCE)
    try:
        yield Seat(window, hosting, desk, errors)
    finally:
        window.close()
        await bridge.stop()
        put_back()
        shiboken6.delete(window)


async def _no_demo(_say: Callable[[str], None]) -> None:
    raise AssertionError("nobody asked for the demo")


def profile(folder: Path, name: str = "default") -> Paths:
    """The folders of a profile below a folder of a test."""
    root = folder / name
    return Paths(name, root / "data", root / "logs", root / "run")
