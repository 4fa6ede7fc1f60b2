"""The status line: each connection with its health and age, decisions on their way, the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.domain.ages import clock
from console.domain.identity import Identity
from console.domain.language import tr
from console.qtkit.notes import StatusItem
from console.qtkit.paint import tip
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone
from console.services.views import KeyStanding
from console.shell.key_words import key_status
from console.shell.overview import HEALTHS, Frame, connection_words, on_their_way_words

MOST = 6
GAP = 24


class StatusLine(Pane):
    """Tells what somebody asks about: ``connection_chosen`` with an id, empty for all of them; and ``key_chosen``."""

    connection_chosen = Signal(str)
    key_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.APP, Edge.TOP, is_row=True, margins=(Space.CARD, 1, Space.CARD, 0), spacing=GAP, parent=parent
        )
        self.setFixedHeight(Height.STATUS)
        self.setAccessibleName(tr("Status"))
        self._items: dict[str, StatusItem] = {}
        self._row = row(spacing=GAP)
        self._none = StatusItem()
        self._more = StatusItem()
        self.key = StatusItem()
        self.key.clicked.connect(self.key_chosen)
        self._way = StatusItem()
        self._clock = Text("", Style.SMALL_DATA, Tone.SECOND).keep_whole()
        self.box.addLayout(self._row)
        self.box.addStretch(1)
        for item in (self._none, self._more):
            self._row.addWidget(item)
            item.clicked.connect(lambda: self.connection_chosen.emit(""))
        for widget in (self.key, self._way, self._clock):
            self.box.addWidget(widget)
        self._more.hide()
        self.key.hide()

    def show_frame(self, frame: Frame, now: datetime) -> None:
        """Draw it."""
        self._clock.set_words(clock(now))
        shown = frame.connections[:MOST]
        for gone in self._items.keys() - {view.config.connection_id for view in shown}:
            self._items.pop(gone).deleteLater()
        for place, view in enumerate(shown):
            item = self._item(view.config.connection_id, place)
            icon, tone = HEALTHS[view.health]
            item.set_status(icon, tone, *connection_words(view, now))
            item.setToolTip(tip(f"{tr(view.message)} {tr(view.next_action)}".strip()))
            item.setAccessibleDescription(f"{tr(view.message)} {tr(view.next_action)}".strip())
        more = len(frame.connections) - len(shown)
        self._more.setVisible(more > 0)
        self._more.set_status("", Tone.SECOND, "", tr("and {more} more", more=more))
        self._none.setVisible(not frame.connections)
        self._none.set_status(
            "circle-dashed", Tone.SECOND, "", tr("No connection yet") if frame.is_read else tr("Opening …")
        )
        self._way.set_status(
            "send",
            Tone.SECOND,
            "",
            tr("Decisions on their way: {on_their_way}", on_their_way=on_their_way_words(frame.on_their_way)),
        )
        if frame.identity is not None:
            self._show_key(frame.identity, frame.standings)

    def item(self, connection_id: str) -> StatusItem:
        """The item of a connection."""
        return self._items[connection_id]

    def _show_key(self, identity: Identity, standings: Sequence[KeyStanding]) -> None:
        icon, words = key_status(identity, standings)
        self.key.setVisible(bool(words))
        if words:
            self.key.set_status(icon, Tone.MEDIUM, "", words)
            self.key.setToolTip(tip(tr("What that means, and what to do")))

    def _item(self, connection_id: str, place: int) -> StatusItem:
        if connection_id not in self._items:
            item = StatusItem()
            item.clicked.connect(lambda: self.connection_chosen.emit(connection_id))
            self._items[connection_id] = item
            self._row.insertWidget(place, item)
        return self._items[connection_id]
