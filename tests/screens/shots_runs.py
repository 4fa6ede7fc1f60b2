"""Pictures of the runs: ``python -m tests.screens.shots_runs FOLDER``, light and dark, at two sizes."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from console.domain.escalation import Verdict
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Mode, Theme
from console.screens import OpenRuns
from console.screens.runs.act_state import Stage
from console.screens.runs.finding import Chip
from tests.screens.runs.scene import RunsScene
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

SIZES = ((1_440, 900), (1_100, 700))
Shoot = Callable[[str], Awaitable[None]]
NOTE = (
    "The ledger locks for maintenance on the 21st, 09:45 to 10:30. After that a plain retry is safe: a posting already "
    "made is returned, not made again."
)


async def pictures(desk: Desktop, scene: RunsScene, shoot: Shoot) -> None:
    """The list, a run, a group with its note, acting on it, the receipts, no match, a connection away."""
    presenter = desk.hosting.runs
    desk.hosting.navigator.go(OpenRuns())
    await until(lambda: presenter.state.is_read and len(presenter.state.lines) > 60)
    await shoot("runs")
    desk.hosting.runs_view.list.table.step(1)
    await shoot("runs-run")
    presenter.on_group(presenter.state.groups[0].fingerprint)
    presenter.on_note(NOTE)
    await until(lambda: bool(presenter.state.notes))
    await shoot("runs-group")
    presenter.on_act(Verdict.RETRY)
    await until(lambda: presenter.state.act is not None and presenter.state.act.stage is Stage.ASKING)
    await shoot("runs-ask")
    refused = presenter.state.act.entries[3].ref if presenter.state.act is not None else None
    if refused is not None:
        scene.tower.finish_run(refused)
    presenter.on_reason("The ledger is open again.")
    presenter.on_send()
    await until(lambda: presenter.state.act is not None and presenter.state.act.sent > 12)
    await shoot("runs-sending")
    await until(lambda: presenter.state.act is not None and presenter.state.act.stage is Stage.OVER, 60)
    await until(lambda: presenter.state.act is not None and presenter.state.act.is_settled, 60)
    await shoot("runs-over")
    presenter.on_close_act()
    presenter.on_chip(Chip.FAILED)
    presenter.on_search("nothing of the kind")
    await shoot("runs-none")
    presenter.on_everything()
    scene.support.go_away("Nothing answers at 127.0.0.1:7233.")
    presenter.on_refresh()
    await until(lambda: any(source.error for source in presenter.state.sources))
    await shoot("runs-away")


async def empty(desk: Desktop, shoot: Shoot) -> None:
    """No run at all."""
    desk.hosting.navigator.go(OpenRuns())
    await until(lambda: desk.hosting.runs.state.is_read)
    await shoot("runs-empty")


def main(folder: Path) -> None:
    """Take all of them."""
    app = QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for mode in (Mode.LIGHT, Mode.DARK):
        theme = Theme(app, mode)
        for size in SIZES:

            async def whole(theme: Theme = theme, size: tuple[int, int] = size, mode: Mode = mode) -> None:
                suffix = f"{mode.value}-{size[0]}"
                scene = RunsScene()
                scene.fill()

                def shooter(desk: Desktop) -> Shoot:
                    async def shoot(name: str) -> None:
                        await asyncio.sleep(0.3)
                        desk.window.grab().save(str(folder / f"{name}-{suffix}.png"))

                    return shoot

                with tempfile.TemporaryDirectory() as kept:
                    servers = [scene.tower, scene.support]
                    async with desktop(theme, Path(kept), servers, size=size) as desk:
                        await pictures(desk, scene, shooter(desk))
                with tempfile.TemporaryDirectory() as kept:
                    async with desktop(theme, Path(kept), [FakeServer("tower-eu")], size=size) as desk:
                        await empty(desk, shooter(desk))

            in_window(app, whole())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
