"""From a key press to the next item on screen, at ten thousand cached items; and in a bare table of as many rows.

Run as a process of its own: ``ours FOLDER COUNT`` or ``bare COUNT``.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from tests.bench import bare, stock
from tests.bench.desk_window import Place, play, press, until
from tests.bench.parts import tell

ROW_HEIGHT = 64
LET_GO = 0.05
ROOT = QModelIndex()


def ours(folder: Path, count: int) -> None:
    """``count`` times: J to the next item, then A on a low risk, each until that next item is painted in full."""
    moved: list[float] = []
    decided: list[float] = []

    async def story(place: Place) -> None:
        inbox = place.hosting.inbox
        painted: list[tuple[str, float]] = []
        review = place.hosting.inbox_view.review
        review.painted.connect(lambda item_id, _digest: painted.append((item_id, time.perf_counter())))

        async def timed(key: Qt.Key) -> float:
            await until(lambda: inbox.state.is_armed and not inbox.state.is_turning)
            await asyncio.sleep(LET_GO)
            before = inbox.state.listing.selected_id
            painted.clear()
            began = time.perf_counter()
            press(place.window, key)
            await until(lambda: any(item_id != before for item_id, _ in painted))
            return (next(at for item_id, at in painted if item_id != before) - began) * 1000

        for _ in range(count):
            moved.append(await timed(Qt.Key.Key_J))
            decided.append(await timed(Qt.Key.Key_A))

    play(folder, stock.server(), story)
    tell(moved=moved, decided=decided)


class Numbers(QAbstractTableModel):
    """Ten thousand short texts."""

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else stock.ITEMS

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else 1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        return f"Refund {index.row()}" if role == Qt.ItemDataRole.DisplayRole else None


def plain(count: int) -> None:
    """``count`` times: arrow down, until the table is painted."""
    application = QApplication(["bare"])
    table = QTableView()
    table.setModel(Numbers(table))
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    window = bare.window(table)
    painted: list[float] = []
    bare.Paints(table.viewport(), painted.append)
    window.show()
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, 0))
    moved: list[float] = []

    def settle() -> None:
        until_then = time.monotonic() + LET_GO
        while time.monotonic() < until_then:
            application.processEvents()

    for _ in range(count):
        settle()
        painted.clear()
        began = time.monotonic()
        QTest.keyClick(table, Qt.Key.Key_Down)
        while not painted:
            application.processEvents()
        moved.append((painted[0] - began) * 1000)
    tell(moved=moved)


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        ours(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        plain(int(sys.argv[2]))
