"""Several items decided together: a snapshot of them, one verdict, and each its own decision and receipt.

Invariant: what was read when it was opened is what is decided: an item that changed since is refused for itself, and
the others go on. Nothing is decided before all were read and shown for a moment. Stopping leaves the rest undecided.
"""

from __future__ import annotations

import asyncio
import enum
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from console.domain.ages import age, clock
from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.errors import Refused
from console.domain.escalation import Verdict
from console.domain.language import tr
from console.domain.risk import Friction, Risk
from console.domain.together import FITTING, MOST, amounts, friction_together, why_alone
from console.qtkit.rowdata import HandledRow
from console.qtkit.tokens import Tone
from console.qtkit.words import Words, quiet, spans, strong
from console.screens.inbox.arming import ARM_AFTER
from console.screens.inbox.board import Workplace
from console.screens.inbox.handled import ASTRAY
from console.screens.inbox.review import review
from console.screens.inbox.said import DONE, has_effect, sign, told
from console.screens.inbox.values import Shown, brief
from console.screens.inbox.verdicts import DOING, LABELS, obstacle
from console.screens.inbox.wording import RISKS
from console.services.views import DecisionView, ItemView

TITLE = 120
MESSAGE = 600
WHOLE = 12
REFUSED = ("ban", Tone.CRITICAL)
UNREAD = tr("It could not be read.")


