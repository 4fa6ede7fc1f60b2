"""What is read beside an item comes into the window late, in its own place, and takes nothing from under a hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.escalation import Verdict
from console.domain.run import RunRef, TrailEntry, TrailKind, TrailPage
from console.engines.fake.engine import FakeEngine
from console.engines.fake.history import decided_before, furnish
from console.engines.fake.quarrel import quarrel
from console.engines.fake.samples import refund
from console.engines.fake.server import FakeServer
from console.engines.port import Engine
from console.qtkit.sections import Section
from console.qtkit.text import Text
from console.qtkit.theme import Theme
from console.qtkit.tokens import Width
from console.screens.inbox.state import InboxState
from console.screens.inbox.view_room import Room, is_folded, remember, room
from console.shell.memory import Forgetful
from tests.screens.inbox.seat import QuickClock
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window
from tests.services.engines import Around

K = Qt.Key
Act = Callable[[Desktop], Awaitable[None]]
LONG = "x" * 200_000
BIDI = "safe \u202etxet <img src='file:///etc/hostname'>"


class Slow(Around):
    """Tells a trail when it is let."""

    is_let = False

    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:
        await until(lambda: Slow.is_let)
        return await super().trail(ref, older=older, limit=limit)


def make_slow(server: FakeServer) -> Engine:
    Slow.is_let = False
    return Slow(FakeEngine(server))


def world(*, ticket: str = "") -> tuple[FakeServer, str]:
    """The refund of the pictures, with all that lies behind it; a ticket among its arguments, if asked."""
    server = FakeServer("eu")
    asked = refund()
    if ticket and asked.proposal is not None:
        arguments = asked.proposal.arguments | {"ticket": ticket}
        asked = dataclasses.replace(asked, proposal=dataclasses.replace(asked.proposal, arguments=arguments))
    key = server.open(server.start_run(workflow="refunds", business_key="order 4711"), asked, "refund-approval")
    furnish(server, key)
    decided_before(server, asked, 12)
    return server, key.item_id


@pytest.fixture
def play(qapp: QApplication, theme: Theme, tmp_path: Path) -> Callable[..., None]:
    """Open the window on a server and act in it."""

    def run(server: FakeServer, act: Act, size: tuple[int, int] = (1440, 900), make: object = FakeEngine) -> None:
        async def story() -> None:
            clock = QuickClock()
            async with desktop(theme, tmp_path, [server], clock=clock, size=size, engine=make) as opened:  # type: ignore[arg-type]
                await act(opened)

        in_window(qapp, story())

    return run


def is_around(desk: Desktop) -> bool:
    item = desk.state.item
    return item is not None and item.around.led.value is not None and item.around.alike.value is not None


def sections(desk: Desktop) -> list[Section]:
    found = desk.view.review.scrolled.findChildren(Section)
    return sorted((each for each in found if each.isVisible()), key=lambda each: place(desk, each).y())


def place(desk: Desktop, widget: QWidget) -> QPoint:
    return widget.mapTo(desk.window, QPoint(0, 0))


def texts(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(Text) if each.isVisible())


def test_what_comes_late_keeps_the_keys_armed_and_what_stands_above_in_its_place(play: Callable[..., None]) -> None:
    server, item_id = world()

    async def act(desk: Desktop) -> None:
        await until(lambda: desk.state.is_armed and desk.state.listing.selected_id == item_id)
        assert not is_around(desk)
        before = sections(desk)
        places = [place(desk, each) for each in before]
        approve = place(desk, desk.view.bar.buttons[Verdict.APPROVE])
        told: list[bool] = []

        def listen(state: InboxState) -> None:
            told.append(state.is_armed)
            desk.view.show_state(state)

        desk.hosting.inbox.listen(listen)
        Slow.is_let = True
        await until(lambda: is_around(desk))
        await desk.settled()
        assert all(told)
        after = sections(desk)
        assert len(after) == len(before)
        assert after[0] is before[0]
        assert [place(desk, each) for each in after[:2]] == places[:2]
        assert place(desk, desk.view.bar.buttons[Verdict.APPROVE]) == approve
        assert "Open the full trail, 38 entries" in texts(after[-1])
        assert "Of 11 let through" in texts(desk.view.context)
        desk.key(K.Key_R)
        assert desk.state.bar.intent is not None

    play(server, act, make=make_slow)


def test_a_usual_item_says_it_all_without_scrolling(play: Callable[..., None]) -> None:
    server, item_id = world()

    async def act(desk: Desktop) -> None:
        await until(lambda: desk.state.is_armed and desk.state.listing.selected_id == item_id)
        await until(lambda: is_around(desk))
        await desk.settled()
        assert desk.view.review.scrolled.verticalScrollBar().maximum() == 0
        assert desk.view.context.scrolled.verticalScrollBar().maximum() == 0
        labels = [each.accessibleName() for each in sections(desk)]
        assert labels == ["If you approve", "Why you", "If it is wrong, and who else", "What led here"]

    play(server, act)


def test_hostile_surroundings_leave_the_item_as_it_is(play: Callable[..., None]) -> None:
    server, item_id = world()
    (ref,) = [ref for ref, record in server.world.runs.items() if record.open_rows(datetime.now(UTC))]
    flood = [
        TrailEntry(entry_id=str(number), at=None, kind=TrailKind.FAILED_ATTEMPT, title=BIDI + LONG, text=LONG)
        for number in range(50)
    ]
    server.add_trail(ref, *flood)

    async def act(desk: Desktop) -> None:
        await until(lambda: desk.state.is_armed and desk.state.listing.selected_id == item_id)
        await until(lambda: is_around(desk))
        await desk.settled()
        told = texts(desk.view.review)
        assert "‹U+202E›" in told
        assert "<img" in told
        assert len(told) < 10_000
        desk.window.grab()
        desk.key(K.Key_R)
        assert desk.state.bar.intent is not None

    play(server, act)


def test_the_context_stays_as_it_was_left_in_each_kind_of_room(play: Callable[..., None]) -> None:
    memory = Forgetful()
    assert [is_folded(memory, each) for each in (Room.NARROW, Room.CONFLICT, Room.WIDE)] == [True, True, False]
    remember(memory, Room.NARROW, folded=False)
    remember(memory, Room.WIDE, folded=True)
    assert [is_folded(memory, each) for each in (Room.NARROW, Room.CONFLICT, Room.WIDE)] == [False, True, True]
    assert (room(1300 - Width.RAIL, None), room(1299 - Width.RAIL, None)) == (Room.WIDE, Room.NARROW)
    server, item_id = world()

    async def act(desk: Desktop) -> None:
        await until(lambda: desk.state.listing.selected_id == item_id)
        desk.key(K.Key_F8)
        assert desk.view.context.is_folded
        assert is_folded(desk.hosting.inbox.memory, Room.WIDE)
        await until(lambda: desk.state.is_armed)
        assert desk.view.context.is_folded

    play(server, act)


def test_two_sides_have_the_room_of_the_context_and_give_it_back(play: Callable[..., None]) -> None:
    server, item_id = world()
    sides = server.open(server.start_run(), dataclasses.replace(quarrel(), due_in=timedelta(minutes=1)))

    async def act(desk: Desktop) -> None:
        await desk.see(sides)
        await until(lambda: desk.view.context.is_folded)
        desk.key(K.Key_J)
        await until(lambda: desk.state.item is not None and desk.state.item.item_id == item_id)
        await until(lambda: not desk.view.context.is_folded)
        desk.key(K.Key_K)
        await until(lambda: desk.view.context.is_folded)
        desk.key(K.Key_F8)
        await until(lambda: not desk.view.context.is_folded)

    play(server, act)


def test_a_ticket_is_copied_and_never_opened(play: Callable[..., None]) -> None:
    server, item_id = world(ticket="ZD-58213")

    async def act(desk: Desktop) -> None:
        await until(lambda: desk.state.is_armed and desk.state.listing.selected_id == item_id)
        copy = next(each for each in desk.view.context.findChildren(Text) if each.text() == "Copy")
        QTest.mouseClick(copy, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(4, 8))
        await until(lambda: QGuiApplication.clipboard().text() == "ZD-58213")

    play(server, act)
