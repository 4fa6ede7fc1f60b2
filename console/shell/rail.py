"""The left rail: the screens there are, with a count at the inbox, and who sits here at its foot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from console.domain.identity import Identity
from console.domain.language import tr
from console.qtkit.marks import Avatar
from console.qtkit.paint import tip
from console.qtkit.panes import Ground, Pane, column
from console.qtkit.tabs import RailItem
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone, Width

AVATAR = 32
MIDDLE = Qt.AlignmentFlag.AlignHCenter


class Rail(Pane):
    """One item a screen; tells ``chosen`` with its id."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.APP, margins=(0, Space.GRID, 0, Space.GRID), spacing=Space.HALF, parent=parent)
        self.setFixedWidth(Width.RAIL)
        self.setAccessibleName(tr("Screens"))
        self._items: dict[str, RailItem] = {}
        self._group = QButtonGroup(self)
        self._list = column(spacing=Space.HALF)
        self._avatar = Avatar("", AVATAR)
        self._name = Text("", Style.MICRO_STRONG)
        self._role = Text("", Style.MICRO, Tone.SECOND)
        self.box.addLayout(self._list)
        self.box.addStretch(1)
        for widget in (self._avatar, self._name, self._role):
            widget.hide()
            self.box.addWidget(widget, 0, MIDDLE)
        self._name.setAlignment(MIDDLE)
        self._role.setAlignment(MIDDLE)

    def add(self, screen_id: str, text: str, icon: str) -> None:
        """Add a screen at the end."""
        item = RailItem(text, icon)
        item.setAutoExclusive(False)
        self._group.addButton(item)
        item.clicked.connect(lambda: self.chosen.emit(screen_id))
        self._items[screen_id] = item
        self._list.addWidget(item, 0, MIDDLE)

    def show_item(self, screen_id: str, *, is_shown: bool) -> None:
        """Show a screen's item, or hide it while there is nothing to go to."""
        self._items[screen_id].setVisible(is_shown)

    def choose(self, screen_id: str) -> None:
        """Show which screen is in front; one that has no item leaves none chosen."""
        item = self._items.get(screen_id)
        if item is not None:
            item.setChecked(True)
            return
        self._group.setExclusive(False)
        for each in self._items.values():
            each.setChecked(False)
        self._group.setExclusive(True)

    def set_badge(self, screen_id: str, count: int) -> None:
        """Show a count at a screen."""
        self._items[screen_id].set_badge(count)

    def item(self, screen_id: str) -> RailItem:
        """The item of a screen."""
        return self._items[screen_id]

    def set_identity(self, identity: Identity) -> None:
        """Show who sits here."""
        person = identity.person
        self._avatar.set_name(person.name)
        self._name.set_words(person.name.split(" ")[0][:12])
        self._role.set_words(tr(person.role).capitalize())
        key = tr("Signing key") if identity.is_key_locked else tr("Signing key {key_id}", key_id=identity.key_id[:8])
        words = f"{person.name}, {tr(person.role)}. {key}, {tr(identity.key_place)}."
        for widget in (self._avatar, self._name, self._role):
            widget.setToolTip(tip(words))
            widget.setAccessibleDescription(words)
            widget.show()
