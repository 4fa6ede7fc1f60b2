"""What the parts of the settings are given, and how they are laid out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QBoxLayout, QWidget

from console.qtkit.panes import Divider, Ground, Pane
from console.qtkit.text import Text
from console.qtkit.theme import Theme
from console.qtkit.tokens import Space, Style, Tone
from console.screens import Memory
from console.shell.actions import ActionTable
from console.shell.keeping import Keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The window's own things.

    ``names`` are those of screens by id; ``keeping`` is there once the desk is open; ``reopen`` closes the window and
    opens it again; ``why_not_reopen`` says why that has to wait, and is empty where it need not.
    """

    theme: Theme
    memory: Memory
    table: ActionTable
    names: Mapping[str, str]
    keeping: Keeping | None
    reopen: Callable[[], object]
    why_not_reopen: Callable[[], str]


class PartPane(Pane):
    """A part: headings, what is set below them, and remarks."""

    def __init__(self) -> None:
        super().__init__(Ground.SURFACE, margins=(Space.PANE, Space.GAP, Space.PANE, Space.PANE), spacing=Space.GRID)

    def heading(self, title: str, remark: str = "") -> None:
        """Begin a group."""
        if self.box.count():
            self.box.addSpacing(Space.GRID)
            self.box.addWidget(Divider())
            self.box.addSpacing(Space.HALF)
        self.box.addWidget(Text(title, Style.STRONG))
        if remark:
            self.remark(remark)

    def remark(self, words: str) -> Text:
        """Add a sentence or two."""
        made = Text(words, Style.SMALL, Tone.SECOND, max_lines=0)
        self.box.addWidget(made)
        return made

    def add(self, what: QWidget | QBoxLayout) -> None:
        """Add a control, or a line of them."""
        if isinstance(what, QWidget):
            self.box.addWidget(what)
        else:
            self.box.addLayout(what)
