"""Settings of the reasons to pick from."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.fields import Field
from console.qtkit.panes import column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Style
from console.screens.inbox.reasons import KEPT, LONGEST, NAME, REMOVED, Reasons
from console.shell.settings_place import PartPane, Place

REMARK = tr(
    "Offered below the decision as “Templates”, your own first, then what you used last. A reason is part of the "
    "decision and signed with it."
)


class ReasonsPart(PartPane):
    """The templates: add, remove, put back. The inbox reads them anew whenever it opens their menu."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._memory = place.memory
        self.heading(tr("Templates of reasons"), REMARK)
        self.field = Field(tr("A new template"), placeholder=tr("A new template, then Enter"))
        self.field.setMaxLength(LONGEST)
        self.field.returnPressed.connect(self._add)
        self.add(self.field)
        self._lines = column(spacing=4)
        self.add(self._lines)
        self._shown: list[QWidget] = []
        reset = Button(tr("Put back as it came"), "rotate-ccw", is_small=True)
        reset.clicked.connect(self._reset)
        self.box.addSpacing(8)
        self.add(reset)
        self.box.addStretch(1)
        self._show()

    def _add(self) -> None:
        Reasons(self._memory).keep(self.field.text())
        self.field.clear()
        self._show()

    def _remove(self, reason: str) -> None:
        Reasons(self._memory).remove(reason)
        self._show()

    def _reset(self) -> None:
        for name in (NAME, KEPT, REMOVED):
            self._memory.set(name, "[]")
        self._show()

    def _show(self) -> None:
        for widget in self._shown:
            self._lines.removeWidget(widget)
            widget.deleteLater()
        self._shown = []
        templates = Reasons(self._memory).offered()
        for reason in templates.all:
            line = QWidget()
            across = row()
            across.addWidget(Text(reason, Style.BODY if reason not in templates.kept else Style.LABEL), 1)
            remove = Button("", "x", kind=Kind.FLAT, is_small=True)
            remove.setAccessibleName(tr("Remove: {reason}", reason=reason))
            remove.clicked.connect(partial(self._remove, reason))
            across.addWidget(remove)
            line.setLayout(across)
            self._lines.addWidget(line)
            self._shown.append(line)
