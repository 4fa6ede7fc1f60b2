"""Who may decide at a connection: people with role and key, since when, and how each key ended.

Invariant: it only reads; what changes it is typed at a command line, and stands here to be copied.
"""

from __future__ import annotations

import shlex
from datetime import datetime

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from console.domain.deciders import Decider, moment
from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.datatext import DataText
from console.qtkit.notes import Note
from console.qtkit.panes import column, row
from console.qtkit.sections import TOP
from console.qtkit.tables import Column, Table
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Words, data, quiet, strong
from console.screens.connections.state import ConnectionsState
from console.services.views import ConnectionView

KEY_SHOWN = 8
NAME, ENDING = 60, 200
MOST = 100
REMARK = tr(
    "A supervisor changes this on the command line. The key of another person is what “clearance keys show” prints for "
    "them."
)
COLUMNS = (
    Column(tr("Person"), Style.STRONG),
    Column(tr("Role")),
    Column(tr("Key"), Style.DATA),
    Column(tr("Valid from"), Style.DATA),
    Column(tr("Now"), stretches=True),
)


class DecidersPane(QWidget):
    """The key registry of the chosen connection."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = Table(COLUMNS, tr("Who may decide"))
        self.problem = Note("", "triangle-alert", Tone.MEDIUM)
        self._root = Text("", Style.SMALL, Tone.SECOND, max_lines=0)
        self.commands = DataText(tr("How keys are enrolled and revoked"), fitting_lines=3)
        self.copy = Button(tr("Copy"), "copy", is_small=True)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.commands.text()))
        self._shown: object = None
        how = row(spacing=Space.GRID)
        how.addWidget(self.commands, 1)
        how.addWidget(self.copy, 0, TOP)
        box = column(spacing=Space.GRID)
        for part in (self.problem, self.table, self._root, Text(REMARK, Style.SMALL, Tone.SECOND, max_lines=0)):
            box.addWidget(part)
        box.addLayout(how)
        self.setLayout(box)

    def show_state(self, state: ConnectionsState, view: ConnectionView) -> bool:
        """Show it; whether there is something to show."""
        found = state.deciders
        if found is None or found.connection_id != view.config.connection_id:
            return False
        if found == self._shown:
            return True
        self._shown = found
        self.problem.setVisible(bool(found.failed))
        self.problem.set_note(found.failed, "triangle-alert", Tone.MEDIUM)
        rows = [_row(each, state.now, is_own=each.record.key_id == found.own_id) for each in found.deciders[:MOST]]
        self.table.set_rows(rows)
        self.table.setVisible(bool(rows))
        more = len(found.deciders) - MOST
        further = tr("{more:,} keys more are not shown. ", more=more) if more > 0 else ""
        self._root.set_words(
            (tr("{further}The registry begins with the root key ", further=further), data(found.root_id), ".")
        )
        self._root.setVisible(bool(found.root_id))
        self.commands.set_text(commands(view.config.name))
        return True


def commands(connection: str) -> str:
    """What a supervisor types there."""
    at = tr(" --connection {connection}", connection=shlex.quote(connection))
    return tr(
        "clearance keys enrol{at} --person ID --name NAME --role operator --public-key KEY "
        "--account USER@HOST\nclearance keys revoke{at} KEY --reason WHY",
        at=at,
    )


def _row(each: Decider, now: datetime, *, is_own: bool) -> tuple[Words, ...]:
    record = each.record
    name = one_line(f"{record.person.name[:NAME]} ({record.person.person_id[:NAME]})")
    ending = one_line(each.ending(now)[:ENDING])
    state: Words = (strong(ending, Tone.HIGH) if not each.counts(now) else ending) if ending else "valid"
    whose: Words = (name, quiet(tr(", you"))) if is_own else name
    return whose, tr(record.person.role).capitalize(), record.key_id[:KEY_SHOWN], moment(record.valid_from), state
