"""What chooses the revision that the one shown is compared with, and the tree of their differences."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QSlider, QTreeView, QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.keycaps import key_of
from console.qtkit.panes import Ground, Pane
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import quiet, strong
from console.screens.run.state import RecordState
from console.screens.run.view_difference import DifferenceDelegate, DifferenceModel, Part

SLIDER = 180
WIDTHS = {Part.NAME: 280, Part.FATE: 120}
LACK = tr("This engine keeps no earlier states.")


class CompareBar(Pane):
    """Turns comparing on and off and picks the revision. Tells `asked` with a revision, or none."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, is_row=True, spacing=Space.GRID, parent=parent)
        self._record = RecordState()
        self.button = Button(tr("Compare"), "equal", key=key_of("run.compare"), is_small=True)
        self.button.clicked.connect(self.toggle)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Revision to compare with"))
        self.slider.setFixedWidth(SLIDER)
        self.slider.valueChanged.connect(self.asked.emit)
        self.told = Text("", Style.SMALL, Tone.SECOND).keep_whole()
        for part in (self.told, self.slider, self.button):
            self.box.addWidget(part)

    def show_record(self, record: RecordState, counts: str) -> None:
        """Show what is compared; `counts` are the differences in words."""
        self._record = record
        is_on = record.compared is not None
        self.button.set_label(tr("Stop comparing") if is_on else tr("Compare"))
        self.button.set_blocked("" if record.can_go_back else LACK)
        self.slider.setVisible(is_on)
        self.told.setVisible(is_on)
        if record.compared is not None:
            self.slider.blockSignals(True)
            self.slider.setRange(0, max(record.newest, 0))
            self.slider.setValue(record.compared)
            self.slider.blockSignals(False)
            told = f"  {counts}" if counts else tr("  reading…")
            self.told.set_words((quiet(tr("Since revision ")), strong(f"{record.compared:,}"), quiet(told)))

    def toggle(self) -> None:
        """Compare with the revision before the one shown, or stop."""
        if self._record.compared is not None:
            self.asked.emit(None)
        elif self._record.can_go_back:
            shown = self._record.asked if self._record.asked is not None else self._record.newest
            self.asked.emit(max(0, shown - 1))


class DifferenceTree(QTreeView):
    """The tree of differences."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Opening everything at once is left out: it could be megabytes. The rest is Qt's."""
        if event.key() == Qt.Key.Key_Asterisk:
            event.ignore()
        else:
            super().keyPressEvent(event)


def difference_tree(model: DifferenceModel, parent: QWidget) -> DifferenceTree:
    """The tree over a model."""
    tree = DifferenceTree(parent)
    tree.setModel(model)
    tree.setItemDelegate(DifferenceDelegate(tree))
    tree.setUniformRowHeights(True)
    tree.setFrameShape(QTreeView.Shape.NoFrame)
    tree.setProperty("frameless", "true")
    tree.setAccessibleName(tr("Differences"))
    tree.setAllColumnsShowFocus(True)
    tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
    tree.setMouseTracking(True)
    header = tree.header()
    header.setAccessibleName(tr("Columns"))
    header.setStretchLastSection(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionsMovable(False)
    for part in (Part.BEFORE, Part.AFTER):
        header.setSectionResizeMode(part, QHeaderView.ResizeMode.Stretch)
    for place, width in WIDTHS.items():
        header.resizeSection(place, width)
    return tree
