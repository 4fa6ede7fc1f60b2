"""The form of a connection: its fields with what is wrong beside them, and what belongs to TLS only while that is on.

Invariant: a field keeps what is typed while the state is drawn; the API key is never shown, neither the one typed nor
the one kept.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from console.domain.language import tr
from console.infra.schema import FieldKind, SchemaField
from console.qtkit.buttons import Button, Kind
from console.qtkit.editors import ChoiceEditor
from console.qtkit.fields import Field
from console.qtkit.notes import Note
from console.qtkit.panes import column, row
from console.qtkit.sections import IconLine
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.screens.connections.state import KIND_NAMES, Editing
from console.services.enter import EXAMPLES, KIND, KINDS, LANGGRAPH, Entry

LABEL = 132
KEPT = tr("Kept; type to replace it")


class FormRow(QWidget):
    """A label, a field, and under it what is wrong."""

    def __init__(self, label: str, field: QWidget, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        across = row(spacing=Space.GAP)
        name = Text(label, Style.BODY, Tone.SECOND)
        name.setFixedWidth(LABEL)
        across.addWidget(name)
        across.addWidget(field, 1)
        self._hint = Text(hint, Style.SMALL, Tone.QUIET, max_lines=0)
        self._hint.setVisible(bool(hint))
        self.problem = IconLine("octagon-alert", "", Tone.CRITICAL, text_tone=Tone.CRITICAL)
        box = column(spacing=Space.HALF)
        box.addLayout(across)
        for part in (self._hint, self.problem):
            under = row((LABEL + Space.GAP, 0, 0, 0), 0)
            under.addWidget(part)
            box.addLayout(under)
        self.setLayout(box)
        self._field = field
        self.show_problem("")

    def show_problem(self, problem: str) -> None:
        """Say what is wrong, or nothing."""
        self.problem.words.set_words(problem)
        self.problem.setVisible(bool(problem))
        if isinstance(self._field, Field):
            self._field.set_problem(problem)
        else:
            self._field.setAccessibleDescription(problem)


class ConnectionForm(QWidget):
    """The fields and the buttons under them. Tells `entered` with a field's name and value."""

    entered = Signal(str, object)
    saved = Signal()
    tested = Signal()
    discarded = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, FormRow] = {}
        self._fields: dict[str, Field] = {}
        self._boxes: dict[str, QCheckBox] = {}
        self._is_drawing = False
        self.save = Button(tr("Save"), "save", kind=Kind.PRIMARY)
        self.test = Button(tr("Test"), "plug-zap")
        self.discard = Button(tr("Discard"), "x")
        self.save.clicked.connect(self.saved)
        self.test.clicked.connect(self.tested)
        self.discard.clicked.connect(self.discarded)
        self.forget = Button(tr("Forget it"), is_small=True)
        self.forget.clicked.connect(lambda: self.entered.emit("keeps_api_key", False))
        self._failed = Note("", "octagon-x", Tone.CRITICAL)
        self._keyring = IconLine("key-round", "", Tone.SECOND, text_tone=Tone.SECOND)
        self._lay_out()

    def show_editing(self, editing: Editing, keyring: str) -> None:
        """Show the form as it stands."""
        entry, wrong = editing.entry, editing.shown_problems
        self._is_drawing = True
        for name, field in self._fields.items():
            value = str(getattr(entry, name))
            if field.text() != value:
                field.setText(value)
        for name, box in self._boxes.items():
            box.setChecked(bool(getattr(entry, name)))
        self.kind.set_value(KIND_NAMES[entry.kind])
        self._rows["kind"].setVisible(editing.known is None)
        self._is_drawing = False
        for name, line in self._rows.items():
            line.show_problem(wrong.get(name, ""))
        self._show_what_applies(entry)
        self._fields["api_key"].set_placeholder(KEPT if entry.keeps_api_key else tr("None"))
        self._keyring.words.set_words(keyring or tr("It is kept in the system’s keyring, in no file."))
        self._keyring.setVisible(bool(keyring) or entry.has_api_key)
        self.save.set_label(
            tr("Saving…") if editing.is_saving else tr("Save") if editing.known is not None else tr("Save and connect")
        )
        self.save.set_blocked(tr("It is being saved.") if editing.is_saving else "")
        self._failed.setVisible(bool(editing.failed))
        self._failed.set_note(editing.failed, "octagon-x", Tone.CRITICAL)

    def field(self, name: str) -> Field:
        """One of the text fields."""
        return self._fields[name]

    def box(self, name: str) -> QCheckBox:
        """One of the boxes to tick."""
        return self._boxes[name]

    def problem(self, name: str) -> FormRow:
        """A field's row."""
        return self._rows[name]

    def _show_what_applies(self, entry: Entry) -> None:
        is_temporal, is_langgraph = entry.kind == KIND, entry.kind == LANGGRAPH
        self._rows["ca_path"].setVisible(entry.tls)
        for name in ("client_cert_path", "client_key_path", "server_name"):
            self._rows[name].setVisible(entry.tls and is_temporal)
        self._rows["namespace"].setVisible(is_temporal)
        self._rows["assistants"].setVisible(is_langgraph)
        self._fields["address"].set_placeholder(EXAMPLES[entry.kind])
        self._rows["api_key"].setVisible(entry.tls or entry.has_api_key or is_langgraph)
        self._rows["bearer"].setVisible(is_langgraph and entry.has_api_key)
        self.forget.setVisible(entry.keeps_api_key)
        self._rows["allow_plaintext"].setVisible(entry.needs_word)

    def _lay_out(self) -> None:
        box = column(spacing=Space.CARD)
        for line in (
            self._kind(),
            self._text("name", tr("Name"), tr("as people here call it")),
            self._text("address", tr("Address"), "temporal.example.com:7233", is_data=True),
            self._text("namespace", tr("Namespace"), "default", is_data=True),
            self._text("assistants", tr("Assistants"), tr("all, or names of graphs: refunds, support"), is_data=True),
            self._tick("tls", tr("Protection"), tr("Use TLS")),
            self._tick("allow_plaintext", "", tr("Send everything unprotected over the network")),
            self._file("ca_path", tr("CA certificate"), tr("the system’s, or a file in PEM")),
            self._file("client_cert_path", tr("Client certificate"), tr("none, or a file in PEM")),
            self._file("client_key_path", tr("Client key"), tr("none, or a file in PEM")),
            self._text("server_name", tr("Server name"), tr("as in its certificate, if not the address"), is_data=True),
            self._text("api_key", tr("API key"), tr("None"), is_data=True),
            self._tick("bearer", "", tr("Send it as a bearer token")),
        ):
            box.addWidget(line)
        self._fields["api_key"].set_trailing(self.forget)
        self._fields["api_key"].setEchoMode(QLineEdit.EchoMode.Password)
        under = row((LABEL + Space.GAP, 0, 0, 0), 0)
        under.addWidget(self._keyring)
        box.addLayout(under)
        box.addWidget(self._failed)
        box.addLayout(self._buttons())
        self.setLayout(box)

    def _buttons(self) -> QHBoxLayout:
        buttons = row((LABEL + Space.GAP, Space.HALF, 0, 0), Space.GRID)
        for button in (self.save, self.test, self.discard):
            buttons.addWidget(button)
        buttons.addStretch(1)
        return buttons

    def _kind(self) -> FormRow:
        names = tuple(KIND_NAMES[kind] for kind in KINDS)
        self.kind = ChoiceEditor(
            SchemaField(name="kind", kind=FieldKind.CHOICE, title=tr("Engine"), is_required=True, choices=names)
        )
        self.kind.edited.connect(self._choose_kind)
        # As wide as its words: a choice of two needs no line.
        beside = row(spacing=0)
        beside.addWidget(self.kind)
        beside.addStretch(1)
        field = QWidget()
        field.setLayout(beside)
        self._rows["kind"] = FormRow(tr("Engine"), field)
        return self._rows["kind"]

    def _choose_kind(self) -> None:
        chosen = next((kind for kind in KINDS if KIND_NAMES[kind] == self.kind.value()), KIND)
        if not self._is_drawing:
            self.entered.emit("kind", chosen)

    def _text(self, name: str, label: str, placeholder: str, *, is_data: bool = False) -> FormRow:
        field = self._made(name, label, placeholder, is_data=is_data)
        self._rows[name] = FormRow(label, field)
        return self._rows[name]

    def _file(self, name: str, label: str, placeholder: str) -> FormRow:
        field = self._made(name, label, placeholder, is_data=True)
        choose = Button(tr("Choose…"), is_small=True)
        choose.setAccessibleName(tr("Choose the file of the {label}", label=label.lower()))
        choose.clicked.connect(lambda: self._choose(field, label))
        field.set_trailing(choose)
        self._rows[name] = FormRow(label, field)
        return self._rows[name]

    def _made(self, name: str, label: str, placeholder: str, *, is_data: bool) -> Field:
        field = Field(label, placeholder=placeholder, is_data=is_data)
        field.textChanged.connect(self._telling(name))
        self._fields[name] = field
        return field

    def _tick(self, name: str, label: str, words: str) -> FormRow:
        box = QCheckBox(words)
        box.toggled.connect(self._telling(name))
        self._boxes[name] = box
        self._rows[name] = FormRow(label, box)
        return self._rows[name]

    def _telling(self, name: str) -> Callable[[object], None]:
        def tell(value: object) -> None:
            if not self._is_drawing:
                self.entered.emit(name, value)

        return tell

    def _choose(self, field: Field, label: str) -> None:
        dialog = QFileDialog(self, tr("Choose the {label}", label=label.lower()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Certificates and keys (*.pem *.crt *.cer *.key)"), tr("All files (*)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(field.setText)
        dialog.open()
