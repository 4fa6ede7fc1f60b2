"""The tour: the real window, driven by key presses through the whole journey, with a picture of every step.

It decides on live runs like a person and reads the outcome like one. Invariant: nothing is reached past the window but
the choice of items; a step that cannot be taken is told in the summary and makes the tour fail, and the next one goes
on. Pictures are numbered, each once light and once dark.
"""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu, QWidget

from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.risk import Friction, Risk
from console.domain.rules import friction, permission
from console.infra.tasks import Tasks
from console.qtkit.theme import Mode
from console.screens.inbox.verdicts import KEYS
from console.screens.run.state import Tab
from console.services.views import DecisionView, InboxQuery, InboxRow
from console.shell.tour_report import Report

if TYPE_CHECKING:
    from console.services.desk import Desk
    from console.shell.hosting import Hosting
    from console.shell.window import MainWindow

SIZE = (1440, 900)
ITEMS_WANTED = 8
PATIENCE = 40.0
LOOK_AGAIN = 0.05
# A theme's change is drawn, and what it starts is read, before the picture is taken.
SETTLE = 0.25
REASON = "Checked against the ledger and the ticket"
AMOUNT = re.compile(r"\d+\.\d{2}")
DONE = FINAL_STATES | {DecisionState.HALF_GRANTED}


@dataclass(frozen=True, slots=True)
class Wish:
    """An item to look for, and the verdict to give it."""

    verdict: Verdict
    kinds: frozenset[Kind]
    risks: frozenset[Risk] = frozenset({Risk.LOW, Risk.MEDIUM, Risk.HIGH})


CHECKPOINT = frozenset({Kind.CHECKPOINT})
WISHES = (
    Wish(Verdict.APPROVE, CHECKPOINT, frozenset({Risk.LOW, Risk.MEDIUM})),
    Wish(Verdict.EDIT, CHECKPOINT),
    Wish(Verdict.REJECT, CHECKPOINT),
    Wish(Verdict.REROUTE, CHECKPOINT | {Kind.VIOLATION, Kind.DOUBT}),
    Wish(Verdict.ANSWER, frozenset({Kind.QUESTION})),
    Wish(Verdict.RETRY, frozenset({Kind.FAILURE, Kind.STUCK})),
    Wish(Verdict.APPROVE, CHECKPOINT, frozenset({Risk.CRITICAL})),
)


class TourFailed(Exception):
    """A step could not be taken; the message says which and why."""


