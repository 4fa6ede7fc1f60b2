"""Answers that come late: for a run that was left, a page that no longer fits, a revision nobody wants any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from console.domain.run import Run, RunRef, Snapshot, TrailPage
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import Phase, Tab
from tests.screens.asking import asking
from tests.screens.run.scene import TITLE, Scene
from tests.screens.stage import stage, until

Act = Callable[[RunPresenter], Awaitable[None]]


class Gate:
    """Holds one call back until it is opened; ``has_come`` tells that the call waits."""

    def __init__(self, name: str, about: object) -> None:
        self.name = name
        self.about = about
        self.has_come = threading.Event()
        self._is_open = threading.Event()

    def open(self) -> None:
        self._is_open.set()

    async def passage(self, name: str, about: object) -> None:
        if (name, about) == (self.name, self.about) and not self.has_come.is_set():
            self.has_come.set()
            while not self._is_open.is_set():  # noqa: ASYNC110 - it is opened from another loop
                await asyncio.sleep(0.002)


class GatedEngine(FakeEngine):
    """Answers as ever, but for the one call that is held back."""

    def __init__(self, server: FakeServer, gate: Gate) -> None:
        super().__init__(server)
        self._gate = gate

    async def run(self, ref: RunRef) -> Run:
        await self._gate.passage("run", ref)
        return await super().run(ref)

    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:
        page = await super().trail(ref, older=older, limit=limit)
        await self._gate.passage("trail", older)
        return page

    async def state(self, ref: RunRef, *, revision: int | None = None) -> Snapshot:
        snapshot = await super().state(ref, revision=revision)
        await self._gate.passage("state", revision)
        return snapshot


def play(folder: Path, scene: Scene, gate: Gate, act: Act) -> None:
    async def whole() -> None:
        engine = lambda server: GatedEngine(server, gate)  # noqa: E731 - one line says it
        async with stage(folder, [scene.server], engine=engine) as made, asking() as window:
            presenter = RunPresenter(made.desk, window.ask, window.navigate, SystemClock(), poll=0.02)
            presenter.open(scene.ref)
            presenter.on_shown()
            await act(presenter)
            presenter.on_hidden()

    asyncio.run(whole())


def test_the_header_of_a_run_that_was_left_is_not_shown(tmp_path: Path) -> None:
    scene = Scene(fillers=3)
    second = scene.server.start_run("second", title="The second")
    gate = Gate("run", scene.ref)

    async def act(presenter: RunPresenter) -> None:
        await until(gate.has_come.is_set)
        titles: list[str] = []
        presenter.open(second, "second")
        presenter.listen(lambda state: titles.append(state.title))
        await until(lambda: presenter.state.phase is Phase.READY)
        gate.open()
        await asyncio.sleep(0.1)
        assert TITLE not in titles
        assert presenter.state.title == "The second"

    play(tmp_path, scene, gate, act)


def test_an_older_page_that_no_longer_fits_leaves_no_gap(tmp_path: Path) -> None:
    scene = Scene(fillers=300)
    gate = Gate("trail", "250")

    async def act(presenter: RunPresenter) -> None:
        await until(lambda: presenter.state.trail.read == 50)
        presenter.on_reached_top()
        await until(gate.has_come.is_set)
        scene.add(*(scene.filler(number) for number in range(6_000)))
        await until(lambda: presenter.state.trail.read > 4_000)
        gate.open()
        await until(lambda: not presenter.state.trail.is_reading_older)
        await asyncio.sleep(0.1)
        numbers = [int(row.row_id[1:]) for row in presenter.state.trail.rows]
        assert numbers == list(range(numbers[0], 6_301))

    play(tmp_path, scene, gate, act)


def test_the_revision_asked_for_last_is_the_one_shown(tmp_path: Path) -> None:
    scene = Scene()
    scene.set_states()
    gate = Gate("state", 1)

    async def act(presenter: RunPresenter) -> None:
        presenter.on_tab(Tab.STATE)
        await until(lambda: presenter.state.record.snapshot is not None)
        presenter.on_revision(1)
        await until(gate.has_come.is_set)
        presenter.on_revision(2)
        gate.open()
        await until(lambda: not presenter.state.record.is_reading)
        assert presenter.state.record.snapshot is not None
        assert presenter.state.record.snapshot.revision == 2

    play(tmp_path, scene, gate, act)
