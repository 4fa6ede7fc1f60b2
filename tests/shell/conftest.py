"""One application with the real theme for the window's tests, drawn without a display."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from console.infra.clock import SystemClock
from console.qtkit.theme import Mode, Theme
from console.shell.memory import Forgetful
from console.shell.window import MainWindow


@pytest.fixture(scope="session")
def session_theme(qapp: QApplication) -> Theme:
    """The one theme of the one application."""
    return Theme(qapp, Mode.LIGHT)


@pytest.fixture
def theme(session_theme: Theme) -> Iterator[Theme]:
    """The theme, light again after the test."""
    session_theme.set_mode(Mode.LIGHT)
    yield session_theme
    session_theme.set_mode(Mode.LIGHT)


@pytest.fixture
def memory() -> Forgetful:
    return Forgetful()


@pytest.fixture
def window(theme: Theme, memory: Forgetful) -> Iterator[MainWindow]:
    """A window without screens, shown."""
    made = MainWindow(theme, memory, SystemClock())
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def in_loop(qapp: QApplication) -> Callable[[Coroutine[Any, Any, None]], None]:
    """Runs a coroutine in a loop of the window's kind."""

    def run(work: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp, already_running=False)) as runner:
            runner.run(work)

    return run