class Stage(enum.Enum):
    """How far it is."""

    READING = enum.auto()
    READY = enum.auto()
    DECIDING = enum.auto()
    DONE = enum.auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the snapshot. ``left_out`` says why it is not decided with the others."""

    item_id: str
    item: ItemView | None = None
    left_out: str = ""
    decision: DecisionView | None = None
    refusal: str = ""

    @property
    def is_astray(self) -> bool:
        """Whether it was not decided, or its decision did not go through."""
        return bool(self.refusal) or (self.decision is not None and self.decision.state in ASTRAY)

    @property
    def became(self) -> str:
        """What became of it, in a word or two, to be counted."""
        view = self.decision
        if view is None:
            return tr("not decided")
        if view.state is DecisionState.FAILED:
            return "failed"
        is_quiet = view.state is DecisionState.CARRIED_OUT and not has_effect(view)
        return DONE[view.decision.verdict].lower() if is_quiet else tr(view.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """All that is shown. ``need`` is what the chosen verdict still waits for, in words, empty when it may go."""

    stage: Stage = Stage.READING
    entries: tuple[Entry, ...] = ()
    taken_at: datetime | None = None
    verdicts: tuple[Verdict, ...] = ()
    chosen: Verdict | None = None
    reason: str = ""
    typed: str = ""
    is_armed: bool = False
    rows: tuple[HandledRow, ...] = field(default=())

    @property
    def wanted(self) -> tuple[Entry, ...]:
        """Those that are decided."""
        return tuple(each for each in self.entries if not each.left_out)

    @property
    def risks(self) -> tuple[Risk, ...]:
        """How much each of them weighs."""
        return tuple(each.item.row.waiting.risk for each in self.wanted if each.item is not None and each.item.row)

    @property
    def friction(self) -> Friction:
        """What the chosen verdict asks of a person."""
        if self.chosen is None or not self.risks:
            return Friction.KEY
        return friction_together(self.risks, self.chosen)

    @property
    def need(self) -> str:
        """What is missing before it can go."""
        if self.stage is not Stage.READY or not self.wanted:
            return (
                tr("Nothing can be decided together here.")
                if self.stage is Stage.READY
                else tr("Wait until all are read.")
            )
        if self.chosen is None:
            return tr("Choose what to do.")
        if self.friction >= Friction.REASON and not self.reason.strip():
            return tr("Say why; it is kept with each of the {count}.", count=len(self.wanted))
        if self.friction is Friction.TYPED_NAME and self.typed.strip() != str(len(self.wanted)):
            return tr("Type {count}, the number of items.", count=len(self.wanted))
        return ""

    @property
    def done(self) -> int:
        """How many were decided or refused."""
        return sum(each.decision is not None or bool(each.refusal) for each in self.wanted)

    @property
    def can_undo(self) -> bool:
        """Whether any of them is still held."""
        return any(each.decision is not None and each.decision.state is DecisionState.HELD for each in self.entries)


class Bundle:
    """The part of the presenter for deciding together. ``on_decided`` is told when something left the list.

    ``go_to`` opens an item, wherever it stands.
    """

    def __init__(
        self, place: Workplace, on_decided: Callable[[Sequence[str]], None], go_to: Callable[[str], None]
    ) -> None:
        self._place = place
        self._on_decided = on_decided
        self.go_to = go_to
        self._listener: Callable[[Together], None] = lambda _state: None
        self._state = Together()
        self._is_stopped = True

    @property
    def state(self) -> Together:
        """What is shown now."""
        return self._state

    def listen(self, listener: Callable[[Together], None]) -> None:
        """Tell this one every state from now on."""
        self._listener = listener
        listener(self._state)

    def open(self, item_ids: Sequence[str]) -> None:
        """Take a snapshot of these, the first :data:`MOST`."""
        self._is_stopped = False
        self._put(Together(entries=tuple(Entry(item_id) for item_id in item_ids[:MOST])))
        self._place.ask(self._read())

    def close(self) -> None:
        """Stop; what was decided goes on, the rest is left."""
        self._is_stopped = True

    def choose(self, verdict: Verdict) -> None:
        """What is to be done with all of them."""
        if verdict in self._state.verdicts and self._state.stage is Stage.READY:
            self._put(replace(self._state, chosen=verdict))

    def set_reason(self, reason: str) -> None:
        """The reason as it stands in its field."""
        self._put(replace(self._state, reason=reason))

    def set_typed(self, typed: str) -> None:
        """The number as it stands in its field."""
        self._put(replace(self._state, typed=typed))

    def go(self) -> None:
        """Decide, if nothing is missing."""
        state = self._state
        if not state.need and state.is_armed and state.chosen is not None:
            self._put(replace(state, stage=Stage.DECIDING))
            self._place.ask(self._decide(state.chosen))

    def stop(self) -> None:
        """Decide no further ones."""
        self._is_stopped = True

    def undo(self) -> None:
        """Take back all that are still held."""
        self._place.ask(self._undo())

    def on_decisions(self, decisions: Sequence[DecisionView]) -> None:
        """Where this desk's decisions are now."""
        known = {each.decision.decision_id: each for each in decisions}

        def followed(entry: Entry) -> Entry:
            mine = entry.decision
            return entry if mine is None else replace(entry, decision=known.get(mine.decision.decision_id, mine))

        entries = tuple(followed(entry) for entry in self._state.entries)
        if entries != self._state.entries:
            self._put(replace(self._state, entries=entries))

    async def _read(self) -> None:
        for place, entry in enumerate(self._state.entries):
            if self._is_stopped:
                return
            try:
                item = await self._place.desk.refresh(entry.item_id)
            except Refused:
                item = None
            self._set(place, replace(entry, item=item, left_out=_left_out(item, self._place.clock.now())))
        offered = [set(_open_verdicts(each, self._place)) for each in self._state.wanted]
        verdicts = tuple(verdict for verdict in FITTING if offered and all(verdict in each for each in offered))
        now = self._place.clock.now()
        self._put(
            replace(self._state, stage=Stage.READY, taken_at=now, verdicts=verdicts, chosen=next(iter(verdicts), None))
        )
        await self._place.clock.sleep(ARM_AFTER)
        self._put(replace(self._state, is_armed=True))

    async def _decide(self, verdict: Verdict) -> None:
        size = len(self._state.wanted)
        reason = self._state.reason.strip()
        said: dict[str, Json] = {"together": str(size)}
        if reason:
            said["reason"] = reason
        for place, entry in enumerate(self._state.entries):
            if entry.left_out or entry.item is None:
                continue
            if self._is_stopped:
                self._set(place, replace(entry, refusal=tr("Left undecided: you stopped.")))
                continue
            try:
                view = await self._place.desk.decide(entry.item_id, verdict, entry.item.digest, said)
            except Refused as refusal:
                self._set(place, replace(entry, refusal=f"{tr(refusal.message)} {tr(refusal.next_action)}".strip()))
            else:
                self._set(place, replace(entry, decision=view))
                self._on_decided([entry.item_id])
            await asyncio.sleep(0)
        self._put(replace(self._state, stage=Stage.DONE))

    async def _undo(self) -> None:
        for entry in self._state.entries:
            if entry.decision is not None and entry.decision.state is DecisionState.HELD:
                await self._place.desk.undo(entry.decision.decision.decision_id)

    def _set(self, place: int, entry: Entry) -> None:
        entries = self._state.entries
        self._put(replace(self._state, entries=(*entries[:place], entry, *entries[place + 1 :])))

    def _put(self, state: Together) -> None:
        now = self._place.clock.now()
        is_done = state.stage is Stage.DONE
        entries = sorted(state.entries, key=lambda each: not each.is_astray) if is_done else state.entries
        self._state = replace(state, rows=tuple(_row(entry, now) for entry in entries))
        self._listener(self._state)


