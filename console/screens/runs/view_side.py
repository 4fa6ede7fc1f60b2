"""The side of the screen: the chosen run in a few lines, the chosen group with its note, what is done to many.

Invariant: it draws the presenter's state and forwards gestures; what a person types stays while the rest is drawn anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from console.domain.ages import age, clock, long_span
from console.domain.display import one_line
from console.domain.escalation import Verdict
from console.domain.fingerprint import FailureGroup
from console.domain.language import counted, tr
from console.domain.run import RunStatus
from console.qtkit.buttons import Button
from console.qtkit.buttons import Kind as ButtonKind
from console.qtkit.keycaps import key_of
from console.qtkit.marks import IconMark
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Words, data, quiet
from console.screens.runs.presenter import RunsPresenter
from console.screens.runs.rows import line_words, look
from console.screens.runs.state import RunsState
from console.screens.runs.view_act import ActPane
from console.services.views import RunbookNote, RunLine

PADDING = (Space.PANE, Space.CARD, Space.PANE, Space.CARD)
NOTE_LINES = 90
VERDICTS: tuple[tuple[Verdict, str, str, str], ...] = (
    (Verdict.RETRY, tr("Retry"), "rotate-ccw", key_of("runs.retry")),
    (Verdict.REROUTE, tr("Reroute"), "shuffle", key_of("runs.reroute")),
    (Verdict.PAUSE, tr("Pause"), "circle-pause", key_of("runs.pause")),
    (Verdict.RESUME, tr("Resume"), "circle-play", key_of("runs.resume")),
    (Verdict.CANCEL, tr("Cancel"), "ban", key_of("runs.cancel")),
)


class HeadLine(Pane):
    """What the side is about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, Edge.BOTTOM, margins=PADDING, spacing=2, parent=parent)
        self._mark = IconMark("octagon-x", Tone.CRITICAL, "")
        self._title = Text("", Style.STRONG, max_lines=3)
        self._code = Text("", Style.DATA, Tone.SECOND).keep_whole()
        self._about = Text("", Style.SMALL, Tone.SECOND, max_lines=2)
        line = row(spacing=Space.GRID)
        line.addWidget(self._mark)
        line.addWidget(self._title, 1)
        line.addWidget(self._code)
        self.box.addLayout(line)
        self.box.addWidget(self._about)

    def show_words(self, icon: str, tone: Tone, title: str, about: Words, code: str = "") -> None:
        """Say what it is about."""
        self._mark.set_icon(icon, tone, "")
        self._title.set_words(title)
        self._code.set_words(code)
        self._code.setVisible(bool(code))
        self._about.set_words(about)