class Tour:
    """One tour. ``count_effects`` gives the rows of the business database by decision id, read independently."""

    def __init__(self, out: Path, count_effects: Callable[[], dict[str, int]]) -> None:
        self._report = Report(out, count_effects)
        self._tasks = Tasks(self._on_error)
        self._decided: dict[str, str] = {}

    def start(self, window: MainWindow, hosting: Hosting, desk: Desk) -> None:
        """Begin as soon as the screens are there; the window is closed at the end."""
        self._window, self._hosting, self._desk = window, hosting, desk
        window.resize(*SIZE)
        self._tasks.start("tour", self._drive())

    def finish(self) -> int:
        """Write the summary and say where it lies; 0 if every step was taken and every receipt has its effect once."""
        return self._report.write()

    async def _drive(self) -> None:
        try:
            self._window.activateWindow()
            await self._step("the inbox fills", self._watch_the_inbox)
            for wish in WISHES:
                name = f"{wish.verdict} {'a critical one' if Risk.CRITICAL in wish.risks else 'one'}"
                await self._step(name, partial(self._decide, wish))
            await self._step("what was decided is carried out", self._wait_for_receipts)
            await self._step("a run: its trail and state", self._look_at_a_run)
            await self._step("a run is paused and goes on", self._pause_and_resume)
            await self._step("connections", self._look_at_connections)
            await self._step("the welcome", self._look_at_the_welcome)
            self._report.decisions = await self._own_decisions()
            self._report.count()
        finally:
            self._window.close()

    async def _step(self, name: str, take: Callable[[], Awaitable[None]]) -> None:
        try:
            await take()
            self._report.say(name, "")
        except TourFailed as failure:
            self._report.say(name, str(failure))
            await self._picture(f"{name} failed")
            self._press(Qt.Key.Key_Escape)

    async def _watch_the_inbox(self) -> None:
        inbox = self._hosting.inbox
        await self._until(lambda: len(inbox.state.listing.rows) >= ITEMS_WANTED, "eight items wait")
        await self._until(lambda: inbox.state.item is not None and not inbox.state.is_turning, "one is shown")
        await self._picture("inbox")

    async def _decide(self, wish: Wish) -> None:
        row = await self._find(wish)
        inbox = self._hosting.inbox
        self._window.activateWindow()
        inbox.open(row.item_id)
        await self._until(lambda: inbox.state.is_armed and self._shown_id() == row.item_id, "the item is armed")
        needed = friction(row.waiting.risk, wish.verdict)
        if needed >= Friction.REASON:
            self._type(self._hosting.inbox_view.bar.reason, REASON)
        if needed is Friction.TYPED_NAME:
            self._type(self._hosting.inbox_view.bar.typed, inbox.state.bar.name_to_type)
        name = f"{wish.verdict} {row.waiting.risk.word}"
        if needed is Friction.TYPED_NAME:
            await self._picture(name)
        self._press_verdict(wish.verdict)
        await asyncio.sleep(SETTLE)
        if wish.verdict in {Verdict.EDIT, Verdict.ANSWER}:
            self._fill_form()
        if needed is not Friction.TYPED_NAME:
            await self._picture(name)
        for _ in range(3):
            if row.item_id in await self._decided_items():
                break
            modifier = Qt.KeyboardModifier.ControlModifier if inbox.state.form else Qt.KeyboardModifier.NoModifier
            self._press(Qt.Key.Key_Return, modifier)
            await asyncio.sleep(SETTLE)
        else:
            raise TourFailed(f"{wish.verdict} of “{row.waiting.title}” did not go through: {inbox.state.bar.hint}")
        self._decided[row.item_id] = str(wish.verdict)
        await self._picture(f"{wish.verdict} held")

    async def _wait_for_receipts(self) -> None:
        until = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < until:
            decisions = await self._own_decisions()
            if decisions and all(view.state in DONE for view in decisions):
                break
            await asyncio.sleep(LOOK_AGAIN * 4)
        await self._picture("handled")
        late = [f"{view.title}: {view.state}" for view in await self._own_decisions() if view.state not in DONE]
        if late:
            raise TourFailed(f"not settled: {'; '.join(late)}")

    async def _look_at_a_run(self) -> None:
        inbox, run = self._hosting.inbox, self._hosting.run
        self._window.bring_to_front("inbox")
        inbox.move(1)
        await self._until(lambda: inbox.state.item is not None and not inbox.state.is_turning, "an item is shown")
        self._window.activateWindow()
        self._hosting.inbox_view.focus_list()
        self._press(Qt.Key.Key_O)
        await self._until(lambda: self._window.front == "run", "the run is in front")
        await self._until(lambda: bool(run.state.trail.rows), "its trail is read")
        await asyncio.sleep(SETTLE)
        await self._picture("run trail")
        run.on_tab(Tab.STATE)
        await asyncio.sleep(SETTLE * 4)
        await self._picture("run state")

    async def _pause_and_resume(self) -> None:
        """Choose to pause the run in front, from its own menu, and let it go on from there."""
        inbox = self._hosting.inbox
        self._press(Qt.Key.Key_C)
        self._press(Qt.Key.Key_I)
        await self._until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "what can be done is offered")
        menu = QApplication.activePopupWidget()
        lines = menu.actions() if isinstance(menu, QMenu) else []
        pause = next((line for line in lines if line.text().startswith("Pause run")), None)
        if pause is None or menu is None:
            raise TourFailed("the run cannot be paused")
        pause.trigger()
        menu.close()
        await self._until(lambda: inbox.state.item is not None and self._shown_verdict() is Verdict.PAUSE, "it opens")
        await self._act(Verdict.PAUSE, self._shown_id())
        run = self._hosting.run
        await self._until(lambda: run.state.can_resume, "its run says that it is paused")
        await self._picture("paused")
        run.on_resume()
        await self._until(lambda: self._shown_verdict() is Verdict.RESUME, "resuming opens")
        await self._act(Verdict.RESUME, self._shown_id())

    async def _act(self, verdict: Verdict, item_id: str) -> None:
        """Press a verdict on what is shown, and wait until that is carried out."""
        inbox = self._hosting.inbox
        await self._until(lambda: inbox.state.is_armed and self._shown_id() == item_id, "the item is armed")
        await self._picture(str(verdict))
        self._decided[item_id] = str(verdict)
        self._press_verdict(verdict)
        await asyncio.sleep(SETTLE)
        self._press(Qt.Key.Key_Return)
        until = asyncio.get_running_loop().time() + PATIENCE
        while not any(view.item_id == item_id and view.state in DONE for view in await self._own_decisions()):
            if asyncio.get_running_loop().time() > until:
                raise TourFailed(f"{verdict} was not carried out")
            await asyncio.sleep(LOOK_AGAIN * 4)

    def _shown_verdict(self) -> Verdict | None:
        """The first verdict that the bar offers."""
        in_bar = self._hosting.inbox.state.bar.in_bar
        return in_bar[0].verdict if in_bar else None

    async def _look_at_connections(self) -> None:
        self._window.activateWindow()
        self._press(Qt.Key.Key_G)
        self._press(Qt.Key.Key_O)
        await self._until(lambda: self._window.front == "connections", "connections are in front")
        await asyncio.sleep(SETTLE)
        await self._picture("connections")

    async def _look_at_the_welcome(self) -> None:
        self._window.bring_to_front("welcome")
        await asyncio.sleep(SETTLE)
        await self._picture("welcome")
        self._window.bring_to_front("inbox")

    async def _find(self, wish: Wish) -> InboxRow:
        """An item that fits, waiting for one to arrive."""
        until = asyncio.get_running_loop().time() + PATIENCE
        while True:
            page = await self._desk.inbox(InboxQuery(kinds=wish.kinds, risks=wish.risks))
            for row in page.rows:
                if row.item_id not in self._decided and await self._can(row, wish.verdict):
                    return row
            if asyncio.get_running_loop().time() > until:
                raise TourFailed(f"no item came that could be decided by “{wish.verdict}”")
            await asyncio.sleep(LOOK_AGAIN * 10)

    async def _can(self, row: InboxRow, verdict: Verdict) -> bool:
        view = await self._desk.refresh(row.item_id)
        escalation = view.escalation if view is not None and view.is_open else None
        if view is None or escalation is None or escalation.contest or view.rivals:
            # What another run wants as well is held until a person rules: nothing would come of deciding it.
            return False
        if verdict is Verdict.EDIT and not _has_amount(escalation):
            return False
        person = (await self._desk.identity()).person
        return permission(escalation, verdict, person).is_allowed

    async def _own_decisions(self) -> list[DecisionView]:
        return [view for view in await self._desk.decisions() if view.item_id in self._decided]

    async def _decided_items(self) -> set[str]:
        return {view.item_id for view in await self._desk.decisions()}

    def _shown_id(self) -> str:
        item = self._hosting.inbox.state.item
        return "" if item is None else item.item_id

    def _fill_form(self) -> None:
        """Type half of the first amount of an edit; in an answer, take the first choice and write where text is due."""
        form = self._hosting.inbox_view.review.form
        for field in form.findChildren(QLineEdit):
            if not field.isVisible() or field.isReadOnly():
                continue
            if AMOUNT.fullmatch(field.text()):
                half = f"{float(field.text()) / 2:.2f}"
                field.selectAll()
                self._type(field, half)
                return
            if not field.text():
                self._type(field, REASON)
        for choice in form.findChildren(QComboBox):
            if choice.isVisible() and choice.currentIndex() < 1:
                choice.setFocus(Qt.FocusReason.OtherFocusReason)
                QTest.keyClick(choice, Qt.Key.Key_Down)

    def _press_verdict(self, verdict: Verdict) -> None:
        key = KEYS[verdict]
        modifier = Qt.KeyboardModifier.ShiftModifier if "+" in key else Qt.KeyboardModifier.NoModifier
        self._window.activateWindow()
        self._hosting.inbox_view.focus_list()
        self._press(Qt.Key[f"Key_{key[-1]}"], modifier)

    def _press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self._window.stack, key, modifier)

    def _type(self, field: QWidget, text: str) -> None:
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        QTest.keyClicks(field, text)

    async def _picture(self, name: str) -> None:
        for mode in (Mode.DARK, Mode.LIGHT):
            self._window.theme.set_mode(mode)
            await asyncio.sleep(SETTLE)
            self._report.keep(self._window.grab(), name, mode.value)

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        until = asyncio.get_running_loop().time() + PATIENCE
        while not holds():
            if asyncio.get_running_loop().time() > until:
                raise TourFailed(f"waited {PATIENCE:g} s until {what}")
            await asyncio.sleep(LOOK_AGAIN)

    def _on_error(self, where: str, error: BaseException) -> None:
        self._report.say(where, "".join(traceback.format_exception(error)))


def _has_amount(escalation: Escalation) -> bool:
    """Whether there is an amount to halve, so that an edit still makes sense."""
    proposal = escalation.proposal
    return proposal is not None and AMOUNT.fullmatch(str(proposal.arguments.get("amount", ""))) is not None
