"""Rows that ask the same are one row, until somebody wants to see them; nothing that matters is ever out of sight."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.risk import Risk
from console.qtkit.theme import Theme
from tests.screens.inbox.test_view import opening, world
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

K = Qt.Key
ALIKE = 6


def test_what_differs_in_figures_alone_is_one_row_until_somebody_looks(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    titles = [f"Refund €{20 + number}.50 to Kaur" for number in range(ALIKE)]
    server, keys = world(*(opening(title) for title in titles), opening("Another"), opening("High 1", Risk.HIGH))

    def shown(desk: Desktop) -> list[str]:
        table = desk.view.list.table
        rows = [table.rows.row(place) for place in range(table.rows.rowCount())]
        return [row.waiting.title for row in rows if hasattr(row, "waiting")]

    async def story() -> None:
        async with desktop(theme, tmp_path, [server]) as desk:
            await until(lambda: len(shown(desk)) == len(keys) - ALIKE + 1)
            await desk.see(keys[0])
            table = desk.view.list.table
            place = table.rows.place_of(keys[0].item_id)
            assert f"+{ALIKE - 1} alike" in str(table.rows.index(place, 0).data(Qt.ItemDataRole.AccessibleTextRole))
            desk.key(K.Key_J)
            assert desk.state.listing.selected_id == keys[ALIKE].item_id
            desk.key(K.Key_K)
            desk.key(K.Key_V)
            assert titles == [title for title in shown(desk) if title in titles]
            desk.key(K.Key_J)
            assert desk.state.listing.selected_id == keys[1].item_id
            desk.key(K.Key_V)
            assert desk.state.listing.selected_id == keys[0].item_id
            assert len(shown(desk)) == len(keys) - ALIKE + 1
            desk.hosting.inbox.open(keys[3].item_id)
            await desk.armed(keys[3])
            assert titles[3] in shown(desk), "what is open is in sight"
            desk.key(K.Key_Equal)
            assert titles == [title for title in shown(desk) if title in titles], "so is what is marked"

    in_window(qapp, story())


@pytest.mark.parametrize("risk", [Risk.HIGH, Risk.CRITICAL])
def test_nothing_of_high_risk_is_folded(qapp: QApplication, theme: Theme, tmp_path: Path, risk: Risk) -> None:
    server, keys = world(*(opening(f"Refund €{number}", risk) for number in range(ALIKE)))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server]) as desk:
            await until(lambda: len(desk.state.listing.rows) == len(keys))
            assert not desk.state.listing.away

    in_window(qapp, story())
