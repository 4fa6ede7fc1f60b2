"""Settings of the look: theme, at once; size of text, when the window opens again."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QRadioButton

from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.panes import row
from console.qtkit.text import Text
from console.qtkit.theme import Mode
from console.qtkit.tokens import Style, Tone
from console.shell.look import choose_mode
from console.shell.settings_place import PartPane, Place
from console.shell.settings_values import SIZES, TEXT_SIZE, USUAL_SIZE, text_size

LABELS = {Mode.SYSTEM: tr("As the system shows"), Mode.LIGHT: tr("Light"), Mode.DARK: tr("Dark")}
SIZE_REMARK = tr(
    "Everything grows with the text: fields, rows and icons, so that nothing is cut. On a screen with little room the "
    "panes at the side fold away."
)
LATER = tr("Takes effect when the window opens again. Nothing that was sent is affected.")


class LookPart(PartPane):
    """Theme and size of text."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._size_at_start = text_size(place.memory)
        self.heading(tr("Theme"))
        self._themes = QButtonGroup(self)
        for mode, label in LABELS.items():
            choice = QRadioButton(label)
            choice.setObjectName(mode.value)
            choice.setChecked(place.theme.mode is mode)
            choice.toggled.connect(
                lambda is_on, mode=mode: choose_mode(place.theme, place.memory, mode) if is_on else None
            )
            self._themes.addButton(choice)
            self.add(choice)
        self.heading(tr("Size of text"), SIZE_REMARK)
        self._sizes = QButtonGroup(self)
        line = row()
        for size in SIZES:
            choice = QRadioButton(f"{size} %")
            choice.setObjectName(f"size-{size}")
            choice.setChecked(size == self._size_at_start)
            choice.toggled.connect(lambda is_on, size=size: self._choose(size) if is_on else None)
            self._sizes.addButton(choice)
            line.addWidget(choice)
        line.addStretch(1)
        self.add(line)
        self.later = Text("", Style.SMALL, Tone.MEDIUM, max_lines=0)
        self.reopen = Button(tr("Open again now"), "rotate-ccw", is_small=True)
        self.reopen.clicked.connect(place.reopen)
        foot = row()
        foot.addWidget(self.reopen)
        foot.addWidget(self.later, 1)
        self.add(foot)
        self.box.addStretch(1)
        self._show()

    def _choose(self, size: int) -> None:
        self._place.memory.set(TEXT_SIZE, str(size))
        self._show()

    def _show(self) -> None:
        is_changed = text_size(self._place.memory) != self._size_at_start
        why_not = self._place.why_not_reopen()
        self.later.set_words(
            LATER if is_changed else tr("{usual_size} % is the usual size.", usual_size=USUAL_SIZE), Tone.SECOND
        )
        self.reopen.setVisible(is_changed)
        self.reopen.set_blocked(why_not)
