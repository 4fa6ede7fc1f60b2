"""A field that takes key presses as keys: what is pressed there is recorded, not done.

Invariant: it never runs an action; Tab, Escape and Enter stay what they are everywhere;
Escape forgets first what was recorded.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.qtkit.fields import Field
from console.shell.bindings import MOST_CHORDS
from console.shell.keys import key_label

K = Qt.Key
ALONE = frozenset(
    {K.Key_Shift, K.Key_Control, K.Key_Alt, K.Key_Meta, K.Key_AltGr, K.Key_CapsLock, K.Key_NumLock, K.Key_unknown}
)
LEAVING = frozenset({K.Key_Tab, K.Key_Backtab, K.Key_Escape, K.Key_Return, K.Key_Enter})


class ChordField(Field):
    """Records one key, or two in a row. Tells ``recorded``, and ``confirmed`` on Enter."""

    recorded = Signal(str)
    confirmed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, placeholder=tr("Press a key, or two in a row"), icon="keyboard", parent=parent)
        self.setReadOnly(True)
        self.keys = ""

    def clear(self) -> None:
        """Forget what was pressed."""
        self._take("")

    def event(self, event: QEvent) -> bool:
        """Keep what is pressed from the actions it would run."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Record a key."""
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if key in ALONE or event.isAutoRepeat():
            return
        if plain and key in LEAVING:
            if key in {K.Key_Return, K.Key_Enter}:
                self.confirmed.emit()
            elif key is K.Key_Escape and self.keys:
                self._take("")
            else:
                event.ignore()
            return
        if plain and key is K.Key_Backspace:
            self._take("")
            return
        before = self.keys.split(", ") if self.keys else []
        self._take(", ".join([*(before if len(before) < MOST_CHORDS else []), chord(event)]))

    def _take(self, keys: str) -> None:
        self.keys = keys
        self.setText(key_label(keys))
        self.recorded.emit(keys)


def chord(event: QKeyEvent) -> str:
    """A press in Qt's portable words; Shift counts for letters, not where it only makes another sign."""
    key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    text = event.text()
    if len(text) == 1 and text.isprintable() and not text.isalnum() and not text.isspace():
        held &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(QKeyCombination(held, key)).toString(QKeySequence.SequenceFormat.PortableText)
