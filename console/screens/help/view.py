"""The help on screen: the pages at the left, the open one beside them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style
from console.screens import Action
from console.screens.help.presenter import HelpPresenter, HelpState, Topic
from console.screens.help.view_page import Page
from console.screens.help.view_topic import HEIGHT, draw_topic

LIST = 264
MEASURE = 720
MENU = tr("Help")


class HelpView(QWidget):
    """All of the screen."""

    def __init__(self, presenter: HelpPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self.setAccessibleName(tr("Help"))
        model = RowModel[Topic](lambda topic: topic.name, lambda topic: topic.title)
        self.list = RowTable(model, draw_topic, lambda *_: HEIGHT, tr("Pages of the help"), usual_height=HEIGHT)
        self.page = Page()
        self._open = ""
        self._lay_out()
        self.setFocusProxy(self.list)
        presenter.listen(self.show_state)
        self.list.current_changed.connect(lambda name: presenter.open(str(name)))
        self.page.anchorClicked.connect(lambda url: presenter.on_link(url.toString()))

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # the window asks every screen for these
        """What a person can do here."""
        return (
            Action(
                action_id="help.back",
                text=tr("Back to the inbox"),
                run=self.presenter.on_back,
                keys=("Esc",),
                menu=tr("Go"),
            ),
        )

    def show_state(self, state: HelpState) -> None:
        """Draw a state."""
        self.list.apply(state.topics)
        self.list.set_current(state.topic.name)
        if state.topic.name != self._open:
            self._open = state.topic.name
            self.page.show_text(state.topic.text)

    def _lay_out(self) -> None:
        left = Pane(Ground.SUNKEN, Edge.RIGHT, margins=(0, 0, 1, 0))
        left.setFixedWidth(LIST)
        head = Pane(Ground.SUNKEN, Edge.BOTTOM, margins=(Space.GAP, Space.CARD, Space.GAP, Space.CARD))
        head.box.addWidget(Text(tr("Help"), Style.SCREEN))
        left.box.addWidget(head)
        left.box.addWidget(self.list, 1)
        right = Pane(Ground.SURFACE, is_row=True, margins=(2 * Space.PANE, Space.PANE, Space.PANE, 0))
        self.page.setMaximumWidth(MEASURE)
        self.page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        right.box.addWidget(self.page, 20)
        right.box.addStretch(1)
        across = row(spacing=0)
        across.addWidget(left)
        across.addWidget(right, 1)
        self.setLayout(across)
