"""Pictures of a run, the connections, the welcome and the help: ``python -m tests.screens.shots_run FOLDER [WORDS]``.

Taken in the real window on the scripted engine, light and dark, at the design's size and at the smallest; WORDS choose
among their names.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from console.domain.errors import Unreachable
from console.domain.run import TrailKind
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Mode, Theme
from console.screens import OpenConnections, OpenHelp, OpenRun, OpenWelcome
from console.screens.run.state import Tab
from console.screens.welcome.state import Demo, Say
from tests.screens.run.scene import Scene
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

SIZES = ((1_440, 900), (1_100, 700))
Shoot = Callable[[str], Awaitable[None]]


async def run_pictures(desk: Desktop, scene: Scene, shoot: Shoot) -> None:
    """The trail at its end, in its middle and filtered; every other tab; what it looks like without a server."""
    presenter, view = desk.hosting.run, desk.hosting.run_view
    desk.hosting.navigator.go(OpenRun(scene.ref))
    await until(lambda: len(presenter.state.trail.rows) > 5 and bool(presenter.state.steps))
    await shoot("run-trail-end")
    cards = view.trail.list
    place = next(place for place, row in enumerate(presenter.state.trail.rows) if row.entry.kind is TrailKind.PROMPT)
    cards.setCurrentIndex(cards.model().index(place, 0))
    cards.verticalScrollBar().setValue(cards.verticalOffset() + cards.visualRect(cards.currentIndex()).top() - 12)
    await shoot("run-trail")
    rows = presenter.state.trail.rows[place : place + 3]
    for row in rows:
        presenter.on_unfold(row.row_id)
    await shoot("run-trail-unfolded")
    for row in rows:
        presenter.on_unfold(row.row_id)
    presenter.on_step("propose-entries")
    await shoot("run-trail-step")
    presenter.on_step("propose-entries")
    presenter.on_tab(Tab.STATE)
    await until(lambda: presenter.state.record.snapshot is not None)
    model, tree = view.record.model, view.record.tree
    tree.expand(model.index(2, 0))
    tree.setCurrentIndex(model.index(1, 0))
    await shoot("run-state")
    presenter.on_compare(1)
    await until(view.record.difference.isVisible)
    await shoot("run-compare")
    presenter.on_compare(None)
    presenter.on_tab(Tab.GRAPH)
    await until(lambda: bool(view.graph.canvas.drawing.boxes) and presenter.state.access.is_read)
    view.graph.canvas.choose(2)
    await shoot("run-graph")
    presenter.on_tab(Tab.TIMELINE)
    await until(lambda: presenter.state.trail.is_complete)
    await shoot("run-timeline")
    presenter.on_tab(Tab.RAW)
    await shoot("run-raw")
    presenter.on_tab(Tab.HAND_OFFS)
    await until(lambda: bool(presenter.state.hand_offs.values))
    await shoot("run-hand-offs")
    presenter.on_tab(Tab.ACCESS)
    await until(lambda: bool(presenter.state.access.values))
    await shoot("run-access")
    presenter.on_tab(Tab.TRAIL)
    scene.server.go_away("Nothing answers at 127.0.0.1:7233.")
    await until(lambda: presenter.state.problem is not None)
    await shoot("run-away")
    scene.server.come_back()
    await desk.stage.desk.refresh_all()


async def connection_pictures(desk: Desktop, _scene: Scene, shoot: Shoot) -> None:
    """The list with its details, a test, removing, and the form."""
    presenter = desk.hosting.connections
    desk.hosting.navigator.go(OpenConnections("tower-eu"))
    await until(lambda: presenter.state.selected is not None)
    presenter.on_test()
    await until(lambda: presenter.state.test is not None and bool(presenter.state.test.checks))
    await shoot("connections")
    presenter.on_remove()
    await shoot("connections-remove")
    presenter.on_keep()
    presenter.on_new()
    presenter.on_enter(name="tower-eu", address="temporal.example.com")
    presenter.on_save()
    await shoot("connections-wrong")
    presenter.on_enter(name="finance", address="temporal.example.com:7233", tls=True, api_key="k")
    await shoot("connections-form")
    presenter.on_enter(kind="langgraph", address="graphs.example.com:443", assistants="refunds, support", bearer=True)
    await shoot("connections-langgraph")
    presenter.on_discard()


async def welcome_pictures(desk: Desktop, _scene: Scene, shoot: Shoot) -> None:
    """The welcome, and a demo that does not start."""
    presenter = desk.hosting.welcome
    desk.hosting.navigator.go(OpenWelcome())
    await shoot("welcome")
    presenter.on_start_demo()
    await until(lambda: bool(presenter.state.demo_problem))
    await shoot("welcome-failed")


async def help_pictures(desk: Desktop, _scene: Scene, shoot: Shoot) -> None:
    """Two pages."""
    for topic in ("clearance", "decisions"):
        desk.hosting.navigator.go(OpenHelp(topic))
        await shoot(f"help-{topic}")


STORIES: Sequence[Callable[[Desktop, Scene, Shoot], Awaitable[None]]] = (
    run_pictures,
    connection_pictures,
    welcome_pictures,
    help_pictures,
)


async def _fail(say: Say) -> None:
    say("Starting a Temporal server on this machine")
    say("Starting a worker with four sample plans")
    await asyncio.sleep(0.05)
    raise Unreachable("The server did not answer within 20 s.", next_action="Start again, or look at its log.")


async def whole(theme: Theme, folder: Path, words: Sequence[str]) -> None:
    demo = Demo(
        start=_fail,
        what="a Temporal server, one worker with four sample plans, and a small business database.",
        takes="About 5 seconds and 250 MB of memory; it listens on this machine only.",
    )
    for number, size in enumerate(SIZES):
        for mode in (Mode.LIGHT, Mode.DARK):
            theme.set_mode(mode)
            scene, other = Scene(fillers=117), FakeServer("finance-cloud")
            scene.tell_seams()
            scene.tell_story()
            scene.set_states()
            scene.set_times()
            scene.wait()
            with tempfile.TemporaryDirectory() as home:
                async with desktop(theme, Path(home), [scene.server, other], size=size, demo=demo) as desk:

                    async def shoot(name: str, end: str = f"-{mode.value}{'-small' if number else ''}.png") -> None:
                        await asyncio.sleep(0.3)
                        if not words or any(word in name for word in words):
                            desk.window.grab().save(str(folder / (name + end)))

                    for story in STORIES:
                        await story(desk, scene, shoot)


if __name__ == "__main__":
    app = QApplication(sys.argv)
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    in_window(app, whole(Theme(app, Mode.LIGHT), target, sys.argv[2:]))