class NotePane(Pane):
    """The note beside a kind of failure, read or written."""

    def __init__(self, presenter: RunsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, Edge.BOTTOM, margins=PADDING, spacing=Space.HALF, parent=parent)
        self._is_writing = False
        self._words = Text("", Style.BODY, max_lines=8)
        self._by = Text("", Style.SMALL, Tone.SECOND)
        self.edit = Button(tr("Edit"), "pencil", key_of("runs.note"), ButtonKind.FLAT, is_small=True)
        self.field = QPlainTextEdit()
        self.field.setAccessibleName(tr("Runbook note"))
        self.field.setPlaceholderText(tr("What this failure is, and what is safe to do about it."))
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(NOTE_LINES)
        self.save = Button(tr("Keep the note"), "check", kind=ButtonKind.PRIMARY, is_small=True)
        self._drop = Button(tr("Discard"), is_small=True)
        head = row(spacing=6)
        head.addWidget(IconMark("book-open", Tone.SECOND, "", 14))
        head.addWidget(Text(tr("Runbook note"), Style.SMALL_STRONG), 1)
        head.addWidget(self.edit)
        self._buttons = QWidget()
        line = row(spacing=Space.GRID)
        line.addWidget(self.save)
        line.addWidget(self._drop)
        line.addStretch(1)
        self._buttons.setLayout(line)
        self.box.addLayout(head)
        for part in (self._words, self._by, self.field, self._buttons):
            self.box.addWidget(part)
        self.edit.clicked.connect(presenter.on_write)
        self._drop.clicked.connect(presenter.on_back)
        self.save.clicked.connect(lambda: presenter.on_note(self.field.toPlainText()))

    def show_note(self, note: RunbookNote | None, state: RunsState) -> None:
        """Show what was written, or the field to write it in."""
        if state.is_writing and not self._is_writing:
            self.field.setPlainText(note.text if note is not None else "")
            self.field.setFocus()
        self._is_writing = state.is_writing
        for part in (self.field, self._buttons):
            part.setVisible(state.is_writing)
        for shown in (self._words, self.edit):
            shown.setVisible(not state.is_writing)
        self._by.setVisible(not state.is_writing and note is not None)
        self.edit.set_label(
            tr("Edit") if note is not None else tr("Write one"), "pencil" if note is not None else "plus"
        )
        if note is None:
            self._words.set_words(
                tr("Nobody has written yet what this is, and what is safe to do about it."), Tone.SECOND
            )
            return
        self._words.set_words(note.text, Tone.INK)
        used = (
            tr(" · used {used}, worked {worked}", used=_times(note.used), worked=_times(note.worked))
            if note.used
            else ""
        )
        self._by.set_words((one_line(note.by), quiet(f", {note.at.astimezone():%d %b}{used}")))


class PeekPane(Pane):
    """The chosen run: why it does not move, and the ways on."""

    def __init__(self, presenter: RunsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, margins=PADDING, spacing=Space.GRID, parent=parent)
        self._item_id = ""
        self._why = Text("", Style.BODY, max_lines=8)
        self._facts = Text("", Style.SMALL, Tone.SECOND, max_lines=0)
        self.open = Button(tr("Open the run"), "workflow", "Enter")
        self.item = Button(tr("Open what waits"), "inbox", key_of("runs.item"), ButtonKind.PRIMARY)
        for part in (self._why, self._facts, self.item, self.open):
            self.box.addWidget(part)
        self.open.clicked.connect(presenter.on_open)
        self.item.clicked.connect(lambda: presenter.on_item(self._item_id))

    def show_line(self, line: RunLine, state: RunsState) -> None:
        """Show a run."""
        run = line.run
        self._why.set_words(line_words(line, state.now) or tr("Nothing holds it up, as far as its engine tells."))
        waits = run.failing or next(iter(run.waiting), None)
        self._item_id = waits.key.item_id if waits is not None else ""
        self.item.setVisible(waits is not None)
        started = tr("started {started_at}", started_at=clock(run.started_at)) if run.started_at is not None else ""
        is_moving = run.moved_at is not None and run.status is not RunStatus.PAUSED
        moved = _moved(run.moved_at, state.now) if is_moving and run.moved_at is not None else ""
        stale = tr("as of {now} ago", now=long_span(state.now - line.read_at)) if line.is_stale else ""
        told = " · ".join(part for part in (line.connection, started, moved, stale) if part)
        self._facts.set_words((data(run.ref.run_id), f"  {told}"))