def heading(state: Together) -> str:
    """What is about to happen, in a line."""
    count = len(state.wanted)
    if state.stage is Stage.READING:
        read = sum(each.item is not None for each in state.entries)
        return tr("Reading {read} of {count}", read=read, count=len(state.entries))
    if state.stage is Stage.DECIDING:
        return tr("{done} of {count} decided", done=state.done, count=count)
    if state.stage is Stage.DONE:
        return _balance(state)
    doing = DOING[state.chosen].capitalize() if state.chosen is not None else tr("Decide")
    return (
        tr(
            "{doing} {count} of {count_2}, {word} risk at most",
            doing=doing,
            count=count,
            count_2=len(state.entries),
            word=tr(max(state.risks).word),
        )
        if state.risks
        else tr("None fits")
    )


def _balance(state: Together) -> str:
    """How many became what: what went well first, what went astray last."""
    became = Counter(each.became for each in sorted(state.wanted, key=lambda each: each.is_astray))
    told = ", ".join(f"{number} {word}" for word, number in became.items())
    states = {each.decision.state if each.decision is not None else None for each in state.wanted}
    return tr("{told}, each with its own receipt", told=told) if states == {DecisionState.CARRIED_OUT} else told


def total(state: Together) -> str:
    """What they come to, and when they were read."""
    found = amounts(
        each.item.escalation for each in state.wanted if each.item is not None and each.item.escalation is not None
    )
    sums = "; ".join(tr("{tool}: {unit} in all", tool=tool, unit=_money(unit, amount)) for tool, unit, amount in found)
    taken = tr("As read at {taken_at}", taken_at=clock(state.taken_at)) if state.taken_at is not None else ""
    return " · ".join(part for part in (taken, sums) if part)


def _money(unit: str, amount: float) -> str:
    return f"{amount:,.2f} {unit}" if unit.isalpha() else f"{unit}{amount:,.2f}"


def label(verdict: Verdict) -> str:
    """A verdict on its choice."""
    return LABELS[verdict].removesuffix("…")


def _left_out(item: ItemView | None, now: datetime) -> str:
    if item is None or item.escalation is None or item.row is None:
        return UNREAD
    if not item.is_open:
        return tr("Nothing waits here any more.")
    if item.error:
        return item.error
    if review(item, frozenset(), now).shown is not Shown.ALL:
        return tr("It is too long to be shown here; open it alone.")
    return why_alone(item.escalation)


def _open_verdicts(entry: Entry, place: Workplace) -> tuple[Verdict, ...]:
    item = entry.item
    if item is None:
        return ()
    return tuple(each for each in FITTING if not obstacle(item, each, place.board.state.person, Shown.ALL))


def _row(entry: Entry, now: datetime) -> HandledRow:
    row = entry.item.row if entry.item is not None else None
    icon, tone = RISKS[row.waiting.risk] if row is not None else ("loader", Tone.SECOND)
    words: Words = quiet(tr("not read yet"))
    if entry.decision is not None:
        icon, tone = sign(entry.decision)
        words = told(entry.decision)
    elif entry.refusal or entry.left_out:
        icon, tone = REFUSED
        words = strong(brief(entry.refusal or entry.left_out, MESSAGE), Tone.CRITICAL)
    elif row is not None:
        proposal = (
            entry.item.escalation.proposal if entry.item is not None and entry.item.escalation is not None else None
        )
        summary = proposal.summary if proposal and row.waiting.title not in proposal.summary else ""
        parts = (tr(row.waiting.risk.word), row.waiting.business_key, summary, row.connection)
        words = " · ".join(brief(part, TITLE) for part in parts if part)
    return HandledRow(
        row_id=entry.item_id,
        icon=icon,
        tone=tone,
        title=brief(row.waiting.title, TITLE) if row is not None else entry.item_id,
        age=age(row.waiting.opened_at, now) if row is not None else "",
        words=spans(words),
        most_lines=WHOLE if entry.is_astray else 1,
    )
