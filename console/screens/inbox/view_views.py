"""Saved views as tabs over the list, each with its figure key and its count; a person's own can be added and removed.

Invariant: it draws the views of the state and tells what a person wants of them. Tabs that do not fit are in a menu.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.keycaps import key_of
from console.qtkit.panes import Ground, Pane
from console.qtkit.tabs import Tabs, TabSpec, tab_width
from console.qtkit.tokens import Space
from console.screens.inbox.saved import ViewTab
from console.screens.inbox.state import InboxState
from console.screens.inbox.view_name import NameDialog

GAP = 14


class ViewTabs(Pane):
    """Tells ``chosen`` with the place of a view, ``saved`` and ``removed`` with a name."""

    chosen = Signal(int)
    saved = Signal(str)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SUNKEN, is_row=True, margins=(Space.CARD, 0, Space.CARD, 0), parent=parent)
        self._views: tuple[ViewTab, ...] = ()
        self._can_save = False
        self.tabs = Tabs(gap=GAP)
        self.more = Button(icon="ellipsis", is_small=True)
        self.more.setAccessibleName(tr("More views; save or remove one"))
        self.box.addWidget(self.tabs, 1)
        self.box.addWidget(self.more)
        self.tabs.chosen.connect(lambda place: self.chosen.emit(int(place)))
        self.more.clicked.connect(self._offer)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer)

    def show_state(self, state: InboxState) -> None:
        """Draw the views, as many as fit, the active one always among them."""
        is_same = self._views == state.views
        self._views, self._can_save = state.views, state.can_save_view
        if not is_same:
            self._draw()

    def resizeEvent(self, event: object) -> None:
        """Let fewer tabs or more of them stand side by side."""
        super().resizeEvent(event)  # type: ignore[arg-type]  # Qt gives it its own event
        self._draw()

    def ask_name(self) -> None:
        """Ask for a name for what is asked for now."""
        if not self._can_save:
            return
        own = frozenset(tab.view.name for tab in self._views if tab.is_own)
        key = tr("It stands over the list, under the key {count}.", count=len(self._views) + 1)
        dialog = NameDialog(own, key, self.window())
        dialog.named.connect(self.saved)
        dialog.open()

    def _draw(self) -> None:
        specs = [_spec(place, view) for place, view in enumerate(self._views)]
        active = next((place for place, view in enumerate(self._views) if view.is_active), None)
        shown = specs
        while len(shown) > 1 and self._width(shown) > self.width() - self.more.sizeHint().width() - 3 * Space.CARD:
            last = shown[-1] if shown[-1].tab_id != str(active) else shown[-2]
            shown = [each for each in shown if each is not last]
        self.tabs.set_tabs(shown)
        self.tabs.choose("" if active is None else str(active))

    def _width(self, specs: list[TabSpec]) -> int:
        return sum(tab_width(spec) + GAP for spec in specs)

    def _offer(self, _point: QPoint | bool | None = None) -> None:
        menu = QMenu(self)
        for place, tab in enumerate(self._views):
            action = menu.addAction(f"{tab.view.name}\t{place + 1}".replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(tab.is_active)
            action.triggered.connect(partial(self._choose, place))
        menu.addSeparator()
        save = menu.addAction(tr("Save what is shown as a view…"))
        save.setEnabled(self._can_save)
        save.triggered.connect(self.ask_name)
        for tab in self._views:
            if tab.is_own and tab.is_active:
                remove = menu.addAction(tr("Remove “{name}”", name=tab.view.name).replace("&", "&&"))
                remove.triggered.connect(partial(self._remove, tab.view.name))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _choose(self, place: int, *_is_checked: bool) -> None:
        self.chosen.emit(place)

    def _remove(self, name: str, *_is_checked: bool) -> None:
        self.removed.emit(name)


def _spec(place: int, tab: ViewTab) -> TabSpec:
    note = "" if tab.count is None else f"{tab.count:,}"
    return TabSpec(str(place), tab.view.name, note=note, key=key_of(f"inbox.view.{place + 1}"))
