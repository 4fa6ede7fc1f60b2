"""Each kind of block as its widget.

Invariant: one builder a kind, chosen by class alone; every text goes through the kit, which shows it as plain text.
Links tell one callback: ``fold:`` and a name, or one of the screen's own targets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatchmethod

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.domain.language import tr
from console.qtkit.arguments import Argument, ArgumentGrid
from console.qtkit.datatext import DataText
from console.qtkit.gauges import Share, ShareBar, Track
from console.qtkit.keycaps import key_of
from console.qtkit.layout import LIMIT
from console.qtkit.marks import Avatar, IconMark, KeyCap
from console.qtkit.notes import Note
from console.qtkit.panes import Card, column, row
from console.qtkit.pills import Pill
from console.qtkit.sections import IconLine, TimeLine
from console.qtkit.tables import Change, ChangeTable, Column, Table
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Span, Words, data, link, plain, quiet, strong
from console.screens.inbox import content as c
from console.screens.inbox.header import OPEN_RUN
from console.screens.inbox.values import ArgumentTable, Shown, Value
from console.screens.inbox.view_sides import SidesTable

FOLD = c.FOLD
WITHDRAW = "withdraw"
COPY_RECEIPT = "copy-receipt"
EVIDENCE = "evidence"
LONG_LINES = 20
TRACK_WIDTH = 88
AVATAR = 24
SIGNER = 28
LABEL = 56
GAP = "    "
NEW, GONE = quiet(tr("new")), quiet(tr("gone"))
TOP = Qt.AlignmentFlag.AlignTop
OnLink = Callable[[str], None]


class Blocks:
    """Builds blocks whose links all tell one callback."""

    def __init__(self, on_link: OnLink) -> None:
        self._on_link = on_link

    @singledispatchmethod
    def build(self, block: c.Block) -> QWidget:
        """The widget of a block. A kind without one is a bug."""
        raise TypeError(f"no widget for {type(block).__name__}")

    @build.register
    def _(self, block: c.Paragraph) -> QWidget:
        made = Text(block.words, Style.ROW if block.is_small else Style.BODY, max_lines=0)
        made.activated.connect(self._on_link)
        return made

    @build.register
    def _(self, block: c.Told) -> QWidget:
        return _value(block.value, Style.DATA if block.is_data else Style.BODY, tr("Text"), self._on_link)

    @build.register
    def _(self, block: c.Grid) -> QWidget:
        return ArgumentGrid([Argument(each.name, each.value.text) for each in block.rows])

    @build.register
    def _(self, block: c.Long) -> QWidget:
        made = QWidget()
        box = column(spacing=2)
        made.setLayout(box)
        box.addWidget(Text(block.row.name, Style.ROW, Tone.SECOND))
        box.addWidget(_value(block.row.value, Style.DATA, block.row.name, self._on_link))
        return made

    @build.register
    def _(self, block: c.Entries) -> QWidget:
        made = QWidget()
        box = column(spacing=Space.HALF)
        made.setLayout(box)
        box.addWidget(Text([strong(block.table.name), quiet(f"  {len(block.table.cells)}")], Style.ROW, Tone.SECOND))
        columns = [
            Column(name, Style.DATA, is_right=_is_numeric(block.table, place), stretches=place == 0)
            for place, name in enumerate(block.table.columns)
        ]
        table = Table(columns, block.table.name)
        table.set_rows(block.table.cells)
        box.addWidget(table)
        return made

    @build.register
    def _(self, block: c.Unfold) -> QWidget:
        made = Text(link(block.text, FOLD + block.fold), Style.ROW)
        made.activated.connect(self._on_link)
        return made

    @build.register
    def _(self, block: c.ToTrail) -> QWidget:
        made = QWidget()
        box = row(spacing=Space.GRID)
        made.setLayout(box)
        words = Text(link(tr("Open the full trail{length}", length=block.length), OPEN_RUN), Style.ROW).keep_whole()
        words.activated.connect(self._on_link)
        box.addWidget(words)
        box.addWidget(KeyCap(key_of("inbox.run")))
        if block.remark:
            box.addWidget(Text(quiet(block.remark), Style.SMALL).keep_whole())
        box.addStretch(1)
        return made

    @build.register
    def _(self, block: c.TakeBack) -> QWidget:
        made = QWidget()
        box = row(spacing=Space.GRID)
        box.setContentsMargins(AVATAR + Space.GRID, 0, 0, 0)
        made.setLayout(box)
        words = Text(link(block.text, WITHDRAW), Style.SMALL).keep_whole()
        words.activated.connect(self._on_link)
        box.addWidget(words)
        box.addWidget(KeyCap(block.key))
        box.addStretch(1)
        return made

    @build.register
    def _(self, block: c.Changes) -> QWidget:
        return ChangeTable(
            [Change(each.label, each.before or NEW, each.after or GONE, each.remark) for each in block.lines]
        )

    @build.register
    def _(self, block: c.Confidence) -> QWidget:
        made = QWidget()
        box = row(spacing=Space.GRID)
        made.setLayout(box)
        track = Track(tr("Agent’s confidence"), block.share)
        track.setFixedWidth(TRACK_WIDTH)
        box.addWidget(Text(tr("Agent’s confidence"), Style.ROW, Tone.SECOND).keep_whole())
        box.addWidget(track)
        box.addWidget(Text(strong(f"{block.share:.0%}".replace("%", " %")), Style.ROW).keep_whole())
        box.addWidget(Text(quiet(block.remark), Style.ROW), 1)
        return made

    @build.register
    def _(self, block: c.Remark) -> QWidget:
        return IconLine(block.icon, block.words, block.tone)

    @build.register
    def _(self, block: c.Box) -> QWidget:
        made = Note(block.words, block.icon, block.tone, action=block.action, target=block.target)
        made.activated.connect(self._on_link)
        return made

    @build.register
    def _(self, block: c.Happened) -> QWidget:
        made = QWidget()
        box = column(spacing=0)
        made.setLayout(box)
        for each in block.entries:
            box.addWidget(TimeLine(each.time, each.icon, each.words, each.tone))
        return made

    @build.register
    def _(self, block: c.Signed) -> QWidget:
        made = Card(tone=Tone.PERSON, margins=(Space.CARD, Space.CARD, Space.CARD, Space.CARD), spacing=Space.GRID)
        head = row(spacing=Space.GRID)
        who = column(spacing=0)
        who.addWidget(Text([strong(block.name), tr(" edited and approved") if block.changed else tr(" approved")]))
        who.addWidget(Text(block.about, Style.SMALL, Tone.SECOND))
        head.addWidget(Avatar(block.name, SIGNER), 0, TOP)
        head.addLayout(who, 1)
        head.addWidget(Pill(block.count, "circle-check", Tone.OK), 0, TOP)
        facts = column(spacing=2)
        facts.addLayout(_labelled(tr("Saw"), block.compared))
        for place, words in enumerate(block.changed or (quiet(tr("nothing: as it was proposed")),)):
            facts.addLayout(_labelled("" if place else tr("Changed"), words))
        if block.more_changed:
            facts.addLayout(_labelled("", quiet(tr("and {more_changed} more", more_changed=block.more_changed))))
        facts.addLayout(_labelled(tr("Wrote"), f"“{block.wrote}”" if block.wrote else quiet(tr("nothing"))))
        made.box.addLayout(head)
        made.box.addLayout(facts)
        return made

    @build.register
    def _(self, block: c.Receipt) -> QWidget:
        made = Card(margins=(Space.CARD, Space.CARD, Space.CARD, Space.CARD), spacing=Space.GRID)
        head = row(spacing=Space.GRID)
        head.addWidget(IconMark(block.icon, block.tone, plain(block.words)), 0, TOP)
        head.addWidget(Text(block.words, Style.STRONG, max_lines=0), 1, TOP)
        copy = Text((link(tr("Copy"), COPY_RECEIPT), "   ", link(tr("Evidence…"), EVIDENCE)), Style.BODY).keep_whole()
        copy.activated.connect(self._on_link)
        head.addWidget(copy, 0, TOP)
        facts = column(spacing=2)
        for each in block.lines:
            facts.addLayout(_labelled(each.label, each.words, self._on_link))
        made.box.addLayout(head)
        made.box.addLayout(facts)
        return made

    @build.register
    def _(self, block: c.Sides) -> QWidget:
        return SidesTable(block, self._on_link)

    @build.register
    def _(self, block: c.Shares) -> QWidget:
        made = QWidget()
        box = column(spacing=Space.HALF)
        made.setLayout(box)
        box.addWidget(ShareBar([Share(each.word, each.count, each.tone) for each in block.shares]))
        legend: list[str | Span] = []
        for place, each in enumerate(block.shares):
            legend += [GAP if place else "", Span(f"{each.count}", is_strong=True, tone=each.tone, icon=each.icon)]
            legend.append(f" {each.word}")
        box.addWidget(Text(legend, Style.SMALL, max_lines=0))
        return made

    @build.register
    def _(self, block: c.Example) -> QWidget:
        made = QWidget()
        box = row(spacing=Space.GRID)
        made.setLayout(box)
        box.addWidget(Text(block.text, Style.ROW), 1)
        box.addWidget(Text(block.ended, Style.ROW).keep_whole())
        return made

    @build.register
    def _(self, block: c.Copyable) -> QWidget:
        made = QWidget()
        box = row(spacing=Space.GRID)
        made.setLayout(box)
        box.addWidget(Text(data(block.value), Style.DATA, max_lines=3), 1)
        copy = Text(link(tr("Copy"), block.target), Style.SMALL).keep_whole()
        copy.activated.connect(self._on_link)
        box.addWidget(copy, 0, TOP)
        return made

    @build.register
    def _(self, block: c.Person) -> QWidget:
        made = QWidget()
        box = row(spacing=Space.GRID)
        made.setLayout(box)
        words = column(spacing=0)
        words.addWidget(Text(f"{block.name}{block.suffix}"))
        if block.about:
            words.addWidget(Text(block.about, Style.SMALL, Tone.SECOND))
        box.addWidget(
            Avatar(block.name.split(",")[0], AVATAR, is_pending=block.is_pending), 0, Qt.AlignmentFlag.AlignVCenter
        )
        box.addLayout(words, 1)
        if block.state:
            box.addWidget(Text(block.state, Style.SMALL).keep_whole())
        return made

    @build.register
    def _(self, block: c.Said) -> QWidget:
        made = QWidget()
        box = row(spacing=Space.GRID)
        made.setLayout(box)
        words = column(spacing=0)
        words.addWidget(Text([strong(block.name), "  ", quiet(block.time)], Style.ROW))
        words.addWidget(Text(block.text, Style.ROW, max_lines=0))
        box.addWidget(Avatar(block.name, AVATAR), 0, TOP)
        box.addLayout(words, 1)
        return made


def _labelled(label: str, words: Words, on_link: OnLink | None = None) -> QHBoxLayout:
    box = row(spacing=Space.GRID)
    name = Text(label, Style.ROW, Tone.SECOND)
    name.setFixedWidth(LABEL)
    box.addWidget(name, 0, TOP)
    told = Text(words, Style.ROW, max_lines=0)
    if on_link is not None:
        told.activated.connect(on_link)
    box.addWidget(told, 1, TOP)
    return box


def _value(value: Value, style: Style, name: str, on_link: OnLink) -> QWidget:
    """Text of any length the presenter let through: painted while short, in a bounded view of its own when long."""
    if len(value.text) >= LIMIT:
        return DataText(name, value.text, fitting_lines=LONG_LINES)
    if value.shown is Shown.ALL:
        return Text(value.text, style, max_lines=0)
    made = QWidget()
    box = column(spacing=2)
    made.setLayout(box)
    box.addWidget(Text(value.text, style, max_lines=0))
    if value.fold:
        words: Words = link(tr("Show more, {left_out:,} characters", left_out=value.left_out), FOLD + value.fold)
    else:
        words = [data(f"{value.left_out:,}"), tr(" characters more are not shown.")]
    more = Text(words, Style.ROW)
    more.activated.connect(on_link)
    box.addWidget(more)
    return made


def _is_numeric(table: ArgumentTable, place: int) -> bool:
    """Whether a column holds amounts, which stand on the right."""
    return all(line[place].replace(".", "").replace(",", "").replace("-", "").isdigit() for line in table.cells)
