"""Every control of every tab of a run is reached by Tab and has a name, rows too, also while nothing is read yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from console.qtkit.theme import Theme
from console.screens import OpenRun
from console.screens.run.state import Tab
from tests.screens.run.scene import Scene
from tests.screens.stage import until
from tests.screens.windowed import desktop, in_window
from tests.shell.test_access import nameless, out_of_reach


@pytest.mark.parametrize("tab", list(Tab))
def test_every_control_of_a_tab_is_reached_and_named(
    qapp: QApplication, theme: Theme, tmp_path: Path, tab: Tab
) -> None:
    scene = Scene(fillers=20)
    scene.tell_seams()
    scene.tell_story()
    scene.set_states()
    scene.set_times()
    scene.wait()

    async def story() -> None:
        async with desktop(theme, tmp_path, [scene.server]) as desk:
            run = desk.hosting.run
            desk.hosting.navigator.go(OpenRun(scene.ref))
            assert nameless(desk.window) == []
            run.on_tab(tab)
            await until(lambda: run.state.trail.is_complete and bool(run.state.steps) and run.state.hand_offs.is_read)
            await until(lambda: run.state.access.is_read or tab not in {Tab.ACCESS, Tab.GRAPH, Tab.RAW})
            await until(lambda: run.state.record.snapshot is not None or tab not in {Tab.STATE, Tab.RAW})
            if tab is Tab.STATE:
                run.on_compare(1)
                await until(desk.hosting.run_view.record.difference.isVisible)
            assert nameless(desk.window) == []
            assert out_of_reach(desk.window) == []

    in_window(qapp, story())
