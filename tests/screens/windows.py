"""A widget on screen for as long as a test looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from PySide6.QtWidgets import QWidget
from shiboken6 import delete

View = TypeVar("View", bound=QWidget)


@contextmanager
def shown(view: View, width: int = 1_360, height: int = 840) -> Iterator[View]:
    """Show a widget at a size, and destroy it in this thread.

    A widget that is left to the garbage collector may be destroyed by whichever thread collects, which kills Qt.
    """
    view.resize(width, height)
    view.show()
    try:
        yield view
    finally:
        view.close()
        delete(view)
