"""One application for all tests of the kit, with the real theme, drawn without a display."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from console.qtkit.theme import Mode, Theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication


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
