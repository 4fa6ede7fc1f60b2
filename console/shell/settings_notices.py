"""Settings of what is told to a person who looks elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from PySide6.QtCore import QTime
from PySide6.QtWidgets import QCheckBox, QTimeEdit

from console.domain.language import tr
from console.domain.risk import Risk
from console.qtkit.buttons import Button
from console.qtkit.panes import row
from console.qtkit.text import Text
from console.qtkit.tokens import Style
from console.shell.settings_place import PartPane, Place
from console.shell.settings_values import (
    QUIET_BEGIN,
    QUIET_END,
    NoticeRules,
    keep_notice_rules,
    notice_rules,
)

TOLD = tr(
    "A notice of the desktop tells risk and workflow, never what an item says. It comes once per item, many at once "
    "are one notice with their number, and opening it only shows the item. What becomes overdue is told at any risk."
)
QUIET = tr("In quiet hours nothing is told; what still waits when they end is told then, in one notice.")


class NoticesPart(PartPane):
    """Which risks, sound, quiet hours."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._memory = place.memory
        rules = notice_rules(place.memory)
        self.heading(tr("Tell me of what is new at"), TOLD)
        self.risks: dict[Risk, QCheckBox] = {}
        line = row()
        for risk in sorted(Risk, reverse=True):
            box = self.risks[risk] = QCheckBox(tr(risk.word).capitalize())
            box.toggled.connect(self._keep)
            line.addWidget(box)
        line.addStretch(1)
        self.add(line)
        self.heading(tr("Sound"))
        self.sound = QCheckBox(tr("With the sound of the desktop: once for what is new, twice for what is overdue"))
        self.sound.toggled.connect(self._keep)
        self.add(self.sound)
        self.heading(tr("Quiet hours"), QUIET)
        self.quiet = QCheckBox(tr("Be quiet from"))
        self.begin, self.end = _clock(tr("Quiet from")), _clock(tr("Quiet until"))
        times = row()
        for each in (self.quiet, self.begin, Text(tr("to"), Style.BODY), self.end):
            times.addWidget(each)
        times.addStretch(1)
        self.add(times)
        self.quiet.toggled.connect(self._keep)
        self.begin.timeChanged.connect(self._keep)
        self.end.timeChanged.connect(self._keep)
        reset = Button(tr("Put back as it came"), "rotate-ccw", is_small=True)
        reset.clicked.connect(self._reset)
        self.box.addSpacing(8)
        self.add(reset)
        self.box.addStretch(1)
        self._is_drawing = False
        self._draw(rules)

    def _reset(self) -> None:
        self._draw(NoticeRules())
        keep_notice_rules(self._memory, NoticeRules())

    def _draw(self, rules: NoticeRules) -> None:
        self._is_drawing = True
        for risk, box in self.risks.items():
            box.setChecked(risk in rules.risks)
        self.sound.setChecked(rules.has_sound)
        self.quiet.setChecked(rules.quiet is not None)
        begin, end = rules.quiet or (QUIET_BEGIN, QUIET_END)
        self.begin.setTime(QTime(begin.hour, begin.minute))
        self.end.setTime(QTime(end.hour, end.minute))
        self._is_drawing = False
        self._enable()

    def _keep(self) -> None:
        if self._is_drawing:
            return
        rules = NoticeRules(
            frozenset(risk for risk, box in self.risks.items() if box.isChecked()), has_sound=self.sound.isChecked()
        )
        if self.quiet.isChecked():
            rules = replace(rules, quiet=(_time(self.begin), _time(self.end)))
        keep_notice_rules(self._memory, rules)
        self._enable()

    def _enable(self) -> None:
        for each in (self.begin, self.end):
            each.setEnabled(self.quiet.isChecked())


def _time(clock: QTimeEdit) -> time:
    return time(clock.time().hour(), clock.time().minute())


def _clock(name: str) -> QTimeEdit:
    made = QTimeEdit()
    made.setDisplayFormat("HH:mm")
    made.setAccessibleName(name)
    return made
