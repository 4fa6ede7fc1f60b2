"""What is done to many: how many and what they weigh, the reason, progress, and a receipt for each.

Invariant: nothing is sent before the button that names the count is pressed; a reason stays as it is typed while the
rest is drawn anew.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from console.domain.ages import clock
from console.domain.decision import DecisionState
from console.domain.display import one_line
from console.domain.escalation import Target, Verdict
from console.domain.language import counted, tr
from console.domain.risk import Risk
from console.qtkit.buttons import Button
from console.qtkit.buttons import Kind as ButtonKind
from console.qtkit.fields import Field
from console.qtkit.gauges import Share, ShareBar
from console.qtkit.notes import Note
from console.qtkit.overlay import OverlayBar
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.pills import Chip
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Span, strong
from console.screens.runs.act_state import STATES, ActState, Entry, Stage
from console.screens.runs.presenter import RunsPresenter
from console.screens.runs.view_paint import draw_entry, entry_height, entry_said, entry_words

ARMED_AFTER_MS = 500
PADDING = (Space.PANE, Space.CARD, Space.PANE, Space.CARD)
DOING = {
    Verdict.RETRY: (tr("Retry"), tr("Retrying")),
    Verdict.REROUTE: (tr("Reroute"), tr("Rerouting")),
    Verdict.CANCEL: (tr("Cancel"), tr("Cancelling")),
    Verdict.PAUSE: (tr("Pause"), tr("Pausing")),
    Verdict.RESUME: (tr("Resume"), tr("Resuming")),
}
RISKS = {
    Risk.LOW: ("circle-dot", Tone.LOW),
    Risk.MEDIUM: ("triangle-alert", Tone.MEDIUM),
    Risk.HIGH: ("octagon-alert", Tone.HIGH),
    Risk.CRITICAL: ("shield-alert", Tone.CRITICAL),
}


class ActPane(Pane):
    """All of it."""

    def __init__(self, presenter: RunsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, parent=parent)
        self._presenter = presenter
        self._act: ActState | None = None
        self._arming = QTimer(self)
        self._arming.setSingleShot(True)
        self._arming.setInterval(ARMED_AFTER_MS)
        self._arming.timeout.connect(self._arm)
        self.is_armed = False
        self._title = Text("", Style.STRONG)
        self._risk = Text("", Style.SMALL)
        self._count = Text("", Style.SMALL).keep_whole()
        self._bar = ShareBar()
        self._states = Text("", Style.SMALL, max_lines=3)
        self._warning = Note("", "triangle-alert", Tone.MEDIUM)
        self.reason = Field(tr("Reason"), placeholder=tr("Why, for every one of them"), is_small=True)
        self.target = Button(tr("Where to"), "shuffle", is_small=True, has_menu=True)
        self.send = Button("", "send", kind=ButtonKind.PRIMARY)
        self.stop = Button("", "circle-pause", kind=ButtonKind.DANGER)
        self.copy = Button(tr("Copy receipts"), "copy")
        self.close_it = Button(tr("Close"), "x", "Esc")
        self.all = Chip(tr("All"))
        self.trouble = Chip(tr("Trouble"), icon="triangle-alert", tone=Tone.HIGH)
        self.table: RowTable[Entry] = RowTable(
            RowModel(lambda each: f"{each.ref.server} {each.ref.run_id} {each.ref.chain_id}", entry_said),
            self._paint,
            lambda each, _width: entry_height(each),
            tr("Receipts"),
            usual_height=28,
        )
        OverlayBar(self.table)
        self._lay_out()
        self._connect()

    def show_act(self, act: ActState) -> None:
        """Draw how far it has come."""
        if act.stage is Stage.ASKING and (self._act is None or self._act.stage is not Stage.ASKING):
            self._ask_anew()
        elif act.stage is Stage.SENDING and self._act is not None and self._act.stage is Stage.ASKING:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._act = act
        do, doing = DOING[act.verdict]
        is_asking, is_sending = act.stage is Stage.ASKING, act.stage is Stage.SENDING
        count = act.sent if act.stage is Stage.OVER else act.to_send + act.sent
        title = {
            Stage.READING: tr("Reading {counted}", counted=counted(len(act.entries), "run")),
            Stage.ASKING: f"{do} {counted(act.to_send, 'run')}?",
            Stage.SENDING: f"{doing} {counted(count, 'run')}",
            Stage.OVER: f"{doing} {counted(act.sent, 'run')}: {(tr('ended') if act.is_settled else tr('all sent'))}",
        }[act.stage]
        self._title.set_words(title)
        icon, tone = RISKS[act.risk]
        given = tr("reason given") if act.reason.strip() and not is_asking else ""
        asked = tr("together a reason is asked for") if is_asking and act.needs_reason else ""
        each = tr(" each") if len(act.entries) > 1 else ""
        words = ", ".join(
            part for part in (tr("{risk} risk{each}", risk=tr(act.risk.word), each=each), asked, given) if part
        )
        self._risk.set_words(Span(words, icon=icon, tone=tone) if act.stage is not Stage.READING else "")
        done = act.read if act.stage is Stage.READING else act.sent
        total = len(act.entries) if act.stage is Stage.READING else act.to_send + act.sent
        self._count.set_words((strong(f"{done:,}"), tr(" of {total:,}", total=total)) if not is_asking else "")
        self._show_shares(act)
        left_out = (
            tr("{counted} left out, each says why below.", counted=counted(act.left_out, "run")) if act.left_out else ""
        )
        self._warning.set_note(left_out or act.failed, "triangle-alert", Tone.MEDIUM)
        self._warning.setVisible(bool(left_out or act.failed))
        self.reason.setVisible(is_asking and bool(act.to_send))
        self.reason.set_placeholder(
            tr("Why, for every one of them") if act.needs_reason else tr("A reason, if you like")
        )
        self.target.setVisible(is_asking and act.verdict is Verdict.REROUTE)
        self.target.set_label(one_line(act.target.label) if act.target is not None else tr("Where to"))
        self.send.setVisible(is_asking)
        self.send.set_label(f"{do} {act.to_send:,}")
        self.send.set_blocked(act.lacks if is_asking else "")
        self.stop.setVisible(act.stage in {Stage.READING, Stage.SENDING} and not act.was_stopped)
        self.stop.set_label(tr("Stop the other {to_send:,}", to_send=act.to_send) if is_sending else tr("Stop"))
        self.copy.setVisible(act.sent > 0)
        self.close_it.setVisible(not is_sending)
        self._show_receipts(act)

    def _ask_anew(self) -> None:
        """Take the reason now, and what sends it a moment later: a key meant for the list sends nothing."""
        self.is_armed = False
        self.send.set_armed(False)
        self.reason.clear()
        self._arming.start()
        self.reason.setVisible(True)
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arm(self) -> None:
        self.is_armed = True
        self.send.set_armed(True)

    def _send(self) -> None:
        if self.is_armed:
            self._presenter.on_send()

    def _show_shares(self, act: ActState) -> None:
        shares = [Share(str(state), act.by_state.get(state, 0), STATES[state][1]) for state in DecisionState]
        waiting = act.to_send if act.stage is Stage.SENDING else 0
        self._bar.set_shares([*shares, Share(tr("to be sent"), waiting, Tone.QUIET)])
        self._bar.setVisible(act.sent > 0)
        told: list[Span] = []
        for state in DecisionState:
            if count := act.by_state.get(state, 0):
                icon, tone = STATES[state]
                told += [Span(f"{count:,} {state}", icon=icon, tone=tone), Span("   ")]
        self._states.set_words(told)
        self._states.setVisible(bool(told))

    def _show_receipts(self, act: ActState) -> None:
        troubled = sum(entry.is_trouble for entry in act.entries)
        self.all.set_label(tr("All {count:,}", count=len(act.entries)))
        self.all.setChecked(not act.only_trouble)
        self.trouble.set_label(tr("Trouble {troubled:,}", troubled=troubled))
        self.trouble.setChecked(act.only_trouble)
        self.trouble.setVisible(bool(troubled))
        bar = self.table.verticalScrollBar()
        is_at_top = bar.value() == 0
        self.table.apply(act.shown)
        if is_at_top:
            # What needs a person comes first, and is seen by whoever has not scrolled away.
            bar.setValue(0)

    def _paint(self, painter: QPainter, rect: QRect, entry: Entry, look: Look) -> None:
        draw_entry(painter, rect, entry, look)

    def _lay_out(self) -> None:
        top = Pane(Ground.SUNKEN, Edge.TOP | Edge.BOTTOM, margins=PADDING, spacing=Space.GRID)
        first = row(spacing=Space.GRID)
        first.addWidget(self._title, 1)
        first.addWidget(self._count)
        buttons = row(spacing=Space.GRID)
        for button in (self.send, self.stop, self.copy, self.close_it):
            buttons.addWidget(button)
        buttons.addStretch(1)
        top.box.addLayout(first)
        for part in (self._risk, self._bar, self._states, self._warning, self.target, self.reason):
            top.box.addWidget(part)
        top.box.addLayout(buttons)
        head = Pane(Ground.SURFACE, Edge.BOTTOM, is_row=True, margins=(Space.PANE, 6, Space.PANE, 7), spacing=6)
        head.box.addWidget(Text(tr("Receipts"), Style.SMALL_STRONG), 1)
        head.box.addWidget(self.all)
        head.box.addWidget(self.trouble)
        self.box.addWidget(top)
        self.box.addWidget(head)
        self.box.addWidget(self.table, 1)

    def _connect(self) -> None:
        presenter = self._presenter
        self.reason.textEdited.connect(presenter.on_reason)
        self.reason.returnPressed.connect(self._send)
        self.send.clicked.connect(self._send)
        self.stop.clicked.connect(presenter.on_stop)
        self.copy.clicked.connect(self._copy)
        self.close_it.clicked.connect(presenter.on_close_act)
        self.all.clicked.connect(lambda: presenter.on_only_trouble(False))
        self.trouble.clicked.connect(lambda: presenter.on_only_trouble(True))
        self.target.clicked.connect(self._offer_targets)
        self.table.opened.connect(lambda _each: self._open())

    def _open(self) -> None:
        place = self.table.currentIndex().row()
        if place >= 0:
            self._presenter.on_open_run(self.table.rows.row(place).ref)

    def _offer_targets(self) -> None:
        if self._act is None:
            return
        menu = QMenu(self)
        for target in self._act.targets:
            made = menu.addAction(one_line(target.label).replace("&", "&&"))
            made.triggered.connect(partial(_choose, self._presenter, target))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.target.mapToGlobal(self.target.rect().bottomLeft()))

    def _copy(self) -> None:
        if self._act is not None:
            QGuiApplication.clipboard().setText("\n".join(receipt_line(entry) for entry in self._act.entries))


def receipt_line(entry: Entry) -> str:
    """A receipt as a line to paste: business key, run, decision, what became of it, when, and why."""
    state = tr(entry.state) if entry.state is not None else tr("not sent")
    at = clock(entry.at) if entry.at is not None else ""
    parts = (entry.label, entry.ref.run_id, entry.decision_id, state, at, entry.effect, entry_words(entry))
    return "\t".join(one_line(part) for part in parts)


def _choose(presenter: RunsPresenter, target: Target, *_is_checked: bool) -> None:
    presenter.on_target(target)
