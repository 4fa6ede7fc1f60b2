"""The review pane: head, banners, sections, and below them the form of an edit or an answer while one is open.

Invariant: sections are built anew only when what they say changed; the scroll position survives that on the same item.
Whenever the content is painted the pane says which version of which item it shows: arming rests on that.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.qtkit.notes import EmptyState, Note
from console.qtkit.panes import Divider, Ground, Pane, Scroll, remove
from console.qtkit.sections import Section
from console.qtkit.tokens import Space, Tone
from console.qtkit.words import Words, data
from console.screens.inbox.content import SectionContent
from console.screens.inbox.state import InboxState
from console.screens.inbox.values import brief
from console.screens.inbox.view_blocks import Blocks
from console.screens.inbox.view_form import FormPane
from console.screens.inbox.view_head import ReviewHead
from console.screens.inbox.view_witness import Witness

BACK = "back"
DISMISS = "dismiss"
COPY_ID = "copy-id"
ACTIONS = {BACK: tr("Back to the run"), DISMISS: tr("Dismiss"), COPY_ID: tr("Copy its id")}
FORM_SHARE, FORM_LEAST = 0.66, 160
NAME = 60


class ReviewPane(Pane):
    """Draws the open item. Tells ``activated`` with the target of a link, ``painted`` what is before the eyes."""

    activated = Signal(str)
    painted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, parent=parent)
        self.setAccessibleName(tr("Review"))
        self.head = ReviewHead()
        self.head.activated.connect(self.activated)
        self.banners = Pane(Ground.SURFACE, margins=(Space.PANE, 0, Space.PANE, Space.CARD), spacing=Space.GRID)
        self.errand = self._banner()
        self.changed = self._banner()
        self.warning = self._banner()
        self.notice = self._banner()
        self.hindrance = self._banner()
        self.form = FormPane()
        self.form.painted.connect(self.painted)
        self._drawn: tuple[SectionContent, ...] = ()
        self._blocks = Blocks(self.activated.emit)
        self._shows = ("", "")
        self._sections = Witness()
        self.scrolled = Scroll(self._sections)
        self.form.hide()
        self.body = Pane(Ground.SURFACE)
        self.body.box.addWidget(self.scrolled, 1)
        self.body.box.addWidget(self.form)
        self._nothing = EmptyState("inbox", tr("Nothing is open"), tr("Choose an item on the left to read it."))
        for widget in (self.head, self.banners, Divider(), self.body):
            self.box.addWidget(widget)
        self.box.setStretch(3, 1)
        self.box.addWidget(self._nothing, 1)

    def show_state(self, state: InboxState) -> None:
        """Draw the open item, or that none is."""
        item = state.item
        for widget in (self.head, self.body):
            widget.setVisible(item is not None)
        self._nothing.setVisible(item is None and not state.listing.selected_id)
        self._show_banners(state)
        if item is None:
            self._shows = ("", "")
            self._sections.bear("", "")
            return
        self.head.show_header(state.header)
        self._show_sections(state)
        self.form.show_form(state.form, item.item_id, item.digest)
        self.form.setVisible(state.form is not None)
        self._give_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room between what is known and the form."""
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        most = round(self.body.height() * FORM_SHARE)
        self.form.setFixedHeight(max(FORM_LEAST, min(most, self.form.wanted_height())))

    def _show_sections(self, state: InboxState) -> None:
        item = state.item
        if item is None:
            return
        is_same = self._shows == (item.item_id, item.digest)
        sections = state.reviewed.sections
        if not is_same or sections != self._drawn:
            before, self._drawn = self._drawn, sections
            if is_same:
                self._renew(before)
            else:
                self._build(keeps_place=self._shows[0] == item.item_id)
            self._shows = (item.item_id, item.digest)
        # Only what was read in full can be decided, so only that is borne witness to.
        self._sections.bear(item.item_id if item.escalation is not None else "", item.digest)
        if not state.is_armed:
            # It may look as before and have been left meanwhile: arming needs a paint of its own.
            self._sections.update()

    def _build(self, *, keeps_place: bool) -> None:
        bar = self.scrolled.verticalScrollBar()
        place = bar.value() if keeps_place else 0
        self._sections = Witness()
        self._sections.painted.connect(self.painted)
        for number, each in enumerate(self._drawn):
            self._sections.box.addWidget(self._section(each, number))
        self._sections.box.addStretch(1)
        self.scrolled.setWidget(self._sections)
        self._sections.show()
        bar.setValue(place)

    def _renew(self, before: tuple[SectionContent, ...]) -> None:
        """Build only those sections anew that say something else; the others stay, under the pointer too."""
        box = self._sections.box
        for number, each in enumerate(self._drawn):
            if number < len(before) and before[number] == each:
                continue
            if number < len(before):
                remove(box, number)
            box.insertWidget(number, self._section(each, number))
        for _ in before[len(self._drawn) :]:
            remove(box, len(self._drawn))

    def _section(self, content: SectionContent, number: int) -> Section:
        made = Section(content.label, has_line=number > 0)
        for block in content.blocks:
            made.content.addWidget(self._blocks.build(block))
        return made

    def _show_banners(self, state: InboxState) -> None:
        warning = state.bar.warning if state.item is not None else ""
        self._tell(self.errand, _errand(state), "corner-down-left", Tone.ACCENT, BACK)
        self._tell(self.changed, state.changed, "history", Tone.MEDIUM, DISMISS)
        self._tell(self.warning, warning, "triangle-alert", Tone.MEDIUM)
        self._tell(self.notice, state.notice, "info", Tone.ACCENT, DISMISS)
        hindrance = state.bar.hindrance if state.item is not None else ""
        self._tell(self.hindrance, hindrance, "signature", Tone.PERSON, COPY_ID)
        self.banners.setVisible(bool(state.back or state.changed or warning or state.notice or hindrance))

    def _tell(self, note: Note, words: Words, icon: str, tone: Tone, target: str = "") -> None:
        note.setVisible(bool(words))
        if words:
            note.set_note(words, icon, tone, ACTIONS.get(target, ""), target)

    def _banner(self) -> Note:
        made = Note("", "info", Tone.ACCENT)
        made.activated.connect(self.activated)
        self.banners.box.addWidget(made)
        return made


def _errand(state: InboxState) -> Words:
    """From which run a person steps in here, and how they get back."""
    if state.back is None:
        return ""
    run_id = data(brief(state.back.ref.run_id, NAME))
    return [tr("You step in from "), run_id, tr(". Deciding leads back there, and so does Esc.")]
