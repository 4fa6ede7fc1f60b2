"""What the desktop is told: once per item, nothing of its content, one notice for a flood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from console.domain.risk import Risk
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.services.desk import Desk
from console.services.views import Event
from console.shell.memory import Forgetful
from console.shell.settings_values import QUIET, RISKS, NoticeRules, keep_notice_rules, notice_rules
from console.shell.telling import GATHER_SECONDS, LOOK_SECONDS, Notice, Teller
from console.shell.tray import Tray
from console.shell.window import MainWindow
from tests.screens.asking import asking
from tests.screens.stage import stage, until

SECRET = "Refund 4,200 to ACME"


class Turned(SystemClock):
    """A clock whose monotonic time a test turns."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at


@dataclass
class Watch:
    """A teller that looks at what a server has, and what it told."""

    server: FakeServer
    teller: Teller
    clock: Turned
    desk: Desk
    told: list[Notice] = field(default_factory=list)

    def open(self, risk: Risk, due_in: timedelta | None = None, workflow: str = "customer-refund") -> str:
        """Something new waits; its item."""
        run = self.server.start_run(workflow=workflow)
        return self.server.open(run, Opening(title=SECRET, risk=risk, due_in=due_in)).item_id

    async def looks(self, count: int) -> None:
        """Look, as the window does each second, until so many notices were shown."""

        def is_told() -> bool:
            self.clock.at += 1
            self.teller.look()
            return len(self.told) >= count

        await until(is_told, seconds=30)

    async def looks_on(self) -> None:
        """Look for long, letting whatever was asked for come."""
        for _ in range(20):
            self.clock.at += max(LOOK_SECONDS, GATHER_SECONDS)
            self.teller.look()
            await asyncio.sleep(0.02)


@asynccontextmanager
async def watching(
    folder: Path, server: FakeServer, rules: Callable[[], NoticeRules] = NoticeRules
) -> AsyncIterator[Watch]:
    """A teller over a real desk, which has looked once."""
    async with stage(folder, [server]) as made, asking() as asked:
        told: list[Notice] = []
        clock = Turned()
        teller = Teller(made.desk, asked.ask, clock, told.append, rules)
        loop = asyncio.get_running_loop()

        def tell(event: Event) -> None:
            loop.call_soon_threadsafe(teller.on_events, (event,))

        made.desk.subscribe(tell)
        watch = Watch(server, teller, clock, made.desk, told)
        await watch.looks_on()
        yield watch


def test_what_is_new_and_urgent_is_told_once_without_its_content(tmp_path: Path) -> None:
    async def whole() -> None:
        server = FakeServer("eu")
        server.open(server.start_run(), Opening(title="waited before", risk=Risk.CRITICAL))
        async with watching(tmp_path, server) as watch:
            watch.open(Risk.LOW)
            watch.open(Risk.MEDIUM)
            item_id = watch.open(Risk.CRITICAL)
            await watch.looks(1)
            await watch.looks_on()
            assert watch.told == [Notice("Critical risk", "customer-refund", item_id)]

    asyncio.run(whole())


def test_what_becomes_overdue_is_told_though_it_was_not_urgent_and_nothing_twice(tmp_path: Path) -> None:
    async def whole() -> None:
        async with watching(tmp_path, FakeServer("eu")) as watch:
            high = watch.open(Risk.HIGH, timedelta(seconds=2))
            low = watch.open(Risk.LOW, timedelta(seconds=2))
            await watch.looks(2)
            await watch.looks_on()
            assert [notice.item_id for notice in watch.told] == [high, low]
            assert watch.told[1] == Notice("Low risk", "customer-refund, overdue", low)

    asyncio.run(whole())


def test_a_flood_is_one_notice_with_the_count(tmp_path: Path) -> None:
    async def whole() -> None:
        async with watching(tmp_path, FakeServer("eu")) as watch:
            watch.open(Risk.HIGH)
            await watch.looks(1)
            for risk in (Risk.HIGH, Risk.CRITICAL, Risk.HIGH):
                watch.open(risk)

            async def are_known() -> bool:
                return await watch.desk.waiting() == 4

            await until(are_known)
            await watch.looks(2)
            await watch.looks_on()
            assert watch.told[1:] == [Notice("3 items wait for a person", "1 critical, 2 high")]

    asyncio.run(whole())


def test_no_notice_holds_markup_or_words_of_an_item(tmp_path: Path) -> None:
    async def whole() -> None:
        async with watching(tmp_path, FakeServer("eu")) as watch:
            watch.open(Risk.HIGH, workflow="<a href='x'>pay\u202e</a>" + "x" * 500)
            await watch.looks(1)
            shown = watch.told[0].title + watch.told[0].text
            assert not set("<>&\u202e") & set(shown)
            assert len(shown) < 120
            assert SECRET not in shown

    asyncio.run(whole())


def test_in_quiet_hours_nothing_is_told_and_what_still_waits_is_told_after_them_in_one_notice(tmp_path: Path) -> None:
    rules = [NoticeRules(quiet=(time(0), time(0)), has_sound=True)]

    async def whole() -> None:
        async with watching(tmp_path, FakeServer("eu"), lambda: rules[0]) as watch:
            watch.open(Risk.HIGH)
            watch.open(Risk.CRITICAL)

            async def are_known() -> bool:
                return await watch.desk.waiting() == 2

            await until(are_known)
            await watch.looks_on()
            assert watch.told == []
            rules[0] = NoticeRules(has_sound=True)
            await watch.looks(1)
            assert watch.told == [Notice("2 items wait for a person", "1 critical, 1 high", beeps=1)]

    asyncio.run(whole())


def test_only_the_risks_that_were_asked_for_are_told_and_nothing_that_waited_before(tmp_path: Path) -> None:
    rules = [NoticeRules(risks=frozenset())]

    async def whole() -> None:
        async with watching(tmp_path, FakeServer("eu"), lambda: rules[0]) as watch:
            watch.open(Risk.CRITICAL)
            watch.open(Risk.LOW)

            async def are_known() -> bool:
                return await watch.desk.waiting() == 2

            await until(are_known)
            await watch.looks_on()
            rules[0] = NoticeRules(risks=frozenset({Risk.LOW}))
            await watch.looks_on()
            assert watch.told == []
            late = watch.open(Risk.LOW)
            await watch.looks(1)
            assert [each.item_id for each in watch.told] == [late]

    asyncio.run(whole())


def test_what_to_tell_is_remembered_and_quiet_hours_may_go_over_midnight() -> None:
    memory = Forgetful()
    assert notice_rules(memory) == NoticeRules()
    night = NoticeRules(frozenset({Risk.LOW}), has_sound=True, quiet=(time(22), time(7, 30)))
    keep_notice_rules(memory, night)
    assert notice_rules(memory) == night
    assert [night.is_quiet(time(hour, minute)) for hour, minute in ((21, 59), (22, 0), (3, 0), (7, 29), (7, 30))] == [
        *(False, True, True, True, False)
    ]
    memory.set(RISKS, "dreadful")
    memory.set(QUIET, "25:00-x")
    assert notice_rules(memory) == NoticeRules(frozenset(), has_sound=True)


def test_without_a_tray_notices_are_silent(window: MainWindow) -> None:
    assert not QSystemTrayIcon.isSystemTrayAvailable()
    opened: list[str] = []
    tray = Tray(QIcon(), opened.append, window)
    tray.ring(Notice("High risk", "customer-refund", "abc"))
    assert opened == []
    assert window.findChildren(QSystemTrayIcon) == []
