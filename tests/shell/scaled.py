"""Looks for what is cut in the window, in the scale that the environment says: ``python -m tests.shell.scaled W H``.

Prints a line of JSON for each part that has less room than it needs, or lies outside of the window. With a third word,
a folder, it leaves a picture of each screen there. On its own, since Qt learns the scale only when it starts.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QLineEdit, QWidget

from console.engines.fake.samples import rich_world
from console.qtkit.pills import Pill
from console.qtkit.theme import Mode, Theme
from console.screens import OpenConnections, OpenHelp, OpenRun, OpenRuns, OpenWelcome
from console.shell.settings_parts import PARTS
from tests.screens.shots import EnforcingEngine
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

# Rounding of a fraction of a pixel.
SLACK = 1


def name_of(widget: QWidget) -> str:
    """What a person would call it."""
    return f"{type(widget).__name__} “{widget.accessibleName()}”"


def cut(top: QWidget) -> Iterator[str]:
    """Parts that have less room than they need."""
    for widget in top.findChildren(QWidget):
        if not isinstance(widget, (QAbstractButton, Pill, QLineEdit)) or not widget.isVisible():
            continue
        wanted, scrolled = widget.minimumSizeHint(), is_scrolled(widget, top)
        if widget.width() + SLACK < wanted.width() or widget.height() + SLACK < wanted.height():
            yield f"{name_of(widget)} has {widget.width()}×{widget.height()}, needs {wanted.width()}×{wanted.height()}"
        place = QRect(widget.mapTo(top, QPoint(0, 0)), widget.size())
        if scrolled and place.right() > top.width() + SLACK:
            yield f"{name_of(widget)} ends {place.right() - top.width()} px outside, where nothing scrolls to"
        if not scrolled and not top.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(place):
            yield f"{name_of(widget)} lies outside"


def is_scrolled(widget: QWidget, top: QWidget) -> bool:
    """Whether it lies in something that scrolls it into view."""
    parent = widget.parentWidget()
    while parent is not None and parent is not top:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


async def look(top: QWidget, name: str, folder: Path | None) -> None:
    """Tell what is cut here."""
    await asyncio.sleep(0.05)
    for problem in cut(top):
        sys.stdout.write(json.dumps({"where": name, "what": problem}) + "\n")
    if folder is not None:
        top.grab().save(str(folder / f"{name}.png"))


async def through(desk: Desktop, folder: Path | None) -> None:
    """Every screen and every dialog of the shell."""
    window, go = desk.window, desk.hosting.navigator.go
    await until(lambda: desk.state.item is not None and desk.state.item.escalation is not None)
    await look(window, "inbox", folder)
    item = desk.state.item
    assert item is not None
    assert item.escalation is not None
    for name, request in (
        ("run", OpenRun(item.escalation.key.run)),
        ("runs", OpenRuns()),
        ("connections", OpenConnections()),
        ("connections-new", OpenConnections(is_new=True)),
        ("welcome", OpenWelcome()),
        ("help", OpenHelp("inbox")),
    ):
        go(request)
        if name == "runs":
            await until(lambda: desk.hosting.runs.state.emptiness is None)
        await look(window, name, folder)
    for part in PARTS:
        dialog = window.open_settings(part.part_id)
        await look(dialog, f"settings-{part.part_id}", folder)
        dialog.close()
    for name, over in (("palette", window.open_commands()), ("keys", window.open_keys())):
        await look(over, name, folder)
        over.close()


def main() -> None:
    """Look, at the size given in logical px."""
    width, height = int(sys.argv[1]), int(sys.argv[2])
    folder = Path(sys.argv[3]) if sys.argv[3:] else None
    app = QApplication([])
    theme = Theme(app, Mode.LIGHT)

    async def story() -> None:
        with tempfile.TemporaryDirectory() as data:
            async with desktop(theme, Path(data), rich_world(), size=(width, height), engine=EnforcingEngine) as desk:
                desk.window.setMinimumSize(1, 1)
                desk.window.resize(width, height)
                await through(desk, folder)
                sys.stdout.write(json.dumps({"size": [desk.window.width(), desk.window.height()]}) + "\n")

    in_window(app, story())


if __name__ == "__main__":
    main()
