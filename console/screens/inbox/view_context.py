"""The pane beside the review: rule, owner, precedents, comments, ticket. It folds to a column of icons.

Invariant: blocks are built anew only when what they say changed; a comment being written is never lost by that.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.fields import Field
from console.qtkit.keycaps import key_of
from console.qtkit.marks import KeyCap
from console.qtkit.paint import tip
from console.qtkit.panes import Edge, Ground, Pane, Scroll, column, remove
from console.qtkit.sections import Block
from console.qtkit.tokens import Space, Width
from console.screens.inbox.content import SectionContent
from console.screens.inbox.state import InboxState
from console.screens.inbox.view_blocks import Blocks

COMMENTS = tr("Comments")


class CommentField(Field):
    """Sends on Enter, and keeps Enter to itself: nothing is decided by it."""

    sent = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Comment"), placeholder=tr("Comment, kept with the item"), key=key_of("inbox.comment"), parent=parent
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send on Enter."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
            return
        if not event.isAutoRepeat() and self.text().strip():
            self.sent.emit(self.text())
            self.clear()
        event.accept()


class ContextPane(Pane):
    """Tells ``commented`` with words, ``activated`` with a link, ``fold_asked`` when it is to fold or unfold."""

    commented = Signal(str)
    activated = Signal(str)
    fold_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SUNKEN, Edge.LEFT, margins=(1, 0, 0, 0), parent=parent)
        self.setAccessibleName(tr("Context"))
        self._builder = Blocks(self.activated.emit)
        self._drawn: tuple[SectionContent, ...] = ()
        self._inner = Pane(Ground.SUNKEN)
        self.comment = CommentField()
        self.comment.sent.connect(self.commented)
        # Made once: a comment being written outlives what is said around it.
        self._comments = Block(COMMENTS, "message-square")
        self._said = column(spacing=Space.GRID)
        self._comments.content.addLayout(self._said)
        self._comments.content.addWidget(self.comment)
        self.blocks = column(spacing=0)
        self._inner.box.addLayout(self.blocks)
        self._inner.box.addWidget(self._comments)
        self.below = column(spacing=0)
        self._inner.box.addLayout(self.below)
        self._inner.box.addStretch(1)
        self.scrolled = Scroll(self._inner)
        self._foot = Pane(Ground.SUNKEN, Edge.TOP, is_row=True, margins=(Space.GRID, 4, Space.GAP, 4))
        self.fold = Button(tr("Fold this pane"), "chevron-right", kind=Kind.FLAT, is_small=True)
        self.fold.clicked.connect(self.fold_asked)
        self._foot.box.addWidget(self.fold)
        self._foot.box.addStretch(1)
        self._foot.box.addWidget(KeyCap(key_of("inbox.context")))
        self._folded = Pane(Ground.SUNKEN, margins=(4, Space.GRID, 4, Space.GRID), spacing=Space.GRID)
        self.box.addWidget(self._folded, 1)
        self.box.addWidget(self.scrolled, 1)
        self.box.addWidget(self._foot)
        self.is_folded = False
        self.set_folded(is_folded=False)

    def set_folded(self, *, is_folded: bool) -> None:
        """Show icons only, or everything."""
        self.is_folded = is_folded
        self.setFixedWidth(Width.CONTEXT_FOLDED if is_folded else Width.CONTEXT)
        self._folded.setVisible(is_folded)
        self.scrolled.setVisible(not is_folded)
        self._foot.setVisible(not is_folded)

    def show_state(self, state: InboxState) -> None:
        """Draw what there is beside the open item."""
        sections = state.context if state.item is not None else ()
        self.comment.setVisible(state.can_comment)
        if sections == self._drawn:
            return
        before, self._drawn = self._drawn, sections
        above, comments, below = _around_comments(sections)
        was_above, were_comments, was_below = _around_comments(before)
        self._renew(self.blocks, was_above, above)
        self._renew(self.below, was_below, below)
        self._comments.setVisible(comments is not None)
        if comments is not None and comments != were_comments:
            self._comments.set_heading(COMMENTS, comments.remark)
            _empty(self._said)
            for each in comments.blocks:
                self._said.addWidget(self._builder.build(each))
        if [each.label for each in sections] != [each.label for each in before]:
            self._show_icons(sections)

    def _renew(self, box: QBoxLayout, before: tuple[SectionContent, ...], sections: tuple[SectionContent, ...]) -> None:
        """Build only those blocks anew that say something else; the others stay, under the pointer too."""
        for place, section in enumerate(sections):
            if place < len(before) and before[place] == section:
                continue
            if place < len(before):
                remove(box, place)
            block = Block(section.label, section.icon, section.remark)
            for each in section.blocks:
                block.content.addWidget(self._builder.build(each))
            box.insertWidget(place, block)
        for _ in before[len(sections) :]:
            remove(box, len(sections))

    def _show_icons(self, sections: tuple[SectionContent, ...]) -> None:
        box = self._folded.box
        _empty(box)
        wanted = [("chevron-left", tr("Unfold this pane (F8)")), *((each.icon, each.label) for each in sections)]
        for icon, label in wanted:
            button = Button("", icon, kind=Kind.FLAT)
            button.setAccessibleName(label)
            button.setToolTip(tip(label))
            button.clicked.connect(self.fold_asked)
            box.addWidget(button)
        box.addStretch(1)


def _around_comments(
    sections: tuple[SectionContent, ...],
) -> tuple[tuple[SectionContent, ...], SectionContent | None, tuple[SectionContent, ...]]:
    """What stands above the comments, they themselves, and what stands below."""
    labels = [each.label for each in sections]
    if COMMENTS not in labels:
        return sections, None, ()
    place = labels.index(COMMENTS)
    return sections[:place], sections[place], sections[place + 1 :]


def _empty(box: QBoxLayout) -> None:
    """Take everything out of a layout."""
    while box.count():
        remove(box, 0)