class ChoicePane(Pane):
    """What can be done to all that is chosen."""

    def __init__(self, presenter: RunsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SUNKEN, Edge.TOP | Edge.BOTTOM, margins=PADDING, spacing=Space.GRID, parent=parent)
        self._words = Text("", Style.SMALL_STRONG)
        self.buttons = {
            verdict: Button(f"{words}…", icon, key, is_small=True) for verdict, words, icon, key in VERDICTS
        }
        first, second = row(spacing=Space.GRID), row(spacing=Space.GRID)
        for place, (verdict, button) in enumerate(self.buttons.items()):
            button.clicked.connect(partial(_act, presenter, verdict))
            (first if place < len(VERDICTS) // 2 else second).addWidget(button)
        for line in (first, second):
            line.addStretch(1)
        self.box.addWidget(self._words)
        self.box.addLayout(first)
        self.box.addLayout(second)

    def show_count(self, count: int, *, are_paused: bool) -> None:
        """Say of how many; what is paused is resumed, and not paused again."""
        self.buttons[Verdict.PAUSE].setVisible(not are_paused)
        self.buttons[Verdict.RESUME].setVisible(are_paused)
        self._words.set_words(
            tr("For {said}", said=tr("this run") if count == 1 else tr("all {count:,} runs", count=count))
        )


class SidePane(Pane):
    """All of the side."""

    def __init__(self, presenter: RunsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, Edge.LEFT, margins=(1, 0, 0, 0), parent=parent)
        self.setAccessibleName(tr("Details"))
        self.head = HeadLine()
        self.note = NotePane(presenter)
        self.peek = PeekPane(presenter)
        self.choice = ChoicePane(presenter)
        self.act = ActPane(presenter)
        for part in (self.head, self.note, self.peek, self.choice):
            self.box.addWidget(part)
        self.box.addWidget(self.act, 1)
        self._rest = QWidget()
        self.box.addWidget(self._rest, 1)

    def show_state(self, state: RunsState) -> None:
        """Draw what is chosen, or what is being done."""
        group, line, act = state.group, state.selected, state.act
        if act is not None:
            # What was retried is no group any more, and is still what the receipts are of.
            group = state.act_group
        has_marks = bool(state.marked) and act is None
        is_group = group is not None and not has_marks
        is_peek = line is not None and not is_group and not has_marks and act is None
        parts: Sequence[tuple[QWidget, bool]] = (
            (self.head, is_group or is_peek or has_marks or act is not None),
            (self.note, is_group),
            (self.peek, is_peek),
            (self.choice, act is None and bool(state.chosen)),
            (self.act, act is not None),
            (self._rest, act is None),
        )
        # With nothing to tell its room is the list's.
        self.setVisible(is_group or is_peek or has_marks or act is not None)
        for part, is_shown in parts:
            part.setVisible(is_shown)
        self._show_head(state, group if is_group else None, line)
        if is_group and group is not None:
            self.note.show_note(state.notes.get(group.fingerprint), state)
        if is_peek and line is not None:
            self.peek.show_line(line, state)
        self.choice.show_count(len(state.chosen), are_paused=state.are_paused)
        if act is not None:
            self.act.show_act(act)

    def _show_head(self, state: RunsState, group: FailureGroup | None, line: RunLine | None) -> None:
        if group is not None:
            where = tr("at {step}, ", step=group.step) if group.step else ""
            about = tr(
                "{where}{counted} of {counted_2}",
                where=where,
                counted=counted(len(group.runs), "run"),
                counted_2=counted(len(group.workflows), "workflow"),
            )
            self.head.show_words("octagon-x", Tone.CRITICAL, group.headline, about, group.fingerprint[:4])
        elif state.marked or state.act is not None:
            count = len(state.act.entries) if state.act is not None else len(state.chosen)
            chosen = f"{counted(count, 'run')} {'chosen' if state.act is not None else 'marked'}"
            self.head.show_words(
                "square-check", Tone.ACCENT, chosen, tr("X marks a run, Shift X all alike, Esc lets go")
            )
        elif line is not None:
            icon, word, tone = look(line.run)
            key = f" · {line.run.business_key}" if line.run.business_key else ""
            self.head.show_words(icon, tone, line.run.title, f"{word} · {line.run.workflow}{key}")


def _act(presenter: RunsPresenter, verdict: Verdict, *_is_checked: bool) -> None:
    if verdict is Verdict.RESUME:
        presenter.on_resume()
    else:
        presenter.on_act(verdict)


def _moved(at: datetime, now: datetime) -> str:
    told = age(at, now)
    return tr("moved just now") if told == tr("just now") else tr("moved {told} ago", told=told)


def _times(count: int) -> str:
    return tr("once") if count == 1 else counted(count, "time")
