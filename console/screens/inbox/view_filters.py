"""The search field and the filter chips over the list.

Invariant: a chip shows what the query says; it tells what a person wants and changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from console.domain.escalation import Kind
from console.domain.language import tr
from console.domain.risk import Risk
from console.qtkit.panes import Edge, Ground, Pane
from console.qtkit.pills import Chip
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Span
from console.screens.inbox.state import InboxState
from console.screens.inbox.view_flow import Flow
from console.screens.inbox.view_search import InboxSearch
from console.services.views import InboxQuery

Choice = tuple[str, object, bool]


class FilterBar(Pane):
    """Tells ``searched`` with a text, ``filtered`` with the fields of the query to change, ``put_off_asked``."""

    searched = Signal(str)
    filtered = Signal(dict)
    put_off_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SUNKEN, Edge.BOTTOM, margins=(Space.CARD, Space.CARD, Space.CARD, 10), spacing=10, parent=parent
        )
        self._state: InboxState | None = None
        self.search = InboxSearch()
        self.search.searched.connect(self.searched)
        self.mine = self._chip(tr("Mine"), lambda: self.filtered.emit({"is_mine": self.mine.isChecked()}))
        self.unclaimed = self._chip(
            tr("Unclaimed"), lambda: self.filtered.emit({"is_unclaimed": self.unclaimed.isChecked()})
        )
        self.risk = self._chip(tr("Risk"), self._offer_risks, has_menu=True)
        self.kind = self._chip(tr("Kind"), self._offer_kinds, has_menu=True)
        self.connection = self._chip(tr("Where"), self._offer_connections, has_menu=True)
        self.put_off = self._chip(tr("Put off"), self.put_off_asked.emit)
        chips = Flow(gap=4)
        for chip in (self.mine, self.unclaimed, self.risk, self.kind, self.connection, self.put_off):
            chips.addWidget(chip)
        self.problem = Text("", Style.SMALL, Tone.CRITICAL, max_lines=3)
        self.problem.hide()
        self.box.addWidget(self.search)
        self.box.addWidget(self.problem)
        self.box.addLayout(chips)

    def show_state(self, state: InboxState) -> None:
        """Draw what is asked for."""
        self._state = state
        query = state.listing.query
        self.search.show_text(query.text)
        problem = " ".join(state.listing.problems)
        self.search.set_problem(problem)
        self.problem.set_words(Span(problem, icon="octagon-alert") if problem else "")
        self.problem.setVisible(bool(problem))
        self.put_off.set_label(tr("Put off  {snoozed:,}", snoozed=state.listing.snoozed))
        self.put_off.setChecked(state.listing.is_put_off)
        self.put_off.setVisible(state.listing.snoozed > 0 or state.listing.is_put_off)
        self.mine.setChecked(query.is_mine)
        self.unclaimed.setChecked(query.is_unclaimed)
        _show(self.risk, tr("Risk"), [tr(risk.word) for risk in sorted(query.risks, reverse=True)])
        _show(self.kind, tr("Kind"), sorted(tr(kind) for kind in query.kinds))
        names = [view.config.name for view in state.connections if view.config.connection_id in query.connection_ids]
        _show(self.connection, tr("Where"), names)

    def _chip(self, text: str, on_click: Callable[[], None], *, has_menu: bool = False) -> Chip:
        made = Chip(text, has_menu=has_menu)
        made.clicked.connect(on_click)
        return made

    def _query(self) -> InboxQuery:
        return self._state.listing.query if self._state is not None else InboxQuery()

    def _offer_risks(self) -> None:
        chosen = self._query().risks
        choices: list[Choice] = [(tr(risk.word).capitalize(), risk, risk in chosen) for risk in reversed(Risk)]
        self._offer(self.risk, choices, lambda risk: self.filtered.emit({"risks": chosen ^ {risk}}))

    def _offer_kinds(self) -> None:
        chosen = self._query().kinds
        choices: list[Choice] = [
            (tr(kind).capitalize(), kind, kind in chosen) for kind in Kind if kind is not Kind.COMMAND
        ]
        self._offer(self.kind, choices, lambda kind: self.filtered.emit({"kinds": chosen ^ {kind}}))

    def _offer_connections(self) -> None:
        query = self._query()
        connections = self._state.connections if self._state is not None else ()
        choices: list[Choice] = [
            (view.config.name, view.config.connection_id, view.config.connection_id in query.connection_ids)
            for view in connections
        ]
        chosen = query.connection_ids
        self._offer(self.connection, choices, lambda name: self.filtered.emit({"connection_ids": chosen ^ {str(name)}}))

    def _offer(self, chip: Chip, choices: Iterable[Choice], choose: Callable[[object], None]) -> None:
        if self._state is not None:
            self.show_state(self._state)
        menu = QMenu(self)
        for words, value, is_on in choices:
            made = menu.addAction(words.replace("&", "&&"))
            made.setCheckable(True)
            made.setChecked(is_on)
            made.triggered.connect(partial(_choose, choose, value))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(chip.mapToGlobal(chip.rect().bottomLeft()))


def _choose(choose: Callable[[object], None], value: object, *_is_checked: bool) -> None:
    choose(value)


def _show(chip: Chip, name: str, chosen: list[str]) -> None:
    """Let a chip with a menu name what is chosen, or count it."""
    label = name if not chosen else chosen[0].capitalize() if len(chosen) == 1 else f"{name} {len(chosen)}"
    chip.set_label(label)
    chip.setChecked(bool(chosen))
