"""The form of an edit or an answer, below the sections, which stay in reach.

Invariant: made anew only for another item, another version of it or another verdict; what was entered before is put
back into it. It is sent only when the schema has nothing against it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.infra.schema import read_schema
from console.qtkit.form import Form
from console.qtkit.notes import Note
from console.qtkit.panes import Edge, Ground, Pane, Scroll
from console.qtkit.sections import IconLine
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.screens.inbox.content import FormBlock
from console.screens.inbox.view_witness import Witness

LEADS = {
    "Arguments": tr("Change what will be done. What you change is marked; the rest goes as proposed."),
    "Answer": tr("Your answer goes back to the run as it stands here."),
}


class FormPane(Pane):
    """Tells ``edited`` with the value as it stands, ``submitted`` with one that may go."""

    edited = Signal(object)
    submitted = Signal(object)
    painted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, Edge.TOP, margins=(0, 1, 0, 0), parent=parent)
        self.form: Form | None = None
        self._made_for: tuple[str, str, str] | None = None
        self._problem = IconLine("octagon-alert", "", Tone.CRITICAL)
        self._inner = Witness()
        self._scroll = Scroll(self._inner)
        self.box.addWidget(self._scroll, 1)

    def show_form(self, block: FormBlock | None, item_id: str, digest: str) -> None:
        """Open the form, or close it."""
        if block is None:
            self._made_for = None
            self.form = None
            return
        made_for = (item_id, digest, block.name)
        if made_for == self._made_for:
            return
        self._made_for = made_for
        self._build(block)
        self._inner.bear(item_id, digest)

    def wanted_height(self) -> int:
        """How much room shows all of it."""
        return self._inner.sizeHint().height() + 2

    def submit(self) -> None:
        """Send the value, or say what is wrong with it."""
        if self.form is None:
            return
        problems = self.form.try_out()
        self._problem.setVisible(bool(problems))
        if problems:
            self._problem.words.set_words(tr("Not sent: ") + "; ".join(problems[:3]))
        else:
            self.submitted.emit(self.form.value())

    def focus_first(self) -> None:
        """Go to the first field."""
        if self.form is None:
            return
        field = self.form.nextInFocusChain()
        while field is not None and field is not self.form and not self._takes_focus(field):
            field = field.nextInFocusChain()
        if field is not None:
            field.setFocus(Qt.FocusReason.TabFocusReason)

    def _takes_focus(self, widget: QWidget) -> bool:
        if self.form is None or not self.form.isAncestorOf(widget) or not widget.isVisibleTo(self.form):
            return False
        return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)

    def _build(self, block: FormBlock) -> None:
        form = (
            Form(read_schema(block.schema), block.base) if block.base is not None else Form(read_schema(block.schema))
        )
        if block.value is not None and block.value != block.base:
            form.set_value(block.value)
        form.edited.connect(lambda: self.edited.emit(form.value()))
        self.form = form
        self._problem = IconLine("octagon-alert", "", Tone.CRITICAL)
        self._problem.hide()
        self._inner = Witness((Space.PANE, Space.CARD, Space.PANE, Space.CARD), Space.CARD)
        self._inner.painted.connect(self.painted)
        self._inner.box.addWidget(Text(LEADS[block.name], Style.ROW, Tone.SECOND, max_lines=0))
        if block.remark:
            self._inner.box.addWidget(Note(block.remark, "signature", Tone.PERSON))
        self._inner.box.addWidget(form)
        self._inner.box.addWidget(self._problem)
        self._inner.box.addStretch(1)
        self._scroll.setWidget(self._inner)
        self._inner.show()
