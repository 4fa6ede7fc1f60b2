"""One application with the real theme for all screens, drawn without a display."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from console.qtkit.theme import Mode, Theme


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    """The one theme of the one application."""
    return Theme(qapp, Mode.LIGHT)
