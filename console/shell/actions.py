"""The one table of everything a person can do: in a menu, in the list of commands, under a key.

Invariant: a key acts only while its screen is in front; deciding keys ignore auto-repeat, whichever keys they are;
letters typed into a field stay there. Two actions in force at once never share a key: as they come that is a bug of the
screens and raises ValueError, and where a person bound a key anew, theirs goes before the one that came with another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from console.qtkit.keycaps import put_in_force
from console.qtkit.theme import Theme
from console.screens import Action
from console.shell.bindings import EVERYWHERE, Bindings, meet, overlap, settled
from console.shell.keys import key_label
from console.shell.memory import Forgetful


@dataclass(frozen=True, slots=True)
class Entry:
    """An action as it stands in the table; ``screen_id`` is empty for those of the window itself."""

    action: Action
    screen_id: str
    qt: QAction


class ActionTable(QObject):
    """Makes Qt's actions of ours and lets those of the front screen work.

    Their icons are drawn when a menu first shows them: drawing all of them takes longer than showing the window.
    """

    keys_changed = Signal()

    def __init__(self, theme: Theme, parent: QObject, bindings: Bindings | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.bindings = bindings or Bindings(Forgetful())
        self.bindings.listen(self._bind)
        self._keys: Mapping[tuple[str, str], tuple[str, ...]] = {}
        self._entries: list[Entry] = []
        self._front = EVERYWHERE

    def add(self, actions: Iterable[Action], screen_id: str = EVERYWHERE) -> Sequence[QAction]:
        """Take the actions of a screen, or of the window. Returns them as Qt's, in order."""
        made = [Entry(action, screen_id, self._made(action)) for action in actions]
        self._entries += made
        self._bind()
        self.bring_to_front(self._front)
        return [entry.qt for entry in made]

    def bring_to_front(self, screen_id: str) -> None:
        """Let the actions of this screen work, and those of the window; the others rest and are not shown."""
        self._front = screen_id
        for entry in self._entries:
            entry.qt.setVisible(self.is_in_force(entry))
            entry.qt.setEnabled(self.is_in_force(entry))
        self._check_keys()

    def in_force(self) -> tuple[Entry, ...]:
        """What works now: what the front screen offers, then what the window does."""
        own = tuple(entry for entry in self._entries if entry.screen_id == EVERYWHERE)
        return (*(entry for entry in self._entries if entry.screen_id == self._front != EVERYWHERE), *own)

    def everything(self) -> tuple[Entry, ...]:
        """What works now, and after it what other screens offer."""
        now = self.in_force()
        return (*now, *(entry for entry in self._entries if entry not in now))

    def is_in_force(self, entry: Entry) -> bool:
        """Whether it works now: it is the window's, or its screen is in front."""
        return entry.screen_id in {EVERYWHERE, self._front}

    def keys(self, entry: Entry) -> tuple[str, ...]:
        """The keys that lead to it; the first is shown."""
        return self._keys.get((entry.screen_id, entry.action.action_id), ())

    def rivals(self, entry: Entry, keys: str) -> tuple[Entry, ...]:
        """The actions that would lose their key if this one got these keys."""
        return tuple(
            other
            for other in self._entries
            if other is not entry
            and meet(entry.screen_id, other.screen_id)
            and any(overlap(keys, each) for each in self.keys(other))
        )

    def of_menu(self, title: str) -> tuple[Entry, ...]:
        """Everything that ever stands in a menu."""
        return tuple(entry for entry in self._entries if entry.action.menu == title)

    def show_whether_possible(self, title: str) -> None:
        """Grey out what cannot be done just now, before a menu opens; see `free` for afterwards."""
        for entry in self.of_menu(title):
            if entry.action.icon and entry.qt.icon().isNull():
                self._theme.bind_icon(entry.qt, entry.action.icon)
            can_run = self.is_in_force(entry) and entry.action.can_run()
            entry.qt.setVisible(can_run or (self.is_in_force(entry) and not entry.action.is_rare))
            entry.qt.setEnabled(can_run)

    def free(self) -> None:
        """Let every key reach its handler again after a menu was closed: the handler says why it cannot act."""
        self.bring_to_front(self._front)

    def _made(self, action: Action) -> QAction:
        made = QAction(escaped(action.text), self)
        made.setObjectName(action.action_id)
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        made.setAutoRepeat(action.is_repeating)
        # Qt sends along whether it is checked, which nothing here is.
        made.triggered.connect(lambda *_checked: action.run())
        return made

    def _bind(self) -> None:
        """Give every action the keys that it has now, and tell what shows them."""
        self._keys = settled(((entry.screen_id, entry.action) for entry in self._entries), self.bindings)
        for entry in self._entries:
            entry.qt.setShortcuts([QKeySequence.fromString(keys) for keys in self.keys(entry)])
        put_in_force({entry.action.action_id: key_label("".join(self.keys(entry)[:1])) for entry in self._entries})
        self.keys_changed.emit()

    def _check_keys(self) -> None:
        owners: dict[str, str] = {}
        for entry in self.in_force():
            for keys in self.keys(entry):
                other = owners.setdefault(keys, entry.action.action_id)
                if other != entry.action.action_id:
                    raise ValueError(f"{other} and {entry.action.action_id} share the key {keys}")


def escaped(text: str) -> str:
    """A text for a menu, in which an ampersand is a mnemonic."""
    return text.replace("&", "&&")
