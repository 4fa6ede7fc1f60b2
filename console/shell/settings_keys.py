"""Settings of keys: every action with its key, another one for it, and what stands against that.

Invariant: a key that is taken is given only after the person saw from what; what Escape, Enter and the arrows do is not
to be set. How a key acts stays with the action: a deciding one ignores auto-repeat and waits to be armed, whichever.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.current import colours
from console.qtkit.fields import SearchField
from console.qtkit.overlay import OverlayBar
from console.qtkit.paint import draw_key, draw_text, draw_text_right, key_width
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.shell.actions import Entry
from console.shell.bindings import EVERYWHERE, is_fixed, refusal
from console.shell.chords import ChordField
from console.shell.keys import key_label
from console.shell.settings_place import Place

ROW = 28
FIXED = tr("Escape goes back everywhere; it is not to be changed.")
CHOOSE = tr("Choose an action, press Enter, then the new key.")
TWICE = tr("Enter twice takes it.")
AGAIN = tr("Enter once more takes it.")


@dataclass(frozen=True, slots=True)
class Line:
    """An action with its key as it is now."""

    action_id: str
    text: str
    place: str
    keys: str
    is_changed: bool

    @property
    def said(self) -> str:
        """What a screen reader says."""
        changed = tr(", changed") if self.is_changed else ""
        return f"{self.text}, {self.place}, {self.keys or tr('no key')}{changed}"


class KeysPart(Pane):
    """All actions, and below them the key of the chosen one."""

    def __init__(self, place: Place) -> None:
        super().__init__(Ground.SURFACE)
        self._place = place
        self._asked = ""
        self.search = SearchField(tr("Find an action"), tr("Find an action, or a key"))
        self.table: RowTable[Line] = RowTable(
            RowModel(lambda line: line.action_id, lambda line: line.said),
            _draw,
            lambda *_: ROW,
            tr("Actions and their keys"),
            usual_height=ROW,
        )
        OverlayBar(self.table)
        self.reset_all = Button(tr("Put all back"), "rotate-ccw", is_small=True)
        self.title = Text("", Style.STRONG)
        self.field = ChordField(tr("The new key"))
        self.give = Button(tr("Set"), kind=Kind.PRIMARY)
        self.none = Button(tr("No key"))
        self.reset = Button(tr("Put back"))
        self.told = Text("", Style.SMALL, Tone.SECOND, max_lines=2)
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        head = Pane(Ground.SURFACE, Edge.BOTTOM, is_row=True, margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD))
        head.box.addWidget(self.search, 1)
        head.box.addSpacing(Space.GRID)
        head.box.addWidget(self.reset_all)
        foot = Pane(
            Ground.SUNKEN, Edge.TOP, margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD), spacing=Space.GRID
        )
        line = row()
        for widget, stretch in ((self.field, 1), (self.give, 0), (self.none, 0), (self.reset, 0)):
            line.addWidget(widget, stretch)
        foot.box.addWidget(self.title)
        foot.box.addLayout(line)
        foot.box.addWidget(self.told)
        self.told.setMinimumHeight(2 * Style.SMALL.line)
        for part, stretch in ((head, 0), (self.table, 1), (foot, 0)):
            self.box.addWidget(part, stretch)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._show)
        self.table.current_changed.connect(lambda _action_id: self._choose())
        self.table.opened.connect(lambda _action_id: self.field.setFocus())
        self.field.recorded.connect(lambda _keys: self._judge())
        self.field.confirmed.connect(self._give)
        self.give.clicked.connect(self._give)
        self.none.clicked.connect(self._take_away)
        self.reset.clicked.connect(self._put_back)
        self.reset_all.clicked.connect(self._put_all_back)

    @property
    def entry(self) -> Entry | None:
        """The chosen action."""
        chosen = self.table.current_id()
        return next((each for each in self._place.table.everything() if each.action.action_id == chosen), None)

    def _show(self, *_typed: str) -> None:
        words = self.search.text().casefold().split()
        lines = (self._line(entry) for entry in self._place.table.everything())
        self.table.apply(line for line in lines if all(word in line.said.casefold() for word in words))
        self.reset_all.set_blocked(
            "" if self._place.table.bindings.is_any_changed else tr("All keys are as they came.")
        )
        self._choose()

    def _line(self, entry: Entry) -> Line:
        action_id = entry.action.action_id
        place = tr("Everywhere") if entry.screen_id == EVERYWHERE else self._place.names.get(entry.screen_id, "")
        keys = key_label("".join(self._place.table.keys(entry)[:1]))
        return Line(action_id, entry.action.text, place, keys, self._place.table.bindings.is_changed(action_id))

    def _choose(self) -> None:
        """Show the key of the chosen action, nothing recorded yet."""
        entry = self.entry
        self._asked = ""
        self.title.set_words(entry.action.text if entry is not None else tr("No action is chosen"))
        self.field.clear()
        why = tr("Choose an action first.") if entry is None else FIXED if is_fixed(entry.action) else ""
        for widget in (self.none, self.reset):
            widget.set_blocked(why)
        self.field.setEnabled(not why)
        if entry is not None and not why:
            bindings = self._place.table.bindings
            self.none.set_blocked("" if self._place.table.keys(entry) else tr("It has no key."))
            is_changed = bindings.is_changed(entry.action.action_id)
            self.reset.set_blocked("" if is_changed else tr("It has the key that it came with."))

    def _judge(self) -> bool:
        """Say what stands against the recorded key. Returns whether it can be given as it is."""
        entry, keys = self.entry, self.field.keys
        words = CHOOSE if entry is None or not is_fixed(entry.action) else FIXED
        rivals = self._place.table.rivals(entry, keys) if entry is not None and keys else ()
        refused = refusal(keys) if keys else ""
        if refused:
            words = refused
        elif rivals:
            names = ", ".join(f"“{each.action.text}”" for each in rivals)
            how = AGAIN if self._asked == keys else TWICE
            words = tr(
                "{keys} is the key of {names}, which would have none then. {how}",
                keys=key_label(keys),
                names=names,
                how=how,
            )
        elif keys:
            words = tr("{keys} is free.", keys=key_label(keys))
        self.told.set_words(words, Tone.HIGH if refused or rivals else Tone.SECOND)
        self.field.setAccessibleDescription(words)
        self.give.set_blocked(refused or ("" if keys else tr("Press a key first.")))
        return bool(keys) and not refused and (not rivals or self._asked == keys)

    def _give(self) -> None:
        entry, keys = self.entry, self.field.keys
        if entry is None or not keys or is_fixed(entry.action):
            return
        if not self._judge():
            # Seen now: the same once more takes the key from whatever has it.
            self._asked = keys if not refusal(keys) else ""
            self._judge()
            return
        bindings = self._place.table.bindings
        for rival in self._place.table.rivals(entry, keys):
            if bindings.is_changed(rival.action.action_id):
                bindings.bind(rival.action, "")
        bindings.bind(entry.action, keys)
        self._show()
        self.table.setFocus()

    def _take_away(self) -> None:
        if self.entry is not None:
            self._place.table.bindings.bind(self.entry.action, "")
            self._show()

    def _put_back(self) -> None:
        if self.entry is not None:
            self._place.table.bindings.reset(self.entry.action.action_id)
            self._show()

    def _put_all_back(self) -> None:
        self._place.table.bindings.reset_all()
        self._show()


def _draw(painter: QPainter, rect: QRect, line: Line, look: Look) -> None:
    c = colours()
    painter.fillRect(rect, c.selected if look.is_selected else c.hover if look.is_hovered else c.surface)
    middle, left = rect.y() + rect.height() / 2, rect.x() + Space.PANE
    right: float = rect.right() + 1 - Space.PANE
    for cap in reversed(line.keys.split(" then ") if line.keys else []):
        right -= key_width(cap)
        draw_key(painter, right, middle, cap, c.accent if line.is_changed else c.ink2, c.control)
        right -= Space.HALF
    if not line.keys:
        right = draw_text_right(painter, right, middle - Style.SMALL.line / 2, tr("no key"), Style.SMALL, c.ink3)
    if line.is_changed:
        top = middle - Style.SMALL.line / 2
        right = draw_text_right(painter, right - Space.GRID, top, "changed", Style.SMALL, c.accent)
    room = right - Space.GRID - left
    draw_text(painter, left, middle - Style.BODY.line / 2, line.text, Style.BODY, c.ink, room * 0.7)
    draw_text_right(painter, right - Space.GRID, middle - Style.SMALL.line / 2, line.place, Style.SMALL, c.ink3)
