"""The head of the run's screen: where it is, what it is, how it does, and why it does not move.

Invariant: a field that the engine cannot fill is not there; numbers are never cut; text of an engine is elided.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from console.domain.display import one_line
from console.domain.doing import doing
from console.domain.language import tr
from console.domain.links import run_link
from console.qtkit.buttons import Button, Kind
from console.qtkit.icons import icon
from console.qtkit.keycaps import key_of, label_of
from console.qtkit.notes import Note
from console.qtkit.paint import tip
from console.qtkit.panes import Ground, Pane, row
from console.qtkit.pills import Pill
from console.qtkit.runlooks import RUN_LOOKS
from console.qtkit.sections import Fact
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Span, Words, data, link, quiet, strong
from console.screens.run.header import CAUSE_LOOKS, TITLE_LIMIT, fields, freshness
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import Phase, ReportState, RunState
from console.screens.run.stepping import Group

BACK, ESCALATION, RESUME, UNDO, AGAIN, STOP, CLOSE = (
    "back",
    "escalation",
    "resume",
    "undo",
    "again",
    "stop",
    "close",
)
FIELD_GAP = 28
KEY_FIRST_BELOW = 1_100
KEY_LIMIT = 60
RUN_ID_SHOWN = 60
NAME_SHOWN = 60
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+|^\.+")
TAKE, GIVE_BACK = tr("Take command"), tr("Give back command")
TAKES = tr("This takes command. Until then nothing here acts on the run.")
COPY, COPIED_MS = tr("Copy summary"), 2_500


class RunHeader(Pane):
    """Everything above the tabs."""

    copied = Signal()

    def __init__(self, presenter: RunPresenter, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SURFACE, margins=(Space.PANE, Space.CARD, Space.PANE, Space.GRID), spacing=6, parent=parent
        )
        self._presenter = presenter
        self._where = Text("", Style.SMALL, Tone.SECOND)
        self._where.activated.connect(lambda _: presenter.on_back())
        self._title = Text("", Style.TITLE)
        self._pill = Pill("", "loader", Tone.ACCENT)
        self.copy = Button(COPY, "copy")
        self.copy.clicked.connect(self.copy_summary)
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(COPIED_MS)
        self._copied.timeout.connect(lambda: self.copy.set_label(COPY, "copy"))
        self.reading_only = Text("", Style.SMALL, Tone.SECOND).keep_whole()
        self.command = Button(TAKE, key=key_of("run.command"), kind=Kind.OUTLINED)
        self.command.clicked.connect(presenter.on_command_taken)
        self.step_in = Button(tr("Step in"), "user-check", key=key_of("run.step-in"), has_menu=True)
        self.step_in.clicked.connect(self.offer_commands)
        self._facts: dict[str, Fact] = {}
        self._fact_row = row(spacing=FIELD_GAP)
        self._fact_row.addStretch(1)
        self.why = Note("", "hourglass", Tone.PERSON)
        self.why.activated.connect(self._on_why)
        self.problem = Note("", "triangle-alert", Tone.HIGH, action=tr("Read again"), target=AGAIN)
        self.problem.activated.connect(lambda _: presenter.on_refresh())
        self.progress = Note("", "clock", Tone.SECOND)
        self.progress.activated.connect(self._on_progress)
        self.report = Note("", "file-text", Tone.SECOND)
        self.report.activated.connect(self._on_report)
        self._lay_out()

    def show_state(self, state: RunState) -> None:
        """Show how the run does now."""
        run, shown = state.run, state.run or state.known
        self._where.set_words(_where(state))
        self._show_title(state)
        self._pill.setVisible(shown is not None)
        self.copy.setVisible(run is not None)
        self._show_command(state)
        self.why.setVisible(False)
        if shown is not None:
            known = doing(shown.status, (), is_asking=bool(shown.waiting))
            self._pill.set_state(*RUN_LOOKS[state.doing if run is not None else known])
        # None of another run's may stay when nothing is known of this one yet.
        self._show_facts(dict(fields(shown, state.now, state.steps, state.completion)) if shown is not None else {})
        if run is not None:
            self._show_why(state)
        self._show_report(state.report)
        self._show_progress(state)
        self.problem.setVisible(state.problem is not None and state.phase is not Phase.GONE)
        if state.problem is not None:
            words: Words = (
                strong(tr("Cannot be read now: ")),
                tr(state.problem.message),
                " ",
                tr(state.problem.next_action),
            )
            self.problem.set_note(words, "triangle-alert", Tone.HIGH, tr("Read again"), AGAIN)

    def _on_why(self, target: str) -> None:
        """Go to what holds the run up."""
        if target == RESUME:
            self._presenter.on_resume()
        else:
            self._presenter.on_open_escalation()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the title begins with what tells this run from others."""
        super().resizeEvent(event)
        self._show_title(self._presenter.state)

    def _show_title(self, state: RunState) -> None:
        title = (state.title or (state.ref.run_id if state.ref else ""))[:TITLE_LIMIT]
        known = state.run or state.known
        key = one_line(known.business_key[:KEY_LIMIT]) if known is not None else ""
        is_key_first = self.width() < KEY_FIRST_BELOW and key and not title.startswith(key)
        self._title.set_words(f"{key} · {title}" if is_key_first else title)

    def _on_report(self, target: str) -> None:
        """Stop the report under way, or tell of it no longer."""
        reporter = self._presenter.reporter
        if target == STOP:
            reporter.stop()
        else:
            reporter.dismiss()

    def _on_progress(self, target: str) -> None:
        """Take back what was decided, or tell of it no longer."""
        if target == UNDO:
            self._presenter.on_undo()
        else:
            self._presenter.progress.forget()

    def _show_progress(self, state: RunState) -> None:
        told = state.progress
        self.progress.setVisible(bool(told.words))
        if told.words:
            action, target = (
                (tr("Undo ({key_of})", key_of=label_of(key_of("run.undo"))), UNDO)
                if told.can_undo
                else (tr("Close"), CLOSE)
            )
            self.progress.set_note(told.words, told.icon, told.tone, action, target)

    def _show_report(self, told: ReportState) -> None:
        self.report.setVisible(bool(told.words))
        if told.words:
            icon, tone = ("octagon-x", Tone.CRITICAL) if told.is_failed else ("file-text", Tone.SECOND)
            action, target = (tr("Stop"), STOP) if told.is_going else (tr("Close"), CLOSE)
            self.report.set_note(told.words, icon, tone, action, target)

    def _show_command(self, state: RunState) -> None:
        """Say whether anything here can act on the run."""
        is_read, can_act = state.run is not None, not state.step_in_lack
        self.reading_only.setVisible(is_read and can_act)
        self.command.setVisible(is_read and can_act)
        self.step_in.setVisible(is_read)
        self.step_in.set_blocked(state.step_in_lack)
        self.step_in.setToolTip(tip(state.step_in_lack or ("" if state.has_command else TAKES)))
        if state.has_command:
            self.reading_only.set_words(
                Span(tr("You have command"), tone=Tone.PERSON, is_strong=True, icon="user-check")
            )
        else:
            self.reading_only.set_words(Span(tr("Read-only"), icon="eye"))
        self.command.set_label(GIVE_BACK if state.has_command else TAKE)
        self.command.set_kind(Kind.NORMAL if state.has_command else Kind.OUTLINED)

    def _show_why(self, state: RunState) -> None:
        """Say why it does not move, or that somebody is asked while it does."""
        why = state.stillness
        action, target = (tr("Open the escalation"), ESCALATION) if state.can_open_escalation else ("", "")
        if state.can_resume:
            action, target = tr("Resume…"), RESUME
        self.why.setVisible(why is not None or bool(action))
        if why is not None:
            icon, tone = CAUSE_LOOKS[why.cause]
            words = (
                strong(tr("Not moving: {headline}.", headline=why.headline)),
                f"  {why.detail}" if why.detail else "",
            )
            self.why.set_note(words, icon, tone, action, target)
        elif action:
            self.why.set_note(tr("A person is asked to decide."), "hourglass", Tone.PERSON, action, ESCALATION)

    def copy_summary(self) -> None:
        """Put the summary on the clipboard."""
        QApplication.clipboard().setText(self._presenter.summary())
        self._tell_copied(tr("Summary copied"))

    def copy_link(self) -> None:
        """Put a link to the run on the clipboard."""
        ref = self._presenter.state.ref
        if ref is not None:
            QApplication.clipboard().setText(run_link(ref))
            self._tell_copied(tr("Link copied"))

    def _tell_copied(self, words: str) -> None:
        """Say on the button that it worked, for a moment."""
        self.copy.set_label(words, "check")
        self._copied.start()

    def choose_report(self) -> None:
        """Ask where the report goes, and have it written."""
        state = self._presenter.state
        if state.ref is None or state.report.is_going:
            return
        dialog = QFileDialog(self, tr("Export a report of the run"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("HTML files (*.html)"))
        dialog.setDefaultSuffix("html")
        dialog.selectFile(f"{UNSAFE.sub('-', state.ref.run_id[:NAME_SHOWN])}.html")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._presenter.on_report(Path(name)))
        dialog.open()

    def offer_commands(self) -> None:
        """Ask what can be done to the run, and offer it."""
        self._presenter.on_step_in(self._offer)

    def _offer(self, groups: tuple[Group, ...]) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for group in groups:
            menu.addSeparator()
            menu.addAction(group.heading).setEnabled(False)
            for each in group.offers:
                made = menu.addAction(
                    icon(each.icon, Tone.CRITICAL if each.is_danger else Tone.SECOND),
                    each.text.replace("&", "&&") + "…",
                )
                made.triggered.connect(partial(self._presenter.on_command, each.item_id))
        if not groups:
            menu.addAction(tr("Nothing can be done to it now")).setEnabled(False)
        menu.popup(self.step_in.mapToGlobal(self.step_in.rect().bottomLeft()))

    def _lay_out(self) -> None:
        head = row(spacing=Space.CARD)
        head.addWidget(self._title)
        head.addWidget(self._pill)
        head.addStretch(1)
        for part in (self.reading_only, self.command, self.step_in):
            head.addWidget(part)
        head.addWidget(self.copy)
        self.box.addWidget(self._where)
        self.box.addLayout(head)
        self.box.addLayout(self._fact_row)
        self.box.addWidget(self.progress)
        self.box.addWidget(self.why)
        self.box.addWidget(self.problem)
        self.box.addWidget(self.report)

    def _show_facts(self, shown: dict[str, Span]) -> None:
        for label in [label for label in self._facts if label not in shown]:
            gone = self._facts.pop(label)
            self._fact_row.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (label, value) in enumerate(shown.items()):
            fact = self._facts.get(label)
            if fact is None:
                fact = Fact(label, value)
                self._facts[label] = fact
                self._fact_row.insertWidget(place, fact)
            fact.set_value(value)


def _where(state: RunState) -> Words:
    """The way back, the workflow, the run's own name, its connection and how fresh this is."""
    told: list[str | Span] = [link(state.back, BACK)]
    shown = state.run or state.known
    if shown is not None:
        told += [quiet("  ›  "), shown.workflow[:TITLE_LIMIT]]
    if state.ref is not None:
        run_id = state.ref.run_id
        told += [quiet("  ›  "), data(run_id if len(run_id) <= RUN_ID_SHOWN else run_id[:RUN_ID_SHOWN] + "…")]
    if state.connection:
        told.append(quiet(tr("  on {connection}", connection=state.connection)))
    if state.read_at is not None:
        told.append(quiet(f", {freshness(state.read_at, state.now)}"))
    return tuple(told)
