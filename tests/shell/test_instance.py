"""One window per profile: a second start hands its link over, and what it says is followed and nothing more."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtWidgets import QApplication

from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.infra.settings import Settings
from console.infra.single import LONGEST, Sole
from console.qtkit.theme import Theme
from console.shell.instance import Doorbell
from console.shell.settings_values import text_size
from tests.screens.inbox.makes import proposal
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

PATIENCE = 60.0


def told(desk: Desktop) -> str:
    return desk.window.trouble.accessibleName() if desk.window.trouble.isVisible() else ""


def test_a_link_navigates_and_does_nothing_else(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    server = FakeServer("eu")
    first = server.open(server.start_run(), Opening(proposal=proposal()))
    second = server.open(server.start_run(), Opening(proposal=proposal()))
    sole = Sole(tmp_path, tmp_path)

    async def hand(link: str) -> None:
        assert await asyncio.to_thread(sole.hand_over, link)

    async def story() -> None:
        async with desktop(theme, tmp_path, [server]) as desk:
            assert sole.acquire()
            doorbell = Doorbell(desk.hosting.follow, desk.window)
            assert doorbell.listen(sole.socket)
            assert stat.S_IMODE(sole.socket.stat().st_mode) & 0o077 == 0
            await desk.see(first)
            desk.view.copy_link()
            link = QApplication.clipboard().text()
            assert link == f"clearance://fake%3Aeu/item/{first.item_id}"
            await hand(link.replace(first.item_id, second.item_id))
            await until(lambda: desk.state.listing.selected_id == second.item_id)
            before = await desk.stage.desk.connections()
            for bad, words in (
                ("clearance://elsewhere%3A1/item/0123456789ab", "not connected to: elsewhere:1. If you know it, add"),
                ("clearance://fake%3Aeu/item/0123456789ab", "not here: it was closed"),
                (f"clearance://fake%3Aeu/item/{first.item_id}?verdict=approve", "cannot be followed"),
                ("rm -rf", "begins with clearance://"),
            ):
                await hand(bad)
                await until(lambda words=words: words in told(desk))
                assert desk.window.front == "inbox"
                assert desk.state.listing.selected_id == second.item_id
            run = server.start_run()
            await hand(f"clearance://fake%3Aeu/run/{run.run_id}/{run.chain_id}")
            await until(lambda: desk.window.front == "run" and desk.hosting.run.state.ref == run)
            assert [view.config for view in await desk.stage.desk.connections()] == [view.config for view in before]
            assert not server.arrived
            doorbell.stop()
            sole.release()

    in_window(qapp, story())


def test_callers_that_say_nothing_or_too_much_hold_up_nobody(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    sole = Sole(tmp_path, tmp_path)
    # What a window leaves that was killed: a socket that nobody serves.
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(sole.socket))
    left.close()
    rung: list[str] = []

    async def story() -> None:
        async with desktop(theme, tmp_path, []) as desk:
            doorbell = Doorbell(rung.append, desk.window)
            assert doorbell.listen(sole.socket)
            silent = [socket.socket(socket.AF_UNIX) for _ in range(5)]
            for each in silent:
                await asyncio.to_thread(each.connect, str(sole.socket))
            await asyncio.to_thread(silent[0].sendall, b"x" * LONGEST)
            assert await asyncio.to_thread(sole.hand_over, "clearance://a/run/b\nclearance://c/run/d")
            assert rung == ["clearance://a/run/b clearance://c/run/d"], "one line, whatever it holds"
            for each in silent:
                each.close()
            doorbell.stop()

    in_window(qapp, story())


def window(home: Path, *words: str) -> subprocess.Popen[str]:
    environ = os.environ | {"CLEARANCE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "console", "open", *words]
    return subprocess.Popen(command, env=environ, text=True, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def await_socket(home: Path, process: subprocess.Popen[str]) -> None:
    """Until the window listens."""
    end = time.monotonic() + PATIENCE
    one = Sole(home / "default/data/locks", home / "default/run")
    while not one.hand_over(within=0.2):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_second_start_ends_at_once_and_one_after_a_kill_is_the_first_again(tmp_path: Path) -> None:
    first = window(tmp_path)
    try:
        await_socket(tmp_path, first)
        status, said = ended(window(tmp_path, "clearance://eu/run/1"))
        assert (status, "brought to the front" in said) == (0, True)
        status, said = ended(window(tmp_path, "clearance://eu/approve/1"))
        assert (status, "cannot be followed" in said) == (2, True)
        first.kill()
        first.communicate()
        first = window(tmp_path)
        await_socket(tmp_path, first)
        first.send_signal(signal.SIGTERM)
        assert ended(first)[0] == 0
    finally:
        if first.poll() is None:
            first.kill()
            first.communicate()


REOPENING = """
import sys
from console import app
from console.shell.settings_values import TEXT_SIZE

def then(window, hosting, desk):
    window.memory.set(TEXT_SIZE, "125")
    window.reopen()

sys.argv = ["clearance", "open"]
where = app.paths("")
raise SystemExit(app._run_window(where, app.DemoHost(where, rate=0, is_kept=False), then=then))
"""


def test_a_window_opens_again_in_its_own_place(tmp_path: Path) -> None:
    environ = os.environ | {"CLEARANCE_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", REOPENING]
    window = subprocess.Popen(command, env=environ, text=True, stderr=subprocess.PIPE)
    try:
        end = time.monotonic() + PATIENCE
        while b"-c" in Path(f"/proc/{window.pid}/cmdline").read_bytes().split(b"\0"):
            assert window.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        await_socket(tmp_path, window)
        assert text_size(Settings(tmp_path / "default/data/settings.json")) == 125
        end = time.monotonic() + PATIENCE
        while window.poll() is None:
            # It may not listen to signals yet.
            assert time.monotonic() < end
            window.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                window.wait(3)
        assert ended(window)[0] == 0
    finally:
        if window.poll() is None:
            window.kill()
            window.communicate()
